//! The likelihood at a given θ, with the score and the information matrices.

pub(crate) mod curvature;

use core::fmt;

use nalgebra::{SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::{Curvature, Theta};
use crate::base::arrays::filled;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::problem::Ascent;
use crate::reml::criterion::Criterion;
use crate::reml::observations::shared::LeastSquares;
use crate::reml::observations::{At, Data, Solution};

/// The likelihood of data at a θ. V is factored once for all results.
///
/// The table defines the results of the methods, with the matrix P of [`Criterion`] and W = P y yᵀ
/// P − P. For maximum likelihood, V⁻¹ replaces P in the traces and in the last term of W.
///
/// | method | result |
/// |---|---|
/// | [`log_likelihood`](Self::log_likelihood) | see [`Criterion`] |
/// | [`score`](Self::score) | \[½ ⟨W, ∂ₖV⟩\] |
/// | [`average_information`](Self::average_information) | \[\[½ yᵀP ∂ₖV P ∂ₗV P y\]\] |
/// | [`expected_information`](Self::expected_information) | \[\[½ tr(P ∂ₖV P ∂ₗV)\]\] |
/// | [`observed_information`](Self::observed_information) | \[\[yᵀP ∂ₖV P ∂ₗV P y − ½ tr(P ∂ₖV P ∂ₗV) − ½ ⟨W, ∂ₖₗV⟩\]\] |
/// | [`beta`](Self::beta), [`beta_covariance`](Self::beta_covariance) | (XᵀV⁻¹X)⁻¹XᵀV⁻¹y, (XᵀV⁻¹X)⁻¹ |
///
/// Derivatives are with respect to the free parameters θ. If the derivatives of V fit into 64 KiB,
/// they are stored as matrices while a result is computed, so that the transform of each parameter
/// is evaluated only once. Larger derivatives are never stored: the score is computed by
/// [`pullback`](ParamMatrix::pullback), and information matrices are computed by products of the
/// derivatives with vectors ([`gradient_mul`](ParamMatrix::gradient_mul)). The average information
/// is that of Gilmour, Thompson & Cullis 1995, Biometrics 51, 1440–1450.
///
/// [`Estimation::at`](crate::reml::Estimation) creates a likelihood.
pub struct Likelihood<'a, M, D, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    pub(crate) model: &'a M,
    pub(crate) data: &'a D,
    pub(crate) criterion: Criterion,
    pub(crate) theta: Theta<M, T>,
    pub(crate) factors: D::Factors,
    /// The unit u of y, a power of two. The search uses y/u, and V is the covariance matrix of y/u.
    unit: T,
    /// The power of two τ² near the largest entry of V. The field `factors` has the Cholesky
    /// factors of V/τ².
    pub(crate) size: T,
    /// The generalised least squares estimate β̃ for the transformed data X̃ and ỹ.
    beta: SVector<T, K>,
    /// The matrix (X̃ᵀV⁻¹X̃)⁻¹/τ², where X̃ is the transformed design and τ² a power of two near
    /// the largest entry of V.
    pub(crate) c: SMatrix<T, K, K>,
    /// The residual sum of squares yᵀPy of generalised least squares, with the matrix P of
    /// [`Criterion`].
    quadratic: T,
    /// The part of −2 times the log-likelihood that does not depend on θ.
    constant: T,
    /// The log-likelihood of y/u minus the log-likelihood of y, where u is the unit of the search.
    of_unit: T,
    /// The log-likelihood of y/u, where u is the unit of the search.
    maximand: T,
    /// The log-likelihood of y in its original unit.
    of_data: T,
}

impl<M, D, T, const N: usize, const K: usize> fmt::Debug for Likelihood<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Likelihood")
            .field("criterion", &self.criterion)
            .field("theta", &self.theta.as_ref())
            .field("log_likelihood", &self.of_data)
            .finish_non_exhaustive()
    }
}

impl<'a, M, D, T, const N: usize, const K: usize> Likelihood<'a, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Data<M, T, N, K>,
{
    pub(crate) fn new(
        model: &'a M,
        data: &'a D,
        criterion: Criterion,
        theta: &Theta<M, T>,
    ) -> Result<Self, Error> {
        let mut likelihood = Self::unit(model, data, criterion);
        likelihood.evaluate(theta)?;
        Ok(likelihood)
    }

    /// Creates a likelihood that has not been evaluated at any θ. Callers must call
    /// [`evaluate`](Self::evaluate) before any other method.
    pub(crate) fn unit(model: &'a M, data: &'a D, criterion: Criterion) -> Self {
        let mut unit = Self {
            model,
            data,
            criterion,
            theta: filled::<M::ParamCount, _>(T::zero()),
            factors: data.unit_factors(),
            unit: T::one(),
            size: T::one(),
            beta: SVector::zeros(),
            c: SMatrix::zeros(),
            quadratic: T::zero(),
            constant: T::zero(),
            of_unit: T::zero(),
            maximand: T::zero(),
            of_data: T::zero(),
        };
        let of_x = match criterion {
            Criterion::Ml => T::zero(),
            Criterion::Reml => data.reference().log_determinant(),
        };
        unit.constant =
            T::two_pi().ln() * unit.degrees_of_freedom() - (of_x + of_x) - data.log_weights();
        unit
    }

    /// Returns this likelihood for y in another unit u, so that V is the covariance matrix of y/u.
    pub(crate) fn in_unit(self, unit: T) -> Self {
        Self { unit, of_unit: unit.ln() * self.degrees_of_freedom(), ..self }
    }

    /// Returns the degrees of freedom: the number of observations n for maximum likelihood, and n
    /// minus the number of fixed effects for restricted maximum likelihood.
    fn degrees_of_freedom(&self) -> T {
        let columns = match self.criterion {
            Criterion::Ml => 0,
            Criterion::Reml => K,
        };
        self.data.count() - nalgebra::convert::<_, T>(columns as f64)
    }

    /// Evaluates the likelihood at another θ. After an error, the value of the likelihood is
    /// unspecified until the next successful evaluation.
    ///
    /// # Errors
    ///
    /// The errors of [`Estimation::at`](crate::reml::Estimation).
    pub(crate) fn evaluate(&mut self, theta: &Theta<M, T>) -> Result<(), Error> {
        self.theta.as_mut().copy_from_slice(theta.as_ref());
        let solution = self.data.evaluate(self.model, &self.theta, self.unit, &mut self.factors)?;
        let Solution { size, log_determinant, solved } = solution;
        let LeastSquares { cholesky, beta, quadratic } = solved;
        let of_x = match self.criterion {
            Criterion::Ml => T::zero(),
            Criterion::Reml => cholesky.log_determinant(),
        };
        let of_size = size.ln() * self.degrees_of_freedom();
        (self.size, self.beta, self.quadratic) = (size, beta, quadratic);
        self.c = cholesky.inverse();
        let sum = self.constant + of_size + log_determinant + of_x + quadratic;
        self.maximand = -nalgebra::convert::<_, T>(0.5) * sum;
        self.of_data = self.maximand - self.of_unit;
        if self.maximand.is_finite() { Ok(()) } else { Err(Error::LikelihoodNotFinite) }
    }

    /// Returns the data, the evaluated θ and the factors of V at this θ.
    pub(crate) fn parts(&mut self) -> (&'a D, At<'_, M, T, K>, &mut D::Factors) {
        let Self { model, data, criterion, unit, size, .. } = *self;
        let (theta, beta, c) = (&self.theta, &self.beta, &self.c);
        (data, At { model, theta, criterion, unit, size, beta, c }, &mut self.factors)
    }

    /// Returns the evaluated θ.
    pub(crate) const fn point(&self) -> At<'_, M, T, K> {
        At {
            model: self.model,
            theta: &self.theta,
            criterion: self.criterion,
            unit: self.unit,
            size: self.size,
            beta: &self.beta,
            c: &self.c,
        }
    }

    /// Returns the free parameters θ at which the likelihood is evaluated.
    #[must_use]
    pub const fn theta(&self) -> &Theta<M, T> {
        &self.theta
    }

    /// Returns the log-likelihood with all constants: restricted or full, depending on the
    /// criterion.
    #[must_use]
    pub const fn log_likelihood(&self) -> T {
        self.of_data
    }

    /// Returns the log-likelihood of y/u, where u is the unit of the search.
    pub(crate) const fn maximand(&self) -> T {
        self.maximand
    }

    /// Returns the log-likelihood of y/u minus the log-likelihood of y, where u is the unit of the
    /// search.
    pub(crate) const fn of_unit(&self) -> T {
        self.of_unit
    }

    /// Returns the generalised least squares estimate of the fixed effects β at the present θ.
    #[must_use]
    pub fn beta(&self) -> SVector<T, K> {
        self.data.reference().coefficients(&self.beta)
    }

    /// Returns (XᵀV⁻¹X)⁻¹, the covariance matrix of the estimate of β at the present θ.
    #[must_use]
    pub fn beta_covariance(&self) -> SMatrix<T, K, K> {
        self.data.reference().covariance(&self.c) * (self.size * (self.unit * self.unit))
    }

    /// Returns the residual sum of squares yᵀPy of generalised least squares, with the matrix P of
    /// [`Criterion`].
    pub(crate) const fn quadratic(&self) -> T {
        self.quadratic
    }

    /// Returns the first derivatives of the log-likelihood with respect to θ.
    #[must_use]
    pub fn score(&mut self) -> Theta<M, T> {
        let (data, at, factors) = self.parts();
        data.score(&at, factors).0
    }

    /// Returns the average information of θ.
    #[must_use]
    pub fn average_information(&mut self) -> Curvature<M, T> {
        self.average().rows
    }

    pub(crate) fn average(&mut self) -> InformationMatrix<M::ParamCount, T> {
        let (data, at, factors) = self.parts();
        data.average(&at, factors)
    }

    /// Returns the expected (Fisher) information of θ.
    #[must_use]
    pub fn expected_information(&mut self) -> Curvature<M, T> {
        self.expected().rows
    }

    pub(crate) fn expected(&mut self) -> InformationMatrix<M::ParamCount, T> {
        let (data, at, factors) = self.parts();
        data.expected(&at, factors)
    }

    /// Returns the observed information matrix of θ: minus the second derivatives of the
    /// log-likelihood.
    #[must_use]
    pub fn observed_information(&mut self) -> Curvature<M, T> {
        self.observed_and_score().0.rows
    }

    /// Returns the observed information matrix of θ, and the score.
    pub(crate) fn observed_and_score(
        &mut self,
    ) -> (InformationMatrix<M::ParamCount, T>, Theta<M, T>) {
        let (data, at, factors) = self.parts();
        let (mut ascent, mut weights) = (Ascent::new(), data.unit_weights());
        data.ascend(&at, factors, &mut weights, &mut ascent, false, |_, _| (true, ()));
        (self.observed(&weights, &ascent), ascent.score)
    }
}
