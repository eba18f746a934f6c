//! The rows of one subject.

use nalgebra::{SMatrix, SVector};

/// The rows of one subject in transformed coordinates.
pub(crate) struct SubjectRows<T, const R: usize, const K: usize> {
    pub(super) x: SMatrix<T, R, K>,
    pub(super) y: SVector<T, R>,
    /// `true` for the rows that were observed. The other rows of `x` and `y` are zero.
    pub(super) observed: [bool; R],
}
