//! The derivative of a matrix with respect to one parameter, stored by its sparsity pattern.

use nalgebra::{SMatrix, SVector};

use crate::base::scalar::Real;
use crate::linalg::kernel::MANY;

/// The derivative ∂M/∂θₖ of an R×C matrix M with respect to one parameter, stored by its sparsity
/// pattern.
///
/// A structure passes each derivative as the variant of this type that fits the nonzero entries, so
/// that products with a sparse derivative need few operations. If the variant of this type is known
/// at compile time, the compiler removes the branches for the other variants.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Partial<'a, T, const R: usize, const C: usize> {
    /// A matrix without a sparsity pattern.
    Dense(&'a SMatrix<T, R, C>),
    /// A matrix with the number `value` in one entry and zeros elsewhere.
    Entry {
        /// The row of the nonzero entry.
        row: usize,
        /// The column of the nonzero entry.
        col: usize,
        /// The value of the nonzero entry.
        value: T,
    },
    /// A matrix with the number `value` in the entries (row, col) and (col, row), and zeros
    /// elsewhere.
    Pair {
        /// The row of the first of two nonzero entries. The second entry is the mirror image of the
        /// first, so that this number is also its column.
        row: usize,
        /// The column of the first of two nonzero entries. The second entry is the mirror image of
        /// the first, so that this number is also its row. It differs from `row`.
        col: usize,
        /// The value of both nonzero entries.
        value: T,
    },
    /// A matrix with the same value in every diagonal entry, and zeros elsewhere.
    Diagonal(T),
    /// A matrix with the same value in every entry.
    Constant(T),
    /// A Toeplitz matrix, whose entry (i, j) is the value at index |i − j| of the array.
    Toeplitz(&'a [T; R]),
    /// A matrix with one nonzero row.
    Row {
        /// The index of the nonzero row.
        row: usize,
        /// The entries of the nonzero row.
        values: &'a [T; C],
    },
    /// The square matrix e vᵀ + v eᵀ times the number `value`, for a unit vector e and a vector v.
    /// An example is the derivative of L Lᵀ with respect to an entry of L.
    RowAndColumn {
        /// The index of the 1 in the unit vector e.
        row: usize,
        /// The vector v of e vᵀ + v eᵀ.
        vector: &'a [T; R],
        /// The factor of e vᵀ + v eᵀ.
        value: T,
        /// A number that identifies the vector v, if several derivatives of a matrix share the
        /// vector. Within a visit of a matrix, derivatives with equal numbers have equal vectors v,
        /// so that a visitor can compute a product with v once.
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
            // Column by column, which is faster for many entries but needs more code.
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

    /// Returns ⟨W, ∂M⟩ = Σᵢⱼ Wᵢⱼ ∂Mᵢⱼ for the weight matrix W = `weights`.
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

    /// Returns the largest absolute entry of the derivative ∂M after row i is multiplied by rᵢ > 0
    /// and column j by cⱼ > 0, for all i and j.
    pub(crate) fn largest(&self, rows: &[T; R], cols: &[T; C]) -> T {
        let mut largest = T::zero();
        if let Self::Dense(matrix) = *self {
            for (column, &c) in matrix.data.0.iter().zip(cols) {
                let scaled = column.iter().zip(rows).map(|(&x, &r)| (x * r).abs());
                largest = largest.max(scaled.fold(T::zero(), T::max) * c);
            }
            return largest;
        }
        self.each_entry(&mut |row, col, value| {
            if let (Some(&r), Some(&c)) = (rows.get(row), cols.get(col)) {
                largest = largest.max((value * r * c).abs());
            }
        });
        largest
    }

    /// Writes the product ∂M u of the derivative and a vector u.
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

    /// Writes the product ∂Mᵀ u of the transposed derivative and a vector u.
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

    /// Calls `f(row, col, value)` once for each entry of the derivative that can differ from zero.
    ///
    /// This method is compiled once for all callbacks, while [`each`](Self::each) is faster, but is
    /// compiled once for each callback.
    #[inline(never)]
    pub(crate) fn each_entry(&self, f: &mut dyn FnMut(usize, usize, T)) {
        self.each(f);
    }

    /// Calls `f(row, col, value)` once for each entry of the derivative that can differ from zero.
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
            // Every entry, so that sums round like those of the full matrix.
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
