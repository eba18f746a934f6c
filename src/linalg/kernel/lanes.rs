//! Vectorised kernels for `f64`, with four lanes.
//!
//! Without explicit lanes, the compiler does not vectorise the loops over a 4×4 tile of a matrix,
//! and inserts shuffles of vector registers into the loops over a matrix of rank two. With explicit
//! lanes, the sums of a tile stay in registers. Each entry is summed in the same order as in the
//! plain loops, so that the results are bitwise identical.

pub(crate) mod inner;
pub(crate) mod product;
pub(crate) mod triangular;

use core::any::Any;

use nalgebra::SMatrix;
use wide::{f64x2, f64x4};

use crate::base::scalar::Real;
pub(crate) use crate::linalg::kernel::lanes::inner::{dot, tr_product};
pub(crate) use crate::linalg::kernel::lanes::product::{product, products};
pub(crate) use crate::linalg::kernel::lanes::triangular::solve::{
    solve_lower, solve_lower_each, solve_upper,
};
pub(crate) use crate::linalg::kernel::lanes::triangular::{factor, inverse_root};

/// The number of rows and columns of a tile, which is also the number of lanes.
const SIDE: usize = 4;

type Tile = [f64x4; SIDE];

/// Returns `true` if the scalar may be `f64` and a column of N numbers has at least `least`
/// numbers. Kernels test this value by `if const`, so that a kernel for shorter columns is not
/// compiled.
const fn are_used<T, const N: usize>(least: usize) -> bool {
    size_of::<T>() == size_of::<f64>() && N >= least
}

/// Calls a function whose first const argument is the number of columns that remain after groups of
/// [`SIDE`] columns, if any remain. Only the function for this number is compiled.
macro_rules! with_rest {
    ($count:expr, $function:ident<$($size:ident),*>($($argument:expr),*)) => {
        if const { $count % SIDE == 1 } {
            $function::<1, $($size),*>($($argument),*);
        } else if const { $count % SIDE == 2 } {
            $function::<2, $($size),*>($($argument),*);
        } else if const { $count % SIDE == 3 } {
            $function::<3, $($size),*>($($argument),*);
        }
    };
}

use with_rest;

/// Returns the columns of the matrix if its scalar is `f64`, and otherwise `None`. The scalar
/// is known at compile time, so the check costs nothing at run time.
#[inline]
fn lanes<T: Real, const N: usize, const M: usize>(
    matrix: &SMatrix<T, N, M>,
) -> Option<&[[f64; N]; M]> {
    (&matrix.data.0 as &dyn Any).downcast_ref()
}

#[inline]
fn lanes_mut<T: Real, const N: usize, const M: usize>(
    matrix: &mut SMatrix<T, N, M>,
) -> Option<&mut [[f64; N]; M]> {
    (&mut matrix.data.0 as &mut dyn Any).downcast_mut()
}

/// Computes the square root of a number inline. The square root of libm is an SSE instruction.
/// Between AVX instructions, an SSE instruction costs about 60 ns, because the upper halves of the
/// registers are switched.
#[inline]
pub(crate) fn sqrt<T: Real>(x: T) -> T {
    match (&x as &dyn Any).downcast_ref::<f64>() {
        Some(&x) => nalgebra::convert(f64x2::splat(x).sqrt().to_array()[0]),
        None => x.sqrt(),
    }
}

/// Returns entry i of an array.
#[inline]
fn at<const N: usize>(x: &[f64; N], i: usize) -> f64 {
    x.get(i).copied().unwrap_or_default()
}

#[inline]
fn set<const N: usize>(out: &mut [f64; N], i: usize, x: f64) {
    if let Some(out) = out.get_mut(i) {
        *out = x;
    }
}

/// Returns four entries of a column, starting at row 4i.
#[inline]
fn load<const N: usize>(column: &[f64; N], i: usize) -> [f64; SIDE] {
    column.as_chunks().0.get(i).copied().unwrap_or_default()
}

#[inline]
fn store<const N: usize>(column: &mut [f64; N], i: usize, x: f64x4) {
    if let Some(place) = column.as_chunks_mut().0.get_mut(i) {
        *place = x.to_array();
    }
}

/// Computes a 4×4 tile of the sum of outer products Σₖ aₖ bₖᵀ. The tile has the four rows that
/// start at row 4i. Each vector bₖ has four entries.
#[inline]
fn sums<'a, const N: usize>(
    terms: impl Iterator<Item = (&'a [f64; N], [f64; SIDE])>,
    i: usize,
) -> Tile {
    let mut sums = [f64x4::ZERO; SIDE];
    for (a, b) in terms {
        let a = f64x4::new(load(a, i));
        for (sum, b) in sums.iter_mut().zip(b) {
            *sum += a * f64x4::splat(b);
        }
    }
    sums
}

/// Writes a 4×4 tile of a matrix, starting at row 4i and column 4j.
#[inline]
fn put<const N: usize, const M: usize>(tile: Tile, i: usize, j: usize, out: &mut [[f64; N]; M]) {
    if let Some(columns) = out.as_chunks_mut::<SIDE>().0.get_mut(j) {
        for (column, &x) in columns.iter_mut().zip(&tile) {
            store(column, i, x);
        }
    }
}

/// Returns the symmetric tile with the lower triangle of `tile`.
#[inline]
fn mirrored(tile: Tile) -> Tile {
    let (below, above) = (tile.map(f64x4::to_array), f64x4::transpose(tile).map(f64x4::to_array));
    core::array::from_fn(|j| {
        let column = |tile: &[[f64; SIDE]; SIDE], i| tile.get(j).map_or(0.0, |x| at(x, i));
        f64x4::new(core::array::from_fn(|i| column(if i < j { &above } else { &below }, i)))
    })
}

/// If the scalar is `f64` and there are enough rows for vectorisation, writes the symmetric product
/// A Bᵀ to `out` and returns `true`. Otherwise returns `false`.
#[inline]
pub(crate) fn symmetric_product<T: Real, const N: usize, const K: usize>(
    a: &SMatrix<T, N, K>,
    b: &SMatrix<T, N, K>,
    out: &mut SMatrix<T, N, N>,
) -> bool {
    let (Some(a), Some(b)) = (lanes(a), lanes(b)) else {
        return false;
    };
    write_symmetric(|_| a.iter().zip(b), out)
}

/// If the scalar is `f64` and there are enough rows for vectorisation, writes A Bᵀ + B Aᵀ for two
/// matrices A and B to `out` and returns `true`. Otherwise returns `false`.
#[inline]
pub(crate) fn symmetric_pair<T: Real, const N: usize, const K: usize>(
    a: &SMatrix<T, N, K>,
    b: &SMatrix<T, N, K>,
    out: &mut SMatrix<T, N, N>,
) -> bool {
    let (Some(a), Some(b)) = (lanes(a), lanes(b)) else {
        return false;
    };
    write_symmetric(|_| a.iter().zip(b).chain(b.iter().zip(a)), out)
}

/// If the scalar is `f64` and there are enough rows for vectorisation, writes U Uᵀ for an upper
/// triangular matrix U to `out` and returns `true`. Otherwise returns `false`.
#[inline]
pub(crate) fn gram_of_upper<T: Real, const N: usize>(
    u: &SMatrix<T, N, N>,
    out: &mut SMatrix<T, N, N>,
) -> bool {
    let Some(u) = lanes(u) else {
        return false;
    };
    write_symmetric(|row| u.iter().zip(u).skip(row), out)
}

/// If the scalar is `f64` and there are enough rows for vectorisation, writes the sum Σ a bᵀ of
/// outer products, which must be symmetric, to `out` and returns `true`. Otherwise returns `false`.
/// For a given row, the callback `pairs` returns the pairs of columns (a, b) that have nonzero
/// entries in this row or below.
#[inline]
fn write_symmetric<'a, T: Real, I, const N: usize>(
    pairs: impl Fn(usize) -> I,
    out: &mut SMatrix<T, N, N>,
) -> bool
where
    I: Iterator<Item = (&'a [f64; N], &'a [f64; N])>,
{
    if const { !are_used::<T, N>(SIDE) } {
        return false;
    }
    let Some(out) = lanes_mut(out) else {
        return false;
    };
    for i in 0..N / SIDE {
        for j in 0..=i {
            // This is never true; it lets the compiler drop the bounds checks.
            if j >= N / SIDE {
                break;
            }
            let tile = sums(pairs(SIDE * i).map(|(a, b)| (a, load(b, j))), i);
            if j < i {
                put(tile, i, j, out);
                put(f64x4::transpose(tile), j, i, out);
            } else {
                put(mirrored(tile), i, i, out);
            }
        }
    }
    for i in N / SIDE * SIDE..N {
        let mut row = [0.0; N];
        for (a, b) in pairs(i) {
            for (x, &b) in row.iter_mut().zip(b) {
                *x += b * at(a, i);
            }
        }
        for (j, &x) in row.iter().enumerate().take(i + 1) {
            for (i, j) in [(i, j), (j, i)] {
                if let Some(column) = out.get_mut(i) {
                    set(column, j, x);
                }
            }
        }
    }
    true
}

/// Returns the two vectors if their scalar is `f64`, and otherwise `None`.
#[inline]
fn pair<'a, T: Real, const N: usize>(
    a: &'a [T; N],
    b: &'a [T; N],
) -> Option<(&'a [f64; N], &'a [f64; N])> {
    Some(((a as &dyn Any).downcast_ref()?, (b as &dyn Any).downcast_ref()?))
}

/// If the scalar is `f64` and there are enough rows for vectorisation, writes the outer product a
/// bᵀ, multiplied by the number x, to `out` and returns `true`. Otherwise returns `false`.
#[inline]
pub(crate) fn rank_one<T: Real, const N: usize>(
    a: &[T; N],
    b: &[T; N],
    x: T,
    out: &mut SMatrix<T, N, N>,
) -> bool {
    if const { !are_used::<T, N>(SIDE) } {
        return false;
    }
    let x = (&x as &dyn Any).downcast_ref::<f64>();
    let (Some((a, b)), Some(&x), Some(out)) = (pair(a, b), x, lanes_mut(out)) else {
        return false;
    };
    for (out, &b) in out.iter_mut().zip(b) {
        for i in 0..N / SIDE {
            store(out, i, f64x4::new(load(a, i)) * f64x4::splat(b) * f64x4::splat(x));
        }
        for i in N / SIDE * SIDE..N {
            set(out, i, at(a, i) * b * x);
        }
    }
    true
}

/// If the scalar is `f64` and there are enough rows for vectorisation, writes the matrix a bᵀ + b
/// aᵀ for two vectors a and b to `out` and returns `true`. Otherwise returns `false`.
#[inline]
pub(crate) fn rank_two<T: Real, const N: usize>(
    a: &[T; N],
    b: &[T; N],
    out: &mut SMatrix<T, N, N>,
) -> bool {
    if const { !are_used::<T, N>(SIDE) } {
        return false;
    }
    let (Some((a, b)), Some(out)) = (pair(a, b), lanes_mut(out)) else {
        return false;
    };
    for ((out, &a_j), &b_j) in out.iter_mut().zip(a).zip(b) {
        let (a_all, b_all) = (f64x4::splat(a_j), f64x4::splat(b_j));
        for i in 0..N / SIDE {
            let x = f64x4::new(load(a, i)) * b_all + f64x4::new(load(b, i)) * a_all;
            store(out, i, x);
        }
        for i in N / SIDE * SIDE..N {
            set(out, i, at(a, i) * b_j + at(b, i) * a_j);
        }
    }
    true
}

/// If the scalar is `f64` and there are enough rows for vectorisation, writes the linear
/// combination a x + b y of two vectors a and b to `out` and returns `true`. Otherwise returns
/// `false`.
#[inline]
pub(crate) fn two_scaled<T: Real, const N: usize>(
    (a, x): (&[T; N], T),
    (b, y): (&[T; N], T),
    out: &mut [T; N],
) -> bool {
    if const { !are_used::<T, N>(SIDE) } {
        return false;
    }
    let (x, y) = ((&x as &dyn Any).downcast_ref(), (&y as &dyn Any).downcast_ref());
    let out = (out as &mut dyn Any).downcast_mut::<[f64; N]>();
    let (Some((a, b)), Some(&x), Some(&y), Some(out)) = (pair(a, b), x, y, out) else {
        return false;
    };
    let (all_x, all_y) = (f64x4::splat(x), f64x4::splat(y));
    for i in 0..N / SIDE {
        store(out, i, f64x4::new(load(a, i)) * all_x + f64x4::new(load(b, i)) * all_y);
    }
    for i in N / SIDE * SIDE..N {
        set(out, i, at(a, i) * x + at(b, i) * y);
    }
    true
}
