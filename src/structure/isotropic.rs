//! Covariances of places by their distances: exponential, Gaussian and Matérn.

use core::fmt;

use nalgebra::{Const, SMatrix, convert};
use typenum::U1;

use super::{CorrelationFunction, Distances, Exponential, Gaussian, HomogeneousMatrix, Matern};
use crate::evaluate::{gradient_by_visit, value_by_visit};
use crate::{Exp, ParamMatrix, Partial, Real, Scale, Shape, Transform, TransformVisitor, Visitor};

/// The N×N correlation ρ(dᵢⱼ/r) of N places at the distances dᵢⱼ, for a [`CorrelationFunction`] ρ.
///
/// One parameter, `range`, by default r = eˣ. Positive definite for distinct places whose distances are
/// Euclidean.
///
/// ```
/// use covprop::*;
///
/// const PLACES: Distances<3> = Distances::along_line([0.0, 1.0, 3.0]);
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
    /// ρ(dᵢⱼ/r) with r = eˣ.
    #[must_use]
    pub const fn new(distances: Distances<N>, function: K) -> Self {
        Self { distances, function, transform: Exp }
    }

    /// The same with another transform from the free value to r.
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
    type Params = U1;

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

    /// With a = r′/r and b = r″/r, u = d/r has u′ = −a u and u″ = (2a² − b) u, so that
    /// ρ′ = −a (uρ_u) and ρ″ = a² (u²ρ_uu) + (2a² − b)(uρ_u).
    #[inline]
    fn visit<V: Visitor<T, N, N>>(&self, &[x]: &[T; 1], visitor: &mut V) {
        let range = self.transform.jet(x);
        // At a range of 0 or ∞ the correlations are 0 or 1, and stay so.
        let settled = range.value.is_zero() || range.value > T::zero() && !range.value.is_finite();
        let (a, b) = if settled {
            (T::zero(), T::zero())
        } else {
            (range.first / range.value, range.second / range.value)
        };
        let [mut value, mut first, mut second] = [SMatrix::<T, N, N>::zeros(); 3];
        for i in 0..N {
            for j in 0..=i {
                // 0 even where the range is too small to divide by.
                let d = self.distances.between(i, j);
                let u = if d == 0.0 { T::zero() } else { convert::<_, T>(d) / range.value };
                // There are no negative distances, nor ranges.
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

/// σ² e^−d/r between places at the distance d: first-order autoregression in continuous time.
///
/// Parameters `sigma^2` (by default σ² = e²ˣ) and `range` (by default r = eˣ). Jones & Boadi-Boateng
/// 1991, Unequally spaced longitudinal data with AR(1) serial correlation, Biometrics 47, 161–175. At
/// whole distances it is [`Ar1Matrix`](crate::Ar1Matrix) with ρ = e^−1/r.
///
/// ```
/// use covprop::*;
///
/// let v = ExponentialMatrix::new(Distances::along_line([0.0, 1.0, 3.0]));
/// let value = v.value(&[2.0_f64.ln(), 0.0]);
/// assert!((value[(1, 2)] - 4.0 * (-2.0_f64).exp()).abs() < 1e-15);
/// assert!(v.param_names().eq(["sigma^2", "range"]));
/// ```
pub type ExponentialMatrix<const N: usize> =
    HomogeneousMatrix<N, IsotropicCorrelationMatrix<N, Exponential>>;

impl<const N: usize> ExponentialMatrix<N> {
    /// σ² = e²ˣ, r = eˣ.
    #[must_use]
    pub const fn new(distances: Distances<N>) -> Self {
        Self::of(IsotropicCorrelationMatrix::new(distances, Exponential))
    }
}

/// σ² e^−(d/r)² between places at the distance d: infinitely smooth.
///
/// Parameters `sigma^2` (by default σ² = e²ˣ) and `range` (by default r = eˣ); Rasmussen & Williams 2006,
/// eq. 4.9 with r² = 2ℓ². Where the range is a few times the distances, it is positive definite only
/// just, and singular in rounding: prefer a [`MaternMatrix`], which gets there at much longer ranges
/// (Stein 1999, Interpolation of Spatial Data, 3.6).
///
/// ```
/// use covprop::*;
///
/// let v = GaussianMatrix::new(Distances::along_line([0.0, 1.0, 3.0]));
/// assert!((v.value(&[0.0, 0.0])[(1, 2)] - (-4.0_f64).exp()).abs() < 1e-16);
/// ```
pub type GaussianMatrix<const N: usize> =
    HomogeneousMatrix<N, IsotropicCorrelationMatrix<N, Gaussian>>;

impl<const N: usize> GaussianMatrix<N> {
    /// σ² = e²ˣ, r = eˣ.
    #[must_use]
    pub const fn new(distances: Distances<N>) -> Self {
        Self::of(IsotropicCorrelationMatrix::new(distances, Gaussian))
    }
}

/// σ² ρ(d/r) between places at the distance d, with [`Matern`]'s ρ of smoothness 1/2, 3/2 or 5/2.
///
/// Parameters `sigma^2` (by default σ² = e²ˣ) and `range` (by default r = eˣ). Matérn 1960, Spatial
/// Variation; Stein 1999; Rasmussen & Williams 2006, eq. 4.17. Of smoothness 3/2 and 5/2 it is singular in
/// rounding where the range is some 1e7 and 1e4 times the distances.
///
/// ```
/// use covprop::*;
///
/// let v = MaternMatrix::three_halves(Distances::along_line([0.0, 1.0, 3.0]));
/// let s = 2.0 * 3.0_f64.sqrt();
/// assert!((v.value(&[0.0, 0.0])[(1, 2)] - (1.0 + s) * (-s).exp()).abs() < 1e-15);
/// ```
pub type MaternMatrix<const N: usize> = HomogeneousMatrix<N, IsotropicCorrelationMatrix<N, Matern>>;

impl<const N: usize> MaternMatrix<N> {
    /// ν = 1/2, the exponential correlation.
    #[must_use]
    pub const fn half(distances: Distances<N>) -> Self {
        Self::of(IsotropicCorrelationMatrix::new(distances, Matern::Half))
    }

    /// ν = 3/2.
    #[must_use]
    pub const fn three_halves(distances: Distances<N>) -> Self {
        Self::of(IsotropicCorrelationMatrix::new(distances, Matern::ThreeHalves))
    }

    /// ν = 5/2.
    #[must_use]
    pub const fn five_halves(distances: Distances<N>) -> Self {
        Self::of(IsotropicCorrelationMatrix::new(distances, Matern::FiveHalves))
    }
}
