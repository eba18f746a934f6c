//! The Kronecker product A ⊗ B.

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
use crate::base::arrays::filled;
use crate::base::dim::{DimTimes, Join};
use crate::base::scalar::Real;
use crate::operator::pair;
use crate::operator::pair::{Pair, evaluate_pair, operands_of_pair, shape_of_pair};
use crate::transform::TransformVisitor;

/// The Kronecker product A ⊗ B, whose block (i, j) is Aᵢⱼ B.
///
/// If A is K×L and B is M×N, the product is KM×LN. The sizes are multiplied at compile time, for
/// results up to 512. Typical examples are the covariances between the rows and between the columns
/// of a field, or between traits and between relatives (Henderson & Quaas 1976, Journal of Animal
/// Science 43, 1188–1197).
///
/// ```text
/// ∂(A ⊗ B)/∂θ_A = ∂A ⊗ B              ∂(A ⊗ B)/∂θ_B = A ⊗ ∂B
/// ```
///
/// If the covariance matrix V of a likelihood is A ⊗ B, then A and B are factored separately.
/// Factoring K×K and M×M matrices takes of the order of K³ + M³ operations, instead of (K M)³ for A
/// ⊗ B.
///
/// ```
/// use covprop::nalgebra::{Matrix2, Matrix4, RowVector2};
/// use covprop::prelude::*;
///
/// let v = KroneckerProduct::new(Matrix2::new(1.0, 2.0, 3.0, 4.0), RowVector2::new(1.0, 10.0));
/// assert_eq!(v.value(&[]), matrix![1.0, 10.0, 2.0, 20.0; 3.0, 30.0, 4.0, 40.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "tensor product")]
#[doc(alias = "separable")]
pub struct KroneckerProduct<A, B> {
    a: A,
    b: B,
}

impl<A, B> KroneckerProduct<A, B> {
    /// Creates A ⊗ B.
    #[must_use]
    pub const fn new(a: A, b: B) -> Self
    where
        A: Shape<Rows: DimTimes<B::Rows>, Cols: DimTimes<B::Cols>>,
        B: Shape,
    {
        Self { a, b }
    }

    const fn pair(&self) -> Operands<'_, A, B> {
        Operands { operator: Chained::Kronecker, labels: [None; 2], a: &self.a, b: &self.b }
    }
}

impl<A, B> Shape for KroneckerProduct<A, B>
where
    A: Shape<Rows: DimTimes<B::Rows>, Cols: DimTimes<B::Cols>, ParamCount: Join<B::ParamCount>>,
    B: Shape,
{
    type Rows = <A::Rows as DimTimes<B::Rows>>::Output;
    type Cols = <A::Cols as DimTimes<B::Cols>>::Output;
    type ParamCount = Joined<A, B>;

    const SYMMETRIC: bool = A::SYMMETRIC && B::SYMMETRIC;
    const CHAINED: Chained = Chained::Kronecker;
    const OPERANDS: usize = Chained::Kronecker.operands::<A>() + 1;

    shape_of_pair!(scales_of_factors);
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
> Pair<T, K, L, M, N, R, C> for KroneckerProduct<A, B>
where
    A: ParamMatrix<T, K, L>
        + Shape<Rows = Const<K>, Cols = Const<L>, ParamCount: Join<B::ParamCount>>,
    B: ParamMatrix<T, M, N> + Shape<Rows = Const<M>, Cols = Const<N>>,
    Const<K>: DimTimes<Const<M>, Output = Const<R>>,
    Const<L>: DimTimes<Const<N>, Output = Const<C>>,
{
    type A = A;
    type B = B;

    const BILINEAR: bool = true;
    const FACTORS_APART: bool = true;

    #[inline]
    fn operands(&self) -> (&A, &B) {
        (&self.a, &self.b)
    }

    #[inline]
    fn combine(a: &SMatrix<T, K, L>, b: &SMatrix<T, M, N>, out: &mut SMatrix<T, R, C>) {
        for (j, column) in out.data.0.iter_mut().enumerate() {
            for (i, out) in column.iter_mut().enumerate() {
                if let (Some(&a), Some(&b)) = (a.get((i / M, j / N)), b.get((i % M, j % N))) {
                    *out = a * b;
                }
            }
        }
    }

    #[inline]
    fn along_a(da: &Partial<'_, T, K, L>, b: &SMatrix<T, M, N>, out: &mut SMatrix<T, R, C>) {
        out.fill(T::zero());
        da.each(|row, col, x| {
            Partial::Dense(b).each(|i, j, b| {
                if let Some(out) = out.get_mut((row * M + i, col * N + j)) {
                    *out = x * b;
                }
            });
        });
    }

    #[inline]
    fn along_b(a: &SMatrix<T, K, L>, db: &Partial<'_, T, M, N>, out: &mut SMatrix<T, R, C>) {
        out.fill(T::zero());
        db.each(|i, j, x| {
            Partial::Dense(a).each(|row, col, a| {
                if let Some(out) = out.get_mut((row * M + i, col * N + j)) {
                    *out = a * x;
                }
            });
        });
    }

    /// From the weights W of the entries of A ⊗ B, computes the weights W_A of the entries of A:
    /// (W_A)ᵢⱼ = ⟨block (i, j) of W, B⟩.
    #[inline]
    fn weights_of_a(weights: &SMatrix<T, R, C>, b: &SMatrix<T, M, N>) -> SMatrix<T, K, L> {
        let mut out = SMatrix::<T, K, L>::zeros();
        Partial::Dense(weights).each(|i, j, w| {
            if let (Some(out), Some(&b)) = (out.get_mut((i / M, j / N)), b.get((i % M, j % N))) {
                *out += w * b;
            }
        });
        out
    }

    /// From the weights W of the entries of A ⊗ B, computes the weights W_B of the entries of B:
    /// W_B = Σᵢⱼ Aᵢⱼ · block (i, j) of W.
    #[inline]
    fn weights_of_b(weights: &SMatrix<T, R, C>, a: &SMatrix<T, K, L>) -> SMatrix<T, M, N> {
        let mut out = SMatrix::<T, M, N>::zeros();
        Partial::Dense(weights).each(|i, j, w| {
            if let (Some(out), Some(&a)) = (out.get_mut((i % M, j % N)), a.get((i / M, j / N))) {
                *out += w * a;
            }
        });
        out
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
> ParamMatrix<T, R, C> for KroneckerProduct<A, B>
where
    A: ParamMatrix<T, K, L>
        + Shape<Rows = Const<K>, Cols = Const<L>, ParamCount: Join<B::ParamCount>>,
    B: ParamMatrix<T, M, N> + Shape<Rows = Const<M>, Cols = Const<N>>,
    Const<K>: DimTimes<Const<M>, Output = Const<R>>,
    Const<L>: DimTimes<Const<N>, Output = Const<C>>,
{
    evaluate_pair!(R, C);

    /// Uses (A ⊗ B) u = vec(B U Aᵀ), where u = vec(U) stacks the columns of an N×L matrix U. The
    /// derivatives of (A ⊗ B) u = vec(B U Aᵀ) are vec(B U ∂Aᵀ) and vec(∂B U Aᵀ), so that ∂A
    /// multiplies the rows of B U, and ∂B multiplies the columns of U Aᵀ.
    #[inline]
    fn gradient_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, C>,
    ) -> PerParam<Self, SVector<T, R>> {
        let (ta, tb) = A::ParamCount::split(theta);
        let entry = |j: usize, i: usize| u.get(j * N + i).copied().unwrap_or_else(T::zero);
        let u = SMatrix::<T, N, L>::from_fn(|i, j| entry(j, i));
        let mut of_a = filled::<A::ParamCount, _>(SVector::<T, R>::zeros());
        let b_u = self.b.value(&tb) * u;
        for i in 0..M {
            let products = self.a.gradient_mul(&ta, &b_u.row(i).transpose());
            for (out, product) in of_a.as_mut().iter_mut().zip(products.as_ref()) {
                for (j, &x) in product.iter().enumerate() {
                    if let Some(out) = out.get_mut(j * M + i) {
                        *out = x;
                    }
                }
            }
        }
        let mut of_b = filled::<B::ParamCount, _>(SVector::<T, R>::zeros());
        let u_at = u * self.a.value(&ta).transpose();
        for j in 0..K {
            let products = self.b.gradient_mul(&tb, &u_at.column(j).into_owned());
            for (out, product) in of_b.as_mut().iter_mut().zip(products.as_ref()) {
                for (i, &x) in product.iter().enumerate() {
                    if let Some(out) = out.get_mut(j * M + i) {
                        *out = x;
                    }
                }
            }
        }
        A::ParamCount::concat(of_a, of_b)
    }
}
