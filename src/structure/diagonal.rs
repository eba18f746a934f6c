//! The diagonal matrix diag(σ²₀, …, σ²_{N−1}).

use core::fmt;

use nalgebra::{Const, SMatrix};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Gradient, Shape, SparsityPattern, Theta};
use crate::algebra::visit::Visitor;
use crate::base::dim::Countable;
use crate::base::scalar::Real;
use crate::transform::exponential::ExpPow2;
use crate::transform::{Transform, TransformVisitor};

/// The N×N diagonal matrix diag(σ²₀, …, σ²_{N−1}) of independent variables, each with its own
/// variance.
///
/// The N parameters are the variances `sigma^2_0`, `sigma^2_1`, …. By default, σ²ᵢ = e²ˣ, so that
/// the element x of θ is the logarithm of the standard deviation.
///
/// ```
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
///
/// let g = DiagonalMatrix::<2>::new();
/// assert_eq!(g.value(&[0.0, 0.0]), Matrix2::new(1.0, 0.0, 0.0, 1.0));
/// let [d0, d1] = g.gradient(&[0.0, 0.0]);
/// assert_eq!(d1, Matrix2::new(0.0, 0.0, 0.0, 2.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "independent variances")]
pub struct DiagonalMatrix<const N: usize, F = ExpPow2> {
    transform: F,
}

impl<const N: usize> DiagonalMatrix<N> {
    /// The matrix with the default transform, for any N, including sizes for which this structure
    /// does not implement [`Shape`].
    pub(crate) const ANY: Self = Self { transform: ExpPow2 };

    /// Creates diag(σ²ᵢ) with σ²ᵢ = e²ˣ.
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self::ANY
    }

    /// Returns this matrix with another transform from each free parameter x to the variance σ²ᵢ.
    #[must_use]
    pub const fn with_transform<F: Transform>(self, transform: F) -> DiagonalMatrix<N, F> {
        DiagonalMatrix { transform }
    }
}

impl<const N: usize, F> Shape for DiagonalMatrix<N, F>
where
    Const<N>: Countable,
{
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = <Const<N> as Countable>::Count;

    const SYMMETRIC: bool = true;
    const SPARSITY: SparsityPattern = SparsityPattern::Diagonal;

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        scales.fill(Scale::new(degree, 1.0));
        true
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "sigma^2_{index}")
    }
}

impl<T: Real, F: Transform, const N: usize> ParamMatrix<T, N, N> for DiagonalMatrix<N, F>
where
    Const<N>: Countable,
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
        let mut out = SMatrix::<T, N, N>::zeros();
        for (i, (column, &x)) in out.data.0.iter_mut().zip(theta.as_ref()).enumerate() {
            let variance = self.transform.jet(x);
            column[i] = variance.value;
            let entry = |value| Partial::Entry { row: i, col: i, value };
            visitor.derivative(i, entry(variance.first));
            visitor.second(i, i, entry(variance.second));
        }
        visitor.value(|value| *value = out);
    }
}
