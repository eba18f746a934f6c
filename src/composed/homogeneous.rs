//! The covariance σ² R: a correlation matrix R with a common variance.

use core::fmt;

use nalgebra::Const;
use typenum::U1;

use crate::algebra::delegate::evaluate_by;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::expression::write_wrapped;
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, Theta};
use crate::base::dim::{Extent, Join};
use crate::base::scalar::Real;
use crate::operator::hadamard::HadamardProduct;
use crate::structure::equal_entry::EqualEntryMatrix;
use crate::transform::Transform;
use crate::transform::exponential::ExpPow2;

/// The N×N covariance σ² R of variables with the correlation matrix R(θ) and a common variance.
///
/// The parameters are the variance `sigma^2`, by default σ² = e²ˣ for an element x of θ, followed
/// by the parameters of the correlation matrix R under the names that they have in R. The matrix is
/// evaluated as the Hadamard product of R and a matrix whose entries are all σ².
///
/// ```
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
/// use covprop::structure::{EquicorrelationMatrix, HomogeneousMatrix};
///
/// let r = EquicorrelationMatrix::<2>::new().with_transform(Identity);
/// let v = HomogeneousMatrix::<2, _>::from_correlation(r).with_transform(Identity);
/// assert_eq!(v.value(&[4.0, 0.5]), Matrix2::new(4.0, 2.0, 2.0, 4.0));
/// assert!(v.param_names().eq(["sigma^2", "rho"]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HomogeneousMatrix<const N: usize, R, F = ExpPow2> {
    variance: EqualEntryMatrix<N, N, F>,
    correlation: R,
}

impl<const N: usize, R> HomogeneousMatrix<N, R> {
    /// Creates σ² R with σ² = e²ˣ.
    #[must_use]
    pub const fn from_correlation(correlation: R) -> Self
    where
        R: Extent<Size = (Const<N>, Const<N>)>,
    {
        Self::of_any(correlation)
    }

    /// Creates the covariance σ² R of N variables from an N×N correlation matrix R.
    pub(super) const fn of_any(correlation: R) -> Self {
        Self { variance: EqualEntryMatrix::new(), correlation }
    }

    /// Returns this matrix with another transform from the free parameter x to the variance σ².
    #[must_use]
    pub const fn with_transform<F: Transform>(self, transform: F) -> HomogeneousMatrix<N, R, F>
    where
        R: Copy,
    {
        let variance = EqualEntryMatrix::new().with_transform(transform);
        HomogeneousMatrix { variance, correlation: self.correlation }
    }
}

impl<const N: usize, R> Default for HomogeneousMatrix<N, R>
where
    R: Default + Extent<Size = (Const<N>, Const<N>)>,
{
    fn default() -> Self {
        Self::from_correlation(R::default())
    }
}

impl<const N: usize, R, F> HomogeneousMatrix<N, R, F>
where
    R: Extent<Size = (Const<N>, Const<N>)>,
{
    /// Returns the covariance σ² R as the Hadamard (entry by entry) product of σ² J and R, where J
    /// is the matrix of ones.
    #[inline]
    const fn composition(&self) -> HadamardProduct<&EqualEntryMatrix<N, N, F>, &R> {
        HadamardProduct { a: &self.variance, b: &self.correlation }
    }
}

impl<const N: usize, R, F> Shape for HomogeneousMatrix<N, R, F>
where
    R: Shape,
    U1: Join<R::ParamCount>,
{
    type Rows = Const<N>;
    type Cols = Const<N>;
    type ParamCount = <U1 as Join<R::ParamCount>>::Output;

    const SYMMETRIC: bool = R::SYMMETRIC;

    fn defaults(&self) -> Theta<Self, f64> {
        U1::concat(self.variance.defaults(), self.correlation.defaults())
    }

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        let (variance, of_correlation) = Scale::split::<U1>(scales);
        variance.fill(Scale::new(degree, 1.0));
        self.correlation.scales(0.0, of_correlation)
    }

    fn write_expression(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write_wrapped(self, &self.correlation, out)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        match index.checked_sub(1) {
            None => out.write_str("sigma^2"),
            Some(index) => self.correlation.write_param_name(index, out),
        }
    }
}

impl<T, R, F, const N: usize> ParamMatrix<T, N, N> for HomogeneousMatrix<N, R, F>
where
    T: Real,
    R: ParamMatrix<T, N, N>,
    F: Transform,
    U1: Join<R::ParamCount>,
{
    evaluate_by!(N, N, |this| this.composition());
}
