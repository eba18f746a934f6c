//! The rows of reduced data: the inside rows, which are rows of V, and the outer rows, which are
//! independent with equal variances.

use nalgebra::{SMatrix, SVector};

use crate::base::scalar::Real;
use crate::linalg::kernel::{dot, inner, product, subtract_scaled};

/// A matrix of reduced data with M columns, stored as its inside rows and its first K outer rows.
/// The inside rows are rows of V, and the outer rows are independent of all other rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rows<T, const N: usize, const K: usize, const M: usize> {
    pub(super) inside: SMatrix<T, N, M>,
    pub(super) outer: SMatrix<T, K, M>,
}

impl<T: Real, const N: usize, const K: usize, const M: usize> Rows<T, N, K, M> {
    pub(super) fn zeros() -> Self {
        Self::inside(SMatrix::zeros())
    }

    /// Returns a matrix of reduced data with the given inside rows, which are rows of V, and with
    /// zeros in all other rows.
    pub(super) fn inside(inside: SMatrix<T, N, M>) -> Self {
        Self { inside, outer: SMatrix::zeros() }
    }

    /// Returns the inner product of two matrices over all their rows.
    pub(super) fn dot(&self, other: &Self) -> T {
        inner(&self.inside, &other.inside) + inner(&self.outer, &other.outer)
    }

    /// Returns column j of this matrix.
    pub(super) fn column(&self, j: usize) -> Rows<T, N, K, 1> {
        Rows { inside: self.inside.column(j).into(), outer: self.outer.column(j).into() }
    }

    /// Returns the product of this matrix and the matrix C.
    pub(super) fn times<const L: usize>(&self, c: &SMatrix<T, M, L>) -> Rows<T, N, K, L> {
        Rows { inside: product(&self.inside, c), outer: product(&self.outer, c) }
    }

    /// Returns the product Aᵀ b of this matrix A and a vector b. The argument `inside` has the
    /// entries of b in the rows of V, and `outer` has the entries in all other rows.
    pub(super) fn tr_mul(&self, inside: &SVector<T, N>, outer: &SVector<T, K>) -> SVector<T, M> {
        let columns = self.inside.data.0.each_ref().map(|column| dot(column, &inside.data.0[0]));
        let mut out = SVector::from(columns);
        for (out, column) in out.iter_mut().zip(&self.outer.data.0) {
            *out += dot(column, &outer.data.0[0]);
        }
        out
    }
}

impl<T: Real, const N: usize, const K: usize> Rows<T, N, K, 1> {
    /// Subtracts the product of the matrix X and the vector b from this vector.
    pub(super) fn subtract_product(&mut self, x: &Rows<T, N, K, K>, b: &SVector<T, K>) {
        let columns = x.inside.data.0.iter().zip(&x.outer.data.0);
        for ((inside, outer), &b) in columns.zip(b.iter()) {
            subtract_scaled(&mut self.inside.data.0[0], b, inside);
            subtract_scaled(&mut self.outer.data.0[0], b, outer);
        }
    }
}

impl<T: Real, const N: usize, const K: usize> Rows<T, N, K, K> {
    /// Returns the inner product of columns a and b of the data [X y].
    pub(super) fn product(&self, y: &Rows<T, N, K, 1>, a: usize, b: usize) -> T {
        let inside = |a| column(&self.inside, &y.inside, a);
        let outer = |a| column(&self.outer, &y.outer, a);
        dot(inside(a), inside(b)) + dot(outer(a), outer(b))
    }
}

/// Returns column a of [X y].
fn column<'a, T, const N: usize, const K: usize>(
    x: &'a SMatrix<T, N, K>,
    y: &'a SVector<T, N>,
    a: usize,
) -> &'a [T; N] {
    x.data.0.get(a).unwrap_or(&y.data.0[0])
}
