//! Cholesky factorisation and triangular inverses by tiles, whose partial results stay in
//! registers.

pub(crate) mod solve;

use core::ops::{Div, Mul, Sub};

use nalgebra::SMatrix;
use wide::f64x4;

use crate::base::scalar::Real;
use crate::linalg::kernel::MANY;
use crate::linalg::kernel::lanes::{SIDE, Tile, are_used, at, lanes, lanes_mut, load, put, set};

/// A 4×4 diagonal block of a triangular factor.
type Corner = [[f64; SIDE]; SIDE];

/// Subtracts outer products aₖ bₖᵀ from a tile of four rows of a matrix. Of each column aₖ, only
/// the four entries from row 4i on are used. Each vector bₖ has as many entries as the tile has
/// columns.
#[inline]
fn less<'a, const C: usize, const N: usize>(
    mut tile: [f64x4; C],
    terms: impl Iterator<Item = (&'a [f64; N], [f64; C])>,
    i: usize,
) -> [f64x4; C] {
    for (a, b) in terms {
        let a = f64x4::new(load(a, i));
        // By reference: the array's own iterator would be copied in memory.
        for (x, &b) in tile.iter_mut().zip(&b) {
            *x -= a * f64x4::splat(b);
        }
    }
    tile
}

/// Returns the 4×4 tile that starts at row 4i of four columns of a matrix.
#[inline]
fn tile<const N: usize>(columns: &[[f64; N]; SIDE], i: usize) -> Tile {
    columns.each_ref().map(|column| f64x4::new(load(column, i)))
}

/// Returns entry (i, j) of a 4×4 diagonal block.
#[inline]
fn entry(corner: &Corner, i: usize, j: usize) -> f64 {
    corner.get(j).map_or(0.0, |column| at(column, i))
}

/// Computes L⁻¹ x for a 4×4 lower triangular matrix L. The four entries of x are numbers or
/// columns.
#[inline]
fn solved<X>([x0, x1, x2, x3]: [X; SIDE], l: impl Fn(usize, usize) -> X) -> [X; SIDE]
where
    X: Copy + Sub<Output = X> + Mul<Output = X> + Div<Output = X>,
{
    let x0 = x0 / l(0, 0);
    let x1 = (x1 - x0 * l(1, 0)) / l(1, 1);
    let x2 = (x2 - x0 * l(2, 0) - x1 * l(2, 1)) / l(2, 2);
    let x3 = (x3 - x0 * l(3, 0) - x1 * l(3, 1) - x2 * l(3, 2)) / l(3, 3);
    [x0, x1, x2, x3]
}

/// Computes X L⁻ᵀ for a tile X of a matrix and a 4×4 diagonal block L of its triangular factor.
#[inline]
fn divided(x: Tile, corner: &Corner) -> Tile {
    solved(x, |i, j| f64x4::splat(entry(corner, i, j)))
}

/// Returns the square root of the pivot in row j of a Cholesky factorisation.
///
/// # Errors
///
/// If the pivot is at most `least` or not finite, returns the index j of its row.
#[inline]
fn root_of_pivot(pivot: f64, j: usize, least: f64) -> Result<f64, usize> {
    // The comparison is false for a NaN.
    let independent = pivot > least;
    if independent && pivot.is_finite() {
        Ok(crate::linalg::kernel::lanes::sqrt(pivot))
    } else {
        Err(j)
    }
}

/// Computes the Cholesky factor of a 4×4 diagonal block, with zeros above the diagonal. Each pivot
/// must exceed the entry of `least` for the same row.
#[inline]
fn root(x: &Corner, least: [f64; SIDE]) -> Result<Corner, usize> {
    let x = |i, j| entry(x, i, j);
    let [a, b, c, d] = least;
    let l0 = root_of_pivot(x(0, 0), 0, a)?;
    let [l10, l20, l30] = [1, 2, 3].map(|i| x(i, 0) / l0);
    let l1 = root_of_pivot(x(1, 1) - l10 * l10, 1, b)?;
    let [l21, l31] = [(2, l20), (3, l30)].map(|(i, l)| (x(i, 1) - l * l10) / l1);
    let l2 = root_of_pivot(x(2, 2) - l20 * l20 - l21 * l21, 2, c)?;
    let l32 = (x(3, 2) - l30 * l20 - l31 * l21) / l2;
    let l3 = root_of_pivot(x(3, 3) - l30 * l30 - l31 * l31 - l32 * l32, 3, d)?;
    Ok([[l0, l10, l20, l30], [0.0, l1, l21, l31], [0.0, 0.0, l2, l32], [0.0, 0.0, 0.0, l3]])
}

/// Overwrites a matrix with its Cholesky factor L, with the same result as
/// [`factor`](crate::linalg::kernel::triangular::factor). Returns `None` if the scalar is not `f64`
/// or there are too few rows.
#[inline]
pub(crate) fn factor<T: Real, const N: usize>(
    matrix: &mut SMatrix<T, N, N>,
) -> Option<Result<(), usize>> {
    if const { !are_used::<T, N>(MANY) } {
        return None;
    }
    lanes_mut(matrix).map(factored)
}

fn factored<const N: usize>(lower: &mut [[f64; N]; N]) -> Result<(), usize> {
    let rounding = f64::EPSILON * N as f64;
    let mut least = [0.0; N];
    for (j, (least, column)) in least.iter_mut().zip(lower.iter()).enumerate() {
        *least = rounding * at(column, j);
    }
    for j in 0..N / SIDE {
        let Some((done, rest)) = lower.split_at_mut_checked(SIDE * j) else { continue };
        let Some(columns) = rest.as_chunks_mut::<SIDE>().0.first_mut() else { continue };
        let terms = || done.iter().map(|a| (a, load(a, j)));
        let corner = less(tile(columns, j), terms(), j).map(f64x4::to_array);
        let corner = root(&corner, load(&least, j)).map_err(|row| SIDE * j + row)?;
        put(corner.map(f64x4::new), j, 0, columns);
        for i in 0..j {
            put([f64x4::ZERO; SIDE], i, 0, columns);
        }
        for i in j + 1..N / SIDE {
            put(divided(less(tile(columns, i), terms(), i), &corner), i, 0, columns);
        }
        for i in N / SIDE * SIDE..N {
            let mut row = f64x4::new(columns.each_ref().map(|column| at(column, i)));
            for (a, b) in terms() {
                row -= f64x4::new(b) * f64x4::splat(at(a, i));
            }
            for (column, x) in
                columns.iter_mut().zip(&solved(row.to_array(), |i, j| entry(&corner, i, j)))
            {
                set(column, i, *x);
            }
        }
    }
    for j in N / SIDE * SIDE..N {
        let Some((done, rest)) = lower.split_at_mut_checked(j) else { continue };
        let Some(column) = rest.first_mut() else { continue };
        for (i, x) in column.iter_mut().enumerate().skip(j) {
            *x = done.iter().fold(*x, |x, a| x - at(a, i) * at(a, j));
        }
        let root = root_of_pivot(at(column, j), j, at(&least, j))?;
        for (i, x) in column.iter_mut().enumerate() {
            *x = if i < j { 0.0 } else { *x / root };
        }
        set(column, j, root);
    }
    Ok(())
}

/// If the scalar is `f64` and there are enough rows for vectorisation, overwrites the identity
/// matrix `out` with L⁻ᵀ for a lower triangular matrix L and returns `true`. Otherwise returns
/// `false`.
#[inline]
pub(crate) fn inverse_root<T: Real, const N: usize>(
    lower: &SMatrix<T, N, N>,
    out: &mut SMatrix<T, N, N>,
) -> bool {
    if const { !are_used::<T, N>(MANY) } {
        return false;
    }
    let (Some(lower), Some(out)) = (lanes(lower), lanes_mut(out)) else {
        return false;
    };
    let (corners, _) = lower.as_chunks::<SIDE>();
    for (j, columns) in corners.iter().enumerate() {
        let corner = columns.each_ref().map(|column| load(column, j));
        let Some((done, rest)) = out.split_at_mut_checked(SIDE * j) else { continue };
        let Some(columns) = rest.as_chunks_mut::<SIDE>().0.first_mut() else { continue };
        for i in 0..=j {
            let terms = done.iter().zip(lower).skip(SIDE * i).map(|(a, l)| (a, load(l, j)));
            put(divided(less(tile(columns, i), terms, i), &corner), i, 0, columns);
        }
    }
    for j in N / SIDE * SIDE..N {
        let Some((done, rest)) = out.split_at_mut_checked(j) else { continue };
        let Some(column) = rest.first_mut() else { continue };
        for (done, l) in done.iter().zip(lower) {
            let l = at(l, j);
            for (x, done) in column.iter_mut().zip(done) {
                *x -= done * l;
            }
        }
        let pivot = lower.get(j).map_or(0.0, |column| at(column, j));
        for x in column {
            *x /= pivot;
        }
    }
    true
}
