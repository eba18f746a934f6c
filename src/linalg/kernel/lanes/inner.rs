//! Inner products of columns.

use nalgebra::SMatrix;
use wide::f64x4;

use crate::base::scalar::Real;
use crate::linalg::kernel::lanes::{SIDE, are_used, lanes, lanes_mut, load, pair, with_rest};
use crate::linalg::kernel::{MANY, VERY_MANY};

/// Computes the inner product Σᵢ aᵢ bᵢ of two vectors, or returns `None` if the scalar is not `f64`
/// or there are too few terms.
#[inline]
pub(crate) fn dot<T: Real, const N: usize>(a: &[T; N], b: &[T; N]) -> Option<T> {
    if const { !are_used::<T, N>(MANY) } {
        return None;
    }
    let (a, b) = pair(a, b)?;
    let sum = if const { N < VERY_MANY } { sum::<N, 1>(a, b) } else { sum::<N, 4>(a, b) };
    Some(nalgebra::convert(sum))
}

/// Computes the inner product of two vectors as S partial sums of four lanes each.
#[inline]
fn sum<const N: usize, const S: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    let mut sums = [f64x4::ZERO; S];
    let ((fours_a, rest_a), (fours_b, rest_b)) = (a.as_chunks::<SIDE>(), b.as_chunks::<SIDE>());
    for (a, b) in fours_a.chunks(S).zip(fours_b.chunks(S)) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += f64x4::new(a) * f64x4::new(b);
        }
    }
    let [s, t, u, v] = sums.into_iter().fold(f64x4::ZERO, |sum, x| sum + x).to_array();
    rest_a.iter().zip(rest_b).fold((s + t) + (u + v), |sum, (a, b)| sum + a * b)
}

/// If the scalar is `f64` and the number of rows is in the range in which this function is faster
/// than [`dot`], writes the matrix product Aᵀ B to `out` and returns `true`. Otherwise returns
/// `false`.
#[inline]
pub(crate) fn tr_product<T: Real, const N: usize, const K: usize, const M: usize>(
    a: &SMatrix<T, K, N>,
    b: &SMatrix<T, K, M>,
    out: &mut SMatrix<T, N, M>,
) -> bool {
    if const { !are_used::<T, K>(MANY) || K >= VERY_MANY } {
        return false;
    }
    let (Some(a), Some(b), Some(out)) = (lanes(a), lanes(b), lanes_mut(out)) else {
        return false;
    };
    for (out, b) in out.iter_mut().zip(b) {
        let (fours, rest) = a.as_chunks::<SIDE>();
        let (out_fours, out_rest) = out.as_chunks_mut::<SIDE>();
        for (out, a) in out_fours.iter_mut().zip(fours) {
            write_dots(a, b, out);
        }
        with_rest!(N, write_rest<K>(rest, b, out_rest));
    }
    true
}

/// Writes the inner products of C columns, which are all columns of `a`, and the vector b.
#[inline]
fn write_rest<const C: usize, const K: usize>(a: &[[f64; K]], b: &[f64; K], out: &mut [f64]) {
    for (out, a) in out.as_chunks_mut::<C>().0.iter_mut().zip(a.as_chunks().0) {
        write_dots(a, b, out);
    }
}

/// Writes the inner products of C columns and the vector b. The number of columns is a constant, so
/// that the sums stay in registers.
#[inline]
fn write_dots<const C: usize, const K: usize>(a: &[[f64; K]; C], b: &[f64; K], out: &mut [f64; C]) {
    let mut sums = [f64x4::ZERO; C];
    for k in 0..K / SIDE {
        let b = f64x4::new(load(b, k));
        for (sum, a) in sums.iter_mut().zip(a) {
            *sum += f64x4::new(load(a, k)) * b;
        }
    }
    for ((out, a), sum) in out.iter_mut().zip(a).zip(&sums) {
        let [s, t, u, v] = sum.to_array();
        let rest = a.iter().zip(b).skip(K / SIDE * SIDE);
        *out = rest.fold((s + t) + (u + v), |sum, (a, b)| sum + a * b);
    }
}
