//! Estimates with standard errors, and tests of one or several linear combinations of the fixed
//! effects.

use core::fmt;

use nalgebra::{convert, convert_unchecked};

use crate::base::digits::Digits;
use crate::base::error::text::Text;
use crate::base::near::{Near, Within, approximately_equal};
use crate::base::scalar::Real;
use crate::inference::distribution::{f_tail, t_quantile, t_tail};

/// An estimated linear combination ℓᵀβ of the fixed effects β, with its t test.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Contrast<T> {
    /// The estimate of ℓᵀβ.
    pub estimate: T,
    /// The standard error of the estimate.
    pub standard_error: T,
    /// The degrees of freedom ν of the standard error. The degrees of freedom are infinite if the
    /// standard error depends on no estimated variance.
    pub degrees_of_freedom: T,
}

impl<T: Real> Contrast<T> {
    /// Returns the t statistic, which is ℓᵀβ divided by its standard error.
    ///
    /// ```
    /// use covprop::inference::Contrast;
    ///
    /// let contrast = Contrast { estimate: 6.0, standard_error: 2.0, degrees_of_freedom: 9.0 };
    /// assert_eq!(contrast.statistic(), 3.0);
    /// ```
    #[must_use]
    pub fn statistic(&self) -> T {
        self.estimate / self.standard_error
    }

    /// Returns the p-value of the two-sided t test of ℓᵀβ = 0. The p-value is the probability that
    /// a variable with Student's t distribution with ν degrees of freedom exceeds the t statistic
    /// in absolute value.
    ///
    /// ```
    /// use covprop::inference::Contrast;
    ///
    /// let contrast = Contrast { estimate: 2.0, standard_error: 2.0, degrees_of_freedom: 1.0 };
    /// assert!((contrast.p_value() - 0.5_f64).abs() < 1e-14); // t = 1 of a Cauchy
    /// ```
    #[must_use]
    pub fn p_value(&self) -> T {
        let t = convert_unchecked::<T, f64>(self.statistic().abs());
        convert(2.0 * t_tail(t, convert_unchecked(self.degrees_of_freedom)))
    }

    /// Returns the confidence interval for ℓᵀβ at this level: estimate ± t × standard error, where
    /// t is a quantile of Student's t distribution.
    ///
    /// ```
    /// use covprop::inference::Contrast;
    ///
    /// let contrast = Contrast { estimate: 5.0, standard_error: 2.0, degrees_of_freedom: 1.0 };
    /// let [lower, upper] = contrast.interval(0.5);
    /// assert!((lower - 3.0_f64).abs() < 1e-12 && (upper - 7.0).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn interval(&self, level: f64) -> [T; 2] {
        interval(self.estimate, self.standard_error, self.degrees_of_freedom, level)
    }
}

impl<T: Real> fmt::Display for Contrast<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [estimate, error] = [self.estimate, self.standard_error].map(Digits::of);
        let degrees_of_freedom = self.degrees_of_freedom;
        write!(f, "{estimate} ± {error}, t({degrees_of_freedom:.2}) = {:.3}, ", self.statistic())?;
        write_p_value(f, self.p_value())
    }
}

impl<T: Real> Near<T> for Contrast<T> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        let numbers = |x: &Self| [x.estimate, x.standard_error, x.degrees_of_freedom];
        within.numbers(&numbers(self), &numbers(other))
    }
}

approximately_equal! {
    /// Compares the estimates, the standard errors and the degrees of freedom.
    ///
    /// ```
    /// use covprop::approx::assert_relative_eq;
    /// use covprop::inference::Contrast;
    ///
    /// let found = Contrast { estimate: 6.000_1, standard_error: 2.0, degrees_of_freedom: 9.0 };
    /// let published = Contrast { estimate: 6.0, standard_error: 2.0, degrees_of_freedom: 9.0 };
    /// assert_relative_eq!(found, published, max_relative = 1e-4);
    /// ```
    impl [T: Real] for Contrast<T>
}

/// An estimate of a function of the parameters, with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Estimate<T> {
    /// The value of the estimate.
    pub value: T,
    /// The standard error of the estimate.
    pub standard_error: T,
}

impl<T: Real> Estimate<T> {
    /// Returns the confidence interval at this level for a normally distributed estimate: estimate
    /// ± z × standard error, where z is a quantile of the standard normal distribution.
    ///
    /// ```
    /// use covprop::inference::Estimate;
    ///
    /// let estimate = Estimate { value: 5.0, standard_error: 1.0 };
    /// let [lower, upper] = estimate.interval(0.95);
    /// assert!((upper - lower - 2.0 * 1.959_964_f64).abs() < 1e-6);
    /// ```
    #[must_use]
    pub fn interval(&self, level: f64) -> [T; 2] {
        interval(self.value, self.standard_error, T::one() / T::zero(), level)
    }

    /// Returns this estimate with `variance` added to the square of its standard error. To predict
    /// a new observation, pass the variance of the observation about its expectation as `variance`.
    ///
    /// ```
    /// use covprop::inference::Estimate;
    ///
    /// let expected = Estimate { value: 5.0, standard_error: 3.0 };
    /// assert_eq!(expected.plus_variance(16.0).standard_error, 5.0_f64);
    /// ```
    #[must_use]
    pub fn plus_variance(self, variance: T) -> Self {
        let Self { value, standard_error } = self;
        Self { value, standard_error: (standard_error * standard_error + variance).sqrt() }
    }
}

impl<T: Real> Near<T> for Estimate<T> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        within.number(self.value, other.value)
            && within.number(self.standard_error, other.standard_error)
    }
}

approximately_equal! {
    /// Compares the estimates and their standard errors.
    ///
    /// ```
    /// use covprop::approx::{assert_abs_diff_eq, assert_abs_diff_ne};
    /// use covprop::inference::Estimate;
    ///
    /// let found = Estimate { value: 5.01, standard_error: 1.0 };
    /// let expected = Estimate { value: 5.0, standard_error: 1.0 };
    /// assert_abs_diff_eq!(found, expected, epsilon = 0.02);
    /// assert_abs_diff_ne!(found, expected, epsilon = 0.005);
    /// ```
    impl [T: Real] for Estimate<T>
}

/// An F test of the hypothesis Lβ = 0 for several linear combinations Lβ of the fixed effects β.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[doc(alias = "anova")]
#[doc(alias = "Fai-Cornelius")]
pub struct FTest<T> {
    /// The F statistic, which includes the factor λ of the method of Kenward & Roger.
    pub statistic: T,
    /// The numerator degrees of freedom, which is the number of rows of the hypothesis matrix L.
    pub numerator_degrees_of_freedom: usize,
    /// The denominator degrees of freedom.
    pub denominator_degrees_of_freedom: T,
    /// The factor λ by which the method of Kenward & Roger multiplies the Wald statistic; 1 for the
    /// method of Fai & Cornelius.
    pub scale: T,
}

impl<T: Real> FTest<T> {
    /// Returns the p-value, which is the probability that a variable with the F distribution
    /// exceeds the F statistic of the test.
    ///
    /// ```
    /// use covprop::inference::FTest;
    ///
    /// let test = FTest {
    ///     statistic: 3.0,
    ///     numerator_degrees_of_freedom: 2,
    ///     denominator_degrees_of_freedom: 2.0,
    ///     scale: 1.0,
    /// };
    /// assert!((test.p_value() - 0.25_f64).abs() < 1e-14); // 1/(1 + F)
    /// ```
    #[must_use]
    pub fn p_value(&self) -> T {
        let statistic = convert_unchecked(self.statistic);
        convert(f_tail(
            statistic,
            self.numerator_degrees_of_freedom as f64,
            convert_unchecked(self.denominator_degrees_of_freedom),
        ))
    }
}

impl<T: Real> fmt::Display for FTest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            statistic,
            numerator_degrees_of_freedom: numerator,
            denominator_degrees_of_freedom: denominator,
            ..
        } = self;
        write!(f, "F({numerator}, {denominator:.2}) = {statistic:.3}, ")?;
        write_p_value(f, self.p_value())
    }
}

impl<T: Real> Near<T> for FTest<T> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        let numbers = |x: &Self| [x.statistic, x.denominator_degrees_of_freedom, x.scale];
        self.numerator_degrees_of_freedom == other.numerator_degrees_of_freedom
            && within.numbers(&numbers(self), &numbers(other))
    }
}

approximately_equal! {
    /// Compares the F statistics, the denominator degrees of freedom and the factors λ of two
    /// tests. The numerator degrees of freedom of the two tests must be equal.
    ///
    /// ```
    /// use covprop::approx::assert_relative_eq;
    /// use covprop::inference::FTest;
    ///
    /// let found = FTest {
    ///     statistic: 45.853_2,
    ///     numerator_degrees_of_freedom: 1,
    ///     denominator_degrees_of_freedom: 17.0,
    ///     scale: 1.0,
    /// };
    /// let published = FTest {
    ///     statistic: 45.853,
    ///     numerator_degrees_of_freedom: 1,
    ///     denominator_degrees_of_freedom: 17.0,
    ///     scale: 1.0,
    /// };
    /// assert_relative_eq!(found, published, max_relative = 1e-4);
    /// ```
    impl [T: Real] for FTest<T>
}

pub(crate) fn write_p_value<T: Real>(f: &mut fmt::Formatter<'_>, p: T) -> fmt::Result {
    write!(f, "p = {}", p_value_text(p))
}

/// Returns a p-value formatted with four decimals, or with two significant digits if the p-value is
/// below 10⁻⁴.
pub(crate) fn p_value_text<T: Real>(p: T) -> Text {
    let p: f64 = convert_unchecked(p);
    if p < 1e-4 { Text::of(format_args!("{p:.1e}")) } else { Text::of(format_args!("{p:.4}")) }
}

/// Returns the two ends of a confidence interval, estimate ± t × standard error, where t is a
/// quantile of Student's t distribution with ν degrees of freedom.
fn interval<T: Real>(estimate: T, standard_error: T, degrees_of_freedom: T, level: f64) -> [T; 2] {
    let t = convert::<_, T>(t_quantile(0.5 + level / 2.0, convert_unchecked(degrees_of_freedom)));
    [estimate - t * standard_error, estimate + t * standard_error]
}
