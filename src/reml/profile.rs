//! Profile likelihoods: the maximum for each value of one parameter.

use core::fmt;

use hybrid_array::Array;
use nalgebra::convert;

use super::sample::Sample;
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
    /// # Errors
    ///
    /// [`Error::OutsideCodomain`] for a value that the parameter cannot have, and those of
    /// [`Estimation::at`] if V has no likelihood there.
    pub fn at(&self, value: T) -> Result<Fit<'a, M, T, N, K>, Error> {
        let model = self.estimation.model;
        let infinity = T::one() / T::zero();
        let ends = [-infinity, infinity];
        let at_end = ends.into_iter().find(|&x| model.visit_transform(self.k, Forward(x)) == value);
        let held = at_end.or_else(|| model.visit_transform(self.k, Inverted(value)));
        let held = held.ok_or_else(|| {
            let name = model.param_names().nth(self.k).map_or(Text::EMPTY, Text::of);
            Error::OutsideCodomain { name }
        })?;
        let start: Theta<M, T> = Array::<T, M::Params>::from_fn(|k| {
            if k == self.k { held } else { self.fit.theta.as_ref()[k] }
        })
        .0;
        let mut search = Search::from(self.estimation, Some(&start), Some(self.k))?;
        let ended = search.run(|_| {});
        Ok(Fit::new(self.estimation, search.into_likelihood(), ended))
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
    /// [`Error::NotMaximum`] if the likelihood is higher elsewhere.
    pub fn interval(&self, level: f64) -> Result<ProfileInterval<T>, Error> {
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
        /// From a millionth of a parameter or its range up to 10¹².
        const DOUBLINGS: usize = 60;
        if self.value == end {
            return Ok(Bound::Boundary(end));
        }
        if end.is_finite()
            && let Some(excess) = self.excess(end, limit)?
            && excess <= T::zero()
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

    /// A small part of the parameter, or of what an end is away.
    fn first_step(&self) -> T {
        const PART: f64 = 0.125;
        const SMALLEST: f64 = 1e-6;
        if !self.value.is_zero() {
            return self.value.abs() * convert(PART);
        }
        let size = self.fit.model.value(&self.fit.theta).amax();
        size * convert(SMALLEST)
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
        Ok(Bound::Inside(inside.0))
    }
}

/// One end of an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound<T> {
    /// Where the likelihood has fallen to the limit.
    Inside(T),
    /// The end of the parameter's range, where it has not: a variance of 0.
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
            Bound::Inside(value) => write!(f, "{value:.5}"),
            Bound::Boundary(value) => write!(f, "{value:.5} (boundary)"),
            Bound::Open => f.write_str("open"),
        };
        f.write_str("[")?;
        bound(f, self.lower)?;
        f.write_str(", ")?;
        bound(f, self.upper)?;
        f.write_str("]")
    }
}
