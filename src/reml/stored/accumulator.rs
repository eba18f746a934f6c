//! Serialisation of accumulators, and the checks during deserialisation.

use core::fmt;
use core::marker::PhantomData;

use nalgebra::{ArrayStorage, SMatrix, SVector};
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTuple, Serializer};

use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::cross_products::{Block, CrossProducts};
use crate::reml::panel::accumulator::{Accumulator, VisitPattern};
use crate::reml::standardisation::Standardisation;

/// The version of the stored form of an accumulator, which is increased by one when the stored
/// numbers or their meaning change. ARCHITECTURE.md describes the stored form of the present
/// version.
const VERSION: u16 = 1;

/// The [version](VERSION) of the stored form of an accumulator. The version is read before all
/// other fields, so that the error for a different version can state the number of that version.
struct Version;

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        VERSION.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = u16::deserialize(deserializer)?;
        let other = Error::StoredVersion { expected: VERSION, found };
        if found == VERSION { Ok(Self) } else { Err(de::Error::custom(other)) }
    }
}

/// The stored form of an [`Accumulator`]. The type parameter `R` is the type of the coordinates of
/// the data, and `P` is the type of the sums for all patterns of observed visits.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Accumulator")]
struct StoredAccumulator<R, P, T> {
    version: Version,
    reference: R,
    patterns: P,
    largest: T,
    log_weights: T,
}

/// The stored form of a [`Standardisation`].
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(
    rename = "Standardisation",
    bound(serialize = "T: Real + Serialize", deserialize = "T: Real + Deserialize<'de>")
)]
struct StoredReference<T, const K: usize> {
    basis: SMatrix<T, K, K>,
    shift: SVector<T, K>,
    scale: T,
    open: SVector<bool, K>,
}

/// The stored form of a [`VisitPattern`], where `A` is the type of its cross-products.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Pattern")]
struct StoredPattern<A, const N: usize> {
    observed: SVector<bool, N>,
    subjects: usize,
    moments: A,
}

impl<T, const N: usize, const K: usize, const PATTERNS: usize> Serialize
    for Accumulator<T, N, K, PATTERNS>
where
    T: Real + Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Standardisation { basis, shift, scale, open } = self.reference;
        let reference = StoredReference {
            basis: SMatrix::from_data(ArrayStorage(basis)),
            shift: SVector::from(shift),
            scale,
            open: SVector::from(open),
        };
        let (largest, log_weights) = (self.largest, self.log_weights);
        let (version, patterns) = (Version, self.used());
        StoredAccumulator { version, reference, patterns, largest, log_weights }
            .serialize(serializer)
    }
}

impl<'de, T, const N: usize, const K: usize, const PATTERNS: usize> Deserialize<'de>
    for Accumulator<T, N, K, PATTERNS>
where
    T: Real + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredAccumulator { version: Version, reference, patterns, largest, log_weights } =
            StoredAccumulator::<StoredReference<T, K>, Used<T, N, K, PATTERNS>, T>::deserialize(
                deserializer,
            )?;
        let StoredReference { basis, shift, scale, open } = reference;
        let reference =
            Standardisation { basis: basis.data.0, shift: shift.into(), scale, open: open.into() };
        let Used { patterns, used } = patterns;
        let accumulator = Self { reference, patterns, used, largest, log_weights };
        accumulator.check().map_err(de::Error::custom)?;
        Ok(accumulator)
    }
}

impl<T: Real, const N: usize, const K: usize, const PATTERNS: usize>
    Accumulator<T, N, K, PATTERNS>
{
    /// Checks that the numbers of the accumulator could be sums over some subjects.
    fn check(&self) -> Result<(), &'static str> {
        let Standardisation { basis, scale, .. } = &self.reference;
        let is_size = |x: &T| x.is_finite() && *x >= T::zero();
        if !scale.is_zero() && !is_power_of_two(*scale) {
            return Err("the scale of the accumulator is negative or no power of two");
        }
        if !is_size(scale) || !is_size(&self.largest) {
            return Err(
                "a number of the accumulator is not finite, or negative where it cannot be",
            );
        }
        for (j, column) in basis.iter().enumerate() {
            let is_triangular = column.iter().skip(j + 1).all(T::is_zero);
            if !is_triangular || !is_power_of_two(column[j]) {
                return Err("the coordinates of the accumulator are none");
            }
        }
        for (place, pattern) in self.used().iter().enumerate() {
            if pattern.subjects == 0 || pattern.rows() == 0 {
                return Err("a set of visits is empty");
            }
            if self.used().iter().take(place).any(|other| other.observed == pattern.observed) {
                return Err("a set of visits is there twice");
            }
        }
        self.checked_observations().ok_or("there are more observations than can be counted")?;
        if !self.are_in_range() {
            return Err("a number of the accumulator is too large");
        }
        if !self.are_possible() {
            return Err("no data have the sums of the accumulator");
        }
        Ok(())
    }
}

/// Returns `true` if x is a power of two, so that division by x is exact.
fn is_power_of_two<T: Real>(x: T) -> bool {
    const FRACTION: u64 = (1 << 52) - 1;
    let bits = nalgebra::convert_unchecked::<T, f64>(x).to_bits();
    x > T::zero() && x.is_finite() && bits & FRACTION == 0
}

/// The patterns of observed visits of an accumulator. Only the first `used` patterns are in use.
struct Used<T, const N: usize, const K: usize, const PATTERNS: usize> {
    patterns: [VisitPattern<T, N, K>; PATTERNS],
    used: usize,
}

impl<'de, T, const N: usize, const K: usize, const PATTERNS: usize> Deserialize<'de>
    for Used<T, N, K, PATTERNS>
where
    T: Real + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(UsedVisitor(PhantomData))
    }
}

struct UsedVisitor<T, const N: usize, const K: usize, const PATTERNS: usize>(PhantomData<T>);

impl<'de, T, const N: usize, const K: usize, const PATTERNS: usize> Visitor<'de>
    for UsedVisitor<T, N, K, PATTERNS>
where
    T: Real + Deserialize<'de>,
{
    type Value = Used<T, N, K, PATTERNS>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "up to {PATTERNS} sets of visits")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut read = Used { patterns: [VisitPattern::new(); PATTERNS], used: 0 };
        while let Some(pattern) = seq.next_element()? {
            let full = Error::PatternCount { capacity: PATTERNS };
            let place = read.patterns.get_mut(read.used).ok_or(full);
            *place.map_err(de::Error::custom)? = pattern;
            read.used += 1;
        }
        Ok(read)
    }
}

impl<T: Real + Serialize, const N: usize, const K: usize> Serialize for VisitPattern<T, N, K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let observed = SVector::from(self.observed);
        StoredPattern { observed, subjects: self.subjects, moments: &self.moments }
            .serialize(serializer)
    }
}

impl<'de, T, const N: usize, const K: usize> Deserialize<'de> for VisitPattern<T, N, K>
where
    T: Real + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredPattern { observed, subjects, moments } =
            StoredPattern::<_, N>::deserialize(deserializer)?;
        Ok(Self { observed: observed.into(), subjects, last: 1, moments })
    }
}

/// Returns all pairs (a, b) of columns a ≤ b of the data [X y].
fn pairs<const K: usize>() -> impl Iterator<Item = (usize, usize)> {
    (0..=K).flat_map(|b| (0..=b).map(move |a| (a, b)))
}

/// The stored form of cross-products is a tuple of the (K+1)(K+2)/2 sums for pairs of columns
/// a ≤ b, each with its rounding errors.
impl<T: Real + Serialize, const N: usize, const K: usize> Serialize for CrossProducts<T, N, K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(pairs::<K>().count())?;
        for (a, b) in pairs::<K>() {
            let Block::<T, N> { value, error } = *self.stored(a, b);
            tuple.serialize_element(&(ArrayStorage(value), ArrayStorage(error)))?;
        }
        tuple.end()
    }
}

impl<'de, T, const N: usize, const K: usize> Deserialize<'de> for CrossProducts<T, N, K>
where
    T: Real + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(pairs::<K>().count(), MomentsVisitor(PhantomData))
    }
}

struct MomentsVisitor<T, const N: usize, const K: usize>(PhantomData<T>);

impl<'de, T, const N: usize, const K: usize> Visitor<'de> for MomentsVisitor<T, N, K>
where
    T: Real + Deserialize<'de>,
{
    type Value = CrossProducts<T, N, K>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the products of {K} columns and a response")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        type Pair<T, const N: usize> = (ArrayStorage<T, N, N>, ArrayStorage<T, N, N>);

        let mut moments = CrossProducts::new();
        for (place, (a, b)) in pairs::<K>().enumerate() {
            let block = seq.next_element::<Pair<T, N>>()?;
            let (value, error) = block.ok_or_else(|| de::Error::invalid_length(place, &self))?;
            let block = Block { value: value.0, error: error.0 };
            if !block.total().iter().flatten().chain(block.value.iter().flatten()).all(T::is_finite)
            {
                return Err(de::Error::custom("a sum of the accumulator is not finite"));
            }
            *moments.block_mut(a, b) = block;
        }
        Ok(moments)
    }
}
