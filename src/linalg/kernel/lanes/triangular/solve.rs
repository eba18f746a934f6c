//! Triangular systems with several right-hand sides.

use core::any::Any;

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector};
use wide::f64x4;

use crate::base::scalar::Real;
use crate::linalg::kernel::MANY;
use crate::linalg::kernel::lanes::product::{Column, Counted};
use crate::linalg::kernel::lanes::triangular::{entry, less, solved, tile};
use crate::linalg::kernel::lanes::{
    SIDE, are_used, at, lanes, lanes_mut, load, put, set, store, with_rest,
};

/// If the scalar is `f64` and there are enough rows for vectorisation, overwrites a matrix B with
/// L⁻¹ B for a lower triangular L and returns `true`. Otherwise returns `false`.
#[inline]
pub(crate) fn solve_lower<T: Real, const N: usize, const M: usize>(
    lower: &SMatrix<T, N, N>,
    b: &mut SMatrix<T, N, M>,
) -> bool {
    if const { !are_used::<T, N>(MANY) } {
        return false;
    }
    let (Some(lower), Some(b)) = (lanes(lower), lanes_mut(b)) else {
        return false;
    };
    solve::<[(); M], N>(lower, b);
    true
}

/// If the scalar is `f64` and there are enough rows for vectorisation, overwrites each of P vectors
/// b with L⁻¹ b for a lower triangular L and returns `true`. Otherwise returns `false`.
#[inline]
pub(crate) fn solve_lower_each<T: Real, P: ArraySize, const N: usize>(
    lower: &SMatrix<T, N, N>,
    b: &mut Array<SVector<T, N>, P>,
) -> bool {
    if const { !are_used::<T, N>(MANY) } {
        return false;
    }
    let b = (b as &mut dyn Any).downcast_mut::<Array<SVector<f64, N>, P>>();
    let (Some(lower), Some(b)) = (lanes(lower), b) else {
        return false;
    };
    solve::<Array<(), P>, N>(lower, b);
    true
}

/// Overwrites the columns `b` with L⁻¹ b. `Of` is an array type with as many elements.
#[inline]
fn solve<Of: Counted, const N: usize>(lower: &[[f64; N]; N], b: &mut [impl Column<N>]) {
    let (fours, rest) = b.as_chunks_mut::<SIDE>();
    if const { Of::COUNT >= SIDE } {
        for b in fours {
            solve_columns(lower, b);
        }
    }
    with_rest!(Of::COUNT, solve_groups<N>(lower, rest));
}

/// Solves a system with several columns in groups of C columns.
#[inline]
fn solve_groups<const C: usize, const N: usize>(lower: &[[f64; N]; N], b: &mut [impl Column<N>]) {
    for b in b.as_chunks_mut::<C>().0 {
        solve_columns(lower, b);
    }
}

fn solve_columns<const C: usize, const N: usize>(
    lower: &[[f64; N]; N],
    b: &mut [impl Column<N>; C],
) {
    for (j, columns) in lower.as_chunks::<SIDE>().0.iter().enumerate() {
        let corner = columns.each_ref().map(|column| load(column, j));
        let start = b.each_ref().map(|b| f64x4::new(load(b.numbers(), j)));
        let terms = lower.iter().enumerate().take(SIDE * j);
        let terms = terms.map(|(k, l)| (l, b.each_ref().map(|b| at(b.numbers(), k))));
        let tile = less(start, terms, j);
        for (b, x) in b.iter_mut().zip(&tile) {
            let x = solved(x.to_array(), |i, j| entry(&corner, i, j));
            store(b.numbers_mut(), j, f64x4::new(x));
        }
    }
    for j in N / SIDE * SIDE..N {
        let Some(pivot) = lower.get(j).map(|column| at(column, j)) else { continue };
        for b in b.iter_mut().map(Column::numbers_mut) {
            let terms = lower.iter().zip(&*b).take(j);
            let x = terms.fold(at(b, j), |x, (l, b)| x - at(l, j) * b);
            set(b, j, x / pivot);
        }
    }
}

/// If the scalar is `f64` and there are enough rows for vectorisation, overwrites a matrix B with
/// L⁻ᵀ B for a lower triangular L and returns `true`. Otherwise returns `false`.
#[inline]
pub(crate) fn solve_upper<T: Real, const N: usize, const M: usize>(
    lower: &SMatrix<T, N, N>,
    b: &mut SMatrix<T, N, M>,
) -> bool {
    if const { !are_used::<T, N>(MANY) } {
        return false;
    }
    let (Some(lower), Some(b)) = (lanes(lower), lanes_mut(b)) else {
        return false;
    };
    let upper = transposed(lower);
    let (fours, rest) = b.as_chunks_mut::<SIDE>();
    if const { M >= SIDE } {
        for b in fours {
            solve_columns_of_upper(&upper, b);
        }
    }
    if const { !M.is_multiple_of(SIDE) } {
        for b in rest.as_chunks_mut::<1>().0 {
            solve_columns_of_upper(&upper, b);
        }
    }
    true
}

fn transposed<const N: usize>(matrix: &[[f64; N]; N]) -> [[f64; N]; N] {
    let mut out = [[0.0; N]; N];
    for (j, columns) in matrix.as_chunks::<SIDE>().0.iter().enumerate() {
        for i in 0..N / SIDE {
            put(f64x4::transpose(tile(columns, i)), j, i, &mut out);
        }
    }
    for (j, column) in matrix.iter().enumerate() {
        let first = if j < N / SIDE * SIDE { N / SIDE * SIDE } else { 0 };
        for (row, &x) in out.iter_mut().zip(column).skip(first) {
            set(row, j, x);
        }
    }
    out
}

fn solve_columns_of_upper<const C: usize, const N: usize>(
    upper: &[[f64; N]; N],
    b: &mut [[f64; N]; C],
) {
    for j in (N / SIDE * SIDE..N).rev() {
        let Some(pivot) = upper.get(j).map(|column| at(column, j)) else { continue };
        for b in b.iter_mut() {
            let terms = upper.iter().zip(&*b).skip(j + 1).rev();
            let x = terms.fold(at(b, j), |x, (u, b)| x - at(u, j) * b);
            set(b, j, x / pivot);
        }
    }
    for (j, columns) in upper.as_chunks::<SIDE>().0.iter().enumerate().rev() {
        let corner = columns.each_ref().map(|column| load(column, j));
        let start = b.each_ref().map(|b| f64x4::new(load(b, j)));
        let terms = upper.iter().enumerate().skip(SIDE * j + SIDE).rev();
        let terms = terms.map(|(k, u)| (u, b.each_ref().map(|b| at(b, k))));
        let tile = less(start, terms, j);
        for (b, x) in b.iter_mut().zip(&tile) {
            // In reverse order of rows and columns, an upper triangle is a lower one.
            let [x0, x1, x2, x3] = x.to_array();
            let last = SIDE - 1;
            let [x3, x2, x1, x0] =
                solved([x3, x2, x1, x0], |i, j| entry(&corner, last - i, last - j));
            store(b, j, f64x4::new([x0, x1, x2, x3]));
        }
    }
}
