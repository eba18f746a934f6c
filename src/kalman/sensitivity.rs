//! The Kalman filter with its derivatives with respect to θ.

use core::fmt;

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};

use crate::algebra::shape::{Curvature, Gradient, PerParam, Shape, Theta};
use crate::base::arrays::{filled, tabulate};
use crate::base::error::Error;
use crate::base::finite::check_finite;
use crate::base::near::{Near, Within, approximately_equal};
use crate::base::scalar::Real;
use crate::kalman::algebra::tr_mul;
use crate::kalman::covariance::CovarianceRecursion;
use crate::kalman::filter::Innovation;
use crate::kalman::system::{Correction, SystemDerivative};
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::product as mul;

/// A Kalman filter that also computes derivatives with respect to θ, including the score of the
/// likelihood, and an information matrix.
///
/// In addition to the results of [`KalmanFilter`](crate::kalman::KalmanFilter) and
/// [`CovarianceRecursion`], a `SensitivityFilter` computes these derivatives:
///
/// ```text
/// predict   ∂x ← F ∂x + ∂F x
/// update    ∂x ← ∂x + ∂K v + K ∂v        ∂v = −H ∂x − ∂H x,   ∂S = H ∂P Hᵀ + ∂H P Hᵀ + H P ∂Hᵀ + ∂R
///                                        ∂K = (∂P Hᵀ + P ∂Hᵀ − K ∂S) S⁻¹
///           ∂ₖℓ ← ∂ₖℓ − ½ tr(S⁻¹ ∂ₖS) + ½ vᵀ S⁻¹ ∂ₖS S⁻¹ v − ∂ₖvᵀ S⁻¹ v
///           Iₖₗ ← Iₖₗ + ½ tr(S⁻¹ ∂ₖS S⁻¹ ∂ₗS) + ∂ₖvᵀ S⁻¹ ∂ₗv
/// ```
///
/// The formulas are those of Harvey 1989, Forecasting, Structural Time Series Models and the Kalman
/// Filter, section 3.4. The information matrix I is the expected information, except that the term
/// ∂ₖvᵀ S⁻¹ ∂ₗv is not replaced by its expectation. In large samples, ∂ₖvᵀ S⁻¹ ∂ₗv and its
/// expectation agree. [`LinearGaussian::sensitivity_filter`](crate::kalman::LinearGaussian) returns
/// the sensitivity filter of a model.
///
/// ```
/// use covprop::prelude::*;
///
/// // a constant 0 that is measured with variance r = e^2θ: ∂ℓ/∂θ = y²/r − 1, information 2
/// let (zero, one) = (matrix![0.0], matrix![1.0]);
/// let model = StateSpace::new(one, one, zero, ScalarMatrix::<1>::new());
/// let mut filter = model.sensitivity_filter(&[0.0], &vector![0.0], &zero)?;
/// filter.update(&vector![3.0])?;
/// assert_eq!(filter.score(), &[8.0]);
/// assert_eq!(filter.information(), &[[2.0]]);
/// # Ok::<(), covprop::Error>(())
/// ```
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "T: Real + serde::Serialize",
        deserialize = "T: Real + serde::Deserialize<'de>"
    ))
)]
pub struct SensitivityFilter<M: Shape + ?Sized, T, const S: usize, const O: usize> {
    recursion: CovarianceRecursion<M, T, S, O>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::finite"))]
    mean: SVector<T, S>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::finite"))]
    mean_gradient: Array<SVector<T, S>, M::ParamCount>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::number"))]
    log_likelihood: T,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::numbers"))]
    score: Array<T, M::ParamCount>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::finite"))]
    information: InformationMatrix<M::ParamCount, T>,
}

impl<M: Shape + ?Sized, T: Real, const S: usize, const O: usize> PartialEq
    for SensitivityFilter<M, T, S, O>
{
    fn eq(&self, other: &Self) -> bool {
        self.recursion == other.recursion
            && self.mean == other.mean
            && self.mean_gradient == other.mean_gradient
            && self.log_likelihood == other.log_likelihood
            && self.score == other.score
            && self.information == other.information
    }
}

impl<M: Shape + ?Sized, T: Real, const S: usize, const O: usize> Near<T>
    for SensitivityFilter<M, T, S, O>
{
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        self.recursion.near(&other.recursion, within)
            && self.mean.near(&other.mean, within)
            && within.all(&self.mean_gradient, &other.mean_gradient)
            && within.number(self.log_likelihood, other.log_likelihood)
            && within.numbers(&self.score, &other.score)
            && self.information.near(&other.information, within)
    }
}

approximately_equal! {
    /// Compares two filters: their states, their log-likelihoods, and the derivatives of both.
    ///
    /// ```
    /// use covprop::Error;
    /// use covprop::approx::{assert_abs_diff_eq, assert_abs_diff_ne};
    /// use covprop::prelude::*;
    ///
    /// // a constant that is measured
    /// let (zero, one) = (matrix![0.0], matrix![1.0]);
    /// let model = StateSpace::new(one, one, zero, ScalarMatrix::<1>::new());
    /// let after = |readings: [f64; 2]| {
    ///     let mut filter = model.sensitivity_filter(&[0.0], &vector![0.0], &one)?;
    ///     readings.into_iter().try_for_each(|y| filter.update(&vector![y]).map(drop))?;
    ///     Ok::<_, Error>(filter)
    /// };
    /// assert_abs_diff_eq!(after([0.1, 0.7])?, after([0.1, 0.7 + 1e-9])?, epsilon = 1e-7);
    /// assert_abs_diff_ne!(after([0.1, 0.7])?, after([0.1, 0.8])?, epsilon = 1e-7);
    /// # Ok::<(), Error>(())
    /// ```
    impl [M: Shape + ?Sized, T: Real, const S: usize, const O: usize]
        for SensitivityFilter<M, T, S, O>
}

impl<M: Shape + ?Sized, T: Real, const S: usize, const O: usize> fmt::Debug
    for SensitivityFilter<M, T, S, O>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SensitivityFilter")
            .field("recursion", &self.recursion)
            .field("mean", &self.mean)
            .field("mean_gradient", &self.mean_gradient)
            .field("log_likelihood", &self.log_likelihood)
            .field("score", &self.score)
            .field("information", &self.information)
            .finish()
    }
}

/// The derivatives of an update with one observation, with respect to one parameter.
struct Sensitivity<T, const S: usize, const O: usize> {
    /// The derivative ∂x of the state mean x after the update.
    mean: SVector<T, S>,
    /// The scaled derivative L⁻¹ ∂v of the innovation v, where L is the Cholesky factor of the
    /// innovation covariance.
    innovation: SVector<T, O>,
    /// The scaled derivative L⁻¹ ∂S L⁻ᵀ of the innovation covariance S, where L is the Cholesky
    /// factor of S.
    covariance: SMatrix<T, O, O>,
}

impl<M: Shape + ?Sized, T: Real, const S: usize, const O: usize> SensitivityFilter<M, T, S, O> {
    pub(super) fn new(
        recursion: CovarianceRecursion<M, T, S, O>,
        mean: &SVector<T, S>,
    ) -> Result<Self, Error> {
        check_finite(mean)?;
        Ok(Self {
            recursion,
            mean: *mean,
            mean_gradient: Array(filled::<M::ParamCount, _>(SVector::zeros())),
            log_likelihood: T::zero(),
            score: Array(filled::<M::ParamCount, _>(T::zero())),
            information: InformationMatrix::zeros(),
        })
    }

    /// Returns the mean x of the state.
    #[must_use]
    pub const fn mean(&self) -> &SVector<T, S> {
        &self.mean
    }

    /// Returns the derivatives \[∂x/∂θₖ\] of the mean x of the state.
    #[must_use]
    pub const fn mean_gradient(&self) -> &PerParam<M, SVector<T, S>> {
        &self.mean_gradient.0
    }

    /// Returns the covariance P of the state.
    #[must_use]
    pub const fn covariance(&self) -> &SMatrix<T, S, S> {
        self.recursion.covariance()
    }

    /// Returns the derivatives \[∂P/∂θₖ\] of the covariance P of the state.
    #[must_use]
    pub const fn covariance_gradient(&self) -> &Gradient<M, T, S, S> {
        self.recursion.gradient()
    }

    /// Returns the log-likelihood ℓ of all observations so far, with all constants.
    #[must_use]
    pub const fn log_likelihood(&self) -> T {
        self.log_likelihood
    }

    /// Returns the score \[∂ℓ/∂θₖ\].
    #[must_use]
    pub const fn score(&self) -> &Theta<M, T> {
        &self.score.0
    }

    /// Returns the information matrix \[\[Iₖₗ\]\] of θ for all observations so far.
    #[must_use]
    pub const fn information(&self) -> &Curvature<M, T> {
        &self.information.rows
    }

    pub(super) const fn information_square(&self) -> &InformationMatrix<M::ParamCount, T> {
        &self.information
    }

    /// Predicts the state and its derivatives one time step ahead.
    ///
    /// # Errors
    ///
    /// If an entry of the predicted state or of a derivative would be infinite or NaN, returns
    /// [`Error::NotFinite`] with the first such entry and leaves the filter unchanged.
    pub fn predict(&mut self) -> Result<(), Error> {
        let f = &self.recursion.system.transition;
        let mean = mul(f, &self.mean);
        check_finite(&mean)?;
        let mean_gradient = Array::from_fn(|k| {
            let moved = mul(f, &self.mean_gradient[k]);
            match &self.recursion.derivatives[k] {
                SystemDerivative::Transition(df) => moved + mul(df, &self.mean),
                _ => moved,
            }
        });
        mean_gradient.iter().try_for_each(check_finite)?;
        self.recursion.predict()?;
        (self.mean, self.mean_gradient) = (mean, mean_gradient);
        Ok(())
    }

    /// Updates the state and its derivatives with an observation y, and returns the difference
    /// between y and its prediction.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`KalmanFilter::update`](crate::kalman::KalmanFilter), also if a
    /// derivative is not finite. After an error, the filter is unchanged.
    pub fn update(&mut self, y: &SVector<T, O>) -> Result<Innovation<T, O>, Error> {
        let correction = self.recursion.correction()?;
        let innovation = Innovation::new(&self.recursion.system, &correction, &self.mean, y)?;
        let updated = self.recursion.updated(&correction)?;
        let mean = self.mean + mul(&correction.gain, &innovation.value);
        check_finite(&mean)?;
        let sensitivities = Array::<_, M::ParamCount>::from_fn(|k| {
            self.sensitivity(k, &correction, &innovation.value)
        });
        let mean_gradient = Array::from_fn(|k| sensitivities[k].mean);
        mean_gradient.iter().try_for_each(check_finite)?;

        let w = &innovation.standardised;
        let half = nalgebra::convert::<_, T>(0.5);
        let log_likelihood = self.log_likelihood + innovation.log_density;
        let score = tabulate(T::zero(), |k| {
            let Sensitivity { innovation: dv, covariance: ds, .. } = &sensitivities[k];
            self.score[k] + (w.dot(&mul(ds, w)) - ds.trace()) * half - dv.dot(w)
        });
        let information = InformationMatrix::from_fn(|k, l| {
            let (a, b) = (&sensitivities[k], &sensitivities[l]);
            let of_means = a.innovation.dot(&b.innovation);
            self.information.get(k, l) + a.covariance.dot(&b.covariance) * half + of_means
        });
        let finite = log_likelihood.is_finite() && score.iter().all(T::is_finite);
        if !finite || !information.is_finite() {
            return Err(Error::LikelihoodNotFinite);
        }
        self.recursion.accept(updated);
        (self.mean, self.mean_gradient) = (mean, mean_gradient);
        (self.log_likelihood, self.score) = (log_likelihood, score);
        self.information = information;
        Ok(innovation)
    }

    /// Returns the derivatives of an update with respect to θₖ. The derivative ∂K of the gain K is
    /// needed only in a product with the innovation v:
    ///
    /// ```text
    /// ∂K v = ∂P Hᵀ u + P ∂Hᵀ u − K ∂S u        u = S⁻¹ v,  S: covariance of v
    /// ```
    fn sensitivity(
        &self,
        k: usize,
        correction: &Correction<T, S, O>,
        v: &SVector<T, O>,
    ) -> Sensitivity<T, S, O> {
        let CovarianceRecursion { system, derivatives, covariance: p, gradient } = &self.recursion;
        let (derivative, dp, dx) = (&derivatives[k], &gradient[k], &self.mean_gradient[k]);
        let h = &system.observation;
        let u = correction.cholesky.solve(v);
        let ds = derivative.of_innovation(system, p, dp);
        let mut dv = -mul(h, dx);
        let mut dk_v = mul(dp, &tr_mul(h, &u));
        if let SystemDerivative::Observation(dh) = derivative {
            dv -= mul(dh, &self.mean);
            dk_v += mul(p, &tr_mul(dh, &u));
        }
        dk_v -= mul(&correction.gain, &mul(&ds, &u));
        Sensitivity {
            mean: dx + dk_v + mul(&correction.gain, &dv),
            innovation: correction.whitened(&dv),
            covariance: correction.cholesky.whiten(&ds),
        }
    }
}

impl<M: Shape + ?Sized, T: Real, const S: usize, const O: usize> Clone
    for SensitivityFilter<M, T, S, O>
{
    fn clone(&self) -> Self {
        Self {
            recursion: self.recursion.clone(),
            mean: self.mean,
            mean_gradient: self.mean_gradient.clone(),
            log_likelihood: self.log_likelihood,
            score: self.score.clone(),
            information: self.information.clone(),
        }
    }
}
