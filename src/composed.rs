//! Covariance structures that operators compose of simpler structures, such as D R D for standard
//! deviations and a correlation matrix.

pub(crate) mod ante_dependence;
pub(crate) mod banded_toeplitz;
pub(crate) mod factor_analytic;
pub(crate) mod heterogeneous;
pub(crate) mod homogeneous;
pub(crate) mod isotropic;
pub(crate) mod known;
pub(crate) mod log_cholesky;
pub(crate) mod toeplitz;
