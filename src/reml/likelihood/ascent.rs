//! Joint computation of the score and the information matrices, so that each derivative of V is
//! evaluated only once.

use nalgebra::SMatrix;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Theta;
use crate::base::arrays::tabulate;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::problem::Ascent;
use crate::reml::likelihood::Likelihood;
use crate::reml::observations::Data;
use crate::reml::v_derivatives::{halves, with_slopes};
use crate::transform::AsJet;

impl<M, D, T, const N: usize, const K: usize> Likelihood<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<T, N, K>,
{
    /// Computes the score, one information matrix, and the matrix τ² W for which ½ ⟨W, ∂V/∂θₖ⟩ is
    /// entry k of the score. The factor τ² is a power of two near the largest entry of V. The
    /// information matrix is the expected information if `expected` is `true`, and the average
    /// information otherwise. If the callback `judge` returns `true`, also computes the expected
    /// information.
    #[inline(never)]
    pub(crate) fn ascend<R>(
        &mut self,
        weights: &mut SMatrix<T, N, N>,
        ascent: &mut Ascent<M::ParamCount, T>,
        expected: bool,
        judge: impl FnOnce(&Theta<M, T>, &InformationMatrix<M::ParamCount, T>) -> (bool, R),
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

    /// Returns, for each parameter k, the part of the second derivative of a function with respect
    /// to θₖ that comes from the curvature of the transform from θₖ to the natural-scale parameter
    /// ηₖ:
    ///
    /// ```text
    /// sₖ η″ₖ/η′ₖ        sₖ: first derivative of the function with respect to θₖ
    ///                   η′ₖ, η″ₖ: derivatives of ηₖ with respect to θₖ
    /// ```
    ///
    /// The remaining part is (η′ₖ)² times the second derivative of the function with respect to ηₖ.
    /// If the number to be returned for a parameter is not finite, as on a bound, returns zero for
    /// this parameter.
    pub(crate) fn bends(&self, slopes: &Theta<M, T>) -> Theta<M, T> {
        tabulate::<M::ParamCount, T>(T::zero(), |k| {
            let jet = self.model.visit_transform(k, AsJet(self.theta.as_ref()[k]));
            // The quotient comes first, because the product of the slope and the second derivative
            // may overflow.
            let bend = slopes.as_ref()[k] * (jet.second / jet.first);
            if bend.is_finite() { bend } else { T::zero() }
        })
        .0
    }

    /// Converts the observed information matrix with respect to θ to the observed information
    /// matrix with respect to the natural-scale parameters η. Entry (k, l) of the result is still
    /// multiplied by η′ₖ η′ₗ, where η′ₖ is the derivative of ηₖ with respect to θₖ.
    pub(crate) fn straighten(
        &self,
        observed: &mut InformationMatrix<M::ParamCount, T>,
        score: &Theta<M, T>,
    ) {
        for (k, &bend) in self.bends(score).as_ref().iter().enumerate() {
            observed.add(k, k, bend);
        }
    }

    /// Returns the observed information matrix, given the average and the expected information and
    /// the matrix τ² W as `weights`. Entry k of the score is ½ ⟨W, ∂V/∂θₖ⟩, and τ² is a power of
    /// two near the largest entry of V.
    pub(crate) fn observed(
        &self,
        weights: &SMatrix<T, N, N>,
        average: &InformationMatrix<M::ParamCount, T>,
        expected: &InformationMatrix<M::ParamCount, T>,
    ) -> InformationMatrix<M::ParamCount, T> {
        let curvature = InformationMatrix::<M::ParamCount, T> {
            rows: self.model.curvature(&self.theta, weights),
        };
        let half = nalgebra::convert::<_, T>(0.5) / self.size;
        InformationMatrix::from_fn(|k, l| {
            let average = average.get(k, l);
            average + average - expected.get(k, l) - half * curvature.get(k, l)
        })
    }
}
