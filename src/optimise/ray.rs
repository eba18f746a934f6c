//! Limits of the log-likelihood as parameters diverge to infinity.
//!
//! The log-likelihood ℓ may rise to a limit ℓ∞ as several parameters drift to their bounds
//! together. Then ℓ = ℓ∞ − c e⁻ᵗ along a curve in θ, where c is a constant and t is the position on
//! the curve, and Newton steps along the curve have a constant length. The search follows this
//! curve in several moves, each of which brings one parameter ten times nearer to its bound and
//! then maximises ℓ over the other parameters. The rises of ℓ along the curve shrink geometrically,
//! so that Aitken's process gives the limit ℓ∞ long before the covariance matrix V is singular
//! within rounding.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use crate::base::arrays::{filled, tabulate};
use crate::base::scalar::Real;
use crate::optimise::outcome::Edge;
use crate::optimise::problem::{Ascent, Problem};
use crate::optimise::step::Step;
use crate::optimise::{Search, loose_tolerance};

/// The number of successive steps in one direction after which a parameter counts as drifting.
const DRIFTS: i8 = 4;
/// The absolute change of θₖ in one step above which the step counts towards a drift of θₖ.
const LEAST: f64 = 0.1;
/// The factor by which each move along the curve divides the distance between the drifting
/// parameter and its bound.
const NEARER: f64 = 10.0;
/// The factor by which the last move divides the distance between the drifting parameter and its
/// bound. The search makes the last move after it has extrapolated the limit of the log-likelihood.
const ONCE_MORE: f64 = 100.0;
/// The largest number of times that the search moves the drifting parameter nearer to its bound.
const PLACES: usize = 7;
/// The largest number of steps that maximise the log-likelihood over the remaining parameters,
/// after each move of the drifting parameter towards its bound.
const CORRECTIONS: usize = 4;
/// The number of times that the log-likelihood is maximised over all parameters except the drifting
/// one before a limit is accepted.
const SETTLING: usize = 3;
/// The ratio of two successive rises of the log-likelihood along the curve below which Aitken's
/// process extrapolates the limit. A limit is accepted only if two successive ratios of rises are
/// below `SHRINKS`.
const SHRINKS: f64 = 0.5;
/// The relative difference below which two successive estimates of the limit of the log-likelihood
/// count as equal.
const AGREEMENT: f64 = 1e-8;
/// A limit is accepted only if a final maximisation over all parameters except the drifting one
/// raises the log-likelihood by at most this relative amount.
const SETTLED: f64 = 1e-7;
/// The relative difference below which the last estimate of the limit counts as equal to the value
/// extrapolated from the last three estimates.
const TENDENCY: f64 = 3e-7;
/// A parameter counts as drifting together with the parameter that the search follows if the ratio
/// of their changes in θ is above this value.
const TOGETHER: f64 = 0.1;

impl<Q, P, T> Search<'_, Q, P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    /// Updates, for each parameter, the number of successive steps in one direction.
    pub(super) fn watch_drift(&mut self) {
        for k in 0..P::USIZE {
            let step = self.step[k];
            let side = if step < T::zero() { -1 } else { 1 };
            let counts = self.is_free(k) && step.abs() > convert(LEAST);
            let drift = self.drift[k];
            self.drift[k] = match counts {
                false => 0,
                true if drift.signum() == side => drift.saturating_add(side),
                true => side,
            };
        }
    }

    /// Returns the index of a parameter that drifts to an infinite bound, or to a bound at which
    /// the log-likelihood is undefined. Returns `None` if no parameter drifts to such a bound.
    pub(super) fn drifting(&self) -> Option<usize> {
        let drifts = |k: usize| {
            let far = self.drift[k].abs() >= DRIFTS && !self.bounds[k].are_infinite();
            far && (self.closed[k] || !self.end(k).is_finite())
        };
        let nearest = (0..P::USIZE).find(|&k| drifts(k) && self.end(k).is_finite());
        nearest.or_else(|| (0..P::USIZE).find(|&k| drifts(k)))
    }

    /// Returns `true` if a parameter drifts to a finite bound. Steps in θ never reach such a bound.
    pub(super) fn drifts_to_bound(&self) -> bool {
        (0..P::USIZE).any(|k| self.drift[k].abs() >= DRIFTS && self.end(k).is_finite())
    }

    /// Returns the natural-scale bound towards which parameter k drifts.
    fn end(&self, k: usize) -> T {
        let slope = self.jet(k).first;
        let down = self.drift.get(k).is_some_and(|&drift| drift < 0);
        let side = if down { -slope } else { slope };
        self.bounds.get(k).map_or_else(T::zero, |bounds| bounds.towards(side).0)
    }

    /// Follows parameter k towards its bound. Returns the limit of the log-likelihood, and the
    /// bounds that the parameters approach in the limit. If the log-likelihood does not rise to a
    /// limit, returns `None` and leaves θ at the best θ that was found.
    #[inline(never)]
    pub(super) fn follow(
        &mut self,
        k: usize,
        ascent: &mut Ascent<P, T>,
    ) -> Option<(T, Array<Option<Edge>, P>)> {
        let end = self.end(k);
        let held = self.held.replace(k);
        let limit = self.limit_along(k, end, ascent);
        self.held = held;
        if limit.is_none() {
            // The steps over the other parameters may have put some on bounds that they left again.
            for k in 0..P::USIZE {
                let Some(edge) = self.parked[k] else { continue };
                if self.bounds[k].at(edge).is_some() && !self.is_at(k, edge) {
                    self.parked[k] = None;
                }
            }
        }
        self.drift = Array(filled::<P, _>(0));
        limit
    }

    fn limit_along(
        &mut self,
        k: usize,
        end: T,
        ascent: &mut Ascent<P, T>,
    ) -> Option<(T, Array<Option<Edge>, P>)> {
        let rounding = self.rounding();
        let (mut risen, mut limits, mut shrinks) = (None, Limits::new(), 0);
        self.correct(ascent);
        for _ in 0..PLACES {
            let before = self.problem.log_likelihood();
            let from = self.current();
            let value = self.jet(k).value;
            let placed = self.predict(k, nearer(value, end, NEARER), ascent).is_some();
            if placed {
                self.correct(ascent);
            }
            let at = self.problem.log_likelihood();
            let rise = at - before;
            if !placed || rise < -rounding {
                self.go_unless_lower(&from, T::one() / T::zero());
                return None;
            }
            let ratio = risen.map(|risen: T| rise / risen);
            risen = Some(rise.max(T::zero()));
            let Some(ratio) = ratio.filter(|&ratio| ratio < convert(SHRINKS)) else {
                shrinks = 0;
                continue;
            };
            shrinks += 1;
            limits.take(at + rise * ratio.max(T::zero()) / (T::one() - ratio));
            let agree = limits.agree(at);
            if shrinks > 1 && (agree || rise <= rounding) {
                let slack = at.abs().max(T::one()) * convert(SETTLED);
                if !self.is_settled(slack, ascent) {
                    (risen, limits, shrinks) = (None, Limits::new(), 0);
                    continue;
                }
                let edges = self.point_to_limit(k, &from);
                self.approach(k, end, ascent);
                return Some((limits.best(), edges));
            }
        }
        None
    }

    /// Stores in the certificate the direction in which θ drifts to the limit, which is the change
    /// of θ since `from` divided by the absolute change of θₖ. Returns the bounds that the
    /// parameters approach in the limit.
    fn point_to_limit(&mut self, k: usize, from: &Array<T, P>) -> Array<Option<Edge>, P> {
        let moved = tabulate::<P, T>(T::zero(), |l| self.theta(l) - from[l]);
        let change = moved.get(k).copied().unwrap_or_else(T::zero).abs();
        let goes = tabulate::<P, bool>(false, |l| {
            l == k || self.is_free(l) && moved[l].abs() > change * convert(TOGETHER)
        });
        self.certificate.limit = tabulate(T::zero(), |l| {
            if goes[l] && self.parked[l].is_none() { moved[l] / change } else { T::zero() }
        });
        tabulate(None, |l| if goes[l] { Some(Edge::on_side_of(moved[l])) } else { self.parked[l] })
    }

    /// Moves parameter k nearer to its bound once more, so that estimates that converge to a finite
    /// limit are close to this limit. Moves θ back if the covariance matrix V becomes so close to
    /// singular that rounding errors change the log-likelihood.
    fn approach(&mut self, k: usize, end: T, ascent: &mut Ascent<P, T>) {
        let from = self.current();
        let before = self.problem.log_likelihood();
        let target = nearer(self.jet(k).value, end, ONCE_MORE);
        if self.predict(k, target, ascent).is_none() {
            return;
        }
        self.correct(ascent);
        let decrement = self.newton(0, T::zero(), ascent).decrement;
        let is_same = agree(before, self.problem.log_likelihood(), before, AGREEMENT);
        if is_same && decrement <= loose_tolerance() {
            self.certificate.decrement = decrement;
        } else {
            self.go_unless_lower(&from, T::one() / T::zero());
        }
    }

    /// Returns `true` if a full maximisation over the free parameters raises the log-likelihood by
    /// at most `slack`, and no parameter can be released from its bound. The drifting parameter
    /// that the search follows is held fixed during the maximisation.
    fn is_settled(&mut self, slack: T, ascent: &mut Ascent<P, T>) -> bool {
        let before = self.problem.log_likelihood();
        self.radius = self.radius.max(T::one());
        for _ in 0..SETTLING {
            let from = self.current();
            self.correct(ascent);
            if self.current() == from {
                break;
            }
        }
        // A parameter that equals its bound within rounding is put on the bound, because only a
        // parameter on a bound can be released.
        for l in 0..P::USIZE {
            let side = Edge::on_side_of(self.theta(l));
            if self.is_free(l) && self.is_at(l, side) {
                self.parked[l] = Some(side);
            }
        }
        self.certificate.decrement = self.newton(0, T::zero(), ascent).decrement;
        self.certificate.decrement <= slack
            && !self.release(ascent)
            && self.problem.log_likelihood() - before <= slack
    }

    /// If one step has moved a parameter so far that the covariance matrix V is singular within
    /// rounding, moves this parameter back to a value at which V is not singular, and follows its
    /// drift from this value. If no parameter has diverged so far, or if the log-likelihood has no
    /// limit, returns `None` and leaves θ unchanged.
    #[inline(never)]
    pub(super) fn follow_from_nearer(
        &mut self,
        ascent: &mut Ascent<P, T>,
    ) -> Option<(T, Array<Option<Edge>, P>)> {
        /// If the natural-scale value of a parameter exceeds `FAR` times its typical value, the
        /// search moves the parameter back to `NEAR` times its typical value.
        const FAR: f64 = 1e3;
        const NEAR: f64 = 10.0;
        let is_far = |k: usize| {
            let value = self.jet(k).value;
            self.is_free(k)
                && !self.bounds[k].are_infinite()
                && !self.bounds[k].upper.is_finite()
                && value > self.typical[k] * convert(FAR)
        };
        // Prefer a range to the variance that diverges with it.
        let k = (0..P::USIZE).rev().find(|&k| is_far(k))?;
        let from = self.current();
        self.radius = T::one();
        self.predict(k, self.typical[k] * convert(NEAR), ascent)?;
        let rising = self.jet(k).first > T::zero();
        self.drift[k] = if rising { 1 } else { -1 };
        let limit = self.follow(k, ascent);
        if limit.is_none() {
            self.go_unless_lower(&from, T::one() / T::zero());
        }
        limit
    }

    /// Moves parameter k to a value on its natural scale, and the free parameters to the values
    /// that their regression on parameter k predicts. Returns `None` if the log-likelihood is
    /// undefined at the new θ.
    fn predict(&mut self, k: usize, target: T, ascent: &mut Ascent<P, T>) -> Option<()> {
        let theta = self.theta(k);
        let to = self.inverse(k, target)?;
        self.problem.ascend(ascent, true, |_, _| (false, ()));
        let across = tabulate::<P, T>(T::zero(), |l| ascent.average.get(l, k));
        let others = ascent.average.solve(&across, &self.free()).x;
        let along = |l: usize| self.theta(l) - others.as_ref()[l] * (to - theta);
        let there =
            self.moved(|l| if l == k { Some(to) } else { self.is_free(l).then(|| along(l)) });
        self.look(&there)?;
        self.problem.go();
        Some(())
    }

    /// Maximises the log-likelihood over the free parameters in a few steps. The drifting parameter
    /// that the search follows is held fixed.
    fn correct(&mut self, ascent: &mut Ascent<P, T>) {
        for iteration in 0..CORRECTIONS {
            // The first step uses the expected information, the second step the observed
            // information.
            let newton = self.newton(iteration, T::zero(), ascent);
            if newton.decrement <= loose_tolerance() {
                break;
            }
            if matches!(self.advance(ascent, &newton, false, false), Step::None) {
                break;
            }
        }
    }
}

/// The last three estimates of the limit of the log-likelihood by Aitken's process, latest first.
struct Limits<T> {
    last: [Option<T>; 3],
}

impl<T: Real> Limits<T> {
    const fn new() -> Self {
        Self { last: [None; 3] }
    }

    fn take(&mut self, limit: T) {
        let [last, before, _] = self.last;
        self.last = [Some(limit), last, before];
    }

    /// Returns the limit that a second application of Aitken's process extrapolates from the last
    /// three estimates. Returns `None` if there are fewer than three estimates, or if they converge
    /// too slowly.
    fn tendency(&self) -> Option<T> {
        let [Some(last), Some(middle), Some(first)] = self.last else { return None };
        let (change, before) = (last - middle, middle - first);
        let ratio = change / before;
        (ratio.abs() < convert(SHRINKS)).then(|| last + change * ratio / (T::one() - ratio))
    }

    fn best(&self) -> T {
        self.tendency().or(self.last[0]).unwrap_or_else(T::zero)
    }

    /// Returns `true` if the last estimates of the limit agree to a relative precision, where
    /// `size` is a log-likelihood of typical size.
    fn agree(&self, size: T) -> bool {
        let [Some(last), Some(before), _] = self.last else { return false };
        agree(before, last, size, AGREEMENT)
            || self.tendency().is_some_and(|tendency| agree(last, tendency, size, TENDENCY))
    }
}

/// Returns `true` if two log-likelihoods differ by at most `part` times `size`.
fn agree<T: Real>(a: T, b: T, size: T, part: f64) -> bool {
    let precision = convert::<_, T>(part).max(T::default_epsilon() * convert(64.0));
    (a - b).abs() <= size.abs().max(T::one()) * precision
}

/// Returns a value nearer to a bound. If the bound is finite, the distance from the bound is
/// divided by `factor`. If the bound is infinite, the value is multiplied by `factor`.
fn nearer<T: Real>(value: T, end: T, factor: f64) -> T {
    let factor = convert::<_, T>(factor);
    if end.is_finite() { end - (end - value) / factor } else { value * factor }
}
