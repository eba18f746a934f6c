//! Operators: what combines matrices, with the derivatives of the result by the chain rule.

mod covariance_propagation;
mod sum;

pub use covariance_propagation::CovariancePropagation;
pub use sum::Sum;
