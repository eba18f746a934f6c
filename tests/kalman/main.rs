//! State-space models: the Kalman filter, its likelihood and fits.

mod state_space;
