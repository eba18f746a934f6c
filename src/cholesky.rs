//! Cholesky factors of small matrices, over plain column arrays.

use nalgebra::{SMatrix, SVector};

use crate::Real;

/// L with A = L Lᵀ, and what follows from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cholesky<T, const N: usize> {
    /// L in the lower triangle; what stands above it is of no meaning.
    lower: SMatrix<T, N, N>,
}

impl<T: Real, const N: usize> Cholesky<T, N> {
    /// The factor of a symmetric matrix, of which the lower triangle counts.
    ///
    /// # Errors
    ///
    /// The first row that depends on those before it: whose pivot is not above N ε times its diagonal
    /// entry, which is as much as rounding makes of a zero.
    pub(crate) fn new(a: &SMatrix<T, N, N>) -> Result<Self, usize> {
        let mut cholesky = Self::identity();
        cholesky.factor(a)?;
        Ok(cholesky)
    }

    /// That of the identity.
    pub(crate) fn identity() -> Self {
        Self { lower: SMatrix::identity() }
    }

    /// The factor of another matrix; of no meaning after an error.
    pub(crate) fn factor(&mut self, a: &SMatrix<T, N, N>) -> Result<(), usize> {
        self.lower = *a;
        let rounding = T::default_epsilon() * nalgebra::convert(N as f64);
        let columns = &mut self.lower.data.0;
        let diagonal: [T; N] = core::array::from_fn(|j| columns[j][j]);
        for j in 0..N {
            let pivot = columns[j][j];
            // A NaN is not greater either.
            let independent = pivot > rounding * diagonal[j];
            if !independent || !pivot.is_finite() {
                return Err(j);
            }
            let root = pivot.sqrt();
            for x in columns[j].iter_mut().skip(j) {
                *x /= root;
            }
            let done = columns[j];
            for k in j + 1..N {
                let factor = done[k];
                for (x, &l) in columns[k].iter_mut().zip(&done).skip(k) {
                    *x -= l * factor;
                }
            }
        }
        Ok(())
    }

    /// L.
    pub(crate) fn root(&self) -> SMatrix<T, N, N> {
        self.lower.lower_triangle()
    }

    /// log|A|.
    pub(crate) fn log_determinant(&self) -> T {
        let diagonal = self.lower.data.0.iter().enumerate().map(|(j, column)| column[j]);
        let half = diagonal.fold(T::zero(), |sum, x| sum + x.ln());
        half + half
    }

    /// L⁻¹ b, in place.
    pub(crate) fn solve_lower(&self, b: &mut [T; N]) {
        for j in 0..N {
            let x = b[j] / self.lower.data.0[j][j];
            b[j] = x;
            for (b, &l) in b.iter_mut().zip(&self.lower.data.0[j]).skip(j + 1) {
                *b -= l * x;
            }
        }
    }

    /// L⁻ᵀ b, in place.
    pub(crate) fn solve_upper(&self, b: &mut [T; N]) {
        for j in (0..N).rev() {
            let column = &self.lower.data.0[j];
            let mut x = b[j];
            for (&b, &l) in b.iter().zip(column).skip(j + 1) {
                x -= l * b;
            }
            b[j] = x / column[j];
        }
    }

    /// L⁻¹ B L⁻ᵀ for a symmetric B.
    pub(crate) fn whiten(&self, b: &SMatrix<T, N, N>) -> SMatrix<T, N, N> {
        let mut half = *b;
        for column in &mut half.data.0 {
            self.solve_lower(column);
        }
        let mut whole = half.transpose();
        for column in &mut whole.data.0 {
            self.solve_lower(column);
        }
        whole
    }

    /// A⁻¹ b.
    pub(crate) fn solve(&self, b: &SVector<T, N>) -> SVector<T, N> {
        let mut x = *b;
        self.solve_lower(&mut x.data.0[0]);
        self.solve_upper(&mut x.data.0[0]);
        x
    }

    /// A⁻¹, symmetric to the last bit.
    pub(crate) fn inverse(&self) -> SMatrix<T, N, N> {
        let mut inverse = SMatrix::identity();
        for column in &mut inverse.data.0 {
            self.solve_lower(column);
            self.solve_upper(column);
        }
        crate::kernel::mirror(&mut inverse);
        inverse
    }
}

/// Columns c with Σ c cᵀ = A for a positive semidefinite A of any rank, the largest first; zeros where its
/// rank is smaller. Cholesky with diagonal pivoting (Higham 2002, Accuracy and Stability of Numerical
/// Algorithms, 10.3).
pub(crate) fn semidefinite_columns<T: Real, const N: usize>(
    mut a: SMatrix<T, N, N>,
) -> SMatrix<T, N, N> {
    let mut out = SMatrix::zeros();
    let trace = a.diagonal().iter().fold(T::zero(), |sum, &x| sum + x);
    let smallest = T::default_epsilon() * trace;
    for column in &mut out.data.0 {
        let mut best = 0;
        for i in 0..N {
            if a.data.0[i][i] > a.data.0[best][best] {
                best = i;
            }
        }
        let Some(&pivot) = a.get((best, best)) else { break };
        // A NaN is not greater either.
        let remains = pivot > smallest;
        if !remains {
            break;
        }
        let root = pivot.sqrt();
        for (x, &from) in column.iter_mut().zip(&a.data.0[best]) {
            *x = from / root;
        }
        let done = *column;
        for (a, &factor) in a.data.0.iter_mut().zip(&done) {
            for (a, &x) in a.iter_mut().zip(&done) {
                *a -= x * factor;
            }
        }
    }
    out
}
