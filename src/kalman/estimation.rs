//! The estimation of the parameters of a state-space model.

pub(crate) mod problem;

use core::fmt;

use nalgebra::{SMatrix, SVector, convert};

use crate::algebra::shape::{Shape, Theta};
use crate::algebra::start::{check_start, error_of_start};
use crate::base::arrays::{copied, tabulate};
use crate::base::error::Error;
use crate::base::finite::check_finite;
use crate::base::scalar::Real;
use crate::kalman::estimation::problem::{Maximand, MeanSquares, Of};
use crate::kalman::filter::{Innovation, KalmanFilter, check_response};
use crate::kalman::fit::StateSpaceFit;
use crate::kalman::linear_gaussian::LinearGaussian;
use crate::kalman::sensitivity::SensitivityFilter;
use crate::linalg::cholesky::covariance::check_covariance;
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::outcome::Outcome;
use crate::optimise::problem::Problem;
use crate::optimise::starts::maximise;
use crate::optimise::units::Units;

/// The likelihood of a series of observations under a state-space model, which can be evaluated at
/// a θ or maximised.
///
/// ```text
/// ℓ = −½ Σ [O log 2π + log|S| + vᵀ S⁻¹ v]            over the innovations v ~ N(0, S)
/// ```
///
/// The likelihood is that of all observations together, given the mean and the covariance of the
/// state before the first observation (Schweppe 1965). If the initial state is unknown, use a large
/// covariance for this state. [`EstimateNoise::estimation`] returns a `StateSpaceEstimation`.
///
/// ```
/// use covprop::prelude::*;
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
/// # Ok::<(), covprop::Error>(())
/// ```
///
/// # The search
///
/// Each step δ solves I δ = s, where s is the score and I is the information matrix that
/// [`SensitivityFilter`] computes (Fisher scoring; Harvey 1989, section 3.4). Near the maximum, the
/// search replaces the information matrix I by the observed information matrix, which is computed
/// from differences of the score. Steps are taken on the natural scale of the parameters and
/// shortened until the likelihood increases (Marquardt 1963). If two successive steps lead beyond a
/// bound of a parameter, such as 0 for a variance, the search sets the parameter to the bound. If
/// the likelihood increases from the bound of a parameter into the interior, the search releases
/// the parameter.
///
/// The search finds a local maximum. The likelihood of a short series may have two maxima, one of
/// them on the boundary. To find another maximum, fit again from a different
/// [start](Self::with_start).
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
        Self { start: self.start.as_ref().map(copied::<M::ParamCount, T>), ..*self }
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
    /// The default maximum number of steps of the search.
    const MAX_ITERATIONS: usize = 200;

    pub(super) fn new(
        model: &'m M,
        mean: &SVector<T, S>,
        covariance: &SMatrix<T, S, S>,
        observations: &'y [Option<SVector<T, O>>],
    ) -> Result<Self, Error> {
        check_finite(mean)?;
        check_covariance(covariance)?;
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

    /// Starts the search from the given θ instead of the default start.
    #[must_use]
    pub fn with_start(self, theta: Theta<M, T>) -> Self {
        Self { start: Some(theta), ..self }
    }

    /// Starts the search from the given parameters, which are on their natural scale, instead of
    /// the default start. A parameter may be at a bound.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`LinearGaussian::theta_from_params`].
    pub fn with_start_params(self, params: &Theta<M, T>) -> Result<Self, Error> {
        let theta = self.model.theta_from_params(params)?;
        Ok(self.with_start(theta))
    }

    /// Sets the maximum number of steps of the search, which is 200 by default.
    #[must_use]
    pub fn with_max_iterations(self, max_iterations: usize) -> Self {
        Self { max_iterations, ..self }
    }

    /// Returns the number of observed values: each observation that is not missing counts as many
    /// values as it has elements.
    #[must_use]
    pub fn observations(&self) -> usize {
        O * self.observations.iter().flatten().count()
    }

    /// Returns the sensitivity filter after the last observation, which provides the
    /// log-likelihood, the score and the information matrix at θ.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFinite`] with the first entry of a matrix that is not finite
    /// - [`Error::NotPositiveDefinite`] with the first row of an innovation covariance S that
    ///   depends linearly on earlier rows
    /// - [`Error::NotCovariance`] if an innovation covariance S is not a covariance matrix
    /// - [`Error::LikelihoodNotFinite`] if the likelihood over- or underflows
    pub fn at(&self, theta: &Theta<M, T>) -> Result<SensitivityFilter<M, T, S, O>, Error> {
        self.at_in_unit(theta, T::one())
    }

    /// Returns the log-likelihood at θ, without derivatives.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`at`](Self::at).
    pub fn log_likelihood(&self, theta: &Theta<M, T>) -> Result<T, Error> {
        self.log_likelihood_in_unit(theta, T::one())
    }

    /// Returns the filter after the last observation, for observations divided by `unit`.
    pub(super) fn at_in_unit(
        &self,
        theta: &Theta<M, T>,
        unit: T,
    ) -> Result<SensitivityFilter<M, T, S, O>, Error> {
        let (mean, covariance) = self.state_in_unit(unit);
        let filter = self.model.sensitivity_filter(theta, &mean, &covariance)?;
        self.filtered(filter, unit, SensitivityFilter::predict, SensitivityFilter::update)
    }

    /// Returns the log-likelihood of the observations divided by `unit`.
    pub(super) fn log_likelihood_in_unit(&self, theta: &Theta<M, T>, unit: T) -> Result<T, Error> {
        let (mean, covariance) = self.state_in_unit(unit);
        let filter = self.model.filter(theta, &mean, &covariance)?;
        let filter = self.filtered(filter, unit, KalmanFilter::predict, KalmanFilter::update)?;
        Ok(filter.log_likelihood())
    }

    /// Returns the mean and the covariance of the state before the first observation, for
    /// observations divided by `unit`.
    fn state_in_unit(&self, unit: T) -> (SVector<T, S>, SMatrix<T, S, S>) {
        (self.mean / unit, self.covariance / unit / unit)
    }

    /// Runs a filter through all observations, and returns the filter after the last observation.
    fn filtered<F>(
        &self,
        mut filter: F,
        unit: T,
        predict: impl Fn(&mut F) -> Result<(), Error>,
        update: impl Fn(&mut F, &SVector<T, O>) -> Result<Innovation<T, O>, Error>,
    ) -> Result<F, Error> {
        for (step, y) in self.observations.iter().enumerate() {
            if step > 0 {
                predict(&mut filter)?;
            }
            if let Some(y) = y {
                update(&mut filter, &(y / unit))?;
            }
        }
        Ok(filter)
    }

    /// Maximises the likelihood.
    ///
    /// # Errors
    ///
    /// If the start was set by the caller and contains a NaN, or the likelihood is undefined at
    /// this start, returns [`Error::StartWithoutLikelihood`] with the parameter responsible. If the
    /// likelihood is undefined at the default start, returns the errors of [`at`](Self::at).
    pub fn fit(&self) -> Result<StateSpaceFit<'m, M, T>, Error> {
        if let Some(start) = &self.start {
            check_start::<M, T>(start)?;
        }
        let transforms = Of(self.model);
        let squares = MeanSquares::new(self.observations);
        let mut units = Units::new(
            self.model,
            |scales| self.model.scales(2.0, scales),
            &transforms,
            squares.power_of_two(),
        )
        .of_series();
        let unit = units.unit;
        units.balance(&transforms, |theta| squares.parts(self.model, theta, unit));
        let start = match &self.start {
            Some(start) => units.inwards(&transforms, start.as_ref()),
            None => units.start().clone(),
        };
        let mut maximand =
            Maximand::new(self, &units, start).map_err(|error| match &self.start {
                Some(start) => {
                    error_of_start(self.model, start, error, |theta| self.at(theta).is_ok())
                }
                None => error,
            })?;
        let units_of_start = self.start.is_none().then_some(&units);
        let ended = maximise(&mut maximand, units_of_start, None, self.max_iterations, |_| {});
        let (at, inner) = (maximand.filter(), maximand.theta().as_ref());
        let outer = units.outwards(&transforms, inner);
        let slopes = tabulate::<M::ParamCount, T>(T::zero(), |k| {
            units.slope(&transforms, k, inner[k], outer[k])
        });
        let of_unit = units.unit.ln() * convert(self.observations() as f64);
        Ok(StateSpaceFit {
            model: self.model,
            outcome: Outcome::of(ended.end),
            iterations: ended.iterations,
            observations: self.observations(),
            params: units.params::<M>(&transforms, inner),
            param_derivatives: self.model.param_derivatives(&outer.0),
            log_likelihood: ended.limit.unwrap_or(at.log_likelihood()) - of_unit,
            information: InformationMatrix::from_fn(|k, l| {
                at.information_square().get(k, l) / (slopes[k] * slopes[l])
            }),
            certificate: ended.certificate.in_units(|k| units.factor(k), &slopes),
            theta: outer.0,
        })
    }
}

/// Estimates the parameters of a state-space model, such as its noises, from observations.
pub trait EstimateNoise<T: Real, const S: usize, const O: usize>:
    LinearGaussian<T, S, O> + Sized
{
    /// Returns the likelihood of a series of observations, to be evaluated or maximised. The series
    /// has one element per time step, which is `None` if the observation is missing. The arguments
    /// `mean` and `covariance` describe the state at the time of the first observation, before the
    /// update with this observation.
    ///
    /// # Errors
    ///
    /// - [`Error::ResponseNotFinite`] with the first observation that is not finite
    /// - [`Error::NotFinite`], [`Error::NotSymmetric`] and [`Error::NotCovariance`] as returned by
    ///   [`LinearGaussian::filter`]
    fn estimation<'m, 'y>(
        &'m self,
        mean: &SVector<T, S>,
        covariance: &SMatrix<T, S, S>,
        observations: &'y [Option<SVector<T, O>>],
    ) -> Result<StateSpaceEstimation<'m, 'y, Self, T, S, O>, Error> {
        StateSpaceEstimation::new(self, mean, covariance, observations)
    }

    /// Fits the model by maximum likelihood from the default start. For other starts, use
    /// [`estimation`](Self::estimation).
    ///
    /// # Errors
    ///
    /// Returns the errors of [`estimation`](Self::estimation), and the errors of
    /// [`StateSpaceEstimation::at`] at the default start.
    fn fit(
        &self,
        mean: &SVector<T, S>,
        covariance: &SMatrix<T, S, S>,
        observations: &[Option<SVector<T, O>>],
    ) -> Result<StateSpaceFit<'_, Self, T>, Error> {
        self.estimation(mean, covariance, observations)?.fit()
    }
}

impl<M: LinearGaussian<T, S, O>, T: Real, const S: usize, const O: usize> EstimateNoise<T, S, O>
    for M
{
}
