//! The Cholesky factor of the covariance matrix V, for subjects that are observed in the same rows
//! of V.

use crate::algebra::matrix::factored::Factored;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::{Cholesky, crosses};
use crate::linalg::kernel::{MANY, add_scaled, combination, product};
use crate::reml::standardisation::Standardisation;
use nalgebra::SMatrix;

/// The Cholesky factor of the observed rows and columns of V/τ², for subjects that are observed in
/// the same rows. The divisor τ², a power of two near the largest entry of V, prevents overflow and
/// underflow in (V/τ²)⁻¹ and in products with this inverse.
#[derive(Clone, Copy, Debug)]
pub struct CovarianceFactor<T, const N: usize> {
    pub(crate) cholesky: Cholesky<T, N>,
    /// The power of two τ for which the Cholesky factor is that of V/τ².
    pub(crate) tau: T,
    /// The inverse of V/τ² over the observed rows, with zeros in all other rows and columns. The
    /// inverse is valid only after a call of [`invert`](Self::invert).
    pub(crate) inverse: SMatrix<T, N, N>,
    /// `true` if the field `inverse` has been computed for the present Cholesky factor.
    inverted: bool,
    pub(crate) observed: [bool; N],
    /// For each row of V, the number of observations over all subjects.
    pub(crate) counts: [T; N],
}

/// Returns V with its unobserved rows and columns replaced by those of the identity matrix. The
/// determinant of the result is that of the observed rows and columns of V.
pub(crate) fn with_unit_rows<T: Real, const N: usize>(
    v: &SMatrix<T, N, N>,
    observed: &[bool; N],
) -> SMatrix<T, N, N> {
    let kept = |i: usize, j: usize| observed[i] && observed[j];
    let unit = |i: usize, j: usize| if i == j { T::one() } else { T::zero() };
    SMatrix::from_fn(|i, j| if kept(i, j) { v[(i, j)] } else { unit(i, j) })
}

impl<T: Real, const N: usize> CovarianceFactor<T, N> {
    pub(crate) fn unit(observed: [bool; N], subjects: usize) -> Self {
        let subjects = nalgebra::convert::<_, T>(subjects as f64);
        Self {
            cholesky: Cholesky::identity(),
            tau: T::one(),
            inverse: SMatrix::zeros(),
            inverted: false,
            observed,
            counts: observed.map(|observed| if observed { subjects } else { T::zero() }),
        }
    }

    /// Returns `true` if at least one row of V is observed.
    pub(crate) fn is_used(&self) -> bool {
        self.observed.contains(&true)
    }

    /// Returns s/τ, the factor that converts residuals of the transformed response ỹ = (y − X b)/s
    /// to residuals of y/τ.
    pub(crate) fn scale<const K: usize>(&self, reference: &Standardisation<T, K>) -> T {
        reference.scale() / self.tau
    }

    /// Returns `true` if every row of V is observed.
    pub(crate) fn is_complete(&self) -> bool {
        self.observed.iter().all(|&observed| observed)
    }

    /// Replaces V by another covariance matrix, which is given as its Cholesky factor and its
    /// inverse.
    pub(crate) fn take(&mut self, factored: &Factored<T, N, N>, tau: T) {
        self.cholesky.take(&factored.root, tau);
        self.inverse = factored.inverse.map(|x| x * tau * tau);
        self.inverted = true;
    }

    /// Replaces V/τ² by the matrix `v`, and computes its Cholesky factor.
    ///
    /// # Errors
    ///
    /// [`Error::NotPositiveDefinite`] with the first row of V that depends linearly on the rows
    /// before it.
    pub(crate) fn factor(&mut self, v: &SMatrix<T, N, N>) -> Result<(), Error> {
        self.inverted = false;
        let not_definite = |row| Error::NotPositiveDefinite { row };
        if self.is_complete() {
            return self.cholesky.factor(v).map_err(not_definite);
        }
        self.cholesky.factor(&with_unit_rows(v, &self.observed)).map_err(not_definite)
    }

    /// Returns the Cholesky factor L of V over the observed rows, with zeros in all other rows and
    /// columns.
    pub(crate) fn observed_root(&self) -> SMatrix<T, N, N> {
        self.over_observed(self.cholesky.root())
    }

    /// Returns the inverse L⁻¹ of the Cholesky factor L of V over the observed rows, with zeros in
    /// all other rows and columns.
    pub(crate) fn observed_inverse_root(&self) -> SMatrix<T, N, N> {
        self.over_observed(self.cholesky.inverse_root().transpose())
    }

    /// Sets the diagonal entries of `matrix` to zero in rows that are not observed. Callers must
    /// ensure that the off-diagonal entries in unobserved rows are already zero.
    fn over_observed(&self, mut matrix: SMatrix<T, N, N>) -> SMatrix<T, N, N> {
        for (j, column) in matrix.data.0.iter_mut().enumerate() {
            if !self.observed[j] {
                column[j] = T::zero();
            }
        }
        matrix
    }

    /// Sets the entries of a vector to zero in rows that are not observed.
    pub(crate) fn drop_unobserved(&self, column: &mut [T; N]) {
        for (x, &observed) in column.iter_mut().zip(&self.observed) {
            if !observed {
                *x = T::zero();
            }
        }
    }

    /// Returns V⁻¹ B V⁻¹ for the covariance matrix V and a matrix B.
    #[inline(never)]
    pub(crate) fn weighted(&self, b: &SMatrix<T, N, N>) -> SMatrix<T, N, N> {
        let mut out = SMatrix::zeros();
        self.add_weighted(b, &mut out);
        out
    }

    /// Adds V⁻¹ B V⁻¹ to `out`, where V is the covariance matrix and B the argument `b`.
    pub(crate) fn add_weighted(&self, b: &SMatrix<T, N, N>, out: &mut SMatrix<T, N, N>) {
        if const { N >= MANY } {
            if !self.add_weighted_crosses(b, out) {
                *out += product(&product(&self.inverse, b), &self.inverse);
            }
            return;
        }
        for (out, column) in out.data.0.iter_mut().zip(&self.inverse.data.0) {
            let product = combination(&self.inverse, &combination(b, column));
            for (out, x) in out.iter_mut().zip(product) {
                *out += x;
            }
        }
    }

    /// If the matrix B has low rank, adds V⁻¹ B V⁻¹ to `out` and returns `true`. Otherwise returns
    /// `false` and leaves `out` unchanged. B is decomposed into a sum of terms p qᵀ, and each term
    /// adds V⁻¹p (V⁻¹q)ᵀ to `out`.
    fn add_weighted_crosses(&self, b: &SMatrix<T, N, N>, out: &mut SMatrix<T, N, N>) -> bool {
        let most = N / MANY;
        let Some(&subjects) = self.counts.iter().find(|count| !count.is_zero()) else {
            return true;
        };
        if subjects > nalgebra::convert(most as f64) {
            return false;
        }
        let mut sum = SMatrix::<T, N, N>::zeros();
        let few = crosses(*b, most, |p, q| {
            let (p, q) = (combination(&self.inverse, p), combination(&self.inverse, q));
            for (sum, &q) in sum.data.0.iter_mut().zip(&q) {
                add_scaled(sum, q, &p);
            }
        });
        if few {
            *out += sum;
        }
        few
    }

    /// Adds x V⁻¹ to `out`, where x is a number. Column j of V⁻¹ is first multiplied by the number
    /// of observations of row j.
    pub(crate) fn add_inverse(&self, x: T, out: &mut SMatrix<T, N, N>) {
        self.add_for_each(&self.inverse, x, out);
    }

    /// Adds x A to `out` for a matrix A and a number x. Column j of A is first multiplied by the
    /// number of observations of row j.
    pub(crate) fn add_for_each(&self, a: &SMatrix<T, N, N>, x: T, out: &mut SMatrix<T, N, N>) {
        for ((out, a), &count) in out.data.0.iter_mut().zip(&a.data.0).zip(&self.counts) {
            add_scaled(out, count * x, a);
        }
    }

    /// Returns V⁻¹ over the observed rows, with zeros in all other rows and columns.
    pub(crate) fn observed_inverse(&self) -> SMatrix<T, N, N> {
        self.over_observed(self.cholesky.inverse())
    }

    pub(crate) fn invert(&mut self) {
        if !self.inverted {
            self.inverse = self.observed_inverse();
            self.inverted = true;
        }
    }
}

/// Returns the largest difference that rounding errors may cause between two numbers near 1 whose
/// exact values are equal.
pub(crate) fn rounding<T: Real, const N: usize>() -> T {
    T::default_epsilon() * nalgebra::convert(16.0 * N as f64)
}
