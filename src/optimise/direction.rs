//! The Newton step, and the information by which it is taken.

use hybrid_array::ArraySize;
use nalgebra::convert;

use super::information::{Solution, Square};
use super::trust_region::length;
use super::{Ascent, Problem, Search, dot};
use crate::Real;

/// Steps by the average information before the observed one is tried, which costs twice as much and pays only near
/// the maximum.
const AVERAGE_STEPS: usize = 4;
/// A decrement sᵀB⁻¹s below which the observed information is tried earlier.
const NEAR: f64 = 0.1;
/// The logarithm of yᵀPy/(n − K) from which on V has not the scale of the data. The average information is off by that
/// factor, the expected one is not.
const ASTRAY: f64 = 1.0;
/// How many times the radius of the trust region a step by the average information may be.
const OUTSIDE: f64 = 1.25;

impl<Q, P, T> Search<'_, Q, P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    /// Computes the derivatives at θ and returns the Newton step: by the expected information at first, by the observed one near the
    /// maximum if that is positive definite, by the expected one where the average one is singular, off by the scale of the data
    /// or leads out of the trust region, else by the average one.
    #[inline(never)]
    pub(super) fn newton(
        &mut self,
        iteration: usize,
        tolerance: T,
        ascent: &mut Ascent<P, T>,
    ) -> Solution<P, T> {
        let free = self.free();
        let first = iteration == 0;
        let scale = self.problem.log_scale();
        let metric = self.metric();
        let longest = self.radius * convert(OUTSIDE);
        let (by_average, astray, near) = self.problem.ascend(ascent, first, |score, average| {
            let newton = average.solve(score.as_ref(), &free);
            let outside = length(&metric.with(average), newton.x.as_ref()) > longest;
            let astray = newton.null.is_some() || scale.abs() > convert(ASTRAY) || outside;
            let decrement = dot(score.as_ref(), newton.x.as_ref());
            let near = decrement < convert(NEAR) || iteration >= AVERAGE_STEPS;
            let near = near && decrement > tolerance && !first;
            (!first && (astray || near), (newton, astray, near))
        });
        let Some(expected) = ascent.other.take() else { return by_average };
        if near {
            ascent.other = Some(expected);
            let observed = self.observed(ascent);
            let newton = observed.solve(ascent.score.as_ref(), &free);
            let expected = ascent.other.replace(observed);
            if !newton.indefinite && newton.null.is_none() {
                return newton;
            }
            ascent.other = expected;
        } else {
            ascent.other = Some(expected);
        }
        if astray {
            return ascent.information().solve(ascent.score.as_ref(), &free);
        }
        ascent.other = None;
        by_average
    }

    /// Returns the observed information on the natural scale, except for the factors dη/dθ: second derivatives with respect to η.
    pub(super) fn observed(&mut self, ascent: &Ascent<P, T>) -> Square<P, T> {
        let mut observed = self.problem.observed(ascent);
        for (k, &score) in ascent.score.as_ref().iter().enumerate() {
            let jet = self.problem.jet(k, self.theta(k));
            let bend = score * jet.second / jet.first;
            if bend.is_finite() {
                observed.add(k, k, bend);
            }
        }
        observed
    }
}
