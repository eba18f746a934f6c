//! One subject with a design of its own.

use nalgebra::{Const, SMatrix, SVector};

use crate::algebra::shape::Shape;
use crate::base::error::Error;
use crate::base::finite::check_weights;
use crate::base::scalar::Real;
use crate::reml::model::Model;
use crate::reml::standardisation::Standardisation;
use crate::reml::standardisation::refer::Observed;

/// The data of one subject: its own model value, its design X and its responses y.
///
/// N is the largest number of visits of any subject. A subject that was seen fewer times uses a
/// part of the N rows: the first rows ([`with_rows`](Self::with_rows)), or any rows
/// ([`with_observed`](Self::with_observed)). The other rows of X, y, Z and of any covariate in the
/// model are ignored, but they must be valid, for example zero.
///
/// All subjects have models of the same type with the same parameters θ. The model values may
/// differ in everything that is fixed: the design Z, the times or distances, the weights, the group
/// labels, or a known covariance matrix.
///
/// ```
/// use covprop::prelude::*;
///
/// // a random intercept and slope, for a subject that was seen on the days 0, 2 and 7
/// let z = SMatrix::<f64, 4, 2>::from_rows(&[[1.0, 0.0].into(), [1.0, 2.0].into(), [1.0, 7.0].into(), [0.0, 0.0].into()]);
/// let model = MixedModel::new(z, UnconstrainedMatrix::<2, _>::new(), ScalarMatrix::<4>::new());
/// let subject = Subject::new(model, z, vector![250.0, 261.0, 290.0, 0.0]).with_rows(3);
/// assert_eq!(subject.observed(), &[true, true, true, false]);
/// # let _ = subject;
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subject<M, T, const N: usize, const K: usize> {
    model: M,
    x: SMatrix<T, N, K>,
    y: SVector<T, N>,
    observed: [bool; N],
    weights: Option<[T; N]>,
}

impl<M, T: Real, const N: usize, const K: usize> Subject<M, T, N, K> {
    /// Creates a subject that was observed in all N rows.
    #[must_use]
    pub const fn new(model: M, x: SMatrix<T, N, K>, y: SVector<T, N>) -> Self
    where
        M: Model<Covariance: Shape<Rows = Const<N>>>,
    {
        Self { model, x, y, observed: [true; N], weights: None }
    }

    /// Sets the number of observed rows: the first `rows` rows are observed, and the other rows are
    /// ignored. If `rows` is N or more, all rows are observed.
    #[must_use]
    pub fn with_rows(self, rows: usize) -> Self {
        self.with_observed(core::array::from_fn(|i| i < rows))
    }

    /// Sets the observed rows: row i is ignored unless `observed[i]` is `true`.
    #[must_use]
    pub fn with_observed(self, observed: [bool; N]) -> Self {
        Self { observed, ..self }
    }

    /// Sets known weights w of the observations: Var(y) = D V D with D = diag(1/√w). An observation
    /// with weight 0 is missing.
    ///
    /// The weights apply to V as a whole. For weights that apply to the residuals alone, use a
    /// [`WeightedMatrix`](crate::structure::WeightedMatrix) in the model of the subject. A weight
    /// that is negative or not finite is an error of [`Subjects::estimation`].
    ///
    /// [`Subjects::estimation`]: crate::reml::Subjects::estimation
    #[must_use]
    pub fn with_weights(self, weights: [T; N]) -> Self {
        Self { weights: Some(weights), ..self }
    }

    /// Replaces the responses, for example by responses that were simulated for a bootstrap.
    #[must_use]
    pub fn with_response(self, y: SVector<T, N>) -> Self {
        Self { y, ..self }
    }

    /// Returns the model.
    pub const fn model(&self) -> &M {
        &self.model
    }

    /// Returns the design X.
    pub const fn design(&self) -> &SMatrix<T, N, K> {
        &self.x
    }

    /// Returns the responses y.
    pub const fn response(&self) -> &SVector<T, N> {
        &self.y
    }

    /// Returns `true` for each row that is observed.
    pub const fn observed(&self) -> &[bool; N] {
        &self.observed
    }

    /// Returns the weights of the observations, or `None` if all weights are 1.
    pub const fn weights(&self) -> Option<&[T; N]> {
        self.weights.as_ref()
    }

    /// Returns `true` for each row that is observed and has a weight above zero.
    pub(crate) fn rows(&self) -> [bool; N] {
        let mut rows = self.observed;
        for (row, weight) in rows.iter_mut().zip(self.weights.iter().flatten()) {
            *row &= *weight > T::zero();
        }
        rows
    }

    /// Checks that no weight is negative or not finite.
    pub(crate) fn check_weights(&self) -> Result<(), Error> {
        self.weights.as_ref().map_or(Ok(()), |weights| check_weights(weights))
    }

    /// Checks the weights, and returns the observed rows in the form that a standardisation needs.
    pub(crate) fn observe(
        &self,
        reference: &mut Standardisation<T, K>,
    ) -> Result<Observed<T, N, K>, Error> {
        self.check_weights()?;
        reference.observe(&self.x, &self.y, &self.rows())
    }

    /// Returns the sum of log w over the weights w of the observed rows.
    pub(crate) fn log_weights(&self) -> T {
        let weights = self.weights.iter().flatten().zip(self.rows());
        weights.filter(|(_, row)| *row).fold(T::zero(), |sum, (w, _)| sum + w.ln())
    }
}
