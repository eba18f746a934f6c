//! Fixed matrices, which are the matrices of nalgebra.

use core::fmt;

use nalgebra::{Const, SMatrix};
use typenum::U0;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::scalar::Real;

/// A matrix of nalgebra is a fixed matrix, which has no parameters and a gradient of length 0.
impl<T, const R: usize, const C: usize> Shape for SMatrix<T, R, C> {
    type Rows = Const<R>;
    type Cols = Const<C>;
    type ParamCount = U0;

    fn write_expression(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "SMatrix {R}×{C}")
    }
}

impl<T: Real, const R: usize, const C: usize> ParamMatrix<T, R, C> for SMatrix<T, R, C> {
    #[inline]
    fn value(&self, _: &[T; 0]) -> SMatrix<T, R, C> {
        *self
    }

    #[inline]
    fn gradient(&self, _: &[T; 0]) -> [SMatrix<T, R, C>; 0] {
        []
    }
}
