//! Elementary matrix structures, one in each file, which operators combine.

pub(crate) mod ante_dependence;
pub(crate) mod ar1;
pub(crate) mod banded_toeplitz;
pub(crate) mod borrowed;
pub(crate) mod correlation;
pub(crate) mod correlation_function;
#[cfg(feature = "autodiff")]
pub(crate) mod custom;
pub(crate) mod diagonal;
pub(crate) mod distances;
pub(crate) mod dual;
pub(crate) mod dummy;
pub(crate) mod equal_entry;
pub(crate) mod equicorrelation;
pub(crate) mod fixed;
pub(crate) mod group_variance;
pub(crate) mod identity;
pub(crate) mod isotropic;
pub(crate) mod known;
pub(crate) mod levels;
pub(crate) mod lower_triangular;
pub(crate) mod scalar;
pub(crate) mod toeplitz;
pub(crate) mod unconstrained;
pub(crate) mod variance_function;
pub(crate) mod weighted;

pub use crate::composed::ante_dependence::AnteDependenceMatrix;
pub use crate::composed::banded_toeplitz::{
    BandedToeplitzMatrix, HeterogeneousBandedToeplitzMatrix,
};
pub use crate::composed::factor_analytic::FactorAnalyticMatrix;
pub use crate::composed::heterogeneous::{
    HeterogeneousAr1Matrix, HeterogeneousCompoundSymmetricMatrix, HeterogeneousMatrix,
};
pub use crate::composed::homogeneous::HomogeneousMatrix;
pub use crate::composed::isotropic::{ExponentialMatrix, GaussianMatrix, MaternMatrix};
pub use crate::composed::known::KnownScaledMatrix;
pub use crate::composed::log_cholesky::LogCholeskyMatrix;
pub use crate::composed::toeplitz::{HeterogeneousToeplitzMatrix, ToeplitzMatrix};
pub use ante_dependence::AnteDependenceCorrelationMatrix;
pub use ar1::{Ar1CorrelationMatrix, Ar1Matrix};
pub use banded_toeplitz::BandedToeplitzCorrelationMatrix;
pub use correlation::Correlation;
pub use correlation_function::{CorrelationFunction, Exponential, Gaussian, Matern};
#[cfg(feature = "autodiff")]
pub use custom::{Autodiff, CustomMatrix, MatrixFunction};
pub use diagonal::DiagonalMatrix;
pub use distances::Distances;
pub use dummy::DummyMatrix;
pub use equal_entry::EqualEntryMatrix;
pub use equicorrelation::{CompoundSymmetricMatrix, EquicorrelationMatrix};
pub use group_variance::GroupVarianceMatrix;
pub use identity::IdentityMatrix;
pub use isotropic::IsotropicCorrelationMatrix;
pub use known::KnownMatrix;
pub use levels::{CrossedLabel, Levels};
pub use lower_triangular::LowerTriangularMatrix;
pub use scalar::ScalarMatrix;
pub use toeplitz::ToeplitzCorrelationMatrix;
pub use unconstrained::UnconstrainedMatrix;
pub use variance_function::{ExponentialVarianceMatrix, PowerVarianceMatrix};
pub use weighted::WeightedMatrix;

/// Iterates over the entries (i, j) on and below the diagonal of a matrix with `cols` columns, row
/// by row, which is the order of the parameters of a lower triangular matrix. Prefer `for_each` on
/// this iterator to a `for` loop: it compiles to two nested loops, which the compiler unrolls.
#[inline]
pub(crate) fn lower_places(rows: usize, cols: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |i| (0..cols.min(i + 1)).map(move |j| (i, j)))
}

/// Returns a typical loading of variable `i` on factor `j`, for a factor that explains a variance
/// of `explained`. The signs of the loadings on one factor are those of a Walsh function, so that
/// in a matrix with a power of two rows, the loadings on different factors are orthogonal.
pub(crate) fn loading(i: usize, j: usize, explained: f64) -> f64 {
    let sign = if (i & j).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
    sign * crate::linalg::kernel::sqrt(explained)
}
