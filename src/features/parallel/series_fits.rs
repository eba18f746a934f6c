//! Fits of many series with designs and missing observations of their own.

use core::borrow::Borrow;
use core::fmt;

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::{Shape, Theta};
use crate::base::arrays::copied;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::criterion::Criterion;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::own_rows::Observations;
use crate::reml::fit::Fit;
use crate::reml::model::{Marginal, Model};
use crate::reml::panel::Panel;

/// A series of N responses y with an N×K design X of its own (feature `rayon`). Observations of the
/// series may be missing.
///
/// ```
/// use covprop::prelude::*;
/// use covprop::reml::Series;
///
/// // the second of four observations is missing
/// let series = Series::new(SVector::<f64, 4>::repeat(1.0), vector![1.0, f64::NAN, 3.0, 5.0])
///     .with_observed([true, false, true, true]);
/// let model = Marginal::new(ScalarMatrix::<4>::new());
/// let fit = model.series_fits().fit(&series)?;
/// // the mean 3 and the variance (2² + 0² + 2²)/2 of three observations
/// assert_eq!(fit.observations, 3);
/// assert!((fit.beta[0] - 3.0).abs() < 1e-14 && (fit.params[0] - 4.0).abs() < 1e-12);
/// # Ok::<(), covprop::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "missing")]
pub struct Series<T, const N: usize, const K: usize> {
    x: SMatrix<T, N, K>,
    y: SVector<T, N>,
    observed: [bool; N],
}

impl<T, const N: usize, const K: usize> Series<T, N, K> {
    /// Creates a series from its design X and its responses y, all of which are observed.
    #[must_use]
    pub const fn new(x: SMatrix<T, N, K>, y: SVector<T, N>) -> Self {
        Self { x, y, observed: [true; N] }
    }

    /// Sets the observations that are not missing: row i is observed if `observed[i]` is `true`.
    /// Fits ignore the other rows of X and y, which may be NaN.
    #[must_use]
    pub fn with_observed(self, observed: [bool; N]) -> Self {
        Self { observed, ..self }
    }
}

/// The options for fits of many series by one model (feature `rayon`).
///
/// [`ParallelFits::series_fits`](crate::reml::ParallelFits::series_fits) creates the options. The
/// default options are those of an [`Estimation`]: the restricted likelihood, the default start and
/// at most 200 steps.
///
/// ```
/// use covprop::prelude::*;
/// use covprop::reml::Series;
/// use rayon::prelude::*;
///
/// let ones = SVector::<f64, 3>::repeat(1.0);
/// let series = [
///     Series::new(ones, vector![1.0, 2.0, 6.0]),
///     Series::new(ones, vector![1.0, 1.0, 1.0]), // has no variance
///     Series::new(vector![1.0, 2.0, 3.0], vector![1.0, 3.0, 2.0]),
/// ];
/// let model = Marginal::new(ScalarMatrix::<3>::new());
/// let fits: Vec<_> =
///     model.series_fits().with_criterion(Criterion::Ml).par_fit(&series).collect();
/// // σ² = Σ(y − ȳ)²/N = (2² + 1² + 3²)/3
/// assert!((fits[0].as_ref().unwrap().params[0] - 14.0 / 3.0).abs() < 1e-12);
/// assert_eq!(fits[1].as_ref().unwrap_err(), &covprop::Error::ExactFit);
/// // a slope xᵀy/xᵀx = 13/14
/// assert!((fits[2].as_ref().unwrap().beta[0] - 13.0 / 14.0).abs() < 1e-12);
/// ```
///
/// # Example: a start for each series
///
/// [`fit`](Self::fit) fits one series, so that the options can differ between series, and series
/// can come from any iterator.
///
/// ```
/// use covprop::prelude::*;
/// use covprop::reml::Series;
/// use rayon::prelude::*;
///
/// let ones = SVector::<f64, 3>::repeat(1.0);
/// let model = Marginal::new(ScalarMatrix::<3>::new());
/// let fits = model.series_fits();
/// let deviations: Vec<f64> = [1.0, 10.0, 100.0]
///     .par_iter()
///     .map(|&size: &f64| {
///         let series = Series::new(ones, vector![-size, 0.0, size]);
///         let fit = fits.clone().with_start([size.ln()]).fit(&series)?; // θ = log σ
///         assert_eq!(fit.iterations, 0); // the start is the maximum
///         Ok(fit.params[0].sqrt())
///     })
///     .collect::<Result<_, covprop::Error>>()?;
/// assert!((deviations[2] - 100.0).abs() < 1e-9);
/// # Ok::<(), covprop::Error>(())
/// ```
pub struct SeriesFits<'a, M: Model, T> {
    model: &'a M,
    criterion: Criterion,
    start: Option<Array<T, <M::Covariance as Shape>::ParamCount>>,
    max_iterations: Option<usize>,
}

impl<M: Model, T: Real> Clone for SeriesFits<'_, M, T> {
    fn clone(&self) -> Self {
        Self { start: self.start_of_fit().map(Array), ..*self }
    }
}

impl<M: Model, T: Real> fmt::Debug for SeriesFits<'_, M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeriesFits")
            .field("criterion", &self.criterion)
            .field("start", &self.start)
            .field("max_iterations", &self.max_iterations)
            .finish_non_exhaustive()
    }
}

impl<'a, M: Model, T: Real> SeriesFits<'a, M, T> {
    pub(super) fn new(model: &'a M) -> Self {
        Self { model, criterion: Criterion::Reml, start: None, max_iterations: None }
    }

    /// Sets the criterion that is maximised, which is the restricted likelihood by default.
    #[must_use]
    pub fn with_criterion(self, criterion: Criterion) -> Self {
        Self { criterion, ..self }
    }

    /// Sets the θ from which each search starts, in place of the default start of each series. The
    /// default start depends on the variance of the series, and is better if the variances of the
    /// series differ much.
    #[must_use]
    pub fn with_start(self, theta: Theta<M::Covariance, T>) -> Self {
        Self { start: Some(Array(theta)), ..self }
    }

    /// Sets the maximum number of steps of each search, which is 200 by default.
    #[must_use]
    pub fn with_max_iterations(self, max_iterations: usize) -> Self {
        Self { max_iterations: Some(max_iterations), ..self }
    }

    /// Fits one series.
    ///
    /// If no observations are missing, the fit equals, to the last bit, the fit of
    /// [`Model::estimation`] with these options. If observations are missing, the fit equals the
    /// fit of a [`Panel`] with one subject.
    ///
    /// # Errors
    ///
    /// The errors of [`Model::estimation`] for the observed rows, and the errors of
    /// [`Estimation::fit`].
    pub fn fit<const N: usize, const K: usize>(
        &self,
        series: &Series<T, N, K>,
    ) -> Result<Fit<'a, M::Covariance, T, N, K>, Error>
    where
        M::Covariance: ParamMatrix<T, N, N>,
    {
        let Series { x, y, observed } = series;
        if *observed == [true; N] {
            return self.fit_of(self.model.estimation(x, y)?);
        }
        let covariance = self.model.covariance();
        let mut panel = Panel::new(Marginal::new(covariance));
        panel.push_observed(x, y, observed)?;
        self.fit_of(Estimation::new(covariance, panel.accumulator())?)
    }

    /// Fits many series, using all cores, and returns a parallel iterator over the fits in the
    /// order of the series.
    ///
    /// A series that cannot be fitted does not stop the iteration. If the likelihood of a series
    /// cannot be computed, its item is an [`Error`]. If a search ends anywhere other than at a
    /// maximum, the item is a fit for which [`is_maximum`] returns `false`.
    /// `examples/many_series.rs` shows the progress of the iterator as a bar.
    ///
    /// [`is_maximum`]: crate::optimise::Outcome::is_maximum
    ///
    /// # Errors
    ///
    /// Each item has the errors of [`fit`](Self::fit).
    ///
    /// ```
    /// use covprop::prelude::*;
    /// use covprop::reml::Series;
    /// use rayon::prelude::*;
    ///
    /// // series are created on the thread that fits them
    /// let series = (0..100).into_par_iter().map(|i| {
    ///     let size = f64::from(i % 10);
    ///     Series::new(SVector::<f64, 3>::repeat(1.0), vector![0.0, size, 0.0])
    /// });
    /// let model = Marginal::new(ScalarMatrix::<3>::new());
    /// let fits = model.series_fits().par_fit(series);
    /// // all values of every tenth series are equal
    /// assert_eq!(fits.filter(Result::is_err).count(), 10);
    /// ```
    pub fn par_fit<const N: usize, const K: usize>(
        self,
        series: impl IntoParallelIterator<Item: Borrow<Series<T, N, K>>, Iter: IndexedParallelIterator>,
    ) -> impl IndexedParallelIterator<Item = Result<Fit<'a, M::Covariance, T, N, K>, Error>>
    where
        M: Sync,
        M::Covariance: ParamMatrix<T, N, N>,
        Fit<'a, M::Covariance, T, N, K>: Send,
    {
        series.into_par_iter().map(move |series| self.fit(series.borrow()))
    }

    fn start_of_fit(&self) -> Option<Theta<M::Covariance, T>> {
        let start = self.start.as_ref();
        start.map(|start| copied::<<M::Covariance as Shape>::ParamCount, T>(&start.0))
    }

    /// Maximises a likelihood with these options.
    fn fit_of<D, const N: usize, const K: usize>(
        &self,
        estimation: Estimation<'a, M::Covariance, D, T, N, K>,
    ) -> Result<Fit<'a, M::Covariance, T, N, K>, Error>
    where
        M::Covariance: ParamMatrix<T, N, N>,
        D: Observations<M::Covariance, T, N, K>,
    {
        let mut estimation = estimation.with_criterion(self.criterion);
        if let Some(start) = self.start_of_fit() {
            estimation = estimation.with_start(start);
        }
        if let Some(max_iterations) = self.max_iterations {
            estimation = estimation.with_max_iterations(max_iterations);
        }
        estimation.fit()
    }
}
