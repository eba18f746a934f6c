//! The transpose Aᵀ.

use core::fmt;

use nalgebra::{SMatrix, SVector};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::operands::{visit_operand, write_operand};
use crate::algebra::shape::name::write_prefixed;
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Curvature, Gradient, PerParam, Shape, Theta};
use crate::algebra::visit::Visitor;
use crate::algebra::visit::operand::OfOperand;
use crate::base::scalar::Real;
use crate::transform::TransformVisitor;

/// The transpose Aᵀ, with the derivatives ∂Aᵀ.
///
/// ```
/// use covprop::nalgebra::Matrix2x3;
/// use covprop::prelude::*;
///
/// let lt = Transpose::new(LowerTriangularMatrix::<3, 2>::new());
/// assert_eq!(lt.value(&[1.0, 2.0, 3.0, 4.0, 5.0]), Matrix2x3::new(1.0, 2.0, 4.0, 0.0, 3.0, 5.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transpose<A> {
    a: A,
}

impl<A> Transpose<A> {
    /// Creates Aᵀ.
    #[must_use]
    pub const fn new(a: A) -> Self {
        Self { a }
    }
}

impl<A: Shape> Shape for Transpose<A> {
    type Rows = A::Cols;
    type Cols = A::Rows;
    type ParamCount = A::ParamCount;

    const SYMMETRIC: bool = A::SYMMETRIC;
    const OPERANDS: usize = 1;

    fn defaults(&self) -> Theta<Self, f64> {
        self.a.defaults()
    }

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        self.a.scales(degree, scales)
    }

    fn write_operands(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write_operand(&self.a, out)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write_prefixed(&self.a, 0, index, out)
    }
}

/// Writes the transpose of a derivative.
fn write_transposed<T: Real, const R: usize, const C: usize>(
    da: &Partial<'_, T, R, C>,
    out: &mut SMatrix<T, C, R>,
) {
    out.fill(T::zero());
    da.each(|i, j, x| {
        if let Some(out) = out.get_mut((j, i)) {
            *out = x;
        }
    });
}

impl<T: Real, A, const R: usize, const C: usize> ParamMatrix<T, C, R> for Transpose<A>
where
    A: ParamMatrix<T, R, C>,
{
    #[inline]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, C, R> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, C, R> {
        gradient_by_visit(self, theta)
    }

    fn visit_transform<V: TransformVisitor>(&self, k: usize, visitor: V) -> V::Output {
        self.a.visit_transform(k, visitor)
    }

    fn visit_operands<O: OperandVisitor<T>>(&self, theta: &Theta<Self, T>, visitor: &mut O) {
        visit_operand(&self.a, theta, visitor);
    }

    #[inline]
    fn visit<V: Visitor<T, C, R>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        let mut a = SMatrix::<T, R, C>::zeros();
        self.a.visit(theta, &mut OfOperand::new(visitor, &mut a, write_transposed));
        visitor.value(|out| *out = a.transpose());
    }

    #[inline]
    fn pullback(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, C, R>) -> Theta<Self, T> {
        self.a.pullback(theta, &weights.transpose())
    }

    #[inline]
    fn curvature(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, C, R>) -> Curvature<Self, T> {
        self.a.curvature(theta, &weights.transpose())
    }

    #[inline]
    fn gradient_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, R>,
    ) -> PerParam<Self, SVector<T, C>> {
        self.a.gradient_tr_mul(theta, u)
    }
}
