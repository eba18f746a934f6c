//! Information matrices: symmetric P×P matrices, with one row and column for each parameter.

pub(crate) mod solve;
#[cfg(feature = "serde")]
pub(crate) mod stored;

use core::fmt;

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector};

use crate::base::arrays::{copied_rows, near_rows, same_rows, square, tabulate};
use crate::base::near::{Near, Within};
use crate::base::scalar::Real;
use crate::linalg::kernel::{dot, inner, sqrt};

/// A symmetric P×P matrix, with one row and column for each parameter.
pub struct InformationMatrix<P: ArraySize, T> {
    pub(crate) rows: P::ArrayType<P::ArrayType<T>>,
}

impl<P: ArraySize, T: Copy> Clone for InformationMatrix<P, T> {
    fn clone(&self) -> Self {
        Self { rows: copied_rows::<P, T>(&self.rows) }
    }
}

impl<P: ArraySize, T: PartialEq> PartialEq for InformationMatrix<P, T> {
    fn eq(&self, other: &Self) -> bool {
        same_rows::<P, T>(&self.rows, &other.rows)
    }
}

impl<P: ArraySize, T: Real> Near<T> for InformationMatrix<P, T> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        near_rows::<P, T>(&self.rows, &other.rows, within)
    }
}

impl<P: ArraySize, T: fmt::Debug> fmt::Debug for InformationMatrix<P, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.rows.as_ref().iter().map(AsRef::as_ref)).finish()
    }
}

impl<P: ArraySize, T: Real> InformationMatrix<P, T> {
    pub(crate) fn zeros() -> Self {
        Self { rows: square::<P, T>() }
    }

    #[inline]
    pub(crate) fn get(&self, k: usize, l: usize) -> T {
        let entry = self.rows.as_ref().get(k).and_then(|row| row.as_ref().get(l));
        entry.copied().unwrap_or_else(T::zero)
    }

    #[inline]
    pub(crate) fn add(&mut self, k: usize, l: usize, x: T) {
        if let Some(entry) = self.rows.as_mut().get_mut(k).and_then(|row| row.as_mut().get_mut(l)) {
            *entry += x;
        }
    }

    /// Creates a matrix from a function of the row and column index.
    pub(crate) fn from_fn(mut entry: impl FnMut(usize, usize) -> T) -> Self {
        let row = |k| tabulate::<P, T>(T::zero(), |l| entry(k, l)).0;
        Self { rows: Array::<_, P>::from_fn(row).0 }
    }

    /// Returns `true` if no entry is infinite or NaN.
    pub(crate) fn is_finite(&self) -> bool {
        self.rows.as_ref().iter().all(|row| row.as_ref().iter().all(T::is_finite))
    }

    /// Returns the diagonal.
    pub(crate) fn diagonal(&self) -> P::ArrayType<T> {
        tabulate::<P, T>(T::zero(), |k| self.get(k, k)).0
    }

    /// Adds the inner product aₖᵀ bₗ of two vectors, multiplied by the number `x`, to each entry
    /// (k, l) of the lower triangle. The matrix of inner products aₖᵀ bₗ must be symmetric.
    pub(crate) fn add_products<const N: usize>(
        &mut self,
        a: &Array<SVector<T, N>, P>,
        b: &Array<SVector<T, N>, P>,
        x: T,
    ) {
        for (k, (row, a)) in self.rows.as_mut().iter_mut().zip(a).enumerate() {
            for (entry, b) in row.as_mut().iter_mut().zip(b).take(k + 1) {
                *entry += dot(&a.data.0[0], &b.data.0[0]) * x;
            }
        }
    }

    /// Adds the inner product ⟨Bₖ, Bₗ⟩ of two matrices, multiplied by the number `x`, to each entry
    /// (k, l) of the lower triangle.
    pub(crate) fn add_inner<const M: usize, const N: usize>(
        &mut self,
        matrices: &Array<SMatrix<T, M, N>, P>,
        x: T,
    ) {
        for (k, (row, a)) in self.rows.as_mut().iter_mut().zip(matrices).enumerate() {
            for (entry, b) in row.as_mut().iter_mut().zip(matrices).take(k + 1) {
                *entry += inner(a, b) * x;
            }
        }
    }

    /// Subtracts ½ aₖᵀ C aₗ from each entry (k, l) of the lower triangle, for a vector aₖ for each
    /// parameter k and a symmetric matrix C.
    pub(crate) fn subtract_across<const K: usize>(
        &mut self,
        across: &Array<SVector<T, K>, P>,
        c: &SMatrix<T, K, K>,
    ) {
        let of_c = tabulate::<P, _>(SVector::zeros(), |k| c * across[k]);
        self.add_products(&of_c, across, nalgebra::convert(-0.5));
    }

    /// Adds the lower triangle of the outer product a bᵀ of two vectors. Single outer products need
    /// not be symmetric, but the sum of all added outer products must be.
    pub(crate) fn add_outer(&mut self, a: &[T], b: &[T]) {
        for (k, (row, &a)) in self.rows.as_mut().iter_mut().zip(a).enumerate() {
            for (entry, &b) in row.as_mut().iter_mut().zip(b).take(k + 1) {
                *entry += a * b;
            }
        }
    }

    /// Copies the lower triangle of the matrix to its upper triangle.
    pub(crate) fn mirror(&mut self) {
        for k in 0..P::USIZE {
            for l in 0..k {
                self.set(l, k, self.get(k, l));
            }
        }
    }

    /// Adds another matrix to this matrix.
    pub(crate) fn add_all(&mut self, other: &Self) {
        for k in 0..P::USIZE {
            for l in 0..P::USIZE {
                self.add(k, l, other.get(k, l));
            }
        }
    }

    /// Sets row k and column k to zero if the diagonal entry k is at most `rounding` times entry k
    /// of `whole`, or if entry k of `whole` is zero. A diagonal entry of at most `rounding` times
    /// entry k of `whole` is only the rounding error of a difference of numbers as large as entry k
    /// of `whole`.
    pub(crate) fn drop_rounding(&mut self, whole: &P::ArrayType<T>, rounding: T) {
        for (k, &whole) in whole.as_ref().iter().enumerate() {
            if whole.is_zero() || self.get(k, k).abs() <= whole * rounding {
                for l in 0..P::USIZE {
                    self.set(k, l, T::zero());
                    self.set(l, k, T::zero());
                }
            }
        }
    }

    /// Computes the quadratic form xᵀ B x of this matrix B and a vector x.
    pub(crate) fn form(&self, x: &[T]) -> T {
        let mut sum = T::zero();
        for (k, &a) in x.iter().enumerate() {
            for (l, &b) in x.iter().enumerate() {
                sum += self.get(k, l) * a * b;
            }
        }
        sum
    }

    /// Computes the inner product Σₖₗ Bₖₗ Aₖₗ of this matrix B and another matrix A.
    pub(crate) fn dot(&self, other: &Self) -> T {
        let mut sum = T::zero();
        for k in 0..P::USIZE {
            for l in 0..P::USIZE {
                sum += self.get(k, l) * other.get(k, l);
            }
        }
        sum
    }

    /// Returns the eigenvalues and the orthonormal eigenvectors, as columns, in no particular
    /// order. The method is cyclic Jacobi rotation (Golub & Van Loan 2013, Matrix Computations,
    /// 8.5).
    pub(crate) fn eigen(mut self) -> (Array<T, P>, Self) {
        /// The maximum number of Jacobi sweeps over all pairs of rows; five suffice for the sizes
        /// that occur.
        const SWEEPS: usize = 30;
        let mut vectors = Self::from_fn(|k, l| if k == l { T::one() } else { T::zero() });
        for _ in 0..SWEEPS {
            let mut rotated = false;
            for l in 0..P::USIZE {
                for k in 0..l {
                    let (x, off, y) = (self.get(k, k), self.get(k, l), self.get(l, l));
                    let size = x.abs() + y.abs();
                    if off.is_zero()
                        || off.abs() <= T::default_epsilon() * size * nalgebra::convert(0.125)
                    {
                        continue;
                    }
                    rotated = true;
                    // The tangent of the rotation angle is the smaller root of t² + 2τt − 1.
                    let tau = (y - x) / (off + off);
                    let root = sqrt(tau * tau + T::one());
                    let t = T::one() / if tau < T::zero() { tau - root } else { tau + root };
                    let cosine = T::one() / sqrt(t * t + T::one());
                    let sine = t * cosine;
                    for i in 0..P::USIZE {
                        self.rotate((i, k), (i, l), cosine, sine);
                    }
                    for i in 0..P::USIZE {
                        self.rotate((k, i), (l, i), cosine, sine);
                        vectors.rotate((i, k), (i, l), cosine, sine);
                    }
                }
            }
            if !rotated {
                break;
            }
        }
        (tabulate(T::zero(), |k| self.get(k, k)), vectors)
    }

    /// Applies a plane rotation to two entries.
    fn rotate(&mut self, a: (usize, usize), b: (usize, usize), cosine: T, sine: T) {
        let (x, y) = (self.get(a.0, a.1), self.get(b.0, b.1));
        self.set(a.0, a.1, cosine * x - sine * y);
        self.set(b.0, b.1, sine * x + cosine * y);
    }

    pub(crate) fn set(&mut self, k: usize, l: usize, x: T) {
        if let Some(entry) = self.rows.as_mut().get_mut(k).and_then(|row| row.as_mut().get_mut(l)) {
            *entry = x;
        }
    }
}
