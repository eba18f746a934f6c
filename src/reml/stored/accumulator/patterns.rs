//! Serialisation of the sums for each set of visits.

use core::fmt;
use core::marker::PhantomData;

use nalgebra::{ArrayStorage, SVector};
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTuple, Serializer};

use crate::base::scalar::Real;
use crate::reml::cross_products::{Block, CrossProducts};
use crate::reml::panel::sums::Sums;
use crate::reml::panel::sums::patterns::Patterns;

/// The stored form of the sums for one set of visits, where `A` is the type of the cross-products.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "Pattern")]
struct StoredPattern<A, const N: usize> {
    observed: SVector<bool, N>,
    subjects: usize,
    moments: A,
}

/// The stored form of the sums for each set of visits is a sequence of [`StoredPattern`].
pub(super) struct WrittenPatterns<'p, P, T, const N: usize, const K: usize>(
    pub(super) &'p P,
    pub(super) PhantomData<T>,
);

impl<P, T, const N: usize, const K: usize> Serialize for WrittenPatterns<'_, P, T, N, K>
where
    T: Real + Serialize,
    P: Patterns<T, N, K>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.used().iter().map(|pattern| StoredPattern {
            observed: SVector::from(pattern.observed),
            subjects: pattern.subjects,
            moments: WrittenMoments::<_, T, N, K>(&pattern.moments, PhantomData),
        }))
    }
}

/// The deserialised sums for each set of visits.
pub(super) struct ReadPatterns<P, T, const N: usize, const K: usize>(pub(super) P, PhantomData<T>);

impl<'de, P, T, const N: usize, const K: usize> Deserialize<'de> for ReadPatterns<P, T, N, K>
where
    T: Real + Deserialize<'de>,
    P: Patterns<T, N, K>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(PatternsVisitor(PhantomData))
    }
}

struct PatternsVisitor<P, T, const N: usize, const K: usize>(PhantomData<(P, T)>);

impl<'de, P, T, const N: usize, const K: usize> Visitor<'de> for PatternsVisitor<P, T, N, K>
where
    T: Real + Deserialize<'de>,
    P: Patterns<T, N, K>,
{
    type Value = ReadPatterns<P, T, N, K>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match P::CAPACITY {
            Some(capacity) => write!(f, "up to {capacity} sets of visits"),
            None => f.write_str("sets of visits"),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut read = P::new();
        while let Some(stored) = seq.next_element()? {
            let StoredPattern::<_, N> { observed, subjects, moments } = stored;
            let ReadMoments::<P::Products, T, N, K>(moments, _) = moments;
            let pattern = read.add(&observed.into()).ok_or(Sums::<P, T, N, K>::FULL);
            let pattern = pattern.map_err(de::Error::custom)?;
            (pattern.subjects, pattern.moments) = (subjects, moments);
        }
        Ok(ReadPatterns(read, PhantomData))
    }
}

/// Returns all pairs (a, b) of columns a ≤ b of the data [X y].
fn pairs<const K: usize>() -> impl Iterator<Item = (usize, usize)> {
    (0..=K).flat_map(|b| (0..=b).map(move |a| (a, b)))
}

/// The stored form of cross-products is a tuple of the (K+1)(K+2)/2 sums for pairs of columns
/// a ≤ b, each with its rounding errors.
struct WrittenMoments<'b, B, T, const N: usize, const K: usize>(&'b B, PhantomData<T>);

impl<B, T, const N: usize, const K: usize> Serialize for WrittenMoments<'_, B, T, N, K>
where
    T: Real + Serialize,
    B: CrossProducts<T, N, K>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(pairs::<K>().count())?;
        for (a, b) in pairs::<K>() {
            let Block::<T, N> { value, error } = *self.0.stored(a, b);
            tuple.serialize_element(&(ArrayStorage(value), ArrayStorage(error)))?;
        }
        tuple.end()
    }
}

/// The deserialised cross-products of one set of visits.
struct ReadMoments<B, T, const N: usize, const K: usize>(B, PhantomData<T>);

impl<'de, B, T, const N: usize, const K: usize> Deserialize<'de> for ReadMoments<B, T, N, K>
where
    T: Real + Deserialize<'de>,
    B: CrossProducts<T, N, K>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(pairs::<K>().count(), MomentsVisitor(PhantomData))
    }
}

struct MomentsVisitor<B, T, const N: usize, const K: usize>(PhantomData<(B, T)>);

impl<'de, B, T, const N: usize, const K: usize> Visitor<'de> for MomentsVisitor<B, T, N, K>
where
    T: Real + Deserialize<'de>,
    B: CrossProducts<T, N, K>,
{
    type Value = ReadMoments<B, T, N, K>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the products of {K} columns and a response")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        type Pair<T, const N: usize> = (ArrayStorage<T, N, N>, ArrayStorage<T, N, N>);

        let mut moments = B::new();
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
        Ok(ReadMoments(moments, PhantomData))
    }
}
