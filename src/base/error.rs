//! Errors in data: small, typed, and with the place and the reason.

pub(crate) mod defect;
pub(crate) mod display;
pub(crate) mod number;
pub(crate) mod text;

use crate::base::error::defect::CovarianceDefect;
use crate::base::error::number::Number;
use crate::base::error::text::Text;

/// An error in the data that were given.
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
#[derive(Clone, Copy, PartialEq, Eq)]
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
    /// The fixed effects fit the response exactly, within rounding: no variance is left to
    /// estimate.
    ExactFit,
    /// There is no room for subjects that were seen at another set of visits.
    PatternCount {
        /// The number of sets of visits in the type.
        capacity: usize,
    },
    /// A stored accumulator is of another version than this crate reads.
    StoredVersion {
        /// The version that is read.
        expected: u16,
        /// The version that is stored.
        found: u16,
    },
    /// A covariance matrix is not positive definite: it is singular, exactly or within rounding.
    NotPositiveDefinite {
        /// The first row that is zero or a combination of those before it.
        row: usize,
    },
    /// A matrix is not a covariance matrix: it is not positive semidefinite, by more than rounding.
    NotCovariance {
        /// The row that shows it.
        row: usize,
        /// How it shows it.
        reason: CovarianceDefect,
    },
    /// A likelihood is beyond the range of the scalar.
    LikelihoodNotFinite,
    /// The likelihood has no value at the start that a search was given.
    StartWithoutLikelihood {
        /// The parameter to blame: the first that is NaN, else the first whose default in its place
        /// gives a likelihood, else the one that is farthest from its default. An index, since
        /// firmware need not carry what writes names.
        index: usize,
        /// θ of this parameter at the start.
        theta: Number,
    },
    /// The sums over the subjects of a panel would be beyond the range or the precision of the
    /// scalar: their numbers are too far apart, or too many.
    SumsOutOfRange,
    /// A result depends on what the data do not determine: on a parameter, or on a combination of
    /// several.
    NotIdentified {
        /// The parameter, or the direction of θ, such as `+1.000·a/sigma^2 -0.700·b/sigma^2`.
        name: Text,
    },
    /// A hypothesis has a row that is a combination of those before it, or zero.
    DependentRow {
        /// The row.
        row: usize,
    },
    /// Restricted maximum likelihood is asked for, and this is another fit.
    NotRestricted,
    /// Two fits that do not compare: by different criteria, of different data, or of models of
    /// which none is a case of the other.
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
    /// No F distribution has the moments of a test statistic: there are too few data for this
    /// number of rows.
    NoApproximation,
    /// A weight is not positive and finite, or in a panel negative.
    NotWeight {
        /// The observation.
        row: usize,
    },
    /// A parameter cannot have a value: its transform does not reach it, not even in the limit.
    OutsideCodomain {
        /// The parameter.
        name: Text,
        /// The value.
        value: Number,
        /// The smallest and the largest value that the parameter can have.
        bounds: [Number; 2],
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

impl core::error::Error for Error {}
