//! Correlations up to lag B, those of a moving average.

use core::fmt;

use nalgebra::{Const, SMatrix};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Gradient, Shape, Theta};
use crate::algebra::visit::Visitor;
use crate::base::dim::Countable;
use crate::base::scalar::Real;
use crate::structure::dual::{Correlogram, Number, visit_correlogram};
use crate::transform::affine::Identity;
use crate::transform::{Transform, TransformVisitor};

/// The N×N correlation of a moving average of order B: zero beyond lag B, positive definite for
/// every θ.
///
/// B parameters `ma_1`, …, `ma_B`, by default the coefficients ψ₁, …, ψ_B themselves, starting at
/// 0, where the matrix is the identity. With ψ₀ = 1,
///
/// ```text
/// ρ_d = Σᵢ₌₀…B₋d ψᵢ ψᵢ₊d / Σᵢ₌₀…B ψᵢ²
/// ```
///
/// Box & Jenkins 1970, Time Series Analysis, 3.3. Every sequence of correlations that ends at lag B
/// and is positive definite at all lengths is of this form; several ψ give the same (ψ₁ and 1/ψ₁
/// for B = 1).
///
/// ```
/// use covprop::*;
///
/// let r = BandedToeplitzCorrelationMatrix::<3, 1>::new();
/// let value = r.value(&[0.5]);
/// assert_eq!((value[(0, 1)], value[(0, 2)]), (0.4, 0.0)); // ½/(1 + ¼)
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BandedToeplitzCorrelationMatrix<const N: usize, const B: usize, F = Identity> {
    transform: F,
}

impl<const N: usize, const B: usize> BandedToeplitzCorrelationMatrix<N, B> {
    /// The matrix, for any size, even one that is not a [`Shape`].
    pub(crate) const ANY: Self = Self { transform: Identity };

    /// ψₖ = x.
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self::ANY
    }

    /// Returns this matrix with another transform from each free value to ψₖ.
    #[must_use]
    pub const fn with_transform<F: Transform>(
        self,
        transform: F,
    ) -> BandedToeplitzCorrelationMatrix<N, B, F> {
        BandedToeplitzCorrelationMatrix { transform }
    }
}

impl<const N: usize, const B: usize, F> Shape for BandedToeplitzCorrelationMatrix<N, B, F>
where
    Const<B>: Countable,
{
    type Rows = Const<N>;
    type Cols = Const<N>;
    type Params = <Const<B> as Countable>::Count;

    const SYMMETRIC: bool = true;

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        scales.fill(Scale::NEUTRAL);
        degree == 0.0
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "ma_{}", index + 1)
    }
}

impl<T: Real, F: Transform, const N: usize, const B: usize> ParamMatrix<T, N, N>
    for BandedToeplitzCorrelationMatrix<N, B, F>
where
    Const<B>: Countable,
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
        visit_correlogram::<MovingAverage, Self::Params, _, _, N>(&self.transform, theta, visitor);
    }
}

/// Autocorrelations from the coefficients of a moving average.
struct MovingAverage;

impl Correlogram for MovingAverage {
    #[inline]
    fn lags<S: Number, const N: usize>(psi: &[S]) -> [S; N] {
        let from = |lag: usize| [S::one()].into_iter().chain(psi.iter().copied()).skip(lag);
        let covariance =
            |lag: usize| from(0).zip(from(lag)).fold(S::zero(), |sum, (a, b)| sum + a * b);
        let variance = covariance(0);
        // The quotient would be 1 only up to rounding.
        core::array::from_fn(|lag| if lag == 0 { S::one() } else { covariance(lag) / variance })
    }
}
