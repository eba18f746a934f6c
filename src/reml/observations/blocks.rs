//! Blocks of data with the same V, as small-sample inference visits them.

use hybrid_array::ArraySize;
use nalgebra::SMatrix;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::scalar::Real;

/// A computation on each block of the data.
pub trait OnBlock<T: Real, P: ArraySize, const N: usize, const K: usize> {
    /// Computes the part of one block. The argument `model` is the matrix V of the block.
    fn take<V, B>(&mut self, model: &V, block: &B)
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
