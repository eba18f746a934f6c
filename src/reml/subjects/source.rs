//! Subjects in their own rows, or reduced to the rows of their random effects, one after another.

use core::borrow::Borrow;
use core::marker::PhantomData;

use hybrid_array::ArraySize;
use nalgebra::{ArrayStorage, SMatrix, SVector, convert};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::low_rank::{OnDesign, WithDesign, WriteDesign, WriteWeights};
use crate::algebra::shape::Shape;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::kernel::dot;
use crate::reml::low_rank::Rotation;
use crate::reml::model::Model;
use crate::reml::observations::Summary;
use crate::reml::standardisation::Standardisation;
use crate::reml::standardisation::gram::Gram;
use crate::reml::standardisation::transformed::TransformedRows;
use crate::reml::subjects::subject::Subject;
use crate::reml::subjects::triangle::Triangle;

/// Subjects that can be visited any number of times: a slice of [`Subject`]s, or any other value
/// that can be cloned and turned into an iterator of subjects or of references to subjects.
pub trait SubjectSource<M, T, const N: usize, const K: usize>:
    Clone + IntoIterator<Item: Borrow<Subject<M, T, N, K>>>
{
}

impl<S, M, T, const N: usize, const K: usize> SubjectSource<M, T, N, K> for S where
    S: Clone + IntoIterator<Item: Borrow<Subject<M, T, N, K>>>
{
}

/// The rows of one subject in transformed coordinates.
pub struct SubjectRows<T, const R: usize, const K: usize> {
    pub(super) x: SMatrix<T, R, K>,
    pub(super) y: SVector<T, R>,
    /// `true` for the rows that were observed. The other rows of `x` and `y` are zero.
    pub(super) observed: [bool; R],
}

/// A computation on each subject.
pub trait EachSubject<T: Real, P: ArraySize, const R: usize, const K: usize> {
    /// Computes the part of one subject, whose covariance matrix is `v`.
    fn take<V>(&mut self, v: &V, rows: &SubjectRows<T, R, K>) -> Result<(), Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>;

    /// Computes the part of rows of all subjects that are independent of each other and have the
    /// variance of the residuals. The matrix `v` is this variance times the identity.
    /// By default, does nothing.
    fn take_residual<V>(&mut self, v: &V, rows: &ResidualRows<T, K>) -> Result<(), Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
    {
        let _ = (v, rows);
        Ok(())
    }
}

/// Rows of all subjects outside the column space of their random designs, which are independent of
/// each other and have the variance of the residuals.
#[derive(Clone, Copy, Debug)]
pub struct ResidualRows<T, const K: usize> {
    pub(super) triangle: Triangle<T, K>,
    pub(super) count: T,
}

/// Data whose subjects are visited one after another.
pub trait EachRows<P: ArraySize, T: Real, const R: usize, const K: usize>:
    AsRef<Totals<T, K>>
{
    /// Calls `action` for each subject, and stops at the first error.
    fn each<A: EachSubject<T, P, R, K>>(&self, action: &mut A) -> Result<(), Error>;
}

/// Data whose subjects each have their own V.
#[derive(Clone, Copy, Debug)]
pub struct OwnV<D>(pub(super) D);

/// The numbers of the data of all subjects that do not depend on V.
#[derive(Clone, Copy, Debug)]
pub struct Totals<T, const K: usize> {
    pub(super) reference: Standardisation<T, K>,
    gram: Gram<T, K>,
    observations: usize,
    largest: T,
    pub(super) log_weights: T,
}

impl<D: AsRef<Totals<T, K>>, T: Real, const K: usize> Summary<T, K> for OwnV<D> {
    fn observations(&self) -> usize {
        self.0.as_ref().observations
    }

    fn largest(&self) -> T {
        self.0.as_ref().largest
    }

    fn log_weights(&self) -> T {
        self.0.as_ref().log_weights
    }

    fn reference(&self) -> &Standardisation<T, K> {
        &self.0.as_ref().reference
    }

    fn product(&self, a: usize, b: usize) -> T {
        self.0.as_ref().gram.product(a, b)
    }
}

/// Subjects in their own rows, in the coordinates of a [`Standardisation`].
#[derive(Clone, Debug)]
pub struct InOwnRows<S, M, T, const N: usize, const K: usize> {
    source: S,
    totals: Totals<T, K>,
    models: PhantomData<M>,
}

impl<S, M, T, const N: usize, const K: usize> AsRef<Totals<T, K>> for InOwnRows<S, M, T, N, K> {
    fn as_ref(&self) -> &Totals<T, K> {
        &self.totals
    }
}

impl<S, M, T, const N: usize, const K: usize> InOwnRows<S, M, T, N, K>
where
    T: Real,
    S: SubjectSource<M, T, N, K>,
{
    /// Chooses coordinates in which the columns of [X y] are nearly orthogonal over all subjects.
    pub(super) fn new(source: S) -> Result<Self, Error> {
        /// The largest number of changes of coordinates. One change may not suffice, because the
        /// inner products of columns reveal only half of the digits of the columns.
        const PASSES: usize = 2;
        let mut reference = Standardisation::new();
        let (mut observations, mut largest, mut log_weights) = (0, T::zero(), T::zero());
        for subject in source.clone() {
            let subject = subject.borrow();
            let data = subject.observe(&mut reference)?;
            observations += subject.rows().iter().filter(|row| **row).count();
            largest = largest.max(data.largest);
            log_weights += subject.log_weights();
        }
        if !reference.has_room() {
            return Err(Error::SumsOutOfRange);
        }
        let mut gram = gram_of(&source, &reference)?;
        for _ in 0..PASSES {
            let Some(better) = reference.straightened(&gram, largest) else { break };
            reference = better;
            gram = gram_of(&source, &reference)?;
        }
        let totals = Totals { reference, gram, observations, largest, log_weights };
        Ok(Self { source, totals, models: PhantomData })
    }

    /// Returns `true` if `holds` returns `true` for the model of each subject.
    pub(super) fn all_models(&self, holds: impl Fn(&M) -> bool) -> bool {
        self.source.clone().into_iter().all(|subject| holds(subject.borrow().model()))
    }

    /// Calls `f` with each subject and its transformed rows.
    fn each_subject(
        &self,
        mut f: impl FnMut(&Subject<M, T, N, K>, SubjectRows<T, N, K>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for subject in self.source.clone() {
            let subject = subject.borrow();
            f(subject, transformed(subject, &self.totals.reference)?)?;
        }
        Ok(())
    }
}

impl<S, M, T, const N: usize, const K: usize>
    EachRows<<M::Covariance as Shape>::ParamCount, T, N, K> for InOwnRows<S, M, T, N, K>
where
    T: Real,
    M: Model<Covariance: ParamMatrix<T, N, N>>,
    S: SubjectSource<M, T, N, K>,
{
    fn each<A>(&self, action: &mut A) -> Result<(), Error>
    where
        A: EachSubject<T, <M::Covariance as Shape>::ParamCount, N, K>,
    {
        self.each_subject(|subject, rows| action.take(subject.model().covariance(), &rows))
    }
}

/// Returns the inner products of the transformed columns over all subjects.
fn gram_of<S, M, T, const N: usize, const K: usize>(
    source: &S,
    reference: &Standardisation<T, K>,
) -> Result<Gram<T, K>, Error>
where
    T: Real,
    S: SubjectSource<M, T, N, K>,
{
    let mut triangle = Triangle::<T, K>::new();
    for subject in source.clone() {
        let SubjectRows { mut x, mut y, .. } = transformed(subject.borrow(), reference)?;
        triangle.add(&mut x, &mut y);
    }
    let column = |a: usize| triangle.x.data.0.get(a).unwrap_or(&triangle.y.data.0[0]);
    let gram = Gram::new(|a, b| {
        let product = dot(column(a), column(b));
        if a == K && b == K { product + triangle.rest() } else { product }
    });
    if gram.has_headroom() { Ok(gram) } else { Err(Error::SumsOutOfRange) }
}

/// Returns the transformed and weighted rows of a subject, rounded to the working precision.
fn transformed<M, T: Real, const N: usize, const K: usize>(
    subject: &Subject<M, T, N, K>,
    reference: &Standardisation<T, K>,
) -> Result<SubjectRows<T, N, K>, Error> {
    let data = subject.observe(&mut reference.clone())?;
    let rows = TransformedRows::new(reference, &data, subject.weights());
    let x = rows.x.each_ref().map(|column| column.value);
    Ok(SubjectRows {
        x: SMatrix::from_data(ArrayStorage(x)),
        y: rows.y.value.into(),
        observed: subject.rows(),
    })
}

/// Subjects whose data are reduced to the rows of their random effects; see
/// [`low_rank`](crate::reml::low_rank).
pub(crate) struct InReducedRows<'d, S, M: Model, T, const N: usize, const K: usize, const R: usize>
{
    data: &'d InOwnRows<S, M, T, N, K>,
    totals: Totals<T, K>,
    residual: ResidualRows<T, K>,
    first: &'d M::Covariance,
}

impl<S, M: Model, T, const N: usize, const K: usize, const R: usize> AsRef<Totals<T, K>>
    for InReducedRows<'_, S, M, T, N, K, R>
{
    fn as_ref(&self) -> &Totals<T, K> {
        &self.totals
    }
}

impl<'d, S, M, T, const N: usize, const K: usize, const R: usize>
    InReducedRows<'d, S, M, T, N, K, R>
where
    T: Real,
    M: Model<Covariance: ParamMatrix<T, N, N>>,
    S: SubjectSource<M, T, N, K>,
{
    /// Reduces the subjects, and collects the rows of all subjects outside the column space of
    /// their random designs. The argument `first` is the model of the first subject.
    pub(super) fn new(
        data: &'d InOwnRows<S, M, T, N, K>,
        first: &'d M::Covariance,
    ) -> Result<Self, Error> {
        let mut totals = data.totals;
        let mut triangle = Triangle::new();
        let mut count = 0;
        data.each_subject(|subject, rows| {
            let (rotation, _) =
                rotation::<_, _, N, R>(subject.model().covariance(), &rows.observed);
            let (inside, outside) = rotation.rows();
            let (mut x, mut y) = (rotation.rotated(&rows.x), rotation.rotated(&rows.y));
            for column in x.data.0.iter_mut().chain(&mut y.data.0) {
                for (i, entry) in column.iter_mut().enumerate() {
                    if i < inside || i >= inside + outside {
                        *entry = T::zero();
                    }
                }
            }
            triangle.add(&mut x, &mut y);
            count += outside;
            totals.log_weights += rotation.log_weights();
            Ok(())
        })?;
        let residual = ResidualRows { triangle, count: convert(count as f64) };
        Ok(Self { data, totals, residual, first })
    }
}

/// Returns the reflections that make the random design of a subject upper triangular, and the upper
/// triangular design.
fn rotation<V, T, const N: usize, const R: usize>(
    v: &V,
    observed: &[bool; N],
) -> (Rotation<T, N, R>, SMatrix<T, R, R>)
where
    T: Real,
    V: ParamMatrix<T, N, N>,
{
    let mut weights = [T::one(); N];
    if V::LOW_RANK.are_weighted() {
        v.low_rank(WriteWeights(&mut weights));
    }
    let mut design = SMatrix::<T, N, R>::zeros();
    v.low_rank(WriteDesign(&mut design));
    Rotation::new(&design, V::LOW_RANK.columns(), &weights, observed)
}

impl<S, M, T, const N: usize, const K: usize, const R: usize>
    EachRows<<M::Covariance as Shape>::ParamCount, T, R, K> for InReducedRows<'_, S, M, T, N, K, R>
where
    T: Real,
    M: Model<Covariance: ParamMatrix<T, N, N>>,
    S: SubjectSource<M, T, N, K>,
{
    fn each<A>(&self, action: &mut A) -> Result<(), Error>
    where
        A: EachSubject<T, <M::Covariance as Shape>::ParamCount, R, K>,
    {
        self.data.each_subject(|subject, rows| {
            let v = subject.model().covariance();
            let (rotation, design) = rotation::<_, _, N, R>(v, &rows.observed);
            let (inside, _) = rotation.rows();
            let rows = SubjectRows {
                x: rotation.head(&rotation.rotated(&rows.x)),
                y: rotation.head(&rotation.rotated(&rows.y)),
                observed: core::array::from_fn(|i| i < inside),
            };
            on_design(v, &design, OnRows { action, rows: &rows })
        })?;
        let zero = SMatrix::zeros();
        on_design(self.first, &zero, OnResidual { action, rows: &self.residual })
    }
}

/// Calls `visitor` with V on another design. A model that declares the form Z G Zᵀ + σ² W⁻¹ but has
/// no such form is an error.
fn on_design<V, T, A, const N: usize, const R: usize>(
    v: &V,
    design: &SMatrix<T, R, R>,
    visitor: A,
) -> Result<(), Error>
where
    T: Real,
    V: ParamMatrix<T, N, N>,
    A: OnDesign<T, V::ParamCount, R, Output = Result<(), Error>>,
{
    v.low_rank(WithDesign { design, visitor }).unwrap_or(Err(Error::LikelihoodNotFinite))
}

struct OnRows<'r, A, T, const R: usize, const K: usize> {
    action: &'r mut A,
    rows: &'r SubjectRows<T, R, K>,
}

impl<A, T, P, const R: usize, const K: usize> OnDesign<T, P, R> for OnRows<'_, A, T, R, K>
where
    T: Real,
    P: ArraySize,
    A: EachSubject<T, P, R, K>,
{
    type Output = Result<(), Error>;

    fn take<V: ParamMatrix<T, R, R> + Shape<ParamCount = P>>(self, v: &V) -> Self::Output {
        self.action.take(v, self.rows)
    }
}

struct OnResidual<'r, A, T, const K: usize> {
    action: &'r mut A,
    rows: &'r ResidualRows<T, K>,
}

impl<A, T, P, const R: usize, const K: usize> OnDesign<T, P, R> for OnResidual<'_, A, T, K>
where
    T: Real,
    P: ArraySize,
    A: EachSubject<T, P, R, K>,
{
    type Output = Result<(), Error>;

    fn take<V: ParamMatrix<T, R, R> + Shape<ParamCount = P>>(self, v: &V) -> Self::Output {
        self.action.take_residual(v, self.rows)
    }
}
