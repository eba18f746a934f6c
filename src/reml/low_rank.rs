//! Transformation of data to coordinates in which the covariance matrix V = Z G Zᵀ + σ² W⁻¹ of a
//! mixed model has few rows; see [`low_rank`](crate::algebra::matrix::low_rank).
//!
//! The transformation turns the fixed design Z, which has Q columns, into an upper triangular
//! matrix R in Q *inside rows* and zeros in all other rows, the *outside rows*. In the inside rows,
//! the transformed V is R G Rᵀ + σ² I. The outside rows are independent and have the variance σ²,
//! so that a single row of V represents all outside rows.

pub(crate) mod complement;

use nalgebra::SMatrix;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::low_rank::{WriteDesign, WriteWeights};
use crate::algebra::shape::low_rank::LowRank;
use crate::base::scalar::Real;
use crate::linalg::compensated::dot as exact_dot;
use crate::linalg::kernel::{add_scaled, dot, product, sqrt};
use crate::reml::cross_products::CrossProducts;
use crate::reml::panel::sums::in_place::OnePattern;
use crate::reml::standardisation::Standardisation;

/// Chooses the function for data with `$rows` reduced rows, an `Option<usize>`. Returns
/// `$owner::$reduced::<R, R - 1>`, where R is the smallest listed size that is at least `$rows`.
/// Returns `$own` if `$rows` is `None`, if R is above `$most`, or if `$rows` is above the largest
/// listed size. The sizes of arrays must be literals.
macro_rules! for_reduced_size {
    ($rows:expr, $most:expr, $owner:ident::$reduced:ident, $own:expr) => {
        $crate::reml::low_rank::for_reduced_size!(
            @ $rows, $most, $owner::$reduced, $own;
            2 1, 3 2, 4 3, 5 4, 6 5, 7 6, 8 7, 9 8, 10 9, 12 11, 14 13, 16 15, 20 19, 24 23, 28 27, 32 31, 40 39, 48 47, 56 55, 64 63
        )
    };
    (
        @ $rows:expr, $most:expr, $owner:ident::$reduced:ident, $own:expr;
        $($size:literal $columns:literal),*
    ) => {
        match $rows {
            $(Some(rows) if rows <= $size && $size <= $most => {
                $owner::$reduced::<$size, $columns>
            })*
            _ => $own,
        }
    };
}

pub(crate) use for_reduced_size;

/// The smallest number of terms for which compensated summation is used. If subjects differ mainly
/// in their mean, all terms of a sum have the same sign, and long sums accumulate rounding errors.
const LONG: usize = 256;

/// Returns the product of two matrices, computed by compensated summation.
fn exact_product<T: Real, const N: usize, const D: usize>(
    m: &SMatrix<T, N, N>,
    b: &SMatrix<T, N, D>,
) -> SMatrix<T, N, D> {
    let mut out = SMatrix::zeros();
    for (out, b) in out.data.0.iter_mut().zip(&b.data.0) {
        for (i, out) in out.iter_mut().enumerate() {
            let row = m.data.0.iter().map(|column| &column[i]);
            *out = exact_dot(T::zero(), row.zip(b));
        }
    }
    out
}

/// Returns the number of rows of the reduced V: one for each column of the fixed design Z, and one
/// for all rows in which the transformed Z is zero. Returns `None` if V is not of the form Z G Zᵀ +
/// σ² W⁻¹, or if the reduced V would have `n` rows or more.
pub(crate) const fn rows(form: LowRank, n: usize) -> Option<usize> {
    match form {
        LowRank::Design { columns, .. } if 0 < columns && columns + 1 < n => Some(columns + 1),
        _ => None,
    }
}

/// Returns the fixed weights W of the residuals of V = Z G Zᵀ + σ² W⁻¹.
pub(crate) fn weights_of<V: ParamMatrix<T, N, N>, T: Real, const N: usize>(v: &V) -> [T; N] {
    let mut weights = [T::one(); N];
    if V::LOW_RANK.are_weighted() {
        v.low_rank(WriteWeights(&mut weights));
    }
    weights
}

/// Returns the fixed design Z of V = Z G Zᵀ + σ² W⁻¹ in the first columns of a matrix.
pub(crate) fn design_of<V, T, const N: usize, const D: usize>(v: &V) -> SMatrix<T, N, D>
where
    T: Real,
    V: ParamMatrix<T, N, N>,
{
    let mut design = SMatrix::zeros();
    v.low_rank(WriteDesign(&mut design));
    design
}

/// Returns `true` if no fixed weight of the residuals is so small in comparison with the largest
/// that its row would lose precision in reduced coordinates.
pub(crate) fn has_even_weights<V: ParamMatrix<T, N, N>, T: Real, const N: usize>(v: &V) -> bool {
    let weights = weights_of(v);
    let largest = weights.iter().fold(T::zero(), |m, &w| m.max(w));
    let counts = |w: &T| *w > largest * sqrt(T::default_epsilon()) && w.is_finite();
    weights.iter().all(counts)
}

/// Replaces the vector x by its Householder reflection that is zero below row j. Returns the vector
/// v of the reflection and the factor 2/(vᵀv), or `None` if x is zero from row j on.
pub(crate) fn mirror<T: Real, const N: usize>(x: &mut [T; N], j: usize) -> Option<([T; N], T)> {
    let mut v = [T::zero(); N];
    for (v, x) in v.iter_mut().zip(x.iter_mut()).skip(j) {
        (*v, *x) = (*x, T::zero());
    }
    let norm = sqrt(dot(&v, &v));
    if norm.is_zero() {
        return None;
    }
    let (first, end) = (v.get_mut(j)?, x.get_mut(j)?);
    *end = if *first > T::zero() { -norm } else { norm };
    *first -= *end;
    Some((v, (T::one() + T::one()) / dot(&v, &v)))
}

/// Replaces the vector x by its Householder reflection x − factor v (vᵀx), where `factor` is
/// 2/(vᵀv).
pub(crate) fn reflect<T: Real, const N: usize>(v: &[T; N], factor: T, x: &mut [T; N]) {
    add_scaled(x, -dot(v, x) * factor, v);
}

/// The Householder reflections that make a weighted fixed design upper triangular. The rows of the
/// design are first multiplied by the square roots of the weights, and observed rows are moved to
/// the front. A Householder reflection with vector v replaces a vector x by x − 2 v (vᵀx)/(vᵀv);
/// see Householder 1958, J. ACM 5, 339–342.
pub(crate) struct Rotation<T, const N: usize, const D: usize> {
    order: [usize; N],
    /// `true` if the rows of the design keep their order and all weights are 1.
    plain: bool,
    /// The square roots √w of the weights, for the rows in their original order.
    roots: [T; N],
    /// The sum of log w over the weights w of the observed rows.
    log_weights: T,
    mirrors: [[T; N]; D],
    /// The factor 2/(vᵀv) of each Householder reflection with vector v, or zero if a reflection is
    /// not needed.
    factors: [T; D],
    /// The number of inside rows, in which the transformed design may be nonzero.
    inside: usize,
    /// The number of outside rows: observed rows in which the transformed design is zero.
    outside: usize,
}

impl<T: Real, const N: usize, const D: usize> Rotation<T, N, D> {
    /// Returns the Householder reflections that make the first `columns` columns of the design `z`
    /// upper triangular, and the upper triangular matrix.
    pub(crate) fn new(
        z: &SMatrix<T, N, D>,
        columns: usize,
        weights: &[T; N],
        observed: &[bool; N],
    ) -> (Self, SMatrix<T, D, D>) {
        let mut order = [0; N];
        let all = || observed.iter().enumerate();
        let (seen, unseen) = (all().filter(|(_, seen)| **seen), all().filter(|(_, seen)| !**seen));
        for (place, (i, _)) in order.iter_mut().zip(seen.clone().chain(unseen)) {
            *place = i;
        }
        let count = seen.clone().count();
        let inside = count.min(columns);
        let mut rotation = Self {
            order,
            plain: count == N && weights.iter().all(|w| *w == T::one()),
            roots: weights.map(sqrt),
            log_weights: seen.fold(T::zero(), |sum, (i, _)| sum + weights[i].ln()),
            mirrors: [[T::zero(); N]; D],
            factors: [T::zero(); D],
            inside,
            outside: count - inside,
        };
        let mut design = SMatrix::<T, D, D>::zeros();
        for (j, (column, out)) in z.data.0.iter().zip(&mut design.data.0).take(columns).enumerate()
        {
            let mut x = rotation.ordered(column);
            for x in x.iter_mut().skip(count) {
                *x = T::zero();
            }
            rotation.reflect(&mut x);
            if j < inside {
                rotation.add_mirror(j, &mut x);
            }
            for (out, &x) in out.iter_mut().zip(&x).take(inside) {
                *out = x;
            }
        }
        (rotation, design)
    }

    /// Adds the Householder reflection that makes the vector x zero below row j, and applies the
    /// reflection to x.
    fn add_mirror(&mut self, j: usize, x: &mut [T; N]) {
        if let (Some(to), Some(factor)) = (self.mirrors.get_mut(j), self.factors.get_mut(j))
            && let Some(found) = mirror(x, j)
        {
            (*to, *factor) = found;
        }
    }

    /// Returns a column in which each entry is multiplied by the square root of its weight and the
    /// observed rows come first.
    fn ordered(&self, column: &[T; N]) -> [T; N] {
        if self.plain {
            return *column;
        }
        let weighted = |(&x, &root)| x * root;
        let at = |i: usize| column.get(i).zip(self.roots.get(i)).map_or_else(T::zero, weighted);
        self.order.map(at)
    }

    fn reflect(&self, x: &mut [T; N]) {
        Self::reflect_by(self.mirrors.iter().zip(&self.factors), x);
    }

    fn reflect_by<'a>(mirrors: impl Iterator<Item = (&'a [T; N], &'a T)>, x: &mut [T; N]) {
        for (mirror, &factor) in mirrors {
            if factor.is_zero() {
                continue;
            }
            reflect(mirror, factor, x);
        }
    }

    /// Returns the number of inside rows, in which the transformed design may be nonzero, and the
    /// number of outside rows, in which the transformed design is zero.
    pub(crate) const fn rows(&self) -> (usize, usize) {
        (self.inside, self.outside)
    }

    /// Returns those rows of the transformed columns `x` in which the transformed design may be
    /// nonzero.
    pub(crate) fn head<const M: usize>(&self, x: &SMatrix<T, N, M>) -> SMatrix<T, D, M> {
        let mut head = SMatrix::zeros();
        for (head, x) in head.data.0.iter_mut().zip(&x.data.0) {
            for (head, &x) in head.iter_mut().zip(x).take(self.inside) {
                *head = x;
            }
        }
        head
    }

    /// Returns the norm of a transformed vector over the observed rows in which the transformed
    /// design is zero.
    pub(crate) fn norm_of_tail(&self, x: &[T; N]) -> T {
        let tail = x.iter().skip(self.inside).take(self.outside);
        sqrt(tail.fold(T::zero(), |sum, &x| sum + x * x))
    }

    /// Returns the sum of log w over the weights w of the observed rows.
    pub(crate) const fn log_weights(&self) -> T {
        self.log_weights
    }

    /// Returns Uᵀ W^½ X for a matrix X, where W is the diagonal matrix of weights and U the product
    /// of the Householder reflections.
    pub(crate) fn rotated<const K: usize>(&self, x: &SMatrix<T, N, K>) -> SMatrix<T, N, K> {
        let mut out = *x;
        for column in &mut out.data.0 {
            *column = self.ordered(column);
            self.reflect(column);
        }
        out
    }

    /// Transforms a cross-product M to Uᵀ W^½ M W^½ U, where W is the diagonal matrix of weights
    /// and U the product of the Householder reflections. Returns the block of the transformed M in
    /// the rows in which the transformed design may be nonzero, and the trace of the block in the
    /// other rows. The argument `moment` is M, and `basis` must be the result of the method
    /// [`basis`](Self::basis).
    pub(crate) fn of_product(
        &self,
        moment: &SMatrix<T, N, N>,
        basis: &SMatrix<T, N, D>,
    ) -> (SMatrix<T, D, D>, T) {
        let by_basis =
            if const { N >= LONG } { exact_product(moment, basis) } else { product(moment, basis) };
        // The difference is computed row by row, because most of the trace may belong to the inside
        // rows.
        let of_row = |&i: &usize| {
            let (root, entry) = (*self.roots.get(i)?, *moment.get((i, i))?);
            let columns = basis.data.0.iter().zip(&by_basis.data.0);
            let inside = columns.fold(T::zero(), |sum, (a, b)| sum + a[i] * b[i]);
            Some(entry * root * root - inside)
        };
        let observed = self.order.iter().take(self.inside + self.outside);
        let trace = observed.filter_map(of_row).fold(T::zero(), |sum, x| sum + x);
        let entry = |i: usize, j: usize| {
            let (a, b) = (basis.data.0.get(i)?, by_basis.data.0.get(j)?);
            Some(if const { N >= LONG } {
                exact_dot(T::zero(), a.iter().zip(b))
            } else {
                dot(a, b)
            })
        };
        (self.inside_of(entry), if self.outside > 0 { trace } else { T::zero() })
    }

    /// Returns the columns of W^½ U that correspond to rows in which the transformed design may be
    /// nonzero. Here, W is the diagonal matrix of weights and U the product of the Householder
    /// reflections.
    pub(crate) fn basis(&self) -> SMatrix<T, N, D> {
        let mut basis = SMatrix::zeros();
        for (j, column) in basis.data.0.iter_mut().enumerate().take(self.inside) {
            let mut unit = [T::zero(); N];
            if let Some(x) = unit.get_mut(j) {
                *x = T::one();
            }
            Self::reflect_by(self.mirrors.iter().zip(&self.factors).rev(), &mut unit);
            for (&i, &x) in self.order.iter().zip(&unit) {
                if let (Some(out), Some(&root)) = (column.get_mut(i), self.roots.get(i)) {
                    *out = x * root;
                }
            }
        }
        basis
    }

    fn inside_of(&self, entry: impl Fn(usize, usize) -> Option<T>) -> SMatrix<T, D, D> {
        let mut out = SMatrix::zeros();
        for (j, column) in out.data.0.iter_mut().enumerate().take(self.inside) {
            for (i, out) in column.iter_mut().enumerate().take(self.inside) {
                *out = entry(i, j).unwrap_or_else(T::zero);
            }
        }
        out
    }

    /// Returns the data reduced to the inside rows, in which the transformed design may be nonzero,
    /// and one row that represents all outside rows. For columns a ≤ b of the transformed data \[X̃
    /// ỹ\], the callback `product` must return the block of their cross-product over the inside
    /// rows, and the trace of the block over the outside rows.
    pub(crate) fn data<const K: usize>(
        &self,
        reference: Standardisation<T, K>,
        subjects: usize,
        product: impl Fn(usize, usize) -> (SMatrix<T, D, D>, T),
    ) -> OnePattern<T, D, K> {
        let mut out = OnePattern::new();
        out.reference = reference;
        out.log_weights = self.log_weights * nalgebra::convert(subjects as f64);
        out.patterns.used = 1;
        let [pattern] = &mut out.patterns.all;
        pattern.subjects = subjects;
        pattern.last = self.outside.max(1);
        let rows = self.inside + usize::from(self.outside > 0);
        for observed in pattern.observed.iter_mut().take(rows) {
            *observed = true;
        }
        for b in 0..=K {
            for a in 0..=b {
                let (mut total, trace) = product(a, b);
                if let Some(place) = total.get_mut((self.inside, self.inside)) {
                    *place = trace;
                }
                pattern.moments.set(a, b, &total);
            }
        }
        out
    }
}
