//! Matrices inside V that can be any covariance matrix, called cones.
//!
//! If V changes by Z ΔG Zᵀ, the log-likelihood ℓ changes by ⟨M, ΔG⟩ to first order, with M = ½ Zᵀ W
//! Z and W as in [`Likelihood`](crate::reml::Likelihood). Over all covariance matrices, G is a
//! stationary point if and only if M has no positive eigenvalue and tr(M G) = 0. If v is an
//! eigenvector of M with a positive eigenvalue, ℓ increases from G to G + ε v vᵀ, even if the
//! derivatives with respect to all parameters of G vanish (Burer & Monteiro 2005, Mathematical
//! Programming 103, 427–444).

use nalgebra::{SMatrix, convert};

use crate::base::scalar::Real;
use crate::linalg::eigen::symmetric_eigen;
use crate::linalg::kernel::sqrt;

/// A visitor of the cones of a matrix V, which are the matrices G inside V that can be any
/// covariance matrix; see [`ParamMatrix::visit_cones`](crate::algebra::ParamMatrix::visit_cones).
pub trait ConeVisitor<T: Real> {
    /// Visits G, whose parameters start at index `first` of θ, with the weights 2M of its entries.
    /// The callback `theta_of` writes the parameters of another covariance matrix, and returns
    /// `false` if no parameters represent that matrix.
    fn cone<const Q: usize>(
        &mut self,
        first: usize,
        value: &SMatrix<T, Q, Q>,
        weights: &SMatrix<T, Q, Q>,
        theta_of: impl Fn(&SMatrix<T, Q, Q>, &mut [T]) -> bool,
    );
}

/// A visitor that adds `first` to each parameter index and passes the cone on to another visitor.
pub(crate) struct From<'v, V> {
    pub(crate) visitor: &'v mut V,
    pub(crate) first: usize,
}

impl<T: Real, V: ConeVisitor<T>> ConeVisitor<T> for From<'_, V> {
    fn cone<const Q: usize>(
        &mut self,
        first: usize,
        value: &SMatrix<T, Q, Q>,
        weights: &SMatrix<T, Q, Q>,
        theta_of: impl Fn(&SMatrix<T, Q, Q>, &mut [T]) -> bool,
    ) {
        self.visitor.cone(self.first + first, value, weights, theta_of);
    }
}

/// The direction of steepest ascent of the log-likelihood over all cones.
pub(crate) struct Steepest<'t, T> {
    /// The size of V, in units of its entries.
    pub(crate) size: T,
    /// The step ε by which the search moves G along v vᵀ, as a fraction of the scale of G.
    pub(crate) part: T,
    /// The largest eigenvalue of the scaled matrix M so far, or `None` if no cone was visited.
    pub(crate) eigenvalue: Option<T>,
    /// The current θ.
    pub(crate) base: &'t [T],
    /// The current θ, in which the elements for G are replaced by the elements for G + ε v vᵀ.
    pub(crate) theta: &'t mut [T],
    pub(crate) found: bool,
}

impl<T: Real> ConeVisitor<T> for Steepest<'_, T> {
    fn cone<const Q: usize>(
        &mut self,
        first: usize,
        value: &SMatrix<T, Q, Q>,
        weights: &SMatrix<T, Q, Q>,
        theta_of: impl Fn(&SMatrix<T, Q, Q>, &mut [T]) -> bool,
    ) {
        // Each row is scaled by the size that an entry of G has or could have, so that the rows of
        // M are comparable.
        let scale: [T; Q] = core::array::from_fn(|i| {
            let slope = weights.data.0[i][i].abs();
            let by_slope = if slope > T::zero() { T::one() / slope } else { self.size };
            sqrt(value.data.0[i][i].abs().max(by_slope.min(self.size)))
        });
        let half = convert::<_, T>(0.5);
        let scaled = SMatrix::<T, Q, Q>::from_fn(|i, j| {
            let mean = (weights[(i, j)] + weights[(j, i)]) * half;
            mean * scale[i] * scale[j] * half
        });
        let (values, vectors) = symmetric_eigen(scaled);
        let mut steepest = 0;
        for q in 0..Q {
            if values.data.0[0][q] > values.data.0[0][steepest] {
                steepest = q;
            }
        }
        let Some((&multiplier, v)) =
            values.data.0[0].get(steepest).zip(vectors.data.0.get(steepest))
        else {
            return;
        };
        if self.eigenvalue.is_some_and(|largest| largest >= multiplier) {
            return;
        }
        self.eigenvalue = Some(multiplier);
        self.found = false;
        if multiplier <= T::zero() {
            return;
        }
        // A small diagonal term is added, so that the parameters are finite.
        let little = self.part * convert(1e-3);
        let moved = SMatrix::<T, Q, Q>::from_fn(|i, j| {
            let along = scale[i] * v[i] * scale[j] * v[j] * self.part;
            let own = if i == j { scale[i] * scale[i] * little } else { T::zero() };
            value[(i, j)] + along + own
        });
        for (out, &theta) in self.theta.iter_mut().zip(self.base) {
            *out = theta;
        }
        if let Some(theta) = self.theta.get_mut(first..) {
            self.found = theta_of(&moved, theta);
        }
    }
}
