//! The maximum, sought in the coordinates in which V is smallest.

use core::marker::PhantomData;

use nalgebra::SMatrix;

use super::Estimation;
use crate::cholesky::Cholesky;
use crate::evaluate::check_finite;
use crate::kernel::sqrt;
use crate::reml::panel::Accumulator;
use crate::reml::sample::Sample;
use crate::reml::step::{Ended, Search};
use crate::reml::{Fit, Progress, reduced};
use crate::shape::default_theta;
use crate::{Error, OnDesign, ParamMatrix, Real, Shape, Theta};

impl<'a, M, D, T, const N: usize, const K: usize> Estimation<'a, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    /// The maximum from a start, with a parameter held there, in the coordinates in which V is smallest.
    pub(in crate::reml) fn maximise(
        &self,
        start: Option<&Theta<M, T>>,
        held: Option<usize>,
        observer: impl FnMut(&Progress<'_, M, T>),
    ) -> Result<Fit<'a, M, T, N, K>, Error> {
        /// The size of an array is a literal: the first of these where V has room. The others are not compiled.
        macro_rules! in_smallest {
            ($($size:literal)*) => {$(
                if const { Self::has_room($size) }
                    && let Some(weights) = self.weights()
                {
                    return self.reduced::<$size>(&weights, start, held, observer);
                }
            )*};
        }
        in_smallest!(2 3 4 5 6 7 8 9 10 12 14 16 20 24 28 32 40 48 56 64);
        let mut search = Search::new(self, held);
        search.start(start)?;
        let ended = search.run(observer);
        Ok(Fit::new(self, search.at(), ended))
    }

    /// Whether V can be made smaller, to not more than `size` rows.
    const fn has_room(size: usize) -> bool {
        match reduced::rows(M::COORDINATES, N) {
            Some(rows) => D::REDUCIBLE && rows <= size && size < N,
            None => false,
        }
    }

    /// The fixed weights of the residuals, if they are so much alike that no row loses digits beside another.
    fn weights(&self) -> Option<[T; N]> {
        let mut weights = [T::one(); N];
        if const { M::COORDINATES.are_weighted() } {
            self.model.write_weights(&mut weights);
            let largest = weights.iter().fold(T::zero(), |m, &w| m.max(w));
            let counts = |w: &T| *w > largest * sqrt(T::default_epsilon()) && w.is_finite();
            return weights.iter().all(counts).then_some(weights);
        }
        Some(weights)
    }

    fn reduced<const R: usize>(
        &self,
        weights: &[T; N],
        start: Option<&Theta<M, T>>,
        held: Option<usize>,
        observer: impl FnMut(&Progress<'_, M, T>),
    ) -> Result<Fit<'a, M, T, N, K>, Error> {
        let mut design = SMatrix::<T, N, R>::zeros();
        self.model.write_design(0, &mut design);
        let (data, design) = self.sample.reduced(&design, M::COORDINATES.columns(), weights);
        let search = Reduced { estimation: self, data: &data, start, held, observer };
        let fit = self.model.on_design(&design, 0, search);
        fit.unwrap_or(Err(Error::LikelihoodNotFinite)).map_err(|error| match error {
            Error::NotFinite { .. } | Error::NotPositiveDefinite { .. } => self.error_of_v(start),
            other => other,
        })
    }

    /// Where V is not finite or not positive definite at a start, in its own rows.
    #[cold]
    fn error_of_v(&self, start: Option<&Theta<M, T>>) -> Error {
        let defaults = default_theta::<M, T>(self.model);
        let v = self.model.value(start.unwrap_or(&defaults));
        let not_definite = || Cholesky::new(&v).err().map(|row| Error::NotPositiveDefinite { row });
        check_finite(&v).err().or_else(not_definite).unwrap_or(Error::LikelihoodNotFinite)
    }
}

/// A search in other coordinates.
struct Reduced<'e, 'a, M, D, F, T, const N: usize, const K: usize, const R: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    estimation: &'e Estimation<'a, M, D, T, N, K>,
    data: &'e Accumulator<T, R, K, 1>,
    start: Option<&'e Theta<M, T>>,
    held: Option<usize>,
    observer: F,
}

impl<'a, M, D, F, T, const N: usize, const K: usize, const R: usize> OnDesign<T, M::Params, R>
    for Reduced<'_, 'a, M, D, F, T, N, K, R>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
    F: FnMut(&Progress<'_, M, T>),
{
    type Output = Result<Fit<'a, M, T, N, K>, Error>;

    fn take<V: ParamMatrix<T, R, R> + Shape<Params = M::Params>>(
        mut self,
        model: &V,
    ) -> Self::Output {
        let Estimation { criterion, max_iterations, .. } = *self.estimation;
        let reduced = Estimation {
            model,
            sample: self.data,
            criterion,
            start: None,
            max_iterations,
            scalar: PhantomData,
        };
        let mut search = Search::new(&reduced, self.held);
        search.start(self.start)?;
        let ended =
            search.run(|&Progress { iteration, theta, step, log_likelihood, score_norm }| {
                let progress = Progress { iteration, theta, step, log_likelihood, score_norm };
                (self.observer)(&progress);
            });
        let outcome = ended.outcome.of_same_params();
        let ended = Ended { outcome, iterations: ended.iterations, average: ended.average };
        Ok(Fit::new(self.estimation, search.at(), ended))
    }
}
