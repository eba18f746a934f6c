//! Solutions of symmetric linear systems that may be rank-deficient.

use hybrid_array::{Array, ArraySize};
use nalgebra::ComplexField;

use crate::base::arrays::{dot, filled, tabulate};
use crate::base::scalar::{Real, epsilon_to};
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::sqrt;

/// The solution of the linear system B x = b for a symmetric matrix B that may be rank-deficient.
pub(crate) struct Solution<P: ArraySize, T> {
    /// The solution vector x. If the system is rank-deficient, the parameters that were left out
    /// are zero.
    pub(crate) x: P::ArrayType<T>,
    /// If the matrix B is singular, a vector n with B n = 0 whose largest entry is ±1.
    pub(crate) null: Option<P::ArrayType<T>>,
    /// `true` if the matrix B has an eigenvalue that is negative beyond rounding.
    pub(crate) indefinite: bool,
}

impl<P: ArraySize, T: Real> InformationMatrix<P, T> {
    /// Computes the inverse of the block of rows and columns for which `active` is `true`. The
    /// result is exactly symmetric, with zeros in all other rows and columns.
    ///
    /// # Errors
    ///
    /// If this matrix B is not positive definite beyond rounding, returns the index of a parameter.
    /// If B is singular, the index is that of the largest entry of a vector n with B n = 0.
    pub(crate) fn inverse(&self, active: &[bool]) -> Result<Self, usize> {
        let mut inverse = Self::zeros();
        for k in 0..P::USIZE {
            let unit = tabulate::<P, T>(T::zero(), |l| if l == k { T::one() } else { T::zero() });
            let Solution { x, null, indefinite } = self.solve(&unit, active);
            if let Some(null) = null {
                let size =
                    |k: usize| null.as_ref().get(k).map_or_else(T::zero, |x| ComplexField::abs(*x));
                return Err((0..P::USIZE).fold(0, |m, k| if size(k) > size(m) { k } else { m }));
            }
            if indefinite {
                return Err(k);
            }
            for (l, &x) in x.as_ref().iter().enumerate().skip(k) {
                inverse.set(k, l, x);
                inverse.set(l, k, x);
            }
        }
        Ok(inverse)
    }

    /// Solves B x = b for this matrix B, restricted to the rows and columns for which `active` is
    /// `true`.
    ///
    /// The matrix is scaled to a unit diagonal and factored with diagonal pivoting. The
    /// factorisation stops once no remaining pivot exceeds ε^⅔, where ε is the machine epsilon. The
    /// remaining parameters are left out of the solution.
    pub(crate) fn solve(&self, b: &[T], active: &[bool]) -> Solution<P, T> {
        let scale = tabulate::<P, T>(T::zero(), |k| {
            let x = self.get(k, k);
            if x > T::zero() { T::one() / sqrt(x) } else { T::one() }
        });
        let is_active = |k: usize| active.get(k).copied().unwrap_or(false);
        let mut a = Self::from_fn(|k, l| {
            if !is_active(k) || !is_active(l) {
                return T::zero();
            }
            self.get(k, l) * scale[k] * scale[l]
        });
        let scaled = |k: usize| {
            let b = b.get(k).copied().unwrap_or_else(T::zero);
            if is_active(k) { b * scale[k] } else { T::zero() }
        };
        let mut rhs = tabulate::<P, T>(T::zero(), scaled);
        if let Some(x) = a.solve_definite(&rhs, active) {
            let x = tabulate::<P, T>(T::zero(), |k| x[k] * scale[k]);
            return Solution { x: x.0, null: None, indefinite: false };
        }
        let smallest: T = epsilon_to(2.0 / 3.0);
        let mut order = tabulate::<P, usize>(0, |k| k);

        let mut rank = 0;
        let mut indefinite = false;
        while rank < P::USIZE {
            let mut best = rank;
            for k in rank..P::USIZE {
                if a.get(k, k) > a.get(best, best) {
                    best = k;
                }
                indefinite |= a.get(k, k) < -smallest;
            }
            if best != rank {
                a.exchange(rank, best);
                rhs.swap(rank, best);
                order.swap(rank, best);
            }
            let pivot = a.get(rank, rank);
            // The comparison is false for a NaN.
            let independent = pivot > smallest;
            if !independent {
                break;
            }
            let root = sqrt(pivot);
            let inverse = T::one() / root;
            let column = tabulate::<P, T>(T::zero(), |k| a.get(rank, k) * inverse);
            let rows = a.rows.as_mut().iter_mut().zip(&column).enumerate().skip(rank);
            for (k, (row, &factor)) in rows {
                let mut entries = row.as_mut().iter_mut().zip(&column).skip(rank);
                if let Some((x, _)) = entries.next() {
                    *x = factor;
                }
                if k > rank {
                    for (x, &other) in entries {
                        *x -= factor * other;
                    }
                }
            }
            rank += 1;
        }

        // L L₁₁ᵀ of the first `rank` rows: solve L₁₁ z = b, then L₁₁ᵀ x = z.
        for k in 0..rank {
            let mut x = rhs[k];
            for l in 0..k {
                x -= a.get(k, l) * rhs[l];
            }
            rhs[k] = x / a.get(k, k);
        }
        a.solve_upper(rank, &mut rhs);
        // A null vector: the first active parameter that was left out, minus its linear combination
        // of the parameters that were kept.
        let left_out = (rank..P::USIZE).find(|&k| is_active(order[k]));
        let null = left_out.map(|left_out| {
            let mut n = tabulate::<P, T>(T::zero(), |k| -a.get(left_out, k));
            a.solve_upper(rank, &mut n);
            for (k, n) in n.iter_mut().enumerate().skip(rank) {
                *n = if k == left_out { T::one() } else { T::zero() };
            }
            let mut null = unpivoted(&n, &order, &scale);
            let largest = null.as_ref().iter().fold(T::zero(), |m, x| m.max(x.abs()));
            for n in null.as_mut() {
                *n /= largest;
                // An entry this small is zero to rounding.
                if n.abs() <= smallest {
                    *n = T::zero();
                }
            }
            null
        });
        for left_out in rhs.iter_mut().skip(rank) {
            *left_out = T::zero();
        }
        Solution { x: unpivoted(&rhs, &order, &scale), null, indefinite }
    }

    /// Solves B x = b for this matrix B without pivoting, or returns `None` if a pivot is small.
    fn solve_definite(&self, b: &Array<T, P>, active: &[bool]) -> Option<Array<T, P>> {
        let least = sqrt(T::default_epsilon());
        let mut root = Self::zeros();
        let mut inverses = filled::<P, T>(T::zero());
        let mut x = b.clone();
        let rows = self.rows.as_ref();
        for k in 0..P::USIZE {
            let (above, from_k) = root.rows.as_mut().split_at_mut(k);
            let (own, a) = (from_k.first_mut()?.as_mut(), rows.get(k)?.as_ref());
            let mut pivot = *a.get(k)?;
            let mut known = x[k];
            for (j, (row, (&inverse, &x))) in
                above.iter().zip(inverses.as_ref().iter().zip(&x)).enumerate()
            {
                let entry = (*a.get(j)? - dot(own.get(..j)?, row.as_ref())) * inverse;
                *own.get_mut(j)? = entry;
                pivot -= entry * entry;
                known -= entry * x;
            }
            if *active.get(k)? {
                // The comparison is false for a NaN.
                let definite = pivot > least;
                if !definite {
                    return None;
                }
                let inverse = T::one() / sqrt(pivot);
                *inverses.as_mut().get_mut(k)? = inverse;
                x[k] = known * inverse;
            }
        }
        for k in (0..P::USIZE).rev() {
            let row = root.rows.as_ref().get(k)?.as_ref();
            let at_k = x[k] * *inverses.as_ref().get(k)?;
            x[k] = at_k;
            for (x, &l) in x.iter_mut().zip(row).take(k) {
                *x -= l * at_k;
            }
        }
        Some(x)
    }

    /// Solves Lᵀ x = b in place, where L is the lower triangular factor of the first `rank` rows
    /// and columns.
    fn solve_upper(&self, rank: usize, b: &mut Array<T, P>) {
        for k in (0..rank).rev() {
            let mut x = b[k];
            for l in k + 1..rank {
                x -= self.get(l, k) * b[l];
            }
            b[k] = x / self.get(k, k);
        }
    }

    /// Exchanges rows k and l of the matrix, and columns k and l.
    fn exchange(&mut self, k: usize, l: usize) {
        for i in 0..P::USIZE {
            let (x, y) = (self.get(k, i), self.get(l, i));
            self.set(k, i, y);
            self.set(l, i, x);
        }
        for row in self.rows.as_mut() {
            row.as_mut().swap(k, l);
        }
    }
}

/// Returns the values of a scaled and pivoted system in the original order and scale of the
/// parameters.
fn unpivoted<P: ArraySize, T: Real>(
    values: &Array<T, P>,
    order: &Array<usize, P>,
    scale: &Array<T, P>,
) -> P::ArrayType<T> {
    let mut out = filled::<P, T>(T::zero());
    for (&k, &value) in order.iter().zip(values) {
        if let (Some(out), Some(&scale)) = (out.as_mut().get_mut(k), scale.get(k)) {
            *out = value * scale;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use typenum::U3;

    #[test]
    fn solves_what_can_be_solved() {
        let full = InformationMatrix::<U3, f64> {
            rows: [[4.0, 2.0, 0.0], [2.0, 3.0, 1.0], [0.0, 1.0, 2.0]],
        };
        let solution = full.solve(&[8.0, 9.0, 4.0], &[true; 3]);
        assert!(solution.null.is_none() && !solution.indefinite);
        let residual = |k: usize| (0..3).map(|l| full.rows[k][l] * solution.x[l]).sum::<f64>();
        for (k, b) in [8.0, 9.0, 4.0].into_iter().enumerate() {
            assert!((residual(k) - b).abs() < 1e-14);
        }
    }

    #[test]
    fn names_the_combination_that_is_lost() {
        // The second column is twice the third.
        let b = InformationMatrix::<U3, f64> {
            rows: [[1.0, 0.0, 0.0], [0.0, 4.0, 2.0], [0.0, 2.0, 1.0]],
        };
        let null = b.solve(&[1.0, 0.0, 0.0], &[true; 3]).null;
        assert!(null.is_some_and(|n| n[0] == 0.0 && (n[1] / n[2] + 0.5).abs() < 1e-15));
        assert!(b.solve(&[1.0, 0.0, 0.0], &[true, true, false]).null.is_none());
        let negative =
            InformationMatrix::<U3, f64>::from_fn(|k, l| if k == l { 1.0 - k as f64 } else { 0.0 });
        assert!(negative.solve(&[0.0; 3], &[true; 3]).indefinite);
    }
}
