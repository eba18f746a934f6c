//! Diagonal covariances whose variances depend on a covariate.

use core::fmt;

use nalgebra::{Const, SMatrix, SVector, convert};
use typenum::U2;

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, SparsityPattern};
use crate::algebra::visit::Visitor;
use crate::base::scalar::Real;
use crate::transform::affine::Identity;
use crate::transform::exponential::ExpPow2;
use crate::transform::{Jet, Transform, TransformVisitor};

/// The N×N diagonal matrix of variances σ² |vᵢ|^(2δ), a power of a covariate v.
///
/// The parameters are the variance `sigma^2`, by default σ² = e²ˣ for an element x of θ, and the
/// exponent `delta`, by default an element of θ itself. The default of the exponent `delta` is 0,
/// at which all variances are equal to σ². The structure corresponds to `varPower` in Pinheiro &
/// Bates 2000, Mixed-Effects Models in S and S-PLUS, 5.2.1. If the covariate of any observation is
/// 0, the derivatives are NaN.
///
/// ```
/// use covprop::prelude::*;
/// use covprop::structure::PowerVarianceMatrix;
///
/// let r = PowerVarianceMatrix::new([1.0, 2.0, -3.0]);
/// let variances = r.value(&[0.0, 1.0]).diagonal();
/// assert!((variances - nalgebra::Vector3::new(1.0, 4.0, 9.0)).norm() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "varPower")]
pub struct PowerVarianceMatrix<const N: usize, F = ExpPow2, G = Identity> {
    covariate: [f64; N],
    variance: F,
    power: G,
}

/// The N×N diagonal matrix of variances σ² e^(2δvᵢ), an exponential of a covariate v.
///
/// The parameters are the variance `sigma^2`, by default σ² = e²ˣ for an element x of θ, and the
/// exponent `delta`, by default an element of θ itself. The default of the exponent `delta` is 0,
/// at which all variances are equal to σ². The structure corresponds to `varExp` in Pinheiro &
/// Bates 2000, Mixed-Effects Models in S and S-PLUS, 5.2.1.
///
/// ```
/// use covprop::prelude::*;
/// use covprop::structure::ExponentialVarianceMatrix;
///
/// let r = ExponentialVarianceMatrix::new([0.0, 1.0, -1.0]);
/// let variances = r.value(&[0.0, 2.0_f64.ln()]).diagonal();
/// assert!((variances - nalgebra::Vector3::new(1.0, 4.0, 0.25)).norm() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "varExp")]
pub struct ExponentialVarianceMatrix<const N: usize, F = ExpPow2, G = Identity> {
    covariate: [f64; N],
    variance: F,
    rate: G,
}

impl<const N: usize> PowerVarianceMatrix<N> {
    /// Creates the matrix of variances σ² |vᵢ|^(2δ) with the default transforms of an element x of
    /// θ: σ² = e²ˣ for the variance and δ = x for the exponent.
    #[must_use]
    pub const fn new(covariate: [f64; N]) -> Self {
        Self { covariate, variance: ExpPow2, power: Identity }
    }

    /// Returns this matrix with other transforms from the free parameters x to the variance σ² and
    /// to the exponent δ.
    #[must_use]
    pub const fn with_transforms<F: Transform, G: Transform>(
        self,
        variance: F,
        power: G,
    ) -> PowerVarianceMatrix<N, F, G> {
        PowerVarianceMatrix { covariate: self.covariate, variance, power }
    }
}

impl<const N: usize> ExponentialVarianceMatrix<N> {
    /// Creates the matrix of variances σ² e^(2δvᵢ) with the default transforms of an element x of
    /// θ: σ² = e²ˣ for the variance and δ = x for the exponent.
    #[must_use]
    pub const fn new(covariate: [f64; N]) -> Self {
        Self { covariate, variance: ExpPow2, rate: Identity }
    }

    /// Returns this matrix with other transforms from the free parameters x to the variance σ² and
    /// to the exponent δ.
    #[must_use]
    pub const fn with_transforms<F: Transform, G: Transform>(
        self,
        variance: F,
        rate: G,
    ) -> ExponentialVarianceMatrix<N, F, G> {
        ExponentialVarianceMatrix { covariate: self.covariate, variance, rate }
    }
}

fn write_name(index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
    out.write_str(if index == 0 { "sigma^2" } else { "delta" })
}

impl<const N: usize, F, G> Shape for PowerVarianceMatrix<N, F, G> {
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = U2;

    const SYMMETRIC: bool = true;
    const SPARSITY: SparsityPattern = SparsityPattern::Diagonal;

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        Scale::write_variance_and_neutral(degree, scales)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write_name(index, out)
    }
}

impl<const N: usize, F, G> Shape for ExponentialVarianceMatrix<N, F, G> {
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = U2;

    const SYMMETRIC: bool = true;
    const SPARSITY: SparsityPattern = SparsityPattern::Diagonal;

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        Scale::write_variance_and_neutral(degree, scales)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write_name(index, out)
    }
}

impl<T, F, G, const N: usize> ParamMatrix<T, N, N> for PowerVarianceMatrix<N, F, G>
where
    T: Real,
    F: Transform,
    G: Transform,
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
        if k == 0 { visitor.visit(&self.variance) } else { visitor.visit(&self.power) }
    }

    /// Uses |v|^(2δ) = e^(δ 2 ln|v|).
    #[inline]
    fn visit<V: Visitor<T, N, N>>(&self, &[x, y]: &[T; 2], visitor: &mut V) {
        let slopes = self.covariate.map(|v| {
            let log = convert::<_, T>(v).abs().ln();
            log + log
        });
        visit_log_linear(self.variance.jet(x), self.power.jet(y), slopes, visitor);
    }
}

impl<T, F, G, const N: usize> ParamMatrix<T, N, N> for ExponentialVarianceMatrix<N, F, G>
where
    T: Real,
    F: Transform,
    G: Transform,
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
        if k == 0 { visitor.visit(&self.variance) } else { visitor.visit(&self.rate) }
    }

    #[inline]
    fn visit<V: Visitor<T, N, N>>(&self, &[x, y]: &[T; 2], visitor: &mut V) {
        let slopes = self.covariate.map(|v| convert::<_, T>(v + v));
        visit_log_linear(self.variance.jet(x), self.rate.jet(y), slopes, visitor);
    }
}

/// Passes diag(σ² e^(δ cᵢ)) and its derivatives to a visitor. The logarithm of diagonal entry i is
/// ln σ² + δ cᵢ for a known number cᵢ.
#[inline]
fn visit_log_linear<T: Real, V: Visitor<T, N, N>, const N: usize>(
    variance: Jet<T>,
    delta: Jet<T>,
    slopes: [T; N],
    visitor: &mut V,
) {
    let slopes = SVector::from(slopes);
    let factors = slopes.map(|c| (c * delta.value).exp());
    let firsts = factors.zip_map(&slopes, |factor, c| factor * c * delta.first);
    let seconds = factors
        .zip_map(&slopes, |factor, c| factor * c * (c * delta.first * delta.first + delta.second));
    let diagonal = |s: T, of: &SVector<T, N>| SMatrix::from_diagonal(&(of * s));
    let Jet { value, first, second } = variance;
    visitor.value(|out| *out = diagonal(value, &factors));
    visitor.derivative_by(0, |out| *out = diagonal(first, &factors));
    visitor.derivative_by(1, |out| *out = diagonal(value, &firsts));
    if V::SECOND {
        visitor.second(0, 0, Partial::Dense(&diagonal(second, &factors)));
        visitor.second(0, 1, Partial::Dense(&diagonal(first, &firsts)));
        visitor.second(1, 1, Partial::Dense(&diagonal(value, &seconds)));
    }
}
