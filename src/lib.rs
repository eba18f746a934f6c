//! Covariance matrices that are functions of parameters, with every dimension known to the compiler.
#![no_std]
#![forbid(unsafe_code)]

pub mod dim;
mod error;
mod kernel;
mod matrix;
pub mod name;
mod operator;
mod partial;
mod structure;
mod transform;

pub use dim::Extent;
pub use error::{Error, Text};
pub use matrix::{Gradient, ParamMatrix, Params, Pattern, Real, Shape, Theta};
pub use name::{Named, ParamName, ParamNames, named};
pub use operator::{CovariancePropagation, Sum};
pub use partial::Partial;
pub use structure::{
    CrossedLabel, DiagonalMatrix, DummyMatrix, IdentityMatrix, Levels, LowerTriangularMatrix,
    ScalarMatrix, UnconstrainedMatrix,
};
pub use transform::{
    Chain, Exp, Exp2, Exp10, ExpPow2, Identity, Pow, ScaleShift, Sigmoid, Transform,
};

pub use {approx, nalgebra, typenum};
