//! First-order autoregression, as a covariance and as a correlation matrix.

use core::fmt;

use nalgebra::{Const, SMatrix};
use typenum::{U1, U2};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::shape::Shape;
use crate::algebra::shape::scale::Scale;
use crate::algebra::visit::Visitor;
use crate::base::scalar::Real;
use crate::structure::correlation::{ANY_CORRELATION, Correlation};
use crate::transform::exponential::ExpPow2;
use crate::transform::{Jet, Transform, TransformVisitor};

/// The N×N covariance σ² ρ^|i−j| of a stationary first-order autoregression, with 0⁰ = 1.
///
/// The parameters are the variance `sigma^2` and the correlation `rho`. By default, an element x of
/// θ is mapped to the variance by σ² = e²ˣ or to the correlation by ρ = tanh(x/2), which is in (−1,
/// 1). The reference is Box & Jenkins 1970, Time Series Analysis, 3.2.3. The derivatives are
/// polynomials in ρ, and are exact even at ρ = 0. At ρ = 0, ∂V/∂ρ is σ² at lag 1 and 0 at all other
/// lags.
///
/// ```
/// use covprop::nalgebra::Matrix3;
/// use covprop::prelude::*;
///
/// let v = Ar1Matrix::<3>::new().with_transforms(Identity, Identity);
/// assert_eq!(v.value(&[4.0, 0.5]), Matrix3::new(4.0, 2.0, 1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 4.0));
/// let [_, by_rho] = v.gradient(&[4.0, 0.0]);
/// assert_eq!(by_rho, Matrix3::new(0.0, 4.0, 0.0, 4.0, 0.0, 4.0, 0.0, 4.0, 0.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "autoregressive")]
pub struct Ar1Matrix<const N: usize, F = ExpPow2, G = Correlation> {
    variance: F,
    correlation: G,
}

impl<const N: usize> Ar1Matrix<N> {
    /// Creates the matrix with the default transforms of an element x of θ: σ² = e²ˣ for the
    /// variance and ρ = tanh(x/2) for the correlation.
    #[must_use]
    pub const fn new() -> Self {
        Self { variance: ExpPow2, correlation: ANY_CORRELATION }
    }

    /// Returns this matrix with other transforms from the free parameters x to the variance σ² and
    /// to the correlation ρ.
    #[must_use]
    pub const fn with_transforms<F: Transform, G: Transform>(
        self,
        variance: F,
        correlation: G,
    ) -> Ar1Matrix<N, F, G> {
        Ar1Matrix { variance, correlation }
    }
}

impl<const N: usize> Default for Ar1Matrix<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, F, G> Shape for Ar1Matrix<N, F, G> {
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = U2;

    const SYMMETRIC: bool = true;

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        Scale::write_variance_and_neutral(degree, scales)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(if index == 0 { "sigma^2" } else { "rho" })
    }
}

impl<T: Real, F: Transform, G: Transform, const N: usize> ParamMatrix<T, N, N>
    for Ar1Matrix<N, F, G>
{
    #[inline]
    fn value(&self, theta: &[T; 2]) -> SMatrix<T, N, N> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &[T; 2]) -> [SMatrix<T, N, N>; 2] {
        gradient_by_visit(self, theta)
    }

    fn visit_transform<V: TransformVisitor>(&self, k: usize, visitor: V) -> V::Output {
        if k == 0 { visitor.visit(&self.variance) } else { visitor.visit(&self.correlation) }
    }

    #[inline]
    fn visit<V: Visitor<T, N, N>>(&self, &[x, y]: &[T; 2], visitor: &mut V) {
        let (variance, rho) = (self.variance.jet(x), self.correlation.jet(y));
        let [powers, firsts, seconds] = powers(rho);
        let times = |s: T, lags: &[T; N]| lags.map(|x| s * x);
        visitor.value(|out| Partial::Toeplitz(&times(variance.value, &powers)).write(out));
        visitor.derivative(0, Partial::Toeplitz(&times(variance.first, &powers)));
        visitor.derivative(1, Partial::Toeplitz(&times(variance.value, &firsts)));
        visitor.second(0, 0, Partial::Toeplitz(&times(variance.second, &powers)));
        visitor.second(0, 1, Partial::Toeplitz(&times(variance.first, &firsts)));
        visitor.second(1, 1, Partial::Toeplitz(&times(variance.value, &seconds)));
    }
}

/// For the lags d = 0, …, N−1, returns ρᵈ and its first and second derivatives with respect to the
/// element of θ for ρ. The first two derivatives of ρᵈ with respect to ρ are d ρᵈ⁻¹ and d(d−1)
/// ρᵈ⁻².
#[inline]
fn powers<T: Real, const N: usize>(rho: Jet<T>) -> [[T; N]; 3] {
    let mut powers = [T::zero(); N];
    let mut firsts = [T::zero(); N];
    let mut seconds = [T::zero(); N];
    let (mut power, mut before, mut before_that) = (T::one(), T::zero(), T::zero());
    let mut lag = T::zero();
    for ((p, first), second) in powers.iter_mut().zip(&mut firsts).zip(&mut seconds) {
        *p = power;
        *first = lag * before * rho.first;
        *second = lag * (lag - T::one()) * before_that * rho.first * rho.first
            + lag * before * rho.second;
        (before_that, before, power) = (before, power, power * rho.value);
        lag += T::one();
    }
    [powers, firsts, seconds]
}

/// The N×N correlation ρ^|i−j| of a stationary first-order autoregression, with 0⁰ = 1.
///
/// The only parameter is the correlation `rho`, by default ρ = tanh(x/2) for the only element x of
/// θ.
///
/// ```
/// use covprop::nalgebra::Matrix3;
/// use covprop::prelude::*;
/// use covprop::structure::Ar1CorrelationMatrix;
///
/// let r = Ar1CorrelationMatrix::<3>::new().with_transform(Identity);
/// assert_eq!(r.value(&[0.5]), Matrix3::new(1.0, 0.5, 0.25, 0.5, 1.0, 0.5, 0.25, 0.5, 1.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "autoregressive")]
pub struct Ar1CorrelationMatrix<const N: usize, F = Correlation> {
    transform: F,
}

impl<const N: usize> Ar1CorrelationMatrix<N> {
    /// Creates the matrix with ρ = tanh(x/2).
    #[must_use]
    pub const fn new() -> Self {
        Self { transform: ANY_CORRELATION }
    }

    /// Returns this matrix with another transform from the free parameter x to the correlation ρ.
    #[must_use]
    pub const fn with_transform<F: Transform>(self, transform: F) -> Ar1CorrelationMatrix<N, F> {
        Ar1CorrelationMatrix { transform }
    }
}

impl<const N: usize> Default for Ar1CorrelationMatrix<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, F> Shape for Ar1CorrelationMatrix<N, F> {
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = U1;

    const SYMMETRIC: bool = true;

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        scales.fill(Scale::NEUTRAL);
        degree == 0.0
    }

    fn write_param_name(&self, _: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("rho")
    }
}

impl<T: Real, F: Transform, const N: usize> ParamMatrix<T, N, N> for Ar1CorrelationMatrix<N, F> {
    #[inline]
    fn value(&self, theta: &[T; 1]) -> SMatrix<T, N, N> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &[T; 1]) -> [SMatrix<T, N, N>; 1] {
        gradient_by_visit(self, theta)
    }

    fn visit_transform<V: TransformVisitor>(&self, _: usize, visitor: V) -> V::Output {
        visitor.visit(&self.transform)
    }

    #[inline]
    fn visit<V: Visitor<T, N, N>>(&self, &[x]: &[T; 1], visitor: &mut V) {
        let [powers, firsts, seconds] = powers(self.transform.jet(x));
        visitor.value(|out| Partial::Toeplitz(&powers).write(out));
        visitor.derivative(0, Partial::Toeplitz(&firsts));
        visitor.second(0, 0, Partial::Toeplitz(&seconds));
    }
}
