//! The scalar type of matrices and parameters.

use nalgebra::{RealField, convert};

/// A scalar type: `f32`, `f64`, or dual numbers over one of them.
pub trait Real: RealField + Copy {}

impl<T: RealField + Copy> Real for T {}

/// Computes a power of the machine epsilon, with an exponent between 0 and 1, for use as a
/// tolerance. The computation cannot panic.
pub(crate) fn epsilon_to<T: Real>(power: f64) -> T {
    (T::default_epsilon().ln() * convert(power)).exp()
}
