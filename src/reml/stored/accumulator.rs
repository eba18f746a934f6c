//! Serialisation of accumulators, and the checks during deserialisation.

pub(crate) mod patterns;

use core::marker::PhantomData;

use nalgebra::{ArrayStorage, SMatrix, SVector};
use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::panel::accumulator::Accumulator;
#[cfg(feature = "alloc")]
use crate::reml::panel::heap::accumulator::HeapAccumulator;
use crate::reml::panel::sums::Sums;
use crate::reml::panel::sums::patterns::Patterns;
use crate::reml::standardisation::Standardisation;
use crate::reml::stored::accumulator::patterns::{ReadPatterns, WrittenPatterns};

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

impl<T, const N: usize, const K: usize, const PATTERNS: usize> Serialize
    for Accumulator<T, N, K, PATTERNS>
where
    T: Real + Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.sums.serialize(serializer)
    }
}

impl<'de, T, const N: usize, const K: usize, const PATTERNS: usize> Deserialize<'de>
    for Accumulator<T, N, K, PATTERNS>
where
    T: Real + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { sums: Sums::deserialize(deserializer)? })
    }
}

#[cfg(feature = "alloc")]
impl<T, const N: usize, const K: usize> Serialize for HeapAccumulator<T, N, K>
where
    T: Real + Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.sums.serialize(serializer)
    }
}

#[cfg(feature = "alloc")]
impl<'de, T, const N: usize, const K: usize> Deserialize<'de> for HeapAccumulator<T, N, K>
where
    T: Real + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { sums: Sums::deserialize(deserializer)? })
    }
}

impl<P, T, const N: usize, const K: usize> Serialize for Sums<P, T, N, K>
where
    T: Real + Serialize,
    P: Patterns<T, N, K>,
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
        let (version, patterns) =
            (Version, WrittenPatterns::<P, T, N, K>(&self.patterns, PhantomData));
        StoredAccumulator { version, reference, patterns, largest, log_weights }
            .serialize(serializer)
    }
}

impl<'de, P, T, const N: usize, const K: usize> Deserialize<'de> for Sums<P, T, N, K>
where
    T: Real + Deserialize<'de>,
    P: Patterns<T, N, K>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let StoredAccumulator { version: Version, reference, patterns, largest, log_weights } =
            StoredAccumulator::<StoredReference<T, K>, ReadPatterns<P, T, N, K>, T>::deserialize(
                deserializer,
            )?;
        let StoredReference { basis, shift, scale, open } = reference;
        let reference =
            Standardisation { basis: basis.data.0, shift: shift.into(), scale, open: open.into() };
        let sums = Self { reference, patterns: patterns.0, largest, log_weights };
        sums.check().map_err(de::Error::custom)?;
        Ok(sums)
    }
}

impl<P, T: Real, const N: usize, const K: usize> Sums<P, T, N, K>
where
    P: Patterns<T, N, K>,
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
