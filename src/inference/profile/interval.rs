//! Intervals from profile likelihoods.

use core::fmt;

use hybrid_array::Array;
use nalgebra::convert;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::base::digits::Digits;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::inference::distribution::chi_squared_quantile;
use crate::inference::profile::Profile;
use crate::reml::sample::Sample;
use crate::transform::Inverted;

impl<M, D, T, const N: usize, const K: usize> Profile<'_, '_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    /// The values whose likelihood is not significantly lower than the maximum: twice the
    /// difference of the logarithms is no more than the quantile of χ² with one degree of freedom
    /// (Venzon & Moolgavkar 1988, Applied Statistics 37, 87–94).
    ///
    /// # Errors
    ///
    /// [`Error::NotProbability`] unless the level is between 0 and 1, and [`Error::NotMaximum`] if
    /// the likelihood is higher elsewhere, or the search for the other parameters does not end at a
    /// maximum.
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

    /// √(2(l̂ − l)) − √limit; none where there is no likelihood.
    fn excess(&self, value: T, limit: T) -> Result<Option<T>, Error> {
        match self.drop(value) {
            Ok(drop) => Ok(Some(drop.sqrt() - limit.sqrt())),
            Err(Error::NotMaximum) => Err(Error::NotMaximum),
            Err(_) => Ok(None),
        }
    }

    /// Where the likelihood has fallen to the limit, in one direction.
    fn bound(&self, end: T, direction: T, limit: T) -> Result<Bound<T>, Error> {
        const DOUBLINGS: usize = 60;
        if self.value == end {
            return Ok(Bound::Boundary(end));
        }
        if !self.value.is_finite() {
            return Ok(Bound::Open);
        }
        // The end itself need not have a likelihood, nor a maximum over the others.
        if end.is_finite()
            && let Ok(fit) = self.at(end)
            && fit.deviance() - self.fit.deviance() <= limit
        {
            return Ok(Bound::Boundary(end));
        }
        // From what is inside to what is outside.
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

    /// A standard error; where there is none, what changes V a little.
    fn first_step(&self) -> T {
        /// Of V, by its largest entry.
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
                model.value(&Array::<T, M::Params>::from_fn(at).0)
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

    /// Where the excess is zero, between a value where it is not above and one where it is or there
    /// is none: by the secant, weighted down where one end stays (Dowell & Jarratt 1971), and
    /// halves where that is slow.
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
        // Beyond, there is no likelihood: V ends before it has fallen.
        Ok(if outside.1.is_some() { Bound::Inside(inside.0) } else { Bound::Boundary(inside.0) })
    }
}

/// One end of an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Bound<T> {
    /// Where the likelihood has fallen to the limit.
    Inside(T),
    /// The end of the parameter's range, where it has not: a variance of 0. Or the last value for
    /// which V is positive definite, for a structure that need not be.
    Boundary(T),
    /// None was found: the likelihood does not fall so far.
    Open,
}

impl<T: Copy> Bound<T> {
    /// The value, if there is one.
    ///
    /// ```
    /// use covprop::Bound;
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

/// An interval from a profile likelihood, on the scale of the parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ProfileInterval<T> {
    /// Its probability.
    pub level: f64,
    /// The lower end.
    pub lower: Bound<T>,
    /// The upper end.
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
