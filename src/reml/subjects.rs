//! Independent subjects with designs of their own.

pub(crate) mod cones;
pub(crate) mod factored;
pub(crate) mod likelihood;
pub(crate) mod own_rows;
pub(crate) mod passes;
pub(crate) mod source;
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
    /// # Errors
    ///
    /// The errors of [`Model::estimation`], and [`Error::NotWeight`] for a weight that is negative
    /// or not finite.
    pub fn estimation<T, const N: usize, const K: usize>(
        &self,
    ) -> Result<Estimation<'_, M::Covariance, SubjectData<S, M, T, N, K>, T, N, K>, Error>
    where
        T: Real,
        M: Model<Covariance: ParamMatrix<T, N, N>>,
        S: SubjectSource<M, T, N, K>,
    {
        Estimation::new(self.first.covariance(), OwnV(InOwnRows::new(self.source.clone())?))
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
