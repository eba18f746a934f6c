//! The matrix σ² I.

use core::fmt;

use nalgebra::{Const, SMatrix};
use typenum::U1;

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::matrix::low_rank::{LowRankForm, LowRankVisitor, OnDesign};
use crate::algebra::shape::low_rank::{LowRank, Residual};
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, SparsityPattern};
use crate::algebra::visit::Visitor;
use crate::base::scalar::Real;
use crate::transform::exponential::ExpPow2;
use crate::transform::{Transform, TransformVisitor};

/// The N×N matrix σ² I of independent variables with a common variance.
///
/// The only parameter is the variance `sigma^2`. By default, σ² = e²ˣ, so that the element x of θ
/// is the logarithm of the standard deviation.
///
/// ```
/// use covprop::prelude::*;
///
/// let r = ScalarMatrix::<2>::new();
/// assert_eq!(r.value(&[0.0]), nalgebra::Matrix2::new(1.0, 0.0, 0.0, 1.0));
/// assert_eq!(r.gradient(&[0.0]), [nalgebra::Matrix2::new(2.0, 0.0, 0.0, 2.0)]);
///
/// // the variance itself as the parameter
/// let r = ScalarMatrix::<2>::new().with_transform(Identity);
/// assert_eq!(r.value(&[9.0])[(1, 1)], 9.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "iid")]
#[doc(alias = "homoscedastic")]
pub struct ScalarMatrix<const N: usize, F = ExpPow2> {
    transform: F,
}

impl<const N: usize> ScalarMatrix<N> {
    /// Creates σ² I with σ² = e²ˣ.
    #[must_use]
    pub const fn new() -> Self {
        Self { transform: ExpPow2 }
    }

    /// Returns this matrix with another transform from the free parameter x to the variance σ².
    #[must_use]
    pub const fn with_transform<F: Transform>(self, transform: F) -> ScalarMatrix<N, F> {
        ScalarMatrix { transform }
    }
}

impl<const N: usize, F> Shape for ScalarMatrix<N, F> {
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = U1;

    const SYMMETRIC: bool = true;
    const SPARSITY: SparsityPattern = SparsityPattern::Diagonal;
    const LOW_RANK: LowRank = LowRank::of(Residual::Identity);

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        scales.fill(Scale::new(degree, 1.0));
        true
    }

    fn write_param_name(&self, _: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("sigma^2")
    }
}

impl<T: Real, F: Transform, const N: usize> ParamMatrix<T, N, N> for ScalarMatrix<N, F> {
    #[inline]
    fn value(&self, theta: &[T; 1]) -> SMatrix<T, N, N> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &[T; 1]) -> [SMatrix<T, N, N>; 1] {
        gradient_by_visit(self, theta)
    }

    fn visit_transform<V: TransformVisitor>(&self, _: usize, visitor: V) -> V::Output {
        visitor.visit(&self.transform)
    }

    #[inline]
    fn visit<V: Visitor<T, N, N>>(&self, &[x]: &[T; 1], visitor: &mut V) {
        let variance = self.transform.jet(x);
        visitor.value(|out| *out = SMatrix::from_diagonal_element(variance.value));
        visitor.derivative(0, Partial::Diagonal(variance.first));
        visitor.second(0, 0, Partial::Diagonal(variance.second));
    }

    fn low_rank<V: LowRankVisitor<T, U1, N>>(&self, visitor: V) -> Option<V::Output> {
        Some(visitor.visit(self))
    }
}

impl<T: Real, F: Transform, const N: usize> LowRankForm<T, N> for ScalarMatrix<N, F> {
    type ParamCount = U1;

    fn write_design<const W: usize>(&self, _: usize, _: &mut SMatrix<T, N, W>) {}

    fn on_design<V: OnDesign<T, U1, D>, const D: usize>(
        &self,
        _: &SMatrix<T, D, D>,
        _: usize,
        visitor: V,
    ) -> V::Output {
        visitor.take(&ScalarMatrix::<D, &F> { transform: &self.transform })
    }

    fn visit_components(
        &self,
        &[theta]: &[T; 1],
        _: usize,
        _: &mut impl FnMut(usize, usize, T),
        variance: &mut T,
    ) {
        *variance += self.transform.forward(theta);
    }
}
