//! Small dense linear algebra on plain arrays.

pub(crate) mod binned;
pub(crate) mod cascade;
pub(crate) mod cholesky;
pub(crate) mod compensated;
pub(crate) mod eigen;
pub(crate) mod information_matrix;
pub(crate) mod kernel;
