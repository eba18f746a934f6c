//! Cholesky factors, and what is divided by them.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector};

use crate::base::scalar::Real;
#[cfg(target_arch = "x86_64")]
use crate::linalg::kernel::lanes;
use crate::linalg::kernel::plain;

/// Takes L with A = L Lᵀ in the place of a symmetric A, of which the lower triangle counts; zeros
/// above the diagonal.
///
/// # Errors
///
/// The first row whose pivot is not above N ε times its diagonal entry, which is as much as
/// rounding makes of a zero.
#[inline]
pub(crate) fn factor<T: Real, const N: usize>(a: &mut SMatrix<T, N, N>) -> Result<(), usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(result) = lanes::factor(a) {
        return result;
    }
    plain::factor(a)
}

/// Writes L⁻ᵀ of a lower triangular L over the identity.
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

/// Takes L⁻¹ b in the place of b. One vector waits for itself, whatever the loop.
#[inline]
pub(crate) fn solve_lower<T: Real, const N: usize>(lower: &SMatrix<T, N, N>, b: &mut [T; N]) {
    plain::solve_lower(lower, b);
}

/// Takes L⁻¹ B in the place of B.
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

/// Takes L⁻¹ b in the place of each of P vectors b.
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

/// Takes L⁻ᵀ B in the place of B.
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
