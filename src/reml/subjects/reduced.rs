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
//! ⎡ D G D + σ² I      ⎤        D: the largest norm of each column of A over the subjects
//! ⎣               σ²  ⎦
//! ```
//!
//! All derivatives of the likelihood are sums over subjects of derivatives with respect to the
//! entries of this matrix.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector, convert};
use typenum::Unsigned;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::arrays::{filled, tabulate};
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::cholesky::{Cholesky, semidefinite_columns};
use crate::linalg::compensated::CompensatedSum;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::{inner, product, sqrt};
use crate::reml::covariance_factor::rounding;
use crate::reml::model::Model;
use crate::reml::observations::Summary;
use crate::reml::observations::shared::{CommonV, LeastSquares, SharedV};
use crate::reml::standardisation::Standardisation;
use crate::reml::subjects::reduction::{ReducedRows, Reduction, rotation};
use crate::reml::subjects::source::{InOwnRows, SubjectSource, Totals};
use crate::reml::subjects::triangle::Triangle;
use crate::reml::v_derivatives::VDerivatives;

/// Subjects whose data are reduced to the rows of their random effects.
pub(crate) struct ReducedSubjects<'d, S, M, T, const N: usize, const K: usize, const Q: usize> {
    data: &'d InOwnRows<'d, S, M, T, N, K>,
    totals: Totals<T, K>,
    /// The largest norm of each column of A over the subjects, or one if the norm is zero.
    norms: [T; Q],
    residual: Triangle<T, K>,
    /// The number of observations minus Q for each subject. A subject with fewer rows has further
    /// rows of zeros with the variance σ², and this number can be negative.
    count: T,
}

/// G and σ² at a θ.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Components<T, const Q: usize, const K: usize> {
    /// D G D/τ²
    g: SMatrix<T, Q, Q>,
    /// σ²/τ²
    variance: T,
    /// The factor s/τ that converts residuals of ỹ to residuals of y/τ.
    scale: T,
    /// The triangular factor of the whitened data L⁻¹[X̃ ỹ] of all subjects.
    triangle: Triangle<T, K>,
}

impl<'d, S, M, T, const N: usize, const K: usize, const Q: usize>
    ReducedSubjects<'d, S, M, T, N, K, Q>
where
    T: Real,
    M: Model<Covariance: ParamMatrix<T, N, N>>,
    S: SubjectSource<M, T, N, K>,
{
    /// Returns the reduced data, or `None` if the subjects cannot be reduced.
    pub(super) fn new(data: &'d InOwnRows<'d, S, M, T, N, K>) -> Option<Self> {
        let Reduction { norms, residual, observations, subjects, log_weights } = data.reduction?;
        let norm = |j: usize| norms.get(j).copied().filter(|norm| *norm > T::zero());
        let mut totals = *data.as_ref();
        totals.log_weights += log_weights;
        Some(Self {
            data,
            totals,
            norms: core::array::from_fn(|j| norm(j).unwrap_or_else(T::one)),
            residual,
            count: observations - subjects * convert(Q as f64),
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

    /// Calls `f` with the first rows of each subject.
    fn each(
        &self,
        mut f: impl FnMut(&ReducedRows<T, Q, K>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut with_unit_columns = |mut rows: ReducedRows<T, Q, K>| {
            for (column, &norm) in rows.design.data.0.iter_mut().zip(&self.norms) {
                for entry in column {
                    *entry /= norm;
                }
            }
            f(&rows)
        };
        let columns = M::Covariance::LOW_RANK.columns();
        if let Some(mut stored) = self.data.stored.chunks(columns * (columns + K + 1)) {
            return stored
                .try_for_each(|numbers| with_unit_columns(ReducedRows::read(numbers, columns)));
        }
        self.data.each_subject(|subject, rows| {
            let (rotation, design) =
                rotation::<_, _, N, Q>(subject.model().covariance(), &rows.observed);
            with_unit_columns(ReducedRows {
                design,
                x: rotation.head(&rotation.rotated(&rows.x)),
                y: rotation.head(&rotation.rotated(&rows.y)),
            })
        })
    }
}

impl<S, M, T: Real, const N: usize, const K: usize, const Q: usize> Summary<T, K>
    for ReducedSubjects<'_, S, M, T, N, K, Q>
{
    fn observations(&self) -> usize {
        self.totals.observations
    }

    fn largest(&self) -> T {
        self.totals.largest
    }

    fn log_weights(&self) -> T {
        self.totals.log_weights
    }

    fn reference(&self) -> &Standardisation<T, K> {
        &self.totals.reference
    }

    fn product(&self, a: usize, b: usize) -> T {
        self.totals.gram.product(a, b)
    }
}

/// One subject with the Cholesky factor L of A G Aᵀ + σ² I.
struct Whitened<T, const Q: usize, const K: usize> {
    root: Cholesky<T, Q>,
    /// L⁻¹A
    design: SMatrix<T, Q, Q>,
    /// L⁻¹X̃
    x: SMatrix<T, Q, K>,
}

impl<T: Real, const Q: usize, const K: usize> Components<T, Q, K> {
    fn root(&self, rows: &ReducedRows<T, Q, K>) -> Result<Cholesky<T, Q>, Error> {
        let a = &rows.design;
        let mut v = product(&product(a, &self.g), &a.transpose());
        for i in 0..Q {
            v.data.0[i][i] += self.variance;
        }
        Cholesky::new(&v).map_err(|row| Error::NotPositiveDefinite { row })
    }

    fn whiten(&self, rows: &ReducedRows<T, Q, K>) -> Result<Whitened<T, Q, K>, Error> {
        let root = self.root(rows)?;
        let (mut design, mut x) = (rows.design, rows.x);
        root.solve_lower_all(&mut design);
        root.solve_lower_all(&mut x);
        Ok(Whitened { root, design, x })
    }

    /// Returns the whitened residuals L⁻¹(ỹ − X̃β̃) s/τ.
    fn residuals(
        &self,
        whitened: &Whitened<T, Q, K>,
        rows: &ReducedRows<T, Q, K>,
        beta: &SVector<T, K>,
    ) -> SVector<T, Q> {
        let mut e = (rows.y - product(&rows.x, beta)) * self.scale;
        whitened.root.solve_lower(&mut e.data.0[0]);
        e
    }

    /// Returns the products of the residual rows: X̃ᵀX̃/σ², X̃ᵀe/σ² and eᵀe/σ².
    fn of_residual(
        &self,
        rows: &Triangle<T, K>,
        beta: &SVector<T, K>,
    ) -> (SMatrix<T, K, K>, SVector<T, K>, T) {
        let e = (rows.y - rows.x * beta) * self.scale;
        let rest = rows.rest() * self.scale * self.scale;
        let over = T::one() / self.variance;
        let xx = rows.x.tr_mul(&rows.x) * over;
        (xx, rows.x.tr_mul(&e) * over, (e.norm_squared() + rest) * over)
    }
}

/// The derivatives of D G D/τ² and σ²/τ² with respect to each parameter.
struct ComponentSlopes<P: ArraySize, T, const Q: usize> {
    g: Array<SMatrix<T, Q, Q>, P>,
    variance: Array<T, P>,
}

impl<P: ArraySize, T: Real, const Q: usize> ComponentSlopes<P, T, Q> {
    /// Reads the derivatives from the derivatives of the matrix that all subjects share.
    fn new<V: VDerivatives<T, R, ParamCount = P>, const R: usize>(slopes: &V) -> Self {
        let mut out = Self {
            g: Array(filled::<P, _>(SMatrix::zeros())),
            variance: tabulate::<P, T>(T::zero(), |_| T::zero()),
        };
        for j in (0..=Q).rev() {
            let mut unit = SVector::<T, R>::zeros();
            if let Some(entry) = unit.get_mut(j) {
                *entry = T::one();
            }
            let columns = Array::<_, P>(slopes.products(&unit));
            for ((column, g), variance) in columns.iter().zip(&mut out.g).zip(&mut out.variance) {
                if j == Q {
                    *variance = column.get(Q).copied().unwrap_or_else(T::zero);
                    continue;
                }
                for (i, &entry) in column.iter().enumerate().take(Q) {
                    g[(i, j)] = if i == j { entry - *variance } else { entry };
                }
            }
        }
        out
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
    type Classes = Components<T, Q, K>;

    const ONE_VECTOR: bool = false;

    fn unit_classes(&self) -> Self::Classes {
        Components {
            g: SMatrix::zeros(),
            variance: T::one(),
            scale: T::one(),
            triangle: Triangle::new(),
        }
    }

    #[inline(never)]
    fn factor(&self, v: &CommonV<T, R>, at: &mut Self::Classes) -> Result<T, Error> {
        let entry = |i: usize, j: usize| v.value.get((i, j)).copied().unwrap_or_else(T::zero);
        let variance = entry(Q, Q);
        if variance <= T::zero() {
            return Err(Error::NotPositiveDefinite { row: Q });
        }
        let of_residual = |i, j| if i == j { variance } else { T::zero() };
        at.g = SMatrix::from_fn(|i, j| entry(i, j) - of_residual(i, j));
        at.variance = variance;
        at.scale = self.totals.reference.scale() / (v.tau * v.unit);
        let one = CompensatedSum::of(T::one());
        let mut log_determinant = CompensatedSum::of(self.count * variance.ln());
        let mut triangle = Triangle::new();
        self.each(|rows| {
            let root = at.root(rows)?;
            log_determinant.add_product(one, CompensatedSum::of(root.log_determinant()));
            let (mut x, mut y) = (rows.x, rows.y);
            root.solve_lower_all(&mut x);
            root.solve_lower(&mut y.data.0[0]);
            triangle.add(&mut x, &mut y);
            Ok(())
        })?;
        triangle.merge(&self.residual, T::one() / sqrt(variance));
        at.triangle = triangle;
        Ok(log_determinant.rounded())
    }

    fn solve(&self, at: &mut Self::Classes) -> Result<LeastSquares<T, K>, usize> {
        let (cholesky, beta) = at.triangle.solve()?;
        Ok(LeastSquares { cholesky, beta, quadratic: at.triangle.rest() * at.scale * at.scale })
    }

    /// Returns the weights of the matrix that all subjects share. Entry (i, j) of the first Q rows
    /// is that of Σ D⁻¹Aᵀ W A D⁻¹ over subjects, and the last entry is the rest of Σ tr(W), where W
    /// is the matrix of weights of a subject.
    #[inline(never)]
    fn weights(
        &self,
        at: &mut Self::Classes,
        beta: &SVector<T, K>,
        c: Option<&SMatrix<T, K, K>>,
    ) -> SMatrix<T, R, R> {
        let (xx, _, ee) = at.of_residual(&self.residual, beta);
        let of_c = c.map_or_else(T::zero, |c| inner(c, &xx));
        let mut trace = (ee + of_c - self.count) / at.variance;
        let mut sum = SMatrix::<T, Q, Q>::zeros();
        // The subjects were factored at this θ before.
        let _ = self.each(|rows| {
            let whitened = at.whiten(rows)?;
            let e = at.residuals(&whitened, rows, beta);
            let Whitened { root, design, x } = &whitened;
            // L⁻¹ (e eᵀ + X̃ C X̃ᵀ) L⁻ᵀ − I
            let mut inside = product(&e, &e.transpose());
            if let Some(c) = c {
                inside += product(&product(x, c), &x.transpose());
            }
            for i in 0..Q {
                inside.data.0[i][i] -= T::one();
            }
            sum += product(&design.transpose(), &product(&inside, design));
            root.solve_upper_all(&mut inside);
            let mut inside = inside.transpose();
            root.solve_upper_all(&mut inside);
            trace += inside.trace();
            Ok(())
        });
        let mut weights = SMatrix::<T, R, R>::zeros();
        for (out, column) in weights.data.0.iter_mut().zip(&sum.data.0) {
            for (out, &x) in out.iter_mut().zip(column) {
                *out = x;
            }
        }
        if let Some(entry) = weights.get_mut((Q, Q)) {
            *entry = trace - sum.trace();
        }
        weights
    }

    #[inline(never)]
    fn average<V: VDerivatives<T, R>>(
        &self,
        slopes: &V,
        at: &mut Self::Classes,
        beta: &SVector<T, K>,
        c: &SMatrix<T, K, K>,
    ) -> InformationMatrix<V::ParamCount, T> {
        let slopes = ComponentSlopes::<V::ParamCount, T, Q>::new(slopes);
        let half = convert::<_, T>(0.5);
        let mut out = InformationMatrix::zeros();
        let (_, xe, ee) = at.of_residual(&self.residual, beta);
        let logs = slopes.log_variance(at.variance);
        out.add_outer(&tabulate::<V::ParamCount, T>(T::zero(), |k| logs[k] * ee * half), &logs);
        let mut across = tabulate::<V::ParamCount, _>(SVector::zeros(), |k| xe * logs[k]);
        // The subjects were factored at this θ before.
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
        subtract_across(&mut out, &across, c);
        out.mirror();
        out.drop_rounding(&whole, rounding::<T, R>());
        out
    }

    #[inline(never)]
    fn expected<V: VDerivatives<T, R>>(
        &self,
        slopes: &V,
        at: &mut Self::Classes,
        c: Option<&SMatrix<T, K, K>>,
    ) -> InformationMatrix<V::ParamCount, T> {
        let slopes = ComponentSlopes::<V::ParamCount, T, Q>::new(slopes);
        let half = convert::<_, T>(0.5);
        let root = c.map(|c| semidefinite_columns(*c));
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
            less.add_outer(&scaled(inner(c, &xx)), &logs);
        }
        // The subjects were factored at this θ before.
        let _ = self.each(|rows| {
            let whitened = at.whiten(rows)?;
            let slopes = slopes.whitened(&whitened);
            add_inner(&mut out, &slopes, half);
            let Some(root) = &root else { return Ok(()) };
            let q = product(&whitened.x, root);
            let images = slopes.map(|slope| product(&slope, &q));
            add_inner(&mut less, &images, T::one());
            for (sum, image) in of_designs.iter_mut().zip(&images) {
                *sum += q.tr_mul(image);
            }
            Ok(())
        });
        let whole = out.diagonal();
        for k in 0..V::ParamCount::USIZE {
            for l in 0..=k {
                let both = inner(&of_designs[k], &of_designs[l]) * half;
                out.add(k, l, both - less.get(k, l));
            }
        }
        out.mirror();
        out.drop_rounding(&whole, rounding::<T, R>());
        out
    }
}

impl<P: ArraySize, T: Real, const Q: usize> ComponentSlopes<P, T, Q> {
    /// Returns the derivatives of log σ².
    fn log_variance(&self, variance: T) -> Array<T, P> {
        tabulate::<P, T>(T::zero(), |k| self.variance[k] / variance)
    }

    /// Returns L⁻¹ ∂ₖV L⁻ᵀ for each parameter.
    fn whitened<const K: usize>(
        &self,
        Whitened { root, design, .. }: &Whitened<T, Q, K>,
    ) -> Array<SMatrix<T, Q, Q>, P> {
        let inverse_root = root.inverse_root();
        let of_residual = product(&inverse_root.transpose(), &inverse_root);
        tabulate::<P, _>(SMatrix::zeros(), |k| {
            let of_g = product(&product(design, &self.g[k]), &design.transpose());
            of_g + of_residual * self.variance[k]
        })
    }

    /// Returns L⁻¹ ∂ₖV L⁻ᵀ e for each parameter.
    fn images<const K: usize>(
        &self,
        Whitened { root, design, .. }: &Whitened<T, Q, K>,
        e: &SVector<T, Q>,
    ) -> Array<SVector<T, Q>, P> {
        let along = design.tr_mul(e);
        let mut of_residual = *e;
        root.solve_upper(&mut of_residual.data.0[0]);
        root.solve_lower(&mut of_residual.data.0[0]);
        tabulate::<P, _>(SVector::zeros(), |k| {
            product(design, &product(&self.g[k], &along)) + of_residual * self.variance[k]
        })
    }
}

/// Adds x ⟨Bₖ, Bₗ⟩ to each entry (k, l) of the lower triangle.
fn add_inner<P: ArraySize, T: Real, const R: usize, const C: usize>(
    out: &mut InformationMatrix<P, T>,
    matrices: &Array<SMatrix<T, R, C>, P>,
    x: T,
) {
    for (k, of_k) in matrices.iter().enumerate() {
        for (l, of_l) in matrices.iter().enumerate().take(k + 1) {
            out.add(k, l, inner(of_k, of_l) * x);
        }
    }
}

/// Subtracts ½ aₖᵀ C aₗ from each entry (k, l) of the lower triangle of the average information,
/// where aₖ is the sum of Hᵀ ∂ₖV u over subjects.
pub(super) fn subtract_across<P: ArraySize, T: Real, const K: usize>(
    out: &mut InformationMatrix<P, T>,
    across: &Array<SVector<T, K>, P>,
    c: &SMatrix<T, K, K>,
) {
    let half = convert::<_, T>(0.5);
    for (k, of_k) in across.iter().enumerate() {
        let of_c = c * of_k;
        for (l, of_l) in across.iter().enumerate().take(k + 1) {
            out.add(k, l, -of_c.dot(of_l) * half);
        }
    }
}
