//! Covariances of a stationary process, with a common standard deviation or with one standard
//! deviation for each occasion.

use crate::algebra::shape::Shape;
use crate::composed::heterogeneous::HeterogeneousMatrix;
use crate::composed::homogeneous::HomogeneousMatrix;
use crate::structure::toeplitz::ToeplitzCorrelationMatrix;

/// The N×N covariance σ² ρ_|i−j| of a stationary process, with a separate correlation for each lag.
///
/// The parameters are the variance `sigma^2` and the partial autocorrelations `pacf_1`, …,
/// `pacf_{N-1}`. By default, an element x of θ is mapped to the variance by σ² = e²ˣ or to a
/// partial autocorrelation by φₖₖ = tanh(x/2); see [`HomogeneousMatrix`] and
/// [`ToeplitzCorrelationMatrix`].
///
/// ```
/// use covprop::prelude::*;
///
/// let v = ToeplitzMatrix::<3>::new();
/// let half = 3.0_f64.ln(); // tanh(x/2) = 1/2
/// assert!((v.value(&[2.0_f64.ln(), half, half])[(0, 2)] - 2.5).abs() < 1e-14);
/// assert!(v.param_names().eq(["sigma^2", "pacf_1", "pacf_2"]));
/// ```
pub type ToeplitzMatrix<const N: usize> = HomogeneousMatrix<N, ToeplitzCorrelationMatrix<N>>;

impl<const N: usize> ToeplitzMatrix<N> {
    /// Creates the matrix with the default transforms of an element x of θ: σ² = e²ˣ for the
    /// variance and φₖₖ = tanh(x/2) for a partial autocorrelation.
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self::of_any(ToeplitzCorrelationMatrix::ANY)
    }
}

/// The N×N covariance Vᵢⱼ = σᵢ σⱼ ρ_|i−j|, with a standard deviation σᵢ for each occasion and a
/// separate correlation ρ_|i−j| for each lag.
///
/// The parameters are the standard deviations `sd_0`, …, `sd_{N-1}` and the partial
/// autocorrelations `pacf_1`, …, `pacf_{N-1}`. By default, an element x of θ is mapped to a
/// standard deviation by σᵢ = eˣ or to a partial autocorrelation by φₖₖ = tanh(x/2); see
/// [`HeterogeneousMatrix`] and [`ToeplitzCorrelationMatrix`].
///
/// ```
/// use covprop::prelude::*;
/// use covprop::structure::HeterogeneousToeplitzMatrix;
///
/// let v = HeterogeneousToeplitzMatrix::<2>::new();
/// let value = v.value(&[0.0, 2.0_f64.ln(), 3.0_f64.ln()]); // σ = 1, 2; ρ₁ = 1/2
/// assert!((value[(0, 1)] - 1.0).abs() < 1e-15);
/// ```
pub type HeterogeneousToeplitzMatrix<const N: usize> =
    HeterogeneousMatrix<N, ToeplitzCorrelationMatrix<N>>;

impl<const N: usize> HeterogeneousToeplitzMatrix<N> {
    /// Creates the matrix with the default transforms of an element x of θ: σᵢ = eˣ for a standard
    /// deviation and φₖₖ = tanh(x/2) for a partial autocorrelation.
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self::of_any(ToeplitzCorrelationMatrix::ANY)
    }
}
