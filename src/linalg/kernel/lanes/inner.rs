//! Inner products of columns.

use nalgebra::SMatrix;
use wide::f64x4;

use crate::base::scalar::Real;
use crate::linalg::kernel::lanes::{SIDE, lanes, lanes_mut, load, pair};
use crate::linalg::kernel::{MANY, VERY_MANY};

/// Computes the inner product Σᵢ aᵢ bᵢ of two vectors, or returns `None` if the scalar is not `f64`
/// or there are too few terms.
#[inline]
pub(crate) fn dot<T: Real, const N: usize>(a: &[T; N], b: &[T; N]) -> Option<T> {
    let (a, b) = pair(a, b).filter(|_| N >= MANY)?;
    let sum = if N < VERY_MANY { sum::<N, 1>(a, b) } else { sum::<N, 4>(a, b) };
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
    if !(MANY..VERY_MANY).contains(&K) {
        return false;
    }
    let (Some(a), Some(b), Some(out)) = (lanes(a), lanes(b), lanes_mut(out)) else {
        return false;
    };
    for (out, b) in out.iter_mut().zip(b) {
        for (out, a) in out.chunks_mut(SIDE).zip(a.chunks(SIDE)) {
            let mut sums = [f64x4::ZERO; SIDE];
            for k in 0..K / SIDE {
                let b = f64x4::new(load(b, k));
                for (sum, a) in sums.iter_mut().zip(a) {
                    *sum += f64x4::new(load(a, k)) * b;
                }
            }
            let [s, t, u, v] = f64x4::transpose(sums);
            let fours = ((s + t) + (u + v)).to_array();
            for ((out, a), sum) in out.iter_mut().zip(a).zip(fours) {
                let rest = a.iter().zip(b).skip(K / SIDE * SIDE);
                *out = rest.fold(sum, |sum, (a, b)| sum + a * b);
            }
        }
    }
    true
}
