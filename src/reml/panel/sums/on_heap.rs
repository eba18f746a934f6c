//! Sums for each set of visits on the heap.

use alloc::vec::Vec;

use crate::base::scalar::Real;
use crate::reml::covariance_factor::CovarianceFactor;
use crate::reml::cross_products::on_heap::OnHeap;
use crate::reml::panel::sums::Sums;
use crate::reml::panel::sums::patterns::{Patterns, VisitPattern, WithFactors};

impl<T: Real, const N: usize> WithFactors for Vec<VisitPattern<OnHeap<T, N>, N>> {
    type Factors = Vec<CovarianceFactor<T, N>>;
}

impl<T: Real, const N: usize, const K: usize> Patterns<T, N, K>
    for Vec<VisitPattern<OnHeap<T, N>, N>>
{
    type Products = OnHeap<T, N>;

    const CAPACITY: Option<usize> = None;

    fn new() -> Self {
        Self::new()
    }

    fn used(&self) -> &[VisitPattern<OnHeap<T, N>, N>] {
        self
    }

    fn used_mut(&mut self) -> &mut [VisitPattern<OnHeap<T, N>, N>] {
        self
    }

    fn add(&mut self, observed: &[bool; N]) -> Option<&mut VisitPattern<OnHeap<T, N>, N>> {
        self.push(VisitPattern { observed: *observed, ..VisitPattern::new::<T, K>() });
        self.last_mut()
    }

    fn factors(&self) -> Vec<CovarianceFactor<T, N>> {
        self.iter().map(VisitPattern::factor).collect()
    }

    fn copy_of(sums: &Sums<Self, T, N, K>) -> Sums<Self, T, N, K> {
        sums.clone()
    }
}
