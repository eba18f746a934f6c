//! Evaluation as a visit: a matrix offers its value and its derivatives, a [`Visitor`] takes what
//! it wants, where it wants it.
//!
//! Every matrix says once what it is, in
//! [`ParamMatrix::visit`](crate::algebra::ParamMatrix::visit). Which of value, gradient, pullback …
//! is asked for is a type, so that what is not wanted is not computed, what is shared is computed
//! once, and what is large is written where it belongs.

pub(crate) mod operand;

use nalgebra::SMatrix;

use crate::algebra::derivative::Partial;
use crate::base::error::Error;
use crate::base::scalar::Real;

/// A visitor of the value and the derivatives of an R×C matrix.
///
/// ```
/// use covprop::algebra::Partial;
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
///
/// /// The traces of two derivatives.
/// struct Traces([f64; 2]);
///
/// impl Visitor<f64, 2, 2> for Traces {
///     const VALUE: bool = false;
///     const DERIVATIVES: bool = true;
///
///     fn value(&mut self, _: impl FnOnce(&mut Matrix2<f64>)) {}
///     fn derivative(&mut self, k: usize, derivative: Partial<'_, f64, 2, 2>) {
///         self.0[k] = derivative.dot(&Matrix2::identity());
///     }
/// }
///
/// let v = CompoundSymmetricMatrix::<2>::new().with_transforms(Identity, Identity);
/// let mut traces = Traces([0.0; 2]);
/// v.visit(&[4.0, 0.5], &mut traces);
/// assert_eq!(traces.0, [2.0, 0.0]); // of [1, ρ; ρ, 1] and [0, σ²; σ², 0]
/// ```
pub trait Visitor<T: Real, const R: usize, const C: usize> {
    /// `true` if the value is wanted; if not, it need not be offered.
    const VALUE: bool;

    /// `true` if derivatives are wanted; if not, they need not be offered.
    const DERIVATIVES: bool;

    /// `true` if second derivatives are wanted; if not, they need not be offered. Structures offer
    /// them; operators answer [`curvature`](crate::algebra::ParamMatrix::curvature) by their own
    /// product rule.
    const SECOND: bool = false;

    /// Takes M(θ), which `write` writes.
    fn value(&mut self, write: impl FnOnce(&mut SMatrix<T, R, C>));

    /// Takes the error of an M(θ) that does not exist, such as the inverse of a singular matrix. The
    /// value of such a matrix, which is NaN, is offered too. By default ignores the error.
    #[inline]
    fn undefined(&mut self, error: Error) {
        let _ = error;
    }

    /// Takes ∂M/∂θₖ.
    fn derivative(&mut self, k: usize, derivative: Partial<'_, T, R, C>);

    /// Takes ∂M/∂θₖ, which `write` writes: all entries of its argument.
    #[inline]
    fn derivative_by(&mut self, k: usize, write: impl FnOnce(&mut SMatrix<T, R, C>)) {
        if Self::DERIVATIVES {
            let mut derivative = SMatrix::zeros();
            write(&mut derivative);
            self.derivative(k, Partial::Dense(&derivative));
        }
    }

    /// Takes M(θ) = X Xᵀ for a root X. By default takes M(θ), which `write` writes.
    #[inline]
    fn value_of_root<const V: usize>(
        &mut self,
        root: &SMatrix<T, R, V>,
        write: impl FnOnce(&mut SMatrix<T, R, C>),
    ) {
        let _ = root;
        self.value(write);
    }

    /// Takes ∂²M/∂θₖ∂θₗ, once for each unordered pair. If any is offered, those that are not are
    /// zero.
    #[inline]
    fn second(&mut self, k: usize, l: usize, derivative: Partial<'_, T, R, C>) {
        let _ = (k, l, derivative);
    }
}

/// Takes the value.
pub(crate) struct IntoValue<'a, M>(pub(crate) &'a mut M);

impl<T: Real, const R: usize, const C: usize> Visitor<T, R, C> for IntoValue<'_, SMatrix<T, R, C>> {
    const VALUE: bool = true;
    const DERIVATIVES: bool = false;

    #[inline]
    fn value(&mut self, write: impl FnOnce(&mut SMatrix<T, R, C>)) {
        write(self.0);
    }

    #[inline]
    fn derivative(&mut self, _: usize, _: Partial<'_, T, R, C>) {}
}

/// Takes the derivatives.
pub(crate) struct IntoGradient<'a, M>(pub(crate) &'a mut [M]);

impl<T: Real, const R: usize, const C: usize> Visitor<T, R, C>
    for IntoGradient<'_, SMatrix<T, R, C>>
{
    const VALUE: bool = false;
    const DERIVATIVES: bool = true;

    #[inline]
    fn value(&mut self, _: impl FnOnce(&mut SMatrix<T, R, C>)) {}

    #[inline]
    fn derivative(&mut self, k: usize, derivative: Partial<'_, T, R, C>) {
        self.derivative_by(k, |out| derivative.write(out));
    }

    #[inline]
    fn derivative_by(&mut self, k: usize, write: impl FnOnce(&mut SMatrix<T, R, C>)) {
        if let Some(out) = self.0.get_mut(k) {
            write(out);
        }
    }
}

/// Takes both.
pub(crate) struct IntoBoth<'a, M> {
    pub(crate) value: &'a mut M,
    pub(crate) gradient: &'a mut [M],
}

impl<T: Real, const R: usize, const C: usize> Visitor<T, R, C> for IntoBoth<'_, SMatrix<T, R, C>> {
    const VALUE: bool = true;
    const DERIVATIVES: bool = true;

    #[inline]
    fn value(&mut self, write: impl FnOnce(&mut SMatrix<T, R, C>)) {
        write(self.value);
    }

    #[inline]
    fn derivative(&mut self, k: usize, derivative: Partial<'_, T, R, C>) {
        IntoGradient(self.gradient).derivative(k, derivative);
    }

    #[inline]
    fn derivative_by(&mut self, k: usize, write: impl FnOnce(&mut SMatrix<T, R, C>)) {
        IntoGradient(self.gradient).derivative_by(k, write);
    }
}

/// Calls a function for each derivative.
pub(crate) struct EachDerivative<F>(pub(crate) F);

impl<T: Real, F, const R: usize, const C: usize> Visitor<T, R, C> for EachDerivative<F>
where
    F: FnMut(usize, Partial<'_, T, R, C>),
{
    const VALUE: bool = false;
    const DERIVATIVES: bool = true;

    #[inline]
    fn value(&mut self, _: impl FnOnce(&mut SMatrix<T, R, C>)) {}

    #[inline]
    fn derivative(&mut self, k: usize, derivative: Partial<'_, T, R, C>) {
        (self.0)(k, derivative);
    }
}

/// Calls a function for each second derivative, and knows whether there was one.
pub(crate) struct EachSecond<F> {
    pub(crate) f: F,
    pub(crate) offered: bool,
}

impl<T: Real, F, const R: usize, const C: usize> Visitor<T, R, C> for EachSecond<F>
where
    F: FnMut(usize, usize, Partial<'_, T, R, C>),
{
    const VALUE: bool = false;
    const DERIVATIVES: bool = false;
    const SECOND: bool = true;

    #[inline]
    fn value(&mut self, _: impl FnOnce(&mut SMatrix<T, R, C>)) {}

    #[inline]
    fn derivative(&mut self, _: usize, _: Partial<'_, T, R, C>) {}

    #[expect(
        clippy::inline_always,
        reason = "differences are not linked where it is seen to be called"
    )]
    #[inline(always)]
    fn second(&mut self, k: usize, l: usize, derivative: Partial<'_, T, R, C>) {
        self.offered = true;
        (self.f)(k, l, derivative);
    }
}
