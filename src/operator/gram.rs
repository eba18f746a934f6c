//! The Gram matrices XᵀX and XXᵀ.

use core::fmt;

use nalgebra::{Const, SMatrix};
use typenum::U0;

use crate::algebra::delegate::evaluate_by;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::operands::{visit_operand, write_operand};
use crate::algebra::shape::name::write_prefixed;
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, Theta};
use crate::base::arrays::filled;
use crate::base::dim::{Join, Trapezoidal};
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::semidefinite::SemidefiniteRoot;
use crate::operator::covariance_propagation::CovariancePropagation;
use crate::operator::transpose::Transpose;
use crate::structure::identity::IdentityMatrix;
use crate::structure::lower_triangular::LowerTriangularMatrix;
use crate::transform::Transform;

/// The Gram matrix XᵀX of the columns of X, which is symmetric and positive semi-definite.
///
/// The derivatives of XᵀX are ∂Xᵀ X + Xᵀ ∂X.
///
/// ```
/// use covprop::nalgebra::Matrix2;
/// use covprop::operator::Gram;
/// use covprop::prelude::*;
///
/// let v = Gram::new(matrix![1.0, 2.0; 0.0, 1.0; 1.0, 0.0]);
/// assert_eq!(v.value(&[]), Matrix2::new(2.0, 2.0, 2.0, 5.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gram<X> {
    x: X,
}

/// The outer Gram matrix XXᵀ of the rows of X, which is symmetric and positive semi-definite. For a
/// lower triangular X, XXᵀ is a covariance matrix parametrised by its Cholesky factor.
///
/// The derivatives of XXᵀ are ∂X Xᵀ + X ∂Xᵀ.
///
/// ```
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
///
/// let g = OuterGram::new(LowerTriangularMatrix::<2, 2>::new());
/// assert_eq!(g.value(&[1.0, 2.0, 3.0]), Matrix2::new(1.0, 2.0, 2.0, 13.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OuterGram<X> {
    pub(crate) x: X,
}

impl<X> Gram<X> {
    /// Creates XᵀX.
    #[must_use]
    pub const fn new(x: X) -> Self {
        Self { x }
    }

    /// Returns the Gram matrix XᵀX as the operator Xᵀ I X, where I is the identity.
    #[inline]
    const fn propagation<const R: usize>(
        &self,
    ) -> CovariancePropagation<Transpose<&X>, IdentityMatrix<R>> {
        CovariancePropagation { z: Transpose::new(&self.x), g: IdentityMatrix::new() }
    }
}

impl<X> OuterGram<X> {
    /// Creates XXᵀ.
    #[must_use]
    pub const fn new(x: X) -> Self {
        Self { x }
    }

    /// Returns the Gram matrix XXᵀ as the operator X I Xᵀ, where I is the identity.
    #[inline]
    const fn propagation<const C: usize>(&self) -> CovariancePropagation<&X, IdentityMatrix<C>> {
        CovariancePropagation { z: &self.x, g: IdentityMatrix::new() }
    }
}

impl<F: Transform, const N: usize> OuterGram<LowerTriangularMatrix<N, N, F>>
where
    Const<N>: Trapezoidal<Const<N>>,
{
    /// Returns the θ at which L Lᵀ equals a given covariance matrix V, except for rounding.
    ///
    /// V may be singular. L is the lower triangular matrix with V = L Lᵀ and no negative diagonal
    /// entry. If row i of the covariance matrix V = L Lᵀ is a linear combination of the previous
    /// rows, column i of L is zero.
    ///
    /// # Errors
    ///
    /// - [`Error::NotFinite`] with the first entry that is infinite or NaN
    /// - [`Error::NotSymmetric`] with the first entry that differs from its mirror image
    /// - [`Error::NotCovariance`] with the row that makes the matrix indefinite, and the reason
    /// - [`Error::NotPositiveDefinite`] with a row whose pivot is dominated by rounding errors
    /// - [`Error::OutsideCodomain`] with the first entry of L that its transform does not reach
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let g = OuterGram::new(LowerTriangularMatrix::<2, 2>::new());
    /// assert_eq!(g.theta_from_covariance(&matrix![4.0, -6.0; -6.0, 9.0])?, [2.0, -3.0, 0.0]);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    pub fn theta_from_covariance<T: Real>(
        &self,
        covariance: &SMatrix<T, N, N>,
    ) -> Result<Theta<LowerTriangularMatrix<N, N, F>, T>, Error> {
        let root = SemidefiniteRoot::new(covariance)?;
        let mut params =
            filled::<<LowerTriangularMatrix<N, N, F> as Shape>::ParamCount, T>(T::zero());
        let rows = root.rows.iter().zip(root.deviations).enumerate();
        // Adding 0 turns −0 into 0.
        let entries = rows
            .flat_map(|(i, (row, sd))| row.iter().take(i + 1).map(move |&u| u * sd + T::zero()));
        for (x, entry) in params.as_mut().iter_mut().zip(entries) {
            *x = entry;
        }
        self.x.theta_from_params(&params)
    }
}

impl<X> Shape for Gram<X>
where
    X: Shape<ParamCount: Join<U0, Output = X::ParamCount>>,
{
    type Rows = X::Cols;
    type Cols = X::Cols;
    type ParamCount = X::ParamCount;

    const SYMMETRIC: bool = true;
    const OPERANDS: usize = 1;

    fn defaults(&self) -> Theta<Self, f64> {
        self.x.defaults()
    }

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        self.x.scales(0.5 * degree, scales)
    }

    fn write_operands(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write_operand(&self.x, out)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write_prefixed(&self.x, 0, index, out)
    }
}

impl<T: Real, X, const R: usize, const C: usize> ParamMatrix<T, C, C> for Gram<X>
where
    X: ParamMatrix<T, R, C> + Shape<Rows = Const<R>, ParamCount: Join<U0, Output = X::ParamCount>>,
{
    evaluate_by!(C, C, |this| this.propagation::<R>());

    fn visit_operands<O: OperandVisitor<T>>(&self, theta: &Theta<Self, T>, visitor: &mut O) {
        visit_operand(&self.x, theta, visitor);
    }
}

impl<X> Shape for OuterGram<X>
where
    X: Shape<ParamCount: Join<U0, Output = X::ParamCount>>,
{
    type Rows = X::Rows;
    type Cols = X::Rows;
    type ParamCount = X::ParamCount;

    const SYMMETRIC: bool = true;
    const OPERANDS: usize = 1;

    fn defaults(&self) -> Theta<Self, f64> {
        self.x.defaults()
    }

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        self.x.scales(0.5 * degree, scales)
    }

    fn write_operands(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write_operand(&self.x, out)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write_prefixed(&self.x, 0, index, out)
    }
}

impl<T: Real, X, const R: usize, const C: usize> ParamMatrix<T, R, R> for OuterGram<X>
where
    X: ParamMatrix<T, R, C> + Shape<Cols = Const<C>, ParamCount: Join<U0, Output = X::ParamCount>>,
{
    evaluate_by!(R, R, |this| this.propagation::<C>());

    fn visit_operands<O: OperandVisitor<T>>(&self, theta: &Theta<Self, T>, visitor: &mut O) {
        visit_operand(&self.x, theta, visitor);
    }
}
