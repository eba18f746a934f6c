//! Parallel accumulation of subjects and parallel fits, by rayon.

pub(crate) mod series_fits;

extern crate std;

use std::vec::Vec;

use nalgebra::{Const, SMatrix, SVector};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::slice::ParallelSlice;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::features::parallel::series_fits::SeriesFits;
use crate::reml::fit::Fit;
use crate::reml::model::Model;
use crate::reml::panel::Panel;

/// The number of subjects in a chunk. The subjects of a chunk are added in sequence. The chunk size
/// is fixed, so that the sums do not depend on the number of cores.
const CHUNK: usize = 4096;

impl<M, T, const N: usize, const K: usize, const PATTERNS: usize> Panel<M, T, N, K, PATTERNS>
where
    M: Model<Covariance: Shape<Rows = Const<N>>> + Copy + Sync + Send,
    T: Real,
{
    /// Adds subjects (X, y) that were observed at every visit, using all cores (feature `rayon`).
    /// The result does not depend on the number of cores, and equals the result of
    /// [`extend`](Self::extend) up to rounding.
    ///
    /// # Errors
    ///
    /// Returns the error of [`push`](Self::push) for the first subject for which `push` fails. If
    /// `push` fails for a subject, the panel is unchanged.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let mut panel = Panel::<_, f64, 2, 1>::new(Marginal::new(ScalarMatrix::<2>::new()));
    /// let ones = SVector::repeat(1.0);
    /// let subjects: Vec<_> = (0..10_000).map(|i| (ones, SVector::repeat(f64::from(i % 3)))).collect();
    /// panel.par_extend(&subjects)?;
    /// assert_eq!(panel.subjects(), 10_000);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    pub fn par_extend(
        &mut self,
        subjects: &[(SMatrix<T, N, K>, SVector<T, N>)],
    ) -> Result<(), Error> {
        let model = *self.model();
        let part = |chunk: &[(SMatrix<T, N, K>, SVector<T, N>)]| {
            let mut part = Panel::<M, T, N, K, 1>::new(model);
            chunk.iter().try_for_each(|(x, y)| part.push(x, y))?;
            Ok(part)
        };
        let parts: Vec<Result<Panel<M, T, N, K, 1>, Error>> =
            subjects.par_chunks(CHUNK).map(part).collect();
        let mut whole = Self::from_accumulator(model, *self.accumulator());
        for part in parts {
            whole.merge(&part?)?;
        }
        *self = whole;
        Ok(())
    }
}

/// Parallel fits of many series by one model (feature `rayon`).
///
/// | series | use |
/// |---|---|
/// | one design, REML | [`par_fit`](Self::par_fit) |
/// | one design for each series, missing observations, ML, own starts, a limit of steps | [`series_fits`](Self::series_fits) |
/// | several subjects in each series | `panels.par_iter().map(Panel::fit)` |
///
/// Models, panels and fits are `Send` and `Sync`. `examples/many_series.rs` fits 100,000 series
/// with a progress bar.
pub trait ParallelFits: Model + Sync {
    /// Fits many series of responses with the same design, using all cores.
    ///
    /// # Errors
    ///
    /// Each item has the errors of [`Model::fit`]. An error does not stop the iteration.
    ///
    /// ```
    /// use covprop::prelude::*;
    /// use rayon::prelude::*;
    ///
    /// let model = Marginal::new(ScalarMatrix::<3>::new());
    /// let series: Vec<_> = (1..=1000).map(|i| vector![0.0, f64::from(i), 0.0]).collect();
    /// let ones = SVector::repeat(1.0);
    /// let variances: Vec<f64> =
    ///     model.par_fit(&ones, &series).map(|fit| fit.map(|fit| fit.params[0])).collect::<Result<_, _>>()?;
    /// // s² = i²/3
    /// assert!((variances[2] - 3.0).abs() < 1e-9);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    fn par_fit<'a, T: Real, const N: usize, const K: usize>(
        &'a self,
        x: &'a SMatrix<T, N, K>,
        series: &'a [SVector<T, N>],
    ) -> impl IndexedParallelIterator<Item = Result<Fit<'a, Self::Covariance, T, N, K>, Error>>
    where
        Self::Covariance: ParamMatrix<T, N, N>,
        Fit<'a, Self::Covariance, T, N, K>: Send,
    {
        series.par_iter().map(move |y| self.fit(x, y))
    }

    /// Returns the options for fits of many series, each with a design and missing observations of
    /// its own. The options include the criterion, the start and the maximum number of steps.
    ///
    /// ```
    /// use covprop::prelude::*;
    /// use covprop::reml::Series;
    /// use rayon::prelude::*;
    ///
    /// let model = Marginal::new(ScalarMatrix::<3>::new());
    /// let ones = SVector::<f64, 3>::repeat(1.0);
    /// let series: Vec<_> =
    ///     (1..=1000).map(|i| Series::new(ones, vector![0.0, f64::from(i), 0.0])).collect();
    /// let fits = model.series_fits().with_criterion(Criterion::Ml).par_fit(&series);
    /// let variances: Vec<f64> = fits.map(|fit| fit.map(|fit| fit.params[0])).collect::<Result<_, _>>()?;
    /// // σ² = Σ(y − ȳ)²/N = 2i²/9
    /// assert!((variances[2] - 2.0).abs() < 1e-9);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    fn series_fits<T: Real>(&self) -> SeriesFits<'_, Self, T>
    where
        Self: Sized,
    {
        SeriesFits::new(self)
    }
}

impl<M: Model + Sync> ParallelFits for M {}
