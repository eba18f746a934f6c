//! The four matrices of a state-space model at one θ, and the recursion of the covariance of its
//! state.

use nalgebra::{SMatrix, SVector};

use crate::base::error::Error;
use crate::base::finite::check_finite;
use crate::base::near::{Near, Within, approximately_equal};
use crate::base::scalar::Real;
use crate::kalman::algebra::{congruence_plus, mul_tr, with_transpose};
use crate::linalg::cholesky::Cholesky;
use crate::linalg::cholesky::covariance::not_definite;
use crate::linalg::kernel::product as mul;

/// The values of the matrices F, H, Q and R of a state-space model at one θ.
///
/// [`LinearGaussian::system`](crate::kalman::LinearGaussian) returns the system of a model. A
/// Kalman filter without derivatives needs only the system. The covariance of the state does not
/// depend on observed values, so that the accuracy of estimates can be computed before anything is
/// measured:
///
/// ```
/// use covprop::kalman::System;
/// use covprop::prelude::*;
///
/// // a constant, measured with unit variance, known before with variance 1
/// let one = matrix![1.0_f32];
/// let system = System { transition: one, observation: one, process_noise: one * 0.0, measurement_noise: one };
/// let p = system.update_covariance(&one)?; // of two measurements: 1/2
/// assert_eq!(p, matrix![0.5]);
/// assert_eq!(system.predict_covariance(&p)?, p); // and it stays what it is
/// # Ok::<(), covprop::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "T: Real + serde::Serialize",
        deserialize = "T: Real + serde::Deserialize<'de>"
    ))
)]
pub struct System<T, const S: usize, const O: usize> {
    /// The S×S matrix F, which maps the state to the expected state one time step later.
    pub transition: SMatrix<T, S, S>,
    /// The O×S matrix H, which maps the state to the expected observation.
    pub observation: SMatrix<T, O, S>,
    /// The S×S covariance matrix Q of the noise that one time step adds to the state.
    pub process_noise: SMatrix<T, S, S>,
    /// The O×O covariance matrix R of the measurement error.
    pub measurement_noise: SMatrix<T, O, O>,
}

impl<T: Real, const S: usize, const O: usize> Near<T> for System<T, S, O> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        self.transition.near(&other.transition, within)
            && self.observation.near(&other.observation, within)
            && self.process_noise.near(&other.process_noise, within)
            && self.measurement_noise.near(&other.measurement_noise, within)
    }
}

approximately_equal! {
    /// Compares the four matrices.
    ///
    /// ```
    /// use covprop::approx::assert_relative_eq;
    /// use covprop::kalman::System;
    /// use covprop::nalgebra::matrix;
    ///
    /// let one = matrix![1.0];
    /// let (f, h, q, r) = (one, one, one, one);
    /// let system =
    ///     System { transition: f, observation: h, process_noise: q, measurement_noise: r };
    /// let thirds = System { process_noise: one / 3.0 * 3.0, ..system };
    /// assert_relative_eq!(system, thirds, max_relative = 1e-15);
    /// ```
    impl [T: Real, const S: usize, const O: usize] for System<T, S, O>
}

impl<T: Real, const S: usize, const O: usize> System<T, S, O> {
    /// Returns F P Fᵀ + Q, the covariance of the state one time step later, given the present
    /// covariance P, which must be symmetric. The result is exactly symmetric.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotFinite`] with the first entry that is infinite or NaN.
    pub fn predict_covariance(&self, p: &SMatrix<T, S, S>) -> Result<SMatrix<T, S, S>, Error> {
        let predicted = congruence_plus(&self.transition, p, &self.process_noise);
        check_finite(&predicted)?;
        Ok(predicted)
    }

    /// Returns (I − K H) P (I − K H)ᵀ + K R Kᵀ, the covariance of the state after an observation.
    /// The argument P is the covariance of the state before the observation and must be symmetric.
    /// The gain is K = P Hᵀ (H P Hᵀ + R)⁻¹. In this Joseph form, rounding errors of the gain K have
    /// no effect to first order (Bucy & Joseph 1968, Filtering for Stochastic Processes with
    /// Applications to Guidance). The result is exactly symmetric.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFinite`] with the first entry that is infinite or NaN
    /// - [`Error::NotPositiveDefinite`] with the first row of H P Hᵀ + R that depends linearly on
    ///   earlier rows
    /// - [`Error::NotCovariance`] if H P Hᵀ + R is not a covariance matrix
    pub fn update_covariance(&self, p: &SMatrix<T, S, S>) -> Result<SMatrix<T, S, S>, Error> {
        self.correction(p)?.covariance(self, p)
    }

    pub(crate) fn check_finite(&self) -> Result<(), Error> {
        check_finite(&self.transition)?;
        check_finite(&self.observation)?;
        check_finite(&self.process_noise)?;
        check_finite(&self.measurement_noise)
    }

    /// Computes the gain of an update with an observation, and related matrices, given the
    /// covariance P of the state before the observation.
    pub(super) fn correction(&self, p: &SMatrix<T, S, S>) -> Result<Correction<T, S, O>, Error> {
        let h_p = mul(&self.observation, p);
        let innovation = congruence_plus(&self.observation, p, &self.measurement_noise);
        check_finite(&innovation)?;
        let cholesky = Cholesky::new(&innovation).map_err(|row| not_definite(&innovation, row))?;
        let mut gain_tr = h_p;
        for column in &mut gain_tr.data.0 {
            cholesky.solve_lower(column);
            cholesky.solve_upper(column);
        }
        let gain = gain_tr.transpose();
        let remainder = SMatrix::identity() - mul(&gain, &self.observation);
        Ok(Correction { innovation, cholesky, gain, remainder })
    }
}

/// The gain K of an update with an observation, and the matrices that are computed together with K.
pub(super) struct Correction<T, const S: usize, const O: usize> {
    /// The covariance S = H P Hᵀ + R of the innovation.
    pub(super) innovation: SMatrix<T, O, O>,
    /// The Cholesky factor of the innovation covariance S.
    pub(super) cholesky: Cholesky<T, O>,
    /// The gain K = P Hᵀ S⁻¹, where P is the state covariance and S the innovation covariance.
    pub(super) gain: SMatrix<T, S, O>,
    /// The matrix I − K H of the update, where K is the gain and H is the observation matrix.
    remainder: SMatrix<T, S, S>,
}

impl<T: Real, const S: usize, const O: usize> Correction<T, S, O> {
    /// Returns (I − K H) P (I − K H)ᵀ + K R Kᵀ, the covariance of the state after an observation.
    pub(super) fn covariance(
        &self,
        system: &System<T, S, O>,
        p: &SMatrix<T, S, S>,
    ) -> Result<SMatrix<T, S, S>, Error> {
        let of_noise = congruence_plus(&self.gain, &system.measurement_noise, &SMatrix::zeros());
        let corrected = congruence_plus(&self.remainder, p, &of_noise);
        check_finite(&corrected)?;
        Ok(corrected)
    }

    /// Returns the derivative ∂P⁺ of the covariance P⁺ of the state after an observation. Because
    /// the gain K minimises P⁺, the derivative of K does not contribute to ∂P⁺:
    ///
    /// ```text
    /// ∂P⁺ = (I − K H) ∂P (I − K H)ᵀ + K ∂R Kᵀ − K ∂H P (I − K H)ᵀ − (I − K H) P ∂Hᵀ Kᵀ
    /// ```
    pub(super) fn covariance_derivative(
        &self,
        p: &SMatrix<T, S, S>,
        dp: &SMatrix<T, S, S>,
        derivative: &SystemDerivative<T, S, O>,
    ) -> SMatrix<T, S, S> {
        let direct = match derivative {
            SystemDerivative::Observation(dh) => {
                let part = mul_tr(&mul(&mul(&self.gain, dh), p), &self.remainder);
                -with_transpose(&part)
            }
            SystemDerivative::MeasurementNoise(dr) => {
                congruence_plus(&self.gain, dr, &SMatrix::zeros())
            }
            SystemDerivative::Transition(_) | SystemDerivative::ProcessNoise(_) => SMatrix::zeros(),
        };
        congruence_plus(&self.remainder, dp, &direct)
    }

    /// Returns the vector L⁻¹ x, where L is the Cholesky factor of the innovation covariance S.
    pub(super) fn whitened(&self, x: &SVector<T, O>) -> SVector<T, O> {
        let mut whitened = *x;
        self.cholesky.solve_lower(&mut whitened.data.0[0]);
        whitened
    }
}

/// The derivative of a [`System`] with respect to one parameter. Each parameter belongs to one of
/// the four matrices, and only the derivative of this matrix is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "T: Real + serde::Serialize",
        deserialize = "T: Real + serde::Deserialize<'de>"
    ))
)]
pub enum SystemDerivative<T, const S: usize, const O: usize> {
    /// The derivative ∂F of the transition matrix.
    Transition(SMatrix<T, S, S>),
    /// The derivative ∂H of the observation matrix.
    Observation(SMatrix<T, O, S>),
    /// The derivative ∂Q of the process noise.
    ProcessNoise(SMatrix<T, S, S>),
    /// The derivative ∂R of the measurement noise.
    MeasurementNoise(SMatrix<T, O, O>),
}

impl<T: Real, const S: usize, const O: usize> Near<T> for SystemDerivative<T, S, O> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        match (self, other) {
            (Self::Transition(a), Self::Transition(b))
            | (Self::ProcessNoise(a), Self::ProcessNoise(b)) => a.near(b, within),
            (Self::Observation(a), Self::Observation(b)) => a.near(b, within),
            (Self::MeasurementNoise(a), Self::MeasurementNoise(b)) => a.near(b, within),
            _ => false,
        }
    }
}

approximately_equal! {
    /// Compares the entries of two derivatives. Derivatives of two different matrices, such as F
    /// and Q, are never equal.
    ///
    /// ```
    /// use covprop::approx::{assert_abs_diff_eq, assert_abs_diff_ne};
    /// use covprop::kalman::SystemDerivative;
    /// use covprop::kalman::SystemDerivative::{ProcessNoise, Transition};
    /// use covprop::nalgebra::matrix;
    ///
    /// let noise: SystemDerivative<f64, 1, 1> = ProcessNoise(matrix![2.01]);
    /// assert_abs_diff_eq!(noise, ProcessNoise(matrix![2.0]), epsilon = 0.02);
    /// assert_abs_diff_ne!(noise, Transition(matrix![2.01]), epsilon = 0.02);
    /// ```
    impl [T: Real, const S: usize, const O: usize] for SystemDerivative<T, S, O>
}

impl<T: Real, const S: usize, const O: usize> SystemDerivative<T, S, O> {
    pub(crate) fn check_finite(&self) -> Result<(), Error> {
        match self {
            Self::Transition(d) | Self::ProcessNoise(d) => check_finite(d),
            Self::Observation(d) => check_finite(d),
            Self::MeasurementNoise(d) => check_finite(d),
        }
    }

    /// Returns the derivative of the predicted state covariance F P Fᵀ + Q.
    pub(super) fn of_prediction(
        &self,
        system: &System<T, S, O>,
        p: &SMatrix<T, S, S>,
        dp: &SMatrix<T, S, S>,
    ) -> SMatrix<T, S, S> {
        let f = &system.transition;
        let direct = match self {
            Self::Transition(df) => with_transpose(&mul_tr(&mul(df, p), f)),
            Self::ProcessNoise(dq) => *dq,
            Self::Observation(_) | Self::MeasurementNoise(_) => SMatrix::zeros(),
        };
        congruence_plus(f, dp, &direct)
    }

    /// Returns the derivative of the innovation covariance H P Hᵀ + R.
    pub(super) fn of_innovation(
        &self,
        system: &System<T, S, O>,
        p: &SMatrix<T, S, S>,
        dp: &SMatrix<T, S, S>,
    ) -> SMatrix<T, O, O> {
        let h = &system.observation;
        let direct = match self {
            Self::Observation(dh) => with_transpose(&mul_tr(&mul(dh, p), h)),
            Self::MeasurementNoise(dr) => *dr,
            Self::Transition(_) | Self::ProcessNoise(_) => SMatrix::zeros(),
        };
        congruence_plus(h, dp, &direct)
    }
}
