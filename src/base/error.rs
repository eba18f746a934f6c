//! The error type of the crate, whose variants say what is wrong with the data and where.

pub(crate) mod defect;
pub(crate) mod display;
pub(crate) mod number;
pub(crate) mod text;

use crate::base::error::defect::CovarianceDefect;
use crate::base::error::number::Number;
use crate::base::error::text::Text;

/// An error in the data that a caller passes in.
///
/// [`Error`] has no variant for wrong dimensions, because wrong dimensions are type errors.
///
/// ```
/// use covprop::Error;
/// use covprop::prelude::*;
///
/// let error = DummyMatrix::<3, 2>::try_from_indices([0, 2, 1]).unwrap_err();
/// assert_eq!(error, Error::LevelIndex { row: 1, index: 2, levels: 2 });
/// assert_eq!(error.to_string(), "level index 2 in row 1 is out of range: 2 levels, from 0");
/// ```
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The level index of an observation is not below the number of levels.
    LevelIndex {
        /// The index of the observation.
        row: usize,
        /// The index of the level.
        index: usize,
        /// The number of levels. A level index must be below this number.
        levels: usize,
    },
    /// The number of distinct labels differs from the number of columns in the type of the dummy
    /// matrix.
    LevelCount {
        /// The number of columns in the type.
        expected: usize,
        /// The number of distinct labels.
        found: usize,
    },
    /// The label of an observation is not among the given levels.
    UnknownLabel {
        /// The index of the observation.
        row: usize,
        /// The label of the observation.
        label: Text,
    },
    /// Two of the given levels have the same label.
    RepeatedLevel {
        /// The label that occurs twice.
        label: Text,
    },
    /// The number of nonempty columns of a dummy matrix differs from the number of columns in the
    /// type of the result.
    ColumnCount {
        /// The number of columns in the type of the result.
        expected: usize,
        /// The number of columns that hold at least one observation.
        found: usize,
    },
    /// A matrix to be inverted is singular, exactly or to rounding.
    Singular {
        /// The index of the first column that is a linear combination of the columns before it.
        column: usize,
    },
    /// An entry of a result is infinite or NaN.
    NotFinite {
        /// The row of the entry.
        row: usize,
        /// The column of the entry.
        col: usize,
    },
    /// A constrained parameter is a function of a free parameter that does not exist.
    FreeIndex {
        /// The name of the constrained parameter.
        name: Text,
        /// The index of the free parameter.
        index: usize,
        /// The number of free parameters. The index of a free parameter must be below this number.
        free: usize,
    },
    /// A constraint has a free parameter that determines no parameter of the constrained matrix.
    UnusedFree {
        /// The index of the free parameter.
        index: usize,
    },
    /// A matrix that should be symmetric is not.
    NotSymmetric {
        /// The row of the first entry that differs from its mirror image.
        row: usize,
        /// The column of the first entry that differs from its mirror image.
        col: usize,
    },
    /// A distance is negative or not finite, or the distance from a place to itself is not 0.
    NotDistance {
        /// The row of the first invalid distance.
        row: usize,
        /// The column of the first invalid distance.
        col: usize,
    },
    /// An observation is not finite, or its square overflows.
    ResponseNotFinite {
        /// The index of the observation.
        row: usize,
    },
    /// An entry of a design matrix is not finite, or its square overflows.
    DesignNotFinite {
        /// The row of the entry.
        row: usize,
        /// The column of the entry.
        col: usize,
    },
    /// In all data together, a column of the design matrix is a linear combination of the columns
    /// before that column.
    DependentColumn {
        /// The index of the column.
        column: usize,
    },
    /// The number of observations does not exceed the number of fixed effects.
    NoDegreesOfFreedom {
        /// The number of observations.
        observations: usize,
        /// The number of fixed effects.
        columns: usize,
    },
    /// The fixed effects fit the response to within rounding error, so that no variance is left to
    /// estimate.
    ExactFit,
    /// The subjects of a panel have more different sets of observed visits than the panel can
    /// store.
    PatternCount {
        /// The largest number of different sets of observed visits for this type of panel.
        capacity: usize,
    },
    /// A slice that a caller passes as a workspace is too short.
    WorkspaceLength {
        /// The smallest length of the slice.
        expected: usize,
        /// The length of the slice.
        found: usize,
    },
    /// A stored accumulator has a version that this crate cannot read.
    StoredVersion {
        /// The version that this crate reads.
        expected: u16,
        /// The version of the stored accumulator.
        found: u16,
    },
    /// Stored sums have other sizes than the type into which they are read.
    StoredSizes {
        /// N, K, the number of sets of visits and the number of bytes of a scalar in the type.
        expected: [usize; 4],
        /// N, K, the number of sets of visits and the number of bytes of a scalar of the stored
        /// sums.
        found: [usize; 4],
    },
    /// A slice for stored sums has the wrong length.
    StoredLength {
        /// The number of bytes of the stored sums.
        expected: usize,
        /// The length of the slice.
        found: usize,
    },
    /// No subjects have the stored sums.
    StoredState,
    /// A covariance matrix is singular, exactly or to within rounding error, and therefore not
    /// positive definite.
    NotPositiveDefinite {
        /// The first row that is zero or a linear combination of the rows before it.
        row: usize,
    },
    /// A matrix is not a covariance matrix, because it is not positive semidefinite to within
    /// rounding error.
    NotCovariance {
        /// The row in which the matrix was found not to be a covariance matrix.
        row: usize,
        /// The reason why the matrix is not a covariance matrix.
        reason: CovarianceDefect,
    },
    /// A log-likelihood overflows the range of the scalar.
    LikelihoodNotFinite,
    /// The likelihood is undefined at the start of a search.
    StartWithoutLikelihood {
        /// The index of the parameter that is the likely cause of the undefined likelihood. If a
        /// parameter is NaN, the first NaN is the likely cause. If no parameter is NaN, the likely
        /// cause is the first parameter whose default value makes the likelihood defined at the
        /// start. If no default value makes the likelihood defined, the likely cause is the
        /// parameter farthest from its default. The error contains an index instead of a name, so
        /// that firmware can omit the code that writes names.
        index: usize,
        /// The entry of θ for this parameter at the start of the search.
        theta: Number,
    },
    /// The sums over the subjects of a panel would overflow or lose precision, because the data of
    /// the subjects differ too much in size, or there are too many subjects.
    SumsOutOfRange,
    /// A result depends on a parameter, or a combination of parameters, that the data do not
    /// identify.
    NotIdentified {
        /// The name of the parameter, or the direction of θ, such as `+1.000·a/sigma^2
        /// -0.700·b/sigma^2`.
        name: Text,
    },
    /// A row of a hypothesis matrix is zero or a linear combination of the rows before it.
    DependentRow {
        /// The index of the row.
        row: usize,
    },
    /// A method that requires a fit by restricted maximum likelihood was called with a fit by
    /// maximum likelihood.
    NotRestricted,
    /// Two fits cannot be compared: their criteria or their data differ, or neither model is nested
    /// in the other.
    NotNested,
    /// A parameter index is out of range.
    ParameterIndex {
        /// The index of the parameter.
        index: usize,
        /// The number of parameters. A parameter index must be below this number.
        parameter_count: usize,
    },
    /// A fit by maximum likelihood was used with an estimation by restricted maximum likelihood, or
    /// the other way round.
    OtherCriterion,
    /// A fit is not at a maximum: the search did not converge, or the likelihood is higher
    /// elsewhere.
    NotMaximum,
    /// A probability is not between 0 and 1.
    NotProbability,
    /// No scaled F distribution has the mean and the variance of a test statistic, because there
    /// are too few data for the number of rows of the hypothesis matrix.
    NoApproximation,
    /// The weight of an observation is not positive and finite. In a panel, a weight of zero is
    /// also allowed.
    NotWeight {
        /// The index of the observation.
        row: usize,
    },
    /// The value given for a parameter is below the lower bound or above the upper bound of the
    /// parameter.
    OutsideCodomain {
        /// The name of the parameter.
        name: Text,
        /// The given value, which is outside the bounds of the parameter.
        value: Number,
        /// The lower and the upper bound of the parameter.
        bounds: [Number; 2],
    },
    /// No value was given for a parameter.
    MissingParameter {
        /// The name of the parameter.
        name: Text,
    },
    /// A value was given for a parameter that does not exist.
    UnknownParameter {
        /// The name that was given.
        name: Text,
    },
    /// Two parameters have the same name, so that the name does not determine which one is meant.
    AmbiguousParameter {
        /// The name that both parameters have.
        name: Text,
    },
    /// A parameter was given two values.
    RepeatedParameter {
        /// The name of the parameter.
        name: Text,
    },
}

impl core::error::Error for Error {}
