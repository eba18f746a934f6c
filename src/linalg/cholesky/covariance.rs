//! Checks that a matrix is a covariance matrix.

use nalgebra::SMatrix;

use crate::base::error::Error;
use crate::base::error::defect::CovarianceDefect;
use crate::base::error::number::Number;
use crate::base::finite::check_finite;
use crate::base::scalar::Real;
use crate::linalg::cholesky::Cholesky;
use crate::linalg::kernel::sqrt;

/// A matrix of N rows is taken for symmetric and positive semidefinite if it is so within this many
/// times N units of rounding, in units of standard deviations. A sum of N products, as in an entry
/// of A Aᵀ, has N/2 of them.
const ROUNDINGS: f64 = 4.0;

/// Checks that a matrix is a covariance matrix to rounding: finite, symmetric and positive
/// semidefinite, in any units.
///
/// # Errors
///
/// - [`Error::NotFinite`] with the first entry that is infinite or NaN
/// - [`Error::NotSymmetric`] for the first entry below the diagonal that differs from its mirror
///   image by more than √ε of the larger, and by more than rounding
/// - [`Error::NotCovariance`] as [`check_semidefinite`]
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
            // A negative variance has no root, and NaN is not less.
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
/// With D the diagonal of A, that is so if A + τ D has a Cholesky factor for a small τ: the
/// eigenvalues of D^-½ A D^-½, which no units change, are not below −τ (Higham 2002, Accuracy and
/// Stability of Numerical Algorithms, theorem 10.7, after Demmel 1989). A row without a variance
/// must be zero, exactly.
///
/// # Errors
///
/// [`Error::NotCovariance`] with the first negative variance or the first row of a zero variance
/// that is not zero; else with the first row that makes the matrix indefinite.
#[cold]
#[inline(never)]
pub(crate) fn check_semidefinite<T: Real, const N: usize>(
    matrix: &SMatrix<T, N, N>,
) -> Result<(), Error> {
    // The factor wants its pivots to be above N ε itself.
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

/// The error for a symmetric matrix without a Cholesky factor: that it is no covariance matrix, or
/// else singular.
#[cold]
pub(crate) fn not_definite<T: Real, const N: usize>(
    matrix: &SMatrix<T, N, N>,
    row: usize,
) -> Error {
    check_semidefinite(matrix).err().unwrap_or(Error::NotPositiveDefinite { row })
}

/// The largest correlation that is taken for rounding.
pub(crate) fn rounding<T: Real, const N: usize>() -> T {
    T::default_epsilon() * nalgebra::convert(ROUNDINGS * N as f64)
}
