//! Covariances of a moving average, with a common standard deviation or with one standard deviation
//! for each occasion.

use crate::algebra::shape::Shape;
use crate::composed::heterogeneous::HeterogeneousMatrix;
use crate::composed::homogeneous::HomogeneousMatrix;
use crate::structure::banded_toeplitz::BandedToeplitzCorrelationMatrix;

/// The N×N covariance σ² ρ_|i−j| of a moving average of order B, whose correlations are zero beyond
/// lag B.
///
/// The parameters are `sigma^2` (by default σ² = e²ˣ for an element x of θ) and the moving average
/// coefficients `ma_1`, …, `ma_B`; see [`HomogeneousMatrix`] and
/// [`BandedToeplitzCorrelationMatrix`].
///
/// ```
/// use covprop::prelude::*;
///
/// let v = BandedToeplitzMatrix::<4, 2>::new();
/// // ψ = 1, 0, 2: ρ = 1, 0, 2/5, 0
/// assert_eq!(v.value(&[0.0, 0.0, 2.0])[(0, 2)], 0.4);
/// assert!(v.param_names().eq(["sigma^2", "ma_1", "ma_2"]));
/// ```
pub type BandedToeplitzMatrix<const N: usize, const B: usize> =
    HomogeneousMatrix<N, BandedToeplitzCorrelationMatrix<N, B>>;

impl<const N: usize, const B: usize> BandedToeplitzMatrix<N, B> {
    /// Creates the matrix with the default transforms of an element x of θ: σ² = e²ˣ for the
    /// variance and ψₖ = x for a moving average coefficient.
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self::of_any(BandedToeplitzCorrelationMatrix::ANY)
    }
}

/// The N×N covariance Vᵢⱼ = σᵢ σⱼ ρ_|i−j|, with a standard deviation σᵢ for each occasion and
/// correlations ρ_|i−j| that are zero beyond lag B.
///
/// The parameters are the standard deviations `sd_0`, …, `sd_{N-1}` (by default σᵢ = eˣ for an
/// element x of θ) and the moving average coefficients `ma_1`, …, `ma_B`; see
/// [`HeterogeneousMatrix`] and [`BandedToeplitzCorrelationMatrix`].
///
/// ```
/// use covprop::prelude::*;
/// use covprop::structure::HeterogeneousBandedToeplitzMatrix;
///
/// let v = HeterogeneousBandedToeplitzMatrix::<2, 1>::new();
/// let value = v.value(&[0.0, 2.0_f64.ln(), 0.5]); // σ = 1, 2; ρ₁ = 0.4
/// assert!((value[(0, 1)] - 0.8).abs() < 1e-15);
/// ```
pub type HeterogeneousBandedToeplitzMatrix<const N: usize, const B: usize> =
    HeterogeneousMatrix<N, BandedToeplitzCorrelationMatrix<N, B>>;

impl<const N: usize, const B: usize> HeterogeneousBandedToeplitzMatrix<N, B> {
    /// Creates the matrix with the default transforms of an element x of θ: σᵢ = eˣ for a standard
    /// deviation and ψₖ = x for a moving average coefficient.
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self::of_any(BandedToeplitzCorrelationMatrix::ANY)
    }
}
