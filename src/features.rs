//! Code of optional features that no other layer needs.

#[cfg(feature = "defmt")]
pub(crate) mod logging;
#[cfg(feature = "rayon")]
pub(crate) mod parallel;
