//! Subjects in their own rows, one after another.

use core::borrow::Borrow;
use core::marker::PhantomData;

use nalgebra::{ArrayStorage, SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::low_rank::has_even_weights;
use crate::reml::model::Model;
use crate::reml::observations::Summary;
use crate::reml::standardisation::gram::Gram;
use crate::reml::standardisation::transformed::TransformedRows;
use crate::reml::standardisation::{MOST_CHANGES, Standardisation};
use crate::reml::subjects::equal_designs::EqualDesigns;
use crate::reml::subjects::reduction::{CommonComponents, Reduction, reduced_columns};
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

/// The data of an [`Estimation`](crate::reml::Estimation) of [`Subjects`](crate::reml::Subjects)
/// with models of type `M`.
// The data are in the coordinates of a `Standardisation`.
#[derive(Clone, Debug)]
pub struct SubjectData<'w, S, M, T, const N: usize, const K: usize> {
    source: S,
    reference: Standardisation<T, K>,
    /// The inner products of the transformed columns over all subjects.
    gram: Gram<T, K>,
    observations: usize,
    largest: T,
    log_weights: T,
    /// The parts of reduced data that all subjects share, or `None` if the subjects cannot be
    /// reduced.
    pub(super) reduction: Option<Reduction<T, N, K>>,
    /// The reduced rows of the subjects if there is a reduction, and their transformed rows
    /// otherwise.
    pub(super) stored: Stored<'w, T>,
    models: PhantomData<M>,
}

impl<S, M, T: Real, const N: usize, const K: usize> Summary<T, K>
    for SubjectData<'_, S, M, T, N, K>
{
    fn observations(&self) -> usize {
        self.observations
    }

    fn largest(&self) -> T {
        self.largest
    }

    fn log_weights(&self) -> T {
        self.log_weights
    }

    fn reference(&self) -> &Standardisation<T, K> {
        &self.reference
    }

    fn product(&self, a: usize, b: usize) -> T {
        self.gram.product(a, b)
    }
}

impl<'w, S, M, T, const N: usize, const K: usize> SubjectData<'w, S, M, T, N, K>
where
    T: Real,
    M: Model<Covariance: ParamMatrix<T, N, N>>,
    S: SubjectSource<M, T, N, K>,
{
    /// The number of numbers that are stored for each subject.
    pub(super) const LENGTH: usize = match reduced_columns::<M::Covariance, N>() {
        Some(columns) => columns * (columns + K + 1) + 1,
        None => N * (K + 1),
    };

    /// Checks the subjects, and stores their rows in `store`.
    pub(super) fn new(source: S, store: Store<'w, T>) -> Result<Self, Error> {
        let mut reference = Standardisation::new();
        let (mut observations, mut largest, mut log_weights) = (0, T::zero(), T::zero());
        let columns = reduced_columns::<M::Covariance, N>();
        let mut common = None;
        let (mut can_be_reduced, mut determines_variance) = (columns.is_some(), false);
        for subject in source.clone() {
            let subject = subject.borrow();
            let data = subject.observe(&mut reference)?;
            let rows = subject.rows().iter().filter(|row| **row).count();
            observations += rows;
            largest = largest.max(data.largest);
            log_weights += subject.log_weights();
            if can_be_reduced && rows > 0 {
                let v = subject.model().covariance();
                let common = common.get_or_insert_with(|| CommonComponents::new(v));
                can_be_reduced = has_even_weights(v) && common.are_those_of(v);
                determines_variance |= columns.is_some_and(|columns| rows > columns);
            }
        }
        // If no subject has more rows than Z has columns, V can be positive definite at σ² = 0,
        // where A G Aᵀ + σ² I of a subject with fewer rows is singular.
        can_be_reduced &= determines_variance;
        if !reference.has_room() {
            return Err(Error::SumsOutOfRange);
        }
        let mut data = Self {
            source,
            reference,
            gram: Gram::new(|_, _| T::zero()),
            observations,
            largest,
            log_weights,
            reduction: can_be_reduced.then(Reduction::new),
            stored: Stored::Anew,
            models: PhantomData,
        };
        // The length of a subject's numbers is that of reduced rows.
        let has_its_length = can_be_reduced || columns.is_none();
        data.take_rows(if has_its_length { store } else { Store::Nowhere })?;
        Ok(data)
    }

    /// Chooses coordinates in which the columns of [X y] are nearly orthogonal over all subjects.
    /// Computes the inner products of the columns, reduces the subjects if they can be reduced, and
    /// stores their rows.
    fn take_rows(&mut self, mut store: Store<'w, T>) -> Result<(), Error> {
        for changes in 0..=MOST_CHANGES {
            let (mut triangle, mut count) = (Triangle::<T, K>::new(), 0);
            let mut designs = EqualDesigns::<N>::new();
            let mut reduction = self.reduction.map(|_| Reduction::new());
            store.restart();
            self.each_transformed(|subject, mut rows| {
                if let Some(reduction) = &mut reduction {
                    let reduced = reduction.take(subject.model().covariance(), &rows);
                    let columns = M::Covariance::LOW_RANK.columns();
                    designs.add(&mut store, Self::LENGTH, &reduced, columns);
                } else {
                    let columns = rows.x.data.0.iter().chain(&rows.y.data.0);
                    store.write(count, Self::LENGTH, columns.map(<[T; N]>::as_slice));
                    count += 1;
                }
                triangle.add(&mut rows.x, &mut rows.y);
                Ok(())
            })?;
            self.gram = triangle.gram();
            if !self.gram.has_headroom() {
                return Err(Error::SumsOutOfRange);
            }
            self.reduction = reduction;
            let better = self.reference.straightened(&self.gram, self.largest);
            let Some(better) = better.filter(|_| changes < MOST_CHANGES) else {
                self.stored = store.finish((count + designs.used()) * Self::LENGTH);
                break;
            };
            self.reference = better;
        }
        Ok(())
    }

    /// Calls `f` with each subject and its transformed rows, which are computed anew.
    pub(super) fn each_transformed(
        &self,
        f: impl FnMut(&Subject<M, T, N, K>, SubjectRows<T, N, K>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        each_transformed(&self.source, &self.reference, f)
    }

    /// Calls `f` with the covariance matrix and the observed rows of each subject.
    pub(super) fn each_v(&self, mut f: impl FnMut(&M::Covariance, &[bool; N])) {
        for subject in observed_subjects(&self.source) {
            let subject = subject.borrow();
            f(subject.model().covariance(), &subject.rows());
        }
    }

    /// Calls `f` with the covariance matrix and the transformed rows of each subject.
    pub(super) fn each(
        &self,
        mut f: impl FnMut(&M::Covariance, &SubjectRows<T, N, K>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let stored = if self.reduction.is_none() { self.stored.chunks(Self::LENGTH) } else { None };
        let Some(stored) = stored else {
            return self.each_transformed(|subject, rows| f(subject.model().covariance(), &rows));
        };
        for (subject, numbers) in observed_subjects(&self.source).zip(stored) {
            let subject = subject.borrow();
            let (x, y) = (SMatrix::zeros(), SVector::zeros());
            let mut rows = SubjectRows { x, y, observed: subject.rows() };
            for (to, &from) in rows.x.iter_mut().chain(&mut rows.y).zip(numbers) {
                *to = from;
            }
            f(subject.model().covariance(), &rows)?;
        }
        Ok(())
    }
}

/// Returns the subjects that have an observed row.
fn observed_subjects<S, M, T, const N: usize, const K: usize>(
    source: &S,
) -> impl Iterator<Item = S::Item>
where
    T: Real,
    S: SubjectSource<M, T, N, K>,
{
    source.clone().into_iter().filter(|subject| subject.borrow().rows().contains(&true))
}

/// Calls `f` with each subject and its transformed and weighted rows, rounded to the working
/// precision.
fn each_transformed<S, M, T, const N: usize, const K: usize>(
    source: &S,
    reference: &Standardisation<T, K>,
    mut f: impl FnMut(&Subject<M, T, N, K>, SubjectRows<T, N, K>) -> Result<(), Error>,
) -> Result<(), Error>
where
    T: Real,
    S: SubjectSource<M, T, N, K>,
{
    for subject in observed_subjects(source) {
        let subject = subject.borrow();
        let data = subject.observe(&mut reference.clone())?;
        let rows = TransformedRows::new(reference, &data, subject.weights());
        let x = SMatrix::from_data(ArrayStorage(rows.x.each_ref().map(|column| column.value)));
        f(subject, SubjectRows { x, y: rows.y.value.into(), observed: subject.rows() })?;
    }
    Ok(())
}
