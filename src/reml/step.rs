//! The search for the maximum: steps by an information that never lower the likelihood.
//!
//! The two likelihoods, where it is and where it looks, are kept in place, and what happens at one time or another is never
//! inlined, so that it shares the room on the stack.

mod advance;
mod ending;
mod leave;
mod newton;
mod range;
mod settle;
mod start;

use core::mem;

use hybrid_array::Array;
use nalgebra::convert;
use typenum::Unsigned;

use self::advance::Advance;
pub(super) use self::ending::Ended;
use super::likelihood::Ascent;
use super::outcome::Edge;
use super::sample::Data;
use super::square::{SEVERAL, Square};
use super::{Estimation, Likelihood, Outcome, Progress};
use crate::kernel::sqrt;
use crate::search::{ROUNDINGS, dot, loose_tolerance, tolerance};
use crate::shape::{copied, default_theta, filled};
use crate::transform::{Forward, Limits};
use crate::{ParamMatrix, Params, Real, Theta};

/// Steps after which it is seen whether parameters are on the way to infinity.
const LEAP_EVERY: usize = 4;
/// How many times the decrement with which it is done is so little that one more step is enough.
const NEARLY: f64 = 1e3;
/// The damping where parts of V are alike, which shares a step among them.
const RIDGE: f64 = 1e-6;

pub(super) struct Search<'e, 'a, M, D, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<T, N, K>,
{
    estimation: &'e Estimation<'a, M, D, T, N, K>,
    /// n
    count: T,
    at: Likelihood<'e, M, D, T, N, K>,
    /// Where it might go.
    next: Likelihood<'e, M, D, T, N, K>,
    edges: Params<M, Option<Edge>>,
    /// Whether the last step led each parameter to the end of its range.
    led: Params<M, bool>,
    /// How often each parameter came back from there.
    returns: Params<M, u8>,
    /// Each θₖ when it was last not at an end.
    inside: Theta<M, T>,
    step: Theta<M, T>,
    /// Whether a step may lead wherever it wants inside the ranges: the first one from the default start, since it leads balanced
    /// data to their maximum.
    free: bool,
    /// A parameter that stays where it starts.
    held: Option<usize>,
}

impl<'e, 'a, M, D, T, const N: usize, const K: usize> Search<'e, 'a, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<T, N, K>,
{
    /// Nowhere yet, with a parameter that will be held where it starts.
    #[inline(never)]
    pub(super) fn new(estimation: &'e Estimation<'a, M, D, T, N, K>, held: Option<usize>) -> Self {
        let unit = || Likelihood::unit(estimation.model, &estimation.sample, estimation.criterion);
        Self {
            estimation,
            count: estimation.sample.count(),
            at: unit(),
            next: unit(),
            edges: filled::<M::Params, _>(None),
            led: filled::<M::Params, _>(false),
            returns: filled::<M::Params, _>(0),
            inside: filled::<M::Params, _>(T::zero()),
            step: filled::<M::Params, _>(T::zero()),
            free: false,
            held,
        }
    }

    /// Goes to a start, with what is infinite in it on the edge, or to the default one with the scale of V that the data
    /// have.
    #[inline(never)]
    pub(super) fn start(&mut self, start: Option<&Theta<M, T>>) -> Result<(), crate::Error> {
        let model = self.estimation.model;
        self.inside = default_theta::<M, T>(model);
        let mut theta = copied::<M::Params, T>(start.unwrap_or(&self.inside));
        for (k, (theta, edge)) in theta.as_mut().iter_mut().zip(self.edges.as_mut()).enumerate() {
            let side = Edge::on_side_of(*theta);
            let limit = side.of(model.visit_transform(k, Limits::<T>::new()));
            // An end is also where its transform no longer tells θₖ from it: a variance of e⁻⁸⁰⁰.
            let at_limit = || model.visit_transform(k, Forward(*theta)) == limit;
            if !theta.is_finite() || limit.is_finite() && at_limit() {
                *edge = Some(side);
                *theta = side.theta();
            }
        }
        self.at.evaluate(&theta)?;
        if start.is_none() {
            self.rescale();
            self.free = true;
        }
        Ok(())
    }

    /// Evaluates the likelihood at a θ where the search might go; whether it has a value.
    fn look(&mut self, theta: &Theta<M, T>) -> bool {
        self.next.evaluate(theta).is_ok()
    }

    /// Goes where it looked.
    fn go(&mut self) {
        mem::swap(&mut self.at, &mut self.next);
    }

    /// θ with some parameters elsewhere.
    fn moved(&self, to: impl Fn(usize) -> Option<T>) -> Theta<M, T> {
        Array::<T, M::Params>::from_fn(|k| to(k).unwrap_or(self.at.theta.as_ref()[k])).0
    }

    /// Goes to another θ, unless the likelihood is lower there than here by more than `slack`, or V has no derivative
    /// there; whether it went.
    fn go_unless_lower(&mut self, theta: &Theta<M, T>, slack: T) -> bool {
        self.go_if(theta, slack, |_| true)
    }

    /// The same, if the average information there is `accepted` too.
    #[inline(never)]
    fn go_if(
        &mut self,
        theta: &Theta<M, T>,
        slack: T,
        accepted: impl FnOnce(&Square<M::Params, T>) -> bool,
    ) -> bool {
        let least = self.at.log_likelihood() - slack;
        if !self.look(theta) || self.next.log_likelihood() < least {
            return false;
        }
        let average = self.next.average();
        let accepted = average.is_finite() && accepted(&average);
        if accepted {
            self.go();
        }
        accepted
    }

    fn is_held(&self, k: usize) -> bool {
        self.held == Some(k)
    }

    /// Where it is.
    pub(super) const fn at(&self) -> &Likelihood<'e, M, D, T, N, K> {
        &self.at
    }

    pub(super) fn run(&mut self, mut observer: impl FnMut(&Progress<'_, M, T>)) -> Ended<M, T> {
        let (tolerance, enough) = (self.tolerance(), loose_tolerance::<T>());
        let near = if Self::SEVERAL { tolerance * convert(NEARLY) } else { tolerance };
        let mut damping = T::zero();
        // The decrement and θ before a step whose rise rounding hides.
        let mut hidden: Option<(T, Theta<M, T>)> = None;
        let mut iteration = 0;
        let mut ascent = Ascent::new();
        loop {
            let newton = self.newton(iteration, near, &mut ascent);
            let score = &ascent.score;
            let decrement = dot(score.as_ref(), newton.x.as_ref());
            observer(&Progress {
                iteration,
                theta: &self.at.theta,
                step: &self.step,
                log_likelihood: self.at.log_likelihood(),
                score_norm: sqrt(decrement.max(T::zero())),
            });

            let mut done = decrement <= tolerance;
            let nearly = Self::SEVERAL && decrement <= near;
            if let Some((before, theta)) = hidden.take() {
                if decrement > before && self.go_unless_lower(&theta, T::one() / T::zero()) {
                    ascent.average = self.at.average();
                }
                done |= decrement > before * convert(0.25);
            }
            self.free &= iteration == 0;
            let first = Self::is_first(iteration);
            if first && (done || nearly || self.estimation.max_iterations == 0) {
                ascent.average = self.at.average();
            }
            if !done && !nearly && iteration >= self.estimation.max_iterations {
                return Ended {
                    outcome: Outcome::MaxIterations,
                    iterations: iteration,
                    average: ascent.average,
                };
            }
            if !done {
                if newton.null.is_some() {
                    damping = damping.max(convert(RIDGE));
                }
                let hides = nearly || decrement <= self.rounding() + self.rounding();
                let newton = (ascent.information(), &newton.x);
                let advance = self.advance(newton, score, hides, &mut damping);
                if first && matches!(advance, Advance::None) {
                    ascent.average = self.at.average();
                }
                match advance {
                    Advance::Risen => {}
                    Advance::Hidden(theta) => hidden = (!nearly).then_some((decrement, theta)),
                    Advance::None if hides || decrement <= enough => done = true,
                    Advance::None if self.settle(&ascent.average) => damping = T::zero(),
                    Advance::None => {
                        return Ended {
                            outcome: Outcome::Stalled,
                            iterations: iteration,
                            average: ascent.average,
                        };
                    }
                }
                done |= nearly;
            }
            if done {
                if !self.leave_edges(&ascent.average) && !self.settle(&ascent.average) {
                    let outcome = self.outcome(&ascent.average);
                    return Ended { outcome, iterations: iteration, average: ascent.average };
                }
                damping = T::zero();
            }
            iteration += 1;
            if iteration % LEAP_EVERY == 0 && self.leap(T::zero()) {
                damping = T::zero();
            }
        }
    }

    /// Whether there are several parameters: what saves time with few of them is not worth its code.
    const SEVERAL: bool = M::Params::USIZE >= SEVERAL;

    /// Whether the expected information stands in the place of the average one.
    fn is_first(iteration: usize) -> bool {
        Self::SEVERAL && iteration == 0
    }

    /// The decrement with which it is done. Standard errors are the smaller the more observations there are, digits are not.
    fn tolerance(&self) -> T {
        tolerance::<T>() * (self.count * convert(0.01)).max(T::one())
    }

    /// n − K.
    fn degrees(&self) -> T {
        self.count - convert(K as f64)
    }

    /// The parameters that are not at an end of their range, nor held.
    fn active(&self) -> Params<M, bool> {
        Array::<_, M::Params>::from_fn(|k| self.is_active(k)).0
    }

    fn is_active(&self, k: usize) -> bool {
        self.edges.as_ref()[k].is_none() && !self.is_held(k)
    }

    /// What rounding may do to a log-likelihood.
    fn rounding(&self) -> T {
        T::default_epsilon() * convert(ROUNDINGS) * (self.at.log_likelihood().abs() + self.count)
    }
}
