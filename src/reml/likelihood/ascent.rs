//! What a search asks of a likelihood at once: each of the derivatives of V is then evaluated once.

use nalgebra::SMatrix;

use super::Likelihood;
use crate::reml::sample::Data;
use crate::reml::slopes::{halves, with_slopes};
use crate::reml::square::Square;
use crate::shape::filled;
use crate::transform::AsJet;
use crate::{ParamMatrix, Real, Shape, Theta};

/// What a step of a search needs.
pub(crate) struct Ascent<M: Shape, T, const N: usize> {
    /// τ² W
    pub(crate) weights: SMatrix<T, N, N>,
    pub(crate) score: Theta<M, T>,
    /// The average information, or the expected one in its place.
    pub(crate) average: Square<M::Params, T>,
    /// Another information to step by.
    pub(crate) other: Option<Square<M::Params, T>>,
}

impl<M: Shape, T: Real, const N: usize> Ascent<M, T, N> {
    /// Room for it.
    pub(crate) fn new() -> Self {
        Self {
            weights: SMatrix::zeros(),
            score: filled::<M::Params, T>(T::zero()),
            average: Square::zeros(),
            other: None,
        }
    }

    /// To step by.
    pub(crate) fn information(&self) -> &Square<M::Params, T> {
        self.other.as_ref().unwrap_or(&self.average)
    }
}

impl<M, D, T, const N: usize, const K: usize> Likelihood<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<T, N, K>,
{
    /// Takes what a step needs, with the expected information if `judge` asks for it by the score and the average one; returns
    /// what else it tells. For the `first` step the expected one is in the place of the average one.
    #[inline(never)]
    pub(crate) fn ascend<R>(
        &mut self,
        ascent: &mut Ascent<M, T, N>,
        first: bool,
        judge: impl FnOnce(&Theta<M, T>, &Square<M::Params, T>) -> (bool, R),
    ) -> R {
        ascent.weights = self.weights();
        with_slopes!(self, |slopes| {
            ascent.score = halves(slopes, &ascent.weights);
            ascent.average = if first { self.expected_by(slopes) } else { self.average_by(slopes) };
            let (asks, told) = judge(&ascent.score, &ascent.average);
            ascent.other = if asks { Some(self.expected_by(slopes)) } else { None };
            told
        })
    }

    /// \[sₖ η″ₖ/η′ₖ\] for slopes s by θ: by how much second derivatives by θ differ from those by the parameters η on their
    /// own scale, but for the factors η′. Zero where a transform has an end.
    pub(crate) fn bends(&self, slopes: &Theta<M, T>) -> Theta<M, T> {
        hybrid_array::Array::<T, M::Params>::from_fn(|k| {
            let jet = self.model.visit_transform(k, AsJet(self.theta.as_ref()[k]));
            // Both have the unit of the parameter, so that their product may overflow.
            let bend = slopes.as_ref()[k] * (jet.second / jet.first);
            if bend.is_finite() { bend } else { T::zero() }
        })
        .0
    }

    /// Makes an observed information by θ that by the parameters on their own scale, but for the factors η′.
    pub(crate) fn straighten(&self, observed: &mut Square<M::Params, T>, score: &Theta<M, T>) {
        for (k, &bend) in self.bends(score).as_ref().iter().enumerate() {
            observed.add(k, k, bend);
        }
    }

    /// The observed information, given τ² W and the two other informations.
    pub(crate) fn observed(
        &self,
        weights: &SMatrix<T, N, N>,
        average: &Square<M::Params, T>,
        expected: &Square<M::Params, T>,
    ) -> Square<M::Params, T> {
        let curvature = Square::<M::Params, T> { rows: self.model.curvature(&self.theta, weights) };
        let half = nalgebra::convert::<_, T>(0.5) / self.size;
        Square::from_fn(|k, l| {
            let average = average.get(k, l);
            average + average - expected.get(k, l) - half * curvature.get(k, l)
        })
    }
}
