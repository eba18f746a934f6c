//! What optional features add.

#[cfg(feature = "defmt")]
pub(crate) mod logging;
#[cfg(feature = "rayon")]
pub(crate) mod parallel;
