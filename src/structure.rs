//! Structures: the leaves of every model, one a file.

mod ar1;
#[cfg(feature = "autodiff")]
mod custom;
mod diagonal;
mod distances;
mod dummy;
mod equal_entry;
mod equicorrelation;
mod factor_analytic;
mod fixed;
mod heterogeneous;
mod homogeneous;
mod identity;
mod isotropic;
mod levels;
mod log_cholesky;
mod lower_triangular;
mod reference;
mod scalar;
mod unconstrained;

pub use ar1::{Ar1CorrelationMatrix, Ar1Matrix};
#[cfg(feature = "autodiff")]
pub use custom::{Autodiff, CustomMatrix, MatrixFunction};
pub use diagonal::DiagonalMatrix;
pub use distances::Distances;
pub use dummy::DummyMatrix;
pub use equal_entry::EqualEntryMatrix;
pub use equicorrelation::{CompoundSymmetricMatrix, Correlation, EquicorrelationMatrix};
pub use factor_analytic::FactorAnalyticMatrix;
pub use heterogeneous::{
    HeterogeneousAr1Matrix, HeterogeneousCompoundSymmetricMatrix, HeterogeneousMatrix,
};
pub use homogeneous::HomogeneousMatrix;
pub use identity::IdentityMatrix;
pub use isotropic::{
    CorrelationFunction, Exponential, ExponentialMatrix, Gaussian, GaussianMatrix,
    IsotropicCorrelationMatrix, Matern, MaternMatrix,
};
pub use levels::{CrossedLabel, Levels};
pub use log_cholesky::LogCholeskyMatrix;
pub use lower_triangular::LowerTriangularMatrix;
pub use scalar::ScalarMatrix;
pub use unconstrained::UnconstrainedMatrix;

/// The places (i, j) with j ≤ min(i, cols−1), row by row: the order of the parameters of a lower
/// triangle.
#[inline]
fn lower_places(rows: usize, cols: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |i| (0..cols.min(i + 1)).map(move |j| (i, j)))
}
