//! Z G Zᵀ, the covariance propagation operator.

use core::fmt;

use hybrid_array::Array;
use nalgebra::{Const, SMatrix, SVector};
use typenum::Unsigned;

use super::pair::{join_curvature, no_cross, shape_of_pair};
use crate::describe::{Node, Operands};
use crate::dim::{Extent, Join};
use crate::kernel::{mirror, mul_by, mul_of, mul_tr_by, rank_one, rank_two, tr_mul_of};
use crate::matrix::{filled, gradient_by_visit, square, value_by_visit};
use crate::name::Chained;
use crate::visit::OfOperand;
use crate::{Curvature, Gradient, ParamMatrix, Params, Partial, Real, Shape, Theta, Visitor};

/// The covariance propagation operator V(θ) = Z(θ) G(θ) Z(θ)ᵀ, Z: N×Q, G: Q×Q, V: N×N.
///
/// If x has the covariance matrix G, then Z x has the covariance matrix V: the law of propagation of
/// uncertainty (JCGM 100:2008, 5.2.2, with Z the sensitivity coefficients), the random part of a
/// mixed model (Laird & Ware 1982, Biometrics 38, 963–974, with Z the design), one step of a Kalman
/// filter. θ is the parameters of Z followed by those of G. The derivatives are
///
/// ```text
/// ∂V/∂θ_Z = ∂Z G Zᵀ + Z G ∂Zᵀ       (Z stands twice in the product)
/// ∂V/∂θ_G = Z ∂G Zᵀ                 (V is linear in G)
/// ```
///
/// and, without building them, for a weight matrix W and a vector u:
///
/// ```text
/// ⟨W, ∂V/∂θ_Z⟩ = ⟨W Z Gᵀ + Wᵀ Z G, ∂Z⟩      ∂V/∂θ_Z u = ∂Z (G Zᵀ u) + Z G (∂Zᵀ u)
/// ⟨W, ∂V/∂θ_G⟩ = ⟨Zᵀ W Z, ∂G⟩               ∂V/∂θ_G u = Z (∂G (Zᵀ u))
/// ```
///
/// Second derivatives, for a fixed W, are
///
/// ```text
/// ⟨W, ∂ᵢⱼV⟩ = ⟨W Z Gᵀ + Wᵀ Z G, ∂ᵢⱼZ⟩ + ⟨W ∂ⱼZ Gᵀ + Wᵀ ∂ⱼZ G, ∂ᵢZ⟩        i, j in Z
/// ⟨W, ∂ᵢⱼV⟩ = ⟨∂ᵢZᵀ W Z + Zᵀ W ∂ᵢZ, ∂ⱼG⟩                                    i in Z, j in G
/// ⟨W, ∂ᵢⱼV⟩ = ⟨Zᵀ W Z, ∂ᵢⱼG⟩                                                i, j in G
/// ```
///
/// V and its derivatives are symmetric to the last bit whenever G is symmetric by type
/// ([`Shape::SYMMETRIC`]); an [`SMatrix`] is not. A Z with one entry a row
/// ([`DummyMatrix`](crate::DummyMatrix)) is applied by gathering, a diagonal G by scaling.
///
/// ```
/// use covprop::*;
/// use nalgebra::{Matrix2, Matrix3x2, matrix};
///
/// // two independent lengths with variances 1 and 4: a, b, and their sum
/// const SUM: Matrix3x2<f64> = matrix![1.0, 0.0; 0.0, 1.0; 1.0, 1.0];
/// let v = CovariancePropagation::new(SUM, DiagonalMatrix::<2>::new());
/// let value = v.value(&[0.0, 2.0_f64.ln()]);
/// assert!((value - matrix![1.0, 0.0, 1.0; 0.0, 4.0, 4.0; 1.0, 4.0, 5.0]).norm() < 1e-14);
/// ```
///
/// A G of another size is a type error at G:
///
/// ```compile_fail,E0271
/// # use covprop::*;
/// let z = DummyMatrix::<4, 3>::from_indices([0, 1, 2, 0]);
/// let v = CovariancePropagation::new(z, DiagonalMatrix::<2>::new()); // expected `3`, found `2`
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CovariancePropagation<Z, G> {
    pub(crate) z: Z,
    pub(crate) g: G,
}

impl<Z, G> CovariancePropagation<Z, G> {
    /// Z G Zᵀ.
    #[must_use]
    pub const fn new<const N: usize, const Q: usize>(z: Z, g: G) -> Self
    where
        Z: Shape<Rows = Const<N>, Cols = Const<Q>>,
        G: Extent<Size = (Const<Q>, Const<Q>)>,
    {
        Self { z, g }
    }
}

impl<Z, G> CovariancePropagation<Z, G> {
    const fn pair(&self) -> Operands<'_, Z, G> {
        Operands { operator: Chained::No, labels: [Some("Z"), Some("G")], a: &self.z, b: &self.g }
    }
}

impl<Z, G> Shape for CovariancePropagation<Z, G>
where
    Z: Shape<Params: Join<G::Params>>,
    G: Shape,
{
    type Rows = Z::Rows;
    type Cols = Z::Rows;
    type Params = <Z::Params as Join<G::Params>>::Output;

    const SYMMETRIC: bool = G::SYMMETRIC;
    const OPERANDS: usize = 2;

    shape_of_pair!();
}

impl<Z, G> CovariancePropagation<Z, G> {
    /// Z G, by the pattern of Z or else that of G.
    #[inline]
    fn z_g<T: Real, const N: usize, const Q: usize>(
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
    fn weights_of_z<T: Real, const N: usize, const Q: usize>(
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
    fn propagate<T: Real, const N: usize, const Q: usize>(
        &self,
        z: &SMatrix<T, N, Q>,
        g: &SMatrix<T, Q, Q>,
        out: &mut SMatrix<T, N, N>,
    ) where
        Z: Shape,
        G: Shape,
    {
        mul_tr_by(&self.z_g(z, g), &self.z, z, out);
        if G::SYMMETRIC {
            mirror(out);
        }
    }

    /// Writes Z ∂G Zᵀ. Every product is formed so that (i, j) and (j, i) round alike.
    #[inline]
    fn propagate_partial<T: Real, const N: usize, const Q: usize>(
        &self,
        z: &SMatrix<T, N, Q>,
        dg: &Partial<'_, T, Q, Q>,
        out: &mut SMatrix<T, N, N>,
    ) where
        Z: Shape,
        G: Shape,
    {
        match *dg {
            Partial::Dense(dg) => {
                mul_tr_by(&mul_of(&self.z, z, dg), &self.z, z, out);
                if G::SYMMETRIC {
                    mirror(out);
                }
            }
            Partial::Entry { .. } | Partial::Pair { .. } if Z::PATTERN.one_per_row() => {
                self.gather(z, dg, out);
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
                mul_tr_by(z, &self.z, z, out);
                *out *= value;
            }
            Partial::Constant(_) | Partial::Toeplitz(_) => {
                let mut full = SMatrix::zeros();
                dg.write(&mut full);
                self.propagate_partial(z, &Partial::Dense(&full), out);
            }
        }
    }

    /// Writes Z ∂G Zᵀ for a Z with one entry a row: zᵢ ∂G_{c(i) c(j)} zⱼ, and zero where ∂G is, though
    /// its entries may be infinite.
    #[inline]
    fn gather<T: Real, const N: usize, const Q: usize>(
        &self,
        z: &SMatrix<T, N, Q>,
        dg: &Partial<'_, T, Q, Q>,
        out: &mut SMatrix<T, N, N>,
    ) where
        Z: Shape,
    {
        out.fill(T::zero());
        dg.each(|row, col, value| {
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
        });
    }

    /// Writes ∂Z (Z Gᵀ)ᵀ + (Z G) ∂Zᵀ.
    #[inline]
    fn factor_partial<T: Real, const N: usize, const Q: usize>(
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

impl<T, Z, G, const N: usize, const Q: usize> ParamMatrix<T, N, N> for CovariancePropagation<Z, G>
where
    T: Real,
    Z: ParamMatrix<T, N, Q> + Shape<Cols = Const<Q>, Params: Join<G::Params>>,
    G: ParamMatrix<T, Q, Q>,
{
    #[inline]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, N, N> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, N, N> {
        gradient_by_visit(self, theta)
    }

    fn params(&self, theta: &Theta<Self, T>) -> Theta<Self, T> {
        let (tz, tg) = Z::Params::split(theta);
        Z::Params::concat(self.z.params(&tz), self.g.params(&tg))
    }

    fn walk_operands(
        &self,
        theta: &Theta<Self, T>,
        depth: usize,
        visit: &mut dyn FnMut(&Node<'_, T>),
    ) {
        let (tz, tg) = Z::Params::split(theta);
        self.pair().walk((&tz, &tg), depth, visit);
    }

    #[inline]
    fn visit<V: Visitor<T, N, N>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        let (tz, tg) = Z::Params::split(theta);
        let z = self.z.value(&tz);
        let mut g = SMatrix::zeros();
        let of_g = |visitor: &mut V, k: usize, dg: Partial<'_, T, Q, Q>| {
            visitor.derivative_by(Z::Params::USIZE + k, |out| self.propagate_partial(&z, &dg, out));
        };
        self.g.visit(&tg, &mut OfOperand::new(visitor, &mut g, of_g));
        if V::DERIVATIVES && Z::Params::USIZE > 0 {
            let z_g = self.z_g(&z, &g);
            let z_gt = if G::SYMMETRIC { z_g } else { mul_of(&self.z, &z, &g.transpose()) };
            self.z.for_each_derivative(&tz, |k, dz| {
                visitor.derivative_by(k, |out| Self::factor_partial(&z_g, &z_gt, &dz, out));
            });
        }
        visitor.value(|out| self.propagate(&z, &g, out));
    }

    #[inline]
    fn curvature(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, N, N>) -> Curvature<Self, T> {
        let (tz, tg) = Z::Params::split(theta);
        let z = self.z.value(&tz);
        let w_z = mul_by(weights, &self.z, &z);
        let of_g = self.g.curvature(&tg, &tr_mul_of(&self.z, &z, &w_z));
        if Z::Params::USIZE == 0 {
            let of_z = square::<Z::Params, T>();
            return join_curvature::<T, Z, G>(&of_z, &no_cross::<T, Z, G>(), &of_g);
        }
        let g = self.g.value(&tg);
        let weights_t = weights.transpose();
        let wt_z = mul_by(&weights_t, &self.z, &z);
        let mut of_z = self.z.curvature(&tz, &self.weights_of_z(&w_z, &wt_z, &g));
        let mut across = no_cross::<T, Z, G>();
        let (rows, across_rows) = (of_z.as_mut(), across.as_mut());
        self.z.for_each_derivative(&tz, |j, dz| {
            let mut full = SMatrix::zeros();
            dz.write(&mut full);
            let w_dz = mul_by(weights, &full, &full);
            let wt_dz = mul_by(&weights_t, &full, &full);
            let of_pairs = self.z.pullback(&tz, &self.weights_of_z(&w_dz, &wt_dz, &g));
            if let Some(row) = rows.get_mut(j) {
                for (out, &x) in row.as_mut().iter_mut().zip(of_pairs.as_ref()) {
                    *out += x;
                }
            }
            if let Some(row) = across_rows.get_mut(j) {
                // ∂Zᵀ W Z + Zᵀ W ∂Z
                let of_g = tr_mul_of(&full, &full, &w_z) + tr_mul_of(&self.z, &z, &w_dz);
                *row = self.g.pullback(&tg, &of_g);
            }
        });
        join_curvature::<T, Z, G>(&of_z, &across, &of_g)
    }

    #[inline]
    fn pullback(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, N, N>) -> Theta<Self, T> {
        let (tz, tg) = Z::Params::split(theta);
        let z = self.z.value(&tz);
        let w_z = mul_by(weights, &self.z, &z);
        let of_g = self.g.pullback(&tg, &tr_mul_of(&self.z, &z, &w_z));
        let of_z = if Z::Params::USIZE > 0 {
            let g = self.g.value(&tg);
            let wt_z = mul_by(&weights.transpose(), &self.z, &z);
            self.z.pullback(&tz, &self.weights_of_z(&w_z, &wt_z, &g))
        } else {
            filled::<Z::Params, T>(T::zero())
        };
        Z::Params::concat(of_z, of_g)
    }

    #[inline]
    fn gradient_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, N>,
    ) -> Params<Self, SVector<T, N>> {
        let (tz, tg) = Z::Params::split(theta);
        let z = self.z.value(&tz);
        let zt_u = tr_mul_of(&self.z, &z, u);
        let of_g = Array::<_, G::Params>(self.g.gradient_mul(&tg, &zt_u));
        let of_z = if Z::Params::USIZE > 0 {
            factor_products(&self.z, &tz, &z, &self.g.value(&tg), u, &zt_u)
        } else {
            filled::<Z::Params, _>(SVector::zeros())
        };
        Z::Params::concat(of_z, of_g.map(|dg_zt_u| mul_of(&self.z, &z, &dg_zt_u)).0)
    }

    /// ∂Vᵀ/∂θ u: the same with Gᵀ for G.
    #[inline]
    fn gradient_tr_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, N>,
    ) -> Params<Self, SVector<T, N>> {
        let (tz, tg) = Z::Params::split(theta);
        let z = self.z.value(&tz);
        let zt_u = tr_mul_of(&self.z, &z, u);
        let of_g = Array::<_, G::Params>(self.g.gradient_tr_mul(&tg, &zt_u));
        let of_z = if Z::Params::USIZE > 0 {
            factor_products(&self.z, &tz, &z, &self.g.value(&tg).transpose(), u, &zt_u)
        } else {
            filled::<Z::Params, _>(SVector::zeros())
        };
        Z::Params::concat(of_z, of_g.map(|dg_zt_u| mul_of(&self.z, &z, &dg_zt_u)).0)
    }
}

/// \[∂Z (G Zᵀ u) + Z G (∂Zᵀ u)\].
#[inline]
fn factor_products<T, Z, const N: usize, const Q: usize>(
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
