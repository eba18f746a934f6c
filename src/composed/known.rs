//! Known matrices with an unknown variance.

use nalgebra::SMatrix;

use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::composed::homogeneous::HomogeneousMatrix;
use crate::structure::known::KnownMatrix;

/// The N×N covariance σ² K for a known matrix K. In animal breeding, K is the additive relationship
/// matrix, whose entries are twice the kinship coefficients (Henderson 1976, A simple method for
/// computing the inverse of a numerator relationship matrix, Biometrics 32, 69–83).
///
/// The only parameter is the variance `sigma^2`, by default σ² = e²ˣ for the only element x of θ.
/// The matrix is positive definite if K is.
///
/// ```
/// use covprop::nalgebra::Matrix3;
/// use covprop::prelude::*;
///
/// // two parents and their child
/// const K: Matrix3<f64> = matrix![1.0, 0.0, 0.5; 0.0, 1.0, 0.5; 0.5, 0.5, 1.0];
/// const V: KnownScaledMatrix<3, f64> = KnownScaledMatrix::new(K);
/// assert_eq!(V.value(&[0.0]), K);
/// assert_eq!(V.gradient(&[0.0]), [K * 2.0]);
/// assert!(V.param_names().eq(["sigma^2"]));
/// ```
#[doc(alias = "relationship matrix")]
#[doc(alias = "pedigree")]
pub type KnownScaledMatrix<const N: usize, T> = HomogeneousMatrix<N, KnownMatrix<N, T>>;

impl<const N: usize, T: Copy> KnownScaledMatrix<N, T> {
    /// Creates the covariance σ² K for a symmetric matrix K, of which only the diagonal and the
    /// lower triangle of the argument `k` are read.
    #[must_use]
    pub const fn new(k: SMatrix<T, N, N>) -> Self {
        Self::from_correlation(KnownMatrix::new(k))
    }
}

impl<const N: usize, T: Real> KnownScaledMatrix<N, T> {
    /// Creates the covariance σ² K for a known matrix K, and checks that K is a covariance matrix.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`KnownMatrix::try_new`].
    pub fn try_new(k: SMatrix<T, N, N>) -> Result<Self, Error> {
        Ok(Self::from_correlation(KnownMatrix::try_new(k)?))
    }
}
