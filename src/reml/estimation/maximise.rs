//! The search for the maximum of the likelihood.

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, Theta};
use crate::base::arrays::tabulate;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::kernel::sqrt;
use crate::optimise::Sight;
use crate::optimise::outcome::Progress;
use crate::optimise::starts::maximise;
use crate::optimise::units::{Transforms, Units};
use crate::reml::estimation::Estimation;
use crate::reml::estimation::coordinates::InCoordinates;
use crate::reml::estimation::own_rows::Observations;
use crate::reml::estimation::problem::{Maximand, Of};
use crate::reml::fit::Fit;
use crate::reml::observations::Data;

impl<'a, M, D, T, const N: usize, const K: usize> Estimation<'a, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    /// Returns the unit of y in which the search evaluates the likelihood, and the scales of the
    /// parameters in this unit.
    pub(crate) fn units(&self) -> Units<M::ParamCount, T> {
        let scales = |scales: &mut [Scale]| self.data.scales(self.model, scales);
        Units::new(self.model, scales, &Of(self.model), self.size)
    }

    /// Maximises the likelihood from a start, in the coordinates in which V has the fewest rows. If
    /// `held` is `Some(k)`, parameter k keeps its value at the start.
    pub(crate) fn maximise<'e>(
        &'e self,
        start: Option<&'e Theta<M, T>>,
        held: Option<usize>,
        observer: impl Observer<M, T>,
    ) -> Result<Fit<'a, M, T, N, K>, Error> {
        self.in_smallest(Maximise { whole: self, units: self.units(), start, held, observer })
    }
}

impl<M, D, T, const N: usize, const K: usize> Estimation<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    /// Adjusts the typical parameter values of a search to the residual standard deviation of each
    /// row of y and to the derivatives of V.
    #[inline(never)]
    fn balance(&self, units: &mut Units<M::ParamCount, T>, transforms: &impl Transforms<T>) {
        let factors = self.data.row_sizes(self.size, units.unit).map(|size| T::one() / size);
        units.balance(transforms, |theta| {
            self.data.largest_derivatives(self.model, theta, &factors)
        });
    }
}

/// A callback that a search calls before each step and at the end.
pub(crate) trait Observer<M: Shape, T> {
    /// `false` if the callback does nothing.
    const OBSERVES: bool;

    /// Passes the progress of the search to the callback.
    fn observe(&mut self, progress: &Progress<'_, M, T>);
}

/// An observer that does nothing.
pub(crate) struct Unobserved;

impl<M: Shape, T> Observer<M, T> for Unobserved {
    const OBSERVES: bool = false;

    fn observe(&mut self, _: &Progress<'_, M, T>) {}
}

/// An observer that calls a function.
pub(in crate::reml) struct Observed<F>(pub(in crate::reml) F);

impl<M: Shape, T, F: FnMut(&Progress<'_, M, T>)> Observer<M, T> for Observed<F> {
    const OBSERVES: bool = true;

    fn observe(&mut self, progress: &Progress<'_, M, T>) {
        (self.0)(progress);
    }
}

struct Maximise<'e, 'a, M, D, O, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    whole: &'e Estimation<'a, M, D, T, N, K>,
    units: Units<M::ParamCount, T>,
    start: Option<&'e Theta<M, T>>,
    held: Option<usize>,
    observer: O,
}

impl<'a, M, D, O, T, const N: usize, const K: usize> InCoordinates<T, M::ParamCount, K>
    for Maximise<'_, 'a, M, D, O, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
    O: Observer<M, T>,
{
    type Answer = Fit<'a, M, T, N, K>;

    fn act<V, S, const R: usize>(
        self,
        estimation: &Estimation<'_, V, S, T, R, K>,
    ) -> Result<Self::Answer, Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = M::ParamCount>,
        S: Data<V, T, R, K>,
    {
        let Self { whole, mut units, start, held, mut observer } = self;
        let transforms = Of(whole.model);
        estimation.balance(&mut units, &transforms);
        let inner = start.map(|start| units.inwards(&transforms, start.as_ref()).0);
        let maximand = Maximand::new(estimation, &units, inner.as_ref());
        let mut maximand = maximand.map_err(|error| whole.in_own_rows(error, start))?;
        let of_unit = maximand.likelihood().of_unit();
        let ended = maximise(
            &mut maximand,
            start.is_none().then_some(&units),
            held,
            whole.max_iterations,
            |Sight { iteration, theta, step, log_likelihood, decrement }| {
                if const { !O::OBSERVES } {
                    return;
                }
                let outer = units.outwards(&transforms, theta.as_ref());
                let slope = |k| units.slope(&transforms, k, theta.as_ref()[k], outer[k]);
                observer.observe(&Progress {
                    iteration,
                    theta: &outer.0,
                    step: &tabulate::<M::ParamCount, T>(T::zero(), |k| step[k] * slope(k)).0,
                    log_likelihood: log_likelihood - of_unit,
                    score_norm: sqrt(decrement.max(T::zero())),
                });
            },
        );
        Ok(Fit::new(whole, &units, maximand, ended))
    }
}
