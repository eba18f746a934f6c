//! Independent subjects with designs of their own.

pub(crate) mod cones;
pub(crate) mod factored;
pub(crate) mod likelihood;
pub(crate) mod own_rows;
pub(crate) mod passes;
pub(crate) mod reduced;
pub(crate) mod source;
pub(crate) mod stored;
pub(crate) mod subject;
pub(crate) mod triangle;

use core::borrow::Borrow;

use crate::algebra::matrix::ParamMatrix;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::estimation::Estimation;
use crate::reml::fit::Fit;
use crate::reml::model::Model;
use crate::reml::subjects::own_rows::SubjectData;
use crate::reml::subjects::source::{InOwnRows, OwnV, SubjectSource};
use crate::reml::subjects::stored::Store;

/// Independent subjects, each with its own design, its own visits and its own covariance matrix:
/// yᵢ = Xᵢβ + eᵢ with eᵢ ~ N(0, Vᵢ(θ)).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subjects<S, M> {
    source: S,
    /// The model of the first subject, which names the parameters.
    first: M,
}

impl<S, M> Subjects<S, M> {
    /// Collects subjects from a source that can be visited any number of times.
    ///
    /// # Errors
    ///
    /// [`Error::NoDegreesOfFreedom`] if there are no subjects.
    pub fn new<T, const N: usize, const K: usize>(source: S) -> Result<Self, Error>
    where
        M: Clone,
        S: SubjectSource<M, T, N, K>,
        T: Real,
    {
        let first = source.clone().into_iter().next();
        let none = Error::NoDegreesOfFreedom { observations: 0, columns: K };
        let first = first.ok_or(none)?.borrow().model().clone();
        Ok(Self { source, first })
    }

    /// Returns the likelihood of the data, to be evaluated or maximised.
    ///
    /// With the feature `alloc`, the estimation stores the transformed rows of the subjects on the
    /// heap. Without this feature, the rows are computed anew at each step of the search, and a
    /// search takes several times as long: see [`estimation_in`](Self::estimation_in). The results
    /// are equal to the bit.
    ///
    /// # Errors
    ///
    /// The errors of [`Model::estimation`], and [`Error::NotWeight`] for a weight that is negative
    /// or not finite.
    pub fn estimation<T, const N: usize, const K: usize>(
        &self,
    ) -> Result<Estimation<'_, M::Covariance, SubjectData<'_, S, M, T, N, K>, T, N, K>, Error>
    where
        T: Real,
        M: Model<Covariance: ParamMatrix<T, N, N>>,
        S: SubjectSource<M, T, N, K>,
    {
        #[cfg(feature = "alloc")]
        let store = Store::Heap(alloc::vec::Vec::new());
        #[cfg(not(feature = "alloc"))]
        let store = Store::Nowhere;
        self.estimation_with(store)
    }

    /// Returns the likelihood of the data, and stores the transformed rows of the subjects in a
    /// slice of [`workspace_len`](Self::workspace_len) numbers or more.
    ///
    /// # Errors
    ///
    /// The errors of [`estimation`](Self::estimation), and [`Error::WorkspaceLength`] if the slice
    /// is too short.
    pub fn estimation_in<'w, T, const N: usize, const K: usize>(
        &'w self,
        workspace: &'w mut [T],
    ) -> Result<Estimation<'w, M::Covariance, SubjectData<'w, S, M, T, N, K>, T, N, K>, Error>
    where
        T: Real,
        M: Model<Covariance: ParamMatrix<T, N, N>>,
        S: SubjectSource<M, T, N, K>,
    {
        let (expected, found) = (self.workspace_len::<T, N, K>(), workspace.len());
        if found < expected {
            return Err(Error::WorkspaceLength { expected, found });
        }
        self.estimation_with(Store::Slice(workspace))
    }

    /// Returns the number of numbers that [`estimation_in`](Self::estimation_in) stores for all
    /// subjects. If V has the form Z G Zᵀ + σ² W⁻¹ with a design Z of Q columns, this is Q (Q + K +
    /// 1) numbers for each subject, and N (K + 1) otherwise.
    pub fn workspace_len<T, const N: usize, const K: usize>(&self) -> usize
    where
        T: Real,
        M: Model<Covariance: ParamMatrix<T, N, N>>,
        S: SubjectSource<M, T, N, K>,
    {
        let count = self.source.clone().into_iter().count();
        count.saturating_mul(InOwnRows::<S, M, T, N, K>::LENGTH)
    }

    fn estimation_with<'w, T, const N: usize, const K: usize>(
        &'w self,
        store: Store<'w, T>,
    ) -> Result<Estimation<'w, M::Covariance, SubjectData<'w, S, M, T, N, K>, T, N, K>, Error>
    where
        T: Real,
        M: Model<Covariance: ParamMatrix<T, N, N>>,
        S: SubjectSource<M, T, N, K>,
    {
        let data = InOwnRows::new(self.source.clone(), store)?;
        Estimation::new(self.first.covariance(), OwnV(data))
    }

    /// Fits the model by restricted maximum likelihood from the default start.
    ///
    /// # Errors
    ///
    /// The errors of [`estimation`](Self::estimation) and [`Estimation::fit`].
    pub fn fit<T, const N: usize, const K: usize>(
        &self,
    ) -> Result<Fit<'_, M::Covariance, T, N, K>, Error>
    where
        T: Real,
        M: Model<Covariance: ParamMatrix<T, N, N>>,
        S: SubjectSource<M, T, N, K>,
    {
        self.estimation()?.fit()
    }
}
