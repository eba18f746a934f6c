//! The unit in which a search sees the data.
//!
//! If y is multiplied by c, a variance is multiplied by c², a standard deviation by c and a
//! correlation by 1: by c to the degree that [`Shape::scales`] tells. Where the whole model is
//! homogeneous like that, the search sees y divided by a power of two near its residual standard
//! deviation, and its result is multiplied back. Both are exact, so that y and 2ᵏ y go the same way
//! to the last bit. Where it is not, because a part of V is known, y is seen as it is, and sizes
//! that are typical are multiplied instead.

use hybrid_array::{Array, ArraySize};
use nalgebra::{convert, convert_unchecked};

use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, Theta, default_theta};
use crate::base::scalar::Real;
use crate::transform::Jet;

/// How a search asks for the transform of a parameter.
pub(crate) trait Transforms<T> {
    /// Returns ηₖ with its derivatives with respect to θₖ.
    fn jet(&self, k: usize, theta: T) -> Jet<T>;

    /// Returns the θₖ of a value on the natural scale, if there is one.
    fn inverse(&self, k: usize, eta: T) -> Option<T>;

    /// Returns ηₖ for θₖ = −∞ and θₖ = ∞.
    fn limits(&self, k: usize) -> [T; 2];

    /// Returns the θₖ′ with ηₖ multiplied by a factor, if there is one for every θₖ.
    fn rescale(&self, k: usize, theta: T, factor: T) -> Option<T>;
}

/// The unit of a search, and what it does to the parameters.
#[derive(Clone)]
pub(crate) struct Units<P: ArraySize, T> {
    /// A power of two.
    pub(crate) unit: T,
    /// `true` if the whole model is homogeneous.
    pub(super) is_relative: bool,
    /// `true` if the model is one of a series.
    pub(super) of_series: bool,
    /// By what ηₖ of the search is multiplied.
    factors: Array<T, P>,
    /// The power of the unit of y with which ηₖ grows.
    degrees: Array<T, P>,
    /// A typical ηₖ in the unit of the search.
    typical: Array<T, P>,
    /// Where the search starts unless it is told to start elsewhere.
    start: Array<T, P>,
}

impl<P: ArraySize, T: Real> Units<P, T> {
    /// The unit for data with residuals of about this size, a power of two.
    pub(crate) fn new<M>(model: &M, transforms: &impl Transforms<T>, size: T) -> Self
    where
        M: Shape<Params = P> + ?Sized,
    {
        let mut scales = Array::<Scale, P>::from_fn(|_| Scale::default());
        let homogeneous = model.scales(2.0, &mut scales);
        let defaults = Array::<T, P>(default_theta::<M, T>(model));
        let rescales = |k: usize| {
            scales[k].degree == 0.0 || transforms.rescale(k, defaults[k], T::one()).is_some()
        };
        let is_relative = homogeneous && (0..P::USIZE).all(rescales);
        let unit = if is_relative { size } else { T::one() };
        let by_degree = |base: T, k: usize| power(base, scales[k].degree);
        let start = Array::from_fn(|k| {
            let typical = convert::<_, T>(scales[k].typical) * by_degree(size / unit, k);
            // A NaN is none either.
            let known = typical.is_finite().then(|| transforms.inverse(k, typical)).flatten();
            known.unwrap_or(defaults[k])
        });
        Self {
            unit,
            is_relative,
            of_series: false,
            factors: Array::from_fn(|k| by_degree(unit, k)),
            degrees: Array::from_fn(|k| convert(scales[k].degree)),
            typical: Array::from_fn(|k| {
                let typical = transforms.jet(k, start[k]).value.abs();
                // A correlation of 0 may be 1.
                let sized = typical.is_finite() && !typical.is_zero();
                if sized { typical } else { by_degree(size / unit, k) }
            }),
            start,
        }
    }

    /// Marks the units as those of a state-space model.
    pub(crate) fn of_series(self) -> Self {
        Self { of_series: true, ..self }
    }

    /// Changes typical values that make V far larger or smaller than the data, as where times in
    /// the columns of Z are in another unit, or rows of y in units of their own. `parts` gives for
    /// each parameter the largest of |∂Vᵢⱼ/∂θₖ|/(sᵢ sⱼ) at a θ, where sᵢ is the size of row i in
    /// the unit of the search.
    pub(crate) fn balance(
        &mut self,
        transforms: &impl Transforms<T>,
        parts: impl Fn(&P::ArrayType<T>) -> Array<T, P>,
    ) {
        /// Further from 1 than a step or two go.
        const FAR: f64 = 16.0;
        /// The part of an entry of a root depends on others in its row and column.
        const PASSES: usize = 3;
        let far = convert::<_, T>(FAR);
        for _ in 0..PASSES {
            let parts = parts(&self.start.0);
            let mut is_balanced = true;
            for k in 0..P::USIZE {
                let jet = transforms.jet(k, self.start[k]);
                let part = parts[k] / jet.first.abs() * self.typical[k];
                let is_close = part <= far && part * far >= T::one();
                let usable = part > T::zero() && part.is_finite();
                // A coefficient without bounds, such as that of a variance function, has the unit
                // of what it is multiplied with.
                let scales = !self.degrees[k].is_zero()
                    || self.is_relative && jet.value.is_zero() && is_endless(transforms, k);
                if !scales || is_close || !usable {
                    continue;
                }
                is_balanced = false;
                if jet.value.is_zero() {
                    self.typical[k] /= part;
                    continue;
                }
                // A parameter of degree d enters V by its power 2/d.
                let factor = part.powf(self.degrees[k] * convert(-0.5));
                if let Some(theta) = transforms.rescale(k, self.start[k], factor) {
                    self.start[k] = theta;
                    self.typical[k] *= factor;
                }
            }
            if is_balanced {
                return;
            }
        }
    }

    /// Returns a typical value of a parameter on its natural scale.
    pub(crate) fn typical(&self, k: usize) -> T {
        self.typical.get(k).copied().unwrap_or_else(T::one)
    }

    /// Returns the power of the unit of y with which a parameter grows on its natural scale.
    pub(crate) fn degree(&self, k: usize) -> T {
        self.degrees.get(k).copied().unwrap_or_else(T::zero)
    }

    /// Returns by what a parameter of the search is multiplied on its natural scale.
    pub(crate) fn factor(&self, k: usize) -> T {
        self.factors.get(k).copied().unwrap_or_else(T::one)
    }

    /// Returns where the search starts unless it is told to start elsewhere.
    pub(crate) fn start(&self) -> &Array<T, P> {
        &self.start
    }

    /// Returns θ with V multiplied by eˣ, as far as its parameters carry its scale.
    pub(crate) fn grown(
        &self,
        transforms: &impl Transforms<T>,
        theta: &P::ArrayType<T>,
        x: T,
    ) -> Array<T, P> {
        Array::from_fn(|k| {
            let theta = at(theta.as_ref(), k);
            if self.degrees[k].is_zero() {
                return theta;
            }
            let factor = (x * self.degrees[k] * convert(0.5)).exp();
            transforms.rescale(k, theta, factor).unwrap_or(theta)
        })
    }

    /// Returns the θ of the search for one of the user's.
    pub(crate) fn inwards(&self, transforms: &impl Transforms<T>, theta: &[T]) -> Array<T, P> {
        self.rescaled(transforms, theta, |factor| T::one() / factor)
    }

    /// Returns the user's θ for one of the search.
    pub(crate) fn outwards(&self, transforms: &impl Transforms<T>, theta: &[T]) -> Array<T, P> {
        self.rescaled(transforms, theta, |factor| factor)
    }

    fn rescaled(
        &self,
        transforms: &impl Transforms<T>,
        theta: &[T],
        factor: impl Fn(T) -> T,
    ) -> Array<T, P> {
        Array::from_fn(|k| {
            let theta = at(theta, k);
            if self.factors[k] == T::one() {
                return theta;
            }
            transforms.rescale(k, theta, factor(self.factors[k])).unwrap_or(theta)
        })
    }

    /// Returns the parameters on their natural scale for a θ of the search: exactly those of the
    /// search times a power of two.
    pub(crate) fn params<M: Shape<Params = P>>(
        &self,
        transforms: &impl Transforms<T>,
        theta: &[T],
    ) -> Theta<M, T> {
        Array::<T, P>::from_fn(|k| transforms.jet(k, at(theta, k)).value * self.factors[k]).0
    }

    /// Returns dθₖ/dθ̃ₖ of the user's θ at `outer` and the θ̃ of the search at `inner`.
    pub(crate) fn slope(&self, transforms: &impl Transforms<T>, k: usize, inner: T, outer: T) -> T {
        let factor = self.factor(k);
        if factor == T::one() {
            return factor;
        }
        let slope = transforms.jet(k, inner).first / transforms.jet(k, outer).first * factor;
        // On a bound both are zero, and θ is the same there.
        if slope.is_finite() { slope } else { T::one() }
    }
}

/// Returns `true` if a parameter has no bounds.
fn is_endless<T: Real>(transforms: &impl Transforms<T>, k: usize) -> bool {
    transforms.limits(k).iter().all(|limit| !limit.is_finite())
}

/// Returns θₖ.
fn at<T: Real>(theta: &[T], k: usize) -> T {
    theta.get(k).copied().unwrap_or_else(T::zero)
}

/// Returns xᵈ, exactly for a power of two and a whole d.
fn power<T: Real>(x: T, degree: f64) -> T {
    #[expect(clippy::cast_possible_truncation, reason = "compared with the original")]
    let whole = degree as i32;
    if f64::from(whole) == degree { x.powi(whole) } else { x.powf(convert(degree)) }
}

/// Returns the power of two at or below the square root of a positive number.
pub(crate) fn power_of_two_near_root<T: Real>(x: T) -> T {
    let x: f64 = convert_unchecked(x);
    let usable = x.is_finite() && x > 0.0;
    if usable { crate::linalg::kernel::invert::power_of_root(convert(x)) } else { T::one() }
}
