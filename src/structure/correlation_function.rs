//! Correlations as functions of distance: exponential, Gaussian and Matérn.

use nalgebra::convert;

use crate::base::scalar::Real;
use crate::linalg::kernel::sqrt;

/// A correlation as a smooth function ρ(u) of a distance d ≥ 0, where u = d/r is the distance in
/// units of the range r, and ρ(0) = 1.
pub trait CorrelationFunction {
    /// Computes the correlation ρ(u) at the distance u in units of the range, and its derivatives
    /// in the form u ρ′(u) and u² ρ″(u). The results ρ(u), u ρ′(u) and u² ρ″(u) must be finite for
    /// every finite distance u ≥ 0, and 0 for an infinite distance u.
    fn at<T: Real>(&self, u: T) -> [T; 3];
}

/// The exponential correlation ρ(u) = e⁻ᵘ.
///
/// ```
/// use covprop::structure::{CorrelationFunction, Exponential};
///
/// assert_eq!(Exponential.at(0.0), [1.0, 0.0, 0.0]); // ρ, u ρ′, u² ρ″
/// assert_eq!(Exponential.at(1.0)[0], (-1.0_f64).exp());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exponential;

/// The Gaussian correlation ρ(u) = e^(−u²).
///
/// ```
/// use covprop::structure::{CorrelationFunction, Gaussian};
///
/// let [rho, by_u, _] = Gaussian.at(2.0_f64);
/// assert!((rho - (-4.0_f64).exp()).abs() < 1e-17 && (by_u / rho + 8.0).abs() < 1e-14); // u ρ′ = −2u² ρ
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gaussian;

/// The Matérn correlation of smoothness ν, for the values of ν that do not require a Bessel
/// function (Rasmussen & Williams 2006, Gaussian Processes for Machine Learning, equation 4.17).
///
/// ```
/// use covprop::structure::{CorrelationFunction, Matern};
///
/// // s = 3 at u = √3: (1 + 3) e⁻³
/// let [rho, ..] = Matern::ThreeHalves.at(3.0_f64.sqrt());
/// assert!((rho - 4.0 * (-3.0_f64).exp()).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matern {
    /// The Matérn correlation e⁻ᵘ of smoothness ν = 1/2, where u is the distance in units of the
    /// range. The process is continuous but nowhere differentiable.
    Half,
    /// The Matérn correlation (1 + s) e⁻ˢ of smoothness ν = 3/2, where s is √3 times the distance
    /// in units of the range. The process is differentiable once.
    ThreeHalves,
    /// The Matérn correlation (1 + s + s²/3) e⁻ˢ of smoothness ν = 5/2, where s is √5 times the
    /// distance in units of the range. The process is differentiable twice.
    FiveHalves,
}

/// Multiplies three factors by e⁻ᵗ. If the factor e⁻ᵗ is zero, all three results are zero even if
/// the other factors are infinite, so that an infinite distance does not result in NaN.
#[inline]
fn decay<T: Real>(t: T, factors: [T; 3]) -> [T; 3] {
    let e = (-t).exp();
    // A NaN is not zero, so that it is propagated.
    if e.is_zero() { [T::zero(); 3] } else { factors.map(|factor| factor * e) }
}

impl CorrelationFunction for Exponential {
    #[inline]
    fn at<T: Real>(&self, u: T) -> [T; 3] {
        decay(u, [T::one(), -u, u * u])
    }
}

impl CorrelationFunction for Gaussian {
    #[inline]
    fn at<T: Real>(&self, u: T) -> [T; 3] {
        let t = u * u;
        let two_t = t + t;
        decay(t, [T::one(), -two_t, two_t * (two_t - T::one())])
    }
}

impl CorrelationFunction for Matern {
    /// Computes the derivatives from s = √3 u or s = √5 u instead of the distance u. The result is
    /// the same, because s dρ/ds = u dρ/du if s is a multiple of u.
    #[inline]
    fn at<T: Real>(&self, u: T) -> [T; 3] {
        let one = T::one();
        let scaled = |square: f64| u * sqrt(convert::<_, T>(square));
        match self {
            Self::Half => Exponential.at(u),
            Self::ThreeHalves => {
                let s = scaled(3.0);
                decay(s, [one + s, -s * s, s * s * (s - one)])
            }
            Self::FiveHalves => {
                let s = scaled(5.0);
                let third_of_square = s * s / convert(3.0);
                let [first, second] = [one + s, s * s - s - one].map(|x| third_of_square * x);
                decay(s, [one + s + third_of_square, -first, second])
            }
        }
    }
}
