//! Subjects whose covariance matrices are V = Z G Zᵀ + σ² W⁻¹ with designs Z and weights W of their
//! own, reduced to the rows of their random effects.
//!
//! Reflections that depend only on the data turn W^½ Z of a subject into an upper triangular matrix
//! A with Q rows and zeros in all other rows ([`low_rank`](crate::reml::low_rank)). The first Q
//! rows of the subject then have the covariance A G Aᵀ + σ² I. The other rows of all subjects are
//! independent with the variance σ², and a single triangular factor represents them (Pinheiro &
//! Bates 2000, Mixed-Effects Models in S and S-PLUS, section 2.2).
//!
//! G(θ) and σ²(θ) are the only parts of V that depend on θ. They are read from one matrix that all
//! subjects share:
//!
//! ```text
//! ⎡ D G D + σ² I      ⎤        D: powers of two near the largest norms
//! ⎣               σ²  ⎦           of the columns of A over subjects
//! ```
//!
//! All derivatives of the likelihood are sums over subjects of derivatives with respect to the
//! entries of this matrix.

use nalgebra::{SMatrix, SVector, convert};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::arrays::tabulate;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::invert::power_of_root;
use crate::linalg::kernel::{inner, product, sqrt};
use crate::reml::covariance_factor::rounding;
use crate::reml::model::Model;
use crate::reml::observations::Summary;
use crate::reml::observations::shared::{CommonV, LeastSquares, SharedV};
use crate::reml::standardisation::Standardisation;
use crate::reml::subjects::components::{ComponentSlopes, Components};
use crate::reml::subjects::log_product::LogProduct;
use crate::reml::subjects::reduction::{ReducedRows, Reduction, Rotated};
use crate::reml::subjects::source::{SubjectData, SubjectSource};
use crate::reml::subjects::sums::{ComponentSums, MOST_EFFECTS, WeightSums, root_of};
use crate::reml::subjects::triangle::Triangle;
use crate::reml::v_derivatives::VDerivatives;

/// The intermediate results at a θ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReducedFactors<T, const Q: usize, const K: usize> {
    components: Components<T, Q, K>,
    /// The sums from which the derivatives of the likelihood follow, or `None` if they have not
    /// been computed.
    sums: Option<ComponentSums<T, Q, K>>,
}

/// Subjects whose data are reduced to the rows of their random effects.
pub(crate) struct ReducedSubjects<'d, S, M, T, const N: usize, const K: usize, const Q: usize> {
    data: &'d SubjectData<'d, S, M, T, N, K>,
    log_weights: T,
    /// A power of two near the largest norm of each column of A over the subjects, or one if the
    /// norm is zero.
    norms: [T; Q],
    residual: Triangle<T, K>,
    /// The number of observations minus Q for each subject. A subject with fewer rows has further
    /// rows of zeros with the variance σ², and this number can be negative.
    count: T,
}

impl<'d, S, M, T, const N: usize, const K: usize, const Q: usize>
    ReducedSubjects<'d, S, M, T, N, K, Q>
where
    T: Real,
    M: Model<Covariance: ParamMatrix<T, N, N>>,
    S: SubjectSource<M, T, N, K>,
{
    /// Returns the reduced data, or `None` if the subjects cannot be reduced.
    pub(super) fn new(data: &'d SubjectData<'d, S, M, T, N, K>) -> Option<Self> {
        let Reduction { norms, residual, subjects, log_weights } = data.reduction?;
        let norm = |j: usize| {
            let root = norms.get(j).filter(|norm| **norm > T::zero()).map(|&x| power_of_root(x))?;
            Some(root * root)
        };
        Some(Self {
            data,
            log_weights: data.log_weights() + log_weights,
            norms: core::array::from_fn(|j| norm(j).unwrap_or_else(T::one)),
            residual,
            count: data.count() - subjects * convert(Q as f64),
        })
    }

    /// Returns the design of the matrix that all subjects share: D in its first Q rows.
    pub(super) fn common_design<const R: usize>(&self) -> SMatrix<T, R, R> {
        let columns = M::Covariance::LOW_RANK.columns();
        let mut design = SMatrix::<T, R, R>::zeros();
        for (j, &norm) in self.norms.iter().enumerate().take(columns) {
            if let Some(entry) = design.get_mut((j, j)) {
                *entry = norm;
            }
        }
        design
    }

    /// Returns the sums from which the derivatives at the factored θ follow, and forms them if they
    /// have not been formed.
    fn sums<'a>(
        &self,
        factors: &'a mut ReducedFactors<T, Q, K>,
        beta: &SVector<T, K>,
        c: Option<&SMatrix<T, K, K>>,
    ) -> &'a ComponentSums<T, Q, K> {
        let at = &factors.components;
        let formed = factors.sums.take().filter(|sums| sums.are_for(beta, c.is_some()));
        let sums = formed.unwrap_or_else(|| {
            let mut sums = ComponentSums::new(at, beta, c, &self.residual, self.count);
            // This cannot fail, because the subjects were factored at this θ before.
            let _ = self.each(|rows| {
                let whitened = at.whiten(rows)?;
                let e = at.residuals(&whitened, rows, beta);
                sums.add(&whitened, &e, at.variance, c, rows.count);
                Ok(())
            });
            sums
        });
        factors.sums.insert(sums)
    }

    /// Returns an R×R matrix whose first Q rows and columns are the design A of a subject, and
    /// whose other entries are zero.
    pub(super) fn own_design<const R: usize>(
        &self,
        rows: &ReducedRows<T, Q, K>,
    ) -> SMatrix<T, R, R> {
        let mut design = SMatrix::<T, R, R>::zeros();
        let columns = rows.design.data.0.iter().zip(&self.norms);
        for (to, (from, &norm)) in design.data.0.iter_mut().zip(columns) {
            for (to, &from) in to.iter_mut().zip(from) {
                *to = from * norm;
            }
        }
        design
    }

    /// Returns the triangular factor of the residual rows of all subjects.
    pub(super) const fn residual(&self) -> &Triangle<T, K> {
        &self.residual
    }

    /// Returns the number of observations minus Q for each subject.
    pub(super) const fn residual_count(&self) -> T {
        self.count
    }

    /// Calls `f` with the first rows of each subject, or of the subjects that represent all
    /// subjects with the same design. The X and ȳ of n such subjects are multiplied by √n.
    pub(super) fn each(
        &self,
        mut f: impl FnMut(&ReducedRows<T, Q, K>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let over = self.norms.map(|norm| T::one() / norm);
        let mut with_unit_columns = |mut rows: ReducedRows<T, Q, K>| {
            for (column, &over) in rows.design.data.0.iter_mut().zip(&over) {
                for entry in column {
                    *entry *= over;
                }
            }
            if rows.count > T::one() {
                let root = sqrt(rows.count);
                rows.x *= root;
                rows.y *= root;
            }
            f(&rows)
        };
        let columns = M::Covariance::LOW_RANK.columns();
        if let Some(mut stored) = self.data.stored.chunks(SubjectData::<S, M, T, N, K>::LENGTH) {
            return stored
                .try_for_each(|numbers| with_unit_columns(ReducedRows::read(numbers, columns)));
        }
        self.data.each_transformed(|subject, rows| {
            with_unit_columns(Rotated::new(subject.model().covariance(), &rows).reduced)
        })
    }
}

impl<S, M, T: Real, const N: usize, const K: usize, const Q: usize> Summary<T, K>
    for ReducedSubjects<'_, S, M, T, N, K, Q>
{
    fn observations(&self) -> usize {
        self.data.observations()
    }

    fn largest(&self) -> T {
        self.data.largest()
    }

    fn log_weights(&self) -> T {
        self.log_weights
    }

    fn reference(&self) -> &Standardisation<T, K> {
        self.data.reference()
    }

    fn product(&self, a: usize, b: usize) -> T {
        self.data.product(a, b)
    }
}

impl<S, M, T, const N: usize, const K: usize, const Q: usize, const R: usize> SharedV<R, K>
    for ReducedSubjects<'_, S, M, T, N, K, Q>
where
    T: Real,
    M: Model<Covariance: ParamMatrix<T, N, N>>,
    S: SubjectSource<M, T, N, K>,
{
    type Scalar = T;
    type Classes = ReducedFactors<T, Q, K>;

    const ONE_VECTOR: bool = false;

    fn unit_classes(&self) -> Self::Classes {
        let components = Components {
            g: SMatrix::zeros(),
            variance: T::one(),
            scale: T::one(),
            triangle: Triangle::new(),
        };
        ReducedFactors { components, sums: None }
    }

    #[inline(never)]
    fn factor(&self, v: &CommonV<T, R>, factors: &mut Self::Classes) -> Result<T, Error> {
        let at = &mut factors.components;
        let entry = |i: usize, j: usize| v.value.get((i, j)).copied().unwrap_or_else(T::zero);
        let variance = entry(Q, Q);
        if variance <= T::zero() {
            return Err(Error::NotPositiveDefinite { row: Q });
        }
        let of_residual = |i, j| if i == j { variance } else { T::zero() };
        at.g = SMatrix::from_fn(|i, j| entry(i, j) - of_residual(i, j));
        at.variance = variance;
        at.scale = self.data.reference().scale() / (v.tau * v.unit);
        let mut pivots = LogProduct::new();
        let mut triangle = Triangle::new();
        self.each(|rows| {
            let root = at.root(rows)?;
            for i in 0..Q {
                pivots.multiply_power(root.pivot(i), rows.count);
            }
            let (mut x, mut y) = (rows.x, rows.y);
            root.solve_lower_all(&mut x);
            root.solve_lower(&mut y.data.0[0]);
            triangle.add(&mut x, &mut y);
            Ok(())
        })?;
        triangle.merge(&self.residual, T::one() / sqrt(variance));
        at.triangle = triangle;
        factors.sums = None;
        Ok(self.count * variance.ln() + pivots.log() * convert(2.0))
    }

    fn solve(&self, factors: &mut Self::Classes) -> Result<LeastSquares<T, K>, usize> {
        let at = &factors.components;
        let (cholesky, beta) = at.triangle.solve()?;
        Ok(LeastSquares { cholesky, beta, quadratic: at.triangle.rest() * at.scale * at.scale })
    }

    /// Returns the weights of the matrix that all subjects share. Entry (i, j) of the first Q rows
    /// is that of Σ D⁻¹Aᵀ W A D⁻¹ over subjects, and the last entry is the rest of Σ tr(W), where W
    /// is the matrix of weights of a subject.
    #[inline(never)]
    fn weights(
        &self,
        factors: &mut Self::Classes,
        beta: &SVector<T, K>,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, R, R> {
        let WeightSums { of_g, trace, of_residual } = if const { Q <= MOST_EFFECTS } {
            self.sums(factors, beta, c).weights
        } else {
            let at = &factors.components;
            let residual = at.of_residual(&self.residual, beta);
            let mut sums = WeightSums::new(&residual, at.variance, c, self.count);
            // This cannot fail, because the subjects were factored at this θ before.
            let _ = self.each(|rows| {
                let whitened = at.whiten(rows)?;
                sums.add(&whitened, &at.residuals(&whitened, rows, beta), c, rows.count);
                Ok(())
            });
            sums
        };
        let mut weights = SMatrix::<T, R, R>::zeros();
        for (out, column) in weights.data.0.iter_mut().zip(&of_g.data.0) {
            for (out, &x) in out.iter_mut().zip(column) {
                *out = x;
            }
        }
        if let Some(entry) = weights.get_mut((Q, Q)) {
            *entry = of_residual + trace - of_g.trace();
        }
        weights
    }

    #[inline(never)]
    fn average<V: VDerivatives<T, R>>(
        &self,
        slopes: &V,
        factors: &mut Self::Classes,
        beta: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> InformationMatrix<V::ParamCount, T> {
        let slopes = ComponentSlopes::<V::ParamCount, T, Q>::new(slopes);
        if const { Q <= MOST_EFFECTS } {
            let variance = factors.components.variance;
            let restricted = factors.sums.as_ref().is_none_or(ComponentSums::are_restricted);
            let sums = self.sums(factors, beta, restricted.then_some(c));
            return sums.average(&slopes, variance, c, rounding::<T, R>());
        }
        let half = convert::<_, T>(0.5);
        let mut out = InformationMatrix::zeros();
        let at = &factors.components;
        let (_, xe, ee) = at.of_residual(&self.residual, beta);
        let logs = slopes.log_variance(at.variance);
        out.add_outer(&tabulate::<V::ParamCount, T>(T::zero(), |k| logs[k] * ee * half), &logs);
        let mut across = tabulate::<V::ParamCount, _>(SVector::zeros(), |k| xe * logs[k]);
        // This cannot fail, because the subjects were factored at this θ before.
        let _ = self.each(|rows| {
            let whitened = at.whiten(rows)?;
            let e = at.residuals(&whitened, rows, beta);
            let images = slopes.images(&whitened, &e);
            out.add_products(&images, &images, half);
            for (sum, image) in across.iter_mut().zip(&images) {
                *sum += whitened.x.tr_mul(image);
            }
            Ok(())
        });
        let whole = out.diagonal();
        out.subtract_across(&across, c);
        out.mirror();
        out.drop_rounding(&whole, rounding::<T, R>());
        out
    }

    #[inline(never)]
    fn expected<V: VDerivatives<T, R>>(
        &self,
        slopes: &V,
        factors: &mut Self::Classes,
        c: Option<&SMatrix<T, K, K>>,
    ) -> InformationMatrix<V::ParamCount, T> {
        let slopes = ComponentSlopes::<V::ParamCount, T, Q>::new(slopes);
        if const { Q <= MOST_EFFECTS } {
            let variance = factors.components.variance;
            let beta = factors.sums.as_ref().map_or_else(SVector::zeros, ComponentSums::beta);
            return self.sums(factors, &beta, c).expected(&slopes, variance, rounding::<T, R>());
        }
        let half = convert::<_, T>(0.5);
        let root = root_of(c);
        let at = &factors.components;
        let (xx, _, _) = at.of_residual(&self.residual, &SVector::zeros());
        let logs = slopes.log_variance(at.variance);
        // Σ tr(V⁻¹ ∂ₖV V⁻¹ ∂ₗV)/2, and the terms that are subtracted for the estimation of β
        let (mut out, mut less) = (InformationMatrix::zeros(), InformationMatrix::zeros());
        let scaled = |x: T| tabulate::<V::ParamCount, T>(T::zero(), |k| logs[k] * x);
        out.add_outer(&scaled(self.count * half), &logs);
        let mut of_designs = tabulate::<V::ParamCount, _>(SMatrix::<T, K, K>::zeros(), |k| {
            root.map_or_else(SMatrix::zeros, |root| root.tr_mul(&(xx * root)) * logs[k])
        });
        if let Some(c) = c {
            less.add_outer(&scaled(-inner(c, &xx)), &logs);
        }
        // This cannot fail, because the subjects were factored at this θ before.
        let _ = self.each(|rows| {
            let whitened = at.whiten(rows)?;
            let slopes = slopes.whitened(&whitened);
            out.add_inner(&slopes, half * rows.count);
            let Some(root) = &root else { return Ok(()) };
            let q = product(&whitened.x, root);
            let images = slopes.map(|slope| product(&slope, &q));
            less.add_inner(&images, -T::one());
            for (sum, image) in of_designs.iter_mut().zip(&images) {
                *sum += q.tr_mul(image);
            }
            Ok(())
        });
        let whole = out.diagonal();
        less.add_inner(&of_designs, half);
        out.add_all(&less);
        out.mirror();
        out.drop_rounding(&whole, rounding::<T, R>());
        out
    }
}
