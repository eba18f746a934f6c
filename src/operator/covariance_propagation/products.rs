//! The products of Z, G and their derivatives that Z G Zᵀ is made of.

use nalgebra::{SMatrix, SVector};

use super::CovariancePropagation;
use crate::kernel::{
    combination, congruence_of_rows, mul_by, mul_of, mul_tr_by, rank_one, rank_two,
    symmetric_product,
};
use crate::{ParamMatrix, Params, Partial, Real, Shape, Theta};

/// Z v for the vectors v that derivatives of G are made of, those with a number only once.
pub(super) struct Images<'a, T, const N: usize, const Q: usize> {
    z: &'a SMatrix<T, N, Q>,
    kept: [[T; N]; Q],
    known: [bool; Q],
    last: [T; N],
}

impl<'a, T: Real, const N: usize, const Q: usize> Images<'a, T, N, Q> {
    #[inline]
    pub(super) fn new(z: &'a SMatrix<T, N, Q>) -> Self {
        let zero = [T::zero(); N];
        Self { z, kept: [zero; Q], known: [false; Q], last: zero }
    }

    #[inline]
    fn of(&mut self, vector: &[T; Q], number: Option<usize>) -> &[T; N] {
        let kept = number.and_then(|k| self.kept.get_mut(k).zip(self.known.get_mut(k)));
        let Some((image, known)) = kept else {
            self.last = combination(self.z, vector);
            return &self.last;
        };
        if !*known {
            *known = true;
            *image = combination(self.z, vector);
        }
        image
    }
}

/// value (e vᵀ + v eᵀ).
#[inline]
pub(super) fn cross<T, const N: usize>(
    row: usize,
    vector: &[T; N],
    value: T,
    number: Option<usize>,
) -> Partial<'_, T, N, N> {
    Partial::Cross { row, vector, value, number }
}

impl<Z, G> CovariancePropagation<Z, G> {
    /// Z G, by the pattern of Z or else that of G.
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
        if Z::PATTERN.one_per_row() { mul_of(&self.z, z, g) } else { mul_by(z, &self.g, g) }
    }

    /// W X Gᵀ + Wᵀ X G, given W X and Wᵀ X.
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

    /// Writes V = (Z G) Zᵀ.
    #[inline]
    pub(super) fn propagate<T: Real, const N: usize, const Q: usize>(
        &self,
        z: &SMatrix<T, N, Q>,
        g: &SMatrix<T, Q, Q>,
        out: &mut SMatrix<T, N, N>,
    ) where
        Z: Shape,
        G: Shape,
    {
        if Z::PATTERN.one_per_row() {
            return congruence_of_rows(&self.z, z, g, out);
        }
        Self::close(&mul_by(z, &self.g, g), z, out);
    }

    /// Writes M Zᵀ for M = Z G, or Z ∂G.
    #[inline]
    fn close<T: Real, const N: usize, const Q: usize>(
        m: &SMatrix<T, N, Q>,
        z: &SMatrix<T, N, Q>,
        out: &mut SMatrix<T, N, N>,
    ) where
        G: Shape,
    {
        if G::SYMMETRIC {
            symmetric_product(m, z, out);
        } else {
            mul_tr_by(m, z, z, out);
        }
    }

    /// Writes Z ∂G Zᵀ. Every product is formed so that (i, j) and (j, i) round alike.
    #[expect(clippy::inline_always, reason = "the pattern is known where a derivative is offered")]
    #[inline(always)]
    pub(super) fn propagate_partial<T: Real, const N: usize, const Q: usize>(
        &self,
        images: &mut Images<'_, T, N, Q>,
        dg: &Partial<'_, T, Q, Q>,
        out: &mut SMatrix<T, N, N>,
    ) where
        Z: Shape,
        G: Shape,
    {
        let z = images.z;
        match *dg {
            Partial::Dense(dg) => self.propagate_dense(z, dg, out),
            Partial::Entry { row, col, value } if Z::PATTERN.one_per_row() => {
                out.fill(T::zero());
                self.gather(z, (row, col), value, out);
            }
            Partial::Pair { row, col, value } if Z::PATTERN.one_per_row() => {
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
                for x in out.data.0.iter_mut().flatten() {
                    *x *= value;
                }
            }
            Partial::Cross { row, vector, value, number } if !Z::PATTERN.one_per_row() => {
                if let Some(a) = z.data.0.get(row) {
                    rank_two(a, images.of(vector, number), value, out);
                }
            }
            Partial::Constant(_)
            | Partial::Toeplitz(_)
            | Partial::Row { .. }
            | Partial::Cross { .. } => {
                let mut full = SMatrix::zeros();
                dg.write(&mut full);
                self.propagate_dense(z, &full, out);
            }
        }
    }

    /// Writes Z ∂G Zᵀ.
    #[inline]
    fn propagate_dense<T: Real, const N: usize, const Q: usize>(
        &self,
        z: &SMatrix<T, N, Q>,
        dg: &SMatrix<T, Q, Q>,
        out: &mut SMatrix<T, N, N>,
    ) where
        Z: Shape,
        G: Shape,
    {
        if Z::PATTERN.one_per_row() {
            congruence_of_rows(&self.z, z, dg, out);
        } else {
            Self::close(&mul_by(z, dg, dg), z, out);
        }
    }

    /// Writes what an entry of ∂G gives of Z ∂G Zᵀ for a Z with one entry a row, zᵢ ∂G_{c(i) c(j)} zⱼ; the rest is zero,
    /// though the entry may be infinite.
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

    /// Writes ∂Z (Z Gᵀ)ᵀ + (Z G) ∂Zᵀ.
    #[inline]
    pub(super) fn factor_partial<T: Real, const N: usize, const Q: usize>(
        z_g: &SMatrix<T, N, Q>,
        z_gt: &SMatrix<T, N, Q>,
        dz: &Partial<'_, T, N, Q>,
        out: &mut SMatrix<T, N, N>,
    ) where
        G: Shape,
    {
        if let Partial::Dense(dz) = *dz {
            let mut half = SMatrix::zeros();
            mul_tr_by(dz, z_gt, z_gt, &mut half);
            if G::SYMMETRIC {
                *out = half + half.transpose();
            } else {
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
}

/// \[∂Z (G Zᵀ u) + Z G (∂Zᵀ u)\].
#[inline]
pub(super) fn factor_products<T, Z, const N: usize, const Q: usize>(
    shape: &Z,
    theta: &Theta<Z, T>,
    z: &SMatrix<T, N, Q>,
    g: &SMatrix<T, Q, Q>,
    u: &SVector<T, N>,
    zt_u: &SVector<T, Q>,
) -> Params<Z, SVector<T, N>>
where
    T: Real,
    Z: ParamMatrix<T, N, Q>,
{
    let z_g = mul_of(shape, z, g);
    let mut products = shape.gradient_mul(theta, &mul_by(g, zt_u, zt_u));
    let dzt_u = shape.gradient_tr_mul(theta, u);
    for (product, dzt_u) in products.as_mut().iter_mut().zip(dzt_u.as_ref()) {
        *product += mul_by(&z_g, dzt_u, dzt_u);
    }
    products
}
