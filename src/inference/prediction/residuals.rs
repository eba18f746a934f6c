//! Marginal residuals and leverages.

use nalgebra::SVector;

use crate::algebra::matrix::ParamMatrix;
use crate::base::scalar::Real;
use crate::inference::prediction::Prediction;

impl<M, T, const N: usize, const K: usize> Prediction<'_, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    /// Returns the marginal residuals e = y − Xβ, zero where nothing was observed.
    #[must_use]
    pub const fn residuals(&self) -> &SVector<T, N> {
        &self.residuals
    }

    /// Returns Pearson's marginal residuals eᵢ/√Vᵢᵢ, where e = y − Xβ.
    #[must_use]
    pub fn pearson_residuals(&self) -> SVector<T, N> {
        let v = self.model.value(self.theta);
        SVector::from_fn(|i, _| self.observed_or_zero(i, self.residuals[i] / v[(i, i)].sqrt()))
    }

    /// Returns the normalised residuals L⁻¹e. Here, e = y − Xβ are the residuals of the observed
    /// visits, and L is the Cholesky factor of the covariance V of these visits. If the model is
    /// correct, normalised residuals are independent with variance 1, apart from the effect of
    /// estimating the parameters.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let model = Marginal::new(SMatrix::<f64, 2, 2>::new(4.0, 0.0, 0.0, 1.0));
    /// let x = vector![1.0, 0.0];
    /// let fit = model.fit(&x, &vector![3.0, 5.0])?; // β = 3
    /// let prediction = fit.predict(&x, &vector![7.0, 5.0])?;
    /// assert_eq!(prediction.normalised_residuals(), vector![2.0, 5.0]);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    #[must_use]
    pub fn normalised_residuals(&self) -> SVector<T, N> {
        let mut e = self.residuals;
        self.factor.cholesky.solve_lower(&mut e.data.0[0]);
        e
    }

    /// Returns the leverage of each observation on its marginal fitted value, for the data of the
    /// fit. The leverage of observation i is (XCXᵀV⁻¹)ᵢᵢ, where C is the covariance of β. The
    /// leverages of all observations sum to the number K of fixed effects.
    #[must_use]
    pub fn leverage(&self) -> SVector<T, N> {
        let h = self.inverse() * self.x;
        let xc = self.x * self.beta_covariance;
        SVector::from_fn(|i, _| self.observed_or_zero(i, xc.row(i).dot(&h.row(i))))
    }
}
