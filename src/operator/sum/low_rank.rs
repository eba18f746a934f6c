//! The form Z G Zᵀ + σ² W⁻¹ of a sum A + B, where Z consists of the designs of A and B side by
//! side.

use hybrid_array::ArraySize;
use nalgebra::SMatrix;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::low_rank::{LowRankForm, LowRankVisitor, OnDesign};
use crate::algebra::shape::Shape;
use crate::base::dim::Join;
use crate::base::scalar::Real;
use crate::operator::sum::Sum;

/// A visitor that receives the matrix A in the form Z G Zᵀ + σ² W⁻¹ and then visits the matrix B in
/// this form. The field `columns` is the number of columns of the fixed design of A.
pub(super) struct First<'a, B, V, const C: usize> {
    pub(super) b: &'a B,
    pub(super) columns: usize,
    pub(super) visitor: V,
}

impl<T, P, B, V, const R: usize, const C: usize> LowRankVisitor<T, P, R> for First<'_, B, V, C>
where
    T: Real,
    P: Join<B::ParamCount>,
    B: ParamMatrix<T, R, C>,
    V: LowRankVisitor<T, <P as Join<B::ParamCount>>::Output, R>,
{
    type Output = Option<V::Output>;

    fn visit<F: LowRankForm<T, R, ParamCount = P>>(self, a: &F) -> Option<V::Output> {
        self.b.low_rank(Second { a, columns: self.columns, visitor: self.visitor })
    }
}

/// A visitor that receives the matrix B in the form Z G Zᵀ + σ² W⁻¹, and passes on A + B in this
/// form.
struct Second<'a, F, V> {
    a: &'a F,
    columns: usize,
    visitor: V,
}

impl<T, P, F, V, const R: usize> LowRankVisitor<T, P, R> for Second<'_, F, V>
where
    T: Real,
    P: ArraySize,
    F: LowRankForm<T, R, ParamCount: Join<P>>,
    V: LowRankVisitor<T, <F::ParamCount as Join<P>>::Output, R>,
{
    type Output = V::Output;

    fn visit<G: LowRankForm<T, R, ParamCount = P>>(self, b: &G) -> V::Output {
        self.visitor.visit(&Both { a: self.a, b, columns: self.columns })
    }
}

/// The low-rank form of A + B.
struct Both<'a, F, G> {
    a: &'a F,
    b: &'a G,
    columns: usize,
}

impl<T, F, G, const R: usize> LowRankForm<T, R> for Both<'_, F, G>
where
    T: Real,
    F: LowRankForm<T, R, ParamCount: Join<G::ParamCount>>,
    G: LowRankForm<T, R>,
{
    type ParamCount = <F::ParamCount as Join<G::ParamCount>>::Output;

    fn write_design<const W: usize>(&self, first: usize, out: &mut SMatrix<T, R, W>) {
        self.a.write_design(first, out);
        self.b.write_design(first + self.columns, out);
    }

    fn write_weights(&self, out: &mut [T; R]) {
        self.a.write_weights(out);
        self.b.write_weights(out);
    }

    fn on_design<V: OnDesign<T, Self::ParamCount, D>, const D: usize>(
        &self,
        design: &SMatrix<T, D, D>,
        first: usize,
        visitor: V,
    ) -> V::Output {
        let from = first + self.columns;
        self.a.on_design(design, first, FirstTerm { b: self.b, design, from, visitor })
    }

    fn visit_components(
        &self,
        theta: &<Self::ParamCount as ArraySize>::ArrayType<T>,
        first: usize,
        each: &mut impl FnMut(usize, usize, T),
        variance: &mut T,
    ) {
        let (a, b) = F::ParamCount::split(theta);
        self.a.visit_components(&a, first, each, variance);
        self.b.visit_components(&b, first + self.columns, each, variance);
    }
}

/// A callback that receives the matrix A on a new design, which replaces the fixed design of A, and
/// then evaluates B on the new design.
struct FirstTerm<'a, G, T, V, const D: usize, const R: usize> {
    b: &'a G,
    design: &'a SMatrix<T, D, D>,
    from: usize,
    visitor: V,
}

impl<T, P, G, V, const D: usize, const R: usize> OnDesign<T, P, D> for FirstTerm<'_, G, T, V, D, R>
where
    T: Real,
    P: Join<G::ParamCount>,
    G: LowRankForm<T, R>,
    V: OnDesign<T, <P as Join<G::ParamCount>>::Output, D>,
{
    type Output = V::Output;

    fn take<A: ParamMatrix<T, D, D> + Shape<ParamCount = P>>(self, a: &A) -> V::Output {
        self.b.on_design(self.design, self.from, SecondTerm { a, visitor: self.visitor })
    }
}

/// A callback that receives the matrix B on a new design, which replaces the fixed design of B, and
/// passes on A + B on the new design.
struct SecondTerm<'a, A, V> {
    a: &'a A,
    visitor: V,
}

impl<T, P, A, V, const D: usize> OnDesign<T, P, D> for SecondTerm<'_, A, V>
where
    T: Real,
    P: ArraySize,
    A: ParamMatrix<T, D, D> + Shape<ParamCount: Join<P>>,
    V: OnDesign<T, <A::ParamCount as Join<P>>::Output, D>,
{
    type Output = V::Output;

    fn take<B: ParamMatrix<T, D, D> + Shape<ParamCount = P>>(self, b: &B) -> V::Output {
        self.visitor.take(&Sum { a: self.a, b })
    }
}
