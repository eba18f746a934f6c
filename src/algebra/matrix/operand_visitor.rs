//! Visitors of the operands of an operator.

use core::fmt;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Theta;
use crate::base::scalar::Real;

/// A callback for each operand of an operator; see [`ParamMatrix::visit_operands`].
pub trait OperandVisitor<T: Real> {
    /// Visits an operand of an operator, given the label and the parameters of the operand.
    fn operand<M, const R: usize, const C: usize>(
        &mut self,
        label: &dyn fmt::Display,
        matrix: &M,
        theta: &Theta<M, T>,
    ) where
        M: ParamMatrix<T, R, C>;
}
