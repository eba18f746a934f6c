//! Subjects in their own rows, or reduced to the rows of their random effects, one after another.

use core::borrow::Borrow;
use core::marker::PhantomData;

use hybrid_array::ArraySize;
use nalgebra::{ArrayStorage, SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::kernel::dot;
use crate::reml::model::Model;
use crate::reml::observations::Summary;
use crate::reml::standardisation::Standardisation;
use crate::reml::standardisation::gram::Gram;
use crate::reml::standardisation::transformed::TransformedRows;
use crate::reml::subjects::reduction::{
    Reduction, are_weights_even, have_same_components, reduced_columns,
};
use crate::reml::subjects::rows::SubjectRows;
use crate::reml::subjects::stored::{Store, Stored};
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

/// A computation on each subject.
pub trait EachSubject<T: Real, P: ArraySize, const R: usize, const K: usize> {
    /// Computes the part of one subject, whose covariance matrix is `v`.
    fn take<V>(&mut self, v: &V, rows: &SubjectRows<T, R, K>) -> Result<(), Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>;
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
    pub(super) gram: Gram<T, K>,
    pub(super) observations: usize,
    pub(super) largest: T,
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
pub struct InOwnRows<'w, S, M, T, const N: usize, const K: usize> {
    source: S,
    totals: Totals<T, K>,
    /// The parts of reduced data that all subjects share, or `None` if the subjects cannot be
    /// reduced.
    pub(super) reduction: Option<Reduction<T, N, K>>,
    /// The reduced rows of the subjects if there is a reduction, and their transformed rows
    /// otherwise.
    pub(super) stored: Stored<'w, T>,
    models: PhantomData<M>,
}

impl<S, M, T, const N: usize, const K: usize> AsRef<Totals<T, K>> for InOwnRows<'_, S, M, T, N, K> {
    fn as_ref(&self) -> &Totals<T, K> {
        &self.totals
    }
}

impl<'w, S, M, T, const N: usize, const K: usize> InOwnRows<'w, S, M, T, N, K>
where
    T: Real,
    M: Model<Covariance: ParamMatrix<T, N, N>>,
    S: SubjectSource<M, T, N, K>,
{
    /// The number of numbers that are stored for each subject.
    pub(super) const LENGTH: usize = match reduced_columns::<M::Covariance, N>() {
        Some(columns) => columns * (columns + K + 1),
        None => N * (K + 1),
    };

    /// Chooses coordinates in which the columns of [X y] are nearly orthogonal over all subjects,
    /// and stores the rows of the subjects in `store`.
    pub(super) fn new(
        source: S,
        first: &M::Covariance,
        mut store: Store<'w, T>,
    ) -> Result<Self, Error> {
        /// The largest number of changes of coordinates. One change may not suffice, because the
        /// inner products of columns reveal only half of the digits of the columns.
        const PASSES: usize = 2;
        let mut reference = Standardisation::new();
        let (mut observations, mut largest, mut log_weights) = (0, T::zero(), T::zero());
        let mut can_be_reduced = true;
        for subject in source.clone() {
            let subject = subject.borrow();
            let data = subject.observe(&mut reference)?;
            observations += subject.rows().iter().filter(|row| **row).count();
            largest = largest.max(data.largest);
            log_weights += subject.log_weights();
            if const { reduced_columns::<M::Covariance, N>().is_some() } {
                let v = subject.model().covariance();
                can_be_reduced &= are_weights_even(v) && have_same_components(first, v);
            }
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
        let columns = reduced_columns::<M::Covariance, N>().filter(|_| can_be_reduced);
        let mut out =
            Self { source, totals, reduction: None, stored: Stored::Anew, models: PhantomData };
        let mut reduction = columns.map(|_| Reduction::new());
        let mut count = 0;
        out.each_subject(|subject, rows| {
            if let (Some(columns), Some(reduction)) = (columns, &mut reduction) {
                let rows = reduction.take(subject.model().covariance(), &rows);
                store.write(count, Self::LENGTH, rows.numbers(columns));
            } else {
                let columns = rows.x.iter().chain(&rows.y).copied();
                store.write(count, Self::LENGTH, columns);
            }
            count += 1;
            Ok(())
        })?;
        // The length of a subject's numbers is that of reduced rows.
        let store = if can_be_reduced { store } else { Store::Nowhere };
        out.reduction = reduction;
        out.stored = store.finish(count * Self::LENGTH);
        Ok(out)
    }

    /// Calls `f` with each subject and its transformed rows.
    pub(super) fn each_subject(
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
    EachRows<<M::Covariance as Shape>::ParamCount, T, N, K> for InOwnRows<'_, S, M, T, N, K>
where
    T: Real,
    M: Model<Covariance: ParamMatrix<T, N, N>>,
    S: SubjectSource<M, T, N, K>,
{
    fn each<A>(&self, action: &mut A) -> Result<(), Error>
    where
        A: EachSubject<T, <M::Covariance as Shape>::ParamCount, N, K>,
    {
        let stored = if self.reduction.is_none() { self.stored.chunks(Self::LENGTH) } else { None };
        let Some(stored) = stored else {
            return self
                .each_subject(|subject, rows| action.take(subject.model().covariance(), &rows));
        };
        for (subject, numbers) in self.source.clone().into_iter().zip(stored) {
            let subject = subject.borrow();
            let (x, y) = (SMatrix::zeros(), SVector::zeros());
            let mut rows = SubjectRows { x, y, observed: subject.rows() };
            for (to, &from) in rows.x.iter_mut().chain(&mut rows.y).zip(numbers) {
                *to = from;
            }
            action.take(subject.model().covariance(), &rows)?;
        }
        Ok(())
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
