//! Implementations of the matrix traits for references to matrices.

use core::fmt;

use crate::algebra::delegate::evaluate_by;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::shape::low_rank::LowRank;
use crate::algebra::shape::name::Chained;
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, SparsityPattern, Theta};
use crate::base::scalar::Real;

/// A reference to a matrix is evaluated as the matrix itself.
impl<M: Shape> Shape for &M {
    type Rows = M::Rows;
    type Cols = M::Cols;
    type ParamCount = M::ParamCount;

    const SYMMETRIC: bool = M::SYMMETRIC;
    const SPARSITY: SparsityPattern = M::SPARSITY;
    const LOW_RANK: LowRank = M::LOW_RANK;
    const CHAINED: Chained = M::CHAINED;
    const OPERANDS: usize = M::OPERANDS;

    #[inline]
    fn column(&self, row: usize) -> usize {
        M::column(self, row)
    }

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        M::scales(self, degree, scales)
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
    evaluate_by!(R, C, |this| (**this));

    fn visit_operands<O: OperandVisitor<T>>(&self, theta: &Theta<Self, T>, visitor: &mut O) {
        M::visit_operands(self, theta, visitor);
    }
}
