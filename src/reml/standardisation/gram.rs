//! When coordinates are no longer good, and which are better.

use crate::base::scalar::Real;
use crate::reml::standardisation::{ROUNDINGS, Standardisation};

/// Coordinates are changed if more than this is lost of a sum of squares with what other columns
/// tell: a part of 1/16 is left of it, and four bits.
const LEAST: f64 = 1.0 / 16.0;

/// More than 2²⁷ + 1, with which a number is multiplied to be split.
const HEADROOM: f64 = 1e9;

/// The products of the columns of \[X̃ ỹ\] over data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gram<T, const K: usize> {
    /// Of columns a ≤ b of X̃, in row b.
    xx: [[T; K]; K],
    xy: [T; K],
    yy: T,
}

impl<T: Real, const K: usize> Gram<T, K> {
    /// Of the products of columns a ≤ b, of which ỹ has the number K.
    pub(crate) fn new(product: impl Fn(usize, usize) -> T) -> Self {
        Self {
            xx: core::array::from_fn(|b| {
                core::array::from_fn(|a| if a <= b { product(a, b) } else { T::zero() })
            }),
            xy: core::array::from_fn(|a| product(a, K)),
            yy: product(K, K),
        }
    }

    /// Returns `true` if sums can be split into halves, of which products of twice the digits are
    /// made.
    pub(crate) fn has_headroom(&self) -> bool {
        let headroom = nalgebra::convert::<_, T>(HEADROOM);
        let squares = self.xx.iter().enumerate().map(|(j, row)| row[j]).chain([self.yy]);
        squares.into_iter().all(|square| (square * headroom).is_finite())
    }

    /// Eliminates one column after the other from later ones and from ỹ, as Gauss does, if it is
    /// `taken` with the sum of squares that is left of it; shows `each` column a, column b, and how
    /// often a is taken from b.
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
    /// Better coordinates, if these lose digits of data with these products, the largest of whose
    /// |y| is given.
    pub(crate) fn straightened(&self, gram: &Gram<T, K>, largest: T) -> Option<Self> {
        let rounding = largest / self.units() * T::default_epsilon() * nalgebra::convert(ROUNDINGS);
        let mut gram = *gram;
        if !gram.has_headroom() {
            return None;
        }
        // A fit without residuals.
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

    /// Coordinates in which columns and residuals with these products are orthogonal.
    #[inline(never)]
    pub(crate) fn orthogonal(&self, gram: &Gram<T, K>) -> Self {
        let mut better = *self;
        let taken = |j: usize, _| !self.open[j];
        let mut gram = *gram;
        gram.eliminate(taken, |j, b, part| better.take(j, b, part));
        better
    }

    /// Closes columns over data of which only the products of columns are known, with the sum of
    /// squares that each column would have if nothing cancelled. As
    /// [`close_columns`](Self::close_columns) does it.
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

    /// Takes `part` times column j from column b of [X̃ ỹ].
    fn take(&mut self, j: usize, b: usize, part: T) {
        if b < K {
            self.subtract(b, part, j);
        } else {
            self.shift_along(j, part);
        }
    }
}
