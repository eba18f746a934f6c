//! The transform of a correlation.

use crate::{Chain, ScaleShift, Sigmoid};

/// The default transform of a correlation: the [`Sigmoid`] mapped onto an interval.
pub type Correlation = Chain<Sigmoid, ScaleShift>;

/// Onto (−1, 1).
pub(super) const ANY_CORRELATION: Correlation = Chain::new(Sigmoid, ScaleShift::new(2.0, -1.0));
