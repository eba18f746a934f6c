//! The derivatives of the likelihood of subjects that each have their own V.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector, convert};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::{Shape, Theta};
use crate::base::arrays::tabulate;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::product;
use crate::reml::covariance_factor::rounding;
use crate::reml::model::Model;
use crate::reml::observations::{At, Summary};
use crate::reml::subjects::factored::{Evaluated, Factored};
use crate::reml::subjects::in_reduced::{Derivatives, Differentiate, Point, Wants};
use crate::reml::subjects::rows::SubjectRows;
use crate::reml::subjects::source::{SubjectData, SubjectSource};
use crate::reml::subjects::sums::root_of;
use crate::reml::v_derivatives::{VDerivatives, halves, with_slopes};

/// The sums over subjects from which the score and the information matrices follow. Let H = V⁻¹X̃
/// and u = V⁻¹(ỹ − X̃β̃) for each subject, and C = (Σ X̃ᵀV⁻¹X̃)⁻¹.
struct Sums<P: ArraySize, T, const K: usize> {
    score: Array<T, P>,
    /// ½ Σ uᵀ ∂ₖV V⁻¹ ∂ₗV u
    average: InformationMatrix<P, T>,
    /// ½ Σ tr(V⁻¹ ∂ₖV V⁻¹ ∂ₗV) − Σ tr(C Hᵀ ∂ₖV V⁻¹ ∂ₗV H)
    expected: InformationMatrix<P, T>,
    /// The diagonal of ½ Σ tr(V⁻¹ ∂ₖV V⁻¹ ∂ₗV).
    whole: Array<T, P>,
    /// Σ Hᵀ ∂ₖV u
    across: Array<SVector<T, K>, P>,
    /// C^½ᵀ Σ Hᵀ ∂ₖV H C^½, where C^½ is a matrix with C^½ C^½ᵀ = C, or zeros for full likelihood.
    of_designs: Array<SMatrix<T, K, K>, P>,
}

impl<P: ArraySize, T: Real, const K: usize> Sums<P, T, K> {
    fn new() -> Self {
        let zeros = || tabulate::<P, T>(T::zero(), |_| T::zero());
        Self {
            score: zeros(),
            average: InformationMatrix::zeros(),
            expected: InformationMatrix::zeros(),
            whole: zeros(),
            across: tabulate::<P, _>(SVector::zeros(), |_| SVector::zeros()),
            of_designs: tabulate::<P, _>(SMatrix::zeros(), |_| SMatrix::zeros()),
        }
    }

    /// Adds the average information of a subject with the weighted residuals u.
    fn add_average<S: VDerivatives<T, N, ParamCount = P>, const N: usize>(
        &mut self,
        slopes: &S,
        factored: &Factored<T, N, K>,
        u: &SVector<T, N>,
    ) {
        let images = factored.images(slopes, u);
        self.average.add_products(&images, &images, convert(0.5));
        for (sum, image) in self.across.iter_mut().zip(&images) {
            *sum += factored.x.tr_mul(image);
        }
    }

    /// Adds the expected information of a subject. The argument `root` is C^½, or `None` for full
    /// likelihood.
    fn add_expected<S: VDerivatives<T, N, ParamCount = P>, const N: usize>(
        &mut self,
        slopes: &S,
        factored: &mut Factored<T, N, K>,
        root: Option<&SMatrix<T, K, K>>,
    ) {
        factored.factor.invert();
        let mut own = InformationMatrix::zeros();
        slopes.add_traces(&factored.factor, &mut own);
        for (sum, &part) in self.whole.iter_mut().zip(own.diagonal().as_ref()) {
            *sum += part;
        }
        self.expected.add_all(&own);
        let Some(root) = root else { return };
        let q = product(&factored.x, root);
        let g = factored.upper(q);
        for j in 0..K {
            let images = factored.images(slopes, &g.column(j).into());
            self.expected.add_products(&images, &images, -T::one());
            for (of_design, image) in self.of_designs.iter_mut().zip(&images) {
                let column = of_design.column(j) + q.tr_mul(image);
                of_design.set_column(j, &column);
            }
        }
    }

    /// Subtracts the parts of the information matrices that come from the estimation of β.
    fn finish(&mut self, c: &SMatrix<T, K, K>, rounding: T) {
        let whole = self.average.diagonal();
        self.average.subtract_across(&self.across, c);
        self.average.mirror();
        self.average.drop_rounding(&whole, rounding);
        self.expected.add_inner(&self.of_designs, convert(0.5));
        self.expected.mirror();
        self.expected.drop_rounding(&self.whole.0, rounding);
    }
}

/// The model and the θ at which derivatives of V are computed, divided by `size`.
struct Slopes<'v, V: Shape, T> {
    model: &'v V,
    theta: &'v Theta<V, T>,
    size: T,
}

impl<V, S, M, T, const N: usize, const K: usize> SubjectData<'_, S, M, T, N, K>
where
    T: Real,
    V: ParamMatrix<T, N, N>,
    M: Model<Covariance = V>,
    S: SubjectSource<M, T, N, K>,
{
    /// Calls `f` with V, the rows and the factored V of each subject. V is factored at the θ at
    /// which the likelihood was evaluated, which may differ a little from the θ at which it is
    /// differentiated.
    pub(super) fn each_factored(
        &self,
        evaluated: &Evaluated<T, V::ParamCount>,
        mut f: impl FnMut(&V, &SubjectRows<T, N, K>, Factored<T, N, K>),
    ) {
        let Evaluated { theta, tau } = evaluated;
        // The subjects were factored at this θ before.
        let _ = self.each(|v, rows| {
            f(v, rows, Factored::new(v, &theta.0, &mut Some(*tau), rows)?);
            Ok(())
        });
    }

    /// Calls `f` with V, the factored V and the weighted residuals u of each subject.
    fn each_residual(
        &self,
        at: &At<'_, V, T, K>,
        evaluated: &Evaluated<T, V::ParamCount>,
        mut f: impl FnMut(&V, Factored<T, N, K>, &SVector<T, N>),
    ) {
        let scale = self.reference().scale() / (evaluated.tau * at.unit);
        self.each_factored(evaluated, |v, rows, factored| {
            let u = factored.weighted_residuals(rows, at.beta, scale);
            f(v, factored, &u);
        });
    }

    /// Calls `f` with V and the matrix W of each subject, from which the score is computed.
    pub(super) fn each_weighted(
        &self,
        at: &At<'_, V, T, K>,
        evaluated: &Evaluated<T, V::ParamCount>,
        mut f: impl FnMut(&V, &SMatrix<T, N, N>),
    ) {
        self.each_residual(at, evaluated, |v, mut factored, u| {
            f(v, &factored.weights(u, at.restricted()));
        });
    }

    /// Computes the derivatives that `wants` selects, in one pass over the subjects. If the
    /// subjects can be reduced, the pass uses their reduced rows.
    #[inline(never)]
    pub(super) fn derivatives(
        &self,
        at: &At<'_, V, T, K>,
        evaluated: &Evaluated<T, V::ParamCount>,
        wants: Wants,
    ) -> Derivatives<V::ParamCount, T> {
        let reduced = Differentiate { at: Point::new(at, evaluated), wants };
        if let Some(derivatives) = self.in_reduced(at.model, reduced) {
            return derivatives;
        }
        let root = root_of(at.restricted());
        let mut sums = Sums::new();
        self.each_residual(at, evaluated, |v, mut factored, u| {
            let slopes = Slopes { model: v, theta: at.theta, size: at.size };
            let observed = factored.factor.observed;
            with_slopes!(slopes, [V, N, &observed], |slopes| {
                if wants.score {
                    let parts = halves(slopes, &factored.weights(u, at.restricted()));
                    for (sum, &part) in sums.score.iter_mut().zip(parts.as_ref()) {
                        *sum += part;
                    }
                }
                if wants.average {
                    sums.add_average(slopes, &factored, u);
                }
                if wants.expected {
                    sums.add_expected(slopes, &mut factored, root.as_ref());
                }
            });
        });
        sums.finish(at.c, rounding::<T, N>());
        let Sums { score, average, expected, .. } = sums;
        Derivatives { score: score.0, average, expected }
    }
}
