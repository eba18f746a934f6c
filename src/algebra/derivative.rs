//! One derivative ∂M/∂θₖ, by the entries that θₖ touches.

use nalgebra::{SMatrix, SVector};

use crate::base::scalar::Real;
use crate::linalg::kernel::MANY;

/// One derivative ∂M/∂θₖ of an R×C matrix, by the entries that θₖ touches.
///
/// A structure tells which of these a derivative is; what multiplies it then costs as little as the
/// pattern allows, and the choice is folded away by the compiler.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Partial<'a, T, const R: usize, const C: usize> {
    /// Any matrix.
    Dense(&'a SMatrix<T, R, C>),
    /// `value` in one place, zero elsewhere.
    Entry {
        /// The row of the place.
        row: usize,
        /// Its column.
        col: usize,
        /// The entry.
        value: T,
    },
    /// `value` in (row, col) and in (col, row), zero elsewhere.
    Pair {
        /// The row of one place and the column of the other.
        row: usize,
        /// The column of the one and the row of the other, different from `row`.
        col: usize,
        /// Both entries.
        value: T,
    },
    /// A value along the diagonal, zero elsewhere.
    Diagonal(T),
    /// A value everywhere.
    Constant(T),
    /// The value at index |i − j| in (i, j), constant along the diagonals.
    Toeplitz(&'a [T; R]),
    /// One row, zero elsewhere.
    Row {
        /// The index of the row.
        row: usize,
        /// The entries of the row.
        values: &'a [T; C],
    },
    /// `value` (e vᵀ + v eᵀ) for the unit vector e of a row and a vector v, in a square matrix: the
    /// derivative of L Lᵀ with respect to an entry of L.
    RowAndColumn {
        /// The index of the one in e.
        row: usize,
        /// v.
        vector: &'a [T; R],
        /// The factor.
        value: T,
        /// A number for v, if several derivatives of one visit have the same v: what a visitor
        /// computes from v can then be computed once. Within a visit equal numbers mean equal
        /// vectors.
        number: Option<usize>,
    },
}

impl<T: Real, const R: usize, const C: usize> Partial<'_, T, R, C> {
    /// Writes the derivative as a full matrix.
    ///
    /// ```
    /// use covprop::algebra::Partial;
    /// use covprop::nalgebra::Matrix2;
    ///
    /// let mut out = Matrix2::zeros();
    /// Partial::Pair { row: 0, col: 1, value: 3.0 }.write(&mut out);
    /// assert_eq!(out, Matrix2::new(0.0, 3.0, 3.0, 0.0));
    /// ```
    #[inline]
    pub fn write(&self, out: &mut SMatrix<T, R, C>) {
        match *self {
            Self::Dense(matrix) => *out = *matrix,
            // Column by column, which is worth its code where there are many entries.
            Self::Toeplitz(lags) if R >= MANY => {
                for (col, column) in out.data.0.iter_mut().enumerate() {
                    for (row, out) in column.iter_mut().enumerate() {
                        *out = lags.get(row.abs_diff(col)).copied().unwrap_or_else(T::zero);
                    }
                }
            }
            _ => {
                out.fill(T::zero());
                self.each(|row, col, value| {
                    if let Some(out) = out.get_mut((row, col)) {
                        *out = value;
                    }
                });
            }
        }
    }

    /// ⟨W, ∂M⟩ = Σᵢⱼ Wᵢⱼ ∂Mᵢⱼ.
    ///
    /// ```
    /// use covprop::algebra::Partial;
    /// use covprop::nalgebra::Matrix2;
    ///
    /// let weights = Matrix2::new(1.0, 2.0, 3.0, 4.0);
    /// assert_eq!(Partial::Diagonal(10.0).dot(&weights), 50.0); // 10 (1 + 4)
    /// ```
    #[expect(clippy::inline_always, reason = "the pattern is known where a derivative is offered")]
    #[inline(always)]
    #[must_use]
    pub fn dot(&self, weights: &SMatrix<T, R, C>) -> T {
        let at = |place: (usize, usize)| weights.get(place).copied().unwrap_or_else(T::zero);
        match *self {
            Self::Entry { row, col, value } => at((row, col)) * value,
            Self::Pair { row, col, value } => at((row, col)) * value + at((col, row)) * value,
            _ => {
                let mut sum = T::zero();
                self.each(|row, col, value| sum += at((row, col)) * value);
                sum
            }
        }
    }

    /// The largest |rᵢ ∂Mᵢⱼ cⱼ|, for positive factors of rows and columns.
    pub(crate) fn largest(&self, rows: &[T; R], cols: &[T; C]) -> T {
        let mut largest = T::zero();
        if let Self::Dense(matrix) = *self {
            for (column, &c) in matrix.data.0.iter().zip(cols) {
                let scaled = column.iter().zip(rows).map(|(&x, &r)| (x * r).abs());
                largest = largest.max(scaled.fold(T::zero(), T::max) * c);
            }
            return largest;
        }
        self.each(|row, col, value| {
            if let (Some(&r), Some(&c)) = (rows.get(row), cols.get(col)) {
                largest = largest.max((value * r * c).abs());
            }
        });
        largest
    }

    /// Writes ∂M u.
    ///
    /// ```
    /// use covprop::algebra::Partial;
    /// use covprop::nalgebra::{Vector2, vector};
    ///
    /// let mut out = Vector2::zeros();
    /// Partial::Entry { row: 0, col: 1, value: 3.0 }.mul(&vector![1.0, 10.0], &mut out);
    /// assert_eq!(out, vector![30.0, 0.0]);
    /// ```
    #[inline]
    pub fn mul(&self, u: &SVector<T, C>, out: &mut SVector<T, R>) {
        out.fill(T::zero());
        self.each(|row, col, value| {
            if let (Some(out), Some(&u)) = (out.get_mut(row), u.get(col)) {
                *out += value * u;
            }
        });
    }

    /// Writes ∂Mᵀ u.
    ///
    /// ```
    /// use covprop::algebra::Partial;
    /// use covprop::nalgebra::{Vector2, vector};
    ///
    /// let mut out = Vector2::zeros();
    /// Partial::Entry { row: 0, col: 1, value: 3.0 }.tr_mul(&vector![1.0, 10.0], &mut out);
    /// assert_eq!(out, vector![0.0, 3.0]);
    /// ```
    #[inline]
    pub fn tr_mul(&self, u: &SVector<T, R>, out: &mut SVector<T, C>) {
        out.fill(T::zero());
        self.each(|row, col, value| {
            if let (Some(out), Some(&u)) = (out.get_mut(col), u.get(row)) {
                *out += value * u;
            }
        });
    }

    /// Calls `f(row, col, value)` once for each of the entries that are not zero by pattern.
    #[inline]
    pub(crate) fn each(&self, mut f: impl FnMut(usize, usize, T)) {
        match *self {
            Self::Dense(matrix) => {
                for (col, column) in matrix.data.0.iter().enumerate() {
                    for (row, &value) in column.iter().enumerate() {
                        f(row, col, value);
                    }
                }
            }
            Self::RowAndColumn { row, vector, value, .. } => {
                let entry = |i: usize| vector.get(i).map_or(T::zero(), |&v| v * value);
                for j in 0..C {
                    for i in 0..R {
                        let mut x = if j == row { entry(i) } else { T::zero() };
                        if i == row {
                            x += entry(j);
                        }
                        f(i, j, x);
                    }
                }
            }
            Self::Entry { row, col, value } => f(row, col, value),
            Self::Pair { row, col, value } => {
                f(row, col, value);
                f(col, row, value);
            }
            Self::Diagonal(value) => {
                for i in 0..R.min(C) {
                    f(i, i, value);
                }
            }
            Self::Constant(value) => {
                for col in 0..C {
                    for row in 0..R {
                        f(row, col, value);
                    }
                }
            }
            Self::Row { row, values } => {
                for (col, &value) in values.iter().enumerate() {
                    f(row, col, value);
                }
            }
            Self::Toeplitz(lags) => {
                for col in 0..C {
                    for row in 0..R {
                        if let Some(&value) = lags.get(row.abs_diff(col)) {
                            f(row, col, value);
                        }
                    }
                }
            }
        }
    }
}
