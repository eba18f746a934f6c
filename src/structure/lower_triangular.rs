//! The lower triangular matrix L.

use core::fmt;

use nalgebra::{Const, SMatrix};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Gradient, Shape, Theta};
use crate::algebra::visit::Visitor;
use crate::base::arrays::filled;
use crate::base::dim::Trapezoidal;
use crate::base::scalar::Real;
use crate::linalg::cholesky::Cholesky;
use crate::structure::{loading, lower_places};
use crate::transform::affine::Identity;
use crate::transform::{Transform, TransformVisitor};

/// The N×M lower triangular matrix L with entries Lᵢⱼ for j ≤ min(i, M−1), and zeros above the
/// diagonal. Typical uses are Cholesky factors and factor loadings.
///
/// The parameters are the entries `L_i_j`, row by row: `L_0_0`, `L_1_0`, `L_1_1`, …, by default
/// untransformed and starting at 1. The number of parameters is K(K+1)/2 + (N−K)K, where K = min(N,
/// M).
///
/// ```
/// use covprop::nalgebra::{Matrix2, Matrix3x2};
/// use covprop::prelude::*;
///
/// let l = LowerTriangularMatrix::<3, 2>::new();
/// let value: Matrix3x2<f64> = l.value(&[1.0, 2.0, 3.0, 4.0, 5.0]);
/// assert_eq!(value, Matrix3x2::new(1.0, 0.0, 2.0, 3.0, 4.0, 5.0));
///
/// // L Lᵀ
/// let v = CovariancePropagation::new(LowerTriangularMatrix::<2, 2>::new(), IdentityMatrix::new());
/// assert_eq!(v.value(&[1.0, 2.0, 3.0]), Matrix2::new(1.0, 2.0, 2.0, 13.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LowerTriangularMatrix<const N: usize, const M: usize, F = Identity> {
    transform: F,
}

impl<const N: usize, const M: usize> LowerTriangularMatrix<N, M> {
    /// The matrix with the default transform, for any N and M, including sizes for which this
    /// structure does not implement [`Shape`].
    pub(crate) const ANY: Self = Self { transform: Identity };

    /// Creates the matrix with Lᵢⱼ = x.
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self::ANY
    }

    /// Returns this matrix with another transform from each free parameter x to the entry Lᵢⱼ.
    #[must_use]
    pub const fn with_transform<F: Transform>(
        self,
        transform: F,
    ) -> LowerTriangularMatrix<N, M, F> {
        LowerTriangularMatrix { transform }
    }
}

impl<const N: usize, const M: usize, F> Shape for LowerTriangularMatrix<N, M, F>
where
    Const<N>: Trapezoidal<Const<M>>,
{
    type Rows = Const<N>;
    type Cols = Const<M>;
    type ParamCount = <Const<N> as Trapezoidal<Const<M>>>::Count;

    fn defaults(&self) -> Theta<Self, f64> {
        filled::<Self::ParamCount, f64>(1.0)
    }

    /// The typical values of the parameters form an identity matrix in the first M rows of L. In
    /// the rows below, they are typical factor loadings.
    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        for (scale, (i, j)) in scales.iter_mut().zip(lower_places(N, M)) {
            let entry = match i {
                _ if i >= M => loading(i, j, 1.0 / M as f64),
                _ if i == j => 1.0,
                _ => 0.0,
            };
            *scale = Scale::new(degree, entry);
        }
        true
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        let (i, j) = lower_places(N, M).nth(index).ok_or(fmt::Error)?;
        write!(out, "L_{i}_{j}")
    }
}

impl<T: Real, F: Transform, const N: usize, const M: usize> ParamMatrix<T, N, M>
    for LowerTriangularMatrix<N, M, F>
where
    Const<N>: Trapezoidal<Const<M>>,
{
    #[inline]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, N, M> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, N, M> {
        gradient_by_visit(self, theta)
    }

    fn visit_transform<V: TransformVisitor>(&self, _: usize, visitor: V) -> V::Output {
        visitor.visit(&self.transform)
    }

    /// If this matrix L is square, returns the θ at which L is the Cholesky factor of a given
    /// matrix. Otherwise, returns `None`.
    fn theta_of_root(&self, covariance: &SMatrix<T, N, N>) -> Option<Theta<Self, T>> {
        let root = Cholesky::new(covariance).ok().filter(|_| N == M)?.root();
        let mut theta = filled::<Self::ParamCount, T>(T::zero());
        for (theta, (i, j)) in theta.as_mut().iter_mut().zip(lower_places(N, M)) {
            *theta = self.transform.inverse(root.data.0[j][i])?;
        }
        Some(theta)
    }

    #[inline]
    fn visit<V: Visitor<T, N, M>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        let mut out = SMatrix::<T, N, M>::zeros();
        lower_places(N, M).enumerate().for_each(|(k, (row, col))| {
            let jet = self.transform.jet(theta.as_ref()[k]);
            out[(row, col)] = jet.value;
            let entry = |value| Partial::Entry { row, col, value };
            visitor.derivative(k, entry(jet.first));
            visitor.second(k, k, entry(jet.second));
        });
        visitor.value(|value| *value = out);
    }
}
