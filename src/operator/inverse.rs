//! The inverse A⁻¹.

use core::fmt;

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::{gradient_by_visit, value_by_visit};
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::operands::{visit_operand, write_operand};
use crate::algebra::shape::name::write_prefixed;
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Curvature, Gradient, PerParam, Shape, Theta};
use crate::algebra::sparsity::{mul_by, tr_mul_of};
use crate::algebra::visit::Visitor;
use crate::algebra::visit::operand::OfOperand;
use crate::base::arrays::{mirror_rows, square};
use crate::base::dim::Extent;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::kernel::invert::invert;
use crate::linalg::kernel::mirror;
use crate::transform::TransformVisitor;

/// The inverse A⁻¹ of a square matrix A.
///
/// ```text
/// ∂A⁻¹ = −A⁻¹ ∂A A⁻¹
/// ∂ᵢⱼA⁻¹ = A⁻¹ ∂ᵢA A⁻¹ ∂ⱼA A⁻¹ + A⁻¹ ∂ⱼA A⁻¹ ∂ᵢA A⁻¹ − A⁻¹ ∂ᵢⱼA A⁻¹
/// ```
///
/// If A is singular, exactly or to the rounding of its entries, all entries of the value and of the
/// derivatives are NaN, and [`try_value`](ParamMatrixExt::try_value) returns [`Error::Singular`].
///
/// ```
/// use covprop::Error;
/// use covprop::nalgebra::Matrix2;
/// use covprop::prelude::*;
///
/// let precision = UnconstrainedMatrix::<2>::new().with_transforms(Identity, Identity);
/// let v = Inverse::new(precision);
/// assert_eq!(v.value(&[2.0, 0.0, 4.0]), Matrix2::new(0.5, 0.0, 0.0, 0.25));
/// assert!(v.value(&[1.0_f64, 2.0, 4.0])[(0, 0)].is_nan());
/// assert_eq!(v.try_value(&[1.0, 2.0, 4.0]), Err(Error::Singular { column: 1 }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inverse<A> {
    a: A,
}

impl<A> Inverse<A> {
    /// Creates A⁻¹.
    #[must_use]
    pub const fn new(a: A) -> Self
    where
        A: Shape + Extent<Size = (<A as Shape>::Rows, <A as Shape>::Rows)>,
    {
        Self { a }
    }
}

impl<A: Shape> Shape for Inverse<A> {
    type Rows = A::Rows;
    type Cols = A::Rows;
    type ParamCount = A::ParamCount;

    const SYMMETRIC: bool = A::SYMMETRIC;
    const OPERANDS: usize = 1;

    fn defaults(&self) -> Theta<Self, f64> {
        self.a.defaults()
    }

    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        self.a.scales(-degree, scales)
    }

    fn write_operands(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write_operand(&self.a, out)
    }

    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write_prefixed(&self.a, 0, index, out)
    }
}

/// Computes the inverse of a matrix A. The result is exactly symmetric if the type of A declares A
/// symmetric.
#[inline]
fn try_inverse<T: Real, S: Shape, const N: usize>(
    _: &S,
    a: &SMatrix<T, N, N>,
) -> Result<SMatrix<T, N, N>, Error> {
    let mut inverse = invert(a)?;
    if S::SYMMETRIC {
        mirror(&mut inverse);
    }
    Ok(inverse)
}

/// Computes the inverse of a matrix A, or a matrix of NaN if A is singular.
#[inline]
fn inverse<T: Real, S: Shape, const N: usize>(of: &S, a: &SMatrix<T, N, N>) -> SMatrix<T, N, N> {
    try_inverse(of, a).unwrap_or_else(|_| nan())
}

fn nan<T: Real, const N: usize>() -> SMatrix<T, N, N> {
    SMatrix::repeat(T::zero() / T::zero())
}

impl<T: Real, A, const N: usize> ParamMatrix<T, N, N> for Inverse<A>
where
    A: ParamMatrix<T, N, N>,
{
    #[inline]
    fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, N, N> {
        value_by_visit(self, theta)
    }

    #[inline]
    fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, N, N> {
        gradient_by_visit(self, theta)
    }

    fn visit_transform<V: TransformVisitor>(&self, k: usize, visitor: V) -> V::Output {
        self.a.visit_transform(k, visitor)
    }

    fn visit_operands<O: OperandVisitor<T>>(&self, theta: &Theta<Self, T>, visitor: &mut O) {
        visit_operand(&self.a, theta, visitor);
    }

    fn visit<V: Visitor<T, N, N>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
        let v = try_inverse(&self.a, &self.a.value(theta)).unwrap_or_else(|error| {
            visitor.undefined(error);
            nan()
        });
        let mut a = SMatrix::zeros();
        if V::DERIVATIVES {
            self.a.visit(
                theta,
                &mut OfOperand::new(visitor, &mut a, between_inverses::<_, A, N>(&v)),
            );
        }
        visitor.value(|out| *out = v);
    }

    /// Computes the weighted sum ⟨W, ∂V⟩ of the derivatives of the inverse V = A⁻¹, for a weight
    /// matrix W. Because ∂V = −V ∂A V, the sum equals ⟨−Vᵀ W Vᵀ, ∂A⟩.
    #[inline]
    fn pullback(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, N, N>) -> Theta<Self, T> {
        let v = inverse(&self.a, &self.a.value(theta));
        self.a.pullback(theta, &-between(&v, weights))
    }

    #[inline]
    fn curvature(&self, theta: &Theta<Self, T>, weights: &SMatrix<T, N, N>) -> Curvature<Self, T> {
        let v = inverse(&self.a, &self.a.value(theta));
        let vt = v.transpose();
        let s = between(&v, weights);
        let of_second = self.a.curvature(theta, &-s);
        let mut curvature = square::<Self::ParamCount, T>();
        let rows = curvature.as_mut();
        self.a.for_each_derivative(theta, |j, da| {
            // With S = Vᵀ W Vᵀ: ⟨S ∂ⱼAᵀ Vᵀ + Vᵀ ∂ⱼAᵀ S, ∂ᵢA⟩ for all i.
            let mut full = SMatrix::<T, N, N>::zeros();
            da.write(&mut full);
            let dat_vt = mul_by(&full.transpose(), &vt, &vt);
            let vt_dat = tr_mul_of(&v, &v, &full.transpose());
            let weights = mul_by(&s, &dat_vt, &dat_vt) + mul_by(&vt_dat, &s, &s);
            if let Some(row) = rows.get_mut(j) {
                *row = self.a.pullback(theta, &weights);
            }
        });
        for (row, of_second) in rows.iter_mut().zip(of_second.as_ref()) {
            for (x, &of_second) in row.as_mut().iter_mut().zip(of_second.as_ref()) {
                *x += of_second;
            }
        }
        mirror_rows::<Self::ParamCount, T>(rows);
        curvature
    }

    #[inline]
    fn gradient_mul(
        &self,
        theta: &Theta<Self, T>,
        u: &SVector<T, N>,
    ) -> PerParam<Self, SVector<T, N>> {
        let v = inverse(&self.a, &self.a.value(theta));
        let products = self.a.gradient_mul(theta, &mul_by(&v, u, u));
        Array::<_, A::ParamCount>(products).map(|da_v_u| -mul_by(&v, &da_v_u, &da_v_u)).0
    }
}

/// Returns a callback that writes −V ∂A V, the derivative of the inverse V = A⁻¹.
fn between_inverses<T: Real, A: Shape, const N: usize>(
    v: &SMatrix<T, N, N>,
) -> impl Fn(&Partial<'_, T, N, N>, &mut SMatrix<T, N, N>) {
    |da, out| {
        let mut full = SMatrix::zeros();
        da.write(&mut full);
        *out = -mul_by(&mul_by(v, &full, &full), v, v);
        if A::SYMMETRIC {
            mirror(out);
        }
    }
}

/// Computes Vᵀ W Vᵀ.
#[inline]
fn between<T: Real, const N: usize>(
    v: &SMatrix<T, N, N>,
    weights: &SMatrix<T, N, N>,
) -> SMatrix<T, N, N> {
    let vt = v.transpose();
    mul_by(&tr_mul_of(v, v, weights), &vt, &vt)
}
