//! Cholesky factors of small matrices, stored as arrays of columns.

pub(crate) mod covariance;
pub(crate) mod semidefinite;

use core::array::from_fn;

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector, convert};

use crate::base::scalar::Real;
use crate::linalg::kernel::triangular::{
    factor, inverse_root, solve_lower, solve_lower_all, solve_lower_each, solve_upper_all,
};
use crate::linalg::kernel::{dot, gram_of_upper, sqrt, subtract_scaled};

/// The lower triangular Cholesky factor L of a symmetric matrix A = L Lᵀ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cholesky<T, const N: usize> {
    /// The factor L, with zeros above its diagonal.
    lower: SMatrix<T, N, N>,
}

impl<T: Real, const N: usize> Cholesky<T, N> {
    /// Factors a symmetric matrix, of which only the lower triangle is read.
    ///
    /// # Errors
    ///
    /// Returns the index of the first row that is a linear combination of the rows before it. A row
    /// counts as a linear combination if its pivot is at most N ε times its diagonal entry, where N
    /// is the number of rows and ε the machine epsilon. This limit is the rounding error of a zero
    /// pivot.
    pub(crate) fn new(a: &SMatrix<T, N, N>) -> Result<Self, usize> {
        let mut cholesky = Self::identity();
        cholesky.factor(a)?;
        Ok(cholesky)
    }

    /// Returns the Cholesky factor L, given as a lower triangular matrix with a positive diagonal.
    pub(crate) const fn of_lower(lower: SMatrix<T, N, N>) -> Self {
        Self { lower }
    }

    /// Returns the Cholesky factor of the identity matrix.
    pub(crate) fn identity() -> Self {
        Self { lower: SMatrix::identity() }
    }

    /// Replaces this Cholesky factor by the Cholesky factor of another matrix. After an error, the
    /// factor is unspecified until the next successful call.
    pub(crate) fn factor(&mut self, a: &SMatrix<T, N, N>) -> Result<(), usize> {
        self.lower = *a;
        factor(&mut self.lower)
    }

    /// Sets the factor to the matrix `root` divided by the number `tau`.
    pub(crate) fn take(&mut self, root: &SMatrix<T, N, N>, tau: T) {
        let inverse = T::one() / tau;
        self.lower = root.map(|x| x * inverse);
    }

    /// Returns the Cholesky factor L as a matrix.
    pub(crate) fn root(&self) -> SMatrix<T, N, N> {
        self.lower
    }

    /// Returns a diagonal entry of the Cholesky factor L.
    pub(crate) fn pivot(&self, row: usize) -> T {
        self.lower.get((row, row)).copied().unwrap_or_else(T::one)
    }

    /// Computes the log-determinant log|A| of the factored matrix A.
    pub(crate) fn log_determinant(&self) -> T {
        self.log_determinant_by(&[T::one(); N])
    }

    /// Computes the sum Σ cᵢ log(Lᵢᵢ²) over the rows i of the Cholesky factor L, where cᵢ is entry
    /// i of `counts`.
    ///
    /// For speed, the logarithm of the product of consecutive diagonal entries with equal `counts`
    /// is taken, as long as the product is far from overflow and underflow.
    pub(crate) fn log_determinant_by(&self, counts: &[T; N]) -> T {
        let small = T::default_epsilon() * T::default_epsilon();
        let (mut sum, mut product, mut of_product) = (T::zero(), T::one(), T::zero());
        for ((j, column), &count) in self.lower.data.0.iter().enumerate().zip(counts) {
            let alike = count == of_product && product > small && product * small < T::one();
            if !alike {
                sum += of_product * product.ln();
                (product, of_product) = (T::one(), count);
            }
            product *= column[j];
        }
        sum += of_product * product.ln();
        sum + sum
    }

    /// Overwrites a vector b with L⁻¹ b for the Cholesky factor L.
    pub(crate) fn solve_lower(&self, b: &mut [T; N]) {
        solve_lower(&self.lower, b);
    }

    /// Overwrites a matrix B with L⁻¹ B for the Cholesky factor L.
    pub(crate) fn solve_lower_all<const M: usize>(&self, b: &mut SMatrix<T, N, M>) {
        solve_lower_all(&self.lower, b);
    }

    /// Overwrites each of P vectors b with L⁻¹ b for the Cholesky factor L.
    pub(crate) fn solve_lower_each<P: ArraySize>(&self, b: &mut Array<SVector<T, N>, P>) {
        solve_lower_each(&self.lower, b);
    }

    /// Overwrites a vector b with L⁻ᵀ b for the Cholesky factor L.
    pub(crate) fn solve_upper(&self, b: &mut [T; N]) {
        for j in (0..N).rev() {
            let column = &self.lower.data.0[j];
            let x = b[j];
            b[j] = T::zero();
            b[j] = (x - dot(column, b)) / column[j];
        }
    }

    /// Overwrites a matrix B with L⁻ᵀ B for the Cholesky factor L.
    pub(crate) fn solve_upper_all<const M: usize>(&self, b: &mut SMatrix<T, N, M>) {
        solve_upper_all(&self.lower, b);
    }

    /// Computes L⁻¹ B L⁻ᵀ for the Cholesky factor L and a symmetric matrix B.
    pub(crate) fn whiten(&self, b: &SMatrix<T, N, N>) -> SMatrix<T, N, N> {
        let mut half = *b;
        self.solve_lower_all(&mut half);
        let mut whole = half.transpose();
        self.solve_lower_all(&mut whole);
        whole
    }

    /// Computes A⁻¹ b for the factored matrix A and a vector b.
    pub(crate) fn solve(&self, b: &SVector<T, N>) -> SVector<T, N> {
        let mut x = *b;
        self.solve_lower(&mut x.data.0[0]);
        self.solve_upper(&mut x.data.0[0]);
        x
    }

    /// Computes the inverse transpose L⁻ᵀ of the Cholesky factor L.
    pub(crate) fn inverse_root(&self) -> SMatrix<T, N, N> {
        let mut root = SMatrix::identity();
        inverse_root(&self.lower, &mut root);
        root
    }

    /// Computes the inverse A⁻¹ = L⁻ᵀ L⁻¹ of the factored matrix A. The result is exactly
    /// symmetric.
    pub(crate) fn inverse(&self) -> SMatrix<T, N, N> {
        let mut inverse = SMatrix::zeros();
        gram_of_upper(&self.inverse_root(), &mut inverse);
        inverse
    }
}

/// Computes N column vectors c with Σ c cᵀ = A for a positive semidefinite N×N matrix A of any
/// rank.
///
/// The columns are ordered by decreasing pivot. If A has rank r < N, the columns after the first r
/// columns are zero. The method is Cholesky factorisation with diagonal pivoting (Higham 2002,
/// Accuracy and Stability of Numerical Algorithms, 10.3). A pivot is zero if only rounding errors
/// remain of the diagonal entry in its row, whatever the units of the other rows are.
pub(crate) fn semidefinite_columns<T: Real, const N: usize>(
    mut a: SMatrix<T, N, N>,
) -> SMatrix<T, N, N> {
    let mut out = SMatrix::zeros();
    let rounding = T::default_epsilon() * convert(N as f64);
    let smallest: [T; N] = from_fn(|i| rounding * a.data.0[i][i]);
    for column in &mut out.data.0 {
        let mut best = None;
        for (i, smallest) in smallest.iter().enumerate() {
            let pivot = a.data.0[i][i];
            // The comparisons are false for a NaN.
            if pivot > *smallest && best.is_none_or(|(_, largest)| pivot > largest) {
                best = Some((i, pivot));
            }
        }
        let Some((best, pivot)) = best else { break };
        let root = sqrt(pivot);
        for (x, &from) in column.iter_mut().zip(&a.data.0[best]) {
            *x = from / root;
        }
        let done = *column;
        for (a, &factor) in a.data.0.iter_mut().zip(&done) {
            subtract_scaled(a, factor, &done);
        }
    }
    out
}

/// Returns `true` if the matrix A has rank at most `most`. Writes A as a sum of outer products p
/// qᵀ, to rounding, and calls `each` with the vectors p and q of each outer product.
///
/// The first call of `each` is for the largest pivot. The method is Gaussian elimination with
/// complete pivoting (Golub & Van Loan 2013, Matrix Computations, 3.4.8). The callback `each` may
/// have been called even if the result is `false`.
pub(crate) fn crosses<T: Real, const N: usize>(
    mut a: SMatrix<T, N, N>,
    most: usize,
    mut each: impl FnMut(&[T; N], &[T; N]),
) -> bool {
    let are_finite = |column: &[T; N]| column.iter().fold(true, |all, x| all & x.is_finite());
    if !a.data.0.iter().all(are_finite) {
        return false;
    }
    let mut smallest = T::zero();
    for rank in 0..=most {
        let (row, col) = place_of_largest(&a);
        let (Some(column), Some(&pivot)) = (a.data.0.get(col), a.get((row, col))) else {
            return false;
        };
        let largest = pivot.abs();
        if rank == 0 {
            smallest = largest * T::default_epsilon();
        }
        if largest <= smallest {
            return true;
        }
        if rank == most {
            return false;
        }
        let p = column.map(|x| x / pivot);
        let q = a.data.0.each_ref().map(|column| column.get(row).copied().unwrap_or_else(T::zero));
        for (column, &q) in a.data.0.iter_mut().zip(&q) {
            subtract_scaled(column, q, &p);
        }
        each(&p, &q);
    }
    false
}

/// Returns the row and the column of the entry with the largest absolute value. The maximum of each
/// row is found first, so that the compiler can vectorise the comparisons.
fn place_of_largest<T: Real, const N: usize>(a: &SMatrix<T, N, N>) -> (usize, usize) {
    let mut of_rows = [T::zero(); N];
    for column in &a.data.0 {
        for (of_row, x) in of_rows.iter_mut().zip(column) {
            let x = x.abs();
            *of_row = if x > *of_row { x } else { *of_row };
        }
    }
    let row = first_of_largest(of_rows);
    (row, first_of_largest(a.data.0.each_ref().map(|column| column[row])))
}

fn first_of_largest<T: Real, const N: usize>(values: [T; N]) -> usize {
    let mut largest = (T::zero(), 0);
    for (k, x) in values.into_iter().enumerate() {
        if x.abs() > largest.0 {
            largest = (x.abs(), k);
        }
    }
    largest.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crosses_make_the_whole() {
        let (p, q) = ([1.0, -2.0, 0.5, 3.0], [0.25, 1.0, -1.0, 2.0]);
        let two = SMatrix::<f64, 4, 4>::from_fn(|i, j| {
            let rest = if (i, j) == (3, 3) { 7.0 } else { 0.0 };
            p[i] * q[j] + rest
        });
        let mut rest = two;
        let subtract = |p: &[f64; 4], q: &[f64; 4]| {
            rest -= SVector::from(*p) * SVector::from(*q).transpose();
        };
        assert!(crosses(two, 2, subtract));
        assert!(rest.amax() <= 4.0 * f64::EPSILON);
        assert!(!crosses(two, 1, |_, _| {}));
        assert!(!crosses(two * f64::NAN, 2, |_, _| {}));
        assert!(crosses(SMatrix::<f64, 3, 3>::zeros(), 0, |_, _| {}));
    }
}
