//! Products of small matrices that the Kalman recursions need.

use nalgebra::SMatrix;

use crate::algebra::sparsity::{mul_tr_by, tr_mul_of};
use crate::base::scalar::Real;
use crate::linalg::kernel::{mirror, product as mul};

/// Returns Aᵀ B.
#[inline]
pub(super) fn tr_mul<T: Real, const N: usize, const K: usize, const M: usize>(
    a: &SMatrix<T, K, N>,
    b: &SMatrix<T, K, M>,
) -> SMatrix<T, N, M> {
    tr_mul_of(a, a, b)
}

/// Returns A Bᵀ.
#[inline]
pub(super) fn mul_tr<T: Real, const N: usize, const K: usize, const M: usize>(
    a: &SMatrix<T, N, K>,
    b: &SMatrix<T, M, K>,
) -> SMatrix<T, N, M> {
    let mut out = SMatrix::zeros();
    mul_tr_by(a, b, b, &mut out);
    out
}

/// Returns A P Aᵀ + B for symmetric P and B. The result is exactly symmetric.
#[inline]
pub(super) fn congruence_plus<T: Real, const N: usize, const K: usize>(
    a: &SMatrix<T, N, K>,
    p: &SMatrix<T, K, K>,
    b: &SMatrix<T, N, N>,
) -> SMatrix<T, N, N> {
    let mut out = mul_tr(&mul(a, p), a);
    out += b;
    mirror(&mut out);
    out
}

/// Returns A + Aᵀ, which is exactly symmetric.
#[inline]
pub(super) fn with_transpose<T: Real, const N: usize>(a: &SMatrix<T, N, N>) -> SMatrix<T, N, N> {
    a + a.transpose()
}
