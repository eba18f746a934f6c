//! Cones, which are parts of a covariance matrix V that can be any positive semi-definite matrix.
//!
//! If a covariance matrix G changes by ΔG, so that the covariance matrix V of the data changes by Z
//! ΔG Zᵀ, the log-likelihood changes to first order by ⟨M, ΔG⟩, where M is the multiplier matrix of
//! G. The multiplier matrix of G in the term Z G Zᵀ is M = ½ Zᵀ W Z, for the weight matrix W that
//! [`Likelihood`](crate::reml::Likelihood) defines. A covariance matrix G is a stationary point of
//! the log-likelihood among all covariance matrices if and only if the multiplier matrix M of G has
//! no positive eigenvalue and tr(M G) = 0. If v is an eigenvector of the multiplier matrix of G
//! with a positive eigenvalue, the log-likelihood increases from G to G + ε v vᵀ for a small ε > 0.
//! The log-likelihood increases even if its derivatives with respect to all parameters of G vanish
//! (Burer & Monteiro 2005, Mathematical Programming 103, 427–444).

use nalgebra::{SMatrix, convert};

use crate::base::scalar::Real;
use crate::linalg::eigen::symmetric_eigen;
use crate::linalg::kernel::sqrt;

/// A visitor of the cones of a matrix V, which are the parts G of V that can be any covariance
/// matrix; see [`ParamMatrix::visit_cones`](crate::algebra::ParamMatrix::visit_cones).
pub trait ConeVisitor<T: Real> {
    /// Visits one part G of the covariance matrix V of the data, where G can be any covariance
    /// matrix. The argument `value` is the current value of G. The parameters of the covariance
    /// matrix G start at index `first` of θ. If the covariance matrix V contains the term Z G Zᵀ,
    /// the argument `weights` is Zᵀ W Z, where W has one weight for each entry of V. The callback
    /// `theta_of` writes the parameters at which G equals a given covariance matrix. It returns
    /// `false` if G cannot equal the given matrix.
    fn cone<const Q: usize>(
        &mut self,
        first: usize,
        value: &SMatrix<T, Q, Q>,
        weights: &SMatrix<T, Q, Q>,
        theta_of: impl Fn(&SMatrix<T, Q, Q>, &mut [T]) -> bool,
    );
}

/// A visitor of cones (parts of a matrix that can be any covariance matrix). It adds `first` to the
/// index of the first parameter of each cone, and passes the cone on to another visitor.
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

/// A visitor that finds the direction of steepest ascent of the log-likelihood over all cones.
/// Cones are the parts of the covariance matrix V of the data that can be any covariance matrix.
pub(crate) struct Steepest<'t, T> {
    /// The scale of the entries of the covariance matrix V of the data.
    pub(crate) size: T,
    /// The length ε of a step from G to G + ε v vᵀ, where G is a covariance matrix and v an
    /// eigenvector, as a fraction of the scale of G.
    pub(crate) part: T,
    /// The largest eigenvalue of the scaled multiplier matrices of all cones visited so far, or
    /// `None` if no cone was visited.
    pub(crate) eigenvalue: Option<T>,
    /// The current θ.
    pub(crate) base: &'t [T],
    /// The θ after the step: the current θ with the parameters of one covariance matrix G replaced
    /// by those of G + ε v vᵀ, where v is an eigenvector and ε the step length.
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
