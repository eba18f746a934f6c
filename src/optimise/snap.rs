//! The snapping of parameters that are within rounding of a bound onto that bound.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use crate::base::arrays::tabulate;
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
    /// Moves parameters that are within rounding of a bound onto that bound. Returns `true` if a
    /// parameter was moved. The argument `ascent` must hold the score and the average information
    /// at the current θ.
    #[inline(never)]
    pub(super) fn snap(&mut self, ascent: &mut Ascent<P, T>) -> bool {
        self.snap_to_zero(ascent) || self.snap_to_bound(ascent) || self.leap(self.rounding())
    }

    /// Computes the score and the average information at θ.
    pub(super) fn refresh(&mut self, ascent: &mut Ascent<P, T>) {
        self.problem.ascend(ascent, false, |_, _| (false, ()));
    }

    /// If the log-likelihood at the given θ has finite derivatives and is lower than the current
    /// one by at most `slack`, moves to that θ and returns `true`. Otherwise returns `false`.
    pub(super) fn go_unless_lower(&mut self, theta: &Array<T, P>, slack: T) -> bool {
        let least = self.problem.log_likelihood() - slack;
        let there = self.look(theta).is_some_and(|there| there >= least);
        let goes = there && self.problem.is_smooth_there(true);
        if goes {
            self.problem.go();
        }
        goes
    }

    /// Sets θₖ to zero if θₖ is zero within rounding and the covariance matrix V depends on the
    /// square of θₖ. Returns `true` if a θₖ was set to zero. If V depends on the square of θₖ, the
    /// score at θₖ = 0 is zero for all data, and a maximum at θₖ = 0 therefore counts as a maximum
    /// on the boundary.
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

    /// Moves a parameter onto a bound if the log-likelihood on the bound is the same within
    /// rounding. Returns `true` if a parameter was moved. For example, a range far below all
    /// distances gives the same log-likelihood as a range of zero.
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
                let same = tells || self.problem.is_same(&theta.0);
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
        /// The size of a parameter without bounds, in units of its typical size, above which the
        /// parameter counts as diverging. Correlations that depend on a parameter of this size are
        /// within about 1 % of their limits.
        const LEAVING: f64 = 10.0;
        self.is_free(k)
            && self.bounds[k].are_infinite()
            && self.theta(k).abs() > self.typical[k] * convert(LEAVING)
    }

    /// Moves parameters without bounds that diverge to infinity so far that the covariance matrix V
    /// no longer changes, provided that the log-likelihood falls by at most `slack`. Returns `true`
    /// if a parameter was moved. After the move, the covariance matrix V contains a singular
    /// correlation matrix, which depends only on ratios of diverging parameters. If V no longer
    /// depends on a parameter, the parameter is put on its bound. A diverging parameter remains
    /// free if V depends on its ratio to another diverging parameter.
    pub(super) fn leap(&mut self, slack: T) -> bool {
        let leaving = tabulate::<P, bool>(false, |k| self.is_leaving(k));
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
        let settled = tabulate::<P, bool>(false, |k| {
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
