//! Others who compute the same.

pub mod eigen;
pub mod faer;
pub mod nalgebra;
pub mod num_dual;
