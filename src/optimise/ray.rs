//! Limits at infinity.
//!
//! Where ℓ rises to a limit as parameters drift to their bounds together, ℓ = ℓ∞ − c e⁻ᵗ along a curve in θ, and Newton steps
//! have a constant length. The curve is followed: one parameter is brought ten times nearer to its bound at a time, the others are
//! maximised, and the rises of ℓ shrink geometrically. Aitken's process then gives ℓ∞, long before V is singular in rounding.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use super::outcome::Edge;
use super::step::Step;
use super::{Ascent, Problem, Search, loose_tolerance};
use crate::Real;

/// Steps in one direction after which a parameter is taken to drift.
const DRIFTS: i8 = 4;
/// The least change of θₖ that counts.
const LEAST: f64 = 0.1;
/// How much nearer to its bound the parameter is brought at a time.
const NEARER: f64 = 10.0;
/// How often it is brought nearer.
const PLACES: usize = 7;
/// Steps of the others at each place.
const CORRECTIONS: usize = 4;
/// By which factor the rises of ℓ shrink at least, at two places in a row.
const SHRINKS: f64 = 0.5;
/// By which part of its size two successive limits may differ.
const AGREEMENT: f64 = 1e-8;
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
        let slope = self.problem.jet(k, self.theta(k)).first;
        let down = self.drift.get(k).is_some_and(|&drift| drift < 0);
        let side = if down { -slope } else { slope };
        self.bounds.get(k).map_or_else(T::zero, |bounds| bounds.towards(side).0)
    }

    /// Follows parameter k towards its bound. Returns the limit of ℓ, and where the parameters that go together are in it; `None`
    /// if ℓ does not rise to a limit there, and θ is the best that was seen.
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
                let value = self.problem.jet(k, self.theta(k)).value;
                if self.bounds[k].at(edge).is_some_and(|end| end != value) {
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
        let (mut risen, mut last, mut shrinks) = (None, None, 0);
        self.correct(ascent);
        for _ in 0..PLACES {
            let before = self.problem.log_likelihood();
            let from = Array::<T, P>::from_fn(|l| self.theta(l));
            let placed = self.predict(k, end, ascent).is_some();
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
            let limit = at + rise * ratio.max(T::zero()) / (T::one() - ratio);
            let precision = convert::<_, T>(AGREEMENT).max(T::default_epsilon() * convert(64.0));
            let agrees = limit.abs().max(T::one()) * precision;
            let same = last.is_some_and(|last: T| (limit - last).abs() <= agrees);
            if shrinks > 1 && (same || rise <= rounding) {
                let change = self.theta(k) - from.get(k).copied().unwrap_or_else(T::zero);
                let edges = Array::<Option<Edge>, P>::from_fn(|l| {
                    let moved = self.theta(l) - from[l];
                    let goes =
                        l == k || self.is_free(l) && moved.abs() > change.abs() * convert(TOGETHER);
                    if goes { Some(Edge::on_side_of(moved)) } else { self.parked[l] }
                });
                self.certificate.limit = Array::from_fn(|l| match edges[l] {
                    Some(_) if self.parked[l].is_none() => (self.theta(l) - from[l]) / change.abs(),
                    _ => T::zero(),
                });
                return Some((limit, edges));
            }
            last = Some(limit);
        }
        None
    }

    /// Brings parameter k nearer to its bound, and takes the others along by their regression on it.
    fn predict(&mut self, k: usize, end: T, ascent: &mut Ascent<P, T>) -> Option<()> {
        let theta = self.theta(k);
        let value = self.problem.jet(k, theta).value;
        let nearer = convert::<_, T>(NEARER);
        let target = if end.is_finite() { end - (end - value) / nearer } else { value * nearer };
        let to = self.problem.inverse(k, target)?;
        self.problem.ascend(ascent, true, |_, _| (false, ()));
        let across = Array::<T, P>::from_fn(|l| ascent.average.get(l, k));
        let others = ascent.average.solve(&across, &self.free()).x;
        let along = |l: usize| theta_along(self.theta(l), others.as_ref()[l] * (to - theta));
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

/// Returns θₗ after the step of another parameter.
fn theta_along<T: Real>(theta: T, step: T) -> T {
    theta - step
}
