//! Functions that the default bodies of [`ParamMatrix`] and its implementations share.

use core::fmt;

use hybrid_array::ArraySize;
use nalgebra::SMatrix;

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::shape::{Gradient, PerParam, Shape, Theta};
use crate::algebra::visit::{EachDerivative, IntoGradient, IntoValue, Visitor};
use crate::base::arrays::{filled, tabulate};
use crate::base::error::Error;
use crate::base::error::number::Number;
use crate::base::error::text::Text;
use crate::base::finite::finite;
use crate::base::scalar::Real;

/// Passes second derivatives to a visitor, computed as central differences of the gradient.
pub(crate) fn visit_differences<M, T, V, const R: usize, const C: usize>(
    matrix: &M,
    theta: &Theta<M, T>,
    visitor: &mut V,
) where
    T: Real,
    M: ParamMatrix<T, R, C> + ?Sized,
    V: Visitor<T, R, C>,
{
    for_each_shift::<M::ParamCount, T>(theta, |l, above, below, width| {
        let (above, below) = (matrix.gradient(above), matrix.gradient(below));
        let pairs = above.as_ref().iter().zip(below.as_ref()).enumerate();
        for (k, (above, below)) in pairs.take(l + 1) {
            visitor.second(k, l, Partial::Dense(&((above - below) / width)));
        }
    });
}

/// Returns one result for each parameter. Each result is initialised to `start`, and the callback
/// `f` updates it from the derivative with respect to the parameter.
#[inline]
pub(crate) fn collect<M, T, const R: usize, const C: usize, E: Copy>(
    matrix: &M,
    theta: &Theta<M, T>,
    start: E,
    f: impl Fn(Partial<'_, T, R, C>, &mut E),
) -> PerParam<M, E>
where
    T: Real,
    M: ParamMatrix<T, R, C> + ?Sized,
{
    let mut results = filled::<M::ParamCount, E>(start);
    let slots = results.as_mut();
    let each = |k: usize, derivative: Partial<'_, T, R, C>| {
        if let Some(slot) = slots.get_mut(k) {
            f(derivative, slot);
        }
    };
    matrix.visit(theta, &mut EachDerivative(each));
    results
}

/// Returns M(θ) if all entries of the matrix and of its operands are finite.
pub(crate) fn checked_value<M, T, const R: usize, const C: usize>(
    matrix: &M,
    theta: &Theta<M, T>,
) -> Result<SMatrix<T, R, C>, Error>
where
    T: Real,
    M: ParamMatrix<T, R, C> + ?Sized,
{
    let mut operands = Operands { checked: Ok(()) };
    matrix.visit_operands(theta, &mut operands);
    operands.checked?;
    let mut whole = Whole { value: SMatrix::zeros(), defined: Ok(()) };
    matrix.visit(theta, &mut whole);
    whole.defined?;
    finite(whole.value)
}

/// A visitor that checks that the values of the operands of an operator are finite, and stores the
/// first error.
struct Operands {
    checked: Result<(), Error>,
}

impl<T: Real> OperandVisitor<T> for Operands {
    fn operand<M, const R: usize, const C: usize>(
        &mut self,
        _: &dyn fmt::Display,
        matrix: &M,
        theta: &Theta<M, T>,
    ) where
        M: ParamMatrix<T, R, C>,
    {
        if self.checked.is_ok() {
            self.checked = checked_value(matrix, theta).map(|_| ());
        }
    }
}

/// A visitor that stores the value of a matrix, and the error if the value does not exist.
struct Whole<M> {
    value: M,
    defined: Result<(), Error>,
}

impl<T: Real, const R: usize, const C: usize> Visitor<T, R, C> for Whole<SMatrix<T, R, C>> {
    const VALUE: bool = true;
    const DERIVATIVES: bool = false;

    fn value(&mut self, write: impl FnOnce(&mut SMatrix<T, R, C>)) {
        write(&mut self.value);
    }

    fn undefined(&mut self, error: Error) {
        self.defined = Err(error);
    }

    fn derivative(&mut self, _: usize, _: Partial<'_, T, R, C>) {}
}

/// Implements [`ParamMatrix::value`] for a matrix that overrides [`ParamMatrix::visit`].
#[inline]
pub(crate) fn value_by_visit<M, T, const R: usize, const C: usize>(
    matrix: &M,
    theta: &Theta<M, T>,
) -> SMatrix<T, R, C>
where
    T: Real,
    M: ParamMatrix<T, R, C>,
{
    let mut value = SMatrix::zeros();
    matrix.visit(theta, &mut IntoValue(&mut value));
    value
}

/// Calls `f` for each derivative of a matrix.
///
/// This function is compiled once for each type of matrix, while
/// [`for_each_derivative`](crate::algebra::ParamMatrixExt::for_each_derivative) is compiled once
/// for each callback. Callers use this function if they need the derivatives only once in a fit.
#[inline(never)]
pub(crate) fn each_derivative<T, M, const R: usize, const C: usize>(
    matrix: &M,
    theta: &Theta<M, T>,
    f: &mut dyn FnMut(usize, Partial<'_, T, R, C>),
) where
    T: Real,
    M: ParamMatrix<T, R, C>,
{
    matrix.visit(theta, &mut EachDerivative(f));
}

/// Writes the sum Σₖ fₖ ∂M/∂θₖ, where the callback `factor` returns fₖ. Derivatives for which the
/// callback returns `None` are omitted.
pub(crate) fn write_combination<T, M, const R: usize, const C: usize>(
    matrix: &M,
    theta: &Theta<M, T>,
    factor: impl Fn(usize) -> Option<T>,
    out: &mut SMatrix<T, R, C>,
) where
    T: Real,
    M: ParamMatrix<T, R, C>,
{
    out.fill(T::zero());
    let add = |k: usize, derivative: Partial<'_, T, R, C>| {
        let Some(factor) = factor(k) else { return };
        derivative.each(|i, j, x| {
            if let Some(out) = out.get_mut((i, j)) {
                *out += x * factor;
            }
        });
    };
    matrix.visit(theta, &mut EachDerivative(add));
}

/// Implements [`ParamMatrix::gradient`] for a matrix that overrides [`ParamMatrix::visit`].
#[inline]
pub(crate) fn gradient_by_visit<M, T, const R: usize, const C: usize>(
    matrix: &M,
    theta: &Theta<M, T>,
) -> Gradient<M, T, R, C>
where
    T: Real,
    M: ParamMatrix<T, R, C>,
{
    let mut gradient = filled::<M::ParamCount, _>(SMatrix::zeros());
    matrix.visit(theta, &mut IntoGradient(gradient.as_mut()));
    gradient
}

/// Calls `f` once for each element xₖ of a vector x, with the arguments for a central difference:
/// k, the vector x with h added to xₖ, the vector x with h subtracted from xₖ, and 2h. The step for
/// the element xₖ is h = ε^⅓ max(1, |xₖ|), where ε is the machine epsilon, so that the relative
/// error of central differences is about ε^⅔. Infinite elements of x are skipped, because a
/// derivative with respect to a parameter at an infinite limit is not needed.
pub(crate) fn for_each_shift<P: ArraySize, T: Real>(
    x: &P::ArrayType<T>,
    mut f: impl FnMut(usize, &P::ArrayType<T>, &P::ArrayType<T>, T),
) {
    let x = x.as_ref();
    for k in (0..x.len()).filter(|&k| x[k].is_finite()) {
        let h = T::default_epsilon().cbrt() * x[k].abs().max(T::one());
        let at =
            |shift| tabulate::<P, T>(T::zero(), |l| if l == k { x[l] + shift } else { x[l] }).0;
        f(k, &at(h), &at(-h), h + h);
    }
}

/// Returns the θ that corresponds to given parameters on their natural scale. The callback `solve`
/// converts the natural-scale value of one parameter to an element of θ, by the visitor
/// [`Solved`](crate::transform::Solved).
pub(crate) fn solve_params<M: Shape, T: Real>(
    model: &M,
    params: &Theta<M, T>,
    solve: impl Fn(usize, T) -> Result<T, [T; 2]>,
) -> Result<Theta<M, T>, Error> {
    let mut theta = filled::<M::ParamCount, T>(T::zero());
    for (k, (theta, &param)) in theta.as_mut().iter_mut().zip(params.as_ref()).enumerate() {
        *theta = solve(k, param).map_err(|bounds| outside_codomain(model, k, param, bounds))?;
    }
    Ok(theta)
}

/// Returns the error for a natural-scale value that parameter `k` cannot have, such as a negative
/// variance.
#[cold]
pub(crate) fn outside_codomain<M: Shape, T: Real>(
    model: &M,
    k: usize,
    value: T,
    bounds: [T; 2],
) -> Error {
    let name = Text::of_param(model, k);
    Error::OutsideCodomain { name, value: Number::of(value), bounds: bounds.map(Number::of) }
}
