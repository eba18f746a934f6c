//! Tables of the distances between places.

use nalgebra::ComplexField;

use crate::base::error::Error;

/// The distances between N places, or between N times.
///
/// ```
/// use covprop::prelude::*;
///
/// let times = Distances::from_positions([0.0, 1.0, 3.0]);
/// assert_eq!(times.between(2, 1), 2.0);
///
/// let plots = Distances::from_points([[0.0, 0.0], [3.0, 4.0]]);
/// assert_eq!(plots.between(0, 1), 5.0);
///
/// let error = Distances::try_new([[0.0, 1.0], [2.0, 0.0]]).unwrap_err();
/// assert_eq!(error.to_string(), "the matrix is not symmetric: entry (1, 0) differs from entry (0, 1)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distances<const N: usize> {
    entries: [[f64; N]; N],
}

impl<const N: usize> Distances<N> {
    /// Creates a table of distances from the entries below the diagonal. Entries on and above the
    /// diagonal are ignored: the diagonal is taken to be 0, and the upper triangle to be the mirror
    /// image of the lower triangle.
    ///
    /// Use [`try_new`](Self::try_new) for distances that are read at run time.
    #[must_use]
    pub const fn new(entries: [[f64; N]; N]) -> Self {
        Self { entries }
    }

    /// Creates a table of distances, and checks that its entries are symmetric, finite, not
    /// negative and 0 on the diagonal.
    ///
    /// # Errors
    ///
    /// - [`Error::NotDistance`] for an entry that is negative or not finite, or not 0 on the
    ///   diagonal
    /// - [`Error::NotSymmetric`] for an entry that differs from its mirror image
    pub fn try_new(entries: [[f64; N]; N]) -> Result<Self, Error> {
        for (row, distances) in entries.iter().enumerate() {
            for (col, (&d, others)) in distances.iter().zip(&entries).enumerate() {
                if !(d.is_finite() && d >= 0.0) || row == col && d != 0.0 {
                    return Err(Error::NotDistance { row, col });
                }
                if col < row && others.get(row) != Some(&d) {
                    return Err(Error::NotSymmetric { row, col });
                }
            }
        }
        Ok(Self { entries })
    }

    /// Computes the distances |xᵢ − xⱼ| between times, or between places along a line.
    #[must_use]
    pub const fn from_positions(points: [f64; N]) -> Self {
        let mut entries = [[0.0; N]; N];
        let mut i = 0;
        while i < N {
            let mut j = 0;
            while j < N {
                entries[i][j] = (points[i] - points[j]).abs();
                j += 1;
            }
            i += 1;
        }
        Self { entries }
    }

    /// Computes the Euclidean distances √Σₖ (xᵢₖ − xⱼₖ)² between points in D dimensions.
    #[must_use]
    pub fn from_points<const D: usize>(points: [[f64; D]; N]) -> Self {
        let entries = points.map(|a| {
            points.map(|b| {
                let squares = a.iter().zip(&b).map(|(a, b)| (a - b) * (a - b));
                ComplexField::sqrt(squares.sum::<f64>())
            })
        });
        Self { entries }
    }

    /// Returns the distance between two places, or 0 if one of the places does not exist.
    #[inline]
    #[must_use]
    pub fn between(&self, i: usize, j: usize) -> f64 {
        let (low, high) = if i < j { (i, j) } else { (j, i) };
        if low == high {
            return 0.0;
        }
        self.entries.get(high).and_then(|row| row.get(low)).copied().unwrap_or(0.0)
    }

    /// Returns a typical range of a correlation: the median, over all places, of the distance to
    /// the nearest other place. Returns NaN if there is no place at another position. If the range
    /// were the median of all pairwise distances, which is much longer, a Gaussian correlation
    /// matrix of many places would be numerically singular.
    pub(super) fn spacing(&self) -> f64 {
        let nearest: [f64; N] = core::array::from_fn(|i| {
            let others = (0..N).map(|j| self.between(i, j));
            others.filter(|&d| d > 0.0).fold(f64::INFINITY, f64::min)
        });
        let middle = N.saturating_sub(1) / 2;
        let is_median = |m: &f64| {
            let below = nearest.iter().filter(|&d| d < m).count();
            let up_to = nearest.iter().filter(|&d| d <= m).count();
            m.is_finite() && below <= middle && middle < up_to
        };
        nearest.iter().copied().find(is_median).unwrap_or(f64::NAN)
    }
}
