//! Computation of sums of squares outside the column space of a fixed design, with twice the
//! working precision, for data that lie almost entirely inside this column space.
//!
//! Let W be the diagonal matrix of weights, and let vectors qⱼ that are orthogonal with respect to
//! W span the column space of the design. The part of a cross-product M outside the column space of
//! the design then has the trace
//!
//! ```text
//! tr(W M) − Σⱼ qⱼᵀ W M W qⱼ/(qⱼᵀ W qⱼ)
//! ```
//!
//! If the standard deviation within groups is 10⁻⁷ times the standard deviation between groups,
//! fourteen digits cancel in the difference between the two terms of this trace. The matrix M, the
//! vectors qⱼ and all their products are therefore computed with thirty-two digits.

use nalgebra::SMatrix;

use crate::base::scalar::Real;
use crate::linalg::compensated::CompensatedSum;
use crate::reml::cross_products::Block;

/// The threshold for linear dependence: a column of the design counts as a linear combination of
/// earlier columns if the norm of its orthogonal remainder, divided by its own norm, is at most
/// this many units of rounding.
const ROUNDINGS: f64 = 256.0;

/// The columns qⱼ of an orthogonalised design. With the diagonal matrix W of weights, the columns
/// are stored as W qⱼ and qⱼᵀ W qⱼ.
pub(crate) struct Complement<T, const N: usize, const D: usize> {
    columns: [[CompensatedSum<T>; N]; D],
    squares: [CompensatedSum<T>; D],
    weights: [T; N],
}

impl<T: Real, const N: usize, const D: usize> Complement<T, N, D> {
    /// Orthogonalises the first `count` columns of the design `z` over the rows whose weight is not
    /// zero. If a column is a linear combination of earlier columns, replaces this column by W⁻¹
    /// times the same column of `basis`, where W is the diagonal matrix of weights.
    pub(crate) fn new(
        z: &SMatrix<T, N, D>,
        basis: &SMatrix<T, N, D>,
        count: usize,
        weights: &[T; N],
    ) -> Self {
        let zero = CompensatedSum::of(T::zero());
        let mut out = Self { columns: [[zero; N]; D], squares: [zero; D], weights: *weights };
        let small = T::default_epsilon() * nalgebra::convert(ROUNDINGS);
        for j in 0..count.min(D) {
            let mut column = out.of_column(&z.data.0[j]);
            let whole = out.square(&column).value;
            out.take(j, &mut column);
            if out.squares[j].value <= small * small * whole {
                // The columns of the basis are W^½ u for columns u of the product of the
                // Householder reflections.
                column = core::array::from_fn(|i| CompensatedSum::of(basis.data.0[j][i]));
                out.take(j, &mut column);
            }
        }
        out
    }

    /// Returns W z for a column z of the design and the diagonal matrix W of weights.
    fn of_column(&self, z: &[T; N]) -> [CompensatedSum<T>; N] {
        core::array::from_fn(|i| {
            let mut product = CompensatedSum::of(T::zero());
            product.add_product(CompensatedSum::of(z[i]), CompensatedSum::of(self.weights[i]));
            product
        })
    }

    /// Returns aᵀ W⁻¹ b for vectors a and b and the diagonal matrix W of weights.
    fn product(&self, a: &[CompensatedSum<T>; N], b: &[CompensatedSum<T>; N]) -> CompensatedSum<T> {
        let mut sum = CompensatedSum::of(T::zero());
        for ((&a, &b), &w) in a.iter().zip(b).zip(&self.weights) {
            if !w.is_zero() {
                sum.add_product(a, b.over(CompensatedSum::of(w)));
            }
        }
        sum
    }

    fn square(&self, a: &[CompensatedSum<T>; N]) -> CompensatedSum<T> {
        self.product(a, a)
    }

    /// Stores, as column j of the orthogonalised design, the part of `column` that is orthogonal to
    /// the stored columns before column j.
    fn take(&mut self, j: usize, column: &mut [CompensatedSum<T>; N]) {
        for i in 0..j {
            if self.squares[i].value.is_zero() {
                continue;
            }
            let along = self.product(&self.columns[i], column).over(self.squares[i]);
            let minus = CompensatedSum { value: -along.value, error: -along.error };
            for (x, &q) in column.iter_mut().zip(&self.columns[i]) {
                x.add_product(q, minus);
            }
        }
        self.columns[j] = *column;
        self.squares[j] = self.square(column);
    }

    /// Returns the trace of the part of the cross-product `product` outside the column space of the
    /// design.
    #[inline(never)]
    pub(crate) fn trace(&self, product: &Block<T, N>) -> CompensatedSum<T> {
        let at = |x: &[[T; N]; N], i: usize, j: usize| {
            x.get(j).and_then(|column| column.get(i)).copied().unwrap_or_else(T::zero)
        };
        let entry = |i: usize, j: usize| CompensatedSum {
            value: at(&product.value, i, j),
            error: at(&product.error, i, j),
        };
        let mut sum = CompensatedSum::of(T::zero());
        for (i, &w) in self.weights.iter().enumerate() {
            sum.add_product(entry(i, i), CompensatedSum::of(w));
        }
        for (column, &square) in self.columns.iter().zip(&self.squares) {
            if square.value.is_zero() {
                continue;
            }
            let mut inside = CompensatedSum::of(T::zero());
            for (j, &of_j) in column.iter().enumerate() {
                let mut across = CompensatedSum::of(T::zero());
                for (i, &of_i) in column.iter().enumerate() {
                    across.add_product(of_i, entry(i, j));
                }
                inside.add_product(across, of_j);
            }
            sum.add_product(inside.over(square), CompensatedSum::of(-T::one()));
        }
        sum
    }
}
