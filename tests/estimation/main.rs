//! Likelihoods by REML and ML, and the search for their maximum.

#[path = "../common/mod.rs"]
mod common;

mod degenerate;
mod explore;
mod factors;
#[cfg(feature = "alloc")]
mod heap;
mod invariance;
mod likelihood;
mod panel;
mod reproducible;
mod search;
mod simulated;
mod stack;
mod subjects;
