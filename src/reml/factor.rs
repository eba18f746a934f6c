//! V of a class of subjects, factored over the rows that they have.

use crate::algebra::matrix::factored::Factored;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::{Cholesky, crosses};
use crate::linalg::kernel::{MANY, add_scaled, combination, product};
use crate::reml::standardisation::Standardisation;
use nalgebra::SMatrix;

/// V/τ² of a class of subjects, factored over the rows that they have, for a power of two τ² of the
/// size of V: so neither V⁻¹ nor what is made of it leaves the range of the scalar.
#[derive(Clone, Copy, Debug)]
pub struct Factor<T, const N: usize> {
    pub(crate) cholesky: Cholesky<T, N>,
    /// τ
    pub(crate) tau: T,
    /// (V/τ²)⁻¹ over the observed rows, zero elsewhere; after [`invert`](Self::invert).
    pub(crate) inverse: SMatrix<T, N, N>,
    /// `true` if it is that of the factor.
    inverted: bool,
    pub(crate) observed: [bool; N],
    /// How many observations there are of each row.
    pub(crate) counts: [T; N],
}

impl<T: Real, const N: usize> Factor<T, N> {
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

    /// Returns `true` if there are observations.
    pub(crate) fn is_used(&self) -> bool {
        self.observed.contains(&true)
    }

    /// s/τ, which takes ỹ to y/τ.
    pub(crate) fn scale<const K: usize>(&self, reference: &Standardisation<T, K>) -> T {
        reference.scale() / self.tau
    }

    /// Returns `true` if there are observations of every row.
    pub(crate) fn is_complete(&self) -> bool {
        self.observed.iter().all(|&observed| observed)
    }

    /// Takes another V by its factors.
    pub(crate) fn take(&mut self, factored: &Factored<T, N, N>, tau: T) {
        self.cholesky.take(&factored.root, tau);
        self.inverse = factored.inverse.map(|x| x * tau * tau);
        self.inverted = true;
    }

    /// Takes another V/τ².
    ///
    /// # Errors
    ///
    /// [`Error::NotPositiveDefinite`] with the first row that depends on those before it.
    pub(crate) fn factor(&mut self, v: &SMatrix<T, N, N>) -> Result<(), Error> {
        self.inverted = false;
        let not_definite = |row| Error::NotPositiveDefinite { row };
        if self.is_complete() {
            return self.cholesky.factor(v).map_err(not_definite);
        }
        // Missing rows are those of the identity: they change neither determinant nor solutions.
        let kept = |i: usize, j: usize| self.observed[i] && self.observed[j];
        let unit = |i: usize, j: usize| if i == j { T::one() } else { T::zero() };
        let masked = SMatrix::from_fn(|i, j| if kept(i, j) { v[(i, j)] } else { unit(i, j) });
        self.cholesky.factor(&masked).map_err(not_definite)
    }

    /// L with L Lᵀ = V over the observed rows, zero elsewhere.
    pub(crate) fn observed_root(&self) -> SMatrix<T, N, N> {
        self.over_observed(self.cholesky.root())
    }

    /// L⁻¹ over the observed rows, zero elsewhere.
    pub(crate) fn observed_inverse_root(&self) -> SMatrix<T, N, N> {
        self.over_observed(self.cholesky.inverse_root().transpose())
    }

    /// A matrix whose other rows and columns are those of the identity, with zeros there.
    fn over_observed(&self, mut matrix: SMatrix<T, N, N>) -> SMatrix<T, N, N> {
        for (j, column) in matrix.data.0.iter_mut().enumerate() {
            if !self.observed[j] {
                column[j] = T::zero();
            }
        }
        matrix
    }

    /// V⁻¹ B V⁻¹.
    #[inline(never)]
    pub(crate) fn weighted(&self, b: &SMatrix<T, N, N>) -> SMatrix<T, N, N> {
        let mut out = SMatrix::zeros();
        self.add_weighted(b, &mut out);
        out
    }

    /// Adds V⁻¹ B V⁻¹.
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

    /// Adds V⁻¹ B V⁻¹ and returns `true` for a B of few ranks, as few subjects make it: of p qᵀ it
    /// is V⁻¹p (V⁻¹q)ᵀ.
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

    /// Adds x V⁻¹ for each observation.
    pub(crate) fn add_inverse(&self, x: T, out: &mut SMatrix<T, N, N>) {
        self.add_for_each(&self.inverse, x, out);
    }

    /// Adds x A for each observation, by the columns of A.
    pub(crate) fn add_for_each(&self, a: &SMatrix<T, N, N>, x: T, out: &mut SMatrix<T, N, N>) {
        for ((out, a), &count) in out.data.0.iter_mut().zip(&a.data.0).zip(&self.counts) {
            add_scaled(out, count * x, a);
        }
    }

    pub(crate) fn invert(&mut self) {
        if !self.inverted {
            self.inverse = self.over_observed(self.cholesky.inverse());
            self.inverted = true;
        }
    }
}

/// Returns the rounding of a zero that is a difference of ones.
pub(crate) fn rounding<T: Real, const N: usize>() -> T {
    T::default_epsilon() * nalgebra::convert(16.0 * N as f64)
}
