//! The Hadamard product A ∘ B.

use core::fmt;

use nalgebra::{Const, SMatrix, SVector};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::operands::Operands;
use crate::algebra::shape::name::Chained;
use crate::algebra::shape::{Curvature, Gradient, Joined, PerParam, Shape, Theta};
use crate::algebra::visit::Visitor;
use crate::base::arrays::filled;
use crate::base::dim::{Extent, Join};
use crate::base::scalar::Real;
use crate::operator::pair;
use crate::operator::pair::{Pair, evaluate_pair, operands_of_pair, shape_of_pair};
use crate::transform::TransformVisitor;

/// The Hadamard product A ∘ B, with entries Aᵢⱼ Bᵢⱼ, of two matrices of the same size.
///
/// The Hadamard product of two positive semi-definite matrices is positive semi-definite (Schur
/// 1911, Journal für die reine und angewandte Mathematik 140, 1–28). An example is the Hadamard
/// product of a known relationship matrix and a correlation between environments.
///
/// ```text
/// ∂(A ∘ B)/∂θ_A = ∂A ∘ B              ∂(A ∘ B)/∂θ_B = A ∘ ∂B
/// ```
///
/// ```
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
///
/// let v = HadamardProduct::new(Matrix2::new(1.0, 2.0, 3.0, 4.0), Matrix2::new(1.0, 0.5, 0.5, 1.0));
/// assert_eq!(v.value(&[]), Matrix2::new(1.0, 1.0, 1.5, 4.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "Schur product")]
#[doc(alias = "component_mul")]
pub struct HadamardProduct<A, B> {
    pub(crate) a: A,
    pub(crate) b: B,
}

impl<A, B> HadamardProduct<A, B> {
    /// Creates A ∘ B.
    #[must_use]
    pub const fn new<const R: usize, const C: usize>(a: A, b: B) -> Self
    where
        A: Shape<Rows = Const<R>, Cols = Const<C>>,
        B: Extent<Size = (Const<R>, Const<C>)>,
    {
        Self { a, b }
    }

    const fn pair(&self) -> Operands<'_, A, B> {
        Operands { operator: Chained::Hadamard, labels: [None; 2], a: &self.a, b: &self.b }
    }
}

impl<A, B> Shape for HadamardProduct<A, B>
where
    A: Shape<ParamCount: Join<B::ParamCount>>,
    B: Shape,
{
    type Rows = A::Rows;
    type Cols = A::Cols;
    type ParamCount = Joined<A, B>;

    const SYMMETRIC: bool = A::SYMMETRIC && B::SYMMETRIC;
    const CHAINED: Chained = Chained::Hadamard;
    const OPERANDS: usize = Chained::Hadamard.operands::<A>() + 1;

    shape_of_pair!(scales_of_entries);
}

impl<T: Real, A, B, const R: usize, const C: usize> Pair<T, R, C, R, C, R, C>
    for HadamardProduct<A, B>
where
    A: ParamMatrix<T, R, C> + Shape<ParamCount: Join<B::ParamCount>>,
    B: ParamMatrix<T, R, C>,
{
    type A = A;
    type B = B;

    const BILINEAR: bool = true;

    #[inline]
    fn operands(&self) -> (&A, &B) {
        (&self.a, &self.b)
    }

    #[inline]
    fn combine(a: &SMatrix<T, R, C>, b: &SMatrix<T, R, C>, out: &mut SMatrix<T, R, C>) {
        *out = a.component_mul(b);
    }

    #[inline]
    fn along_a(da: &Partial<'_, T, R, C>, b: &SMatrix<T, R, C>, out: &mut SMatrix<T, R, C>) {
        out.fill(T::zero());
        da.each(|i, j, x| {
            if let (Some(out), Some(&b)) = (out.get_mut((i, j)), b.get((i, j))) {
                *out = x * b;
            }
        });
    }

    #[inline]
    fn along_b(a: &SMatrix<T, R, C>, db: &Partial<'_, T, R, C>, out: &mut SMatrix<T, R, C>) {
        Self::along_a(db, a, out);
    }

    #[inline]
    fn weights_of_a(weights: &SMatrix<T, R, C>, b: &SMatrix<T, R, C>) -> SMatrix<T, R, C> {
        weights.component_mul(b)
    }

    #[inline]
    fn weights_of_b(weights: &SMatrix<T, R, C>, a: &SMatrix<T, R, C>) -> SMatrix<T, R, C> {
        weights.component_mul(a)
    }
}

impl<T: Real, A, B, const R: usize, const C: usize> ParamMatrix<T, R, C> for HadamardProduct<A, B>
where
    A: ParamMatrix<T, R, C> + Shape<ParamCount: Join<B::ParamCount>>,
    B: ParamMatrix<T, R, C>,
{
    evaluate_pair!(R, C);

    #[inline]
    fn gradient_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, C>,
    ) -> PerParam<Self, SVector<T, R>> {
        let (ta, tb) = A::ParamCount::split(theta);
        let (a, b) = (self.a.value(&ta), self.b.value(&tb));
        A::ParamCount::concat(
            products(&self.a, &ta, |i, j, x, out| add_product(i, j, x, &b, u, out)),
            products(&self.b, &tb, |i, j, x, out| add_product(i, j, x, &a, u, out)),
        )
    }
}

/// Calls `f(i, j, ∂Aᵢⱼ, out)` for each entry (i, j) of each derivative ∂A of a matrix A, where
/// `out` is a vector for the parameter of the derivative. Returns the vectors `out` that `f`
/// accumulates, one for each parameter of A.
#[inline]
fn products<T, M, const R: usize, const C: usize>(
    matrix: &M,
    theta: &Theta<M, T>,
    f: impl Fn(usize, usize, T, &mut SVector<T, R>),
) -> PerParam<M, SVector<T, R>>
where
    T: Real,
    M: ParamMatrix<T, R, C>,
{
    let mut products = filled::<M::ParamCount, _>(SVector::zeros());
    let slots = products.as_mut();
    matrix.for_each_derivative(theta, |k, derivative| {
        if let Some(out) = slots.get_mut(k) {
            derivative.each(|i, j, x| f(i, j, x, out));
        }
    });
    products
}

/// For one nonzero entry of a derivative ∂A, adds its contribution to the vector (∂A ∘ B) u.
#[inline]
fn add_product<T: Real, const R: usize, const C: usize>(
    i: usize,
    j: usize,
    x: T,
    b: &SMatrix<T, R, C>,
    u: &SVector<T, C>,
    out: &mut SVector<T, R>,
) {
    if let (Some(out), Some(&b), Some(&u)) = (out.get_mut(i), b.get((i, j)), u.get(j)) {
        *out += x * b * u;
    }
}
