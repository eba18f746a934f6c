//! The likelihood of data whose subjects all have the same covariance matrix V.

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};

use crate::algebra::cone::ConeVisitor;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::each_derivative;
use crate::algebra::matrix::ext::ParamMatrixExt;
use crate::algebra::matrix::factored::Factored;
use crate::algebra::shape::Theta;
use crate::algebra::shape::scale::Scale;
use crate::base::arrays::filled;
use crate::base::error::Error;
use crate::base::finite::check_finite;
use crate::base::scalar::Real;
use crate::linalg::cholesky::Cholesky;
use crate::linalg::cholesky::covariance::not_definite;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::divide_twice;
use crate::linalg::kernel::invert::power_of_root;
use crate::optimise::problem::Ascent;
use crate::reml::covariance_factor::{CovarianceFactor, with_unit_rows};
use crate::reml::observations::blocks::Block;
use crate::reml::observations::{At, Data, Solution, Summary};
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

    /// The Cholesky factors of V, and other intermediate results at a θ.
    type Classes;

    /// `true` if the score and the average information need the product of each derivative of V
    /// with only one vector.
    const ONE_VECTOR: bool;

    /// Returns the Cholesky factors for the identity matrix as V.
    fn unit_classes(&self) -> Self::Classes;

    /// Factors V, and returns the sum of log|V/τ²| over subjects.
    ///
    /// # Errors
    ///
    /// [`Error::NotPositiveDefinite`] with the first row of V that depends linearly on the rows
    /// before it.
    fn factor(
        &self,
        v: &CommonV<Self::Scalar, N>,
        factors: &mut Self::Classes,
    ) -> Result<Self::Scalar, Error>;

    /// Solves the equations of generalised least squares, X̃ᵀV⁻¹X̃ β̃ = X̃ᵀV⁻¹ỹ.
    ///
    /// # Errors
    ///
    /// Returns the index of the first column of X̃ that is a linear combination of the columns
    /// before it.
    fn solve(&self, factors: &mut Self::Classes) -> Result<LeastSquares<Self::Scalar, K>, usize>;

    /// Returns the sum over subjects of the following matrix, where X̃ and ỹ are the transformed
    /// data of a subject:
    ///
    /// ```text
    /// uuᵀ − V⁻¹ + H C Hᵀ        u = V⁻¹(ỹ − X̃β̃),   H = V⁻¹X̃
    /// ```
    ///
    /// If `c` is `None`, the term H C Hᵀ is omitted from the matrix. The factors must have been
    /// [solved](Self::solve).
    fn weights(
        &self,
        factors: &mut Self::Classes,
        beta: &SVector<Self::Scalar, K>,
        c: Option<&SMatrix<Self::Scalar, K, K>>,
    ) -> SMatrix<Self::Scalar, N, N>;

    /// Returns the average information matrix. The factors must have been [solved](Self::solve).
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

    /// Returns, for each row, the standard deviation of the residuals of ordinary least squares,
    /// divided by `unit`. By default, and for a row with too few residuals, returns `size` divided
    /// by `unit`, where `size` is the standard deviation of all residuals.
    fn row_sizes(&self, size: Self::Scalar, unit: Self::Scalar) -> [Self::Scalar; N] {
        [size / unit; N]
    }
}

/// A covariance matrix that several subjects share, divided by the power of two τ².
pub struct CommonV<T: Real, const N: usize> {
    pub(crate) value: SMatrix<T, N, N>,
    /// The factor and the inverse of V, if they follow from parts of V.
    pub(crate) factored: Option<Factored<T, N, N>>,
    pub(crate) tau: T,
    /// The unit of y in which V is the covariance matrix of y.
    pub(crate) unit: T,
}

impl<T: Real, const N: usize> CommonV<T, N> {
    /// Factors V for each class of subjects. Returns the sum of log|V/τ²| over subjects.
    pub(crate) fn factor(&self, factors: &mut [CovarianceFactor<T, N>]) -> Result<T, Error> {
        let mut log_determinant = T::zero();
        for factor in factors.iter_mut().filter(|factor| factor.is_used()) {
            match &self.factored {
                Some(factored) if factor.is_complete() => factor.take(factored, self.tau),
                _ => factor.factor(&self.value)?,
            }
            factor.tau = self.tau * self.unit;
            log_determinant += factor.cholesky.log_determinant_by(&factor.counts);
        }
        Ok(log_determinant)
    }
}

/// The solution of generalised least squares.
pub struct LeastSquares<T, const K: usize> {
    /// The Cholesky factor of X̃ᵀV⁻¹X̃.
    pub(crate) cholesky: Cholesky<T, K>,
    /// The coefficients β̃ of the transformed design X̃.
    pub(crate) beta: SVector<T, K>,
    /// The sum Σ eᵀV⁻¹e over subjects, where e = ỹ − X̃β̃ are the residuals of a subject.
    pub(crate) quadratic: T,
}

/// Data in their original rows whose subjects all have the same V.
pub trait SharedRows<const N: usize, const K: usize>: SharedV<N, K> {
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
        let mut value = SMatrix::zeros();
        let tau = power_of_root(write_finite(model, theta, &[true; N], &mut value)?);
        divide_twice(&mut value, tau);
        let v = CommonV { value, factored: model.factored(theta), tau, unit };
        let log_determinant = self.factor(&v, factors)?;
        let solved = self.solve(factors).map_err(|column| Error::Singular { column })?;
        Ok(Solution { size: tau * tau, log_determinant, solved })
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
        *weights = self.weights(factors, at.beta, at.restricted());
        with_slopes!(at, |slopes| {
            ascent.score = halves(slopes, weights);
            ascent.average = if expected {
                SharedV::expected(self, slopes, factors, at.restricted())
            } else {
                SharedV::average(self, slopes, factors, at.beta, at.c)
            };
            let (asks, told) = judge(&ascent.score, &ascent.average);
            ascent.other = if asks {
                Some(SharedV::expected(self, slopes, factors, at.restricted()))
            } else {
                None
            };
            told
        })
    }

    fn score(
        &self,
        at: &At<'_, M, T, K>,
        factors: &mut D::Classes,
    ) -> (Theta<M, T>, SMatrix<T, N, N>) {
        let weights = self.weights(factors, at.beta, at.restricted());
        (with_slopes!(at, D::ONE_VECTOR, |slopes| halves(slopes, &weights)), weights)
    }

    #[inline(never)]
    fn average(
        &self,
        at: &At<'_, M, T, K>,
        factors: &mut D::Classes,
    ) -> InformationMatrix<M::ParamCount, T> {
        with_slopes!(at, D::ONE_VECTOR, |slopes| SharedV::average(
            self, slopes, factors, at.beta, at.c
        ))
    }

    fn expected(
        &self,
        at: &At<'_, M, T, K>,
        factors: &mut D::Classes,
    ) -> InformationMatrix<M::ParamCount, T> {
        with_slopes!(at, |slopes| SharedV::expected(self, slopes, factors, at.restricted()))
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
        difference(model, a, b, &[true; N])
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
        SharedV::row_sizes(self, size, unit)
    }

    fn scales(&self, model: &M, scales: &mut [Scale]) -> bool {
        model.scales(2.0, scales)
    }

    #[cold]
    #[inline(never)]
    fn error_of_v(&self, model: &M, theta: &Theta<M, T>) -> Option<Error> {
        error_of(&model.value(theta), &[true; N])
    }
}

/// Writes V(θ), and returns its largest entry in the observed rows, which is positive.
///
/// # Errors
///
/// [`Error::NotFinite`] for an entry that is not finite, and [`Error::NotPositiveDefinite`] if the
/// diagonal of V is zero in all observed rows.
pub(crate) fn write_finite<M, T, const N: usize>(
    model: &M,
    theta: &Theta<M, T>,
    observed: &[bool; N],
    value: &mut SMatrix<T, N, N>,
) -> Result<T, Error>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    model.value_into(theta, value);
    check_finite(value)?;
    // The largest entry of a covariance matrix is on its diagonal.
    let largest = observed_rows(observed).fold(T::zero(), |m, i| m.max(value.data.0[i][i].abs()));
    if largest.is_zero() {
        return Err(Error::NotPositiveDefinite {
            row: observed_rows(observed).next().unwrap_or(0),
        });
    }
    Ok(largest)
}

/// Returns the indices of the observed rows.
fn observed_rows<const N: usize>(observed: &[bool; N]) -> impl Iterator<Item = usize> + Clone {
    observed.iter().enumerate().filter(|(_, observed)| **observed).map(|(i, _)| i)
}

/// Returns the largest absolute entry of V(a) − V(b), and the largest absolute entry of V(b), in
/// the observed rows and columns.
pub(crate) fn difference<M, T, const N: usize>(
    model: &M,
    a: &Theta<M, T>,
    b: &Theta<M, T>,
    observed: &[bool; N],
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
    let largest = |matrix: &SMatrix<T, N, N>| {
        let entries = observed_rows(observed)
            .flat_map(|j| observed_rows(observed).map(move |i| matrix.data.0[j][i].abs()));
        entries.fold(T::zero(), T::max)
    };
    (largest(&(there - here)), largest(&here))
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

/// Returns the error that says why V is invalid, or `None` if V is finite and its observed rows and
/// columns are a covariance matrix.
pub(crate) fn error_of<T: Real, const N: usize>(
    v: &SMatrix<T, N, N>,
    observed: &[bool; N],
) -> Option<Error> {
    let of_observed = with_unit_rows(v, observed);
    let no_root = || Cholesky::new(&of_observed).err().map(|row| not_definite(&of_observed, row));
    check_finite(v).err().or_else(no_root)
}
