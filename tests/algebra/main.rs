//! Matrices of parameters: values, derivatives, names, transforms and the laws that they obey.

#[path = "../common/mod.rs"]
mod common;

mod evaluation;
mod laws;
mod names;
mod own;
mod round_trips;
mod scales;
mod structures;
mod transforms;
