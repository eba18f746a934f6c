//! The sums of a panel in a form whose bits do not depend on the order of the subjects.

pub(crate) mod bytes;
pub(crate) mod columns;
pub(crate) mod coordinates;

use nalgebra::{SMatrix, SVector};

use crate::base::error::Error;
use crate::base::finite::check_weights;
use crate::base::scalar::Real;
use crate::linalg::binned::{Bins, Exponents, MOST_SLICES, Significands};
use crate::linalg::compensated::two_product;
use crate::linalg::kernel::sqrt;
use crate::reml::cross_products::in_place::Pairs;
use crate::reml::panel::accumulator::Accumulator;
use crate::reml::panel::reproducible::columns::Columns;
use crate::reml::panel::reproducible::coordinates::{Coordinates, Products, Totals, scales};
use crate::reml::panel::sums::patterns::Patterns;
use crate::reml::standardisation::refer::Observed;

/// The sums of a [`Panel`](crate::reml::Panel) in a form whose bits depend on the subjects, but not
/// on their order.
///
/// An [`Accumulator`](crate::reml::Accumulator) rounds, and its coordinates come from the first
/// subjects, so that its last bits depend on the order in which subjects are pushed and panels are
/// merged. This accumulator has the same bits for every order, every partition of the subjects and
/// every order of [merging](Self::merge), on every machine.
/// [`to_accumulator`](Self::to_accumulator) computes the sums from which a panel is fitted.
///
/// The products of \[X y\] are not rounded. Each sum has three bins of 96 bits, and each product is
/// cut into slices of 64 bits that are added to the bins as integers (Demmel & Nguyen 2015,
/// Parallel reproducible summation, IEEE Transactions on Computers 64, 2060–2070). A sum has at
/// least 126 bits below the largest possible product of the numbers of its two columns at its two
/// visits; smaller bits of the products are dropped, and the same bits are dropped for every order.
/// The size in bytes is 36 N² (K² + K + 1) for each set of visits, and a few numbers: 2.25 times
/// the size of an `Accumulator` in `f64`. Numbers in `f32` are converted to `f64` without rounding.
///
/// # Example: the same bits for any order
///
/// ```
/// use covprop::prelude::*;
/// use covprop::reml::ReproducibleAccumulator;
///
/// let subjects = [vector![1.0, 3.0], vector![0.1, 0.2], vector![1e9, -7.0], vector![1e-9, 9.0]];
/// let ones = SVector::<f64, 2>::repeat(1.0);
/// let (mut one, mut first, mut second) =
///     (ReproducibleAccumulator::<f64, 2, 1>::new(), ReproducibleAccumulator::new(), ReproducibleAccumulator::<f64, 2, 1>::new());
/// for y in &subjects {
///     one.push(&ones, y)?;
/// }
/// for y in [subjects[3], subjects[1]] {
///     first.push(&ones, &y)?;
/// }
/// for y in [subjects[2], subjects[0]] {
///     second.push(&ones, &y)?;
/// }
/// first.merge(&second)?;
/// assert_eq!(one, first);
///
/// let model = Marginal::new(CompoundSymmetricMatrix::<2>::new());
/// let panel = Panel::from_accumulator(model, one.to_accumulator()?);
/// assert_eq!(panel.fit()?.observations, 8);
/// # Ok::<(), covprop::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "deterministic")]
#[doc(alias = "associative")]
pub struct ReproducibleAccumulator<T, const N: usize, const K: usize, const PATTERNS: usize = 1> {
    /// The sums for each set of visits, in the order of the sets.
    pub(in crate::reml) patterns: [VisitSums<N, K>; PATTERNS],
    pub(in crate::reml) used: usize,
    /// The largest |y|.
    pub(in crate::reml) largest: T,
    /// The sum of log w over the weights w of all observations, in units of 2⁻⁶⁴.
    pub(in crate::reml) log_weights: i128,
}

/// The sums over the subjects that were seen at the same visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VisitSums<const N: usize, const K: usize> {
    pub(in crate::reml) observed: [bool; N],
    pub(in crate::reml) subjects: u32,
    /// The number of slices that were added to each bin.
    pub(in crate::reml) slices: u32,
    /// The largest exponent of each column of [X y] at each visit.
    pub(in crate::reml) exponents: Columns<Exponents<N>, K>,
    pub(in crate::reml) sums: Pairs<Bins<N>, K>,
}

/// The number of slices that a subject with weights adds to each bin, because its rows have two
/// parts.
const OF_WEIGHTED: u32 = 4;

/// The sum of log w is a multiple of the inverse of this number, 2⁻⁶⁴.
pub(in crate::reml) const LOG_UNITS: f64 = 18_446_744_073_709_551_616.0;

/// Rounds the logarithm of a weight towards zero.
#[expect(clippy::cast_possible_truncation, reason = "a logarithm is below 2¹⁰")]
fn in_log_units(logarithm: f64) -> i128 {
    (logarithm * LOG_UNITS) as i128
}

impl<T: Real, const N: usize, const K: usize, const PATTERNS: usize> Default
    for ReproducibleAccumulator<T, N, K, PATTERNS>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Real, const N: usize, const K: usize, const PATTERNS: usize>
    ReproducibleAccumulator<T, N, K, PATTERNS>
{
    /// Creates sums without any subject.
    #[must_use]
    pub fn new() -> Self {
        Self { patterns: [VisitSums::EMPTY; PATTERNS], used: 0, largest: T::zero(), log_weights: 0 }
    }

    /// Returns the sums for each set of visits.
    pub(in crate::reml) fn used(&self) -> &[VisitSums<N, K>] {
        self.patterns.get(..self.used).unwrap_or_default()
    }

    /// Returns the number of subjects.
    #[must_use]
    pub fn subjects(&self) -> usize {
        let subjects = self.used().iter().map(|pattern| pattern.subjects as usize);
        subjects.fold(0, usize::saturating_add)
    }

    /// Returns the number of observations.
    #[must_use]
    pub fn observations(&self) -> usize {
        let of = |pattern: &VisitSums<N, K>| {
            let rows = pattern.observed.iter().filter(|&&observed| observed).count();
            (pattern.subjects as usize).saturating_mul(rows)
        };
        self.used().iter().map(of).fold(0, usize::saturating_add)
    }

    /// Adds the subjects of another accumulator.
    ///
    /// # Errors
    ///
    /// Returns [`Error::PatternCount`] if there is no room for the sets of visits of both
    /// accumulators. Returns [`Error::SumsOutOfRange`] if there are too many subjects. After an
    /// error, the accumulator is unchanged.
    pub fn merge<const OTHERS: usize>(
        &mut self,
        other: &ReproducibleAccumulator<T, N, K, OTHERS>,
    ) -> Result<(), Error> {
        let mut added = 0;
        for theirs in other.used() {
            match self.used().iter().find(|own| own.observed == theirs.observed) {
                Some(own) => _ = own.with_slices(theirs.slices)?,
                None => added += 1,
            }
        }
        if self.used + added > PATTERNS {
            return Err(Self::FULL);
        }
        for theirs in other.used() {
            self.pattern(&theirs.observed)?.merge(theirs)?;
        }
        self.largest = self.largest.max(other.largest);
        self.log_weights = self.log_weights.wrapping_add(other.log_weights);
        Ok(())
    }

    /// The error if there is no room for another set of visits.
    const FULL: Error = Error::PatternCount { capacity: PATTERNS };

    /// Returns the sums over the subjects that were seen at exactly the visits `observed`. If there
    /// are no such subjects yet, inserts empty sums.
    fn pattern(&mut self, observed: &[bool; N]) -> Result<&mut VisitSums<N, K>, Error> {
        let place = self.used().partition_point(|pattern| pattern.observed < *observed);
        let is_there = self.used().get(place).is_some_and(|found| found.observed == *observed);
        if !is_there {
            let later = self.patterns.get_mut(place..=self.used).ok_or(Self::FULL)?;
            later.rotate_right(1);
            if let Some(new) = later.first_mut() {
                *new = VisitSums { observed: *observed, ..VisitSums::EMPTY };
            }
            self.used += 1;
        }
        self.patterns.get_mut(place).ok_or(Self::FULL)
    }
}

impl<T: Real + Into<f64>, const N: usize, const K: usize, const PATTERNS: usize>
    ReproducibleAccumulator<T, N, K, PATTERNS>
{
    /// Adds a subject that was seen at every visit.
    ///
    /// # Errors
    ///
    /// Returns [`Error::ResponseNotFinite`] or [`Error::DesignNotFinite`] for a number in y or X
    /// whose square is not finite. Returns [`Error::PatternCount`] if there is no room for another
    /// set of visits. Returns [`Error::SumsOutOfRange`] for more than 2³¹ subjects with the same
    /// set of visits, where a subject with weights counts four times. After an error, the
    /// accumulator is unchanged.
    pub fn push(&mut self, x: &SMatrix<T, N, K>, y: &SVector<T, N>) -> Result<(), Error> {
        self.push_observed(x, y, &[true; N])
    }

    /// Adds a subject that was seen at the visits i for which `observed[i]` is `true`. The other
    /// rows of x and y are ignored. A subject that was not seen at any visit does not change the
    /// sums.
    ///
    /// # Errors
    ///
    /// The errors of [`push`](Self::push).
    pub fn push_observed(
        &mut self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
        observed: &[bool; N],
    ) -> Result<(), Error> {
        if !observed.contains(&true) {
            return Ok(());
        }
        let data = Observed::new(x, y, observed)?;
        let rows = Columns::new(|a| Significands::new(&data.column(a).map(Into::into)));
        self.pattern(observed)?.push(&[rows])?;
        self.largest = self.largest.max(data.largest);
        Ok(())
    }

    /// Adds a subject whose observations have known weights w: Var(y) = D V D with D = diag(1/√w).
    /// An observation with weight 0 is missing. The rows are multiplied by √w, which is rounded to
    /// an `f64`, without rounding the products.
    ///
    /// # Errors
    ///
    /// The errors of [`push`](Self::push), and [`Error::NotWeight`] for a weight that is negative
    /// or not finite. The squares of the products with √w must be finite, too.
    pub fn push_weighted(
        &mut self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
        weights: &[T; N],
    ) -> Result<(), Error> {
        check_weights(weights)?;
        let observed = weights.map(|w| w > T::zero());
        if !observed.contains(&true) {
            return Ok(());
        }
        let data = Observed::new(x, y, &observed)?;
        let roots = weights.map(|w| sqrt::<f64>(w.into()));
        let products = Columns::<_, K>::new(|a| {
            let mut parts = [roots, roots];
            let [values, errors] = &mut parts;
            let entries = values.iter_mut().zip(errors).zip(data.column(a));
            for ((value, error), &x) in entries {
                (*value, *error) = two_product(*value, x.into());
            }
            parts
        });
        for col in 0..=K {
            let [values, _] = products.get(col);
            if let Some(row) = values.iter().position(|x| !(x * x).is_finite()) {
                let of_x = Error::DesignNotFinite { row, col };
                return Err(if col < K { of_x } else { Error::ResponseNotFinite { row } });
            }
        }
        let rows = [0, 1].map(|part: usize| {
            Columns::new(|a| {
                let [values, errors] = products.get(a);
                Significands::new(if part == 0 { values } else { errors })
            })
        });
        self.pattern(&observed)?.push(&rows)?;
        self.largest = self.largest.max(data.largest);
        for &w in weights.iter().filter(|w| **w > T::zero()) {
            self.log_weights = self.log_weights.wrapping_add(in_log_units(w.ln().into()));
        }
        Ok(())
    }
}

impl<T: Real + Into<f64>, const N: usize, const K: usize, const PATTERNS: usize>
    ReproducibleAccumulator<T, N, K, PATTERNS>
{
    /// Computes the sums from which a [`Panel`](crate::reml::Panel) can be
    /// [created](crate::reml::Panel::from_accumulator) and fitted. The bits of the result depend
    /// on the subjects, but not on their order.
    ///
    /// The coordinates X̃ = X T and ỹ = (y − X b)/s of an [`Accumulator`] are chosen for all
    /// subjects together: the columns of X̃ are orthogonal, and b is the coefficient vector of a
    /// model with a random intercept. The change of coordinates is computed in four times the
    /// precision of `f64`, so that the sums have twice the precision of `T`, as if they had been
    /// computed from the subjects.
    ///
    /// # Errors
    ///
    /// Returns [`Error::SumsOutOfRange`] if the sums or their coordinates overflow.
    pub fn to_accumulator(&self) -> Result<Accumulator<T, N, K, PATTERNS>, Error> {
        let mut out = Accumulator::new();
        if self.used == 0 {
            return Ok(out);
        }
        let scales = scales(&self.used().iter().map(|pattern| &pattern.exponents));
        let mut totals = Totals::default();
        for pattern in self.used() {
            totals.add(pattern.subjects, &pattern.observed, |i, j| pattern.products(i, j, &scales));
        }
        let coordinates = Coordinates::new::<T>(&totals, &scales);
        let sums = &mut out.sums;
        sums.reference = coordinates.standardisation(&scales);
        if self.largest.is_zero() {
            sums.reference.scale = T::zero();
        }
        sums.largest = self.largest;
        sums.log_weights = nalgebra::convert(self.log_weights as f64 / LOG_UNITS);
        for pattern in self.used() {
            let to = sums.patterns.add(&pattern.observed).ok_or(Self::FULL)?;
            to.subjects = pattern.subjects as usize;
            for j in 0..N {
                for i in 0..N {
                    coordinates.transform(&pattern.products(i, j, &scales), |a, b, product| {
                        let block = to.moments.get_mut(a, b);
                        let value = nalgebra::convert::<_, T>(product.value);
                        let rest = product.value - value.into() + product.error;
                        block.value[j][i] = value;
                        block.error[j][i] = nalgebra::convert(rest);
                        if a == b {
                            block.value[i][j] = block.value[j][i];
                            block.error[i][j] = block.error[j][i];
                        }
                    });
                }
            }
        }
        sums.check_sums()?;
        Ok(out)
    }
}

impl<const N: usize, const K: usize> VisitSums<N, K> {
    /// Returns the sums of products of each pair of columns of [X y] at the visits i and j. The
    /// columns are divided by the powers of two with the exponents `scales`.
    fn products(&self, i: usize, j: usize, scales: &Columns<i32, K>) -> Products<K> {
        Columns::new(|b| {
            Columns::new(|a| {
                let ((a, i), (b, j)) =
                    if (a, i) <= (b, j) { ((a, i), (b, j)) } else { ((b, j), (a, i)) };
                let field = |column, visit| {
                    self.exponents.get(column).0.get(visit).copied().unwrap_or_default()
                };
                let scale = scales.get(a) + scales.get(b);
                self.sums.get(a, b).sum((i, field(a, i)), (j, field(b, j)), scale)
            })
        })
    }

    pub(in crate::reml) const EMPTY: Self = Self {
        observed: [false; N],
        subjects: 0,
        slices: 0,
        exponents: Columns::of(Exponents::LEAST),
        sums: Pairs::new(Bins::ZERO),
    };

    /// Returns the number of slices after `more` slices were added to each bin.
    ///
    /// # Errors
    ///
    /// [`Error::SumsOutOfRange`] if the number of slices exceeds the capacity of a bin.
    fn with_slices(&self, more: u32) -> Result<u32, Error> {
        let slices = self.slices.checked_add(more).filter(|&slices| slices <= MOST_SLICES);
        slices.ok_or(Error::SumsOutOfRange)
    }

    /// Adds the products of a subject whose columns of [X y] are the sums of the given parts.
    fn push<const PARTS: usize>(
        &mut self,
        parts: &[Columns<Significands<N>, K>; PARTS],
    ) -> Result<(), Error> {
        self.slices = self.with_slices(if PARTS == 1 { 1 } else { OF_WEIGHTED })?;
        self.subjects = self.subjects.saturating_add(1);
        let most = Columns::new(|a| {
            parts.iter().fold(*self.exponents.get(a), |most, part| most.with(part.get(a)))
        });
        self.raise(&most);
        for b in 0..=K {
            for a in 0..=b {
                let sums = self.sums.get_mut(a, b);
                for left in parts {
                    for right in parts {
                        let left = (left.get(a), most.get(a));
                        sums.add_outer(left, (right.get(b), most.get(b)), a == b);
                    }
                }
            }
        }
        Ok(())
    }

    /// Changes the bins to those of larger exponents.
    fn raise(&mut self, most: &Columns<Exponents<N>, K>) {
        if *most == self.exponents {
            return;
        }
        for b in 0..=K {
            for a in 0..=b {
                let from = [self.exponents.get(a), self.exponents.get(b)];
                self.sums.get_mut(a, b).raise(from, [most.get(a), most.get(b)]);
            }
        }
        self.exponents = *most;
    }

    /// Adds the sums over other subjects that were seen at the same visits.
    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.slices = self.with_slices(other.slices)?;
        self.subjects = self.subjects.saturating_add(other.subjects);
        let most = Columns::new(|a| self.exponents.get(a).max(other.exponents.get(a)));
        self.raise(&most);
        for b in 0..=K {
            for a in 0..=b {
                let mut theirs = *other.sums.get(a, b);
                let from = [other.exponents.get(a), other.exponents.get(b)];
                theirs.raise(from, [most.get(a), most.get(b)]);
                self.sums.get_mut(a, b).merge(&theirs);
            }
        }
        Ok(())
    }
}
