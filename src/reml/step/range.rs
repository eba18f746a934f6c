//! The ranges of the parameters: where a step leads, and what happens at the ends.

use hybrid_array::Array;
use nalgebra::convert;

use super::{Search, copy};
use crate::reml::outcome::Edge;
use crate::reml::sample::Sample;
use crate::shape::filled;
use crate::transform::{AsJet, Forward, Inverted};
use crate::{ParamMatrix, Params, Real, Shape, Theta};

/// How far towards the end of a parameter's range one step may lead, unless the last one already did.
const REACH: f64 = 0.9;
/// Times that a parameter may come back from the end of its range.
const RETURNS: u8 = 3;

/// Where a step leads.
pub(super) struct Candidate<M: Shape, T> {
    pub(super) theta: Theta<M, T>,
    pub(super) edges: Params<M, Option<Edge>>,
    pub(super) strikes: Params<M, u8>,
    /// Whether it is not where the step wanted to go.
    pub(super) limited: bool,
}

impl<M, D, T, const N: usize, const K: usize> Search<'_, '_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    /// η + η′ δ for the parameters η on their own scale, as far as their ranges go.
    pub(super) fn candidate(&self, step: &Theta<M, T>) -> Candidate<M, T> {
        let mut candidate = Candidate::<M, T> {
            theta: copy::<M, T>(&self.at.theta),
            edges: Array::<_, M::Params>::from_fn(|k| self.edges.as_ref()[k]).0,
            strikes: filled::<M::Params, _>(0),
            limited: false,
        };
        for (k, &step) in step.as_ref().iter().enumerate() {
            if self.edges.as_ref()[k].is_some() {
                continue;
            }
            let strikes = self.strikes.as_ref()[k];
            let (to, struck) = self.target(k, step, strikes);
            candidate.limited |= struck > 0;
            let edge = if step < T::zero() { Edge::Lower } else { Edge::Upper };
            let (theta, edge) = match to {
                Some(theta) => (theta, None),
                None => (end_of(edge), Some(edge)),
            };
            if let (Some(out), Some(out_edge), Some(out_strikes)) = (
                candidate.theta.as_mut().get_mut(k),
                candidate.edges.as_mut().get_mut(k),
                candidate.strikes.as_mut().get_mut(k),
            ) {
                (*out, *out_edge, *out_strikes) = (theta, edge, struck);
            }
        }
        candidate
    }

    pub(super) fn has_end(&self, k: usize, edge: Option<Edge>) -> bool {
        edge.is_none_or(|edge| {
            self.estimation.model.visit_transform(k, Forward(end_of::<T>(edge))).is_finite()
        })
    }

    /// Where a step leads parameter k, `None` for the end of its range; and how often in a row it was led
    /// there.
    fn target(&self, k: usize, step: T, strikes: u8) -> (Option<T>, u8) {
        let theta = self.at.theta.as_ref()[k];
        if step.is_zero() {
            return (Some(theta), 0);
        }
        let model = self.estimation.model;
        let jet = model.visit_transform(k, AsJet(theta));
        let edge = if step < T::zero() { Edge::Lower } else { Edge::Upper };
        let end = model.visit_transform(k, Forward(end_of::<T>(edge)));
        let mut target = jet.value + jet.first * step;
        let mut struck = 0;
        if end.is_finite() {
            let room = end - jet.value;
            let part = (target - jet.value) / room;
            if part >= convert(REACH) {
                struck = strikes.saturating_add(1);
                if strikes == 0 {
                    target = jet.value + room * convert(REACH);
                } else if part >= T::one() {
                    return (None, struck);
                }
            }
        }
        let to = model.visit_transform(k, Inverted(target));
        // Where the parameter has no such value (an overflow), the step is taken in θ.
        (Some(to.unwrap_or(theta + step)), struck)
    }

    /// Takes parameters off the end of their range where the likelihood is higher inside; whether there was one.
    ///
    /// The score by θₖ is zero at the end, whatever the data are, so the likelihood is asked at a few places inside: for each
    /// parameter alone, and for all together, since two variances may have to leave zero at once for their
    /// correlation to matter. A parameter on which V does not depend while others are at their ends, such as that
    /// correlation, is tried with either sign.
    pub(super) fn leave_edges(&mut self) -> bool {
        const PARTS: [f64; 7] = [1.0, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-6];
        let parked = Array::<Option<Edge>, M::Params>::from_fn(|k| {
            self.edges.as_ref()[k].filter(|_| self.returns.as_ref()[k] < RETURNS)
        });
        let Some(first) = parked.iter().position(Option::is_some) else { return false };
        let average = self.at.average();
        // What has no influence here, or is at an end that its transform does not have.
        let loose = Array::<bool, M::Params>::from_fn(|k| match self.edges.as_ref()[k] {
            None => average.get(k, k).is_zero(),
            edge => !self.has_end(k, edge),
        });
        let signs: &[Option<Edge>] = if loose.contains(&true) {
            &[None, Some(Edge::Upper), Some(Edge::Lower)]
        } else {
            &[None]
        };
        for (k, edge) in parked.iter().enumerate() {
            let Some(edge) = *edge else { continue };
            for part in PARTS {
                let inside = self.towards(k, edge, convert(part));
                for sign in signs {
                    let to = |l: usize| {
                        if l == k { Some(inside) } else { self.signed(l, &loose, *sign) }
                    };
                    let theta = self.moved(to);
                    if self.leave(&theta) {
                        return true;
                    }
                }
            }
        }
        if parked.iter().flatten().count() < 2 {
            return false;
        }
        // The first by one part and the others by another, since their ratio matters.
        for (one, other) in PARTS.iter().flat_map(|one| PARTS.iter().map(move |other| (one, other)))
        {
            for sign in signs {
                let to = |k: usize| {
                    let part = if k == first { one } else { other };
                    let inside = || parked[k].map(|edge| self.towards(k, edge, convert(*part)));
                    self.signed(k, &loose, *sign).or_else(inside)
                };
                let theta = self.moved(to);
                if self.leave(&theta) {
                    return true;
                }
            }
        }
        false
    }

    /// θ with some parameters elsewhere.
    fn moved(&self, to: impl Fn(usize) -> Option<T>) -> Theta<M, T> {
        Array::<T, M::Params>::from_fn(|k| to(k).unwrap_or(self.at.theta.as_ref()[k])).0
    }

    /// θₖ with this sign, at least 1 in size, if parameter k is loose.
    fn signed(&self, k: usize, loose: &[bool], sign: Option<Edge>) -> Option<T> {
        let sign = sign.filter(|_| loose.get(k).copied().unwrap_or(false))?;
        let size = self.at.theta.as_ref()[k].abs();
        let size = if size.is_finite() { size.max(T::one()) } else { size };
        Some(if sign == Edge::Lower { -size } else { size })
    }

    /// Goes from edges to another θ if the likelihood is higher there; whether it is.
    fn leave(&mut self, theta: &Theta<M, T>) -> bool {
        let Ok(next) = self.estimation.at(theta) else { return false };
        if next.log_likelihood() <= self.at.log_likelihood() + self.rounding() {
            return false;
        }
        for k in 0..self.edges.as_ref().len() {
            let (to, from) = (theta.as_ref()[k], self.at.theta.as_ref()[k]);
            if let (Some(edge @ Some(_)), Some(returns), Some(inside)) = (
                self.edges.as_mut().get_mut(k),
                self.returns.as_mut().get_mut(k),
                self.inside.as_mut().get_mut(k),
            ) && to != from
            {
                *returns += 1;
                if to.is_finite() {
                    *edge = None;
                    *inside = to;
                } else {
                    *edge = Some(if to > T::zero() { Edge::Upper } else { Edge::Lower });
                }
            }
        }
        self.at = next;
        true
    }

    /// θₖ for a parameter that is away from the end of its range by this part of what it was when it was last
    /// inside; for a range without an end, the inverse of the part, whatever it was, since it may have come there by
    /// one long step.
    fn towards(&self, k: usize, edge: Edge, part: T) -> T {
        let model = self.estimation.model;
        let inside = self.inside.as_ref()[k];
        let end = model.visit_transform(k, Forward(end_of::<T>(edge)));
        if !end.is_finite() {
            let size = T::one() / part;
            return if edge == Edge::Lower { -size } else { size };
        }
        let value = end + (model.visit_transform(k, Forward(inside)) - end) * part;
        model.visit_transform(k, Inverted(value)).unwrap_or(inside)
    }

    /// Puts to zero what is zero but for rounding, where V depends on the square of θₖ: there the score vanishes at zero
    /// whatever the data are, and a maximum there is no other than the boundary. Whether there was one.
    pub(super) fn snap_to_zero(&mut self) -> bool {
        let small = T::default_epsilon().cbrt();
        let mut snapped = false;
        for k in 0..self.edges.as_ref().len() {
            let theta_k = self.at.theta.as_ref()[k];
            if self.edges.as_ref()[k].is_some() || theta_k.is_zero() || theta_k.abs() > small {
                continue;
            }
            let theta = self.moved(|l| (l == k).then(T::zero));
            let Ok(mut next) = self.estimation.at(&theta) else { continue };
            if next.log_likelihood() >= self.at.log_likelihood() - self.rounding()
                && next.average().get(k, k).is_zero()
            {
                self.at = next;
                self.park(k, Edge::Zero);
                snapped = true;
            }
        }
        snapped
    }

    /// Puts at the end of its range what V no longer tells from it: a range far below all distances. Whether there was
    /// one.
    pub(super) fn snap_to_end(&mut self) -> bool {
        let model = self.estimation.model;
        let average = self.at.average();
        let value = model.value(&self.at.theta);
        for k in 0..self.edges.as_ref().len() {
            // What is left of an information that underflows.
            let small = T::default_epsilon() * T::default_epsilon();
            if self.edges.as_ref()[k].is_some() || average.get(k, k) > small {
                continue;
            }
            for edge in [Edge::Lower, Edge::Upper] {
                let theta = self.moved(|l| (l == k).then(|| end_of(edge)));
                let same = || {
                    (model.value(&theta) - value).amax() <= T::default_epsilon() * self.at.size()
                };
                if !self.has_end(k, Some(edge)) || !same() {
                    continue;
                }
                let Ok(mut next) = self.estimation.at(&theta) else { continue };
                if next.log_likelihood() >= self.at.log_likelihood() - self.rounding()
                    && next.average().is_finite()
                {
                    self.at = next;
                    self.park(k, edge);
                    return true;
                }
            }
        }
        false
    }

    /// Holds parameter k at an edge.
    fn park(&mut self, k: usize, edge: Edge) {
        if let Some(out) = self.edges.as_mut().get_mut(k) {
            *out = Some(edge);
        }
    }

    /// Goes on to where V no longer changes, with parameters that have no end to their ranges and are leaving for
    /// infinity: to a correlation matrix that is singular, by the ratio of some of its parameters. These may change
    /// that ratio there; what has nothing left to change is put on the edge. Whether the likelihood is no lower
    /// for it, by more than `slack`.
    pub(super) fn leap(&mut self, slack: T) -> bool {
        let far = far::<T>();
        let leaving = Array::<bool, M::Params>::from_fn(|k| self.is_leaving(k));
        let is_near = |k: usize| leaving[k] && self.at.theta.as_ref()[k].abs() < far;
        let theta = self.moved(|k| is_near(k).then(|| self.at.theta.as_ref()[k] * far));
        if !leaving.contains(&true) {
            return false;
        }
        let Ok(mut next) = self.estimation.at(&theta) else { return false };
        let average = next.average();
        if next.log_likelihood() < self.at.log_likelihood() - slack || !average.is_finite() {
            return false;
        }
        let count = convert::<_, T>(self.estimation.sample.observations() as f64);
        // What a change of θₖ by a part of itself would tell.
        let settled = Array::<bool, M::Params>::from_fn(|k| {
            let theta = theta.as_ref()[k];
            leaving[k] && average.get(k, k) * theta * theta <= count * T::default_epsilon()
        });
        let moved = theta.as_ref() != self.at.theta.as_ref();
        if moved {
            self.at = next;
        }
        let edge = |k: usize| if theta.as_ref()[k] > T::zero() { Edge::Upper } else { Edge::Lower };
        let ends = self.moved(|k| settled[k].then(|| end_of(edge(k))));
        match self.estimation.at(&ends) {
            Ok(next) if next.log_likelihood() >= self.at.log_likelihood() - slack => {
                self.at = next;
                for k in (0..settled.len()).filter(|&k| settled[k]) {
                    self.park(k, edge(k));
                }
                moved || settled.contains(&true)
            }
            _ => moved,
        }
    }

    /// Whether parameter k has no end to its range, and is far from where it started.
    fn is_leaving(&self, k: usize) -> bool {
        /// Where the correlations that such parameters make are within some 1 % of their limits.
        const LEAVING: f64 = 10.0;
        let ends = [Edge::Lower, Edge::Upper].map(|edge| self.has_end(k, Some(edge)));
        let is_active = self.edges.as_ref()[k].is_none();
        is_active && ends == [false, false] && self.at.theta.as_ref()[k].abs() > convert(LEAVING)
    }

    /// Puts on an edge the parameters that have gone there together: those of a combination that the data do not
    /// tell, because V no longer depends on it. Whether there were some.
    pub(super) fn follow_drift(&mut self) -> bool {
        /// What part of a direction counts.
        const PART: f64 = 1e-3;
        let Some(direction) = self.unknown() else { return false };
        let moves = |k: usize| direction.as_ref()[k].abs() > convert(PART);
        if !(0..direction.as_ref().len()).filter(|&k| moves(k)).all(|k| self.is_leaving(k)) {
            return false;
        }
        let far = far::<T>();
        let theta = self.moved(|k| {
            let theta = self.at.theta.as_ref()[k];
            (moves(k) && theta.abs() < far).then(|| theta * far)
        });
        let Ok(mut next) = self.estimation.at(&theta) else { return false };
        if next.log_likelihood() < self.at.log_likelihood() - self.rounding()
            || !next.average().is_finite()
        {
            return false;
        }
        for k in (0..direction.as_ref().len()).filter(|&k| moves(k)) {
            let up = theta.as_ref()[k] > T::zero();
            self.park(k, if up { Edge::Upper } else { Edge::Lower });
        }
        self.at = next;
        true
    }
}

/// What is as good as infinite beside 1.
fn far<T: Real>() -> T {
    T::one() / T::default_epsilon()
}

/// θₖ at the end of its range.
pub(super) fn end_of<T: Real>(edge: Edge) -> T {
    match edge {
        Edge::Lower => -T::one() / T::zero(),
        Edge::Upper => T::one() / T::zero(),
        Edge::Zero => T::zero(),
    }
}
