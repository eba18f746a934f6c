//! Tests, intervals, predictions and simulated data from a fit.

#[path = "../common/mod.rs"]
mod common;

mod fixed_effects;
mod prediction;
#[cfg(feature = "rand_core")]
mod simulation;
mod variances;
