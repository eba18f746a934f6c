//! Matrices with a name inside an operator.

use crate::algebra::delegate::evaluate_by;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::shape::low_rank::LowRank;
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, SparsityPattern, Theta};
use crate::base::scalar::Real;
use core::fmt::{self};

/// Gives a matrix a name. Inside an operator, the names of the parameters of the matrix begin with
/// this name, such as `g/rho`.
///
/// ```
/// use covprop::prelude::*;
///
/// let v = CovariancePropagation::new(
///     DummyMatrix::<4, 3>::from_indices([0, 1, 2, 0]),
///     named("g", DiagonalMatrix::<3>::new()),
/// );
/// assert!(v.param_names().eq(["g/sigma^2_0", "g/sigma^2_1", "g/sigma^2_2"]));
/// ```
#[must_use]
pub const fn named<M>(name: &'static str, matrix: M) -> Named<M> {
    Named { name, matrix }
}

/// A matrix with a name, created by [`named`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<M> {
    name: &'static str,
    matrix: M,
}

impl<M> Named<M> {
    /// Returns the matrix without its name.
    pub(crate) const fn matrix(&self) -> &M {
        &self.matrix
    }
}

impl<M: Shape> Shape for Named<M> {
    type Rows = M::Rows;
    type Cols = M::Cols;
    type ParamCount = M::ParamCount;

    const SYMMETRIC: bool = M::SYMMETRIC;
    const SPARSITY: SparsityPattern = M::SPARSITY;
    const LOW_RANK: LowRank = M::LOW_RANK;

    #[inline]
    fn column(&self, row: usize) -> usize {
        self.matrix.column(row)
    }

    fn defaults(&self) -> Theta<Self, f64> {
        self.matrix.defaults()
    }

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        self.matrix.scales(degree, scales)
    }

    fn operand_name(&self) -> Option<&'static str> {
        Some(self.name)
    }

    fn write_expression(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        self.matrix.write_expression(out)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        self.matrix.write_param_name(index, out)
    }
}

impl<T: Real, M, const R: usize, const C: usize> ParamMatrix<T, R, C> for Named<M>
where
    M: ParamMatrix<T, R, C>,
{
    evaluate_by!(R, C, |this| this.matrix);

    fn visit_operands<O: OperandVisitor<T>>(&self, theta: &Theta<Self, T>, visitor: &mut O) {
        self.matrix.visit_operands(theta, visitor);
    }
}
