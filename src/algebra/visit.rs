//! The trait [`Visitor`], whose implementations receive the value and the derivatives of a matrix.
//!
//! A matrix implements its value and its derivatives once, in
//! [`ParamMatrix::visit`](crate::algebra::ParamMatrix::visit). Each evaluation, such as the value,
//! the gradient or the pullback, is a type of visitor. Results that a type of visitor does not need
//! are not computed, common terms are computed once, and large matrices are written directly to
//! their destination.

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
    /// `true` if the visitor needs the value. If `false`, a matrix may omit the call of
    /// [`value`](Self::value).
    const VALUE: bool;

    /// `true` if the visitor needs derivatives. If `false`, a matrix may omit the calls of
    /// [`derivative`](Self::derivative).
    const DERIVATIVES: bool;

    /// If `true`, the visitor needs the second derivatives of the matrix. If `false`, a matrix may
    /// omit the calls of [`second`](Self::second). Structures pass second derivatives to a visitor,
    /// whereas operators compute [`curvature`](crate::algebra::ParamMatrix::curvature) by a product
    /// rule.
    const SECOND: bool = false;

    /// Receives the value M(θ), which the callback `write` writes to its argument.
    fn value(&mut self, write: impl FnOnce(&mut SMatrix<T, R, C>));

    /// Receives the error for a value M(θ) that does not exist, such as the inverse of a singular
    /// matrix. A matrix that passes an error also passes its value, whose entries are NaN. By
    /// default, the error is ignored.
    #[inline]
    fn undefined(&mut self, error: Error) {
        let _ = error;
    }

    /// Receives the derivative ∂M/∂θₖ.
    fn derivative(&mut self, k: usize, derivative: Partial<'_, T, R, C>);

    /// Receives the derivative ∂M/∂θₖ as a callback `write`, which writes all entries of the
    /// derivative to its argument.
    #[inline]
    fn derivative_by(&mut self, k: usize, write: impl FnOnce(&mut SMatrix<T, R, C>)) {
        if Self::DERIVATIVES {
            let mut derivative = SMatrix::zeros();
            write(&mut derivative);
            self.derivative(k, Partial::Dense(&derivative));
        }
    }

    /// Receives a matrix X for which the value of the visited matrix is M(θ) = X Xᵀ. If the matrix
    /// passes derivatives as [`Partial::RowAndColumn`], column j of X is the vector with number j.
    /// By default, calls [`value`](Self::value) with the callback `write`, which writes M(θ).
    #[inline]
    fn value_of_root<const V: usize>(
        &mut self,
        root: &SMatrix<T, R, V>,
        write: impl FnOnce(&mut SMatrix<T, R, C>),
    ) {
        let _ = root;
        self.value(write);
    }

    /// Receives the second derivative ∂²M/∂θₖ∂θₗ, once for each unordered pair of k and l. If a
    /// matrix passes at least one second derivative, the second derivatives that the matrix does
    /// not pass are zero.
    #[inline]
    fn second(&mut self, k: usize, l: usize, derivative: Partial<'_, T, R, C>) {
        let _ = (k, l, derivative);
    }
}

/// A visitor that stores the value of a matrix.
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

/// A visitor that stores the derivatives of a matrix.
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

/// A visitor that stores the value and the derivatives of a matrix.
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

/// A visitor that calls a function for each derivative.
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

/// A visitor that calls a function for each second derivative. The field `offered` is `true` if the
/// visited matrix passed at least one second derivative.
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
