//! The sums of a panel, which are stored on the heap.

use alloc::vec::Vec;

use crate::base::scalar::Real;
use crate::reml::cross_products::on_heap::OnHeap;
use crate::reml::panel::sums::patterns::VisitPattern;
use crate::reml::panel::sums::{Summed, Sums};

/// The sums that a [`HeapPanel`](crate::reml::HeapPanel) keeps in place of its subjects.
///
/// The sums are those of an [`Accumulator`](crate::reml::Accumulator), for any number of sets of
/// visits. With the feature `serde`, a heap accumulator can be serialised. The stored forms of
/// both accumulators are the same: if there is room for all sets of visits, the stored form of one
/// can be deserialised as the other.
#[derive(Clone, Debug, PartialEq)]
pub struct HeapAccumulator<T, const N: usize, const K: usize> {
    pub(in crate::reml) sums: HeapSums<T, N, K>,
}

/// Sums for each set of visits on the heap.
pub(in crate::reml) type HeapSums<T, const N: usize, const K: usize> =
    Sums<Vec<VisitPattern<OnHeap<T, N>, N>>, T, N, K>;

impl<T: Real, const N: usize, const K: usize> Summed for HeapAccumulator<T, N, K> {
    type Sums = HeapSums<T, N, K>;

    fn sums(&self) -> &Self::Sums {
        &self.sums
    }
}
