//! The common code of operators f(A, B) that are linear in A and in B: visits, weighted sums of
//! derivatives, and second derivatives.

pub(crate) mod curvature;
pub(crate) mod scales;

use nalgebra::SMatrix;
use typenum::Unsigned;

use crate::algebra::derivative::Partial;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::factored::Factored;
use crate::algebra::shape::{Joined, Shape, Theta};
use crate::algebra::visit::Visitor;
use crate::algebra::visit::operand::{OfOperand, OfSecondOperand};
use crate::base::dim::Join;
use crate::base::scalar::Real;

/// An operator f(A, B) that is linear in A and in B, where A is K×L, B is M×N and f(A, B) is R×C.
///
/// The operator is either bilinear, such as A B, or the sum of a term in A and a term in B, such as
/// diag(A, B).
pub(crate) trait Pair<
    T,
    const K: usize,
    const L: usize,
    const M: usize,
    const N: usize,
    const R: usize,
    const C: usize,
>: Shape<ParamCount = Joined<Self::A, Self::B>> where
    T: Real,
{
    type A: ParamMatrix<T, K, L> + Shape<ParamCount: Join<<Self::B as Shape>::ParamCount>>;
    type B: ParamMatrix<T, M, N>;

    /// `true` if the operator f(A, B) is bilinear, such as the product A B. `false` if it is the
    /// sum of a term in A and a term in B, such as [A B]. If the operator is not bilinear, second
    /// derivatives with respect to a parameter of A and a parameter of B are zero.
    const BILINEAR: bool;

    /// `true` if the operator f, such as the Kronecker product, keeps Cholesky factors and
    /// inverses: f(L_A, L_B) is a root of f(A, B) for roots L_A of A and L_B of B, and f(A⁻¹, B⁻¹)
    /// is the inverse of f(A, B).
    const FACTORS_APART: bool = false;

    fn operands(&self) -> (&Self::A, &Self::B);

    /// Writes f(A, B).
    fn combine(a: &SMatrix<T, K, L>, b: &SMatrix<T, M, N>, out: &mut SMatrix<T, R, C>);

    /// Writes the derivative of the operator f(A, B) for a given derivative ∂A of the first
    /// operand.
    fn along_a(da: &Partial<'_, T, K, L>, b: &SMatrix<T, M, N>, out: &mut SMatrix<T, R, C>);

    /// Writes the derivative of the operator f(A, B) for a given derivative ∂B of the second
    /// operand.
    fn along_b(a: &SMatrix<T, K, L>, db: &Partial<'_, T, M, N>, out: &mut SMatrix<T, R, C>);

    /// Returns a callback for [`OfOperand`] that calls [`along_a`](Self::along_a) with a given B.
    fn writer_along_a(
        b: &SMatrix<T, M, N>,
    ) -> impl Fn(&Partial<'_, T, K, L>, &mut SMatrix<T, R, C>) {
        |da, out| Self::along_a(da, b, out)
    }

    /// Returns a callback for [`OfSecondOperand`] that calls [`along_b`](Self::along_b) with a
    /// given A.
    fn writer_along_b(
        a: &SMatrix<T, K, L>,
    ) -> impl Fn(&Partial<'_, T, M, N>, &mut SMatrix<T, R, C>) {
        |db, out| Self::along_b(a, db, out)
    }

    /// Computes the matrix W_A with ⟨W, f(∂A, B)⟩ = ⟨W_A, ∂A⟩, which has one weight for each entry
    /// of A, from the weights W of the entries of f(A, B).
    fn weights_of_a(weights: &SMatrix<T, R, C>, b: &SMatrix<T, M, N>) -> SMatrix<T, K, L>;

    /// Computes the matrix W_B with ⟨W, f(A, ∂B)⟩ = ⟨W_B, ∂B⟩, which has one weight for each entry
    /// of B, from the weights W of the entries of f(A, B).
    fn weights_of_b(weights: &SMatrix<T, R, C>, a: &SMatrix<T, K, L>) -> SMatrix<T, M, N>;
}

/// Implements methods of [`Shape`](crate::algebra::Shape) for an operator whose method `pair`
/// returns its two operands. The argument of the macro is a method of
/// [`Operands`](crate::algebra::shape::expression::Operands). The method writes the degrees of
/// homogeneity of the parameters of both operands.
///
/// `shape_of_pair` is a macro because a blanket implementation for all operators would conflict
/// with the implementations for structures.
macro_rules! shape_of_pair {
    ($scales:ident) => {
        fn defaults(&self) -> Theta<Self, f64> {
            self.pair().defaults()
        }

        fn scales(&self, degree: f64, scales: &mut [$crate::algebra::shape::scale::Scale]) -> bool {
            self.pair().$scales(degree, scales)
        }

        fn write_operands(&self, out: &mut dyn fmt::Write) -> fmt::Result {
            self.pair().write(out)
        }

        fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
            self.pair().write_param_name(index, out)
        }
    };
}

/// Implements the methods of [`ParamMatrix`] by which an R×C operator of `$a` and another operand
/// calls the same methods of both operands.
macro_rules! operands_of_pair {
    ($a:ident, $rows:ident, $cols:ident) => {
        fn visit_transform<V: TransformVisitor>(&self, k: usize, visitor: V) -> V::Output {
            match k.checked_sub(<<$a as Shape>::ParamCount as typenum::Unsigned>::USIZE) {
                None => self.pair().a.visit_transform(k, visitor),
                Some(k) => self.pair().b.visit_transform(k, visitor),
            }
        }

        fn visit_operands<O: OperandVisitor<T>>(&self, theta: &Theta<Self, T>, visitor: &mut O) {
            let (ta, tb) = <$a as Shape>::ParamCount::split(theta);
            self.pair().visit((&ta, &tb), visitor);
        }
    };
}

/// Implements the methods of [`ParamMatrix`] that follow from [`Pair`], for an R×C operator of A
/// and B.
macro_rules! evaluate_pair {
    ($rows:ident, $cols:ident) => {
        #[inline]
        fn value(&self, theta: &Theta<Self, T>) -> SMatrix<T, $rows, $cols> {
            value_by_visit(self, theta)
        }

        #[inline]
        fn gradient(&self, theta: &Theta<Self, T>) -> Gradient<Self, T, $rows, $cols> {
            gradient_by_visit(self, theta)
        }

        operands_of_pair!(A, $rows, $cols);

        #[inline]
        fn visit<V: Visitor<T, $rows, $cols>>(&self, theta: &Theta<Self, T>, visitor: &mut V) {
            pair::visit(self, theta, visitor);
        }

        #[inline]
        fn pullback(
            &self,
            theta: &Theta<Self, T>,
            weights: &SMatrix<T, $rows, $cols>,
        ) -> Theta<Self, T> {
            pair::pullback(self, theta, weights)
        }

        #[inline]
        fn curvature(
            &self,
            theta: &Theta<Self, T>,
            weights: &SMatrix<T, $rows, $cols>,
        ) -> Curvature<Self, T> {
            $crate::operator::pair::curvature::curvature(self, theta, weights)
        }

        fn factored(
            &self,
            theta: &Theta<Self, T>,
        ) -> Option<$crate::algebra::matrix::factored::Factored<T, $rows, $cols>> {
            pair::factored(self, theta)
        }
    };
}

pub(super) use {evaluate_pair, operands_of_pair, shape_of_pair};

#[inline]
pub(crate) fn visit<
    T,
    O,
    V,
    const K: usize,
    const L: usize,
    const M: usize,
    const N: usize,
    const R: usize,
    const C: usize,
>(
    operator: &O,
    theta: &Theta<O, T>,
    visitor: &mut V,
) where
    T: Real,
    O: Pair<T, K, L, M, N, R, C>,
    V: Visitor<T, R, C>,
{
    let (a, b) = operator.operands();
    let (ta, tb) = <O::A as Shape>::ParamCount::split(theta);
    // B is evaluated first, because the derivatives along A need it.
    let value_b = b.value(&tb);
    let mut value_a = SMatrix::zeros();
    a.visit(&ta, &mut OfOperand::new(visitor, &mut value_a, O::writer_along_a(&value_b)));
    if V::DERIVATIVES {
        let first = <O::A as Shape>::ParamCount::USIZE;
        b.visit(&tb, &mut OfSecondOperand::new(visitor, first, O::writer_along_b(&value_a)));
    }
    visitor.value(|out| O::combine(&value_a, &value_b, out));
}

/// Computes the weighted sum ⟨W, ∂f(A, B)⟩ for each parameter: ⟨W_A, ∂A⟩ for a parameter of A and
/// ⟨W_B, ∂B⟩ for a parameter of B, where W_A and W_B are the weights of the entries of A and of B.
#[inline]
pub(crate) fn pullback<
    T,
    O,
    const K: usize,
    const L: usize,
    const M: usize,
    const N: usize,
    const R: usize,
    const C: usize,
>(
    operator: &O,
    theta: &Theta<O, T>,
    weights: &SMatrix<T, R, C>,
) -> Theta<O, T>
where
    T: Real,
    O: Pair<T, K, L, M, N, R, C>,
{
    let (a, b) = operator.operands();
    let (ta, tb) = <O::A as Shape>::ParamCount::split(theta);
    let of_a = a.pullback(&ta, &O::weights_of_a(weights, &b.value(&tb)));
    let of_b = b.pullback(&tb, &O::weights_of_b(weights, &a.value(&ta)));
    <O::A as Shape>::ParamCount::concat(of_a, of_b)
}

/// Computes the root and the inverse of f(A, B) from the roots and the inverses of A and B.
pub(crate) fn factored<
    T,
    O,
    const K: usize,
    const L: usize,
    const M: usize,
    const N: usize,
    const R: usize,
    const C: usize,
>(
    operator: &O,
    theta: &Theta<O, T>,
) -> Option<Factored<T, R, C>>
where
    T: Real,
    O: Pair<T, K, L, M, N, R, C>,
{
    if !O::FACTORS_APART || !O::SYMMETRIC {
        return None;
    }
    let (a, b) = operator.operands();
    let (ta, tb) = <O::A as Shape>::ParamCount::split(theta);
    let (a, b) = (Factored::of(a, &ta)?, Factored::of(b, &tb)?);
    let mut whole = Factored { root: SMatrix::zeros(), inverse: SMatrix::zeros() };
    O::combine(&a.root, &b.root, &mut whole.root);
    O::combine(&a.inverse, &b.inverse, &mut whole.inverse);
    Some(whole)
}
