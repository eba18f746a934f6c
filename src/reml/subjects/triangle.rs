//! The triangular factor of whitened data, to which subjects are added one after another.

use nalgebra::{SMatrix, SVector};

use crate::base::scalar::Real;
use crate::linalg::cholesky::Cholesky;
use crate::linalg::compensated::CompensatedSum;
use crate::linalg::kernel::{dot, sqrt};
use crate::reml::standardisation::gram::Gram;

/// The triangular factor of the rows of a matrix [X y] with any number of rows:
///
/// ```text
/// [X y]ᵀ[X y] = [R r; 0 ρ]ᵀ [R r; 0 ρ]        R: K×K upper triangular,  r: K,  ρ² = rest
/// ```
///
/// Least squares from R and r has the precision of the rows themselves, while least squares from
/// the products XᵀX and Xᵀy has only half of their digits (Golub 1965, Numerische Mathematik 7,
/// 206–216; Pinheiro & Bates 2000, Mixed-Effects Models in S and S-PLUS, section 2.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Triangle<T, const K: usize> {
    pub(super) x: SMatrix<T, K, K>,
    pub(super) y: SVector<T, K>,
    rest: CompensatedSum<T>,
}

impl<T: Real, const K: usize> Triangle<T, K> {
    /// Returns the triangular factor of a matrix without rows.
    pub(super) fn new() -> Self {
        let rest = CompensatedSum::of(T::zero());
        Self { x: SMatrix::zeros(), y: SVector::zeros(), rest }
    }

    /// Returns ρ², the sum of squares of y outside the column space of X.
    pub(super) fn rest(&self) -> T {
        self.rest.rounded()
    }

    /// Adds a number to ρ².
    pub(super) fn add_rest(&mut self, square: T) {
        self.rest.add_product(CompensatedSum::of(T::one()), CompensatedSum::of(square));
    }

    /// Adds rows of [X y]. For each column of X, a Householder reflection makes the new rows zero
    /// below the triangular factor.
    pub(super) fn add<const R: usize>(&mut self, x: &mut SMatrix<T, R, K>, y: &mut SVector<T, R>) {
        let overflow = T::max_value().map_or_else(T::zero, |largest| T::one() / largest);
        let smallest = overflow / T::default_epsilon();
        for j in 0..K {
            let mut column = x.data.0[j];
            let mut pivot = self.x.data.0[j][j];
            let mut below = column.iter().fold(T::zero(), |sum, &a| sum + a * a);
            let mut scale = T::one();
            // The sum of squares may underflow. The column is then divided by its largest absolute
            // entry. If even this entry is negligible compared with the pivot, the column is
            // skipped.
            if below < smallest {
                scale = column.iter().fold(T::zero(), |largest, a| largest.max(a.abs()));
                if scale <= pivot.abs() * T::default_epsilon() {
                    continue;
                }
                column = column.map(|a| a / scale);
                pivot /= scale;
                below = column.iter().fold(T::zero(), |sum, &a| sum + a * a);
            }
            let norm = sqrt(pivot * pivot + below);
            let end = if pivot > T::zero() { -norm } else { norm };
            let first = pivot - end;
            // 2/(vᵀv) for the vector v of the reflection
            let factor = T::one() / (norm * first.abs());
            self.x.data.0[j][j] = end * scale;
            let reflect = |top: &mut T, rows: &mut [T; R]| {
                let sum = column.iter().zip(&*rows).fold(first * *top, |sum, (&v, &a)| sum + v * a);
                let along = sum * factor;
                *top -= along * first;
                for (a, &v) in rows.iter_mut().zip(&column) {
                    *a -= along * v;
                }
            };
            let columns = self.x.data.0.iter_mut().zip(&mut x.data.0).skip(j + 1);
            for (of_triangle, rows) in columns {
                reflect(&mut of_triangle[j], rows);
            }
            reflect(&mut self.y.data.0[0][j], &mut y.data.0[0]);
        }
        let square = y.iter().fold(T::zero(), |sum, &a| sum + a * a);
        self.add_rest(square);
    }

    /// Adds the rows of another triangular factor.
    pub(super) fn merge(&mut self, other: &Self, x: T) {
        self.add(&mut (other.x * x), &mut (other.y * x));
        self.add_rest(other.rest() * x * x);
    }

    /// Returns the inner products of the columns of [X y].
    pub(super) fn gram(&self) -> Gram<T, K> {
        let column = |a: usize| self.x.data.0.get(a).unwrap_or(&self.y.data.0[0]);
        Gram::new(|a, b| {
            let product = dot(column(a), column(b));
            if a == K && b == K { product + self.rest() } else { product }
        })
    }

    /// Solves the least squares problem. Returns the Cholesky factor of XᵀX and the coefficients.
    ///
    /// # Errors
    ///
    /// Returns the index of the first column of X that is a linear combination of the columns
    /// before it.
    pub(super) fn solve(&self) -> Result<(Cholesky<T, K>, SVector<T, K>), usize> {
        let small = T::default_epsilon() * nalgebra::convert(K as f64);
        let mut lower = SMatrix::<T, K, K>::zeros();
        let mut right = self.y;
        for (j, column) in self.x.data.0.iter().enumerate() {
            let pivot = column[j];
            let whole = column.iter().take(j + 1).fold(T::zero(), |sum, &x| sum + x * x);
            let is_independent = pivot * pivot > whole * small;
            if !is_independent {
                return Err(j);
            }
        }
        for i in 0..K {
            let sign = if self.x.data.0[i][i] < T::zero() { -T::one() } else { T::one() };
            right[i] *= sign;
            for j in i..K {
                lower.data.0[i][j] = self.x.data.0[j][i] * sign;
            }
        }
        let cholesky = Cholesky::of_lower(lower);
        cholesky.solve_upper(&mut right.data.0[0]);
        Ok((cholesky, right))
    }
}
