//! The covariance components G and σ² that reduced subjects share, and one subject under them.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector};

use crate::base::arrays::{filled, tabulate};
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::Cholesky;
use crate::linalg::kernel::product;
use crate::reml::subjects::reduction::ReducedRows;
use crate::reml::subjects::triangle::Triangle;
use crate::reml::v_derivatives::VDerivatives;

/// G and σ² at a θ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Components<T, const Q: usize, const K: usize> {
    /// D G D/τ²
    pub(super) g: SMatrix<T, Q, Q>,
    /// σ²/τ²
    pub(super) variance: T,
    /// The factor s/τ that converts residuals of ỹ to residuals of y/τ.
    pub(super) scale: T,
    /// The triangular factor of the whitened data L⁻¹[X̃ ỹ] of all subjects.
    pub(super) triangle: Triangle<T, K>,
}

/// One subject with the Cholesky factor L of A G Aᵀ + σ² I.
pub(super) struct WhitenedRows<T, const Q: usize, const K: usize> {
    pub(super) root: Cholesky<T, Q>,
    /// L⁻¹L⁻ᵀ
    pub(super) inverse: SMatrix<T, Q, Q>,
    /// L⁻¹A
    pub(super) design: SMatrix<T, Q, Q>,
    /// L⁻¹X̃
    pub(super) x: SMatrix<T, Q, K>,
}

impl<T: Real, const Q: usize, const K: usize> Components<T, Q, K> {
    pub(super) fn root(&self, rows: &ReducedRows<T, Q, K>) -> Result<Cholesky<T, Q>, Error> {
        let a = &rows.design;
        let mut v = product(&product(a, &self.g), &a.transpose());
        for i in 0..Q {
            v.data.0[i][i] += self.variance;
        }
        Cholesky::new(&v).map_err(|row| Error::NotPositiveDefinite { row })
    }

    pub(super) fn whiten(
        &self,
        rows: &ReducedRows<T, Q, K>,
    ) -> Result<WhitenedRows<T, Q, K>, Error> {
        let root = self.root(rows)?;
        let (mut design, mut x) = (rows.design, rows.x);
        root.solve_lower_all(&mut design);
        root.solve_lower_all(&mut x);
        let inverse_root = root.inverse_root();
        let inverse = product(&inverse_root.transpose(), &inverse_root);
        Ok(WhitenedRows { root, inverse, design, x })
    }

    /// Returns the whitened residuals L⁻¹(ỹ − X̃β̃) s/τ.
    pub(super) fn residuals(
        &self,
        whitened: &WhitenedRows<T, Q, K>,
        rows: &ReducedRows<T, Q, K>,
        beta: &SVector<T, K>,
    ) -> SVector<T, Q> {
        let mut e = (rows.y - product(&rows.x, beta)) * self.scale;
        whitened.root.solve_lower(&mut e.data.0[0]);
        e
    }

    /// Returns the products of the residual rows: X̃ᵀX̃/σ², X̃ᵀe/σ² and eᵀe/σ².
    pub(super) fn of_residual(
        &self,
        rows: &Triangle<T, K>,
        beta: &SVector<T, K>,
    ) -> (SMatrix<T, K, K>, SVector<T, K>, T) {
        let e = (rows.y - rows.x * beta) * self.scale;
        let rest = rows.rest() * self.scale * self.scale;
        let over = T::one() / self.variance;
        let xx = rows.x.tr_mul(&rows.x) * over;
        (xx, rows.x.tr_mul(&e) * over, (e.norm_squared() + rest) * over)
    }
}

/// The derivatives of D G D/τ² and σ²/τ² with respect to each parameter.
pub(super) struct ComponentSlopes<P: ArraySize, T, const Q: usize> {
    pub(super) g: Array<SMatrix<T, Q, Q>, P>,
    pub(super) variance: Array<T, P>,
}

impl<P: ArraySize, T: Real, const Q: usize> ComponentSlopes<P, T, Q> {
    /// Reads the derivatives from the derivatives of the matrix that all subjects share.
    pub(super) fn new<V: VDerivatives<T, R, ParamCount = P>, const R: usize>(slopes: &V) -> Self {
        let mut out = Self {
            g: Array(filled::<P, _>(SMatrix::zeros())),
            variance: tabulate::<P, T>(T::zero(), |_| T::zero()),
        };
        for j in (0..=Q).rev() {
            let mut unit = SVector::<T, R>::zeros();
            if let Some(entry) = unit.get_mut(j) {
                *entry = T::one();
            }
            let columns = Array::<_, P>(slopes.products(&unit));
            for ((column, g), variance) in columns.iter().zip(&mut out.g).zip(&mut out.variance) {
                if j == Q {
                    *variance = column.get(Q).copied().unwrap_or_else(T::zero);
                    continue;
                }
                for (i, &entry) in column.iter().enumerate().take(Q) {
                    g[(i, j)] = if i == j { entry - *variance } else { entry };
                }
            }
        }
        out
    }
}

impl<P: ArraySize, T: Real, const Q: usize> ComponentSlopes<P, T, Q> {
    /// Returns the derivatives of log σ².
    pub(super) fn log_variance(&self, variance: T) -> Array<T, P> {
        tabulate::<P, T>(T::zero(), |k| self.variance[k] / variance)
    }

    /// Returns L⁻¹ ∂ₖV L⁻ᵀ for each parameter.
    pub(super) fn whitened<const K: usize>(
        &self,
        WhitenedRows { inverse, design, .. }: &WhitenedRows<T, Q, K>,
    ) -> Array<SMatrix<T, Q, Q>, P> {
        tabulate::<P, _>(SMatrix::zeros(), |k| {
            let of_g = product(&product(design, &self.g[k]), &design.transpose());
            of_g + inverse * self.variance[k]
        })
    }

    /// Returns L⁻¹ ∂ₖV L⁻ᵀ e for each parameter.
    pub(super) fn images<const K: usize>(
        &self,
        WhitenedRows { inverse, design, .. }: &WhitenedRows<T, Q, K>,
        e: &SVector<T, Q>,
    ) -> Array<SVector<T, Q>, P> {
        let along = design.tr_mul(e);
        let of_residual = product(inverse, e);
        tabulate::<P, _>(SVector::zeros(), |k| {
            product(design, &product(&self.g[k], &along)) + of_residual * self.variance[k]
        })
    }
}
