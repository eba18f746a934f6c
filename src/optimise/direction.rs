//! The Newton step, and the information by which it is taken.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use crate::base::arrays::dot;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::information_matrix::solve::Solution;
use crate::optimise::Search;
use crate::optimise::problem::{Ascent, Problem};
use crate::optimise::trust_region::length;

/// Steps by the average information before the observed one is tried, which costs twice as much and
/// pays only near the maximum.
const AVERAGE_STEPS: usize = 4;
/// A decrement sᵀB⁻¹s below which the observed information is tried earlier.
const NEAR: f64 = 0.1;
/// The logarithm of yᵀPy/(n − K) from which on V has not the scale of the data. The average
/// information is off by that factor, the expected one is not.
const ASTRAY: f64 = 1.0;
/// The longest step by the average information, in radii of the trust region.
const OUTSIDE: f64 = 1.25;

/// The Newton step.
pub(super) struct Newton<P: ArraySize, T> {
    /// B⁻¹ s, if B is positive definite.
    pub(super) step: Option<Array<T, P>>,
    /// sᵀB⁻¹s, as far as B has an inverse.
    pub(super) decrement: T,
}

impl<P: ArraySize, T: Real> Newton<P, T> {
    fn new(solution: Solution<P, T>, score: &[T]) -> Self {
        let Solution { x, null, indefinite } = solution;
        let decrement = dot(score, x.as_ref());
        let definite = null.is_none() && !indefinite;
        Self { step: definite.then(|| Array(x)), decrement }
    }
}

impl<Q, P, T> Search<'_, Q, P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    /// Computes the derivatives at θ and returns the Newton step: by the expected information at
    /// first, by the observed one near the maximum, by the expected one where the average one is
    /// singular, off by the scale of the data or leads out of the trust region, else by the average
    /// one. Where the observed information is indefinite, there is no Newton step, and the trust
    /// region alone decides.
    #[inline(never)]
    pub(super) fn newton(
        &mut self,
        iteration: usize,
        tolerance: T,
        ascent: &mut Ascent<P, T>,
    ) -> Newton<P, T> {
        let free = self.free();
        let first = iteration == 0;
        let scale = self.problem.log_scale();
        let metric = self.metric();
        let longest = self.radius * convert(OUTSIDE);
        let (by_average, astray, near) = self.problem.ascend(ascent, first, |score, average| {
            let newton = Newton::new(average.solve(score.as_ref(), &free), score.as_ref());
            let outside = newton.step.as_ref().is_none_or(|step| {
                let length = length(&metric.with(average), step);
                length > longest
            });
            let astray = outside || scale.abs() > convert(ASTRAY);
            let near = newton.decrement < convert(NEAR) || iteration >= AVERAGE_STEPS;
            let near = near && newton.decrement > tolerance && !first;
            (!first && (astray || near), (newton, astray, near))
        });
        let Some(expected) = &ascent.other else { return by_average };
        let by_expected =
            Newton::new(expected.solve(ascent.score.as_ref(), &free), ascent.score.as_ref());
        if near {
            let observed = self.observed(ascent);
            if observed.is_finite() {
                let newton = Newton::new(
                    observed.solve(ascent.score.as_ref(), &free),
                    ascent.score.as_ref(),
                );
                ascent.other = Some(observed);
                // How far the maximum is, no indefinite information tells.
                return match newton.step {
                    Some(_) => newton,
                    None => Newton { step: None, ..by_expected },
                };
            }
        }
        if astray {
            return by_expected;
        }
        ascent.other = None;
        by_average
    }

    /// Returns the observed information on the scale on which steps are taken, except for the
    /// factors dη/dθ.
    pub(super) fn observed(&mut self, ascent: &Ascent<P, T>) -> InformationMatrix<P, T> {
        let mut observed = self.problem.observed(ascent);
        if self.in_theta {
            return observed;
        }
        for (k, &score) in ascent.score.as_ref().iter().enumerate() {
            let jet = self.jet(k);
            let bend = score * jet.second / jet.first;
            if bend.is_finite() {
                observed.add(k, k, bend);
            }
        }
        observed
    }
}
