//! The likelihood of a state-space model as the objective function of a search.

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector, convert};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::evaluate::for_each_shift;
use crate::algebra::shape::{Shape, Theta};
use crate::base::arrays::{copied, filled};
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::kalman::algebra::mul_tr;
use crate::kalman::estimation::StateSpaceEstimation;
use crate::kalman::linear_gaussian::LinearGaussian;
use crate::kalman::sensitivity::SensitivityFilter;
use crate::kalman::system::SystemDerivative;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::{product as mul, sqrt};
use crate::optimise::problem::{Ascent, Problem};
use crate::optimise::units::{Transforms, Units, power_of_two_near_root};
use crate::transform::{AsJet, Inverted, Jet, Limits, Rescaled};

/// The transforms from the free parameters θ of a state-space model to the natural scale.
pub(super) struct Of<'a, M, const S: usize, const O: usize>(pub(super) &'a M);

impl<T: Real, M: LinearGaussian<T, S, O>, const S: usize, const O: usize> Transforms<T>
    for Of<'_, M, S, O>
{
    fn jet(&self, k: usize, theta: T) -> Jet<T> {
        self.0.visit_transform(k, AsJet(theta))
    }

    fn inverse(&self, k: usize, eta: T) -> Option<T> {
        self.0.visit_transform(k, Inverted(eta))
    }

    fn limits(&self, k: usize) -> [T; 2] {
        self.0.visit_transform(k, Limits::new())
    }

    fn rescale(&self, k: usize, x: T, factor: T) -> Option<T> {
        self.0.visit_transform(k, Rescaled { x, factor })
    }
}

/// A mean square for each element of the observations in a series: half the mean squared difference
/// between successive observations, or the mean squared value if all differences are zero.
pub(super) struct MeanSquares<T, const O: usize>([T; O]);

impl<T: Real, const O: usize> MeanSquares<T, O> {
    pub(super) fn new(observations: &[Option<SVector<T, O>>]) -> Self {
        let (mut squares, mut of_differences) = ([T::zero(); O], [T::zero(); O]);
        let (mut count, mut differences) = (T::zero(), T::zero());
        let mut last: Option<&SVector<T, O>> = None;
        for y in observations.iter().flatten() {
            for (sum, y) in squares.iter_mut().zip(y) {
                *sum += *y * *y;
            }
            count += T::one();
            if let Some(last) = last {
                for ((sum, y), last) in of_differences.iter_mut().zip(y).zip(last) {
                    *sum += (*y - *last) * (*y - *last) * convert(0.5);
                }
                differences += T::one();
            }
            last = Some(y);
        }
        Self(core::array::from_fn(|i| {
            let usable = of_differences[i] > T::zero();
            if usable { of_differences[i] / differences } else { squares[i] / count }
        }))
    }

    /// Returns a power of two near the root mean square over all elements of the observations.
    pub(super) fn power_of_two(&self) -> T {
        let sum = self.0.iter().fold(T::zero(), |sum, &x| sum + x);
        power_of_two_near_root(sum / convert(O as f64))
    }

    /// Returns the effect of each parameter θₖ on a covariance matrix V, relative to the data: the
    /// maximum over i and j of |∂Vᵢⱼ/∂θₖ|/(sᵢ sⱼ), where sᵢ is the root mean square of element i of
    /// the observations. For a parameter of the measurement noise, V is the covariance of the
    /// measurement error. For a parameter of the process noise, V is the covariance that the noise
    /// of a single time step adds to an observation. In this case, the maximum is also over the
    /// last S time steps, where S is the number of states, because the noise of one state may take
    /// up to S time steps to reach an observation.
    #[inline(never)]
    pub(super) fn parts<M, const S: usize>(
        &self,
        model: &M,
        theta: &Theta<M, T>,
        unit: T,
    ) -> Array<T, M::ParamCount>
    where
        M: LinearGaussian<T, S, O>,
    {
        let all = self.power_of_two();
        let factors = self.0.map(|square| {
            let size = sqrt(square);
            unit / (if size > T::zero() { size } else { all })
        });
        let largest = |v: &SMatrix<T, O, O>| Partial::Dense(v).largest(&factors, &factors);
        let system = model.system(theta);
        let derivatives = model.system_gradient(theta);
        Array::from_fn(|k| match &derivatives.as_ref()[k] {
            SystemDerivative::MeasurementNoise(dr) => largest(dr),
            SystemDerivative::ProcessNoise(dq) => {
                let (mut part, mut seen) = (T::zero(), system.observation);
                for _ in 0..S {
                    part = part.max(largest(&mul_tr(&mul(&seen, dq), &seen)));
                    seen = mul(&seen, &system.transition);
                }
                part
            }
            SystemDerivative::Transition(_) | SystemDerivative::Observation(_) => T::zero(),
        })
    }
}

/// The likelihood of a state-space model at the current θ of a search and at the last trial θ.
pub(super) struct Maximand<'e, 'm, 'y, M, T, const S: usize, const O: usize>
where
    T: Real,
    M: LinearGaussian<T, S, O>,
{
    estimation: &'e StateSpaceEstimation<'m, 'y, M, T, S, O>,
    units: &'e Units<M::ParamCount, T>,
    theta: Array<T, M::ParamCount>,
    at: SensitivityFilter<M, T, S, O>,
    there: There<M, T, S, O>,
}

/// The last trial θ, the log-likelihood at this θ, and the sensitivity filter at this θ, or `None`
/// if the sensitivity filter has not been computed.
type There<M, T, const S: usize, const O: usize> =
    (Array<T, <M as Shape>::ParamCount>, T, Option<SensitivityFilter<M, T, S, O>>);

impl<'e, 'm, 'y, M, T, const S: usize, const O: usize> Maximand<'e, 'm, 'y, M, T, S, O>
where
    T: Real,
    M: LinearGaussian<T, S, O>,
{
    /// Evaluates the likelihood at the starting value `theta`, which must be converted to the unit
    /// of the search.
    pub(super) fn new(
        estimation: &'e StateSpaceEstimation<'m, 'y, M, T, S, O>,
        units: &'e Units<M::ParamCount, T>,
        theta: Array<T, M::ParamCount>,
    ) -> Result<Self, Error> {
        let at = estimation.at_in_unit(&theta.0, units.unit)?;
        let there = (theta.clone(), at.log_likelihood(), None);
        Ok(Self { estimation, units, theta, at, there })
    }

    /// Returns the filter after the last observation.
    pub(super) const fn filter(&self) -> &SensitivityFilter<M, T, S, O> {
        &self.at
    }

    /// Returns the score at θ. If the likelihood is undefined at θ, all entries of the score are
    /// infinite.
    fn score_at(&self, theta: &Theta<M, T>) -> Array<T, M::ParamCount> {
        match self.estimation.at_in_unit(theta, self.units.unit) {
            Ok(filter) => Array(copied::<M::ParamCount, T>(filter.score())),
            Err(_) => Array(filled::<M::ParamCount, _>(T::one() / T::zero())),
        }
    }
}

impl<M, T, const S: usize, const O: usize> Problem<M::ParamCount, T>
    for Maximand<'_, '_, '_, M, T, S, O>
where
    T: Real,
    M: LinearGaussian<T, S, O>,
{
    fn transforms(&self) -> impl Transforms<T> {
        Of(self.estimation.model)
    }

    fn theta(&self) -> &Theta<M, T> {
        &self.theta.0
    }

    fn log_likelihood(&self) -> T {
        self.at.log_likelihood()
    }

    fn look(&mut self, theta: &Theta<M, T>) -> Option<T> {
        let there = self.estimation.log_likelihood_in_unit(theta, self.units.unit).ok()?;
        self.there = (Array(copied::<M::ParamCount, T>(theta)), there, None);
        Some(there)
    }

    fn restart(&mut self, theta: &Theta<M, T>) -> bool {
        let has_value = self.look(theta).is_some() && self.is_smooth_there(true);
        self.go();
        has_value
    }

    fn is_smooth_there(&mut self, _: bool) -> bool {
        let (theta, _, filter) = &mut self.there;
        if filter.is_none() {
            *filter = self.estimation.at_in_unit(&theta.0, self.units.unit).ok();
        }
        filter.is_some()
    }

    fn go(&mut self) {
        if !self.is_smooth_there(true) {
            return;
        }
        let (theta, log_likelihood, filter) = &mut self.there;
        if let Some(filter) = filter {
            core::mem::swap(&mut self.at, filter);
            core::mem::swap(&mut self.theta, theta);
            *log_likelihood = filter.log_likelihood();
        }
    }

    /// Uses the information matrix of the sensitivity filter as both the average and the expected
    /// information.
    fn ascend<R>(
        &mut self,
        ascent: &mut Ascent<M::ParamCount, T>,
        _: bool,
        judge: impl FnOnce(&Theta<M, T>, &InformationMatrix<M::ParamCount, T>) -> (bool, R),
    ) -> R {
        ascent.score = copied::<M::ParamCount, T>(self.at.score());
        ascent.average = self.at.information_square().clone();
        let (asks, told) = judge(&ascent.score, &ascent.average);
        ascent.other = asks.then(|| ascent.average.clone());
        told
    }

    /// Computes the observed information by central differences of the score.
    fn observed(&mut self, _: &Ascent<M::ParamCount, T>) -> InformationMatrix<M::ParamCount, T> {
        let mut observed = InformationMatrix::<M::ParamCount, T>::zeros();
        for_each_shift::<M::ParamCount, T>(&self.theta.0, |l, above, below, width| {
            let (above, below) = (self.score_at(above), self.score_at(below));
            for k in 0..above.len() {
                let half = (below[k] - above[k]) / (width + width);
                observed.add(k, l, half);
                observed.add(l, k, half);
            }
        });
        observed
    }

    fn is_same(&mut self, theta: &Theta<M, T>) -> bool {
        let model = self.estimation.model;
        let (there, here) = (model.system(theta), model.system(&self.theta.0));
        there == here
    }

    fn count(&self) -> T {
        convert(self.estimation.observations() as f64)
    }

    fn log_scale(&self) -> T {
        T::zero()
    }

    fn typical(&self, k: usize) -> T {
        self.units.typical(k)
    }
}
