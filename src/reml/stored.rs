//! Serialisation of panel accumulators and fits.

pub(crate) mod accumulator;
pub(crate) mod fit;
pub(crate) mod reproducible;
