//! Moving θ from a point where a covariance matrix G is singular to one where G is positive
//! definite, for models in which V contains a term Z G Zᵀ with an unrestricted G.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use crate::base::arrays::filled;
use crate::base::scalar::Real;
use crate::optimise::Search;
use crate::optimise::problem::Problem;
use crate::optimise::release::PARTS;

impl<Q, P, T> Search<'_, Q, P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    /// Moves θ along the direction of steepest ascent from a singular covariance matrix G into the
    /// set of covariance matrices, and returns `true` if this raises the log-likelihood. Otherwise
    /// leaves θ unchanged and returns `false`. In general, the steepest direction changes several
    /// parameters, and is not confined to the null space of the matrix G.
    pub(super) fn leave_cone(&mut self) -> bool {
        let far = |k: usize| self.bounds[k].are_infinite() && self.theta(k).abs() > self.far(k);
        if !(0..P::USIZE).any(|k| self.parked[k].is_some() || far(k)) {
            return false;
        }
        let least = self.problem.log_likelihood() + self.rounding();
        for part in PARTS {
            let Some((eigenvalue, theta)) = self.problem.off_cone(convert(part)) else {
                return false;
            };
            self.certificate.cone_eigenvalue = Some(eigenvalue);
            let Some(theta) = theta else { return false };
            let moves = |k: usize| theta.as_ref().get(k).is_some_and(|&to| to != self.theta(k));
            let held = self.held.is_some_and(moves);
            let theta = Array(theta);
            if held || self.look(&theta).is_none_or(|there| there <= least) {
                continue;
            }
            for k in 0..P::USIZE {
                if theta[k] != self.theta(k) {
                    self.parked[k] = None;
                    self.inside[k] = theta[k];
                }
            }
            self.led = Array(filled::<P, _>(false));
            self.problem.go();
            return true;
        }
        false
    }

    /// Returns the absolute value of θₖ above which θₖ may be diverging to infinity.
    fn far(&self, k: usize) -> T {
        self.typical[k] * convert(1e3)
    }
}
