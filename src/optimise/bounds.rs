//! The bounds of the parameters, and the shortening of steps at the bounds.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use crate::base::arrays::{copied, filled};
use crate::base::scalar::Real;
use crate::linalg::kernel::sqrt;
use crate::optimise::Search;
use crate::optimise::outcome::Edge;
use crate::optimise::problem::Problem;
use crate::optimise::units::Transforms;

/// The largest fraction of the distance to a bound that one step may cover, unless the previous
/// step already covered this fraction.
const REACH: f64 = 0.9;

/// The bounds l ≤ η ≤ u of a parameter on its natural scale.
#[derive(Clone, Copy)]
pub(crate) struct Bounds<T> {
    pub(super) lower: T,
    pub(super) upper: T,
    /// The limit of θₖ (−∞, ∞ or 0) at which the parameter equals its lower bound.
    at_lower: Edge,
    /// The limit of θₖ (−∞, ∞ or 0) at which the parameter equals its upper bound.
    at_upper: Edge,
}

impl<T: Real> Bounds<T> {
    /// Creates the bounds of a transform T from its limits T(−∞) and T(∞) and from `middle`, which
    /// is T(0).
    fn new([first, last]: [T; 2], middle: T) -> Self {
        let (at_lower, at_upper) = (Edge::Lower, Edge::Upper);
        if first < last {
            return Self { lower: first, upper: last, at_lower, at_upper };
        }
        if first > last {
            return Self { lower: last, upper: first, at_lower: at_upper, at_upper: at_lower };
        }
        // The limits are equal, as for θ², or T is undefined on one side, as for √θ.
        if middle.is_finite() {
            let upper = T::one() / T::zero();
            return Self { lower: middle, upper, at_lower: Edge::Zero, at_upper };
        }
        Self { lower: last, upper: T::one() / T::zero(), at_lower: at_upper, at_upper: Edge::Zero }
    }

    /// Returns the lower bound if `direction` is negative and otherwise the upper bound, with the
    /// limit of θₖ (−∞, ∞ or 0) at that bound.
    pub(super) fn towards(&self, direction: T) -> (T, Edge) {
        if direction < T::zero() {
            (self.lower, self.at_lower)
        } else {
            (self.upper, self.at_upper)
        }
    }

    /// Returns the bound that the parameter reaches at the given limit of θₖ (−∞, ∞ or 0), or
    /// `None` if the parameter has no finite bound at this limit.
    pub(super) fn at(&self, edge: Edge) -> Option<T> {
        if edge == self.at_lower && self.lower.is_finite() {
            Some(self.lower)
        } else if edge == self.at_upper && self.upper.is_finite() {
            Some(self.upper)
        } else {
            None
        }
    }

    /// Returns `true` if neither bound of the parameter is finite.
    pub(super) fn are_infinite(&self) -> bool {
        !self.lower.is_finite() && !self.upper.is_finite()
    }

    /// Returns `true` if the lower bound of the parameter is finite and the upper bound infinite,
    /// as for a variance.
    pub(super) fn are_positive(&self) -> bool {
        self.lower.is_finite() && !self.upper.is_finite()
    }
}

/// A candidate for the next θ, with the parameters that are on a bound at the candidate.
pub(super) struct Candidate<P: ArraySize, T> {
    pub(super) theta: Array<T, P>,
    pub(super) parked: Array<Option<Edge>, P>,
    /// For each parameter, `true` if the step covers at least nine tenths of the distance to a
    /// bound.
    pub(super) led: Array<bool, P>,
    /// The step after it was shortened at the bounds, converted from the natural scale to θ to
    /// first order.
    pub(super) step: Array<T, P>,
}

impl<Q, P, T> Search<'_, Q, P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    /// Returns the bounds of parameter k.
    pub(super) fn bounds_of(problem: &Q, k: usize) -> Bounds<T> {
        let transforms = problem.transforms();
        Bounds::new(transforms.limits(k), transforms.jet(k, T::zero()).value)
    }

    /// Returns a candidate for the next θ that equals the current θ.
    pub(super) fn here(&self) -> Candidate<P, T> {
        Candidate {
            theta: self.current(),
            parked: Array(copied::<P, _>(&self.parked.0)),
            led: Array(filled::<P, _>(false)),
            step: Array(filled::<P, _>(T::zero())),
        }
    }

    /// Returns the next θ for a step δ. If steps are taken on the natural scale, each parameter η
    /// becomes η + (dη/dθ) δ. The step is shortened at the bounds, unless `bold` is `true` and the
    /// step ends between the bounds.
    pub(super) fn candidate(&self, step: &[T], bold: bool) -> Candidate<P, T> {
        let mut candidate = self.here();
        let part = if self.in_theta { self.part_in_theta(step) } else { T::one() };
        for (k, &step) in step.iter().enumerate().take(P::USIZE) {
            let step = step * part;
            if step.is_zero() || !self.is_free(k) {
                continue;
            }
            let theta = self.theta(k);
            if self.in_theta {
                candidate.theta[k] = theta + step;
                candidate.step[k] = step;
                continue;
            }
            let jet = self.jet(k);
            let along = jet.first * step;
            let (end, edge) = self.bounds[k].towards(along);
            let mut target = jet.value + along;
            if end.is_finite() {
                let room = end - jet.value;
                let part = along / room;
                let leads = part >= convert(REACH);
                let inside = bold && part < T::one() - sqrt(T::default_epsilon());
                candidate.led[k] = leads;
                if leads && !inside && (!self.led[k] || self.closed[k]) {
                    target = jet.value + room * convert(REACH);
                } else if part >= T::one() {
                    candidate.theta[k] = edge.theta();
                    candidate.parked[k] = Some(edge);
                    candidate.step[k] = room / jet.first;
                    continue;
                }
            }
            // If no θₖ has this natural-scale value because of an overflow, the step is taken in θ.
            candidate.theta[k] = self.inverse(k, target).unwrap_or(theta + step);
            candidate.step[k] = (target - jet.value) / jet.first;
        }
        candidate
    }

    /// Returns the factor by which a step in θ is shortened so that no parameter comes more than
    /// ten times nearer to a bound.
    fn part_in_theta(&self, step: &[T]) -> T {
        let bounded = (0..P::USIZE).filter(|&k| self.is_free(k) && !self.bounds[k].are_infinite());
        let longest = bounded.filter_map(|k| step.get(k)).fold(T::zero(), |m, x| m.max(x.abs()));
        let most = T::ln_10();
        if longest > most { most / longest } else { T::one() }
    }

    /// Moves the search to a candidate. Before the call, the log-likelihood must have been
    /// evaluated at the θ of the candidate and at no other θ since.
    pub(super) fn accept(&mut self, candidate: Candidate<P, T>) {
        for k in 0..P::USIZE {
            let (from, to) = (self.theta(k), candidate.theta[k]);
            // Avoids ∞ − ∞.
            self.step[k] = if to == from { T::zero() } else { to - from };
            if candidate.parked[k].is_none() {
                self.inside[k] = to;
            }
        }
        self.problem.go();
        self.parked = candidate.parked;
        self.led = candidate.led;
    }
}
