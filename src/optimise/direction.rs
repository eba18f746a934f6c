//! The Newton step, and the choice of the information matrix for it.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use crate::base::arrays::dot;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::information_matrix::solve::Solution;
use crate::optimise::Search;
use crate::optimise::problem::{Ascent, Problem};
use crate::optimise::trust_region::length;

/// The number of steps with the average information before the observed information is tried. The
/// observed information costs twice as much and helps only near the maximum.
const AVERAGE_STEPS: usize = 4;
/// The Newton decrement below which the observed information is tried even before `AVERAGE_STEPS`
/// steps.
const NEAR: f64 = 0.1;
/// The largest absolute value of log(yᵀPy/(n − K)) at which the average information is used, where
/// yᵀPy is the weighted sum of squared residuals of n observations with K fixed effects. The
/// average information is wrong by the factor yᵀPy/(n − K), while the expected information is not.
const ASTRAY: f64 = 1.0;
/// The length of the longest step with the average information, as a multiple of the radius of the
/// trust region.
const OUTSIDE: f64 = 1.25;

/// The Newton step.
pub(super) struct Newton<P: ArraySize, T> {
    /// The Newton step B⁻¹s for the score s and the information matrix B, or `None` if B is not
    /// positive definite.
    pub(super) step: Option<Array<T, P>>,
    /// The Newton decrement sᵀB⁻¹s for the score s and the information B, computed over the
    /// directions in which B is not singular.
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
    /// Computes the derivatives at θ and returns the Newton step. The first step uses the expected
    /// information, steps near the maximum use the observed information, and all other steps use
    /// the average information. The expected information replaces the average information if the
    /// average information is singular or leads out of the trust region, or if the scale of the
    /// covariance matrix V does not fit the data. If the observed information is indefinite, there
    /// is no Newton step, and the trust region alone determines the step.
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
                // An indefinite information matrix gives no distance from the maximum, so the
                // decrement is computed with the expected information.
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

    /// Returns the observed information matrix on the scale on which steps are taken. If steps are
    /// taken on the natural scale η, the result is the observed information of η, in which entry
    /// (k, l) is multiplied by dηₖ/dθₖ dηₗ/dθₗ.
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
