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
        add_product(&mut out, a, b);
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
    for (j, (out, &z_j)) in out.data.0.iter_mut().zip(&entries).enumerate() {
        match gathered.data.0.get(shape.column(j)) {
            Some(column) => {
                for ((out, &a), &z_i) in out.iter_mut().zip(column).zip(&entries) {
                    *out = a * (z_i * z_j);
                }
            }
            None => *out = [T::zero(); N],
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

/// A⁻¹ by Gauss–Jordan elimination with row exchanges, of A with rows and columns scaled to entries of
/// about 1: by about √aᵢᵢ where A looks like a covariance matrix, so that the scales of variances do not
/// matter, else by about the largest entries.
///
/// A bound of each entry's rounding error is carried along. A column is dependent, and A singular, where
/// its pivot is within that bound: diag(10⁻³⁰⁰, 1) has an inverse, [1 1; 1 1+ε] has none.
///
/// # Errors
///
/// [`Error::Singular`] with that column; an entry that is not finite counts as dependent.
pub(crate) fn invert<T: Real, const N: usize>(
    a: &SMatrix<T, N, N>,
) -> Result<SMatrix<T, N, N>, Error> {
    let (row_scales, col_scales) = scales(a)?;
    // Rows here: the elimination works on rows, and columns of `a` would be strided.
    let mut rows = a.transpose().data.0;
    for (row, &r) in rows.iter_mut().zip(&row_scales) {
        for (x, &c) in row.iter_mut().zip(&col_scales) {
            *x = *x / r / c;
        }
    }
    let mut inverse = SMatrix::<T, N, N>::identity().data.0;
    let rounding = T::default_epsilon();
    // The entries are taken to be sums of N products of numbers of about 1.
    let mut error = [[rounding * nalgebra::convert(N as f64); N]; N];
    for k in 0..N {
        let mut pivot = k;
        for i in k..N {
            if rows[i][k].abs() > rows[pivot][k].abs() {
                pivot = i;
            }
        }
        let (x, x_error) = (rows[pivot][k], error[pivot][k]);
        // A NaN is not greater either.
        let independent = x.abs() > x_error;
        if !independent || !x.is_finite() {
            return Err(Error::Singular { column: k });
        }
        rows.swap(k, pivot);
        inverse.swap(k, pivot);
        error.swap(k, pivot);
        for j in 0..N {
            rows[k][j] /= x;
            inverse[k][j] /= x;
            error[k][j] = (error[k][j] + rows[k][j].abs() * x_error) / x.abs();
        }
        let (row_k, inverse_k, error_k) = (rows[k], inverse[k], error[k]);
        for i in 0..N {
            if i == k {
                continue;
            }
            // Not skipped where it is zero: a dual number that is zero may have a derivative.
            let (factor, factor_error) = (rows[i][k], error[i][k]);
            for j in 0..N {
                let product = factor * row_k[j];
                error[i][j] += factor.abs() * error_k[j]
                    + factor_error * row_k[j].abs()
                    + rounding * (rows[i][j].abs() + product.abs());
                rows[i][j] -= product;
                inverse[i][j] -= factor * inverse_k[j];
            }
        }
    }
    // (R⁻¹ A C⁻¹)⁻¹ = C A⁻¹ R
    for (row, &c) in inverse.iter_mut().zip(&col_scales) {
        for (x, &r) in row.iter_mut().zip(&row_scales) {
            *x = *x / c / r;
        }
    }
    let inverse = SMatrix::from_data(nalgebra::ArrayStorage(inverse)).transpose();
    if inverse.iter().all(|x: &T| x.is_finite()) {
        Ok(inverse)
    } else {
        Err(Error::Singular { column: N.saturating_sub(1) })
    }
}

/// What the rows and the columns of a matrix are divided by in [`invert`]: powers of two, which cost no
/// digits.
fn scales<T: Real, const N: usize>(a: &SMatrix<T, N, N>) -> Result<([T; N], [T; N]), Error> {
    let entry = |i: usize, j: usize| a.data.0[j][i];
    let diagonal: [T; N] = core::array::from_fn(|i| entry(i, i));
    if diagonal.iter().all(|&x| x > T::zero()) {
        let roots = diagonal.map(power_of_root);
        // As in a covariance matrix, where |aᵢⱼ| ≤ √(aᵢᵢ aⱼⱼ), and a root is off by 2 at the most.
        let bound = |i: usize, j: usize| roots[i] * roots[j] * nalgebra::convert(4.0);
        if (0..N).all(|j| (0..N).all(|i| entry(i, j).abs() <= bound(i, j))) {
            return Ok((roots, roots));
        }
    }
    // Roots of the rows first, since whole rows could take columns of another scale below the numbers.
    let mut rows = [T::one(); N];
    for (i, row) in rows.iter_mut().enumerate() {
        let largest = (0..N).fold(T::zero(), |m, j| m.max(entry(i, j).abs()));
        if largest.is_zero() {
            return Err(Error::Singular { column: i });
        }
        *row = power_of_root(largest);
    }
    let mut cols = [T::one(); N];
    for (j, col) in cols.iter_mut().enumerate() {
        let largest = (0..N).fold(T::zero(), |m, i| m.max((entry(i, j) / rows[i]).abs()));
        if largest.is_zero() {
            return Err(Error::Singular { column: j });
        }
        let root = power_of_root(largest);
        *col = root * root;
    }
    Ok((rows, cols))
}

/// A power of two within a factor of 2 of √x.
pub(crate) fn power_of_root<T: Real>(x: T) -> T {
    const EXPONENT_BITS: u64 = 52;
    const BIAS: u64 = 1023;
    // (exponent − 1023)/2 + 1023, of the biased exponent in the bits.
    let exponent = nalgebra::convert_unchecked::<T, f64>(x).to_bits() >> EXPONENT_BITS;
    nalgebra::convert(f64::from_bits(exponent.midpoint(BIAS) << EXPONENT_BITS))
}
