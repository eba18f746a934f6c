//! Sums of products over the subjects of a panel, separately for each set of visits.

use nalgebra::{SMatrix, SVector};

use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::compensated::{CompensatedSum, Halves};
use crate::reml::covariance_factor::CovarianceFactor;
use crate::reml::cross_products::CrossProducts;
use crate::reml::standardisation::Standardisation;
use crate::reml::standardisation::gram::Gram;
use crate::reml::standardisation::refer::Observed;
use crate::reml::standardisation::transformed::TransformedRows;

/// The largest number of changes of coordinates for the same data. One change may not suffice,
/// because the inner products of columns reveal only half of the digits of the columns.
const PASSES: usize = 2;

/// The sums that a [`Panel`](crate::reml::Panel) keeps in place of its subjects.
///
/// The data \[X y\] are transformed to X̃ = X T and ỹ = (y − X b)/s. The matrix T, the vector b and
/// the power of two s are chosen so that the sums keep the precision of the data. For each set of
/// visits, an accumulator stores the number of subjects and the following matrices with their
/// rounding errors:
///
/// ```text
/// Σᵢ aᵢ bᵢᵀ, N×N        over subjects i, for the columns a, b of [X̃ ỹ]
/// ```
///
/// An accumulator also stores the sum of log w over the weights w of all observations. An
/// accumulator does not depend on the model: see [`Panel::from_accumulator`](crate::reml::Panel).
/// With the feature `serde`, an accumulator can be serialised. If there is room for all sets of
/// visits, the stored form can be deserialised as an accumulator with a different number
/// `PATTERNS`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accumulator<T, const N: usize, const K: usize, const PATTERNS: usize> {
    pub(in crate::reml) reference: Standardisation<T, K>,
    pub(in crate::reml) patterns: [VisitPattern<T, N, K>; PATTERNS],
    pub(in crate::reml) used: usize,
    pub(in crate::reml) largest: T,
    /// The sum of log w over the weights w of all observations.
    pub(in crate::reml) log_weights: T,
}

/// The sums of cross-products over the subjects that were seen at the same visits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::reml) struct VisitPattern<T, const N: usize, const K: usize> {
    pub(in crate::reml) observed: [bool; N],
    pub(in crate::reml) subjects: usize,
    /// The number of observations of each subject that the last observed row represents, which is 1
    /// except in [reduced](crate::reml::low_rank) data. In reduced data, the last observed row
    /// represents observations that are independent of all others and have equal variances.
    pub(in crate::reml) last: usize,
    pub(in crate::reml) moments: CrossProducts<T, N, K>,
}

impl<T: Real, const N: usize, const K: usize> VisitPattern<T, N, K> {
    pub(in crate::reml) fn new() -> Self {
        Self { observed: [false; N], subjects: 0, last: 1, moments: CrossProducts::new() }
    }

    /// Returns the number of observations of each subject. The number is the same for all subjects
    /// of a [`VisitPattern`].
    pub(in crate::reml) fn rows(&self) -> usize {
        let observed = self.observed.iter().filter(|&&observed| observed).count();
        if observed == 0 { 0 } else { observed - 1 + self.last }
    }

    /// Returns the Cholesky factor of V = I for the subjects that were seen at these visits.
    pub(super) fn factor(&self) -> CovarianceFactor<T, N> {
        let mut factor = CovarianceFactor::unit(self.observed, self.subjects);
        if let Some(last) = self.observed.iter().rposition(|&observed| observed)
            && let Some(count) = factor.counts.get_mut(last)
        {
            *count *= nalgebra::convert(self.last as f64);
        }
        factor
    }
}

impl<T: Real, const N: usize, const K: usize, const PATTERNS: usize>
    Accumulator<T, N, K, PATTERNS>
{
    pub(in crate::reml) fn new() -> Self {
        Self {
            reference: Standardisation::new(),
            patterns: [VisitPattern::new(); PATTERNS],
            used: 0,
            largest: T::zero(),
            log_weights: T::zero(),
        }
    }

    pub(in crate::reml) fn used(&self) -> &[VisitPattern<T, N, K>] {
        self.patterns.get(..self.used).unwrap_or_default()
    }

    /// Returns the number of subjects.
    pub(super) fn subjects(&self) -> usize {
        self.used().iter().map(|pattern| pattern.subjects).fold(0, usize::saturating_add)
    }

    /// Returns the number of observations.
    pub(super) fn observations(&self) -> usize {
        let of = |pattern: &VisitPattern<T, N, K>| pattern.subjects.saturating_mul(pattern.rows());
        self.used().iter().map(of).fold(0, usize::saturating_add)
    }

    /// Returns the sums over the subjects that were seen at exactly the visits `observed`. If the
    /// accumulator has no such subjects yet, adds an empty [`VisitPattern`].
    fn pattern(&mut self, observed: &[bool; N]) -> Result<&mut VisitPattern<T, N, K>, Error> {
        let found = self.used().iter().position(|pattern| pattern.observed == *observed);
        let place = found.unwrap_or(self.used);
        let full = Error::PatternCount { capacity: PATTERNS };
        let pattern = self.patterns.get_mut(place).ok_or(full)?;
        if found.is_none() {
            pattern.observed = *observed;
            self.used += 1;
        }
        Ok(pattern)
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
        CrossProducts::check_room(sums, (0..=K).map(|a| subject.column(a).value))?;
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
        let mut changed = *self;
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
        for _ in 0..PASSES {
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

    pub(super) fn merge<const OTHERS: usize>(
        &mut self,
        other: &Accumulator<T, N, K, OTHERS>,
    ) -> Result<(), Error> {
        let is_new = |pattern: &&VisitPattern<T, N, K>| {
            !self.used().iter().any(|own| own.observed == pattern.observed)
        };
        if self.used + other.used().iter().filter(is_new).count() > PATTERNS {
            return Err(Error::PatternCount { capacity: PATTERNS });
        }
        if self.used == 0 {
            // The sums are copied with their coordinates, so that no precision is lost.
            for (pattern, other) in self.patterns.iter_mut().zip(other.used()) {
                *pattern = *other;
            }
            self.used = other.used;
            (self.reference, self.largest) = (other.reference, other.largest);
            self.log_weights = other.log_weights;
            return Ok(());
        }
        let mut theirs = *other;
        let theirs = &mut theirs;
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
        for _ in 0..PASSES {
            if !self.straighten(|_, _| T::zero()) {
                break;
            }
        }
        Ok(())
    }

    fn used_mut(&mut self) -> &mut [VisitPattern<T, N, K>] {
        self.patterns.get_mut(..self.used).unwrap_or_default()
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
        factors: &'a [CovarianceFactor<T, N>; PATTERNS],
    ) -> impl Iterator<Item = (&'a VisitPattern<T, N, K>, &'a CovarianceFactor<T, N>)> {
        self.used().iter().zip(factors)
    }
}
