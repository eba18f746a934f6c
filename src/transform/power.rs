//! Powers of x.

use nalgebra::convert;

use crate::base::scalar::Real;
use crate::transform::{Jet, Transform, finite, from_finite};

/// The transform T(x) = xᵖ. The default exponent p = 2 maps a standard deviation to a variance.
///
/// For an integer p, the power xᵖ is defined for every x, except x = 0 if p < 0. For a p that is
/// not an integer, the power xᵖ is defined for x > 0, and for x = 0 if p > 0. Where the power xᵖ is
/// not defined, the result is NaN or infinite.
///
/// ```
/// use covprop::transform::{Pow, Transform};
///
/// let square = Pow::default();
/// assert_eq!((square.forward(-3.0), square.derivative(-3.0)), (9.0, -6.0));
/// assert_eq!(square.inverse(9.0), Some(3.0)); // of the two, the positive one
/// assert!(Pow::new(0.5).forward(-1.0_f64).is_nan());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pow {
    /// The exponent p.
    pub p: f64,
}

impl Pow {
    /// Creates the transform xᵖ.
    #[must_use]
    pub const fn new(p: f64) -> Self {
        Self { p }
    }

    /// Computes xᵖ. For an integer p, calls [`powi`](nalgebra::ComplexField::powi), because dual
    /// numbers compute real powers by a logarithm, which is not defined for a negative x.
    fn power<T: Real>(x: T, p: f64) -> T {
        match whole(p) {
            Some(0) => T::one(),
            Some(1) => x,
            Some(2) => x * x,
            Some(p) => x.powi(p),
            None => x.powf(convert(p)),
        }
    }

    /// Computes c xᵖ for a factor c. The result is 0 if c is 0, even if xᵖ is infinite.
    fn term<T: Real>(c: f64, x: T, p: f64) -> T {
        if c == 0.0 { T::zero() } else { convert::<_, T>(c) * Self::power(x, p) }
    }
}

/// Returns `p` as an integer if it is one.
fn whole(p: f64) -> Option<i32> {
    #[expect(clippy::cast_possible_truncation, reason = "compared with the original")]
    let whole = p as i32;
    (f64::from(whole) == p).then_some(whole)
}

impl Default for Pow {
    fn default() -> Self {
        Self::new(2.0)
    }
}

impl Transform for Pow {
    #[inline]
    fn forward<T: Real>(&self, x: T) -> T {
        Self::power(x, self.p)
    }

    #[inline]
    fn derivative<T: Real>(&self, x: T) -> T {
        Self::term(self.p, x, self.p - 1.0)
    }

    /// Returns the solution y^(1/p) of xᵖ = y, which is negative if y is negative and the exponent
    /// p is odd. Returns `None` if the exponent p is 0.
    #[inline]
    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        if self.p == 0.0 {
            return None;
        }
        let negative = y < T::zero();
        let root = Self::power(if negative { -y } else { y }, 1.0 / self.p);
        let odd = whole(self.p).is_some_and(|p| p % 2 != 0);
        match (negative, odd) {
            (false, _) => finite(root),
            (true, true) => finite(-root),
            (true, false) => None,
        }
    }

    /// Returns x · factor^(1/p), whose power p is `factor` times that of x, or `None` if the
    /// exponent p is 0.
    #[inline]
    fn rescale<T: Real>(&self, x: T, factor: T) -> Option<T> {
        if self.p == 0.0 { None } else { from_finite(x, x * Self::power(factor, 1.0 / self.p)) }
    }

    #[inline]
    fn second_derivative<T: Real>(&self, x: T) -> T {
        self.jet(x).second
    }

    #[inline]
    fn jet<T: Real>(&self, x: T) -> Jet<T> {
        Jet {
            value: Self::power(x, self.p),
            first: Self::term(self.p, x, self.p - 1.0),
            second: Self::term(self.p * (self.p - 1.0), x, self.p - 2.0),
        }
    }
}
