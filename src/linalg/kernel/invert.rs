//! Inverses of square matrices that need not be symmetric.

use nalgebra::SMatrix;

use crate::base::error::Error;
use crate::base::scalar::Real;

/// Computes the inverse of a square matrix A by Gauss–Jordan elimination with row exchanges.
///
/// First, the rows and columns of the matrix A are scaled so that its entries are about 1. A looks
/// like a covariance matrix if its diagonal is positive and no |aᵢⱼ| is much above √(aᵢᵢ aⱼⱼ). If A
/// looks like a covariance matrix, row i and column i are divided by about √aᵢᵢ, so that the units
/// of the variables do not matter. If A does not look like a covariance matrix, the rows and then
/// the columns are scaled by their largest entries.
///
/// A bound on the rounding error of each entry is propagated through the elimination. If a pivot is
/// smaller than the bound on its rounding error, the column counts as linearly dependent, and the
/// matrix counts as singular. For example, the matrix diag(10⁻³⁰⁰, 1) counts as invertible, and [1
/// 1; 1 1+ε] counts as singular.
///
/// # Errors
///
/// Returns [`Error::Singular`] with the first linearly dependent column. A column with an infinite
/// or NaN pivot counts as dependent.
pub(crate) fn invert<T: Real, const N: usize>(
    a: &SMatrix<T, N, N>,
) -> Result<SMatrix<T, N, N>, Error> {
    let (row_scales, col_scales) = scales(a)?;
    // The transposed array holds rows: the elimination works on rows, which are strided in `a`.
    let mut rows = a.transpose().data.0;
    for (row, &r) in rows.iter_mut().zip(&row_scales) {
        for (x, &c) in row.iter_mut().zip(&col_scales) {
            *x = *x / r / c;
        }
    }
    let mut inverse = SMatrix::<T, N, N>::identity().data.0;
    let rounding = T::default_epsilon();
    // The entries are assumed to be sums of N products of numbers of about 1.
    let mut error = [[rounding * nalgebra::convert(N as f64); N]; N];
    for k in 0..N {
        let mut pivot = k;
        for i in k..N {
            if rows[i][k].abs() > rows[pivot][k].abs() {
                pivot = i;
            }
        }
        let (x, x_error) = (rows[pivot][k], error[pivot][k]);
        // The comparison is false for a NaN.
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
            // A zero factor is not skipped: a dual number that is zero may have a nonzero
            // derivative.
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

/// Returns the numbers by which [`invert`] first divides the rows and the columns of a matrix. The
/// divisors are powers of two, so that divisions are exact.
fn scales<T: Real, const N: usize>(a: &SMatrix<T, N, N>) -> Result<([T; N], [T; N]), Error> {
    let entry = |i: usize, j: usize| a.data.0[j][i];
    let diagonal: [T; N] = core::array::from_fn(|i| entry(i, i));
    if diagonal.iter().all(|&x| x > T::zero()) {
        let roots = diagonal.map(power_of_root);
        // A covariance matrix has |aᵢⱼ| ≤ √(aᵢᵢ aⱼⱼ), and each root is within a factor of 2.
        let bound = |i: usize, j: usize| roots[i] * roots[j] * nalgebra::convert(4.0);
        if (0..N).all(|j| (0..N).all(|i| entry(i, j).abs() <= bound(i, j))) {
            return Ok((roots, roots));
        }
    }
    // Rows are divided by the root of their largest entry first: dividing by the largest entry
    // itself could make columns of a smaller scale underflow.
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

/// Returns a power of two that differs from √x by at most a factor of 2.
pub(crate) fn power_of_root<T: Real>(x: T) -> T {
    const EXPONENT_BITS: u64 = 52;
    const BIAS: u64 = 1023;
    // Halves the unbiased exponent: (exponent − 1023)/2 + 1023.
    let exponent = nalgebra::convert_unchecked::<T, f64>(x).to_bits() >> EXPONENT_BITS;
    nalgebra::convert(f64::from_bits(exponent.midpoint(BIAS) << EXPONENT_BITS))
}
