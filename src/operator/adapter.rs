//! The smooth reparametrisation M(f(θ)) of a matrix M.

use core::fmt;

use nalgebra::{SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, write_combination};
use crate::algebra::matrix::factored::Factored;
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::shape::expression::write_wrapped;
use crate::algebra::shape::{Curvature, Gradient, PerParam, Shape, SparsityPattern, Theta};
use crate::algebra::visit::Visitor;
use crate::algebra::visit::operand::ValueOf;
use crate::base::arrays::{filled, mirror_rows};
use crate::base::scalar::Real;
use crate::operator::smooth_map::{MapsTo, SmoothMap};

/// The matrix M(f(θ)): a matrix M as a function of other parameters, through a smooth map f.
///
/// ```text
/// ∂(M∘f)/∂θₖ = Σ_p ∂M/∂x_p ∂f_p/∂θₖ
/// ```
///
/// To fix or tie parameters, use the simpler [`Constrained`](crate::operator::Constrained). For a
/// reparametrisation that this crate does not provide, implement [`SmoothMap`].
///
/// ```
/// use covprop::nalgebra::Matrix2;
/// use covprop::operator::{Adapter, AffineMap};
/// use covprop::prelude::*;
///
/// // one parameter: the second standard deviation is twice the first
/// let twice = AffineMap::new([[1.0], [1.0]], [0.0, 2.0_f64.ln()]);
/// let v = Adapter::new(DiagonalMatrix::<2>::new(), twice);
/// assert!((v.value(&[0.0]) - Matrix2::new(1.0, 0.0, 0.0, 4.0)).norm() < 1e-14);
/// let [by_log_sd] = v.gradient(&[0.0]);
/// assert!((by_log_sd - Matrix2::new(2.0, 0.0, 0.0, 8.0)).norm() < 1e-14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adapter<M, F> {
    inner: M,
    map: F,
}

impl<M, F> Adapter<M, F> {
    /// Creates M(f(θ)).
    #[must_use]
    pub const fn new(inner: M, map: F) -> Self
    where
        M: Shape,
        F: MapsTo<Outputs = PerParam<M, ()>>,
    {
        Self { inner, map }
    }
}

impl<M, F> Shape for Adapter<M, F>
where
    M: Shape,
    F: SmoothMap<OutputCount = M::ParamCount>,
{
    type Rows = M::Rows;
    type Cols = M::Cols;
    type ParamCount = F::InputCount;

    const SYMMETRIC: bool = M::SYMMETRIC;
    const SPARSITY: SparsityPattern = M::SPARSITY;

    #[inline]
    fn column(&self, row: usize) -> usize {
        self.inner.column(row)
    }

    fn operand_name(&self) -> Option<&'static str> {
        self.inner.operand_name()
    }

    fn defaults(&self) -> Theta<Self, f64> {
        self.map.defaults()
    }

    fn write_expression(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write_wrapped(self, &self.inner, out)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        self.map.write_param_name(index, out)
    }
}

impl<T: Real, M, F, const R: usize, const C: usize> ParamMatrix<T, R, C> for Adapter<M, F>
where
    M: ParamMatrix<T, R, C>,
    F: SmoothMap<OutputCount = M::ParamCount>,
{
    #[inline]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, R, C> {
        self.inner.value(&self.map.map(theta))
    }

    #[inline]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, R, C> {
        gradient_by_visit(self, theta)
    }

    fn visit_operands<O: OperandVisitor<T>>(&self, theta: &Theta<Self, T>, visitor: &mut O) {
        self.inner.visit_operands(&self.map.map(theta), visitor);
    }

    fn visit<V: Visitor<T, R, C>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        let x = self.map.map(theta);
        if V::DERIVATIVES {
            let jacobian = self.map.jacobian(theta);
            for k in 0..theta.as_ref().len() {
                visitor
                    .derivative_by(k, |out| self.write_derivative(&x, jacobian.as_ref(), k, out));
            }
        }
        if V::VALUE {
            self.inner.visit(&x, &mut ValueOf(visitor));
        }
    }

    /// Computes the gradient of ⟨W, M(f(θ))⟩ with respect to θ, for a weight matrix W, as Jᵀ times
    /// the gradient of ⟨W, M⟩ with respect to the parameters of M, where J is the Jacobian of the
    /// smooth map f.
    #[inline]
    fn pullback(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, R, C>) -> Theta<Self, T> {
        let inner = self.inner.pullback(&self.map.map(theta), weights);
        self.through(theta, inner.as_ref(), T::zero(), |out, x, slope| *out += *x * slope)
    }

    /// Computes the Hessian of ⟨W, M(f(θ))⟩ with respect to θ for a weight matrix W,
    ///
    /// ```text
    /// Jᵀ ⟨W, ∂²M⟩ J + Σ_p ⟨W, ∂_pM⟩ ∂²f_p
    /// ```
    ///
    /// where J is the Jacobian of the smooth map f and the sum is over the parameters p of M.
    fn curvature(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, R, C>) -> Curvature<Self, T> {
        let x = self.map.map(theta);
        let inner = self.inner.curvature(&x, weights);
        let jacobian = self.map.jacobian(theta);
        let mut curvature = self.map.second(theta, &self.inner.pullback(&x, weights));
        let pairs = inner.as_ref().iter().zip(jacobian.as_ref());
        for (inner, jacobian_p) in pairs {
            for (&inner, jacobian_q) in inner.as_ref().iter().zip(jacobian.as_ref()) {
                for (row, &slope_p) in curvature.as_mut().iter_mut().zip(jacobian_p.as_ref()) {
                    for (out, &slope_q) in row.as_mut().iter_mut().zip(jacobian_q.as_ref()) {
                        *out += slope_p * inner * slope_q;
                    }
                }
            }
        }
        mirror_rows::<Self::ParamCount, T>(curvature.as_mut());
        curvature
    }

    fn factored(&self, theta: &Theta<Self, T>) -> Option<Factored<T, R, C>> {
        self.inner.factored(&self.map.map(theta))
    }

    #[inline]
    fn gradient_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, C>,
    ) -> PerParam<Self, SVector<T, R>> {
        let inner = self.inner.gradient_mul(&self.map.map(theta), u);
        self.through(theta, inner.as_ref(), SVector::zeros(), |out, x, slope| *out += x * slope)
    }
}

impl<M, F> Adapter<M, F>
where
    M: Shape,
    F: SmoothMap<OutputCount = M::ParamCount>,
{
    /// Writes Σ_p ∂_pM ∂f_p/∂θₖ, where x are the parameters of M and the rows of the Jacobian
    /// contain ∂f_p/∂θₖ.
    fn write_derivative<T: Real, const R: usize, const C: usize>(
        &self,
        x: &Theta<M, T>,
        jacobian: &[PerParam<Self, T>],
        k: usize,
        out: &mut SMatrix<T, R, C>,
    ) where
        M: ParamMatrix<T, R, C>,
    {
        let slope = |p: usize| jacobian.get(p).and_then(|row| row.as_ref().get(k)).copied();
        write_combination(&self.inner, x, slope, out);
    }

    /// Applies the chain rule: for each parameter θₖ, computes Σ_p inner_p ∂f_p/∂θₖ, where inner_p
    /// is the derivative with respect to output p of the smooth map f.
    #[inline]
    fn through<T: Real, E: Copy>(
        &self,
        theta: &Theta<Self, T>,
        inner: &[E],
        zero: E,
        add: impl Fn(&mut E, &E, T),
    ) -> PerParam<Self, E> {
        let jacobian = self.map.jacobian(theta);
        let mut sums = filled::<F::InputCount, E>(zero);
        for (x, row) in inner.iter().zip(jacobian.as_ref()) {
            for (out, &slope) in sums.as_mut().iter_mut().zip(row.as_ref()) {
                add(out, x, slope);
            }
        }
        sums
    }
}
