//! Estimation of the parameters of V by REML or ML.

pub(crate) mod conclude;
pub(crate) mod coordinates;
pub(crate) mod explore;
pub(crate) mod low_rank;
pub(crate) mod maximise;
pub(crate) mod own_rows;
pub(crate) mod problem;
pub(crate) mod stack;

use core::fmt;
use core::marker::PhantomData;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::shape::Theta;
use crate::algebra::start::check_start;
use crate::base::arrays::copied;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::kernel::sqrt;
use crate::optimise::outcome::Progress;
use crate::optimise::units::power_of_two_near_root;
use crate::reml::criterion::Criterion;
use crate::reml::estimation::maximise::{Observed, Observer, Unobserved};
use crate::reml::estimation::own_rows::Observations;
use crate::reml::fit::Fit;
use crate::reml::likelihood::Likelihood;
use crate::reml::observations::Data;
use crate::reml::observations::equations::Equations;

/// The likelihood of data under a model, which can be evaluated at any θ or maximised.
///
/// [`Model::estimation`](crate::reml::Model) and [`Panel::estimation`](crate::reml::Panel) create
/// an estimation.
///
/// ```
/// use covprop::prelude::*;
///
/// let model = Marginal::new(ScalarMatrix::<4>::new());
/// let ones = SVector::<f64, 4>::repeat(1.0);
/// let y = vector![1.0, 2.0, 3.0, 4.0];
///
/// // σ² = Σ(y − ȳ)²/N = 5/4 by maximum likelihood
/// let estimation = model.estimation(&ones, &y)?.with_criterion(Criterion::Ml);
/// assert!((estimation.fit()?.params[0] - 1.25).abs() < 1e-12);
///
/// // at σ² = 1 the score by θ = log σ is Σ(y − ȳ)² − N = 1, the expected information 2N
/// let mut at_one = estimation.at(&[0.0])?;
/// assert!((at_one.score()[0] - 1.0).abs() < 1e-14);
/// assert!((at_one.expected_information()[0][0] - 8.0).abs() < 1e-14);
/// # Ok::<(), covprop::Error>(())
/// ```
///
/// # The search
///
/// [`fit`](Self::fit) uses a trust-region method: each step maximises a quadratic model of the
/// log-likelihood within a trust region, as in Moré & Sorensen 1983, SIAM J. Sci. Stat. Comput. 4,
/// 553–572. The curvature of the quadratic model is the expected information at first, then the
/// average information (Gilmour, Thompson & Cullis 1995), and near the maximum the observed
/// information. If a step with the average information leaves the trust region, the search uses the
/// expected information instead. Steps are taken either on the natural scale of the parameters, on
/// which V is linear in variances, or in the free parameters θ. After a poor step, the search
/// switches between the two scales.
///
/// The default start does not depend on units: variances start at the variance of the residuals,
/// and a range parameter starts at a typical distance between neighbouring points
/// ([`Shape::scales`](crate::algebra::Shape::scales)). If a change of the unit of y only rescales
/// the parameters of V, the search divides y by a power of two near the residual standard
/// deviation. The searches for y and 2ᵏ y then take exactly the same steps. If a model has at least
/// two variances and also one or two correlations or a range parameter, the likelihood may have
/// several maxima, and the search tries two to four additional starts. If the caller [sets a
/// start](Self::with_start), the search tries no other start.
///
/// If two steps have moved a parameter to the same bound, the search sets the parameter to the
/// bound: for example, a variance becomes 0 and its free parameter θₖ becomes −∞. If the
/// log-likelihood increases from a bound into the interior of the parameter space, the search
/// releases the parameter from the bound. If V contains an unstructured covariance matrix G, and
/// the estimate of G is singular, the search also checks that the log-likelihood does not increase
/// from G towards any other covariance matrix. If several parameters drift to infinity together,
/// the search follows them and extrapolates the limit of the log-likelihood. [`Fit::certificate`]
/// returns the numbers that show whether the search ended at a maximum.
pub struct Estimation<'a, M, D, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    pub(crate) model: &'a M,
    pub(crate) data: D,
    /// A power of two near the standard deviation of the residuals of ordinary least squares.
    pub(crate) size: T,
    pub(crate) criterion: Criterion,
    pub(crate) start: Option<Theta<M, T>>,
    pub(crate) max_iterations: usize,
    scalar: PhantomData<T>,
}

impl<M, D, T, const N: usize, const K: usize> Clone for Estimation<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K> + Clone,
{
    fn clone(&self) -> Self {
        Self {
            data: self.data.clone(),
            start: self.start.as_ref().map(copied::<M::ParamCount, T>),
            ..*self
        }
    }
}

impl<M, D, T, const N: usize, const K: usize> fmt::Debug for Estimation<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Estimation")
            .field("criterion", &self.criterion)
            .field("start", &self.start.as_ref().map(AsRef::as_ref))
            .field("max_iterations", &self.max_iterations)
            .finish_non_exhaustive()
    }
}

impl<'a, M, D, T, const N: usize, const K: usize> Estimation<'a, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    /// The default limit on the number of steps, which is far more than any data set in the tests
    /// needs.
    const MAX_ITERATIONS: usize = 200;

    pub(crate) fn new(model: &'a M, data: D) -> Result<Self, Error> {
        let observations = data.observations();
        if observations <= K {
            return Err(Error::NoDegreesOfFreedom { observations, columns: K });
        }
        if let Some(column) = data.reference().dependent_column() {
            return Err(Error::DependentColumn { column });
        }
        let mut estimation = Self {
            model,
            data,
            size: T::one(),
            criterion: Criterion::Reml,
            start: None,
            max_iterations: Self::MAX_ITERATIONS,
            scalar: PhantomData,
        };
        estimation.size = power_of_two_near_root(estimation.variation()?);
        Ok(estimation)
    }

    /// Returns this estimation with the default start for the same data in other coordinates.
    pub(super) fn with_data<'v, V, S, const R: usize>(
        &self,
        model: &'v V,
        data: S,
    ) -> Estimation<'v, V, S, T, R, K>
    where
        V: ParamMatrix<T, R, R>,
        S: Data<V, T, R, K>,
    {
        let Self { size, criterion, max_iterations, .. } = *self;
        Estimation {
            model,
            data,
            size,
            criterion,
            start: None,
            max_iterations,
            scalar: PhantomData,
        }
    }

    /// Returns the mean square of the residuals of ordinary least squares, or an error if the mean
    /// square is zero within rounding or outside the range of the scalar type.
    #[inline(never)]
    fn variation(&self) -> Result<T, Error> {
        /// A bound for the rounding error of a residual, in units of the rounding error of the
        /// largest |y|.
        const ROUNDINGS: f64 = 4.0;
        let equations = Equations::new(|a, b| self.data.product(a, b));
        let (cholesky, beta) =
            equations.solve().map_err(|column| Error::DependentColumn { column })?;
        let count = self.data.count();
        let scale = self.data.reference().scale();
        let variance =
            equations.quadratic(self.data.product(K, K), &beta) * (scale * scale) / count;
        let rounding = T::default_epsilon() * nalgebra::convert(ROUNDINGS) * self.data.largest();
        // The likelihood is not finite if the square of y underflows, or the variance of β
        // overflows.
        let smallest = T::max_value().map_or_else(T::zero, |largest| T::one() / largest);
        let largest = self.data.largest();
        let whole = self.data.reference().covariance(&(cholesky.inverse() * variance));
        if !largest.is_zero() && largest * largest <= smallest
            || whole.iter().any(|x| !x.is_finite())
        {
            return Err(Error::LikelihoodNotFinite);
        }
        if sqrt(variance) > rounding { Ok(variance) } else { Err(Error::ExactFit) }
    }

    /// Sets the criterion that is maximised, which is the restricted likelihood by default.
    #[must_use]
    pub fn with_criterion(self, criterion: Criterion) -> Self {
        Self { criterion, ..self }
    }

    /// Sets the θ from which the search starts, in place of the default start.
    #[must_use]
    pub fn with_start(self, theta: Theta<M, T>) -> Self {
        Self { start: Some(theta), ..self }
    }

    /// Starts the search from parameters given on their natural scale, for example the estimates of
    /// another fit or published values. A parameter may be at a bound.
    ///
    /// # Errors
    ///
    /// The errors of [`ParamMatrixExt::theta_from_params`].
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let model = Marginal::new(Ar1Matrix::<5>::new());
    /// let y = vector![1.0, 3.0, 4.0, 3.5, 1.5];
    /// let estimation = model.estimation(&SVector::<f64, 5>::repeat(1.0), &y)?;
    /// let mut first = None;
    /// let from = estimation.clone().with_start_params(&[2.0, 0.5])?; // σ² and ρ
    /// from.fit_with(|at| _ = first.get_or_insert(at.theta[1]))?;
    /// assert!((first.unwrap() - 3.0_f64.ln()).abs() < 1e-15); // tanh(x/2) = 1/2
    ///
    /// let error = estimation.with_start_params(&[2.0, 1.5]).unwrap_err();
    /// assert_eq!(error.to_string(), "`rho` is 1.5, outside [-1, 1]");
    /// # Ok::<(), covprop::Error>(())
    /// ```
    pub fn with_start_params(self, params: &Theta<M, T>) -> Result<Self, Error> {
        let theta = self.model.theta_from_params(params)?;
        Ok(self.with_start(theta))
    }

    /// Sets the maximum number of steps of the search, which is 200 by default.
    #[must_use]
    pub fn with_max_iterations(self, max_iterations: usize) -> Self {
        Self { max_iterations, ..self }
    }

    /// Returns the likelihood at a θ. For many θ, [`explore`](Self::explore) is faster.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFinite`] with the first entry of V that is not finite
    /// - [`Error::NotPositiveDefinite`] with the first row of V that depends on earlier rows
    /// - [`Error::NotCovariance`] if V is not a covariance matrix
    /// - [`Error::LikelihoodNotFinite`] if the likelihood over- or underflows
    pub fn at(&self, theta: &Theta<M, T>) -> Result<Likelihood<'_, M, D, T, N, K>, Error> {
        self.likelihood(self.criterion, theta)
    }

    /// Returns the likelihood at a θ for a given criterion.
    pub(crate) fn likelihood(
        &self,
        criterion: Criterion,
        theta: &Theta<M, T>,
    ) -> Result<Likelihood<'_, M, D, T, N, K>, Error> {
        Likelihood::new(self.model, &self.data, criterion, theta).map_err(|error| match error {
            Error::NotPositiveDefinite { .. } => self.error_of_v(theta).unwrap_or(error),
            other => other,
        })
    }

    /// Returns the error that says why V is invalid at θ: an entry is not finite, or V is not
    /// positive definite. Returns `None` if V is a valid covariance matrix.
    #[cold]
    #[inline(never)]
    fn error_of_v(&self, theta: &Theta<M, T>) -> Option<Error> {
        self.data.error_of_v(self.model, theta)
    }
}

impl<'a, M, D, T, const N: usize, const K: usize> Estimation<'a, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    /// Maximises the likelihood and returns the fit.
    ///
    /// # Errors
    ///
    /// If the start was set by the caller and contains a NaN, or the likelihood is undefined at
    /// this start, returns [`Error::StartWithoutLikelihood`] with the parameter responsible. If the
    /// likelihood is undefined at the default start, returns the errors of [`at`](Self::at).
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let model = Marginal::new(Ar1Matrix::<4>::new());
    /// let estimation = model.estimation(&SVector::repeat(1.0), &vector![1.0, 3.0, 4.0, 3.5])?;
    /// let error = estimation.with_start([0.0, f64::NAN]).fit().unwrap_err();
    /// let message = "the likelihood is undefined at the start, where θ[1] is NaN; choose another start";
    /// assert_eq!(error.to_string(), message);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    pub fn fit(&self) -> Result<Fit<'a, M, T, N, K>, Error> {
        self.maximum(Unobserved)
    }

    /// Maximises the likelihood and returns the fit. Calls `observer` before each step and at the
    /// end.
    ///
    /// # Errors
    ///
    /// The errors of [`fit`](Self::fit).
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let model = Marginal::new(Ar1Matrix::<5>::new());
    /// let y = vector![1.0, 3.0, 4.0, 3.5, 1.5];
    /// let estimation = model.estimation(&SVector::<f64, 5>::repeat(1.0), &y)?;
    /// let mut log_likelihoods = Vec::new();
    /// let fit = estimation.fit_with(|at| log_likelihoods.push(at.log_likelihood))?;
    /// assert_eq!(log_likelihoods.len(), fit.iterations + 1);
    /// assert!(log_likelihoods.first() < log_likelihoods.last());
    /// # Ok::<(), covprop::Error>(())
    /// ```
    pub fn fit_with(
        &self,
        observer: impl FnMut(&Progress<'_, M, T>),
    ) -> Result<Fit<'a, M, T, N, K>, Error> {
        self.maximum(Observed(observer))
    }

    fn maximum(&self, observer: impl Observer<M, T>) -> Result<Fit<'a, M, T, N, K>, Error> {
        let start = self.start.as_ref();
        if let Some(start) = start {
            check_start::<M, T>(start)?;
        }
        let fit = self.maximise(start, None, observer);
        let mut fit = fit.map_err(|error| match start {
            Some(start) => self.error_at_start(error, start),
            None => error,
        })?;
        self.mark_undetermined(&mut fit);
        Ok(fit)
    }
}
