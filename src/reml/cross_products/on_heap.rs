//! Cross-products on the heap.

use alloc::vec::Vec;

use crate::base::scalar::Real;
use crate::linalg::compensated::CompensatedSum;
use crate::reml::cross_products::{Block, CrossProducts};

/// [Cross-products](CrossProducts) that are stored on the heap. Only one matrix at a time passes
/// through the stack.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OnHeap<T, const N: usize> {
    /// The sum Σ aᵢ bᵢᵀ over subjects i for columns a ≤ b of \[X y\], at index b(b + 1)/2 + a,
    /// except for the last sum.
    blocks: Vec<Block<T, N>>,
    yy: Block<T, N>,
}

impl<T: Real, const N: usize, const K: usize> CrossProducts<T, N, K> for OnHeap<T, N> {
    fn new() -> Self {
        let zero = CompensatedSum::new(T::zero());
        Self { blocks: alloc::vec![zero; index(K, K)], yy: zero }
    }

    fn stored(&self, a: usize, b: usize) -> &Block<T, N> {
        self.blocks.get(index(a, b)).unwrap_or(&self.yy)
    }

    fn block_mut(&mut self, a: usize, b: usize) -> &mut Block<T, N> {
        self.blocks.get_mut(index(a, b)).unwrap_or(&mut self.yy)
    }

    fn copy_from(&mut self, other: &Self) {
        self.clone_from(other);
    }
}

/// Returns the place of columns a ≤ b in the sequence of all such pairs.
const fn index(a: usize, b: usize) -> usize {
    b * (b + 1) / 2 + a
}
