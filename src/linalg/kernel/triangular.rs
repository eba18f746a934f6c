//! Cholesky factorisation and solutions of triangular systems.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector};

use crate::base::scalar::Real;
#[cfg(target_arch = "x86_64")]
use crate::linalg::kernel::lanes;
use crate::linalg::kernel::plain;

/// Overwrites a symmetric matrix with its Cholesky factor, which has zeros above its diagonal. Only
/// the lower triangle of the matrix is read.
///
/// # Errors
///
/// Returns the index of the first row whose pivot is at most N ε times its diagonal entry, where N
/// is the number of rows and ε the machine epsilon. This limit is the rounding error of a zero
/// pivot.
#[inline]
pub(crate) fn factor<T: Real, const N: usize>(a: &mut SMatrix<T, N, N>) -> Result<(), usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(result) = lanes::factor(a) {
        return result;
    }
    plain::factor(a)
}

/// Overwrites the identity matrix `out` with L⁻ᵀ for a lower triangular matrix L.
#[inline]
pub(crate) fn inverse_root<T: Real, const N: usize>(
    lower: &SMatrix<T, N, N>,
    out: &mut SMatrix<T, N, N>,
) {
    #[cfg(target_arch = "x86_64")]
    if lanes::inverse_root(lower, out) {
        return;
    }
    plain::inverse_root(lower, out);
}

/// Overwrites a vector b with L⁻¹ b for a lower triangular matrix L. With one right-hand side,
/// vectorised lanes would not help, because each step depends on the step before.
#[inline]
pub(crate) fn solve_lower<T: Real, const N: usize>(lower: &SMatrix<T, N, N>, b: &mut [T; N]) {
    plain::solve_lower(lower, b);
}

/// Overwrites a matrix B with L⁻¹ B for a lower triangular matrix L.
#[inline]
pub(crate) fn solve_lower_all<T: Real, const N: usize, const M: usize>(
    lower: &SMatrix<T, N, N>,
    b: &mut SMatrix<T, N, M>,
) {
    #[cfg(target_arch = "x86_64")]
    if lanes::solve_lower(lower, b) {
        return;
    }
    for b in &mut b.data.0 {
        plain::solve_lower(lower, b);
    }
}

/// Overwrites each of P vectors b with L⁻¹ b for a lower triangular L.
#[inline]
pub(crate) fn solve_lower_each<T: Real, P: ArraySize, const N: usize>(
    lower: &SMatrix<T, N, N>,
    b: &mut Array<SVector<T, N>, P>,
) {
    #[cfg(target_arch = "x86_64")]
    if lanes::solve_lower_each(lower, b) {
        return;
    }
    for b in b {
        plain::solve_lower(lower, &mut b.data.0[0]);
    }
}

/// Overwrites a matrix B with L⁻ᵀ B for a lower triangular matrix L.
#[inline]
pub(crate) fn solve_upper_all<T: Real, const N: usize, const M: usize>(
    lower: &SMatrix<T, N, N>,
    b: &mut SMatrix<T, N, M>,
) {
    #[cfg(target_arch = "x86_64")]
    if lanes::solve_upper(lower, b) {
        return;
    }
    for b in &mut b.data.0 {
        plain::solve_upper(lower, b);
    }
}
