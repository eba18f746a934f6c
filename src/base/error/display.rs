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
                write!(f, "level index {index} in row {row} is out of range: {levels} levels, from 0")
            }
            Self::LevelCount { expected, found } => {
                write!(
                    f,
                    "the labels have {found} distinct values, but the matrix has {expected} columns, one \
                     for each level"
                )
            }
            Self::WorkspaceLength { expected, found } => {
                write!(f, "the workspace has {found} numbers, but {expected} are needed")
            }
            Self::UnknownLabel { row, label } => {
                write!(f, "the label `{label}` of row {row} is not among the levels")
            }
            Self::RepeatedLevel { label } => write!(f, "the level `{label}` is given twice"),
            Self::ColumnCount { expected, found } => {
                write!(
                    f,
                    "{found} columns contain an observation, but the result has {expected} columns"
                )
            }
            Self::Singular { column } => {
                write!(
                    f,
                    "the matrix is singular: column {column} is a linear combination of the columns \
                     before it"
                )
            }
            Self::NotFinite { row, col } => {
                write!(f, "the entry in row {row} and column {col} is not a finite number")
            }
            Self::FreeIndex { name, index, free } => {
                write!(
                    f,
                    "`{name}` refers to free parameter {index}, which is out of range: {free} free \
                     parameters, from 0"
                )
            }
            Self::UnusedFree { index } => {
                write!(f, "free parameter {index} is unused: no parameter refers to it")
            }
            Self::NotSymmetric { row, col } => {
                write!(
                    f,
                    "the matrix is not symmetric: entry ({row}, {col}) differs from entry ({col}, {row})"
                )
            }
            Self::NotDistance { row, col } => {
                write!(
                    f,
                    "the entry in row {row} and column {col} is not a distance: distances are finite, \
                     not negative, and 0 on the diagonal"
                )
            }
            Self::ResponseNotFinite { row } => {
                write!(f, "observation {row} is not finite, or its square overflows")
            }
            Self::DesignNotFinite { row, col } => write!(
                f,
                "the entry of the design in row {row} and column {col} is not finite, or its square \
                 overflows"
            ),
            Self::DependentColumn { column } => {
                write!(
                    f,
                    "column {column} of the design is a linear combination of the columns before it"
                )
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
                "there are more different sets of visits than the {capacity} for which the panel has room"
            ),
            Self::StoredVersion { expected, found } => write!(
                f,
                "the stored accumulator has version {found}, but only version {expected} can be read"
            ),
            Self::StoredSizes { expected: [n, k, sets, scalar], found: [of_n, of_k, of_sets, of_scalar] } => {
                write!(
                    f,
                    "the stored sums have N = {of_n}, K = {of_k}, {of_sets} sets of visits and scalars of \
                     {of_scalar} bytes, but the type has N = {n}, K = {k}, {sets} sets of visits and \
                     scalars of {scalar} bytes"
                )
            }
            Self::StoredLength { expected, found } => {
                write!(f, "the slice has {found} bytes, but the stored sums have {expected}")
            }
            Self::StoredState => write!(f, "no subjects have the stored sums"),
            Self::NotPositiveDefinite { row } => write!(
                f,
                "the covariance matrix is not positive definite: row {row} is zero or a linear \
                 combination of the rows before it"
            ),
            Self::NotCovariance { row, reason } => {
                f.write_str("the matrix is not a covariance matrix: ")?;
                reason.write(row, f)
            }
            Self::StartWithoutLikelihood { index, theta } => {
                write!(
                    f,
                    "the likelihood is undefined at the start, where θ[{index}] is {theta}; choose \
                     another start"
                )
            }
            Self::LikelihoodNotFinite => {
                f.write_str("the log-likelihood is outside the range of the scalar type")
            }
            Self::SumsOutOfRange => f.write_str(
                "the sums over the subjects overflow, or the values of the subjects differ too much in \
                 size for the precision of the scalar type",
            ),
            Self::NotIdentified { name } => {
                write!(f, "the result depends on `{name}`, which the data do not determine")
            }
            Self::DependentRow { row } => write!(
                f,
                "row {row} of the hypothesis is zero or a linear combination of the rows before it"
            ),
            Self::NotRestricted => {
                f.write_str("the fit is by maximum likelihood; this test needs a fit by restricted maximum \
                 likelihood")
            }
            Self::NotNested => f.write_str(
                "the fits cannot be compared: one model must be nested in the other, with the same \
                 criterion and the same data",
            ),
            Self::ParameterIndex { index, parameter_count: params } => {
                write!(
                    f,
                    "parameter index {index} is out of range: {params} parameters, from 0"
                )
            }
            Self::OtherCriterion => {
                f.write_str("the fit and the estimation use different criteria: both must be REML or both ML")
            }
            Self::NotMaximum => {
                f.write_str("the fit is not at a maximum of the likelihood: see its outcome")
            }
            Self::NotProbability => f.write_str("a probability or a confidence level must be between 0 and 1"),
            Self::NoApproximation => f.write_str(
                "there are too few data for a test of this many rows: no F distribution has the moments \
                 of the statistic",
            ),
            Self::NotWeight { row } => write!(
                f,
                "the weight of observation {row} must be finite and positive, or zero in a panel or for \
                 a subject"
            ),
            Self::OutsideCodomain { name, value, bounds: [lower, upper] } => {
                write!(f, "`{name}` is {value}, outside [{lower}, {upper}]")
            }
            Self::MissingParameter { name } => write!(f, "the parameter `{name}` has no value"),
            Self::UnknownParameter { name } => write!(f, "there is no parameter `{name}`"),
            Self::AmbiguousParameter { name } => {
                write!(
                    f,
                    "two parameters have the name `{name}`: give the operands different names"
                )
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
        .then(" is out of range: ")
        .then_number(levels)
        .then(" levels, from 0")
}
