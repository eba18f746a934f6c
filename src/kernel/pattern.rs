//! Products by the pattern of one factor.
//!
//! A matrix with one entry a row (one-hot, diagonal) is multiplied by gathering, scaling and
//! scattering rows or columns; any other by sums of scaled columns. `shape` is the matrix whose value
//! is beside it; its pattern is a constant of its type, so only one of the two remains after
//! compilation.

use nalgebra::SMatrix;
use typenum::Unsigned;

#[cfg(target_arch = "x86_64")]
use super::lanes;
use super::{add_scaled, plain, product};
use crate::{Real, Shape};

/// A B, by the pattern of B.
#[inline]
pub(crate) fn mul_by<T: Real, S: Shape, const N: usize, const K: usize, const M: usize>(
    a: &SMatrix<T, N, K>,
    shape: &S,
    b: &SMatrix<T, K, M>,
) -> SMatrix<T, N, M> {
    if !S::PATTERN.one_per_row() {
        return product(a, b);
    }
    let mut out = SMatrix::<T, N, M>::zeros();
    for (k, column) in a.data.0.iter().enumerate() {
        let to = shape.column(k);
        if let (Some(out), Some(&x)) = (out.data.0.get_mut(to), b.get((k, to))) {
            add_scaled(out, x, column);
        }
    }
    out
}

/// A B, by the pattern of A.
#[inline]
pub(crate) fn mul_of<T: Real, S: Shape, const N: usize, const K: usize, const M: usize>(
    shape: &S,
    a: &SMatrix<T, N, K>,
    b: &SMatrix<T, K, M>,
) -> SMatrix<T, N, M> {
    if !S::PATTERN.one_per_row() {
        return mul_by(a, b, b);
    }
    let mut out = SMatrix::<T, N, M>::zeros();
    for (out, b) in out.data.0.iter_mut().zip(&b.data.0) {
        for (i, out) in out.iter_mut().enumerate() {
            let from = shape.column(i);
            if let (Some(&x), Some(&b)) = (a.get((i, from)), b.get(from)) {
                *out = b * x;
            }
        }
    }
    out
}

/// Aᵀ B, by the pattern of A.
#[inline]
pub(crate) fn tr_mul_of<T: Real, S: Shape, const N: usize, const K: usize, const M: usize>(
    shape: &S,
    a: &SMatrix<T, K, N>,
    b: &SMatrix<T, K, M>,
) -> SMatrix<T, N, M> {
    let mut out = SMatrix::<T, N, M>::zeros();
    if !S::PATTERN.one_per_row() {
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
            if let (Some(out), Some(&x)) = (out.get_mut(to), a.get((k, to))) {
                *out += b * x;
            }
        }
    }
    out
}

/// Writes A Bᵀ, by the pattern of B.
#[inline]
pub(crate) fn mul_tr_by<T: Real, S: Shape, const N: usize, const K: usize, const M: usize>(
    a: &SMatrix<T, N, K>,
    shape: &S,
    b: &SMatrix<T, M, K>,
    out: &mut SMatrix<T, N, M>,
) {
    for (j, out) in out.data.0.iter_mut().enumerate() {
        *out = [T::zero(); N];
        if S::PATTERN.one_per_row() {
            let from = shape.column(j);
            if let (Some(column), Some(&x)) = (a.data.0.get(from), b.get((j, from))) {
                add_scaled(out, x, column);
            }
        } else {
            for (column, b) in a.data.0.iter().zip(&b.data.0) {
                add_scaled(out, b[j], column);
            }
        }
    }
}

/// Writes Z A Zᵀ for a Z with one entry a row: (i, j) is A_{c(i) c(j)} (zᵢ zⱼ), with the rows of A gathered
/// once and then copied by columns. Symmetric to the last bit where A is.
#[inline]
pub(crate) fn congruence_of_rows<T: Real, S: Shape, const N: usize, const Q: usize>(
    shape: &S,
    z: &SMatrix<T, N, Q>,
    a: &SMatrix<T, Q, Q>,
    out: &mut SMatrix<T, N, N>,
) {
    let mut entries = [T::zero(); N];
    let mut gathered = SMatrix::<T, N, Q>::zeros();
    for (i, entry) in entries.iter_mut().enumerate() {
        let from = shape.column(i);
        if let Some(&z) = z.get((i, from)) {
            *entry = z;
            for (gathered, a) in gathered.data.0.iter_mut().zip(&a.data.0) {
                if let (Some(gathered), Some(&a)) = (gathered.get_mut(i), a.get(from)) {
                    *gathered = a;
                }
            }
        }
    }
    // With parameters, a scalar may carry derivatives beside a one.
    let ones = S::Params::USIZE == 0 && entries.iter().all(|z| *z == T::one());
    for (j, (out, &z_j)) in out.data.0.iter_mut().zip(&entries).enumerate() {
        match gathered.data.0.get(shape.column(j)) {
            Some(column) if ones => *out = *column,
            Some(column) => {
                for ((out, &a), &z_i) in out.iter_mut().zip(column).zip(&entries) {
                    *out = a * (z_i * z_j);
                }
            }
            None => *out = [T::zero(); N],
        }
    }
}
