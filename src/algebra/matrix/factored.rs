//! Factors of a matrix by those of its parts.
//!
//! ```text
//! A ⊗ B = (L_A ⊗ L_B)(L_A ⊗ L_B)ᵀ              (A ⊗ B)⁻¹ = A⁻¹ ⊗ B⁻¹
//! diag(A, B) = diag(L_A, L_B) diag(L_A, L_B)ᵀ      diag(A, B)⁻¹ = diag(A⁻¹, B⁻¹)
//! ```
//!
//! What costs N³ for the whole costs the cubes of the parts (Golub & Van Loan 2013, Matrix
//! Computations, 12.3).

use core::any::Any;

use nalgebra::SMatrix;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Theta;
use crate::base::scalar::Real;
use crate::linalg::cholesky::Cholesky;

/// L and M⁻¹ of a square matrix M = L Lᵀ.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Apart<T, const R: usize, const C: usize> {
    pub(crate) root: SMatrix<T, R, C>,
    pub(crate) inverse: SMatrix<T, R, C>,
}

impl<T: Real, const R: usize, const C: usize> Apart<T, R, C> {
    /// Factors a part, by its own parts where it has some. Returns `None` unless it is square and
    /// positive definite.
    pub(crate) fn of<M>(part: &M, theta: &Theta<M, T>) -> Option<Self>
    where
        M: ParamMatrix<T, R, C>,
    {
        if let Some(apart) = part.factor_apart(theta, |apart| *apart) {
            return Some(apart);
        }
        let value = part.value(theta);
        let value = (&value as &dyn Any).downcast_ref::<SMatrix<T, R, R>>()?;
        let cholesky = Cholesky::new(value).ok()?;
        let (root, inverse) = (cholesky.root(), cholesky.inverse());
        let root = (&root as &dyn Any).downcast_ref()?;
        let inverse = (&inverse as &dyn Any).downcast_ref()?;
        Some(Self { root: *root, inverse: *inverse })
    }
}
