//! An estimate with its standard error, and tests of one or several combinations.

use core::fmt;

use nalgebra::{convert, convert_unchecked};

use crate::base::digits::Digits;
use crate::base::error::text::Text;
use crate::base::scalar::Real;
use crate::inference::distribution::{f_tail, t_quantile, t_tail};

/// A linear combination ℓᵀβ of the fixed effects, with its t test.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Contrast<T> {
    /// ℓᵀβ.
    pub estimate: T,
    /// Its standard error.
    pub standard_error: T,
    /// The degrees of freedom ν of that; infinite if nothing had to be estimated for it.
    pub degrees: T,
}

impl<T: Real> Contrast<T> {
    /// t = ℓᵀβ divided by its standard error.
    ///
    /// ```
    /// let contrast = covprop::Contrast { estimate: 6.0, standard_error: 2.0, degrees: 9.0 };
    /// assert_eq!(contrast.statistic(), 3.0);
    /// ```
    #[must_use]
    pub fn statistic(&self) -> T {
        self.estimate / self.standard_error
    }

    /// P(|T| > |t|) for Student's t with ν degrees of freedom, the two-sided test of ℓᵀβ = 0.
    ///
    /// ```
    /// let contrast = covprop::Contrast { estimate: 2.0, standard_error: 2.0, degrees: 1.0 };
    /// assert!((contrast.p_value() - 0.5_f64).abs() < 1e-14); // t = 1 of a Cauchy
    /// ```
    #[must_use]
    pub fn p_value(&self) -> T {
        let t = convert_unchecked::<T, f64>(self.statistic().abs());
        convert(2.0 * t_tail(t, convert_unchecked(self.degrees)))
    }

    /// The interval that has ℓᵀβ with this probability: estimate ± t × standard error.
    ///
    /// ```
    /// let contrast = covprop::Contrast { estimate: 5.0, standard_error: 2.0, degrees: 1.0 };
    /// let [lower, upper] = contrast.interval(0.5);
    /// assert!((lower - 3.0_f64).abs() < 1e-12 && (upper - 7.0).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn interval(&self, level: f64) -> [T; 2] {
        interval(self.estimate, self.standard_error, self.degrees, level)
    }
}

impl<T: Real> fmt::Display for Contrast<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [estimate, error] = [self.estimate, self.standard_error].map(Digits::of);
        let degrees = self.degrees;
        write!(f, "{estimate} ± {error}, t({degrees:.2}) = {:.3}, ", self.statistic())?;
        write_p_value(f, self.p_value())
    }
}

/// A number that depends on the parameters, with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Estimate<T> {
    /// The number.
    pub value: T,
    /// Its standard error.
    pub standard_error: T,
}

impl<T: Real> Estimate<T> {
    /// The interval that has the number with this probability, if its estimate is normal: value ± z
    /// × standard error.
    ///
    /// ```
    /// let estimate = covprop::Estimate { value: 5.0, standard_error: 1.0 };
    /// let [lower, upper] = estimate.interval(0.95);
    /// assert!((upper - lower - 2.0 * 1.959_964_f64).abs() < 1e-6);
    /// ```
    #[must_use]
    pub fn interval(&self, level: f64) -> [T; 2] {
        interval(self.value, self.standard_error, T::one() / T::zero(), level)
    }

    /// Returns this estimate with a variance added: that of an observation about its expectation.
    ///
    /// ```
    /// let expected = covprop::Estimate { value: 5.0, standard_error: 3.0 };
    /// assert_eq!(expected.plus_variance(16.0).standard_error, 5.0_f64);
    /// ```
    #[must_use]
    pub fn plus_variance(self, variance: T) -> Self {
        let Self { value, standard_error } = self;
        Self { value, standard_error: (standard_error * standard_error + variance).sqrt() }
    }
}

/// An F test of several linear combinations of the fixed effects, Lβ = 0.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FTest<T> {
    /// F, scaled by `scale`.
    pub statistic: T,
    /// The rows of L.
    pub numerator: usize,
    /// The degrees of freedom of the denominator.
    pub denominator: T,
    /// λ of Kenward & Roger, by which the Wald statistic was multiplied; 1 for Fai & Cornelius.
    pub scale: T,
}

impl<T: Real> FTest<T> {
    /// P(F > statistic).
    ///
    /// ```
    /// let test = covprop::FTest { statistic: 3.0, numerator: 2, denominator: 2.0, scale: 1.0 };
    /// assert!((test.p_value() - 0.25_f64).abs() < 1e-14); // 1/(1 + F)
    /// ```
    #[must_use]
    pub fn p_value(&self) -> T {
        let statistic = convert_unchecked(self.statistic);
        convert(f_tail(statistic, self.numerator as f64, convert_unchecked(self.denominator)))
    }
}

impl<T: Real> fmt::Display for FTest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { statistic, numerator, denominator, .. } = self;
        write!(f, "F({numerator}, {denominator:.2}) = {statistic:.3}, ")?;
        write_p_value(f, self.p_value())
    }
}

pub(crate) fn write_p_value<T: Real>(f: &mut fmt::Formatter<'_>, p: T) -> fmt::Result {
    write!(f, "p = {}", p_value_text(p))
}

/// Four decimals, or two digits of less.
pub(crate) fn p_value_text<T: Real>(p: T) -> Text {
    let p: f64 = convert_unchecked(p);
    if p < 1e-4 { Text::of(format_args!("{p:.1e}")) } else { Text::of(format_args!("{p:.4}")) }
}

/// estimate ± t × standard error, for the t that ν degrees of freedom have at this level.
fn interval<T: Real>(estimate: T, standard_error: T, degrees: T, level: f64) -> [T; 2] {
    let t = convert::<_, T>(t_quantile(0.5 + level / 2.0, convert_unchecked(degrees)));
    [estimate - t * standard_error, estimate + t * standard_error]
}
