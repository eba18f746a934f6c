//! The snapping of parameters that are within rounding of a bound onto that bound.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use crate::base::scalar::{Real, epsilon_to};
use crate::optimise::Search;
use crate::optimise::outcome::Edge;
use crate::optimise::problem::{Ascent, Problem};

impl<Q, P, T> Search<'_, Q, P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    /// Returns `true` if a parameter was within rounding of a bound and has been moved onto it.
    /// Requires the average information at θ.
    #[inline(never)]
    pub(super) fn snap(&mut self, ascent: &mut Ascent<P, T>) -> bool {
        self.snap_to_zero(ascent) || self.snap_to_bound(ascent) || self.leap(self.rounding())
    }

    /// Computes the score and the average information at θ.
    pub(super) fn refresh(&mut self, ascent: &mut Ascent<P, T>) {
        self.problem.ascend(ascent, false, |_, _| (false, ()));
    }

    /// Returns `true` if the search has moved to the given θ, which it does if the log-likelihood
    /// has finite derivatives there and is lower by at most `slack`.
    pub(super) fn go_unless_lower(&mut self, theta: &Array<T, P>, slack: T) -> bool {
        let least = self.problem.log_likelihood() - slack;
        let there = self.look(theta).is_some_and(|there| there >= least);
        let goes = there && self.problem.is_smooth_there(true);
        if goes {
            self.problem.go();
        }
        goes
    }

    /// Returns `true` if a θₖ that was zero within rounding has been set to zero, for parameters on
    /// whose square V depends. If V depends on the square of θₖ, the score is zero at θₖ = 0
    /// whatever the data are, so that a maximum at zero is a maximum on the boundary.
    fn snap_to_zero(&mut self, ascent: &mut Ascent<P, T>) -> bool {
        let small = epsilon_to(1.0 / 3.0);
        let mut snapped = false;
        for k in 0..P::USIZE {
            let theta = self.theta(k);
            let near =
                self.is_free(k) && !theta.is_zero() && theta.abs() <= self.typical[k] * small;
            if !self.bounds[k].are_infinite() || !near {
                continue;
            }
            let theta = self.moved(|l| (l == k).then(T::zero));
            let least = self.problem.log_likelihood() - self.rounding();
            if self.look(&theta).is_none_or(|there| there < least) {
                continue;
            }
            self.problem.go();
            self.refresh(ascent);
            if ascent.average.get(k, k).is_zero() {
                self.parked[k] = Some(Edge::Zero);
                snapped = true;
            } else {
                self.problem.go();
                self.problem.ascend(ascent, false, |_, _| (true, ()));
            }
        }
        snapped
    }

    /// Returns `true` if a parameter has been moved onto a bound because the log-likelihood is the
    /// same on the bound within rounding. For example, a range far below all distances gives the
    /// same log-likelihood as a range of zero.
    fn snap_to_bound(&mut self, ascent: &Ascent<P, T>) -> bool {
        let rounding = self.rounding();
        let free = self.free();
        for k in (0..P::USIZE).filter(|&k| free[k]) {
            let jet = self.jet(k);
            for direction in [-T::one(), T::one()] {
                let (end, edge) = self.bounds[k].towards(direction);
                let way = (end - jet.value) / jet.first;
                let rise = ascent.score.as_ref()[k] * way;
                let fall = ascent.average.get(k, k) * way * way;
                if !end.is_finite() || rise.abs() > rounding || fall > self.negligible() {
                    continue;
                }
                let theta = self.moved(|l| (l == k).then(|| edge.theta()));
                // If the information is zero, the model itself must be the same on the bound.
                let tells = ascent.average.get(k, k) > T::zero();
                let same = tells || self.problem.is_same(&Array::<T, P>::from_fn(|l| theta[l]).0);
                if same && self.go_unless_lower(&theta, rounding) {
                    self.parked[k] = Some(edge);
                    return true;
                }
            }
        }
        false
    }

    /// Returns `true` if parameter k has no bounds and is far larger than its typical size.
    fn is_leaving(&self, k: usize) -> bool {
        /// The size of a parameter without bounds, in units of its typical size, above which
        /// correlations that depend on it are within about 1 % of their limits.
        const LEAVING: f64 = 10.0;
        self.is_free(k)
            && self.bounds[k].are_infinite()
            && self.theta(k).abs() > self.typical[k] * convert(LEAVING)
    }

    /// Returns `true` if diverging parameters without bounds have been moved so far that V no
    /// longer changes, and the log-likelihood is lower by at most `slack`. After the move, V
    /// contains a singular correlation matrix that depends only on the ratios of some diverging
    /// parameters. Parameters on which V no longer depends are put on the boundary, while
    /// parameters that change the ratios remain free.
    pub(super) fn leap(&mut self, slack: T) -> bool {
        let leaving = Array::<bool, P>::from_fn(|k| self.is_leaving(k));
        if !leaving.contains(&true) {
            return false;
        }
        // Large enough to be infinite in comparison with 1.
        let far = T::one() / T::default_epsilon();
        let theta = self.moved(|k| {
            let theta = self.theta(k);
            (leaving[k] && theta.abs() < far * self.typical[k]).then(|| theta * far)
        });
        let moved = (0..P::USIZE).any(|k| theta[k] != self.theta(k));
        let count = self.problem.count();
        if !self.go_unless_lower(&theta, slack) {
            return false;
        }
        let mut ascent = Ascent::new();
        self.refresh(&mut ascent);
        // The information of a relative change of θₖ.
        let settled = Array::<bool, P>::from_fn(|k| {
            let told = ascent.average.get(k, k) * theta[k] * theta[k];
            leaving[k] && told <= count * T::default_epsilon()
        });
        let edge = |k: usize| Edge::on_side_of(theta[k]);
        let ends = self.moved(|k| settled[k].then(|| edge(k).theta()));
        if !self.go_unless_lower(&ends, slack) {
            return moved;
        }
        for k in (0..P::USIZE).filter(|&k| settled[k]) {
            self.parked[k] = Some(edge(k));
        }
        moved || settled.contains(&true)
    }
}
