//! What is written of accumulators and fits.

mod accumulator;
mod fit;
