//! What happens at the ends of the ranges: who comes back from there, and who is there but for rounding.

use nalgebra::convert;

use super::{Candidate, Search};
use crate::kalman::LinearGaussian;
use crate::search::RETURNS;
use crate::transform::{AsJet, Forward, Inverted};
use crate::{Edge, Real};

/// Where it is looked for, by parts of what seems far.
const PARTS: [f64; 6] = [1.0, 0.1, 0.01, 1e-3, 1e-4, 1e-6];

/// What seems far from the end of a range.
#[derive(Clone, Copy)]
enum Far {
    /// Where the parameter was when it was last inside.
    Before,
    /// A step by the score and the information close to the end.
    Step,
}

impl<M, T, const S: usize, const O: usize> Search<'_, '_, '_, M, T, S, O>
where
    T: Real,
    M: LinearGaussian<T, S, O>,
{
    /// Takes parameters off the end of their range where the likelihood is higher inside, each alone or all together; whether
    /// there was one. The score by θₖ is zero at the end, whatever the data are, so the likelihood is asked.
    pub(super) fn leave_edges(&mut self) -> bool {
        let parked =
            |search: &Self, k: usize| search.edges[k].filter(|_| search.returns[k] < RETURNS);
        let count = (0..self.edges.len()).filter(|&k| parked(self, k).is_some()).count();
        let alone = (0..self.edges.len()).map(Some);
        let together = (count > 1).then_some(None);
        for who in alone.chain(together) {
            let fars = [Far::Before, Far::Step].into_iter();
            for (far, part) in fars.flat_map(|far| PARTS.map(|part| (far, part))) {
                let mut candidate = self.here();
                for k in 0..self.edges.len() {
                    let asked = who.is_none_or(|who| who == k);
                    if let Some(edge) = parked(self, k)
                        && asked
                    {
                        candidate.theta[k] = self.towards(k, edge, far, convert(part));
                        candidate.edges[k] = None;
                    }
                }
                if candidate.edges == self.edges {
                    break;
                }
                let least = self.at.log_likelihood() + self.rounding();
                if self.go_if(candidate, |log_likelihood| log_likelihood > least) {
                    return true;
                }
            }
        }
        false
    }

    /// Puts to the end of its range what the likelihood does not tell from there; whether there was one.
    pub(super) fn settle(&mut self) -> bool {
        for k in 0..self.edges.len() {
            let tells = self.at.information_square().get(k, k) > T::zero();
            if self.edges[k].is_some() || !tells {
                continue;
            }
            for edge in [Edge::Lower, Edge::Upper] {
                if !self.end(k, edge).is_finite() {
                    continue;
                }
                let mut candidate = self.here();
                candidate.theta[k] = edge.theta();
                candidate.edges[k] = Some(edge);
                let least = self.at.log_likelihood() - self.rounding();
                if self.go_if(candidate, |log_likelihood| log_likelihood >= least) {
                    return true;
                }
            }
        }
        false
    }

    /// Goes to a candidate if its likelihood is good; whether it is.
    fn go_if(&mut self, candidate: Candidate<M::Params, T>, good: impl Fn(T) -> bool) -> bool {
        let Ok(next) = self.estimation.at(&candidate.theta.0) else { return false };
        if !good(next.log_likelihood()) {
            return false;
        }
        for k in 0..self.edges.len() {
            if self.edges[k].is_some() && candidate.edges[k].is_none() {
                self.returns[k] += 1;
            }
        }
        self.accept(next, candidate);
        true
    }

    /// θₖ for a parameter that is away from the end of its range by this part of what seems far.
    fn towards(&self, k: usize, edge: Edge, far: Far, part: T) -> T {
        let model = self.estimation.model;
        let end = self.end(k, edge);
        let inside = model.visit_transform(k, Forward(self.inside[k])) - end;
        let distance = match far {
            Far::Before => inside,
            Far::Step => self.step_from(k, end, inside),
        };
        model.visit_transform(k, Inverted(end + distance * part)).unwrap_or(self.inside[k])
    }

    /// How far a step leads from the end of the range of parameter k, on its own scale; 0 if out of the range.
    fn step_from(&self, k: usize, end: T, inside: T) -> T {
        /// Close to the end.
        const CLOSE: f64 = 1e-6;
        let model = self.estimation.model;
        let theta = model.visit_transform(k, Inverted(end + inside * convert(CLOSE)));
        let Some(theta) = theta else { return T::zero() };
        let mut close = self.theta.clone();
        close[k] = theta;
        let Ok(at) = self.estimation.at(&close.0) else { return T::zero() };
        let slope = model.visit_transform(k, AsJet(theta)).first;
        let step = at.score().as_ref()[k] * slope / at.information_square().get(k, k);
        if step.is_finite() && step * inside > T::zero() { step } else { T::zero() }
    }
}
