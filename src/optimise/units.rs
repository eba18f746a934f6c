//! The unit of y that a search uses, and the conversion of parameters to and from that unit.
//!
//! If y is multiplied by c, a parameter is multiplied by c to the power of its degree (see
//! [`Shape::scales`]): a variance by c², a standard deviation by c, a correlation by 1. If every
//! parameter of V follows this rule, the search divides y by a power of two near the residual
//! standard deviation, and converts the result back. Both conversions are exact, so that searches
//! with y and with 2ᵏ y agree to the last bit. If a part of the covariance matrix V of y is known,
//! so that V does not grow with y, the search does not change the unit of y. Instead, the search
//! adapts the typical sizes of the parameters to the data.

use hybrid_array::{Array, ArraySize};
use nalgebra::{convert, convert_unchecked};

use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, Theta, default_theta};
use crate::base::scalar::Real;
use crate::transform::Jet;

/// The transforms of all parameters from θ to the natural scale, as used by a search.
pub(crate) trait Transforms<T> {
    /// Returns the value ηₖ of parameter k on its natural scale, with its derivatives with respect
    /// to θₖ.
    fn jet(&self, k: usize, theta: T) -> Jet<T>;

    /// Returns the θₖ for which parameter k has the natural-scale value `eta`, or `None` if no θₖ
    /// gives this value.
    fn inverse(&self, k: usize, eta: T) -> Option<T>;

    /// Returns the limits of the natural-scale value of parameter k for θₖ → −∞ and θₖ → ∞.
    fn limits(&self, k: usize) -> [T; 2];

    /// Returns the θₖ whose natural-scale value is `factor` times the natural-scale value of
    /// `theta`. Returns `None` if there is a θₖ at which parameter k cannot be
    /// rescaled.
    fn rescale(&self, k: usize, theta: T, factor: T) -> Option<T>;
}

/// The unit of y in a search, and the scales of the parameters in that unit.
#[derive(Clone)]
pub(crate) struct Units<P: ArraySize, T> {
    /// The unit of y, a power of two.
    pub(crate) unit: T,
    /// `true` if, when y is multiplied by c, every parameter of the model is multiplied by c to the
    /// power of its degree.
    pub(super) is_relative: bool,
    /// `true` if the model is a state-space model.
    pub(super) of_series: bool,
    /// The factors by which the parameters of the search are multiplied, on their natural scale, to
    /// give the user's parameters.
    factors: Array<T, P>,
    /// The degree of each parameter: if y is multiplied by c, the parameter on its natural scale is
    /// multiplied by c to this power.
    degrees: Array<T, P>,
    /// A typical value of each parameter on its natural scale, in the unit of the search.
    typical: Array<T, P>,
    /// The default start of the search.
    start: Array<T, P>,
}

impl<P: ArraySize, T: Real> Units<P, T> {
    /// Creates the units for data whose residuals are about as large as `size`, which must be a
    /// power of two.
    /// The callback `write_scales` writes the scales of the parameters, as
    /// [`Shape::scales`] does for a matrix of degree 2.
    pub(crate) fn new<M>(
        model: &M,
        write_scales: impl FnOnce(&mut [Scale]) -> bool,
        transforms: &impl Transforms<T>,
        size: T,
    ) -> Self
    where
        M: Shape<ParamCount = P> + ?Sized,
    {
        let mut scales = Array::<Scale, P>::from_fn(|_| Scale::default());
        let homogeneous = write_scales(&mut scales);
        let defaults = Array::<T, P>(default_theta::<M, T>(model));
        let rescales = |k: usize| {
            scales[k].degree == 0.0 || transforms.rescale(k, defaults[k], T::one()).is_some()
        };
        let is_relative = homogeneous && (0..P::USIZE).all(rescales);
        let unit = if is_relative { size } else { T::one() };
        let by_degree = |base: T, k: usize| power(base, scales[k].degree);
        let start = Array::from_fn(|k| {
            let typical = convert::<_, T>(scales[k].typical) * by_degree(size / unit, k);
            // A NaN is not finite either.
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
                // A parameter that starts at 0, such as a correlation, has the typical size 1.
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

    /// Corrects typical values at which the covariance matrix V of the data y would be far larger
    /// or smaller than the data. Such values occur if the rows of y, or the covariates in the
    /// random design Z, are measured in different units. Sizes are in the unit of the
    /// search. For each parameter θₖ, the callback `parts` returns the maximum over i
    /// and j of |∂Vᵢⱼ/∂θₖ|/(sᵢ sⱼ), where sᵢ is the size of row i of y.
    pub(crate) fn balance(
        &mut self,
        transforms: &impl Transforms<T>,
        parts: impl Fn(&P::ArrayType<T>) -> Array<T, P>,
    ) {
        /// The ratio between the covariance matrix V and the data above which typical values are
        /// corrected. For smaller ratios, one or two steps of the search correct the parameters.
        const FAR: f64 = 16.0;
        /// The number of passes over all parameters. A single pass is not enough, because the
        /// effect of an entry of a matrix root depends on other entries in its row and column.
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
                // The unit of a coefficient without bounds, such as that of a variance function,
                // depends on the unit of its covariate.
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

    /// Returns a typical value of parameter k on its natural scale, in the unit of the search.
    pub(crate) fn typical(&self, k: usize) -> T {
        self.typical.get(k).copied().unwrap_or_else(T::one)
    }

    /// Returns the degree of parameter k: if y is multiplied by c, the parameter on its natural
    /// scale is multiplied by c to this power.
    pub(crate) fn degree(&self, k: usize) -> T {
        self.degrees.get(k).copied().unwrap_or_else(T::zero)
    }

    /// Returns the factor by which parameter k of the search is multiplied on its natural scale to
    /// give the user's value.
    pub(crate) fn factor(&self, k: usize) -> T {
        self.factors.get(k).copied().unwrap_or_else(T::one)
    }

    /// Returns the default start of the search.
    pub(crate) fn start(&self) -> &Array<T, P> {
        &self.start
    }

    /// Returns the θ at which the covariance matrix V is eˣ times as large as at `theta`. Each
    /// parameter is rescaled according to its degree. A parameter that cannot be rescaled keeps its
    /// value.
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

    /// Converts the user's θ to the unit of the search.
    pub(crate) fn inwards(&self, transforms: &impl Transforms<T>, theta: &[T]) -> Array<T, P> {
        self.rescaled(transforms, theta, |factor| T::one() / factor)
    }

    /// Converts a θ of the search to the user's unit.
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

    /// Returns the parameters on their natural scale in the user's unit for a θ of the search. The
    /// user's parameters are exactly the parameters of the search, multiplied by powers of two.
    pub(crate) fn params<M: Shape<ParamCount = P>>(
        &self,
        transforms: &impl Transforms<T>,
        theta: &[T],
    ) -> Theta<M, T> {
        Array::<T, P>::from_fn(|k| transforms.jet(k, at(theta, k)).value * self.factors[k]).0
    }

    /// Returns the derivative of θₖ in the user's unit with respect to θₖ in the unit of the
    /// search. The argument `outer` is θₖ in the user's unit, and `inner` is θₖ in the unit of the
    /// search.
    pub(crate) fn slope(&self, transforms: &impl Transforms<T>, k: usize, inner: T, outer: T) -> T {
        let factor = self.factor(k);
        if factor == T::one() {
            return factor;
        }
        let slope = transforms.jet(k, inner).first / transforms.jet(k, outer).first * factor;
        // On a bound both derivatives are zero, and the two θₖ are equal.
        if slope.is_finite() { slope } else { T::one() }
    }
}

/// Returns `true` if parameter k has no finite bounds.
fn is_endless<T: Real>(transforms: &impl Transforms<T>, k: usize) -> bool {
    transforms.limits(k).iter().all(|limit| !limit.is_finite())
}

/// Returns θₖ, or zero if `theta` has no entry k.
fn at<T: Real>(theta: &[T], k: usize) -> T {
    theta.get(k).copied().unwrap_or_else(T::zero)
}

/// Returns `x` to the power `degree`. The result is exact if `x` is a power of two and `degree` is
/// an integer.
fn power<T: Real>(x: T, degree: f64) -> T {
    #[expect(clippy::cast_possible_truncation, reason = "compared with the original")]
    let whole = degree as i32;
    if f64::from(whole) == degree { x.powi(whole) } else { x.powf(convert(degree)) }
}

/// Returns the power of two at or below the square root of a positive number `x`.
pub(crate) fn power_of_two_near_root<T: Real>(x: T) -> T {
    let x: f64 = convert_unchecked(x);
    let usable = x.is_finite() && x > 0.0;
    if usable { crate::linalg::kernel::invert::power_of_root(convert(x)) } else { T::one() }
}
