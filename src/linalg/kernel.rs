//! Basic loops for sums and products of small matrices, stored as arrays of columns.

pub(crate) mod invert;
#[cfg(target_arch = "x86_64")]
pub(crate) mod lanes;
pub(crate) mod plain;
pub(crate) mod triangular;

#[cfg(all(test, target_arch = "x86_64"))]
mod tests;

use hybrid_array::{Array, ArraySize};
use nalgebra::{ArrayStorage, SMatrix, SVector};

use crate::base::scalar::Real;

/// Computes the square root of a number. On x86-64, the square root of an `f64` is inlined.
#[inline]
pub(crate) fn sqrt<T: Real>(x: T) -> T {
    #[cfg(target_arch = "x86_64")]
    return lanes::sqrt(x);
    #[cfg(not(target_arch = "x86_64"))]
    x.sqrt()
}

/// Adds a x to y for a number a and vectors x and y.
#[inline]
pub(crate) fn add_scaled<T: Real, const N: usize>(y: &mut [T; N], a: T, x: &[T; N]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += x * a;
    }
}

/// Subtracts a x from y for a number a and vectors x and y.
#[inline]
pub(crate) fn subtract_scaled<T: Real>(y: &mut [T], a: T, x: &[T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y -= x * a;
    }
}

/// Writes the linear combination a x + b y of two vectors a and b to `out`, where x and y are
/// numbers.
#[inline]
pub(crate) fn two_scaled<T: Real, const N: usize>(
    (a, x): (&[T; N], T),
    (b, y): (&[T; N], T),
    out: &mut [T; N],
) {
    #[cfg(target_arch = "x86_64")]
    if lanes::two_scaled((a, x), (b, y), out) {
        return;
    }
    for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
        *out = a * x + b * y;
    }
}

/// Adds the matrix product A B to the matrix Y.
#[inline]
pub(crate) fn add_product<T: Real, const N: usize, const K: usize, const M: usize>(
    y: &mut SMatrix<T, N, M>,
    a: &SMatrix<T, N, K>,
    b: &SMatrix<T, K, M>,
) {
    for (y, b) in y.data.0.iter_mut().zip(&b.data.0) {
        for (column, &x) in a.data.0.iter().zip(b) {
            add_scaled(y, x, column);
        }
    }
}

/// Computes the product A x of a matrix A and a vector x, as a sum of the columns of A.
#[inline]
pub(crate) fn combination<T: Real, const N: usize, const K: usize>(
    a: &SMatrix<T, N, K>,
    x: &[T; K],
) -> [T; N] {
    let mut sums = [T::zero(); N];
    for (column, &x) in a.data.0.iter().zip(x) {
        add_scaled(&mut sums, x, column);
    }
    sums
}

/// Writes a matrix product A Bᵀ that is known to be symmetric. Only the lower triangle of the
/// product is computed. The lower triangle is copied to the upper triangle, so that the result is
/// exactly symmetric.
#[inline]
pub(crate) fn symmetric_product<T: Real, const N: usize, const K: usize>(
    a: &SMatrix<T, N, K>,
    b: &SMatrix<T, N, K>,
    out: &mut SMatrix<T, N, N>,
) {
    #[cfg(target_arch = "x86_64")]
    if lanes::symmetric_product(a, b, out) {
        return;
    }
    plain::symmetric_product(a, b, out);
}

/// Writes the product U Uᵀ for an upper triangular matrix U. The result is exactly symmetric.
#[inline]
pub(crate) fn gram_of_upper<T: Real, const N: usize>(
    u: &SMatrix<T, N, N>,
    out: &mut SMatrix<T, N, N>,
) {
    #[cfg(target_arch = "x86_64")]
    if lanes::gram_of_upper(u, out) {
        return;
    }
    plain::gram_of_upper(u, out);
}

/// Writes the sum A Bᵀ + B Aᵀ for two matrices A and B. The result is exactly symmetric.
#[inline]
pub(crate) fn symmetric_pair<T: Real, const N: usize, const K: usize>(
    a: &SMatrix<T, N, K>,
    b: &SMatrix<T, N, K>,
    out: &mut SMatrix<T, N, N>,
) {
    #[cfg(target_arch = "x86_64")]
    if lanes::symmetric_pair(a, b, out) {
        return;
    }
    plain::symmetric_pair(a, b, out);
}

/// Computes the product A B of two matrices.
#[inline]
pub(crate) fn product<T: Real, const N: usize, const K: usize, const M: usize>(
    a: &SMatrix<T, N, K>,
    b: &SMatrix<T, K, M>,
) -> SMatrix<T, N, M> {
    let mut out = SMatrix::zeros();
    if let (1, Some(b)) = (M, b.data.0.first()) {
        for out in &mut out.data.0 {
            *out = combination(a, b);
        }
        return out;
    }
    #[cfg(target_arch = "x86_64")]
    if lanes::product(a, b, &mut out) {
        return out;
    }
    add_product(&mut out, a, b);
    out
}

/// Computes the product A b of a matrix A with each of P vectors b.
#[inline]
pub(crate) fn products<T: Real, P: ArraySize, const N: usize, const K: usize>(
    a: &SMatrix<T, N, K>,
    b: &Array<SVector<T, K>, P>,
) -> Array<SVector<T, N>, P> {
    // For short columns, filling the tiles takes longer than computing the sums.
    #[cfg(target_arch = "x86_64")]
    if const { N >= 2 * MANY } {
        let mut out = Array::from_fn(|_| SVector::zeros());
        if lanes::products(a, b, &mut out) {
            return out;
        }
    }
    Array::from_fn(|k| SVector::from_data(ArrayStorage([combination(a, &b[k].data.0[0])])))
}

/// The least number of terms for which an inner product is computed as four partial sums.
pub(crate) const MANY: usize = 8;

/// The least number of terms for which an inner product is computed as sixteen partial sums, so
/// that consecutive additions do not depend on each other.
const VERY_MANY: usize = 64;

/// Computes the inner product Σᵢ aᵢ bᵢ of two vectors. An inner product of many terms is split into
/// several partial sums.
#[inline]
pub(crate) fn dot<T: Real, const N: usize>(a: &[T; N], b: &[T; N]) -> T {
    #[cfg(target_arch = "x86_64")]
    if let Some(sum) = lanes::dot(a, b) {
        return sum;
    }
    plain::dot(a, b)
}

/// Computes the inner product Σᵢⱼ aᵢⱼ bᵢⱼ of two matrices A and B. If the matrices have more than
/// one column, the products of entries in the same row are summed first.
#[inline]
pub(crate) fn inner<T: Real, const N: usize, const M: usize>(
    a: &SMatrix<T, N, M>,
    b: &SMatrix<T, N, M>,
) -> T {
    let columns = a.data.0.iter().zip(&b.data.0);
    if M == 1 {
        return columns.fold(T::zero(), |sum, (a, b)| sum + dot(a, b));
    }
    let mut sums = [T::zero(); N];
    for (a, b) in columns {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().fold(T::zero(), |sum, &x| sum + x)
}

/// Writes the outer product a bᵀ of two vectors, multiplied by a number x. If the two vectors are
/// equal, the result is exactly symmetric.
#[inline]
pub(crate) fn rank_one<T: Real, const N: usize>(
    a: &[T; N],
    b: &[T; N],
    x: T,
    out: &mut SMatrix<T, N, N>,
) {
    #[cfg(target_arch = "x86_64")]
    if lanes::rank_one(a, b, x, out) {
        return;
    }
    plain::rank_one(a, b, x, out);
}

/// Writes the matrix x (a bᵀ + b aᵀ) for two vectors a and b and a number x. The result is exactly
/// symmetric.
#[inline]
pub(crate) fn rank_two<T: Real, const N: usize>(
    a: &[T; N],
    b: &[T; N],
    x: T,
    out: &mut SMatrix<T, N, N>,
) {
    let a = a.map(|a| a * x);
    #[cfg(target_arch = "x86_64")]
    if lanes::rank_two(&a, b, out) {
        return;
    }
    plain::rank_two(&a, b, out);
}

/// Divides a matrix exactly by τ², where τ is a power of two. The matrix is divided by τ twice,
/// because 1/τ² may overflow.
#[inline]
pub(crate) fn divide_twice<T: Real, const N: usize>(matrix: &mut SMatrix<T, N, N>, tau: T) {
    let inverse = T::one() / tau;
    for x in matrix.data.0.as_flattened_mut() {
        *x = *x * inverse * inverse;
    }
}

/// Adds the transpose of a matrix to the matrix. The result is exactly symmetric.
#[inline]
pub(crate) fn add_transpose<T: Real, const N: usize>(matrix: &mut SMatrix<T, N, N>) {
    for j in 0..N {
        for i in 0..=j {
            let sum = matrix.data.0[j][i] + matrix.data.0[i][j];
            matrix.data.0[j][i] = sum;
            matrix.data.0[i][j] = sum;
        }
    }
}

/// Copies the lower triangle of a matrix to its upper triangle, so that a matrix that is symmetric
/// to rounding becomes exactly symmetric.
#[inline]
pub(crate) fn mirror<T: Real, const N: usize>(matrix: &mut SMatrix<T, N, N>) {
    for j in 1..N {
        for i in 0..j {
            matrix.data.0[j][i] = matrix.data.0[i][j];
        }
    }
}
