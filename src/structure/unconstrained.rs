//! Symmetric matrices with one parameter for each entry.

use core::fmt;

use nalgebra::{Const, SMatrix};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Gradient, Shape, Theta};
use crate::algebra::visit::Visitor;
use crate::base::arrays::filled;
use crate::base::dim::Triangular;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::covariance::check_covariance;
use crate::structure::lower_places;
use crate::transform::affine::Identity;
use crate::transform::exponential::ExpPow2;
use crate::transform::{Transform, TransformVisitor};

/// A symmetric N×N matrix with one parameter for each entry: variances on the diagonal and
/// covariances in the off-diagonal entries.
///
/// The N(N+1)/2 parameters are `sigma^2_i_j` with j ≤ i, row by row: `sigma^2_0_0`, `sigma^2_1_0`,
/// `sigma^2_1_1`, …. By default, an element x of θ is mapped to a diagonal entry by σ²ᵢᵢ = e²ˣ or
/// to an off-diagonal entry by σ²ᵢⱼ = x.
///
/// The matrix is not restricted to be positive definite: a covariance may be larger than the
/// variances allow. For a matrix that is positive semi-definite for every θ, use L Lᵀ with a
/// triangular root, which is `CovariancePropagation::new(LowerTriangularMatrix::<N, N>::new(),
/// IdentityMatrix::new())`.
///
/// ```
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
///
/// let g = UnconstrainedMatrix::<2>::new();
/// assert_eq!(g.value(&[0.0, 0.5, 0.0]), Matrix2::new(1.0, 0.5, 0.5, 1.0));
/// let [_, d10, _] = g.gradient(&[0.0, 0.5, 0.0]);
/// assert_eq!(d10, Matrix2::new(0.0, 1.0, 1.0, 0.0));
/// assert!(g.param_names().eq(["sigma^2_0_0", "sigma^2_1_0", "sigma^2_1_1"]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "unstructured")]
pub struct UnconstrainedMatrix<const N: usize, D = ExpPow2, O = Identity> {
    diagonal: D,
    off_diagonal: O,
}

impl<const N: usize> UnconstrainedMatrix<N> {
    /// Creates the matrix with the default transforms of an element x of θ: σ²ᵢᵢ = e²ˣ for a
    /// diagonal entry and σ²ᵢⱼ = x for an off-diagonal entry.
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self { diagonal: ExpPow2, off_diagonal: Identity }
    }

    /// Returns this matrix with other transforms for the diagonal and for the off-diagonal entries.
    #[must_use]
    pub const fn with_transforms<D: Transform, O: Transform>(
        self,
        diagonal: D,
        off_diagonal: O,
    ) -> UnconstrainedMatrix<N, D, O> {
        UnconstrainedMatrix { diagonal, off_diagonal }
    }
}

impl<const N: usize, D: Transform, O: Transform> UnconstrainedMatrix<N, D, O>
where
    Const<N>: Triangular,
{
    /// Returns the θ at which the matrix equals a covariance matrix, which may be singular. Each
    /// element of the returned θ is the inverse transform of one entry of the covariance matrix.
    /// For a variance of 0, θₖ is at a bound.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFinite`] with the first entry that is infinite or NaN
    /// - [`Error::NotSymmetric`] with the first entry that differs from its mirror image
    /// - [`Error::NotCovariance`] with the row that makes the matrix indefinite, and the reason
    /// - [`Error::OutsideCodomain`] with the first entry that its transform does not reach
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let g = UnconstrainedMatrix::<2>::new();
    /// assert_eq!(g.theta_from_covariance(&matrix![1.0, 0.5; 0.5, 1.0]), Ok([0.0, 0.5, 0.0]));
    /// ```
    pub fn theta_from_covariance<T: Real>(
        &self,
        covariance: &SMatrix<T, N, N>,
    ) -> Result<Theta<Self, T>, Error> {
        check_covariance(covariance)?;
        let mut params = filled::<<Self as Shape>::ParamCount, T>(T::zero());
        for (x, (i, j)) in params.as_mut().iter_mut().zip(lower_places(N, N)) {
            *x = covariance.data.0[j][i];
        }
        self.theta_from_params(&params)
    }
}

impl<const N: usize, D, O> Shape for UnconstrainedMatrix<N, D, O>
where
    Const<N>: Triangular,
{
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = <Const<N> as Triangular>::Count;

    const SYMMETRIC: bool = true;

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        for (scale, (i, j)) in scales.iter_mut().zip(lower_places(N, N)) {
            *scale = Scale::new(degree, if i == j { 1.0 } else { 0.0 });
        }
        true
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        let (i, j) = lower_places(N, N).nth(index).ok_or(fmt::Error)?;
        write!(out, "sigma^2_{i}_{j}")
    }
}

impl<T: Real, D: Transform, O: Transform, const N: usize> ParamMatrix<T, N, N>
    for UnconstrainedMatrix<N, D, O>
where
    Const<N>: Triangular,
{
    #[inline]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, N, N> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, N, N> {
        gradient_by_visit(self, theta)
    }

    fn visit_transform<V: TransformVisitor>(&self, k: usize, visitor: V) -> V::Output {
        match lower_places(N, N).nth(k) {
            Some((i, j)) if i != j => visitor.visit(&self.off_diagonal),
            _ => visitor.visit(&self.diagonal),
        }
    }

    #[inline]
    fn visit<V: Visitor<T, N, N>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        let mut out = SMatrix::<T, N, N>::zeros();
        lower_places(N, N).enumerate().for_each(|(k, (i, j))| {
            let x = theta.as_ref()[k];
            if i == j {
                let variance = self.diagonal.jet(x);
                let entry = |value| Partial::Entry { row: i, col: i, value };
                out[(i, i)] = variance.value;
                visitor.derivative(k, entry(variance.first));
                visitor.second(k, k, entry(variance.second));
            } else {
                let covariance = self.off_diagonal.jet(x);
                let pair = |value| Partial::Pair { row: i, col: j, value };
                out[(i, j)] = covariance.value;
                out[(j, i)] = covariance.value;
                visitor.derivative(k, pair(covariance.first));
                visitor.second(k, k, pair(covariance.second));
            }
        });
        visitor.value(|value| *value = out);
    }
}
