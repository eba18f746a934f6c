//! Serialisation of accumulators, filters and results by [serde](https://serde.rs), without `std`
//! and without a heap (feature `serde`).
//!
//! | | written | restored |
//! |---|---|---|
//! | [`Accumulator`](crate::reml::Accumulator) of a [`Panel`](crate::reml::Panel), `HeapAccumulator` of a `HeapPanel` | the sums, for the sets of visits in use | checked; [`Panel::from_accumulator`](crate::reml::Panel::from_accumulator) |
//! | [`ReproducibleAccumulator`](crate::reml::ReproducibleAccumulator) | its [bytes](crate::reml::ReproducibleAccumulator::write_bytes), as a tuple | checked; [`to_accumulator`](crate::reml::ReproducibleAccumulator::to_accumulator) |
//! | [`KalmanFilter`](crate::kalman::KalmanFilter), [`CovarianceRecursion`](crate::kalman::CovarianceRecursion), [`SensitivityFilter`](crate::kalman::SensitivityFilter) | the complete state, including the system | checked |
//! | [`Fit`](crate::reml::Fit), [`StateSpaceFit`](crate::kalman::StateSpaceFit) | everything except the model | with the model: [`Fit::deserialize`](crate::reml::Fit::deserialize) |
//! | [`Inference`](crate::inference::Inference), [`KenwardRoger`](crate::inference::KenwardRoger), tests, intervals, errors | everything | as it was written |
//! | θ and other arrays | as tuples of any length | by this module; see [`deserialize`] |
//!
//! A binary format preserves all bits of each number, so that an interrupted stream of observations
//! gives the same fit as an uninterrupted one. Entries of θ may be infinite, and JSON cannot
//! represent infinite numbers. Restoring an accumulator or a filter checks its state, so that every
//! later result is a number or an [`Error`](crate::Error). A corrupted number that is still a valid
//! number is not detected; use a checksum to detect it.
//!
//! ```
//! use covprop::prelude::*;
//!
//! let model = Marginal::new(CompoundSymmetricMatrix::<2>::new());
//! let ones = SVector::<f64, 2>::repeat(1.0);
//! let mut panel = Panel::new(model);
//! panel.push(&ones, &vector![1.0, 3.0])?;
//! panel.push(&ones, &vector![2.0, 2.0])?;
//!
//! let mut memory = [0; 512];
//! let written = postcard::to_slice(panel.accumulator(), &mut memory)?; // power fails
//! let mut restored = Panel::from_accumulator(model, postcard::from_bytes(written)?);
//!
//! for panel in [&mut panel, &mut restored] {
//!     panel.push(&ones, &vector![7.0, 9.0])?;
//! }
//! assert_eq!(panel.fit()?.params, restored.fit()?.params);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

use core::fmt;

use hybrid_array::{Array, ArraySize, AssocArraySize};
use nalgebra::SMatrix;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, SerializeTuple, Serializer};

use crate::base::error::text::Text;
use crate::base::finite::check_finite;
use crate::base::scalar::Real;

/// Serialises an array of parameters, `[T; P]` or [`PerParam`](crate::algebra::PerParam), of any
/// length; see [`deserialize`].
///
/// # Errors
///
/// Returns the errors of the serializer.
pub fn serialize<A, S>(array: &A, serializer: S) -> Result<S::Ok, S::Error>
where
    A: AsRef<[A::Item]> + IntoIterator<Item: Serialize>,
    S: Serializer,
{
    let array = array.as_ref();
    let mut tuple = serializer.serialize_tuple(array.len())?;
    for element in array {
        tuple.serialize_element(element)?;
    }
    tuple.end()
}

/// Deserialises an array of parameters, `[T; P]` or [`PerParam`](crate::algebra::PerParam), of any
/// length. The implementations for arrays in serde itself stop at 32 elements.
///
/// ```
/// use covprop::prelude::*;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Settings {
///     #[serde(with = "covprop::serde_array")]
///     theta: Theta<DiagonalMatrix<40>, f64>,
/// }
/// let mut memory = [0; 320];
/// let written = postcard::to_slice(&Settings { theta: [f64::NEG_INFINITY; 40] }, &mut memory)?;
/// assert_eq!(postcard::from_bytes::<Settings>(written)?.theta, [f64::NEG_INFINITY; 40]);
/// # Ok::<(), postcard::Error>(())
/// ```
///
/// # Errors
///
/// Returns the errors of the deserializer, including an error for an array with too few elements.
pub fn deserialize<'de, A, D>(deserializer: D) -> Result<A, D::Error>
where
    A: AssocArraySize + IntoIterator<Item: Deserialize<'de>> + From<Array<A::Item, A::Size>>,
    D: Deserializer<'de>,
{
    Array::<A::Item, A::Size>::deserialize(deserializer).map(A::from)
}

const NOT_FINITE: &str = "a number of the state is not finite";

/// A value that consists of numbers.
pub(crate) trait Finite {
    /// Returns `true` if all numbers of the value are finite.
    fn is_finite(&self) -> bool;
}

impl<T: Real, const R: usize, const C: usize> Finite for SMatrix<T, R, C> {
    fn is_finite(&self) -> bool {
        check_finite(self).is_ok()
    }
}

impl<A: Finite, P: ArraySize> Finite for Array<A, P> {
    fn is_finite(&self) -> bool {
        self.iter().all(A::is_finite)
    }
}

/// Returns the deserialised value if `holds` returns `true` for this value, and otherwise an error.
fn only_if<A, E: de::Error>(holds: impl FnOnce(&A) -> bool, value: A, error: &str) -> Result<A, E> {
    if holds(&value) { Ok(value) } else { Err(E::custom(error)) }
}

/// Deserialises a value whose numbers must be finite.
pub(crate) fn finite<'de, A, D>(deserializer: D) -> Result<A, D::Error>
where
    A: Finite + Deserialize<'de>,
    D: Deserializer<'de>,
{
    only_if(A::is_finite, A::deserialize(deserializer)?, NOT_FINITE)
}

/// Deserialises a number that must be finite.
pub(crate) fn number<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Real + Deserialize<'de>,
    D: Deserializer<'de>,
{
    only_if(T::is_finite, T::deserialize(deserializer)?, NOT_FINITE)
}

/// Deserialises an array of numbers that must be finite.
pub(crate) fn numbers<'de, T, P, D>(deserializer: D) -> Result<Array<T, P>, D::Error>
where
    T: Real + Deserialize<'de>,
    P: ArraySize,
    D: Deserializer<'de>,
{
    let are_finite = |array: &Array<T, P>| array.iter().all(T::is_finite);
    only_if(are_finite, Array::deserialize(deserializer)?, NOT_FINITE)
}

/// A value that consists of one or more square matrices.
pub(crate) trait Symmetric: Finite {
    /// Returns `true` if every matrix is exactly symmetric.
    fn is_symmetric(&self) -> bool;
}

impl<T: Real, const N: usize> Symmetric for SMatrix<T, N, N> {
    fn is_symmetric(&self) -> bool {
        *self == self.transpose()
    }
}

impl<A: Symmetric, P: ArraySize> Symmetric for Array<A, P> {
    fn is_symmetric(&self) -> bool {
        self.iter().all(A::is_symmetric)
    }
}

/// Deserialises matrices that must be symmetric and finite.
pub(crate) fn symmetric<'de, A, D>(deserializer: D) -> Result<A, D::Error>
where
    A: Symmetric + Deserialize<'de>,
    D: Deserializer<'de>,
{
    only_if(A::is_symmetric, finite(deserializer)?, "a matrix of the state is not symmetric")
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl Visitor<'_> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text::restored(text))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}
