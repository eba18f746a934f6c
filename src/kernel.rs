//! The few loops that operators share: products of small matrices over plain column arrays, by the
//! pattern of one factor.
//!
//! A matrix with one entry a row (one-hot, diagonal) is multiplied by gathering, scaling and
//! scattering rows or columns; any other by sums of scaled columns. `shape` is the matrix whose value
//! is beside it; its pattern is a constant of its type, so only one of the two remains after
//! compilation.

use nalgebra::SMatrix;

use crate::{Error, Real, Shape};

/// Y += a X.
#[inline]
fn add_scaled<T: Real, const N: usize>(y: &mut [T; N], a: T, x: &[T; N]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += x * a;
    }
}

/// A B, by the pattern of B.
#[inline]
pub(crate) fn mul_by<T: Real, S: Shape, const N: usize, const K: usize, const M: usize>(
    a: &SMatrix<T, N, K>,
    shape: &S,
    b: &SMatrix<T, K, M>,
) -> SMatrix<T, N, M> {
    let mut out = SMatrix::<T, N, M>::zeros();
    if S::PATTERN.one_per_row() {
        for (k, column) in a.data.0.iter().enumerate() {
            let to = shape.column(k);
            if let (Some(out), Some(&x)) = (out.data.0.get_mut(to), b.get((k, to))) {
                add_scaled(out, x, column);
            }
        }
    } else {
        for (out, b) in out.data.0.iter_mut().zip(&b.data.0) {
            for (column, &x) in a.data.0.iter().zip(b) {
                add_scaled(out, x, column);
            }
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
    for (out, b) in out.data.0.iter_mut().zip(&b.data.0) {
        if S::PATTERN.one_per_row() {
            for (k, &b) in b.iter().enumerate() {
                let to = shape.column(k);
                if let (Some(out), Some(&x)) = (out.get_mut(to), a.get((k, to))) {
                    *out += b * x;
                }
            }
        } else {
            for (out, a) in out.iter_mut().zip(&a.data.0) {
                for (&a, &b) in a.iter().zip(b) {
                    *out += a * b;
                }
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

/// Writes x a bᵀ; with a = b, symmetric to the last bit.
#[inline]
pub(crate) fn rank_one<T: Real, const N: usize>(
    a: &[T; N],
    b: &[T; N],
    x: T,
    out: &mut SMatrix<T, N, N>,
) {
    for (out, &b) in out.data.0.iter_mut().zip(b) {
        for (out, &a) in out.iter_mut().zip(a) {
            *out = a * b * x;
        }
    }
}

/// Writes x (a bᵀ + b aᵀ), symmetric to the last bit.
#[inline]
pub(crate) fn rank_two<T: Real, const N: usize>(
    a: &[T; N],
    b: &[T; N],
    x: T,
    out: &mut SMatrix<T, N, N>,
) {
    for (j, out) in out.data.0.iter_mut().enumerate() {
        for ((out, &a_i), &b_i) in out.iter_mut().zip(a).zip(b) {
            *out = (a_i * b[j] + b_i * a[j]) * x;
        }
    }
}

/// Makes a matrix that is symmetric but for rounding symmetric to the last bit: the lower triangle
/// counts.
#[inline]
pub(crate) fn mirror<T: Real, const N: usize>(matrix: &mut SMatrix<T, N, N>) {
    for j in 1..N {
        for i in 0..j {
            matrix.data.0[j][i] = matrix.data.0[i][j];
        }
    }
}

/// A⁻¹ by Gauss–Jordan elimination with row exchanges.
///
/// A column is dependent, and A singular, where elimination leaves of it nothing that is more than the
/// rounding of what was subtracted. That does not depend on the scale of rows or columns: diag(10⁻³⁰⁰,
/// 1) has an inverse, [1 1; 1 1+ε] has none.
///
/// # Errors
///
/// [`Error::Singular`] with that column; an entry that is not finite counts as dependent.
pub(crate) fn invert<T: Real, const N: usize>(
    a: &SMatrix<T, N, N>,
) -> Result<SMatrix<T, N, N>, Error> {
    // Rows here: the elimination works on rows, and columns of `a` would be strided.
    let mut rows = a.transpose().data.0;
    let mut inverse = SMatrix::<T, N, N>::identity().data.0;
    // The largest that each entry was on the way: its rounding is an ε of that.
    let mut size = rows.map(|row| row.map(nalgebra::ComplexField::abs));
    let rounding = T::default_epsilon() * nalgebra::convert(N as f64);
    for k in 0..N {
        let mut pivot = k;
        for i in k..N {
            if rows[i][k].abs() > rows[pivot][k].abs() {
                pivot = i;
            }
        }
        let x = rows[pivot][k];
        // A NaN is not greater either.
        let independent = x.abs() > rounding * size[pivot][k];
        if !independent || !x.is_finite() {
            return Err(Error::Singular { column: k });
        }
        rows.swap(k, pivot);
        inverse.swap(k, pivot);
        size.swap(k, pivot);
        for j in 0..N {
            rows[k][j] /= x;
            inverse[k][j] /= x;
            size[k][j] /= x.abs();
        }
        let (row_k, inverse_k, size_k) = (rows[k], inverse[k], size[k]);
        for i in 0..N {
            let factor = rows[i][k];
            if i == k || factor.is_zero() {
                continue;
            }
            for j in 0..N {
                rows[i][j] -= factor * row_k[j];
                inverse[i][j] -= factor * inverse_k[j];
                size[i][j] = size[i][j].max(factor.abs() * size_k[j]);
            }
        }
    }
    // A product of pivots may still overflow.
    let inverse = SMatrix::from_data(nalgebra::ArrayStorage(inverse)).transpose();
    if inverse.iter().all(|x: &T| x.is_finite()) {
        Ok(inverse)
    } else {
        Err(Error::Singular { column: N.saturating_sub(1) })
    }
}
