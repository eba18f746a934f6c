//! Coordinates in which the data keep their digits.
//!
//! Cross-products lose twice the digits that the data have in common: those of 1000000.4, 1000000.3, … keep
//! four of sixteen. So they are taken of
//!
//! ```text
//! X̃ = X T        ỹ = (y − X b)/s
//! ```
//!
//! with a K×K matrix T that makes the columns orthogonal over the first data, a b that fits them, and a power
//! of two s. T, b and s are just numbers: whatever they are, X̃ and ỹ are computed from them as if with twice the
//! digits, and y = X β + e is ỹ = X̃ β̃ + e/s with β = b + s T β̃, exactly.
//!
//! The first subject of a panel need not tell of all columns: that of a boy says nothing of girls. A
//! column of T is *open* as long as X̃ has been zero in it, and open columns of T and parts of b along them may be
//! changed at will: what was accumulated does not depend on them.

mod refer;

use nalgebra::{SMatrix, SVector};

use super::panel::has_room;
use crate::Real;

/// A column is taken for a combination of others if no more is left of it than this many units of
/// rounding of what it was made of.
const ROUNDINGS: f64 = 256.0;

/// T, b and s, and which columns of T are still open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reference<T, const K: usize> {
    /// The columns of T.
    pub(super) basis: [[T; K]; K],
    /// b.
    pub(super) shift: [T; K],
    /// s; 0 before the first data.
    pub(super) scale: T,
    pub(super) open: [bool; K],
}

/// What takes data from one reference to another: X̃′ = X̃ C, ỹ′ = x ỹ + X̃ d.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<T, const K: usize> {
    /// The columns of C, which is upper triangular.
    pub(crate) columns: [[T; K]; K],
    /// d.
    pub(crate) shift: [T; K],
    /// x.
    pub(crate) scale: T,
}

impl<T: Real, const K: usize> Reference<T, K> {
    /// The same with s = 1 for good.
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

    /// T C Tᵀ, the covariance matrix of β in units of y from that of s β̃, symmetric to the last bit.
    pub(crate) fn covariance(&self, c: &SMatrix<T, K, K>) -> SMatrix<T, K, K> {
        let t = SMatrix::<T, K, K>::from_data(nalgebra::ArrayStorage(self.basis));
        let mut covariance = t * c * t.transpose();
        crate::kernel::mirror(&mut covariance);
        covariance
    }

    /// log|det T|. T is upper triangular: columns were only scaled, and added to later ones.
    pub(crate) fn log_determinant(&self) -> T {
        let diagonal = self.basis.iter().enumerate().map(|(j, column)| column[j].abs().ln());
        diagonal.fold(T::zero(), |sum, x| sum + x)
    }

    /// T⁻¹ v.
    fn solve(&self, v: &[T; K]) -> [T; K] {
        let mut x = *v;
        for (j, column) in self.basis.iter().enumerate().rev() {
            let at_j = x[j] / column[j];
            x[j] = at_j;
            for (x, &t) in x.iter_mut().zip(column).take(j) {
                *x -= t * at_j;
            }
        }
        x
    }

    /// Takes the part of another b along open columns, so that both fit what only the other's data tell;
    /// returns what takes the other's data to these coordinates.
    pub(crate) fn adopt(&mut self, other: &Self) -> Change<T, K> {
        if self.scale.is_zero() {
            self.scale = other.scale;
        }
        let minus = |a: &[T; K], b: &[T; K]| core::array::from_fn(|i| a[i] - b[i]);
        let along = self.solve(&minus(&other.shift, &self.shift));
        for ((basis, &open), &along) in self.basis.iter().zip(&self.open).zip(&along) {
            if open {
                for (b, &t) in self.shift.iter_mut().zip(basis) {
                    *b += along * t;
                }
            }
        }
        let units = self.units();
        Change {
            columns: core::array::from_fn(|j| other.solve(&self.basis[j])),
            shift: other.solve(&minus(&other.shift, &self.shift)).map(|x| x / units),
            scale: if other.scale.is_zero() { T::one() } else { other.scale / units },
        }
    }

    /// Closes column j over data of which only the products of columns are known: `product(i, j)` is that of
    /// X̃ᵢ and X̃ⱼ, `K` standing for ỹ, and `add(i, x, j)` adds x X̃ᵢ to X̃ⱼ in them. As
    /// [`close_columns`](Self::close_columns) does it.
    pub(crate) fn close_column<D>(
        &mut self,
        j: usize,
        data: &mut D,
        product: impl Fn(&D, usize, usize) -> T,
        mut add: impl FnMut(&mut D, usize, T, usize),
    ) {
        self.open[j] = false;
        let squares = product(data, j, j);
        for m in j + 1..K {
            if self.open[m] {
                let along = product(data, j, m) / squares;
                self.subtract(m, along, j);
                add(data, j, -along, m);
            }
        }
        let along = product(data, j, K) / squares;
        self.shift_along(j, along);
        add(data, j, -along, K);
    }

    pub(crate) fn is_open(&self, column: usize) -> bool {
        self.open.get(column).copied().unwrap_or(false)
    }

    /// Whether a column with this sum of squares is not zero, given the sum that it would have if nothing
    /// cancelled.
    pub(crate) fn is_closed_by(squares: T, terms: T) -> bool {
        let rounding = T::default_epsilon() * nalgebra::convert(ROUNDINGS);
        squares > rounding * rounding * terms
    }
}
