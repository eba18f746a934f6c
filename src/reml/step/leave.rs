//! Who comes back from the end of its range.

use hybrid_array::Array;
use nalgebra::convert;

use super::Search;
use crate::reml::outcome::Edge;
use crate::reml::sample::Data;
use crate::reml::square::Square;
use crate::search::RETURNS;
use crate::transform::{Forward, Inverted};
use crate::{ParamMatrix, Real, Theta};

impl<M, D, T, const N: usize, const K: usize> Search<'_, '_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<T, N, K>,
{
    /// Takes parameters off the end of their range where the likelihood is higher inside; whether there was one.
    ///
    /// The score by θₖ is zero at the end, whatever the data are, so the likelihood is asked at a few places inside: for each
    /// parameter alone, and for all together, since two variances may have to leave zero at once for their
    /// correlation to matter. A parameter on which V does not depend while others are at their ends, such as that
    /// correlation, is tried with either sign.
    #[inline(never)]
    pub(super) fn leave_edges(&mut self, average: &Square<M::Params, T>) -> bool {
        const PARTS: [f64; 7] = [1.0, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-6];
        let parked = Array::<Option<Edge>, M::Params>::from_fn(|k| {
            let may_leave = self.returns.as_ref()[k] < RETURNS && !self.is_held(k);
            self.edges.as_ref()[k].filter(|_| may_leave)
        });
        let Some(first) = parked.iter().position(Option::is_some) else { return false };
        // What has no influence here, or is at an end that its transform does not have.
        let loose = Array::<bool, M::Params>::from_fn(|k| match self.edges.as_ref()[k] {
            _ if self.is_held(k) => false,
            None => average.get(k, k).is_zero(),
            Some(edge) => !self.has_end(k, edge),
        });
        for one in (0..parked.len()).filter(|&k| parked[k].is_some()) {
            if PARTS.iter().any(|&part| self.leave_by(&parked, &loose, (one, part), None)) {
                return true;
            }
        }
        if parked.iter().flatten().count() < 2 {
            return false;
        }
        // The first by one part and the others by another, since their ratio matters.
        PARTS.iter().any(|&part| {
            PARTS.iter().any(|&others| self.leave_by(&parked, &loose, (first, part), Some(others)))
        })
    }

    /// Goes inside with one parameter by this part of its range, and by another with the others, if they are to move, and
    /// with either sign of what is loose, if the likelihood is higher there; whether it is.
    fn leave_by(
        &mut self,
        parked: &[Option<Edge>],
        loose: &[bool],
        (one, part): (usize, f64),
        others: Option<f64>,
    ) -> bool {
        let signs = [None, Some(Edge::Upper), Some(Edge::Lower)];
        let count = if loose.contains(&true) { signs.len() } else { 1 };
        signs.iter().take(count).any(|&sign| {
            let theta = self.moved(|k| {
                let part = if k == one { Some(part) } else { others };
                let inside = || {
                    let edge = parked.get(k).copied().flatten()?;
                    Some(self.towards(k, edge, convert(part?)))
                };
                let only = k == one && others.is_none();
                if only { inside() } else { self.signed(k, loose, sign).or_else(inside) }
            });
            self.leave(&theta)
        })
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
        let least = self.at.log_likelihood() + self.rounding();
        if !self.look(theta) || self.next.log_likelihood() <= least {
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
                    *edge = Some(Edge::on_side_of(to));
                }
            }
        }
        self.go();
        true
    }

    /// θₖ for a parameter that is away from the end of its range by this part of what it was when it was last
    /// inside; for a range without an end, the inverse of the part, whatever it was, since it may have come there by
    /// one long step.
    fn towards(&self, k: usize, edge: Edge, part: T) -> T {
        let model = self.estimation.model;
        let inside = self.inside.as_ref()[k];
        if !self.has_end(k, edge) {
            let size = T::one() / part;
            return if edge == Edge::Lower { -size } else { size };
        }
        // That of an edge at zero is T(0).
        let end = match edge {
            Edge::Zero => model.visit_transform(k, Forward(T::zero())),
            edge => self.limit(k, edge),
        };
        let value = end + (model.visit_transform(k, Forward(inside)) - end) * part;
        model.visit_transform(k, Inverted(value)).unwrap_or(inside)
    }
}
