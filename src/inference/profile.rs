//! Profile likelihoods: the maximum of the likelihood for each value of one parameter.

pub(crate) mod interval;

use core::fmt;

use nalgebra::convert;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::outside_codomain;
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::shape::Theta;
use crate::base::arrays::{copied_rows, tabulate};
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::maximise::Unobserved;
use crate::reml::estimation::own_rows::Observations;
use crate::reml::fit::Fit;
use crate::transform::{Inverted, Limits, Solved};

/// The profile likelihood of one parameter: the likelihood as a function of this parameter,
/// maximised over all other parameters.
///
/// The method [`Estimation::profile`] creates a profile likelihood.
///
/// ```
/// use covprop::prelude::*;
///
/// let model = Marginal::new(ScalarMatrix::<4>::new());
/// let estimation = model.estimation(&SVector::<f64, 4>::repeat(1.0), &vector![1.0, 2.0, 3.0, 4.0])?;
/// let fit = estimation.fit()?;
/// let profile = estimation.profile(&fit, 0)?;
///
/// // twice the log-likelihood is −3 log σ² − 5/σ² but for a constant, and highest at σ² = 5/3
/// assert!((profile.likelihood_ratio(5.0)? - (3.0 * 3.0_f64.ln() - 2.0)).abs() < 1e-10);
///
/// let interval = profile.interval(0.95)?;
/// assert!((interval.lower.value().unwrap() - 0.469_956_6).abs() < 1e-7);
/// # Ok::<(), covprop::Error>(())
/// ```
#[doc(alias = "confint")]
#[doc(alias = "profile likelihood")]
pub struct Profile<'e, 'a, M, D, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    estimation: &'e Estimation<'a, M, D, T, N, K>,
    fit: &'e Fit<'a, M, T, N, K>,
    k: usize,
    /// The estimate of the parameter on its natural scale. The field `ends` contains the lower and
    /// the upper bound of the parameter.
    value: T,
    ends: [T; 2],
}

impl<M, D, T, const N: usize, const K: usize> Clone for Profile<'_, '_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, D, T, const N: usize, const K: usize> Copy for Profile<'_, '_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
}

impl<M, D, T, const N: usize, const K: usize> fmt::Debug for Profile<'_, '_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("k", &self.k)
            .field("value", &self.value)
            .field("ends", &self.ends)
            .finish_non_exhaustive()
    }
}

impl<'a, M, D, T, const N: usize, const K: usize> Estimation<'a, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    /// Returns the profile likelihood of parameter k, given a fit to the data of this estimation.
    ///
    /// # Errors
    ///
    /// - [`Error::OtherCriterion`] if the fit is by maximum likelihood and this estimation is not,
    ///   or the other way round
    /// - [`Error::ParameterIndex`] if there is no parameter k
    pub fn profile<'e>(
        &'e self,
        fit: &'e Fit<'a, M, T, N, K>,
        k: usize,
    ) -> Result<Profile<'e, 'a, M, D, T, N, K>, Error> {
        if fit.criterion != self.criterion {
            return Err(Error::OtherCriterion);
        }
        let count = fit.params.as_ref().len();
        let missing = Error::ParameterIndex { index: k, parameter_count: count };
        let value = *fit.params.as_ref().get(k).ok_or(missing)?;
        let mut ends = self.model.visit_transform(k, Limits::new());
        if ends[0] > ends[1] {
            ends.swap(0, 1);
        }
        Ok(Profile { estimation: self, fit, k, value, ends })
    }
}

impl<'a, M, D, T, const N: usize, const K: usize> Profile<'_, 'a, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    /// Returns the fit that maximises the likelihood with the parameter of this profile held at
    /// `value`. The argument `value` is on the natural scale, and may be a bound of the parameter.
    ///
    /// The search over the other parameters starts at values that are predicted from the
    /// information matrix of the fit. If the likelihood is undefined at the predicted values, or
    /// the search finds no maximum, the held parameter is moved to `value` in shorter steps.
    ///
    /// # Errors
    ///
    /// - [`Error::OutsideCodomain`] for a value that the parameter cannot have
    /// - [`Error::NotMaximum`] if the search over the other parameters does not end at a maximum
    /// - the errors of [`Estimation::at`] if the likelihood is undefined at `value`
    pub fn at(&self, value: T) -> Result<Fit<'a, M, T, N, K>, Error> {
        /// The largest number of times that the distance to the requested value is halved.
        const HALVINGS: usize = 12;
        let mut nearest: Option<Fit<'a, M, T, N, K>> = None;
        let mut target = value;
        let mut failure = Error::NotMaximum;
        for _ in 0..HALVINGS {
            let from = nearest.as_ref().unwrap_or(self.fit);
            match self.step(from, target) {
                Ok(fit) if target == value => return Ok(fit),
                Ok(fit) => {
                    nearest = Some(fit);
                    target = value;
                }
                Err(error @ Error::OutsideCodomain { .. }) => return Err(error),
                Err(error) => {
                    failure = error;
                    target = (from.params.as_ref()[self.k] + target) * convert(0.5);
                    if !target.is_finite() {
                        break;
                    }
                }
            }
        }
        Err(failure)
    }

    /// Returns the fit with the parameter of this profile held at a value. The search starts from
    /// another fit.
    fn step(&self, from: &Fit<'a, M, T, N, K>, value: T) -> Result<Fit<'a, M, T, N, K>, Error> {
        let model = self.estimation.model;
        let held = model.visit_transform(self.k, Solved(value));
        let held = held.map_err(|bounds| outside_codomain(model, self.k, value, bounds))?;
        let with_held = |others: &Theta<M, T>| -> Theta<M, T> {
            let at = |k: usize| if k == self.k { held } else { others.as_ref()[k] };
            tabulate::<M::ParamCount, T>(T::zero(), at).0
        };
        let maximum = |start: &Theta<M, T>| {
            let fit = self.estimation.maximise(Some(start), Some(self.k), Unobserved)?;
            fit.check_maximum().map(|()| fit)
        };
        let along = with_held(&self.along(from, value));
        maximum(&along).or_else(|_| maximum(&with_held(&from.theta)))
    }

    /// Returns a prediction of the θ that maximises the likelihood if the held parameter has this
    /// `value` on its natural scale. The estimates of the other parameters are predicted from the
    /// value of the held parameter by linear regression, on the natural scale.
    fn along(&self, from: &Fit<'a, M, T, N, K>, value: T) -> Theta<M, T> {
        let model = self.estimation.model;
        let information = InformationMatrix::<M::ParamCount, T> {
            rows: copied_rows::<M::ParamCount, T>(&from.average_information),
        };
        let slopes = model.param_derivatives(&from.theta);
        let (slopes, params) = (slopes.as_ref(), from.params.as_ref());
        let active = tabulate::<M::ParamCount, bool>(false, |k| {
            k != self.k && from.theta.as_ref()[k].is_finite() && information.get(k, k) > T::zero()
        });
        let across = tabulate::<M::ParamCount, T>(T::zero(), |k| information.get(k, self.k));
        let others = information.solve(&across, &active).x;
        let change = (value - params[self.k]) / slopes[self.k];
        tabulate::<M::ParamCount, T>(T::zero(), |k| {
            let theta = from.theta.as_ref()[k];
            let moved = params[k] - others.as_ref()[k] * change * slopes[k];
            if !active[k] || !moved.is_finite() {
                return theta;
            }
            model.visit_transform(k, Inverted(moved)).unwrap_or(theta)
        })
        .0
    }

    /// Returns the likelihood ratio statistic 2 (l̂ − l), where l̂ is the log-likelihood of the
    /// fit, and l is the profile log-likelihood with the parameter held at `value`.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`at`](Self::at), and [`Error::NotMaximum`] if the likelihood is
    /// higher at `value` than at the fit.
    pub fn likelihood_ratio(&self, value: T) -> Result<T, Error> {
        let drop = self.at(value)?.deviance() - self.fit.deviance();
        let rounding = T::default_epsilon().sqrt() * (T::one() + self.fit.deviance().abs());
        if drop < -rounding { Err(Error::NotMaximum) } else { Ok(drop.max(T::zero())) }
    }
}
