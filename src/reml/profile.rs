//! Profile likelihoods: the maximum for each value of one parameter.

use core::fmt;

use hybrid_array::Array;
use nalgebra::convert;

use super::digits::Digits;
use super::sample::Sample;
use super::square::Square;
use super::step::Search;
use super::{Estimation, Fit};
use crate::distribution::chi_squared_quantile;
use crate::transform::{Forward, Inverted};
use crate::{Error, ParamMatrix, Real, Text, Theta};

/// The likelihood as a function of one parameter, maximised over all others.
///
/// [`Estimation::profile`] makes it.
///
/// ```
/// use covprop::*;
/// use nalgebra::{vector, SVector};
///
/// let model = Marginal::new(ScalarMatrix::<4>::new());
/// let estimation = model.estimation(&SVector::<f64, 4>::repeat(1.0), &vector![1.0, 2.0, 3.0, 4.0])?;
/// let fit = estimation.fit()?;
/// let profile = estimation.profile(&fit, 0)?;
///
/// // twice the log-likelihood is −3 log σ² − 5/σ² but for a constant, and highest at σ² = 5/3
/// assert!((profile.drop(5.0)? - (3.0 * 3.0_f64.ln() - 2.0)).abs() < 1e-10);
///
/// let interval = profile.interval(0.95)?;
/// assert!((interval.lower.value().unwrap() - 0.469_956_6).abs() < 1e-7);
/// # Ok::<(), Error>(())
/// ```
pub struct Profile<'e, 'a, M, D, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    estimation: &'e Estimation<'a, M, D, T, N, K>,
    fit: &'e Fit<'a, M, T, N, K>,
    k: usize,
    /// The parameter on its own scale at the maximum, and the ends of its range.
    value: T,
    ends: [T; 2],
}

impl<'a, M, D, T, const N: usize, const K: usize> Estimation<'a, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    /// The profile likelihood of parameter k at a fit to these data.
    ///
    /// # Errors
    ///
    /// - [`Error::OtherCriterion`] for a fit by another criterion
    /// - [`Error::ParameterIndex`] if there is no parameter k
    pub fn profile<'e>(
        &'e self,
        fit: &'e Fit<'a, M, T, N, K>,
        k: usize,
    ) -> Result<Profile<'e, 'a, M, D, T, N, K>, Error> {
        if fit.criterion != self.criterion {
            return Err(Error::OtherCriterion);
        }
        let count = fit.params.as_ref().len();
        let missing = Error::ParameterIndex { index: k, params: count };
        let value = *fit.params.as_ref().get(k).ok_or(missing)?;
        let infinity = T::one() / T::zero();
        let end = |x: T| self.model.visit_transform(k, Forward(x));
        let mut ends = [end(-infinity), end(infinity)];
        if ends[0] > ends[1] {
            ends.swap(0, 1);
        }
        Ok(Profile { estimation: self, fit, k, value, ends })
    }
}

impl<'a, M, D, T, const N: usize, const K: usize> Profile<'_, 'a, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    /// The fit with the parameter at this value on its own scale, an end of its range among them.
    ///
    /// The others start where the information at the maximum says that they will be; if V has no likelihood there, or
    /// none is found to be the highest, they are taken along in shorter steps.
    ///
    /// # Errors
    ///
    /// - [`Error::OutsideCodomain`] for a value that the parameter cannot have
    /// - [`Error::NotMaximum`] if the search for the others does not end at a maximum
    /// - those of [`Estimation::at`] if V has no likelihood there
    pub fn at(&self, value: T) -> Result<Fit<'a, M, T, N, K>, Error> {
        /// Halvings of the way there, before it is given up.
        const HALVINGS: usize = 12;
        let mut nearest: Option<Fit<'a, M, T, N, K>> = None;
        let mut target = value;
        let mut failure = Error::NotMaximum;
        for _ in 0..HALVINGS {
            let from = nearest.as_ref().unwrap_or(self.fit);
            match self.step(from, target) {
                Ok(fit) if target == value => return Ok(fit),
                Ok(fit) => {
                    nearest = Some(fit);
                    target = value;
                }
                Err(error @ Error::OutsideCodomain { .. }) => return Err(error),
                Err(error) => {
                    failure = error;
                    target = (from.params.as_ref()[self.k] + target) * convert(0.5);
                    if !target.is_finite() {
                        break;
                    }
                }
            }
        }
        Err(failure)
    }

    /// The fit at a value, from another one.
    fn step(&self, from: &Fit<'a, M, T, N, K>, value: T) -> Result<Fit<'a, M, T, N, K>, Error> {
        let model = self.estimation.model;
        let infinity = T::one() / T::zero();
        let ends = [-infinity, infinity];
        let at_end = ends.into_iter().find(|&x| model.visit_transform(self.k, Forward(x)) == value);
        let held = at_end.or_else(|| model.visit_transform(self.k, Inverted(value)));
        let held = held.ok_or_else(|| {
            let name = model.param_names().nth(self.k).map_or(Text::EMPTY, Text::of);
            Error::OutsideCodomain { name }
        })?;
        let with_held = |others: &Theta<M, T>| -> Theta<M, T> {
            let at = |k: usize| if k == self.k { held } else { others.as_ref()[k] };
            Array::<T, M::Params>::from_fn(at).0
        };
        let maximum = |start: &Theta<M, T>| {
            let mut search = Search::from(self.estimation, Some(start), Some(self.k))?;
            let ended = search.run(|_| {});
            let fit = Fit::new(self.estimation, search.into_likelihood(), ended);
            fit.check_maximum().map(|()| fit)
        };
        let along = with_held(&self.along(from, value));
        maximum(&along).or_else(|_| maximum(&with_held(&from.theta)))
    }

    /// θ where the maximum over the other parameters will be if parameter k goes to this value: along the regression of
    /// the others on it, on their own scale.
    fn along(&self, from: &Fit<'a, M, T, N, K>, value: T) -> Theta<M, T> {
        let model = self.estimation.model;
        let information = Square::<M::Params, T>::from_fn(|k, l| {
            from.average_information.as_ref()[k].as_ref()[l]
        });
        let slopes = model.param_derivatives(&from.theta);
        let (slopes, params) = (slopes.as_ref(), from.params.as_ref());
        let active = Array::<bool, M::Params>::from_fn(|k| {
            k != self.k && from.theta.as_ref()[k].is_finite() && information.get(k, k) > T::zero()
        });
        let across = Array::<T, M::Params>::from_fn(|k| information.get(k, self.k));
        let others = information.solve(&across, &active, T::zero()).x;
        let change = (value - params[self.k]) / slopes[self.k];
        Array::<T, M::Params>::from_fn(|k| {
            let theta = from.theta.as_ref()[k];
            let moved = params[k] - others.as_ref()[k] * change * slopes[k];
            if !active[k] || !moved.is_finite() {
                return theta;
            }
            model.visit_transform(k, Inverted(moved)).unwrap_or(theta)
        })
        .0
    }

    /// 2 (l̂ − l), how far twice the log-likelihood is below its maximum with the parameter at this value.
    ///
    /// # Errors
    ///
    /// Those of [`at`](Self::at), and [`Error::NotMaximum`] if the likelihood is higher there than at the fit.
    pub fn drop(&self, value: T) -> Result<T, Error> {
        let drop = self.at(value)?.deviance() - self.fit.deviance();
        let rounding = T::default_epsilon().sqrt() * (T::one() + self.fit.deviance().abs());
        if drop < -rounding { Err(Error::NotMaximum) } else { Ok(drop.max(T::zero())) }
    }

    /// The values whose likelihood is not significantly lower than the maximum: twice the difference of the
    /// logarithms is no more than the quantile of χ² with one degree of freedom (Venzon & Moolgavkar 1988, Applied
    /// Statistics 37, 87–94).
    ///
    /// # Errors
    ///
    /// [`Error::NotProbability`] unless the level is between 0 and 1, and [`Error::NotMaximum`] if the likelihood is higher
    /// elsewhere, or the search for the other parameters does not end at a maximum.
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

    /// Where the excess is zero, between a value where it is not above and one where it is or there is none: by the
    /// secant, weighted down where one end stays (Dowell & Jarratt 1971), and halves where that is slow.
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
pub enum Bound<T> {
    /// Where the likelihood has fallen to the limit.
    Inside(T),
    /// The end of the parameter's range, where it has not: a variance of 0. Or the last value for which V is positive
    /// definite, for a structure that need not be.
    Boundary(T),
    /// None was found: the likelihood does not fall so far.
    Open,
}

impl<T: Copy> Bound<T> {
    /// The value, if there is one.
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
