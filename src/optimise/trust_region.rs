//! The step that maximises the quadratic model within the trust region.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use super::information::Square;
use super::{Problem, Search, dot};
use crate::Real;
use crate::kernel::sqrt;

/// By how much of its size a positive parameter may rise in the first step: to sixteen times what it was.
const POSITIVE: f64 = 15.0;
/// By how much of its size any other parameter may change in the first step.
const OTHER: f64 = 3.0;
/// Solutions of the equation for the multiplier of the trust region, after which the step is cut to its length.
const SOLUTIONS: usize = 6;
/// How much longer than Δ a step may be.
const SLACK: f64 = 1.25;

/// The scale of each free parameter of θ: the larger of the inverse of what one observation tells of it and the inverse of its
/// size, in units of the change that a first step may make.
pub(super) struct Metric<P: ArraySize, T> {
    by_size: Array<T, P>,
    by_information: Array<T, P>,
}

impl<P: ArraySize, T: Real> Metric<P, T> {
    /// Returns the squares of D.
    pub(super) fn with(&self, information: &Square<P, T>) -> Array<T, P> {
        Array::from_fn(|k| {
            let by_one = information.get(k, k).max(T::zero()) * self.by_information[k];
            by_one.max(self.by_size[k])
        })
    }
}

/// Returns ‖Dδ‖.
pub(super) fn length<P: ArraySize, T: Real>(metric: &Array<T, P>, step: &[T]) -> T {
    let squares = step.iter().zip(metric).map(|(&x, &d)| x * x * d);
    sqrt(squares.fold(T::zero(), |sum, x| sum + x))
}

impl<Q, P, T> Search<'_, Q, P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    /// Returns the scale of each free parameter of θ, as far as it does not depend on an information.
    pub(super) fn metric(&self) -> Metric<P, T> {
        let two_by_count = convert::<_, T>(2.0) / self.problem.count();
        let reach =
            |k: usize| convert(if self.bounds[k].are_positive() { POSITIVE } else { OTHER });
        Metric {
            by_size: Array::from_fn(|k| {
                if !self.is_free(k) {
                    return T::zero();
                }
                let jet = self.problem.jet(k, self.theta(k));
                let by_size = jet.first / (jet.value.abs().max(self.typical[k]) * reach(k));
                by_size * by_size
            }),
            by_information: Array::from_fn(|k| {
                let reach = reach(k);
                if self.is_free(k) { two_by_count / (reach * reach) } else { T::zero() }
            }),
        }
    }

    /// Returns the step, given the Newton step if B is positive definite.
    pub(super) fn trust_region_step(
        &self,
        information: &Square<P, T>,
        score: &[T],
        newton: Option<&[T]>,
        metric: &Array<T, P>,
    ) -> Array<T, P> {
        let free = self.free();
        let longest = self.radius * convert(SLACK);
        let mut lambda = T::zero();
        if let Some(newton) = newton {
            let length = length(metric, newton);
            if length <= longest {
                return Array::from_fn(|k| newton[k]);
            }
            // That of a single parameter.
            let curvature = dot(score, newton) / (length * length);
            lambda = curvature * (length / self.radius - T::one());
        }
        if !(lambda > T::zero()) {
            let steepest = score.iter().zip(metric).zip(&free);
            let squares = steepest.filter(|(_, free)| **free).map(|((&s, &d), _)| s * s / d);
            lambda = sqrt(squares.fold(T::zero(), |sum, x| sum + x)) / self.radius;
        }
        let mut step = Array::<T, P>::from_fn(|_| T::zero());
        for _ in 0..SOLUTIONS {
            let mut damped = information.clone();
            for (k, &d) in metric.iter().enumerate() {
                damped.add(k, k, d * lambda);
            }
            let solution = damped.solve(score, &free);
            if solution.indefinite || solution.null.is_some() {
                lambda *= convert(8.0);
                continue;
            }
            step = Array(solution.x);
            let length = length(metric, &step);
            if length <= longest {
                return step;
            }
            // λ‖Dδ‖ does not fall as λ rises.
            lambda *= length / self.radius;
        }
        let part = self.radius / length(metric, &step);
        if part < T::one() { step.map(|x| x * part) } else { step }
    }
}
