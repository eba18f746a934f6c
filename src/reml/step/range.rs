//! The ranges of the parameters, and where a step leads in them.

use typenum::Unsigned;

use super::Search;
use crate::reml::outcome::Edge;
use crate::reml::sample::Data;
use crate::search::within_range;
use crate::shape::{copied, filled};
use crate::transform::{AsJet, Inverted, Limits};
use crate::{ParamMatrix, Params, Real, Shape, Theta};

/// Where a step leads.
pub(super) struct Candidate<M: Shape, T> {
    pub(super) theta: Theta<M, T>,
    pub(super) edges: Params<M, Option<Edge>>,
    /// Whether it led each parameter to the end of its range.
    pub(super) led: Params<M, bool>,
    /// Whether it is not where the step wanted to go.
    pub(super) limited: bool,
}

impl<M, D, T, const N: usize, const K: usize> Search<'_, '_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<T, N, K>,
{
    /// Whether V may depend on the square of θₖ: the range of the parameter goes on to both sides of 0, or its transform comes
    /// back to where it came from, as x² does.
    pub(super) fn may_be_squared(&self, k: usize) -> bool {
        let [lower, upper] = self.estimation.model.visit_transform(k, Limits::<T>::new());
        lower == upper
            || (lower < T::zero()) != (upper < T::zero()) && !lower.is_zero() && !upper.is_zero()
    }

    /// η + η′ δ for the parameters η on their own scale, as far as their ranges go.
    pub(super) fn candidate(&self, step: &Theta<M, T>) -> Candidate<M, T> {
        let mut candidate = Candidate::<M, T> {
            theta: copied::<M::Params, T>(&self.at.theta),
            edges: copied::<M::Params, _>(&self.edges),
            led: filled::<M::Params, _>(false),
            limited: false,
        };
        for k in 0..M::Params::USIZE {
            let step = step.as_ref()[k];
            if !self.is_active(k) {
                continue;
            }
            let (to, led) = self.target(k, step);
            candidate.limited |= led;
            let edge = to.is_none().then(|| Edge::on_side_of(step));
            let theta = to.unwrap_or_else(|| Edge::on_side_of(step).theta());
            if let (Some(out), Some(out_edge), Some(out_led)) = (
                candidate.theta.as_mut().get_mut(k),
                candidate.edges.as_mut().get_mut(k),
                candidate.led.as_mut().get_mut(k),
            ) {
                (*out, *out_edge, *out_led) = (theta, edge, led);
            }
        }
        candidate
    }

    /// The parameter on its own scale at an end of its range, finite or not.
    pub(super) fn limit(&self, k: usize, edge: Edge) -> T {
        edge.of(self.estimation.model.visit_transform(k, Limits::new()))
    }

    /// Whether the range of a parameter has this end.
    pub(super) fn has_end(&self, k: usize, edge: Edge) -> bool {
        edge == Edge::Zero || self.limit(k, edge).is_finite()
    }

    /// Whether the range of a parameter has no end.
    pub(super) fn is_endless(&self, k: usize) -> bool {
        !self.has_end(k, Edge::Lower) && !self.has_end(k, Edge::Upper)
    }

    /// Where a step leads parameter k, `None` for the end of its range; and whether it leads there, or nearly.
    fn target(&self, k: usize, step: T) -> (Option<T>, bool) {
        let theta = self.at.theta.as_ref()[k];
        if step.is_zero() {
            return (Some(theta), false);
        }
        let model = self.estimation.model;
        let jet = model.visit_transform(k, AsJet(theta));
        let end = self.limit(k, Edge::on_side_of(step));
        // Few parameters are seldom so far apart.
        let free = Self::SEVERAL && self.free;
        let (target, led) = within_range(jet, step, end, self.led.as_ref()[k], free);
        let Some(target) = target else { return (None, led) };
        let to = model.visit_transform(k, Inverted(target));
        // Where the parameter has no such value (an overflow), the step is taken in θ.
        (Some(to.unwrap_or(theta + step)), led)
    }
}
