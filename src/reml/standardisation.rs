//! Coordinates for X and y in which cross-products keep the precision of the data.
//!
//! If all data share their leading digits, cross-products lose twice as many digits: for example,
//! the products of 1000000.4, 1000000.3, … keep four of sixteen digits. Cross-products are
//! therefore computed from the transformed data X̃ and ỹ:
//!
//! ```text
//! X̃ = X T        ỹ = (y − X b)/s
//! ```
//!
//! Here, T is a K×K matrix for which the columns of X T are orthogonal over the first data, b is
//! the coefficient vector of a fit to the first data, and s is a power of two. The coordinates T, b
//! and s need not be accurate, because X̃ and ỹ are computed with twice the working precision. The
//! model y = X β + e is exactly equivalent to ỹ = X̃ β̃ + e/s, where β = b + s T β̃.
//!
//! Later data may need other coordinates. If the columns of X̃ are far from orthogonal over all
//! data, or explain most of ỹ, a better matrix T and vector b are
//! [chosen](Standardisation::straightened). The sums of cross-products are then transformed to the
//! new coordinates with twice the working precision.
//!
//! A column of X may be zero for the first subjects of a panel: for example, an indicator variable
//! of girls is zero as long as all subjects are boys. A column of the matrix T is *open* as long as
//! the same column of X̃ = X T is zero within rounding for all data so far. When new data make this
//! column of X̃ nonzero, the column of T is *closed*: it is divided by the size of the new entries
//! of X̃. The rounding errors in an open column of X̃ are kept in the sums of cross-products,
//! because the data that close the column may be as small as these errors.

pub(crate) mod gram;
pub(crate) mod refer;
pub(crate) mod transformed;

use nalgebra::{SMatrix, SVector};

use crate::base::scalar::Real;
use crate::linalg::compensated::{CompensatedSum, two_sum};

/// The threshold for linear dependence: a column of X counts as a linear combination of other
/// columns if the difference is at most this many units of rounding of the terms of the
/// combination.
pub(crate) const ROUNDINGS: f64 = 256.0;

/// The largest number of changes of coordinates for the same data. A single change may not suffice,
/// because inner products have half the relative precision of the columns.
pub(crate) const MOST_CHANGES: usize = 2;

/// The matrix T, the vector b and the scale s of the coordinates X̃ = X T and ỹ = (y − X b)/s, and
/// the columns of T that are still open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standardisation<T, const K: usize> {
    /// The columns of the matrix T in X̃ = X T.
    pub(super) basis: [[T; K]; K],
    /// The vector b in ỹ = (y − X b)/s.
    pub(super) shift: [T; K],
    /// The power of two s in ỹ = (y − X b)/s, or 0 before the first data.
    pub(super) scale: T,
    pub(super) open: [bool; K],
}

/// The change from one standardisation of the data, X̃ and ỹ, to another, X̃′ = X̃ C and ỹ′ = x ỹ +
/// X̃ d.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<T, const K: usize> {
    /// The columns of the matrix C in X̃′ = X̃ C, where X̃ and X̃′ are the transformed designs
    /// before and after the change. The matrix C is upper triangular, with powers of two on its
    /// diagonal.
    pub(crate) columns: [[CompensatedSum<T>; K]; K],
    /// The vector d in ỹ′ = x ỹ + X̃ d, where ỹ and ỹ′ are the responses before and after the
    /// change.
    pub(crate) shift: [CompensatedSum<T>; K],
    /// The factor x in ỹ′ = x ỹ + X̃ d, where ỹ and ỹ′ are the responses before and after the
    /// change.
    pub(crate) scale: T,
}

impl<T: Real, const K: usize> Standardisation<T, K> {
    /// Returns the standardisation before any data, with the scale of the response fixed at 1.
    pub(crate) fn unscaled() -> Self {
        Self { scale: T::one(), ..Self::new() }
    }

    /// Returns the standardisation before any data. The matrix T of the coordinates X̃ = X T is the
    /// identity with every column open, and the vector b is zero.
    pub(crate) fn new() -> Self {
        let unit = |i: usize, j: usize| if i == j { T::one() } else { T::zero() };
        Self {
            basis: core::array::from_fn(|j| core::array::from_fn(|i| unit(i, j))),
            shift: [T::zero(); K],
            scale: T::zero(),
            open: [true; K],
        }
    }

    /// Returns `true` if every entry of T, b and s of the coordinates X̃ = X T and ỹ = (y − X b)/s
    /// stays finite when multiplied by 4, so that intermediate results of error-free sums do not
    /// overflow.
    pub(crate) fn has_room(&self) -> bool {
        self.basis.iter().flatten().chain(&self.shift).chain([&self.scale]).all(|&x| has_room(x))
    }

    /// Returns the index of the first column of X that is a linear combination of other columns in
    /// all data so far, or `None` if there is no such column.
    pub(crate) fn dependent_column(&self) -> Option<usize> {
        self.open.iter().position(|&open| open)
    }

    /// Returns the scale s of the transformed response ỹ = (y − X b)/s.
    pub(crate) const fn scale(&self) -> T {
        self.scale
    }

    /// Returns the scale s of the transformed response ỹ = (y − X b)/s, or 1 if s has not been set.
    fn units(&self) -> T {
        if self.scale.is_zero() { T::one() } else { self.scale }
    }

    /// Changes the vector b in ỹ = (y − X b)/s so that `along` times column j of X̃ is subtracted
    /// from ỹ.
    fn shift_along(&mut self, j: usize, along: T) {
        let units = self.units();
        for (b, &t) in self.shift.iter_mut().zip(&self.basis[j]) {
            *b += along * t * units;
        }
    }

    /// Subtracts x times column j from column m of the matrix T in X̃ = X T.
    fn subtract(&mut self, m: usize, x: T, j: usize) {
        let basis = self.basis[j];
        for (t, &basis) in self.basis[m].iter_mut().zip(&basis) {
            *t -= x * basis;
        }
    }

    /// Returns the fixed effects β = b + s T β̃ for coefficients β̃ of the transformed design X̃ =
    /// X T.
    pub(crate) fn coefficients(&self, beta: &SVector<T, K>) -> SVector<T, K> {
        let mut out = SVector::from(self.shift);
        for (column, &x) in self.basis.iter().zip(beta.iter()) {
            for (out, &t) in out.iter_mut().zip(column) {
                *out += t * x * self.scale;
            }
        }
        out
    }

    /// Returns the exactly symmetric matrix T C Tᵀ, which is the covariance matrix of β = b + s T
    /// β̃ if C is the covariance matrix of s β̃.
    pub(crate) fn covariance(&self, c: &SMatrix<T, K, K>) -> SMatrix<T, K, K> {
        let t = SMatrix::<T, K, K>::from_data(nalgebra::ArrayStorage(self.basis));
        let mut covariance = t * c * t.transpose();
        crate::linalg::kernel::mirror(&mut covariance);
        covariance
    }

    /// Returns log|det T| for the matrix T of the coordinates X̃ = X T. The matrix T is upper
    /// triangular, because its columns are only scaled and added to later columns.
    pub(crate) fn log_determinant(&self) -> T {
        let diagonal = self.basis.iter().enumerate().map(|(j, column)| column[j].abs().ln());
        diagonal.fold(T::zero(), |sum, x| sum + x)
    }

    /// Returns T⁻¹ v in twice the working precision, where T is the matrix that transforms the
    /// design to X̃ = X T.
    fn solve(&self, v: [CompensatedSum<T>; K]) -> [CompensatedSum<T>; K] {
        let mut x = v;
        for (j, column) in self.basis.iter().enumerate().rev() {
            let at_j = x[j].over(CompensatedSum::of(column[j]));
            x[j] = at_j;
            for (x, &t) in x.iter_mut().zip(column).take(j) {
                x.add_product(CompensatedSum::of(-t), at_j);
            }
        }
        x
    }

    /// Returns T⁻¹ (`other` − `shift`) for two vectors and the matrix T of the coordinates X̃ = X
    /// T, with twice the working precision.
    fn along(&self, shift: &[T; K], other: &[T; K]) -> [CompensatedSum<T>; K] {
        let difference = |i: usize| {
            let (value, error) = two_sum(other[i], -shift[i]);
            CompensatedSum { value, error }
        };
        self.solve(core::array::from_fn(difference))
    }

    /// Copies from another standardisation the components of the vector b along the open columns of
    /// T. A column of T is open if the same column of X̃ = X T is zero for all data so far. Only
    /// the data of the other standardisation determine these components. If all columns of T are
    /// open, copies the other standardisation as a whole.
    pub(crate) fn adopt(&mut self, other: &Self) {
        if self.open == [true; K] {
            *self = *other;
            return;
        }
        if self.scale.is_zero() {
            self.scale = other.scale;
        }
        let along = self.along(&self.shift, &other.shift);
        for ((basis, &open), along) in self.basis.iter().zip(&self.open).zip(&along) {
            if open {
                for (b, &t) in self.shift.iter_mut().zip(basis) {
                    *b += along.rounded() * t;
                }
            }
        }
    }

    /// Returns the change from the coordinates of this standardisation to the coordinates of
    /// another.
    pub(crate) fn change_to(&self, other: &Self) -> Change<T, K> {
        let units = other.units();
        let mut shift = self.along(&other.shift, &self.shift);
        for x in &mut shift {
            x.value /= units;
            x.error /= units;
        }
        Change {
            columns: other.basis.map(|column| self.solve(column.map(CompensatedSum::of))),
            shift,
            scale: if self.scale.is_zero() { T::one() } else { self.scale / units },
        }
    }
}

/// Returns `true` if 4x is finite, so that intermediate results of an error-free sum with x do not
/// overflow.
pub(crate) fn has_room<T: Real>(x: T) -> bool {
    (x * nalgebra::convert(4.0)).is_finite()
}
