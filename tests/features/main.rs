//! The optional features of the crate, each in a module of its own.

#[cfg(feature = "serde")]
#[path = "../common/mod.rs"]
mod common;

#[cfg(feature = "autodiff")]
mod autodiff;
#[cfg(feature = "defmt")]
mod logging;
#[cfg(feature = "rayon")]
mod parallel;
#[cfg(feature = "serde")]
mod persistence;
