//! One response vector with its design, as the data of a likelihood.

pub(crate) mod rows;
pub(crate) mod whitened;

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};

use crate::base::arrays::filled;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::semidefinite_columns;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::{add_scaled, inner, product, symmetric_product};
use crate::reml::covariance_factor::rounding;
use crate::reml::low_rank::Rotation;
use crate::reml::observations::Summary;
use crate::reml::observations::blocks::{Block, EqualSubjects};
use crate::reml::observations::equations::Equations;
use crate::reml::observations::shared::{CommonV, LeastSquares, OnData, SharedRows, SharedV};
use crate::reml::response_vector::rows::Rows;
use crate::reml::response_vector::whitened::Whitened;
use crate::reml::standardisation::Standardisation;
use crate::reml::v_derivatives::VDerivatives;

/// One response vector with its design.
// Reduced data have inside rows, which are the rows of V, and outer rows, which are independent of
// all others and have equal variances. The outer rows are rotated so that X is zero in all outer
// rows except the first K.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResponseVector<T, const N: usize, const K: usize> {
    x: Rows<T, N, K, K>,
    y: Rows<T, N, K, 1>,
    /// The norm of the transformed y over those rows in which the transformed X and the design of
    /// the random effects are zero.
    rest: T,
    /// The number of inside rows, which are the rows of V.
    inside: usize,
    /// The number of outer rows, which are independent of all other rows and have equal variances.
    outer: usize,
    reference: Standardisation<T, K>,
    largest: T,
    /// The sum of log w over the weights w of the rows, or zero if the rows have no weights.
    log_weights: T,
}

impl<T: Real, const N: usize, const K: usize> ResponseVector<T, N, K> {
    pub(crate) fn new(x: &SMatrix<T, N, K>, y: &SVector<T, N>) -> Result<Self, Error> {
        let mut reference = Standardisation::unscaled();
        let observed = reference.observe(x, y, &[true; N])?;
        let (x, y) = reference.rounded(&observed);
        Ok(Self {
            x: Rows::inside(x),
            y: Rows::inside(y),
            rest: T::zero(),
            inside: N,
            outer: 0,
            reference,
            largest: observed.largest,
            log_weights: T::zero(),
        })
    }

    /// Returns the equations of generalised least squares, X̃ᵀV⁻¹X̃ β̃ = X̃ᵀV⁻¹ỹ.
    fn equations(&self, whitened: &mut Whitened<T, N, K>) -> Equations<T, K> {
        let (mut x, mut y) = (self.x, self.y);
        whitened.solve_lower(&mut x);
        whitened.solve_lower(&mut y);
        whitened.x = x;
        Equations::new(|a, b| Rows::product(&x, &y, a, b))
    }

    /// Returns the sum of squares eᵀV⁻¹e of the residuals e = ỹ − X̃β̃.
    fn quadratic(&self, whitened: &mut Whitened<T, N, K>, beta: &SVector<T, K>) -> T {
        let mut e = self.y;
        e.subtract_product(&self.x, beta);
        whitened.solve_lower(&mut e);
        let scale = whitened.factor[0].scale(&self.reference);
        e.inside *= scale;
        e.outer *= scale;
        whitened.e = e;
        whitened.rest = self.rest / whitened.outer_root() * scale;
        e.dot(&e) + whitened.rest * whitened.rest
    }
}

impl<T: Real, const N: usize, const K: usize> Summary<T, K> for ResponseVector<T, N, K> {
    fn observations(&self) -> usize {
        self.inside + self.outer
    }

    fn largest(&self) -> T {
        self.largest
    }

    fn log_weights(&self) -> T {
        self.log_weights
    }

    fn reference(&self) -> &Standardisation<T, K> {
        &self.reference
    }

    fn product(&self, a: usize, b: usize) -> T {
        let besides = if a == K && b == K { self.rest * self.rest } else { T::zero() };
        Rows::product(&self.x, &self.y, a, b) + besides
    }
}

impl<T: Real, const N: usize, const K: usize> SharedV<N, K> for ResponseVector<T, N, K> {
    type Scalar = T;
    type Classes = Whitened<T, N, K>;

    const ONE_VECTOR: bool = true;

    fn unit_classes(&self) -> Self::Classes {
        Whitened::unit(self.inside, self.outer)
    }

    fn factor(&self, v: &CommonV<T, N>, whitened: &mut Self::Classes) -> Result<T, Error> {
        v.factor(&mut whitened.factor)
    }

    fn solve(&self, whitened: &mut Self::Classes) -> Result<LeastSquares<T, K>, usize> {
        let (cholesky, beta) = self.equations(whitened).solve()?;
        let quadratic = self.quadratic(whitened, &beta);
        Ok(LeastSquares { cholesky, beta, quadratic })
    }

    fn weights(
        &self,
        whitened: &mut Self::Classes,
        _: &SVector<T, K>,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N> {
        let mut weights = SMatrix::zeros();
        let (u, rest) = whitened.weighted_residual();
        let mut outer = inner(&u.outer, &u.outer) + rest * rest;
        if let Some(c) = c {
            let h = whitened.weighted_design();
            symmetric_product(&product(&h.inside, c), &h.inside, &mut weights);
            outer += inner(&product(&h.outer, c), &h.outer);
        }
        for (column, &x) in weights.data.0.iter_mut().zip(u.inside.iter()) {
            add_scaled(column, x, &u.inside.data.0[0]);
        }
        whitened.add_outer(outer, &mut weights);
        let [factor] = &mut whitened.factor;
        factor.invert();
        factor.add_inverse(-T::one(), &mut weights);
        weights
    }

    #[inline(never)]
    fn average<S: VDerivatives<T, N>>(
        &self,
        slopes: &S,
        whitened: &mut Self::Classes,
        _: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> InformationMatrix<S::ParamCount, T> {
        let (u, rest) = whitened.weighted_residual();
        let mut images = whitened.images(slopes, &u, rest);
        whitened.project(&mut images, c);
        let mut out = InformationMatrix::zeros();
        images.add_products(nalgebra::convert(0.5), &mut out);
        out.mirror();
        out
    }

    /// Computes the expected information ½ tr(P ∂ₖV P ∂ₗV). The trace is computed from orthonormal
    /// columns qⱼ that span the columns of L⁻¹X̃, where L is the Cholesky factor of V:
    ///
    /// ```text
    /// tr(V⁻¹ ∂ₖV V⁻¹ ∂ₗV) − 2 Σⱼ bₖⱼᵀ bₗⱼ + Σᵢⱼ qᵢᵀbₖⱼ · qᵢᵀbₗⱼ        bₖⱼ = L⁻¹ ∂ₖV L⁻ᵀ qⱼ
    /// ```
    #[inline(never)]
    fn expected<S: VDerivatives<T, N>>(
        &self,
        slopes: &S,
        whitened: &mut Self::Classes,
        c: Option<&SMatrix<T, K, K>>,
    ) -> InformationMatrix<S::ParamCount, T> {
        let mut out = InformationMatrix::zeros();
        let [factor] = &mut whitened.factor;
        factor.invert();
        slopes.add_traces(factor, &mut out);
        let whole = out.diagonal();
        if let Some(c) = c {
            let q = whitened.x.times(&semidefinite_columns(*c));
            let mut g = q;
            whitened.solve_upper(&mut g);
            let zeros = filled::<S::ParamCount, _>(SMatrix::<T, K, K>::zeros());
            let mut of_designs = Array::<_, S::ParamCount>(zeros);
            for j in 0..K {
                let images = whitened.images(slopes, &g.column(j), T::zero());
                images.add_products(-T::one(), &mut out);
                let parts = images.inside.iter().zip(&images.outer);
                for (of_design, (inside, outer)) in of_designs.iter_mut().zip(parts) {
                    of_design.set_column(j, &q.tr_mul(inside, outer));
                }
            }
            out.add_inner(&of_designs, nalgebra::convert(0.5));
        }
        out.mirror();
        out.drop_rounding(&whole, rounding::<T, N>());
        out
    }
}

impl<T: Real, const N: usize, const K: usize> SharedRows<N, K> for ResponseVector<T, N, K> {
    const REDUCIBLE: bool = true;

    fn reduced<const D: usize, F: OnData<T, D, K>>(
        &self,
        design: &SMatrix<T, N, D>,
        columns: usize,
        weights: &[T; N],
        f: F,
    ) -> F::Output {
        let (rotation, design) = Rotation::new(design, columns, weights, &[true; N]);
        let (inside, outer) = rotation.rows();
        let (x, y) = (rotation.rotated(&self.x.inside), rotation.rotated(&self.y.inside));
        let are_outer = core::array::from_fn(|i| i >= inside);
        let (of_outer, outer_x) = Rotation::new(&x, K, &[T::one(); N], &are_outer);
        let outer_y = of_outer.rotated(&y);
        let data = ResponseVector::<T, D, K> {
            x: Rows { inside: rotation.head(&x), outer: outer_x },
            y: Rows { inside: rotation.head(&y), outer: of_outer.head(&outer_y) },
            rest: of_outer.norm_of_tail(&outer_y.data.0[0]),
            inside,
            outer,
            reference: self.reference,
            largest: self.largest,
            log_weights: rotation.log_weights(),
        };
        f.take(data, &design)
    }

    fn block<'f>(&'f self, whitened: &'f Self::Classes) -> impl Block<T, N, K> {
        let (factor, x) = (&whitened.factor[0], &whitened.x.inside);
        EqualSubjects { factor, x, count: T::one() }
    }
}
