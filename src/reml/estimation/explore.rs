//! Evaluation of the likelihood at many θ.

use core::fmt;

use hybrid_array::ArraySize;
use nalgebra::{SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::{Curvature, Shape, Theta};
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::coordinates::InCoordinates;
use crate::reml::estimation::own_rows::Observations;
use crate::reml::likelihood::Likelihood;
use crate::reml::observations::Data;

impl<M, D, T, const N: usize, const K: usize> Estimation<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    /// Calls `f` with an [`Explorer`], which evaluates the likelihood at any number of θ, for
    /// example for a sampler, a grid, or a custom search.
    ///
    /// [`at`](Self::at) factors the N×N matrix V for each θ. The method `explore` does the work
    /// that does not depend on θ once for all θ. In a mixed model V = Z G Zᵀ + σ² W⁻¹ with a fixed
    /// design Z of Q columns and known weights W, `explore` factors matrices of size
    /// (Q + 1)×(Q + 1), as [`fit`](Self::fit) does.
    /// [`guide::performance`](crate::guide::performance) shows how much faster `explore` is. The
    /// results of `explore` and [`at`](Self::at) are equal within rounding.
    ///
    /// # Errors
    ///
    /// The errors of `f`.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// // two batches of three: mean squares 24 between, 1 within
    /// let batch = DummyMatrix::<6, 2>::from_indices([0, 0, 0, 1, 1, 1]);
    /// let model = MixedModel::new(batch, ScalarMatrix::<2>::new(), ScalarMatrix::<6>::new());
    /// let y = vector![1.0, 2.0, 3.0, 5.0, 6.0, 7.0];
    /// let estimation = model.estimation(&SVector::<f64, 6>::repeat(1.0), &y)?;
    ///
    /// // a hundred standard deviations between batches, from 1 to 10, with that within at its estimate
    /// let best = estimation.explore(|likelihood| {
    ///     let mut best = (f64::NEG_INFINITY, 0.0);
    ///     for i in 0..100 {
    ///         let sd = 1.0 + 0.09 * f64::from(i);
    ///         let log_likelihood = likelihood.at(&[sd.ln(), 0.0])?.log_likelihood();
    ///         if log_likelihood > best.0 {
    ///             best = (log_likelihood, sd);
    ///         }
    ///     }
    ///     Ok(best)
    /// })?;
    /// // σ_b² = (24 − 1)/3
    /// assert!((best.1 - (23.0_f64 / 3.0).sqrt()).abs() < 0.09);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    pub fn explore<O>(
        &self,
        f: impl FnOnce(&mut Explorer<'_, M, T, K>) -> Result<O, Error>,
    ) -> Result<O, Error> {
        let in_own_rows = |error, theta: &Theta<M, T>| self.in_own_rows(error, Some(theta));
        let explore = Explore { f, in_own_rows: &in_own_rows };
        self.in_smallest(explore)
    }
}

/// A likelihood that can be evaluated at one θ after another.
///
/// [`Estimation::explore`] passes an explorer to its callback.
pub struct Explorer<'l, M: Shape, T, const K: usize> {
    likelihood: &'l mut dyn Answers<M::ParamCount, T, K>,
    in_own_rows: &'l dyn Fn(Error, &Theta<M, T>) -> Error,
}

impl<M: Shape, T: Real, const K: usize> Explorer<'_, M, T, K> {
    /// Evaluates the likelihood at a θ.
    ///
    /// # Errors
    ///
    /// The errors of [`Estimation::at`].
    pub fn at(&mut self, theta: &Theta<M, T>) -> Result<Evaluation<'_, M, T, K>, Error> {
        match self.likelihood.go(theta) {
            Ok(()) => Ok(Evaluation { likelihood: self.likelihood }),
            Err(error) => Err((self.in_own_rows)(error, theta)),
        }
    }
}

impl<M: Shape, T, const K: usize> fmt::Debug for Explorer<'_, M, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explorer").finish_non_exhaustive()
    }
}

/// The likelihood at one θ, evaluated by an [`Explorer`]. The documentation of [`Likelihood`] has
/// the formulas.
pub struct Evaluation<'l, M: Shape, T, const K: usize> {
    likelihood: &'l mut dyn Answers<M::ParamCount, T, K>,
}

impl<M: Shape, T: Real, const K: usize> fmt::Debug for Evaluation<'_, M, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evaluation")
            .field("log_likelihood", &self.log_likelihood())
            .finish_non_exhaustive()
    }
}

impl<M: Shape, T: Real, const K: usize> Evaluation<'_, M, T, K> {
    /// Returns the log-likelihood with all constants: restricted or full, depending on the
    /// criterion.
    #[must_use]
    pub fn log_likelihood(&self) -> T {
        self.likelihood.log_likelihood()
    }

    /// Returns the generalised least squares estimate of the fixed effects β.
    #[must_use]
    pub fn beta(&self) -> SVector<T, K> {
        self.likelihood.beta()
    }

    /// Returns (XᵀV⁻¹X)⁻¹, the covariance matrix of the estimate of β at the present θ.
    #[must_use]
    pub fn beta_covariance(&self) -> SMatrix<T, K, K> {
        self.likelihood.beta_covariance()
    }

    /// Returns the first derivatives of the log-likelihood with respect to θ.
    #[must_use]
    pub fn score(&mut self) -> Theta<M, T> {
        self.likelihood.score()
    }

    /// Returns the average information of θ.
    #[must_use]
    pub fn average_information(&mut self) -> Curvature<M, T> {
        self.likelihood.average().rows
    }

    /// Returns the expected (Fisher) information of θ.
    #[must_use]
    pub fn expected_information(&mut self) -> Curvature<M, T> {
        self.likelihood.expected().rows
    }

    /// Returns the observed information matrix of θ: minus the second derivatives of the
    /// log-likelihood.
    #[must_use]
    pub fn observed_information(&mut self) -> Curvature<M, T> {
        self.likelihood.observed().rows
    }
}

/// The numbers that a likelihood returns, such as the score and the estimates of β. They do not
/// depend on the coordinates of the data in which the likelihood is computed.
trait Answers<P: ArraySize, T, const K: usize> {
    fn go(&mut self, theta: &P::ArrayType<T>) -> Result<(), Error>;
    fn log_likelihood(&self) -> T;
    fn beta(&self) -> SVector<T, K>;
    fn beta_covariance(&self) -> SMatrix<T, K, K>;
    fn score(&mut self) -> P::ArrayType<T>;
    fn average(&mut self) -> InformationMatrix<P, T>;
    fn expected(&mut self) -> InformationMatrix<P, T>;
    fn observed(&mut self) -> InformationMatrix<P, T>;
}

impl<V, S, T, const R: usize, const K: usize> Answers<V::ParamCount, T, K>
    for Likelihood<'_, V, S, T, R, K>
where
    T: Real,
    V: ParamMatrix<T, R, R>,
    S: Data<V, T, R, K>,
{
    fn go(&mut self, theta: &Theta<V, T>) -> Result<(), Error> {
        self.evaluate(theta)
    }

    fn log_likelihood(&self) -> T {
        Likelihood::log_likelihood(self)
    }

    fn beta(&self) -> SVector<T, K> {
        Likelihood::beta(self)
    }

    fn beta_covariance(&self) -> SMatrix<T, K, K> {
        Likelihood::beta_covariance(self)
    }

    fn score(&mut self) -> Theta<V, T> {
        Likelihood::score(self)
    }

    fn average(&mut self) -> InformationMatrix<V::ParamCount, T> {
        InformationMatrix { rows: self.average_information() }
    }

    fn expected(&mut self) -> InformationMatrix<V::ParamCount, T> {
        Likelihood::expected(self)
    }

    fn observed(&mut self) -> InformationMatrix<V::ParamCount, T> {
        InformationMatrix { rows: self.observed_information() }
    }
}

struct Explore<'e, M: Shape, T, F> {
    f: F,
    in_own_rows: &'e dyn Fn(Error, &Theta<M, T>) -> Error,
}

impl<M, T, F, O, const K: usize> InCoordinates<T, M::ParamCount, K> for Explore<'_, M, T, F>
where
    M: Shape,
    T: Real,
    F: FnOnce(&mut Explorer<'_, M, T, K>) -> Result<O, Error>,
{
    type Answer = O;

    fn act<V, S, const R: usize>(
        self,
        estimation: &Estimation<'_, V, S, T, R, K>,
    ) -> Result<O, Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = M::ParamCount>,
        S: Data<V, T, R, K>,
    {
        let Estimation { model, data, criterion, .. } = estimation;
        let mut likelihood = Likelihood::unit(*model, data, *criterion);
        (self.f)(&mut Explorer { likelihood: &mut likelihood, in_own_rows: self.in_own_rows })
    }
}
