//! The interface between the data and the likelihood.

pub(crate) mod blocks;
pub(crate) mod equations;
pub(crate) mod shared;

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector};

use crate::algebra::cone::ConeVisitor;
use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::scale::Scale;
use crate::algebra::shape::{Shape, Theta};
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::problem::Ascent;
use crate::reml::criterion::Criterion;
use crate::reml::observations::shared::LeastSquares;
use crate::reml::standardisation::Standardisation;

/// The numbers of data [X y] that do not depend on V. The data are in the coordinates of a
/// [`Standardisation`].
pub trait Summary<T: Real, const K: usize> {
    /// Returns the number of observations n.
    fn observations(&self) -> usize;

    /// Returns the number of observations n as a scalar.
    fn count(&self) -> T {
        nalgebra::convert(self.observations() as f64)
    }

    /// Returns the largest |y| of the data.
    fn largest(&self) -> T;

    /// Returns the sum of log w over the weights w of the observations. If observations have
    /// weights, the rows of the transformed data X̃ and ỹ are multiplied by √w.
    fn log_weights(&self) -> T;

    /// Returns the standardisation that transforms the data X and y to X̃ and ỹ.
    fn reference(&self) -> &Standardisation<T, K>;

    /// Returns the inner product of columns a ≤ b of the transformed data [X̃ ỹ], summed over
    /// subjects. Column K is ỹ.
    fn product(&self, a: usize, b: usize) -> T;
}

/// A θ at which the likelihood was evaluated, with the estimates of the fixed effects.
pub struct At<'a, M: Shape, T, const K: usize> {
    pub(crate) model: &'a M,
    pub(crate) theta: &'a Theta<M, T>,
    pub(crate) criterion: Criterion,
    /// The unit of y in which V is the covariance matrix of y.
    pub(crate) unit: T,
    /// The power of two τ² near the largest entry of V.
    pub(crate) size: T,
    /// The coefficients β̃ of the transformed design X̃.
    pub(crate) beta: &'a SVector<T, K>,
    /// The matrix C = (X̃ᵀV⁻¹X̃)⁻¹/τ².
    pub(crate) c: &'a SMatrix<T, K, K>,
}

impl<M: Shape, T, const K: usize> At<'_, M, T, K> {
    /// Returns C if the criterion is the restricted likelihood, and `None` otherwise.
    pub(crate) fn restricted(&self) -> Option<&SMatrix<T, K, K>> {
        (self.criterion == Criterion::Reml).then_some(self.c)
    }
}

/// The solution of generalised least squares at a θ.
pub struct Solution<T, const K: usize> {
    /// The power of two τ² near the largest entry of V.
    pub(crate) size: T,
    /// The sum of log|V/τ²| over subjects.
    pub(crate) log_determinant: T,
    /// The solution for V/τ² in place of V and y/τ in place of y.
    pub(crate) solved: LeastSquares<T, K>,
}

/// Data [X y] with the covariance matrix of each subject.
pub trait Data<M: ParamMatrix<T, N, N>, T: Real, const N: usize, const K: usize>:
    Summary<T, K>
{
    /// The factors of V at a θ, and other intermediate results that the derivatives need.
    type Factors;

    /// The matrices W from which the score is computed. Entry k of the score is the sum of ½ ⟨W,
    /// ∂V/∂θₖ⟩ over the subjects.
    type Weights;

    /// Returns factors that have not been computed for any θ.
    fn unit_factors(&self) -> Self::Factors;

    /// Returns weights that have not been computed for any θ.
    fn unit_weights(&self) -> Self::Weights;

    /// Factors V and solves the equations of generalised least squares. The argument `unit` is the
    /// unit of y in which V is the covariance matrix of y.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`], [`Error::NotPositiveDefinite`] or [`Error::Singular`].
    fn evaluate(
        &self,
        model: &M,
        theta: &Theta<M, T>,
        unit: T,
        factors: &mut Self::Factors,
    ) -> Result<Solution<T, K>, Error>;

    /// Computes the score and one information matrix, and stores the weights W. The information
    /// matrix is the expected information if `expected` is `true`, and the average information
    /// otherwise. If the callback `judge` returns `true`, also computes the expected information.
    fn ascend<R>(
        &self,
        at: &At<'_, M, T, K>,
        factors: &mut Self::Factors,
        weights: &mut Self::Weights,
        ascent: &mut Ascent<M::ParamCount, T>,
        expected: bool,
        judge: impl FnOnce(&Theta<M, T>, &InformationMatrix<M::ParamCount, T>) -> (bool, R),
    ) -> R;

    /// Returns the score and the weights W from which it is computed.
    fn score(
        &self,
        at: &At<'_, M, T, K>,
        factors: &mut Self::Factors,
    ) -> (Theta<M, T>, Self::Weights);

    /// Returns the average information matrix, which has the entries ½ yᵀP ∂ₖV P ∂ₗV P y with the
    /// matrix P of [`Criterion`].
    fn average(
        &self,
        at: &At<'_, M, T, K>,
        factors: &mut Self::Factors,
    ) -> InformationMatrix<M::ParamCount, T>;

    /// Returns the expected information matrix, which has the entries ½ tr(P ∂ₖV P ∂ₗV) with the
    /// matrix P of [`Criterion`]. For maximum likelihood, V⁻¹ replaces P.
    fn expected(
        &self,
        at: &At<'_, M, T, K>,
        factors: &mut Self::Factors,
    ) -> InformationMatrix<M::ParamCount, T>;

    /// Returns the matrix [[⟨τ² W, ∂ₖₗV⟩]] of the second derivatives of V, summed over subjects.
    fn curvature(
        &self,
        at: &At<'_, M, T, K>,
        factors: &Self::Factors,
        weights: &Self::Weights,
    ) -> InformationMatrix<M::ParamCount, T>;

    /// Visits the cones of V with the weights W. If several subjects share a cone, the visitor
    /// receives the sum of their weights.
    fn visit_cones<V: ConeVisitor<T>>(
        &self,
        at: &At<'_, M, T, K>,
        factors: &Self::Factors,
        weights: &Self::Weights,
        visitor: &mut V,
    );

    /// Returns the largest absolute entry of V(a) − V(b), and the largest absolute entry of V(b).
    fn difference(&self, model: &M, a: &Theta<M, T>, b: &Theta<M, T>) -> (T, T);

    /// For each parameter, returns the largest |∂Vᵢⱼ/∂θₖ| fᵢ fⱼ over all entries of V, for a factor
    /// fᵢ for each row.
    fn largest_derivatives(
        &self,
        model: &M,
        theta: &Theta<M, T>,
        rows: &[T; N],
    ) -> Array<T, M::ParamCount>;

    /// Returns, for each row, the standard deviation of the residuals of ordinary least squares,
    /// divided by `unit`. For a row with too few residuals, returns `size` divided by `unit`, where
    /// `size` is the standard deviation of all residuals.
    fn row_sizes(&self, size: T, unit: T) -> [T; N];

    /// Writes the degrees and typical values of the parameters of V, and returns `true` if V can be
    /// scaled by its parameters, as [`Shape::scales`] does for one matrix of degree 2.
    fn scales(&self, model: &M, scales: &mut [Scale]) -> bool;

    /// Returns the error that says why V is invalid at θ: an entry is not finite, or V is not
    /// positive definite. Returns `None` if V is a valid covariance matrix.
    fn error_of_v(&self, model: &M, theta: &Theta<M, T>) -> Option<Error>;
}
