//! Detection of ill-conditioned coordinates of the data, and the choice of better coordinates.

use crate::base::scalar::Real;
use crate::reml::standardisation::{ROUNDINGS, Standardisation};

/// The threshold for a change of coordinates: the smallest fraction of the sum of squares of a
/// column that may remain after regression on earlier columns. If the fraction is 1/16, four bits
/// of precision are lost.
const LEAST: f64 = 1.0 / 16.0;

/// A factor by which a number can grow without overflow of its split into two halves, which
/// multiplies an `f64` by 2²⁷ + 1.
const HEADROOM: f64 = 1e9;

/// The inner products of the columns of the transformed data \[X̃ ỹ\], summed over all subjects.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gram<T, const K: usize> {
    /// The inner products of columns a ≤ b of the transformed design X̃, stored in row b.
    xx: [[T; K]; K],
    xy: [T; K],
    yy: T,
}

impl<T: Real, const K: usize> Gram<T, K> {
    /// Computes the inner products of columns a ≤ b of the transformed data [X̃ ỹ] by calling
    /// `product`, where ỹ is column K.
    pub(crate) fn new(product: impl Fn(usize, usize) -> T) -> Self {
        Self {
            xx: core::array::from_fn(|b| {
                core::array::from_fn(|a| if a <= b { product(a, b) } else { T::zero() })
            }),
            xy: core::array::from_fn(|a| product(a, K)),
            yy: product(K, K),
        }
    }

    /// Returns the inner product of columns a ≤ b of the transformed data [X̃ ỹ].
    pub(crate) fn product(&self, a: usize, b: usize) -> T {
        let of_x = self.xx.get(b).and_then(|row| row.get(a));
        of_x.or_else(|| self.xy.get(a)).copied().unwrap_or(self.yy)
    }

    /// Returns `true` if all sums of squares can be split into halves without overflow, as products
    /// with twice the working precision require.
    pub(crate) fn has_headroom(&self) -> bool {
        let headroom = nalgebra::convert::<_, T>(HEADROOM);
        let squares = self.xx.iter().enumerate().map(|(j, row)| row[j]).chain([self.yy]);
        squares.into_iter().all(|square| (square * headroom).is_finite())
    }

    /// Eliminates one column of X̃ after the other from later columns and from ỹ, as in Gaussian
    /// elimination. For each column j of X̃, calls the callback `taken` with j and the remaining
    /// sum of squares of the column. If `taken` returns `false`, the column is not eliminated.
    /// Whenever a multiple of column a is subtracted from column b, calls the callback `each` with
    /// a, b and the multiplier.
    fn eliminate(
        &mut self,
        mut taken: impl FnMut(usize, T) -> bool,
        mut each: impl FnMut(usize, usize, T),
    ) {
        for j in 0..K {
            let squares = self.xx[j][j];
            if !taken(j, squares) || squares.is_zero() {
                continue;
            }
            for b in j + 1..K {
                let part = self.xx[b][j] / squares;
                each(j, b, part);
                for c in b..K {
                    self.xx[c][b] -= part * self.xx[c][j];
                }
                self.xy[b] -= part * self.xy[j];
            }
            let part = self.xy[j] / squares;
            each(j, K, part);
            self.yy -= part * self.xy[j];
        }
    }
}

impl<T: Real, const K: usize> Standardisation<T, K> {
    /// Returns better coordinates for data with the inner products `gram` and the largest |y|
    /// `largest`. Returns `None` if the present coordinates are well-conditioned, or if the inner
    /// products are too large to be split into halves.
    pub(crate) fn straightened(&self, gram: &Gram<T, K>, largest: T) -> Option<Self> {
        let rounding = largest / self.units() * T::default_epsilon() * nalgebra::convert(ROUNDINGS);
        let mut gram = *gram;
        if !gram.has_headroom() {
            return None;
        }
        // The residuals ỹ are zero within rounding.
        if gram.yy <= rounding * rounding {
            gram.yy = T::zero();
        }
        let least = nalgebra::convert::<_, T>(LEAST);
        let (mut left, mut is_little) = (gram, false);
        let taken = |j: usize, squares| {
            is_little |= !self.open[j] && squares < gram.xx[j][j] * least;
            !self.open[j]
        };
        left.eliminate(taken, |_, _, _| {});
        (is_little || left.yy < gram.yy * least).then(|| self.orthogonal(&gram))
    }

    /// Returns coordinates in which the columns of X̃ and ỹ are orthogonal to each other, for data
    /// with the given inner products.
    #[inline(never)]
    pub(crate) fn orthogonal(&self, gram: &Gram<T, K>) -> Self {
        let mut better = *self;
        let taken = |j: usize, _| !self.open[j];
        let mut gram = *gram;
        gram.eliminate(taken, |j, b, part| better.take(j, b, part));
        better
    }

    /// Closes open columns of the matrix T of the coordinates X̃ = X T. Unlike
    /// [`close_columns`](Self::close_columns), this method needs only the inner products of the
    /// columns of the data. The callback `terms` returns the sum of squares that a column of X̃
    /// would have if no terms of X T cancelled.
    pub(crate) fn close_by(&mut self, mut gram: Gram<T, K>, terms: impl Fn(usize) -> T) {
        let rounding = T::default_epsilon() * nalgebra::convert(ROUNDINGS);
        let open = self.open;
        let mut closed = [false; K];
        let taken = |j: usize, squares| {
            closed[j] = open[j] && squares > rounding * rounding * terms(j);
            closed[j]
        };
        let mut better = *self;
        let take = |j: usize, b: usize, part| {
            if b == K || open[b] {
                better.take(j, b, part);
            }
        };
        gram.eliminate(taken, take);
        for (open, closed) in better.open.iter_mut().zip(closed) {
            *open &= !closed;
        }
        *self = better;
    }

    /// Changes the coordinates of the data so that `part` times column j of [X̃ ỹ] is subtracted
    /// from column b of [X̃ ỹ].
    fn take(&mut self, j: usize, b: usize, part: T) {
        if b < K {
            self.subtract(b, part, j);
        } else {
            self.shift_along(j, part);
        }
    }
}
