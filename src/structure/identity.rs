//! The identity matrix I.

use nalgebra::{Const, SMatrix};
use typenum::U0;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::low_rank::{LowRankForm, LowRankVisitor, OnDesign};
use crate::algebra::shape::low_rank::{LowRank, Residual};
use crate::algebra::shape::{Shape, SparsityPattern};
use crate::base::scalar::Real;

/// The N×N identity matrix I, which has no parameters.
///
/// ```
/// use covprop::prelude::*;
///
/// let i = IdentityMatrix::<2>::new();
/// assert_eq!(i.value(&[0.0; 0]), nalgebra::Matrix2::new(1.0, 0.0, 0.0, 1.0));
/// assert_eq!(i.param_names().len(), 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IdentityMatrix<const N: usize>;

impl<const N: usize> IdentityMatrix<N> {
    /// Creates the identity matrix.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<const N: usize> Shape for IdentityMatrix<N> {
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = U0;

    const SYMMETRIC: bool = true;
    const SPARSITY: SparsityPattern = SparsityPattern::Identity;
    const LOW_RANK: LowRank = LowRank::of(Residual::Identity);
}

impl<T: Real, const N: usize> ParamMatrix<T, N, N> for IdentityMatrix<N> {
    #[inline]
    fn value(&self, _: &[T; 0]) -> SMatrix<T, N, N> {
        SMatrix::from_diagonal_element(T::one())
    }

    #[inline]
    fn gradient(&self, _: &[T; 0]) -> [SMatrix<T, N, N>; 0] {
        []
    }

    fn low_rank<V: LowRankVisitor<T, U0, N>>(&self, visitor: V) -> Option<V::Output> {
        Some(visitor.visit(self))
    }
}

impl<T: Real, const N: usize> LowRankForm<T, N> for IdentityMatrix<N> {
    type ParamCount = U0;

    fn write_design<const W: usize>(&self, _: usize, _: &mut SMatrix<T, N, W>) {}

    fn on_design<V: OnDesign<T, U0, D>, const D: usize>(
        &self,
        _: &SMatrix<T, D, D>,
        _: usize,
        visitor: V,
    ) -> V::Output {
        visitor.take(&IdentityMatrix::<D>)
    }

    fn visit_components(
        &self,
        _: &[T; 0],
        _: usize,
        _: &mut impl FnMut(usize, usize, T),
        variance: &mut T,
    ) {
        *variance += T::one();
    }
}
