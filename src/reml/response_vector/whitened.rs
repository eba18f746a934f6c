//! The Cholesky factor L of V for one response vector, and the data multiplied by L⁻¹.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector};

use crate::base::arrays::tabulate;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::{dot, product};
use crate::reml::covariance_factor::{CovarianceFactor, rounding};
use crate::reml::response_vector::rows::Rows;
use crate::reml::v_derivatives::VDerivatives;

/// The Cholesky factor L of V = L Lᵀ, and the data multiplied by L⁻¹.
#[derive(Clone, Copy, Debug)]
pub struct Whitened<T, const N: usize, const K: usize> {
    pub(super) factor: [CovarianceFactor<T, N>; 1],
    /// The row of V that represents all outer rows of the data, which have only residual variance,
    /// or `None` if there are no outer rows.
    outer: Option<usize>,
    /// The whitened design L⁻¹X̃, where L is the Cholesky factor of V and X̃ the transformed
    /// design.
    pub(super) x: Rows<T, N, K, K>,
    /// The whitened residuals L⁻¹(ỹ − X̃β̃) s/τ for the β̃ of the last call of `quadratic`. Here, L
    /// is the Cholesky factor of V/τ², and s is the scale of ỹ = (y − X b)/s.
    pub(super) e: Rows<T, N, K, 1>,
    /// The norm of the whitened residuals in the rows of the data that the field `e` does not
    /// store.
    pub(super) rest: T,
}

impl<T, const N: usize, const K: usize> AsRef<[CovarianceFactor<T, N>]> for Whitened<T, N, K> {
    fn as_ref(&self) -> &[CovarianceFactor<T, N>] {
        &self.factor
    }
}

impl<T, const N: usize, const K: usize> AsMut<[CovarianceFactor<T, N>]> for Whitened<T, N, K> {
    fn as_mut(&mut self) -> &mut [CovarianceFactor<T, N>] {
        &mut self.factor
    }
}

impl<T: Real, const N: usize, const K: usize> Whitened<T, N, K> {
    /// Returns the Cholesky factor of V = I for data with `inside` rows that are rows of V, and
    /// `outer` rows that have only residual variance.
    pub(super) fn unit(inside: usize, outer: usize) -> Self {
        let rows = inside + usize::from(outer > 0);
        let mut factor = CovarianceFactor::unit(core::array::from_fn(|i| i < rows), 1);
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

    /// Returns the diagonal entry of the Cholesky factor L of V for the outer rows of the data,
    /// which have only residual variance. If there are no outer rows, returns 1.
    pub(super) fn outer_root(&self) -> T {
        self.outer.map_or_else(T::one, |row| self.factor[0].cholesky.pivot(row))
    }

    /// Overwrites B with L⁻¹ B, where L is the Cholesky factor of V.
    pub(super) fn solve_lower<const M: usize>(&self, b: &mut Rows<T, N, K, M>) {
        self.factor[0].cholesky.solve_lower_all(&mut b.inside);
        self.divide_outer(b);
    }

    /// Overwrites B with L⁻ᵀ B, where L is the Cholesky factor of V.
    pub(super) fn solve_upper<const M: usize>(&self, b: &mut Rows<T, N, K, M>) {
        self.factor[0].cholesky.solve_upper_all(&mut b.inside);
        self.divide_outer(b);
    }

    fn divide_outer<const M: usize>(&self, b: &mut Rows<T, N, K, M>) {
        if self.outer.is_some() {
            b.outer /= self.outer_root();
        }
    }

    /// Returns the weighted residuals u = V⁻¹(ỹ − X̃β̃) s/τ, and the norm of the rows of u that
    /// [`Rows`] does not store. Here, s is the scale of ỹ = (y − X b)/s, and V is divided by the
    /// power of two τ².
    pub(super) fn weighted_residual(&self) -> (Rows<T, N, K, 1>, T) {
        let mut u = self.e;
        self.solve_upper(&mut u);
        (u, self.rest / self.outer_root())
    }

    /// Returns the weighted design H = V⁻¹X̃, where X̃ is the transformed design.
    pub(super) fn weighted_design(&self) -> Rows<T, N, K, K> {
        let mut h = self.x;
        self.solve_upper(&mut h);
        h
    }

    /// Adds x to the diagonal entry of `out` that represents all outer rows of the data, which have
    /// only residual variance.
    pub(super) fn add_outer(&self, x: T, out: &mut SMatrix<T, N, N>) {
        if let Some(entry) = self.outer.and_then(|row| out.get_mut((row, row))) {
            *entry += x;
        }
    }

    /// Computes L⁻¹ ∂ₖV v/τ² for each parameter k, where L is the Cholesky factor of V and v is a
    /// vector. V is divided by the power of two τ². The argument `rest` is the norm of the rows of
    /// v that [`Rows`] does not store.
    pub(super) fn images<S: VDerivatives<T, N>>(
        &self,
        slopes: &S,
        v: &Rows<T, N, K, 1>,
        rest: T,
    ) -> Images<T, S::ParamCount, N, K> {
        let mut of = v.inside;
        // A number of the size of v in the row for the outer rows gives the derivative of their
        // variance.
        let largest = of.iter().chain(&v.outer).fold(rest, |m, x| m.max(x.abs()));
        let size = if largest.is_zero() { T::one() } else { largest };
        if let Some(x) = self.outer.and_then(|row| of.get_mut(row)) {
            *x = size;
        }
        let mut inside = Array::<_, S::ParamCount>(slopes.products(&of));
        let by_root = T::one() / (size * self.outer_root());
        let of_outer = tabulate::<S::ParamCount, T>(T::zero(), |k| {
            let at = self.outer.and_then(|row| inside[k].get_mut(row));
            at.map_or_else(T::zero, |x| core::mem::replace(x, T::zero()) * by_root)
        });
        self.factor[0].cholesky.solve_lower_each(&mut inside);
        Images {
            inside,
            outer: tabulate(SVector::zeros(), |k| v.outer * of_outer[k]),
            rest: tabulate(T::zero(), |k| rest * of_outer[k]),
        }
    }

    /// Overwrites each vector b of `images` with (I − Π) b, where Π is the orthogonal projection
    /// onto the column space of the whitened design L⁻¹X̃. If (I − Π) b consists of rounding errors
    /// only, sets b to zero.
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

/// One vector for each parameter. A vector is stored in three parts: its inside rows, its first K
/// outer rows, and the norm of its remaining rows. The inside rows are rows of V, and the outer
/// rows are independent of all other rows.
pub(super) struct Images<T, P: ArraySize, const N: usize, const K: usize> {
    pub(super) inside: Array<SVector<T, N>, P>,
    pub(super) outer: Array<SVector<T, K>, P>,
    rest: Array<T, P>,
}

impl<T: Real, P: ArraySize, const N: usize, const K: usize> Images<T, P, N, K> {
    /// For all parameters k ≥ l, adds x bₖᵀbₗ to entry (k, l) of `out`, where bₖ is the vector of
    /// parameter k.
    pub(super) fn add_products(&self, x: T, out: &mut InformationMatrix<P, T>) {
        out.add_products(&self.inside, &self.inside, x);
        out.add_products(&self.outer, &self.outer, x);
        let scaled = tabulate::<P, T>(T::zero(), |k| self.rest[k] * x);
        out.add_outer(&scaled, &self.rest);
    }
}
