//! The fixed effects whose variance depends on parameters that the data do not determine.

use hybrid_array::Array;
use nalgebra::convert;
use typenum::Unsigned;

use crate::algebra::matrix::ParamMatrix;
use crate::base::arrays::{copied, tabulate};
use crate::base::scalar::{Real, epsilon_to};
use crate::linalg::kernel::sqrt;
use crate::optimise::certificate::Stop;
use crate::optimise::outcome::Outcome;
use crate::reml::covariance_factor::rounding;
use crate::reml::estimation::Estimation;
use crate::reml::fit::Fit;
use crate::reml::observations::Data;

/// The threshold for the conclusion that a result, such as the variance of a fixed effect, has no
/// limit as parameters go to infinity. A result is taken to have no limit if its relative change
/// exceeds this fraction of the relative change of V.
pub(crate) const GROWS: f64 = 0.1;

impl<M, D, T, const N: usize, const K: usize> Estimation<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    /// Sets the entry of `fit.undetermined` to `true` for each fixed effect whose variance changes
    /// along a ridge of equal likelihood, or grows without bound as parameters go to infinity.
    ///
    /// The changes of the variances are computed by central differences. The function does not use
    /// the exact derivatives of [`Inference`](crate::inference::Inference), so that firmware
    /// without inference need not contain their code.
    #[inline(never)]
    pub(crate) fn mark_undetermined(&self, fit: &mut Fit<'_, M, T, N, K>) {
        let limit = fit.certificate().stop == Stop::Limit;
        let combination = match &fit.outcome {
            Outcome::NotIdentified(combination) => copied::<M::ParamCount, T>(combination),
            Outcome::Boundary(_) if limit => copied::<M::ParamCount, T>(&fit.certificate().limit.0),
            _ => return,
        };
        let step: T = epsilon_to(1.0 / 3.0);
        let theta_of = |k: usize| fit.theta.as_ref().get(k).copied().unwrap_or_else(T::zero);
        let mut marks = fit.undetermined;
        let mut mark = |direction: &Array<T, M::ParamCount>| {
            let mut variances = [fit.beta_covariance.diagonal(); 2];
            let ends = [step, -step].map(|step| {
                tabulate::<M::ParamCount, T>(T::zero(), |k| match direction[k] {
                    // An infinite θ is not changed.
                    n if n.is_zero() => theta_of(k),
                    n => theta_of(k) + step * n,
                })
            });
            for (theta, variance) in ends.iter().zip(&mut variances) {
                match self.likelihood(fit.criterion, &theta.0) {
                    Ok(at) => *variance = at.beta_covariance().diagonal(),
                    Err(_) => return marks.fill(true),
                }
            }
            let [there, back] = &ends;
            let (difference, largest) = self.data.difference(self.model, &back.0, &there.0);
            let change = difference / largest;
            // As parameters go to infinity, a variance that has a limit still changes a little.
            let part = if limit { convert(GROWS) } else { sqrt(T::default_epsilon()) };
            let least = change * part + rounding::<T, N>();
            let [there, back] = variances;
            for (mark, (&there, &back)) in marks.iter_mut().zip(there.iter().zip(&back)) {
                *mark |= (there - back).abs() > there * least;
            }
        };
        mark(&Array(combination));
        for alone in (0..M::ParamCount::USIZE).filter(|_| !limit) {
            let row = fit.average_information.as_ref().get(alone);
            let information = row.and_then(|row| row.as_ref().get(alone));
            if information.is_some_and(T::is_zero) && theta_of(alone).is_finite() {
                mark(&tabulate(T::zero(), |k| if k == alone { T::one() } else { T::zero() }));
            }
        }
        fit.undetermined = marks;
    }
}
