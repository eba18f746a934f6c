//! The result of an estimation.

use nalgebra::{SMatrix, SVector, convert};
use typenum::Unsigned;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::{Curvature, Shape, Theta};
use crate::base::arrays::{copied, copied_rows, near_rows, same_rows};
use crate::base::error::Error;
use crate::base::near::{Near, Within, approximately_equal};
use crate::base::scalar::Real;
use crate::optimise::certificate::Certificate;
use crate::optimise::outcome::Outcome;
use crate::reml::criterion::Criterion;

/// The best θ that a search found, with the estimates of the fixed effects at this θ.
///
/// A fit displays as a table of variance components and fixed effects. [`table`](Self::table)
/// returns the same table with names for the fixed effects.
///
/// ```
/// use covprop::prelude::*;
///
/// let model = Marginal::new(ScalarMatrix::<4>::new());
/// let fit = model.fit(&SVector::<f64, 4>::repeat(1.0), &vector![1.0, 2.0, 3.0, 4.0])?;
/// assert_eq!(fit.outcome, Outcome::Converged);
/// assert!((fit.params[0] - 5.0 / 3.0).abs() < 1e-12 && (fit.beta[0] - 2.5).abs() < 1e-15);
///
/// // n − K = 3, |V| = σ⁸, XᵀV⁻¹X = 4/σ², yᵀPy = 5/σ² = 3
/// let deviance = 3.0 * std::f64::consts::TAU.ln() + 3.0 * (5.0_f64 / 3.0).ln() + 4.0_f64.ln() + 3.0;
/// assert!((fit.deviance() - deviance).abs() < 1e-12);
/// assert!((fit.aic() - (deviance + 2.0 * 2.0)).abs() < 1e-12); // a mean and a variance
/// # Ok::<(), covprop::Error>(())
/// ```
pub struct Fit<'a, M: Shape, T, const N: usize, const K: usize> {
    /// The matrix V(θ).
    pub model: &'a M,
    /// The criterion that was maximised.
    pub criterion: Criterion,
    /// How the search ended.
    pub outcome: Outcome<M, T>,
    /// The number of steps of the search.
    pub iterations: usize,
    /// The number of observations n.
    pub observations: usize,
    /// The free parameters θ. An entry is infinite if its parameter is on a bound.
    pub theta: Theta<M, T>,
    /// The parameters on their natural scale, such as variances and correlations.
    pub params: Theta<M, T>,
    /// The best linear unbiased estimates of the fixed effects β, computed by generalised least
    /// squares.
    pub beta: SVector<T, K>,
    /// The covariance matrix (XᵀV⁻¹X)⁻¹ of the estimates of β, at the estimated θ. After
    /// [`Outcome::NotIdentified`], the likelihood has a ridge of equal maxima, and the variance of
    /// a fixed effect may depend on the point of the ridge at which the search ended.
    /// [`beta_standard_errors`](Self::beta_standard_errors) returns infinity for a fixed effect
    /// whose variance depends on this point.
    pub beta_covariance: SMatrix<T, K, K>,
    /// `true` for each fixed effect whose variance depends on parameters that the data do not
    /// determine; see [`Outcome::NotIdentified`].
    pub undetermined: SVector<bool, K>,
    /// The maximum of the log-likelihood, with all constants.
    pub log_likelihood: T,
    /// The average information matrix of θ, which has the entries ½ yᵀP ∂ₖV P ∂ₗV P y. Here, ∂ₖV is
    /// the derivative of V with respect to θₖ, and P is the matrix of [`Criterion`].
    pub average_information: Curvature<M, T>,
    pub(crate) certificate: Certificate<M::ParamCount, T>,
}

impl<M: Shape, T: Real, const N: usize, const K: usize> Clone for Fit<'_, M, T, N, K> {
    fn clone(&self) -> Self {
        Self {
            outcome: self.outcome.clone(),
            theta: copied::<M::ParamCount, T>(&self.theta),
            params: copied::<M::ParamCount, T>(&self.params),
            average_information: copied_rows::<M::ParamCount, T>(&self.average_information),
            certificate: self.certificate.clone(),
            ..*self
        }
    }
}

/// Two fits are equal if their models and all their numbers are equal.
impl<M, T, const N: usize, const K: usize> PartialEq for Fit<'_, M, T, N, K>
where
    M: Shape + PartialEq,
    T: Real,
{
    fn eq(&self, other: &Self) -> bool {
        self.model == other.model
            && self.criterion == other.criterion
            && self.outcome == other.outcome
            && self.iterations == other.iterations
            && self.observations == other.observations
            && self.theta.as_ref() == other.theta.as_ref()
            && self.params.as_ref() == other.params.as_ref()
            && self.beta == other.beta
            && self.beta_covariance == other.beta_covariance
            && self.undetermined == other.undetermined
            && self.certificate == other.certificate
            && self.log_likelihood == other.log_likelihood
            && same_rows::<M::ParamCount, T>(&self.average_information, &other.average_information)
    }
}

impl<M, T, const N: usize, const K: usize> Near<T> for Fit<'_, M, T, N, K>
where
    M: Shape + PartialEq,
    T: Real,
{
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        self.model == other.model
            && self.criterion == other.criterion
            && self.outcome.near(&other.outcome, within)
            && self.observations == other.observations
            && within.numbers(self.theta.as_ref(), other.theta.as_ref())
            && within.numbers(self.params.as_ref(), other.params.as_ref())
            && self.beta.near(&other.beta, within)
            && self.beta_covariance.near(&other.beta_covariance, within)
            && self.undetermined == other.undetermined
            && within.number(self.log_likelihood, other.log_likelihood)
            && near_rows::<M::ParamCount, T>(
                &self.average_information,
                &other.average_information,
                within,
            )
    }
}

approximately_equal! {
    /// Compares the estimates, log-likelihoods and information matrices of two fits. Two fits
    /// compare equal only if their models, criteria, kinds of outcome and numbers of observations
    /// are equal. The comparison ignores the numbers of steps and the certificates.
    ///
    /// ```
    /// use covprop::approx::{assert_relative_eq, assert_relative_ne};
    /// use covprop::prelude::*;
    ///
    /// let model = Marginal::new(CompoundSymmetricMatrix::<2>::new());
    /// let mut panel = Panel::new(model);
    /// for y in [vector![1.0, 3.0], vector![2.0, 2.5], vector![4.0, 6.0], vector![3.0, 5.5]] {
    ///     panel.push(&SVector::<f64, 2>::repeat(1.0), &y)?;
    /// }
    /// let fit = panel.fit()?;
    /// let from_elsewhere = panel.estimation()?.with_start([1.0, -1.0]).fit()?;
    /// assert_relative_eq!(fit, from_elsewhere, max_relative = 1e-6, epsilon = 1e-6);
    /// assert_relative_ne!(fit, panel.estimation()?.with_criterion(Criterion::Ml).fit()?, max_relative = 1e-6);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    impl [M: Shape + PartialEq, T: Real, const N: usize, const K: usize] for Fit<'_, M, T, N, K>
}

impl<M, T, const N: usize, const K: usize> Fit<'_, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    /// Checks that the search ended at a maximum or on a ridge of equal maxima. Otherwise returns
    /// [`Error::NotMaximum`].
    pub(crate) fn check_maximum(&self) -> Result<(), Error> {
        match self.outcome {
            Outcome::Converged | Outcome::Boundary(_) | Outcome::NotIdentified(_) => Ok(()),
            Outcome::MaxIterations | Outcome::Stalled => Err(Error::NotMaximum),
        }
    }

    /// Returns the certificate: the numbers that show whether the search ended at a maximum.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate<M::ParamCount, T> {
        &self.certificate
    }

    /// Returns the number of estimated parameters: K fixed effects plus P free parameters of V.
    /// Fixed parameters of V do not count, and tied parameters count as one. Parameters on a bound
    /// count, as in lme4, because they were estimated.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        K + M::ParamCount::USIZE
    }

    /// Returns Akaike's criterion −2 log L + 2d (Akaike 1974), where L is the maximum of the
    /// likelihood and d the [number of estimated parameters](Self::parameter_count).
    #[must_use]
    pub fn aic(&self) -> T {
        self.deviance() + convert::<_, T>(2.0 * self.parameter_count() as f64)
    }

    /// Returns Akaike's criterion for small samples, AIC + 2d(d + 1)/(n − d − 1), where d is the
    /// number of estimated parameters and n the number of observations (Hurvich & Tsai 1989,
    /// Biometrika 76, 297–307). Returns infinity unless n > d + 1.
    #[must_use]
    pub fn aicc(&self) -> T {
        let count = |x: usize| convert::<_, T>(x as f64);
        let d = self.parameter_count();
        let left = self.observations.saturating_sub(d + 1);
        self.aic() + count(2 * d * (d + 1)) / count(left)
    }

    /// Returns Schwarz's criterion −2 log L + d log n (Schwarz 1978), where d is the number of
    /// estimated parameters and n the number of observations. lme4 uses the same n, while nlme uses
    /// n − K under REML.
    #[must_use]
    pub fn bic(&self) -> T {
        let log_n = convert::<_, T>(self.observations as f64).ln();
        self.deviance() + log_n * convert(self.parameter_count() as f64)
    }

    /// Returns the deviance −2 log L, where L is the maximum of the likelihood.
    #[must_use]
    pub fn deviance(&self) -> T {
        -(self.log_likelihood + self.log_likelihood)
    }

    /// Returns the standard errors of the fixed effects β: the square roots of the diagonal of
    /// their covariance matrix. If the variance of a fixed effect depends on parameters that the
    /// data do not determine, its standard error is infinite (see [`Outcome::NotIdentified`]), and
    /// the table of the fit has a dash.
    #[must_use]
    pub fn beta_standard_errors(&self) -> SVector<T, K> {
        let variances = self.beta_covariance.diagonal();
        variances.zip_map(&self.undetermined, |variance, undetermined| {
            if undetermined { T::one() / T::zero() } else { variance.sqrt() }
        })
    }
}
