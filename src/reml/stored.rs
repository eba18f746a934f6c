//! The stored form of accumulators and fits.

pub(crate) mod accumulator;
pub(crate) mod fit;
