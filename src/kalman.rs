//! The Kalman filter, its derivatives by the parameters of the model, and their estimation.
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
//! | [`KalmanFilter`] | mean, covariance and likelihood, observation by observation |
//! | [`CovarianceRecursion`] | P and ∂P/∂θ, without observations |
//! | [`SensitivityFilter`] | all of it with its derivatives: score and information |
//! | [`StateSpaceEstimation`], [`StateSpaceFit`] | θ by maximum likelihood from the innovations |
//!
//! P, its derivatives and the covariance of the innovations are symmetric to the last bit. After an
//! error a filter is what it was.

pub(crate) mod algebra;
pub(crate) mod covariance;
pub(crate) mod estimation;
pub(crate) mod filter;
pub(crate) mod fit;
pub(crate) mod linear_gaussian;
#[cfg(feature = "serde")]
pub(crate) mod persistence;
pub(crate) mod sensitivity;
pub(crate) mod state_space;
pub(crate) mod system;

pub use covariance::CovarianceRecursion;
pub use estimation::{EstimateNoise, StateSpaceEstimation};
pub use filter::{Innovation, KalmanFilter};
pub use fit::StateSpaceFit;
pub use linear_gaussian::LinearGaussian;
pub use sensitivity::SensitivityFilter;
pub use state_space::StateSpace;
pub use system::{System, SystemDerivative};
