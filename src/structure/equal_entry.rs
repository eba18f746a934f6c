//! The matrix with σ² in every entry.

use core::fmt;

use nalgebra::{Const, SMatrix};
use typenum::U1;

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::shape::Shape;
use crate::algebra::shape::scale::Scale;
use crate::algebra::visit::Visitor;
use crate::base::scalar::Real;
use crate::transform::exponential::ExpPow2;
use crate::transform::{Transform, TransformVisitor};

/// The N×M matrix with σ² in every entry, such as the covariance due to a component that all
/// observations share.
///
/// The only parameter is the variance `sigma^2`. By default, σ² = e²ˣ, so that the element x of θ
/// is the logarithm of the standard deviation.
///
/// ```
/// use covprop::nalgebra::Matrix2x3;
/// use covprop::prelude::*;
/// use covprop::structure::EqualEntryMatrix;
///
/// let j = EqualEntryMatrix::<2, 3>::new();
/// assert_eq!(j.value(&[0.0]), Matrix2x3::repeat(1.0));
/// assert_eq!(j.gradient(&[0.0]), [Matrix2x3::repeat(2.0)]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EqualEntryMatrix<const N: usize, const M: usize, F = ExpPow2> {
    transform: F,
}

impl<const N: usize, const M: usize> EqualEntryMatrix<N, M> {
    /// Creates the matrix with σ² = e²ˣ.
    #[must_use]
    pub const fn new() -> Self {
        Self { transform: ExpPow2 }
    }

    /// Returns this matrix with another transform from the free parameter x to the variance σ².
    #[must_use]
    pub const fn with_transform<F: Transform>(self, transform: F) -> EqualEntryMatrix<N, M, F> {
        EqualEntryMatrix { transform }
    }
}

impl<const N: usize, const M: usize, F> Shape for EqualEntryMatrix<N, M, F> {
    type Rows = Const<N>;
    type Cols = Const<M>;
    type ParamCount = U1;

    const SYMMETRIC: bool = N == M;

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        scales.fill(Scale::new(degree, 1.0));
        true
    }

    fn write_param_name(&self, _: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("sigma^2")
    }
}

impl<T: Real, F: Transform, const N: usize, const M: usize> ParamMatrix<T, N, M>
    for EqualEntryMatrix<N, M, F>
{
    #[inline]
    fn value(&self, theta: &[T; 1]) -> SMatrix<T, N, M> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &[T; 1]) -> [SMatrix<T, N, M>; 1] {
        gradient_by_visit(self, theta)
    }

    fn visit_transform<V: TransformVisitor>(&self, _: usize, visitor: V) -> V::Output {
        visitor.visit(&self.transform)
    }

    #[inline]
    fn visit<V: Visitor<T, N, M>>(&self, &[x]: &[T; 1], visitor: &mut V) {
        let variance = self.transform.jet(x);
        visitor.value(|out| *out = SMatrix::repeat(variance.value));
        visitor.derivative(0, Partial::Constant(variance.first));
        visitor.second(0, 0, Partial::Constant(variance.second));
    }
}
