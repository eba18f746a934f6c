//! The default transforms of correlations.

use crate::transform::affine::ScaleShift;
use crate::transform::chain::Chain;
use crate::transform::sigmoid::Sigmoid;

/// The default transform of a correlation: the [`Sigmoid`] mapped onto an interval.
pub type Correlation = Chain<Sigmoid, ScaleShift>;

/// The transform tanh(x/2) onto (−1, 1).
pub(super) const ANY_CORRELATION: Correlation = Chain::new(Sigmoid, ScaleShift::new(2.0, -1.0));
