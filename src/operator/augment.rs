//! The matrix [A B], which consists of the matrices A and B side by side.

use core::fmt;

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
use crate::operator::block::{block, place, place_alone};
use crate::operator::pair;
use crate::operator::pair::{Pair, evaluate_pair, operands_of_pair, shape_of_pair};
use crate::transform::TransformVisitor;

/// The matrix [A B]: the columns of A followed by the columns of B, where A and B have the same
/// number of rows.
///
/// Two random terms with the designs Z₁ and Z₂ and the covariances G₁ and G₂ are combined to one
/// term with the design [Z₁ Z₂]: [Z₁ Z₂] diag(G₁, G₂) [Z₁ Z₂]ᵀ = Z₁ G₁ Z₁ᵀ + Z₂ G₂ Z₂ᵀ.
///
/// ```
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
///
/// let z = Augment::new(matrix![1.0; 1.0], Matrix2::<f64>::identity());
/// assert_eq!(z.value(&[]), matrix![1.0, 1.0, 0.0; 1.0, 0.0, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "hstack")]
#[doc(alias = "cbind")]
pub struct Augment<A, B> {
    a: A,
    b: B,
}

impl<A, B> Augment<A, B> {
    /// Creates [A B].
    #[must_use]
    pub const fn new<const R: usize>(a: A, b: B) -> Self
    where
        A: Shape<Rows = Const<R>, Cols: DimPlus<B::Cols>>,
        B: Shape<Rows = Const<R>>,
    {
        Self { a, b }
    }

    const fn pair(&self) -> Operands<'_, A, B> {
        Operands { operator: Chained::Augment, labels: [None; 2], a: &self.a, b: &self.b }
    }
}

impl<A, B> Shape for Augment<A, B>
where
    A: Shape<Cols: DimPlus<B::Cols>, ParamCount: Join<B::ParamCount>>,
    B: Shape,
{
    type Rows = A::Rows;
    type Cols = <A::Cols as DimPlus<B::Cols>>::Output;
    type ParamCount = Joined<A, B>;

    const CHAINED: Chained = Chained::Augment;
    const OPERANDS: usize = Chained::Augment.operands::<A>() + 1;

    shape_of_pair!(scales_of_terms);
}

impl<T: Real, A, B, const R: usize, const L: usize, const N: usize, const C: usize>
    Pair<T, R, L, R, N, R, C> for Augment<A, B>
where
    A: ParamMatrix<T, R, L> + Shape<Cols = Const<L>, ParamCount: Join<B::ParamCount>>,
    B: ParamMatrix<T, R, N> + Shape<Cols = Const<N>>,
    Const<L>: DimPlus<Const<N>, Output = Const<C>>,
{
    type A = A;
    type B = B;

    const BILINEAR: bool = false;

    #[inline]
    fn operands(&self) -> (&A, &B) {
        (&self.a, &self.b)
    }

    #[inline]
    fn combine(a: &SMatrix<T, R, L>, b: &SMatrix<T, R, N>, out: &mut SMatrix<T, R, C>) {
        place_alone(&Partial::Dense(a), 0, 0, out);
        place(&Partial::Dense(b), 0, L, out);
    }

    #[inline]
    fn along_a(da: &Partial<'_, T, R, L>, _: &SMatrix<T, R, N>, out: &mut SMatrix<T, R, C>) {
        place_alone(da, 0, 0, out);
    }

    #[inline]
    fn along_b(_: &SMatrix<T, R, L>, db: &Partial<'_, T, R, N>, out: &mut SMatrix<T, R, C>) {
        place_alone(db, 0, L, out);
    }

    #[inline]
    fn weights_of_a(weights: &SMatrix<T, R, C>, _: &SMatrix<T, R, N>) -> SMatrix<T, R, L> {
        block(weights, 0, 0)
    }

    #[inline]
    fn weights_of_b(weights: &SMatrix<T, R, C>, _: &SMatrix<T, R, L>) -> SMatrix<T, R, N> {
        block(weights, 0, L)
    }
}

impl<T: Real, A, B, const R: usize, const L: usize, const N: usize, const C: usize>
    ParamMatrix<T, R, C> for Augment<A, B>
where
    A: ParamMatrix<T, R, L> + Shape<Cols = Const<L>, ParamCount: Join<B::ParamCount>>,
    B: ParamMatrix<T, R, N> + Shape<Cols = Const<N>>,
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
        let of_a = self.a.gradient_mul(&ta, &block(u, 0, 0));
        let of_b = self.b.gradient_mul(&tb, &block(u, L, 0));
        A::ParamCount::concat(of_a, of_b)
    }
}
