//! Reads and writes blocks of matrices that consist of two matrices A and B, such as [A B] and
//! diag(A, B).

use nalgebra::{SMatrix, SVector};

use crate::algebra::derivative::Partial;
use crate::base::scalar::Real;

/// Writes a matrix of zeros except for the block `part`, whose upper left entry is at (`row`,
/// `col`).
#[inline]
pub(super) fn place_alone<
    T: Real,
    const K: usize,
    const L: usize,
    const R: usize,
    const C: usize,
>(
    part: &Partial<'_, T, K, L>,
    row: usize,
    col: usize,
    out: &mut SMatrix<T, R, C>,
) {
    out.fill(T::zero());
    place(part, row, col, out);
}

/// Writes the block `part` into a larger matrix, so that the upper left entry of the block is at
/// (`row`, `col`).
#[inline]
pub(super) fn place<T: Real, const K: usize, const L: usize, const R: usize, const C: usize>(
    part: &Partial<'_, T, K, L>,
    row: usize,
    col: usize,
    out: &mut SMatrix<T, R, C>,
) {
    part.each(|i, j, x| {
        if let Some(out) = out.get_mut((row + i, col + j)) {
            *out = x;
        }
    });
}

/// Returns a vector that contains the elements of `part` from index `row` on, and zeros elsewhere.
#[inline]
pub(super) fn placed<T: Real, const K: usize, const R: usize>(
    part: &SVector<T, K>,
    row: usize,
) -> SVector<T, R> {
    let mut out = SVector::zeros();
    place_alone(&Partial::Dense(part), row, 0, &mut out);
    out
}

/// Returns the block of a matrix whose upper left entry is at (`row`, `col`) of the matrix.
#[inline]
pub(super) fn block<T: Real, const K: usize, const L: usize, const R: usize, const C: usize>(
    matrix: &SMatrix<T, R, C>,
    row: usize,
    col: usize,
) -> SMatrix<T, K, L> {
    SMatrix::from_fn(|i, j| matrix.get((row + i, col + j)).copied().unwrap_or_else(T::zero))
}
