//! Visitors that an operator uses to visit its operands.

use nalgebra::SMatrix;

use crate::algebra::derivative::Partial;
use crate::algebra::visit::Visitor;
use crate::base::error::Error;
use crate::base::scalar::Real;

/// A visitor of an operand of an R×C operator. The visitor stores the value of the operand, and
/// passes a derivative of the operator to `outer` for each derivative of the operand.
///
/// The callback `write` computes a derivative of the operator from a derivative of the operand. It
/// must be created by a function that is not generic over the visitor. The type of a closure
/// contains all generic types of its function, so that otherwise the type of the visitor doubles at
/// each level of an expression.
pub(crate) struct OfOperand<'a, V, M, F, const R: usize, const C: usize> {
    outer: &'a mut V,
    value: &'a mut M,
    write: F,
}

impl<'a, V, M, F, const R: usize, const C: usize> OfOperand<'a, V, M, F, R, C> {
    /// Creates a visitor that writes the value of the operand to `value`.
    pub(crate) fn new<T: Real, const A: usize, const B: usize>(
        outer: &'a mut V,
        value: &'a mut M,
        write: F,
    ) -> Self
    where
        V: Visitor<T, R, C>,
        F: Fn(&Partial<'_, T, A, B>, &mut SMatrix<T, R, C>),
    {
        Self { outer, value, write }
    }
}

impl<T, V, F, const A: usize, const B: usize, const R: usize, const C: usize> Visitor<T, A, B>
    for OfOperand<'_, V, SMatrix<T, A, B>, F, R, C>
where
    T: Real,
    V: Visitor<T, R, C>,
    F: Fn(&Partial<'_, T, A, B>, &mut SMatrix<T, R, C>),
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
            self.outer.derivative_by(k, |out| (self.write)(&derivative, out));
        }
    }
}

/// A visitor of the second operand of an R×C operator. The visitor passes a derivative of the
/// operator to `outer` for each derivative of the operand, with `first` added to each parameter
/// index. The callback `write` is that of [`OfOperand`].
pub(crate) struct OfSecondOperand<'a, V, F, const R: usize, const C: usize> {
    outer: &'a mut V,
    first: usize,
    write: F,
}

impl<'a, V, F, const R: usize, const C: usize> OfSecondOperand<'a, V, F, R, C> {
    pub(crate) fn new<T: Real, const A: usize, const B: usize>(
        outer: &'a mut V,
        first: usize,
        write: F,
    ) -> Self
    where
        V: Visitor<T, R, C>,
        F: Fn(&Partial<'_, T, A, B>, &mut SMatrix<T, R, C>),
    {
        Self { outer, first, write }
    }
}

impl<T, V, F, const A: usize, const B: usize, const R: usize, const C: usize> Visitor<T, A, B>
    for OfSecondOperand<'_, V, F, R, C>
where
    T: Real,
    V: Visitor<T, R, C>,
    F: Fn(&Partial<'_, T, A, B>, &mut SMatrix<T, R, C>),
{
    const VALUE: bool = false;
    const DERIVATIVES: bool = V::DERIVATIVES;

    #[inline]
    fn value(&mut self, _: impl FnOnce(&mut SMatrix<T, A, B>)) {}

    #[inline]
    fn derivative(&mut self, k: usize, derivative: Partial<'_, T, A, B>) {
        self.outer.derivative_by(self.first + k, |out| (self.write)(&derivative, out));
    }
}

/// A visitor of a term of a sum. The visitor stores the value of one term of a sum. It passes the
/// derivatives of the term to `outer`, the visitor of the sum, with `first` added to each parameter
/// index.
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
            // Each term numbers its vectors independently, so the numbers of later terms are
            // dropped.
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

/// A visitor that passes on the value of a matrix and ignores the derivatives.
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
