//! The factor-analytic covariance Λ Λᵀ + Ψ.

use core::fmt;

use nalgebra::Const;

use crate::algebra::delegate::evaluate_by;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, Theta};
use crate::base::scalar::Real;
use crate::operator::gram::OuterGram;
use crate::operator::sum::Sum;
use crate::structure::diagonal::DiagonalMatrix;
use crate::structure::lower_triangular::LowerTriangularMatrix;
use crate::structure::{loading, lower_places};

/// The sum Λ Λᵀ + Ψ.
type Composition<const N: usize, const K: usize> =
    Sum<OuterGram<LowerTriangularMatrix<N, K>>, DiagonalMatrix<N>>;

/// The N×N factor-analytic covariance Λ Λᵀ + Ψ of N variables that load on K ≤ N independent
/// factors with unit variance.
///
/// The matrix is positive definite for every θ. In `f64`, the matrix is numerically positive
/// definite if every specific variance ψᵢ is at least about 1e-15 times the variance that the
/// factors explain.
///
/// The parameters are the NK − K(K−1)/2 loadings `lambda_i_j` for j ≤ min(i, K−1), row by row,
/// followed by the specific variances `psi_0`, …, `psi_{N-1}`. By default, a specific variance is
/// ψᵢ = e²ˣ for an element x of θ. The zeros above the diagonal of Λ rule out rotations of the
/// factors, so that each column of Λ is unique up to its sign. The references are Lawley & Maxwell
/// 1971, Factor Analysis as a Statistical Method, 2.2 and 2.3, and, for repeated measures, Jennrich
/// & Schluchter 1986, Biometrics 42, 805–820.
///
/// By default, the loadings start at 1/2 and the specific variances ψᵢ at 1. Loadings of 0 are not
/// a suitable start of a search, because the derivatives with respect to the loadings are zero
/// at 0. With loadings of 1/2 and specific variances of 1, up to three factors explain less than
/// half of the variance of each variable.
///
/// ```
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
///
/// let v = FactorAnalyticMatrix::<2, 1>::new();
/// assert_eq!(v.value(&[1.0, 2.0, 0.0, 0.0]), Matrix2::new(2.0, 2.0, 2.0, 5.0));
/// assert!(v.param_names().eq(["lambda_0_0", "lambda_1_0", "psi_0", "psi_1"]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactorAnalyticMatrix<const N: usize, const K: usize> {
    sum: Composition<N, K>,
}

impl<const N: usize, const K: usize> FactorAnalyticMatrix<N, K> {
    /// Creates Λ Λᵀ + Ψ with ψᵢ = e²ˣ.
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        const { assert!(K <= N, "there are at most as many factors as variables") }
        let common = OuterGram { x: LowerTriangularMatrix::ANY };
        Self { sum: Sum { a: common, b: DiagonalMatrix::ANY } }
    }

    #[inline]
    const fn composition(&self) -> &Composition<N, K> {
        &self.sum
    }
}

impl<const N: usize, const K: usize> Default for FactorAnalyticMatrix<N, K>
where
    Self: Shape,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, const K: usize> Shape for FactorAnalyticMatrix<N, K>
where
    Composition<N, K>: Shape,
{
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = <Composition<N, K> as Shape>::ParamCount;

    const SYMMETRIC: bool = true;

    fn defaults(&self) -> Theta<Self, f64> {
        let mut defaults = self.sum.defaults();
        for (default, _) in defaults.as_mut().iter_mut().zip(lower_places(N, K)) {
            *default = 0.5;
        }
        defaults
    }

    /// At the typical values of the parameters, the common factors explain half of the variance of
    /// each variable.
    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        scales.fill(Scale::new(degree, 0.5));
        for (scale, (i, j)) in scales.iter_mut().zip(lower_places(N, K)) {
            let factors = K.min(i + 1) as f64;
            *scale = Scale::new(0.5 * degree, loading(i, j, 0.5 / factors));
        }
        true
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        let mut places = lower_places(N, K);
        match places.nth(index) {
            Some((i, j)) => write!(out, "lambda_{i}_{j}"),
            None => write!(out, "psi_{}", index - lower_places(N, K).count()),
        }
    }
}

impl<T: Real, const N: usize, const K: usize> ParamMatrix<T, N, N> for FactorAnalyticMatrix<N, K>
where
    Composition<N, K>: ParamMatrix<T, N, N>,
{
    evaluate_by!(N, N, |this| this.composition());
}
