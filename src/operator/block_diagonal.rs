//! The block diagonal matrix diag(A, B).

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

/// The block diagonal matrix diag(A, B). A and B may be rectangular.
///
/// The numbers of rows and columns of diag(A, B) are computed at the type level, as sums of those
/// of A and B. A block diagonal matrix is the covariance of sections of the data with separate
/// residuals, or of uncorrelated random terms. A block diagonal covariance matrix V of a likelihood
/// is factored block by block.
///
/// ```
/// use covprop::nalgebra::Matrix3;
/// use covprop::prelude::*;
///
/// let g = BlockDiagonal::new(ScalarMatrix::<1>::new(), DiagonalMatrix::<2>::new());
/// assert_eq!(g.value(&[0.0, 0.0, 0.0]), Matrix3::identity());
/// assert!(g.param_names().eq(["op_0/sigma^2", "op_1/sigma^2_0", "op_1/sigma^2_1"]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "direct sum")]
pub struct BlockDiagonal<A, B> {
    a: A,
    b: B,
}

impl<A, B> BlockDiagonal<A, B> {
    /// Creates diag(A, B).
    #[must_use]
    pub const fn new(a: A, b: B) -> Self
    where
        A: Shape<Rows: DimPlus<B::Rows>, Cols: DimPlus<B::Cols>>,
        B: Shape,
    {
        Self { a, b }
    }

    const fn pair(&self) -> Operands<'_, A, B> {
        Operands { operator: Chained::BlockDiagonal, labels: [None; 2], a: &self.a, b: &self.b }
    }
}

impl<A, B> Shape for BlockDiagonal<A, B>
where
    A: Shape<Rows: DimPlus<B::Rows>, Cols: DimPlus<B::Cols>, ParamCount: Join<B::ParamCount>>,
    B: Shape,
{
    type Rows = <A::Rows as DimPlus<B::Rows>>::Output;
    type Cols = <A::Cols as DimPlus<B::Cols>>::Output;
    type ParamCount = Joined<A, B>;

    const SYMMETRIC: bool = A::SYMMETRIC && B::SYMMETRIC;
    const CHAINED: Chained = Chained::BlockDiagonal;
    const OPERANDS: usize = Chained::BlockDiagonal.operands::<A>() + 1;

    shape_of_pair!(scales_of_terms);
}

impl<
    T: Real,
    A,
    B,
    const K: usize,
    const L: usize,
    const M: usize,
    const N: usize,
    const R: usize,
    const C: usize,
> Pair<T, K, L, M, N, R, C> for BlockDiagonal<A, B>
where
    A: ParamMatrix<T, K, L>
        + Shape<Rows = Const<K>, Cols = Const<L>, ParamCount: Join<B::ParamCount>>,
    B: ParamMatrix<T, M, N> + Shape<Rows = Const<M>, Cols = Const<N>>,
    Const<K>: DimPlus<Const<M>, Output = Const<R>>,
    Const<L>: DimPlus<Const<N>, Output = Const<C>>,
{
    type A = A;
    type B = B;

    const BILINEAR: bool = false;
    const FACTORS_APART: bool = true;

    #[inline]
    fn operands(&self) -> (&A, &B) {
        (&self.a, &self.b)
    }

    #[inline]
    fn combine(a: &SMatrix<T, K, L>, b: &SMatrix<T, M, N>, out: &mut SMatrix<T, R, C>) {
        place_alone(&Partial::Dense(a), 0, 0, out);
        place(&Partial::Dense(b), K, L, out);
    }

    #[inline]
    fn along_a(da: &Partial<'_, T, K, L>, _: &SMatrix<T, M, N>, out: &mut SMatrix<T, R, C>) {
        place_alone(da, 0, 0, out);
    }

    #[inline]
    fn along_b(_: &SMatrix<T, K, L>, db: &Partial<'_, T, M, N>, out: &mut SMatrix<T, R, C>) {
        place_alone(db, K, L, out);
    }

    #[inline]
    fn weights_of_a(weights: &SMatrix<T, R, C>, _: &SMatrix<T, M, N>) -> SMatrix<T, K, L> {
        block(weights, 0, 0)
    }

    #[inline]
    fn weights_of_b(weights: &SMatrix<T, R, C>, _: &SMatrix<T, K, L>) -> SMatrix<T, M, N> {
        block(weights, K, L)
    }
}

impl<
    T: Real,
    A,
    B,
    const K: usize,
    const L: usize,
    const M: usize,
    const N: usize,
    const R: usize,
    const C: usize,
> ParamMatrix<T, R, C> for BlockDiagonal<A, B>
where
    A: ParamMatrix<T, K, L>
        + Shape<Rows = Const<K>, Cols = Const<L>, ParamCount: Join<B::ParamCount>>,
    B: ParamMatrix<T, M, N> + Shape<Rows = Const<M>, Cols = Const<N>>,
    Const<K>: DimPlus<Const<M>, Output = Const<R>>,
    Const<L>: DimPlus<Const<N>, Output = Const<C>>,
{
    evaluate_pair!(R, C);

    #[inline]
    fn gradient_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, C>,
    ) -> PerParam<Self, SVector<T, R>> {
        let (ta, tb) = A::ParamCount::split(theta);
        let of_a = Array::<_, A::ParamCount>(self.a.gradient_mul(&ta, &block(u, 0, 0)));
        let of_b = Array::<_, B::ParamCount>(self.b.gradient_mul(&tb, &block(u, L, 0)));
        A::ParamCount::concat(of_a.map(|v| placed(&v, 0)).0, of_b.map(|v| placed(&v, K)).0)
    }
}
