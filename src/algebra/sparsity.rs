//! Matrix products that use the sparsity pattern of one factor.
//!
//! A matrix with at most one entry in each row, such as a one-hot or a diagonal matrix, is
//! multiplied by gathering, scaling and scattering rows or columns. A matrix with any other
//! sparsity pattern is multiplied by adding scaled columns. Each function takes a parametrised
//! matrix `shape`, from which only the sparsity pattern is read, and the value of that matrix. The
//! sparsity pattern is a constant of the type of the matrix, so that the compiler keeps only the
//! loop for this pattern.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector};

use crate::algebra::shape::Shape;
use crate::base::scalar::Real;
#[cfg(target_arch = "x86_64")]
use crate::linalg::kernel::lanes;
use crate::linalg::kernel::{add_scaled, plain, product, products};

/// Computes A B, using the pattern of B.
#[inline]
pub(crate) fn mul_by<T: Real, S: Shape, const N: usize, const K: usize, const M: usize>(
    a: &SMatrix<T, N, K>,
    shape: &S,
    b: &SMatrix<T, K, M>,
) -> SMatrix<T, N, M> {
    if !S::SPARSITY.one_per_row() {
        return product(a, b);
    }
    let mut out = SMatrix::<T, N, M>::zeros();
    for (k, column) in a.data.0.iter().enumerate() {
        let to = shape.column(k);
        if let (Some(out), Some(x)) = (out.data.0.get_mut(to), entry(shape, b, k)) {
            add_scaled(out, x, column);
        }
    }
    out
}

/// Computes A B, using the pattern of A.
#[inline]
pub(crate) fn mul_of<T: Real, S: Shape, const N: usize, const K: usize, const M: usize>(
    shape: &S,
    a: &SMatrix<T, N, K>,
    b: &SMatrix<T, K, M>,
) -> SMatrix<T, N, M> {
    if !S::SPARSITY.one_per_row() {
        return mul_by(a, b, b);
    }
    let mut out = SMatrix::<T, N, M>::zeros();
    for (out, b) in out.data.0.iter_mut().zip(&b.data.0) {
        for (i, out) in out.iter_mut().enumerate() {
            let from = shape.column(i);
            if let (Some(x), Some(&b)) = (entry(shape, a, i), b.get(from)) {
                *out = b * x;
            }
        }
    }
    out
}

/// Computes the product A bₖ for each of several vectors bₖ, using the sparsity pattern of A.
#[inline]
pub(crate) fn products_of<T: Real, S: Shape, P: ArraySize, const N: usize, const K: usize>(
    shape: &S,
    a: &SMatrix<T, N, K>,
    b: P::ArrayType<SVector<T, K>>,
) -> P::ArrayType<SVector<T, N>> {
    let b = Array::<_, P>(b);
    if S::SPARSITY.one_per_row() {
        return b.map(|b| mul_of(shape, a, &b)).0;
    }
    products(a, &b).0
}

/// Computes Aᵀ B, using the pattern of A.
#[inline]
pub(crate) fn tr_mul_of<T: Real, S: Shape, const N: usize, const K: usize, const M: usize>(
    shape: &S,
    a: &SMatrix<T, K, N>,
    b: &SMatrix<T, K, M>,
) -> SMatrix<T, N, M> {
    let mut out = SMatrix::<T, N, M>::zeros();
    if !S::SPARSITY.one_per_row() {
        #[cfg(target_arch = "x86_64")]
        if lanes::tr_product(a, b, &mut out) {
            return out;
        }
        plain::tr_product(a, b, &mut out);
        return out;
    }
    for (out, b) in out.data.0.iter_mut().zip(&b.data.0) {
        for (k, &b) in b.iter().enumerate() {
            let to = shape.column(k);
            if let (Some(out), Some(x)) = (out.get_mut(to), entry(shape, a, k)) {
                *out += b * x;
            }
        }
    }
    out
}

/// Writes A Bᵀ, using the pattern of B.
#[inline]
pub(crate) fn mul_tr_by<T: Real, S: Shape, const N: usize, const K: usize, const M: usize>(
    a: &SMatrix<T, N, K>,
    shape: &S,
    b: &SMatrix<T, M, K>,
    out: &mut SMatrix<T, N, M>,
) {
    for (j, out) in out.data.0.iter_mut().enumerate() {
        *out = [T::zero(); N];
        if S::SPARSITY.one_per_row() {
            let from = shape.column(j);
            if let (Some(column), Some(x)) = (a.data.0.get(from), entry(shape, b, j)) {
                add_scaled(out, x, column);
            }
        } else {
            for (column, b) in a.data.0.iter().zip(&b.data.0) {
                add_scaled(out, b[j], column);
            }
        }
    }
}

/// Writes Z A Zᵀ for a matrix Z with at most one nonzero entry zᵢ in each row i. If zᵢ is in column
/// c(i) of Z, entry (i, j) of Z A Zᵀ is zᵢ zⱼ A_{c(i) c(j)}. The result is exactly symmetric if A
/// is.
#[inline]
pub(crate) fn congruence_of_rows<T: Real, S: Shape, const N: usize, const Q: usize>(
    shape: &S,
    z: &SMatrix<T, N, Q>,
    a: &SMatrix<T, Q, Q>,
    out: &mut SMatrix<T, N, N>,
) {
    // In groups of rows, because one pass over all rows takes 27 to 41 % more instructions, as
    // counted by `v_one_hot` of `benches/counts`.
    let row = gather::<16, T, S, N, Q>(shape, a, 0, out);
    let row = gather::<8, T, S, N, Q>(shape, a, row, out);
    let row = gather::<4, T, S, N, Q>(shape, a, row, out);
    gather::<1, T, S, N, Q>(shape, a, row, out);
    if S::SPARSITY.has_ones() {
        return;
    }
    let entries: [T; N] = core::array::from_fn(|i| entry(shape, z, i).unwrap_or_else(T::zero));
    for (out, &z_j) in out.data.0.iter_mut().zip(&entries) {
        for (out, &z_i) in out.iter_mut().zip(&entries) {
            *out *= z_i * z_j;
        }
    }
}

/// Writes A_{c(i) c(j)} to each entry (i, j) of the result, where c(i) is the column of the nonzero
/// entry in row i of Z. The function writes the result in groups of `ROWS` rows, starting at row
/// `first`. To write Z A Zᵀ, the rows of A are gathered once for each group of rows of the result,
/// and then copied column by column. Returns the index of the first row that was not written,
/// because fewer than `ROWS` rows were left.
#[inline]
fn gather<const ROWS: usize, T: Real, S: Shape, const N: usize, const Q: usize>(
    shape: &S,
    a: &SMatrix<T, Q, Q>,
    mut first: usize,
    out: &mut SMatrix<T, N, N>,
) -> usize {
    while first + ROWS <= N {
        let mut gathered = [[T::zero(); ROWS]; Q];
        for i in 0..ROWS {
            let from = shape.column(first + i);
            for (gathered, a) in gathered.iter_mut().zip(&a.data.0) {
                if let Some(&a) = a.get(from) {
                    gathered[i] = a;
                }
            }
        }
        let nothing = [T::zero(); ROWS];
        for (j, out) in out.data.0.iter_mut().enumerate() {
            if let Some(out) = out.get_mut(first..).and_then(|out| out.first_chunk_mut()) {
                *out = *gathered.get(shape.column(j)).unwrap_or(&nothing);
            }
        }
        first += ROWS;
    }
    first
}

/// Returns the only entry in a row of a matrix that can differ from zero.
#[inline]
fn entry<T: Real, S: Shape, const N: usize, const K: usize>(
    shape: &S,
    a: &SMatrix<T, N, K>,
    row: usize,
) -> Option<T> {
    let col = shape.column(row);
    if S::SPARSITY.has_ones() { (col < K).then(T::one) } else { a.get((row, col)).copied() }
}
