//! The classification of a point at which the score of the free parameters is zero: a maximum, a
//! ridge, or neither.

use hybrid_array::{Array, ArraySize};
use nalgebra::convert;

use crate::base::arrays::{copied, filled, tabulate};
use crate::base::scalar::{Real, epsilon_to};
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::sqrt;
use crate::optimise::outcome::Edge;
use crate::optimise::problem::{Ascent, Problem};
use crate::optimise::{End, Search};

/// The distances along a direction at which the log-likelihood is evaluated, in units of the
/// typical values of the parameters.
const PARTS: [f64; 3] = [0.5, 0.05, 1e-3];
/// A parameter counts as part of a direction if its entry is above this fraction of the largest
/// entry of the direction.
const BELONGS: f64 = 1e-3;

/// Returns the threshold above which the second derivative of the log-likelihood along a direction
/// is more than rounding error. The threshold is relative to the sum of the average and the
/// expected information along the direction.
fn curved<T: Real>() -> T {
    epsilon_to(1.0 / 3.0)
}

/// The behaviour of the log-likelihood on both sides of θ along a direction.
enum Along {
    /// The log-likelihood rises on one side of θ, and θ has moved to that side.
    Rises,
    /// The log-likelihood falls on both sides of θ.
    Falls,
    /// The log-likelihood does not change along the direction, or falls only on one side of θ.
    Flat,
}

impl<Q, P, T> Search<'_, Q, P, T>
where
    P: ArraySize,
    T: Real,
    Q: Problem<P, T>,
{
    /// Returns the outcome of the search at the current θ. The argument `ascent` must hold the
    /// score, the average and the expected information. If the log-likelihood rises along a
    /// direction in which the score is zero, moves θ along that direction and returns `None`.
    #[inline(never)]
    pub(super) fn identify(&mut self, ascent: &mut Ascent<P, T>) -> Option<End<P, T>> {
        let on_bound = self.parked.iter().any(Option::is_some);
        // While one parameter is on a bound, V may not depend on others: a correlation has no
        // effect if a variance is zero.
        let active = tabulate::<P, bool>(false, |k| {
            self.is_free(k) && !(on_bound && ascent.average.get(k, k).is_zero())
        });
        let expected = ascent.other.take().unwrap_or_else(InformationMatrix::zeros);
        let null_of = |information: &InformationMatrix<P, T>| {
            information.solve(&Array::<T, P>::from_fn(|_| T::zero()), &active).null
        };
        let unknown = null_of(&ascent.average).and_then(|_| null_of(&expected)).map(Array);
        let unknown = unknown.or_else(|| self.without_influence(&expected, &active));
        ascent.other = Some(expected);
        let observed = self.observed(ascent);
        let (eigenvalue, lowest) = Self::lowest(&observed, ascent, &active);
        self.certificate.smallest_eigenvalue = eigenvalue;
        if let Some(direction) = unknown {
            if self.come_back(&direction) {
                return None;
            }
            let bent = observed.form(&direction) > Self::told(ascent, &direction) * curved::<T>();
            return match self.along(&direction) {
                Along::Rises => None,
                Along::Falls if bent => Some(self.on_fold(&direction)),
                Along::Falls | Along::Flat => Some(End::NotIdentified(direction.0)),
            };
        }
        let curved = curved::<T>();
        if eigenvalue < -curved * curved && matches!(self.along(&lowest), Along::Rises) {
            return None;
        }
        // The derivatives and the values of the log-likelihood contradict each other: the
        // log-likelihood is not precise enough in this scalar type.
        if eigenvalue < -curved {
            return Some(End::Stalled);
        }
        Some(if on_bound { End::Boundary(copied::<P, _>(&self.parked.0)) } else { End::Converged })
    }

    /// If the log-likelihood rises when diverged parameters are moved back to their typical size,
    /// moves these parameters and returns `true`. Otherwise returns `false`. The moved parameters
    /// have no bounds, and have diverged so far that the covariance matrix V no longer depends on
    /// their values.
    fn come_back(&mut self, direction: &Array<T, P>) -> bool {
        /// The size of a parameter that has diverged, in units of its typical size.
        const FAR: f64 = 1e6;
        let far = tabulate::<P, bool>(false, |k| {
            let size = self.typical[k] * convert(FAR);
            self.is_free(k) && self.bounds[k].are_infinite() && self.theta(k).abs() > size
        });
        if !(0..P::USIZE).any(|k| far[k] && !direction[k].is_zero()) {
            return false;
        }
        let least = self.problem.log_likelihood() + self.rounding();
        for part in [0.5, -0.5, 0.1, -0.1] {
            let typical = |k: usize| self.typical[k] * convert(part);
            let theta = self.moved(|k| far[k].then(|| typical(k)));
            let higher = self.look(&theta).is_some_and(|there| there > least);
            if higher && self.problem.is_smooth_there(true) {
                self.problem.go();
                return true;
            }
        }
        false
    }

    /// Returns the unit vector along a parameter whose expected information is zero within
    /// rounding, or `None` if no parameter has zero information. The information of a parameter is
    /// zero if the derivative of the covariance matrix V with respect to this parameter is zero.
    fn without_influence(
        &self,
        expected: &InformationMatrix<P, T>,
        active: &Array<bool, P>,
    ) -> Option<Array<T, P>> {
        let least = T::default_epsilon() * self.problem.count();
        let nothing = |k: usize| {
            let jet = self.jet(k);
            let by_size = jet.value.abs().max(self.typical[k]) / jet.first;
            expected.get(k, k) * by_size * by_size <= least
        };
        let k = (0..P::USIZE).find(|&k| active[k] && nothing(k))?;
        Some(tabulate(T::zero(), |l| if l == k { T::one() } else { T::zero() }))
    }

    /// Returns the sum of the average and the expected information along a direction, computed from
    /// the diagonal entries of both information matrices.
    fn told(ascent: &Ascent<P, T>, direction: &Array<T, P>) -> T {
        let expected = ascent.other.as_ref().unwrap_or(&ascent.average);
        let of = |k: usize| ascent.average.get(k, k) + expected.get(k, k);
        (0..P::USIZE).fold(T::zero(), |sum, k| sum + of(k) * direction[k] * direction[k])
    }

    /// Returns the outcome of a search that ended at a fold. A fold is a boundary at which the
    /// derivative of the covariance matrix V along a direction is zero and the log-likelihood falls
    /// on both sides. For example, a moving-average root on the unit circle is a fold.
    fn on_fold(&self, direction: &Array<T, P>) -> End<P, T> {
        End::Boundary(
            tabulate::<P, _>(None, |k| {
                let belongs = direction[k].abs() > convert(BELONGS);
                self.parked[k].or_else(|| belongs.then_some(Edge::Zero))
            })
            .0,
        )
    }

    /// Returns the smallest eigenvalue of the scaled observed information of the free parameters,
    /// and its eigenvector in θ. Each parameter is scaled so that its diagonal entries in the
    /// average information matrix and in the expected information matrix add up to 1. Returns zeros
    /// if no parameter is free.
    fn lowest(
        observed: &InformationMatrix<P, T>,
        ascent: &Ascent<P, T>,
        active: &Array<bool, P>,
    ) -> (T, Array<T, P>) {
        let scale = tabulate::<P, T>(T::zero(), |k| {
            let other = ascent.other.as_ref().map_or_else(T::zero, |other| other.get(k, k));
            let whole = ascent.average.get(k, k).abs() + other.abs();
            let counts = active[k] && whole > T::zero();
            if counts { T::one() / sqrt(whole) } else { T::zero() }
        });
        let scaled =
            InformationMatrix::<P, T>::from_fn(|k, l| observed.get(k, l) * scale[k] * scale[l]);
        let (values, vectors) = scaled.eigen();
        // A parameter that is not free has the eigenvalue 0 and a unit vector as eigenvector.
        let belongs = |i: usize| (0..P::USIZE).any(|k| active[k] && !vectors.get(k, i).is_zero());
        let among = values.iter().enumerate().filter(|&(i, _)| belongs(i));
        match among.reduce(|a, b| if b.1 < a.1 { b } else { a }) {
            None => (T::zero(), Array(filled::<P, _>(T::zero()))),
            Some((i, &value)) => (value, tabulate(T::zero(), |k| vectors.get(k, i) * scale[k])),
        }
    }

    /// Returns θₖ after a step on the natural scale that changes θₖ by `step` to first order.
    fn shifted(&self, k: usize, step: T) -> T {
        let jet = self.jet(k);
        self.inverse(k, jet.value + jet.first * step).unwrap_or(self.theta(k) + step)
    }

    /// Evaluates the log-likelihood on both sides of θ along a direction, at distances relative to
    /// the typical values of the parameters.
    fn along(&mut self, direction: &Array<T, P>) -> Along {
        let largest = (0..P::USIZE).fold(T::zero(), |m, k| {
            let jet = self.jet(k);
            let size = jet.value.abs().max(self.typical[k]);
            m.max((direction[k] * jet.first / size).abs())
        });
        let moves = largest > T::zero();
        if !moves {
            return Along::Flat;
        }
        let (here, rounding) = (self.problem.log_likelihood(), self.rounding());
        let mut falls = [false; 2];
        for part in PARTS {
            for (side, falls) in [T::one(), -T::one()].into_iter().zip(&mut falls) {
                let x = side * convert::<_, T>(part) / largest;
                let theta =
                    self.moved(|k| self.is_free(k).then(|| self.shifted(k, direction[k] * x)));
                let Some(there) = self.look(&theta) else {
                    *falls = true;
                    continue;
                };
                if there > here + rounding && self.problem.is_smooth_there(true) {
                    self.problem.go();
                    return Along::Rises;
                }
                *falls |= there < here - rounding * convert(4.0);
            }
        }
        if falls == [true; 2] { Along::Falls } else { Along::Flat }
    }
}
