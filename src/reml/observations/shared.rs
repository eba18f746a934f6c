//! The likelihood of data whose subjects all have the same covariance matrix V.

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};

use crate::algebra::cone::ConeVisitor;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::each_derivative;
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::matrix::low_rank::{WriteDesign, WriteWeights};
use crate::algebra::shape::Theta;
use crate::algebra::shape::scale::Scale;
use crate::base::arrays::filled;
use crate::base::error::Error;
use crate::base::finite::check_finite;
use crate::base::scalar::Real;
use crate::linalg::cholesky::Cholesky;
use crate::linalg::cholesky::covariance::not_definite;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::invert::power_of_root;
use crate::linalg::kernel::{divide_twice, sqrt};
use crate::optimise::problem::Ascent;
use crate::reml::covariance_factor::CovarianceFactor;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::low_rank::{InCoordinates, WithData};
use crate::reml::low_rank as reduced;
use crate::reml::observations::blocks::{Block, OnBlock};
use crate::reml::observations::equations::Equations;
use crate::reml::observations::{At, Data, OwnRows, Solution, Summary};
use crate::reml::v_derivatives::{VDerivatives, halves, with_slopes};

/// Data [X y] of one or more classes of subjects with the same V. A class consists of the subjects
/// that are observed in the same rows of V.
///
/// The argument `beta` of a method is β̃, the coefficients of the transformed design X̃. The
/// argument `c` is the matrix C = (X̃ᵀV⁻¹X̃)⁻¹. All formulas use V/τ² in place of V and y/τ in
/// place of y, where τ² is a power of two near the largest entry of V.
pub trait SharedV<const N: usize, const K: usize>: Summary<Self::Scalar, K> {
    /// The scalar type of the data.
    type Scalar: Real;

    /// The Cholesky factors of V, one for each class of subjects with the same V.
    type Classes: AsRef<[CovarianceFactor<Self::Scalar, N>]>
        + AsMut<[CovarianceFactor<Self::Scalar, N>]>;

    /// `true` if the score and the average information need the product of each derivative of V
    /// with only one vector.
    const ONE_VECTOR: bool;

    /// Returns the Cholesky factors for the identity matrix as V.
    fn unit_classes(&self) -> Self::Classes;

    /// Returns the equations of generalised least squares, X̃ᵀV⁻¹X̃ β̃ = X̃ᵀV⁻¹ỹ.
    fn equations(&self, factors: &mut Self::Classes) -> Equations<Self::Scalar, K>;

    /// Returns the sum Σ eᵀV⁻¹e over subjects, where e = ỹ − X̃β̃ are the residuals of a subject.
    fn quadratic(
        &self,
        factors: &mut Self::Classes,
        beta: &SVector<Self::Scalar, K>,
    ) -> Self::Scalar;

    /// Returns the sum over subjects of the following matrix, where X̃ and ỹ are the transformed
    /// data of a subject:
    ///
    /// ```text
    /// uuᵀ − x V⁻¹ + H C Hᵀ        u = V⁻¹(ỹ − X̃β̃),   H = V⁻¹X̃
    /// ```
    ///
    /// If `c` is `None`, the term H C Hᵀ is omitted from the matrix. Callers must call
    /// [`quadratic`](Self::quadratic) with the same `beta` first.
    fn weights(
        &self,
        factors: &mut Self::Classes,
        beta: &SVector<Self::Scalar, K>,
        x: Self::Scalar,
        c: Option<&SMatrix<Self::Scalar, K, K>>,
    ) -> SMatrix<Self::Scalar, N, N>;

    /// Returns the average information matrix. Callers must call [`quadratic`](Self::quadratic)
    /// with the same `beta` first.
    fn average<S: VDerivatives<Self::Scalar, N>>(
        &self,
        slopes: &S,
        factors: &mut Self::Classes,
        beta: &SVector<Self::Scalar, K>,
        c: &SMatrix<Self::Scalar, K, K>,
    ) -> InformationMatrix<S::ParamCount, Self::Scalar>;

    /// Returns the expected information matrix of the restricted likelihood, or of the full
    /// likelihood if `c` is `None`.
    fn expected<S: VDerivatives<Self::Scalar, N>>(
        &self,
        slopes: &S,
        factors: &mut Self::Classes,
        c: Option<&SMatrix<Self::Scalar, K, K>>,
    ) -> InformationMatrix<S::ParamCount, Self::Scalar>;

    /// `true` if the data can be [reduced](Self::reduced) to fewer rows, because all subjects are
    /// seen at the same visits.
    const REDUCIBLE: bool;

    /// Transforms the weighted data to coordinates in which the first `columns` columns of the
    /// fixed design Z form an upper triangular matrix R, and calls `f` with the transformed data
    /// and R.
    fn reduced<const D: usize, F: OnData<Self::Scalar, D, K>>(
        &self,
        design: &SMatrix<Self::Scalar, N, D>,
        columns: usize,
        weights: &[Self::Scalar; N],
        f: F,
    ) -> F::Output;

    /// Returns the data as one block, with the Cholesky factors of V.
    fn block<'f>(&'f self, factors: &'f Self::Classes) -> impl Block<Self::Scalar, N, K>;
}

/// A callback that receives transformed data, and the design of the random effects after the same
/// transformation.
pub trait OnData<T: Real, const D: usize, const K: usize> {
    /// The result of the callback.
    type Output;

    /// Computes the result from the transformed data and the transformed design of the random
    /// effects.
    fn take<S: SharedV<D, K, Scalar = T>>(self, data: S, design: &SMatrix<T, D, D>)
    -> Self::Output;
}

impl<M, D, T, const N: usize, const K: usize> Data<M, T, N, K> for D
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: SharedV<N, K, Scalar = T>,
{
    type Factors = D::Classes;
    type Weights = SMatrix<T, N, N>;

    fn unit_factors(&self) -> D::Classes {
        self.unit_classes()
    }

    fn unit_weights(&self) -> SMatrix<T, N, N> {
        SMatrix::zeros()
    }

    fn evaluate(
        &self,
        model: &M,
        theta: &Theta<M, T>,
        unit: T,
        factors: &mut D::Classes,
    ) -> Result<Solution<T, K>, Error> {
        let (size, log_determinant) = factor::<_, _, N>(model, theta, unit, factors.as_mut())?;
        let equations = self.equations(factors);
        let (cholesky, beta) = equations.solve().map_err(|column| Error::Singular { column })?;
        let quadratic = self.quadratic(factors, &beta);
        Ok(Solution { size, log_determinant, cholesky, beta, quadratic })
    }

    #[inline(never)]
    fn ascend<R>(
        &self,
        at: &At<'_, M, T, K>,
        factors: &mut D::Classes,
        weights: &mut SMatrix<T, N, N>,
        ascent: &mut Ascent<M::ParamCount, T>,
        expected: bool,
        judge: impl FnOnce(&Theta<M, T>, &InformationMatrix<M::ParamCount, T>) -> (bool, R),
    ) -> R {
        *weights = weights_of(self, at, factors);
        with_slopes!(at, |slopes| {
            ascent.score = halves(slopes, weights);
            ascent.average = if expected {
                expected_by(self, slopes, at, factors)
            } else {
                average_by(self, slopes, at, factors)
            };
            let (asks, told) = judge(&ascent.score, &ascent.average);
            ascent.other = if asks { Some(expected_by(self, slopes, at, factors)) } else { None };
            told
        })
    }

    fn score(
        &self,
        at: &At<'_, M, T, K>,
        factors: &mut D::Classes,
    ) -> (Theta<M, T>, SMatrix<T, N, N>) {
        let weights = weights_of(self, at, factors);
        (with_slopes!(at, D::ONE_VECTOR, |slopes| halves(slopes, &weights)), weights)
    }

    #[inline(never)]
    fn average(
        &self,
        at: &At<'_, M, T, K>,
        factors: &mut D::Classes,
    ) -> InformationMatrix<M::ParamCount, T> {
        with_slopes!(at, D::ONE_VECTOR, |slopes| average_by(self, slopes, at, factors))
    }

    fn expected(
        &self,
        at: &At<'_, M, T, K>,
        factors: &mut D::Classes,
    ) -> InformationMatrix<M::ParamCount, T> {
        with_slopes!(at, |slopes| expected_by(self, slopes, at, factors))
    }

    fn curvature(
        &self,
        at: &At<'_, M, T, K>,
        _: &D::Classes,
        weights: &SMatrix<T, N, N>,
    ) -> InformationMatrix<M::ParamCount, T> {
        InformationMatrix { rows: at.model.curvature(at.theta, weights) }
    }

    fn visit_cones<V: ConeVisitor<T>>(
        &self,
        at: &At<'_, M, T, K>,
        _: &D::Classes,
        weights: &SMatrix<T, N, N>,
        visitor: &mut V,
    ) {
        at.model.visit_cones(at.theta, &(weights / at.size), visitor);
    }

    #[inline(never)]
    fn difference(&self, model: &M, a: &Theta<M, T>, b: &Theta<M, T>) -> (T, T) {
        difference(model, a, b)
    }

    fn largest_derivatives(
        &self,
        model: &M,
        theta: &Theta<M, T>,
        rows: &[T; N],
    ) -> Array<T, M::ParamCount> {
        let mut parts = Array(filled::<M::ParamCount, T>(T::zero()));
        take_largest(model, theta, rows, &mut parts);
        parts
    }

    fn row_sizes(&self, size: T, unit: T) -> [T; N] {
        /// The smallest number of residuals for which the mean square of a single row is used.
        const FEW: f64 = 3.0;
        let mut sizes = [size / unit; N];
        if D::ONE_VECTOR {
            return sizes;
        }
        let mut factors = self.unit_classes();
        for factor in factors.as_mut() {
            factor.tau = unit;
        }
        let Ok((_, beta)) = self.equations(&mut factors).solve() else { return sizes };
        self.quadratic(&mut factors, &beta);
        let squares = self.weights(&mut factors, &beta, T::zero(), None);
        for (row, size) in sizes.iter_mut().enumerate() {
            let count = factors.as_ref().iter().fold(T::zero(), |sum, of| sum + of.counts[row]);
            let mean = squares[(row, row)] / count;
            if count >= nalgebra::convert(FEW) && mean > T::zero() && mean.is_finite() {
                *size = sqrt(mean);
            }
        }
        sizes
    }

    fn scales(&self, model: &M, scales: &mut [Scale]) -> bool {
        model.scales(2.0, scales)
    }

    #[cold]
    #[inline(never)]
    fn error_of_v(&self, model: &M, theta: &Theta<M, T>) -> Option<Error> {
        error_of(&model.value(theta))
    }
}

impl<M, D, T, const N: usize, const K: usize> OwnRows<M, T, N, K> for D
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: SharedV<N, K, Scalar = T>,
{
    const REDUCED_ROWS: Option<usize> =
        if D::REDUCIBLE { reduced::rows(M::LOW_RANK, N) } else { None };

    fn are_weights_even(&self, model: &M) -> bool {
        let mut weights = [T::one(); N];
        model.low_rank(WriteWeights(&mut weights));
        are_even(&weights)
    }

    fn in_reduced<A: InCoordinates<T, M::ParamCount, K>, const R: usize>(
        estimation: &Estimation<'_, M, D, T, N, K>,
        action: A,
    ) -> Result<A::Answer, Error> {
        let mut weights = [T::one(); N];
        if M::LOW_RANK.are_weighted() {
            estimation.model.low_rank(WriteWeights(&mut weights));
        }
        let mut design = SMatrix::<T, N, R>::zeros();
        estimation.model.low_rank(WriteDesign(&mut design));
        let reduced = WithData { estimation, action };
        estimation.data.reduced(&design, M::LOW_RANK.columns(), &weights, reduced)
    }

    fn each_block<A: OnBlock<T, M::ParamCount, N, K>>(
        &self,
        at: &At<'_, M, T, K>,
        factors: &D::Classes,
        action: &mut A,
    ) {
        action.take(at.model, &self.block(factors));
    }
}

/// Evaluates V, and factors it for each class of subjects. Returns the size τ² and the sum of
/// log|V/τ²| over subjects, where τ² is a power of two near the largest entry of V.
pub(crate) fn factor<M, T, const N: usize>(
    model: &M,
    theta: &Theta<M, T>,
    unit: T,
    factors: &mut [CovarianceFactor<T, N>],
) -> Result<(T, T), Error>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    let mut v = SMatrix::zeros();
    model.value_into(theta, &mut v);
    check_finite(&v)?;
    // The largest entry of a covariance matrix is on its diagonal.
    let largest = (0..N).fold(T::zero(), |m, i| m.max(v.data.0[i][i].abs()));
    if largest.is_zero() {
        return Err(Error::NotPositiveDefinite { row: 0 });
    }
    let tau = power_of_root(largest);
    divide_twice(&mut v, tau);
    let mut log_determinant = T::zero();
    let (apart, own) = (factor_apart(model, theta, tau, factors), tau * unit);
    for factor in factors.iter_mut().filter(|f| f.is_used()) {
        if !(apart && factor.is_complete()) {
            factor.factor(&v)?;
        }
        factor.tau = own;
        log_determinant += factor.cholesky.log_determinant_by(&factor.counts);
    }
    Ok((tau * tau, log_determinant))
}

/// If the Cholesky factor of V follows from the factors of matrices of which V is composed, stores
/// this factor for the subjects that are observed in every row, and returns `true`. Otherwise
/// returns `false`.
fn factor_apart<M, T, const N: usize>(
    model: &M,
    theta: &Theta<M, T>,
    tau: T,
    factors: &mut [CovarianceFactor<T, N>],
) -> bool
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    let Some(factored) = model.factored(theta) else { return false };
    for factor in factors.iter_mut().filter(|f| f.is_complete()) {
        factor.take(&factored, tau);
    }
    true
}

/// Returns the matrix τ² W from which the score is computed: entry k of the score is ½ ⟨W,
/// ∂V/∂θₖ⟩. The factor τ² is a power of two near the largest entry of V.
#[inline(never)]
fn weights_of<M, D, T, const N: usize, const K: usize>(
    data: &D,
    at: &At<'_, M, T, K>,
    factors: &mut D::Classes,
) -> SMatrix<T, N, N>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: SharedV<N, K, Scalar = T>,
{
    data.weights(factors, at.beta, T::one(), at.restricted())
}

#[inline(never)]
fn average_by<M, D, S, T, const N: usize, const K: usize>(
    data: &D,
    slopes: &S,
    at: &At<'_, M, T, K>,
    factors: &mut D::Classes,
) -> InformationMatrix<S::ParamCount, T>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: SharedV<N, K, Scalar = T>,
    S: VDerivatives<T, N>,
{
    data.average(slopes, factors, at.beta, at.c)
}

#[inline(never)]
fn expected_by<M, D, S, T, const N: usize, const K: usize>(
    data: &D,
    slopes: &S,
    at: &At<'_, M, T, K>,
    factors: &mut D::Classes,
) -> InformationMatrix<S::ParamCount, T>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: SharedV<N, K, Scalar = T>,
    S: VDerivatives<T, N>,
{
    data.expected(slopes, factors, at.restricted())
}

/// Returns the largest absolute entry of V(a) − V(b), and the largest absolute entry of V(b).
pub(crate) fn difference<M, T, const N: usize>(
    model: &M,
    a: &Theta<M, T>,
    b: &Theta<M, T>,
) -> (T, T)
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    let mut values = [SMatrix::<T, N, N>::zeros(); 2];
    for (value, theta) in values.iter_mut().zip([a, b]) {
        model.value_into(theta, value);
    }
    let [there, here] = values;
    ((there - here).amax(), here.amax())
}

/// Replaces each entry of `parts` by the largest |∂Vᵢⱼ/∂θₖ| fᵢ fⱼ, if this is larger.
pub(crate) fn take_largest<M, T, const N: usize>(
    model: &M,
    theta: &Theta<M, T>,
    rows: &[T; N],
    parts: &mut Array<T, M::ParamCount>,
) where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    each_derivative(model, theta, &mut |k, derivative| {
        if let Some(part) = parts.get_mut(k) {
            *part = part.max(derivative.largest(rows, rows));
        }
    });
}

/// Returns the error that says why V is invalid, or `None` if V is a covariance matrix.
pub(crate) fn error_of<T: Real, const N: usize>(v: &SMatrix<T, N, N>) -> Option<Error> {
    let no_root = || Cholesky::new(v).err().map(|row| not_definite(v, row));
    check_finite(v).err().or_else(no_root)
}

/// Returns `true` if no weight is so small in comparison with the largest that its row would lose
/// precision in reduced coordinates.
pub(crate) fn are_even<T: Real, const N: usize>(weights: &[T; N]) -> bool {
    let largest = weights.iter().fold(T::zero(), |m, &w| m.max(w));
    let counts = |w: &T| *w > largest * sqrt(T::default_epsilon()) && w.is_finite();
    weights.iter().all(counts)
}
