//! First-order ante-dependence with a standard deviation for each occasion.

use crate::algebra::shape::Shape;
use crate::composed::heterogeneous::HeterogeneousMatrix;
use crate::structure::ante_dependence::AnteDependenceCorrelationMatrix;

/// The N×N covariance Vᵢⱼ = σᵢ σⱼ ρᵢ ρᵢ₊₁ ⋯ ρⱼ₋₁ (i < j) of first-order ante-dependence:
/// autoregression with variances and correlations that change from one occasion to the next.
///
/// The parameters are the standard deviations `sd_0`, …, `sd_{N-1}` and the correlations `rho_0`,
/// …, `rho_{N-2}`. By default, an element x of θ is mapped to a standard deviation by σᵢ = eˣ or to
/// a correlation by ρᵢ = tanh(x/2); see [`HeterogeneousMatrix`] and
/// [`AnteDependenceCorrelationMatrix`]. The references are Gabriel 1962, Ante-dependence analysis
/// of an ordered set of variables, Annals of Mathematical Statistics 33, 201–212, and Zimmerman &
/// Núñez-Antón 2009, Antedependence Models for Longitudinal Data.
///
/// ```
/// use covprop::prelude::*;
///
/// let v = AnteDependenceMatrix::<3>::new();
/// let half = 3.0_f64.ln(); // tanh(x/2) = 1/2
/// let value = v.value(&[0.0, 0.0, 2.0_f64.ln(), half, half]);
/// assert!((value[(0, 2)] - 0.5).abs() < 1e-15); // 1 · 2 · ½ · ½
/// assert!(v.param_names().eq(["sd_0", "sd_1", "sd_2", "rho_0", "rho_1"]));
/// ```
#[doc(alias = "antedependence")]
pub type AnteDependenceMatrix<const N: usize> =
    HeterogeneousMatrix<N, AnteDependenceCorrelationMatrix<N>>;

impl<const N: usize> AnteDependenceMatrix<N> {
    /// Creates the matrix with the default transforms of an element x of θ: σᵢ = eˣ for a standard
    /// deviation and ρᵢ = tanh(x/2) for a correlation.
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self::of_any(AnteDependenceCorrelationMatrix::ANY)
    }
}
