//! Marginal and mixed models, which define the covariance matrix V.

use nalgebra::{Const, SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::Shape;
use crate::base::dim::Extent;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::operator::covariance_propagation::CovariancePropagation;
use crate::operator::sum::Sum;
use crate::reml::estimation::Estimation;
use crate::reml::fit::Fit;
use crate::reml::random_terms::RandomTerms;
use crate::reml::response_vector::ResponseVector;

/// A model y = Xβ + e with e ~ N(0, V(θ)), defined by its covariance matrix V.
///
/// A function that is generic over the model works for any structure of V:
///
/// ```
/// use covprop::Error;
/// use covprop::prelude::*;
///
/// fn criterion(model: impl Model<Covariance: ParamMatrix<f64, 3, 3>>) -> Result<f64, Error> {
///     let fit = model.fit(&vector![1.0, 1.0, 1.0], &vector![1.0, 2.0, 3.0])?;
///     Ok(-2.0 * fit.log_likelihood)
/// }
///
/// // s² = 1, so 2 log 2π + log|XᵀX| + 2 with XᵀX = 3
/// let two_pi = 2.0 * core::f64::consts::PI;
/// let expected = 2.0 * two_pi.ln() + 3.0_f64.ln() + 2.0;
/// assert!((criterion(Marginal::new(ScalarMatrix::<3>::new()))? - expected).abs() < 1e-12);
/// # Ok::<(), Error>(())
/// ```
pub trait Model {
    /// The type of the covariance matrix V.
    type Covariance: Shape;

    /// Returns the covariance matrix V.
    fn covariance(&self) -> &Self::Covariance;

    /// Returns the likelihood of the given data, to be evaluated or maximised.
    ///
    /// # Errors
    ///
    /// - [`Error::ResponseNotFinite`] for a number in y whose square is not finite
    /// - [`Error::DesignNotFinite`] for a number in X whose square is not finite
    /// - [`Error::DependentColumn`] with a column of X that depends on earlier columns
    /// - [`Error::NoDegreesOfFreedom`] unless there are more observations than columns of X
    /// - [`Error::ExactFit`] if X fits y exactly within rounding, so that no residuals remain
    fn estimation<T: Real, const N: usize, const K: usize>(
        &self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
    ) -> Result<Estimation<'_, Self::Covariance, ResponseVector<T, N, K>, T, N, K>, Error>
    where
        Self::Covariance: ParamMatrix<T, N, N>,
    {
        Estimation::new(self.covariance(), ResponseVector::new(x, y)?)
    }

    /// Fits the model by restricted maximum likelihood from the default start. To choose another
    /// criterion or start, use [`estimation`](Self::estimation).
    ///
    /// # Errors
    ///
    /// The errors of [`estimation`](Self::estimation), and [`Error::NotPositiveDefinite`] if V is
    /// not positive definite at the start of the search.
    fn fit<T: Real, const N: usize, const K: usize>(
        &self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
    ) -> Result<Fit<'_, Self::Covariance, T, N, K>, Error>
    where
        Self::Covariance: ParamMatrix<T, N, N>,
    {
        self.estimation(x, y)?.fit()
    }
}

/// A model y = Xβ + e that is defined by the covariance matrix V of e alone. V may have any
/// structure.
///
/// ```
/// use covprop::prelude::*;
///
/// // a mean and a variance: s² = Σ(y − ȳ)²/(N − 1) = 5/3
/// let model = Marginal::new(ScalarMatrix::<4>::new());
/// let fit = model.fit(&vector![1.0, 1.0, 1.0, 1.0_f64], &vector![1.0, 2.0, 3.0, 4.0])?;
/// assert!((fit.params[0] - 5.0 / 3.0).abs() < 1e-12);
/// assert!((fit.beta[0] - 2.5).abs() < 1e-15);
/// # Ok::<(), covprop::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "gls")]
#[doc(alias = "mmrm")]
pub struct Marginal<V> {
    covariance: V,
}

impl<V> Marginal<V> {
    /// Creates the model y = Xβ + e with e ~ N(0, V).
    #[must_use]
    pub const fn new<const N: usize>(covariance: V) -> Self
    where
        V: Extent<Size = (Const<N>, Const<N>)>,
    {
        Self { covariance }
    }
}

impl<V: Shape> Model for Marginal<V> {
    type Covariance = V;

    fn covariance(&self) -> &V {
        &self.covariance
    }
}

/// The linear mixed model y = Xβ + Zu + e with u ~ N(0, G(θ)) and e ~ N(0, R(θ)), so that V = Z G
/// Zᵀ + R (Laird & Ware 1982, Biometrics 38, 963–974).
///
/// The matrix V = Z G Zᵀ + R can be positive definite even if G is not. With an
/// [`UnconstrainedMatrix`](crate::structure::UnconstrainedMatrix) as G, the likelihood may have its
/// maximum at a G that is not a covariance matrix, where lme4 would report a singular fit. With a
/// [`LogCholeskyMatrix`](crate::structure::LogCholeskyMatrix), G is always a covariance matrix, and
/// the search ends on the boundary for the same data.
///
/// Several random terms Z₁u₁ + Z₂u₂ + … are written as a sum, in which each term is a
/// [`CovariancePropagation`]; see [`from_random_terms`](Self::from_random_terms).
///
/// ```
/// use covprop::prelude::*;
///
/// // two batches of three: a variance between them and one within
/// let batch = DummyMatrix::<6, 2>::from_indices([0, 0, 0, 1, 1, 1]);
/// let model = MixedModel::new(batch, named("batch", ScalarMatrix::<2>::new()), ScalarMatrix::<6>::new());
/// let y = vector![1.0, 2.0, 3.0, 5.0, 6.0, 7.0];
/// let fit = model.fit(&SVector::<f64, 6>::repeat(1.0), &y)?;
/// // analysis of variance: mean squares 24 between and 1 within, σ_b² = (24 − 1)/3
/// assert!((fit.params[0] - 23.0 / 3.0).abs() < 1e-9);
/// assert!((fit.params[1] - 1.0).abs() < 1e-10);
/// # Ok::<(), covprop::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "lmm")]
#[doc(alias = "lmer")]
#[doc(alias = "lme")]
pub struct MixedModel<U, R> {
    covariance: Sum<U, R>,
}

impl<Z, G, R> MixedModel<CovariancePropagation<Z, G>, R> {
    /// Creates the linear mixed model with the covariance matrix V = Z G Zᵀ + R.
    #[must_use]
    pub const fn new<const N: usize, const Q: usize>(z: Z, g: G, r: R) -> Self
    where
        Z: Shape<Rows = Const<N>, Cols = Const<Q>>,
        G: Extent<Size = (Const<Q>, Const<Q>)>,
        R: Extent<Size = (Const<N>, Const<N>)>,
    {
        Self { covariance: Sum { a: CovariancePropagation::new(z, g), b: r } }
    }
}

impl<U, R> MixedModel<U, R> {
    /// Creates the linear mixed model with V = U + R, where the covariance matrix U of the random
    /// terms is Z G Zᵀ or a sum of such matrices. Each random term may have a name.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// // two crossed factors
    /// let plate = CovariancePropagation::new(DummyMatrix::<4, 2>::from_indices([0, 0, 1, 1]), ScalarMatrix::<2>::new());
    /// let sample = CovariancePropagation::new(DummyMatrix::<4, 2>::from_indices([0, 1, 0, 1]), ScalarMatrix::<2>::new());
    /// let model = MixedModel::from_random_terms(named("plate", plate).plus(named("sample", sample)), ScalarMatrix::<4>::new());
    /// assert!(model.covariance().param_names().eq(["plate/op_1/sigma^2", "sample/op_1/sigma^2", "op_2/sigma^2"]));
    /// ```
    #[must_use]
    pub const fn from_random_terms<const N: usize>(random: U, residual: R) -> Self
    where
        U: RandomTerms + Extent<Size = (Const<N>, Const<N>)>,
        R: Extent<Size = (Const<N>, Const<N>)>,
    {
        Self { covariance: Sum { a: random, b: residual } }
    }
}

impl<U, R> Model for MixedModel<U, R>
where
    Sum<U, R>: Shape,
{
    type Covariance = Sum<U, R>;

    fn covariance(&self) -> &Sum<U, R> {
        &self.covariance
    }
}
