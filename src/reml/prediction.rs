//! Predictions from a fit: random effects, fitted values, residuals.

use core::fmt;

use nalgebra::{SMatrix, SVector};

use super::exact::dot;
use super::sample::Factor;
use super::{Fit, RandomEffects};
use crate::dim::Join;
use crate::{Error, ParamMatrix, Real, Shape, Sum, Theta};

/// What a fit says of the data of one response vector, or of one subject of a panel.
#[derive(Clone, Copy)]
pub struct Prediction<'f, M: Shape, T, const N: usize> {
    model: &'f M,
    theta: &'f Theta<M, T>,
    fixed: SVector<T, N>,
    observed: [bool; N],
    /// y − Xβ, zero where it was not observed.
    residuals: SVector<T, N>,
    /// V⁻¹(y − Xβ)
    weighted: SVector<T, N>,
}

impl<M, T, const N: usize, const K: usize> Fit<'_, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    /// What the fit says of these data: those that it was made from, a subject of its panel, or a new one.
    ///
    /// # Errors
    ///
    /// [`Error::ResponseNotFinite`] and [`Error::DesignNotFinite`] for a number that is not finite, where y was observed.
    ///
    /// ```
    /// use covprop::*;
    /// use nalgebra::{vector, SVector};
    ///
    /// let batch = DummyMatrix::<6, 2>::from_indices([0, 0, 0, 1, 1, 1]);
    /// let model = MixedModel::new(batch, ScalarMatrix::<2>::new(), ScalarMatrix::<6>::new());
    /// let (x, y) = (SVector::<f64, 6>::repeat(1.0), vector![1.0, 2.0, 3.0, 5.0, 6.0, 7.0]);
    /// let fit = model.fit(&x, &y)?;
    /// let prediction = fit.predict(&x, &y)?;
    /// // the batch means 2 and 6 are drawn to 4 by the factor σ_b²/(σ_b² + σ²/3) = 23/24
    /// let batches = prediction.random_effects();
    /// assert!((batches[0] + 2.0 * 23.0 / 24.0).abs() < 1e-9);
    /// assert!((prediction.fitted()[5] - (4.0 + 2.0 * 23.0 / 24.0)).abs() < 1e-9);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn predict(
        &self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
    ) -> Result<Prediction<'_, M, T, N>, Error> {
        self.predict_observed(x, y, &[true; N])
    }

    /// The same for a subject that was seen at the visits i with `observed[i]`; rows of `x` at other visits
    /// count, for the fitted values there, those of `y` do not.
    ///
    /// # Errors
    ///
    /// As [`predict`](Self::predict), and [`Error::NotPositiveDefinite`] if V is not positive definite at the θ of a
    /// fit that did not converge.
    pub fn predict_observed(
        &self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
        observed: &[bool; N],
    ) -> Result<Prediction<'_, M, T, N>, Error> {
        let minus = self.beta.map(|b| -b);
        let row = |i: usize| x.data.0.iter().map(move |column| &column[i]);
        let mut residuals = SVector::zeros();
        for i in 0..N {
            if observed[i] {
                residuals[i] = dot(y[i], row(i).zip(minus.iter()));
                if !y[i].is_finite() {
                    return Err(Error::ResponseNotFinite { row: i });
                }
                if let Some(col) = row(i).position(|x| !x.is_finite()) {
                    return Err(Error::DesignNotFinite { row: i, col });
                }
            }
        }
        let mut factor = Factor::unit(*observed, 1);
        factor.factor(&self.model.value(&self.theta), T::one())?;
        Ok(Prediction {
            model: self.model,
            theta: &self.theta,
            observed: *observed,
            fixed: SVector::from_fn(|i, _| dot(T::zero(), row(i).zip(self.beta.iter()))),
            residuals,
            weighted: factor.cholesky.solve(&residuals),
        })
    }
}

impl<M: Shape, T: Real, const N: usize> Prediction<'_, M, T, N> {
    /// The marginal fitted values Xβ.
    #[must_use]
    pub const fn marginal(&self) -> &SVector<T, N> {
        &self.fixed
    }

    /// The marginal residuals y − Xβ, zero where nothing was observed.
    #[must_use]
    pub const fn residuals(&self) -> &SVector<T, N> {
        &self.residuals
    }
}

impl<U, R, T, const N: usize> Prediction<'_, Sum<U, R>, T, N>
where
    T: Real,
    U: RandomEffects<T, N> + Shape<Params: Join<R::Params>>,
    R: Shape,
{
    fn theta_of_u(&self) -> Theta<U, T> {
        <U::Params as Join<R::Params>>::split(self.theta).0
    }

    /// The best linear unbiased predictions u = G Zᵀ V⁻¹ (y − Xβ) of the random effects: a vector for one term, a pair
    /// for the sum of two, ((u₁, u₂), u₃) for three.
    #[must_use]
    pub fn random_effects(&self) -> U::Effects {
        self.model.a.predict(&self.theta_of_u(), &self.weighted)
    }

    /// The conditional fitted values Xβ + Zu.
    #[must_use]
    pub fn fitted(&self) -> SVector<T, N> {
        self.fixed + self.model.a.value(&self.theta_of_u()) * self.weighted
    }

    /// The conditional residuals y − Xβ − Zu, zero where nothing was observed.
    #[must_use]
    pub fn conditional_residuals(&self) -> SVector<T, N> {
        let random = self.model.a.value(&self.theta_of_u()) * self.weighted;
        let residual = |i: usize| self.residuals[i] - random[i];
        SVector::from_fn(|i, _| if self.observed[i] { residual(i) } else { T::zero() })
    }
}

impl<M: Shape, T: Real, const N: usize> fmt::Debug for Prediction<'_, M, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Prediction");
        out.field("marginal", &self.fixed).field("residuals", &self.residuals);
        out.finish_non_exhaustive()
    }
}
