//! Additional starts of the search for models whose log-likelihood may have several maxima.
//!
//! The log-likelihood may have several maxima if a covariance that decays with distance or time is
//! added to other variances. There may be one maximum with a large nugget variance and one with a
//! small nugget variance, or one maximum for each sign of a correlation. With a Toeplitz matrix,
//! banded or not, the log-likelihood may have one maximum for each sign of its correlations. After
//! the default start, the search tries additional starts for:
//!
//! - correlations: every combination of signs of up to two correlations, and correlations near 1;
//! - a range: a longer range, a shorter range, and a small nugget;
//! - correlations of several lags: either sign of the correlation of the longest lag;
//! - coefficients of a moving average: values near the unit circle;
//! - noise variances of a state-space model: small noise variances of the state;
//! - loadings of factors: some small loadings.
//!
//! Each additional start is given a few steps. A start that may lead to a higher maximum than the
//! best one so far is given more steps.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use crate::base::arrays::copied;
use crate::base::scalar::Real;
use crate::optimise::problem::Problem;
use crate::optimise::units::{Transforms, Units};
use crate::optimise::{End, Ended, Search, Sight};

/// The starting value of a correlation, as a fraction of its bound.
const CORRELATION: f64 = 0.6;
/// The starting value, as a fraction of its bound, of a correlation near 1, which represents a long
/// trend with a nugget.
const TREND: f64 = 0.95;
/// The starting value of a moving-average coefficient, as a fraction of its typical value.
const COEFFICIENT: f64 = 0.8;
/// The starting value of a variance that starts small, as a fraction of its typical value.
const LITTLE: f64 = 0.02;
/// The starting value of the state's noise variance, as a fraction of its typical value, if the
/// only other variance belongs to the observation noise.
const TINY: f64 = 1e-3;
/// The factor by which the starting value of a range is multiplied or divided.
const RANGE: f64 = 5.0;
/// The least number of variances for which a factor model has additional starts.
const FACTORED: usize = 3;
/// The factor by which the starting values of some factor loadings are multiplied. The starting
/// values of the remaining loadings are multiplied by `LARGE`.
const SMALL: f64 = 0.2;
const LARGE: f64 = 1.3;
/// The number of steps that each additional start is given.
const STEPS: usize = 6;
/// The number of further steps for a start that may lead to a higher maximum than the best one so
/// far.
const MORE: usize = 24;
/// The relative difference above which two log-likelihoods belong to different maxima.
const DIFFERENT: f64 = 1e-6;

/// The kinds of covariance structure with additional starts.
enum Kind {
    /// A structure without additional starts, because the log-likelihood has one maximum or because
    /// the number of maxima is unknown.
    One,
    /// A structure with one or two correlations and at least two variances. The fields are the
    /// indices of the correlations and the number of correlations.
    Correlations([usize; 2], usize),
    /// A structure with a range and at least two variances. The fields are the index of the range
    /// and the index of the last variance.
    Range(usize, usize),
    /// A structure with correlations of several lags and one variance. The field is the index of
    /// the correlation of the longest lag.
    Lags(usize),
    /// A structure with the coefficients of a moving average and one variance.
    MovingAverage,
    /// A state-space model with at least two noise variances. The fields are the index of the last
    /// variance and the number of variances.
    Noises(usize, usize),
    /// A structure with factor loadings and at least three variances, with at least as many
    /// loadings as variances.
    Loadings,
}

impl<P: ArraySize, T: Real> Units<P, T> {
    fn kind(&self, transforms: &impl Transforms<T>) -> Kind {
        let (mut correlations, mut count) = ([0; 2], 0);
        let (mut range, mut ranges, mut variances) = (0, 0, 0);
        let (mut loadings, mut coefficients, mut others) = (0, 0, 0);
        let (mut last_correlation, mut last_variance) = (0, 0);
        for k in 0..P::USIZE {
            let finite = transforms.limits(k).map(|limit| limit.is_finite());
            let degree = self.degree(k);
            if degree == convert(2.0) {
                variances += 1;
                last_variance = k;
            } else if degree.is_zero() && finite == [true; 2] {
                if let Some(slot) = correlations.get_mut(count) {
                    *slot = k;
                }
                count += 1;
                last_correlation = k;
            } else if degree.is_zero() && finite == [true, false] {
                (range, ranges) = (k, ranges + 1);
            } else if degree == T::one() && finite == [false, false] {
                loadings += 1;
            } else if degree.is_zero() && finite == [false, false] && self.is_relative {
                coefficients += 1;
            } else {
                others += 1;
            }
        }
        if variances >= FACTORED && loadings >= variances && others + count + ranges == 0 {
            return Kind::Loadings;
        }
        match (variances, coefficients, others + loadings, count, ranges) {
            (1, 1.., 0, 0, 0) => Kind::MovingAverage,
            (1, 0, 0, 2.., 0) if self.is_relative => Kind::Lags(last_correlation),
            (2.., 0, 0, 0, 0) if self.of_series => Kind::Noises(last_variance, variances),
            (2.., 0, 0, 1 | 2, 0) => Kind::Correlations(correlations, count),
            (2.., 0, 0, 0, 1) => Kind::Range(range, last_variance),
            _ => Kind::One,
        }
    }

    /// Returns the θ of the additional start with the given number, counted from 1, or `None` if
    /// there are fewer additional starts.
    fn other_start(&self, transforms: &impl Transforms<T>, number: usize) -> Option<Array<T, P>> {
        let mut theta = self.start().clone();
        let mut put = |k: usize, eta: T| {
            if let Some((theta, eta)) = theta.get_mut(k).zip(transforms.inverse(k, eta)) {
                *theta = eta;
            }
        };
        // The value of a correlation at this fraction of its negative or positive bound.
        let towards = |k: usize, negative: bool, part: f64| {
            let [lower, upper] = transforms.limits(k);
            let end = if negative { lower.min(upper) } else { lower.max(upper) };
            end * convert(part)
        };
        match self.kind(transforms) {
            Kind::Correlations(places, count) if number <= (1 << count) + 1 => {
                let is_trend = number > 1 << count;
                for (bit, &k) in places.iter().enumerate().take(count) {
                    let negative = !is_trend && (number - 1) >> bit & 1 == 1;
                    put(k, towards(k, negative, if is_trend { TREND } else { CORRELATION }));
                }
            }
            Kind::Lags(k) if number <= 2 => put(k, towards(k, number == 1, CORRELATION)),
            // 0.8, 0.8, … and −0.8, 0.8, …
            Kind::MovingAverage if number <= 2 => {
                let is_coefficient = |k: &usize| self.degree(*k).is_zero();
                for (place, k) in (0..P::USIZE).filter(is_coefficient).enumerate() {
                    let negative = number == 2 && place % 2 == 0;
                    let eta = self.typical(k) * convert(COEFFICIENT);
                    put(k, if negative { -eta } else { eta });
                }
            }
            // Starts 1 and 2 make every other loading small, starts 3 and 4 one half of the
            // loadings, so that the large loadings belong to different variables.
            Kind::Loadings if number <= 4 => {
                let loads = |k: &usize| self.degree(*k) == T::one();
                let count = (0..P::USIZE).filter(loads).count();
                for (place, k) in (0..P::USIZE).filter(loads).enumerate() {
                    let second = if number <= 2 { place % 2 == 1 } else { place * 2 >= count };
                    let factor = if second == number.is_multiple_of(2) { SMALL } else { LARGE };
                    let eta = transforms.jet(k, self.start()[k]).value;
                    put(k, eta * convert(factor));
                }
            }
            // Start 1 makes all noise variances of the state small; start 2 makes each one smaller
            // than the one before.
            Kind::Noises(last, count) if number < count.min(3) => {
                let mut part = T::one();
                let first = if count == 2 { TINY } else { LITTLE };
                for k in (0..last).filter(|&k| self.degree(k) == convert(2.0)) {
                    part = if number == 1 { convert(first) } else { part * convert(SMALL) };
                    put(k, self.typical(k) * part);
                }
            }
            Kind::Range(k, last) if number <= 3 => match number {
                1 => put(k, self.typical(k) * convert(RANGE)),
                2 => put(k, self.typical(k) * convert(1.0 / RANGE)),
                _ => put(last, self.typical(last) * convert(LITTLE)),
            },
            _ => return None,
        }
        Some(theta)
    }
}

/// Searches for the maximum from the current θ of `problem` and, if `units` are given, also from
/// the additional starts for this kind of covariance structure. After the call, the current θ of
/// `problem` is the θ at which the best search ended.
pub(crate) fn maximise<Q, P, T>(
    problem: &mut Q,
    units: Option<&Units<P, T>>,
    held: Option<usize>,
    max_iterations: usize,
    observe: impl FnMut(Sight<'_, P, T>),
) -> Ended<P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    let mut best = Search::new(problem, held).run(units.is_some(), max_iterations, observe);
    let Some(units) = units else { return best };
    let mut at = Array::<T, P>(copied::<P, _>(problem.theta()));
    let height = |problem: &Q, ended: &Ended<P, T>| ended.limit.unwrap_or(problem.log_likelihood());
    let mut highest = height(problem, &best);
    let (mut evaluations, mut maxima, mut starts) = (best.certificate.evaluations, 1, 1);
    let mut elsewhere = false;
    let other = |problem: &Q, number| units.other_start(&problem.transforms(), number);
    while let Some(start) = other(problem, starts) {
        starts += 1;
        if !problem.restart(&start.0) {
            continue;
        }
        elsewhere = true;
        let mut search = Search::new(problem, held);
        let mut ended = search.run(true, STEPS.min(max_iterations), |_| {});
        let slack = highest.abs().max(T::one()) * convert(DIFFERENT);
        let unfinished = matches!(ended.end, End::MaxIterations);
        let promises = search.problem.log_likelihood() + ended.certificate.decrement > highest;
        if unfinished && promises {
            let steps = ended.iterations;
            ended = search.run(false, MORE.min(max_iterations), |_| {});
            ended.iterations += steps;
        }
        evaluations += ended.certificate.evaluations;
        let there = height(problem, &ended);
        let is_maximum = matches!(ended.end, End::Converged | End::Boundary(_));
        if !is_maximum {
            continue;
        }
        maxima += usize::from((there - highest).abs() > slack);
        if there > highest + slack {
            (best, highest, elsewhere) = (ended, there, false);
            best.certificate.start = starts - 1;
            at = Array(copied::<P, _>(problem.theta()));
        }
    }
    if elsewhere && problem.look(&at.0).is_some() {
        problem.go();
    }
    best.certificate.evaluations = evaluations;
    (best.certificate.starts, best.certificate.maxima) = (starts, maxima);
    best
}
