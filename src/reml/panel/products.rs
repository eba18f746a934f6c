//! Computation of the likelihood of a panel from the sums of products over its subjects.

use core::array::from_fn;

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};

use crate::base::arrays::filled;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::semidefinite_columns;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::{inner, sqrt};
use crate::reml::covariance_factor::{CovarianceFactor, rounding};
use crate::reml::cross_products::CrossProducts;
use crate::reml::observations::Summary;
use crate::reml::observations::equations::Equations;
use crate::reml::observations::shared::{CommonV, LeastSquares, SharedV};
use crate::reml::panel::sums::patterns::{Patterns, VisitPattern};
use crate::reml::panel::sums::{Summed, Sums};
use crate::reml::standardisation::Standardisation;
use crate::reml::v_derivatives::{VDerivatives, add_products};

impl<A, P, T: Real, const N: usize, const K: usize> Summary<T, K> for &A
where
    A: Summed<Sums = Sums<P, T, N, K>>,
    P: Patterns<T, N, K>,
{
    fn observations(&self) -> usize {
        self.sums().observations()
    }

    fn largest(&self) -> T {
        self.sums().largest
    }

    fn log_weights(&self) -> T {
        self.sums().log_weights
    }

    fn reference(&self) -> &Standardisation<T, K> {
        &self.sums().reference
    }

    fn product(&self, a: usize, b: usize) -> T {
        self.sums().product(a, b)
    }
}

impl<A, P, T: Real, const N: usize, const K: usize> SharedV<N, K> for &A
where
    A: Summed<Sums = Sums<P, T, N, K>>,
    P: Patterns<T, N, K>,
{
    type Scalar = T;
    type Classes = P::Factors;

    const ONE_VECTOR: bool = false;

    fn unit_classes(&self) -> Self::Classes {
        self.sums().patterns.factors()
    }

    fn factor(&self, v: &CommonV<T, N>, factors: &mut Self::Classes) -> Result<T, Error> {
        v.factor(factors.as_mut())
    }

    fn solve(&self, factors: &mut Self::Classes) -> Result<LeastSquares<T, K>, usize> {
        let (cholesky, beta) = self.sums().equations(factors).solve()?;
        let quadratic = self.sums().quadratic(factors, &beta);
        Ok(LeastSquares { cholesky, beta, quadratic })
    }

    fn weights(
        &self,
        factors: &mut Self::Classes,
        beta: &SVector<T, K>,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, N, N> {
        let mut weights = SMatrix::zeros();
        for (VisitPattern { moments, .. }, factor) in self.sums().with(factors) {
            let scale = factor.scale(&self.sums().reference);
            factor.add_weighted(&moments.of_residuals(beta, scale, c), &mut weights);
            factor.add_inverse(-T::one(), &mut weights);
        }
        weights
    }

    #[inline(never)]
    fn average<S: VDerivatives<T, N>>(
        &self,
        slopes: &S,
        factors: &mut Self::Classes,
        beta: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> InformationMatrix<S::ParamCount, T> {
        let mut out = InformationMatrix::zeros();
        for (VisitPattern { moments, .. }, factor) in self.sums().with(factors) {
            let of = || moments.of_residuals(beta, factor.scale(&self.sums().reference), None);
            add_forms(slopes, factor, of, T::one(), &mut out);
        }
        // The vectors Hᵀ ∂ₖV u
        let across: [_; K] = from_fn(|a| {
            let of = |moments: &P::Products, factor: &CovarianceFactor<T, N>| {
                moments.with_residual(a, beta, factor.scale(&self.sums().reference))
            };
            self.sums().with_weighted(factors, of, |weights| slopes.pullback(weights))
        });
        let whole = out.diagonal();
        for (b, of_b) in across.iter().enumerate() {
            let mut of_c = filled::<S::ParamCount, T>(T::zero());
            for (of_a, &c) in across.iter().zip(&c.data.0[b]) {
                for (sum, &x) in of_c.as_mut().iter_mut().zip(of_a.as_ref()) {
                    *sum -= x * c * half();
                }
            }
            out.add_outer(of_c.as_ref(), of_b.as_ref());
        }
        out.mirror();
        out.drop_rounding(&whole, rounding::<T, N>());
        out
    }

    /// Computes the expected information ½ tr(P ∂ₖV P ∂ₗV). Let H = V⁻¹X̃ for the transformed
    /// design X̃ of each subject, and let C be the inverse of the sum of X̃ᵀV⁻¹X̃ over subjects.
    /// The trace is then
    ///
    /// ```text
    /// Σ tr(V⁻¹ ∂ₖV V⁻¹ ∂ₗV) − 2 Σ tr(V⁻¹ ∂ₖV H C Hᵀ ∂ₗV) + tr(C Σ Hᵀ∂ₖV H · C Σ Hᵀ∂ₗV H)
    /// ```
    #[inline(never)]
    fn expected<S: VDerivatives<T, N>>(
        &self,
        slopes: &S,
        factors: &mut Self::Classes,
        c: Option<&SMatrix<T, K, K>>,
    ) -> InformationMatrix<S::ParamCount, T> {
        let mut out = InformationMatrix::zeros();
        let mut whole = filled::<S::ParamCount, T>(T::zero());
        for (VisitPattern { moments, .. }, factor) in self.sums().with(factors) {
            let mut own = InformationMatrix::zeros();
            slopes.add_traces(factor, &mut own);
            add(&mut whole, &own.diagonal());
            out.add_all(&own);
            let Some(c) = c else { continue };
            let of = || moments.of_designs(c);
            add_forms(slopes, factor, of, -T::one() - T::one(), &mut out);
        }
        if let Some(c) = c {
            // The entries of Hᵀ ∂ₖV H
            let mut of_designs: [[_; K]; K] =
                from_fn(|_| from_fn(|_| filled::<S::ParamCount, T>(T::zero())));
            for (a, of_designs) in of_designs.iter_mut().enumerate() {
                for (b, of_designs) in of_designs.iter_mut().enumerate().skip(a) {
                    let of =
                        |moments: &P::Products, _: &CovarianceFactor<T, N>| moments.total(a, b);
                    *of_designs = self.sums().with_weighted(factors, of, |w| slopes.pullback(w));
                }
            }
            let of = |k: usize| {
                c * SMatrix::<T, K, K>::from_fn(|a, b| of_designs[a.min(b)][a.max(b)].as_ref()[k])
            };
            let parts = Array::<_, S::ParamCount>::from_fn(of);
            for (k, of_k) in parts.iter().enumerate() {
                let of_k = of_k.transpose();
                for (l, of_l) in parts.iter().enumerate().take(k + 1) {
                    out.add(k, l, inner(&of_k, of_l) * half());
                }
            }
        }
        out.mirror();
        out.drop_rounding(&whole, rounding::<T, N>());
        out
    }

    fn row_sizes(&self, size: T, unit: T) -> [T; N] {
        /// The smallest number of residuals for which the mean square of a single row is used.
        const FEW: f64 = 3.0;
        let mut sizes = [size / unit; N];
        let mut factors = self.unit_classes();
        for factor in factors.as_mut() {
            factor.tau = unit;
        }
        let Ok((_, beta)) = self.sums().equations(&mut factors).solve() else { return sizes };
        let (mut squares, mut counts) = ([T::zero(); N], [T::zero(); N]);
        for (VisitPattern { moments, .. }, factor) in self.sums().with(&factors) {
            let of_residuals =
                moments.of_residuals(&beta, factor.scale(&self.sums().reference), None);
            for (i, (square, count)) in squares.iter_mut().zip(&mut counts).enumerate() {
                *square += of_residuals[(i, i)];
                *count += factor.counts[i];
            }
        }
        for ((size, &square), &count) in sizes.iter_mut().zip(&squares).zip(&counts) {
            let mean = square / count;
            if count >= nalgebra::convert(FEW) && mean > T::zero() && mean.is_finite() {
                *size = sqrt(mean);
            }
        }
        sizes
    }
}

impl<P, T: Real, const N: usize, const K: usize> Sums<P, T, N, K>
where
    P: Patterns<T, N, K>,
{
    /// Returns the equations of generalised least squares, X̃ᵀV⁻¹X̃ β̃ = X̃ᵀV⁻¹ỹ.
    fn equations(&self, factors: &mut P::Factors) -> Equations<T, K> {
        for factor in factors.as_mut().iter_mut().take(self.used().len()) {
            factor.invert();
        }
        Equations::new(|a, b| {
            let of =
                |(pattern, factor): (&VisitPattern<P::Products, N>, &CovarianceFactor<T, N>)| {
                    pattern.moments.weighted_product(a, b, &factor.inverse)
                };
            self.with(factors).map(of).fold(T::zero(), |sum, x| sum + x)
        })
    }

    /// Computes the sum of eᵀV⁻¹e over subjects from the sum of eeᵀ, where e are the residuals of a
    /// subject. If the sum were computed from the products of the columns of [X̃ ỹ], digits would
    /// cancel, and the search could not resolve the last increases of the likelihood.
    fn quadratic(&self, factors: &mut P::Factors, beta: &SVector<T, K>) -> T {
        let of = |(pattern, factor): (&VisitPattern<P::Products, N>, &CovarianceFactor<T, N>)| {
            let scale = factor.scale(&self.reference);
            inner(&factor.inverse, &pattern.moments.of_residuals(beta, scale, None))
        };
        self.with(factors).map(of).fold(T::zero(), |sum, x| sum + x)
    }

    /// Computes the matrix V⁻¹ S V⁻¹ for each pattern of observed visits, and passes the sum of
    /// these matrices to the callback `each`. The callback `s` returns the matrix S of one pattern.
    #[inline(never)]
    pub(super) fn with_weighted<R>(
        &self,
        factors: &P::Factors,
        s: impl Fn(&P::Products, &CovarianceFactor<T, N>) -> SMatrix<T, N, N>,
        each: impl FnOnce(&SMatrix<T, N, N>) -> R,
    ) -> R {
        let mut sum = SMatrix::zeros();
        for (VisitPattern { moments, .. }, factor) in self.with(factors) {
            factor.add_weighted(&s(moments, factor), &mut sum);
        }
        each(&sum)
    }
}

/// For all parameters k ≥ l and a positive semidefinite matrix S, adds ½ x tr(V⁻¹ ∂ₖV V⁻¹ S V⁻¹
/// ∂ₗV)/τ⁴ to entry (k, l) of `out`. V is divided by the power of two τ².
#[inline(never)]
fn add_forms<S: VDerivatives<T, N>, T: Real, const N: usize>(
    slopes: &S,
    factor: &CovarianceFactor<T, N>,
    s: impl FnOnce() -> SMatrix<T, N, N>,
    x: T,
    out: &mut InformationMatrix<S::ParamCount, T>,
) {
    add_products(slopes, factor, &semidefinite_columns(s()), &[x; N], out);
}

/// Adds the entry of `parts` for each parameter to the entry of `sums` for the same parameter.
fn add<T: Real>(sums: &mut impl AsMut<[T]>, parts: &impl AsRef<[T]>) {
    for (sum, &part) in sums.as_mut().iter_mut().zip(parts.as_ref()) {
        *sum += part;
    }
}

fn half<T: Real>() -> T {
    nalgebra::convert(0.5)
}
