//! Sums of products over the subjects of a panel, separately for each set of visits.

pub(crate) mod in_place;
#[cfg(feature = "alloc")]
pub(crate) mod on_heap;
pub(crate) mod patterns;

use nalgebra::{SMatrix, SVector};

use crate::base::error::Error;
use crate::base::finite::check_weights;
use crate::base::scalar::Real;
use crate::linalg::compensated::{CompensatedSum, Halves};
use crate::reml::covariance_factor::CovarianceFactor;
use crate::reml::cross_products::CrossProducts;
use crate::reml::panel::sums::patterns::{Patterns, VisitPattern};
use crate::reml::standardisation::gram::Gram;
use crate::reml::standardisation::refer::Observed;
use crate::reml::standardisation::transformed::TransformedRows;
use crate::reml::standardisation::{MOST_CHANGES, Standardisation};

/// Data that are represented by their [sums of products](Sums).
pub(crate) trait Summed {
    /// The type of the sums.
    type Sums;

    /// Returns the sums.
    fn sums(&self) -> &Self::Sums;
}

/// Sums of products over subjects, separately for each set of visits, in the coordinates of a
/// [`Standardisation`]. The type parameter `P` is the [place](Patterns) of the sums.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sums<P, T, const N: usize, const K: usize> {
    pub(in crate::reml) reference: Standardisation<T, K>,
    pub(in crate::reml) patterns: P,
    pub(in crate::reml) largest: T,
    /// The sum of log w over the weights w of all observations.
    pub(in crate::reml) log_weights: T,
}

impl<P, T, const N: usize, const K: usize> Summed for Sums<P, T, N, K> {
    type Sums = Self;

    fn sums(&self) -> &Self {
        self
    }
}

impl<P, T: Real, const N: usize, const K: usize> Sums<P, T, N, K>
where
    P: Patterns<T, N, K>,
{
    /// The error if there is no room for another set of visits.
    pub(in crate::reml) const FULL: Error = Error::PatternCount {
        capacity: match P::CAPACITY {
            Some(capacity) => capacity,
            None => usize::MAX,
        },
    };

    pub(in crate::reml) fn new() -> Self {
        Self {
            reference: Standardisation::new(),
            patterns: P::new(),
            largest: T::zero(),
            log_weights: T::zero(),
        }
    }

    /// Returns the sums for each set of visits.
    #[inline]
    pub(in crate::reml) fn used(&self) -> &[VisitPattern<P::Products, N>] {
        self.patterns.used()
    }

    #[inline]
    fn used_mut(&mut self) -> &mut [VisitPattern<P::Products, N>] {
        self.patterns.used_mut()
    }

    /// Returns the number of subjects.
    pub(super) fn subjects(&self) -> usize {
        self.used().iter().map(|pattern| pattern.subjects).fold(0, usize::saturating_add)
    }

    /// Returns the number of observations.
    pub(super) fn observations(&self) -> usize {
        let of = |pattern: &VisitPattern<P::Products, N>| {
            pattern.subjects.saturating_mul(pattern.rows())
        };
        self.used().iter().map(of).fold(0, usize::saturating_add)
    }

    /// Returns the sums over the subjects that were seen at exactly the visits `observed`. If the
    /// accumulator has no such subjects yet, adds an empty [`VisitPattern`].
    fn pattern(
        &mut self,
        observed: &[bool; N],
    ) -> Result<&mut VisitPattern<P::Products, N>, Error> {
        let found = self.used().iter().position(|pattern| pattern.observed == *observed);
        let pattern = match found {
            Some(place) => self.used_mut().get_mut(place),
            None => self.patterns.add(observed),
        };
        pattern.ok_or(Self::FULL)
    }

    /// Adds a subject whose observations have known weights. An observation with weight 0 is
    /// missing.
    pub(super) fn push_weighted(
        &mut self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
        weights: &[T; N],
    ) -> Result<(), Error> {
        check_weights(weights)?;
        self.push(x, y, &weights.map(|w| w > T::zero()), Some(weights))
    }

    /// Adds subjects (X, y) that were seen at every visit, and returns their number.
    pub(super) fn extend(
        &mut self,
        subjects: impl IntoIterator<Item = (SMatrix<T, N, K>, SVector<T, N>)>,
    ) -> Result<usize, Error> {
        let mut count = 0;
        for (x, y) in subjects {
            self.push(&x, &y, &[true; N], None)?;
            count += 1;
        }
        Ok(count)
    }

    pub(super) fn push(
        &mut self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
        observed: &[bool; N],
        weights: Option<&[T; N]>,
    ) -> Result<(), Error> {
        if !observed.contains(&true) {
            return Ok(());
        }
        let mut reference = self.reference;
        let data = reference.observe(x, y, observed)?;
        if !reference.has_room() {
            return Err(Error::SumsOutOfRange);
        }
        let subject = TransformedRows::new(&reference, &data, weights);
        let like = self.used().iter().find(|pattern| pattern.observed == *observed);
        let sums = like.map(|pattern| &pattern.moments);
        P::Products::check_room(sums, (0..=K).map(|a| subject.column(a).value))?;
        let largest = self.largest.max(data.largest);
        let of_weights = weights.into_iter().flatten().filter(|w| **w > T::zero());
        let log_weights = of_weights.fold(self.log_weights, |sum, w| sum + w.ln());
        let stays = self.is_in(&reference)
            && reference.straightened(&self.gram(|a, b| subject.product(a, b)), largest).is_none();
        if stays {
            self.add(&subject, observed)?;
            self.reference = reference;
            (self.largest, self.log_weights) = (largest, log_weights);
            return Ok(());
        }
        // The sums may overflow in other coordinates: the change is made to a copy, so that `self`
        // is unchanged after an error.
        let mut changed = P::copy_of(self);
        (changed.largest, changed.log_weights) = (largest, log_weights);
        changed.take_and_straighten(reference, &data, observed, weights)?;
        *self = changed;
        Ok(())
    }

    /// Adds a subject to the sums. If the data of the subject require other coordinates, first
    /// transforms the sums to these coordinates.
    #[inline(never)]
    fn take_and_straighten(
        &mut self,
        reference: Standardisation<T, K>,
        data: &Observed<T, N, K>,
        observed: &[bool; N],
        weights: Option<&[T; N]>,
    ) -> Result<(), Error> {
        if self.is_in(&reference) {
            self.reference = reference;
        } else {
            self.go_over(reference);
        }
        let mut subject = TransformedRows::new(&self.reference, data, weights);
        for _ in 0..MOST_CHANGES {
            if !self.straighten(|a, b| subject.product(a, b)) {
                break;
            }
            subject = TransformedRows::new(&self.reference, data, weights);
        }
        self.add(&subject, observed)?;
        self.check_sums()
    }

    /// Returns `true` if the sums were computed in the given coordinates of the data.
    fn is_in(&self, reference: &Standardisation<T, K>) -> bool {
        self.subjects() == 0 || reference.open == self.reference.open
    }

    /// Adds the cross-products of a subject. The data of the subject must be in the coordinates of
    /// the sums.
    fn add(
        &mut self,
        subject: &TransformedRows<T, N, K>,
        observed: &[bool; N],
    ) -> Result<(), Error> {
        let pattern = self.pattern(observed)?;
        pattern.moments.add(&subject.x.each_ref().map(Halves::new), &Halves::new(&subject.y));
        pattern.subjects = pattern.subjects.saturating_add(1);
        Ok(())
    }

    /// Returns the inner products of the columns of the transformed data [X̃ ỹ] over all subjects.
    /// The products that the callback `added` returns are added to the result.
    fn gram(&self, added: impl Fn(usize, usize) -> T) -> Gram<T, K> {
        Gram::new(|a, b| self.product(a, b) + added(a, b))
    }

    /// Transforms the sums to better coordinates and returns `true` if the columns of the
    /// transformed data [X̃ ỹ] are ill-conditioned. Otherwise returns `false`. The callback `added`
    /// returns numbers that are added to the inner products of the columns before the decision.
    fn straighten(&mut self, added: impl Fn(usize, usize) -> T) -> bool {
        let gram = self.gram(added);
        let Some(better) = self.reference.straightened(&gram, self.largest) else { return false };
        self.go_over(better);
        true
    }

    /// Transforms the sums over the subjects to other coordinates.
    #[inline(never)]
    pub(in crate::reml) fn go_over(&mut self, other: Standardisation<T, K>) {
        let change = self.reference.change_to(&other);
        for pattern in self.used_mut() {
            pattern.moments.change(&change);
        }
        self.reference = other;
    }

    /// Adds the sums over other subjects. After an error, the sums are unchanged.
    ///
    /// # Errors
    ///
    /// [`Error::PatternCount`] or [`Error::SumsOutOfRange`].
    pub(super) fn merge<Q>(&mut self, other: &Sums<Q, T, N, K>) -> Result<(), Error>
    where
        Q: Patterns<T, N, K, Products = P::Products>,
    {
        let mut merged = P::copy_of(self);
        merged.add_all(other)?;
        merged.check_sums()?;
        *self = merged;
        Ok(())
    }

    /// Adds the sums over other subjects. After an error, the sums are unspecified.
    fn add_all<Q>(&mut self, other: &Sums<Q, T, N, K>) -> Result<(), Error>
    where
        Q: Patterns<T, N, K, Products = P::Products>,
    {
        if self.used().is_empty() {
            // The sums are copied with their coordinates, so that no precision is lost.
            for pattern in other.used() {
                let own = self.pattern(&pattern.observed)?;
                (own.subjects, own.last) = (pattern.subjects, pattern.last);
                own.moments.copy_from(&pattern.moments);
            }
            (self.reference, self.largest) = (other.reference, other.largest);
            self.log_weights = other.log_weights;
            return Ok(());
        }
        let mut theirs = Q::copy_of(other);
        let mut reference = self.reference;
        reference.adopt(&other.reference);
        let change = other.reference.change_to(&reference);
        theirs.go_over(reference);
        let terms = |j: usize| {
            let squared = |(i, part): (usize, &CompensatedSum<T>)| {
                part.value * part.value * other.product(i, i)
            };
            change.columns[j].iter().enumerate().map(squared).fold(T::zero(), |sum, x| sum + x)
        };
        reference.close_by(Gram::new(|a, b| theirs.product(a, b)), terms);
        theirs.go_over(reference);
        self.go_over(reference);
        for pattern in theirs.used() {
            let own = self.pattern(&pattern.observed)?;
            own.moments.merge(&pattern.moments);
            own.subjects = own.subjects.saturating_add(pattern.subjects);
        }
        self.largest = self.largest.max(other.largest);
        self.log_weights += other.log_weights;
        for _ in 0..MOST_CHANGES {
            if !self.straighten(|_, _| T::zero()) {
                break;
            }
        }
        Ok(())
    }

    /// Returns the inner product Σ aᵢᵀ bᵢ, summed over all subjects i, of columns a ≤ b of the
    /// transformed data [X̃ ỹ].
    pub(super) fn product(&self, a: usize, b: usize) -> T {
        self.used().iter().fold(T::zero(), |sum, pattern| sum + pattern.moments.product(a, b))
    }

    /// Returns the sums for each pattern of observed visits, with the Cholesky factor of the
    /// covariance matrix of these visits.
    pub(super) fn with<'a>(
        &'a self,
        factors: &'a P::Factors,
    ) -> impl Iterator<Item = (&'a VisitPattern<P::Products, N>, &'a CovarianceFactor<T, N>)> {
        self.used().iter().zip(factors.as_ref())
    }
}
