//! Releasing parameters from their bounds.
//!
//! At a bound the derivative of the log-likelihood with respect to θₖ is zero for all data, because
//! θₖ is infinite. The derivatives are therefore computed at a point slightly inside the bound. A
//! parameter is released from its bound if the log-likelihood rises from the bound into the
//! interior by more than rounding error. The test uses s²/B, where s is the score and B is the
//! information of the parameter. This is the square of the Newton step in standard errors, which is
//! the same whether the parameter is a variance or a standard deviation.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use crate::base::scalar::Real;
use crate::linalg::kernel::sqrt;
use crate::optimise::outcome::Edge;
use crate::optimise::problem::{Ascent, Problem};
use crate::optimise::units::Transforms;
use crate::optimise::{Search, loose_tolerance};

/// The distances from a bound at which the log-likelihood is evaluated, in units of the parameter's
/// typical value.
pub(super) const PARTS: [f64; 7] = [1.0, 0.3, 0.1, 0.03, 1e-2, 1e-3, 1e-4];

/// Distances from a bound, in units of the parameter's typical value. If the log-likelihood is
/// lower slightly inside the bound than on it, it is also evaluated at these distances.
const FAR: [f64; 6] = [0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3];
/// If the log-likelihood falls by more than this amount between the bound and the point at which
/// derivatives are taken, the derivatives are taken again closer to the bound.
const FALL: f64 = 1e-4;
/// The factor by which the distance from the bound is reduced before derivatives are taken again,
/// at most `APPROACHES` times.
const NEARER: f64 = 1e-2;
const APPROACHES: usize = 4;

/// The sign that the search tries for θₖ if parameter k has no influence on the log-likelihood
/// while other parameters are on their bounds.
type Sign = Option<Edge>;

impl<Q, P, T> Search<'_, Q, P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    /// If moving parameters from their bounds into the interior raises the log-likelihood, moves
    /// these parameters and returns `true`. Otherwise returns `false`.
    #[inline(never)]
    pub(super) fn release(&mut self, ascent: &mut Ascent<P, T>) -> bool {
        self.certificate.multipliers = Array::from_fn(|_| None);
        self.certificate.cone_eigenvalue = None;
        let parked = Array::<bool, P>::from_fn(|k| self.may_return(k));
        if !parked.contains(&true) {
            return false;
        }
        // A correlation has no effect until the variances that it belongs to are positive.
        let several = parked.iter().filter(|parked| **parked).count() > 1;
        let loose = Array::<bool, P>::from_fn(|k| {
            self.held != Some(k)
                && match self.parked[k] {
                    None => ascent.average.get(k, k).is_zero(),
                    Some(edge) if self.bounds[k].at(edge).is_none() => true,
                    Some(_) => several && self.is_idle(k),
                }
        });
        let all: [Sign; 3] = [None, Some(Edge::Upper), Some(Edge::Lower)];
        let count = if loose.contains(&true) { all.len() } else { 1 };
        all.iter().take(count).any(|&sign| self.release_with(&parked, &loose, sign, ascent))
    }

    fn release_with(
        &mut self,
        parked: &Array<bool, P>,
        loose: &Array<bool, P>,
        sign: Sign,
        ascent: &mut Ascent<P, T>,
    ) -> bool {
        let base = Array::<T, P>::from_fn(|k| self.signed(k, loose[k], sign));
        // A parameter that `signed` put between its bounds is not moved further.
        let leaving = &Array::<bool, P>::from_fn(|k| {
            parked[k] && (self.bounds[k].are_infinite() || base[k] == self.theta(k))
        });
        let mut close = Array::<T, P>::from_fn(|k| self.close(k));
        let (here, rounding) = (self.problem.log_likelihood(), self.rounding());
        let mut inside = self.all_inwards(&base, leaving, |k| close[k]);
        let mut there = self.look(&inside);
        // If V has large variances, a move by 10⁻¹⁰ of the typical value already changes V.
        for _ in 0..APPROACHES {
            if there.is_none_or(|there| here - there <= convert(FALL)) {
                break;
            }
            close = Array::from_fn(|k| (close[k] * convert(NEARER)).max(T::default_epsilon()));
            let nearer = self.all_inwards(&base, leaving, |k| close[k]);
            if nearer == inside {
                break;
            }
            inside = nearer;
            there = self.look(&inside);
        }
        if there.is_none() || !self.problem.is_smooth_there(true) {
            return self.leave_at_parts(&base, leaving, &PARTS, here + rounding);
        }
        let certain = here + rounding + rounding.max(here.abs() * loose_tolerance());
        if there.is_some_and(|there| there > certain) {
            return self.leave(&base, leaving, |k| close[k], here + rounding);
        }
        self.problem.go();
        self.problem.ascend(ascent, true, |_, _| (false, ()));
        let mut rises = Array::<bool, P>::from_fn(|_| false);
        // The Newton steps of a variance and of a standard deviation, in units of the typical
        // value.
        let mut parts = Array::<[T; 2], P>::from_fn(|_| [T::zero(); 2]);
        let mut hidden = true;
        for k in (0..P::USIZE).filter(|&k| leaving[k]) {
            let (score, information) = (ascent.score.as_ref()[k], ascent.average.get(k, k));
            let step = score / information;
            // If the derivative of V is zero, so is the score, whatever the data are.
            let tells = information > T::zero() && step.is_finite();
            let inwards = score * (inside[k] - base[k]) > T::zero();
            rises[k] = !tells || inwards && score * step > self.negligible();
            hidden &= tells && score * step <= rounding;
            let slope = self.problem.transforms().jet(k, inside[k]).first;
            let multiplier = score / slope;
            if sign.is_none() && multiplier.is_finite() {
                self.certificate.multipliers[k] = Some(multiplier);
            }
            let steps = (step * slope / self.distance(k, inside[k])).abs();
            if tells && rises[k] {
                parts[k] = [steps * close[k], sqrt(steps + steps) * close[k]];
            }
        }
        self.problem.go();
        if !rises.contains(&true) {
            return self.leave_at_parts(&base, leaving, &FAR, here + rounding);
        }
        // Move all these parameters together, first by the Newton step of a variance, then by that
        // of a standard deviation. A rise that is hidden by rounding counts.
        let least = if hidden { here - rounding } else { here + rounding };
        for kind in 0..2 {
            let part = |k: usize| parts[k][kind].min(T::one());
            if self.leave(&base, &rises, part, least) {
                return true;
            }
        }
        self.leave_at_parts(&base, &rises, &PARTS, here + rounding)
    }

    /// Returns the θ `base` in which each `leaving` parameter k is moved from its bound into the
    /// interior by `part(k)` times its typical value.
    fn all_inwards(
        &self,
        base: &Array<T, P>,
        leaving: &Array<bool, P>,
        part: impl Fn(usize) -> T,
    ) -> Array<T, P> {
        Array::from_fn(|k| {
            let goes = leaving[k] && part(k) > T::zero();
            if goes { self.inwards(k, part(k)).unwrap_or(base[k]) } else { base[k] }
        })
    }

    /// Returns the Newton decrement that rounding errors alone produce if the exact score is zero.
    pub(super) fn negligible(&self) -> T {
        /// The rounding error of the terms of the score, in units of the machine epsilon.
        const ROUNDINGS: f64 = 64.0;
        let rounding = T::default_epsilon() * convert(ROUNDINGS);
        rounding * rounding * self.problem.count()
    }

    /// Tries to move the `leaving` parameters inwards from their bounds by each of the distances
    /// `parts`, first all together and then one parameter at a time. If the log-likelihood rises
    /// above `least`, keeps this θ and returns `true`. Otherwise leaves θ unchanged and returns
    /// `false`.
    fn leave_at_parts(
        &mut self,
        base: &Array<T, P>,
        leaving: &Array<bool, P>,
        parts: &[f64],
        least: T,
    ) -> bool {
        let several = leaving.iter().filter(|leaving| **leaving).count() > 1;
        parts.iter().any(|&part| {
            let part = |_: usize| convert(part);
            self.leave(base, leaving, part, least)
                || several
                    && (0..P::USIZE).filter(|&k| leaving[k]).any(|k| {
                        let alone = Array::from_fn(|l| l == k);
                        self.leave(base, &alone, part, least)
                    })
        })
    }

    /// Returns the distance between the bound of parameter k and the point at which derivatives
    /// with respect to θₖ are computed, in units of the parameter's typical value. The distance
    /// must be below any estimate that the search should find, but above the rounding error of the
    /// parameter.
    fn close(&self, k: usize) -> T {
        let epsilon = T::default_epsilon();
        let bounds = &self.bounds[k];
        if bounds.are_positive() {
            epsilon
        } else if bounds.are_infinite() {
            sqrt(sqrt(epsilon))
        } else {
            sqrt(epsilon)
        }
    }

    /// Returns `true` if the model does not depend on parameter k, which is on its bound, at the
    /// current θ.
    fn is_idle(&mut self, k: usize) -> bool {
        let between = self.between(k, Edge::Upper);
        let theta = self.moved(|l| (l == k).then_some(between));
        self.problem.is_same(&theta.0)
    }

    /// Returns a θₖ in the lower or the upper part of the range of parameter k, depending on
    /// `side`. On the natural scale, this θₖ is at 0.2 or 0.8 of a finite interval between the
    /// bounds, or at 0.2 or 5 times the typical value if the interval is infinite.
    fn between(&self, k: usize, side: Edge) -> T {
        let bounds = &self.bounds[k];
        let width = bounds.upper - bounds.lower;
        let upper = side == Edge::Upper;
        let value = if width.is_finite() {
            bounds.lower + width * convert(if upper { 0.8 } else { 0.2 })
        } else {
            self.typical[k] * convert(if upper { 5.0 } else { 0.2 })
        };
        self.inverse(k, value).unwrap_or(self.inside[k])
    }

    /// Returns the θₖ at which the search tries to release other parameters from their bounds. The
    /// result is the current θₖ, unless a sign is given and parameter k is `loose`, which means
    /// that the parameter has no influence on the log-likelihood at present. In this case, the
    /// result is between the bounds, or has the given sign and at least typical size.
    fn signed(&self, k: usize, loose: bool, sign: Sign) -> T {
        let theta = self.theta(k);
        let Some(sign) = sign.filter(|_| loose) else { return theta };
        if !theta.is_finite() && !self.bounds[k].are_infinite() {
            return self.between(k, sign);
        }
        let size = if theta.is_finite() { theta.abs().max(self.typical[k]) } else { theta.abs() };
        if sign == Edge::Lower { -size } else { size }
    }

    /// Returns the distance on the natural scale between the value of parameter k at `theta` and
    /// the bound on which it is held.
    fn distance(&self, k: usize, theta: T) -> T {
        let end = self.parked[k].and_then(|edge| self.bounds[k].at(edge));
        (self.problem.transforms().jet(k, theta).value - end.unwrap_or_else(T::zero)).abs()
    }

    /// Returns the θₖ after a move from the bound of parameter k into the interior. The length of
    /// the move is `part` times the distance between the bounds, or `part` times the typical value
    /// if one bound is infinite. Returns `None` if parameter k is not on a bound.
    fn inwards(&self, k: usize, part: T) -> Option<T> {
        let edge = self.parked[k]?;
        let bounds = &self.bounds[k];
        let Some(end) = bounds.at(edge) else {
            // The edge has no finite bound: θₖ is infinite, or zero where V depends on its square.
            let far = match edge {
                Edge::Zero => self.typical[k] * part,
                Edge::Lower => -self.typical[k] / part,
                Edge::Upper => self.typical[k] / part,
            };
            return Some(far);
        };
        let width = bounds.upper - bounds.lower;
        let whole = if width.is_finite() { width } else { self.typical[k] };
        let inwards = if end == bounds.lower { whole * part } else { -whole * part };
        self.inverse(k, end + inwards)
    }

    /// Tries to move each `leaving` parameter k inwards from its bound by `part(k)` times its
    /// typical value. If the log-likelihood rises above `least`, keeps this θ and returns `true`.
    /// Otherwise leaves θ unchanged and returns `false`.
    fn leave(
        &mut self,
        base: &Array<T, P>,
        leaving: &Array<bool, P>,
        part: impl Fn(usize) -> T,
        least: T,
    ) -> bool {
        let theta = self.all_inwards(base, leaving, part);
        if (0..P::USIZE).all(|k| theta[k] == self.theta(k)) {
            return false;
        }
        if self.look(&theta).is_none_or(|there| there <= least)
            || !self.problem.is_smooth_there(true)
        {
            return false;
        }
        for k in 0..P::USIZE {
            if theta[k] == self.theta(k) {
                continue;
            }
            if self.parked[k].is_some() {
                self.returns[k] += 1;
                self.parked[k] = (!theta[k].is_finite()).then(|| Edge::on_side_of(theta[k]));
            }
            self.inside[k] = theta[k];
        }
        self.led = Array::from_fn(|_| false);
        self.problem.go();
        true
    }
}
