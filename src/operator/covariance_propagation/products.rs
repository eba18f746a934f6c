//! Products of Z, G and their derivatives, from which Z G Zᵀ is computed.

use nalgebra::{SMatrix, SVector};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::shape::{PerParam, Shape, Theta};
use crate::algebra::sparsity::{congruence_of_rows, mul_by, mul_of, mul_tr_by, products_of};
use crate::base::arrays::filled;
use crate::base::scalar::Real;
use crate::linalg::kernel::{rank_one, rank_two, symmetric_pair, symmetric_product};
use crate::operator::covariance_propagation::CovariancePropagation;
use crate::operator::covariance_propagation::multiplied::Multiplied;

impl<Z, G> CovariancePropagation<Z, G> {
    /// Computes Z G, using the sparsity pattern of Z or, if Z is dense, the pattern of G.
    #[inline]
    pub(super) fn z_g<T: Real, const N: usize, const Q: usize>(
        &self,
        z: &SMatrix<T, N, Q>,
        g: &SMatrix<T, Q, Q>,
    ) -> SMatrix<T, N, Q>
    where
        Z: Shape,
        G: Shape,
    {
        if Z::SPARSITY.one_per_row() { mul_of(&self.z, z, g) } else { mul_by(z, &self.g, g) }
    }

    /// For a weight matrix W and a matrix X, computes W X Gᵀ + Wᵀ X G from the given products W X
    /// and Wᵀ X.
    #[inline]
    pub(super) fn weights_of_z<T: Real, const N: usize, const Q: usize>(
        &self,
        w_x: &SMatrix<T, N, Q>,
        wt_x: &SMatrix<T, N, Q>,
        g: &SMatrix<T, Q, Q>,
    ) -> SMatrix<T, N, Q>
    where
        G: Shape,
    {
        if G::SYMMETRIC {
            return mul_by(&(w_x + wt_x), &self.g, g);
        }
        let gt = g.transpose();
        mul_by(w_x, &gt, &gt) + mul_by(wt_x, &self.g, g)
    }

    /// Writes Z A Zᵀ, where A is G or a derivative of G. The function uses the sparsity pattern of
    /// Z or, if Z is dense, the pattern of A.
    #[inline]
    pub(super) fn propagate<T: Real, S: Shape, const N: usize, const Q: usize>(
        &self,
        z: &SMatrix<T, N, Q>,
        shape: &S,
        a: &SMatrix<T, Q, Q>,
        out: &mut SMatrix<T, N, N>,
    ) where
        Z: Shape,
        G: Shape,
    {
        if Z::SPARSITY.one_per_row() {
            return congruence_of_rows(&self.z, z, a, out);
        }
        let z_a = mul_by(z, shape, a);
        if G::SYMMETRIC {
            symmetric_product(&z_a, z, out);
        } else {
            mul_tr_by(&z_a, z, z, out);
        }
    }

    /// Writes \[Z ∂G w\], given w = Zᵀ u. `out` must be zero.
    #[inline]
    pub(super) fn write_products_of_g<T: Real, const N: usize, const Q: usize>(
        &self,
        theta: &Theta<G, T>,
        z: &SMatrix<T, N, Q>,
        w: &SVector<T, Q>,
        out: &mut [SVector<T, N>],
    ) where
        Z: Shape,
        G: ParamMatrix<T, Q, Q>,
    {
        if !Z::SPARSITY.one_per_row() {
            let mut others = filled::<G::ParamCount, _>(SVector::zeros());
            let mut multiplied = Multiplied::new(z, w, out, others.as_mut());
            self.g.visit(theta, &mut multiplied);
            let Multiplied { has_others, is_incomplete, .. } = multiplied;
            if !is_incomplete {
                if has_others {
                    let products = products_of::<_, _, G::ParamCount, N, Q>(&self.z, z, others);
                    for (out, product) in out.iter_mut().zip(products.as_ref()) {
                        *out += product;
                    }
                }
                return;
            }
        }
        let products = self.g.gradient_mul(theta, w);
        let products = products_of::<_, _, G::ParamCount, N, Q>(&self.z, z, products);
        for (out, product) in out.iter_mut().zip(products.as_ref()) {
            *out = *product;
        }
    }

    /// Writes Z ∂G Zᵀ. Entries (i, j) and (j, i) of Z ∂G Zᵀ are computed with the same rounding.
    #[expect(clippy::inline_always, reason = "the pattern is known where a derivative is offered")]
    #[inline(always)]
    pub(super) fn propagate_partial<T: Real, const N: usize, const Q: usize>(
        &self,
        z: &SMatrix<T, N, Q>,
        dg: &Partial<'_, T, Q, Q>,
        out: &mut SMatrix<T, N, N>,
    ) where
        Z: Shape,
        G: Shape,
    {
        match *dg {
            Partial::Dense(dg) => self.propagate(z, dg, dg, out),
            Partial::Entry { row, col, value } if Z::SPARSITY.one_per_row() => {
                out.fill(T::zero());
                self.gather(z, (row, col), value, out);
            }
            Partial::Pair { row, col, value } if Z::SPARSITY.one_per_row() => {
                out.fill(T::zero());
                self.gather(z, (row, col), value, out);
                self.gather(z, (col, row), value, out);
            }
            Partial::Entry { row, col, value } => {
                if let (Some(a), Some(b)) = (z.data.0.get(row), z.data.0.get(col)) {
                    rank_one(a, b, value, out);
                }
            }
            Partial::Pair { row, col, value } => {
                if let (Some(a), Some(b)) = (z.data.0.get(row), z.data.0.get(col)) {
                    rank_two(a, b, value, out);
                }
            }
            Partial::Diagonal(value) => {
                symmetric_product(z, z, out);
                for x in out.data.0.as_flattened_mut() {
                    *x *= value;
                }
            }
            Partial::Constant(_)
            | Partial::Toeplitz(_)
            | Partial::Row { .. }
            | Partial::RowAndColumn { .. } => {
                let mut full = SMatrix::zeros();
                dg.write(&mut full);
                self.propagate(z, &full, &full, out);
            }
        }
    }

    /// Writes the contribution of one entry of ∂G to Z ∂G Zᵀ, for a matrix Z with at most one
    /// nonzero entry zᵢ in each row i.
    ///
    /// If zᵢ is in column c(i) of Z, entry (i, j) of Z ∂G Zᵀ is zᵢ ∂G_{c(i) c(j)} zⱼ. Entries of Z
    /// ∂G Zᵀ to which the entry of ∂G does not contribute stay zero, even if the entry of ∂G is
    /// infinite.
    #[inline]
    fn gather<T: Real, const N: usize, const Q: usize>(
        &self,
        z: &SMatrix<T, N, Q>,
        (row, col): (usize, usize),
        value: T,
        out: &mut SMatrix<T, N, N>,
    ) where
        Z: Shape,
    {
        for (j, out) in out.data.0.iter_mut().enumerate() {
            if self.z.column(j) != col {
                continue;
            }
            for (i, out) in out.iter_mut().enumerate() {
                if self.z.column(i) == row
                    && let (Some(&l), Some(&r)) = (z.get((i, row)), z.get((j, col)))
                {
                    *out = l * r * value;
                }
            }
        }
    }
}

/// Computes \[∂Z (G Zᵀ u) + Z G (∂Zᵀ u)\].
#[inline]
pub(super) fn factor_products<T, Z, const N: usize, const Q: usize>(
    shape: &Z,
    theta: &Theta<Z, T>,
    z: &SMatrix<T, N, Q>,
    g: &SMatrix<T, Q, Q>,
    u: &SVector<T, N>,
    zt_u: &SVector<T, Q>,
) -> PerParam<Z, SVector<T, N>>
where
    T: Real,
    Z: ParamMatrix<T, N, Q>,
{
    let z_g = mul_of(shape, z, g);
    let mut products = shape.gradient_mul(theta, &mul_by(g, zt_u, zt_u));
    let dzt_u = shape.gradient_tr_mul(theta, u);
    let second = products_of::<_, _, Z::ParamCount, N, Q>(&z_g, &z_g, dzt_u);
    for (product, second) in products.as_mut().iter_mut().zip(second.as_ref()) {
        *product += second;
    }
    products
}

/// Writes ∂Z (Z Gᵀ)ᵀ + (Z G) ∂Zᵀ.
#[inline]
pub(super) fn factor_partial<T: Real, G: Shape, const N: usize, const Q: usize>(
    z_g: &SMatrix<T, N, Q>,
    z_gt: &SMatrix<T, N, Q>,
    dz: &Partial<'_, T, N, Q>,
    out: &mut SMatrix<T, N, N>,
) {
    if let Partial::Dense(dz) = *dz {
        if G::SYMMETRIC {
            symmetric_pair(dz, z_gt, out);
        } else {
            let mut half = SMatrix::zeros();
            mul_tr_by(dz, z_gt, z_gt, &mut half);
            mul_tr_by(z_g, dz, dz, out);
            *out += half;
        }
        return;
    }
    out.fill(T::zero());
    dz.each(|row, col, value| {
        let (Some(z_g), Some(z_gt)) = (z_g.data.0.get(col), z_gt.data.0.get(col)) else {
            return;
        };
        for (out, &x) in out.data.0.iter_mut().zip(z_gt) {
            if let Some(out) = out.get_mut(row) {
                *out += x * value;
            }
        }
        if let Some(out) = out.data.0.get_mut(row) {
            for (out, &x) in out.iter_mut().zip(z_g) {
                *out += x * value;
            }
        }
    });
}
