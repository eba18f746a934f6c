//! Toeplitz correlations, parametrised by partial autocorrelations.

use core::fmt;

use nalgebra::{Const, SMatrix};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Gradient, Shape, Theta};
use crate::algebra::visit::Visitor;
use crate::base::dim::Lags;
use crate::base::scalar::Real;
use crate::structure::correlation::{ANY_CORRELATION, Correlation};
use crate::structure::dual::{Correlogram, Number, visit_correlogram};
use crate::transform::{Transform, TransformVisitor};

/// The N×N correlation matrix ρ_|i−j| with a separate correlation for each lag, positive definite
/// for every θ.
///
/// The N−1 parameters `pacf_1`, …, `pacf_{N-1}` are the partial autocorrelations φₖₖ. By default,
/// φₖₖ = tanh(x/2) for an element x of θ. Any sequence of numbers in (−1, 1) is the sequence of
/// partial autocorrelations of a stationary process. The autocorrelations follow from the partial
/// autocorrelations by the recursion of Durbin and Levinson:
///
/// ```text
/// ρₖ = φₖₖ Πᵢ₌₁…ₖ₋₁ (1 − φᵢᵢ²) + Σⱼ₌₁…ₖ₋₁ φₖ₋₁,ⱼ ρₖ₋ⱼ      φₖⱼ = φₖ₋₁,ⱼ − φₖₖ φₖ₋₁,ₖ₋ⱼ
/// ```
///
/// The references are Barndorff-Nielsen & Schou 1973, On the parametrization of autoregressive
/// models by partial autocorrelations, Journal of Multivariate Analysis 3, 408–419, and Monahan
/// 1984, Biometrika 71, 403–404. If all partial autocorrelations are 0, the matrix is the identity.
/// If only the first, φ₁₁, is nonzero, the matrix equals
/// [`Ar1CorrelationMatrix`](crate::structure::Ar1CorrelationMatrix). The derivatives are propagated
/// through the recursion, which needs about N² operations for each derivative. If two partial
/// autocorrelations are within 1e-12 of ±1, the matrix is numerically singular in `f64`.
///
/// ```
/// use covprop::nalgebra::Matrix3;
/// use covprop::prelude::*;
/// use covprop::structure::ToeplitzCorrelationMatrix;
///
/// let r = ToeplitzCorrelationMatrix::<3>::new().with_transform(Identity);
/// // ρ₂ = ½ (1 − ¼) + ½ · ½
/// let [one, two] = [0.5, 0.625];
/// assert_eq!(r.value(&[0.5, 0.5]), Matrix3::new(1.0, one, two, one, 1.0, one, two, one, 1.0));
/// assert!(r.param_names().eq(["pacf_1", "pacf_2"]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToeplitzCorrelationMatrix<const N: usize, F = Correlation> {
    transform: F,
}

impl<const N: usize> ToeplitzCorrelationMatrix<N> {
    /// The matrix with the default transform, for any N, including sizes for which this structure
    /// does not implement [`Shape`].
    pub(crate) const ANY: Self = Self { transform: ANY_CORRELATION };

    /// Creates the matrix with φₖₖ = tanh(x/2).
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self::ANY
    }

    /// Returns this matrix with another transform from each free parameter x to the partial
    /// autocorrelation φₖₖ.
    #[must_use]
    pub const fn with_transform<F: Transform>(
        self,
        transform: F,
    ) -> ToeplitzCorrelationMatrix<N, F> {
        ToeplitzCorrelationMatrix { transform }
    }
}

impl<const N: usize> Default for ToeplitzCorrelationMatrix<N>
where
    Self: Shape,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, F> Shape for ToeplitzCorrelationMatrix<N, F>
where
    Const<N>: Lags,
{
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = <Const<N> as Lags>::Count;

    const SYMMETRIC: bool = true;

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        scales.fill(Scale::NEUTRAL);
        degree == 0.0
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "pacf_{}", index + 1)
    }
}

impl<T: Real, F: Transform, const N: usize> ParamMatrix<T, N, N> for ToeplitzCorrelationMatrix<N, F>
where
    Const<N>: Lags,
{
    #[inline]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, N, N> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, N, N> {
        gradient_by_visit(self, theta)
    }

    fn visit_transform<V: TransformVisitor>(&self, _: usize, visitor: V) -> V::Output {
        visitor.visit(&self.transform)
    }

    #[inline]
    fn visit<V: Visitor<T, N, N>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        visit_correlogram::<DurbinLevinson, Self::ParamCount, _, _, N>(
            &self.transform,
            theta,
            visitor,
        );
    }
}

/// The autocorrelations as a function of the partial autocorrelations.
struct DurbinLevinson;

impl Correlogram for DurbinLevinson {
    #[inline]
    fn lags<S: Number, const N: usize>(partial: &[S]) -> [S; N] {
        let mut lags = [S::one(); N];
        // `phi[j - 1]` is φₖⱼ, and `unexplained` is Π (1 − φᵢᵢ²).
        let mut phi = [S::zero(); N];
        let mut unexplained = S::one();
        for (k, &p) in partial.iter().enumerate().take(N.saturating_sub(1)) {
            let nearer = phi.iter().zip(lags[1..=k].iter().rev()).take(k);
            lags[k + 1] = nearer.fold(p * unexplained, |sum, (&phi, &lag)| sum + phi * lag);
            let before = phi;
            for (phi, &mirrored) in phi.iter_mut().zip(before[..k].iter().rev()) {
                *phi = *phi - p * mirrored;
            }
            phi[k] = p;
            unexplained = unexplained * (S::one() - p * p);
        }
        lags
    }
}
