//! The cross-products of the columns of [X y], summed over subjects with the same V.

pub(crate) mod in_place;
#[cfg(feature = "alloc")]
pub(crate) mod on_heap;

use nalgebra::{ArrayStorage, SMatrix, SVector};

use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::compensated::{CompensatedSum, Halves};
use crate::linalg::kernel::{add_transpose, dot};
use crate::reml::standardisation::Change;

/// An N×N matrix Σ aᵢ bᵢᵀ in twice the working precision.
pub(crate) type Block<T, const N: usize> = CompensatedSum<[[T; N]; N]>;

/// The N×N matrices Σ aᵢ bᵢᵀ, summed over subjects i, for all pairs of columns a, b of the data [X
/// y]. If subjects have the same V, their likelihood depends on the data only through these
/// matrices. For example, a sum of quadratic forms is an inner product of matrices:
///
/// ```text
/// Σᵢ aᵢᵀ V⁻¹ bᵢ = ⟨V⁻¹, Σᵢ aᵢ bᵢᵀ⟩
/// ```
///
/// The implementors differ in the place of the matrices: [`InPlace`](in_place::InPlace) stores them
/// in arrays, and `OnHeap` on the heap.
pub(crate) trait CrossProducts<T: Real, const N: usize, const K: usize>: Sized {
    /// Returns cross-products that are all zero.
    fn new() -> Self;

    /// Returns a reference to the stored sum Σ aᵢ bᵢᵀ over subjects i for columns a ≤ b of [X y].
    fn stored(&self, a: usize, b: usize) -> &Block<T, N>;

    /// Returns a reference to the stored sum Σ aᵢ bᵢᵀ over subjects i for columns a ≤ b of [X y],
    /// through which the sum can be changed.
    fn block_mut(&mut self, a: usize, b: usize) -> &mut Block<T, N>;

    /// Overwrites these sums with the sums over other subjects.
    fn copy_from(&mut self, other: &Self);

    /// Checks that all sums of cross-products stay finite when another subject is added. The
    /// argument `columns` has the columns of the subject's transformed data [X̃ ỹ]. Only sums of
    /// squares are checked, because a sum of products is at most as large as the larger of two sums
    /// of squares.
    ///
    /// # Errors
    ///
    /// [`Error::ResponseNotFinite`] or [`Error::DesignNotFinite`] with the position of the number
    /// whose square makes a sum overflow.
    fn check_room(sums: Option<&Self>, columns: impl Iterator<Item = [T; N]>) -> Result<(), Error> {
        // The factor leaves room for the intermediate results of an error-free sum.
        let headroom = nalgebra::convert::<_, T>(4.0);
        for (col, column) in columns.enumerate() {
            let mut sum = T::zero();
            #[expect(clippy::needless_range_loop, reason = "an index known to be below N")]
            for row in 0..N {
                let so_far = sums.map(|sums| sums.stored(col, col).entry(row, row));
                sum += so_far.unwrap_or_else(T::zero) + column[row] * column[row];
                if !(sum * headroom).is_finite() {
                    let of_x = Error::DesignNotFinite { row, col };
                    return Err(if col < K { of_x } else { Error::ResponseNotFinite { row } });
                }
            }
        }
        Ok(())
    }

    /// Adds the cross-products of one subject, given by the columns of its transformed design X̃
    /// and by its transformed response ỹ.
    fn add(&mut self, x: &[Halves<T, N>; K], y: &Halves<T, N>) {
        for (b, right) in x.iter().chain([y]).enumerate() {
            for (a, left) in x.iter().chain([y]).enumerate().take(b + 1) {
                self.block_mut(a, b).add_outer(left, right);
            }
        }
    }

    /// Adds the sums over other subjects. Both sums must have been computed from data in the same
    /// coordinates.
    fn merge(&mut self, other: &Self) {
        for a in 0..=K {
            for b in a..=K {
                self.block_mut(a, b).add_scaled(CompensatedSum::of(T::one()), other.stored(a, b));
            }
        }
    }

    /// Returns the sum Σ aᵢ bᵢᵀ over subjects i for any two columns a and b of [X y].
    fn block(&self, a: usize, b: usize) -> Block<T, N> {
        if a <= b { *self.stored(a, b) } else { self.stored(b, a).transposed() }
    }

    /// Returns the inner product Σ aᵢᵀ bᵢ, summed over subjects i, of columns a ≤ b of [X y].
    fn product(&self, a: usize, b: usize) -> T {
        let block = self.stored(a, b);
        (0..N).fold(T::zero(), |sum, i| sum + block.entry(i, i))
    }

    /// Updates the sums as if, in the data [X y] of every subject, x times column `from` had been
    /// added to column `to`.
    fn add_column(&mut self, from: usize, x: CompensatedSum<T>, to: usize) {
        self.add_block(x, (from, to), (to, to));
        for other in (0..=K).filter(|&other| other != to) {
            self.add_block(x, (from, other), (to, other));
        }
        self.add_block(x, (to, from), (to, to));
    }

    /// Adds x times one sum of cross-products to another. The arguments `from` and `to` are the
    /// pairs of columns of [X y] to which the two sums belong.
    #[inline(never)]
    fn add_block(&mut self, x: CompensatedSum<T>, from: (usize, usize), to: (usize, usize)) {
        let mut part = self.block(from.0, from.1);
        if to.0 > to.1 {
            part = part.transposed();
        }
        self.block_mut(to.0.min(to.1), to.0.max(to.1)).add_scaled(x, &part);
    }

    /// Updates the sums as if a column of [X y] had been multiplied by x for every subject.
    fn scale_column(&mut self, x: T, column: usize) {
        for other in 0..=K {
            let (a, b) = (column.min(other), column.max(other));
            self.block_mut(a, b).scale(x);
            // The factor is applied twice, because x² may overflow.
            if other == column {
                self.block_mut(a, b).scale(x);
            }
        }
    }

    /// Transforms the sums of cross-products to other coordinates of the data. The [`Change`]
    /// describes how the columns of the data change.
    fn change(&mut self, change: &Change<T, K>) {
        self.scale_column(change.scale, K);
        for (i, &x) in change.shift.iter().enumerate() {
            self.add_column(i, x, K);
        }
        // The last column comes first, because a new column is a combination of the old one and
        // earlier columns.
        for (j, parts) in change.columns.iter().enumerate().rev() {
            self.scale_column(parts[j].value, j);
            for (i, &x) in parts.iter().enumerate().take(j) {
                self.add_column(i, x, j);
            }
        }
    }

    /// Sets the sum of cross-products of columns a ≤ b of [X y] to the given matrix, and the stored
    /// rounding errors of this sum to zero.
    fn set(&mut self, a: usize, b: usize, total: &SMatrix<T, N, N>) {
        *self.block_mut(a, b) = CompensatedSum { value: total.data.0, error: [[T::zero(); N]; N] };
    }

    /// Sets the diagonal entry in row `place` of the sum of cross-products of columns a ≤ b of [X
    /// y].
    fn set_entry(&mut self, a: usize, b: usize, place: usize, entry: CompensatedSum<T>) {
        let block = self.block_mut(a, b);
        let column = block.value.get_mut(place).zip(block.error.get_mut(place));
        let numbers = column.and_then(|(v, e)| v.get_mut(place).zip(e.get_mut(place)));
        if let Some((value, error)) = numbers {
            (*value, *error) = (entry.value, entry.error);
        }
    }

    /// Returns the sum Σ aᵢ bᵢᵀ over subjects i for columns a ≤ b of [X y], rounded to the
    /// precision of `T`.
    #[inline(never)]
    fn total(&self, a: usize, b: usize) -> SMatrix<T, N, N> {
        SMatrix::from_data(ArrayStorage(self.stored(a, b).total()))
    }

    /// Returns the inner product of the matrix `weights` and the sum Σ aᵢ bᵢᵀ over subjects i, for
    /// columns a ≤ b of [X y].
    fn weighted_product(&self, a: usize, b: usize, weights: &SMatrix<T, N, N>) -> T {
        let columns = weights.data.0.iter().zip(self.stored(a, b).columns());
        columns.fold(T::zero(), |sum, (weights, column)| sum + dot(weights, &column))
    }

    /// Returns the sum Σ xₐ eᵀ over subjects, where xₐ is column a of the transformed design X̃ and
    /// e = scale · (ỹ − X̃β̃) is the scaled residual.
    #[inline(never)]
    fn with_residual(&self, a: usize, beta: &SVector<T, K>, scale: T) -> SMatrix<T, N, N> {
        let mut out = SMatrix::<T, N, N>::zeros();
        for b in 0..=K {
            // The blocks that are stored the other way round come first.
            if b == a {
                out.transpose_mut();
            }
            let block = self.stored(a.min(b), a.max(b));
            block.add_to(&mut out, residual_part(beta, b) * scale);
        }
        out
    }

    /// Returns the exactly symmetric sum Σ (e eᵀ + X̃ C X̃ᵀ) over subjects, where X̃ is the
    /// transformed design and e = scale · (ỹ − X̃β̃) is the scaled residual. If `c` is `None`, the
    /// term X̃ C X̃ᵀ is omitted.
    fn of_residuals(
        &self,
        beta: &SVector<T, K>,
        scale: T,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N> {
        self.combination(Some((beta, scale * scale)), c)
    }

    /// Returns the exactly symmetric sum Σ X̃ C X̃ᵀ over subjects, where X̃ is the transformed
    /// design.
    fn of_designs(&self, c: &SMatrix<T, K, K>) -> SMatrix<T, N, N> {
        self.combination(None, Some(c))
    }

    /// Returns the sum Σ (x (ỹ − X̃β̃)(ỹ − X̃β̃)ᵀ + X̃ C X̃ᵀ) over subjects, where X̃ and ỹ are the
    /// transformed design and response. The argument `residual` is the pair of the coefficients β̃
    /// and the factor x. If `residual` is `None`, the term in the residuals ỹ − X̃β̃ is omitted. If
    /// `c` is `None`, the term X̃ C X̃ᵀ is omitted.
    #[inline(never)]
    fn combination(
        &self,
        residual: Option<(&SVector<T, K>, T)>,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N> {
        let columns = if residual.is_some() { K + 1 } else { K };
        let mut out = SMatrix::<T, N, N>::zeros();
        for b in 0..columns {
            for a in 0..=b {
                let mut part = c.and_then(|c| c.get((a, b)).copied()).unwrap_or_else(T::zero);
                if let Some((beta, x)) = residual {
                    part += residual_part(beta, a) * residual_part(beta, b) * x;
                }
                // The transpose is added at the end, so that terms with a = b count half here.
                let part = if a == b { part * nalgebra::convert(0.5) } else { part };
                self.stored(a, b).add_to(&mut out, part);
            }
        }
        add_transpose(&mut out);
        out
    }
}

/// Returns the coefficient of a column of the transformed data [X̃ ỹ] in the residual ỹ − X̃β̃.
fn residual_part<T: Real, const K: usize>(beta: &SVector<T, K>, column: usize) -> T {
    beta.get(column).map_or_else(T::one, |&x| -x)
}
