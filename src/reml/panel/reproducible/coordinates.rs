//! Coordinates of the data that depend on the sums over all subjects, and not on their order.
//!
//! A column of \[X y\] is divided by a power of two, so that its entries are below 1. The columns of
//! \[X̃ ỹ\] = \[X T, (y − X b)/s\] are then combinations of these columns, which are made orthogonal by
//! the Gram–Schmidt process. Inner products have four times the working precision, so that columns
//! that differ only in their last digits are separated.

use crate::base::scalar::Real;
use crate::linalg::binned::Exponents;
use crate::linalg::cascade::Cascade;
use crate::linalg::compensated::CompensatedSum;
use crate::linalg::kernel::invert::power_of_root;
use crate::reml::panel::reproducible::columns::Columns;
use crate::reml::standardisation::{ROUNDINGS, Standardisation};

/// The number of times that a column is made orthogonal to the columns before it. The second time
/// removes the rounding errors of the first time.
const PASSES: usize = 2;

/// The products of each pair of columns of [X y]. The product of columns a and b is item a of
/// item b.
pub(super) type Products<const K: usize> = Columns<Columns<Cascade, K>, K>;

/// The coordinates of the data: each column of [X̃ ỹ] as a combination of the columns of [X y].
pub(super) struct Coordinates<const K: usize> {
    combinations: Columns<Columns<f64, K>, K>,
    /// The sum of squares of each column of X̃, or `None` for an open column, which is zero within
    /// rounding.
    squares: [Option<f64>; K],
}

/// Returns the exponents of the powers of two by which the columns of [X y] are divided. The
/// argument is an iterator over the largest exponents of the columns for each set of visits.
pub(super) fn scales<'a, const N: usize, const K: usize>(
    exponents: impl Iterator<Item = &'a Columns<Exponents<N>, K>> + Clone,
) -> Columns<i32, K> {
    Columns::new(|a| {
        let fields = exponents.clone().flat_map(|columns| columns.get(a).0);
        // The exponent field of the f64 1/2 is 1022. The smallest field is that of zeros.
        fields.max().filter(|&field| field > 1).map_or(0, |field| i32::from(field) - 1022)
    })
}

impl<const K: usize> Coordinates<K> {
    /// Chooses coordinates for data with the given sums of products over `rows` observations. The
    /// numbers of the coordinates are numbers of the type `T`.
    pub(super) fn new<T: Real + Into<f64>>(
        products: &Products<K>,
        scales: &Columns<i32, K>,
        rows: f64,
    ) -> Self {
        let zero = Columns::of(0.0);
        let mut out = Self { combinations: Columns::of(zero), squares: [None; K] };
        let tiny = T::default_epsilon().into() * ROUNDINGS;
        for j in 0..K {
            let mut column = zero;
            column.x[j] = 1.0;
            out.make_orthogonal(&mut column, products, |k, x| round::<T>(x, -scales.x[k]));
            let squares = inner(&column, &times(products, &column)).value;
            let terms = column
                .x
                .iter()
                .zip(0..)
                .map(|(&x, k): (&f64, usize)| x * x * products.get(k).get(k).rounded().value);
            if squares > tiny * tiny * terms.sum::<f64>() {
                let size = power_of_root(squares / rows);
                for (k, x) in column.x.iter_mut().enumerate() {
                    *x = round::<T>(*x / size, -scales.x[k]);
                }
                out.squares[j] = Some(squares / size / size);
            }
            out.combinations.x[j] = column;
        }
        let mut response = Columns { y: 1.0, ..zero };
        out.make_orthogonal(&mut response, products, |k, x| round::<T>(x, scales.y - scales.x[k]));
        out.combinations.y = response;
        out
    }

    /// Makes a column orthogonal to the columns of X̃ that were chosen so far. The callback `round`
    /// rounds the part of a column of X in a combination.
    fn make_orthogonal(
        &self,
        column: &mut Columns<f64, K>,
        products: &Products<K>,
        round: impl Fn(usize, f64) -> f64,
    ) {
        for _ in 0..PASSES {
            let image = times(products, column);
            for (combination, squares) in self.combinations.x.iter().zip(&self.squares) {
                let Some(squares) = squares else { continue };
                let along = inner(combination, &image).value / squares;
                for (x, &of_other) in column.x.iter_mut().zip(&combination.x) {
                    *x -= along * of_other;
                }
            }
            for (k, x) in column.x.iter_mut().enumerate() {
                *x = round(k, *x);
            }
        }
    }

    /// Returns the matrix T, the vector b and the scale s of these coordinates.
    pub(super) fn standardisation<T: Real>(
        &self,
        scales: &Columns<i32, K>,
    ) -> Standardisation<T, K> {
        let convert = |x, exponent| nalgebra::convert::<_, T>(libm::scalbn(x, exponent));
        let mut out = Standardisation::unscaled();
        out.scale = convert(1.0, scales.y);
        out.open = self.squares.map(|squares| squares.is_none());
        for k in 0..K {
            out.shift[k] = convert(-self.combinations.y.x[k], scales.y - scales.x[k]);
            for (column, combination) in out.basis.iter_mut().zip(&self.combinations.x) {
                column[k] = convert(combination.x[k], -scales.x[k]);
            }
        }
        out
    }

    /// Calls `each` for each pair of columns a ≤ b of [X̃ ỹ], with the product of these columns. The
    /// argument has the products of the columns of [X y].
    pub(super) fn transform(
        &self,
        products: &Products<K>,
        mut each: impl FnMut(usize, usize, CompensatedSum<f64>),
    ) {
        for (b, right) in self.combinations.iter().enumerate() {
            let image = times(products, right);
            for (a, left) in self.combinations.iter().enumerate().take(b + 1) {
                each(a, b, inner(left, &image));
            }
        }
    }
}

/// Returns the products of each column of [X y] with a combination of these columns.
fn times<const K: usize>(
    products: &Products<K>,
    combination: &Columns<f64, K>,
) -> Columns<Cascade, K> {
    let mut out = Columns::of(Cascade::ZERO);
    let parts = products.iter().zip(combination.iter()).filter(|(_, x)| **x != 0.0);
    for (column, &x) in parts {
        for (out, product) in out.iter_mut().zip(column.iter()) {
            out.add_product(product, x);
        }
    }
    out
}

/// Returns the combination of the products of each column of [X y].
fn inner<const K: usize>(
    combination: &Columns<f64, K>,
    products: &Columns<Cascade, K>,
) -> CompensatedSum<f64> {
    let mut sum = Cascade::ZERO;
    let parts = products.iter().zip(combination.iter()).filter(|(_, x)| **x != 0.0);
    for (product, &x) in parts {
        sum.add_product(product, x);
    }
    sum.rounded()
}

/// Rounds a number that is stored as 2^`exponent` times the number to the precision of `T`.
fn round<T: Real + Into<f64>>(x: f64, exponent: i32) -> f64 {
    let stored: f64 = nalgebra::convert::<_, T>(libm::scalbn(x, exponent)).into();
    libm::scalbn(stored, -exponent)
}
