//! What is to be maximised, from where, and for how long.

use core::fmt;

use nalgebra::{SMatrix, SVector};

use super::filter::check_response;
use super::search::Search;
use super::{Innovation, KalmanFilter, LinearGaussian, SensitivityFilter, StateSpaceFit};
use crate::evaluate::check_finite;
use crate::shape::copied;
use crate::{Error, Real, Shape, Theta};

/// The likelihood of a series of observations under a state-space model, to be evaluated at a θ or maximised.
///
/// ```text
/// ℓ = −½ Σ [O log 2π + log|S| + vᵀ S⁻¹ v]            over the innovations v ~ N(0, S)
/// ```
///
/// That of the observations together, given the state before the first of them (Schweppe 1965). A state of which
/// nothing is known has a large covariance there. [`LinearGaussian::estimation`] makes it.
///
/// ```
/// use covprop::*;
/// use nalgebra::{matrix, vector};
///
/// // a constant 0 that is measured with variance σ²: σ² = Σy²/n = 14/3, with the standard error σ²√(2/n)
/// let (zero, one) = (matrix![0.0], matrix![1.0]);
/// let model = StateSpace::new(one, one, zero, ScalarMatrix::<1>::new());
/// let readings = [Some(vector![1.0]), Some(vector![-2.0]), None, Some(vector![3.0])];
/// let estimation = model.estimation(&vector![0.0], &zero, &readings)?;
/// assert_eq!(estimation.at(&[0.0])?.score(), &[11.0]); // Σy² − n
///
/// let fit = estimation.fit()?;
/// assert_eq!(fit.outcome, Outcome::Converged);
/// assert!((fit.params[0] - 14.0_f64 / 3.0).abs() < 1e-9);
/// let [error] = fit.param_standard_errors();
/// assert!((error.unwrap() - 14.0 / 3.0 * (2.0_f64 / 3.0).sqrt()).abs() < 1e-9);
/// # Ok::<(), Error>(())
/// ```
///
/// # The search
///
/// Steps solve I δ = s for the score s and the information I of [`SensitivityFilter`] (Fisher scoring; Harvey 1989, section
/// 3.4), and near the maximum for the observed information, from differences of the score. They are taken on the scale of
/// the parameters, and shortened (Marquardt 1963) until the likelihood rises. A parameter that is led beyond the end of its
/// range twice is put there, a variance to 0; it comes back if the likelihood is higher inside.
///
/// The maximum is a local one. Of short series the likelihood may have two, of which one is on the boundary: fit again
/// from other [starts](Self::start) where that matters.
pub struct StateSpaceEstimation<'m, 'y, M: Shape, T, const S: usize, const O: usize> {
    pub(super) model: &'m M,
    observations: &'y [Option<SVector<T, O>>],
    mean: SVector<T, S>,
    covariance: SMatrix<T, S, S>,
    pub(super) start: Option<Theta<M, T>>,
    pub(super) max_iterations: usize,
}

impl<M: Shape, T: Real, const S: usize, const O: usize> Clone
    for StateSpaceEstimation<'_, '_, M, T, S, O>
{
    fn clone(&self) -> Self {
        Self { start: self.start.as_ref().map(copied::<M::Params, T>), ..*self }
    }
}

impl<M: Shape, T: Real, const S: usize, const O: usize> fmt::Debug
    for StateSpaceEstimation<'_, '_, M, T, S, O>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateSpaceEstimation")
            .field("observations", &self.observations.len())
            .field("mean", &self.mean)
            .field("covariance", &self.covariance)
            .field("start", &self.start.as_ref().map(AsRef::as_ref))
            .field("max_iterations", &self.max_iterations)
            .finish_non_exhaustive()
    }
}

impl<'m, 'y, M, T, const S: usize, const O: usize> StateSpaceEstimation<'m, 'y, M, T, S, O>
where
    T: Real,
    M: LinearGaussian<T, S, O>,
{
    /// Far more than any of the series in the tests needs.
    const MAX_ITERATIONS: usize = 200;

    pub(super) fn new(
        model: &'m M,
        mean: &SVector<T, S>,
        covariance: &SMatrix<T, S, S>,
        observations: &'y [Option<SVector<T, O>>],
    ) -> Result<Self, Error> {
        check_finite(mean)?;
        check_finite(covariance)?;
        for (row, y) in observations.iter().enumerate() {
            let finite = y.is_none_or(|y| check_response(&y).is_ok());
            if !finite {
                return Err(Error::ResponseNotFinite { row });
            }
        }
        Ok(Self {
            model,
            observations,
            mean: *mean,
            covariance: *covariance,
            start: None,
            max_iterations: Self::MAX_ITERATIONS,
        })
    }

    /// From this θ in place of the defaults.
    #[must_use]
    pub fn start(self, theta: Theta<M, T>) -> Self {
        Self { start: Some(theta), ..self }
    }

    /// Starts from these parameters on their natural scale, in place of the defaults. A parameter may
    /// be at a bound.
    ///
    /// # Errors
    ///
    /// As [`LinearGaussian::theta_from_params`].
    pub fn start_from_params(self, params: &Theta<M, T>) -> Result<Self, Error> {
        let theta = self.model.theta_from_params(params)?;
        Ok(self.start(theta))
    }

    /// At most so many steps, in place of 200.
    #[must_use]
    pub fn max_iterations(self, max_iterations: usize) -> Self {
        Self { max_iterations, ..self }
    }

    /// The number of numbers that were observed, O for each observation that is there.
    #[must_use]
    pub fn count(&self) -> usize {
        O * self.observations.iter().flatten().count()
    }

    /// The filter after the last observation: the likelihood with its score and information.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFinite`] with an entry of a matrix
    /// - [`Error::NotPositiveDefinite`] with the first row of an S that depends on those before it
    /// - [`Error::LikelihoodNotFinite`] if the likelihood over- or underflows
    pub fn at(&self, theta: &Theta<M, T>) -> Result<SensitivityFilter<M, T, S, O>, Error> {
        let filter = self.model.sensitivity_filter(theta, &self.mean, &self.covariance)?;
        self.filtered(filter, SensitivityFilter::predict, SensitivityFilter::update)
    }

    /// The log-likelihood alone, without derivatives.
    ///
    /// # Errors
    ///
    /// As [`at`](Self::at).
    pub fn log_likelihood(&self, theta: &Theta<M, T>) -> Result<T, Error> {
        let filter = self.model.filter(theta, &self.mean, &self.covariance)?;
        let filter = self.filtered(filter, KalmanFilter::predict, KalmanFilter::update)?;
        Ok(filter.log_likelihood())
    }

    /// A filter after the last observation.
    fn filtered<F>(
        &self,
        mut filter: F,
        predict: impl Fn(&mut F) -> Result<(), Error>,
        update: impl Fn(&mut F, &SVector<T, O>) -> Result<Innovation<T, O>, Error>,
    ) -> Result<F, Error> {
        for (step, y) in self.observations.iter().enumerate() {
            if step > 0 {
                predict(&mut filter)?;
            }
            if let Some(y) = y {
                update(&mut filter, y)?;
            }
        }
        Ok(filter)
    }

    /// The maximum.
    ///
    /// # Errors
    ///
    /// As [`at`](Self::at), if the likelihood has no value where the search starts.
    pub fn fit(&self) -> Result<StateSpaceFit<'m, M, T>, Error> {
        let mut search = Search::new(self)?;
        let (outcome, iterations) = search.run();
        let theta = search.theta.clone().0;
        Ok(StateSpaceFit {
            model: self.model,
            outcome,
            iterations,
            count: self.count(),
            params: self.model.params(&theta),
            param_derivatives: self.model.param_derivatives(&theta),
            log_likelihood: search.at.log_likelihood(),
            information: search.into_information(),
            theta,
        })
    }
}
