//! Roots of covariance matrices that may be singular.

use nalgebra::SMatrix;

use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::covariance::{check_covariance, rounding};
use crate::linalg::kernel::sqrt;

/// V = S U Uᵀ S with S the standard deviations and U lower triangular, whose rows have length 1: a
/// Cholesky factor of the correlations. The diagonal of U is 0 in a row that is a combination of
/// those before it, and so is the column below. A row of V without variance is one of the identity.
pub(crate) struct SemidefiniteRoot<T, const N: usize> {
    pub(crate) deviations: [T; N],
    pub(crate) rows: [[T; N]; N],
    /// The largest entry of U that is taken for rounding.
    pub(crate) rounding: T,
}

impl<T: Real, const N: usize> SemidefiniteRoot<T, N> {
    /// The root of a covariance matrix.
    ///
    /// # Errors
    ///
    /// - those of [`check_covariance`]
    /// - [`Error::NotPositiveDefinite`] with a row that is nearly a combination of those before it,
    ///   so that rounding leaves no digits of a later row
    #[inline(never)]
    pub(crate) fn new(v: &SMatrix<T, N, N>) -> Result<Self, Error> {
        /// The largest factor by which pivots may amplify rounding.
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
