//! A reference to a matrix is the same matrix.

use core::fmt;

use nalgebra::{SMatrix, SVector};

use crate::name::Chained;
use crate::{
    Curvature, Error, Gradient, Node, ParamMatrix, Params, Pattern, Real, Shape, Theta, Visitor,
};

/// The same matrix.
impl<M: Shape> Shape for &M {
    type Rows = M::Rows;
    type Cols = M::Cols;
    type Params = M::Params;

    const SYMMETRIC: bool = M::SYMMETRIC;
    const PATTERN: Pattern = M::PATTERN;
    const CHAINED: Chained = M::CHAINED;
    const OPERANDS: usize = M::OPERANDS;

    #[inline]
    fn column(&self, row: usize) -> usize {
        M::column(self, row)
    }

    fn operand_name(&self) -> Option<&'static str> {
        M::operand_name(self)
    }

    fn defaults(&self) -> Theta<Self, f64> {
        M::defaults(self)
    }

    fn write_expression(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        M::write_expression(self, out)
    }

    fn write_operands(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        M::write_operands(self, out)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        M::write_param_name(self, index, out)
    }
}

impl<T: Real, M, const R: usize, const C: usize> ParamMatrix<T, R, C> for &M
where
    M: ParamMatrix<T, R, C>,
{
    #[inline]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, R, C> {
        M::value(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, R, C> {
        M::gradient(self, theta)
    }

    fn params(&self, theta: &Theta<Self, T>) -> Theta<Self, T> {
        M::params(self, theta)
    }

    fn walk_operands(
        &self,
        theta: &Theta<Self, T>,
        depth: usize,
        visit: &mut dyn FnMut(&Node<'_, T>),
    ) {
        M::walk_operands(self, theta, depth, visit);
    }

    #[inline]
    fn visit<V: Visitor<T, R, C>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        M::visit(self, theta, visitor);
    }

    #[inline]
    fn pullback(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, R, C>) -> Theta<Self, T> {
        M::pullback(self, theta, weights)
    }

    #[inline]
    fn curvature(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, R, C>) -> Curvature<Self, T> {
        M::curvature(self, theta, weights)
    }

    fn try_value(&self, theta: &Theta<Self, T>) -> Result<SMatrix<T, R, C>, Error> {
        M::try_value(self, theta)
    }

    #[inline]
    fn gradient_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, C>,
    ) -> Params<Self, SVector<T, R>> {
        M::gradient_mul(self, theta, u)
    }

    #[inline]
    fn gradient_tr_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, R>,
    ) -> Params<Self, SVector<T, C>> {
        M::gradient_tr_mul(self, theta, u)
    }
}
