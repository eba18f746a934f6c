//! Coordinates in which the data keep their digits.
//!
//! Cross-products lose twice the digits that the data have in common: those of 1000000.4,
//! 1000000.3, … keep four of sixteen. So they are taken of
//!
//! ```text
//! X̃ = X T        ỹ = (y − X b)/s
//! ```
//!
//! with a K×K matrix T that makes the columns orthogonal over the first data, a b that fits them,
//! and a power of two s. T, b and s are just numbers: whatever they are, X̃ and ỹ are computed from
//! them with twice the digits, and y = X β + e is ỹ = X̃ β̃ + e/s with β = b + s T β̃, exactly.
//!
//! Later data may correct the first: where X̃ is far from orthogonal over all of them, or X̃ tells
//! most of ỹ, a better T and b are [chosen](Standardisation::straightened), and sums of products
//! follow them by a congruence with twice the digits.
//!
//! The first subject of a panel may have zeros in a column: that of girls is zero for a boy. A
//! column of T is *open* as long as X̃ has been zero in it within rounding. That rounding is kept:
//! T is divided by what the next data have in that column, and that may be small, too.

pub(crate) mod gram;
pub(crate) mod refer;

use nalgebra::{SMatrix, SVector};

use crate::base::scalar::Real;
use crate::linalg::compensated::{Sum, two_sum};

/// A column is taken for a combination of others if no more is left of it than this many units of
/// rounding of what it was made of.
const ROUNDINGS: f64 = 256.0;

/// T, b and s, and which columns of T are still open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standardisation<T, const K: usize> {
    /// The columns of T.
    pub(super) basis: [[T; K]; K],
    /// b.
    pub(super) shift: [T; K],
    /// s; 0 before the first data.
    pub(super) scale: T,
    pub(super) open: [bool; K],
}

/// The change from one standardisation to another: X̃′ = X̃ C, ỹ′ = x ỹ + X̃ d.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<T, const K: usize> {
    /// The columns of C, which is upper triangular with powers of two on the diagonal.
    pub(crate) columns: [[Sum<T>; K]; K],
    /// d.
    pub(crate) shift: [Sum<T>; K],
    /// x.
    pub(crate) scale: T,
}

impl<T: Real, const K: usize> Standardisation<T, K> {
    /// Returns a standardisation with s = 1 for good.
    pub(crate) fn unscaled() -> Self {
        Self { scale: T::one(), ..Self::new() }
    }

    /// T = I, b = 0, every column open.
    pub(crate) fn new() -> Self {
        let unit = |i: usize, j: usize| if i == j { T::one() } else { T::zero() };
        Self {
            basis: core::array::from_fn(|j| core::array::from_fn(|i| unit(i, j))),
            shift: [T::zero(); K],
            scale: T::zero(),
            open: [true; K],
        }
    }

    /// Returns `true` if T, b and s are finite, with room for the intermediate results of sums.
    pub(crate) fn has_room(&self) -> bool {
        self.basis.iter().flatten().chain(&self.shift).chain([&self.scale]).all(|&x| has_room(x))
    }

    /// The first column of X that depends on the others in all data so far.
    pub(crate) fn dependent_column(&self) -> Option<usize> {
        self.open.iter().position(|&open| open)
    }

    /// s.
    pub(crate) const fn scale(&self) -> T {
        self.scale
    }

    /// s, or 1 before there is one.
    fn units(&self) -> T {
        if self.scale.is_zero() { T::one() } else { self.scale }
    }

    /// Adds to b what fits `along` times column j of X̃ in ỹ.
    fn shift_along(&mut self, j: usize, along: T) {
        let units = self.units();
        for (b, &t) in self.shift.iter_mut().zip(&self.basis[j]) {
            *b += along * t * units;
        }
    }

    /// Takes x times column j of T from column m.
    fn subtract(&mut self, m: usize, x: T, j: usize) {
        let basis = self.basis[j];
        for (t, &basis) in self.basis[m].iter_mut().zip(&basis) {
            *t -= x * basis;
        }
    }

    /// β = b + s T β̃.
    pub(crate) fn coefficients(&self, beta: &SVector<T, K>) -> SVector<T, K> {
        let mut out = SVector::from(self.shift);
        for (column, &x) in self.basis.iter().zip(beta.iter()) {
            for (out, &t) in out.iter_mut().zip(column) {
                *out += t * x * self.scale;
            }
        }
        out
    }

    /// T C Tᵀ, the covariance matrix of β in units of y from that of s β̃, symmetric to the last
    /// bit.
    pub(crate) fn covariance(&self, c: &SMatrix<T, K, K>) -> SMatrix<T, K, K> {
        let t = SMatrix::<T, K, K>::from_data(nalgebra::ArrayStorage(self.basis));
        let mut covariance = t * c * t.transpose();
        crate::linalg::kernel::mirror(&mut covariance);
        covariance
    }

    /// log|det T|. T is upper triangular: columns were only scaled, and added to later ones.
    pub(crate) fn log_determinant(&self) -> T {
        let diagonal = self.basis.iter().enumerate().map(|(j, column)| column[j].abs().ln());
        diagonal.fold(T::zero(), |sum, x| sum + x)
    }

    /// T⁻¹ v, with twice the digits.
    fn solve(&self, v: [Sum<T>; K]) -> [Sum<T>; K] {
        let mut x = v;
        for (j, column) in self.basis.iter().enumerate().rev() {
            let at_j = x[j].over(Sum::of(column[j]));
            x[j] = at_j;
            for (x, &t) in x.iter_mut().zip(column).take(j) {
                x.add_product(Sum::of(-t), at_j);
            }
        }
        x
    }

    /// T⁻¹(b′ − b) for another b′, with twice the digits.
    fn along(&self, shift: &[T; K], other: &[T; K]) -> [Sum<T>; K] {
        let difference = |i: usize| {
            let (value, error) = two_sum(other[i], -shift[i]);
            Sum { value, error }
        };
        self.solve(core::array::from_fn(difference))
    }

    /// Takes the part of another b along open columns, so that both fit what only the other's data
    /// tell; all of it where there is nothing yet.
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

    /// Returns the change from these coordinates to others.
    pub(crate) fn change_to(&self, other: &Self) -> Change<T, K> {
        let units = other.units();
        let mut shift = self.along(&other.shift, &self.shift);
        for x in &mut shift {
            x.value /= units;
            x.error /= units;
        }
        Change {
            columns: other.basis.map(|column| self.solve(column.map(Sum::of))),
            shift,
            scale: if self.scale.is_zero() { T::one() } else { self.scale / units },
        }
    }
}

/// Returns `true` for a number that is finite, and stays so in the intermediate results of an
/// error-free sum.
pub(crate) fn has_room<T: Real>(x: T) -> bool {
    (x * nalgebra::convert(4.0)).is_finite()
}
