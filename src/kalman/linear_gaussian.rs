//! The interface of a linear Gaussian state-space model.

use nalgebra::{SMatrix, SVector};

use crate::algebra::matrix::evaluate::solve_params;
use crate::algebra::shape::{PerParam, Shape, Theta};
use crate::base::arrays::mapped;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::kalman::covariance::CovarianceRecursion;
use crate::kalman::filter::KalmanFilter;
use crate::kalman::sensitivity::SensitivityFilter;
use crate::kalman::system::{System, SystemDerivative};
use crate::transform::{AsJet, Forward, Solved, TransformVisitor};

/// A linear Gaussian state-space model with S states and O observed quantities, implemented by
/// [`StateSpace`](crate::kalman::StateSpace).
///
/// | method | returns |
/// |---|---|
/// | [`system`](Self::system), [`system_gradient`](Self::system_gradient) | F, H, Q, R and their derivatives |
/// | [`filter`](Self::filter) | a [`KalmanFilter`]: mean, covariance and likelihood |
/// | [`covariance_recursion`](Self::covariance_recursion) | a [`CovarianceRecursion`]: P and ∂P/∂θ |
/// | [`sensitivity_filter`](Self::sensitivity_filter) | a [`SensitivityFilter`]: mean, covariance and likelihood with derivatives |
/// | [`estimation`](crate::kalman::EstimateNoise::estimation), [`fit`](crate::kalman::EstimateNoise::fit) | the estimate of θ from observations |
///
/// ```
/// use covprop::prelude::*;
///
/// // a random walk with a variance of 4 a step, observed with one of 1
/// let one = matrix![1.0];
/// let model = StateSpace::new(one, one, ScalarMatrix::<1>::new(), ScalarMatrix::<1>::new());
/// let theta: [f64; 2] = model.theta_from_params(&[4.0, 1.0])?;
/// assert!((theta[0] - 2.0_f64.ln()).abs() < 1e-15 && theta[1] == 0.0);
/// let system = model.system(&theta);
/// assert!((system.process_noise[0] - 4.0).abs() < 1e-14 && system.measurement_noise[0] == 1.0);
/// # Ok::<(), covprop::Error>(())
/// ```
pub trait LinearGaussian<T: Real, const S: usize, const O: usize>: Shape {
    /// Returns F, H, Q and R at θ.
    #[must_use]
    fn system(&self, theta: &Theta<Self, T>) -> System<T, S, O>;

    /// Returns, for each parameter, the derivative of the matrix F, H, Q or R to which the
    /// parameter belongs.
    #[must_use]
    fn system_gradient(&self, theta: &Theta<Self, T>) -> PerParam<Self, SystemDerivative<T, S, O>>;

    /// Calls `visitor` with the transform that maps θₖ to parameter k on its natural scale.
    fn visit_transform<V: TransformVisitor>(&self, k: usize, visitor: V) -> V::Output;

    /// Returns the parameters at θ on their natural scale; see
    /// [`ParamMatrixExt::params`](crate::algebra::ParamMatrixExt::params).
    #[must_use]
    fn params(&self, theta: &Theta<Self, T>) -> Theta<Self, T> {
        mapped::<Self::ParamCount, _, _>(theta, |k, x| self.visit_transform(k, Forward(x)))
    }

    /// Returns the derivative dηₖ/dθₖ for each k, where ηₖ is parameter k on its natural scale.
    #[must_use]
    fn param_derivatives(&self, theta: &Theta<Self, T>) -> Theta<Self, T> {
        mapped::<Self::ParamCount, _, _>(theta, |k, x| self.visit_transform(k, AsJet(x)).first)
    }

    /// Returns the θ at which the parameters have the given values on their natural scale. If
    /// parameter k is at a bound, θₖ is infinite; see
    /// [`ParamMatrixExt::theta_from_params`](crate::algebra::ParamMatrixExt::theta_from_params).
    ///
    /// # Errors
    ///
    /// Returns [`Error::OutsideCodomain`] for the first parameter whose given value is outside the
    /// range of its transform.
    fn theta_from_params(&self, params: &Theta<Self, T>) -> Result<Theta<Self, T>, Error>
    where
        Self: Sized,
    {
        solve_params(self, params, |k, param| self.visit_transform(k, Solved(param)))
    }

    /// Returns a Kalman filter at θ, given the mean and the covariance of the initial state. The
    /// covariance may be singular.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFinite`] with an entry of a matrix, the mean or the covariance that is not
    ///   finite
    /// - [`Error::NotSymmetric`] or [`Error::NotCovariance`] if the covariance is invalid beyond
    ///   rounding
    ///
    /// ```
    /// use covprop::Error;
    /// use covprop::error::CovarianceDefect;
    /// use covprop::prelude::*;
    ///
    /// let (f, h) = (matrix![1.0, 1.0; 0.0, 1.0], matrix![1.0, 0.0]);
    /// let model = StateSpace::new(f, h, ScalarMatrix::<2>::new(), ScalarMatrix::<1>::new());
    /// let filter = |covariance| model.filter(&[0.0, 0.0], &vector![0.0, 1.0], &covariance);
    /// assert!(filter(matrix![1.0, 1.0; 1.0, 1.0]).is_ok());
    /// let error = filter(matrix![1.0, 2.0; 2.0, 1.0]).unwrap_err();
    /// assert_eq!(error, Error::NotCovariance { row: 1, reason: CovarianceDefect::Indefinite });
    /// let error = filter(matrix![-0.3, 0.0; 0.0, 1.0]).unwrap_err();
    /// assert_eq!(error.to_string(), "the matrix is not a covariance matrix: V₀₀ is -0.3");
    /// ```
    fn filter(
        &self,
        theta: &Theta<Self, T>,
        mean: &SVector<T, S>,
        covariance: &SMatrix<T, S, S>,
    ) -> Result<KalmanFilter<T, S, O>, Error> {
        KalmanFilter::new(self.system(theta), mean, covariance)
    }

    /// Returns the recursion of the state covariance P and its derivatives ∂P/∂θ, which needs no
    /// observed values. The derivatives are initially zero.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`filter`](Self::filter).
    fn covariance_recursion(
        &self,
        theta: &Theta<Self, T>,
        covariance: &SMatrix<T, S, S>,
    ) -> Result<CovarianceRecursion<Self, T, S, O>, Error> {
        CovarianceRecursion::new(self.system(theta), self.system_gradient(theta), covariance)
    }

    /// Returns a Kalman filter at θ that also computes derivatives with respect to θ. The
    /// derivatives of the state are initially zero.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`filter`](Self::filter).
    fn sensitivity_filter(
        &self,
        theta: &Theta<Self, T>,
        mean: &SVector<T, S>,
        covariance: &SMatrix<T, S, S>,
    ) -> Result<SensitivityFilter<Self, T, S, O>, Error> {
        SensitivityFilter::new(self.covariance_recursion(theta, covariance)?, mean)
    }
}
