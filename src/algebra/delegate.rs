//! A macro that implements the methods of a matrix by calls of the same methods of another matrix.

/// Implements the methods of [`ParamMatrix`](crate::algebra::ParamMatrix) for an R×C matrix by
/// calls of the same methods of another matrix, `$inner`, with the same θ.
///
/// `evaluate_by` is a macro because a blanket implementation of
/// [`ParamMatrix`](crate::algebra::ParamMatrix) would conflict with other implementations.
macro_rules! evaluate_by {
    ($rows:ident, $cols:ident, |$this:ident| $inner:expr) => {
        #[inline]
        fn value(
            &self,
            theta: &$crate::algebra::shape::Theta<Self, T>,
        ) -> nalgebra::SMatrix<T, $rows, $cols> {
            let $this = self;
            $inner.value(theta)
        }

        #[inline]
        fn gradient(
            &self,
            theta: &$crate::algebra::shape::Theta<Self, T>,
        ) -> $crate::algebra::shape::Gradient<Self, T, $rows, $cols> {
            let $this = self;
            $inner.gradient(theta)
        }

        fn visit_transform<V: $crate::transform::TransformVisitor>(
            &self,
            k: usize,
            visitor: V,
        ) -> V::Output {
            let $this = self;
            ParamMatrix::<T, $rows, $cols>::visit_transform(&$inner, k, visitor)
        }

        #[inline]
        fn visit<V: $crate::algebra::visit::Visitor<T, $rows, $cols>>(
            &self,
            theta: &$crate::algebra::shape::Theta<Self, T>,
            visitor: &mut V,
        ) {
            let $this = self;
            $inner.visit(theta, visitor);
        }

        #[inline]
        fn pullback(
            &self,
            theta: &$crate::algebra::shape::Theta<Self, T>,
            weights: &nalgebra::SMatrix<T, $rows, $cols>,
        ) -> $crate::algebra::shape::Theta<Self, T> {
            let $this = self;
            $inner.pullback(theta, weights)
        }

        #[inline]
        fn curvature(
            &self,
            theta: &$crate::algebra::shape::Theta<Self, T>,
            weights: &nalgebra::SMatrix<T, $rows, $cols>,
        ) -> $crate::algebra::shape::Curvature<Self, T> {
            let $this = self;
            $inner.curvature(theta, weights)
        }

        #[inline]
        fn gradient_mul(
            &self,
            theta: &$crate::algebra::shape::Theta<Self, T>,
            u: &nalgebra::SVector<T, $cols>,
        ) -> $crate::algebra::shape::PerParam<Self, nalgebra::SVector<T, $rows>> {
            let $this = self;
            $inner.gradient_mul(theta, u)
        }

        fn low_rank<V>(&self, visitor: V) -> Option<V::Output>
        where
            V: $crate::algebra::matrix::low_rank::LowRankVisitor<T, Self::ParamCount, $rows>,
        {
            let $this = self;
            ParamMatrix::<T, $rows, $cols>::low_rank(&$inner, visitor)
        }

        fn factored(
            &self,
            theta: &$crate::algebra::shape::Theta<Self, T>,
        ) -> Option<$crate::algebra::matrix::factored::Factored<T, $rows, $cols>> {
            let $this = self;
            $inner.factored(theta)
        }

        fn visit_cones<V: $crate::algebra::cone::ConeVisitor<T>>(
            &self,
            theta: &$crate::algebra::shape::Theta<Self, T>,
            weights: &nalgebra::SMatrix<T, $rows, $cols>,
            visitor: &mut V,
        ) {
            let $this = self;
            $inner.visit_cones(theta, weights, visitor);
        }

        fn theta_of_root(
            &self,
            covariance: &nalgebra::SMatrix<T, $rows, $rows>,
        ) -> Option<$crate::algebra::shape::Theta<Self, T>> {
            let $this = self;
            ParamMatrix::<T, $rows, $cols>::theta_of_root(&$inner, covariance)
        }
    };
}

pub(crate) use evaluate_by;
