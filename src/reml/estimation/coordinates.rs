//! Computations on an estimation whose data are in other coordinates.

use hybrid_array::ArraySize;
use nalgebra::SMatrix;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::low_rank::{OnDesign, WithDesign};
use crate::algebra::shape::Shape;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::estimation::Estimation;
use crate::reml::observations::Data;
use crate::reml::observations::shared::{OnData, SharedV};

/// A computation on an estimation, for data in their original rows or reduced to fewer rows.
pub trait InCoordinates<T: Real, P: ArraySize, const K: usize> {
    /// The result of the computation.
    type Answer;

    /// Computes the result from an estimation.
    fn act<V, S, const R: usize>(
        self,
        estimation: &Estimation<'_, V, S, T, R, K>,
    ) -> Result<Self::Answer, Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
        S: Data<V, T, R, K>;
}

/// A callback that receives the data of an estimation in reduced coordinates, and then runs a
/// computation on the estimation.
pub(in crate::reml) struct WithData<'e, 'a, A, M, D, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    pub(in crate::reml) estimation: &'e Estimation<'a, M, D, T, N, K>,
    pub(in crate::reml) action: A,
}

impl<A, M, D, T, const N: usize, const K: usize, const R: usize> OnData<T, R, K>
    for WithData<'_, '_, A, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
    A: InCoordinates<T, M::ParamCount, K>,
{
    type Output = Result<A::Answer, Error>;

    fn take<S: SharedV<R, K, Scalar = T>>(
        self,
        data: S,
        design: &SMatrix<T, R, R>,
    ) -> Self::Output {
        let Self { estimation, action } = self;
        let visitor = WithModel { estimation, action, data };
        let answer = estimation.model.low_rank(WithDesign { design, visitor });
        answer.unwrap_or(Err(Error::LikelihoodNotFinite))
    }
}

/// A callback that stores the data in reduced coordinates, receives V in the same coordinates, and
/// then runs a computation on the estimation.
struct WithModel<'e, 'a, A, S, M, D, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    estimation: &'e Estimation<'a, M, D, T, N, K>,
    action: A,
    data: S,
}

impl<A, S, M, D, T, const N: usize, const K: usize, const R: usize> OnDesign<T, M::ParamCount, R>
    for WithModel<'_, '_, A, S, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
    S: SharedV<R, K, Scalar = T>,
    A: InCoordinates<T, M::ParamCount, K>,
{
    type Output = Result<A::Answer, Error>;

    fn take<V: ParamMatrix<T, R, R> + Shape<ParamCount = M::ParamCount>>(
        self,
        model: &V,
    ) -> Self::Output {
        self.action.act(&self.estimation.with_data(model, self.data))
    }
}
