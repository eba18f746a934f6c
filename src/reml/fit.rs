//! The result of an estimation.

use nalgebra::{SMatrix, SVector, convert};
use typenum::Unsigned;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::{Curvature, Shape, Theta};
use crate::base::arrays::{copied, copied_rows, same_rows};
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::optimise::certificate::Certificate;
use crate::optimise::outcome::Outcome;
use crate::reml::criterion::Criterion;

/// The best θ that was seen, and what follows from it.
///
/// Displayed, it is the table of variance components and fixed effects; [`table`](Self::table)
/// gives the fixed effects names.
///
/// ```
/// use covprop::*;
/// use nalgebra::{SVector, vector};
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
/// # Ok::<(), Error>(())
/// ```
pub struct Fit<'a, M: Shape, T, const N: usize, const K: usize> {
    /// The matrix V(θ).
    pub model: &'a M,
    /// The criterion that was maximised.
    pub criterion: Criterion,
    /// How the search ended.
    pub outcome: Outcome<M, T>,
    /// The number of steps.
    pub iterations: usize,
    /// n.
    pub observations: usize,
    /// θ; infinite for a parameter on a bound.
    pub theta: Theta<M, T>,
    /// The parameters on their natural scale: variances, correlations.
    pub params: Theta<M, T>,
    /// β, the best linear unbiased estimates of the fixed effects (generalised least squares).
    pub beta: SVector<T, K>,
    /// (XᵀV⁻¹X)⁻¹, the covariance of β at this θ. After [`Outcome::NotIdentified`] it may depend on
    /// where the search met the ridge: [`standard_errors`](Self::standard_errors) has numbers only
    /// where it does not.
    pub beta_covariance: SMatrix<T, K, K>,
    /// `true` if the variance of each fixed effect depends on what the data do not determine, after
    /// [`Outcome::NotIdentified`].
    pub undetermined: SVector<bool, K>,
    /// The maximum of the log-likelihood, with all constants.
    pub log_likelihood: T,
    /// The average information of θ: \[\[½ yᵀP ∂ₖV P ∂ₗV P y\]\].
    pub average_information: Curvature<M, T>,
    pub(crate) certificate: Certificate<M::Params, T>,
}

impl<M: Shape, T: Real, const N: usize, const K: usize> Clone for Fit<'_, M, T, N, K> {
    fn clone(&self) -> Self {
        Self {
            outcome: self.outcome.clone(),
            theta: copied::<M::Params, T>(&self.theta),
            params: copied::<M::Params, T>(&self.params),
            average_information: copied_rows::<M::Params, T>(&self.average_information),
            certificate: self.certificate.clone(),
            ..*self
        }
    }
}

/// Equal numbers for equal models.
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
            && same_rows::<M::Params, T>(&self.average_information, &other.average_information)
    }
}

impl<M, T, const N: usize, const K: usize> Fit<'_, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    /// Returns `true` if this is a maximum, or a ridge, of which the information tells more.
    pub(crate) fn check_maximum(&self) -> Result<(), Error> {
        match self.outcome {
            Outcome::Converged | Outcome::Boundary(_) | Outcome::NotIdentified(_) => Ok(()),
            Outcome::MaxIterations | Outcome::Stalled => Err(Error::NotMaximum),
        }
    }

    /// Returns the numbers that support the [`outcome`](Self::outcome).
    #[must_use]
    pub const fn certificate(&self) -> &Certificate<M::Params, T> {
        &self.certificate
    }

    /// The number of estimated parameters d: K fixed effects and the P free parameters of V. Fixed
    /// ones are no parameters, tied ones are one; those on a bound count, as in lme4, since they
    /// were estimated.
    #[must_use]
    pub fn degrees(&self) -> usize {
        K + M::Params::USIZE
    }

    /// Akaike's criterion −2 log L + 2 (P + K) (Akaike 1974).
    #[must_use]
    pub fn aic(&self) -> T {
        self.deviance() + convert::<_, T>(2.0 * self.degrees() as f64)
    }

    /// Akaike's criterion for small samples, AIC + 2d(d + 1)/(n − d − 1) for d = P + K parameters
    /// (Hurvich & Tsai 1989, Biometrika 76, 297–307); infinite unless n > d + 1.
    #[must_use]
    pub fn aicc(&self) -> T {
        let count = |x: usize| convert::<_, T>(x as f64);
        let d = self.degrees();
        let left = self.observations.saturating_sub(d + 1);
        self.aic() + count(2 * d * (d + 1)) / count(left)
    }

    /// Schwarz's criterion −2 log L + (P + K) log n (Schwarz 1978), with n the number of
    /// observations as in lme4; nlme takes n − K under REML.
    #[must_use]
    pub fn bic(&self) -> T {
        let log_n = convert::<_, T>(self.observations as f64).ln();
        self.deviance() + log_n * convert(self.degrees() as f64)
    }

    /// −2 log L.
    #[must_use]
    pub fn deviance(&self) -> T {
        -(self.log_likelihood + self.log_likelihood)
    }

    /// The standard errors of β, the roots of the diagonal of its covariance. Infinite for a fixed
    /// effect whose variance depends on what the data do not determine, see
    /// [`Outcome::NotIdentified`]; the table then has a dash.
    #[must_use]
    pub fn standard_errors(&self) -> SVector<T, K> {
        let variances = self.beta_covariance.diagonal();
        variances.zip_map(&self.undetermined, |variance, undetermined| {
            if undetermined { T::one() / T::zero() } else { variance.sqrt() }
        })
    }
}
