//! Subjects as the data of an estimation: the reduction to fewer rows, and the visit for inference.

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::coordinates::{InCoordinates, WithData};
use crate::reml::estimation::own_rows::OwnRows;
use crate::reml::model::Model;
use crate::reml::observations::At;
use crate::reml::observations::blocks::OnBlock;
use crate::reml::observations::shared::OnData;
use crate::reml::subjects::factored::{Evaluated, Factored};
use crate::reml::subjects::reduced::ReducedSubjects;
use crate::reml::subjects::reduction::reduced_columns;
use crate::reml::subjects::rows::SubjectRows;
use crate::reml::subjects::source::{EachRows, EachSubject, InOwnRows, OwnV, SubjectSource};
use hybrid_array::ArraySize;

/// Subjects of models of type `M`, as the data of an estimation.
pub type SubjectData<'w, S, M, T, const N: usize, const K: usize> =
    OwnV<InOwnRows<'w, S, M, T, N, K>>;

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
        self.0.reduction.is_some()
    }

    fn in_reduced<A: InCoordinates<T, V::ParamCount, K>, const R: usize, const Q: usize>(
        estimation: &Estimation<'_, V, Self, T, N, K>,
        action: A,
    ) -> Result<A::Answer, Error> {
        let Some(data) = ReducedSubjects::<_, _, _, N, K, Q>::new(&estimation.data.0) else {
            return Err(Error::LikelihoodNotFinite);
        };
        let design = data.common_design::<R>();
        WithData { estimation, action }.take(data, &design)
    }

    fn each_block<A: OnBlock<T, V::ParamCount, N, K>>(
        &self,
        _: &At<'_, V, T, K>,
        factors: &Evaluated<T, V::ParamCount>,
        action: &mut A,
    ) {
        // The subjects were factored at this θ before.
        let _ = self.0.each(&mut EachBlock { factors, action });
    }
}

/// A pass that calls `action` with each subject and its factored V.
struct EachBlock<'f, A, T, P: ArraySize> {
    factors: &'f Evaluated<T, P>,
    action: &'f mut A,
}

impl<A, P, T, const N: usize, const K: usize> EachSubject<T, P, N, K> for EachBlock<'_, A, T, P>
where
    P: ArraySize,
    T: Real,
    A: OnBlock<T, P, N, K>,
{
    fn take<V>(&mut self, v: &V, rows: &SubjectRows<T, N, K>) -> Result<(), Error>
    where
        V: ParamMatrix<T, N, N> + Shape<ParamCount = P>,
    {
        let Evaluated { theta, tau } = self.factors;
        let factored = Factored::new(v, &theta.0, &mut Some(*tau), rows)?;
        self.action.take(v, &factored);
        Ok(())
    }
}
