//! Score and informations at once, so that each of the derivatives of V is evaluated once.

use nalgebra::SMatrix;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Theta;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::problem::Ascent;
use crate::reml::likelihood::Likelihood;
use crate::reml::sample::Data;
use crate::reml::v_derivatives::{halves, with_slopes};
use crate::transform::AsJet;

impl<M, D, T, const N: usize, const K: usize> Likelihood<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<T, N, K>,
{
    /// Computes τ² W, the score and the average information, or the expected one in its place; the
    /// expected one too if `judge` returns `true`.
    #[inline(never)]
    pub(crate) fn ascend<R>(
        &mut self,
        weights: &mut SMatrix<T, N, N>,
        ascent: &mut Ascent<M::Params, T>,
        expected: bool,
        judge: impl FnOnce(&Theta<M, T>, &InformationMatrix<M::Params, T>) -> (bool, R),
    ) -> R {
        *weights = self.weights();
        with_slopes!(self, |slopes| {
            ascent.score = halves(slopes, weights);
            ascent.average =
                if expected { self.expected_by(slopes) } else { self.average_by(slopes) };
            let (asks, told) = judge(&ascent.score, &ascent.average);
            ascent.other = if asks { Some(self.expected_by(slopes)) } else { None };
            told
        })
    }

    /// Returns \[sₖ η″ₖ/η′ₖ\] for slopes s with respect to θ: by how much second derivatives with
    /// respect to θ differ from those with respect to the parameters η on their natural scale,
    /// except for the factors η′. Zero where a transform has an end.
    pub(crate) fn bends(&self, slopes: &Theta<M, T>) -> Theta<M, T> {
        hybrid_array::Array::<T, M::Params>::from_fn(|k| {
            let jet = self.model.visit_transform(k, AsJet(self.theta.as_ref()[k]));
            // Both have the unit of the parameter, so that their product may overflow.
            let bend = slopes.as_ref()[k] * (jet.second / jet.first);
            if bend.is_finite() { bend } else { T::zero() }
        })
        .0
    }

    /// Turns an observed information with respect to θ into that with respect to the parameters on
    /// their natural scale, except for the factors η′.
    pub(crate) fn straighten(
        &self,
        observed: &mut InformationMatrix<M::Params, T>,
        score: &Theta<M, T>,
    ) {
        for (k, &bend) in self.bends(score).as_ref().iter().enumerate() {
            observed.add(k, k, bend);
        }
    }

    /// Returns the observed information, given τ² W and the two other informations.
    pub(crate) fn observed(
        &self,
        weights: &SMatrix<T, N, N>,
        average: &InformationMatrix<M::Params, T>,
        expected: &InformationMatrix<M::Params, T>,
    ) -> InformationMatrix<M::Params, T> {
        let curvature =
            InformationMatrix::<M::Params, T> { rows: self.model.curvature(&self.theta, weights) };
        let half = nalgebra::convert::<_, T>(0.5) / self.size;
        InformationMatrix::from_fn(|k, l| {
            let average = average.get(k, l);
            average + average - expected.get(k, l) - half * curvature.get(k, l)
        })
    }
}
