//! Checks of what was found against numbers that are known.

use super::Result;

/// A number that was found, the number that is expected, and how far apart they may be.
pub(crate) struct Comparison<'a> {
    pub(crate) label: &'a str,
    pub(crate) found: f64,
    pub(crate) expected: f64,
    pub(crate) tolerance: f64,
}

impl<'a> Comparison<'a> {
    /// Comparisons that have one tolerance, from labels, found and expected numbers.
    pub(crate) fn list<const C: usize>(
        tolerance: f64,
        numbers: [(&'a str, f64, f64); C],
    ) -> [Self; C] {
        numbers.map(|(label, found, expected)| Self { label, found, expected, tolerance })
    }
}

/// From a label, the found and the expected number, and the tolerance.
impl<'a> From<(&'a str, f64, f64, f64)> for Comparison<'a> {
    fn from((label, found, expected, tolerance): (&'a str, f64, f64, f64)) -> Self {
        Self { label, found, expected, tolerance }
    }
}

/// Prints a table of comparisons under the name of the source of the expected numbers.
///
/// # Errors
///
/// The first number that is farther from the expected one than its tolerance, or NaN.
pub(crate) fn compare<'a>(
    source: &str,
    comparisons: impl IntoIterator<Item = impl Into<Comparison<'a>>>,
) -> Result {
    println!("\n{source:34}{:>16}{:>16}{:>11}", "found", "expected", "tolerance");
    for comparison in comparisons {
        let Comparison { label, found, expected, tolerance } = comparison.into();
        let text = |x: f64| {
            if x != 0.0 && x.abs() < 1e-3 { format!("{x:.3e}") } else { format!("{x:.6}") }
        };
        println!("{label:34}{:>16}{:>16}{tolerance:11.1e}", text(found), text(expected));
        let within = (found - expected).abs() <= tolerance;
        ensure(
            within,
            format_args!("{label} is {found}, not {expected} ± {tolerance} ({source})"),
        )?;
    }
    Ok(())
}

/// Returns an error with this sentence if the condition does not hold.
pub(crate) fn ensure(condition: bool, sentence: impl std::fmt::Display) -> Result {
    if condition { Ok(()) } else { Err(sentence.to_string().into()) }
}
