//! The conversion of the result of a search to a [`Fit`].

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::arrays::tabulate;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::Ended;
use crate::optimise::outcome::Outcome;
use crate::optimise::units::Units;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::problem::{Maximand, Of};
use crate::reml::fit::Fit;
use crate::reml::observations::Data;
use nalgebra::SVector;

impl<'a, M, T, const N: usize, const K: usize> Fit<'a, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    /// Converts the result of a search to a fit, in the coordinates and the unit of the original
    /// data.
    pub(super) fn new<D, V, S, const R: usize>(
        estimation: &Estimation<'a, M, D, T, N, K>,
        units: &Units<M::ParamCount, T>,
        mut maximand: Maximand<'_, V, S, T, R, K>,
        ended: Ended<M::ParamCount, T>,
    ) -> Self
    where
        D: Data<M, T, N, K>,
        V: ParamMatrix<T, R, R> + Shape<ParamCount = M::ParamCount>,
        S: Data<V, T, R, K>,
    {
        let average = ended.average.unwrap_or_else(|| maximand.average());
        let at = maximand.likelihood();
        let (transforms, inner) = (Of(estimation.model), at.theta().as_ref());
        let outer = units.outwards(&transforms, inner);
        let slopes = tabulate::<M::ParamCount, T>(T::zero(), |k| {
            units.slope(
                &transforms,
                k,
                at.theta().as_ref().get(k).copied().unwrap_or_else(T::zero),
                outer[k],
            )
        });
        Self {
            model: estimation.model,
            criterion: estimation.criterion,
            outcome: Outcome::of(ended.end),
            iterations: ended.iterations,
            observations: estimation.data.observations(),
            params: units.params::<M>(&transforms, inner),
            beta: at.beta(),
            beta_covariance: at.beta_covariance(),
            undetermined: SVector::repeat(false),
            certificate: ended.certificate.in_units(|k| units.factor(k), &slopes),
            log_likelihood: ended.limit.map_or(at.log_likelihood(), |limit| limit - at.of_unit()),
            average_information: InformationMatrix::<M::ParamCount, T>::from_fn(|k, l| {
                average.get(k, l) / (slopes[k] * slopes[l])
            })
            .rows,
            theta: outer.0,
        }
    }
}
