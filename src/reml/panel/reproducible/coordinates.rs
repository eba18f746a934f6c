//! Coordinates of the data that depend on the sums over all subjects, and not on their order.
//!
//! A column of \[X y\] is divided by a power of two, so that its entries are below 1. The columns
//! of \[X̃ ỹ\] = \[X T, (y − X b)/s\] are then combinations of these columns, which are made
//! orthogonal by the Gram–Schmidt process. Inner products have four times the working precision, so
//! that columns that differ only in their last digits are separated.
//!
//! The vector b is computed for a random intercept of each subject. If differences between subjects
//! are much larger than differences within subjects, ordinary least squares leaves residuals within
//! subjects that are much larger than those of the model, and digits would cancel later.

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

/// The number of steps for the ratio of the variances within and between subjects. The error of b
/// that differences between subjects leave is about squared in each step.
const STEPS: usize = 5;

/// The ratios of the variances within and between subjects for which b is computed again.
const LEAST_SHARE: f64 = f64::EPSILON * f64::EPSILON;
const LARGEST_SHARE: f64 = 1.0 / 16.0;

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
    exponents: &(impl Iterator<Item = &'a Columns<Exponents<N>, K>> + Clone),
) -> Columns<i32, K> {
    Columns::new(|a| {
        let fields = exponents.clone().flat_map(|columns| columns.get(a).0);
        // The exponent field of the f64 1/2 is 1022. The smallest field is that of zeros.
        fields.max().filter(|&field| field > 1).map_or(0, |field| i32::from(field) - 1022)
    })
}

/// The inner products of the columns of [X y], summed over all subjects.
pub(super) struct Totals<const K: usize> {
    /// Σ aᵢᵀ bᵢ
    all: Products<K>,
    /// Σ (1ᵀaᵢ)(1ᵀbᵢ)/nᵢ for the nᵢ observations of subject i: the inner products of the means of
    /// subjects.
    between: Products<K>,
    subjects: f64,
    observations: f64,
}

impl<const K: usize> Default for Totals<K> {
    fn default() -> Self {
        let zero = Columns::of(Columns::of(Cascade::ZERO));
        Self { all: zero, between: zero, subjects: 0.0, observations: 0.0 }
    }
}

impl<const K: usize> Totals<K> {
    /// Adds the sums over subjects with the same visits. The callback returns the sums of products
    /// for two visits.
    pub(super) fn add<const N: usize>(
        &mut self,
        subjects: u32,
        observed: &[bool; N],
        products: impl Fn(usize, usize) -> Products<K>,
    ) {
        let visits = || observed.iter().enumerate().filter(|(_, is_seen)| **is_seen);
        let rows = visits().count() as f64;
        self.subjects += f64::from(subjects);
        self.observations += f64::from(subjects) * rows;
        for (j, _) in visits() {
            for (i, _) in visits() {
                let products = products(i, j);
                add(&mut self.between, &products, 1.0 / rows);
                if i == j {
                    add(&mut self.all, &products, 1.0);
                }
            }
        }
    }

    /// Returns the inner products of the differences from the means of subjects, plus `share` times
    /// the inner products of these means.
    fn weighted(&self, share: f64) -> Products<K> {
        let mut out = self.all;
        add(&mut out, &self.between, -1.0);
        add(&mut out, &self.between, share);
        out
    }

    /// Returns the mean square of a column within subjects, divided by the mean square of its means
    /// of subjects.
    fn ratio(&self, column: &Columns<f64, K>) -> f64 {
        let square = |products: &Products<K>| inner(column, &times(products, column)).value;
        let within = square(&self.weighted(0.0)) / (self.observations - self.subjects);
        within / (square(&self.between) / self.subjects)
    }
}

/// Adds x times products to other products.
fn add<const K: usize>(sums: &mut Products<K>, products: &Products<K>, x: f64) {
    for (sums, column) in sums.iter_mut().zip(products.iter()) {
        for (sum, product) in sums.iter_mut().zip(column.iter()) {
            sum.add_product(product, x);
        }
    }
}

impl<const K: usize> Coordinates<K> {
    /// Chooses coordinates for data with the given totals. The numbers of the coordinates are
    /// numbers of the type `T`.
    pub(super) fn new<T: Real + Into<f64>>(totals: &Totals<K>, scales: &Columns<i32, K>) -> Self {
        let mut out = Self::orthogonal::<T>(&totals.all, scales, totals.observations);
        for _ in 0..STEPS {
            let share = totals.ratio(&out.combinations.y);
            // Not if there is nothing to gain, or if the columns of X fit all differences within
            // subjects.
            if !(LEAST_SHARE..LARGEST_SHARE).contains(&share) {
                break;
            }
            let products = totals.weighted(share);
            let other = Self::orthogonal::<T>(&products, scales, totals.observations);
            out.combinations.y = other.combinations.y;
        }
        out
    }

    /// Returns coordinates in which the columns of [X̃ ỹ] are orthogonal in the given inner
    /// products over `rows` observations.
    fn orthogonal<T: Real + Into<f64>>(
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

    /// Calls `each` for each pair of columns a ≤ b of [X̃ ỹ], with the product of these columns.
    /// The argument has the products of the columns of [X y].
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
