//! The composition of two transforms.

use crate::base::scalar::Real;
use crate::transform::{Jet, Transform};

/// The composition T(x) = B(A(x)) of two transforms, of which A is applied first.
///
/// Longer chains are nested: `Chain::new(Chain::new(a, b), c)`.
///
/// ```
/// use covprop::transform::{Chain, ScaleShift, Sigmoid, Transform};
///
/// // onto (−1, 1): the default transform of a correlation
/// let rho = Chain::new(Sigmoid, ScaleShift::new(2.0, -1.0));
/// assert_eq!(rho.forward(0.0), 0.0);
/// assert_eq!(rho.derivative(0.0), 0.5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chain<A, B> {
    first: A,
    second: B,
}

impl<A, B> Chain<A, B> {
    /// Creates the transform that applies `first` and then `second`.
    #[must_use]
    pub const fn new(first: A, second: B) -> Self {
        Self { first, second }
    }
}

impl<A: Transform, B: Transform> Transform for Chain<A, B> {
    #[inline]
    fn forward<T: Real>(&self, x: T) -> T {
        self.jet(x).value
    }

    #[inline]
    fn derivative<T: Real>(&self, x: T) -> T {
        self.jet(x).first
    }

    #[inline]
    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        self.second.inverse_after(&self.first, y)
    }

    #[inline]
    fn second_derivative<T: Real>(&self, x: T) -> T {
        self.jet(x).second
    }

    #[inline]
    fn jet<T: Real>(&self, x: T) -> Jet<T> {
        self.second.after(&self.first, x)
    }
}
