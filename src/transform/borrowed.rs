//! The implementation of [`Transform`] for references to transforms.

use crate::base::scalar::Real;
use crate::transform::{Jet, Transform};

impl<F: Transform> Transform for &F {
    #[inline]
    fn forward<T: Real>(&self, x: T) -> T {
        F::forward(self, x)
    }

    #[inline]
    fn derivative<T: Real>(&self, x: T) -> T {
        F::derivative(self, x)
    }

    #[inline]
    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        F::inverse(self, y)
    }

    #[inline]
    fn limits<T: Real>(&self) -> [T; 2] {
        F::limits(self)
    }

    #[inline]
    fn rescale<T: Real>(&self, x: T, factor: T) -> Option<T> {
        F::rescale(self, x, factor)
    }

    #[inline]
    fn second_derivative<T: Real>(&self, x: T) -> T {
        F::second_derivative(self, x)
    }

    #[inline]
    fn jet<T: Real>(&self, x: T) -> Jet<T> {
        F::jet(self, x)
    }

    #[inline]
    fn scaled<T: Real>(&self, x: T, a: f64, b: f64) -> Jet<T> {
        F::scaled(self, x, a, b)
    }

    #[inline]
    fn inverse_scaled<T: Real>(&self, y: T, a: f64, b: f64) -> Option<T> {
        F::inverse_scaled(self, y, a, b)
    }

    #[inline]
    fn inverse_after<T: Real, A: Transform>(&self, inner: &A, y: T) -> Option<T> {
        F::inverse_after(self, inner, y)
    }

    #[inline]
    fn after<T: Real, A: Transform>(&self, inner: &A, x: T) -> Jet<T> {
        F::after(self, inner, x)
    }
}
