//! V of one response vector, factored, and what is divided by its root.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector};

use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::{dot, product};
use crate::reml::factor::{Factor, rounding};
use crate::reml::response_vector::rows::Rows;
use crate::reml::v_derivatives::VDerivatives;

/// V = L Lᵀ, and what the data are divided by L.
#[derive(Clone, Copy, Debug)]
pub struct Whitened<T, const N: usize, const K: usize> {
    pub(super) factor: [Factor<T, N>; 1],
    /// The row of V that stands for the outer rows, if there are some.
    outer: Option<usize>,
    /// L⁻¹X̃
    pub(super) x: Rows<T, N, K, K>,
    /// L⁻¹(ỹ − X̃β̃) s/τ for the last β̃
    pub(super) e: Rows<T, N, K, 1>,
    /// The norm of what it has besides.
    pub(super) rest: T,
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
    /// V = I, with `inside` rows inside, and `outer` ones outside.
    pub(super) fn unit(inside: usize, outer: usize) -> Self {
        let rows = inside + usize::from(outer > 0);
        let mut factor = Factor::unit(core::array::from_fn(|i| i < rows), 1);
        if let Some(count) = factor.counts.get_mut(inside) {
            *count = nalgebra::convert(outer as f64);
        }
        Self {
            factor: [factor],
            outer: (outer > 0).then_some(inside),
            x: Rows::zeros(),
            e: Rows::zeros(),
            rest: T::zero(),
        }
    }

    /// The root of the variance of outer rows.
    pub(super) fn outer_root(&self) -> T {
        self.outer.map_or_else(T::one, |row| self.factor[0].cholesky.pivot(row))
    }

    /// Takes L⁻¹ B in the place of B.
    pub(super) fn solve_lower<const M: usize>(&self, b: &mut Rows<T, N, K, M>) {
        self.factor[0].cholesky.solve_lower_all(&mut b.inside);
        self.divide_outer(b);
    }

    /// Takes L⁻ᵀ B in the place of B.
    pub(super) fn solve_upper<const M: usize>(&self, b: &mut Rows<T, N, K, M>) {
        self.factor[0].cholesky.solve_upper_all(&mut b.inside);
        self.divide_outer(b);
    }

    fn divide_outer<const M: usize>(&self, b: &mut Rows<T, N, K, M>) {
        if self.outer.is_some() {
            b.outer /= self.outer_root();
        }
    }

    /// u = V⁻¹(ỹ − X̃β̃) s/τ, and the norm of what it has besides.
    pub(super) fn weighted_residual(&self) -> (Rows<T, N, K, 1>, T) {
        let mut u = self.e;
        self.solve_upper(&mut u);
        (u, self.rest / self.outer_root())
    }

    /// H = V⁻¹X̃
    pub(super) fn weighted_design(&self) -> Rows<T, N, K, K> {
        let mut h = self.x;
        self.solve_upper(&mut h);
        h
    }

    /// Adds to the entry of V that stands for outer rows.
    pub(super) fn add_outer(&self, x: T, out: &mut SMatrix<T, N, N>) {
        if let Some(entry) = self.outer.and_then(|row| out.get_mut((row, row))) {
            *entry += x;
        }
    }

    /// \[L⁻¹ ∂ₖV v/τ²\], for a v with what it has besides.
    pub(super) fn images<S: VDerivatives<T, N>>(
        &self,
        slopes: &S,
        v: &Rows<T, N, K, 1>,
        rest: T,
    ) -> Images<T, S::Params, N, K> {
        let mut of = v.inside;
        // The outer rows' own derivative, by a number of the size of v.
        let largest = of.iter().chain(&v.outer).fold(rest, |m, x| m.max(x.abs()));
        let size = if largest.is_zero() { T::one() } else { largest };
        if let Some(x) = self.outer.and_then(|row| of.get_mut(row)) {
            *x = size;
        }
        let mut inside = Array::<_, S::Params>(slopes.products(&of));
        let by_root = T::one() / (size * self.outer_root());
        let of_outer = Array::<T, S::Params>::from_fn(|k| {
            let at = self.outer.and_then(|row| inside[k].get_mut(row));
            at.map_or_else(T::zero, |x| core::mem::replace(x, T::zero()) * by_root)
        });
        self.factor[0].cholesky.solve_lower_each(&mut inside);
        Images {
            inside,
            outer: Array::from_fn(|k| v.outer * of_outer[k]),
            rest: Array::from_fn(|k| rest * of_outer[k]),
        }
    }

    /// Takes (I − Π) b in the place of images b, where Π projects onto the columns of L⁻¹X̃; zero
    /// where rounding is what remains.
    pub(super) fn project<P: ArraySize>(
        &self,
        images: &mut Images<T, P, N, K>,
        c: &SMatrix<T, K, K>,
    ) {
        let square = |x: &SMatrix<T, N, 1>| dot(&x.data.0[0], &x.data.0[0]);
        let (inside, outer) = (images.inside.iter_mut(), images.outer.iter_mut());
        for ((inside, outer), rest) in inside.zip(outer).zip(&mut images.rest) {
            let of_outer = |outer: &SVector<T, K>| outer.norm_squared() + *rest * *rest;
            let whole = square(inside) + of_outer(outer);
            let along = c * self.x.tr_mul(inside, outer);
            *inside -= product(&self.x.inside, &along);
            *outer -= product(&self.x.outer, &along);
            let left = square(inside) + of_outer(outer);
            if left <= whole * rounding::<T, N>() * rounding::<T, N>() {
                inside.fill(T::zero());
                outer.fill(T::zero());
                *rest = T::zero();
            }
        }
    }
}

/// A vector for each parameter, with the norm of what it has besides.
pub(super) struct Images<T, P: ArraySize, const N: usize, const K: usize> {
    pub(super) inside: Array<SVector<T, N>, P>,
    pub(super) outer: Array<SVector<T, K>, P>,
    rest: Array<T, P>,
}

impl<T: Real, P: ArraySize, const N: usize, const K: usize> Images<T, P, N, K> {
    /// Adds x \[\[bₖᵀ bₗ\]\] to the lower triangle.
    pub(super) fn add_products(&self, x: T, out: &mut InformationMatrix<P, T>) {
        out.add_products(&self.inside, &self.inside, x);
        out.add_products(&self.outer, &self.outer, x);
        let scaled = Array::<T, P>::from_fn(|k| self.rest[k] * x);
        out.add_outer(&scaled, &self.rest);
    }
}
