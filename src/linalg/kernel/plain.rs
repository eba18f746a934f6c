//! Kernels for any scalar, as plain loops over arrays of columns.

use nalgebra::SMatrix;

use crate::base::scalar::Real;
use crate::linalg::kernel::{MANY, VERY_MANY, add_scaled, mirror, sqrt, subtract_scaled};

/// Writes a matrix product A Bᵀ that is known to be symmetric. Only the lower triangle is computed,
/// and then copied to the upper triangle.
#[inline]
pub(crate) fn symmetric_product<T: Real, const N: usize, const K: usize>(
    a: &SMatrix<T, N, K>,
    b: &SMatrix<T, N, K>,
    out: &mut SMatrix<T, N, N>,
) {
    write_symmetric(|_| a.data.0.iter().zip(&b.data.0), out);
}

/// Writes the sum A Bᵀ + B Aᵀ for two matrices A and B.
#[inline]
pub(crate) fn symmetric_pair<T: Real, const N: usize, const K: usize>(
    a: &SMatrix<T, N, K>,
    b: &SMatrix<T, N, K>,
    out: &mut SMatrix<T, N, N>,
) {
    let (a, b) = (&a.data.0, &b.data.0);
    write_symmetric(|_| a.iter().zip(b).chain(b.iter().zip(a)), out);
}

/// Writes the product U Uᵀ for an upper triangular matrix U.
#[inline]
pub(crate) fn gram_of_upper<T: Real, const N: usize>(
    u: &SMatrix<T, N, N>,
    out: &mut SMatrix<T, N, N>,
) {
    write_symmetric(|row| u.data.0.iter().zip(&u.data.0).skip(row), out);
}

/// Writes a sum Σ a bᵀ of outer products that is known to be symmetric. Only the lower triangle is
/// computed, and then copied to the upper triangle. For a given row, the callback `pairs` returns
/// the pairs of columns (a, b) that have nonzero entries in this row or below.
#[inline]
fn write_symmetric<'a, T: Real, I, const N: usize>(
    pairs: impl Fn(usize) -> I,
    out: &mut SMatrix<T, N, N>,
) where
    I: Iterator<Item = (&'a [T; N], &'a [T; N])>,
{
    for (j, out) in out.data.0.iter_mut().enumerate() {
        *out = [T::zero(); N];
        for (a, b) in pairs(j) {
            if let Some(&b) = b.get(j) {
                add_scaled(out, b, a);
            }
        }
    }
    mirror(out);
}

/// Writes the product Aᵀ B of two matrices.
#[inline]
pub(crate) fn tr_product<T: Real, const N: usize, const K: usize, const M: usize>(
    a: &SMatrix<T, K, N>,
    b: &SMatrix<T, K, M>,
    out: &mut SMatrix<T, N, M>,
) {
    for (out, b) in out.data.0.iter_mut().zip(&b.data.0) {
        for (out, a) in out.iter_mut().zip(&a.data.0) {
            *out = crate::linalg::kernel::dot(a, b);
        }
    }
}

/// Computes the inner product Σᵢ aᵢ bᵢ of two vectors.
#[inline]
pub(crate) fn dot<T: Real, const N: usize>(a: &[T; N], b: &[T; N]) -> T {
    match N {
        0..MANY => a.iter().zip(b).fold(T::zero(), |sum, (&a, &b)| sum + a * b),
        MANY..VERY_MANY => sum::<T, N, 1>(a, b),
        _ => sum::<T, N, 4>(a, b),
    }
}

/// Computes the inner product of two vectors as 4·S partial sums, which are then added.
#[inline]
fn sum<T: Real, const N: usize, const S: usize>(a: &[T; N], b: &[T; N]) -> T {
    let mut sums = [[T::zero(); 4]; S];
    let ((fours_a, rest_a), (fours_b, rest_b)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    for (a, b) in fours_a.chunks(S).zip(fours_b.chunks(S)) {
        for ((sums, a), b) in sums.iter_mut().zip(a).zip(b) {
            for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
                *sum += a * b;
            }
        }
    }
    let add = |a: [T; 4], b: [T; 4]| core::array::from_fn(|i| a[i] + b[i]);
    let [s, t, u, v] = sums.into_iter().fold([T::zero(); 4], add);
    rest_a.iter().zip(rest_b).fold((s + t) + (u + v), |sum, (&a, &b)| sum + a * b)
}

/// Writes the outer product a bᵀ of two vectors, multiplied by a number x.
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

/// Writes the matrix a bᵀ + b aᵀ for two vectors a and b.
#[inline]
pub(crate) fn rank_two<T: Real, const N: usize>(
    a: &[T; N],
    b: &[T; N],
    out: &mut SMatrix<T, N, N>,
) {
    for ((out, &a_j), &b_j) in out.data.0.iter_mut().zip(a).zip(b) {
        for ((out, &a_i), &b_i) in out.iter_mut().zip(a).zip(b) {
            *out = a_i * b_j + b_i * a_j;
        }
    }
}

/// Returns the row at which to start a loop over a matrix column whose entries before `row` are
/// zero. If the matrix has at least `MANY` rows, the loop starts at row 0, because vectorised loops
/// over whole columns are faster.
const fn first<const N: usize>(row: usize) -> usize {
    if N < MANY { row } else { 0 }
}

/// Overwrites a matrix with its lower triangular Cholesky factor.
#[inline]
pub(crate) fn factor<T: Real, const N: usize>(matrix: &mut SMatrix<T, N, N>) -> Result<(), usize> {
    let rounding = T::default_epsilon() * nalgebra::convert(N as f64);
    let columns = &mut matrix.data.0;
    let diagonal: [T; N] = core::array::from_fn(|j| columns[j][j]);
    for j in 0..N {
        let pivot = columns[j][j];
        // The comparison is false for a NaN.
        let independent = pivot > rounding * diagonal[j];
        if !independent || !pivot.is_finite() {
            return Err(j);
        }
        let root = sqrt(pivot);
        columns[j][..j].fill(T::zero());
        for x in &mut columns[j][first::<N>(j)..] {
            *x /= root;
        }
        columns[j][j] = root;
        let done = columns[j];
        for k in j + 1..N {
            let first = first::<N>(k);
            subtract_scaled(&mut columns[k][first..], done[k], &done[first..]);
        }
    }
    Ok(())
}

/// Overwrites a vector b with L⁻¹ b for a lower triangular matrix L.
#[inline]
pub(crate) fn solve_lower<T: Real, const N: usize>(lower: &SMatrix<T, N, N>, b: &mut [T; N]) {
    for (j, column) in lower.data.0.iter().enumerate() {
        let x = b[j] / column[j];
        let first = first::<N>(j);
        subtract_scaled(&mut b[first..], x, &column[first..]);
        b[j] = x;
    }
}

/// Overwrites a vector b with L⁻ᵀ b for a lower triangular matrix L.
#[inline]
pub(crate) fn solve_upper<T: Real, const N: usize>(lower: &SMatrix<T, N, N>, b: &mut [T; N]) {
    for j in (0..N).rev() {
        let x = b[j] / lower.data.0[j][j];
        b[j] = x;
        for (b, column) in b.iter_mut().zip(&lower.data.0).take(j) {
            *b -= column[j] * x;
        }
    }
}

/// Overwrites the identity matrix with L⁻ᵀ for a lower triangular matrix L.
#[inline]
pub(crate) fn inverse_root<T: Real, const N: usize>(
    lower: &SMatrix<T, N, N>,
    out: &mut SMatrix<T, N, N>,
) {
    for i in 0..N {
        let mut column = out.data.0[i];
        for (before, l) in out.data.0.iter().zip(&lower.data.0).take(i) {
            subtract_scaled(&mut column, l[i], before);
        }
        for x in &mut column {
            *x /= lower.data.0[i][i];
        }
        out.data.0[i] = column;
    }
}
