//! Computations that visit one subject after another.

use hybrid_array::{Array, ArraySize};
use nalgebra::{SMatrix, SVector, convert};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, Theta};
use crate::base::arrays::tabulate;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::compensated::CompensatedSum;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::{inner, product};
use crate::reml::observations::At;
use crate::reml::observations::shared::{difference, error_of, take_largest};
use crate::reml::subjects::factored::{Evaluated, Factored};
use crate::reml::subjects::reduced::subtract_across;
use crate::reml::subjects::rows::SubjectRows;
use crate::reml::subjects::source::EachSubject;
use crate::reml::subjects::triangle::Triangle;
use crate::reml::v_derivatives::{VDerivatives, halves, with_slopes};

/// The sums over subjects from which a likelihood is evaluated.
pub(super) struct Evaluate<'t, P: ArraySize, T, const K: usize> {
    pub(super) theta: &'t P::ArrayType<T>,
    /// The power of two τ for which V/τ² is factored, or `None` before the first subject.
    pub(super) tau: Option<T>,
    pub(super) log_determinant: CompensatedSum<T>,
    /// The triangular factor of the whitened data L⁻¹[X̃ ỹ].
    pub(super) triangle: Triangle<T, K>,
}

impl<P: ArraySize, T: Real, const K: usize> Evaluate<'_, P, T, K> {
    fn add_log_determinant(&mut self, x: T) {
        self.log_determinant.add_product(CompensatedSum::of(T::one()), CompensatedSum::of(x));
    }
}

impl<P: ArraySize, T: Real, const R: usize, const K: usize> EachSubject<T, P, R, K>
    for Evaluate<'_, P, T, K>
{
    fn take<V>(&mut self, v: &V, rows: &SubjectRows<T, R, K>) -> Result<(), Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
    {
        let Factored { factor, mut x } = Factored::new(v, self.theta, &mut self.tau, rows)?;
        self.add_log_determinant(factor.cholesky.log_determinant_by(&factor.counts));
        let mut y = rows.y;
        factor.cholesky.solve_lower(&mut y.data.0[0]);
        self.triangle.add(&mut x, &mut y);
        Ok(())
    }
}

/// The θ and the estimates at which derivatives are computed.
pub(super) struct Place<'t, P: ArraySize, T, const K: usize> {
    /// The θ at which V is factored.
    evaluated: &'t P::ArrayType<T>,
    /// The θ at which V is differentiated, which may lie a little inside the boundary.
    theta: &'t P::ArrayType<T>,
    tau: T,
    size: T,
    beta: &'t SVector<T, K>,
    /// The factor s/τ that converts residuals of ỹ to residuals of y/τ.
    scale: T,
}

impl<'t, P: ArraySize, T: Real, const K: usize> Place<'t, P, T, K> {
    pub(super) fn new<M: Shape<ParamCount = P>>(
        at: &At<'t, M, T, K>,
        evaluated: &'t Evaluated<T, P>,
        scale: T,
    ) -> Self {
        Self {
            evaluated: &evaluated.theta.0,
            theta: at.theta,
            tau: evaluated.tau,
            size: at.size,
            beta: at.beta,
            scale: scale / (evaluated.tau * at.unit),
        }
    }

    /// Factors V for one subject.
    fn factor<V, const R: usize>(
        &self,
        v: &V,
        rows: &SubjectRows<T, R, K>,
    ) -> Result<Factored<T, R, K>, Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
    {
        Factored::new(v, self.evaluated, &mut Some(self.tau), rows)
    }
}

/// The derivatives that a pass over the subjects computes.
#[derive(Clone, Copy)]
pub(super) struct Wants {
    pub(super) score: bool,
    pub(super) average: bool,
    pub(super) expected: bool,
}

/// The sums over subjects from which the score and the information matrices follow. Let H = V⁻¹X̃
/// and u = V⁻¹(ỹ − X̃β̃) for each subject, and C = (Σ X̃ᵀV⁻¹X̃)⁻¹.
pub(super) struct Sums<P: ArraySize, T, const K: usize> {
    pub(super) score: Array<T, P>,
    /// ½ Σ uᵀ ∂ₖV V⁻¹ ∂ₗV u
    pub(super) average: InformationMatrix<P, T>,
    /// ½ Σ tr(V⁻¹ ∂ₖV V⁻¹ ∂ₗV) − Σ tr(C Hᵀ ∂ₖV V⁻¹ ∂ₗV H)
    pub(super) expected: InformationMatrix<P, T>,
    /// The diagonal of ½ Σ tr(V⁻¹ ∂ₖV V⁻¹ ∂ₗV).
    whole: Array<T, P>,
    /// Σ Hᵀ ∂ₖV u
    across: Array<SVector<T, K>, P>,
    /// C^½ᵀ Σ Hᵀ ∂ₖV H C^½, where C^½ is a matrix with C^½ C^½ᵀ = C
    of_designs: Array<SMatrix<T, K, K>, P>,
}

impl<P: ArraySize, T: Real, const K: usize> Sums<P, T, K> {
    pub(super) fn new() -> Self {
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

    /// Subtracts the parts of the information matrices that come from the estimation of β.
    pub(super) fn finish(
        &mut self,
        wants: Wants,
        c: &SMatrix<T, K, K>,
        is_restricted: bool,
        rounding: T,
    ) {
        let half = convert::<_, T>(0.5);
        if wants.average {
            let whole = self.average.diagonal();
            subtract_across(&mut self.average, &self.across, c);
            self.average.mirror();
            self.average.drop_rounding(&whole, rounding);
        }
        if wants.expected {
            if is_restricted {
                for k in 0..P::USIZE {
                    for l in 0..=k {
                        let product = inner(&self.of_designs[k], &self.of_designs[l]);
                        self.expected.add(k, l, product * half);
                    }
                }
            }
            self.expected.mirror();
            self.expected.drop_rounding(&self.whole.0, rounding);
        }
    }
}

/// A pass that computes derivatives of the likelihood.
pub(super) struct Derivatives<'t, P: ArraySize, T, const K: usize> {
    pub(super) place: Place<'t, P, T, K>,
    pub(super) wants: Wants,
    /// C for restricted likelihood, and `None` for full likelihood.
    pub(super) c: Option<&'t SMatrix<T, K, K>>,
    /// A matrix C^½ with C^½ C^½ᵀ = C for restricted likelihood, and `None` for full likelihood.
    pub(super) root: Option<SMatrix<T, K, K>>,
    pub(super) sums: Sums<P, T, K>,
}

impl<P: ArraySize, T: Real, const R: usize, const K: usize> EachSubject<T, P, R, K>
    for Derivatives<'_, P, T, K>
{
    fn take<V>(&mut self, v: &V, rows: &SubjectRows<T, R, K>) -> Result<(), Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
    {
        let Self { place, wants, c, root, sums } = self;
        let mut factored = place.factor(v, rows)?;
        let u = factored.upper(factored.residuals(rows, place.beta, place.scale));
        let weights = wants.score.then(|| factored.weights(&u, *c));
        let at = Slopes { model: v, theta: place.theta, size: place.size };
        with_slopes!(at, [V, R], |slopes| {
            if let Some(weights) = &weights {
                let parts = halves(slopes, weights);
                for (sum, &part) in sums.score.iter_mut().zip(parts.as_ref()) {
                    *sum += part;
                }
            }
            if wants.average {
                let images = factored.images(slopes, &u);
                sums.average.add_products(&images, &images, convert(0.5));
                for (sum, image) in sums.across.iter_mut().zip(&images) {
                    *sum += factored.x.tr_mul(image);
                }
            }
            if wants.expected {
                factored.factor.invert();
                let mut own = InformationMatrix::zeros();
                slopes.add_traces(&factored.factor, &mut own);
                for (sum, &part) in sums.whole.iter_mut().zip(own.diagonal().as_ref()) {
                    *sum += part;
                }
                sums.expected.add_all(&own);
                if let Some(root) = root {
                    let q = product(&factored.x, root);
                    let g = factored.upper(q);
                    for j in 0..K {
                        let images = factored.images(slopes, &g.column(j).into());
                        sums.expected.add_products(&images, &images, -T::one());
                        for (of_design, image) in sums.of_designs.iter_mut().zip(&images) {
                            let column = of_design.column(j) + q.tr_mul(image);
                            of_design.set_column(j, &column);
                        }
                    }
                }
            }
        });
        Ok(())
    }
}

/// The model and the θ at which derivatives of V are computed, divided by `size`.
struct Slopes<'v, V: Shape, T> {
    model: &'v V,
    theta: &'v Theta<V, T>,
    size: T,
}

/// A computation on V and the weights W of one subject. Entry k of the score is the sum of ½ ⟨W,
/// ∂ₖV⟩/τ² over subjects.
pub(super) trait OnWeights<T: Real, P: ArraySize, const R: usize> {
    fn take<V>(&mut self, v: &V, weights: &SMatrix<T, R, R>)
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>;
}

/// A pass that calls `action` with the weights of each subject.
pub(super) struct EachWeighted<'t, A, P: ArraySize, T, const K: usize> {
    pub(super) place: Place<'t, P, T, K>,
    /// C for restricted likelihood, and `None` for full likelihood.
    pub(super) c: Option<&'t SMatrix<T, K, K>>,
    pub(super) action: &'t mut A,
}

impl<A, P, T, const R: usize, const K: usize> EachSubject<T, P, R, K>
    for EachWeighted<'_, A, P, T, K>
where
    P: ArraySize,
    T: Real,
    A: OnWeights<T, P, R>,
{
    fn take<V>(&mut self, v: &V, rows: &SubjectRows<T, R, K>) -> Result<(), Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
    {
        let mut factored = self.place.factor(v, rows)?;
        let u = factored.upper(factored.residuals(rows, self.place.beta, self.place.scale));
        let weights = factored.weights(&u, self.c);
        self.action.take(v, &weights);
        Ok(())
    }
}

/// The sum of the second derivatives ⟨τ² W, ∂ₖₗV⟩ over subjects.
pub(super) struct Curvature<'t, P: ArraySize, T> {
    pub(super) theta: &'t P::ArrayType<T>,
    pub(super) sum: InformationMatrix<P, T>,
}

impl<P: ArraySize, T: Real, const R: usize> OnWeights<T, P, R> for Curvature<'_, P, T> {
    fn take<V>(&mut self, v: &V, weights: &SMatrix<T, R, R>)
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
    {
        self.sum.add_all(&InformationMatrix { rows: v.curvature(self.theta, weights) });
    }
}

/// The largest absolute entry of V(a) − V(b), and the largest absolute entry of V(b).
pub(super) struct Difference<'t, P: ArraySize, T> {
    pub(super) a: &'t P::ArrayType<T>,
    pub(super) b: &'t P::ArrayType<T>,
    pub(super) largest: (T, T),
}

impl<P: ArraySize, T: Real, const R: usize, const K: usize> EachSubject<T, P, R, K>
    for Difference<'_, P, T>
{
    fn take<V>(&mut self, v: &V, _: &SubjectRows<T, R, K>) -> Result<(), Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
    {
        let (change, size) = difference(v, self.a, self.b);
        self.largest = (self.largest.0.max(change), self.largest.1.max(size));
        Ok(())
    }
}

/// The largest |∂Vᵢⱼ/∂θₖ| fᵢ fⱼ for each parameter.
pub(super) struct LargestDerivatives<'t, P: ArraySize, T, const R: usize> {
    pub(super) theta: &'t P::ArrayType<T>,
    pub(super) rows: &'t [T; R],
    pub(super) parts: Array<T, P>,
}

impl<P: ArraySize, T: Real, const R: usize, const K: usize> EachSubject<T, P, R, K>
    for LargestDerivatives<'_, P, T, R>
{
    fn take<V>(&mut self, v: &V, _: &SubjectRows<T, R, K>) -> Result<(), Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
    {
        take_largest(v, self.theta, self.rows, &mut self.parts);
        Ok(())
    }
}

/// The first error of the covariance matrix of a subject at θ.
pub(super) struct ErrorOfV<'t, P: ArraySize, T> {
    pub(super) theta: &'t P::ArrayType<T>,
}

impl<P: ArraySize, T: Real, const R: usize, const K: usize> EachSubject<T, P, R, K>
    for ErrorOfV<'_, P, T>
{
    fn take<V>(&mut self, v: &V, _: &SubjectRows<T, R, K>) -> Result<(), Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
    {
        error_of(&v.value(self.theta)).map_or(Ok(()), Err)
    }
}

/// The scales of the parameters over all subjects. The typical value of a parameter is the
/// geometric mean of its typical values in the models of the subjects, so that it does not depend
/// on the order of the subjects.
pub(super) struct CommonScales<P: ArraySize> {
    pub(super) homogeneous: bool,
    logs: Array<f64, P>,
    counts: Array<f64, P>,
}

impl<P: ArraySize> CommonScales<P> {
    pub(super) fn new() -> Self {
        let zeros = || tabulate::<P, f64>(0.0, |_| 0.0);
        Self { homogeneous: true, logs: zeros(), counts: zeros() }
    }

    /// Replaces the typical values of the first subject by those of all subjects.
    pub(super) fn write(&self, scales: &mut [Scale]) {
        for ((scale, log), &count) in scales.iter_mut().zip(&self.logs).zip(&self.counts) {
            if count > 0.0 {
                scale.typical = nalgebra::ComplexField::exp(log / count);
            }
        }
    }
}

impl<P: ArraySize, T: Real, const R: usize, const K: usize> EachSubject<T, P, R, K>
    for CommonScales<P>
{
    fn take<V>(&mut self, v: &V, _: &SubjectRows<T, R, K>) -> Result<(), Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
    {
        let mut scales = tabulate::<P, Scale>(Scale::default(), |_| Scale::default());
        self.homogeneous &= v.scales(2.0, &mut scales);
        for ((scale, log), count) in scales.iter().zip(&mut self.logs).zip(&mut self.counts) {
            if scale.typical > 0.0 && scale.typical.is_finite() {
                *log += nalgebra::ComplexField::ln(scale.typical);
                *count += 1.0;
            }
        }
        Ok(())
    }
}
