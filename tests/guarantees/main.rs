//! Guarantees about the source: layers, public types, errors for wrong sizes, README, examples.

mod auto_traits;
mod examples;
mod layers;
mod readme;
mod tolerances;
mod type_errors;
