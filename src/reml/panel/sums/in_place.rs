//! Sums for each set of visits in an array.

use crate::base::scalar::Real;
use crate::reml::covariance_factor::CovarianceFactor;
use crate::reml::cross_products::in_place::InPlace;
use crate::reml::panel::sums::Sums;
use crate::reml::panel::sums::patterns::{Patterns, VisitPattern, WithFactors};

/// An array with room for `PATTERNS` sets of visits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Places<T, const N: usize, const K: usize, const PATTERNS: usize> {
    pub(in crate::reml) all: [VisitPattern<InPlace<T, N, K>, N>; PATTERNS],
    pub(in crate::reml) used: usize,
}

/// Sums over subjects that were all seen at the same visits.
pub(in crate::reml) type OnePattern<T, const N: usize, const K: usize> =
    Sums<Places<T, N, K, 1>, T, N, K>;

impl<T: Real, const N: usize, const K: usize, const PATTERNS: usize> WithFactors
    for Places<T, N, K, PATTERNS>
{
    type Factors = [CovarianceFactor<T, N>; PATTERNS];
}

impl<T: Real, const N: usize, const K: usize, const PATTERNS: usize> Patterns<T, N, K>
    for Places<T, N, K, PATTERNS>
{
    type Products = InPlace<T, N, K>;

    const CAPACITY: Option<usize> = Some(PATTERNS);

    fn new() -> Self {
        Self { all: [VisitPattern::new(); PATTERNS], used: 0 }
    }

    #[inline]
    fn used(&self) -> &[VisitPattern<InPlace<T, N, K>, N>] {
        self.all.get(..self.used).unwrap_or_default()
    }

    #[inline]
    fn used_mut(&mut self) -> &mut [VisitPattern<InPlace<T, N, K>, N>] {
        self.all.get_mut(..self.used).unwrap_or_default()
    }

    fn add(&mut self, observed: &[bool; N]) -> Option<&mut VisitPattern<InPlace<T, N, K>, N>> {
        let pattern = self.all.get_mut(self.used)?;
        pattern.observed = *observed;
        self.used += 1;
        Some(pattern)
    }

    fn factors(&self) -> [CovarianceFactor<T, N>; PATTERNS] {
        self.all.each_ref().map(VisitPattern::factor)
    }

    fn copy_of(sums: &Sums<Self, T, N, K>) -> Sums<Self, T, N, K> {
        *sums
    }
}
