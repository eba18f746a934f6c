//! Products of matrices, computed by tiles over the rows of the left factor.

use core::any::Any;
use core::hint::black_box;

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector};
use wide::f64x4;

use crate::base::scalar::Real;
use crate::linalg::kernel::lanes::{
    SIDE, are_used, at, lanes, lanes_mut, load, set, store, with_rest,
};

/// The number of tiles of a matrix product that are summed at once, limited by the number of
/// registers.
const TALL: usize = if cfg!(target_feature = "avx") { 2 } else { 1 };

/// A column of numbers.
pub(crate) trait Column<const N: usize> {
    fn numbers(&self) -> &[f64; N];
    fn numbers_mut(&mut self) -> &mut [f64; N];
}

impl<const N: usize> Column<N> for [f64; N] {
    #[inline]
    fn numbers(&self) -> &[f64; N] {
        self
    }

    #[inline]
    fn numbers_mut(&mut self) -> &mut [f64; N] {
        self
    }
}

impl<const N: usize> Column<N> for SVector<f64, N> {
    #[inline]
    fn numbers(&self) -> &[f64; N] {
        &self.data.0[0]
    }

    #[inline]
    fn numbers_mut(&mut self) -> &mut [f64; N] {
        &mut self.data.0[0]
    }
}

/// An array type whose number of elements is a constant.
pub(crate) trait Counted {
    const COUNT: usize;
}

impl<E, const M: usize> Counted for [E; M] {
    const COUNT: usize = M;
}

impl<E, P: ArraySize> Counted for Array<E, P> {
    const COUNT: usize = P::USIZE;
}

/// Writes `R` successive tiles of the matrix product A B, starting at row 4i. A tile has four rows
/// and `C` columns.
#[inline]
fn write_tiles<const R: usize, const C: usize, const N: usize, const K: usize>(
    a: &[[f64; N]; K],
    b: &[impl Column<K>; C],
    i: usize,
    out: &mut [impl Column<N>; C],
) {
    // For more than two tiles, the compiler otherwise broadcasts all of B before the loop over
    // tiles, which needs more registers than there are.
    let b = if N / SIDE > 2 { black_box(b) } else { b };
    let mut tiles = [[f64x4::ZERO; C]; R];
    for (k, a) in a.iter().enumerate() {
        let b = b.each_ref().map(|b| f64x4::splat(at(b.numbers(), k)));
        for (tile, sums) in tiles.iter_mut().enumerate() {
            let a = f64x4::new(load(a, i + tile));
            for (sum, &b) in sums.iter_mut().zip(&b) {
                *sum += a * b;
            }
        }
    }
    for (tile, sums) in tiles.iter().enumerate() {
        // By reference: the array's own iterator would be copied in memory.
        for (column, &x) in out.iter_mut().zip(sums) {
            store(column.numbers_mut(), i + tile, x);
        }
    }
}

/// Writes the columns of the matrix product A B in groups of `C` columns. Only rows in full tiles
/// of four rows are written.
#[inline]
fn write_columns<const C: usize, const N: usize, const K: usize>(
    a: &[[f64; N]; K],
    b: &[impl Column<K>],
    out: &mut [impl Column<N>],
) {
    let tiles = N / SIDE;
    for (b, out) in b.as_chunks::<C>().0.iter().zip(out.as_chunks_mut().0) {
        if const { N / SIDE >= TALL } {
            for i in 0..tiles / TALL {
                write_tiles::<TALL, C, N, K>(a, b, TALL * i, out);
            }
        }
        if const { !(N / SIDE).is_multiple_of(TALL) } {
            for i in tiles / TALL * TALL..tiles {
                write_tiles::<1, C, N, K>(a, b, i, out);
            }
        }
    }
}

/// If the scalar is `f64` and there are enough rows for vectorisation, writes the product A B to
/// `out` and returns `true`. Otherwise returns `false`.
#[inline]
pub(crate) fn product<T: Real, const N: usize, const K: usize, const M: usize>(
    a: &SMatrix<T, N, K>,
    b: &SMatrix<T, K, M>,
    out: &mut SMatrix<T, N, M>,
) -> bool {
    if const { !are_used::<T, N>(SIDE) } {
        return false;
    }
    let (Some(a), Some(b), Some(out)) = (lanes(a), lanes(b), lanes_mut(out)) else {
        return false;
    };
    write_product::<[(); M], N, K>(a, b, out);
    true
}

/// If the scalar is `f64` and there are enough rows for vectorisation, writes the products A b for
/// P vectors b to `out` and returns `true`. Otherwise returns `false`.
#[inline]
pub(crate) fn products<T: Real, P: ArraySize, const N: usize, const K: usize>(
    a: &SMatrix<T, N, K>,
    b: &Array<SVector<T, K>, P>,
    out: &mut Array<SVector<T, N>, P>,
) -> bool {
    if const { !are_used::<T, N>(SIDE) } {
        return false;
    }
    let b = (b as &dyn Any).downcast_ref::<Array<SVector<f64, K>, P>>();
    let out = (out as &mut dyn Any).downcast_mut::<Array<SVector<f64, N>, P>>();
    let (Some(a), Some(b), Some(out)) = (lanes(a), b, out) else {
        return false;
    };
    write_product::<Array<(), P>, N, K>(a, b, out);
    true
}

/// Writes the product of a matrix and the columns `b`. `Of` is an array type with as many elements
/// as there are columns.
#[inline]
fn write_product<Of: Counted, const N: usize, const K: usize>(
    a: &[[f64; N]; K],
    b: &[impl Column<K>],
    out: &mut [impl Column<N>],
) {
    if const { Of::COUNT >= SIDE } {
        write_columns::<SIDE, N, K>(a, b, out);
    }
    let (rest, out_rest) = (b.as_chunks::<SIDE>().1, out.as_chunks_mut::<SIDE>().1);
    with_rest!(Of::COUNT, write_columns < N, K > (a, rest, out_rest));
    for (out, b) in out.iter_mut().zip(b) {
        for i in N / SIDE * SIDE..N {
            let sum = a.iter().zip(b.numbers()).fold(0.0, |sum, (a, &b)| sum + at(a, i) * b);
            set(out.numbers_mut(), i, sum);
        }
    }
}
