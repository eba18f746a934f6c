//! Checks that a matrix is a covariance matrix.

use nalgebra::SMatrix;

use crate::base::error::Error;
use crate::base::error::defect::CovarianceDefect;
use crate::base::error::number::Number;
use crate::base::finite::check_finite;
use crate::base::scalar::Real;
use crate::linalg::cholesky::Cholesky;
use crate::linalg::kernel::sqrt;

/// The rounding error that a covariance matrix with N rows may have, in units of N ε, where ε is
/// the machine epsilon.
///
/// A matrix of N rows counts as symmetric and positive semidefinite if its correlation matrix is
/// symmetric and positive semidefinite to within `ROUNDINGS` · N ε. A sum of N products, such as an
/// entry of A Aᵀ, has a rounding error of up to N/2 · ε.
const ROUNDINGS: f64 = 4.0;

/// Checks that a matrix is a covariance matrix: finite, and symmetric and positive semidefinite to
/// rounding. The result does not depend on the units of the variables.
///
/// # Errors
///
/// - [`Error::NotFinite`] with the first entry that is infinite or NaN
/// - [`Error::NotSymmetric`] for the first entry that differs from its mirror image
/// - [`Error::NotCovariance`] if [`check_semidefinite`] fails
pub(crate) fn check_covariance<T: Real, const N: usize>(
    matrix: &SMatrix<T, N, N>,
) -> Result<(), Error> {
    check_finite(matrix)?;
    let entry = |row: usize, col: usize| matrix.data.0[col][row];
    for row in 0..N {
        for col in 0..row {
            let (a, b) = (entry(row, col), entry(col, row));
            let apart = (a - b).abs();
            let scale = || sqrt(entry(row, row)) * sqrt(entry(col, col)) * rounding::<T, N>();
            // A negative variance has a NaN as its root, for which the comparison is false.
            let alike =
                apart <= sqrt(T::default_epsilon()) * a.abs().max(b.abs()) || apart <= scale();
            if !alike {
                return Err(Error::NotSymmetric { row, col });
            }
        }
    }
    check_semidefinite(matrix)
}

/// Checks that a symmetric matrix, of which only the lower triangle is read, is positive
/// semidefinite to rounding.
///
/// A matrix A with diagonal D is accepted if A + τ D has a Cholesky factor for a small number τ.
/// Equivalently, no eigenvalue of the correlation matrix D^-½ A D^-½ is below −τ (Higham 2002,
/// Accuracy and Stability of Numerical Algorithms, theorem 10.7, after Demmel 1989). A row with
/// zero variance must be exactly zero.
///
/// # Errors
///
/// Returns [`Error::NotCovariance`] with the first row that has a negative variance, or a zero
/// variance and a nonzero covariance. If there is no such row, returns [`Error::NotCovariance`]
/// with the first row at which the factorisation fails.
#[cold]
#[inline(never)]
pub(crate) fn check_semidefinite<T: Real, const N: usize>(
    matrix: &SMatrix<T, N, N>,
) -> Result<(), Error> {
    // The factorisation itself requires pivots above N ε.
    let raised = T::one() + rounding::<T, N>() + T::default_epsilon() * nalgebra::convert(N as f64);
    let mut shifted = *matrix;
    for row in 0..N {
        let variance = matrix.data.0[row][row];
        if variance < T::zero() {
            let reason = CovarianceDefect::NegativeVariance { variance: Number::of(variance) };
            return Err(Error::NotCovariance { row, reason });
        }
        shifted.data.0[row][row] = variance * raised;
        if variance.is_zero() {
            let lower = |col: usize| matrix.get((row.max(col), row.min(col)));
            let is_zero = |col: usize| lower(col).is_none_or(T::is_zero);
            if let Some(col) = (0..N).find(|&col| !is_zero(col)) {
                let reason = CovarianceDefect::ZeroVariance { col };
                return Err(Error::NotCovariance { row, reason });
            }
            shifted.data.0[row][row] = T::one();
        }
    }
    let indefinite = |row| Error::NotCovariance { row, reason: CovarianceDefect::Indefinite };
    Cholesky::new(&shifted).map(|_| ()).map_err(indefinite)
}

/// Returns the error for a symmetric matrix without a Cholesky factor: [`Error::NotCovariance`] if
/// the matrix is not positive semidefinite, and [`Error::NotPositiveDefinite`] if the matrix is
/// singular.
#[cold]
pub(crate) fn not_definite<T: Real, const N: usize>(
    matrix: &SMatrix<T, N, N>,
    row: usize,
) -> Error {
    check_semidefinite(matrix).err().unwrap_or(Error::NotPositiveDefinite { row })
}

/// Returns the largest absolute value of a correlation that counts as zero to rounding.
pub(crate) fn rounding<T: Real, const N: usize>() -> T {
    T::default_epsilon() * nalgebra::convert(ROUNDINGS * N as f64)
}
