//! Eigenvalues of small symmetric matrices.

use nalgebra::{SMatrix, SVector};

use crate::base::scalar::Real;
use crate::linalg::kernel::sqrt;

/// The maximum number of Jacobi sweeps over all pairs of rows; five suffice for the sizes that
/// occur.
const SWEEPS: usize = 30;

/// Computes the eigenvalues and the orthonormal eigenvectors of a symmetric matrix, in no
/// particular order. The eigenvectors are the columns of the returned matrix.
///
/// The method is cyclic Jacobi rotation (Golub & Van Loan 2013, Matrix Computations, 8.5). The
/// eigendecomposition of nalgebra is not used because nalgebra requires a proof at the type level
/// that N is not 0.
pub(crate) fn symmetric_eigen<T: Real, const N: usize>(
    mut a: SMatrix<T, N, N>,
) -> (SVector<T, N>, SMatrix<T, N, N>) {
    let mut q = SMatrix::identity();
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for j in 0..N {
            for i in 0..j {
                let off = a[(i, j)];
                let size = a[(i, i)].abs() + a[(j, j)].abs();
                let matters = off.abs() > T::default_epsilon() * T::default_epsilon() * size;
                if !matters {
                    continue;
                }
                rotated = true;
                // The tangent of the rotation angle is the smaller root of t² + 2τt − 1.
                let tau = (a[(j, j)] - a[(i, i)]) / (off + off);
                let root = sqrt(tau * tau + T::one());
                let t = T::one() / if tau < T::zero() { tau - root } else { tau + root };
                let cosine = T::one() / sqrt(t * t + T::one());
                let sine = t * cosine;
                for k in 0..N {
                    let (x, y) = (a[(k, i)], a[(k, j)]);
                    (a[(k, i)], a[(k, j)]) = (cosine * x - sine * y, sine * x + cosine * y);
                }
                for k in 0..N {
                    let (x, y) = (a[(i, k)], a[(j, k)]);
                    (a[(i, k)], a[(j, k)]) = (cosine * x - sine * y, sine * x + cosine * y);
                    let (x, y) = (q[(k, i)], q[(k, j)]);
                    (q[(k, i)], q[(k, j)]) = (cosine * x - sine * y, sine * x + cosine * y);
                }
            }
        }
        if !rotated {
            break;
        }
    }
    (a.diagonal(), q)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagonalises() {
        let a = SMatrix::<f64, 4, 4>::from_fn(|i, j| 1.0 / (1 + i + j) as f64);
        let (values, q) = symmetric_eigen(a);
        assert!((q * SMatrix::from_diagonal(&values) * q.transpose() - a).amax() < 1e-15);
        assert!((q.tr_mul(&q) - SMatrix::identity()).amax() < 1e-15);
        // The smallest eigenvalue of the Hilbert matrix of order 4 (Todd 1961): 9.670230402261e-5.
        assert!((values.min() - 9.670_230_402_261e-5).abs() < 1e-15);
        let (values, q) = symmetric_eigen(SMatrix::<f64, 2, 2>::zeros());
        assert_eq!((values.amax(), q), (0.0, SMatrix::identity()));
    }
}
