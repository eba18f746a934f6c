//! The type of the numbers in errors.

use core::fmt;

use nalgebra::convert_unchecked;

use crate::base::scalar::Real;

/// A number in an [`Error`](crate::Error). The number is stored as bits, so that errors can be
/// compared for equality even if the number is NaN.
///
/// ```
/// use covprop::Error;
/// use covprop::prelude::*;
///
/// let error = Ar1Matrix::<3>::new().theta_from_params(&[-0.3_f32, 0.5]).unwrap_err();
/// let Error::OutsideCodomain { value, bounds: [lower, _], .. } = error else { panic!("{error}") };
/// assert_eq!((value.value(), lower.value()), (f64::from(-0.3_f32), 0.0));
/// assert_eq!(value.to_string(), "-0.3");
/// ```
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Number {
    bits: u64,
}

impl Number {
    pub(crate) fn of<T: Real>(x: T) -> Self {
        Self { bits: convert_unchecked::<T, f64>(x).to_bits() }
    }

    /// Returns the number. An `f32` number is widened to `f64`.
    #[must_use]
    pub const fn value(self) -> f64 {
        f64::from_bits(self.bits)
    }
}

/// Writes the shortest decimal that parses to the same number. If the number is exactly
/// representable as an `f32`, the decimal is the shortest that parses to the same `f32`. The
/// decimal has an exponent if the absolute value is nonzero and outside [10⁻⁵, 10¹⁶).
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wide = self.value();
        #[expect(clippy::cast_possible_truncation, reason = "compared with what it was")]
        let narrow = wide as f32;
        let single = f64::from(narrow) == wide;
        let short = wide == 0.0 || (1e-5..1e16).contains(&wide.abs());
        match (single, short) {
            (true, true) => fmt::Display::fmt(&narrow, f),
            (true, false) => fmt::LowerExp::fmt(&narrow, f),
            (false, true) => fmt::Display::fmt(&wide, f),
            (false, false) => fmt::LowerExp::fmt(&wide, f),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
