//! The likelihood's products over the subjects of a panel.

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};

use super::accumulator::{Accumulator, Pattern};
use crate::cholesky::semidefinite_columns;
use crate::reml::reduced::{CLASSES, Rotation};
use crate::reml::reference::Reference;
use crate::reml::sample::{Data, Factor, rounding};
use crate::reml::square::Square;
use crate::shape::filled;
use crate::{ParamMatrix, Real, Theta};

impl<T: Real, const N: usize, const K: usize, const PATTERNS: usize> Data<T, N, K>
    for &Accumulator<T, N, K, PATTERNS>
{
    type Factors = [Factor<T, N>; PATTERNS];

    const REDUCIBLE: bool = PATTERNS == 1;

    fn reduced<const D: usize>(
        &self,
        design: &SMatrix<T, N, D>,
        columns: usize,
    ) -> (Accumulator<T, D, K, CLASSES>, SMatrix<T, D, D>) {
        let nothing = Pattern::new();
        let pattern = self.used().first().unwrap_or(&nothing);
        let (rotation, design) = Rotation::new(design, columns, &pattern.observed);
        let product = |a, b| rotation.of_product(&pattern.moments.total(a, b));
        let mut classes = rotation.classes(self.reference, pattern.subjects, product);
        classes.largest = self.largest;
        classes.log_weights = self.log_weights;
        (classes, design)
    }

    fn unit_factors(&self) -> Self::Factors {
        self.patterns.each_ref().map(|pattern| Factor::unit(pattern.observed, pattern.subjects))
    }

    fn observations(&self) -> usize {
        Accumulator::observations(self)
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

    fn equations(&self, factors: &mut Self::Factors) -> (SMatrix<T, K, K>, SVector<T, K>) {
        for factor in factors.iter_mut().take(self.used) {
            factor.invert();
        }
        let (mut xx, mut xy) = (SMatrix::<T, K, K>::zeros(), SVector::<T, K>::zeros());
        for b in 0..=K {
            for a in 0..=b {
                let mut sum = T::zero();
                for (pattern, factor) in self.with(factors) {
                    sum += factor.inverse.dot(&pattern.moments.total(a, b));
                }
                let place = if b < K { xx.get_mut((b, a)) } else { xy.get_mut(a) };
                if let Some(place) = place {
                    *place = sum;
                }
            }
        }
        (xx, xy)
    }

    fn quadratic(&self, factors: &Self::Factors, beta: &SVector<T, K>) -> T {
        let of = |(pattern, factor): (&Pattern<T, N, K>, &Factor<T, N>)| {
            let scale = self.reference.scale() / factor.tau;
            factor.inverse.dot(&pattern.moments.of_residuals(beta, scale))
        };
        self.with(factors).map(of).fold(T::zero(), |sum, x| sum + x)
    }

    fn weights(
        &self,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        x: T,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N> {
        let mut weights = SMatrix::zeros();
        for (Pattern { moments, .. }, factor) in self.with(factors) {
            let mut inner = moments.of_residuals(beta, self.reference.scale() / factor.tau);
            if let Some(c) = c {
                moments.add_designs(c, &mut inner);
            }
            factor.add_weighted(&inner, &mut weights);
            let count = factor.subjects * x;
            for (weight, &v) in weights.iter_mut().zip(factor.inverse.iter()) {
                *weight -= v * count;
            }
        }
        weights
    }

    fn average<M: ParamMatrix<T, N, N>>(
        &self,
        model: &M,
        theta: &Theta<M, T>,
        factors: &mut Self::Factors,
        beta: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> Square<M::Params, T> {
        let mut out = Square::zeros();
        let zeros = || Array::<T, M::Params>::from_fn(|_| T::zero());
        let mut across: [_; K] = core::array::from_fn(|_| zeros());
        for (Pattern { moments, .. }, factor) in self.with(factors) {
            let tau = factor.tau;
            let scale = self.reference.scale() / tau;
            let columns = semidefinite_columns(moments.of_residuals(beta, scale));
            add_traces((model, theta), factor, &columns, half(), &mut out);
            for (a, across) in across.iter_mut().enumerate() {
                let part = factor.weighted(&moments.with_residual(a, beta, scale));
                for (x, &part) in across.iter_mut().zip(model.pullback(theta, &part).as_ref()) {
                    *x += part / (tau * tau);
                }
            }
        }
        let whole = out.diagonal();
        for (a, of_a) in across.iter().enumerate() {
            for (b, of_b) in across.iter().enumerate() {
                for (k, &x) in of_a.iter().enumerate() {
                    for (l, &y) in of_b.iter().enumerate() {
                        out.add(k, l, -x * c[(a, b)] * y * half());
                    }
                }
            }
        }
        out.drop_rounding(&whole, rounding::<T, N>());
        out
    }

    /// With H = V⁻¹X̃ of each subject, tr(P ∂ₖV P ∂ₗV) is
    ///
    /// ```text
    /// Σ tr(V⁻¹ ∂ₖV V⁻¹ ∂ₗV) − 2 Σ tr(V⁻¹ ∂ₖV H C Hᵀ ∂ₗV) + tr(C Σ Hᵀ∂ₖV H · C Σ Hᵀ∂ₗV H)
    /// ```
    fn expected<M: ParamMatrix<T, N, N>>(
        &self,
        model: &M,
        theta: &Theta<M, T>,
        factors: &mut Self::Factors,
        c: Option<&SMatrix<T, K, K>>,
    ) -> Square<M::Params, T> {
        let mut out = Square::zeros();
        let mut whole = filled::<M::Params, T>(T::zero());
        // Hᵀ ∂ₖV H, by its entries
        let zeros = || Array::<T, M::Params>::from_fn(|_| T::zero());
        let mut inner: [[_; K]; K] = core::array::from_fn(|_| core::array::from_fn(|_| zeros()));
        for (Pattern { moments, .. }, factor) in self.with(factors) {
            let tau = factor.tau;
            // V⁻¹ L Lᵀ V⁻¹ = V⁻¹
            let root = factor.observed_root();
            let mut own = Square::zeros();
            add_traces((model, theta), factor, &root, half::<T>() * factor.subjects, &mut own);
            for (whole, x) in whole.as_mut().iter_mut().zip(own.diagonal().as_ref()) {
                *whole += *x;
            }
            out.add_all(&own);
            let Some(c) = c else { continue };
            let columns = semidefinite_columns(moments.of_designs(c));
            add_traces((model, theta), factor, &columns, -T::one(), &mut out);
            for (a, inner) in inner.iter_mut().enumerate() {
                for (b, inner) in inner.iter_mut().enumerate().skip(a) {
                    let weights = factor.weighted(&moments.total(a, b));
                    let parts = model.pullback(theta, &weights);
                    for (x, &part) in inner.iter_mut().zip(parts.as_ref()) {
                        *x += part / (tau * tau);
                    }
                }
            }
        }
        if let Some(c) = c {
            let of =
                |k: usize| c * SMatrix::<T, K, K>::from_fn(|a, b| inner[a.min(b)][a.max(b)][k]);
            let inner = Array::<_, M::Params>::from_fn(of);
            for (k, of_k) in inner.iter().enumerate() {
                for (l, of_l) in inner.iter().enumerate() {
                    out.add(k, l, of_k.dot(&of_l.transpose()) * half());
                }
            }
        }
        out.drop_rounding(&whole, rounding::<T, N>());
        out
    }

    fn design_weights(
        &self,
        factors: &Self::Factors,
        mut each: impl FnMut(usize, usize, &SMatrix<T, N, N>),
    ) {
        for b in 0..K {
            for a in 0..=b {
                let of = |(pattern, factor): (&Pattern<T, N, K>, &Factor<T, N>)| {
                    factor.weighted(&pattern.moments.total(a, b))
                };
                each(a, b, &self.with(factors).map(of).fold(SMatrix::zeros(), |sum, x| sum + x));
            }
        }
    }

    fn design_products(
        &self,
        factors: &Self::Factors,
        d: &SMatrix<T, N, N>,
        e: &SMatrix<T, N, N>,
    ) -> SMatrix<T, K, K> {
        let mut out = SMatrix::zeros();
        for (Pattern { moments, .. }, Factor { inverse, .. }) in self.with(factors) {
            let inner = inverse * d * inverse * e * inverse;
            let mirrored = inner.transpose();
            for b in 0..K {
                for a in 0..=b {
                    let total = moments.total(a, b);
                    out[(a, b)] += inner.dot(&total);
                    if a < b {
                        out[(b, a)] += mirrored.dot(&total);
                    }
                }
            }
        }
        out
    }

    /// With S = Σ HᵀDH over all subjects, that of a subject is
    ///
    /// ```text
    /// V⁻¹DV⁻¹ − V⁻¹D H C Hᵀ − H C Hᵀ D V⁻¹ + H C S C Hᵀ
    /// ```
    fn sandwich(
        &self,
        factors: &Self::Factors,
        c: &SMatrix<T, K, K>,
        d: &SMatrix<T, N, N>,
    ) -> SMatrix<T, N, N> {
        let mut out = SMatrix::zeros();
        let mut s = SMatrix::<T, K, K>::zeros();
        for (Pattern { moments, .. }, factor) in self.with(factors) {
            let own = factor.weighted(d);
            let across = own * moments.of_designs(c) * factor.inverse;
            out += own * factor.subjects - across - across.transpose();
            for b in 0..K {
                for a in 0..=b {
                    let x = own.dot(&moments.total(a, b));
                    s[(a, b)] += x;
                    if a < b {
                        s[(b, a)] += x;
                    }
                }
            }
        }
        let middle = c * s * c;
        for (Pattern { moments, .. }, factor) in self.with(factors) {
            factor.add_weighted(&moments.of_designs(&middle), &mut out);
        }
        out
    }
}

/// Adds x tr(V⁻¹ ∂ₖV V⁻¹ S V⁻¹ ∂ₗV), with ∂V/τ² for ∂V, for S = Σ s sᵀ over the given columns s.
fn add_traces<M: ParamMatrix<T, N, N>, T: Real, const N: usize>(
    (model, theta): (&M, &Theta<M, T>),
    Factor { inverse, tau, .. }: &Factor<T, N>,
    columns: &SMatrix<T, N, N>,
    x: T,
    out: &mut Square<M::Params, T>,
) {
    for column in columns.column_iter() {
        if column.iter().all(T::is_zero) {
            continue;
        }
        let mut products = Array::<_, M::Params>(model.gradient_mul(theta, &(inverse * column)));
        for product in &mut products {
            *product /= *tau * *tau;
        }
        for (l, b) in products.iter().enumerate() {
            let b = inverse * b;
            for (k, a) in products.iter().enumerate() {
                out.add(k, l, a.dot(&b) * x);
            }
        }
    }
}

fn half<T: Real>() -> T {
    nalgebra::convert(0.5)
}
