//! Limits at infinity.
//!
//! Where ℓ rises to a limit as parameters drift to their bounds together, ℓ = ℓ∞ − c e⁻ᵗ along a
//! curve in θ, and Newton steps have a constant length. The curve is followed: one parameter is
//! brought ten times nearer to its bound at a time, the others are maximised, and the rises of ℓ
//! shrink geometrically. Aitken's process then gives ℓ∞, long before V is singular in rounding.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use crate::base::scalar::Real;
use crate::optimise::outcome::Edge;
use crate::optimise::problem::{Ascent, Problem};
use crate::optimise::step::Step;
use crate::optimise::{Search, loose_tolerance};

/// Steps in one direction after which a parameter is taken to drift.
const DRIFTS: i8 = 4;
/// The least change of θₖ that counts.
const LEAST: f64 = 0.1;
/// How much nearer to its bound the parameter is brought at a time.
const NEARER: f64 = 10.0;
/// How much nearer it is brought once the limit is known.
const ONCE_MORE: f64 = 100.0;
/// How often it is brought nearer.
const PLACES: usize = 7;
/// Steps of the others at each place.
const CORRECTIONS: usize = 4;
/// How often the others are given this many steps before a limit is claimed.
const SETTLING: usize = 3;
/// By which factor the rises of ℓ shrink at least, at two places in a row.
const SHRINKS: f64 = 0.5;
/// By which part of its size two successive limits may differ.
const AGREEMENT: f64 = 1e-8;
/// By which part of its size ℓ may still rise over the other parameters, near V that are singular
/// in rounding.
const SETTLED: f64 = 1e-7;
/// By which part of its size the last of three limits may differ from what they tend to.
const TENDENCY: f64 = 3e-7;
/// By which part of the change of the first θₖ another one must change to go with it.
const TOGETHER: f64 = 0.1;

impl<Q, P, T> Search<'_, Q, P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    /// Counts the steps in one direction after the last step.
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

    /// Returns a parameter that drifts to an infinite bound, or to one at which ℓ has no value.
    pub(super) fn drifting(&self) -> Option<usize> {
        let drifts = |k: usize| {
            let far = self.drift[k].abs() >= DRIFTS && !self.bounds[k].are_infinite();
            far && (self.closed[k] || !self.end(k).is_finite())
        };
        let nearest = (0..P::USIZE).find(|&k| drifts(k) && self.end(k).is_finite());
        nearest.or_else(|| (0..P::USIZE).find(|&k| drifts(k)))
    }

    /// Returns `true` if a parameter drifts to a finite bound, which steps in θ never reach.
    pub(super) fn drifts_to_bound(&self) -> bool {
        (0..P::USIZE).any(|k| self.drift[k].abs() >= DRIFTS && self.end(k).is_finite())
    }

    /// Returns the bound that parameter k drifts to.
    fn end(&self, k: usize) -> T {
        let slope = self.jet(k).first;
        let down = self.drift.get(k).is_some_and(|&drift| drift < 0);
        let side = if down { -slope } else { slope };
        self.bounds.get(k).map_or_else(T::zero, |bounds| bounds.towards(side).0)
    }

    /// Follows parameter k towards its bound. Returns the limit of ℓ, and where the parameters that
    /// go together are in it; `None` if ℓ does not rise to a limit there, and θ is the best that
    /// was seen.
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
            // Corrections may have parked other parameters at places that were left again.
            for k in 0..P::USIZE {
                let Some(edge) = self.parked[k] else { continue };
                if self.bounds[k].at(edge).is_some() && !self.is_at(k, edge) {
                    self.parked[k] = None;
                }
            }
        }
        self.drift = Array::from_fn(|_| 0);
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
            let from = Array::<T, P>::from_fn(|l| self.theta(l));
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

    /// Takes the way of θ from a place before as the direction to the limit, and returns where the
    /// parameters are in it.
    fn point_to_limit(&mut self, k: usize, from: &Array<T, P>) -> Array<Option<Edge>, P> {
        let moved = Array::<T, P>::from_fn(|l| self.theta(l) - from[l]);
        let change = moved.get(k).copied().unwrap_or_else(T::zero).abs();
        let goes = Array::<bool, P>::from_fn(|l| {
            l == k || self.is_free(l) && moved[l].abs() > change * convert(TOGETHER)
        });
        self.certificate.limit = Array::from_fn(|l| {
            if goes[l] && self.parked[l].is_none() { moved[l] / change } else { T::zero() }
        });
        Array::from_fn(|l| if goes[l] { Some(Edge::on_side_of(moved[l])) } else { self.parked[l] })
    }

    /// Brings parameter k nearer to its bound once more, so that what has a limit there is nearly
    /// at it, unless rounding shows so near to a singular V.
    fn approach(&mut self, k: usize, end: T, ascent: &mut Ascent<P, T>) {
        let from = Array::<T, P>::from_fn(|l| self.theta(l));
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

    /// Returns `true` if ℓ does not rise by more than `slack` as the other parameters are maximised
    /// to the end, and those on bounds released.
    fn is_settled(&mut self, slack: T, ascent: &mut Ascent<P, T>) -> bool {
        let before = self.problem.log_likelihood();
        self.radius = self.radius.max(T::one());
        for _ in 0..SETTLING {
            self.correct(ascent);
        }
        // A parameter at its bound within rounding has to be released from there.
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

    /// Follows a parameter that went so far at once that V is singular in rounding, from a place
    /// where it is not. `None` if there is none, or no limit, and θ is what it was.
    #[inline(never)]
    pub(super) fn follow_from_nearer(
        &mut self,
        ascent: &mut Ascent<P, T>,
    ) -> Option<(T, Array<Option<Edge>, P>)> {
        /// The size of a parameter that has gone far, and the size from which it is followed, in
        /// units of its typical size.
        const FAR: f64 = 1e3;
        const NEAR: f64 = 10.0;
        let is_far = |k: usize| {
            let value = self.jet(k).value;
            self.is_free(k)
                && !self.bounds[k].are_infinite()
                && !self.bounds[k].upper.is_finite()
                && value > self.typical[k] * convert(FAR)
        };
        // A range before a variance, which goes with it.
        let k = (0..P::USIZE).rev().find(|&k| is_far(k))?;
        let from = Array::<T, P>::from_fn(|l| self.theta(l));
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

    /// Brings parameter k to a value on its natural scale, and takes the others along by their
    /// regression on it.
    fn predict(&mut self, k: usize, target: T, ascent: &mut Ascent<P, T>) -> Option<()> {
        let theta = self.theta(k);
        let to = self.inverse(k, target)?;
        self.problem.ascend(ascent, true, |_, _| (false, ()));
        let across = Array::<T, P>::from_fn(|l| ascent.average.get(l, k));
        let others = ascent.average.solve(&across, &self.free()).x;
        let along = |l: usize| self.theta(l) - others.as_ref()[l] * (to - theta);
        let there =
            self.moved(|l| if l == k { Some(to) } else { self.is_free(l).then(|| along(l)) });
        self.look(&there)?;
        self.problem.go();
        Some(())
    }

    /// Maximises ℓ over the other parameters.
    fn correct(&mut self, ascent: &mut Ascent<P, T>) {
        for iteration in 0..CORRECTIONS {
            // The observed information at once, after the expected one.
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

/// The limits by Aitken's process at the last three places, the last one first.
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

    /// Returns what they tend to: Aitken's process once more.
    fn tendency(&self) -> Option<T> {
        let [Some(last), Some(middle), Some(first)] = self.last else { return None };
        let (change, before) = (last - middle, middle - first);
        let ratio = change / before;
        (ratio.abs() < convert(SHRINKS)).then(|| last + change * ratio / (T::one() - ratio))
    }

    fn best(&self) -> T {
        self.tendency().or(self.last[0]).unwrap_or_else(T::zero)
    }

    /// Returns `true` if they agree, for a log-likelihood of this size.
    fn agree(&self, size: T) -> bool {
        let [Some(last), Some(before), _] = self.last else { return false };
        agree(before, last, size, AGREEMENT)
            || self.tendency().is_some_and(|tendency| agree(last, tendency, size, TENDENCY))
    }
}

/// Returns `true` if two log-likelihoods of about this size are the same to this part of it.
fn agree<T: Real>(a: T, b: T, size: T, part: f64) -> bool {
    let precision = convert::<_, T>(part).max(T::default_epsilon() * convert(64.0));
    (a - b).abs() <= size.abs().max(T::one()) * precision
}

/// Returns a value that is nearer to a bound by this factor.
fn nearer<T: Real>(value: T, end: T, factor: f64) -> T {
    let factor = convert::<_, T>(factor);
    if end.is_finite() { end - (end - value) / factor } else { value * factor }
}
