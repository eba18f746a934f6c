//! The unstructured covariance matrix, parametrised by standard deviations and a Cholesky factor of
//! the correlations.

use core::fmt;

use nalgebra::{Const, SMatrix};
use typenum::U0;

use crate::algebra::delegate::evaluate_by;
use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Gradient, Shape, Theta};
use crate::algebra::visit::Visitor;
use crate::base::arrays::filled;
use crate::base::dim::{Join, Triangular};
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::Cholesky;
use crate::linalg::cholesky::semidefinite::SemidefiniteRoot;
use crate::linalg::kernel::sqrt;
use crate::operator::gram::OuterGram;
use crate::transform::TransformVisitor;
use crate::transform::affine::Identity;
use crate::transform::exponential::Exp;

/// The N×N unstructured covariance matrix V = S C S, which is positive definite for every θ.
///
/// S is the diagonal matrix of the standard deviations, which are eˣ for elements x of θ. C is the
/// correlation matrix of the covariance matrix L Lᵀ, where L is lower triangular with ones on the
/// diagonal.
///
/// The N(N+1)/2 parameters are the standard deviations `sd_0`, …, `sd_{N-1}`, followed by the
/// entries of L below its diagonal, row by row: `L_1_0`, `L_2_0`, `L_2_1`, …. At the default θ = 0,
/// V is the identity matrix.
///
/// ```text
/// V = F Fᵀ      Fᵢⱼ = sᵢ uᵢⱼ      uᵢ = Lᵢ/‖Lᵢ‖, the i-th row of L with Lᵢᵢ = 1
/// ```
///
/// For example, the correlation of the first two variables is L₁₀/√(1 + L₁₀²), where L₁₀ is the
/// parameter `L_1_0`. After a fit, [`Inference::function`](crate::inference::Inference::function)
/// estimates a function of the parameters, such as a correlation, with its standard error, and
/// [`value`](ParamMatrix::value) computes V at the estimated θ.
///
/// A correlation of ±1 is reached only in the limit of an infinite entry Lᵢⱼ. The elements of θ may
/// be infinite.
///
/// The parametrisation of `LogCholeskyMatrix` is `UNSTRUCTURED_CORR` of TMB (Kristensen, Nielsen,
/// Berg, Skaug & Bell 2016, Journal of Statistical Software 70(5)), which glmmTMB uses.
/// Parametrising a covariance matrix by its Cholesky factor, so that it is positive definite,
/// follows Pinheiro & Bates 1996, Statistics and Computing 6, 289–296.
///
/// ```
/// use covprop::prelude::*;
///
/// let v = LogCholeskyMatrix::<2>::new();
/// // ρ = L₁₀/√(1 + L₁₀²) = 3/5 at L₁₀ = 3/4
/// let value = v.value(&[2.0_f64.ln(), 0.0, 0.75]);
/// assert!((value[(0, 0)] - 4.0).abs() < 1e-15);
/// assert!((value[(1, 1)] - 1.0).abs() < 1e-15);
/// assert!((value[(0, 1)] - 1.2).abs() < 1e-15);
/// assert!(v.param_names().eq(["sd_0", "sd_1", "L_1_0"]));
/// ```
///
/// # Example: a function generic over N
///
/// The trait bound on the type `LogCholeskyMatrix<N>` guarantees that its N(N+1)/2 parameters can
/// be stored in an array.
///
/// ```
/// use covprop::prelude::*;
///
/// fn total_variance<const N: usize>(theta: &Theta<LogCholeskyMatrix<N>, f64>) -> f64
/// where
///     LogCholeskyMatrix<N>: ParamMatrix<f64, N, N>,
/// {
///     LogCholeskyMatrix::<N>::new().value(theta).trace()
/// }
///
/// assert_eq!(total_variance::<2>(&[0.0, 0.0, 0.5]), 2.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "unstructured")]
pub struct LogCholeskyMatrix<const N: usize> {
    root: OuterGram<CholeskyFactor<N>>,
}

impl<const N: usize> LogCholeskyMatrix<N> {
    /// Creates the matrix V = S C S.
    #[must_use]
    pub const fn new() -> Self
    where
        Self: Shape,
    {
        Self { root: OuterGram::new(CholeskyFactor) }
    }

    /// Returns the θ at which V equals a given covariance matrix to rounding, for example to start
    /// a search from that matrix.
    ///
    /// The given covariance matrix may be singular if V converges to it as some parameters go to
    /// ±∞. If a given variance is 0, the element of θ for the standard deviation is −∞. If row i of
    /// the given covariance matrix is linearly dependent on the previous rows, some entries of row
    /// i of L are infinite. If m entries of row i of L are infinite, the normalised row uᵢ =
    /// Lᵢ/‖Lᵢ‖ has the limit ±1/√m in these entries and 0 elsewhere. If Lᵢⱼ is the only infinite
    /// entry in row i, variable i has a correlation of ±1 with the part of variable j that is
    /// uncorrelated with the variables before j. The method returns an error if a linearly
    /// dependent row of the covariance matrix is not the limit of such a normalised row.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFinite`] with the first entry that is infinite or NaN
    /// - [`Error::NotSymmetric`] with the first entry that differs from its mirror image
    /// - [`Error::NotCovariance`] with the row that makes the matrix indefinite, and the reason
    /// - [`Error::NotPositiveDefinite`] with a row that is a linear combination of the rows before
    ///   it, but not the limit of a row uᵢ
    ///
    /// # Example: from a covariance matrix to θ
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let g = LogCholeskyMatrix::<2>::new();
    /// let theta = g.theta_from_covariance(&matrix![4.0, 1.2; 1.2, 1.0])?; // ρ = 3/5
    /// assert!((theta[0] - 2.0_f64.ln()).abs() < 1e-15 && (theta[2] - 0.75).abs() < 1e-15);
    ///
    /// let theta = g.theta_from_covariance(&matrix![4.0, -6.0; -6.0, 9.0])?; // ρ = −1
    /// assert_eq!(theta[2], f64::NEG_INFINITY);
    ///
    /// let error = g.theta_from_covariance(&matrix![1.0, 2.0; 2.0, 1.0]).unwrap_err();
    /// assert_eq!(error.to_string(), "the matrix is not a covariance matrix: row 1 makes it indefinite");
    /// # Ok::<(), covprop::Error>(())
    /// ```
    pub fn theta_from_covariance<T: Real>(
        &self,
        covariance: &SMatrix<T, N, N>,
    ) -> Result<Theta<Self, T>, Error>
    where
        Const<N>: Triangular,
    {
        let root = SemidefiniteRoot::new(covariance)?;
        let mut theta = filled::<<Self as Shape>::ParamCount, T>(T::zero());
        let mut free = theta.as_mut().iter_mut();
        for (x, sd) in free.by_ref().take(N).zip(root.deviations) {
            *x = sd.ln();
        }
        for (i, row) in root.rows.iter().enumerate() {
            let dependent = row[i].is_zero();
            let limit = limit_of_row(row);
            // The limit represents the row if both have the same correlations with the rows before
            // it.
            let missed = |other: &[T; N]| {
                let terms = row.iter().zip(&limit).zip(other);
                terms.fold(T::zero(), |sum, ((&u, &limit), &other)| sum + (u - limit) * other)
            };
            if dependent
                && root.rows.iter().take(i).any(|other| missed(other).abs() > root.rounding)
            {
                return Err(Error::NotPositiveDefinite { row: i });
            }
            for ((x, &u), &limit) in free.by_ref().take(i).zip(row).zip(&limit) {
                let is_zero = dependent && limit.is_zero();
                *x = if is_zero { T::zero() } else { u / row[i] };
            }
        }
        Ok(theta)
    }

    /// Returns V as F Fᵀ.
    #[inline]
    const fn composition(&self) -> &OuterGram<CholeskyFactor<N>> {
        &self.root
    }
}

impl<const N: usize> Default for LogCholeskyMatrix<N>
where
    Self: Shape,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Shape for LogCholeskyMatrix<N>
where
    Const<N>: Triangular,
{
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = <Const<N> as Triangular>::Count;

    const SYMMETRIC: bool = true;

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        scales.fill(Scale::NEUTRAL);
        for deviation in scales.iter_mut().take(N) {
            *deviation = Scale::new(0.5 * degree, 1.0);
        }
        true
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        if index < N {
            return write!(out, "sd_{index}");
        }
        let (i, j) = strictly_lower(N).nth(index - N).ok_or(fmt::Error)?;
        write!(out, "L_{i}_{j}")
    }
}

impl<T: Real, const N: usize> ParamMatrix<T, N, N> for LogCholeskyMatrix<N>
where
    Const<N>: Triangular<Count: Join<U0, Output = <Const<N> as Triangular>::Count>>,
{
    evaluate_by!(N, N, |this| this.composition());
}

/// Iterates over the entries (i, j) below the diagonal of a matrix, row by row.
#[inline]
fn strictly_lower(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(|i| (0..i).map(move |j| (i, j)))
}

/// Returns the index of `L_i_0` in θ.
#[inline]
const fn first_of_row(n: usize, i: usize) -> usize {
    n + i * i.saturating_sub(1) / 2
}

/// Returns the ratio of an entry of a row to the largest entry of the row, or the limit of the
/// ratio if the largest entry is infinite.
#[inline]
fn scaled<T: Real>(x: T, largest: T) -> T {
    if largest.is_finite() {
        x / largest
    } else if x.is_finite() {
        T::zero()
    } else if x > T::zero() {
        T::one()
    } else if x < T::zero() {
        -T::one()
    } else {
        x
    }
}

/// Returns the limit of the normalised row uᵢ = Lᵢ/‖Lᵢ‖, for infinite entries of L, that is nearest
/// to a given row of length 1. The limit is ±1/√m in the m entries of the given row whose absolute
/// values exceed half of the largest one, and 0 elsewhere.
fn limit_of_row<T: Real, const N: usize>(unit: &[T; N]) -> [T; N] {
    let largest = unit.iter().fold(T::zero(), |largest, u| largest.max(u.abs()));
    let is_large = |u: T| u.abs() + u.abs() > largest;
    let count = unit.iter().filter(|&&u| is_large(u)).fold(T::zero(), |count, _| count + T::one());
    let entry = T::one() / sqrt(count);
    unit.map(|u| if is_large(u) { entry.copysign(u) } else { T::zero() })
}

/// The lower triangular Cholesky factor F of V = F Fᵀ. Row i of the Cholesky factor F is the
/// standard deviation sᵢ times the normalised row uᵢ = Lᵢ/‖Lᵢ‖ of L.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CholeskyFactor<const N: usize>;

impl<const N: usize> Shape for CholeskyFactor<N>
where
    Const<N>: Triangular,
{
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = <Const<N> as Triangular>::Count;
}

impl<T: Real, const N: usize> ParamMatrix<T, N, N> for CholeskyFactor<N>
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
        if k < N { visitor.visit(&Exp) } else { visitor.visit(&Identity) }
    }

    /// From the Cholesky factor F of a covariance matrix V, computes the standard deviations sᵢ =
    /// √Vᵢᵢ and the parameters Lᵢⱼ = Fᵢⱼ/Fᵢᵢ.
    fn theta_of_root(&self, covariance: &SMatrix<T, N, N>) -> Option<Theta<Self, T>> {
        let root = Cholesky::new(covariance).ok()?.root();
        let mut theta = filled::<Self::ParamCount, T>(T::zero());
        for i in 0..N {
            *theta.as_mut().get_mut(i)? = sqrt(covariance.data.0[i][i]).ln();
            for j in 0..i {
                let entry = theta.as_mut().get_mut(first_of_row(N, i) + j)?;
                *entry = root.data.0[j][i] / root.data.0[i][i];
            }
        }
        Some(theta)
    }

    /// With w = 1/‖Lᵢ‖ and the Kronecker delta δ, the derivatives of row i of the Cholesky factor
    /// with respect to two entries Lₐ and L_b of row i of L are
    ///
    /// ```text
    /// ∂uⱼ/∂Lₐ       = w (δⱼₐ − uⱼ uₐ)
    /// ∂²uⱼ/∂Lₐ∂L_b  = w² (3 uₐ u_b uⱼ − δₐ_b uⱼ − δⱼₐ u_b − δⱼ_b uₐ)
    /// ```
    fn visit<V: Visitor<T, N, N>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        let theta = theta.as_ref();
        let mut value = SMatrix::<T, N, N>::zeros();
        for i in 0..N {
            let first = first_of_row(N, i);
            let mut unit = [T::zero(); N];
            for (u, &x) in unit.iter_mut().zip(theta.iter().skip(first).take(i)) {
                *u = x;
            }
            unit[i] = T::one();
            // Dividing by the largest entry keeps the squares from overflowing.
            let largest = unit.iter().fold(T::one(), |largest, x| largest.max(x.abs()));
            unit = unit.map(|x| scaled(x, largest));
            let norm = sqrt(unit.iter().fold(T::zero(), |sum, &x| sum + x * x));
            unit = unit.map(|x| x / norm);
            let w = T::one() / norm / largest;
            let sd = theta[i].exp();

            let row = |s: T, entry: &dyn Fn(usize) -> T| {
                let mut out = [T::zero(); N];
                for (j, out) in out.iter_mut().enumerate().take(i + 1) {
                    *out = s * entry(j);
                }
                out
            };
            let delta = |a: usize, b: usize| if a == b { T::one() } else { T::zero() };
            for (j, &u) in unit.iter().enumerate().take(i + 1) {
                value[(i, j)] = sd * u;
            }
            if V::DERIVATIVES || V::SECOND {
                let by_sd = row(sd, &|j| unit[j]);
                visitor.derivative(i, Partial::Row { row: i, values: &by_sd });
                visitor.second(i, i, Partial::Row { row: i, values: &by_sd });
            }
            for a in 0..i {
                if V::DERIVATIVES || V::SECOND {
                    let by_a = row(sd * w, &|j| delta(j, a) - unit[j] * unit[a]);
                    visitor.derivative(first + a, Partial::Row { row: i, values: &by_a });
                    visitor.second(i, first + a, Partial::Row { row: i, values: &by_a });
                }
                for b in 0..=a {
                    if !V::SECOND {
                        break;
                    }
                    let (ua, ub) = (unit[a], unit[b]);
                    let three_ab = (ua + ua + ua) * ub - delta(a, b);
                    let second = row(sd * w * w, &|j| {
                        three_ab * unit[j] - delta(j, a) * ub - delta(j, b) * ua
                    });
                    visitor.second(first + a, first + b, Partial::Row { row: i, values: &second });
                }
            }
        }
        visitor.value(|out| *out = value);
    }
}
