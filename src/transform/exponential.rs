//! Exponential functions, which map onto the positive numbers.

use nalgebra::convert;

use crate::base::scalar::Real;
use crate::transform::{Jet, Transform, finite, from_finite, ln};

/// Returns the limits 0 and ∞ as constants, because the compiler does not evaluate e^−∞.
#[inline]
fn positive<T: Real>() -> [T; 2] {
    [T::zero(), T::one() / T::zero()]
}

/// The transform T(x) = eˣ, from a natural logarithm to a positive number.
///
/// ```
/// use covprop::transform::{Exp, Transform};
///
/// assert_eq!((Exp.forward(0.0), Exp.derivative(0.0)), (1.0, 1.0));
/// assert_eq!(Exp.inverse(-1.0), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "log variance")]
pub struct Exp;

impl Transform for Exp {
    #[inline]
    fn forward<T: Real>(&self, x: T) -> T {
        x.exp()
    }

    #[inline]
    fn derivative<T: Real>(&self, x: T) -> T {
        x.exp()
    }

    #[inline]
    fn limits<T: Real>(&self) -> [T; 2] {
        positive()
    }

    #[inline]
    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        ln(y)
    }

    #[inline]
    fn rescale<T: Real>(&self, x: T, factor: T) -> Option<T> {
        from_finite(x, x + factor.ln())
    }

    #[inline]
    fn second_derivative<T: Real>(&self, x: T) -> T {
        self.jet(x).second
    }

    #[inline]
    fn jet<T: Real>(&self, x: T) -> Jet<T> {
        let y = x.exp();
        Jet { value: y, first: y, second: y }
    }
}

/// The transform T(x) = 2ˣ, from a binary logarithm to a positive number.
///
/// ```
/// use covprop::transform::{Exp2, Transform};
///
/// assert_eq!(Exp2.forward(3.0), 8.0);
/// assert_eq!(Exp2.derivative(0.0), std::f64::consts::LN_2);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exp2;

impl Transform for Exp2 {
    #[inline]
    fn forward<T: Real>(&self, x: T) -> T {
        x.exp2()
    }

    #[inline]
    fn derivative<T: Real>(&self, x: T) -> T {
        x.exp2() * T::ln_2()
    }

    #[inline]
    fn limits<T: Real>(&self) -> [T; 2] {
        positive()
    }

    #[inline]
    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        if y > T::zero() { finite(y.log2()) } else { None }
    }

    #[inline]
    fn rescale<T: Real>(&self, x: T, factor: T) -> Option<T> {
        from_finite(x, x + factor.log2())
    }

    #[inline]
    fn second_derivative<T: Real>(&self, x: T) -> T {
        self.jet(x).second
    }

    #[inline]
    fn jet<T: Real>(&self, x: T) -> Jet<T> {
        let (y, ln) = (x.exp2(), T::ln_2());
        Jet { value: y, first: y * ln, second: y * ln * ln }
    }
}

/// The transform T(x) = 10ˣ, from a decimal logarithm to a positive number.
///
/// ```
/// use covprop::transform::{Exp10, Transform};
///
/// assert!((Exp10.forward(-2.0_f64) - 0.01).abs() < 1e-16);
/// assert_eq!(Exp10.derivative(0.0), std::f64::consts::LN_10);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exp10;

impl Transform for Exp10 {
    #[inline]
    fn forward<T: Real>(&self, x: T) -> T {
        convert::<_, T>(10.0).powf(x)
    }

    #[inline]
    fn derivative<T: Real>(&self, x: T) -> T {
        self.forward(x) * T::ln_10()
    }

    #[inline]
    fn limits<T: Real>(&self) -> [T; 2] {
        positive()
    }

    #[inline]
    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        if y > T::zero() { finite(y.log10()) } else { None }
    }

    #[inline]
    fn rescale<T: Real>(&self, x: T, factor: T) -> Option<T> {
        from_finite(x, x + factor.log10())
    }

    #[inline]
    fn second_derivative<T: Real>(&self, x: T) -> T {
        self.jet(x).second
    }

    #[inline]
    fn jet<T: Real>(&self, x: T) -> Jet<T> {
        let (y, ln) = (self.forward(x), T::ln_10());
        Jet { value: y, first: y * ln, second: y * ln * ln }
    }
}

/// The transform T(x) = e²ˣ, from the logarithm of a standard deviation to a variance.
///
/// ```
/// use covprop::transform::{ExpPow2, Transform};
///
/// assert!((ExpPow2.forward(3.0_f64.ln()) - 9.0).abs() < 1e-14); // σ = 3
/// assert_eq!(ExpPow2.derivative(0.0), 2.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "log standard deviation")]
pub struct ExpPow2;

impl Transform for ExpPow2 {
    #[inline]
    fn forward<T: Real>(&self, x: T) -> T {
        (x + x).exp()
    }

    #[inline]
    fn derivative<T: Real>(&self, x: T) -> T {
        self.jet(x).first
    }

    #[inline]
    fn limits<T: Real>(&self) -> [T; 2] {
        positive()
    }

    #[inline]
    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        ln(y).map(|x| x * convert(0.5))
    }

    #[inline]
    fn rescale<T: Real>(&self, x: T, factor: T) -> Option<T> {
        from_finite(x, x + factor.ln() * convert(0.5))
    }

    #[inline]
    fn second_derivative<T: Real>(&self, x: T) -> T {
        self.jet(x).second
    }

    #[inline]
    fn jet<T: Real>(&self, x: T) -> Jet<T> {
        let y = (x + x).exp();
        Jet { value: y, first: y + y, second: y * convert(4.0) }
    }
}
