//! The main loop of the search for a maximum of the log-likelihood.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use crate::base::arrays::{copied, filled, tabulate};
use crate::base::scalar::Real;
use crate::optimise::certificate::{Certificate, Stop};
use crate::optimise::outcome::Edge;
use crate::optimise::problem::{Ascent, Problem};
use crate::optimise::step::Step;
use crate::optimise::units::Transforms;
use crate::optimise::{End, Ended, RETURNS, ROUNDINGS, Search, Sight, loose_tolerance, tolerance};
use crate::transform::Jet;

/// The number of steps between checks for parameters that diverge to infinity.
const LEAP_EVERY: usize = 4;
/// Once the Newton decrement is below this multiple of its tolerance, the search makes only one
/// more step.
const NEARLY: f64 = 1e3;

/// The fraction to which a step must reduce the Newton decrement if rounding hides the rise of the
/// log-likelihood in this step. If the Newton decrement stays above this fraction, the search has
/// converged.
const STAGNATES: f64 = 0.25;

impl<'p, Q, P, T> Search<'p, Q, P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    /// Creates a search that starts from the current θ of `problem`. Parameters with an infinite θₖ
    /// start on a bound. The parameter with the index `held`, if any, keeps its value during the
    /// search.
    #[inline(never)]
    pub(crate) fn new(problem: &'p mut Q, held: Option<usize>) -> Self {
        let bounds = Array::from_fn(|k| Self::bounds_of(problem, k));
        let typical = tabulate(T::zero(), |k| problem.typical(k).abs());
        let inside = Array(copied::<P, _>(problem.theta()));
        let mut search = Self {
            problem,
            bounds,
            parked: Array(filled::<P, _>(None)),
            led: Array(filled::<P, _>(false)),
            closed: Array(filled::<P, _>(false)),
            returns: Array(filled::<P, _>(0)),
            inside,
            step: Array(filled::<P, _>(T::zero())),
            drift: Array(filled::<P, _>(0)),
            typical,
            radius: T::one(),
            in_theta: false,
            held,
            certificate: Certificate::new(),
        };
        search.park_start();
        search
    }

    /// Marks the parameters that start on a bound. A parameter starts on a bound if its θₖ is
    /// infinite, or if its natural-scale value, such as a variance of e⁻⁸⁰⁰, equals the bound in
    /// floating point.
    fn park_start(&mut self) {
        for k in 0..P::USIZE {
            let theta = self.theta(k);
            let side = Edge::on_side_of(theta);
            if !theta.is_finite() || self.is_at(k, side) {
                self.parked[k] = Some(side);
                // A released parameter starts from its typical value.
                let inverse = self.inverse(k, self.typical[k]);
                self.inside[k] = inverse.unwrap_or_else(T::zero);
            } else if self.is_at(k, Edge::Zero) {
                self.parked[k] = Some(Edge::Zero);
            }
        }
    }

    /// Returns θₖ.
    pub(super) fn theta(&self, k: usize) -> T {
        self.problem.theta().as_ref().get(k).copied().unwrap_or_else(T::zero)
    }

    /// Returns the value ηₖ of parameter k on its natural scale, with its derivatives with respect
    /// to θₖ.
    pub(super) fn jet(&self, k: usize) -> Jet<T> {
        self.problem.transforms().jet(k, self.theta(k))
    }

    /// Returns the θₖ for which parameter k has the natural-scale value `eta`, or `None` if no θₖ
    /// gives this value.
    pub(super) fn inverse(&self, k: usize, eta: T) -> Option<T> {
        self.problem.transforms().inverse(k, eta)
    }

    /// Returns `true` if the natural-scale value of parameter k equals the bound at this edge.
    /// Because of rounding, the natural-scale value may equal the bound although θₖ is finite.
    pub(super) fn is_at(&self, k: usize, edge: Edge) -> bool {
        self.bounds[k].at(edge) == Some(self.jet(k).value)
    }

    /// Returns a copy of θ.
    pub(super) fn current(&self) -> Array<T, P> {
        Array(copied::<P, T>(self.problem.theta()))
    }

    /// Returns a copy of θ in which entry k is replaced by `to(k)` wherever `to(k)` is `Some`.
    pub(super) fn moved(&self, to: impl Fn(usize) -> Option<T>) -> Array<T, P> {
        tabulate(T::zero(), |k| to(k).unwrap_or_else(|| self.theta(k)))
    }

    /// Evaluates the log-likelihood at a trial θ, and counts the evaluation.
    pub(super) fn look(&mut self, theta: &Array<T, P>) -> Option<T> {
        self.certificate.evaluations += 1;
        self.problem.look(&theta.0)
    }

    /// Returns `true` if parameter k is free, which means that the parameter is neither on a bound
    /// nor held at a fixed value.
    pub(super) fn is_free(&self, k: usize) -> bool {
        self.parked.get(k).is_some_and(Option::is_none) && self.held != Some(k)
    }

    /// Returns, for each parameter, `true` if the parameter is free.
    pub(super) fn free(&self) -> Array<bool, P> {
        tabulate(false, |k| self.is_free(k))
    }

    /// Returns the estimated rounding error of the log-likelihood.
    pub(super) fn rounding(&self) -> T {
        let size = self.problem.log_likelihood().abs() + self.problem.count();
        T::default_epsilon() * convert(ROUNDINGS) * size
    }

    /// Returns the Newton decrement below which the search has converged. Above 100 observations,
    /// the threshold is proportional to the number of observations, because standard errors shrink
    /// with more observations but rounding errors do not.
    pub(super) fn tolerance(&self) -> T {
        tolerance::<T>() * (self.problem.count() * convert(0.01)).max(T::one())
    }

    /// Searches for the maximum in at most `max_iterations` steps. If `bold` is `true`, the length
    /// of the first step is limited only by the bounds of the parameters. The first step uses the
    /// expected information, and leads directly to the maximum if the data are balanced.
    pub(crate) fn run(
        &mut self,
        bold: bool,
        max_iterations: usize,
        mut observe: impl FnMut(Sight<'_, P, T>),
    ) -> Ended<P, T> {
        let (tolerance, enough) = (self.tolerance(), loose_tolerance::<T>());
        let near = tolerance * convert(NEARLY);
        // The decrement and θ before a step whose rise of the log-likelihood is hidden by rounding.
        let mut hidden: Option<(T, Array<T, P>)> = None;
        let mut ascent = Ascent::new();
        let mut iteration = 0;
        let mut limit = None;
        let end = loop {
            let newton = self.newton(iteration, tolerance, &mut ascent);
            let decrement = newton.decrement;
            self.certificate.decrement = decrement;
            observe(Sight {
                iteration,
                theta: self.problem.theta(),
                step: &self.step,
                log_likelihood: self.problem.log_likelihood(),
                decrement,
            });
            let mut done = decrement <= tolerance;
            let nearly = decrement <= near;
            self.certificate.stop = if nearly { Stop::Decrement } else { Stop::Rounding };
            if let Some((before, theta)) = hidden.take() {
                // Keep the θ with the smaller decrement.
                if decrement > before && self.look(&theta).is_some() {
                    self.problem.go();
                    self.certificate.decrement = before;
                }
                done |= decrement > before * convert(STAGNATES);
            }
            if !done && iteration >= max_iterations {
                break End::MaxIterations;
            }
            if !done {
                let hides = nearly || decrement <= enough.max(self.rounding() + self.rounding());
                match self.advance(&ascent, &newton, bold && iteration == 0, hides) {
                    Step::Risen => done = nearly,
                    Step::Hidden(theta) => {
                        done = nearly;
                        hidden = (!nearly).then_some((decrement, Array(theta)));
                    }
                    Step::None if hides => done = true,
                    Step::None => {
                        self.refresh(&mut ascent);
                        if !self.snap(&mut ascent) {
                            let Some((height, edges)) = self.follow_from_nearer(&mut ascent) else {
                                break End::Stalled;
                            };
                            limit = Some(height);
                            break End::Boundary(edges.0);
                        }
                        self.radius = T::one();
                    }
                }
                self.watch_drift();
            }
            if done {
                if let Some(end) = self.finish(&mut ascent) {
                    break end;
                }
                self.radius = T::one();
                hidden = None;
                if iteration >= max_iterations {
                    break End::MaxIterations;
                }
            }
            iteration += 1;
            if iteration % LEAP_EVERY == 0 && self.leap(T::zero()) {
                self.radius = T::one();
            }
            if self.in_theta && self.drifts_to_bound() {
                self.in_theta = false;
            }
            if let Some(k) = self.drifting() {
                if let Some((height, edges)) = self.follow(k, &mut ascent) {
                    limit = Some(height);
                    break End::Boundary(edges.0);
                }
                self.radius = T::one();
            }
        };
        self.certificate.stop = match end {
            End::MaxIterations => Stop::MaxIterations,
            End::Stalled => Stop::NoRise,
            _ if limit.is_some() => Stop::Limit,
            _ => self.certificate.stop,
        };
        let finished = limit.is_none() && !matches!(end, End::MaxIterations | End::Stalled);
        let average = finished.then_some(ascent.average);
        let certificate = self.certificate.clone();
        Ended { end, iterations: iteration, average, limit, certificate }
    }

    /// Returns the outcome of the search at a θ where the free parameters are at their maximum, or
    /// `None` if the search goes on from another θ.
    fn finish(&mut self, ascent: &mut Ascent<P, T>) -> Option<End<P, T>> {
        if self.release(ascent) {
            return None;
        }
        // The checks below need both the average and the expected information.
        self.problem.ascend(ascent, false, |_, _| (true, ()));
        if self.snap(ascent) || self.leave_cone() {
            return None;
        }
        self.identify(ascent)
    }

    /// Returns `true` if parameter k is on a bound and may be released once more.
    pub(super) fn may_return(&self, k: usize) -> bool {
        self.parked[k].is_some() && self.returns[k] < RETURNS && self.held != Some(k)
    }
}
