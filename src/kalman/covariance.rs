//! The recursion of the state covariance P and its derivatives ∂P/∂θ, which need no observations.

use core::fmt;

use hybrid_array::Array;
use nalgebra::SMatrix;

use crate::algebra::shape::{Gradient, PerParam, Shape};
use crate::base::arrays::filled;
use crate::base::error::Error;
use crate::base::finite::check_finite;
use crate::base::near::{Near, Within, approximately_equal};
use crate::base::scalar::Real;
use crate::kalman::system::{Correction, System, SystemDerivative};
use crate::linalg::cholesky::covariance::check_covariance;
use crate::linalg::kernel::mirror;

/// The covariance P of the state and its derivatives with respect to θ, propagated through
/// predictions and updates.
///
/// ```text
/// predict   P ← F P Fᵀ + Q                               ∂P ← F ∂P Fᵀ + ∂F P Fᵀ + F P ∂Fᵀ + ∂Q
/// update    P ← A P Aᵀ + K R Kᵀ                          ∂P ← A ∂P Aᵀ + K ∂R Kᵀ − K ∂H P Aᵀ − A P ∂Hᵀ Kᵀ
///           A = I − K H,  K = P Hᵀ (H P Hᵀ + R)⁻¹
/// ```
///
/// The covariance P depends on the times of the observations, but not on the observed values.
/// Because the gain K minimises P, the derivative of K does not contribute to ∂P. P and ∂P are
/// exactly symmetric. [`LinearGaussian::covariance_recursion`](crate::kalman::LinearGaussian)
/// returns the recursion of a model.
///
/// ```
/// use covprop::prelude::*;
///
/// let one = matrix![1.0];
/// let model = StateSpace::new(one, one, ScalarMatrix::<1>::new(), ScalarMatrix::<1>::new());
/// let mut recursion = model.covariance_recursion(&[0.0, 0.0], &one)?;
/// recursion.predict()?;
/// assert_eq!(recursion.covariance(), &matrix![2.0]); // 1 + e^2θ
/// recursion.update()?; // P r/(P + r): 2/3, and by r (P/(P + r))² = 4/9
/// let [by_process, by_measurement] = recursion.gradient();
/// assert!((recursion.covariance()[0] - 2.0_f64 / 3.0).abs() < 1e-15);
/// assert!((by_process[0] - 2.0_f64 * (1.0 / 9.0)).abs() < 1e-15);
/// assert!((by_measurement[0] - 2.0_f64 * (4.0 / 9.0)).abs() < 1e-15);
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
pub struct CovarianceRecursion<M: Shape + ?Sized, T, const S: usize, const O: usize> {
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::finite"))]
    pub(super) system: System<T, S, O>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::finite"))]
    pub(super) derivatives: Array<SystemDerivative<T, S, O>, M::ParamCount>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::symmetric"))]
    pub(super) covariance: SMatrix<T, S, S>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::symmetric"))]
    pub(super) gradient: Array<SMatrix<T, S, S>, M::ParamCount>,
}

impl<M: Shape + ?Sized, T: Real, const S: usize, const O: usize> PartialEq
    for CovarianceRecursion<M, T, S, O>
{
    fn eq(&self, other: &Self) -> bool {
        self.system == other.system
            && self.derivatives == other.derivatives
            && self.covariance == other.covariance
            && self.gradient == other.gradient
    }
}

impl<M: Shape + ?Sized, T: Real, const S: usize, const O: usize> Near<T>
    for CovarianceRecursion<M, T, S, O>
{
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        self.system.near(&other.system, within)
            && within.all(&self.derivatives, &other.derivatives)
            && self.covariance.near(&other.covariance, within)
            && within.all(&self.gradient, &other.gradient)
    }
}

approximately_equal! {
    /// Compares two recursions: their systems, their state covariances, and the derivatives of
    /// both.
    ///
    /// ```
    /// use covprop::approx::{assert_abs_diff_eq, assert_abs_diff_ne};
    /// use covprop::prelude::*;
    ///
    /// let one = matrix![1.0];
    /// let model = StateSpace::new(one, one, ScalarMatrix::<1>::new(), ScalarMatrix::<1>::new());
    /// let of = |process| model.covariance_recursion(&[process, 0.0], &one);
    /// assert_abs_diff_eq!(of(0.5)?, of(0.5 + 1e-9)?, epsilon = 1e-7);
    /// assert_abs_diff_ne!(of(0.5)?, of(0.6)?, epsilon = 1e-7);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    impl [M: Shape + ?Sized, T: Real, const S: usize, const O: usize]
        for CovarianceRecursion<M, T, S, O>
}

impl<M: Shape + ?Sized, T: Real, const S: usize, const O: usize> fmt::Debug
    for CovarianceRecursion<M, T, S, O>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CovarianceRecursion")
            .field("system", &self.system)
            .field("derivatives", &self.derivatives)
            .field("covariance", &self.covariance)
            .field("gradient", &self.gradient)
            .finish()
    }
}

/// The state covariance P and its derivatives ∂P after an update with an observation.
pub(super) type Updated<M, T, const S: usize> =
    (SMatrix<T, S, S>, Array<SMatrix<T, S, S>, <M as Shape>::ParamCount>);

impl<M: Shape + ?Sized, T: Real, const S: usize, const O: usize> CovarianceRecursion<M, T, S, O> {
    pub(super) fn new(
        system: System<T, S, O>,
        derivatives: PerParam<M, SystemDerivative<T, S, O>>,
        covariance: &SMatrix<T, S, S>,
    ) -> Result<Self, Error> {
        system.check_finite()?;
        check_covariance(covariance)?;
        derivatives.as_ref().iter().try_for_each(SystemDerivative::check_finite)?;
        let mut covariance = *covariance;
        mirror(&mut covariance);
        let gradient = Array(filled::<M::ParamCount, _>(SMatrix::zeros()));
        Ok(Self { system, derivatives: Array(derivatives), covariance, gradient })
    }

    /// Returns the covariance P of the state.
    #[must_use]
    pub const fn covariance(&self) -> &SMatrix<T, S, S> {
        &self.covariance
    }

    /// Returns the derivatives \[∂P/∂θₖ\] of the state covariance P.
    #[must_use]
    pub const fn gradient(&self) -> &Gradient<M, T, S, S> {
        &self.gradient.0
    }

    /// Predicts the state covariance P and its derivatives ∂P one time step ahead.
    ///
    /// # Errors
    ///
    /// If an entry of P or ∂P would be infinite or NaN, returns [`Error::NotFinite`] with the first
    /// such entry and leaves the recursion unchanged.
    pub fn predict(&mut self) -> Result<(), Error> {
        let covariance = self.system.predict_covariance(&self.covariance)?;
        let gradient = self.each(|d, dp| d.of_prediction(&self.system, &self.covariance, dp));
        gradient.iter().try_for_each(check_finite)?;
        self.accept((covariance, gradient));
        Ok(())
    }

    /// Updates the state covariance P and its derivatives ∂P for an observation at the present time
    /// step.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`System::update_covariance`], or [`Error::NotFinite`] with the first
    /// entry of a derivative that is infinite or NaN. After an error, the recursion is unchanged.
    pub fn update(&mut self) -> Result<(), Error> {
        let updated = self.updated(&self.correction()?)?;
        self.accept(updated);
        Ok(())
    }

    pub(super) fn correction(&self) -> Result<Correction<T, S, O>, Error> {
        self.system.correction(&self.covariance)
    }

    pub(super) fn updated(&self, by: &Correction<T, S, O>) -> Result<Updated<M, T, S>, Error> {
        let covariance = by.covariance(&self.system, &self.covariance)?;
        let gradient = self.each(|d, dp| by.covariance_derivative(&self.covariance, dp, d));
        gradient.iter().try_for_each(check_finite)?;
        Ok((covariance, gradient))
    }

    pub(super) fn accept(&mut self, (covariance, gradient): Updated<M, T, S>) {
        (self.covariance, self.gradient) = (covariance, gradient);
    }

    /// Calls `f` for each parameter with the derivative of the system and the derivative ∂P of the
    /// state covariance, and returns the results.
    pub(super) fn each<E>(
        &self,
        f: impl Fn(&SystemDerivative<T, S, O>, &SMatrix<T, S, S>) -> E,
    ) -> Array<E, M::ParamCount> {
        Array::from_fn(|k| f(&self.derivatives[k], &self.gradient[k]))
    }
}

impl<M: Shape + ?Sized, T: Clone, const S: usize, const O: usize> Clone
    for CovarianceRecursion<M, T, S, O>
{
    fn clone(&self) -> Self {
        Self {
            system: self.system.clone(),
            derivatives: self.derivatives.clone(),
            covariance: self.covariance.clone(),
            gradient: self.gradient.clone(),
        }
    }
}
