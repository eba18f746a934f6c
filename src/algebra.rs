//! The traits of parametrised matrices: shape, value, derivatives and parameter names.

pub(crate) mod check;
pub(crate) mod cone;
pub(crate) mod delegate;
pub(crate) mod derivative;
pub(crate) mod matrix;
pub(crate) mod operands;
pub(crate) mod shape;
pub(crate) mod sparsity;
pub(crate) mod start;
pub mod visit;
