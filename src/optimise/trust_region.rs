//! The step that maximises the quadratic model within the trust region.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::sqrt;
use crate::optimise::Search;
use crate::optimise::problem::Problem;

/// The largest relative rise of a positive parameter in the first step: the parameter may grow to
/// sixteen times its starting value.
const POSITIVE: f64 = 15.0;
/// The largest relative change in the first step of a parameter that may be negative.
const OTHER: f64 = 3.0;
/// The number of bisections of the interval that contains the Lagrange multiplier λ of the trust
/// region.
const BISECTIONS: usize = 40;

/// The factors from which the squared scale D² of the trust region ‖Dδ‖ ≤ Δ is computed:
///
/// ```text
/// Dₖₖ² = max(by_sizeₖ, by_informationₖ Bₖₖ)        B: information matrix
/// ```
///
/// For a free parameter, `by_size` is the inverse square of the parameter's size, and
/// `by_information` is inversely proportional to the number of observations. Both factors are
/// divided by the square of the relative change that a first step may make.
pub(super) struct Metric<P: ArraySize, T> {
    by_size: Array<T, P>,
    by_information: Array<T, P>,
}

impl<P: ArraySize, T: Real> Metric<P, T> {
    /// Returns the diagonal of the trust region's squared scale D². Each entry of D² is the larger
    /// of the information per observation and the inverse square of the parameter's size.
    pub(super) fn with(&self, information: &InformationMatrix<P, T>) -> Array<T, P> {
        Array::from_fn(|k| {
            let by_one = information.get(k, k).max(T::zero()) * self.by_information[k];
            by_one.max(self.by_size[k])
        })
    }
}

/// Returns the length ‖Dδ‖ of a step δ, where `metric` is the diagonal of the trust region's
/// squared scale D².
pub(super) fn length<P: ArraySize, T: Real>(metric: &Array<T, P>, step: &[T]) -> T {
    let squares = step.iter().zip(metric).map(|(&x, &d)| x * x * d);
    sqrt(squares.fold(T::zero(), |sum, x| sum + x))
}

impl<Q, P, T> Search<'_, Q, P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    /// Returns the factors that do not depend on an information matrix, from which the squared
    /// scale D² of the trust region is computed.
    pub(super) fn metric(&self) -> Metric<P, T> {
        let two_by_count = convert::<_, T>(2.0) / self.problem.count();
        let reach =
            |k: usize| convert(if self.bounds[k].are_positive() { POSITIVE } else { OTHER });
        Metric {
            by_size: Array::from_fn(|k| {
                if !self.is_free(k) {
                    return T::zero();
                }
                let jet = self.jet(k);
                let by_size = jet.first / (jet.value.abs().max(self.typical[k]) * reach(k));
                by_size * by_size
            }),
            by_information: Array::from_fn(|k| {
                let reach = reach(k);
                if self.is_free(k) { two_by_count / (reach * reach) } else { T::zero() }
            }),
        }
    }

    /// Returns the step that maximises the quadratic model in the trust region. The argument
    /// `newton` is the Newton step, if the information matrix is positive definite.
    ///
    /// ```text
    /// D⁻¹ B D⁻¹ = Q diag(b) Qᵀ             B: information,  D: scale of the trust region
    /// c = Qᵀ D⁻¹ s                         s: score
    /// δ = D⁻¹ Q [cᵢ/(bᵢ + λ)]              δ: step,  λ ≥ max(0, −min b) such that ‖Dδ‖ = Δ
    /// ```
    ///
    /// If the score has no component along the eigenvector of the smallest eigenvalue of D⁻¹BD⁻¹,
    /// the step is extended along this eigenvector to the radius Δ of the trust region (the hard
    /// case of Moré & Sorensen 1983).
    pub(super) fn trust_region_step(
        &self,
        information: &InformationMatrix<P, T>,
        score: &[T],
        newton: Option<&Array<T, P>>,
        metric: &Array<T, P>,
    ) -> Array<T, P> {
        if let Some(newton) = newton.filter(|newton| length(metric, newton) <= self.radius) {
            return Array::from_fn(|k| newton[k]);
        }
        let inverse = Array::<T, P>::from_fn(|k| {
            let d = metric[k];
            if d > T::zero() { T::one() / sqrt(d) } else { d }
        });
        // A parameter that is not free has the eigenvalue 1 and does not enter the step.
        let scaled = InformationMatrix::<P, T>::from_fn(|k, l| {
            let held = k == l && inverse[k].is_zero();
            if held { T::one() } else { information.get(k, l) * inverse[k] * inverse[l] }
        });
        let (values, vectors) = scaled.eigen();
        let parts = Array::<T, P>::from_fn(|i| {
            (0..P::USIZE).fold(T::zero(), |sum, k| sum + vectors.get(k, i) * inverse[k] * score[k])
        });
        let least = (0..P::USIZE).fold(T::zero(), |m, i| m.max(-values[i]));
        let squares = |lambda: T| {
            let along = |i: usize| parts[i] / (values[i] + lambda);
            (0..P::USIZE).fold(T::zero(), |sum, i| sum + along(i) * along(i))
        };
        let whole = parts.iter().fold(T::zero(), |sum, &x| sum + x * x);
        let (mut low, mut high) = (least, least + sqrt(whole) / self.radius);
        for _ in 0..BISECTIONS {
            let middle = (low + high) * convert(0.5);
            // A NaN counts as too long.
            let short = squares(middle) <= self.radius * self.radius;
            if short { high = middle } else { low = middle }
        }
        let along = |i: usize| {
            let x = parts[i] / (values[i] + high);
            if x.is_finite() { x } else { T::zero() }
        };
        let mut in_eigenvectors = Array::<T, P>::from_fn(along);
        let rest = self.radius * self.radius - squares(high);
        if least > T::zero() && rest > self.radius * self.radius * convert(0.5) {
            for i in (0..P::USIZE).filter(|&i| values[i] == -least) {
                let side = if parts[i] < T::zero() { -T::one() } else { T::one() };
                in_eigenvectors[i] += side * sqrt(rest);
            }
        }
        Array::from_fn(|k| {
            let sum = |sum, i| sum + vectors.get(k, i) * in_eigenvectors[i];
            (0..P::USIZE).fold(T::zero(), sum) * inverse[k]
        })
    }
}
