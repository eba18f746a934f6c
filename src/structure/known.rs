//! σ² K for a known K.

use nalgebra::{Const, SMatrix};
use typenum::U0;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::covariance::check_covariance;

/// A known N×N covariance matrix, symmetric by type, unlike an [`SMatrix`]: relationships, or
/// weights.
///
/// No parameters. What is built on it, such as Z K Zᵀ, is symmetric to the last bit.
///
/// ```
/// use covprop::*;
/// use nalgebra::Matrix2;
///
/// let k = KnownMatrix::try_new(Matrix2::new(1.0, 0.5, 0.5, 1.0))?;
/// assert_eq!(k.value(&[])[(0, 1)], 0.5);
///
/// let error = KnownMatrix::try_new(Matrix2::new(1.0, 0.25, 0.5, 1.0)).unwrap_err();
/// assert_eq!(error, Error::NotSymmetric { row: 1, col: 0 });
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownMatrix<const N: usize, T> {
    matrix: SMatrix<T, N, N>,
}

impl<const N: usize, T: Copy> KnownMatrix<N, T> {
    /// The symmetric matrix whose diagonal and lower triangle are those of `matrix`, unchecked: a
    /// constant.
    ///
    /// Use [`try_new`](Self::try_new) for a matrix that is read at run time.
    #[must_use]
    pub const fn new(mut matrix: SMatrix<T, N, N>) -> Self {
        let mut row = 0;
        while row < N {
            let mut col = 0;
            while col < row {
                // The columns of nalgebra's storage.
                matrix.data.0[row][col] = matrix.data.0[col][row];
                col += 1;
            }
            row += 1;
        }
        Self { matrix }
    }
}

impl<const N: usize, T: Real> KnownMatrix<N, T> {
    /// The given covariance matrix, with its lower triangle in place of the upper one, from which
    /// it may differ by rounding.
    ///
    /// The matrix may be singular, as that of relatives with a pair of twins, and its units may be
    /// any; it must be positive semidefinite within 4N units of rounding of each variance.
    /// [`new`](Self::new) takes any symmetric matrix, also one that was rounded to a few decimals.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFinite`] with the first entry that is infinite or NaN
    /// - [`Error::NotSymmetric`] for the first entry below the diagonal that is farther than √ε of
    ///   the larger from its mirror image
    /// - [`Error::NotCovariance`] with the first row that no covariance matrix has
    ///
    /// ```
    /// use covprop::*;
    /// use nalgebra::Matrix2;
    ///
    /// let error = KnownMatrix::try_new(Matrix2::new(1.0, 5.0, 5.0, 1.0)).unwrap_err();
    /// assert_eq!(error.to_string(), "the matrix is not a covariance matrix: row 1 makes it indefinite");
    /// ```
    pub fn try_new(matrix: SMatrix<T, N, N>) -> Result<Self, Error> {
        check_covariance(&matrix)?;
        Ok(Self::new(matrix))
    }
}

impl<const N: usize, T> Shape for KnownMatrix<N, T> {
    type Rows = Const<N>;
    type Cols = Const<N>;
    type Params = U0;

    const SYMMETRIC: bool = true;
}

impl<T: Real, const N: usize> ParamMatrix<T, N, N> for KnownMatrix<N, T> {
    #[inline]
    fn value(&self, _: &[T; 0]) -> SMatrix<T, N, N> {
        self.matrix
    }

    #[inline]
    fn gradient(&self, _: &[T; 0]) -> [SMatrix<T, N, N>; 0] {
        []
    }
}
