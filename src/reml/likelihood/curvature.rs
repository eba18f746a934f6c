//! The observed information, and the curvature of the transforms of the parameters.

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Theta;
use crate::base::arrays::tabulate;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::problem::Ascent;
use crate::reml::likelihood::Likelihood;
use crate::reml::observations::Data;
use crate::transform::AsJet;

impl<M, D, T, const N: usize, const K: usize> Likelihood<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    /// Converts the observed information matrix with respect to θ to the observed information
    /// matrix with respect to the natural-scale parameters η. Entry (k, l) of the result is still
    /// multiplied by η′ₖ η′ₗ, where η′ₖ is the derivative of ηₖ with respect to θₖ.
    pub(crate) fn straighten(
        &self,
        observed: &mut InformationMatrix<M::ParamCount, T>,
        score: &Theta<M, T>,
    ) {
        for (k, &bend) in bends(self.model, &self.theta, score).as_ref().iter().enumerate() {
            observed.add(k, k, bend);
        }
    }

    /// Returns the observed information matrix, given the average and the expected information in
    /// `ascent`, and the weights W, for which entry k of the score is ½ ⟨W, ∂V/∂θₖ⟩.
    pub(crate) fn observed(
        &self,
        weights: &D::Weights,
        ascent: &Ascent<M::ParamCount, T>,
    ) -> InformationMatrix<M::ParamCount, T> {
        let (average, expected) = (&ascent.average, ascent.information());
        let curvature = self.data.curvature(&self.point(), &self.factors, weights);
        let half = nalgebra::convert::<_, T>(0.5) / self.size;
        InformationMatrix::from_fn(|k, l| {
            let average = average.get(k, l);
            average + average - expected.get(k, l) - half * curvature.get(k, l)
        })
    }
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
pub(crate) fn bends<M, T, const N: usize>(
    model: &M,
    theta: &Theta<M, T>,
    slopes: &Theta<M, T>,
) -> Theta<M, T>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    tabulate::<M::ParamCount, T>(T::zero(), |k| {
        let jet = model.visit_transform(k, AsJet(theta.as_ref()[k]));
        // The quotient comes first, because the product of the slope and the second derivative
        // may overflow.
        let bend = slopes.as_ref()[k] * (jet.second / jet.first);
        if bend.is_finite() { bend } else { T::zero() }
    })
    .0
}
