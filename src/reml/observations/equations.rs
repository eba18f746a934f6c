//! The normal equations of least squares.

use nalgebra::{SMatrix, SVector};

use crate::base::scalar::Real;
use crate::linalg::cholesky::Cholesky;

/// The normal equations X̃ᵀX̃ β̃ = X̃ᵀỹ of ordinary least squares, or X̃ᵀV⁻¹X̃ β̃ = X̃ᵀV⁻¹ỹ of
/// generalised least squares.
pub(crate) struct Equations<T, const K: usize> {
    /// The lower triangle of the matrix of the equations, X̃ᵀX̃ or X̃ᵀV⁻¹X̃.
    xx: SMatrix<T, K, K>,
    xy: SVector<T, K>,
}

impl<T: Real, const K: usize> Equations<T, K> {
    /// Builds the equations from the inner products of columns a ≤ b of the transformed data [X̃
    /// ỹ], which `product` returns.
    pub(crate) fn new(mut product: impl FnMut(usize, usize) -> T) -> Self {
        let (mut xx, mut xy) = (SMatrix::<T, K, K>::zeros(), SVector::<T, K>::zeros());
        for b in 0..=K {
            for a in 0..=b {
                let place = if b < K { xx.get_mut((b, a)) } else { xy.get_mut(a) };
                if let Some(place) = place {
                    *place = product(a, b);
                }
            }
        }
        Self { xx, xy }
    }

    /// Returns the Cholesky factor of the matrix of the equations, and their solution β̃.
    ///
    /// # Errors
    ///
    /// Returns the index of the first column of X̃ that is a linear combination of the columns
    /// before it.
    pub(crate) fn solve(&self) -> Result<(Cholesky<T, K>, SVector<T, K>), usize> {
        let cholesky = Cholesky::new(&self.xx)?;
        let beta = cholesky.solve(&self.xy);
        Ok((cholesky, beta))
    }

    /// Returns the sum of squares eᵀe of the residuals e = ỹ − X̃β̃. The argument `yy` must be ỹᵀỹ.
    pub(crate) fn quadratic(&self, yy: T, beta: &SVector<T, K>) -> T {
        let mut sum = yy;
        for (a, &of_a) in beta.iter().enumerate() {
            let xy = self.xy.data.0[0][a];
            sum -= (xy + xy) * of_a;
            for (b, &of_b) in beta.iter().enumerate() {
                sum += self.xx.data.0[a.min(b)][a.max(b)] * of_a * of_b;
            }
        }
        sum
    }
}
