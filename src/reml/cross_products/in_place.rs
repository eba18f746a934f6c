//! Cross-products in arrays.

use crate::base::scalar::Real;
use crate::linalg::compensated::CompensatedSum;
use crate::reml::cross_products::{Block, CrossProducts};

/// [Cross-products](CrossProducts) that are stored in arrays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct InPlace<T, const N: usize, const K: usize> {
    /// The sums Σ aᵢ bᵢᵀ over subjects i for columns a ≤ b of the design X, and zeros for a > b.
    xx: [[Block<T, N>; K]; K],
    /// The sum Σ aᵢ yᵢᵀ over subjects i for each column a of the design X.
    xy: [Block<T, N>; K],
    yy: Block<T, N>,
}

impl<T: Real, const N: usize, const K: usize> CrossProducts<T, N, K> for InPlace<T, N, K> {
    fn new() -> Self {
        let zero = CompensatedSum::new(T::zero());
        Self { xx: [[zero; K]; K], xy: [zero; K], yy: zero }
    }

    #[inline]
    fn stored(&self, a: usize, b: usize) -> &Block<T, N> {
        match (self.xx.get(a), self.xy.get(a)) {
            (Some(row), Some(xy)) => row.get(b).unwrap_or(xy),
            _ => &self.yy,
        }
    }

    #[inline]
    fn block_mut(&mut self, a: usize, b: usize) -> &mut Block<T, N> {
        match (self.xx.get_mut(a), self.xy.get_mut(a)) {
            (Some(row), Some(xy)) => row.get_mut(b).unwrap_or(xy),
            _ => &mut self.yy,
        }
    }

    fn copy_from(&mut self, other: &Self) {
        *self = *other;
    }
}
