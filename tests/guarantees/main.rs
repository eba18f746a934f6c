//! Guarantees about the source: the layers, the public types, the errors for wrong sizes, the README.

mod auto_traits;
mod layers;
mod readme;
mod tolerances;
mod type_errors;
