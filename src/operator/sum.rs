//! The sum A + B.

mod low_rank;

use core::fmt;

use nalgebra::{Const, SMatrix, SVector};
use typenum::Unsigned;

use crate::algebra::cone::{ConeVisitor, From};
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::matrix::low_rank::LowRankVisitor;
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::operands::Operands;
use crate::algebra::shape::low_rank::LowRank;
use crate::algebra::shape::name::Chained;
use crate::algebra::shape::{Curvature, Gradient, Joined, PerParam, Shape, SparsityPattern, Theta};
use crate::algebra::visit::Visitor;
use crate::algebra::visit::operand::OfTerm;
use crate::base::dim::{Extent, Join};
use crate::base::scalar::Real;
use crate::operator::pair::curvature::{join_curvature, no_cross};
use crate::operator::pair::{operands_of_pair, shape_of_pair};
use crate::transform::TransformVisitor;

/// The sum A(θ_A) + B(θ_B) of two matrices of the same size.
///
/// The parameters of A + B are the parameters of A followed by the parameters of B, and the
/// derivatives are in the same order. [`a.plus(b)`](Plus::plus) creates the sum of the matrices `a`
/// and `b`. In parameter names, a chain of sums is one flat list of operands.
///
/// ```
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
///
/// let v = DiagonalMatrix::<2>::new().plus(ScalarMatrix::new()).plus(IdentityMatrix::new());
/// assert_eq!(v.value(&[0.0, 0.0, 0.0]), Matrix2::new(3.0, 0.0, 0.0, 3.0));
/// assert!(v.param_names().eq(["op_0/sigma^2_0", "op_0/sigma^2_1", "op_1/sigma^2"]));
/// ```
///
/// A second operand whose size differs from the first is a type error:
///
/// ```compile_fail,E0271
/// # use covprop::operator::Sum;
/// # use covprop::prelude::*;
/// let v = Sum::new(DiagonalMatrix::<3>::new(), ScalarMatrix::<4>::new()); // expected `3`, found `4`
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum<A, B> {
    pub(crate) a: A,
    pub(crate) b: B,
}

impl<A, B> Sum<A, B> {
    /// Creates A + B.
    #[must_use]
    pub const fn new<const R: usize, const C: usize>(a: A, b: B) -> Self
    where
        A: Shape<Rows = Const<R>, Cols = Const<C>>,
        B: Extent<Size = (Const<R>, Const<C>)>,
    {
        Self { a, b }
    }

    const fn pair(&self) -> Operands<'_, A, B> {
        Operands { operator: Chained::Sum, labels: [None; 2], a: &self.a, b: &self.b }
    }
}

/// The method `a.plus(b)`, which creates the [`Sum`] A + B.
pub trait Plus: Shape + Sized {
    /// Returns the sum of this matrix and another of the same size. The operands of
    /// `a.plus(b).plus(c)` are `op_0`, `op_1` and `op_2` in parameter names.
    fn plus<B>(self, other: B) -> Sum<Self, B>
    where
        B: Extent<Size = <Self as Extent>::Size>,
    {
        Sum { a: self, b: other }
    }
}

impl<A: Shape> Plus for A {}

impl<A, B> Shape for Sum<A, B>
where
    A: Shape<ParamCount: Join<B::ParamCount>>,
    B: Shape,
{
    type Rows = A::Rows;
    type Cols = A::Cols;
    type ParamCount = Joined<A, B>;

    const SYMMETRIC: bool = A::SYMMETRIC && B::SYMMETRIC;
    const SPARSITY: SparsityPattern = match (A::SPARSITY, B::SPARSITY) {
        (SparsityPattern::Diagonal, SparsityPattern::Diagonal) => SparsityPattern::Diagonal,
        _ => SparsityPattern::Dense,
    };
    const LOW_RANK: LowRank = A::LOW_RANK.and(B::LOW_RANK);
    const CHAINED: Chained = Chained::Sum;
    const OPERANDS: usize = Chained::Sum.operands::<A>() + 1;

    shape_of_pair!(scales_of_terms);
}

impl<T: Real, A, B, const R: usize, const C: usize> ParamMatrix<T, R, C> for Sum<A, B>
where
    A: ParamMatrix<T, R, C> + Shape<ParamCount: Join<B::ParamCount>>,
    B: ParamMatrix<T, R, C>,
{
    #[inline]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, R, C> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, R, C> {
        gradient_by_visit(self, theta)
    }

    operands_of_pair!(A, R, C);

    #[inline]
    fn visit<V: Visitor<T, R, C>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        let (ta, tb) = A::ParamCount::split(theta);
        let (mut a, mut b) = (SMatrix::zeros(), SMatrix::zeros());
        self.a.visit(&ta, &mut OfTerm { outer: visitor, value: &mut a, first: 0 });
        let first = A::ParamCount::USIZE;
        self.b.visit(&tb, &mut OfTerm { outer: visitor, value: &mut b, first });
        visitor.value(|out| *out = a + b);
    }

    /// Computes the weighted sum ⟨W, ∂(A + B)⟩ for each parameter, with the same weight matrix W
    /// for both operands.
    #[inline]
    fn pullback(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, R, C>) -> Theta<Self, T> {
        let (ta, tb) = A::ParamCount::split(theta);
        A::ParamCount::concat(self.a.pullback(&ta, weights), self.b.pullback(&tb, weights))
    }

    /// Computes the second derivatives of A + B. The second derivative of A + B with respect to a
    /// parameter of A and a parameter of B is zero.
    #[inline]
    fn curvature(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, R, C>) -> Curvature<Self, T> {
        let (ta, tb) = A::ParamCount::split(theta);
        let (of_a, of_b) = (self.a.curvature(&ta, weights), self.b.curvature(&tb, weights));
        join_curvature::<T, A, B>(&of_a, &no_cross::<T, A, B>(), &of_b)
    }

    #[inline]
    fn gradient_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, C>,
    ) -> PerParam<Self, SVector<T, R>> {
        let (ta, tb) = A::ParamCount::split(theta);
        A::ParamCount::concat(self.a.gradient_mul(&ta, u), self.b.gradient_mul(&tb, u))
    }

    fn visit_cones<V: ConeVisitor<T>>(
        &self,
        theta: &Theta<Self, T>,
        weights: &SMatrix<T, R, C>,
        visitor: &mut V,
    ) {
        let (ta, tb) = A::ParamCount::split(theta);
        self.a.visit_cones(&ta, weights, visitor);
        let first = A::ParamCount::USIZE;
        self.b.visit_cones(&tb, weights, &mut From { visitor, first });
    }

    fn low_rank<V: LowRankVisitor<T, Self::ParamCount, R>>(&self, visitor: V) -> Option<V::Output> {
        self.a.low_rank(low_rank::First { b: &self.b, columns: A::LOW_RANK.columns(), visitor })?
    }
}
