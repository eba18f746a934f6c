//! Standard errors, tests, intervals and predictions for a fit.

pub(crate) mod contrast;
pub mod distribution;
pub(crate) mod kenward_roger;
pub(crate) mod likelihood_ratio;
pub(crate) mod parameters;
pub(crate) mod prediction;
pub(crate) mod profile;
pub(crate) mod random_effects;
pub(crate) mod ridge;
pub(crate) mod satterthwaite;
#[cfg(feature = "rand_core")]
pub(crate) mod simulation;
pub(crate) mod table;
pub(crate) mod tangent;

use core::fmt;

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::shape::{PerParam, Shape, Theta};
use crate::base::arrays::{copied, filled, tabulate};
use crate::base::error::Error;
use crate::base::error::text::Text;
use crate::base::near::{Near, Within, approximately_equal};
use crate::base::scalar::Real;
use crate::inference::ridge::Ridge;
use crate::inference::tangent::Tangent;
use crate::linalg::information_matrix::InformationMatrix;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::own_rows::Observations;
use crate::reml::fit::Fit;
use crate::reml::likelihood::Likelihood;
use crate::reml::observations::blocks::{Block, OnBlock};
use crate::transform::Limits;
pub use contrast::{Contrast, Estimate, FTest};
pub use kenward_roger::{BoundaryTangent, KenwardRoger, KenwardRogerMethod};
pub use likelihood_ratio::LikelihoodRatio;
pub use prediction::Prediction;
pub use profile::Profile;
pub use profile::interval::{Bound, ProfileInterval};
pub use random_effects::RandomEffects;
#[cfg(feature = "rand_core")]
pub use simulation::Simulation;
pub use table::Table;

/// The choice of the information matrix whose inverse is the covariance of the estimate of θ; see
/// [`Likelihood`] for the formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[doc(alias = "Fisher information")]
#[doc(alias = "Hessian")]
pub enum Information {
    /// The observed information, which consists of minus the second derivatives of the
    /// log-likelihood, as in SAS and lmerTest.
    Observed,
    /// The expected information, which is the expectation of the observed information.
    Expected,
    /// The average information, which is the average of the observed and the expected information
    /// if V is linear in the parameters (Gilmour, Thompson & Cullis 1995).
    Average,
}

/// The covariance of the estimates of a fit, and tests of its fixed effects with Satterthwaite's
/// degrees of freedom.
///
/// [`Estimation::inference`] returns an `Inference`. For K fixed effects, an `Inference` stores one
/// K×K matrix for each parameter of the covariance V. The data are no longer needed.
///
/// | method | returns |
/// |---|---|
/// | [`contrast`](Self::contrast), [`coefficients`](Self::coefficients) | ℓᵀβ with its t test and confidence interval |
/// | [`test`](Self::test) | an F test of Lβ = 0 |
/// | [`param_covariance`](Self::param_covariance), [`param_standard_errors`](Self::param_standard_errors) | the covariance and standard errors of the parameters on their natural scale |
/// | [`theta_covariance`](Self::theta_covariance), [`theta_standard_errors`](Self::theta_standard_errors), [`theta_interval`](Self::theta_interval) | the covariance, standard errors and confidence intervals of θ |
/// | [`function`](Self::function), [`function_of_theta`](Self::function_of_theta) | any smooth function of the parameters, or of θ, with its standard error |
///
/// A parameter counts as known if the parameter is on the boundary of its range, or if V does not
/// depend on the parameter because another parameter is on the boundary. A parameter that counts as
/// known has no standard error, and does not add to the uncertainty of other results, as in
/// lmerTest. For a fit on the boundary of the parameter space, a direction counts as estimated if
/// the model can move V along the direction both forwards and backwards. For a random-effect
/// covariance matrix G of rank one, the directions that count as estimated are the matrices G A +
/// Aᵀ G for square matrices A. Changes of G in these directions keep its rank. Degrees of freedom
/// and standard errors of β depend on V and on the directions that count as estimated, not on the
/// parametrisation of V.
///
/// The likelihood may rise to a limit as parameters diverge to infinity. For example, an AR(1)
/// fitted by REML may tend to a random walk, with ρ → 1 and σ² → ∞. The direction in which the
/// parameters diverge counts as known, and all other directions count as estimated. If parameters
/// diverge, results that have a finite limit are accurate to about five digits. For a result that
/// diverges with the parameters, methods return [`Error::NotIdentified`] with the names of the
/// parameters that diverge together.
///
/// # What the data do not determine
///
/// A fit may end with [`Outcome::NotIdentified`](crate::optimise::Outcome::NotIdentified) if the
/// data do not determine θ along a direction n. The data do not determine n if V is constant along
/// n, or if the restricted likelihood is the same for all V along n. If a result changes along a
/// direction n that the data do not determine, methods return [`Error::NotIdentified`] with the
/// name of the parameter or of the combination of parameters. Results that do not change along such
/// a direction n are returned as usual.
///
/// ```
/// use covprop::Error;
/// use covprop::prelude::*;
///
/// // two batches of three, each with its own mean, and a random effect of the batch too
/// let batch = DummyMatrix::<6, 2>::from_indices([0, 0, 0, 1, 1, 1]);
/// let model = MixedModel::new(batch, named("batch", ScalarMatrix::<2>::new()), ScalarMatrix::<6>::new());
/// let times = [-1.0, 0.0, 1.0];
/// let x = SMatrix::<f64, 6, 3>::from_fn(|i, j| match j {
///     2 => times[i % 3],
///     j => f64::from(u8::from(i / 3 == j)),
/// });
/// let y = vector![1.0, 2.0, 3.5, 5.0, 6.5, 7.0];
/// let estimation = model.estimation(&x, &y)?;
/// let [mean, _, slope] = estimation.inference(&estimation.fit()?)?.coefficients();
/// let Err(Error::NotIdentified { name }) = mean else { panic!("{mean:?}") };
/// assert_eq!(name.as_str(), "op_0/batch/sigma^2");
/// // σ² by 6 − 3 degrees of freedom
/// assert!((slope?.degrees_of_freedom - 3.0).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
///
/// # Example
///
/// ```
/// use covprop::prelude::*;
///
/// // two batches of three: mean squares 24 between, 1 within
/// let batch = DummyMatrix::<6, 2>::from_indices([0, 0, 0, 1, 1, 1]);
/// let model = MixedModel::new(batch, ScalarMatrix::<2>::new(), ScalarMatrix::<6>::new());
/// let y = vector![1.0, 2.0, 3.0, 5.0, 6.0, 7.0];
/// let estimation = model.estimation(&SVector::<f64, 6>::repeat(1.0), &y)?;
/// let inference = estimation.inference(&estimation.fit()?)?;
///
/// // the mean is known by one degree of freedom, that between batches: 4 ± √(24/6)
/// let [mean] = inference.coefficients();
/// let mean = mean?;
/// assert!((mean.degrees_of_freedom - 1.0).abs() < 1e-6);
/// assert!((mean.standard_error - 2.0).abs() < 1e-9);
///
/// // σ² = 1 by four degrees of freedom: its standard error is √(2/4)
/// let [_, error] = inference.param_standard_errors();
/// assert!((error.unwrap() - 0.5_f64.sqrt()).abs() < 1e-8);
/// # Ok::<(), covprop::Error>(())
/// ```
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "T: Real + serde::Serialize",
        deserialize = "T: Real + serde::Deserialize<'de>"
    ))
)]
#[doc(alias = "Satterthwaite")]
#[doc(alias = "lmerTest")]
pub struct Inference<M: Shape, T, const K: usize> {
    #[cfg_attr(feature = "serde", serde(with = "crate::base::serde_array"))]
    theta: Theta<M, T>,
    #[cfg_attr(feature = "serde", serde(with = "crate::base::serde_array"))]
    params: Theta<M, T>,
    /// The derivatives dηₖ/dθₖ of the parameters ηₖ on their natural scale.
    #[cfg_attr(feature = "serde", serde(with = "crate::base::serde_array"))]
    slopes: Theta<M, T>,
    /// The distance between each parameter and the nearer of its two bounds, on the natural scale.
    #[cfg_attr(feature = "serde", serde(with = "crate::base::serde_array"))]
    room: Theta<M, T>,
    /// `true` for each parameter that counts as estimated.
    #[cfg_attr(feature = "serde", serde(with = "crate::base::serde_array"))]
    free: PerParam<M, bool>,
    /// The information matrix of θ.
    information: InformationMatrix<M::ParamCount, T>,
    /// The covariance matrix of the estimate of θ. It is the inverse of the information matrix of
    /// the parameters that count as estimated. One parameter of each direction that the data do not
    /// determine is left out of the inverse. The rows and columns of parameters outside the inverse
    /// are zero.
    covariance: InformationMatrix<M::ParamCount, T>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::finite"))]
    beta: SVector<T, K>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::finite"))]
    beta_covariance: SMatrix<T, K, K>,
    /// The derivatives ∂(XᵀV⁻¹X)⁻¹/∂θₖ of the covariance of β.
    #[cfg_attr(feature = "serde", serde(with = "crate::base::serde_array"))]
    slopes_of_beta: PerParam<M, SMatrix<T, K, K>>,
    ridge: Ridge<M::ParamCount, T, K>,
}

impl<M: Shape, T: Real, const K: usize> Clone for Inference<M, T, K> {
    fn clone(&self) -> Self {
        Self {
            theta: copied::<M::ParamCount, T>(&self.theta),
            params: copied::<M::ParamCount, T>(&self.params),
            slopes: copied::<M::ParamCount, T>(&self.slopes),
            room: copied::<M::ParamCount, T>(&self.room),
            free: copied::<M::ParamCount, bool>(&self.free),
            information: self.information.clone(),
            covariance: self.covariance.clone(),
            beta: self.beta,
            beta_covariance: self.beta_covariance,
            slopes_of_beta: copied::<M::ParamCount, _>(&self.slopes_of_beta),
            ridge: self.ridge.clone(),
        }
    }
}

impl<M: Shape, T: Real, const K: usize> PartialEq for Inference<M, T, K> {
    fn eq(&self, other: &Self) -> bool {
        self.theta.as_ref() == other.theta.as_ref()
            && self.params.as_ref() == other.params.as_ref()
            && self.slopes.as_ref() == other.slopes.as_ref()
            && self.room.as_ref() == other.room.as_ref()
            && self.free.as_ref() == other.free.as_ref()
            && self.information == other.information
            && self.covariance == other.covariance
            && self.beta == other.beta
            && self.beta_covariance == other.beta_covariance
            && self.slopes_of_beta.as_ref() == other.slopes_of_beta.as_ref()
            && self.ridge == other.ridge
    }
}

impl<M: Shape, T: Real, const K: usize> Near<T> for Inference<M, T, K> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        within.numbers(self.theta.as_ref(), other.theta.as_ref())
            && within.numbers(self.params.as_ref(), other.params.as_ref())
            && within.numbers(self.slopes.as_ref(), other.slopes.as_ref())
            && within.numbers(self.room.as_ref(), other.room.as_ref())
            && self.free.as_ref() == other.free.as_ref()
            && self.information.near(&other.information, within)
            && self.covariance.near(&other.covariance, within)
            && self.beta.near(&other.beta, within)
            && self.beta_covariance.near(&other.beta_covariance, within)
            && within.all(self.slopes_of_beta.as_ref(), other.slopes_of_beta.as_ref())
            && self.ridge.near(&other.ridge, within)
    }
}

approximately_equal! {
    /// Compares the estimates, the information matrices and the covariance matrices.
    ///
    /// ```
    /// use covprop::approx::assert_relative_eq;
    /// use covprop::prelude::*;
    ///
    /// let model = Marginal::new(ScalarMatrix::<4>::new());
    /// let ones = SVector::<f64, 4>::repeat(1.0);
    /// let inference = |y| {
    ///     let estimation = model.estimation(&ones, y)?;
    ///     estimation.inference(&estimation.fit()?)
    /// };
    /// // the order of observations does not matter
    /// let [y, reversed] = [vector![1.0, 2.0, 3.0, 4.0], vector![4.0, 3.0, 2.0, 1.0]];
    /// let (one, other) = (inference(&y)?, inference(&reversed)?);
    /// assert_relative_eq!(one, other, max_relative = 1e-9, epsilon = 1e-9);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    impl [M: Shape, T: Real, const K: usize] for Inference<M, T, K>
}

impl<M: Shape, T: Real, const K: usize> fmt::Debug for Inference<M, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inference")
            .field("theta", &self.theta.as_ref())
            .field("params", &self.params.as_ref())
            .field("information", &self.information)
            .field("beta", &self.beta)
            .field("beta_covariance", &self.beta_covariance)
            .finish_non_exhaustive()
    }
}

impl<M, D, T, const N: usize, const K: usize> Estimation<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    /// Returns the covariance of the estimates of a fit to the data of this estimation, based on
    /// the observed information.
    ///
    /// # Errors
    ///
    /// - [`Error::NotMaximum`] for a fit that is neither at a maximum of the likelihood nor on a
    ///   ridge of equal likelihood
    /// - [`Error::NotIdentified`] with the name of a parameter, if the observed information is not
    ///   positive definite, although the expected information is
    ///
    /// For a fit on a [ridge](crate::optimise::Outcome::NotIdentified) of equal likelihood, this
    /// method succeeds. Methods of the returned `Inference` then return an error only for results
    /// that change along the ridge.
    pub fn inference(&self, fit: &Fit<'_, M, T, N, K>) -> Result<Inference<M, T, K>, Error> {
        self.inference_with(Information::Observed, fit)
    }

    /// Returns the covariance of the estimates of a fit to the data of this estimation, based on
    /// the given type of information.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`inference`](Self::inference).
    pub fn inference_with(
        &self,
        information: Information,
        fit: &Fit<'_, M, T, N, K>,
    ) -> Result<Inference<M, T, K>, Error> {
        fit.check_maximum()?;
        let mut at = self.likelihood(fit.criterion, &fit.theta)?;
        at.theta = self.inside(fit);
        let expected = at.expected();
        let Tangent { free, independent, ridge } = at.tangent(fit, &expected, |_| false);
        at.theta = copied::<M::ParamCount, T>(&fit.theta);
        let expected = at.expected();
        let information = match information {
            Information::Average => at.average(),
            Information::Expected => expected,
            Information::Observed => {
                let (mut observed, score) = at.observed_and_score();
                at.straighten(&mut observed, &score);
                observed
            }
        };
        let room = tabulate::<M::ParamCount, T>(T::zero(), |k| {
            let value = fit.params.as_ref()[k];
            let [lower, upper] = self.model.visit_transform(k, Limits::<T>::new()).map(|end| {
                if end.is_finite() { (value - end).abs() } else { T::one() / T::zero() }
            });
            lower.min(upper)
        });
        let covariance = information.inverse(&independent).map_err(|k| at.not_identified(k))?;
        Ok(Inference {
            params: self.model.params(&at.theta),
            slopes: self.model.param_derivatives(&at.theta),
            room: room.0,
            free: free.0,
            information,
            covariance,
            beta: at.beta(),
            beta_covariance: at.beta_covariance(),
            slopes_of_beta: at.beta_covariance_gradient(),
            ridge,
            theta: at.theta,
        })
    }
}

impl<M, D, T, const N: usize, const K: usize> Likelihood<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    /// Returns, for each parameter θₖ, the derivative of the K×K covariance matrix C of β:
    ///
    /// ```text
    /// ∂C/∂θₖ = C Hᵀ ∂V/∂θₖ H C,   C = (XᵀV⁻¹X)⁻¹,   H = V⁻¹X
    /// ```
    #[must_use]
    pub fn beta_covariance_gradient(&self) -> PerParam<M, SMatrix<T, K, K>> {
        let covariance =
            |inner: SMatrix<T, K, K>| self.data.reference().covariance(&(self.c * inner * self.c));
        self.design_forms().map(covariance).0
    }

    /// Returns, for each parameter θₖ, the matrix Hᵀ ∂V/∂θₖ H with H = V⁻¹X, summed over the
    /// subjects.
    fn design_forms(&self) -> Array<SMatrix<T, K, K>, M::ParamCount> {
        let forms = Array::<_, M::ParamCount>(filled::<M::ParamCount, _>(SMatrix::zeros()));
        let mut sum = DesignForms { theta: &self.theta, forms };
        self.data.each_block(&self.point(), &self.factors, &mut sum);
        sum.forms
    }

    pub(crate) fn not_identified(&self, k: usize) -> Error {
        Error::NotIdentified { name: Text::of_param(self.model, k) }
    }
}

/// The sum of Hᵀ ∂V/∂θₖ H over blocks of data, for each parameter θₖ.
struct DesignForms<'t, P: ArraySize, T, const K: usize> {
    theta: &'t P::ArrayType<T>,
    forms: Array<SMatrix<T, K, K>, P>,
}

impl<P: ArraySize, T: Real, const K: usize> OnBlock<T, P, K> for DesignForms<'_, P, T, K> {
    fn take<V, B, const N: usize>(&mut self, model: &V, block: &B)
    where
        V: ParamMatrix<T, N, N> + Shape<ParamCount = P>,
        B: Block<T, N, K>,
    {
        block.design_weights(|a, b, weights| {
            let entries = model.pullback(self.theta, weights);
            for (form, &x) in self.forms.iter_mut().zip(entries.as_ref()) {
                form[(a, b)] += x;
                if a < b {
                    form[(b, a)] += x;
                }
            }
        });
    }
}
