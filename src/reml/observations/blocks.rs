//! Blocks of data with the same V, as small-sample inference visits them.

use hybrid_array::ArraySize;
use nalgebra::SMatrix;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::scalar::Real;
use crate::linalg::kernel::sqrt;
use crate::reml::covariance_factor::CovarianceFactor;

/// A computation on each block of the data.
pub trait OnBlock<T: Real, P: ArraySize, const K: usize> {
    /// Adds the contribution of one block to the result. The argument `model` is the covariance
    /// matrix V of the block. If the data are reduced, V has fewer rows than a subject.
    fn take<V, B, const N: usize>(&mut self, model: &V, block: &B)
    where
        V: ParamMatrix<T, N, N> + Shape<ParamCount = P>,
        B: Block<T, N, K>;
}

/// Data with the same V, with products of the matrix H = V⁻¹X̃, where X̃ is the transformed design
/// of a subject. All formulas use V/τ² in place of V, where τ² is a power of two near the largest
/// entry of V.
pub trait Block<T: Real, const N: usize, const K: usize> {
    /// For all a ≤ b, calls `each` with a, b and the N×N matrix Σ hₐ h_bᵀ, summed over the subjects
    /// of the block. Here, hₐ is column a of H. The inner product of a symmetric N×N matrix D and
    /// Σ hₐ h_bᵀ is entry (a, b) of Σ HᵀDH.
    fn design_weights(&self, each: impl FnMut(usize, usize, &SMatrix<T, N, N>));

    /// Returns the sum Σ Hᵀ D V⁻¹ E H over the subjects of the block, for symmetric matrices D and
    /// E.
    fn design_products(&self, d: &SMatrix<T, N, N>, e: &SMatrix<T, N, N>) -> SMatrix<T, K, K>;

    /// Returns the sum over the subjects of the block of the diagonal blocks of P D P, where P is
    /// the matrix of [`Criterion`](crate::reml::Criterion) and D is a block diagonal matrix with
    /// the given symmetric matrix for each subject. The argument `form` is the sum of HᵀDH over all
    /// blocks.
    fn sandwich(
        &self,
        c: &SMatrix<T, K, K>,
        d: &SMatrix<T, N, N>,
        form: &SMatrix<T, K, K>,
    ) -> SMatrix<T, N, N>;
}

/// `count` subjects with the same design as a block: the Cholesky factor L of V, and the whitened
/// design L⁻¹X̃ of a subject times the square root of `count`.
pub(crate) struct EqualSubjects<'f, T, const N: usize, const K: usize> {
    pub(crate) factor: &'f CovarianceFactor<T, N>,
    pub(crate) x: &'f SMatrix<T, N, K>,
    pub(crate) count: T,
}

impl<T: Real, const N: usize, const K: usize> EqualSubjects<'_, T, N, K> {
    /// Returns the weighted design H = V⁻¹X̃ times the square root of `count`.
    fn weighted_design(&self) -> SMatrix<T, N, K> {
        let mut h = *self.x;
        self.factor.cholesky.solve_upper_all(&mut h);
        h
    }
}

impl<T: Real, const N: usize, const K: usize> Block<T, N, K> for EqualSubjects<'_, T, N, K> {
    fn design_weights(&self, mut each: impl FnMut(usize, usize, &SMatrix<T, N, N>)) {
        let h = self.weighted_design();
        for b in 0..K {
            for a in 0..=b {
                each(a, b, &(h.column(a) * h.column(b).transpose()));
            }
        }
    }

    fn design_products(&self, d: &SMatrix<T, N, N>, e: &SMatrix<T, N, N>) -> SMatrix<T, K, K> {
        let h = self.weighted_design();
        let of = |d: &SMatrix<T, N, N>| {
            let mut product = d * h;
            for column in &mut product.data.0 {
                self.factor.drop_unobserved(column);
            }
            self.factor.cholesky.solve_lower_all(&mut product);
            product
        };
        of(d).tr_mul(&of(e))
    }

    fn sandwich(
        &self,
        c: &SMatrix<T, K, K>,
        d: &SMatrix<T, N, N>,
        form: &SMatrix<T, K, K>,
    ) -> SMatrix<T, N, N> {
        let h = self.weighted_design() / sqrt(self.count);
        let hc = h * c;
        let p = self.factor.observed_inverse() - hc * h.transpose();
        // The parts of the other subjects in HᵀDH. If there are none, only rounding errors remain.
        let others = form - h.tr_mul(&(d * h));
        (p * d * p + hc * others * hc.transpose()) * self.count
    }
}
