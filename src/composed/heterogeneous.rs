//! The covariance D R D: a correlation matrix R with a standard deviation for each variable.

use core::fmt;

use nalgebra::Const;
use typenum::Unsigned;

use crate::algebra::delegate::evaluate_by;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::expression::write_wrapped;
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, Theta};
use crate::base::dim::{Countable, Extent, Join};
use crate::base::scalar::Real;
use crate::operator::covariance_propagation::CovariancePropagation;
use crate::structure::ar1::Ar1CorrelationMatrix;
use crate::structure::diagonal::DiagonalMatrix;
use crate::structure::equicorrelation::EquicorrelationMatrix;
use crate::transform::Transform;
use crate::transform::exponential::Exp;

/// The N×N covariance D R D of variables with the correlation matrix R(θ) and separate standard
/// deviations, D = diag(σ₀, …, σ_{N−1}).
///
/// The parameters are the standard deviations `sd_0`, …, `sd_{N-1}`, followed by the parameters of
/// the correlation matrix R under the names that they have in R. By default, σᵢ = eˣ for an element
/// x of θ. The matrix D R D is evaluated as the operator D R Dᵀ, because the diagonal matrix D
/// equals Dᵀ. The structure D R D models standard deviations and correlations separately (Pinheiro
/// & Bates 2000, Mixed-Effects Models in S and S-PLUS, 5.1.3).
///
/// ```
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
/// use covprop::structure::{EquicorrelationMatrix, HeterogeneousMatrix};
///
/// let r = EquicorrelationMatrix::<2>::new().with_transform(Identity);
/// let v = HeterogeneousMatrix::<2, _>::from_correlation(r).with_transform(Identity);
/// assert_eq!(v.value(&[2.0, 3.0, 0.5]), Matrix2::new(4.0, 3.0, 3.0, 9.0));
/// let [by_sd, _, by_rho] = v.gradient(&[2.0, 3.0, 0.5]);
/// assert_eq!(by_sd, Matrix2::new(4.0, 1.5, 1.5, 0.0));
/// assert_eq!(by_rho, Matrix2::new(0.0, 6.0, 6.0, 0.0));
/// assert!(v.param_names().eq(["sd_0", "sd_1", "rho"]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeterogeneousMatrix<const N: usize, R, F = Exp> {
    deviations: DiagonalMatrix<N, F>,
    correlation: R,
}

impl<const N: usize, R> HeterogeneousMatrix<N, R> {
    /// Creates D R D with σᵢ = eˣ.
    #[must_use]
    pub const fn from_correlation(correlation: R) -> Self
    where
        R: Extent<Size = (Const<N>, Const<N>)>,
        Const<N>: Countable,
    {
        Self::of_any(correlation)
    }

    /// Creates the covariance D R D of N variables from an N×N correlation matrix R.
    pub(super) const fn of_any(correlation: R) -> Self {
        Self { deviations: DiagonalMatrix::ANY.with_transform(Exp), correlation }
    }

    /// Returns this matrix with another transform from each free parameter x to the standard
    /// deviation σᵢ.
    #[must_use]
    pub const fn with_transform<F: Transform>(self, transform: F) -> HeterogeneousMatrix<N, R, F>
    where
        R: Copy,
        Const<N>: Countable,
    {
        let deviations = DiagonalMatrix::new().with_transform(transform);
        HeterogeneousMatrix { deviations, correlation: self.correlation }
    }
}

impl<const N: usize, R> Default for HeterogeneousMatrix<N, R>
where
    R: Default + Extent<Size = (Const<N>, Const<N>)>,
    Const<N>: Countable,
{
    fn default() -> Self {
        Self::from_correlation(R::default())
    }
}

impl<const N: usize, R, F> HeterogeneousMatrix<N, R, F>
where
    Const<N>: Countable,
    R: Extent<Size = (Const<N>, Const<N>)>,
{
    /// Returns the covariance D R D, for a diagonal matrix D of standard deviations and a
    /// correlation matrix R, as the operator D R Dᵀ.
    #[inline]
    const fn composition(&self) -> CovariancePropagation<&DiagonalMatrix<N, F>, &R> {
        CovariancePropagation { z: &self.deviations, g: &self.correlation }
    }
}

impl<const N: usize, R, F> Shape for HeterogeneousMatrix<N, R, F>
where
    R: Shape,
    Const<N>: Countable<Count: Join<R::ParamCount>>,
{
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = <<Const<N> as Countable>::Count as Join<R::ParamCount>>::Output;

    const SYMMETRIC: bool = R::SYMMETRIC;

    fn defaults(&self) -> Theta<Self, f64> {
        <Const<N> as Countable>::Count::concat(
            self.deviations.defaults(),
            self.correlation.defaults(),
        )
    }

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        let (deviations, of_correlation) = Scale::split::<<Const<N> as Countable>::Count>(scales);
        deviations.fill(Scale::new(0.5 * degree, 1.0));
        self.correlation.scales(0.0, of_correlation)
    }

    fn write_expression(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write_wrapped(self, &self.correlation, out)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        match index.checked_sub(<Const<N> as Countable>::Count::USIZE) {
            None => write!(out, "sd_{index}"),
            Some(index) => self.correlation.write_param_name(index, out),
        }
    }
}

impl<T, R, F, const N: usize> ParamMatrix<T, N, N> for HeterogeneousMatrix<N, R, F>
where
    T: Real,
    R: ParamMatrix<T, N, N>,
    F: Transform,
    Const<N>: Countable<Count: Join<R::ParamCount>>,
{
    evaluate_by!(N, N, |this| this.composition());
}

/// The N×N covariance Vᵢⱼ = σᵢ σⱼ ρ^|i−j| of a first-order autoregression with a standard deviation
/// for each occasion.
///
/// The parameters are the standard deviations `sd_0`, …, `sd_{N-1}` and the correlation `rho`. By
/// default, an element x of θ is mapped to a standard deviation by σᵢ = eˣ or to the correlation by
/// ρ = tanh(x/2); see [`HeterogeneousMatrix`] and [`Ar1CorrelationMatrix`]. The reference is
/// Wolfinger 1996, Heterogeneous variance-covariance structures for repeated measures, Journal of
/// Agricultural, Biological, and Environmental Statistics 1, 205–230.
///
/// ```
/// use covprop::prelude::*;
///
/// let v = HeterogeneousAr1Matrix::<3>::new();
/// assert!(v.param_names().eq(["sd_0", "sd_1", "sd_2", "rho"]));
/// // ρ = tanh(x/2) = 1/2 at x = ln 3
/// let value = v.value(&[0.0, 0.0, 2.0_f64.ln(), 3.0_f64.ln()]);
/// assert!((value[(0, 2)] - 0.5).abs() < 1e-15); // 1 · 2 · (1/2)²
/// ```
pub type HeterogeneousAr1Matrix<const N: usize> = HeterogeneousMatrix<N, Ar1CorrelationMatrix<N>>;

impl<const N: usize> HeterogeneousAr1Matrix<N> {
    /// Creates the matrix with the default transforms of an element x of θ: σᵢ = eˣ for a standard
    /// deviation and ρ = tanh(x/2) for the correlation.
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self::of_any(Ar1CorrelationMatrix::new())
    }
}

/// The N×N compound symmetric covariance with a standard deviation for each variable: Vᵢⱼ = σᵢ σⱼ ρ
/// for i ≠ j, N ≥ 2.
///
/// The parameters are the standard deviations `sd_0`, …, `sd_{N-1}` (by default σᵢ = eˣ for an
/// element x of θ) and the correlation `rho`, whose default transform has the range (−1/(N−1), 1);
/// see [`HeterogeneousMatrix`], [`EquicorrelationMatrix`] and Wolfinger 1996.
///
/// ```
/// use covprop::prelude::*;
///
/// let v = HeterogeneousCompoundSymmetricMatrix::<3>::new();
/// let value = v.value(&[0.0, 2.0_f64.ln(), 0.0, 0.0]); // ρ = 1/4 at x = 0
/// assert!((value[(0, 1)] - 0.5).abs() < 1e-15);
/// ```
pub type HeterogeneousCompoundSymmetricMatrix<const N: usize> =
    HeterogeneousMatrix<N, EquicorrelationMatrix<N>>;

impl<const N: usize> HeterogeneousCompoundSymmetricMatrix<N> {
    /// Creates the matrix with the default transforms of an element x of θ: σᵢ = eˣ for a standard
    /// deviation, and a scaled sigmoid onto (−1/(N−1), 1) for the correlation ρ.
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self::of_any(EquicorrelationMatrix::new())
    }
}
