//! Methods of a prediction for random effects, and for fitted values that include random effects.

use nalgebra::{SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::{Shape, Theta};
use crate::base::dim::Join;
use crate::base::scalar::Real;
use crate::inference::contrast::Estimate;
use crate::inference::prediction::Prediction;
use crate::inference::random_effects::{RandomEffects, root};
use crate::operator::sum::Sum;

impl<U, R, T, const N: usize, const K: usize> Prediction<'_, Sum<U, R>, T, N, K>
where
    T: Real,
    U: RandomEffects<T, N> + Shape<ParamCount: Join<R::ParamCount>>,
    R: ParamMatrix<T, N, N>,
{
    fn split(&self) -> (Theta<U, T>, Theta<R, T>) {
        U::ParamCount::split(self.theta)
    }

    /// Returns the best linear unbiased predictions u = G Zᵀ V⁻¹ (y − Xβ) of the random effects.
    /// The result is a vector u for one random term, a pair (u₁, u₂) for a sum of two terms, and
    /// ((u₁, u₂), u₃) for a sum of three.
    #[must_use]
    #[doc(alias = "BLUP")]
    #[doc(alias = "ranef")]
    pub fn random_effects(&self) -> U::Effects {
        self.model.a.predict(&self.split().0, &self.weighted)
    }

    /// Returns, for each random term, the covariance matrix of the prediction error û − u of the
    /// random effects u:
    ///
    /// ```text
    /// Cov(û − u) = G − G Zᵀ P Z G,   P = V⁻¹ − V⁻¹X (XᵀV⁻¹X)⁻¹ XᵀV⁻¹
    /// ```
    #[must_use]
    pub fn random_effect_covariances(&self) -> U::Covariances {
        self.model.a.error_covariances(&self.split().0, &self.projection())
    }

    /// Returns the standard errors of the predicted random effects, in the same form as
    /// [`random_effects`](Self::random_effects).
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// // σ² = 1 within, 23/3 between two batches of three
    /// let batch = DummyMatrix::<6, 2>::from_indices([0, 0, 0, 1, 1, 1]);
    /// let model = MixedModel::new(batch, ScalarMatrix::<2>::new(), ScalarMatrix::<6>::new());
    /// let (x, y) = (SVector::<f64, 6>::repeat(1.0), vector![1.0, 2.0, 3.0, 5.0, 6.0, 7.0]);
    /// let fit = model.fit(&x, &y)?;
    /// let errors = fit.predict(&x, &y)?.random_effect_errors();
    /// // if the mean were known (23/3)/24; and what it is uncertain by, (23/24)² · 4
    /// assert!((errors[0].powi(2) - (23.0 / 72.0 + (23.0 / 24.0_f64).powi(2) * 4.0)).abs() < 1e-8);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    #[must_use]
    pub fn random_effect_errors(&self) -> U::Effects {
        U::standard_errors(&self.random_effect_covariances())
    }

    /// Returns the conditional fitted values Xβ + Zu at every visit.
    #[must_use]
    pub fn fitted(&self) -> SVector<T, N> {
        self.marginal + self.model.a.value(&self.split().0) * self.weighted
    }

    /// Returns the covariance of the errors of the conditional fitted values Xβ + Zu. To obtain the
    /// error covariance of predicted new observations, add the covariance of their residuals.
    #[must_use]
    pub fn fitted_covariance(&self) -> SMatrix<T, N, N> {
        self.error_covariance(&self.model.a.value(&self.split().0))
    }

    /// Returns the prediction xᵀβ + zᵀu and its standard error, where x is any row of the fixed
    /// design and z any row of the random design, such as the rows of a new visit. To predict a new
    /// observation, [add](Estimate::plus_variance) the variance of its residual. The argument z has
    /// the same form as the random effects.
    #[must_use]
    pub fn at(&self, x: &SVector<T, K>, z: &U::Effects) -> Estimate<T> {
        let (with_response, own) = self.model.a.covariance_of(&self.split().0, z);
        let value = x.dot(self.beta) + with_response.dot(&self.weighted);
        let weighted = self.inverse() * with_response;
        let left = x - self.x.tr_mul(&weighted);
        let variance =
            own - with_response.dot(&weighted) + left.dot(&(self.beta_covariance * left));
        let rounding = own.abs() * T::default_epsilon() * nalgebra::convert(64.0);
        Estimate { value, standard_error: root(variance, rounding) }
    }

    /// Returns the conditional residuals y − Xβ − Zu, zero where nothing was observed.
    #[must_use]
    pub fn conditional_residuals(&self) -> SVector<T, N> {
        let random = self.model.a.value(&self.split().0) * self.weighted;
        SVector::from_fn(|i, _| self.observed_or_zero(i, self.residuals[i] - random[i]))
    }

    /// Returns Pearson's conditional residuals (y − Xβ − Zu)ᵢ/√Rᵢᵢ, as in nlme, where R is the
    /// covariance of the residual term.
    #[must_use]
    pub fn conditional_pearson_residuals(&self) -> SVector<T, N> {
        let r = self.model.b.value(&self.split().1);
        self.conditional_residuals()
            .zip_map(&r.diagonal(), |e, variance| if e.is_zero() { e } else { e / variance.sqrt() })
    }

    /// Returns the leverage of each observation on its conditional fitted value, for the data of
    /// the fit. The leverage of observation i is 1 − (RP)ᵢᵢ, where R is the covariance of the
    /// residual term, and P = V⁻¹ − V⁻¹X (XᵀV⁻¹X)⁻¹ XᵀV⁻¹. If the residual covariance is σ²I, the
    /// leverages are those of lme4's `hatvalues`.
    #[must_use]
    pub fn conditional_leverage(&self) -> SVector<T, N> {
        let left = self.model.b.value(&self.split().1) * self.projection();
        SVector::from_fn(|i, _| self.observed_or_zero(i, T::one() - left[(i, i)]))
    }
}
