//! The logistic function, from log odds to a probability.

use nalgebra::convert;

use crate::base::scalar::Real;
use crate::transform::{Jet, Transform, finite, ln};

/// The logistic function T(x) = 1/(1+e⁻ˣ), from log odds to a probability.
///
/// ```
/// use covprop::transform::{Sigmoid, Transform};
///
/// assert_eq!((Sigmoid.forward(0.0), Sigmoid.derivative(0.0)), (0.5, 0.25));
/// assert!((Sigmoid.forward(3.0_f64.ln()) - 0.75).abs() < 1e-15); // odds of 3 to 1
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "logistic")]
#[doc(alias = "logit")]
pub struct Sigmoid;

impl Transform for Sigmoid {
    #[inline]
    fn forward<T: Real>(&self, x: T) -> T {
        self.jet(x).value
    }

    #[inline]
    fn derivative<T: Real>(&self, x: T) -> T {
        self.jet(x).first
    }

    /// Returns ln (y / (1−y)).
    #[inline]
    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        if y > T::zero() && y < T::one() { finite((y / (T::one() - y)).ln()) } else { None }
    }

    #[inline]
    fn second_derivative<T: Real>(&self, x: T) -> T {
        self.jet(x).second
    }

    #[inline]
    fn jet<T: Real>(&self, x: T) -> Jet<T> {
        let odds = LogOdds::new(x);
        Jet {
            value: if odds.negative { odds.e * odds.scale } else { odds.scale },
            first: odds.first(),
            second: odds.second(),
        }
    }

    /// Computes the value and the first two derivatives of the logistic function mapped onto the
    /// interval (b, a + b). The value of the transform is computed from its distance to the nearer
    /// bound of the interval. For an interval (−c, c), the value of the transform is computed as c
    /// tanh(x/2), which is accurate near 0.
    #[inline]
    fn scaled<T: Real>(&self, x: T, a: f64, b: f64) -> Jet<T> {
        let odds = LogOdds::new(x);
        let factor = convert::<_, T>(a);
        let from_end = factor * odds.e * odds.scale;
        let value = if symmetric(a, b) {
            convert::<_, T>(0.5 * a) * odds.tanh()
        } else if odds.negative {
            convert::<_, T>(b) + from_end
        } else {
            convert::<_, T>(a + b) - from_end
        };
        Jet { value, first: factor * odds.first(), second: factor * odds.second() }
    }

    /// Returns ln (y − b) − ln (a + b − y). For an interval (−c, c), the inverse transform of y is
    /// computed as 2 atanh(y/c), which is accurate near 0 and near both bounds.
    #[inline]
    fn inverse_scaled<T: Real>(&self, y: T, a: f64, b: f64) -> Option<T> {
        if !symmetric(a, b) {
            return ln((y - convert(b)) / (convert::<_, T>(a + b) - y));
        }
        let t = y / convert(0.5 * a);
        let size = t.abs();
        if size >= T::one() {
            return None;
        }
        let x = ((size + size) / (T::one() - size)).ln_1p();
        finite(if t < T::zero() { -x } else { x })
    }
}

/// Returns `true` if the interval (b, a + b), onto which the logistic function is mapped, is
/// symmetric around 0.
const fn symmetric(a: f64, b: f64) -> bool {
    b + 0.5 * a == 0.0
}

/// The common terms of the logistic function T(x) = 1/(1+e⁻ˣ), tanh(x/2) and their derivatives. All
/// terms are computed from the number e = e^−|x| ≤ 1, so that no term overflows. The logistic
/// function is T(x) = 1/(1+e) for x ≥ 0 and e/(1+e) for x < 0. Its derivatives are T′ = e/(1+e)²
/// and T″ = −T′ tanh(x/2).
struct LogOdds<T> {
    negative: bool,
    e: T,
    /// The factor 1/(1+e) for e = e^−|x|.
    scale: T,
    /// The absolute value of tanh(x/2), computed from the number e = e^−|x| as (1−e)/(1+e) = 1 −
    /// 2e/(1+e).
    abs_tanh: T,
}

impl<T: Real> LogOdds<T> {
    #[inline]
    fn new(x: T) -> Self {
        let negative = x < T::zero();
        let minus_abs = if negative { x } else { -x };
        let one = T::one();
        // Near 0, the precision of 1 − e matters; far from 0, that of 1 − |tanh(x/2)|.
        if minus_abs > -one {
            let e_minus_one = minus_abs.exp_m1();
            let e = one + e_minus_one;
            let scale = one / (one + e);
            Self { negative, e, scale, abs_tanh: -e_minus_one * scale }
        } else {
            let e = minus_abs.exp();
            let scale = one / (one + e);
            Self { negative, e, scale, abs_tanh: one - (e + e) * scale }
        }
    }

    #[inline]
    fn tanh(&self) -> T {
        if self.negative { -self.abs_tanh } else { self.abs_tanh }
    }

    #[inline]
    fn first(&self) -> T {
        self.e * self.scale * self.scale
    }

    #[inline]
    fn second(&self) -> T {
        -self.first() * self.tanh()
    }
}
