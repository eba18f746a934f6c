//! What can be wrong with data: small typed errors that name the culprit.

use core::fmt;

/// What was wrong with the data that was given.
///
/// Wrong dimensions are not here: those are type errors.
///
/// ```
/// use covprop::*;
///
/// let error = DummyMatrix::<3, 2>::try_from_indices([0, 2, 1]).unwrap_err();
/// assert_eq!(error, Error::LevelIndex { row: 1, index: 2, levels: 2 });
/// assert_eq!(error.to_string(), "level index 2 in row 1 is not below Q = 2");
/// ```
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// An observation names a level that does not exist.
    LevelIndex {
        /// The observation.
        row: usize,
        /// The level that it names.
        index: usize,
        /// The number of levels; indices are below it.
        levels: usize,
    },
    /// The labels have more or fewer distinct values than the matrix has columns.
    LevelCount {
        /// The number of columns in the type.
        expected: usize,
        /// The number of distinct labels.
        found: usize,
    },
    /// An observation has a label that is not among the given levels.
    UnknownLabel {
        /// The observation.
        row: usize,
        /// Its label.
        label: Text,
    },
    /// Two of the given levels have the same label.
    RepeatedLevel {
        /// The label.
        label: Text,
    },
    /// More or fewer columns hold an observation than the result has columns.
    ColumnCount {
        /// The number of columns in the type of the result.
        expected: usize,
        /// The number of columns that hold an observation.
        found: usize,
    },
    /// A matrix that is to be inverted has no inverse, or none within rounding.
    Singular {
        /// The column at which its columns turned out to be dependent.
        column: usize,
    },
    /// An entry of a result is not a number.
    NotFinite {
        /// Its row.
        row: usize,
        /// Its column.
        col: usize,
    },
    /// A constraint takes a parameter from a free one that does not exist.
    FreeIndex {
        /// The parameter.
        name: Text,
        /// The free parameter that it names.
        index: usize,
        /// The number of free parameters; indices are below it.
        free: usize,
    },
    /// No parameter is taken from a free one.
    UnusedFree {
        /// The free parameter.
        index: usize,
    },
    /// A matrix that should be symmetric is not.
    NotSymmetric {
        /// The row of the first entry that is not what its mirror image is.
        row: usize,
        /// Its column.
        col: usize,
    },
    /// A distance is negative or not finite, or one of a place from itself that is not 0.
    NotDistance {
        /// The row of the first such entry.
        row: usize,
        /// Its column.
        col: usize,
    },
    /// An observation is not finite, or its square is not.
    ResponseNotFinite {
        /// The observation.
        row: usize,
    },
    /// An entry of a design matrix is not finite, or its square is not.
    DesignNotFinite {
        /// Its row.
        row: usize,
        /// Its column.
        col: usize,
    },
    /// A column of a design matrix is a combination of those before it, over all data.
    DependentColumn {
        /// The column.
        column: usize,
    },
    /// There are no more observations than fixed effects.
    NoDegreesOfFreedom {
        /// The number of observations.
        observations: usize,
        /// The number of fixed effects.
        columns: usize,
    },
    /// The fixed effects fit the response exactly, within rounding: no variance is left to estimate.
    ExactFit,
    /// There is no room for subjects that were seen at another set of visits.
    PatternCount {
        /// The number of sets of visits in the type.
        capacity: usize,
    },
    /// A covariance matrix is not positive definite.
    NotPositiveDefinite {
        /// The first row that depends on those before it.
        row: usize,
    },
    /// A likelihood is beyond the range of the scalar.
    LikelihoodNotFinite,
    /// The data say nothing of a parameter beside the others: the information of them is not positive definite.
    NotIdentified {
        /// The parameter.
        name: Text,
    },
    /// A hypothesis has a row that is a combination of those before it, or zero.
    DependentRow {
        /// The row.
        row: usize,
    },
    /// Restricted maximum likelihood is asked for, and this is another fit.
    NotRestricted,
    /// Two fits that do not compare: by different criteria, of different data, or of models of which none is a case of the
    /// other.
    NotNested,
    /// There is no such parameter.
    ParameterIndex {
        /// The index.
        index: usize,
        /// The number of parameters; indices are below it.
        params: usize,
    },
    /// A fit maximises another criterion than the estimation that it is used with.
    OtherCriterion,
    /// A fit is not at a maximum: it did not get there, or the likelihood is higher elsewhere.
    NotMaximum,
    /// A probability is not between 0 and 1.
    NotProbability,
    /// No F distribution has the moments of a test statistic: there are too few data for so many rows.
    NoApproximation,
    /// A weight is not positive and finite, or in a panel negative.
    NotWeight {
        /// The observation.
        row: usize,
    },
    /// A parameter cannot have the value that it should have: its transform does not reach it.
    OutsideCodomain {
        /// The parameter.
        name: Text,
    },
    /// A parameter was not given a value.
    MissingParameter {
        /// The parameter.
        name: Text,
    },
    /// A value was given for a parameter that does not exist.
    UnknownParameter {
        /// The name that was given.
        name: Text,
    },
    /// Two parameters have the same name, so that it does not tell which one is meant.
    AmbiguousParameter {
        /// The name.
        name: Text,
    },
    /// A parameter was given two values.
    RepeatedParameter {
        /// The parameter.
        name: Text,
    },
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
                write!(f, "the entry in row {row} and column {col} is not a distance")
            }
            Self::ResponseNotFinite { row } => {
                write!(f, "observation {row} is not finite, or its square is not")
            }
            Self::DesignNotFinite { row, col } => write!(
                f,
                "the entry of the design in row {row} and column {col} is not finite, or its square is not"
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
                "the panel has room for {capacity} different sets of visits, and this is another one"
            ),
            Self::NotPositiveDefinite { row } => write!(
                f,
                "the covariance matrix is not positive definite: row {row} depends on those before it"
            ),
            Self::LikelihoodNotFinite => {
                f.write_str("the likelihood is beyond the range of the numbers")
            }
            Self::NotIdentified { name } => {
                write!(f, "the data say nothing of the parameter `{name}` beside the others")
            }
            Self::DependentRow { row } => write!(
                f,
                "row {row} of the hypothesis is zero or a combination of those before it"
            ),
            Self::NotRestricted => {
                f.write_str("the fit is not one by restricted maximum likelihood")
            }
            Self::NotNested => f.write_str(
                "the fits do not compare: one should be of a case of the other's model, by the same criterion and data",
            ),
            Self::ParameterIndex { index, params } => {
                write!(f, "there is no parameter {index}, but {params} of them")
            }
            Self::OtherCriterion => {
                f.write_str("the fit is by another criterion than this estimation")
            }
            Self::NotMaximum => {
                f.write_str("the fit is not at a maximum of the likelihood")
            }
            Self::NotProbability => f.write_str("the probability is not between 0 and 1"),
            Self::NoApproximation => f.write_str(
                "no F distribution has the moments of this test: there are too few data for its rows",
            ),
            Self::NotWeight { row } => write!(f, "the weight of observation {row} is none"),
            Self::OutsideCodomain { name } => write!(
                f,
                "no free value gives the parameter `{name}` the value that it should have"
            ),
            Self::MissingParameter { name } => write!(f, "the parameter `{name}` has no value"),
            Self::UnknownParameter { name } => write!(f, "there is no parameter `{name}`"),
            Self::AmbiguousParameter { name } => {
                write!(f, "two parameters have the name `{name}`: name the operands apart")
            }
            Self::RepeatedParameter { name } => write!(f, "the parameter `{name}` is given twice"),
        }
    }
}

impl core::error::Error for Error {}

/// The text of [`Error::LevelIndex`] for a compile error, where nothing can be formatted.
pub(crate) const fn level_index_message(row: usize, index: usize, levels: usize) -> Text {
    Text::EMPTY
        .then("level index ")
        .then_number(index)
        .then(" in row ")
        .then_number(row)
        .then(" is not below Q = ")
        .then_number(levels)
}

/// A short text that an [`Error`] carries by value; of one that does not fit, the end after a `…`,
/// since the end of a path tells more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text {
    bytes: [u8; Text::CAPACITY],
    len: usize,
    cut: bool,
}

impl Text {
    /// The number of UTF-8 bytes that fit.
    pub const CAPACITY: usize = 62;

    const ELLIPSIS: &str = "…";
    pub(crate) const EMPTY: Self = Self { bytes: [0; Self::CAPACITY], len: 0, cut: false };

    /// The text of anything that can be displayed.
    pub(crate) fn of(value: impl fmt::Display) -> Self {
        let mut text = Self::EMPTY;
        // Fails only where the value's own `Display` does; what came until then is kept.
        let _ = fmt::write(&mut text, format_args!("{value}"));
        text
    }

    /// What was written of a text.
    #[cfg(feature = "serde")]
    pub(crate) fn restored(text: &str) -> Self {
        let kept = Self::of(text);
        Self { cut: kept.as_str().starts_with(Self::ELLIPSIS), ..kept }
    }

    /// The name of parameter k.
    pub(crate) fn of_param<M: crate::Shape>(matrix: &M, k: usize) -> Self {
        matrix.param_names().nth(k).map_or(Self::EMPTY, Self::of)
    }

    /// The text as a string slice.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => Self::ELLIPSIS,
        }
    }

    /// `self` followed by the bytes of `text` that fit.
    pub(crate) const fn then(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() && self.len < Self::CAPACITY {
            self.bytes[self.len] = bytes[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    /// `self` followed by the digits of `number`.
    pub(crate) const fn then_number(self, number: usize) -> Self {
        let rest = number / 10;
        let text = if rest > 0 { self.then_number(rest) } else { self };
        // "0123456789" from the digit to the one after it.
        text.then("0123456789".split_at(number % 10).1.split_at(1).0)
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let before = *self;
        let kept = before.as_str();
        if kept.len() + text.len() <= Self::CAPACITY {
            *self = before.then(text);
            return Ok(());
        }
        // The last bytes of both that fit behind the ellipsis, from a character on.
        let kept = if self.cut { kept.trim_start_matches(Self::ELLIPSIS) } else { kept };
        let end = |text: &'_ str, room: usize| {
            let mut start = text.len().saturating_sub(room);
            while !text.is_char_boundary(start) {
                start += 1;
            }
            start
        };
        let room = Self::CAPACITY - Self::ELLIPSIS.len();
        let text = text.get(end(text, room)..).unwrap_or_default();
        let kept = kept.get(end(kept, room - text.len())..).unwrap_or_default();
        *self = Self::EMPTY.then(Self::ELLIPSIS).then(kept).then(text);
        self.cut = true;
        Ok(())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
