//! Visits of the operands of an operator, in the name of what visits the operator.

use nalgebra::SMatrix;

use crate::algebra::derivative::Partial;
use crate::algebra::visit::Visitor;
use crate::base::error::Error;
use crate::base::scalar::Real;

/// Visits an operand of an operator that `outer` visits: keeps the operand's value, and makes each
/// of its derivatives one of the operator, which is R×C.
pub(crate) struct OfOperand<'a, V, M, F, const R: usize, const C: usize> {
    outer: &'a mut V,
    value: &'a mut M,
    derivative: F,
}

impl<'a, V, M, F, const R: usize, const C: usize> OfOperand<'a, V, M, F, R, C> {
    /// The value goes to `value`; `derivative` hands the operator's derivative to `outer`, given
    /// the operand's.
    pub(crate) fn new<T: Real, const A: usize, const B: usize>(
        outer: &'a mut V,
        value: &'a mut M,
        derivative: F,
    ) -> Self
    where
        V: Visitor<T, R, C>,
        F: FnMut(&mut V, usize, Partial<'_, T, A, B>),
    {
        Self { outer, value, derivative }
    }
}

impl<T, V, F, const A: usize, const B: usize, const R: usize, const C: usize> Visitor<T, A, B>
    for OfOperand<'_, V, SMatrix<T, A, B>, F, R, C>
where
    T: Real,
    V: Visitor<T, R, C>,
    F: FnMut(&mut V, usize, Partial<'_, T, A, B>),
{
    const VALUE: bool = true;
    const DERIVATIVES: bool = V::DERIVATIVES;

    #[inline]
    fn value(&mut self, write: impl FnOnce(&mut SMatrix<T, A, B>)) {
        write(self.value);
    }

    #[inline]
    fn derivative(&mut self, k: usize, derivative: Partial<'_, T, A, B>) {
        if V::DERIVATIVES {
            (self.derivative)(self.outer, k, derivative);
        }
    }
}

/// Visits a term of a sum that `outer` visits: keeps the term's value, and passes its derivatives
/// on as the operator's, from parameter `first` on.
pub(crate) struct OfTerm<'a, V, M> {
    pub(crate) outer: &'a mut V,
    pub(crate) value: &'a mut M,
    pub(crate) first: usize,
}

impl<T, V, const R: usize, const C: usize> Visitor<T, R, C> for OfTerm<'_, V, SMatrix<T, R, C>>
where
    T: Real,
    V: Visitor<T, R, C>,
{
    const VALUE: bool = V::VALUE;
    const DERIVATIVES: bool = V::DERIVATIVES;

    #[inline]
    fn value(&mut self, write: impl FnOnce(&mut SMatrix<T, R, C>)) {
        if V::VALUE {
            write(self.value);
        }
    }

    #[inline]
    fn derivative(&mut self, k: usize, derivative: Partial<'_, T, R, C>) {
        let derivative = match derivative {
            // Terms number their vectors independently of each other.
            Partial::RowAndColumn { row, vector, value, .. } if self.first > 0 => {
                Partial::RowAndColumn { row, vector, value, number: None }
            }
            derivative => derivative,
        };
        self.outer.derivative(self.first + k, derivative);
    }

    #[inline]
    fn derivative_by(&mut self, k: usize, write: impl FnOnce(&mut SMatrix<T, R, C>)) {
        self.outer.derivative_by(self.first + k, write);
    }
}

/// Passes on the value of a matrix, and none of its derivatives.
pub(crate) struct ValueOf<'a, V>(pub(crate) &'a mut V);

impl<T, V, const R: usize, const C: usize> Visitor<T, R, C> for ValueOf<'_, V>
where
    T: Real,
    V: Visitor<T, R, C>,
{
    const VALUE: bool = V::VALUE;
    const DERIVATIVES: bool = false;

    #[inline]
    fn value(&mut self, write: impl FnOnce(&mut SMatrix<T, R, C>)) {
        self.0.value(write);
    }

    #[inline]
    fn undefined(&mut self, error: Error) {
        self.0.undefined(error);
    }

    #[inline]
    fn derivative(&mut self, _: usize, _: Partial<'_, T, R, C>) {}
}
