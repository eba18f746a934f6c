//! Evaluation by another matrix.

/// The methods of [`ParamMatrix`](crate::ParamMatrix) for an R×C matrix that is another one with
/// the same θ under another name: every question goes to `$inner`, which answers it as cheaply as
/// it can.
///
/// A macro, because these are the same lines for each such matrix, and a blanket impl over all of
/// them would collide with those of the others.
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
        ) -> $crate::algebra::shape::Params<Self, nalgebra::SVector<T, $rows>> {
            let $this = self;
            $inner.gradient_mul(theta, u)
        }

        #[inline]
        fn gradient_tr_mul(
            &self,
            theta: &$crate::algebra::shape::Theta<Self, T>,
            u: &nalgebra::SVector<T, $rows>,
        ) -> $crate::algebra::shape::Params<Self, nalgebra::SVector<T, $cols>> {
            let $this = self;
            $inner.gradient_tr_mul(theta, u)
        }

        fn write_design<const W: usize>(
            &self,
            first: usize,
            out: &mut nalgebra::SMatrix<T, $rows, W>,
        ) {
            let $this = self;
            $inner.write_design(first, out);
        }

        fn write_weights(&self, out: &mut [T; $rows]) {
            let $this = self;
            ParamMatrix::<T, $rows, $cols>::write_weights(&$inner, out);
        }

        fn on_design<
            V: $crate::algebra::matrix::low_rank::OnDesign<T, Self::Params, D>,
            const D: usize,
        >(
            &self,
            design: &nalgebra::SMatrix<T, D, D>,
            first: usize,
            visitor: V,
        ) -> Option<V::Output> {
            let $this = self;
            ParamMatrix::<T, $rows, $cols>::on_design(&$inner, design, first, visitor)
        }

        fn factor_apart<O>(
            &self,
            theta: &$crate::algebra::shape::Theta<Self, T>,
            take: impl FnOnce(&$crate::algebra::matrix::factored::Apart<T, $rows, $cols>) -> O,
        ) -> Option<O> {
            let $this = self;
            $inner.factor_apart(theta, take)
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

        fn try_value(
            &self,
            theta: &$crate::algebra::shape::Theta<Self, T>,
        ) -> Result<nalgebra::SMatrix<T, $rows, $cols>, $crate::base::error::Error> {
            let $this = self;
            $inner.try_value(theta)
        }
    };
}

pub(crate) use evaluate_by;
