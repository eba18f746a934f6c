//! Who is at the end of its range but for rounding.

use hybrid_array::Array;
use nalgebra::{SMatrix, convert};
use typenum::Unsigned;

use super::Search;
use crate::reml::outcome::Edge;
use crate::reml::sample::Data;
use crate::reml::square::Square;
use crate::{ParamMatrix, Real, Theta};

impl<M, D, T, const N: usize, const K: usize> Search<'_, '_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<T, N, K>,
{
    /// Puts on an edge what is there but for rounding. Whether there was something.
    #[inline(never)]
    pub(super) fn settle(&mut self, average: &Square<M::Params, T>) -> bool {
        self.snap_to_zero()
            || self.snap_to_end(average)
            || self.leap(self.rounding())
            || self.follow_drift(average)
    }

    /// Puts to zero what is zero but for rounding, where V depends on the square of θₖ: there the score vanishes at zero
    /// whatever the data are, and a maximum there is no other than the boundary. Whether there was one.
    fn snap_to_zero(&mut self) -> bool {
        let small = T::default_epsilon().powf(convert(1.0 / 3.0));
        let mut snapped = false;
        for k in 0..self.edges.as_ref().len() {
            let theta_k = self.at.theta.as_ref()[k];
            let near = self.is_active(k) && !theta_k.is_zero() && theta_k.abs() <= small;
            if !self.may_be_squared(k) || !near {
                continue;
            }
            let theta = self.moved(|l| (l == k).then(T::zero));
            if self.go_if(&theta, self.rounding(), |average| average.get(k, k).is_zero()) {
                self.park(k, Edge::Zero);
                snapped = true;
            }
        }
        snapped
    }

    /// Puts at the end of its range what V no longer tells from it: a range far below all distances. Whether there was
    /// one.
    fn snap_to_end(&mut self, average: &Square<M::Params, T>) -> bool {
        // What is left of an information that underflows.
        let small = T::default_epsilon() * T::default_epsilon();
        for k in 0..self.edges.as_ref().len() {
            if !self.is_active(k) || average.get(k, k) > small {
                continue;
            }
            for edge in [Edge::Lower, Edge::Upper] {
                let theta = self.moved(|l| (l == k).then(|| edge.theta()));
                if self.has_end(k, edge)
                    && self.is_same(&theta)
                    && self.go_unless_lower(&theta, self.rounding())
                {
                    self.park(k, edge);
                    return true;
                }
            }
        }
        false
    }

    /// Whether V is the same at another θ but for rounding.
    #[inline(never)]
    fn is_same(&self, theta: &Theta<M, T>) -> bool {
        let mut values = [SMatrix::zeros(); 2];
        for (value, theta) in values.iter_mut().zip([theta, &self.at.theta]) {
            self.estimation.model.value_into(theta, value);
        }
        let [there, here] = values;
        let rounding = T::default_epsilon() * self.at.size;
        there.iter().zip(here.iter()).all(|(&there, &here)| (there - here).abs() <= rounding)
    }

    /// Holds parameter k at an edge.
    fn park(&mut self, k: usize, edge: Edge) {
        if let Some(out) = self.edges.as_mut().get_mut(k) {
            *out = Some(edge);
        }
    }

    /// Whether parameter k has no end to its range, and is far from where it started.
    fn is_leaving(&self, k: usize) -> bool {
        /// Where the correlations that such parameters make are within some 1 % of their limits.
        const LEAVING: f64 = 10.0;
        self.is_active(k)
            && self.is_endless(k)
            && self.at.theta.as_ref()[k].abs() > convert(LEAVING)
    }

    /// Whether some parameter is leaving.
    fn leaves(&self) -> bool {
        (0..M::Params::USIZE).any(|k| self.is_leaving(k))
    }

    /// θ with some parameters, unless they are there already, as good as at infinity.
    fn moved_far(&self, moves: impl Fn(usize) -> bool) -> Theta<M, T> {
        // As good as infinite beside 1.
        let far = T::one() / T::default_epsilon();
        self.moved(|k| {
            let theta = self.at.theta.as_ref()[k];
            (moves(k) && theta.abs() < far).then(|| theta * far)
        })
    }

    /// Goes on to where V no longer changes, with parameters that have no end to their ranges and are leaving for
    /// infinity: to a correlation matrix that is singular, by the ratio of some of its parameters. These may change
    /// that ratio there; what has nothing left to change is put on the edge. Whether the likelihood is no lower
    /// for it, by more than `slack`.
    pub(super) fn leap(&mut self, slack: T) -> bool {
        if !self.leaves() {
            return false;
        }
        let leaving = Array::<bool, M::Params>::from_fn(|k| self.is_leaving(k));
        let theta = self.moved_far(|k| leaving[k]);
        let (count, moved) = (self.count, theta.as_ref() != self.at.theta.as_ref());
        let mut settled = Array::<bool, M::Params>::from_fn(|_| false);
        // What a change of θₖ by a part of itself would tell.
        let went = self.go_if(&theta, slack, |average| {
            settled = Array::from_fn(|k| {
                let theta = theta.as_ref()[k];
                leaving[k] && average.get(k, k) * theta * theta <= count * T::default_epsilon()
            });
            true
        });
        if !went {
            return false;
        }
        let edge = |k: usize| Edge::on_side_of(theta.as_ref()[k]);
        let ends = self.moved(|k| settled[k].then(|| edge(k).theta()));
        if !self.go_unless_lower(&ends, slack) {
            return moved;
        }
        for k in (0..settled.len()).filter(|&k| settled[k]) {
            self.park(k, edge(k));
        }
        moved || settled.contains(&true)
    }

    /// Puts on an edge the parameters that have gone there together: those of a combination that the data do not
    /// tell, because V no longer depends on it. Whether there were some.
    fn follow_drift(&mut self, average: &Square<M::Params, T>) -> bool {
        /// What part of a direction counts.
        const PART: f64 = 1e-3;
        if !self.leaves() {
            return false;
        }
        let Some(direction) = self.unknown(average) else { return false };
        let moves = |k: usize| direction.as_ref()[k].abs() > convert(PART);
        let moving = || (0..direction.as_ref().len()).filter(|&k| moves(k));
        if !moving().all(|k| self.is_leaving(k)) {
            return false;
        }
        let theta = self.moved_far(moves);
        if !self.go_unless_lower(&theta, self.rounding()) {
            return false;
        }
        for k in moving() {
            self.park(k, Edge::on_side_of(theta.as_ref()[k]));
        }
        true
    }
}
