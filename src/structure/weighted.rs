//! The diagonal matrix σ² diag(1/w) of observations with known weights.

use core::fmt;

use nalgebra::{Const, SMatrix, SVector, convert};
use typenum::U1;

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::matrix::low_rank::{LowRankForm, LowRankVisitor, OnDesign};
use crate::algebra::shape::low_rank::{LowRank, Residual};
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, SparsityPattern};
use crate::algebra::visit::Visitor;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::structure::scalar::ScalarMatrix;
use crate::transform::exponential::ExpPow2;
use crate::transform::{Transform, TransformVisitor};

/// The N×N diagonal matrix σ² diag(1/w₀, …, 1/w_{N−1}) of independent observations with known
/// weights, such as observations that are means of wᵢ measurements.
///
/// The only parameter `sigma^2` is the variance of an observation of weight 1. By default, σ² = e²ˣ
/// for the only element x of θ. As the matrix R of a [`MixedModel`](crate::reml::MixedModel), σ²
/// diag(1/w) corresponds to `weights` in lme4 (Bates, Mächler, Bolker & Walker 2015, Journal of
/// Statistical Software 67(1), section 2.1) and to `varFixed(~1/w)` in nlme.
///
/// ```
/// use covprop::Error;
/// use covprop::prelude::*;
///
/// const R: WeightedMatrix<3> = WeightedMatrix::new([1.0, 2.0, 4.0]);
/// assert_eq!(R.value(&[0.0]).diagonal().as_slice(), &[1.0, 0.5, 0.25]);
/// assert_eq!(R.gradient(&[0.0])[0].diagonal().as_slice(), &[2.0, 1.0, 0.5]);
///
/// let error = WeightedMatrix::try_new([1.0, -2.0, 4.0]).unwrap_err();
/// assert_eq!(error, Error::NotWeight { row: 1 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "weights")]
#[doc(alias = "heteroscedastic")]
pub struct WeightedMatrix<const N: usize, F = ExpPow2> {
    weights: [f64; N],
    variance: F,
}

impl<const N: usize> WeightedMatrix<N> {
    /// Creates the matrix σ² diag(1/w) for weights w known at compile time, with the default
    /// transform σ² = e²ˣ of the only element x of θ. Use [`try_new`](Self::try_new) for weights
    /// that are read at run time.
    #[must_use]
    pub const fn new(weights: [f64; N]) -> Self {
        Self { weights, variance: ExpPow2 }
    }

    /// Creates the matrix σ² diag(1/w) for weights w that are positive and finite, with the default
    /// transform σ² = e²ˣ of the only element x of θ.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotWeight`] with the first weight that is not positive and finite.
    pub fn try_new(weights: [f64; N]) -> Result<Self, Error> {
        let is_weight = |w: &f64| *w > 0.0 && w.is_finite();
        match weights.iter().position(|w| !is_weight(w)) {
            None => Ok(Self::new(weights)),
            Some(row) => Err(Error::NotWeight { row }),
        }
    }

    /// Returns this matrix with another transform from the free parameter x to the variance σ².
    #[must_use]
    pub const fn with_transform<F: Transform>(self, variance: F) -> WeightedMatrix<N, F> {
        WeightedMatrix { weights: self.weights, variance }
    }
}

impl<const N: usize, F> Shape for WeightedMatrix<N, F> {
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = U1;

    const SYMMETRIC: bool = true;
    const SPARSITY: SparsityPattern = SparsityPattern::Diagonal;
    const LOW_RANK: LowRank = LowRank::of(Residual::Weights);

    /// At the typical value of σ², the mean of the variances σ²/wᵢ is 1.
    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        let sum: f64 = self.weights.iter().map(|w| 1.0 / w).sum();
        scales.fill(Scale::new(degree, N as f64 / sum));
        true
    }

    fn write_param_name(&self, _: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("sigma^2")
    }
}

impl<T: Real, F: Transform, const N: usize> ParamMatrix<T, N, N> for WeightedMatrix<N, F> {
    #[inline]
    fn value(&self, theta: &[T; 1]) -> SMatrix<T, N, N> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &[T; 1]) -> [SMatrix<T, N, N>; 1] {
        gradient_by_visit(self, theta)
    }

    fn visit_transform<V: TransformVisitor>(&self, _: usize, visitor: V) -> V::Output {
        visitor.visit(&self.variance)
    }

    #[inline]
    fn visit<V: Visitor<T, N, N>>(&self, &[x]: &[T; 1], visitor: &mut V) {
        let variance = self.variance.jet(x);
        let weights = SVector::from(self.weights.map(convert::<_, T>));
        let over = |x: T| SMatrix::from_diagonal(&weights.map(|w| x / w));
        visitor.value(|out| *out = over(variance.value));
        visitor.derivative_by(0, |out| *out = over(variance.first));
        if V::SECOND {
            visitor.second(0, 0, Partial::Dense(&over(variance.second)));
        }
    }

    fn low_rank<V: LowRankVisitor<T, U1, N>>(&self, visitor: V) -> Option<V::Output> {
        Some(visitor.visit(self))
    }
}

impl<T: Real, F: Transform, const N: usize> LowRankForm<T, N> for WeightedMatrix<N, F> {
    type ParamCount = U1;

    fn write_design<const W: usize>(&self, _: usize, _: &mut SMatrix<T, N, W>) {}

    fn write_weights(&self, out: &mut [T; N]) {
        *out = self.weights.map(convert);
    }

    fn on_design<V: OnDesign<T, U1, D>, const D: usize>(
        &self,
        _: &SMatrix<T, D, D>,
        _: usize,
        visitor: V,
    ) -> V::Output {
        visitor.take(&ScalarMatrix::new().with_transform(&self.variance))
    }

    fn visit_components(
        &self,
        &[theta]: &[T; 1],
        _: usize,
        _: &mut impl FnMut(usize, usize, T),
        variance: &mut T,
    ) {
        *variance += self.variance.forward(theta);
    }
}
