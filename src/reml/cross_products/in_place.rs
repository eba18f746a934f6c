//! Cross-products in arrays.

use crate::base::scalar::Real;
use crate::linalg::compensated::CompensatedSum;
use crate::reml::cross_products::{Block, CrossProducts};

/// An item for each pair of columns a ≤ b of the data \[X y\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pairs<B, const K: usize> {
    /// The items for columns a ≤ b of the design X. The items for a > b are unused.
    xx: [[B; K]; K],
    /// The item for each column a of the design X and y.
    xy: [B; K],
    yy: B,
}

/// [Cross-products](CrossProducts) that are stored in arrays.
pub(crate) type InPlace<T, const N: usize, const K: usize> = Pairs<Block<T, N>, K>;

impl<B: Copy, const K: usize> Pairs<B, K> {
    /// Creates pairs that all have the same item.
    pub(crate) const fn new(item: B) -> Self {
        Self { xx: [[item; K]; K], xy: [item; K], yy: item }
    }
}

impl<B, const K: usize> Pairs<B, K> {
    /// Returns the item for columns a ≤ b.
    #[inline]
    pub(crate) fn get(&self, a: usize, b: usize) -> &B {
        match (self.xx.get(a), self.xy.get(a)) {
            (Some(row), Some(xy)) => row.get(b).unwrap_or(xy),
            _ => &self.yy,
        }
    }

    /// Returns the item for columns a ≤ b, to be changed.
    #[inline]
    pub(crate) fn get_mut(&mut self, a: usize, b: usize) -> &mut B {
        match (self.xx.get_mut(a), self.xy.get_mut(a)) {
            (Some(row), Some(xy)) => row.get_mut(b).unwrap_or(xy),
            _ => &mut self.yy,
        }
    }
}

impl<T: Real, const N: usize, const K: usize> CrossProducts<T, N, K> for InPlace<T, N, K> {
    fn new() -> Self {
        Self::new(CompensatedSum::new(T::zero()))
    }

    #[inline]
    fn stored(&self, a: usize, b: usize) -> &Block<T, N> {
        self.get(a, b)
    }

    #[inline]
    fn block_mut(&mut self, a: usize, b: usize) -> &mut Block<T, N> {
        self.get_mut(a, b)
    }

    fn copy_from(&mut self, other: &Self) {
        *self = *other;
    }
}
