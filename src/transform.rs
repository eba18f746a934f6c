//! Transforms from a free real number x to a parameter on its natural scale, and their inverses.
//!
//! Estimation and calibration search over all parameter vectors in ℝᴾ, whereas a variance must be
//! positive and a correlation must be in (−1, 1). A [`Transform`] maps a free real number to a
//! parameter in a range such as (−1, 1), and computes the derivatives:
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
//! The default transform of a correlation is tanh(x/2) = 2/(1+e⁻ˣ) − 1, a chain of [`Sigmoid`] and
//! 2x − 1, with values in (−1, 1).
//!
//! [`ExpPow2`] maps the logarithm of a standard deviation to a variance, the parametrisation of
//! Pinheiro & Bates (1996), "Unconstrained parametrizations for variance-covariance matrices",
//! Statistics and Computing 6, 289–296.

pub(crate) mod affine;
pub(crate) mod borrowed;
pub(crate) mod chain;
pub(crate) mod exponential;
pub(crate) mod power;
pub(crate) mod sigmoid;

use core::marker::PhantomData;

use nalgebra::convert;

pub use affine::{Identity, ScaleShift};
pub use chain::Chain;
pub use exponential::{Exp, Exp2, Exp10, ExpPow2};
pub use power::Pow;
pub use sigmoid::Sigmoid;

use crate::base::scalar::Real;

/// A differentiable map from a free real number to a parameter on its natural scale.
///
/// An implementation must define [`forward`](Self::forward), [`derivative`](Self::derivative) and
/// [`inverse`](Self::inverse); the other methods have default bodies.
///
/// ```
/// use covprop::transform::{ExpPow2, Transform};
///
/// // a standard deviation of 3, as its logarithm, is a variance of 9
/// let x = 3.0_f64.ln();
/// assert!((ExpPow2.forward(x) - 9.0).abs() < 1e-14);
/// assert!((ExpPow2.derivative(x) - 18.0).abs() < 1e-14);
/// assert_eq!(ExpPow2.inverse(-9.0), None);
/// ```
pub trait Transform {
    /// Computes the value T(x) of this transform T.
    fn forward<T: Real>(&self, x: T) -> T;

    /// Computes the derivative T′(x) of this transform T.
    fn derivative<T: Real>(&self, x: T) -> T;

    /// Returns the x at which this transform T has the value y. Returns `None` if the transform has
    /// the value y for no finite x, because y is outside the range of the transform or too near a
    /// bound. If two numbers x have the same value T(x), as for the power [`Pow`] with an even
    /// exponent, returns the positive x.
    fn inverse<T: Real>(&self, y: T) -> Option<T>;

    /// Returns the limits T(−∞) and T(∞) of this transform, in this order. If the transform is
    /// monotone, the limits are the bounds of its values. An override must return the same values.
    #[inline]
    fn limits<T: Real>(&self) -> [T; 2] {
        let infinity = T::one() / T::zero();
        [-infinity, infinity].map(|x| self.forward(x))
    }

    /// Computes the second derivative T″(x) of this transform T. By default, T″(x) is a central
    /// difference of [`derivative`](Self::derivative) at x ± h with the step h = ε^⅓ max(1, |x|),
    /// where ε is the machine epsilon. In `f64`, the result is accurate to about ten significant
    /// digits. Every transform of this crate computes T″(x) exactly.
    fn second_derivative<T: Real>(&self, x: T) -> T {
        let h = T::default_epsilon().cbrt() * x.abs().max(T::one());
        (self.derivative(x + h) - self.derivative(x - h)) / (h + h)
    }

    /// Computes the value T(x) and the derivatives T′(x) and T″(x) of this transform T, evaluating
    /// common terms once.
    #[inline]
    fn jet<T: Real>(&self, x: T) -> Jet<T> {
        Jet { value: self.forward(x), first: self.derivative(x), second: self.second_derivative(x) }
    }

    /// Computes the value and the first two derivatives of a T(x) + b, for this transform T and
    /// numbers a and b. A transform T overrides `scaled` if computing a T(x) + b from T(x) would
    /// lose precision by cancellation.
    #[inline]
    fn scaled<T: Real>(&self, x: T, a: f64, b: f64) -> Jet<T> {
        let jet = self.jet(x);
        let a = convert::<_, T>(a);
        Jet { value: a * jet.value + convert(b), first: a * jet.first, second: a * jet.second }
    }

    /// Returns the x with a T(x) + b = y, for this transform T and numbers a, b and y. A transform
    /// that overrides the method [`scaled`](Self::scaled) must override `inverse_scaled` too.
    #[inline]
    fn inverse_scaled<T: Real>(&self, y: T, a: f64, b: f64) -> Option<T> {
        self.inverse(ScaleShift::new(a, b).inverse(y)?)
    }

    /// Returns the x with T(A(x)) = y, for this transform T, an inner transform A and a number y.
    /// [`Chain`] calls this method.
    #[inline]
    fn inverse_after<T: Real, A: Transform>(&self, inner: &A, y: T) -> Option<T> {
        inner.inverse(self.inverse(y)?)
    }

    /// Returns the x′ with T(x′) = factor · T(x), for this transform T and a positive factor that
    /// converts the parameter to another unit of measurement. An infinite x is returned unchanged.
    /// If the transform T is even, so that T(x) = T(−x), the returned x′ has the sign of x.
    ///
    /// Returns `None` if no finite x′ exists. Also returns `None` if one of the limits T(−∞) and
    /// T(∞) is neither 0 nor infinite, because not every positive multiple of a value of T is then
    /// a value of T.
    ///
    /// ```
    /// use covprop::transform::{Exp2, Pow, Sigmoid, Transform};
    ///
    /// assert_eq!(Exp2.rescale(3.0, 4.0), Some(5.0)); // 2⁵ = 4 · 2³
    /// assert_eq!(Pow::new(2.0).rescale(-3.0, 4.0), Some(-6.0)); // 36 = 4 · 9
    /// assert_eq!(Sigmoid.rescale(0.0, 4.0), None); // no probability is 4 · 0.5
    /// ```
    fn rescale<T: Real>(&self, x: T, factor: T) -> Option<T> {
        if !self.limits().iter().all(|end: &T| end.is_zero() || !end.is_finite()) {
            return None;
        }
        if !x.is_finite() {
            return Some(x);
        }
        let value = self.forward(x);
        let other = self.inverse(value * factor)?;
        let opposite = x > T::zero() && other < T::zero() || x < T::zero() && other > T::zero();
        let mirrored = opposite && self.forward(-x) == value;
        Some(if mirrored { -other } else { other })
    }

    /// Computes the value and the first two derivatives of T(A(x)), for this transform T and an
    /// inner transform A. [`Chain`] calls this method. The affine transform [`ScaleShift`]
    /// overrides the method `after` to call [`scaled`](Self::scaled) of the inner transform A.
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

/// The value of a transform at a number x, with the first and the second derivative.
///
/// ```
/// use covprop::transform::{ExpPow2, Jet, Transform};
///
/// let Jet { value, first, second } = ExpPow2.jet(0.0); // e²ˣ
/// assert_eq!((value, first, second), (1.0, 2.0, 4.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jet<T> {
    /// The value T(x).
    pub value: T,
    /// The first derivative T′(x).
    pub first: T,
    /// The second derivative T″(x).
    pub second: T,
}

/// Returns `x` if `x` is finite, and `None` otherwise.
fn finite<T: Real>(x: T) -> Option<T> {
    x.is_finite().then_some(x)
}

/// Returns ln y if y is positive and finite, and `None` otherwise.
fn ln<T: Real>(y: T) -> Option<T> {
    if y > T::zero() { finite(y.ln()) } else { None }
}

/// Returns `x` unchanged if `x` is infinite. Otherwise, returns `rescaled` if `rescaled` is finite.
#[inline]
fn from_finite<T: Real>(x: T, rescaled: T) -> Option<T> {
    if x.is_finite() { finite(rescaled) } else { Some(x) }
}

/// A visitor of the transform of one parameter, generic over the type of the transform; see
/// [`ParamMatrix::visit_transform`](crate::algebra::ParamMatrix::visit_transform).
///
/// ```
/// use covprop::algebra::ParamMatrix;
/// use covprop::structure::ScalarMatrix;
/// use covprop::transform::{Transform, TransformVisitor};
///
/// /// T(0).
/// struct AtZero;
///
/// impl TransformVisitor for AtZero {
///     type Output = f64;
///
///     fn visit<F: Transform>(self, transform: &F) -> f64 {
///         transform.jet(0.0).value
///     }
/// }
///
/// // a variance e²ˣ
/// let variance = ParamMatrix::<f64, 3, 3>::visit_transform(&ScalarMatrix::<3>::new(), 0, AtZero);
/// assert_eq!(variance, 1.0);
/// ```
pub trait TransformVisitor {
    /// The result of the visit.
    type Output;

    /// Visits the transform.
    fn visit<F: Transform>(self, transform: &F) -> Self::Output;
}

/// A visitor that computes T(x) for the transform T of a parameter.
pub(crate) struct Forward<T>(pub(crate) T);

impl<T: Real> TransformVisitor for Forward<T> {
    type Output = T;

    #[inline]
    fn visit<F: Transform>(self, transform: &F) -> T {
        transform.forward(self.0)
    }
}

/// A visitor that computes the limits T(−∞) and T(∞) of the transform T of a parameter.
pub(crate) struct Limits<T>(PhantomData<T>);

impl<T> Limits<T> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Real> TransformVisitor for Limits<T> {
    type Output = [T; 2];

    #[inline]
    fn visit<F: Transform>(self, transform: &F) -> [T; 2] {
        transform.limits()
    }
}

/// A visitor that computes T(x), T′(x) and T″(x) for the transform T of a parameter.
pub(crate) struct AsJet<T>(pub(crate) T);

impl<T: Real> TransformVisitor for AsJet<T> {
    type Output = Jet<T>;

    #[inline]
    fn visit<F: Transform>(self, transform: &F) -> Jet<T> {
        transform.jet(self.0)
    }
}

/// A visitor that computes the inverse T⁻¹(y) of the transform T of a parameter.
pub(crate) struct Inverted<T>(pub(crate) T);

impl<T: Real> TransformVisitor for Inverted<T> {
    type Output = Option<T>;

    #[inline]
    fn visit<F: Transform>(self, transform: &F) -> Option<T> {
        transform.inverse(self.0)
    }
}

/// A visitor that solves T(x) = y for x, where T is the transform of a parameter. If y equals a
/// limit of the transform at ±∞, including the sign of zero, the result is ±∞. If T(x) = y has no
/// solution, the error contains the smallest and the largest value of the transform.
pub(crate) struct Solved<T>(pub(crate) T);

impl<T: Real> TransformVisitor for Solved<T> {
    type Output = Result<T, [T; 2]>;

    fn visit<F: Transform>(self, transform: &F) -> Result<T, [T; 2]> {
        if let Some(x) = transform.inverse(self.0) {
            return Ok(nearest(transform, x, self.0));
        }
        let [lower, upper] = transform.limits::<T>();
        let is = |end: T| self.0 == end && self.0.is_sign_negative() == end.is_sign_negative();
        let infinity = T::one() / T::zero();
        if is(upper) {
            return Ok(infinity);
        }
        if is(lower) {
            return Ok(-infinity);
        }
        // T(0) is a bound of an even power. Limits that are NaN are ignored.
        let within = [lower, upper, transform.forward(T::zero())];
        Err(within.into_iter().fold([infinity, -infinity], |[least, largest], y: T| {
            [if y < least { y } else { least }, if y > largest { y } else { largest }]
        }))
    }
}

/// Improves an approximate solution x of T(x) = y by steps of Newton's method, because the
/// transform T amplifies the rounding errors of its inverse.
fn nearest<F: Transform, T: Real>(transform: &F, mut x: T, y: T) -> T {
    /// The maximum number of Newton steps. If the approximate solution is wrong by at most hundreds
    /// of rounding errors, the first Newton step is nearly exact, and the other steps choose
    /// between neighbouring floating-point numbers.
    const STEPS: usize = 3;
    let mut jet = transform.jet(x);
    for _ in 0..STEPS {
        let moved = x - (jet.value - y) / jet.first;
        let there = transform.jet(moved);
        let is_nearer = moved.is_finite() && (there.value - y).abs() < (jet.value - y).abs();
        if !is_nearer {
            break;
        }
        (x, jet) = (moved, there);
    }
    x
}

/// A visitor that computes the x′ with T(x′) = factor · T(x), where T is the transform of a
/// parameter.
pub(crate) struct Rescaled<T> {
    pub(crate) x: T,
    pub(crate) factor: T,
}

impl<T: Real> TransformVisitor for Rescaled<T> {
    type Output = Option<T>;

    #[inline]
    fn visit<F: Transform>(self, transform: &F) -> Option<T> {
        transform.rescale(self.x, self.factor)
    }
}
