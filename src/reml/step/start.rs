//! The start: the scale of V that the data have.

use hybrid_array::Array;
use nalgebra::convert;

use super::{RIDGE, Search};
use crate::reml::Likelihood;
use crate::reml::sample::Data;
use crate::search::dot;
use crate::shape::filled;
use crate::{ParamMatrix, Real};

impl<M, D, T, const N: usize, const K: usize> Search<'_, '_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<T, N, K>,
{
    /// Moves along the direction d with Σ dₖ ∂ₖV = V, if there is one, until yᵀPy = n − K: the moment
    /// estimate of the scale of V. For d the average information is what a least squares fit of V P y by the ∂ₖV
    /// P y needs: I d = ½ yᵀP ∂V P y.
    #[inline(never)]
    pub(super) fn rescale(&mut self) {
        /// Scales of e^±0.1 need no correction; and an exponential is corrected in one step.
        const CLOSE: f64 = 0.1;
        const STEPS: usize = 20;
        let degrees = self.degrees();
        let log_scale = |at: &Likelihood<'_, M, D, T, N, K>| (at.quadratic() / degrees).ln();
        let active = filled::<M::Params, bool>(true);
        for _ in 0..STEPS {
            let scale = log_scale(&self.at);
            let far = scale.abs() > convert(CLOSE);
            if !far {
                return;
            }
            let (growth, average) = self.at.growth();
            // Where parts of V are still alike, all of them grow.
            let ridge = convert(RIDGE);
            let along = average.solve(growth.as_ref(), active.as_ref(), ridge).x;
            // ½ yᵀPVPVPy is ½ yᵀPy.
            let part = dot(growth.as_ref(), along.as_ref()) / self.at.quadratic();
            let grows = (part * convert(2.0) - T::one()).abs() < convert(0.01);
            if !grows {
                return;
            }
            let theta = Array::<T, M::Params>::from_fn(|k| {
                self.at.theta.as_ref()[k] + along.as_ref()[k] * scale
            });
            if !self.look(&theta.0) || log_scale(&self.next).abs() >= scale.abs() {
                return;
            }
            self.go();
            self.inside = theta.0;
        }
    }
}
