//! What the maximum is.

use hybrid_array::Array;
use nalgebra::SMatrix;

use super::Search;
use crate::reml::Outcome;
use crate::reml::sample::Data;
use crate::reml::square::Square;
use crate::shape::{copied, filled};
use crate::{ParamMatrix, Real, Shape, Theta};

/// How a search ended.
pub(in crate::reml) struct Ended<M: Shape, T> {
    pub(in crate::reml) outcome: Outcome<M, T>,
    pub(in crate::reml) iterations: usize,
    pub(in crate::reml) average: Square<M::Params, T>,
}

impl<M, D, T, const N: usize, const K: usize> Search<'_, '_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<T, N, K>,
{
    /// Whether V does depend on a parameter of a combination, but so little in its own units that the information is below
    /// the smallest number.
    fn information_vanishes(&self, combination: &Theta<M, T>) -> bool {
        let halves = self.at.score_of(&SMatrix::repeat(T::one()));
        combination.as_ref().iter().zip(halves.as_ref()).any(|(n, &half)| {
            let slope = half + half;
            !n.is_zero() && !slope.is_zero() && (slope * slope).is_zero()
        })
    }

    /// The combination of parameters that the data do not tell, if there is one.
    pub(super) fn unknown(&mut self, average: &Square<M::Params, T>) -> Option<Theta<M, T>> {
        let on_edge = self.edges.as_ref().iter().any(Option::is_some);
        // At an end of one parameter V may not depend on others: on a correlation with what has no
        // variance.
        let active = Array::<bool, M::Params>::from_fn(|k| {
            self.is_active(k) && !(on_edge && average.get(k, k).is_zero())
        });
        let zero = filled::<M::Params, T>(T::zero());
        let null_of = |information: &Square<M::Params, T>| {
            information.solve(zero.as_ref(), active.as_ref(), T::zero()).null
        };
        null_of(average)?;
        null_of(&self.at.expected())
    }

    /// What the maximum is.
    pub(super) fn outcome(&mut self, average: &Square<M::Params, T>) -> Outcome<M, T> {
        if let Some(combination) = self.unknown(average) {
            return if self.information_vanishes(&combination) {
                Outcome::Stalled
            } else {
                Outcome::NotIdentified(combination)
            };
        }
        if self.edges.as_ref().iter().any(Option::is_some) {
            return Outcome::Boundary(copied::<M::Params, _>(&self.edges));
        }
        Outcome::Converged
    }
}
