//! Cholesky factors and inverses of a matrix, computed from the factors and inverses of its parts.
//!
//! ```text
//! A ⊗ B = (L_A ⊗ L_B)(L_A ⊗ L_B)ᵀ              (A ⊗ B)⁻¹ = A⁻¹ ⊗ B⁻¹
//! diag(A, B) = diag(L_A, L_B) diag(L_A, L_B)ᵀ      diag(A, B)⁻¹ = diag(A⁻¹, B⁻¹)
//! ```
//!
//! Factoring an N×N matrix needs about N³ operations, whereas factoring its parts needs only the
//! sum of the cubes of their sizes (Golub & Van Loan 2013, Matrix Computations, 12.3).

use core::any::Any;

use nalgebra::SMatrix;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Theta;
use crate::base::scalar::Real;
use crate::linalg::cholesky::Cholesky;

/// The lower triangular factor L and the inverse of a positive definite matrix M = L Lᵀ; see
/// [`ParamMatrix::factored`].
///
/// Every matrix that can be factored is square: its number of rows R equals its number of columns
/// C. The type `Factored` has the number of rows R and the number of columns C because
/// [`ParamMatrix::factored`] is a method of matrices of any shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factored<T, const R: usize, const C: usize> {
    /// The factor L.
    pub root: SMatrix<T, R, C>,
    /// The inverse M⁻¹.
    pub inverse: SMatrix<T, R, C>,
}

impl<T: Real, const R: usize, const C: usize> Factored<T, R, C> {
    /// Computes the Cholesky factor and the inverse of a part of a matrix. If the part consists of
    /// smaller parts that are factored separately, combines their factors. Returns `None` unless
    /// the part is square and positive definite.
    pub(crate) fn of<M>(part: &M, theta: &Theta<M, T>) -> Option<Self>
    where
        M: ParamMatrix<T, R, C>,
    {
        if let Some(factored) = part.factored(theta) {
            return Some(factored);
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
