//! The Kalman filter without derivatives.

use nalgebra::{SMatrix, SVector};

use crate::base::error::Error;
use crate::base::finite::check_finite;
use crate::base::near::{Near, Within, approximately_equal};
use crate::base::scalar::Real;
use crate::kalman::system::{Correction, System};
use crate::linalg::cholesky::covariance::check_covariance;
use crate::linalg::kernel::{mirror, product as mul};

/// The Kalman filter, which computes the mean and the covariance of the state given all
/// observations so far, and the log-likelihood of these observations.
///
/// ```text
/// predict   x ← F x                  P ← F P Fᵀ + Q
/// update    x ← x + K v              P ← (I − K H) P (I − K H)ᵀ + K R Kᵀ
///           v = y − H x              S = H P Hᵀ + R,   K = P Hᵀ S⁻¹
///           ℓ ← ℓ − ½ [O log 2π + log|S| + vᵀ S⁻¹ v]
/// ```
///
/// The recursion is that of Kalman 1960 (Journal of Basic Engineering 82, 35–45). The update of the
/// state covariance P has the Joseph form (Bucy & Joseph 1968). The likelihood follows from the
/// innovations v = y − H x (Schweppe 1965, IEEE Transactions on Information Theory 11, 61–70). P is
/// exactly symmetric. If the observation of a time step is missing, do not call
/// [`update`](Self::update) for this step.
/// [`LinearGaussian::filter`](crate::kalman::LinearGaussian) returns a Kalman filter for a model.
///
/// ```
/// use covprop::prelude::*;
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
pub struct KalmanFilter<T, const S: usize, const O: usize> {
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::finite"))]
    system: System<T, S, O>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::finite"))]
    mean: SVector<T, S>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::symmetric"))]
    covariance: SMatrix<T, S, S>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::number"))]
    log_likelihood: T,
}

impl<T: Real, const S: usize, const O: usize> KalmanFilter<T, S, O> {
    /// Creates the filter of a system, given the mean and the covariance of the initial state. The
    /// covariance may be singular.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFinite`] with an entry of a matrix, the mean or the covariance that is not
    ///   finite
    /// - [`Error::NotSymmetric`] or [`Error::NotCovariance`] if the covariance is invalid beyond
    ///   rounding
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

    /// Returns the mean x of the state.
    #[must_use]
    pub const fn mean(&self) -> &SVector<T, S> {
        &self.mean
    }

    /// Returns the covariance P of the state.
    #[must_use]
    pub const fn covariance(&self) -> &SMatrix<T, S, S> {
        &self.covariance
    }

    /// Returns the log-likelihood of all observations so far, with all constants.
    #[must_use]
    pub const fn log_likelihood(&self) -> T {
        self.log_likelihood
    }

    /// Predicts the state one time step ahead.
    ///
    /// # Errors
    ///
    /// If an entry of the predicted state would be infinite or NaN, returns [`Error::NotFinite`]
    /// with the first such entry and leaves the filter unchanged.
    pub fn predict(&mut self) -> Result<(), Error> {
        let covariance = self.system.predict_covariance(&self.covariance)?;
        let mean = mul(&self.system.transition, &self.mean);
        check_finite(&mean)?;
        (self.mean, self.covariance) = (mean, covariance);
        Ok(())
    }

    /// Updates the state with an observation y, and returns the difference between y and its
    /// prediction.
    ///
    /// # Errors
    ///
    /// - [`Error::ResponseNotFinite`] with the first entry of y that is infinite or NaN
    /// - [`Error::NotPositiveDefinite`] with the first row of the innovation covariance S that
    ///   depends linearly on earlier rows
    /// - [`Error::NotCovariance`] if S is not a covariance matrix
    /// - [`Error::NotFinite`], [`Error::LikelihoodNotFinite`] if a result overflows
    ///
    /// After an error, the filter is unchanged.
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

impl<T: Real, const S: usize, const O: usize> Near<T> for KalmanFilter<T, S, O> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        self.system.near(&other.system, within)
            && self.mean.near(&other.mean, within)
            && self.covariance.near(&other.covariance, within)
            && within.number(self.log_likelihood, other.log_likelihood)
    }
}

approximately_equal! {
    /// Compares the systems, means, covariances and log-likelihoods of two filters.
    ///
    /// ```
    /// use covprop::approx::assert_abs_diff_eq;
    /// use covprop::prelude::*;
    ///
    /// // a constant that is measured: the order of the measurements does not matter
    /// let (zero, one) = (matrix![0.0], matrix![1.0]);
    /// let model = StateSpace::new(one, one, zero, ScalarMatrix::<1>::new());
    /// let start = model.filter(&[0.0], &vector![0.0], &one)?;
    /// let (mut forward, mut backward) = (start, start);
    /// for (first, second) in [(0.1, 0.7), (0.3, 0.3), (0.7, 0.1)] {
    ///     forward.update(&vector![first])?;
    ///     backward.update(&vector![second])?;
    /// }
    /// assert_abs_diff_eq!(forward, backward, epsilon = 1e-14);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    impl [T: Real, const S: usize, const O: usize] for KalmanFilter<T, S, O>
}

/// The difference between an observation and its prediction, with the covariance and the
/// log-density of this difference.
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
    /// The innovation v = y − H x, which is the observation y minus its prediction.
    pub value: SVector<T, O>,
    /// The covariance S = H P Hᵀ + R of the innovation.
    pub covariance: SMatrix<T, O, O>,
    /// The standardised innovation L⁻¹ v, where L is the Cholesky factor of the covariance S of v.
    /// If the model is correct, the entries of L⁻¹ v are uncorrelated and have variance 1.
    pub standardised: SVector<T, O>,
    /// The log-density −½ [O log 2π + log|S| + vᵀ S⁻¹ v] of the innovation v, which has O elements
    /// and the covariance S.
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
        let standardised = correction.whitened(&value);
        let constant = T::two_pi().ln() * nalgebra::convert(O as f64);
        let terms = constant + correction.cholesky.log_determinant() + standardised.norm_squared();
        let log_density = -terms * nalgebra::convert(0.5);
        if !log_density.is_finite() {
            return Err(Error::LikelihoodNotFinite);
        }
        Ok(Self { value, covariance: correction.innovation, standardised, log_density })
    }
}

impl<T: Real, const O: usize> Near<T> for Innovation<T, O> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        self.value.near(&other.value, within)
            && self.covariance.near(&other.covariance, within)
            && self.standardised.near(&other.standardised, within)
            && within.number(self.log_density, other.log_density)
    }
}

approximately_equal! {
    /// Compares all numbers of two innovations.
    ///
    /// ```
    /// use covprop::approx::assert_abs_diff_eq;
    /// use covprop::kalman::Innovation;
    /// use covprop::prelude::*;
    ///
    /// let (zero, one) = (matrix![0.0], matrix![1.0]);
    /// let model = StateSpace::new(one, one, zero, ScalarMatrix::<1>::new());
    /// let innovation = model.filter(&[0.0], &vector![1.0], &zero)?.update(&vector![3.0])?;
    /// let by_hand = Innovation {
    ///     value: vector![2.0],
    ///     covariance: one,
    ///     standardised: vector![2.0],
    ///     log_density: -0.5 * (std::f64::consts::TAU.ln() + 4.0),
    /// };
    /// assert_abs_diff_eq!(innovation, by_hand, epsilon = 1e-14);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    impl [T: Real, const O: usize] for Innovation<T, O>
}

/// Checks that every entry of an observation is finite.
pub(super) fn check_response<T: Real, const O: usize>(y: &SVector<T, O>) -> Result<(), Error> {
    match y.iter().position(|y| !y.is_finite()) {
        Some(row) => Err(Error::ResponseNotFinite { row }),
        None => Ok(()),
    }
}
