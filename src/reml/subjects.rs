//! Independent subjects with designs of their own.

pub(crate) mod components;
pub(crate) mod cones;
pub(crate) mod derivatives;
pub(crate) mod equal_designs;
pub(crate) mod factored;
pub(crate) mod in_reduced;
pub(crate) mod likelihood;
pub(crate) mod log_product;
pub(crate) mod own_rows;
pub(crate) mod reduced;
pub(crate) mod reduced_blocks;
pub(crate) mod reduction;
pub(crate) mod rows;
pub(crate) mod source;
pub(crate) mod stored;
pub(crate) mod subject;
pub(crate) mod sums;
pub(crate) mod triangle;

use core::borrow::Borrow;

use crate::algebra::matrix::ParamMatrix;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::estimation::Estimation;
use crate::reml::fit::Fit;
use crate::reml::model::Model;
use crate::reml::standardisation::Standardisation;
use crate::reml::subjects::source::{SubjectData, SubjectSource};
use crate::reml::subjects::stored::Store;

/// The estimation of a model from [`Subjects`].
pub type SubjectEstimation<'w, S, M, T, const N: usize, const K: usize> =
    Estimation<'w, <M as Model>::Covariance, SubjectData<'w, S, M, T, N, K>, T, N, K>;

/// Independent subjects, each with its own design, its own visits and its own covariance matrix:
/// yᵢ = Xᵢβ + eᵢ with eᵢ ~ N(0, Vᵢ(θ)).
///
/// The source S is a slice of [`Subject`](crate::reml::Subject)s, or any other value that can be
/// cloned and turned into an iterator of subjects. The models of all subjects have the same type
/// and the same parameters θ. They may differ in the random design Z, in times and distances, in
/// weights and labels, and in known covariance matrices. The natural scale of the parameters is
/// that of the model of the first subject. If all subjects share one V of a form other than
/// Z G Zᵀ + σ² W⁻¹, a [`Panel`](crate::reml::Panel) needs less memory and less time.
///
/// An estimation of subjects is an ordinary [`Estimation`]: it has the same search, inference,
/// profiles and certificate. [`Fit::predict_subject`] predicts the random effects and the missing
/// responses of a subject.
///
/// If V has the form Z G Zᵀ + σ² W⁻¹ with fixed Z and W, and all subjects share G and σ², each step
/// of a search and all inference cost Q rows for each subject, where Q < N is the number of columns
/// of Z. This requires Q ≤ 63, weights W of similar size, and a subject with more than Q rows. Any
/// other V is factored with N rows for each subject. The likelihood is computed from a
/// triangular factor of the whitened rows (Pinheiro & Bates 2000, Mixed-Effects Models in S and
/// S-PLUS, section 2.2).
///
/// Subjects with the same Z, W and X are stored as sums, so that any number of them costs at most
/// as much as Q + 1 subjects. A design is recognised if it is one of the last designs that were
/// stored. Up to 16 of them are remembered.
///
/// The memory does not depend on the number of subjects, except for rows that are
/// [stored](Self::estimation_in) to save time. The stack holds about 30 N×N
/// matrices, and about 80 in a debug build.
///
/// ```
/// use covprop::prelude::*;
///
/// // five schools with two to four pupils: the variance between schools and the variance within
/// let ones = SVector::<f64, 4>::repeat(1.0);
/// let model = MixedModel::new(ones, named("school", ScalarMatrix::<1>::new()), ScalarMatrix::<4>::new());
/// let schools = [
///     Subject::new(model, ones, vector![12.0, 14.0, 11.0, 13.0]),
///     Subject::new(model, ones, vector![18.0, 16.0, 0.0, 0.0]).with_rows(2),
///     Subject::new(model, ones, vector![9.0, 11.0, 10.5, 0.0]).with_rows(3),
///     Subject::new(model, ones, vector![15.0, 15.5, 0.0, 0.0]).with_rows(2),
///     Subject::new(model, ones, vector![12.0, 10.0, 13.0, 11.0]),
/// ];
/// let subjects = Subjects::new(&schools[..])?;
/// let fit = subjects.fit()?;
/// assert_eq!((fit.outcome.clone(), fit.observations), (Outcome::Converged, 15));
/// let [between, within] = fit.params;
/// assert!(between > within);
/// # Ok::<(), covprop::Error>(())
/// ```
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

    /// Returns the index of the first subject with invalid data, and the error. Row indices in the
    /// error count the rows of this subject. Returns `None` if each observed number and each weight
    /// is valid.
    ///
    /// The errors are [`Error::ResponseNotFinite`], [`Error::DesignNotFinite`] and
    /// [`Error::NotWeight`]. [`estimation`](Self::estimation) returns the same error without the
    /// index.
    ///
    /// ```
    /// use covprop::Error;
    /// use covprop::prelude::*;
    ///
    /// let ones = SVector::<f64, 3>::repeat(1.0);
    /// let model = Marginal::new(CompoundSymmetricMatrix::<3>::new());
    /// let list = [
    ///     Subject::new(model, ones, vector![1.0, 2.0, 1.5]),
    ///     Subject::new(model, ones, vector![0.5, f64::NAN, 2.5]),
    /// ];
    /// let subjects = Subjects::new(&list[..])?;
    /// assert_eq!(subjects.find_invalid(), Some((1, Error::ResponseNotFinite { row: 1 })));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn find_invalid<T, const N: usize, const K: usize>(&self) -> Option<(usize, Error)>
    where
        T: Real,
        S: SubjectSource<M, T, N, K>,
    {
        let mut reference = Standardisation::new();
        let subjects = self.source.clone().into_iter().enumerate();
        let mut errors = subjects.map(|(i, subject)| (i, subject.borrow().observe(&mut reference)));
        errors.find_map(|(i, observed)| observed.err().map(|error| (i, error)))
    }

    /// Returns the likelihood of the data, to be evaluated or maximised.
    ///
    /// With the feature `alloc`, the estimation stores the transformed rows of the subjects on the
    /// heap. Without this feature, the rows are computed anew at each step of the search, and a
    /// search takes several times as long: see [`estimation_in`](Self::estimation_in). The results
    /// are equal to the bit, except that sums over subjects with the same design are rounded
    /// differently.
    ///
    /// # Errors
    ///
    /// The errors of [`Model::estimation`], and [`Error::NotWeight`] for a weight that is negative
    /// or not finite. [`find_invalid`](Self::find_invalid) returns the index of the subject.
    pub fn estimation<T, const N: usize, const K: usize>(
        &self,
    ) -> Result<SubjectEstimation<'_, S, M, T, N, K>, Error>
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
    ) -> Result<SubjectEstimation<'w, S, M, T, N, K>, Error>
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
    /// 1) + 1 numbers for each subject, and N (K + 1) otherwise.
    pub fn workspace_len<T, const N: usize, const K: usize>(&self) -> usize
    where
        T: Real,
        M: Model<Covariance: ParamMatrix<T, N, N>>,
        S: SubjectSource<M, T, N, K>,
    {
        let count = self.source.clone().into_iter().count();
        count.saturating_mul(SubjectData::<S, M, T, N, K>::LENGTH)
    }

    fn estimation_with<'w, T, const N: usize, const K: usize>(
        &'w self,
        store: Store<'w, T>,
    ) -> Result<SubjectEstimation<'w, S, M, T, N, K>, Error>
    where
        T: Real,
        M: Model<Covariance: ParamMatrix<T, N, N>>,
        S: SubjectSource<M, T, N, K>,
    {
        Estimation::new(self.first.covariance(), SubjectData::new(self.source.clone(), store)?)
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
