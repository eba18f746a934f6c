//! Known covariance matrices.

use nalgebra::{Const, SMatrix};
use typenum::U0;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::covariance::check_covariance;

/// A known N×N covariance matrix, such as a matrix of relationships or of weights. Unlike
/// [`SMatrix`], the type [`KnownMatrix`] declares the matrix symmetric.
///
/// The matrix has no parameters. Matrices that operators build from a [`KnownMatrix`] K, such as Z
/// K Zᵀ, are exactly symmetric.
///
/// ```
/// use covprop::Error;
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
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
    /// Creates the symmetric matrix with the diagonal and the lower triangle of `matrix`, for a
    /// matrix known at compile time. The matrix is not checked.
    ///
    /// Use [`try_new`](Self::try_new) for a matrix that is read at run time.
    #[must_use]
    pub const fn new(mut matrix: SMatrix<T, N, N>) -> Self {
        let mut row = 0;
        while row < N {
            let mut col = 0;
            while col < row {
                // The storage of nalgebra is an array of columns.
                matrix.data.0[row][col] = matrix.data.0[col][row];
                col += 1;
            }
            row += 1;
        }
        Self { matrix }
    }
}

impl<const N: usize, T: Real> KnownMatrix<N, T> {
    /// Creates the matrix from a covariance matrix. The upper triangle, which may differ from the
    /// lower triangle by rounding, is replaced by the lower triangle.
    ///
    /// The matrix may be singular, such as the relationship matrix of a family with identical
    /// twins, and may have any units. The N×N matrix must be positive semidefinite, except for
    /// rounding errors of up to 4 N ε times each variance, where ε is the machine epsilon. The
    /// function [`new`](Self::new) accepts any symmetric matrix, even if the matrix is not positive
    /// semidefinite because it was rounded to a few decimals.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFinite`] with the first entry that is infinite or NaN
    /// - [`Error::NotSymmetric`] for the first entry that differs from its mirror image by more
    ///   than √ε
    /// - [`Error::NotCovariance`] with the first row that a covariance matrix cannot have
    ///
    /// ```
    /// use covprop::nalgebra::Matrix2;
    /// use covprop::prelude::*;
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
    type ParamCount = U0;

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
