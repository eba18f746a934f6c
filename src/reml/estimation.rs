//! The estimation of the parameters of V by REML or ML.

pub(crate) mod conclude;
pub(crate) mod explore;
pub(crate) mod low_rank;
pub(crate) mod maximise;
pub(crate) mod problem;

use core::fmt;
use core::marker::PhantomData;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::shape::Theta;
use crate::algebra::start::check_start;
use crate::base::arrays::copied;
use crate::base::error::Error;
use crate::base::finite::check_finite;
use crate::base::scalar::Real;
use crate::linalg::cholesky::Cholesky;
use crate::linalg::cholesky::covariance::not_definite;
use crate::linalg::kernel::sqrt;
use crate::optimise::outcome::Progress;
use crate::optimise::units::power_of_two_near_root;
use crate::reml::criterion::Criterion;
use crate::reml::estimation::maximise::{Observed, Observer, Unobserved};
use crate::reml::fit::Fit;
use crate::reml::likelihood::Likelihood;
use crate::reml::sample::equations::Equations;
use crate::reml::sample::{Data, Sample};

/// The likelihood of data under a model, to be evaluated at a θ or maximised.
///
/// Made by [`Model::estimation`](crate::Model) and [`Panel::estimation`](crate::Panel).
///
/// ```
/// use covprop::*;
/// use nalgebra::{vector, SVector};
///
/// let model = Marginal::new(ScalarMatrix::<4>::new());
/// let ones = SVector::<f64, 4>::repeat(1.0);
/// let y = vector![1.0, 2.0, 3.0, 4.0];
///
/// // σ² = Σ(y − ȳ)²/N = 5/4 by maximum likelihood
/// let estimation = model.estimation(&ones, &y)?.ml();
/// assert!((estimation.fit()?.params[0] - 1.25).abs() < 1e-12);
///
/// // at σ² = 1 the score by θ = log σ is Σ(y − ȳ)² − N = 1, the expected information 2N
/// let mut at_one = estimation.at(&[0.0])?;
/// assert!((at_one.score()[0] - 1.0).abs() < 1e-14);
/// assert!((at_one.expected_information()[0][0] - 8.0).abs() < 1e-14);
/// # Ok::<(), Error>(())
/// ```
///
/// # The search
///
/// [`fit`](Self::fit) maximises a quadratic model of the log-likelihood within a trust region (Moré
/// & Sorensen 1983, SIAM J. Sci. Stat. Comput. 4, 553–572). The model is that of the average
/// information (Gilmour, Thompson & Cullis 1995); of the expected one at first and where the
/// average one leads out of the region; and of the observed one near the maximum. Steps are taken
/// on the natural scale η = T(θ), where V is linear in variances, or in θ where that serves better.
///
/// The default start does not depend on units: variances are those of the residuals, a range is a
/// typical distance between neighbours ([`Shape::scales`](crate::Shape::scales)). If V is
/// homogeneous in the unit of y, the search divides y by a power of two near its residual standard
/// deviation, so that y and 2ᵏ y take the same steps to the last bit. One or two correlations, or a
/// range, beside two or more variances may have several maxima: the search then tries two to four
/// more starts. A start that is [given](Self::start) is the only one.
///
/// A parameter that steps lead to a bound twice is put on it, a variance to 0 and its θ to −∞. It
/// is released if the log-likelihood rises inwards. Where a G may be any covariance matrix, no
/// direction from its boundary into the covariance matrices may rise. Where parameters drift to
/// infinity together, the search follows them and extrapolates the limit. [`Fit::certificate`] has
/// the numbers that support the outcome.
pub struct Estimation<'a, M, D, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<T, N, K>,
{
    pub(crate) model: &'a M,
    pub(crate) sample: D,
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
    D: Data<T, N, K> + Clone,
{
    fn clone(&self) -> Self {
        Self {
            sample: self.sample.clone(),
            start: self.start.as_ref().map(copied::<M::Params, T>),
            ..*self
        }
    }
}

impl<M, D, T, const N: usize, const K: usize> fmt::Debug for Estimation<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<T, N, K>,
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
    D: Data<T, N, K>,
{
    /// Far more than any of the data sets in the tests needs.
    const MAX_ITERATIONS: usize = 200;

    pub(super) fn new(model: &'a M, sample: D) -> Result<Self, Error> {
        let observations = sample.observations();
        if observations <= K {
            return Err(Error::NoDegreesOfFreedom { observations, columns: K });
        }
        if let Some(column) = sample.reference().dependent_column() {
            return Err(Error::DependentColumn { column });
        }
        let mut estimation = Self {
            model,
            sample,
            size: T::one(),
            criterion: Criterion::Reml,
            start: None,
            max_iterations: Self::MAX_ITERATIONS,
            scalar: PhantomData,
        };
        estimation.size = power_of_two_near_root(estimation.variation()?);
        Ok(estimation)
    }

    /// Returns the mean square of the residuals of ordinary least squares, if it is more than
    /// rounding makes, and not too small or large for its square.
    #[inline(never)]
    fn variation(&self) -> Result<T, Error> {
        /// Roundings of the largest |y|: one of y itself, and those of X b.
        const ROUNDINGS: f64 = 4.0;
        let equations = Equations::new(|a, b| self.sample.product(a, b));
        let (cholesky, beta) =
            equations.solve().map_err(|column| Error::DependentColumn { column })?;
        let count = self.sample.count();
        let scale = self.sample.reference().scale();
        let variance =
            equations.quadratic(self.sample.product(K, K), &beta) * (scale * scale) / count;
        let rounding = T::default_epsilon() * nalgebra::convert(ROUNDINGS) * self.sample.largest();
        // A y whose square is below the numbers of full precision, or a β whose variance is above
        // all numbers.
        let smallest = T::max_value().map_or_else(T::zero, |largest| T::one() / largest);
        let largest = self.sample.largest();
        let whole = self.sample.reference().covariance(&(cholesky.inverse() * variance));
        if !largest.is_zero() && largest * largest <= smallest
            || whole.iter().any(|x| !x.is_finite())
        {
            return Err(Error::LikelihoodNotFinite);
        }
        if sqrt(variance) > rounding { Ok(variance) } else { Err(Error::ExactFit) }
    }

    /// By restricted maximum likelihood, as it is by default.
    #[must_use]
    pub fn reml(self) -> Self {
        Self { criterion: Criterion::Reml, ..self }
    }

    /// By maximum likelihood.
    #[must_use]
    pub fn ml(self) -> Self {
        Self { criterion: Criterion::Ml, ..self }
    }

    /// From this θ in place of the default start.
    #[must_use]
    pub fn start(self, theta: Theta<M, T>) -> Self {
        Self { start: Some(theta), ..self }
    }

    /// Starts from these parameters on their natural scale, in place of the default start: those of
    /// another fit, of a publication or of a simulation. A parameter may be at a bound.
    ///
    /// # Errors
    ///
    /// As [`ParamMatrixExt::theta_from_params`].
    ///
    /// ```
    /// use covprop::*;
    /// use nalgebra::{SVector, vector};
    ///
    /// let model = Marginal::new(Ar1Matrix::<5>::new());
    /// let y = vector![1.0, 3.0, 4.0, 3.5, 1.5];
    /// let estimation = model.estimation(&SVector::<f64, 5>::repeat(1.0), &y)?;
    /// let mut first = None;
    /// let from = estimation.clone().start_from_params(&[2.0, 0.5])?; // σ² and ρ
    /// from.fit_with(|at| _ = first.get_or_insert(at.theta[1]))?;
    /// assert!((first.unwrap() - 3.0_f64.ln()).abs() < 1e-15); // tanh(x/2) = 1/2
    ///
    /// let error = estimation.start_from_params(&[2.0, 1.5]).unwrap_err();
    /// assert_eq!(error.to_string(), "`rho` is 1.5, outside [-1, 1]");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn start_from_params(self, params: &Theta<M, T>) -> Result<Self, Error> {
        let theta = self.model.theta_from_params(params)?;
        Ok(self.start(theta))
    }

    /// Sets the largest number of steps, which is 200 by default.
    #[must_use]
    pub fn max_iterations(self, max_iterations: usize) -> Self {
        Self { max_iterations, ..self }
    }

    /// The likelihood at a θ; for many of them [`explore`](Self::explore) is faster.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFinite`] with an entry of V
    /// - [`Error::NotPositiveDefinite`] with the first row of V that depends on those before it,
    ///   and [`Error::NotCovariance`] if V is no covariance matrix
    /// - [`Error::LikelihoodNotFinite`] if the likelihood over- or underflows
    pub fn at(&self, theta: &Theta<M, T>) -> Result<Likelihood<'_, M, D, T, N, K>, Error> {
        self.likelihood(self.criterion, theta)
    }

    /// The likelihood at a θ by any criterion.
    pub(crate) fn likelihood(
        &self,
        criterion: Criterion,
        theta: &Theta<M, T>,
    ) -> Result<Likelihood<'_, M, D, T, N, K>, Error> {
        Likelihood::new(self.model, &self.sample, criterion, theta).map_err(|error| match error {
            Error::NotPositiveDefinite { .. } => self.error_of_v(theta).unwrap_or(error),
            other => other,
        })
    }

    /// The first entry of V that is not finite, or else why V is not positive definite.
    #[cold]
    #[inline(never)]
    fn error_of_v(&self, theta: &Theta<M, T>) -> Option<Error> {
        let v = self.model.value(theta);
        let no_root = || Cholesky::new(&v).err().map(|row| not_definite(&v, row));
        check_finite(&v).err().or_else(no_root)
    }
}

impl<'a, M, D, T, const N: usize, const K: usize> Estimation<'a, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    /// The maximum.
    ///
    /// # Errors
    ///
    /// [`Error::StartWithoutLikelihood`] with a parameter of the given start if it is NaN or the
    /// likelihood has no value there; as [`at`](Self::at), if the likelihood has no value at the
    /// default start.
    ///
    /// ```
    /// use covprop::*;
    /// use nalgebra::{SVector, vector};
    ///
    /// let model = Marginal::new(Ar1Matrix::<4>::new());
    /// let estimation = model.estimation(&SVector::repeat(1.0), &vector![1.0, 3.0, 4.0, 3.5])?;
    /// let error = estimation.start([0.0, f64::NAN]).fit().unwrap_err();
    /// assert_eq!(error.to_string(), "the likelihood has no value at the start, where θ[1] is NaN");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn fit(&self) -> Result<Fit<'a, M, T, N, K>, Error> {
        self.maximum(Unobserved)
    }

    /// The maximum, with `observer` called before each step and at the end.
    ///
    /// # Errors
    ///
    /// As [`fit`](Self::fit).
    ///
    /// ```
    /// use covprop::*;
    /// use nalgebra::{SVector, vector};
    ///
    /// let model = Marginal::new(Ar1Matrix::<5>::new());
    /// let y = vector![1.0, 3.0, 4.0, 3.5, 1.5];
    /// let estimation = model.estimation(&SVector::<f64, 5>::repeat(1.0), &y)?;
    /// let mut log_likelihoods = Vec::new();
    /// let fit = estimation.fit_with(|at| log_likelihoods.push(at.log_likelihood))?;
    /// assert_eq!(log_likelihoods.len(), fit.iterations + 1);
    /// assert!(log_likelihoods.first() < log_likelihoods.last());
    /// # Ok::<(), Error>(())
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
