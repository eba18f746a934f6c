//! The filter without derivatives.

use nalgebra::{SMatrix, SVector};

use crate::base::error::Error;
use crate::base::finite::check_finite;
use crate::base::scalar::Real;
use crate::kalman::system::{Correction, System};
use crate::linalg::cholesky::covariance::check_covariance;
use crate::linalg::kernel::{mirror, product as mul};

/// The Kalman filter: mean and covariance of the state given all observations so far, and their
/// likelihood.
///
/// ```text
/// predict   x ← F x                  P ← F P Fᵀ + Q
/// update    x ← x + K v              P ← (I − K H) P (I − K H)ᵀ + K R Kᵀ
///           v = y − H x              S = H P Hᵀ + R,   K = P Hᵀ S⁻¹
///           ℓ ← ℓ − ½ [O log 2π + log|S| + vᵀ S⁻¹ v]
/// ```
///
/// Kalman 1960, Journal of Basic Engineering 82, 35–45; the update of P in the form of Joseph (Bucy
/// & Joseph 1968); the likelihood by innovations v (Schweppe 1965, IEEE Transactions on Information
/// Theory 11, 61–70). P is symmetric to the last bit. A missing observation is no update.
/// [`LinearGaussian::filter`](crate::LinearGaussian) makes it.
///
/// ```
/// use covprop::*;
/// use nalgebra::{matrix, vector};
///
/// // a position in m and a velocity in m/s, one step a second; the position is measured
/// let f = matrix![1.0, 1.0; 0.0, 1.0];
/// let h = matrix![1.0, 0.0];
/// let model = StateSpace::new(f, h, ScalarMatrix::<2>::new(), ScalarMatrix::<1>::new());
/// let nothing = f64::NEG_INFINITY; // the logarithm of a standard deviation of 0
/// let mut filter = model.filter(&[nothing, 0.0], &vector![0.0, 1.0], &matrix![0.0, 0.0; 0.0, 1.0])?;
/// filter.predict()?;
/// assert_eq!(filter.mean(), &vector![1.0, 1.0]);
/// assert_eq!(filter.covariance(), &matrix![1.0, 1.0; 1.0, 1.0]);
/// let innovation = filter.update(&vector![3.0])?; // K = [½, ½]
/// assert_eq!((innovation.value[0], innovation.covariance[0]), (2.0, 2.0));
/// assert_eq!(filter.mean(), &vector![2.0, 2.0]);
/// # Ok::<(), Error>(())
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
pub struct KalmanFilter<T, const S: usize, const O: usize> {
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::persistence::finite"))]
    system: System<T, S, O>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::persistence::finite"))]
    mean: SVector<T, S>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::persistence::symmetric"))]
    covariance: SMatrix<T, S, S>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::persistence::number"))]
    log_likelihood: T,
}

impl<T: Real, const S: usize, const O: usize> KalmanFilter<T, S, O> {
    /// The filter of a system, for a state of which mean and covariance are known.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFinite`] with an entry of the matrices, the mean or the covariance that is
    ///   infinite or NaN
    /// - [`Error::NotSymmetric`] and [`Error::NotCovariance`] if the covariance is no covariance
    ///   matrix to rounding; it may be singular
    pub fn new(
        system: System<T, S, O>,
        mean: &SVector<T, S>,
        covariance: &SMatrix<T, S, S>,
    ) -> Result<Self, Error> {
        system.check_finite()?;
        check_finite(mean)?;
        check_covariance(covariance)?;
        let mut covariance = *covariance;
        mirror(&mut covariance);
        Ok(Self { system, mean: *mean, covariance, log_likelihood: T::zero() })
    }

    /// x.
    #[must_use]
    pub const fn mean(&self) -> &SVector<T, S> {
        &self.mean
    }

    /// P.
    #[must_use]
    pub const fn covariance(&self) -> &SMatrix<T, S, S> {
        &self.covariance
    }

    /// The log-likelihood of all observations so far, with all constants.
    #[must_use]
    pub const fn log_likelihood(&self) -> T {
        self.log_likelihood
    }

    /// One step in time.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`] with the first entry that would be infinite or NaN; nothing has changed
    /// then.
    pub fn predict(&mut self) -> Result<(), Error> {
        let covariance = self.system.predict_covariance(&self.covariance)?;
        let mean = mul(&self.system.transition, &self.mean);
        check_finite(&mean)?;
        (self.mean, self.covariance) = (mean, covariance);
        Ok(())
    }

    /// An observation, and how it differs from what was expected.
    ///
    /// # Errors
    ///
    /// - [`Error::ResponseNotFinite`] with the first entry of y that is infinite or NaN
    /// - [`Error::NotPositiveDefinite`] with the first row of S that depends on those before it,
    ///   and [`Error::NotCovariance`] for an S that is no covariance matrix
    /// - [`Error::NotFinite`], [`Error::LikelihoodNotFinite`] for a result that is beyond the
    ///   numbers
    ///
    /// The filter is then what it was.
    pub fn update(&mut self, y: &SVector<T, O>) -> Result<Innovation<T, O>, Error> {
        let correction = self.system.correction(&self.covariance)?;
        let innovation = Innovation::new(&self.system, &correction, &self.mean, y)?;
        let covariance = correction.covariance(&self.system, &self.covariance)?;
        let mean = self.mean + mul(&correction.gain, &innovation.value);
        check_finite(&mean)?;
        let log_likelihood = self.log_likelihood + innovation.log_density;
        if !log_likelihood.is_finite() {
            return Err(Error::LikelihoodNotFinite);
        }
        *self = Self { system: self.system, mean, covariance, log_likelihood };
        Ok(innovation)
    }
}

/// How an observation differs from what was expected.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "T: Real + serde::Serialize",
        deserialize = "T: Real + serde::Deserialize<'de>"
    ))
)]
pub struct Innovation<T, const O: usize> {
    /// v = y − H x.
    pub value: SVector<T, O>,
    /// S = H P Hᵀ + R, the covariance of v.
    pub covariance: SMatrix<T, O, O>,
    /// L⁻¹ v for S = L Lᵀ: uncorrelated, with variance 1, if the model is right.
    pub standardized: SVector<T, O>,
    /// −½ [O log 2π + log|S| + vᵀ S⁻¹ v].
    pub log_density: T,
}

impl<T: Real, const O: usize> Innovation<T, O> {
    pub(super) fn new<const S: usize>(
        system: &System<T, S, O>,
        correction: &Correction<T, S, O>,
        mean: &SVector<T, S>,
        y: &SVector<T, O>,
    ) -> Result<Self, Error> {
        check_response(y)?;
        let value = y - mul(&system.observation, mean);
        let standardized = correction.whitened(&value);
        let constant = T::two_pi().ln() * nalgebra::convert(O as f64);
        let terms = constant + correction.cholesky.log_determinant() + standardized.norm_squared();
        let log_density = -terms * nalgebra::convert(0.5);
        if !log_density.is_finite() {
            return Err(Error::LikelihoodNotFinite);
        }
        Ok(Self { value, covariance: correction.innovation, standardized, log_density })
    }
}

/// Returns `true` if every entry of an observation is a number.
pub(super) fn check_response<T: Real, const O: usize>(y: &SVector<T, O>) -> Result<(), Error> {
    match y.iter().position(|y| !y.is_finite()) {
        Some(row) => Err(Error::ResponseNotFinite { row }),
        None => Ok(()),
    }
}
