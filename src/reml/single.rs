//! The data of one response vector.

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};

use super::panel::Accumulator;
use super::reduced::{Rotation, column};
use super::reference::Reference;
use super::sample::{Data, Equations, Factor, rounding};
use super::slopes::Slopes;
use super::square::Square;
use crate::kernel::{add_scaled, dot, product, subtract_scaled, symmetric_product};
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

    /// ỹ − X̃β̃
    fn residual(&self, beta: &SVector<T, K>) -> SVector<T, N> {
        let mut e = self.y;
        for (column, &b) in self.x.data.0.iter().zip(beta.iter()) {
            subtract_scaled(&mut e.data.0[0], b, column);
        }
        e
    }
}

/// V factored, and what is divided by its root.
#[derive(Clone, Copy, Debug)]
pub struct Whitened<T, const N: usize, const K: usize> {
    factor: [Factor<T, N>; 1],
    /// L⁻¹X̃
    x: SMatrix<T, N, K>,
    /// L⁻¹(ỹ − X̃β̃) s/τ for the last β̃
    e: SVector<T, N>,
}

impl<T, const N: usize, const K: usize> AsRef<[Factor<T, N>]> for Whitened<T, N, K> {
    fn as_ref(&self) -> &[Factor<T, N>] {
        &self.factor
    }
}

impl<T, const N: usize, const K: usize> AsMut<[Factor<T, N>]> for Whitened<T, N, K> {
    fn as_mut(&mut self) -> &mut [Factor<T, N>] {
        &mut self.factor
    }
}

impl<T: Real, const N: usize, const K: usize> Whitened<T, N, K> {
    /// u = V⁻¹(ỹ − X̃β̃) s/τ
    fn weighted_residual(&self) -> SVector<T, N> {
        let mut u = self.e;
        self.factor[0].cholesky.solve_upper(&mut u.data.0[0]);
        u
    }

    /// H = V⁻¹X̃
    fn weighted_design(&self) -> SMatrix<T, N, K> {
        let mut h = self.x;
        self.factor[0].cholesky.solve_upper_all(&mut h);
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
    factor.cholesky.solve_lower_each(&mut products);
    for a in &mut products {
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
    type Factors = Whitened<T, N, K>;

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
        let factor = [Factor::unit([true; N], 1)];
        Whitened { factor, x: SMatrix::zeros(), e: SVector::zeros() }
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

    fn equations(&self, whitened: &mut Whitened<T, N, K>) -> Equations<T, K> {
        let Whitened { factor: [factor], x, .. } = whitened;
        let mut y = self.y;
        *x = self.x;
        factor.cholesky.solve_lower_all(x);
        factor.cholesky.solve_lower(&mut y.data.0[0]);
        Equations::new(|a, b| dot(column(x, &y, a), column(x, &y, b)))
    }

    fn quadratic(&self, whitened: &mut Whitened<T, N, K>, beta: &SVector<T, K>) -> T {
        let Whitened { factor: [factor], e, .. } = whitened;
        *e = self.residual(beta);
        factor.cholesky.solve_lower(&mut e.data.0[0]);
        *e *= factor.scale(&self.reference);
        e.norm_squared()
    }

    fn weights(
        &self,
        whitened: &mut Whitened<T, N, K>,
        _: &SVector<T, K>,
        x: T,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N> {
        let mut weights = SMatrix::zeros();
        if let Some(c) = c {
            let h = whitened.weighted_design();
            symmetric_product(&product(&h, c), &h, &mut weights);
        }
        let u = whitened.weighted_residual();
        for (column, &x) in weights.data.0.iter_mut().zip(u.iter()) {
            add_scaled(column, x, &u.data.0[0]);
        }
        if !x.is_zero() {
            let [factor] = &mut whitened.factor;
            factor.invert();
            factor.add_inverse(-x, &mut weights);
        }
        weights
    }

    fn average<S: Slopes<T, N>>(
        &self,
        slopes: &S,
        whitened: &mut Whitened<T, N, K>,
        _: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> Square<S::Params, T> {
        let (Whitened { factor: [factor], x, .. }, u) = (&*whitened, whitened.weighted_residual());
        let mut out = Square::zeros();
        add_products(slopes, factor, Some((x, c)), &u, &mut out);
        out.mirror();
        out
    }

    /// With P = R Rᵀ, R = L⁻ᵀ(I − Π): tr(P ∂ₖV P ∂ₗV) = Σⱼ (Rᵀ ∂ₖV R eⱼ)ᵀ (Rᵀ ∂ₗV R eⱼ).
    fn expected<S: Slopes<T, N>>(
        &self,
        slopes: &S,
        Whitened { factor: [factor], x, .. }: &mut Whitened<T, N, K>,
        c: Option<&SMatrix<T, K, K>>,
    ) -> Square<S::Params, T> {
        let design = c.map(|c| (&*x, c));
        let mut out = Square::zeros();
        for j in 0..N {
            let mut r = SVector::zeros();
            r[j] = T::one();
            if let Some(c) = c {
                r -= *x * (c * x.row(j).transpose());
            }
            factor.cholesky.solve_upper(&mut r.data.0[0]);
            add_products(slopes, factor, design, &r, &mut out);
        }
        out.mirror();
        out
    }

    fn design_weights(
        &self,
        whitened: &Whitened<T, N, K>,
        mut each: impl FnMut(usize, usize, &SMatrix<T, N, N>),
    ) {
        let h = whitened.weighted_design();
        for b in 0..K {
            for a in 0..=b {
                each(a, b, &(h.column(a) * h.column(b).transpose()));
            }
        }
    }

    fn design_products(
        &self,
        whitened: &Whitened<T, N, K>,
        d: &SMatrix<T, N, N>,
        e: &SMatrix<T, N, N>,
    ) -> SMatrix<T, K, K> {
        let h = whitened.weighted_design();
        let of = |d: &SMatrix<T, N, N>| {
            let mut product = d * h;
            whitened.factor[0].cholesky.solve_lower_all(&mut product);
            product
        };
        of(d).tr_mul(&of(e))
    }

    fn sandwich(
        &self,
        whitened: &Whitened<T, N, K>,
        c: &SMatrix<T, K, K>,
        d: &SMatrix<T, N, N>,
    ) -> SMatrix<T, N, N> {
        let h = whitened.weighted_design();
        let p = whitened.factor[0].cholesky.inverse() - h * c * h.transpose();
        p * d * p
    }
}
