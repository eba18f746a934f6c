//! Inverses of matrices that need not be symmetric.

use nalgebra::SMatrix;

use crate::base::error::Error;
use crate::base::scalar::Real;

/// A⁻¹ by Gauss–Jordan elimination with row exchanges, of A with rows and columns scaled to entries
/// of about 1: by about √aᵢᵢ where A looks like a covariance matrix, so that the scales of
/// variances do not matter, else by about the largest entries.
///
/// A bound of each entry's rounding error is carried along. A column is dependent, and A singular,
/// where its pivot is within that bound: diag(10⁻³⁰⁰, 1) has an inverse, [1 1; 1 1+ε] has none.
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

/// Returns the divisors of the rows and columns of a matrix in [`invert`]: powers of two, which
/// cost no digits.
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
    // Roots of the rows first, since whole rows could take columns of another scale below the
    // numbers.
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
