//! Matrices inside V that may be any covariance matrix.
//!
//! If V changes by Z ΔG Zᵀ, the log-likelihood changes by ⟨M, ΔG⟩ to first order, with M = ½ Zᵀ W Z
//! and W as in [`Likelihood`](crate::Likelihood). Over all covariance matrices G is stationary if
//! and only if M has no positive eigenvalue and tr(M G) = 0. An eigenvector v of a positive
//! eigenvalue is a direction in which ℓ rises, G + ε v vᵀ, even where every single parameter of G
//! has a vanishing derivative (Burer & Monteiro 2005, Math. Program. 103, 427–444).

use nalgebra::{SMatrix, convert};

use crate::base::scalar::Real;
use crate::linalg::eigen::symmetric_eigen;
use crate::linalg::kernel::sqrt;

/// A visitor of each G in a matrix that may be any covariance matrix; see
/// [`ParamMatrix::visit_cones`](crate::ParamMatrix::visit_cones).
pub trait ConeVisitor<T: Real> {
    /// Takes G, whose parameters begin with number `first`, and the weights 2M of its entries.
    /// `theta_of` writes the parameters of another covariance matrix and returns `true` if it has
    /// some.
    fn cone<const Q: usize>(
        &mut self,
        first: usize,
        value: &SMatrix<T, Q, Q>,
        weights: &SMatrix<T, Q, Q>,
        theta_of: impl Fn(&SMatrix<T, Q, Q>, &mut [T]) -> bool,
    );
}

/// A visitor of a term whose parameters begin elsewhere.
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

/// The steepest way on all cones.
pub(crate) struct Steepest<'t, T> {
    /// The size of V.
    pub(crate) size: T,
    /// The part of the size of V by which G changes.
    pub(crate) part: T,
    /// The largest eigenvalue of M in units of G, if there is a cone.
    pub(crate) eigenvalue: Option<T>,
    /// θ.
    pub(crate) base: &'t [T],
    /// θ with the parameters of G + ε v vᵀ.
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
        // In units in which M is comparable from row to row: of what an entry of G is or could be.
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
        // A little of every direction, so that the parameters are finite.
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
