//! Correlations of a moving average of order B.

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

/// The N×N correlation matrix of a moving average of order B, which is zero beyond lag B and
/// positive definite for every θ.
///
/// The B parameters `ma_1`, …, `ma_B` are the coefficients ψ₁, …, ψ_B of the moving average, by
/// default the elements of θ themselves. The default value of every coefficient is 0, at which the
/// matrix is the identity. With ψ₀ = 1, the correlations are
///
/// ```text
/// ρ_d = Σᵢ₌₀…B₋d ψᵢ ψᵢ₊d / Σᵢ₌₀…B ψᵢ²
/// ```
///
/// Every sequence of correlations that is zero beyond lag B, and positive definite for every N, is
/// the sequence of a moving average (Box & Jenkins 1970, Time Series Analysis, 3.3). Different
/// coefficients of a moving average can result in the same correlations: for the order B = 1, the
/// coefficients ψ₁ and 1/ψ₁ do.
///
/// ```
/// use covprop::prelude::*;
/// use covprop::structure::BandedToeplitzCorrelationMatrix;
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
    /// The matrix with the default transform, for any N, including sizes for which this structure
    /// does not implement [`Shape`].
    pub(crate) const ANY: Self = Self { transform: Identity };

    /// Creates the matrix with ψₖ = x.
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self::ANY
    }

    /// Returns this matrix with another transform from each free parameter x to the coefficient ψₖ.
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
    type ParamCount = <Const<B> as Countable>::Count;

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
        visit_correlogram::<MovingAverage, Self::ParamCount, _, _, N>(
            &self.transform,
            theta,
            visitor,
        );
    }
}

/// The autocorrelations as a function of the coefficients of a moving average.
struct MovingAverage;

impl Correlogram for MovingAverage {
    #[inline]
    fn lags<S: Number, const N: usize>(psi: &[S]) -> [S; N] {
        let from = |lag: usize| [S::one()].into_iter().chain(psi.iter().copied()).skip(lag);
        let covariance =
            |lag: usize| from(0).zip(from(lag)).fold(S::zero(), |sum, (a, b)| sum + a * b);
        let variance = covariance(0);
        // The quotient at lag 0 would be 1 only to rounding.
        core::array::from_fn(|lag| if lag == 0 { S::one() } else { covariance(lag) / variance })
    }
}
