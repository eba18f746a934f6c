//! The reasons why a matrix is not a covariance matrix.

use core::fmt;

use crate::base::error::number::Number;

/// The reason why a matrix is not a covariance matrix; see
/// [`Error::NotCovariance`](crate::Error::NotCovariance).
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CovarianceDefect {
    /// The variance in this row is negative.
    NegativeVariance {
        /// The value of the variance.
        variance: Number,
    },
    /// The variance in this row is zero, but a covariance in the same row is not.
    ZeroVariance {
        /// The column of the first nonzero covariance in the row.
        col: usize,
    },
    /// The matrix becomes indefinite at this row: the rows and columns before this row form a
    /// positive semidefinite matrix.
    Indefinite,
}

impl CovarianceDefect {
    /// Writes the reason why a matrix is not a covariance matrix, for a given row of the matrix.
    pub(super) fn write(self, row: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NegativeVariance { variance } => {
                write!(f, "{} is {variance}", Entry(row, row))
            }
            Self::ZeroVariance { col } => {
                write!(f, "{} is 0, but {} is not", Entry(row, row), Entry(row, col))
            }
            Self::Indefinite => write!(f, "row {row} makes it indefinite"),
        }
    }
}

/// A matrix entry, displayed as the letter V with the row and the column as subscripts.
struct Entry(usize, usize);

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(row, col) = *self;
        f.write_str("V")?;
        write_subscript(row, f)?;
        // V₁₁ denotes an entry in row 1; V₁₁,₀ denotes one in row 11.
        if row > 9 || col > 9 {
            f.write_str(",")?;
        }
        write_subscript(col, f)
    }
}

fn write_subscript(number: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let digits = ["₀", "₁", "₂", "₃", "₄", "₅", "₆", "₇", "₈", "₉"];
    if number > 9 {
        write_subscript(number / 10, f)?;
    }
    f.write_str(digits.get(number % 10).copied().unwrap_or_default())
}
