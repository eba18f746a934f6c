//! What a parametrised matrix is.

pub(crate) mod check;
pub(crate) mod cone;
pub(crate) mod coordinates;
pub(crate) mod delegate;
pub(crate) mod derivative;
pub(crate) mod evaluate;
pub(crate) mod expression;
pub(crate) mod factored;
pub(crate) mod low_rank;
pub(crate) mod matrix;
pub mod name;
pub(crate) mod operands;
pub(crate) mod shape;
pub(crate) mod sparsity;
pub(crate) mod start;
pub(crate) mod tree;
pub mod visit;
