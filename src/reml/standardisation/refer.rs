//! Transformation of data to the coordinates of a [`Standardisation`], and extension of these
//! coordinates for new data.

use nalgebra::{ArrayStorage, SMatrix, SVector};

use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::compensated::{CompensatedSum, combination};
use crate::linalg::kernel::invert::power_of_root;
use crate::reml::standardisation::{ROUNDINGS, Standardisation};

/// The observed rows of X and y, with zeros in rows that were not observed, and the largest
/// observed |y|.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Observed<T, const N: usize, const K: usize> {
    x: SMatrix<T, N, K>,
    y: SVector<T, N>,
    pub(crate) largest: T,
}

impl<T: Real, const N: usize, const K: usize> Observed<T, N, K> {
    /// Returns the observed rows of X and y.
    ///
    /// # Errors
    ///
    /// [`Error::ResponseNotFinite`] or [`Error::DesignNotFinite`] for an observed number whose
    /// square is not finite.
    pub(crate) fn new(
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
        observed: &[bool; N],
    ) -> Result<Self, Error> {
        let mut x = *x;
        let mut y = *y;
        let mut largest = T::zero();
        for (i, _) in observed.iter().enumerate().filter(|(_, observed)| !**observed) {
            y[i] = T::zero();
            for column in &mut x.data.0 {
                column[i] = T::zero();
            }
        }
        for (row, y) in y.iter().enumerate() {
            if !(*y * *y).is_finite() {
                return Err(Error::ResponseNotFinite { row });
            }
            largest = largest.max(y.abs());
        }
        for (col, column) in x.data.0.iter().enumerate() {
            if let Some(row) = column.iter().position(|x| !(*x * *x).is_finite()) {
                return Err(Error::DesignNotFinite { row, col });
            }
        }
        Ok(Self { x, y, largest })
    }

    /// Returns column a of the data [X y].
    pub(crate) fn column(&self, a: usize) -> &[T; N] {
        self.x.data.0.get(a).unwrap_or(&self.y.data.0[0])
    }
}

impl<T: Real, const K: usize> Standardisation<T, K> {
    /// Returns the observed rows of X and y. If a column of X̃ = X T was zero for all earlier data
    /// and is not zero for these data, closes this column of the matrix T, which was open before.
    ///
    /// # Errors
    ///
    /// The errors of [`Observed::new`].
    pub(crate) fn observe<const N: usize>(
        &mut self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
        observed: &[bool; N],
    ) -> Result<Observed<T, N, K>, Error> {
        let data = Observed::new(x, y, observed)?;
        let largest = data.largest;
        if self.scale.is_zero() && !largest.is_zero() {
            let root = power_of_root(largest);
            self.scale = root * root;
        }
        self.close_columns(&data.x, &data.y);
        Ok(data)
    }

    /// Returns column a of the transformed data [X̃ ỹ] with twice the working precision.
    pub(crate) fn column<const N: usize>(
        &self,
        of: &Observed<T, N, K>,
        a: usize,
    ) -> CompensatedSum<[T; N]> {
        match self.basis.get(a) {
            // T is upper triangular.
            Some(basis) => combination(&[T::zero(); N], by_columns(&of.x, basis).take(a + 1)),
            None => self.response(&of.x, &of.y),
        }
    }

    /// Returns the transformed data X̃ and ỹ, rounded to the working precision.
    pub(crate) fn rounded<const N: usize>(
        &self,
        of: &Observed<T, N, K>,
    ) -> (SMatrix<T, N, K>, SVector<T, N>) {
        let x = core::array::from_fn(|a| self.column(of, a).value);
        (SMatrix::from_data(ArrayStorage(x)), self.column(of, K).value.into())
    }

    /// Returns the transformed response ỹ = (y − X b)/s with twice the working precision.
    fn response<const N: usize>(
        &self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
    ) -> CompensatedSum<[T; N]> {
        let units = self.units();
        let minus = self.shift.map(|b| -b);
        let mut out = combination(&y.data.0[0], by_columns(x, &minus));
        for x in out.value.iter_mut().chain(&mut out.error) {
            *x /= units;
        }
        out
    }

    /// Closes, one after the other, the columns of the matrix T for which the same column of X̃ = X
    /// T was zero for all earlier data and is not zero for these data. To close a column, the
    /// function scales the column, makes the columns of X̃ that stay open orthogonal to the scaled
    /// column, and subtracts from ỹ its regression on the scaled column.
    fn close_columns<const N: usize>(&mut self, x: &SMatrix<T, N, K>, y: &SVector<T, N>) {
        let rounding = T::default_epsilon() * nalgebra::convert(ROUNDINGS);
        for j in 0..K {
            if !self.open[j] {
                continue;
            }
            let (_, largest, terms) = column(x, &self.basis[j]);
            // This includes a column whose terms are all zero.
            if largest <= rounding * terms {
                continue;
            }
            let root = power_of_root(largest);
            self.basis[j] = self.basis[j].map(|t| t / (root * root));
            self.open[j] = false;
            let values = by(x, &self.basis[j]);
            let squares = product(&values, &values);
            for m in j + 1..K {
                if self.open[m] {
                    let along = product(&values, &by(x, &self.basis[m])) / squares;
                    self.subtract(m, along, j);
                }
            }
            let along = product(&values, &self.response(x, y).value) / squares;
            self.shift_along(j, along);
        }
    }
}

/// Returns the product X t of the design and a vector, rounded to the working precision.
fn by<T: Real, const N: usize, const K: usize>(x: &SMatrix<T, N, K>, t: &[T; K]) -> [T; N] {
    combination(&[T::zero(); N], by_columns(x, t)).value
}

/// Returns the pairs of a column of X and the entry of the vector t by which the column is
/// multiplied in the product X t.
fn by_columns<'a, T: Real, const N: usize, const K: usize>(
    x: &'a SMatrix<T, N, K>,
    t: &'a [T; K],
) -> impl Iterator<Item = (&'a [T; N], T)> {
    x.data.0.iter().zip(t.iter().copied())
}

/// Returns the product X t of the design and a vector, the largest absolute entry of X t, and the
/// maximum over rows i of Σⱼ |Xᵢⱼ tⱼ|.
fn column<T: Real, const N: usize, const K: usize>(
    x: &SMatrix<T, N, K>,
    t: &[T; K],
) -> ([T; N], T, T) {
    let (mut largest, mut terms) = (T::zero(), T::zero());
    let values = by(x, t);
    for (i, value) in values.iter().enumerate() {
        let row = x.data.0.iter().map(|column| column[i]);
        largest = largest.max(value.abs());
        terms = terms.max(row.zip(t).fold(T::zero(), |sum, (x, &t)| sum + (x * t).abs()));
    }
    (values, largest, terms)
}

fn product<T: Real, const N: usize>(a: &[T; N], b: &[T; N]) -> T {
    a.iter().zip(b).fold(T::zero(), |sum, (&a, &b)| sum + a * b)
}
