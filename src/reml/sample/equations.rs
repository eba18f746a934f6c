//! The equations of least squares.

use nalgebra::{SMatrix, SVector};

use crate::Real;
use crate::cholesky::Cholesky;

/// Products of the columns of [X̃ ỹ].
pub struct Equations<T, const K: usize> {
    /// Those of X̃, the lower triangle.
    pub(crate) xx: SMatrix<T, K, K>,
    pub(crate) xy: SVector<T, K>,
    pub(crate) yy: T,
}

impl<T: Real, const K: usize> Equations<T, K> {
    /// Of the products for columns a ≤ b, the last with the number K.
    pub(crate) fn new(mut product: impl FnMut(usize, usize) -> T) -> Self {
        let mut equations = Self { xx: SMatrix::zeros(), xy: SVector::zeros(), yy: T::zero() };
        for b in 0..=K {
            for a in 0..=b {
                let Self { xx, xy, yy } = &mut equations;
                let place = if b < K { xx.get_mut((b, a)) } else { xy.get_mut(a) };
                *place.unwrap_or(yy) = product(a, b);
            }
        }
        equations
    }

    /// The factor of X̃ᵀX̃, and the solution.
    ///
    /// # Errors
    ///
    /// The first column of X̃ that depends on those before it.
    pub(crate) fn solve(&self) -> Result<(Cholesky<T, K>, SVector<T, K>), usize> {
        let cholesky = Cholesky::new(&self.xx)?;
        let beta = cholesky.solve(&self.xy);
        Ok((cholesky, beta))
    }

    /// eᵀe for e = ỹ − X̃β̃.
    #[inline(never)]
    pub(crate) fn quadratic(&self, beta: &SVector<T, K>) -> T {
        let mut sum = self.yy;
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
