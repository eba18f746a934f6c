//! The reference distributions of tests: t, F, χ² and the normal distribution.
//!
//! The upper tails are computed in `f64` from the incomplete beta and gamma functions of
//! [statrs](https://docs.rs/statrs). Degrees of freedom need not be integers. The degrees of
//! freedom of t and the denominator degrees of freedom of F may be infinite. Results have ten
//! correct digits up to 10⁴ degrees of freedom and seven up to 10⁷; larger degrees of freedom count
//! as infinite. Results are checked against reference values with twenty digits in
//! `tests/reference/distribution.rs`.
//!
//! Functions return NaN if a probability or a number of degrees of freedom is invalid.

use statrs::function::beta::checked_beta_reg;
use statrs::function::gamma::checked_gamma_ur;

/// The largest finite number of degrees of freedom; larger numbers are treated as infinite.
const INFINITE: f64 = 1e7;
/// The limit below which the argument x of the incomplete gamma function P(a, x) is so small that
/// the function is computed as the first term of its series, xᵃ/Γ(a + 1).
const SMALL: f64 = 1e-10;

/// Returns the probability P(Z > z) for a standard normal variable Z.
///
/// ```
/// use covprop::inference::distribution::normal_tail;
///
/// assert!((normal_tail(1.0) - 0.158_655_253_931_457_05).abs() < 1e-15);
/// ```
#[must_use]
#[doc(alias = "survival function")]
pub fn normal_tail(z: f64) -> f64 {
    libm::erfc(z / core::f64::consts::SQRT_2) / 2.0
}

/// Returns the probability P(T > t) for a variable T with Student's t distribution with ν degrees
/// of freedom (Student 1908).
///
/// ```
/// use covprop::inference::distribution::t_tail;
///
/// // Cauchy: ½ − arctan(t)/π
/// assert!((t_tail(1.0, 1.0) - 0.25).abs() < 1e-15);
/// assert!((t_tail(1.0, f64::INFINITY) - 0.158_655_253_931_457_05).abs() < 1e-15);
/// ```
#[must_use]
#[doc(alias = "survival function")]
pub fn t_tail(t: f64, degrees_of_freedom: f64) -> f64 {
    if degrees_of_freedom > INFINITE {
        return normal_tail(t);
    }
    // T² has the F distribution with 1 and ν degrees of freedom.
    let both = f_tail(t * t, 1.0, degrees_of_freedom);
    if t < 0.0 { 1.0 - both / 2.0 } else { both / 2.0 }
}

/// Returns the quantile t with P(T ≤ t) = p for a variable T with Student's t distribution with ν
/// degrees of freedom.
///
/// ```
/// use covprop::inference::distribution::t_quantile;
///
/// assert!((t_quantile(0.75, 1.0) - 1.0).abs() < 1e-12);
/// assert!((t_quantile(0.975, f64::INFINITY) - 1.959_963_984_540_054).abs() < 1e-14);
/// ```
#[must_use]
pub fn t_quantile(p: f64, degrees_of_freedom: f64) -> f64 {
    let is_distribution = degrees_of_freedom > 0.0 && (0.0..=1.0).contains(&p);
    if !is_distribution {
        return f64::NAN;
    }
    if p < 0.5 {
        return -upper_quantile(p, |t| t_tail(t, degrees_of_freedom));
    }
    upper_quantile(1.0 - p, |t| t_tail(t, degrees_of_freedom))
}

/// Returns the probability P(F > f) for a variable F with Fisher's F distribution with ν₁ and ν₂
/// degrees of freedom (Fisher 1924; Snedecor 1934). If the denominator degrees of freedom ν₂ are
/// infinite, ν₁ F has the χ² distribution with ν₁ degrees of freedom.
///
/// ```
/// use covprop::inference::distribution::f_tail;
///
/// // F with 2 and 2 degrees of freedom: 1/(1 + f)
/// assert!((f_tail(3.0, 2.0, 2.0) - 0.25).abs() < 1e-14);
/// ```
#[must_use]
#[doc(alias = "survival function")]
pub fn f_tail(f: f64, numerator: f64, denominator: f64) -> f64 {
    let known = numerator > 0.0 && numerator < f64::INFINITY && denominator > 0.0 && !f.is_nan();
    if !known {
        return f64::NAN;
    }
    if f <= 0.0 {
        return 1.0;
    }
    if denominator > INFINITE {
        return chi_squared_tail(numerator * f, numerator);
    }
    if numerator > INFINITE {
        return 1.0 - chi_squared_tail(denominator / f, denominator);
    }
    // For a huge F, ν₂/(ν₂ + ν₁ F) keeps its precision as long as ν₁ F does not overflow.
    let left = denominator / (denominator + numerator * f);
    checked_beta_reg(denominator / 2.0, numerator / 2.0, left).unwrap_or(f64::NAN)
}

/// Returns the probability P(X > x) for a variable X with the χ² distribution with ν degrees of
/// freedom (Pearson 1900). With zero degrees of freedom, the variable is always 0.
///
/// ```
/// use covprop::inference::distribution::chi_squared_tail;
///
/// // with 2 degrees of freedom: e^(−x/2)
/// assert!((chi_squared_tail(2.0, 2.0) - (-1.0_f64).exp()).abs() < 1e-15);
/// assert_eq!(chi_squared_tail(0.1, 0.0), 0.0);
/// ```
#[must_use]
#[doc(alias = "survival function")]
pub fn chi_squared_tail(x: f64, degrees_of_freedom: f64) -> f64 {
    let known = (0.0..f64::INFINITY).contains(&degrees_of_freedom) && !x.is_nan();
    if !known {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 1.0;
    }
    if degrees_of_freedom == 0.0 || x == f64::INFINITY {
        return 0.0;
    }
    if degrees_of_freedom > INFINITE {
        // The cube root of a χ² variable is approximately normal (Wilson & Hilferty 1931).
        let spread = 2.0 / (9.0 * degrees_of_freedom);
        return normal_tail(
            (libm::cbrt(x / degrees_of_freedom) - 1.0 + spread) / libm::sqrt(spread),
        );
    }
    let (a, x) = (degrees_of_freedom / 2.0, x / 2.0);
    if x < SMALL {
        return 1.0 - libm::exp(a * libm::log(x) - libm::lgamma(a + 1.0));
    }
    checked_gamma_ur(a, x).unwrap_or(f64::NAN)
}

/// Returns the quantile x with P(X ≤ x) = p for a variable X with the χ² distribution with ν
/// degrees of freedom.
///
/// ```
/// use covprop::inference::distribution::chi_squared_quantile;
///
/// assert!((chi_squared_quantile(0.95, 1.0) - 3.841_458_820_694_124).abs() < 1e-11);
/// ```
#[must_use]
pub fn chi_squared_quantile(p: f64, degrees_of_freedom: f64) -> f64 {
    let is_distribution =
        degrees_of_freedom > 0.0 && degrees_of_freedom < f64::INFINITY && (0.0..=1.0).contains(&p);
    if !is_distribution {
        return f64::NAN;
    }
    upper_quantile(1.0 - p, |x| chi_squared_tail(x, degrees_of_freedom))
}

/// Returns the number x ≥ 0 at which the decreasing function `tail` equals p, found by bisection to
/// the last bit.
fn upper_quantile(p: f64, tail: impl Fn(f64) -> f64) -> f64 {
    if p <= 0.0 {
        return f64::INFINITY;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while tail(high) > p && high < f64::MAX / 2.0 {
        (low, high) = (high, high * 2.0);
    }
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if tail(middle) > p {
            low = middle;
        } else {
            high = middle;
        }
    }
}
