//! Coordinates in which the data keep their precision.
//!
//! Cross-products lose twice as many digits as the data have in common: the products of 1000000.4,
//! 1000000.3, … keep four of sixteen digits. The cross-products are therefore computed from
//!
//! ```text
//! X̃ = X T        ỹ = (y − X b)/s
//! ```
//!
//! Here, T is a K×K matrix that makes the columns orthogonal over the first data, b is a vector
//! that fits the first data, and s is a power of two. T, b and s need not be accurate: X̃ and ỹ are
//! computed from them with twice the working precision, and y = X β + e is exactly equivalent to
//! ỹ = X̃ β̃ + e/s with β = b + s T β̃.
//!
//! Later data may need other coordinates. If X̃ is far from orthogonal over all data, or explains
//! most of ỹ, a better T and b are [chosen](Standardisation::straightened), and the sums of
//! products are transformed to them by a congruence with twice the working precision.
//!
//! A column of X may be zero for the first subjects of a panel: an indicator of girls is zero for a
//! boy. A column of T is *open* as long as that column of X̃ is zero within rounding for all data
//! so far. An open column is closed by the first data for which it is not zero: the column of T is
//! divided by the size of these data. The rounding errors in an open column are kept in the sums,
//! because the data that close the column may be as small as these errors.

pub(crate) mod gram;
pub(crate) mod refer;

use nalgebra::{SMatrix, SVector};

use crate::base::scalar::Real;
use crate::linalg::compensated::{CompensatedSum, two_sum};

/// A column counts as a linear combination of others if its remainder is at most this many units of
/// rounding of the terms in the combination.
const ROUNDINGS: f64 = 256.0;

/// The coordinates T, b and s, and which columns of T are still open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standardisation<T, const K: usize> {
    /// The columns of T.
    pub(super) basis: [[T; K]; K],
    /// The vector b.
    pub(super) shift: [T; K],
    /// The power of two s, or 0 before the first data.
    pub(super) scale: T,
    pub(super) open: [bool; K],
}

/// The change from one standardisation to another: X̃′ = X̃ C, ỹ′ = x ỹ + X̃ d.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<T, const K: usize> {
    /// The columns of the matrix C in X̃′ = X̃ C, which is upper triangular with powers of two on
    /// the diagonal.
    pub(crate) columns: [[CompensatedSum<T>; K]; K],
    /// d.
    pub(crate) shift: [CompensatedSum<T>; K],
    /// x.
    pub(crate) scale: T,
}

impl<T: Real, const K: usize> Standardisation<T, K> {
    /// Returns a standardisation whose scale s is always 1.
    pub(crate) fn unscaled() -> Self {
        Self { scale: T::one(), ..Self::new() }
    }

    /// Returns the standardisation before any data: T = I and b = 0, with every column open.
    pub(crate) fn new() -> Self {
        let unit = |i: usize, j: usize| if i == j { T::one() } else { T::zero() };
        Self {
            basis: core::array::from_fn(|j| core::array::from_fn(|i| unit(i, j))),
            shift: [T::zero(); K],
            scale: T::zero(),
            open: [true; K],
        }
    }

    /// Returns `true` if T, b and s are finite and small enough that intermediate results of
    /// error-free sums do not overflow.
    pub(crate) fn has_room(&self) -> bool {
        self.basis.iter().flatten().chain(&self.shift).chain([&self.scale]).all(|&x| has_room(x))
    }

    /// Returns the first column of X that is a linear combination of the others in all data so far,
    /// if there is one.
    pub(crate) fn dependent_column(&self) -> Option<usize> {
        self.open.iter().position(|&open| open)
    }

    /// Returns s.
    pub(crate) const fn scale(&self) -> T {
        self.scale
    }

    /// Returns s, or 1 if s has not been set.
    fn units(&self) -> T {
        if self.scale.is_zero() { T::one() } else { self.scale }
    }

    /// Changes b so that `along` times column j of X̃ is subtracted from ỹ.
    fn shift_along(&mut self, j: usize, along: T) {
        let units = self.units();
        for (b, &t) in self.shift.iter_mut().zip(&self.basis[j]) {
            *b += along * t * units;
        }
    }

    /// Subtracts x times column j of T from column m.
    fn subtract(&mut self, m: usize, x: T, j: usize) {
        let basis = self.basis[j];
        for (t, &basis) in self.basis[m].iter_mut().zip(&basis) {
            *t -= x * basis;
        }
    }

    /// Returns β = b + s T β̃.
    pub(crate) fn coefficients(&self, beta: &SVector<T, K>) -> SVector<T, K> {
        let mut out = SVector::from(self.shift);
        for (column, &x) in self.basis.iter().zip(beta.iter()) {
            for (out, &t) in out.iter_mut().zip(column) {
                *out += t * x * self.scale;
            }
        }
        out
    }

    /// Returns T C Tᵀ, exactly symmetric: the covariance matrix of β if C is that of s β̃.
    pub(crate) fn covariance(&self, c: &SMatrix<T, K, K>) -> SMatrix<T, K, K> {
        let t = SMatrix::<T, K, K>::from_data(nalgebra::ArrayStorage(self.basis));
        let mut covariance = t * c * t.transpose();
        crate::linalg::kernel::mirror(&mut covariance);
        covariance
    }

    /// Returns log|det T|. T is upper triangular, because columns are only scaled and added to
    /// later columns.
    pub(crate) fn log_determinant(&self) -> T {
        let diagonal = self.basis.iter().enumerate().map(|(j, column)| column[j].abs().ln());
        diagonal.fold(T::zero(), |sum, x| sum + x)
    }

    /// Returns T⁻¹ v with twice the working precision.
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

    /// Returns T⁻¹(b′ − b) with twice the working precision, where `shift` is b and `other` is b′.
    fn along(&self, shift: &[T; K], other: &[T; K]) -> [CompensatedSum<T>; K] {
        let difference = |i: usize| {
            let (value, error) = two_sum(other[i], -shift[i]);
            CompensatedSum { value, error }
        };
        self.solve(core::array::from_fn(difference))
    }

    /// Replaces the components of b along the open columns of T by those of another
    /// standardisation, whose data alone determine them. If all columns of T are open, replaces
    /// this standardisation with the other.
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

    /// Returns the change from the coordinates of this standardisation to those of another.
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

/// Returns `true` if x is finite and small enough that intermediate results of an error-free sum do
/// not overflow.
pub(crate) fn has_room<T: Real>(x: T) -> bool {
    (x * nalgebra::convert(4.0)).is_finite()
}
