//! The maximum.

use super::Estimation;
use super::smallest::InCoordinates;
use crate::reml::sample::{Data, Sample};
use crate::reml::step::{Ended, Search};
use crate::reml::{Fit, Progress};
use crate::{Error, ParamMatrix, Real, Shape, Theta};

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
        let maximise = Maximise { whole: self, start, held, observer };
        self.in_smallest(maximise, |Maximise { observer, .. }| {
            let mut search = Search::new(self, held);
            search.start(start)?;
            let ended = search.run(observer);
            Ok(Fit::new(self, search.at(), ended))
        })
    }
}

struct Maximise<'e, 'a, M, D, F, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    whole: &'e Estimation<'a, M, D, T, N, K>,
    start: Option<&'e Theta<M, T>>,
    held: Option<usize>,
    observer: F,
}

impl<'a, M, D, F, T, const N: usize, const K: usize> InCoordinates<T, M::Params, K>
    for Maximise<'_, 'a, M, D, F, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
    F: FnMut(&Progress<'_, M, T>),
{
    type Answer = Fit<'a, M, T, N, K>;

    fn act<V, S, const R: usize>(
        mut self,
        estimation: &Estimation<'_, V, S, T, R, K>,
    ) -> Result<Self::Answer, Error>
    where
        V: ParamMatrix<T, R, R> + Shape<Params = M::Params>,
        S: Data<T, R, K>,
    {
        let mut search = Search::new(estimation, self.held);
        search.start(self.start).map_err(|error| self.whole.in_own_rows(error, self.start))?;
        let ended =
            search.run(|&Progress { iteration, theta, step, log_likelihood, score_norm }| {
                let progress = Progress { iteration, theta, step, log_likelihood, score_norm };
                (self.observer)(&progress);
            });
        let outcome = ended.outcome.of_same_params();
        let ended = Ended { outcome, iterations: ended.iterations, average: ended.average };
        Ok(Fit::new(self.whole, search.at(), ended))
    }
}
