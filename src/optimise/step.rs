//! A single step of the search, which raises the log-likelihood.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use crate::base::arrays::dot;
use crate::base::scalar::Real;
use crate::optimise::direction::Newton;
use crate::optimise::problem::{Ascent, Problem};
use crate::optimise::trust_region::length;
use crate::optimise::{ATTEMPTS, Search};

/// The least rise of the log-likelihood with which a step is accepted, as a fraction of the rise
/// that the quadratic model predicts.
const ENOUGH: f64 = 1e-4;
/// The trust region shrinks if the rise of the log-likelihood is below this fraction of the
/// predicted rise.
const POOR: f64 = 0.25;
/// The trust region may grow if the rise of the log-likelihood is above this fraction of the
/// predicted rise.
const GOOD: f64 = 0.75;

/// The largest fall of the log-likelihood that is accepted in a step near the maximum, in units of
/// the rounding error of the log-likelihood. If rounding hides the rise of the log-likelihood in a
/// step, the Newton decrement decides whether the search has converged.
const NOISE: f64 = 64.0;

/// The result of a step.
pub(super) enum Step<P: ArraySize, T> {
    /// The log-likelihood has risen.
    Risen,
    /// The log-likelihood is unchanged within rounding. The field is the θ before the step.
    Hidden(P::ArrayType<T>),
    /// No trial step was accepted.
    None,
}

impl<Q, P, T> Search<'_, Q, P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    /// Makes a step in a trust region that shrinks until the log-likelihood rises. If `hides` is
    /// `true`, a step that changes the log-likelihood by no more than rounding error is accepted
    /// too.
    #[inline(never)]
    pub(super) fn advance(
        &mut self,
        ascent: &Ascent<P, T>,
        newton: &Newton<P, T>,
        bold: bool,
        hides: bool,
    ) -> Step<P, T> {
        let (information, score) = (ascent.information(), ascent.score.as_ref());
        let rounding = self.rounding();
        let metric = self.metric().with(information);
        let newton = newton.step.as_ref();
        let radius = self.radius;
        let mut reopened = Array::<bool, P>::from_fn(|_| false);
        for attempt in 0..ATTEMPTS {
            let whole = newton.filter(|_| attempt == 0 && bold);
            let step = match whole {
                Some(newton) => newton.clone(),
                None => self.trust_region_step(information, score, newton, &metric),
            };
            let candidate = self.candidate(&step, whole.is_some());
            let promised =
                dot(score, &candidate.step) - information.form(&candidate.step) * convert(0.5);
            let length = length(&metric, &candidate.step);
            let parked = candidate.parked != self.parked;
            // A step onto a bound is accepted only if the log-likelihood has finite derivatives
            // there.
            let there = self.look(&candidate.theta);
            let rise = there.map(|there| there - self.problem.log_likelihood());
            if let Some(rise) = rise {
                let risen = rise > T::zero() && rise >= promised * convert(ENOUGH);
                // The log-likelihood of an ill-conditioned model is less precise than its
                // estimated rounding error.
                let slack = if hides { rounding * convert(NOISE) } else { rounding };
                let level = rise >= -slack && (parked || hides);
                if (risen || level) && self.problem.is_smooth_there(parked) {
                    if rise < promised * convert(POOR) {
                        self.radius = self.radius.min(length) * convert(0.5);
                    } else if rise > promised * convert(GOOD) && length > self.radius * convert(0.5)
                    {
                        self.radius = self.radius.max(length) * convert(4.0);
                    }
                    let before = self.current().0;
                    for (closed, &reopened) in self.closed.iter_mut().zip(&reopened) {
                        *closed &= !reopened;
                    }
                    self.accept(candidate);
                    // A ridge of the log-likelihood that is curved on one scale may be straight on
                    // the other.
                    let poor = attempt > 0 || rise < promised * convert(POOR);
                    if poor && !bold && !hides {
                        self.in_theta = !self.in_theta;
                        self.radius = radius;
                    }
                    let hidden = hides && !parked && rise <= rounding;
                    return if hidden { Step::Hidden(before) } else { Step::Risen };
                }
            }
            if whole.is_some() {
                continue;
            }
            if parked {
                // A bound at which the log-likelihood is undefined stays closed; a bound at which
                // the log-likelihood is lower is closed for this step only.
                for k in (0..P::USIZE).filter(|&k| candidate.parked[k] != self.parked[k]) {
                    self.closed[k] = true;
                    reopened[k] = rise.is_some();
                }
            } else {
                self.radius = self.radius.min(length) * convert(0.25);
            }
        }
        Step::None
    }
}
