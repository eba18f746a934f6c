//! Confidence intervals from profile likelihoods.

use core::fmt;

use nalgebra::convert;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::base::arrays::tabulate;
use crate::base::digits::Digits;
use crate::base::error::Error;
use crate::base::near::{Near, Within, approximately_equal};
use crate::base::scalar::Real;
use crate::inference::distribution::chi_squared_quantile;
use crate::inference::profile::Profile;
use crate::reml::estimation::own_rows::Observations;
use crate::transform::Inverted;

impl<M, D, T, const N: usize, const K: usize> Profile<'_, '_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    /// Returns the confidence interval of the parameter at this level. The interval contains every
    /// value for which twice the profile log-likelihood is below its maximum by at most a quantile
    /// of χ² with one degree of freedom (Venzon & Moolgavkar 1988, Applied Statistics 37, 87–94).
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotProbability`] if the level is not between 0 and 1. Returns
    /// [`Error::NotMaximum`] if the likelihood at another value is higher than at the fit, or if a
    /// search over the other parameters does not end at a maximum.
    pub fn interval(&self, level: f64) -> Result<ProfileInterval<T>, Error> {
        let is_level = level > 0.0 && level < 1.0;
        if !is_level {
            return Err(Error::NotProbability);
        }
        self.fit.check_maximum()?;
        let limit = convert(chi_squared_quantile(level, 1.0));
        let [low, high] = self.ends;
        Ok(ProfileInterval {
            level,
            lower: self.bound(low, -T::one(), limit)?,
            upper: self.bound(high, T::one(), limit)?,
        })
    }

    /// Returns the square root of the likelihood ratio statistic at `value`, minus the square root
    /// of `limit`. Returns `None` if the likelihood is undefined at `value`.
    fn excess(&self, value: T, limit: T) -> Result<Option<T>, Error> {
        match self.likelihood_ratio(value) {
            Ok(drop) => Ok(Some(drop.sqrt() - limit.sqrt())),
            Err(Error::NotMaximum) => Err(Error::NotMaximum),
            Err(_) => Ok(None),
        }
    }

    /// Returns the lower end of the confidence interval if `direction` is −1, and the upper end if
    /// `direction` is 1.
    fn bound(&self, end: T, direction: T, limit: T) -> Result<Bound<T>, Error> {
        const DOUBLINGS: usize = 60;
        if self.value == end {
            return Ok(Bound::Boundary(end));
        }
        if !self.value.is_finite() {
            return Ok(Bound::Open);
        }
        // The likelihood at the bound may be undefined, or have no maximum over the other
        // parameters.
        if end.is_finite()
            && let Ok(fit) = self.at(end)
            && fit.deviance() - self.fit.deviance() <= limit
        {
            return Ok(Bound::Boundary(end));
        }
        // Doubles the step until it leads outside the interval.
        let mut inside = (self.value, -limit.sqrt());
        let mut step = self.first_step();
        for _ in 0..DOUBLINGS {
            let mut outside = self.value + direction * step;
            let beyond = if direction < T::zero() { outside <= end } else { outside >= end };
            if beyond {
                outside = (inside.0 + end) * convert(0.5);
            }
            if outside == inside.0 {
                break;
            }
            match self.excess(outside, limit)? {
                Some(excess) if excess <= T::zero() => inside = (outside, excess),
                excess => return self.between(inside, (outside, excess), limit),
            }
            step *= convert(2.0);
        }
        Ok(Bound::Open)
    }

    /// Returns the length of the first step from the estimate towards an end of the confidence
    /// interval. The length of the step is the standard error of the parameter, if the standard
    /// error is defined. Otherwise, the step is such that V changes by a small part of its size.
    fn first_step(&self) -> T {
        /// The change of V in the first step, relative to the largest entry of V.
        const PART: f64 = 1e-5;
        const TRIALS: usize = 40;
        let (model, theta) = (self.estimation.model, &self.fit.theta);
        let slope = model.param_derivatives(theta).as_ref()[self.k];
        let information = self.fit.average_information.as_ref()[self.k].as_ref()[self.k];
        let error = slope.abs() / information.sqrt();
        if error.is_finite() && error > T::zero() {
            return error;
        }
        let value = model.value(theta);
        let mut step = T::one();
        for _ in 0..TRIALS {
            let [low, _] = self.ends;
            let inside = if self.value == low { self.value + step } else { self.value - step };
            let moved = model.visit_transform(self.k, Inverted(inside)).map(|x| {
                let at = |k: usize| if k == self.k { x } else { theta.as_ref()[k] };
                model.value(&tabulate::<M::ParamCount, T>(T::zero(), at).0)
            });
            let change = moved.map(|moved| (moved - value).amax() / value.amax());
            match change {
                Some(change) if change.is_zero() => step *= convert(1e6),
                Some(change) if change > convert(10.0 * PART) || change < convert(0.1 * PART) => {
                    step *= convert::<_, T>(PART) / change;
                }
                Some(_) => break,
                None => step *= convert(1e-3),
            }
        }
        step
    }

    /// Returns the end of the confidence interval, which lies between a value `inside` and a value
    /// `outside` the interval. At the end of the interval, twice the profile log-likelihood is
    /// below its maximum by `limit`. The method is regula falsi with a bisection in every third
    /// step. If a step does not replace one of the two values, the function value that belongs to
    /// it is halved (Dowell & Jarratt 1971).
    fn between(
        &self,
        mut inside: (T, T),
        mut outside: (T, Option<T>),
        limit: T,
    ) -> Result<Bound<T>, Error> {
        const STEPS: usize = 100;
        let tolerance = T::default_epsilon().powf(convert(0.75));
        for step in 0..STEPS {
            let width = (outside.0 - inside.0).abs();
            if width <= tolerance * (outside.0.abs() + inside.0.abs()) {
                break;
            }
            let part = match outside.1 {
                Some(above) if step % 3 != 2 => -inside.1 / (above - inside.1),
                _ => convert(0.5),
            };
            let middle = inside.0 + (outside.0 - inside.0) * part;
            match self.excess(middle, limit)? {
                Some(excess) if excess <= T::zero() => {
                    if excess >= -tolerance {
                        return Ok(Bound::Inside(middle));
                    }
                    inside = (middle, excess);
                    outside.1 = outside.1.map(|above| above * convert(0.5));
                }
                excess => {
                    if excess.is_some_and(|excess| excess <= tolerance) {
                        return Ok(Bound::Inside(middle));
                    }
                    outside = (middle, excess);
                    inside.1 *= convert(0.5);
                }
            }
        }
        // If the likelihood is undefined outside, the interval ends before ℓ has fallen to the
        // limit.
        Ok(if outside.1.is_some() { Bound::Inside(inside.0) } else { Bound::Boundary(inside.0) })
    }
}

/// One end of a confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Bound<T> {
    /// An end between the bounds of the parameter, at which the profile likelihood has fallen to
    /// the limit of the confidence interval.
    Inside(T),
    /// The bound of the parameter, such as a variance of 0, if the likelihood at the bound is above
    /// the limit of the confidence interval. If the structure need not be positive definite, this
    /// end is the last value of the parameter for which V is positive definite.
    Boundary(T),
    /// No end was found, because the likelihood does not fall to the limit of the confidence
    /// interval.
    Open,
}

impl<T: Copy> Bound<T> {
    /// Returns the value of this end, or `None` if the interval is open at this end.
    ///
    /// ```
    /// use covprop::inference::Bound;
    ///
    /// assert_eq!((Bound::Boundary(0.0).value(), Bound::<f64>::Open.value()), (Some(0.0), None));
    /// ```
    #[must_use]
    pub const fn value(&self) -> Option<T> {
        match *self {
            Self::Inside(value) | Self::Boundary(value) => Some(value),
            Self::Open => None,
        }
    }
}

/// A confidence interval from a profile likelihood, on the natural scale of the parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ProfileInterval<T> {
    /// The confidence level.
    pub level: f64,
    /// The lower end of the interval.
    pub lower: Bound<T>,
    /// The upper end of the interval.
    pub upper: Bound<T>,
}

impl<T: Real> fmt::Display for ProfileInterval<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = |f: &mut fmt::Formatter<'_>, bound: Bound<T>| match bound {
            Bound::Inside(value) => write!(f, "{}", Digits::of(value)),
            Bound::Boundary(value) => write!(f, "{} (boundary)", Digits::of(value)),
            Bound::Open => f.write_str("open"),
        };
        f.write_str("[")?;
        bound(f, self.lower)?;
        f.write_str(", ")?;
        bound(f, self.upper)?;
        f.write_str("]")
    }
}

impl<T: Real> Near<T> for Bound<T> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        match (self, other) {
            (Self::Inside(a), Self::Inside(b)) | (Self::Boundary(a), Self::Boundary(b)) => {
                within.number(*a, *b)
            }
            (Self::Open, Self::Open) => true,
            _ => false,
        }
    }
}

approximately_equal! {
    /// Compares the values if both ends are `Inside` or both are `Boundary`. Two `Open` ends are
    /// equal, and ends of two different variants always differ.
    ///
    /// ```
    /// use covprop::approx::{assert_abs_diff_eq, assert_abs_diff_ne};
    /// use covprop::inference::Bound;
    ///
    /// assert_abs_diff_eq!(Bound::Inside(0.01), Bound::Inside(0.0), epsilon = 0.02);
    /// assert_abs_diff_ne!(Bound::Inside(0.01), Bound::Boundary(0.0), epsilon = 0.02);
    /// ```
    impl [T: Real] for Bound<T>
}

impl<T: Real> Near<T> for ProfileInterval<T> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        self.level == other.level
            && self.lower.near(&other.lower, within)
            && self.upper.near(&other.upper, within)
    }
}

approximately_equal! {
    /// Compares the lower and the upper ends of two intervals. Both intervals must have the same
    /// level.
    ///
    /// ```
    /// use covprop::approx::assert_relative_eq;
    /// use covprop::inference::{Bound, ProfileInterval};
    ///
    /// let interval = |upper| ProfileInterval {
    ///     level: 0.95,
    ///     lower: Bound::Boundary(0.0),
    ///     upper: Bound::Inside(upper),
    /// };
    /// assert_relative_eq!(interval(37.716), interval(37.72), max_relative = 1e-3);
    /// ```
    impl [T: Real] for ProfileInterval<T>
}
