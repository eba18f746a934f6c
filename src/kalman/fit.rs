//! The result of the estimation of a state-space model.

use core::fmt;

use hybrid_array::Array;

use crate::algebra::shape::{Curvature, PerParam, Shape, Theta};
use crate::base::arrays::{copied, tabulate};
use crate::base::near::{Near, Within, approximately_equal};
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::certificate::Certificate;
use crate::optimise::outcome::Outcome;

/// The result of the estimation of a state-space model: the best θ that was found, with the
/// information matrix from which its standard errors are computed.
///
/// [`StateSpaceEstimation::fit`](crate::kalman::StateSpaceEstimation) returns a `StateSpaceFit`.
///
/// ```
/// use covprop::prelude::*;
///
/// // a constant 0 that is measured three times with the variance σ² = e²ᶿ: σ² = Σy²/3 = 2, of θ the information 2·3
/// let (zero, one) = (matrix![0.0], matrix![1.0]);
/// let model = StateSpace::new(one, one, zero, ScalarMatrix::<1>::new());
/// let readings = [Some(vector![1.0]), Some(vector![1.0]), Some(vector![-2.0_f64])];
/// let fit = model.fit(&vector![0.0], &zero, &readings)?;
/// assert!((fit.params[0] - 2.0).abs() < 1e-9);
/// assert!((fit.information()[0][0] - 6.0).abs() < 1e-9);
/// let [error] = fit.theta_standard_errors();
/// assert!((error.unwrap() - 1.0 / 6.0_f64.sqrt()).abs() < 1e-9);
/// # Ok::<(), covprop::Error>(())
/// ```
pub struct StateSpaceFit<'m, M: Shape, T> {
    /// The fitted model.
    pub model: &'m M,
    /// The outcome of the search.
    pub outcome: Outcome<M, T>,
    /// The number of steps of the search.
    pub iterations: usize,
    /// The number of observed values.
    pub observations: usize,
    /// The estimate of θ. An entry is infinite if its parameter is on a bound.
    pub theta: Theta<M, T>,
    /// The estimated parameters on their natural scale.
    pub params: Theta<M, T>,
    /// The maximum of the log-likelihood, with all constants.
    pub log_likelihood: T,
    /// The derivatives dηₖ/dθₖ, where ηₖ is parameter k on its natural scale.
    pub(super) param_derivatives: Theta<M, T>,
    pub(super) information: InformationMatrix<M::ParamCount, T>,
    pub(super) certificate: Certificate<M::ParamCount, T>,
}

impl<M: Shape, T: Real> Clone for StateSpaceFit<'_, M, T> {
    fn clone(&self) -> Self {
        Self {
            outcome: self.outcome.clone(),
            theta: copied::<M::ParamCount, T>(&self.theta),
            params: copied::<M::ParamCount, T>(&self.params),
            param_derivatives: copied::<M::ParamCount, T>(&self.param_derivatives),
            information: self.information.clone(),
            certificate: self.certificate.clone(),
            ..*self
        }
    }
}

/// Two fits are equal if their models and all their numbers are equal.
impl<M: Shape + PartialEq, T: Real> PartialEq for StateSpaceFit<'_, M, T> {
    fn eq(&self, other: &Self) -> bool {
        self.model == other.model
            && self.outcome == other.outcome
            && self.iterations == other.iterations
            && self.observations == other.observations
            && self.theta.as_ref() == other.theta.as_ref()
            && self.params.as_ref() == other.params.as_ref()
            && self.log_likelihood == other.log_likelihood
            && self.param_derivatives.as_ref() == other.param_derivatives.as_ref()
            && self.information == other.information
            && self.certificate == other.certificate
    }
}

impl<M: Shape + PartialEq, T: Real> Near<T> for StateSpaceFit<'_, M, T> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        self.model == other.model
            && self.outcome.near(&other.outcome, within)
            && self.observations == other.observations
            && within.numbers(self.theta.as_ref(), other.theta.as_ref())
            && within.numbers(self.params.as_ref(), other.params.as_ref())
            && within.number(self.log_likelihood, other.log_likelihood)
            && within.numbers(self.param_derivatives.as_ref(), other.param_derivatives.as_ref())
            && self.information.near(&other.information, within)
    }
}

approximately_equal! {
    /// Compares the estimates, log-likelihoods and information matrices of two fits. Two fits
    /// compare equal only if their models, kinds of outcome and numbers of observations are equal.
    /// The comparison ignores the numbers of steps and the certificates.
    ///
    /// ```
    /// use covprop::approx::assert_relative_eq;
    /// use covprop::prelude::*;
    ///
    /// // a constant 0 that is measured: the order of the measurements does not matter
    /// let (zero, one) = (matrix![0.0], matrix![1.0]);
    /// let model = StateSpace::new(one, one, zero, ScalarMatrix::<1>::new());
    /// let mut readings = [Some(vector![1.0]), Some(vector![0.5]), Some(vector![-2.0])];
    /// let fit = model.fit(&vector![0.0], &zero, &readings)?;
    /// readings.reverse();
    /// let reversed = model.fit(&vector![0.0], &zero, &readings)?;
    /// assert_relative_eq!(fit, reversed, max_relative = 1e-9);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    impl [M: Shape + PartialEq, T: Real] for StateSpaceFit<'_, M, T>
}

impl<M: Shape, T: Real> StateSpaceFit<'_, M, T> {
    /// Returns the information matrix of θ at the maximum, as
    /// [`SensitivityFilter`](crate::kalman::SensitivityFilter) computes it.
    #[must_use]
    pub const fn information(&self) -> &Curvature<M, T> {
        &self.information.rows
    }

    /// Returns the certificate: the numbers that show whether the search ended at a maximum.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate<M::ParamCount, T> {
        &self.certificate
    }

    /// Returns the standard errors of θ, which are the square roots of the diagonal of the inverse
    /// information matrix. A parameter that is on a bound, or has no influence on the likelihood,
    /// is treated as known, and its standard error is `None`. If the information matrix of the
    /// remaining parameters is singular, all standard errors are `None`.
    #[must_use]
    pub fn theta_standard_errors(&self) -> PerParam<M, Option<T>> {
        self.standard_errors(|_| T::one())
    }

    /// Returns the standard errors of the parameters on their natural scale, by the delta method.
    #[must_use]
    pub fn param_standard_errors(&self) -> PerParam<M, Option<T>> {
        self.standard_errors(|k| self.param_derivatives.as_ref()[k].abs())
    }

    fn standard_errors(&self, factor: impl Fn(usize) -> T) -> PerParam<M, Option<T>> {
        let free = tabulate::<M::ParamCount, bool>(false, |k| {
            let inside = self.outcome.edge(k).is_none() && self.theta.as_ref()[k].is_finite();
            inside && self.information.get(k, k) > T::zero()
        });
        let covariance = self.information.inverse(&free).ok();
        Array::<_, M::ParamCount>::from_fn(|k| {
            let variance = covariance.as_ref()?.get(k, k);
            free[k].then(|| variance.sqrt() * factor(k))
        })
        .0
    }
}

impl<M: Shape, T: Real> fmt::Debug for StateSpaceFit<'_, M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateSpaceFit")
            .field("outcome", &self.outcome)
            .field("iterations", &self.iterations)
            .field("theta", &self.theta.as_ref())
            .field("params", &self.params.as_ref())
            .field("log_likelihood", &self.log_likelihood)
            .finish_non_exhaustive()
    }
}
