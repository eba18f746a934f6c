//! The search for the maximum: scoring steps that never lower the likelihood.

mod edges;

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use super::{LinearGaussian, SensitivityFilter, StateSpaceEstimation};
use crate::evaluate::for_each_shift;
use crate::reml::square::Square;
use crate::search::{
    ATTEMPTS, ENOUGH, ROUNDINGS, adapt_damping, dot, increase_damping, loose_tolerance, tolerance,
    within_range,
};
use crate::shape::{copied, default_theta};
use crate::transform::{AsJet, Inverted, Limits};
use crate::{Edge, Error, Outcome, Real, Shape};

/// A decrement sᵀI⁻¹s below which the observed information is tried, which costs 2P evaluations more and pays only near the
/// maximum.
const NEAR: f64 = 0.1;

pub(super) struct Search<'e, 'm, 'y, M: Shape, T, const S: usize, const O: usize> {
    estimation: &'e StateSpaceEstimation<'m, 'y, M, T, S, O>,
    pub(super) theta: Array<T, M::Params>,
    pub(super) at: SensitivityFilter<M, T, S, O>,
    /// The parameters that are at an end of their range.
    edges: Array<Option<Edge>, M::Params>,
    /// Whether the last step led each parameter to the end of its range.
    led: Array<bool, M::Params>,
    /// Each θₖ when it was last not at an end.
    inside: Array<T, M::Params>,
    /// How often each parameter came back from there.
    returns: Array<u8, M::Params>,
}

/// Where a step leads.
struct Candidate<P: ArraySize, T> {
    theta: Array<T, P>,
    edges: Array<Option<Edge>, P>,
    led: Array<bool, P>,
}

impl<'e, 'm, 'y, M, T, const S: usize, const O: usize> Search<'e, 'm, 'y, M, T, S, O>
where
    T: Real,
    M: LinearGaussian<T, S, O>,
{
    /// At the start, with what is infinite in it on the edge.
    pub(super) fn new(
        estimation: &'e StateSpaceEstimation<'m, 'y, M, T, S, O>,
    ) -> Result<Self, Error> {
        let inside = Array::<T, M::Params>(default_theta::<M, T>(estimation.model));
        let theta = match &estimation.start {
            Some(start) => Array::<T, M::Params>(copied::<M::Params, T>(start)),
            None => inside.clone(),
        };
        Ok(Self {
            at: estimation.at(&theta.0)?,
            edges: Array::from_fn(|k| (!theta[k].is_finite()).then(|| Edge::on_side_of(theta[k]))),
            led: Array::from_fn(|_| false),
            returns: Array::from_fn(|_| 0),
            estimation,
            theta,
            inside,
        })
    }

    pub(super) fn into_information(self) -> Square<M::Params, T> {
        self.at.information_square().clone()
    }

    /// How the search ended, and after how many steps.
    pub(super) fn run(&mut self) -> (Outcome<M, T>, usize) {
        let (tolerance, enough) = (tolerance::<T>(), loose_tolerance::<T>());
        let mut damping = T::zero();
        let mut iterations = 0;
        loop {
            let decrement = self.decrement(&self.at);
            if decrement > tolerance {
                if iterations >= self.estimation.max_iterations {
                    return (Outcome::MaxIterations, iterations);
                }
                if self.advance(decrement, &mut damping) {
                    iterations += 1;
                    continue;
                }
                if decrement > enough && decrement > self.hidden() {
                    return (Outcome::Stalled, iterations);
                }
            }
            if !self.leave_edges() && !self.settle() {
                return (self.outcome(), iterations);
            }
            iterations += 1;
            damping = T::zero();
        }
    }

    /// The parameters that are not at an end of their range.
    fn active(&self) -> Array<bool, M::Params> {
        Array::from_fn(|k| self.edges[k].is_none())
    }

    /// sᵀI⁻¹s over the active parameters.
    fn decrement(&self, at: &SensitivityFilter<M, T, S, O>) -> T {
        let score = at.score().as_ref();
        let step = at.information_square().solve(score, &self.active(), T::zero()).x;
        dot(score, step.as_ref())
    }

    /// What rounding may do to a log-likelihood.
    fn rounding(&self) -> T {
        let count = convert::<_, T>(self.estimation.count() as f64);
        T::default_epsilon() * convert(ROUNDINGS) * (self.at.log_likelihood().abs() + count)
    }

    /// A decrement of which rounding hides the rise.
    fn hidden(&self) -> T {
        self.rounding() + self.rounding()
    }

    /// Takes a step, the shorter the more damping it needs, and says whether there was one. Where rounding hides its rise, the
    /// score must fall.
    fn advance(&mut self, decrement: T, damping: &mut T) -> bool {
        let (active, rounding) = (self.active(), self.rounding());
        let hides = decrement <= self.hidden();
        let near = decrement < convert(NEAR);
        let observed = if near { self.observed(&active) } else { None };
        for _ in 0..ATTEMPTS {
            let score = self.at.score().as_ref();
            let information = observed.as_ref().unwrap_or(self.at.information_square());
            let step = information.solve(score, &active, *damping).x;
            let promised =
                dot(score, step.as_ref()) - information.form(step.as_ref()) * convert(0.5);
            let candidate = self.candidate(step.as_ref());
            let parked = candidate.edges != self.edges;
            let limited = candidate.led.contains(&true);
            if let Ok(log_likelihood) = self.estimation.log_likelihood(&candidate.theta.0) {
                let rise = log_likelihood - self.at.log_likelihood();
                let risen = rise > T::zero() && (limited || rise >= promised * convert(ENOUGH));
                let level = rise >= -rounding && (parked || hides);
                if (risen || level)
                    && let Ok(next) = self.estimation.at(&candidate.theta.0)
                {
                    if hides && !parked && self.decrement(&next) > decrement * convert(0.5) {
                        return false;
                    }
                    adapt_damping(damping, rise, promised, limited);
                    self.accept(next, candidate);
                    return true;
                }
            }
            increase_damping(damping);
        }
        false
    }

    /// Minus the second derivatives of the likelihood over the active parameters, by central differences of the score, if
    /// they are positive definite; made those by the parameters η on their own scale but for the factors dη/dθ, since steps
    /// are taken there.
    fn observed(&self, active: &[bool]) -> Option<Square<M::Params, T>> {
        let mut observed = Square::<M::Params, T>::zeros();
        let score = self.at.score().as_ref();
        for_each_shift::<M::Params, T>(&self.theta.0, |l, above, below, width| {
            if !active[l] {
                return;
            }
            // What has no value here makes it infinite.
            let score_at = |theta| self.estimation.at(theta).ok();
            let (above, below) = (score_at(above), score_at(below));
            for k in 0..score.len() {
                let at = |filter: &Option<SensitivityFilter<M, T, S, O>>| {
                    filter
                        .as_ref()
                        .map_or(T::one() / T::zero(), |filter| filter.score().as_ref()[k])
                };
                let half = (at(&below) - at(&above)) / (width + width);
                observed.add(k, l, half);
                observed.add(l, k, half);
            }
            let jet = self.estimation.model.visit_transform(l, AsJet(self.theta[l]));
            observed.add(l, l, score[l] * jet.second / jet.first);
        });
        let solution = observed.solve(score, active, T::zero());
        let definite = solution.null.is_none() && !solution.indefinite;
        (observed.is_finite() && definite).then_some(observed)
    }

    /// No step.
    fn here(&self) -> Candidate<M::Params, T> {
        Candidate {
            theta: self.theta.clone(),
            edges: self.edges.clone(),
            led: Array::from_fn(|_| false),
        }
    }

    /// η + η′ δ for the parameters η on their own scale, as far as their ranges go.
    fn candidate(&self, step: &[T]) -> Candidate<M::Params, T> {
        let mut candidate = self.here();
        for (k, &step) in step.iter().enumerate() {
            if step.is_zero() || self.edges[k].is_some() {
                continue;
            }
            let edge = Edge::on_side_of(step);
            let jet = self.estimation.model.visit_transform(k, AsJet(self.theta[k]));
            let (target, led) = within_range(jet, step, self.end(k, edge), self.led[k], false);
            candidate.led[k] = led;
            if let Some(target) = target {
                let to = self.estimation.model.visit_transform(k, Inverted(target));
                // Where the parameter has no such value (an overflow), the step is taken in θ.
                candidate.theta[k] = to.unwrap_or(self.theta[k] + step);
            } else {
                candidate.theta[k] = edge.theta();
                candidate.edges[k] = Some(edge);
            }
        }
        candidate
    }

    /// The parameter on its own scale at an end of its range, finite or not.
    fn end(&self, k: usize, edge: Edge) -> T {
        edge.of(self.estimation.model.visit_transform(k, Limits::new()))
    }

    /// Goes there.
    fn accept(&mut self, next: SensitivityFilter<M, T, S, O>, candidate: Candidate<M::Params, T>) {
        for k in 0..candidate.theta.len() {
            if candidate.edges[k].is_none() {
                self.inside[k] = candidate.theta[k];
            }
        }
        self.at = next;
        self.theta = candidate.theta;
        self.edges = candidate.edges;
        self.led = candidate.led;
    }

    /// What the maximum is.
    fn outcome(&self) -> Outcome<M, T> {
        let information = self.at.information_square();
        let on_edge = self.edges.iter().any(Option::is_some);
        // At an end of one parameter others may be without influence: a correlation with what has no variance.
        let active = Array::<bool, M::Params>::from_fn(|k| {
            self.edges[k].is_none() && !(on_edge && information.get(k, k).is_zero())
        });
        if let Some(combination) =
            information.solve(self.at.score().as_ref(), &active, T::zero()).null
        {
            Outcome::NotIdentified(combination)
        } else if on_edge {
            Outcome::Boundary(self.edges.clone().0)
        } else {
            Outcome::Converged
        }
    }
}
