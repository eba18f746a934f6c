//! The Kalman filter, its derivatives with respect to the parameters of the model, and the maximum
//! likelihood estimation of these parameters.
//!
//! ```text
//! x′ = F x + w,   w ~ N(0, Q)         x: S,  F: S×S,  Q: S×S
//! y  = H x + v,   v ~ N(0, R)         y: O,  H: O×S,  R: O×O
//! ```
//!
//! | | |
//! |---|---|
//! | [`StateSpace`] | the model: F, H, Q and R as functions of θ |
//! | [`System`] | the model at one θ, and the covariance recursion |
//! | [`KalmanFilter`] | mean and covariance of the state, and the likelihood, observation by observation |
//! | [`CovarianceRecursion`] | P and ∂P/∂θ, without observations |
//! | [`SensitivityFilter`] | the Kalman filter with derivatives: score and information |
//! | [`StateSpaceEstimation`], [`StateSpaceFit`] | maximum likelihood estimation of θ from the innovations |
//!
//! The covariance matrix P of the state, its derivatives and the covariance matrix of the
//! innovations are exactly symmetric. If a method returns an error, the filter is unchanged.

pub(crate) mod algebra;
pub(crate) mod covariance;
pub(crate) mod estimation;
pub(crate) mod filter;
pub(crate) mod fit;
pub(crate) mod linear_gaussian;
pub(crate) mod sensitivity;
pub(crate) mod state_space;
#[cfg(feature = "serde")]
pub(crate) mod stored;
pub(crate) mod system;

pub use covariance::CovarianceRecursion;
pub use estimation::{EstimateNoise, StateSpaceEstimation};
pub use filter::{Innovation, KalmanFilter};
pub use fit::StateSpaceFit;
pub use linear_gaussian::LinearGaussian;
pub use sensitivity::SensitivityFilter;
pub use state_space::StateSpace;
pub use system::{System, SystemDerivative};
