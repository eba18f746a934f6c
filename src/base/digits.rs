//! Formatting of numbers in tables.

use core::fmt;

use nalgebra::convert_unchecked;

use crate::base::error::text::Text;
use crate::base::scalar::Real;

/// A number that is displayed with up to seven significant digits.
pub(crate) struct Digits(f64);

impl Digits {
    pub(crate) fn of<T: Real>(x: T) -> Self {
        Self(convert_unchecked(x))
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: usize = 7;
        let x = self.0;
        let size = x.abs();
        if x == 0.0 {
            return f.pad("0");
        }
        if !(1e-3..1e7).contains(&size) {
            return f.pad(Text::of(format_args!("{x:.4e}")).as_str());
        }
        let mut decimals = DIGITS - 1;
        let mut bound = 10.0;
        while decimals > 0 && size >= bound {
            decimals -= 1;
            bound *= 10.0;
        }
        f.pad(Text::of(format_args!("{x:.decimals$}")).as_str())
    }
}
