//! The scalar type of matrices and parameters.

use nalgebra::{RealField, convert};

/// A scalar: `f32`, `f64` or a dual number over them.
pub trait Real: RealField + Copy {}

impl<T: RealField + Copy> Real for T {}

/// Computes the machine epsilon to a power between 0 and 1, for use as a tolerance, by functions
/// that cannot panic.
pub(crate) fn epsilon_to<T: Real>(power: f64) -> T {
    (T::default_epsilon().ln() * convert(power)).exp()
}
