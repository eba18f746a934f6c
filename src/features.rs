//! Code of optional features on which no other module depends.

#[cfg(feature = "defmt")]
pub(crate) mod logging;
#[cfg(feature = "rayon")]
pub(crate) mod parallel;
