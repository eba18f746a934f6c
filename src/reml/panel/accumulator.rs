//! The sums of a panel, which are stored in arrays.

use crate::base::scalar::Real;
use crate::reml::panel::sums::in_place::Places;
use crate::reml::panel::sums::{Summed, Sums};

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
    pub(in crate::reml) sums: Sums<Places<T, N, K, PATTERNS>, T, N, K>,
}

impl<T: Real, const N: usize, const K: usize, const PATTERNS: usize>
    Accumulator<T, N, K, PATTERNS>
{
    pub(super) fn new() -> Self {
        Self { sums: Sums::new() }
    }
}

impl<T: Real, const N: usize, const K: usize, const PATTERNS: usize> Summed
    for Accumulator<T, N, K, PATTERNS>
{
    type Sums = Sums<Places<T, N, K, PATTERNS>, T, N, K>;

    fn sums(&self) -> &Self::Sums {
        &self.sums
    }
}
