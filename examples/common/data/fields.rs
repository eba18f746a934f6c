//! Fields of a row that must be within limits.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

/// Deserializes a number that is neither infinite nor NaN.
pub(crate) fn finite<'de, D: Deserializer<'de>>(field: D) -> Result<f64, D::Error> {
    let number = f64::deserialize(field)?;
    let wrong = || D::Error::custom(format_args!("`{number}` is not a finite number"));
    number.is_finite().then_some(number).ok_or_else(wrong)
}

/// Deserializes a finite number, or nothing from an empty field or R's `NA`.
pub(crate) fn finite_or_missing<'de, D: Deserializer<'de>>(
    field: D,
) -> Result<Option<f64>, D::Error> {
    let text = String::deserialize(field)?;
    if text.is_empty() || text == "NA" {
        return Ok(None);
    }
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    let wrong = || D::Error::custom(format_args!("`{text}` is neither a finite number nor `NA`"));
    number.map(Some).ok_or_else(wrong)
}

/// Deserializes a whole number from `LOW` to `HIGH`.
pub(crate) fn within<'de, D: Deserializer<'de>, const LOW: usize, const HIGH: usize>(
    field: D,
) -> Result<usize, D::Error> {
    let text = String::deserialize(field)?;
    let number = text.parse().ok().filter(|number| (LOW..=HIGH).contains(number));
    number.ok_or_else(|| {
        D::Error::custom(format_args!("`{text}` is not a whole number from {LOW} to {HIGH}"))
    })
}
