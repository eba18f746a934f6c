//! A visitor that passes on only the derivatives with respect to parameters that are not tied to
//! other parameters.

use nalgebra::SMatrix;

use crate::algebra::derivative::Partial;
use crate::algebra::shape::Shape;
use crate::algebra::visit::Visitor;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::operator::constrained::Constrained;

/// A visitor of the inner matrix of a [`Constrained`]. It passes on the value, and each derivative
/// with respect to a free parameter that determines exactly one parameter of the inner matrix.
pub(super) struct Alone<'a, V, M: Shape, T, const K: usize> {
    pub(super) outer: &'a mut V,
    pub(super) constrained: &'a Constrained<M, T, K>,
}

impl<V, M: Shape, T, const K: usize> Alone<'_, V, M, T, K> {
    fn free(&self, k: usize) -> Option<usize> {
        let free = self.constrained.free_of(k)?;
        self.constrained.tied_to(free).nth(1).is_none().then_some(free)
    }
}

impl<V, M, T, const K: usize, const R: usize, const C: usize> Visitor<T, R, C>
    for Alone<'_, V, M, T, K>
where
    T: Real,
    V: Visitor<T, R, C>,
    M: Shape,
{
    const VALUE: bool = V::VALUE;
    const DERIVATIVES: bool = V::DERIVATIVES;

    #[inline]
    fn value(&mut self, write: impl FnOnce(&mut SMatrix<T, R, C>)) {
        self.outer.value(write);
    }

    #[inline]
    fn undefined(&mut self, error: Error) {
        self.outer.undefined(error);
    }

    #[inline]
    fn derivative(&mut self, k: usize, derivative: Partial<'_, T, R, C>) {
        if let Some(free) = self.free(k) {
            self.outer.derivative(free, derivative);
        }
    }

    #[inline]
    fn derivative_by(&mut self, k: usize, write: impl FnOnce(&mut SMatrix<T, R, C>)) {
        if let Some(free) = self.free(k) {
            self.outer.derivative_by(free, write);
        }
    }

    #[inline]
    fn value_of_root<const N: usize>(
        &mut self,
        root: &SMatrix<T, R, N>,
        write: impl FnOnce(&mut SMatrix<T, R, C>),
    ) {
        self.outer.value_of_root(root, write);
    }
}
