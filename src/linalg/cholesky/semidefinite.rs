//! Roots of covariance matrices that may be singular.

use nalgebra::SMatrix;

use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::covariance::{check_covariance, rounding};
use crate::linalg::kernel::sqrt;

/// The factorisation V = S U Uᵀ S of a covariance matrix that may be singular.
///
/// In the factorisation, S is the diagonal matrix of standard deviations, and U is the lower
/// triangular Cholesky factor of the correlation matrix. Each row of the Cholesky factor U has
/// length 1. If row i of V is a linear combination of the rows before it, column i of the Cholesky
/// factor U is zero. If the variance in row i of V is zero, row i of the Cholesky factor U is a row
/// of the identity matrix.
pub(crate) struct SemidefiniteRoot<T, const N: usize> {
    pub(crate) deviations: [T; N],
    pub(crate) rows: [[T; N]; N],
    /// The largest absolute value of an entry of the Cholesky factor U that counts as zero.
    pub(crate) rounding: T,
}

impl<T: Real, const N: usize> SemidefiniteRoot<T, N> {
    /// Factors a covariance matrix.
    ///
    /// # Errors
    ///
    /// - the errors of [`check_covariance`]
    /// - [`Error::NotPositiveDefinite`] with a row whose pivot is dominated by rounding errors
    #[inline(never)]
    pub(crate) fn new(v: &SMatrix<T, N, N>) -> Result<Self, Error> {
        /// The largest factor by which small pivots may amplify rounding errors.
        const AMPLIFIED: f64 = 16.0;
        check_covariance(v)?;
        let entry = |i: usize, j: usize| v.data.0[j][i];
        let deviations: [T; N] = core::array::from_fn(|i| sqrt(entry(i, i)));
        let rounding = rounding::<T, N>();
        let largest = rounding * nalgebra::convert(AMPLIFIED);
        let mut rows = [[T::zero(); N]; N];
        for i in 0..N {
            let mut row = [T::zero(); N];
            let mut rest = T::one();
            for j in 0..i {
                if deviations[i].is_zero() || deviations[j].is_zero() {
                    continue;
                }
                let before = row.iter().zip(&rows[j]).take(j);
                let correlation = entry(i, j) / deviations[i] / deviations[j];
                let left = before.fold(correlation, |left, (&a, &b)| left - a * b);
                let pivot = rows[j][j];
                if pivot > T::zero() {
                    row[j] = left / pivot;
                } else if left.abs() > largest {
                    return Err(Error::NotPositiveDefinite { row: j });
                }
                rest -= row[j] * row[j];
            }
            if rest < -largest {
                return Err(Error::NotPositiveDefinite { row: i });
            }
            row[i] = if rest > rounding { sqrt(rest) } else { T::zero() };
            rows[i] = row;
        }
        Ok(Self { deviations, rows, rounding })
    }
}
