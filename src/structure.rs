//! Structures: the leaves of every model, one a file.

mod ante_dependence;
mod ar1;
mod banded_toeplitz;
mod correlation;
mod correlation_function;
#[cfg(feature = "autodiff")]
mod custom;
mod diagonal;
mod distances;
mod dual;
mod dummy;
mod equal_entry;
mod equicorrelation;
mod factor_analytic;
mod fixed;
mod group_variance;
mod heterogeneous;
mod homogeneous;
mod identity;
mod isotropic;
mod known;
mod levels;
mod log_cholesky;
mod lower_triangular;
mod reference;
mod scalar;
mod toeplitz;
mod unconstrained;
mod variance_function;
mod weighted;

pub use ante_dependence::{AnteDependenceCorrelationMatrix, AnteDependenceMatrix};
pub use ar1::{Ar1CorrelationMatrix, Ar1Matrix};
pub use banded_toeplitz::{
    BandedToeplitzCorrelationMatrix, BandedToeplitzMatrix, HeterogeneousBandedToeplitzMatrix,
};
pub use correlation::Correlation;
pub use correlation_function::{CorrelationFunction, Exponential, Gaussian, Matern};
#[cfg(feature = "autodiff")]
pub use custom::{Autodiff, CustomMatrix, MatrixFunction};
pub use diagonal::DiagonalMatrix;
pub use distances::Distances;
pub use dummy::DummyMatrix;
pub use equal_entry::EqualEntryMatrix;
pub use equicorrelation::{CompoundSymmetricMatrix, EquicorrelationMatrix};
pub use factor_analytic::FactorAnalyticMatrix;
pub use group_variance::GroupVarianceMatrix;
pub use heterogeneous::{
    HeterogeneousAr1Matrix, HeterogeneousCompoundSymmetricMatrix, HeterogeneousMatrix,
};
pub use homogeneous::HomogeneousMatrix;
pub use identity::IdentityMatrix;
pub use isotropic::{ExponentialMatrix, GaussianMatrix, IsotropicCorrelationMatrix, MaternMatrix};
pub use known::{KnownMatrix, KnownScaledMatrix};
pub use levels::{CrossedLabel, Levels};
pub use log_cholesky::LogCholeskyMatrix;
pub use lower_triangular::LowerTriangularMatrix;
pub use scalar::ScalarMatrix;
pub use toeplitz::{HeterogeneousToeplitzMatrix, ToeplitzCorrelationMatrix, ToeplitzMatrix};
pub use unconstrained::UnconstrainedMatrix;
pub use variance_function::{ExponentialVarianceMatrix, PowerVarianceMatrix};
pub use weighted::WeightedMatrix;

/// The places (i, j) with j ≤ min(i, cols−1), row by row: the order of the parameters of a lower
/// triangle. By `for_each` it is two loops, which the compiler unrolls; by `for` it is not.
#[inline]
fn lower_places(rows: usize, cols: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |i| (0..cols.min(i + 1)).map(move |j| (i, j)))
}

/// A typical loading of variable `i` on factor `j` that explains this part of the variance. Its sign
/// is that of a Walsh function, so that the loadings on different factors are orthogonal over 2ᵏ rows.
fn loading(i: usize, j: usize, explained: f64) -> f64 {
    let sign = if (i & j).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
    sign * crate::kernel::sqrt(explained)
}
