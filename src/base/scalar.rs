//! The scalar.

use nalgebra::RealField;

/// The scalar: `f32`, `f64` or a dual number over them.
pub trait Real: RealField + Copy {}

impl<T: RealField + Copy> Real for T {}
