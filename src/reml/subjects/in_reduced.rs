//! Computations on the likelihood of subjects that are made in reduced rows, if the subjects can be
//! reduced.

use core::marker::PhantomData;

use hybrid_array::ArraySize;
use nalgebra::{SMatrix, SVector};

use crate::algebra::cone::ConeVisitor;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::low_rank::{OnDesign, WithDesign};
use crate::algebra::shape::{Shape, Theta};
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::problem::Ascent;
use crate::reml::criterion::Criterion;
use crate::reml::estimation::own_rows::OwnRows;
use crate::reml::low_rank::for_reduced_size;
use crate::reml::model::Model;
use crate::reml::observations::shared::SharedV;
use crate::reml::observations::{At, Data, Solution};
use crate::reml::subjects::factored::Evaluated;
use crate::reml::subjects::reduced::ReducedSubjects;
use crate::reml::subjects::source::{SubjectData, SubjectSource};

/// A computation on subjects that are reduced to Q rows.
pub(super) trait OnReduced<S, M: Model, T, const N: usize, const K: usize> {
    /// The result of the computation.
    type Output;

    /// Computes the result. The matrix that all subjects share has R = Q + 1 rows.
    fn take<const R: usize, const Q: usize>(
        self,
        model: &M::Covariance,
        data: &ReducedSubjects<'_, S, M, T, N, K, Q>,
    ) -> Option<Self::Output>;
}

/// A computation on the likelihood of reduced subjects.
pub(super) trait OnLikelihood<T: Real, P: ArraySize, const K: usize> {
    /// The result of the computation.
    type Output;

    /// Computes the result from the data and from the matrix that all reduced subjects share.
    fn take<V, S, const R: usize>(self, model: &V, data: &S) -> Self::Output
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
        S: Data<V, T, R, K>;
}

impl<V, S, M, T, const N: usize, const K: usize> SubjectData<'_, S, M, T, N, K>
where
    T: Real,
    M: Model<Covariance = V>,
    V: ParamMatrix<T, N, N>,
    S: SubjectSource<M, T, N, K>,
{
    /// Returns the result of a computation on the reduced subjects, or `None` if the subjects
    /// cannot be reduced.
    pub(super) fn on_reduced<A>(&self, model: &V, action: A) -> Option<A::Output>
    where
        A: OnReduced<S, M, T, N, K>,
    {
        Select::<A, S, M, T, N, K>::CHOSEN(self, model, action)
    }

    /// Returns the result of a computation on the likelihood of the reduced subjects, or `None` if
    /// the subjects cannot be reduced.
    pub(super) fn in_reduced<A>(&self, model: &V, action: A) -> Option<A::Output>
    where
        A: OnLikelihood<T, V::ParamCount, K>,
    {
        self.on_reduced(model, WithSharedV(action))
    }
}

/// The choice of the number of rows for a computation of type `A`.
struct Select<A, S, M, T, const N: usize, const K: usize>(PhantomData<(A, S, M, T)>);

/// A function that applies a computation to subjects.
type Apply<A, S, M, T, const N: usize, const K: usize> =
    fn(
        &SubjectData<'_, S, M, T, N, K>,
        &<M as Model>::Covariance,
        A,
    ) -> Option<<A as OnReduced<S, M, T, N, K>>::Output>;

impl<A, V, S, M, T, const N: usize, const K: usize> Select<A, S, M, T, N, K>
where
    T: Real,
    M: Model<Covariance = V>,
    V: ParamMatrix<T, N, N>,
    S: SubjectSource<M, T, N, K>,
    A: OnReduced<S, M, T, N, K>,
{
    const CHOSEN: Apply<A, S, M, T, N, K> = for_reduced_size!(
        SubjectData::<'_, S, M, T, N, K>::REDUCED_ROWS,
        usize::MAX,
        Self::in_reduced,
        Self::nowhere
    );

    fn nowhere(_: &SubjectData<'_, S, M, T, N, K>, _: &V, _: A) -> Option<A::Output> {
        None
    }

    fn in_reduced<const R: usize, const Q: usize>(
        data: &SubjectData<'_, S, M, T, N, K>,
        model: &V,
        action: A,
    ) -> Option<A::Output> {
        action.take::<R, Q>(model, &ReducedSubjects::new(data)?)
    }
}

/// Adapts a computation on the likelihood to a computation on reduced subjects.
struct WithSharedV<A>(A);

impl<A, V, S, M, T, const N: usize, const K: usize> OnReduced<S, M, T, N, K> for WithSharedV<A>
where
    T: Real,
    M: Model<Covariance = V>,
    V: ParamMatrix<T, N, N>,
    S: SubjectSource<M, T, N, K>,
    A: OnLikelihood<T, V::ParamCount, K>,
{
    type Output = A::Output;

    fn take<const R: usize, const Q: usize>(
        self,
        model: &V,
        data: &ReducedSubjects<'_, S, M, T, N, K, Q>,
    ) -> Option<A::Output> {
        let design = data.common_design::<R>();
        model.low_rank(WithDesign { design: &design, visitor: WithModel { data, action: self.0 } })
    }
}

/// A callback that receives the matrix that all reduced subjects share.
struct WithModel<'d, A, S, const K: usize> {
    data: &'d S,
    action: A,
}

impl<A, S, T, P, const R: usize, const K: usize> OnDesign<T, P, R> for WithModel<'_, A, S, K>
where
    T: Real,
    P: ArraySize,
    S: SharedV<R, K, Scalar = T>,
    A: OnLikelihood<T, P, K>,
{
    type Output = A::Output;

    fn take<V: ParamMatrix<T, R, R> + Shape<ParamCount = P>>(self, model: &V) -> A::Output {
        self.action.take(model, self.data)
    }
}

/// Evaluates the likelihood.
pub(super) struct Evaluate<'t, P: ArraySize, T> {
    pub(super) theta: &'t P::ArrayType<T>,
    pub(super) unit: T,
}

impl<P: ArraySize, T: Real, const K: usize> OnLikelihood<T, P, K> for Evaluate<'_, P, T> {
    type Output = Result<Solution<T, K>, Error>;

    fn take<V, S, const R: usize>(self, model: &V, data: &S) -> Self::Output
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
        S: Data<V, T, R, K>,
    {
        data.evaluate(model, self.theta, self.unit, &mut data.unit_factors())
    }
}

/// Flags that select the derivatives to compute in one pass over the subjects.
#[derive(Clone, Copy)]
pub(super) struct Wants {
    pub(super) score: bool,
    pub(super) average: bool,
    pub(super) expected: bool,
}

impl Wants {
    pub(super) const NOTHING: Self = Self { score: false, average: false, expected: false };
}

/// Computes derivatives of the likelihood at a θ.
pub(super) struct Differentiate<'t, P: ArraySize, T, const K: usize> {
    pub(super) at: Point<'t, P, T, K>,
    pub(super) wants: Wants,
}

/// The fields of an [`At`] without its model, so that they also apply to a reduced V. The field
/// `evaluated` is the θ at which the subjects were factored.
pub(super) struct Point<'t, P: ArraySize, T, const K: usize> {
    evaluated: &'t P::ArrayType<T>,
    theta: &'t P::ArrayType<T>,
    criterion: Criterion,
    unit: T,
    size: T,
    beta: &'t SVector<T, K>,
    c: &'t SMatrix<T, K, K>,
}

impl<'t, P: ArraySize, T: Real, const K: usize> Point<'t, P, T, K> {
    pub(super) const fn new<V: Shape<ParamCount = P>>(
        at: &At<'t, V, T, K>,
        evaluated: &'t Evaluated<T, P>,
    ) -> Self {
        let At { theta, criterion, unit, size, beta, c, .. } = *at;
        Self { evaluated: &evaluated.theta.0, theta, criterion, unit, size, beta, c }
    }

    const fn at<'m, V: Shape<ParamCount = P>>(&self, model: &'m V) -> At<'m, V, T, K>
    where
        't: 'm,
    {
        let Self { theta, criterion, unit, size, beta, c, .. } = *self;
        At { model, theta, criterion, unit, size, beta, c }
    }

    /// Returns the factors of V at the θ at which the likelihood was evaluated.
    fn factors<V, S, const R: usize>(&self, model: &V, data: &S) -> S::Factors
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
        S: Data<V, T, R, K>,
    {
        let mut factors = data.unit_factors();
        // This cannot fail, because the subjects were factored at this θ before.
        let _ = data.evaluate(model, self.evaluated, self.unit, &mut factors);
        factors
    }
}

/// The score and the information matrices.
pub(super) struct Derivatives<P: ArraySize, T> {
    pub(super) score: P::ArrayType<T>,
    pub(super) average: InformationMatrix<P, T>,
    pub(super) expected: InformationMatrix<P, T>,
}

impl<P: ArraySize, T: Real, const K: usize> OnLikelihood<T, P, K> for Differentiate<'_, P, T, K> {
    type Output = Derivatives<P, T>;

    fn take<V, S, const R: usize>(self, model: &V, data: &S) -> Derivatives<P, T>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
        S: Data<V, T, R, K>,
    {
        let Self { at: point, wants } = self;
        let mut factors = point.factors(model, data);
        let (at, mut ascent, mut weights) = (point.at(model), Ascent::new(), data.unit_weights());
        let both = wants.average && wants.expected;
        let only_expected = wants.expected && !wants.average;
        data.ascend(&at, &mut factors, &mut weights, &mut ascent, only_expected, |_, _| (both, ()));
        let Ascent { score, average, other } = ascent;
        if only_expected {
            Derivatives { score, average: InformationMatrix::zeros(), expected: average }
        } else {
            let expected = other.unwrap_or_else(InformationMatrix::zeros);
            Derivatives { score, average, expected }
        }
    }
}

/// Computes [`Data::curvature`].
pub(super) struct Curve<'t, P: ArraySize, T, const K: usize>(pub(super) Point<'t, P, T, K>);

impl<P: ArraySize, T: Real, const K: usize> OnLikelihood<T, P, K> for Curve<'_, P, T, K> {
    type Output = InformationMatrix<P, T>;

    fn take<V, S, const R: usize>(self, model: &V, data: &S) -> Self::Output
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
        S: Data<V, T, R, K>,
    {
        let (at, mut factors) = (self.0.at(model), self.0.factors(model, data));
        let (_, weights) = data.score(&at, &mut factors);
        data.curvature(&at, &factors, &weights)
    }
}

/// Visits the cones of V.
pub(super) struct Cones<'t, 'w, P: ArraySize, T, W, const K: usize> {
    pub(super) at: Point<'t, P, T, K>,
    pub(super) visitor: &'w mut W,
}

impl<P, T, W, const K: usize> OnLikelihood<T, P, K> for Cones<'_, '_, P, T, W, K>
where
    P: ArraySize,
    T: Real,
    W: ConeVisitor<T>,
{
    type Output = ();

    fn take<V, S, const R: usize>(self, model: &V, data: &S)
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
        S: Data<V, T, R, K>,
    {
        let (at, mut factors) = (self.at.at(model), self.at.factors(model, data));
        let (_, weights) = data.score(&at, &mut factors);
        data.visit_cones(&at, &factors, &weights, self.visitor);
    }
}

/// Computes [`Data::difference`].
pub(super) struct Difference<'t, V: Shape, T> {
    pub(super) a: &'t Theta<V, T>,
    pub(super) b: &'t Theta<V, T>,
}

impl<M: Shape, T: Real, const K: usize> OnLikelihood<T, M::ParamCount, K> for Difference<'_, M, T> {
    type Output = (T, T);

    fn take<V, S, const R: usize>(self, model: &V, data: &S) -> (T, T)
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = M::ParamCount>,
        S: Data<V, T, R, K>,
    {
        data.difference(model, self.a, self.b)
    }
}
