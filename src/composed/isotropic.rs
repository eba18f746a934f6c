//! Covariances that depend on distance: exponential, Gaussian and Matérn.

use crate::composed::homogeneous::HomogeneousMatrix;
use crate::structure::correlation_function::{Exponential, Gaussian, Matern};
use crate::structure::distances::Distances;
use crate::structure::isotropic::IsotropicCorrelationMatrix;

/// The N×N covariance σ² e^(−d/r) between places at distance d: a first-order autoregression in
/// continuous time.
///
/// The parameters are the variance `sigma^2` and the range `range`. By default σ² = exp(2θ₀) and
/// r = exp(θ₁). If all distances are integers, the matrix equals
/// [`Ar1Matrix`](crate::structure::Ar1Matrix) with the correlation ρ = e^(−1/r), where r is the
/// range. The reference is Jones & Boadi-Boateng 1991, Unequally spaced longitudinal data with
/// AR(1) serial correlation, Biometrics 47, 161–175.
///
/// ```
/// use covprop::prelude::*;
///
/// let v = ExponentialMatrix::new(Distances::from_positions([0.0, 1.0, 3.0]));
/// let value = v.value(&[2.0_f64.ln(), 0.0]);
/// assert!((value[(1, 2)] - 4.0 * (-2.0_f64).exp()).abs() < 1e-15);
/// assert!(v.param_names().eq(["sigma^2", "range"]));
/// ```
#[doc(alias = "spatial exponential")]
#[doc(alias = "Ornstein-Uhlenbeck")]
pub type ExponentialMatrix<const N: usize> =
    HomogeneousMatrix<N, IsotropicCorrelationMatrix<N, Exponential>>;

impl<const N: usize> ExponentialMatrix<N> {
    /// Creates the matrix with the default transforms of an element x of θ: σ² = e²ˣ for the
    /// variance and r = eˣ for the range.
    #[must_use]
    pub const fn new(distances: Distances<N>) -> Self {
        Self::from_correlation(IsotropicCorrelationMatrix::new(distances, Exponential))
    }
}

/// The N×N covariance σ² e^(−(d/r)²) between places at distance d, of an infinitely smooth process.
///
/// The parameters are the variance `sigma^2` and the range `range`. By default σ² = exp(2θ₀) and
/// r = exp(θ₁). See Rasmussen & Williams 2006, equation 4.9, where the length scale ℓ corresponds
/// to the range r by r² = 2ℓ². A Gaussian covariance matrix is numerically singular if its range is
/// a few times the distances between places. Prefer a [`MaternMatrix`], which becomes numerically
/// singular only at much longer ranges (Stein 1999, Interpolation of Spatial Data, 3.6).
///
/// ```
/// use covprop::prelude::*;
///
/// let v = GaussianMatrix::new(Distances::from_positions([0.0, 1.0, 3.0]));
/// assert!((v.value(&[0.0, 0.0])[(1, 2)] - (-4.0_f64).exp()).abs() < 1e-16);
/// ```
#[doc(alias = "squared exponential")]
#[doc(alias = "RBF")]
pub type GaussianMatrix<const N: usize> =
    HomogeneousMatrix<N, IsotropicCorrelationMatrix<N, Gaussian>>;

impl<const N: usize> GaussianMatrix<N> {
    /// Creates the matrix with the default transforms of an element x of θ: σ² = e²ˣ for the
    /// variance and r = eˣ for the range.
    #[must_use]
    pub const fn new(distances: Distances<N>) -> Self {
        Self::from_correlation(IsotropicCorrelationMatrix::new(distances, Gaussian))
    }
}

/// The N×N covariance σ² ρ(d/r) between places at distance d, where ρ is the [`Matern`] correlation
/// of smoothness 1/2, 3/2 or 5/2.
///
/// The parameters are the variance `sigma^2` and the range `range`. By default σ² = exp(2θ₀) and
/// r = exp(θ₁). See Matérn 1960, Spatial Variation; Stein 1999; Rasmussen & Williams 2006, equation
/// 4.17. The matrix is numerically singular if the range exceeds the distances by a factor of about
/// 1e7 for smoothness 3/2, or 1e4 for smoothness 5/2.
///
/// ```
/// use covprop::prelude::*;
///
/// let v = MaternMatrix::three_halves(Distances::from_positions([0.0, 1.0, 3.0]));
/// let s = 2.0 * 3.0_f64.sqrt();
/// assert!((v.value(&[0.0, 0.0])[(1, 2)] - (1.0 + s) * (-s).exp()).abs() < 1e-15);
/// ```
pub type MaternMatrix<const N: usize> = HomogeneousMatrix<N, IsotropicCorrelationMatrix<N, Matern>>;

impl<const N: usize> MaternMatrix<N> {
    /// Creates the matrix with the smoothness ν = 1/2, which is the exponential correlation.
    #[must_use]
    pub const fn half(distances: Distances<N>) -> Self {
        Self::from_correlation(IsotropicCorrelationMatrix::new(distances, Matern::Half))
    }

    /// Creates the matrix with ν = 3/2.
    #[must_use]
    pub const fn three_halves(distances: Distances<N>) -> Self {
        Self::from_correlation(IsotropicCorrelationMatrix::new(distances, Matern::ThreeHalves))
    }

    /// Creates the matrix with ν = 5/2.
    #[must_use]
    pub const fn five_halves(distances: Distances<N>) -> Self {
        Self::from_correlation(IsotropicCorrelationMatrix::new(distances, Matern::FiveHalves))
    }
}
