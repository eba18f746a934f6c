//! Correlations between places that depend on distance only.

use core::fmt;

use nalgebra::{Const, SMatrix, convert};
use typenum::U1;

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::shape::Shape;
use crate::algebra::shape::scale::Scale;
use crate::algebra::visit::Visitor;
use crate::base::scalar::Real;
use crate::structure::correlation_function::CorrelationFunction;
use crate::structure::distances::Distances;
use crate::transform::exponential::Exp;
use crate::transform::{Transform, TransformVisitor};

/// The N×N correlation matrix ρ(dᵢⱼ/r) of N places at distances dᵢⱼ, for a [`CorrelationFunction`]
/// ρ.
///
/// The only parameter is the range `range`, by default r = eˣ for the only element x of θ. The
/// matrix is positive definite if the places are distinct and the distances are Euclidean.
///
/// ```
/// use covprop::prelude::*;
/// use covprop::structure::{Exponential, IsotropicCorrelationMatrix};
///
/// const PLACES: Distances<3> = Distances::from_positions([0.0, 1.0, 3.0]);
/// let c = IsotropicCorrelationMatrix::new(PLACES, Exponential).with_transform(Identity);
/// assert_eq!(c.value(&[2.0])[(2, 0)], (-1.5_f64).exp());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IsotropicCorrelationMatrix<const N: usize, K, F = Exp> {
    distances: Distances<N>,
    function: K,
    transform: F,
}

impl<const N: usize, K> IsotropicCorrelationMatrix<N, K> {
    /// Creates the matrix ρ(dᵢⱼ/r) with r = eˣ.
    #[must_use]
    pub const fn new(distances: Distances<N>, function: K) -> Self {
        Self { distances, function, transform: Exp }
    }

    /// Returns this matrix with another transform from the free parameter x to the range r.
    #[must_use]
    pub const fn with_transform<F: Transform>(
        self,
        transform: F,
    ) -> IsotropicCorrelationMatrix<N, K, F>
    where
        K: Copy,
    {
        let Self { distances, function, .. } = self;
        IsotropicCorrelationMatrix { distances, function, transform }
    }
}

impl<const N: usize, K, F> Shape for IsotropicCorrelationMatrix<N, K, F> {
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = U1;

    const SYMMETRIC: bool = true;

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        scales.fill(Scale::new(0.0, self.distances.spacing()));
        degree == 0.0
    }

    fn write_param_name(&self, _: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("range")
    }
}

impl<T, K, F, const N: usize> ParamMatrix<T, N, N> for IsotropicCorrelationMatrix<N, K, F>
where
    T: Real,
    K: CorrelationFunction,
    F: Transform,
{
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

    /// Let r′ and r″ be the derivatives of the range r with respect to θ, and let a = r′/r and b =
    /// r″/r. Then the scaled distance u = d/r has the derivatives u′ = −a u and u″ = (2a² − b) u
    /// with respect to θ. By the chain rule, the correlation ρ(u) has the derivatives ρ′ = −a
    /// (uρ_u) and ρ″ = a² (u²ρ_uu) + (2a² − b)(uρ_u), where ρ_u and ρ_uu are its derivatives with
    /// respect to u.
    #[inline]
    fn visit<V: Visitor<T, N, N>>(&self, &[x]: &[T; 1], visitor: &mut V) {
        let range = self.transform.jet(x);
        // At a range of 0 or ∞, the correlations are 0 or 1, and their derivatives are 0.
        let settled = range.value.is_zero() || range.value > T::zero() && !range.value.is_finite();
        let (a, b) = if settled {
            (T::zero(), T::zero())
        } else {
            (range.first / range.value, range.second / range.value)
        };
        let [mut value, mut first, mut second] = [SMatrix::<T, N, N>::zeros(); 3];
        for i in 0..N {
            for j in 0..=i {
                // A distance of 0 results in u = 0 even if the range is too small to divide by.
                let d = self.distances.between(i, j);
                let u = if d == 0.0 { T::zero() } else { convert::<_, T>(d) / range.value };
                // A negative range is invalid, so that u becomes NaN.
                let u = if u < T::zero() { T::zero() / T::zero() } else { u };
                let [rho, by_u, by_uu] = self.function.at(u);
                for place in [(i, j), (j, i)] {
                    value[place] = rho;
                    first[place] = -a * by_u;
                    second[place] = a * a * by_uu + (a * a + a * a - b) * by_u;
                }
            }
        }
        visitor.value(|out| *out = value);
        visitor.derivative(0, Partial::Dense(&first));
        visitor.second(0, 0, Partial::Dense(&second));
    }
}
