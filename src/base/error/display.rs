//! The messages of errors.

use core::fmt;

use crate::base::error::Error;
use crate::base::error::text::Text;

/// Displays the message instead of the fields, so that an error that `main` returns is readable.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Error {
    #[expect(clippy::too_many_lines, reason = "a sentence for each")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::LevelIndex { row, index, levels } => {
                write!(f, "level index {index} in row {row} is not below Q = {levels}")
            }
            Self::LevelCount { expected, found } => {
                write!(
                    f,
                    "the matrix has {expected} columns, the labels have {found} distinct values"
                )
            }
            Self::UnknownLabel { row, label } => {
                write!(f, "the label `{label}` of row {row} is not among the levels")
            }
            Self::RepeatedLevel { label } => write!(f, "the level `{label}` is given twice"),
            Self::ColumnCount { expected, found } => {
                write!(f, "the result has {expected} columns, {found} columns hold an observation")
            }
            Self::Singular { column } => {
                write!(f, "the matrix is singular: column {column} depends on those before it")
            }
            Self::NotFinite { row, col } => {
                write!(f, "the entry in row {row} and column {col} is not a finite number")
            }
            Self::FreeIndex { name, index, free } => {
                write!(f, "`{name}` is taken from free parameter {index}, but there are {free}")
            }
            Self::UnusedFree { index } => {
                write!(f, "no parameter is taken from free parameter {index}")
            }
            Self::NotSymmetric { row, col } => {
                write!(f, "row {row} and column {col} is not what row {col} and column {row} is")
            }
            Self::NotDistance { row, col } => {
                write!(
                    f,
                    "the entry in row {row} and column {col} is not a distance, which is finite and not \
                 negative"
                )
            }
            Self::ResponseNotFinite { row } => {
                write!(f, "observation {row} is not finite, or its square is not")
            }
            Self::DesignNotFinite { row, col } => write!(
                f,
                "the entry of the design in row {row} and column {col} is not finite, or its square is \
                 not"
            ),
            Self::DependentColumn { column } => {
                write!(f, "column {column} of the design is a combination of those before it")
            }
            Self::NoDegreesOfFreedom { observations, columns } => write!(
                f,
                "{observations} observations are too few for {columns} fixed effects and a variance"
            ),
            Self::ExactFit => f.write_str(
                "the fixed effects fit the response exactly, within rounding: no variance is left",
            ),
            Self::PatternCount { capacity } => write!(
                f,
                "the panel has room for {capacity} different sets of visits, and this subject has \
                 another one"
            ),
            Self::StoredVersion { expected, found } => write!(
                f,
                "the stored accumulator is of version {found}, and version {expected} is read"
            ),
            Self::NotPositiveDefinite { row } => write!(
                f,
                "the covariance matrix is not positive definite: row {row} is zero or a combination of \
                 those before it"
            ),
            Self::NotCovariance { row, reason } => {
                f.write_str("the matrix is not a covariance matrix: ")?;
                reason.write(row, f)
            }
            Self::StartWithoutLikelihood { index, theta } => {
                write!(f, "the likelihood has no value at the start, where θ[{index}] is {theta}")
            }
            Self::LikelihoodNotFinite => {
                f.write_str("the likelihood overflows the range of the scalar")
            }
            Self::SumsOutOfRange => f.write_str(
                "the sums over the subjects would overflow, or the numbers of the subjects are too far \
                 apart for the precision of the scalar",
            ),
            Self::NotIdentified { name } => {
                write!(f, "this depends on `{name}`, which the data do not determine")
            }
            Self::DependentRow { row } => write!(
                f,
                "row {row} of the hypothesis is zero or a combination of those before it"
            ),
            Self::NotRestricted => {
                f.write_str("the fit is by maximum likelihood; this test needs a fit by restricted maximum \
                 likelihood")
            }
            Self::NotNested => f.write_str(
                "the fits cannot be compared: one model must be nested in the other, with the same \
                 criterion and the same data",
            ),
            Self::ParameterIndex { index, params } => {
                write!(f, "parameter index {index} is not below P = {params}")
            }
            Self::OtherCriterion => {
                f.write_str("the fit and this estimation maximise different criteria")
            }
            Self::NotMaximum => {
                f.write_str("the fit has not converged to a maximum of the likelihood")
            }
            Self::NotProbability => f.write_str("the probability is not between 0 and 1"),
            Self::NoApproximation => f.write_str(
                "no F distribution has the moments of this test: the data are too few for its number \
                 of rows",
            ),
            Self::NotWeight { row } => write!(
                f,
                "the weight of observation {row} must be finite and positive; only in a panel it may \
                 be zero"
            ),
            Self::OutsideCodomain { name, value, bounds: [lower, upper] } => {
                write!(f, "`{name}` is {value}, outside [{lower}, {upper}]")
            }
            Self::MissingParameter { name } => write!(f, "the parameter `{name}` has no value"),
            Self::UnknownParameter { name } => write!(f, "there is no parameter `{name}`"),
            Self::AmbiguousParameter { name } => {
                write!(f, "two parameters have the name `{name}`: name the operands apart")
            }
            Self::RepeatedParameter { name } => write!(f, "the parameter `{name}` is given twice"),
        }
    }
}

/// Builds the message of [`Error::LevelIndex`] in a constant context, where formatting is not
/// available.
pub(crate) const fn level_index_message(row: usize, index: usize, levels: usize) -> Text {
    Text::EMPTY
        .then("level index ")
        .then_number(index)
        .then(" in row ")
        .then_number(row)
        .then(" is not below Q = ")
        .then_number(levels)
}
