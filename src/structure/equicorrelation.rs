//! Equal correlations, with unit variances or with a common variance.

use core::fmt;

use nalgebra::{Const, SMatrix};
use typenum::{U1, U2};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::shape::Shape;
use crate::algebra::shape::scale::Scale;
use crate::algebra::visit::Visitor;
use crate::base::error::text::Text;
use crate::base::scalar::Real;
use crate::structure::correlation::Correlation;
use crate::transform::affine::ScaleShift;
use crate::transform::chain::Chain;
use crate::transform::exponential::ExpPow2;
use crate::transform::sigmoid::Sigmoid;
use crate::transform::{Jet, Transform, TransformVisitor};

/// Returns the transform onto (−1/(N−1), 1), the interval in which N equal correlations are
/// positive definite.
const fn onto_equicorrelation<const N: usize>() -> Correlation {
    const {
        if N < 2 {
            let message = "an equal correlation takes at least 2 variables, not ";
            panic!("{}", Text::EMPTY.then(message).then_number(N).as_str());
        }
    }
    let low = -1.0 / (N - 1) as f64;
    Chain::new(Sigmoid, ScaleShift::new(1.0 - low, low))
}

/// The N×N correlation matrix with 1 on the diagonal and ρ in all off-diagonal entries, N ≥ 2.
///
/// The only parameter is the correlation `rho`. By default, ρ = (1 − l) / (1 + e⁻ˣ) + l, where l =
/// −1/(N−1) and x is the only element of θ, so that ρ is in (l, 1). With l = −1/(N−1), the matrix
/// is positive definite for ρ in (l, 1), because its eigenvalues are 1 + (N−1)ρ, once, and 1−ρ, N−1
/// times (Rao 1973, Linear Statistical Inference, 1c.3). At x = 0, ρ is (1 + l)/2.
///
/// ```
/// use covprop::nalgebra::Matrix3;
/// use covprop::prelude::*;
/// use covprop::structure::EquicorrelationMatrix;
///
/// let c = EquicorrelationMatrix::<3>::new();
/// assert_eq!(c.value(&[0.0])[(0, 1)], 0.25);
/// let c = c.with_transform(Identity);
/// assert_eq!(c.value(&[0.5]), Matrix3::new(1.0, 0.5, 0.5, 0.5, 1.0, 0.5, 0.5, 0.5, 1.0));
/// ```
///
/// A size of N = 1 is a compile error, "an equal correlation takes at least 2 variables, not 1":
///
/// ```compile_fail,E0080
/// use covprop::structure::EquicorrelationMatrix;
///
/// let c = EquicorrelationMatrix::<1>::new();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "exchangeable")]
#[doc(alias = "uniform correlation")]
pub struct EquicorrelationMatrix<const N: usize, F = Correlation> {
    transform: F,
}

impl<const N: usize> EquicorrelationMatrix<N> {
    /// Creates the matrix with the default transform, which maps the element of θ onto the interval
    /// (−1/(N−1), 1) of the correlation ρ by a scaled sigmoid.
    #[must_use]
    pub const fn new() -> Self {
        Self { transform: onto_equicorrelation::<N>() }
    }

    /// Returns this matrix with another transform from the free parameter x to the correlation ρ.
    #[must_use]
    pub const fn with_transform<F: Transform>(self, transform: F) -> EquicorrelationMatrix<N, F> {
        EquicorrelationMatrix { transform }
    }
}

impl<const N: usize> Default for EquicorrelationMatrix<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, F> Shape for EquicorrelationMatrix<N, F> {
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

/// Returns the first row of the matrix that has the value `diagonal` on its diagonal and `off`
/// elsewhere.
fn two_values<T: Real, const N: usize>(diagonal: T, off: T) -> [T; N] {
    core::array::from_fn(|lag| if lag == 0 { diagonal } else { off })
}

impl<T: Real, F: Transform, const N: usize> ParamMatrix<T, N, N> for EquicorrelationMatrix<N, F> {
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
        let rho = self.transform.jet(x);
        visitor.value(|out| Partial::Toeplitz(&two_values(T::one(), rho.value)).write(out));
        visitor.derivative(0, Partial::Toeplitz(&two_values(T::zero(), rho.first)));
        visitor.second(0, 0, Partial::Toeplitz(&two_values(T::zero(), rho.second)));
    }
}

/// The N×N compound symmetric matrix with σ² on the diagonal and σ²ρ in all off-diagonal entries, N
/// ≥ 2.
///
/// The parameters are the variance `sigma^2`, by default σ² = e²ˣ for an element x of θ, and the
/// correlation `rho`, whose default transform is that of [`EquicorrelationMatrix`].
///
/// ```
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
///
/// let v = CompoundSymmetricMatrix::<2>::new().with_transforms(Identity, Identity);
/// assert_eq!(v.value(&[4.0, 0.5]), Matrix2::new(4.0, 2.0, 2.0, 4.0));
/// let [by_variance, by_correlation] = v.gradient(&[4.0, 0.5]);
/// assert_eq!(by_variance, Matrix2::new(1.0, 0.5, 0.5, 1.0));
/// assert_eq!(by_correlation, Matrix2::new(0.0, 4.0, 4.0, 0.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "exchangeable")]
pub struct CompoundSymmetricMatrix<const N: usize, F = ExpPow2, G = Correlation> {
    variance: F,
    correlation: G,
}

impl<const N: usize> CompoundSymmetricMatrix<N> {
    /// Creates the matrix with the default transforms of an element x of θ: σ² = e²ˣ for the
    /// variance, and a scaled sigmoid onto (−1/(N−1), 1) for the correlation ρ.
    #[must_use]
    pub const fn new() -> Self {
        Self { variance: ExpPow2, correlation: onto_equicorrelation::<N>() }
    }

    /// Returns this matrix with other transforms from the free parameters x to the variance σ² and
    /// to the correlation ρ.
    #[must_use]
    pub const fn with_transforms<F: Transform, G: Transform>(
        self,
        variance: F,
        correlation: G,
    ) -> CompoundSymmetricMatrix<N, F, G> {
        CompoundSymmetricMatrix { variance, correlation }
    }
}

impl<const N: usize> Default for CompoundSymmetricMatrix<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, F, G> Shape for CompoundSymmetricMatrix<N, F, G> {
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
    for CompoundSymmetricMatrix<N, F, G>
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
        // The entries are σ² and σ²ρ. A derivative with respect to σ² scales both; one with respect
        // to ρ is zero on the diagonal.
        let scaled = |s: T| two_values(s, s * rho.value);
        let off = |s: T| two_values(T::zero(), s);
        let Jet { value, first, second } = variance;
        visitor.value(|out| Partial::Toeplitz(&scaled(value)).write(out));
        visitor.derivative(0, Partial::Toeplitz(&scaled(first)));
        visitor.derivative(1, Partial::Toeplitz(&off(value * rho.first)));
        visitor.second(0, 0, Partial::Toeplitz(&scaled(second)));
        visitor.second(0, 1, Partial::Toeplitz(&off(first * rho.first)));
        visitor.second(1, 1, Partial::Toeplitz(&off(value * rho.second)));
    }
}
