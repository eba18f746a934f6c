//! First-order ante-dependence correlations.

use core::fmt;

use hybrid_array::Array;
use nalgebra::{Const, SMatrix};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Gradient, Shape, Theta};
use crate::algebra::visit::Visitor;
use crate::base::dim::Lags;
use crate::base::scalar::Real;
use crate::structure::correlation::{ANY_CORRELATION, Correlation};
use crate::transform::{Jet, Transform, TransformVisitor};

/// The N×N correlation matrix Rᵢⱼ = ρᵢ ρᵢ₊₁ ⋯ ρⱼ₋₁ (i < j) of first-order ante-dependence, positive
/// definite for every θ. Each occasion depends on all earlier occasions only through the occasion
/// just before.
///
/// The N−1 parameters `rho_0`, …, `rho_{N-2}` are the correlations of neighbouring occasions. By
/// default, ρᵢ = tanh(x/2) for an element x of θ. If all correlations ρᵢ of neighbouring occasions
/// are equal, the matrix equals [`Ar1CorrelationMatrix`](crate::structure::Ar1CorrelationMatrix).
/// The derivatives are products of correlations, and are exact even if a correlation ρᵢ is 0:
///
/// ```text
/// ∂Rᵢⱼ/∂ρₐ = Rᵢₐ Rₐ₊₁,ⱼ      ∂²Rᵢⱼ/∂ρₐ∂ρ_b = Rᵢₐ Rₐ₊₁,_b R_b₊₁,ⱼ      i ≤ a < b < j
/// ```
///
/// ```
/// use covprop::nalgebra::Matrix3;
/// use covprop::prelude::*;
/// use covprop::structure::AnteDependenceCorrelationMatrix;
///
/// let r = AnteDependenceCorrelationMatrix::<3>::new().with_transform(Identity);
/// assert_eq!(r.value(&[0.5, 0.2]), Matrix3::new(1.0, 0.5, 0.1, 0.5, 1.0, 0.2, 0.1, 0.2, 1.0));
/// let [by_first, _] = r.gradient(&[0.0, 0.2]);
/// assert_eq!(by_first, Matrix3::new(0.0, 1.0, 0.2, 1.0, 0.0, 0.0, 0.2, 0.0, 0.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnteDependenceCorrelationMatrix<const N: usize, F = Correlation> {
    transform: F,
}

impl<const N: usize> AnteDependenceCorrelationMatrix<N> {
    /// The matrix with the default transform, for any N, including sizes for which this structure
    /// does not implement [`Shape`].
    pub(crate) const ANY: Self = Self { transform: ANY_CORRELATION };

    /// Creates the matrix with ρᵢ = tanh(x/2).
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self::ANY
    }

    /// Returns this matrix with another transform from each free parameter x to the correlation ρᵢ.
    #[must_use]
    pub const fn with_transform<F: Transform>(
        self,
        transform: F,
    ) -> AnteDependenceCorrelationMatrix<N, F> {
        AnteDependenceCorrelationMatrix { transform }
    }
}

impl<const N: usize> Default for AnteDependenceCorrelationMatrix<N>
where
    Self: Shape,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, F> Shape for AnteDependenceCorrelationMatrix<N, F>
where
    Const<N>: Lags,
{
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = <Const<N> as Lags>::Count;

    const SYMMETRIC: bool = true;

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        scales.fill(Scale::NEUTRAL);
        degree == 0.0
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "rho_{index}")
    }
}

impl<T, F, const N: usize> ParamMatrix<T, N, N> for AnteDependenceCorrelationMatrix<N, F>
where
    T: Real,
    F: Transform,
    Const<N>: Lags,
{
    #[inline]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, N, N> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, N, N> {
        gradient_by_visit(self, theta)
    }

    fn visit_transform<V: TransformVisitor>(&self, _: usize, visitor: V) -> V::Output {
        visitor.visit(&self.transform)
    }

    #[inline]
    fn visit<V: Visitor<T, N, N>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        let theta = theta.as_ref();
        let rho =
            Array::<Jet<T>, <Self as Shape>::ParamCount>::from_fn(|k| self.transform.jet(theta[k]));
        let mut r = SMatrix::<T, N, N>::identity();
        for i in 0..N {
            for j in i + 1..N {
                r[(i, j)] = r[(i, j - 1)] * rho[j - 1].value;
                r[(j, i)] = r[(i, j)];
            }
        }
        visitor.value(|out| *out = r);
        // Computes s Rᵢₐ Rₖⱼ for i ≤ a and j ≥ k, and its mirror image.
        let around = |s: T, a: usize, k: usize| {
            let mut out = SMatrix::<T, N, N>::zeros();
            for i in 0..=a {
                for j in k..N {
                    out[(i, j)] = s * r[(i, a)] * r[(k, j)];
                    out[(j, i)] = out[(i, j)];
                }
            }
            out
        };
        for (b, of_b) in rho.iter().enumerate() {
            visitor.derivative_by(b, |out| *out = around(of_b.first, b, b + 1));
            if V::SECOND {
                visitor.second(b, b, Partial::Dense(&around(of_b.second, b, b + 1)));
                for (a, of_a) in rho.iter().enumerate().take(b) {
                    let s = of_a.first * of_b.first * r[(a + 1, b)];
                    visitor.second(a, b, Partial::Dense(&around(s, a, b + 1)));
                }
            }
        }
    }
}
