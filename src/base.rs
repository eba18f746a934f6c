//! Scalars, arrays, dimensions and errors, on which all other modules are built.

pub(crate) mod arrays;
pub(crate) mod digits;
pub mod dim;
pub(crate) mod error;
pub(crate) mod finite;
pub(crate) mod near;
pub(crate) mod scalar;
#[cfg(feature = "serde")]
pub mod serde_array;
