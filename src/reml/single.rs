//! The data of one response vector.

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};

use super::panel::Accumulator;
use super::reduced::{Rotation, column};
use super::reference::Reference;
use super::sample::{Data, Equations, Factor, rounding};
use super::slopes::Slopes;
use super::square::Square;
use crate::kernel::{add_scaled, dot, product, symmetric_product};
use crate::{Error, Real};

/// One response vector with its design.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Single<T, const N: usize, const K: usize> {
    x: SMatrix<T, N, K>,
    y: SVector<T, N>,
    reference: Reference<T, K>,
    largest: T,
}

impl<T: Real, const N: usize, const K: usize> Single<T, N, K> {
    pub(crate) fn new(x: &SMatrix<T, N, K>, y: &SVector<T, N>) -> Result<Self, Error> {
        let (reference, referred) = Reference::unscaled().refer(x, y, &[true; N])?;
        Ok(Self { x: referred.x, y: referred.y, reference, largest: referred.largest })
    }

    /// L⁻¹(ỹ − X̃β̃)
    fn whitened_residual(&self, factor: &Factor<T, N>, beta: &SVector<T, K>) -> SVector<T, N> {
        let mut e = self.y;
        for (column, &b) in self.x.data.0.iter().zip(beta.iter()) {
            for (e, &x) in e.iter_mut().zip(column) {
                *e -= x * b;
            }
        }
        factor.cholesky.solve_lower(&mut e.data.0[0]);
        e
    }

    /// V⁻¹(ỹ − X̃β̃) s/τ
    fn weighted_residual(&self, factor: &Factor<T, N>, beta: &SVector<T, K>) -> SVector<T, N> {
        let mut u = self.whitened_residual(factor, beta);
        factor.cholesky.solve_upper(&mut u.data.0[0]);
        u * factor.scale(&self.reference)
    }

    /// L⁻¹X̃
    fn whitened_design(&self, factor: &Factor<T, N>) -> SMatrix<T, N, K> {
        let mut x = self.x;
        for column in &mut x.data.0 {
            factor.cholesky.solve_lower(column);
        }
        x
    }

    /// H = V⁻¹X̃
    fn weighted_design(&self, factor: &Factor<T, N>) -> SMatrix<T, N, K> {
        let mut h = self.whitened_design(factor);
        for column in &mut h.data.0 {
            factor.cholesky.solve_upper(column);
        }
        h
    }
}

/// Adds ½ aₖᵀ aₗ for aₖ = (I − Π) L⁻¹ ∂ₖV u/τ², where Π projects onto the columns of L⁻¹X̃, to the lower triangle.
fn add_products<S: Slopes<T, N>, T: Real, const N: usize, const K: usize>(
    slopes: &S,
    factor: &Factor<T, N>,
    design: Option<(&SMatrix<T, N, K>, &SMatrix<T, K, K>)>,
    u: &SVector<T, N>,
    out: &mut Square<S::Params, T>,
) {
    let mut products = Array::<_, S::Params>(slopes.products(u));
    for a in &mut products {
        factor.cholesky.solve_lower(&mut a.data.0[0]);
        if let Some((x, c)) = design {
            let whole = a.norm_squared();
            *a -= x * (c * x.tr_mul(a));
            if a.norm_squared() <= whole * rounding::<T, N>() * rounding::<T, N>() {
                a.fill(T::zero());
            }
        }
    }
    out.add_products(&products, &products, nalgebra::convert(0.5));
}

impl<T: Real, const N: usize, const K: usize> Data<T, N, K> for Single<T, N, K> {
    type Factors = [Factor<T, N>; 1];

    const REDUCIBLE: bool = true;
    const ONE_VECTOR: bool = true;

    fn reduced<const D: usize>(
        &self,
        design: &SMatrix<T, N, D>,
        columns: usize,
        weights: &[T; N],
    ) -> (Accumulator<T, D, K, 1>, SMatrix<T, D, D>) {
        let (rotation, design) = Rotation::new(design, columns, weights, &[true; N]);
        let (x, y) = (rotation.rotated(&self.x), rotation.rotated(&self.y));
        let product = |a, b| rotation.of_outer(column(&x, &y, a), column(&x, &y, b));
        let mut data = rotation.data(self.reference, 1, product);
        data.largest = self.largest;
        (data, design)
    }

    fn unit_factors(&self) -> Self::Factors {
        [Factor::unit([true; N], 1)]
    }

    fn observations(&self) -> usize {
        N
    }

    fn largest(&self) -> T {
        self.largest
    }

    fn log_weights(&self) -> T {
        T::zero()
    }

    fn reference(&self) -> &Reference<T, K> {
        &self.reference
    }

    fn product(&self, a: usize, b: usize) -> T {
        dot(column(&self.x, &self.y, a), column(&self.x, &self.y, b))
    }

    fn equations(&self, [factor]: &mut Self::Factors) -> Equations<T, K> {
        let x = self.whitened_design(factor);
        let y = self.whitened_residual(factor, &SVector::zeros());
        Equations::new(|a, b| dot(column(&x, &y, a), column(&x, &y, b)))
    }

    fn quadratic(&self, [factor]: &Self::Factors, beta: &SVector<T, K>) -> T {
        let scale = factor.scale(&self.reference);
        self.whitened_residual(factor, beta).norm_squared() * (scale * scale)
    }

    fn weights(
        &self,
        [factor]: &mut Self::Factors,
        beta: &SVector<T, K>,
        x: T,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N> {
        let mut weights = SMatrix::zeros();
        if let Some(c) = c {
            let h = self.weighted_design(factor);
            symmetric_product(&product(&h, c), &h, &mut weights);
        }
        let u = self.weighted_residual(factor, beta);
        for (column, &x) in weights.data.0.iter_mut().zip(u.iter()) {
            add_scaled(column, x, &u.data.0[0]);
        }
        if !x.is_zero() {
            factor.invert();
            factor.add_inverse(-x, &mut weights);
        }
        weights
    }

    fn average<S: Slopes<T, N>>(
        &self,
        slopes: &S,
        [factor]: &mut Self::Factors,
        beta: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> Square<S::Params, T> {
        let x = self.whitened_design(factor);
        let u = self.weighted_residual(factor, beta);
        let mut out = Square::zeros();
        add_products(slopes, factor, Some((&x, c)), &u, &mut out);
        out.mirror();
        out
    }

    /// With P = R Rᵀ, R = L⁻ᵀ(I − Π): tr(P ∂ₖV P ∂ₗV) = Σⱼ (Rᵀ ∂ₖV R eⱼ)ᵀ (Rᵀ ∂ₗV R eⱼ).
    fn expected<S: Slopes<T, N>>(
        &self,
        slopes: &S,
        [factor]: &mut Self::Factors,
        c: Option<&SMatrix<T, K, K>>,
    ) -> Square<S::Params, T> {
        let x = self.whitened_design(factor);
        let design = c.map(|c| (&x, c));
        let mut out = Square::zeros();
        for j in 0..N {
            let mut r = SVector::zeros();
            r[j] = T::one();
            if let Some(c) = c {
                r -= x * (c * x.row(j).transpose());
            }
            factor.cholesky.solve_upper(&mut r.data.0[0]);
            add_products(slopes, factor, design, &r, &mut out);
        }
        out.mirror();
        out
    }

    fn design_weights(
        &self,
        [factor]: &Self::Factors,
        mut each: impl FnMut(usize, usize, &SMatrix<T, N, N>),
    ) {
        let h = self.weighted_design(factor);
        for b in 0..K {
            for a in 0..=b {
                each(a, b, &(h.column(a) * h.column(b).transpose()));
            }
        }
    }

    fn design_products(
        &self,
        [factor]: &Self::Factors,
        d: &SMatrix<T, N, N>,
        e: &SMatrix<T, N, N>,
    ) -> SMatrix<T, K, K> {
        let h = self.weighted_design(factor);
        let whitened = |d: &SMatrix<T, N, N>| {
            let mut product = d * h;
            for column in &mut product.data.0 {
                factor.cholesky.solve_lower(column);
            }
            product
        };
        whitened(d).tr_mul(&whitened(e))
    }

    fn sandwich(
        &self,
        [factor]: &Self::Factors,
        c: &SMatrix<T, K, K>,
        d: &SMatrix<T, N, N>,
    ) -> SMatrix<T, N, N> {
        let h = self.weighted_design(factor);
        let p = factor.cholesky.inverse() - h * c * h.transpose();
        p * d * p
    }
}
