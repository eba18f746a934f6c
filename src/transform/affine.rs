//! The identity and the affine transform a x + b.

use nalgebra::convert;

use crate::base::scalar::Real;
use crate::transform::{Jet, Transform, finite, from_finite};

/// The identity T(x) = x.
///
/// ```
/// use covprop::transform::{Identity, Transform};
///
/// assert_eq!((Identity.forward(-3.0), Identity.derivative(-3.0)), (-3.0, 1.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identity;

impl Transform for Identity {
    #[inline]
    fn forward<T: Real>(&self, x: T) -> T {
        x
    }

    #[inline]
    fn derivative<T: Real>(&self, _: T) -> T {
        T::one()
    }

    #[inline]
    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        finite(y)
    }

    #[inline]
    fn rescale<T: Real>(&self, x: T, factor: T) -> Option<T> {
        from_finite(x, x * factor)
    }

    #[inline]
    fn second_derivative<T: Real>(&self, x: T) -> T {
        self.jet(x).second
    }

    #[inline]
    fn jet<T: Real>(&self, x: T) -> Jet<T> {
        Jet { value: x, first: T::one(), second: T::zero() }
    }
}

/// The affine transform T(x) = a x + b.
///
/// ```
/// use covprop::transform::{ScaleShift, Transform};
///
/// let t = ScaleShift::new(2.0, -1.0);
/// assert_eq!((t.forward(3.0), t.derivative(3.0), t.inverse(5.0)), (5.0, 2.0, Some(3.0)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleShift {
    /// The factor a.
    pub a: f64,
    /// The shift b.
    pub b: f64,
}

impl ScaleShift {
    /// Creates the transform a x + b.
    #[must_use]
    pub const fn new(a: f64, b: f64) -> Self {
        Self { a, b }
    }
}

impl Transform for ScaleShift {
    #[inline]
    fn forward<T: Real>(&self, x: T) -> T {
        convert::<_, T>(self.a) * x + convert(self.b)
    }

    #[inline]
    fn derivative<T: Real>(&self, _: T) -> T {
        convert(self.a)
    }

    #[inline]
    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        finite((y - convert(self.b)) / convert(self.a))
    }

    #[inline]
    fn after<T: Real, A: Transform>(&self, inner: &A, x: T) -> Jet<T> {
        inner.scaled(x, self.a, self.b)
    }

    #[inline]
    fn inverse_after<T: Real, A: Transform>(&self, inner: &A, y: T) -> Option<T> {
        inner.inverse_scaled(y, self.a, self.b)
    }

    #[inline]
    fn rescale<T: Real>(&self, x: T, factor: T) -> Option<T> {
        from_finite(x, x * factor + convert::<_, T>(self.b / self.a) * (factor - T::one()))
    }

    #[inline]
    fn second_derivative<T: Real>(&self, x: T) -> T {
        self.jet(x).second
    }

    #[inline]
    fn jet<T: Real>(&self, x: T) -> Jet<T> {
        Jet { value: self.forward(x), first: convert(self.a), second: T::zero() }
    }
}
