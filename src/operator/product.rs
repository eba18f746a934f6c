//! The matrix product A B.

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
use crate::algebra::sparsity::{mul_by, tr_mul_of};
use crate::algebra::visit::Visitor;
use crate::base::dim::Join;
use crate::base::scalar::Real;
use crate::operator::pair;
use crate::operator::pair::{Pair, evaluate_pair, operands_of_pair, shape_of_pair};
use crate::transform::TransformVisitor;

/// The matrix product A B of a K×L matrix A and an L×N matrix B.
///
/// ```text
/// ∂(A B)/∂θ_A = ∂A B              ∂(A B)/∂θ_B = A ∂B
/// ```
///
/// ```
/// use covprop::nalgebra::Matrix2;
/// use covprop::operator::Product;
/// use covprop::prelude::*;
///
/// let l = LowerTriangularMatrix::<2, 2>::new();
/// let v = Product::new(l, Transpose::new(l));
/// assert_eq!(v.value(&[1.0, 2.0, 3.0, 1.0, 2.0, 3.0]), Matrix2::new(1.0, 2.0, 2.0, 13.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product<A, B> {
    a: A,
    b: B,
}

impl<A, B> Product<A, B> {
    /// Creates A B.
    #[must_use]
    pub const fn new<const L: usize>(a: A, b: B) -> Self
    where
        A: Shape<Cols = Const<L>>,
        B: Shape<Rows = Const<L>>,
    {
        Self { a, b }
    }

    const fn pair(&self) -> Operands<'_, A, B> {
        Operands { operator: Chained::Product, labels: [None; 2], a: &self.a, b: &self.b }
    }
}

impl<A, B> Shape for Product<A, B>
where
    A: Shape<ParamCount: Join<B::ParamCount>>,
    B: Shape,
{
    type Rows = A::Rows;
    type Cols = B::Cols;
    type ParamCount = Joined<A, B>;

    const CHAINED: Chained = Chained::Product;
    const OPERANDS: usize = Chained::Product.operands::<A>() + 1;

    shape_of_pair!(scales_of_factors);
}

impl<T: Real, A, B, const K: usize, const L: usize, const N: usize> Pair<T, K, L, L, N, K, N>
    for Product<A, B>
where
    A: ParamMatrix<T, K, L> + Shape<Cols = Const<L>, ParamCount: Join<B::ParamCount>>,
    B: ParamMatrix<T, L, N> + Shape<Rows = Const<L>>,
{
    type A = A;
    type B = B;

    const BILINEAR: bool = true;

    #[inline]
    fn operands(&self) -> (&A, &B) {
        (&self.a, &self.b)
    }

    #[inline]
    fn combine(a: &SMatrix<T, K, L>, b: &SMatrix<T, L, N>, out: &mut SMatrix<T, K, N>) {
        *out = mul_by(a, b, b);
    }

    #[inline]
    fn along_a(da: &Partial<'_, T, K, L>, b: &SMatrix<T, L, N>, out: &mut SMatrix<T, K, N>) {
        out.fill(T::zero());
        da.each(|i, l, x| {
            for j in 0..N {
                if let (Some(out), Some(&b)) = (out.get_mut((i, j)), b.get((l, j))) {
                    *out += x * b;
                }
            }
        });
    }

    #[inline]
    fn along_b(a: &SMatrix<T, K, L>, db: &Partial<'_, T, L, N>, out: &mut SMatrix<T, K, N>) {
        out.fill(T::zero());
        db.each(|l, j, x| {
            if let (Some(out), Some(a)) = (out.data.0.get_mut(j), a.data.0.get(l)) {
                for (out, &a) in out.iter_mut().zip(a) {
                    *out += a * x;
                }
            }
        });
    }

    #[inline]
    fn weights_of_a(weights: &SMatrix<T, K, N>, b: &SMatrix<T, L, N>) -> SMatrix<T, K, L> {
        let bt = b.transpose();
        mul_by(weights, &bt, &bt)
    }

    #[inline]
    fn weights_of_b(weights: &SMatrix<T, K, N>, a: &SMatrix<T, K, L>) -> SMatrix<T, L, N> {
        tr_mul_of(a, a, weights)
    }
}

impl<T: Real, A, B, const K: usize, const L: usize, const N: usize> ParamMatrix<T, K, N>
    for Product<A, B>
where
    A: ParamMatrix<T, K, L> + Shape<Cols = Const<L>, ParamCount: Join<B::ParamCount>>,
    B: ParamMatrix<T, L, N> + Shape<Rows = Const<L>>,
{
    evaluate_pair!(K, N);

    #[inline]
    fn gradient_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, N>,
    ) -> PerParam<Self, SVector<T, K>> {
        let (ta, tb) = A::ParamCount::split(theta);
        let (a, b) = (self.a.value(&ta), self.b.value(&tb));
        let of_a = self.a.gradient_mul(&ta, &mul_by(&b, u, u));
        let of_b = Array::<_, B::ParamCount>(self.b.gradient_mul(&tb, u));
        A::ParamCount::concat(of_a, of_b.map(|db_u| mul_by(&a, &db_u, &db_u)).0)
    }
}
