//! One-hot design matrices of factors.

use core::fmt;

use nalgebra::{Const, SMatrix};
use typenum::U0;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::{Shape, SparsityPattern};
use crate::base::dim::{DimMinusOne, DimTimes};
use crate::base::error::Error;
use crate::base::error::display::level_index_message;
use crate::base::error::text::Text;
use crate::base::scalar::Real;
use crate::structure::levels::Levels;

/// The N×Q design matrix of a factor. Row i of the design matrix is 1 in the column that belongs to
/// the level of observation i, and 0 elsewhere.
///
/// The matrix has no parameters. The matrix stores only the level of each row, and products with it
/// are computed by gathering and scattering rows.
///
/// ```
/// use covprop::prelude::*;
///
/// let z = DummyMatrix::<4, 3>::from_labels(&["a", "b", "c", "a"])?;
/// assert_eq!(z, DummyMatrix::from_indices([0, 1, 2, 0]));
/// assert_eq!(z.counts(), [2, 1, 1]);
/// # Ok::<(), covprop::Error>(())
/// ```
///
/// In a `const`, the index of a level that does not exist is a compile error:
///
/// ```compile_fail,E0080
/// # use covprop::structure::DummyMatrix;
/// const Z: DummyMatrix<4, 3> = DummyMatrix::from_indices([0, 1, 3, 0]);
/// // level index 3 in row 2 is out of range: 3 levels, from 0
/// # println!("{Z:?}");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "indicator matrix")]
#[doc(alias = "incidence matrix")]
#[doc(alias = "one-hot")]
pub struct DummyMatrix<const N: usize, const Q: usize> {
    /// For each row, the column of the 1, or the number of columns Q if the row consists of zeros.
    columns: [usize; N],
}

impl<const N: usize, const Q: usize> DummyMatrix<N, Q> {
    /// Creates the design whose row i has its 1 in column `levels[i]`, for levels known at compile
    /// time.
    ///
    /// Use [`try_from_indices`](Self::try_from_indices) for levels that are read at run time.
    ///
    /// # Panics
    ///
    /// Panics if a level is not below Q. In a `const` or a `static`, a level that is not below Q is
    /// a compile error.
    #[must_use]
    #[expect(clippy::panic, reason = "it is how a `const fn` makes a compile error")]
    pub const fn from_indices(levels: [usize; N]) -> Self {
        match first_outside(&levels, Q) {
            None => Self { columns: levels },
            Some(row) => panic!("{}", level_index_message(row, levels[row], Q).as_str()),
        }
    }

    /// Creates the design whose row i has its 1 in column `levels[i]`.
    ///
    /// # Errors
    ///
    /// Returns [`Error::LevelIndex`] for the first level that is not below Q.
    pub const fn try_from_indices(levels: [usize; N]) -> Result<Self, Error> {
        match first_outside(&levels, Q) {
            None => Ok(Self { columns: levels }),
            Some(row) => Err(Error::LevelIndex { row, index: levels[row], levels: Q }),
        }
    }

    /// Creates the design of a factor from its labels. The columns of the design correspond to the
    /// distinct labels in sorted order.
    ///
    /// # Errors
    ///
    /// Returns [`Error::LevelCount`] unless there are exactly Q distinct labels.
    pub fn from_labels<L: Copy + Ord + fmt::Display>(labels: &[L; N]) -> Result<Self, Error> {
        Self::from_levels(labels, &Levels::from_labels(labels)?)
    }

    /// Creates the design of a factor from its labels, with one column for each given level, in the
    /// given order. A level need not occur among the labels.
    ///
    /// # Errors
    ///
    /// Returns [`Error::UnknownLabel`] for the first label that is not among the levels.
    ///
    /// ```
    /// use covprop::prelude::*;
    /// use covprop::structure::Levels;
    ///
    /// let doses = Levels::new(["low", "mid", "high"])?;
    /// let z = DummyMatrix::from_levels(&["high", "low", "high"], &doses)?;
    /// assert_eq!(z.counts(), [1, 0, 2]);
    ///
    /// let error = DummyMatrix::from_levels(&["high", "hihg"], &doses).unwrap_err();
    /// assert_eq!(error.to_string(), "the label `hihg` of row 1 is not among the levels");
    /// # Ok::<(), covprop::Error>(())
    /// ```
    pub fn from_levels<L: Copy + Ord + fmt::Display>(
        labels: &[L; N],
        levels: &Levels<L, Q>,
    ) -> Result<Self, Error> {
        let mut columns = [Q; N];
        for (row, (column, label)) in columns.iter_mut().zip(labels).enumerate() {
            let unknown = || Error::UnknownLabel { row, label: Text::of(label) };
            *column = levels.position(label).ok_or_else(unknown)?;
        }
        Ok(Self { columns })
    }

    /// Returns the design of the interaction of two factors, with one column for each pair of
    /// levels. The levels of `other` vary fastest. In the design of an interaction, a pair of
    /// levels that does not occur in the data has a column of zeros.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let block = DummyMatrix::<4, 2>::from_indices([0, 0, 1, 1]);
    /// let plot = DummyMatrix::<4, 3>::from_indices([0, 2, 0, 1]);
    /// let both: DummyMatrix<4, 6> = block.crossed(&plot);
    /// assert_eq!(both, DummyMatrix::from_indices([0, 2, 3, 4]));
    /// ```
    #[must_use]
    pub fn crossed<const R: usize, const QR: usize>(
        &self,
        other: &DummyMatrix<N, R>,
    ) -> DummyMatrix<N, QR>
    where
        Const<Q>: DimTimes<Const<R>, Output = Const<QR>>,
    {
        let mut columns = [QR; N];
        for (row, column) in columns.iter_mut().enumerate() {
            if let (Some(a), Some(b)) = (self.level(row), other.level(row)) {
                *column = a * R + b;
            }
        }
        DummyMatrix { columns }
    }

    /// Returns this matrix without its first column. Observations of the first level then have rows
    /// of zeros, so that the first level is the reference level of a fixed effect.
    #[must_use]
    pub fn drop_first<const M: usize>(&self) -> DummyMatrix<N, M>
    where
        Const<Q>: DimMinusOne<Output = Const<M>>,
    {
        DummyMatrix { columns: self.columns.map(|column| column.checked_sub(1).unwrap_or(M)) }
    }

    /// Returns this design matrix without the columns of levels that no observation has.
    ///
    /// # Errors
    ///
    /// Returns [`Error::ColumnCount`] unless exactly M columns contain a 1.
    pub fn drop_empty<const M: usize>(&self) -> Result<DummyMatrix<N, M>, Error> {
        let counts = self.counts();
        let kept_before = |end| counts.iter().take(end).filter(|&&count| count > 0).count();
        let found = kept_before(Q);
        if found != M {
            return Err(Error::ColumnCount { expected: M, found });
        }
        // In a row of zeros, the column Q becomes M, because M columns are kept: the row stays
        // zero.
        Ok(DummyMatrix { columns: self.columns.map(kept_before) })
    }

    /// Returns the level of an observation, which is the column of the 1 in its row. Returns `None`
    /// if the row consists of zeros or does not exist.
    #[must_use]
    pub fn level(&self, row: usize) -> Option<usize> {
        self.columns.get(row).copied().filter(|&column| column < Q)
    }

    /// Returns the number of observations in each column.
    #[must_use]
    pub fn counts(&self) -> [usize; Q] {
        let mut counts = [0; Q];
        for &column in &self.columns {
            if let Some(count) = counts.get_mut(column) {
                *count += 1;
            }
        }
        counts
    }
}

/// Returns the index of the first observation whose level is not below `count`, or `None` if all
/// levels are below `count`.
const fn first_outside(levels: &[usize], count: usize) -> Option<usize> {
    let mut row = 0;
    while row < levels.len() {
        if levels[row] >= count {
            return Some(row);
        }
        row += 1;
    }
    None
}

impl<const N: usize, const Q: usize> Shape for DummyMatrix<N, Q> {
    type Rows = Const<N>;
    type Cols = Const<Q>;
    type ParamCount = U0;

    const SPARSITY: SparsityPattern = SparsityPattern::OneHot;

    #[inline]
    fn column(&self, row: usize) -> usize {
        self.columns.get(row).map_or(Q, |&column| column)
    }
}

impl<T: Real, const N: usize, const Q: usize> ParamMatrix<T, N, Q> for DummyMatrix<N, Q> {
    #[inline]
    fn value(&self, _: &[T; 0]) -> SMatrix<T, N, Q> {
        let mut out = SMatrix::<T, N, Q>::zeros();
        for (row, &column) in self.columns.iter().enumerate() {
            if let Some(entry) = out.get_mut((row, column)) {
                *entry = T::one();
            }
        }
        out
    }

    #[inline]
    fn gradient(&self, _: &[T; 0]) -> [SMatrix<T, N, Q>; 0] {
        []
    }
}
