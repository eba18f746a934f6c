//! The operands of an operator, with their labels, parameter names and default parameters.

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::shape::name::{Chained, write_prefixed};
use crate::algebra::shape::{Joined, Shape, Theta};
use crate::base::dim::Join;
use crate::base::scalar::Real;
use core::fmt;
use hybrid_array::ArraySize;
use typenum::Unsigned;

/// The label of an operand: the operand's own name, a name given by the operator, or `op_` followed
/// by the position of the operand.
#[derive(Clone, Copy)]
struct Label {
    name: Option<&'static str>,
    place: usize,
}

impl Label {
    fn of<M: Shape>(operand: &M, of_place: Option<&'static str>, place: usize) -> Self {
        Self { name: operand.operand_name().or(of_place), place }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => f.write_str(name),
            None => write!(f, "op_{}", self.place),
        }
    }
}

/// The two operands of an operator, with the labels that are used for operands without a name.
pub(crate) struct Operands<'a, A, B> {
    pub(crate) operator: Chained,
    pub(crate) labels: [Option<&'static str>; 2],
    pub(crate) a: &'a A,
    pub(crate) b: &'a B,
}

impl<A: Shape, B: Shape> Operands<'_, A, B> {
    fn label_a(&self) -> Label {
        Label::of(self.a, self.labels[0], 0)
    }

    fn label_b(&self) -> Label {
        Label::of(self.b, self.labels[1], self.operator.operands::<A>())
    }

    /// Writes the labels, names and sizes of the operands, such as `Z: DummyMatrix 4×3, G:
    /// DiagonalMatrix 3×3`. The operands of a chain of one operator, such as A, B and C in A + B +
    /// C, are written as one list.
    pub(crate) fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        if self.operator.continues::<A>() {
            self.a.write_operands(out)?;
        } else {
            write!(out, "{}: ", self.label_a())?;
            self.a.write_expression(out)?;
        }
        write!(out, ", {}: ", self.label_b())?;
        self.b.write_expression(out)
    }

    /// Returns the defaults of both operands.
    pub(crate) fn defaults(&self) -> <Joined<A, B> as ArraySize>::ArrayType<f64>
    where
        A: Shape<ParamCount: Join<B::ParamCount>>,
    {
        A::ParamCount::concat(self.a.defaults(), self.b.defaults())
    }

    /// Writes the name of parameter `index` of the operator, such as `g/rho` or `op_1/rho`: the
    /// label of the operand, followed by the name of the parameter in the operand.
    pub(crate) fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        match index.checked_sub(A::ParamCount::USIZE) {
            None if self.operator.continues::<A>() => self.a.write_param_name(index, out),
            None => write_prefixed(self.a, 0, index, out),
            Some(index) => write_prefixed(self.b, self.operator.operands::<A>(), index, out),
        }
    }

    /// Visits both operands. The operands of a chain of one operator, such as A, B and C in A + B +
    /// C, are visited as one list.
    pub(crate) fn visit<T, V, const K: usize, const L: usize, const M: usize, const N: usize>(
        &self,
        (ta, tb): (&Theta<A, T>, &Theta<B, T>),
        visitor: &mut V,
    ) where
        T: Real,
        V: OperandVisitor<T>,
        A: ParamMatrix<T, K, L>,
        B: ParamMatrix<T, M, N>,
    {
        if self.operator.continues::<A>() {
            self.a.visit_operands(ta, visitor);
        } else {
            visitor.operand(&self.label_a(), self.a, ta);
        }
        visitor.operand(&self.label_b(), self.b, tb);
    }
}

/// Writes the label and the expression of the only operand of a unary operator.
pub(crate) fn write_operand<M: Shape>(operand: &M, out: &mut dyn fmt::Write) -> fmt::Result {
    write!(out, "{}: ", Label::of(operand, None, 0))?;
    operand.write_expression(out)
}

/// Visits the only operand of an operator with one operand, such as an inverse.
pub(crate) fn visit_operand<M, T, V, const R: usize, const C: usize>(
    operand: &M,
    theta: &Theta<M, T>,
    visitor: &mut V,
) where
    T: Real,
    V: OperandVisitor<T>,
    M: ParamMatrix<T, R, C>,
{
    visitor.operand(&Label::of(operand, None, 0), operand, theta);
}
