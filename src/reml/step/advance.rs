//! One step: so much of it that the likelihood rises.

use nalgebra::convert;
use typenum::Unsigned;

use super::Search;
use super::range::Candidate;
use crate::kernel::sqrt;
use crate::reml::outcome::Edge;
use crate::reml::sample::Data;
use crate::reml::square::Square;
use crate::search::{ATTEMPTS, ENOUGH, adapt_damping, dot, increase_damping};
use crate::shape::copied;
use crate::{ParamMatrix, Real, Shape, Theta};

/// How far a parameter with one end may go the other way, by what one observation tells of it: a variance to some hundred
/// times what it was.
const FAR: f64 = 50.0;
/// How far a parameter without ends may go in a step, by what one observation tells of it.
const ENDLESS: f64 = 3.0;
/// How many times what it is a parameter without ends may become in a step, if it is more than that already.
const MANY: f64 = 10.0;

/// What came of a step.
pub(super) enum Advance<M: Shape, T> {
    /// The likelihood is higher.
    Risen,
    /// It is the same to rounding; θ was this.
    Hidden(Theta<M, T>),
    /// No step was found.
    None,
}

impl<M, D, T, const N: usize, const K: usize> Search<'_, '_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<T, N, K>,
{
    /// The step, or so much of it that no parameter that has no end where it goes moves by much more than what one
    /// observation tells of it: there the information may be next to nothing, and the step next to infinite.
    fn shortened(&self, information: &Square<M::Params, T>, mut step: Theta<M, T>) -> Theta<M, T> {
        let mut longest = T::one();
        for k in 0..M::Params::USIZE {
            let x = step.as_ref()[k];
            let far = if self.is_endless(k) {
                convert(ENDLESS)
            } else if self.has_end(k, Edge::on_side_of(x)) {
                continue;
            } else {
                convert(FAR)
            };
            let length = x.abs() * sqrt(information.get(k, k).max(T::zero()) / self.count);
            longest = longest.max(length / far);
            // Nor many times what it is: the information may vanish on the way.
            let theta = self.at.theta.as_ref()[k].abs();
            if self.is_endless(k) && theta > convert(MANY) {
                longest = longest.max(x.abs() / (theta * convert(MANY)));
            }
        }
        for x in step.as_mut() {
            *x /= longest;
        }
        step
    }

    /// Takes a step, the shorter the more damping it needs; one whose rise rounding hides only if that is all
    /// that is left. The undamped step is given.
    #[inline(never)]
    pub(super) fn advance(
        &mut self,
        (information, newton): (&Square<M::Params, T>, &Theta<M, T>),
        score: &Theta<M, T>,
        hides: bool,
        damping: &mut T,
    ) -> Advance<M, T> {
        let active = self.active();
        let rounding = self.rounding();
        for _ in 0..ATTEMPTS {
            let step = if damping.is_zero() {
                copied::<M::Params, T>(newton)
            } else {
                information.solve(score.as_ref(), active.as_ref(), *damping).x
            };
            let step = self.shortened(information, step);
            let promised =
                dot(score.as_ref(), step.as_ref()) - information.form(step.as_ref()) * convert(0.5);
            let candidate = self.candidate(&step);
            let parked = candidate.edges.as_ref() != self.edges.as_ref();
            // An end is none where V has no derivative.
            if self.look(&candidate.theta) && (!parked || self.next.average().is_finite()) {
                let rise = self.next.log_likelihood() - self.at.log_likelihood();
                let risen =
                    rise > T::zero() && (candidate.limited || rise >= promised * convert(ENOUGH));
                let level = rise >= -rounding && (parked || hides);
                if risen || level {
                    adapt_damping(damping, rise, promised, candidate.limited);
                    let before = self.accept(candidate);
                    return if hides && !parked && rise <= rounding {
                        Advance::Hidden(before)
                    } else {
                        Advance::Risen
                    };
                }
            }
            increase_damping(damping);
        }
        Advance::None
    }

    /// Goes there; returns where it came from.
    fn accept(&mut self, candidate: Candidate<M, T>) -> Theta<M, T> {
        let before = copied::<M::Params, T>(&self.at.theta);
        for k in 0..before.as_ref().len() {
            let (to, from) = (candidate.theta.as_ref()[k], before.as_ref()[k]);
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
        self.go();
        self.edges = candidate.edges;
        self.led = candidate.led;
        before
    }
}
