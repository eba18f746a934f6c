//! One subject with the Cholesky factor of its covariance matrix.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Theta;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::kernel::invert::power_of_root;
use crate::linalg::kernel::{add_scaled, divide_twice, product, symmetric_product};
use crate::reml::covariance_factor::CovarianceFactor;
use crate::reml::observations::shared::write_finite;
use crate::reml::subjects::rows::SubjectRows;
use crate::reml::v_derivatives::VDerivatives;

/// The θ at which the likelihood was evaluated. The factors of V are not stored, but computed for
/// one subject after another.
#[derive(Clone, Debug)]
pub struct Evaluated<T, P: ArraySize> {
    pub(super) theta: Array<T, P>,
    /// The power of two τ for which V/τ² is factored.
    pub(super) tau: T,
}

/// The Cholesky factor L of V/τ² for one subject, and the design L⁻¹X̃.
pub(super) struct Factored<T, const R: usize, const K: usize> {
    pub(super) factor: CovarianceFactor<T, R>,
    /// The whitened design L⁻¹X̃.
    pub(super) x: SMatrix<T, R, K>,
}

impl<T: Real, const R: usize, const K: usize> Factored<T, R, K> {
    /// Evaluates V at θ, and factors V/τ² for the rows of a subject. If `tau` is `None`, sets it to
    /// a power of two near the square root of the largest entry of V in the observed rows.
    pub(super) fn new<V: ParamMatrix<T, R, R>>(
        v: &V,
        theta: &Theta<V, T>,
        tau: &mut Option<T>,
        rows: &SubjectRows<T, R, K>,
    ) -> Result<Self, Error> {
        let mut value = SMatrix::zeros();
        let largest = write_finite(v, theta, &rows.observed, &mut value)?;
        let tau = *tau.get_or_insert_with(|| power_of_root(largest));
        divide_twice(&mut value, tau);
        let mut factor = CovarianceFactor::unit(rows.observed, 1);
        factor.factor(&value)?;
        factor.tau = tau;
        let mut x = rows.x;
        factor.cholesky.solve_lower_all(&mut x);
        Ok(Self { factor, x })
    }

    /// Returns the weighted residuals u = V⁻¹(ỹ − X̃β̃), multiplied by `scale`.
    pub(super) fn weighted_residuals(
        &self,
        rows: &SubjectRows<T, R, K>,
        beta: &SVector<T, K>,
        scale: T,
    ) -> SVector<T, R> {
        let mut e = rows.y;
        for (column, &b) in rows.x.data.0.iter().zip(beta.iter()) {
            add_scaled(&mut e.data.0[0], -b, column);
        }
        self.factor.cholesky.solve_lower(&mut e.data.0[0]);
        self.upper(e * scale)
    }

    /// Returns L⁻ᵀ b.
    pub(super) fn upper<const M: usize>(&self, mut b: SMatrix<T, R, M>) -> SMatrix<T, R, M> {
        self.factor.cholesky.solve_upper_all(&mut b);
        b
    }

    /// Returns the matrix W = u uᵀ + H C Hᵀ − V⁻¹ from which the score is computed. If `c` is
    /// `None`, the term H C Hᵀ is omitted.
    pub(super) fn weights(
        &mut self,
        u: &SVector<T, R>,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, R, R> {
        let mut weights = SMatrix::zeros();
        if let Some(c) = c {
            let h = self.upper(self.x);
            symmetric_product(&product(&h, c), &h, &mut weights);
        }
        for (column, &x) in weights.data.0.iter_mut().zip(u.iter()) {
            add_scaled(column, x, &u.data.0[0]);
        }
        self.factor.invert();
        weights - self.factor.inverse
    }

    /// Returns L⁻¹ ∂ₖV v/τ² for each parameter k.
    pub(super) fn images<S: VDerivatives<T, R>>(
        &self,
        slopes: &S,
        v: &SVector<T, R>,
    ) -> Array<SVector<T, R>, S::ParamCount> {
        let mut images = Array::<_, S::ParamCount>(slopes.products(v));
        for image in &mut images {
            self.factor.drop_unobserved(&mut image.data.0[0]);
        }
        self.factor.cholesky.solve_lower_each(&mut images);
        images
    }
}
