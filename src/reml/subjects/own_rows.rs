//! Subjects as the data of an estimation: the reduction to fewer rows, and the visit for inference.

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::low_rank::{OnDesign, WithDesign, WriteWeights};
use crate::algebra::shape::Shape;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::low_rank::InCoordinates;
use crate::reml::low_rank as reduced;
use crate::reml::model::Model;
use crate::reml::observations::blocks::OnBlock;
use crate::reml::observations::shared::are_even;
use crate::reml::observations::{At, OwnRows};
use crate::reml::subjects::factored::Factored;
use crate::reml::subjects::likelihood::Evaluated;
use crate::reml::subjects::source::{
    EachRows, EachSubject, InOwnRows, InReducedRows, OwnV, SubjectRows, SubjectSource,
};
use hybrid_array::ArraySize;
use nalgebra::SMatrix;

/// Subjects of models of type `M`, as the data of an estimation.
pub type SubjectData<S, M, T, const N: usize, const K: usize> = OwnV<InOwnRows<S, M, T, N, K>>;

impl<V, S, M, T, const N: usize, const K: usize> OwnRows<V, T, N, K> for SubjectData<S, M, T, N, K>
where
    T: Real,
    M: Model<Covariance = V>,
    V: ParamMatrix<T, N, N>,
    S: SubjectSource<M, T, N, K>,
{
    const REDUCED_ROWS: Option<usize> = match reduced::rows(V::LOW_RANK, N) {
        // The residual rows of all subjects are collected, so that no row represents them.
        Some(rows) => Some(rows - 1),
        None => None,
    };

    fn are_weights_even(&self, _: &V) -> bool {
        self.0.all_models(|model| {
            let mut weights = [T::one(); N];
            model.covariance().low_rank(WriteWeights(&mut weights));
            are_even(&weights)
        })
    }

    fn in_reduced<A: InCoordinates<T, V::ParamCount, K>, const R: usize>(
        estimation: &Estimation<'_, V, Self, T, N, K>,
        action: A,
    ) -> Result<A::Answer, Error> {
        let data = InReducedRows::<_, _, _, N, K, R>::new(&estimation.data.0, estimation.model)?;
        let visitor = WithRows { estimation, action, data };
        let answer = estimation.model.low_rank(WithDesign { design: &SMatrix::zeros(), visitor });
        answer.unwrap_or(Err(Error::LikelihoodNotFinite))
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

struct WithRows<'e, 'a, 'd, A, V, S, M, T, const N: usize, const K: usize, const R: usize>
where
    T: Real,
    M: Model<Covariance = V>,
    V: ParamMatrix<T, N, N>,
    S: SubjectSource<M, T, N, K>,
{
    estimation: &'e Estimation<'a, V, SubjectData<S, M, T, N, K>, T, N, K>,
    action: A,
    data: InReducedRows<'d, S, M, T, N, K, R>,
}

impl<A, V, S, M, T, const N: usize, const K: usize, const R: usize> OnDesign<T, V::ParamCount, R>
    for WithRows<'_, '_, '_, A, V, S, M, T, N, K, R>
where
    T: Real,
    M: Model<Covariance = V>,
    V: ParamMatrix<T, N, N>,
    S: SubjectSource<M, T, N, K>,
    A: InCoordinates<T, V::ParamCount, K>,
{
    type Output = Result<A::Answer, Error>;

    fn take<W: ParamMatrix<T, R, R> + Shape<ParamCount = V::ParamCount>>(
        self,
        model: &W,
    ) -> Self::Output {
        self.action.act(&self.estimation.with_data(model, OwnV(self.data)))
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
