//! The few loops that operators share: products of small matrices over plain column arrays.

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

/// √x, where a search takes it: elsewhere `x.sqrt()` is the same.
#[inline]
pub(crate) fn sqrt<T: Real>(x: T) -> T {
    #[cfg(target_arch = "x86_64")]
    return lanes::sqrt(x);
    #[cfg(not(target_arch = "x86_64"))]
    x.sqrt()
}

/// Y += a X.
#[inline]
pub(crate) fn add_scaled<T: Real, const N: usize>(y: &mut [T; N], a: T, x: &[T; N]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += x * a;
    }
}

/// Y −= a X.
#[inline]
pub(crate) fn subtract_scaled<T: Real>(y: &mut [T], a: T, x: &[T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y -= x * a;
    }
}

/// Writes a x + b y.
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

/// Y += A B.
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

/// Σₖ aₖ xₖ over the columns of A.
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

/// Writes A Bᵀ that is symmetric within rounding, symmetric to the last bit: the lower triangle is
/// summed and mirrored.
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

/// Writes U Uᵀ for an upper triangular U, symmetric to the last bit.
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

/// Writes A Bᵀ + B Aᵀ, symmetric to the last bit.
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

/// A B.
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

/// \[A bₖ\].
#[inline]
pub(crate) fn products<T: Real, P: ArraySize, const N: usize, const K: usize>(
    a: &SMatrix<T, N, K>,
    b: &Array<SVector<T, K>, P>,
) -> Array<SVector<T, N>, P> {
    // Where columns are short, tiles take longer to fill than to sum.
    #[cfg(target_arch = "x86_64")]
    if const { N >= 2 * MANY } {
        let mut out = Array::from_fn(|_| SVector::zeros());
        if lanes::products(a, b, &mut out) {
            return out;
        }
    }
    Array::from_fn(|k| SVector::from_data(ArrayStorage([combination(a, &b[k].data.0[0])])))
}

/// Terms from which on a sum is formed as four.
pub(crate) const MANY: usize = 8;

/// Terms from which on it is formed as sixteen, so that a processor need not wait for the sum
/// before.
const VERY_MANY: usize = 64;

/// Σᵢ aᵢ bᵢ, of many terms in several sums that are then added.
#[inline]
pub(crate) fn dot<T: Real, const N: usize>(a: &[T; N], b: &[T; N]) -> T {
    #[cfg(target_arch = "x86_64")]
    if let Some(sum) = lanes::dot(a, b) {
        return sum;
    }
    plain::dot(a, b)
}

/// ⟨A, B⟩ = Σᵢⱼ aᵢⱼ bᵢⱼ, of several columns by rows.
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

/// Writes x a bᵀ; with a = b, symmetric to the last bit.
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

/// Writes x (a bᵀ + b aᵀ), symmetric to the last bit.
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

/// Divides by τ² for a power of two τ, exactly: 1/τ² may be too large a number.
#[inline]
pub(crate) fn divide_twice<T: Real, const N: usize>(matrix: &mut SMatrix<T, N, N>, tau: T) {
    let inverse = T::one() / tau;
    for x in matrix.data.0.as_flattened_mut() {
        *x = *x * inverse * inverse;
    }
}

/// A += Aᵀ, symmetric to the last bit.
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

/// Makes a matrix that is symmetric within rounding symmetric to the last bit: the lower triangle
/// counts.
#[inline]
pub(crate) fn mirror<T: Real, const N: usize>(matrix: &mut SMatrix<T, N, N>) {
    for j in 1..N {
        for i in 0..j {
            matrix.data.0[j][i] = matrix.data.0[i][j];
        }
    }
}
