//! Sets of visits, and places for the sums of each set of visits.

use crate::base::scalar::Real;
use crate::reml::covariance_factor::CovarianceFactor;
use crate::reml::cross_products::CrossProducts;
use crate::reml::panel::sums::Sums;

/// A place for the sums and the Cholesky factors of each set of visits.
pub trait WithFactors: Sized {
    /// The Cholesky factors of V for each set of visits.
    type Factors;
}

/// A place for the sums of each set of visits: an array, or the heap.
pub(crate) trait Patterns<T: Real, const N: usize, const K: usize>:
    WithFactors<Factors: AsRef<[CovarianceFactor<T, N>]> + AsMut<[CovarianceFactor<T, N>]>> + 'static
{
    /// The cross-products of one set of visits.
    type Products: CrossProducts<T, N, K>;

    /// The number of sets of visits for which there is room, or `None` if there is no limit.
    const CAPACITY: Option<usize>;

    /// Creates a place without any set of visits.
    fn new() -> Self;

    /// Returns the sums for each set of visits.
    fn used(&self) -> &[VisitPattern<Self::Products, N>];

    /// Returns the sums for each set of visits, to be changed.
    fn used_mut(&mut self) -> &mut [VisitPattern<Self::Products, N>];

    /// Adds an empty [`VisitPattern`] and returns it. Returns `None` if there is no room.
    fn add(&mut self, observed: &[bool; N]) -> Option<&mut VisitPattern<Self::Products, N>>;

    /// Returns the Cholesky factors for the identity matrix as V.
    fn factors(&self) -> Self::Factors;

    /// Returns a copy of sums, which passes through the stack at most once.
    fn copy_of(sums: &Sums<Self, T, N, K>) -> Sums<Self, T, N, K>;
}

/// The sums of cross-products over the subjects that were seen at the same visits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct VisitPattern<B, const N: usize> {
    pub(in crate::reml) observed: [bool; N],
    pub(in crate::reml) subjects: usize,
    /// The number of observations of each subject that the last observed row represents, which is 1
    /// except in [reduced](crate::reml::low_rank) data. In reduced data, the last observed row
    /// represents observations that are independent of all others and have equal variances.
    pub(in crate::reml) last: usize,
    pub(in crate::reml) moments: B,
}

impl<B, const N: usize> VisitPattern<B, N> {
    pub(in crate::reml) fn new<T: Real, const K: usize>() -> Self
    where
        B: CrossProducts<T, N, K>,
    {
        Self { observed: [false; N], subjects: 0, last: 1, moments: B::new() }
    }

    /// Returns the number of observations of each subject. The number is the same for all subjects
    /// of a [`VisitPattern`].
    pub(in crate::reml) fn rows(&self) -> usize {
        let observed = self.observed.iter().filter(|&&observed| observed).count();
        if observed == 0 { 0 } else { observed - 1 + self.last }
    }

    /// Returns the Cholesky factor of V = I for the subjects that were seen at these visits.
    pub(super) fn factor<T: Real>(&self) -> CovarianceFactor<T, N> {
        let mut factor = CovarianceFactor::unit(self.observed, self.subjects);
        if let Some(last) = self.observed.iter().rposition(|&observed| observed)
            && let Some(count) = factor.counts.get_mut(last)
        {
            *count *= nalgebra::convert(self.last as f64);
        }
        factor
    }
}
