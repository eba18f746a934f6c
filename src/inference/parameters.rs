//! Standard errors and intervals for the parameters of V and for functions of the parameters.

use hybrid_array::Array;
use nalgebra::convert;
use typenum::Unsigned;

use crate::algebra::shape::{Curvature, PerParam, Shape, Theta};
use crate::base::arrays::tabulate;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::inference::Inference;
use crate::inference::contrast::Estimate;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::invert::power_of_root;

impl<M: Shape, T: Real, const K: usize> Inference<M, T, K> {
    /// Returns the information matrix of θ on which this inference is based. The matrix includes
    /// parameters on the boundary. If ℓ is the log-likelihood and ηₖ is parameter k on its natural
    /// scale, an observed information matrix has the entries
    ///
    /// ```text
    /// −∂²ℓ/∂ηₖ∂ηₗ · dηₖ/dθₖ · dηₗ/dθₗ
    /// ```
    #[must_use]
    pub const fn information(&self) -> &Curvature<M, T> {
        &self.information.rows
    }

    /// Returns the covariance of the estimate of θ, which is the inverse of the information matrix.
    /// The covariances of a parameter that counts as known are zero. For each direction that the
    /// data do not determine, one parameter counts as known.
    #[must_use]
    pub const fn theta_covariance(&self) -> &Curvature<M, T> {
        &self.covariance.rows
    }

    /// Returns the covariance of the estimates of the parameters on their natural scale, by the
    /// delta method.
    #[must_use]
    pub fn param_covariance(&self) -> Curvature<M, T> {
        let slopes = self.slopes.as_ref();
        InformationMatrix::<M::ParamCount, T>::from_fn(|k, l| {
            let x = self.covariance.get(k, l);
            // Avoids 0 · ∞: the derivative may be infinite where the covariance is exactly zero.
            if x.is_zero() { x } else { slopes[k] * x * slopes[l] }
        })
        .rows
    }

    /// Returns the standard errors of θ. The standard error is `None` for a parameter that counts
    /// as known and for a parameter that the data do not determine;
    /// [`param_standard_error`](Self::param_standard_error) distinguishes the two cases.
    #[must_use]
    pub fn theta_standard_errors(&self) -> PerParam<M, Option<T>> {
        self.standard_errors(|_| T::one())
    }

    /// Returns the standard errors of the parameters on their natural scale, by the delta method.
    /// The standard error is `None` for a parameter that counts as known and for a parameter that
    /// the data do not determine; [`param_standard_error`](Self::param_standard_error)
    /// distinguishes the two cases.
    #[must_use]
    pub fn param_standard_errors(&self) -> PerParam<M, Option<T>> {
        self.standard_errors(|k| self.slopes.as_ref()[k].abs())
    }

    /// Returns the standard error of parameter k on its natural scale, by the delta method, or
    /// `None` if the parameter counts as known.
    ///
    /// # Errors
    ///
    /// - [`Error::ParameterIndex`] if there is no parameter k
    /// - [`Error::NotIdentified`] if the data do not determine the parameter, with the name of the
    ///   parameter or of a combination of parameters
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// // two names for one variance
    /// let twins = ScalarMatrix::<4>::new().plus(named("twin", ScalarMatrix::<4>::new()));
    /// let model = Marginal::new(twins);
    /// let estimation = model.estimation(&SVector::<f64, 4>::repeat(1.0), &vector![1.0, 2.0, 3.0, 4.0])?;
    /// let inference = estimation.inference(&estimation.fit()?)?;
    /// let error = inference.param_standard_error(1).unwrap_err();
    /// assert!(error.to_string().contains("twin/sigma^2"));
    /// // their sum is determined: 5/3 by 3 degrees of freedom
    /// let sum = inference.function(|[a, b]| a + b)?;
    /// assert!((sum.standard_error - 5.0 / 3.0 * (2.0_f64 / 3.0).sqrt()).abs() < 1e-8);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    pub fn param_standard_error(&self, k: usize) -> Result<Option<T>, Error> {
        let params = M::ParamCount::USIZE;
        let errors = self.param_standard_errors();
        let error = errors
            .as_ref()
            .get(k)
            .ok_or(Error::ParameterIndex { index: k, parameter_count: params })?;
        self.ridge.check_param(k)?;
        Ok(*error)
    }

    fn standard_errors(&self, factor: impl Fn(usize) -> T) -> PerParam<M, Option<T>> {
        let error = |k: usize| {
            let determined = self.free.as_ref()[k] && self.ridge.check_param(k).is_ok();
            determined.then(|| self.covariance.get(k, k).sqrt() * factor(k))
        };
        Array::<_, M::ParamCount>::from_fn(error).0
    }

    /// Returns the estimate of θ.
    #[must_use]
    pub const fn theta(&self) -> &Theta<M, T> {
        &self.theta
    }

    /// Returns Wald's confidence intervals for the entries of θ at this level: estimate ± z ×
    /// standard error, where z is a quantile of the standard normal distribution. If the ends of an
    /// interval are transformed to the natural scale by
    /// [`params`](crate::algebra::ParamMatrixExt::params), the transformed ends are within the
    /// bounds of the parameter. For example, both ends of an interval for a variance are positive,
    /// as in nlme's `intervals`. The interval of a parameter that counts as known has zero width.
    /// The interval of a parameter that the data do not determine is infinite.
    /// [`Estimation::profile`](crate::reml::Estimation::profile) gives more accurate intervals.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let model = Marginal::new(ScalarMatrix::<4>::new());
    /// let estimation = model.estimation(&SVector::<f64, 4>::repeat(1.0), &vector![1.0, 2.0, 3.0, 4.0])?;
    /// let inference = estimation.inference(&estimation.fit()?)?;
    /// let [low, high] = inference.theta_interval(0.95).map(|theta| model.covariance().params(&theta)[0]);
    /// // σ² = 5/3, and log σ² has the standard error √(2/3)
    /// let factor = (1.959_964 * (2.0_f64 / 3.0).sqrt()).exp();
    /// assert!((low * factor - 5.0 / 3.0).abs() < 1e-5 && (high / factor - 5.0 / 3.0).abs() < 1e-5);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    #[must_use]
    pub fn theta_interval(&self, level: f64) -> [Theta<M, T>; 2] {
        let errors = self.theta_standard_errors();
        [0, 1].map(|end| {
            tabulate::<M::ParamCount, T>(T::zero(), |k| {
                let value = self.theta.as_ref()[k];
                let infinite = T::one() / T::zero();
                match errors.as_ref()[k] {
                    Some(standard_error) => Estimate { value, standard_error }.interval(level)[end],
                    None if self.ridge.check_param(k).is_ok() => value,
                    None if end == 0 => -infinite,
                    None => infinite,
                }
            })
            .0
        })
    }

    /// Returns the value of a smooth function of the parameters on their natural scale, with its
    /// standard error by the delta method. The standard error is √(gᵀ A g), where g is the gradient
    /// of the function with respect to θ, and A is the covariance of the estimate of θ. The
    /// derivatives are computed by fourth-order differences, with about ten correct digits in
    /// `f64`.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let model = Marginal::new(ScalarMatrix::<4>::new());
    /// let estimation = model.estimation(&SVector::<f64, 4>::repeat(1.0), &vector![1.0, 2.0, 3.0, 4.0])?;
    /// let inference = estimation.inference(&estimation.fit()?)?;
    /// // σ² = 5/3 by 3 degrees of freedom has the standard error σ²√(2/3), σ half of that relative to itself
    /// let sigma = inference.function(|[variance]| variance.sqrt())?;
    /// assert!((sigma.standard_error / sigma.value - (2.0_f64 / 3.0).sqrt() / 2.0).abs() < 1e-10);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    ///
    /// A parameter on the boundary counts as known, so that the standard error of a proportion that
    /// is estimated as zero is zero.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotIdentified`] with the parameter, or the combination of parameters, if
    /// the function changes along a direction that the data do not determine.
    pub fn function(&self, f: impl Fn(&Theta<M, T>) -> T) -> Result<Estimate<T>, Error> {
        let errors = self.param_standard_errors();
        let slope = |k: usize| self.slopes.as_ref()[k];
        // If the data do not determine a parameter, the scale is its change for one unit of θ.
        let step =
            |k: usize| errors.as_ref()[k].unwrap_or(slope(k).abs()).min(self.room.as_ref()[k]);
        self.delta(&self.params, step, f, slope)
    }

    /// Returns the value of a smooth function of θ, such as an entry of V, with a standard error by
    /// the delta method.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`function`](Self::function).
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let model = Marginal::new(ScalarMatrix::<4>::new());
    /// let estimation = model.estimation(&SVector::<f64, 4>::repeat(1.0), &vector![1.0, 2.0, 3.0, 4.0])?;
    /// let inference = estimation.inference(&estimation.fit()?)?;
    /// let entry = inference.function_of_theta(|theta| model.covariance().value(theta)[(2, 2)])?;
    /// let variance = inference.function(|&[variance]| variance)?;
    /// assert!((entry.value - 5.0 / 3.0).abs() < 1e-12);
    /// assert!((entry.standard_error - variance.standard_error).abs() < 1e-10);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    pub fn function_of_theta(&self, f: impl Fn(&Theta<M, T>) -> T) -> Result<Estimate<T>, Error> {
        let errors = self.theta_standard_errors();
        self.delta(&self.theta, |k| errors.as_ref()[k].unwrap_or(T::one()), f, |_| T::one())
    }

    /// Returns the value of the function `f` at `x`, with its standard error. The vector `x` is θ
    /// or consists of the parameters on their natural scale. The callback `scale` returns a typical
    /// change of entry k of `x`. The callback `slope` returns the derivative of entry k of `x` with
    /// respect to θₖ.
    fn delta(
        &self,
        x: &Theta<M, T>,
        scale: impl Fn(usize) -> T,
        f: impl Fn(&Theta<M, T>) -> T,
        slope: impl Fn(usize) -> T,
    ) -> Result<Estimate<T>, Error> {
        let derivative = |k: usize| -> T {
            if !self.free.as_ref()[k] || slope(k).is_zero() {
                return T::zero();
            }
            let at = |step: T| {
                let moved = tabulate::<M::ParamCount, T>(T::zero(), |l| {
                    let x = x.as_ref()[l];
                    if l == k { x + step } else { x }
                });
                f(&moved.0)
            };
            slope(k) * difference(at, scale(k))
        };
        let derivatives = tabulate::<M::ParamCount, T>(T::zero(), derivative);
        self.ridge.check_slopes(&derivatives)?;
        // Divide the derivatives by a power of two near their size, because the square of a
        // variance may overflow.
        let largest = derivatives.iter().fold(T::zero(), |largest, x| x.abs().max(largest));
        let size = if largest.is_zero() { T::one() } else { power_of_root(largest) };
        let size = size * size;
        let variance = self.covariance.form(&derivatives.map(|x| x / size));
        // Rounding may make a zero negative. A NaN stays NaN.
        let variance = if variance < T::zero() { T::zero() } else { variance };
        Ok(Estimate { value: f(x), standard_error: variance.sqrt() * size })
    }
}

/// Returns the derivative of the function `f` at 0 by fourth-order differences, where `scale` is a
/// typical change of the argument. The step h is shortened until the derivatives computed with h
/// and h/2 agree, or until the difference between them no longer decreases. The result is NaN if no
/// step gives a finite derivative.
fn difference<T: Real>(f: impl Fn(T) -> T, scale: T) -> T {
    const SHORTENINGS: usize = 24;
    let fourth_order = |h: T| {
        let (near, far) = (f(h) - f(-h), f(h + h) - f(-h - h));
        (near * convert(8.0) - far) / (h * convert(12.0))
    };
    let enough = T::default_epsilon().powf(convert(0.6));
    let mut h = scale * T::default_epsilon().powf(convert(0.2));
    let mut best = (T::one() / T::zero(), T::zero() / T::zero());
    for _ in 0..SHORTENINGS {
        let (coarse, fine) = (fourth_order(h), fourth_order(h * convert(0.5)));
        let apart = (fine - coarse).abs();
        if apart > best.0 {
            break;
        }
        if apart.is_finite() {
            best = (apart, fine);
        }
        if apart <= enough * fine.abs() {
            break;
        }
        h *= convert(0.25);
    }
    best.1
}
