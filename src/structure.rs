//! Structures: the leaves of every model, one a file.

mod ar1;
#[cfg(feature = "autodiff")]
mod custom;
mod diagonal;
mod dummy;
mod equal_entry;
mod equicorrelation;
mod fixed;
mod identity;
mod lower_triangular;
mod reference;
mod scalar;
mod unconstrained;

pub use ar1::Ar1Matrix;
#[cfg(feature = "autodiff")]
pub use custom::{Autodiff, CustomMatrix, MatrixFunction};
pub use diagonal::DiagonalMatrix;
pub use dummy::{CrossedLabel, DummyMatrix, Levels};
pub use equal_entry::EqualEntryMatrix;
pub use equicorrelation::{CompoundSymmetricMatrix, Correlation, EquicorrelationMatrix};
pub use identity::IdentityMatrix;
pub use lower_triangular::LowerTriangularMatrix;
pub use scalar::ScalarMatrix;
pub use unconstrained::UnconstrainedMatrix;

/// The places (i, j) with j ≤ min(i, cols−1), row by row: the order of the parameters of a lower
/// triangle.
#[inline]
fn lower_places(rows: usize, cols: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |i| (0..cols.min(i + 1)).map(move |j| (i, j)))
}
