//! Transforms: from a free real number x to a parameter on its own scale, and back.
//!
//! Estimation and calibration move over all of ℝᴾ; a variance must stay positive and a correlation
//! inside (−1, 1). A [`Transform`] maps the one to the other, with its derivatives:
//!
//! | transform | T(x) | T′(x) | codomain |
//! |---|---|---|---|
//! | [`Identity`] | x | 1 | ℝ |
//! | [`Exp`] | eˣ | eˣ | (0, ∞) |
//! | [`Exp2`] | 2ˣ | 2ˣ ln 2 | (0, ∞) |
//! | [`Exp10`] | 10ˣ | 10ˣ ln 10 | (0, ∞) |
//! | [`ExpPow2`] | e²ˣ | 2 e²ˣ | (0, ∞) |
//! | [`Sigmoid`] | 1/(1+e⁻ˣ) | T(x)(1−T(x)) | (0, 1) |
//! | [`ScaleShift`] | a x + b | a | ℝ |
//! | [`Pow`] | xᵖ | p xᵖ⁻¹ | depends on p |
//! | [`Chain`] | B(A(x)) | B′(A(x)) A′(x) | |
//!
//! [`ExpPow2`] takes a log standard deviation to a variance, the parametrisation of Pinheiro & Bates
//! (1996), "Unconstrained parametrizations for variance-covariance matrices", Statistics and
//! Computing 6, 289–296.

use nalgebra::convert;

use crate::Real;

/// A differentiable map from a free real number to a parameter's own scale.
///
/// To write one's own, implement [`forward`](Self::forward), [`derivative`](Self::derivative) and
/// [`inverse`](Self::inverse); the others have default bodies.
///
/// ```
/// use covprop::{ExpPow2, Transform};
///
/// // a standard deviation of 3, as its logarithm, is a variance of 9
/// let x = 3.0_f64.ln();
/// assert!((ExpPow2.forward(x) - 9.0).abs() < 1e-14);
/// assert!((ExpPow2.derivative(x) - 18.0).abs() < 1e-14);
/// assert_eq!(ExpPow2.inverse(-9.0), None);
/// ```
pub trait Transform {
    /// T(x).
    fn forward<T: Real>(&self, x: T) -> T;

    /// T′(x).
    fn derivative<T: Real>(&self, x: T) -> T;

    /// The x with T(x) = y; `None` where y is outside the codomain, or so near its end that no x
    /// is left. Where two x give the same y ([`Pow`] with an even p), the positive one.
    fn inverse<T: Real>(&self, y: T) -> Option<T>;

    /// T″(x): by default the central difference of [`derivative`](Self::derivative) over x ± h with
    /// h = ε^⅓ max(1, |x|), about ten digits in `f64`. Every transform here has the exact one.
    fn second_derivative<T: Real>(&self, x: T) -> T {
        let h = T::default_epsilon().cbrt() * x.abs().max(T::one());
        (self.derivative(x + h) - self.derivative(x - h)) / (h + h)
    }

    /// T(x), T′(x) and T″(x), with what they share evaluated once.
    #[inline]
    fn jet<T: Real>(&self, x: T) -> Jet<T> {
        Jet { value: self.forward(x), first: self.derivative(x), second: self.second_derivative(x) }
    }

    /// The jet of a T(x) + b. A transform overrides it where the sum would cancel digits of T(x).
    #[inline]
    fn scaled<T: Real>(&self, x: T, a: f64, b: f64) -> Jet<T> {
        let jet = self.jet(x);
        let a = convert::<_, T>(a);
        Jet { value: a * jet.value + convert(b), first: a * jet.first, second: a * jet.second }
    }

    /// The x with a T(x) + b = y. A transform that overrides [`scaled`](Self::scaled) overrides it too.
    #[inline]
    fn inverse_scaled<T: Real>(&self, y: T, a: f64, b: f64) -> Option<T> {
        self.inverse(ScaleShift::new(a, b).inverse(y)?)
    }

    /// The x with T(A(x)) = y for an inner transform A: what [`Chain`] inverts.
    #[inline]
    fn inverse_after<T: Real, A: Transform>(&self, inner: &A, y: T) -> Option<T> {
        inner.inverse(self.inverse(y)?)
    }

    /// The jet of T(A(x)) for an inner transform A: what [`Chain`] evaluates. [`ScaleShift`] overrides
    /// it by the inner [`scaled`](Self::scaled).
    #[inline]
    fn after<T: Real, A: Transform>(&self, inner: &A, x: T) -> Jet<T> {
        let inner = inner.jet(x);
        let outer = self.jet(inner.value);
        Jet {
            value: outer.value,
            first: outer.first * inner.first,
            second: outer.second * inner.first * inner.first + outer.first * inner.second,
        }
    }
}

/// A value with its first and second derivative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jet<T> {
    /// T(x).
    pub value: T,
    /// T′(x).
    pub first: T,
    /// T″(x).
    pub second: T,
}

/// `x` where it is a finite number.
fn finite<T: Real>(x: T) -> Option<T> {
    x.is_finite().then_some(x)
}

/// The logarithm of a positive number.
fn ln<T: Real>(y: T) -> Option<T> {
    if y > T::zero() { finite(y.ln()) } else { None }
}

/// T(x) = x.
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
    fn second_derivative<T: Real>(&self, x: T) -> T {
        self.jet(x).second
    }

    #[inline]
    fn jet<T: Real>(&self, x: T) -> Jet<T> {
        Jet { value: x, first: T::one(), second: T::zero() }
    }
}

/// T(x) = eˣ: a logarithm to a positive number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        ln(y)
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

/// T(x) = 2ˣ.
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
    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        if y > T::zero() { finite(y.log2()) } else { None }
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

/// T(x) = 10ˣ: decades.
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
    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        if y > T::zero() { finite(y.log10()) } else { None }
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

/// T(x) = e²ˣ: a log standard deviation to a variance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        ln(y).map(|x| x * convert(0.5))
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

/// T(x) = 1/(1+e⁻ˣ): log odds to a probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

    /// ln (y / (1−y)).
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

    /// Onto (b, a + b), from the nearer end; onto (−c, c) as c tanh(x/2), which is exact about 0.
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

    /// ln (y − b) − ln (a + b − y); from (−c, c) as 2 atanh(y/c), which is exact about 0.
    #[inline]
    fn inverse_scaled<T: Real>(&self, y: T, a: f64, b: f64) -> Option<T> {
        if !symmetric(a, b) {
            return ln((y - convert(b)) / (convert::<_, T>(a + b) - y));
        }
        let t = y / convert(0.5 * a);
        if t.abs() < T::one() { finite(((t + t) / (T::one() - t)).ln_1p()) } else { None }
    }
}

/// Whether (b, a + b) is (−c, c).
const fn symmetric(a: f64, b: f64) -> bool {
    b + 0.5 * a == 0.0
}

/// What 1/(1+e⁻ˣ), tanh(x/2) and their derivatives share. With e = e^−|x| ≤ 1 nothing overflows:
/// T is 1/(1+e) or e/(1+e), T′ is e/(1+e)², |tanh(x/2)| is (1−e)/(1+e), and T″ is −T′ tanh(x/2).
struct LogOdds<T> {
    negative: bool,
    e: T,
    one_minus_e: T,
    /// 1/(1+e).
    scale: T,
}

impl<T: Real> LogOdds<T> {
    #[inline]
    fn new(x: T) -> Self {
        let negative = x < T::zero();
        let minus_abs = if negative { x } else { -x };
        // 1 − e keeps its digits where x is small, e keeps its own where x is large.
        let (e, one_minus_e) = if minus_abs > -T::one() {
            let e_minus_one = minus_abs.exp_m1();
            (T::one() + e_minus_one, -e_minus_one)
        } else {
            let e = minus_abs.exp();
            (e, T::one() - e)
        };
        Self { negative, e, one_minus_e, scale: T::one() / (T::one() + e) }
    }

    #[inline]
    fn tanh(&self) -> T {
        let tanh = self.one_minus_e * self.scale;
        if self.negative { -tanh } else { tanh }
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

/// T(x) = a x + b.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaleShift {
    /// The factor.
    pub a: f64,
    /// The shift.
    pub b: f64,
}

impl ScaleShift {
    /// a x + b.
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
    fn second_derivative<T: Real>(&self, x: T) -> T {
        self.jet(x).second
    }

    #[inline]
    fn jet<T: Real>(&self, x: T) -> Jet<T> {
        Jet { value: self.forward(x), first: convert(self.a), second: T::zero() }
    }
}

/// T(x) = xᵖ, p = 2 by default: a standard deviation to a variance.
///
/// A whole p is defined for every x (x ≠ 0 where p < 0), any other for x > 0 (x = 0 too where
/// p > 0); elsewhere the result is NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pow {
    /// The power.
    pub p: f64,
}

impl Pow {
    /// xᵖ.
    #[must_use]
    pub const fn new(p: f64) -> Self {
        Self { p }
    }

    /// xᵖ; by [`powi`](nalgebra::ComplexField::powi) where p is whole, since the logarithm through
    /// which dual numbers raise to a real power knows no negative x.
    fn power<T: Real>(x: T, p: f64) -> T {
        match whole(p) {
            Some(0) => T::one(),
            Some(1) => x,
            Some(2) => x * x,
            Some(p) => x.powi(p),
            None => x.powf(convert(p)),
        }
    }

    /// c xᵖ, and 0 where c is 0 though xᵖ may be infinite.
    fn term<T: Real>(c: f64, x: T, p: f64) -> T {
        if c == 0.0 { T::zero() } else { convert::<_, T>(c) * Self::power(x, p) }
    }
}

/// The whole number that `p` is, if it is one.
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

    /// y^(1/p), which is negative for a negative y where p is odd; none where p is 0.
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

/// Two transforms one after the other, left to right: T(x) = B(A(x)).
///
/// Longer chains nest: `Chain::new(Chain::new(a, b), c)`.
///
/// ```
/// use covprop::{Chain, ScaleShift, Sigmoid, Transform};
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
    /// `first`, then `second`.
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
