//! Second derivatives of an operator f(A, B), in blocks for the parameters of A and of B.

use hybrid_array::{Array, ArraySize};
use nalgebra::SMatrix;
use typenum::Unsigned;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::shape::{Curvature, Joined, PerParam, Shape, Theta};
use crate::base::arrays::{filled, square};
use crate::base::dim::Join;
use crate::base::scalar::Real;
use crate::operator::pair::Pair;

/// An array `[E; P_A + P_B]` with one element for each parameter of A and B.
type JoinedParams<A, B, E> = <Joined<A, B> as ArraySize>::ArrayType<E>;

/// Computes the matrix of the second derivatives of ⟨W, f(A, B)⟩ for a fixed weight matrix W.
///
/// The diagonal blocks are ⟨W_A, ∂²A⟩ and ⟨W_B, ∂²B⟩, where W_A and W_B are the weights of the
/// entries of A and of B in the sum ⟨W, f(A, B)⟩. If the operator f is bilinear, the off-diagonal
/// block has one row for each derivative ∂A. The row for ∂A is the gradient of ⟨W, f(∂A, B)⟩ with
/// respect to the parameters of B.
#[inline]
pub(crate) fn curvature<
    T,
    O,
    const K: usize,
    const L: usize,
    const M: usize,
    const N: usize,
    const R: usize,
    const C: usize,
>(
    operator: &O,
    theta: &Theta<O, T>,
    weights: &SMatrix<T, R, C>,
) -> Curvature<O, T>
where
    T: Real,
    O: Pair<T, K, L, M, N, R, C>,
{
    let (a, b) = operator.operands();
    let (ta, tb) = <O::A as Shape>::ParamCount::split(theta);
    let of_a = a.curvature(&ta, &O::weights_of_a(weights, &b.value(&tb)));
    let of_b = b.curvature(&tb, &O::weights_of_b(weights, &a.value(&ta)));
    let mut across = no_cross::<T, O::A, O::B>();
    if O::BILINEAR && <O::B as Shape>::ParamCount::USIZE > 0 {
        let rows = across.as_mut();
        a.for_each_derivative(&ta, |k, da| {
            let mut full = SMatrix::zeros();
            da.write(&mut full);
            if let Some(row) = rows.get_mut(k) {
                *row = b.pullback(&tb, &O::weights_of_b(weights, &full));
            }
        });
    }
    join_curvature::<T, O::A, O::B>(&of_a, &across, &of_b)
}

/// The off-diagonal block `[[T; P_B]; P_A]`, with one row for each parameter of A and one column
/// for each parameter of B.
pub(crate) type MixedCurvature<A, B, T> = PerParam<A, Theta<B, T>>;

/// Returns an off-diagonal block of zeros, for an operator f(A, B) that is not bilinear.
#[inline]
pub(crate) fn no_cross<T: Real, A: Shape, B: Shape>() -> MixedCurvature<A, B, T> {
    Array::<_, A::ParamCount>::from_fn(|_| filled::<B::ParamCount, T>(T::zero())).0
}

/// Joins the blocks of second derivatives (two diagonal, one off-diagonal) to one symmetric matrix.
#[inline]
pub(crate) fn join_curvature<T: Real, A, B>(
    of_a: &Curvature<A, T>,
    across: &MixedCurvature<A, B, T>,
    of_b: &Curvature<B, T>,
) -> JoinedParams<A, B, JoinedParams<A, B, T>>
where
    A: Shape<ParamCount: Join<B::ParamCount>>,
    B: Shape,
{
    let mut joined = square::<Joined<A, B>, T>();
    let rows = joined.as_mut();
    let mut put = |k: usize, l: usize, x: T| {
        if let Some(out) = rows.get_mut(k).and_then(|row| row.as_mut().get_mut(l)) {
            *out = x;
        }
    };
    for (k, (of_a, across)) in of_a.as_ref().iter().zip(across.as_ref()).enumerate() {
        for (l, &x) in of_a.as_ref().iter().enumerate() {
            put(k, l, x);
        }
        for (l, &x) in across.as_ref().iter().enumerate() {
            put(k, A::ParamCount::USIZE + l, x);
            put(A::ParamCount::USIZE + l, k, x);
        }
    }
    for (k, of_b) in of_b.as_ref().iter().enumerate() {
        for (l, &x) in of_b.as_ref().iter().enumerate() {
            put(A::ParamCount::USIZE + k, A::ParamCount::USIZE + l, x);
        }
    }
    joined
}
