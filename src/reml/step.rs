//! The search for the maximum: average-information steps that never lower the likelihood.

use hybrid_array::Array;
use nalgebra::{SMatrix, convert};

use super::outcome::Edge;
use super::sample::Sample;
use super::square::{Solution, Square};
use super::{Estimation, Likelihood, Outcome, Progress};
use crate::shape::filled;
use crate::transform::{AsJet, Forward, Inverted};
use crate::{ParamMatrix, Params, Real, Theta};

/// Steps by the average information before the observed one is tried, which costs twice as much and pays only near
/// the maximum.
const AVERAGE_STEPS: usize = 4;
/// A decrement sᵀI⁻¹s below which the observed information is tried earlier.
const NEAR: f64 = 0.1;
/// The logarithm of yᵀPy/(n − K) from which on V has not the scale of the data. The average information is off by that
/// factor, the expected one is not.
const ASTRAY: f64 = 1.0;
/// A rise of this part of what the step promised is enough (Armijo 1966).
const ENOUGH: f64 = 1e-4;
/// How far towards the end of a parameter's range one step may lead, unless the last one already did.
const REACH: f64 = 0.9;
/// A step in a parameter with no end to its range counts as going there if it is this part of what the
/// parameter is.
const FAR: f64 = 0.3;
/// Such steps in a row before the end is tried.
const FAR_STEPS: u8 = 3;
/// The end was tried, and is none.
const NO_END: u8 = u8::MAX;
/// Roundings of a log-likelihood, of its size and of n.
const ROUNDINGS: f64 = 8.0;
/// The damping where parts of V are alike, which shares a step among them.
const RIDGE: f64 = 1e-6;
/// Shorter and shorter steps before the search gives up: by then they are shorter than 8⁻³⁰.
const ATTEMPTS: usize = 30;
/// Times that a parameter may come back from the end of its range.
const RETURNS: u8 = 3;

pub(super) struct Search<'e, 'a, M, D, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    estimation: &'e Estimation<'a, M, D, T, N, K>,
    at: Likelihood<'e, M, D, T, N, K>,
    edges: Params<M, Option<Edge>>,
    /// How often in a row each parameter was led towards the end of its range.
    strikes: Params<M, u8>,
    returns: Params<M, u8>,
    /// Each θₖ when it was last not at an end.
    inside: Theta<M, T>,
    step: Theta<M, T>,
}

/// How a search ended.
pub(super) struct Ended<M: crate::Shape, T> {
    pub(super) outcome: Outcome<M, T>,
    pub(super) iterations: usize,
    pub(super) average: Square<M::Params, T>,
}

/// Where a step leads.
struct Candidate<M: crate::Shape, T> {
    theta: Theta<M, T>,
    edges: Params<M, Option<Edge>>,
    strikes: Params<M, u8>,
    /// Whether it is not where the step wanted to go.
    limited: bool,
    /// Whether a parameter is put on an end of its range that the transform does not have.
    beyond: bool,
}

impl<'e, 'a, M, D, T, const N: usize, const K: usize> Search<'e, 'a, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    /// At the start, with the scale of V that the data have.
    pub(super) fn new(estimation: &'e Estimation<'a, M, D, T, N, K>) -> Result<Self, crate::Error> {
        let start = if let Some(start) = &estimation.start {
            copy::<M, T>(start)
        } else {
            let defaults = estimation.model.defaults();
            Array::<T, M::Params>::from_fn(|k| convert(defaults.as_ref()[k])).0
        };
        let mut search = Self {
            estimation,
            at: estimation.at(&start)?,
            edges: filled::<M::Params, _>(None),
            strikes: filled::<M::Params, _>(0),
            returns: filled::<M::Params, _>(0),
            inside: start,
            step: filled::<M::Params, _>(T::zero()),
        };
        if estimation.start.is_none() {
            search.rescale();
        }
        Ok(search)
    }

    pub(super) fn into_likelihood(self) -> Likelihood<'e, M, D, T, N, K> {
        self.at
    }

    /// Moves along the direction d with Σ dₖ ∂ₖV = V, if there is one, until yᵀPy = n − K: the moment
    /// estimate of the scale of V. For d the average information is what a least squares fit of V P y by the ∂ₖV
    /// P y needs: I d = ½ yᵀP ∂V P y.
    fn rescale(&mut self) {
        /// Scales of e^±0.1 need no correction; and an exponential is corrected in one step.
        const CLOSE: f64 = 0.1;
        const STEPS: usize = 20;
        let degrees = self.degrees();
        let log_scale = |at: &Likelihood<'_, M, D, T, N, K>| (at.quadratic() / degrees).ln();
        let active = filled::<M::Params, bool>(true);
        for _ in 0..STEPS {
            let scale = log_scale(&self.at);
            let far = scale.abs() > convert(CLOSE);
            if !far {
                return;
            }
            let average = self.at.average();
            let growth = self.at.growth();
            // Where parts of V are still alike, all of them grow.
            let ridge = convert(RIDGE);
            let along = average.solve(growth.as_ref(), active.as_ref(), ridge).x;
            // ½ yᵀPVPVPy is ½ yᵀPy.
            let part = dot(growth.as_ref(), along.as_ref()) / self.at.quadratic();
            let grows = (part * convert(2.0) - T::one()).abs() < convert(0.01);
            if !grows {
                return;
            }
            let theta = Array::<T, M::Params>::from_fn(|k| {
                self.at.theta.as_ref()[k] + along.as_ref()[k] * scale
            });
            match self.estimation.at(&theta.0) {
                Ok(next) if log_scale(&next).abs() < scale.abs() => {
                    self.at = next;
                    self.inside = theta.0;
                }
                _ => return,
            }
        }
    }

    pub(super) fn run(&mut self, mut observer: impl FnMut(&Progress<'_, M, T>)) -> Ended<M, T> {
        let tolerance = T::default_epsilon().powf(convert(5.0 / 3.0));
        let mut damping = T::zero();
        // The decrement and θ before a step whose rise rounding hides.
        let mut hidden: Option<(T, Theta<M, T>)> = None;
        let mut iteration = 0;
        loop {
            let weights = self.at.weights();
            let score = self.at.score_at(&self.at.theta, &weights);
            let average = self.at.average();
            let (information, newton) = self.information(iteration, &average, &weights, &score);
            let decrement = dot(score.as_ref(), newton.x.as_ref());
            observer(&Progress {
                iteration,
                theta: &self.at.theta,
                step: &self.step,
                log_likelihood: self.at.log_likelihood(),
                score_norm: decrement.max(T::zero()).sqrt(),
            });
            let ended = |outcome| Ended { outcome, iterations: iteration, average };

            let mut done = decrement <= tolerance;
            if let Some((before, theta)) = hidden.take() {
                if decrement > before
                    && let Ok(at) = self.estimation.at(&theta)
                {
                    self.at = at;
                }
                done |= decrement > before * convert(0.25);
            }
            if !done && iteration == self.estimation.max_iterations {
                return ended(Outcome::MaxIterations);
            }
            if !done {
                if newton.null.is_some() {
                    damping = damping.max(convert(RIDGE));
                }
                let hides = decrement <= self.rounding() + self.rounding();
                match self.advance(&information, &score, hides, &mut damping) {
                    Advance::Risen => {}
                    Advance::Hidden(theta) => hidden = Some((decrement, theta)),
                    Advance::None if hides => done = true,
                    Advance::None => return ended(Outcome::Stalled),
                }
            }
            if done && !self.leave_edges() {
                self.snap_to_edges();
                let outcome = self.outcome();
                return Ended { outcome, iterations: iteration, average: self.at.average() };
            }
            iteration += 1;
        }
    }

    /// n − K.
    fn degrees(&self) -> T {
        convert((self.estimation.sample.observations() - K) as f64)
    }

    /// The information to step by, and the undamped step: the average one, the expected one where that is
    /// singular or of another scale, as yᵀPy is, and near the maximum the observed one, if it is positive definite.
    fn information(
        &mut self,
        iteration: usize,
        average: &Square<M::Params, T>,
        weights: &SMatrix<T, N, N>,
        score: &Theta<M, T>,
    ) -> (Square<M::Params, T>, Solution<M::Params, T>) {
        let active = self.active();
        let solve = |information: &Square<M::Params, T>| {
            information.solve(score.as_ref(), active.as_ref(), T::zero())
        };
        let newton = solve(average);
        let near = dot(score.as_ref(), newton.x.as_ref()) < convert(NEAR);
        let scale = (self.at.quadratic() / self.degrees()).ln();
        if newton.null.is_some() || scale.abs() > convert(ASTRAY) {
            let expected = self.at.expected();
            let newton = solve(&expected);
            return (expected, newton);
        }
        if near || iteration >= AVERAGE_STEPS {
            let mut observed = self.at.observed(average, weights);
            // By the parameters on their own scale, since steps are taken there.
            for k in 0..active.as_ref().len() {
                let jet =
                    self.estimation.model.visit_transform(k, AsJet(self.at.theta.as_ref()[k]));
                let bend = score.as_ref()[k] * jet.second / jet.first;
                if bend.is_finite() {
                    observed.add(k, k, bend);
                }
            }
            let by_observed = solve(&observed);
            if !by_observed.indefinite && by_observed.null.is_none() {
                return (observed, by_observed);
            }
        }
        (Square::from_fn(|k, l| average.get(k, l)), newton)
    }

    /// The parameters that are not at an end of their range.
    fn active(&self) -> Params<M, bool> {
        Array::<_, M::Params>::from_fn(|k| self.edges.as_ref()[k].is_none()).0
    }

    /// What rounding may do to a log-likelihood.
    fn rounding(&self) -> T {
        let count = convert::<_, T>(self.estimation.sample.observations() as f64);
        T::default_epsilon() * convert(ROUNDINGS) * (self.at.log_likelihood().abs() + count)
    }

    /// Takes a step, the shorter the more damping it needs; one whose rise rounding hides only if that is all
    /// that is left.
    fn advance(
        &mut self,
        information: &Square<M::Params, T>,
        score: &Theta<M, T>,
        hides: bool,
        damping: &mut T,
    ) -> Advance<M, T> {
        let active = self.active();
        let rounding = self.rounding();
        for _ in 0..ATTEMPTS {
            let step = information.solve(score.as_ref(), active.as_ref(), *damping).x;
            let promised =
                dot(score.as_ref(), step.as_ref()) - information.form(step.as_ref()) * convert(0.5);
            let candidate = self.candidate(&step);
            if let Ok(next) = self.estimation.at(&candidate.theta) {
                let rise = next.log_likelihood() - self.at.log_likelihood();
                let parked = candidate.edges.as_ref() != self.edges.as_ref();
                let risen =
                    rise > T::zero() && (candidate.limited || rise >= promised * convert(ENOUGH));
                let level = rise >= -rounding && (parked || hides);
                if risen || level {
                    if rise < promised * convert(0.1) && !candidate.limited {
                        *damping = damping.max(convert(1e-3)) * convert(4.0);
                    } else if rise > promised * convert(0.5) {
                        *damping *= convert(0.1);
                        if *damping < convert(1e-6) {
                            *damping = T::zero();
                        }
                    }
                    let before = self.accept(next, candidate);
                    return if hides && !parked { Advance::Hidden(before) } else { Advance::Risen };
                }
            } else if candidate.beyond {
                for (strikes, now) in
                    self.strikes.as_mut().iter_mut().zip(candidate.strikes.as_ref())
                {
                    if *now >= FAR_STEPS {
                        *strikes = NO_END;
                    }
                }
                continue;
            }
            *damping = (*damping * convert(8.0)).max(convert(1e-3));
        }
        Advance::None
    }

    /// Goes there; returns where it came from.
    fn accept(
        &mut self,
        next: Likelihood<'e, M, D, T, N, K>,
        candidate: Candidate<M, T>,
    ) -> Theta<M, T> {
        let before = copy::<M, T>(&self.at.theta);
        for k in 0..before.as_ref().len() {
            let (to, from) = (next.theta.as_ref()[k], before.as_ref()[k]);
            if let Some(step) = self.step.as_mut().get_mut(k) {
                // Not ∞ − ∞.
                *step = if to == from { T::zero() } else { to - from };
            }
            if let Some(inside) = self.inside.as_mut().get_mut(k)
                && candidate.edges.as_ref()[k].is_none()
            {
                *inside = to;
            }
        }
        self.at = next;
        self.edges = candidate.edges;
        self.strikes = candidate.strikes;
        before
    }

    /// η + η′ δ for the parameters η on their own scale, as far as their ranges go.
    fn candidate(&self, step: &Theta<M, T>) -> Candidate<M, T> {
        let mut candidate = Candidate::<M, T> {
            theta: copy::<M, T>(&self.at.theta),
            edges: Array::<_, M::Params>::from_fn(|k| self.edges.as_ref()[k]).0,
            strikes: filled::<M::Params, _>(0),
            limited: false,
            beyond: false,
        };
        for (k, &step) in step.as_ref().iter().enumerate() {
            if self.edges.as_ref()[k].is_some() {
                continue;
            }
            let strikes = self.strikes.as_ref()[k];
            let (to, struck) = self.target(k, step, strikes);
            candidate.limited |= struck > 0;
            let edge = if step < T::zero() { Edge::Lower } else { Edge::Upper };
            let (theta, edge) = match to {
                Some(theta) => (theta, None),
                None => (end_of(edge), Some(edge)),
            };
            candidate.beyond |= edge.is_some() && !self.has_end(k, edge);
            if let (Some(out), Some(out_edge), Some(out_strikes)) = (
                candidate.theta.as_mut().get_mut(k),
                candidate.edges.as_mut().get_mut(k),
                candidate.strikes.as_mut().get_mut(k),
            ) {
                (*out, *out_edge, *out_strikes) = (theta, edge, struck);
            }
        }
        candidate
    }

    fn has_end(&self, k: usize, edge: Option<Edge>) -> bool {
        edge.is_none_or(|edge| {
            self.estimation.model.visit_transform(k, Forward(end_of::<T>(edge))).is_finite()
        })
    }

    /// Where a step leads parameter k, `None` for the end of its range; and how often in a row it was led
    /// there.
    fn target(&self, k: usize, step: T, strikes: u8) -> (Option<T>, u8) {
        let theta = self.at.theta.as_ref()[k];
        if step.is_zero() {
            return (Some(theta), 0);
        }
        let model = self.estimation.model;
        let jet = model.visit_transform(k, AsJet(theta));
        let edge = if step < T::zero() { Edge::Lower } else { Edge::Upper };
        let end = model.visit_transform(k, Forward(end_of::<T>(edge)));
        let mut target = jet.value + jet.first * step;
        let mut struck = 0;
        if end.is_finite() {
            let room = end - jet.value;
            let part = (target - jet.value) / room;
            if part >= convert(REACH) {
                struck = strikes.saturating_add(1);
                if strikes == 0 {
                    target = jet.value + room * convert(REACH);
                } else if part >= T::one() {
                    return (None, struck);
                }
            }
        } else if step.abs() > (T::one() + theta.abs()) * convert(FAR) {
            struck = strikes.saturating_add(1);
            if strikes == NO_END {
                struck = NO_END;
            } else if struck >= FAR_STEPS {
                return (None, struck);
            }
        }
        let to = model.visit_transform(k, Inverted(target));
        // Where the parameter has no such value (an overflow), the step is taken in θ.
        (Some(to.unwrap_or(theta + step)), struck)
    }

    /// Takes parameters off the end of their range where the likelihood rises towards the inside; whether
    /// there was one.
    ///
    /// The score by θₖ is zero at the end. That by the parameter on its own scale has the sign of the
    /// score by θₖ with the derivative of V a little inside and everything else at the end.
    fn leave_edges(&mut self) -> bool {
        let weights = self.at.weights();
        for k in 0..self.edges.as_ref().len() {
            let Some(edge) = self.edges.as_ref()[k] else { continue };
            if self.returns.as_ref()[k] >= RETURNS {
                continue;
            }
            for part in [0.1, 1e-3, 1e-6] {
                let mut theta = copy::<M, T>(&self.at.theta);
                if let Some(out) = theta.as_mut().get_mut(k) {
                    *out = self.towards(k, edge, convert(part));
                }
                let slope = self.at.score_at(&theta, &weights).as_ref()[k];
                let inwards = if edge == Edge::Upper { -slope } else { slope };
                let rises = inwards > T::zero();
                if !rises {
                    continue;
                }
                if let Ok(next) = self.estimation.at(&theta)
                    && next.log_likelihood() > self.at.log_likelihood() + self.rounding()
                {
                    self.at = next;
                    if let (Some(edge), Some(returns), Some(inside)) = (
                        self.edges.as_mut().get_mut(k),
                        self.returns.as_mut().get_mut(k),
                        self.inside.as_mut().get_mut(k),
                    ) {
                        *edge = None;
                        *returns += 1;
                        *inside = theta.as_ref()[k];
                    }
                    return true;
                }
            }
        }
        false
    }

    /// θₖ for a parameter that is away from the end of its range by this part of what it was when it was last
    /// inside.
    fn towards(&self, k: usize, edge: Edge, part: T) -> T {
        let model = self.estimation.model;
        let inside = self.inside.as_ref()[k];
        let end = model.visit_transform(k, Forward(end_of::<T>(edge)));
        if !end.is_finite() {
            return inside / part;
        }
        let value = end + (model.visit_transform(k, Forward(inside)) - end) * part;
        model.visit_transform(k, Inverted(value)).unwrap_or(inside)
    }

    /// Puts on an edge what is there but for rounding.
    ///
    /// Where V depends on the square of θₖ, the score vanishes at θₖ = 0 whatever the data are, and a maximum
    /// there is no other than the boundary. And a range without an end may still lead to one of V, which θₖ
    /// approaches without end.
    fn snap_to_edges(&mut self) {
        let small = T::default_epsilon().cbrt();
        for k in 0..self.edges.as_ref().len() {
            let theta_k = self.at.theta.as_ref()[k];
            if self.edges.as_ref()[k].is_some() {
                continue;
            }
            let edge = if !theta_k.is_zero() && theta_k.abs() < small {
                Edge::Zero
            } else if theta_k > T::one() / small {
                Edge::Upper
            } else if theta_k < -T::one() / small {
                Edge::Lower
            } else {
                continue;
            };
            let mut theta = copy::<M, T>(&self.at.theta);
            if let Some(out) = theta.as_mut().get_mut(k) {
                *out = end_of(edge);
            }
            let Ok(mut next) = self.estimation.at(&theta) else { continue };
            if next.log_likelihood() >= self.at.log_likelihood() - self.rounding()
                && next.average().get(k, k).is_zero()
            {
                self.at = next;
                if let Some(out) = self.edges.as_mut().get_mut(k) {
                    *out = Some(edge);
                }
            }
        }
    }

    /// What the maximum is.
    fn outcome(&mut self) -> Outcome<M, T> {
        let average = self.at.average();
        let on_edge = self.edges.as_ref().iter().any(Option::is_some);
        // At an end of one parameter V may not depend on others: on a correlation with what has no
        // variance.
        let active = Array::<bool, M::Params>::from_fn(|k| {
            self.edges.as_ref()[k].is_none() && !(on_edge && average.get(k, k).is_zero())
        });
        let zero = filled::<M::Params, T>(T::zero());
        let null_of = |information: &Square<M::Params, T>| {
            information.solve(zero.as_ref(), active.as_ref(), T::zero()).null
        };
        if null_of(&average).is_some()
            && let Some(combination) = null_of(&self.at.expected())
        {
            return Outcome::NotIdentified(combination);
        }
        if on_edge {
            return Outcome::Boundary(Array::<_, M::Params>::from_fn(|k| self.edges.as_ref()[k]).0);
        }
        Outcome::Converged
    }
}

enum Advance<M: crate::Shape, T> {
    /// The likelihood is higher.
    Risen,
    /// It is the same to rounding; θ was this.
    Hidden(Theta<M, T>),
    /// No step was found.
    None,
}

/// θₖ at the end of its range.
fn end_of<T: Real>(edge: Edge) -> T {
    match edge {
        Edge::Lower => -T::one() / T::zero(),
        Edge::Upper => T::one() / T::zero(),
        Edge::Zero => T::zero(),
    }
}

fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).fold(T::zero(), |sum, (&a, &b)| sum + a * b)
}

fn copy<M: crate::Shape, T: Copy>(theta: &Theta<M, T>) -> Theta<M, T> {
    Array::<T, M::Params>::from_fn(|k| theta.as_ref()[k]).0
}
