//! Releasing parameters from their bounds.
//!
//! At a bound the derivative of ℓ with respect to θₖ is zero, whatever the data are, since θₖ is infinite there. So derivatives are
//! taken a little inside. A parameter is released if ℓ rises from there inwards by more than rounding: its step s²/B in squared
//! standard errors is the same whether it is taken by a variance or by a standard deviation.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use super::outcome::Edge;
use super::{Ascent, Problem, Search};
use crate::Real;
use crate::kernel::sqrt;

/// Where ℓ is looked at on the way inwards, in parts of what is typical.
const PARTS: [f64; 7] = [1.0, 0.3, 0.1, 0.03, 1e-2, 1e-3, 1e-4];

/// The sign that is tried for a parameter without influence while others are on their bounds.
type Sign = Option<Edge>;

impl<Q, P, T> Search<'_, Q, P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    /// Returns `true` if ℓ was higher inside a bound and θ is there now.
    #[inline(never)]
    pub(super) fn release(&mut self, ascent: &mut Ascent<P, T>) -> bool {
        let parked = Array::<bool, P>::from_fn(|k| self.may_return(k));
        if !parked.contains(&true) {
            return false;
        }
        // A correlation of what has no variance matters only once that has some.
        let loose = Array::<bool, P>::from_fn(|k| {
            self.held != Some(k)
                && match self.parked[k] {
                    None => ascent.average.get(k, k).is_zero(),
                    Some(edge) => self.bounds[k].at(edge).is_none(),
                }
        });
        let signs: &[Sign] = match loose.contains(&true) {
            true => &[None, Some(Edge::Upper), Some(Edge::Lower)],
            false => &[None],
        };
        signs.iter().any(|&sign| self.release_with(&parked, &loose, sign, ascent))
    }

    fn release_with(
        &mut self,
        parked: &Array<bool, P>,
        loose: &Array<bool, P>,
        sign: Sign,
        ascent: &mut Ascent<P, T>,
    ) -> bool {
        let base = Array::<T, P>::from_fn(|k| self.signed(k, loose[k], sign));
        let close = sqrt(sqrt(T::default_epsilon()));
        let inside = Array::<T, P>::from_fn(|k| {
            if parked[k] { self.inwards(k, close).unwrap_or(base[k]) } else { base[k] }
        });
        let (least, before) = (self.least(), self.problem.log_likelihood());
        if self.look(&inside).is_none() || !self.problem.is_smooth_there(true) {
            return PARTS.iter().any(|&part| self.leave(&base, parked, convert(part), least));
        }
        self.problem.go();
        self.problem.ascend(ascent, true, |_, _| (false, ()));
        let score = ascent.score.as_ref();
        let mut rises = Array::<bool, P>::from_fn(|_| false);
        let mut newton = Array::<T, P>::from_fn(|_| T::zero());
        for k in (0..P::USIZE).filter(|&k| parked[k]) {
            let inwards = inside[k] - base[k];
            let step = score[k] / ascent.average.get(k, k);
            let _ = before;
            rises[k] = score[k] * inwards > T::zero()
                && (!step.is_finite() || score[k] * step > self.rounding() * close);
            // How far that is, in units of the distance at which the derivatives were taken.
            let slope = self.problem.jet(k, inside[k]).first;
            let distance = self.distance(k, inside[k]);
            newton[k] = (step * slope / distance).abs();
        }
        self.problem.go();
        if !rises.contains(&true) {
            return false;
        }
        // By the Newton step of a variance and of a standard deviation, and at places in between, alone and together.
        let longest = (0..P::USIZE).filter(|&k| rises[k]).fold(T::zero(), |m, k| m.max(newton[k]));
        let newtons = [longest * close, sqrt(longest + longest) * close].into_iter();
        let parts = newtons.filter(|part| part.is_finite() && !part.is_zero());
        for part in parts.chain(PARTS.iter().map(|&part| convert(part))) {
            if self.leave(&base, &rises, part, least) {
                return true;
            }
            let several = rises.iter().filter(|rises| **rises).count() > 1;
            for k in (0..P::USIZE).filter(|&k| several && rises[k]) {
                let alone = Array::from_fn(|l| l == k);
                if self.leave(&base, &alone, part, least) {
                    return true;
                }
            }
        }
        false
    }

    /// Goes off the boundary of the covariance matrices along the steepest direction, if ℓ is higher there; returns `true` if
    /// it is. Single parameters, or the null space alone, do not tell.
    pub(super) fn leave_cone(&mut self, ascent: &mut Ascent<P, T>) -> bool {
        let far = |k: usize| self.bounds[k].are_infinite() && self.theta(k).abs() > self.far(k);
        if !(0..P::USIZE).any(|k| self.parked[k].is_some() || far(k)) {
            return false;
        }
        self.refresh(ascent);
        let least = self.least();
        for part in PARTS {
            let Some((_, theta)) = self.problem.off_cone(convert(part)) else { return false };
            let held = self.held.is_some_and(|k| theta.as_ref()[k] != self.theta(k));
            let theta = Array::<T, P>::from_fn(|k| theta.as_ref()[k]);
            if held || self.look(&theta).is_none_or(|there| there <= least) {
                continue;
            }
            for k in 0..P::USIZE {
                if theta[k] != self.theta(k) {
                    self.parked[k] = None;
                    self.inside[k] = theta[k];
                }
            }
            self.led = Array::from_fn(|_| false);
            self.problem.go();
            return true;
        }
        false
    }

    /// Returns the size of θₖ from which on it may be a direction to infinity.
    fn far(&self, k: usize) -> T {
        self.typical[k] * convert(1e3)
    }

    /// Returns the ℓ above which a release is one.
    fn least(&self) -> T {
        self.problem.log_likelihood() + self.rounding()
    }

    /// Returns θₖ, with this sign and at least typical in size if parameter k is loose.
    fn signed(&self, k: usize, loose: bool, sign: Sign) -> T {
        let theta = self.theta(k);
        let Some(sign) = sign.filter(|_| loose) else { return theta };
        let size = if theta.is_finite() { theta.abs().max(self.typical[k]) } else { theta.abs() };
        if sign == Edge::Lower { -size } else { size }
    }

    /// Returns the distance of parameter k from the bound that it is on, on its natural scale.
    fn distance(&self, k: usize, theta: T) -> T {
        let end = self.parked[k].and_then(|edge| self.bounds[k].at(edge));
        (self.problem.jet(k, theta).value - end.unwrap_or_else(T::zero)).abs()
    }

    /// Returns θₖ away from its bound by this part of what is typical, or of the way to the other bound.
    fn inwards(&self, k: usize, part: T) -> Option<T> {
        let edge = self.parked[k]?;
        let bounds = &self.bounds[k];
        let Some(end) = bounds.at(edge) else {
            // There is no bound: θₖ is infinite, or zero where V depends on its square.
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
        self.problem.inverse(k, end + inwards)
    }

    /// Goes inside with some parameters if ℓ is higher there; returns `true` if it is.
    fn leave(&mut self, base: &Array<T, P>, leaving: &Array<bool, P>, part: T, least: T) -> bool {
        let theta = Array::<T, P>::from_fn(|k| {
            if leaving[k] { self.inwards(k, part).unwrap_or(base[k]) } else { base[k] }
        });
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
