//! Operators: what combines matrices, with the derivatives of the result by the chain rule.

mod adapter;
mod augment;
mod block;
mod block_diagonal;
mod constrained;
mod covariance_propagation;
mod gram;
mod hadamard;
mod inverse;
mod kronecker;
mod pair;
mod product;
mod smooth_map;
mod stack;
mod sum;
mod transpose;

pub use adapter::Adapter;
pub use augment::Augment;
pub use block_diagonal::BlockDiagonal;
pub use constrained::{Constrained, Source};
pub use covariance_propagation::CovariancePropagation;
pub use gram::{Gram, OuterGram};
pub use hadamard::HadamardProduct;
pub use inverse::Inverse;
pub use kronecker::KroneckerProduct;
pub use product::Product;
pub use smooth_map::{AffineMap, MapsTo, SmoothMap};
pub use stack::Stack;
pub use sum::{Plus, Sum};
pub use transpose::Transpose;
