//! The directions in which a model can move V from a fit inside the parameter space or on its
//! boundary.
//!
//! For a parameter on the boundary, θₖ is infinite, or, if V depends on the square of θₖ, θₖ is
//! zero. In both cases, the derivative of V with respect to θₖ is zero for every model. The
//! directions in which V can move are therefore computed from the derivatives of V at a θ slightly
//! inside the boundary.

use hybrid_array::Array;
use nalgebra::convert;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Theta;
use crate::base::arrays::{copied, tabulate};
use crate::base::scalar::Real;
use crate::inference::ridge::Ridge;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::sqrt;
use crate::optimise::outcome::Edge;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::own_rows::Observations;
use crate::reml::fit::Fit;
use crate::reml::likelihood::Likelihood;
use crate::transform::{Inverted, Limits};

impl<M, T, const N: usize, const K: usize> Fit<'_, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    /// Returns `true` if parameter k is on the boundary and does not diverge to a limit at
    /// infinity.
    pub(super) fn is_on_edge(&self, k: usize) -> bool {
        !self.goes_to_limit(k)
            && (self.outcome.edge(k).is_some()
                || self.theta.as_ref().get(k).is_some_and(|theta| !theta.is_finite()))
    }

    /// Returns `true` if parameter k diverges to a limit at infinity together with other
    /// parameters.
    pub(super) fn goes_to_limit(&self, k: usize) -> bool {
        self.certificate().limit.get(k).is_some_and(|x| !x.is_zero())
    }
}

/// The parameters of a fit that count as estimated, and the directions that the data do not
/// determine.
pub(super) struct Tangent<M: ParamMatrix<T, N, N>, T: Real, const N: usize, const K: usize> {
    /// The parameters that count as estimated. A parameter does not count as estimated if the
    /// parameter is on the boundary, or if V does not depend on the parameter because another
    /// parameter is on the boundary. If parameters diverge while the likelihood rises to a limit,
    /// they count as estimated, except for the direction in which they diverge.
    pub(super) free: Array<bool, M::ParamCount>,
    /// The parameters that count as estimated, except for one parameter of each direction that the
    /// data do not determine.
    pub(super) independent: Array<bool, M::ParamCount>,
    pub(super) ridge: Ridge<M::ParamCount, T, K>,
}

impl<M, D, T, const N: usize, const K: usize> Likelihood<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    /// Returns the parameters of a fit that count as estimated, and the directions that the data do
    /// not determine. The argument `expected` is the expected information at a θ slightly inside
    /// the boundary, at which derivatives of V are computed. A parameter k on the boundary counts
    /// as estimated if `counted(k)` is `true`.
    pub(super) fn tangent(
        &self,
        fit: &Fit<'_, M, T, N, K>,
        expected: &InformationMatrix<M::ParamCount, T>,
        counted: impl Fn(usize) -> bool,
    ) -> Tangent<M, T, N, K> {
        let some = (0..self.theta.as_ref().len()).any(|k| fit.is_on_edge(k));
        let influences = self.influences(|k| !fit.is_on_edge(k));
        let free = tabulate::<M::ParamCount, bool>(false, |k| {
            if fit.is_on_edge(k) {
                // A parameter that changes V but not the likelihood is not known to be at its
                // bound.
                influences[k] && (counted(k) || expected.get(k, k).is_zero())
            } else {
                !some || influences[k]
            }
        });
        let mut independent = free.clone();
        let ridge = self.ridge(expected, &fit.certificate().limit, &mut independent);
        Tangent { free, independent, ridge }
    }
}

impl<M, D, T, const N: usize, const K: usize> Estimation<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    /// Returns the θ of a fit, with each parameter on a finite bound moved slightly away from the
    /// bound. These moves change V by no more than rounding error.
    pub(super) fn inside(&self, fit: &Fit<'_, M, T, N, K>) -> Theta<M, T> {
        const FARTHEST: i32 = 9;
        let differs = |theta: &Theta<M, T>| {
            let (difference, largest) = self.data.difference(self.model, theta, &fit.theta);
            difference > largest * T::default_epsilon()
        };
        let units = self.units();
        let mut theta = Array::<T, M::ParamCount>(copied::<M::ParamCount, T>(&fit.theta));
        for k in 0..theta.len() {
            let end = theta[k];
            if end.is_finite() || !self.has_limit(k, end) {
                continue;
            }
            let sign = if end > T::zero() { T::one() } else { -T::one() };
            // A variance is put at ε times its typical value, whatever the unit of y is.
            let typical = units.typical(k) * units.factor(k) * T::default_epsilon();
            let by_unit = |halving: i32| {
                let eta = typical * convert::<_, T>(0.5).powi(halving);
                self.model.visit_transform(k, Inverted(eta)).filter(|_| self.is_component(k))
            };
            let by_theta = |doubling: i32| sign * convert::<_, T>(2.0).powi(doubling);
            let places = (0..=FARTHEST).filter_map(by_unit);
            for place in places.chain((0..=FARTHEST).map(by_theta)) {
                let mut nearer = Array::<T, M::ParamCount>(copied::<M::ParamCount, T>(&fit.theta));
                nearer[k] = place;
                if !differs(&nearer.0) {
                    theta[k] = nearer[k];
                    break;
                }
            }
        }
        theta.0
    }

    /// Moves parameters on the boundary that have no finite bound slightly inside the parameter
    /// space, and returns `true` for each moved parameter. A parameter is moved if the parameter is
    /// a ratio L that is infinite at a correlation of ±1. Near this correlation, V changes as 1/L².
    /// A parameter θₖ at zero is also moved if V depends on the square of θₖ. The derivatives of V
    /// at the new θ have the correct directions to a precision of √ε, where ε is the machine
    /// epsilon.
    pub(super) fn move_far_inside(
        &self,
        fit: &Fit<'_, M, T, N, K>,
        theta: &mut Theta<M, T>,
        size: T,
    ) -> Array<bool, M::ParamCount> {
        // (1/L)² = √ε
        let far = T::one() / sqrt(sqrt(T::default_epsilon()));
        let mut moved = Array::<bool, M::ParamCount>::from_fn(|_| false);
        for (k, theta) in theta.as_mut().iter_mut().enumerate() {
            if fit.goes_to_limit(k) {
                continue;
            }
            let sign = if *theta > T::zero() { T::one() } else { -T::one() };
            let endless = !self.has_limit(k, T::one()) && !self.has_limit(k, -T::one());
            let to = if fit.outcome.edge(k) == Some(Edge::Zero) {
                sqrt(size) / far
            } else if !theta.is_finite() {
                sign * far
            } else if endless && theta.abs() > far * far {
                // If the ratio of several parameters matters, the search ends with θ near 1/ε.
                *theta * T::default_epsilon() * far
            } else {
                continue;
            };
            *theta = to;
            moved[k] = true;
        }
        moved
    }

    /// Returns `true` if one bound of parameter k is zero and the other bound is infinite, as for a
    /// variance.
    pub(super) fn is_component(&self, k: usize) -> bool {
        let limits = self.model.visit_transform(k, Limits::<T>::new());
        limits.iter().any(T::is_zero) && limits.iter().any(|limit| !limit.is_finite())
    }

    /// Returns `true` if parameter k has a finite bound on the given side. The bound is the limit
    /// of the parameter for θₖ → −∞ if `side` is negative, and for θₖ → ∞ if `side` is positive.
    fn has_limit(&self, k: usize, side: T) -> bool {
        let limits = self.model.visit_transform(k, Limits::<T>::new());
        Edge::on_side_of(side).of(limits).is_finite()
    }
}
