//! Subjects as the data of an estimation: the reduction to fewer rows, and the visit for inference.

use crate::algebra::matrix::ParamMatrix;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::coordinates::{InCoordinates, WithData};
use crate::reml::estimation::own_rows::OwnRows;
use crate::reml::model::Model;
use crate::reml::observations::At;
use crate::reml::observations::blocks::{EqualSubjects, OnBlock};
use crate::reml::observations::shared::OnData;
use crate::reml::subjects::factored::{Evaluated, Factored};
use crate::reml::subjects::reduced::ReducedSubjects;
use crate::reml::subjects::reduction::reduced_columns;
use crate::reml::subjects::source::{SubjectData, SubjectSource};

impl<V, S, M, T, const N: usize, const K: usize> OwnRows<V, T, N, K>
    for SubjectData<'_, S, M, T, N, K>
where
    T: Real,
    M: Model<Covariance = V>,
    V: ParamMatrix<T, N, N>,
    S: SubjectSource<M, T, N, K>,
{
    const REDUCED_ROWS: Option<usize> = match reduced_columns::<V, N>() {
        Some(columns) => Some(columns + 1),
        None => None,
    };
    const MOST_REDUCED_ROWS: usize = usize::MAX;
    const MAY_BE_IRREDUCIBLE: bool = true;

    fn can_be_reduced(&self, _: &V) -> bool {
        self.reduction.is_some()
    }

    fn in_reduced<A: InCoordinates<T, V::ParamCount, K>, const R: usize, const Q: usize>(
        estimation: &Estimation<'_, V, Self, T, N, K>,
        action: A,
    ) -> Result<A::Answer, Error> {
        let Some(data) = ReducedSubjects::<_, _, _, N, K, Q>::new(&estimation.data) else {
            return Err(Error::LikelihoodNotFinite);
        };
        let design = data.common_design::<R>();
        WithData { estimation, action }.take(data, &design)
    }

    fn each_block<A: OnBlock<T, V::ParamCount, K>>(
        &self,
        at: &At<'_, V, T, K>,
        factors: &Evaluated<T, V::ParamCount>,
        action: &mut A,
    ) {
        if self.each_reduced_block(at.model, factors, action).is_some() {
            return;
        }
        self.each_factored(factors, |v, _, factored| {
            let Factored { factor, x } = &factored;
            action.take(v, &EqualSubjects { factor, x, count: T::one() });
        });
    }
}
