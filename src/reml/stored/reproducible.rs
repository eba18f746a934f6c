//! Serialisation of reproducible sums as a tuple of bytes.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTuple, Serializer};

use crate::base::scalar::Real;
use crate::reml::panel::reproducible::ReproducibleAccumulator;

impl<T, const N: usize, const K: usize, const PATTERNS: usize> Serialize
    for ReproducibleAccumulator<T, N, K, PATTERNS>
where
    T: Real + Into<f64>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(Self::BYTES)?;
        self.write(|number, width| {
            let mut bytes = number.to_le_bytes().into_iter().take(width);
            bytes.try_for_each(|byte| tuple.serialize_element(&byte))
        })?;
        tuple.end()
    }
}

impl<'de, T, const N: usize, const K: usize, const PATTERNS: usize> Deserialize<'de>
    for ReproducibleAccumulator<T, N, K, PATTERNS>
where
    T: Real + Into<f64>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(Self::BYTES, BytesVisitor(PhantomData))
    }
}

struct BytesVisitor<A>(PhantomData<A>);

impl<'de, T, const N: usize, const K: usize, const PATTERNS: usize> Visitor<'de>
    for BytesVisitor<ReproducibleAccumulator<T, N, K, PATTERNS>>
where
    T: Real + Into<f64>,
{
    type Value = ReproducibleAccumulator<T, N, K, PATTERNS>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", Self::Value::BYTES)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut place = 0;
        Self::Value::read(
            |width| {
                let mut bytes = [0; size_of::<u64>()];
                for byte in bytes.iter_mut().take(width) {
                    let next = seq.next_element()?;
                    *byte = next.ok_or_else(|| de::Error::invalid_length(place, &self))?;
                    place += 1;
                }
                Ok(u64::from_le_bytes(bytes))
            },
            de::Error::custom,
        )
    }
}
