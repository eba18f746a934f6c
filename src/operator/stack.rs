//! The matrix [A; B] of two matrices one above the other.

use core::fmt;

use hybrid_array::Array;
use nalgebra::{Const, SMatrix, SVector};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::operands::Operands;
use crate::algebra::shape::name::Chained;
use crate::algebra::shape::{Curvature, Gradient, Joined, PerParam, Shape, Theta};
use crate::algebra::visit::Visitor;
use crate::base::dim::{DimPlus, Join};
use crate::base::scalar::Real;
use crate::operator::block::{block, place, place_alone, placed};
use crate::operator::pair;
use crate::operator::pair::{Pair, evaluate_pair, operands_of_pair, shape_of_pair};
use crate::transform::TransformVisitor;

/// The matrix [A; B]: the rows of A followed by the rows of B, where A and B have the same number
/// of columns.
///
/// ```
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
///
/// let z = Stack::new(matrix![1.0, 1.0], Matrix2::<f64>::identity());
/// assert_eq!(z.value(&[]), matrix![1.0, 1.0; 1.0, 0.0; 0.0, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "vstack")]
#[doc(alias = "rbind")]
pub struct Stack<A, B> {
    a: A,
    b: B,
}

impl<A, B> Stack<A, B> {
    /// Creates [A; B].
    #[must_use]
    pub const fn new<const C: usize>(a: A, b: B) -> Self
    where
        A: Shape<Rows: DimPlus<B::Rows>, Cols = Const<C>>,
        B: Shape<Cols = Const<C>>,
    {
        Self { a, b }
    }

    const fn pair(&self) -> Operands<'_, A, B> {
        Operands { operator: Chained::Stack, labels: [None; 2], a: &self.a, b: &self.b }
    }
}

impl<A, B> Shape for Stack<A, B>
where
    A: Shape<Rows: DimPlus<B::Rows>, ParamCount: Join<B::ParamCount>>,
    B: Shape,
{
    type Rows = <A::Rows as DimPlus<B::Rows>>::Output;
    type Cols = A::Cols;
    type ParamCount = Joined<A, B>;

    const CHAINED: Chained = Chained::Stack;
    const OPERANDS: usize = Chained::Stack.operands::<A>() + 1;

    shape_of_pair!(scales_of_terms);
}

impl<T: Real, A, B, const K: usize, const M: usize, const R: usize, const C: usize>
    Pair<T, K, C, M, C, R, C> for Stack<A, B>
where
    A: ParamMatrix<T, K, C> + Shape<Rows = Const<K>, ParamCount: Join<B::ParamCount>>,
    B: ParamMatrix<T, M, C> + Shape<Rows = Const<M>>,
    Const<K>: DimPlus<Const<M>, Output = Const<R>>,
{
    type A = A;
    type B = B;

    const BILINEAR: bool = false;

    #[inline]
    fn operands(&self) -> (&A, &B) {
        (&self.a, &self.b)
    }

    #[inline]
    fn combine(a: &SMatrix<T, K, C>, b: &SMatrix<T, M, C>, out: &mut SMatrix<T, R, C>) {
        place_alone(&Partial::Dense(a), 0, 0, out);
        place(&Partial::Dense(b), K, 0, out);
    }

    #[inline]
    fn along_a(da: &Partial<'_, T, K, C>, _: &SMatrix<T, M, C>, out: &mut SMatrix<T, R, C>) {
        place_alone(da, 0, 0, out);
    }

    #[inline]
    fn along_b(_: &SMatrix<T, K, C>, db: &Partial<'_, T, M, C>, out: &mut SMatrix<T, R, C>) {
        place_alone(db, K, 0, out);
    }

    #[inline]
    fn weights_of_a(weights: &SMatrix<T, R, C>, _: &SMatrix<T, M, C>) -> SMatrix<T, K, C> {
        block(weights, 0, 0)
    }

    #[inline]
    fn weights_of_b(weights: &SMatrix<T, R, C>, _: &SMatrix<T, K, C>) -> SMatrix<T, M, C> {
        block(weights, K, 0)
    }
}

impl<T: Real, A, B, const K: usize, const M: usize, const R: usize, const C: usize>
    ParamMatrix<T, R, C> for Stack<A, B>
where
    A: ParamMatrix<T, K, C> + Shape<Rows = Const<K>, ParamCount: Join<B::ParamCount>>,
    B: ParamMatrix<T, M, C> + Shape<Rows = Const<M>>,
    Const<K>: DimPlus<Const<M>, Output = Const<R>>,
{
    evaluate_pair!(R, C);

    #[inline]
    fn gradient_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, C>,
    ) -> PerParam<Self, SVector<T, R>> {
        let (ta, tb) = A::ParamCount::split(theta);
        let of_a = Array::<_, A::ParamCount>(self.a.gradient_mul(&ta, u));
        let of_b = Array::<_, B::ParamCount>(self.b.gradient_mul(&tb, u));
        A::ParamCount::concat(of_a.map(|v| placed(&v, 0)).0, of_b.map(|v| placed(&v, K)).0)
    }
}
