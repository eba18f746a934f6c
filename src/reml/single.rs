//! The data of one response vector.

mod whitened;

use nalgebra::{SMatrix, SVector};

use self::whitened::Whitened;
use super::reduced::{Rotation, column};
use super::reference::Reference;
use super::sample::{Data, Equations, OnData, Sample, rounding};
use super::slopes::Slopes;
use super::square::Square;
use crate::cholesky::semidefinite_columns;
use crate::kernel::{add_scaled, dot, inner, product, subtract_scaled, symmetric_product};
use crate::shape::filled;
use crate::{Error, Real};

/// One response vector with its design.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Single<T, const N: usize, const K: usize> {
    x: SMatrix<T, N, K>,
    y: SVector<T, N>,
    reference: Reference<T, K>,
    largest: T,
    /// How many rows are inside: those before the ones that have nothing in common with others and the same variance. All of
    /// them, but for [reduced](super::reduced) data.
    inside: usize,
    /// Σ log w, where rows were multiplied by the roots of weights.
    log_weights: T,
}

impl<T: Real, const N: usize, const K: usize> Single<T, N, K> {
    pub(crate) fn new(x: &SMatrix<T, N, K>, y: &SVector<T, N>) -> Result<Self, Error> {
        let (reference, referred) = Reference::unscaled().refer(x, y, &[true; N])?;
        let (x, y, largest) = (referred.x, referred.y, referred.largest);
        Ok(Self { x, y, reference, largest, inside: N, log_weights: T::zero() })
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

/// With an R×R matrix for V, of which the row after those that are inside stands for all that are not.
impl<T: Real, const N: usize, const K: usize, const R: usize> Data<T, R, K> for Single<T, N, K> {
    type Factors = Whitened<T, N, K, R>;

    const ONE_VECTOR: bool = true;

    fn unit_factors(&self) -> Self::Factors {
        Whitened::unit(self.inside)
    }

    fn observations(&self) -> usize {
        N
    }

    fn largest(&self) -> T {
        self.largest
    }

    fn log_weights(&self) -> T {
        self.log_weights
    }

    fn reference(&self) -> &Reference<T, K> {
        &self.reference
    }

    fn product(&self, a: usize, b: usize) -> T {
        dot(column(&self.x, &self.y, a), column(&self.x, &self.y, b))
    }

    fn equations(&self, whitened: &mut Self::Factors) -> Equations<T, K> {
        let (mut x, mut y) = (self.x, self.y);
        whitened.solve_lower(&mut x);
        whitened.solve_lower(&mut y);
        whitened.x = x;
        Equations::new(|a, b| dot(column(&x, &y, a), column(&x, &y, b)))
    }

    fn quadratic(&self, whitened: &mut Self::Factors, beta: &SVector<T, K>) -> T {
        let mut e = self.residual(beta);
        whitened.solve_lower(&mut e);
        e *= whitened.factor[0].scale(&self.reference);
        whitened.e = e;
        dot(&e.data.0[0], &e.data.0[0])
    }

    fn weights(
        &self,
        whitened: &mut Self::Factors,
        _: &SVector<T, K>,
        x: T,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, R, R> {
        let mut weights = SMatrix::zeros();
        let u = whitened.weighted_residual();
        let mut outer = whitened.outer_product(&u, &u);
        if let Some(c) = c {
            let h = whitened.weighted_design();
            let by_c = product(&h, c);
            symmetric_product(&whitened.head(&by_c), &whitened.head(&h), &mut weights);
            outer += whitened.outer_product(&by_c, &h);
        }
        let head = whitened.head(&u);
        for (column, &x) in weights.data.0.iter_mut().zip(head.iter()) {
            add_scaled(column, x, &head.data.0[0]);
        }
        whitened.add_outer(outer, &mut weights);
        if !x.is_zero() {
            let [factor] = &mut whitened.factor;
            factor.invert();
            factor.add_inverse(-x, &mut weights);
        }
        weights
    }

    fn average<S: Slopes<T, R>>(
        &self,
        slopes: &S,
        whitened: &mut Self::Factors,
        _: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> Square<S::Params, T> {
        let mut images = whitened.images(slopes, &whitened.weighted_residual());
        whitened.project(&mut images, c);
        let mut out = Square::zeros();
        out.add_products(&images, &images, nalgebra::convert(0.5));
        out.mirror();
        out
    }

    /// With Π = Q Qᵀ and the vectors bₖⱼ = L⁻¹ ∂ₖV L⁻ᵀ qⱼ, tr(P ∂ₖV P ∂ₗV) is
    ///
    /// ```text
    /// tr(V⁻¹ ∂ₖV V⁻¹ ∂ₗV) − 2 Σⱼ bₖⱼᵀ bₗⱼ + Σᵢⱼ qᵢᵀbₖⱼ · qᵢᵀbₗⱼ
    /// ```
    fn expected<S: Slopes<T, R>>(
        &self,
        slopes: &S,
        whitened: &mut Self::Factors,
        c: Option<&SMatrix<T, K, K>>,
    ) -> Square<S::Params, T> {
        let mut out = Square::zeros();
        let [factor] = &mut whitened.factor;
        factor.invert();
        slopes.add_traces(factor, &mut out);
        let whole = out.diagonal();
        if let Some(c) = c {
            let q = product(&whitened.x, &semidefinite_columns(*c));
            let mut g = q;
            whitened.solve_upper(&mut g);
            let mut of_designs = filled::<S::Params, _>(SMatrix::<T, K, K>::zeros());
            for (j, g) in g.column_iter().enumerate() {
                let images = whitened.images(slopes, &g.into_owned());
                out.add_products(&images, &images, -T::one());
                for (of_design, image) in of_designs.as_mut().iter_mut().zip(&images) {
                    if let Some(column) = of_design.data.0.get_mut(j) {
                        *column = q.data.0.each_ref().map(|q| dot(q, &image.data.0[0]));
                    }
                }
            }
            for (k, of_k) in of_designs.as_ref().iter().enumerate() {
                for (l, of_l) in of_designs.as_ref().iter().enumerate().take(k + 1) {
                    out.add(k, l, inner(of_k, of_l) * nalgebra::convert(0.5));
                }
            }
        }
        out.mirror();
        out.drop_rounding(&whole, rounding::<T, N>());
        out
    }
}

impl<T: Real, const N: usize, const K: usize> Sample<T, N, K> for Single<T, N, K> {
    const REDUCIBLE: bool = true;

    fn reduced<const D: usize, F: OnData<T, D, K>>(
        &self,
        design: &SMatrix<T, N, D>,
        columns: usize,
        weights: &[T; N],
        f: F,
    ) -> F::Output {
        let (rotation, design) = Rotation::new(design, columns, weights, &[true; N]);
        let y = rotation.rotated(&self.y);
        let data = Self {
            x: rotation.rotated(&self.x),
            y,
            inside: rotation.inside(),
            log_weights: rotation.log_weights(),
            ..*self
        };
        f.take(data, &design)
    }

    fn design_weights(
        &self,
        whitened: &Self::Factors,
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
        whitened: &Self::Factors,
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
        whitened: &Self::Factors,
        c: &SMatrix<T, K, K>,
        d: &SMatrix<T, N, N>,
    ) -> SMatrix<T, N, N> {
        let h = whitened.weighted_design();
        let p = whitened.factor[0].cholesky.inverse() - h * c * h.transpose();
        p * d * p
    }
}
