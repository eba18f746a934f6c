//! Operators: matrices made of other matrices, with derivatives by the chain rule.

pub(crate) mod adapter;
pub(crate) mod augment;
pub(crate) mod block;
pub(crate) mod block_diagonal;
pub(crate) mod constrained;
pub(crate) mod covariance_propagation;
pub(crate) mod gram;
pub(crate) mod hadamard;
pub(crate) mod inverse;
pub(crate) mod kronecker;
pub(crate) mod named;
pub(crate) mod pair;
pub(crate) mod product;
pub(crate) mod smooth_map;
pub(crate) mod stack;
pub(crate) mod sum;
pub(crate) mod transpose;

pub use adapter::Adapter;
pub use augment::Augment;
pub use block_diagonal::BlockDiagonal;
pub use constrained::{Constrained, Source};
pub use covariance_propagation::CovariancePropagation;
pub use gram::{Gram, OuterGram};
pub use hadamard::HadamardProduct;
pub use inverse::Inverse;
pub use kronecker::KroneckerProduct;
pub use named::{Named, named};
pub use product::Product;
pub use smooth_map::{AffineMap, MapsTo, SmoothMap};
pub use stack::Stack;
pub use sum::{Plus, Sum};
pub use transpose::Transpose;
