//! Predictions from a fit: random effects, fitted values, unobserved responses and residuals.

pub(crate) mod random;
pub(crate) mod residuals;

use core::fmt;

use nalgebra::{SMatrix, SVector};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::{Shape, Theta};
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::compensated::dot;
use crate::reml::covariance_factor::CovarianceFactor;
use crate::reml::fit::Fit;
use crate::reml::model::Model;
use crate::reml::subjects::subject::Subject;

/// The predictions of a fit for one response vector, or for one subject of a panel. The responses
/// may be data of the fit or new data.
///
/// In the tables, e = y − Xβ, H = V⁻¹X and P = V⁻¹ − HCHᵀ are restricted to the observed rows. The
/// covariance C = (XᵀV⁻¹X)⁻¹ of β is computed from all data of the fit.
///
/// | method | returns |
/// |---|---|
/// | [`marginal`](Self::marginal), [`marginal_covariance`](Self::marginal_covariance) | Xβ, XCXᵀ |
/// | [`response`](Self::response), [`response_covariance`](Self::response_covariance) | y with predictions where it was not observed, and the error covariance |
/// | [`residuals`](Self::residuals), [`pearson_residuals`](Self::pearson_residuals), [`normalised_residuals`](Self::normalised_residuals) | e, eᵢ/√Vᵢᵢ, L⁻¹e with LLᵀ = V |
/// | [`leverage`](Self::leverage) | diag(XCHᵀ) |
///
/// A [`MixedModel`](crate::reml::MixedModel), y = Xβ + Zu + ε, has further predictions:
///
/// | method | returns |
/// |---|---|
/// | [`random_effects`](Self::random_effects) | u = G Zᵀ V⁻¹ e |
/// | [`random_effect_covariances`](Self::random_effect_covariances), [`random_effect_errors`](Self::random_effect_errors) | the covariance G − G Zᵀ P Z G of û − u, and the standard errors |
/// | [`fitted`](Self::fitted), [`fitted_covariance`](Self::fitted_covariance) | Xβ + Zu, and its error covariance |
/// | [`at`](Self::at) | xᵀβ + zᵀu for any x and z |
/// | [`conditional_residuals`](Self::conditional_residuals), [`conditional_pearson_residuals`](Self::conditional_pearson_residuals) | y − Xβ − Zu, and its entries divided by √Rᵢᵢ |
/// | [`conditional_leverage`](Self::conditional_leverage) | 1 − diag(RP) |
///
/// If the matrix G of the random effects is an
/// [`UnconstrainedMatrix`](crate::structure::UnconstrainedMatrix), G need not be a covariance
/// matrix. If G is not a covariance matrix, the variances of results that depend on the random
/// effects may be negative. A result with a negative variance has the standard error NaN.
///
/// The variance of a prediction is the variance of the prediction error. This variance includes the
/// uncertainty of β, but not the uncertainty of θ (Henderson 1975, Biometrics 31, 423–447).
#[derive(Clone, Copy)]
#[doc(alias = "BLUP")]
#[doc(alias = "ranef")]
pub struct Prediction<'f, M: Shape, T, const N: usize, const K: usize> {
    model: &'f M,
    theta: &'f Theta<M, T>,
    x: SMatrix<T, N, K>,
    /// The observed responses. The values at visits that were not observed are unspecified.
    y: SVector<T, N>,
    beta: &'f SVector<T, K>,
    /// The covariance matrix C of β.
    beta_covariance: &'f SMatrix<T, K, K>,
    /// The factorisation of V, restricted to the observed rows and columns.
    factor: CovarianceFactor<T, N>,
    marginal: SVector<T, N>,
    /// The residuals e = y − Xβ; zero for unobserved rows.
    residuals: SVector<T, N>,
    /// The weighted residuals V⁻¹e.
    weighted: SVector<T, N>,
}

impl<M, T, const N: usize, const K: usize> Fit<'_, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    /// Returns the predictions for the design `x` and the responses `y`, which may be the data of
    /// the fit, a subject of the panel, or new data.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`predict_observed`](Self::predict_observed).
    ///
    /// The predictions use the covariance V of the model, without the weights of observations. If a
    /// subject was [pushed with weights](crate::reml::Panel), multiply each row of x and y by the
    /// square root √w of the weight of that row, as `push_weighted` does. After this
    /// multiplication, the methods predict √w y instead of the response y.
    ///
    /// ```
    /// use covprop::prelude::*;
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
    /// # Ok::<(), covprop::Error>(())
    /// ```
    pub fn predict(
        &self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
    ) -> Result<Prediction<'_, M, T, N, K>, Error> {
        self.predict_observed(x, y, &[true; N])
    }

    /// Returns the predictions for a subject that was observed at each visit i for which
    /// `observed[i]` is `true`. At unobserved visits, the rows of `x` are used for the prediction,
    /// and the entries of `y` are ignored. For a subject without observations, the predictions are
    /// the expectations of its responses and random effects.
    ///
    /// # Errors
    ///
    /// Returns [`Error::ResponseNotFinite`] or [`Error::DesignNotFinite`] for a value that is not
    /// finite, and [`Error::NotPositiveDefinite`] if V is not positive definite at the θ of a fit
    /// that did not converge.
    pub fn predict_observed(
        &self,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
        observed: &[bool; N],
    ) -> Result<Prediction<'_, M, T, N, K>, Error> {
        self.predict_under(self.model, x, y, observed)
    }

    /// Returns the predictions for a subject with a model of its own, which may be one of the
    /// [`Subjects`](crate::reml::Subjects) of the fit or a new subject. At unobserved visits, the
    /// rows of the design are used for the prediction. If the subject has weights w, the rows of X
    /// and y are multiplied by √w, and the methods predict √w y in place of y.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`predict_observed`](Self::predict_observed), and
    /// [`Error::NotWeight`] for a weight that is negative or not finite.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// // subjects with two and three visits of their own, and a random intercept
    /// let model = MixedModel::new(SVector::<f64, 3>::repeat(1.0), ScalarMatrix::<1>::new(), ScalarMatrix::<3>::new());
    /// let ones = SVector::<f64, 3>::repeat(1.0);
    /// let subjects = [
    ///     Subject::new(model, ones, vector![1.0, 2.0, 3.0]),
    ///     Subject::new(model, ones, vector![5.0, 6.0, 0.0]).with_rows(2),
    ///     Subject::new(model, ones, vector![3.0, 3.5, 2.0]),
    /// ];
    /// let data = Subjects::new(&subjects[..])?;
    /// let fit = data.fit()?;
    /// let [between, within] = fit.params;
    /// let intercept = fit.predict_subject(&subjects[1])?.random_effects()[0];
    /// let shrunk = (5.5 - fit.beta[0]) * between / (between + within / 2.0);
    /// assert!((intercept - shrunk).abs() < 1e-9);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    pub fn predict_subject<'s, S: Model<Covariance = M>>(
        &'s self,
        subject: &'s Subject<S, T, N, K>,
    ) -> Result<Prediction<'s, M, T, N, K>, Error> {
        subject.check_weights()?;
        let (mut x, mut y) = (*subject.design(), *subject.response());
        if let Some(weights) = subject.weights() {
            for (i, &weight) in weights.iter().enumerate().filter(|(_, w)| **w > T::zero()) {
                let root = weight.sqrt();
                x.row_mut(i).scale_mut(root);
                y[i] *= root;
            }
        }
        self.predict_under(subject.model().covariance(), &x, &y, &subject.rows())
    }

    /// Returns the predictions for a subject with the given covariance matrix V.
    fn predict_under<'s>(
        &'s self,
        model: &'s M,
        x: &SMatrix<T, N, K>,
        y: &SVector<T, N>,
        observed: &[bool; N],
    ) -> Result<Prediction<'s, M, T, N, K>, Error> {
        let minus = self.beta.map(|b| -b);
        let row = |i: usize| x.data.0.iter().map(move |column| &column[i]);
        let mut residuals = SVector::zeros();
        for i in 0..N {
            if let Some(col) = row(i).position(|x| !x.is_finite()) {
                return Err(Error::DesignNotFinite { row: i, col });
            }
            if observed[i] {
                residuals[i] = dot(y[i], row(i).zip(minus.iter()));
                if !y[i].is_finite() {
                    return Err(Error::ResponseNotFinite { row: i });
                }
            }
        }
        let mut factor = CovarianceFactor::unit(*observed, 1);
        factor.factor(&model.value(&self.theta))?;
        Ok(Prediction {
            model,
            theta: &self.theta,
            x: *x,
            y: *y,
            beta: &self.beta,
            beta_covariance: &self.beta_covariance,
            marginal: SVector::from_fn(|i, _| dot(T::zero(), row(i).zip(self.beta.iter()))),
            residuals,
            weighted: factor.cholesky.solve(&residuals),
            factor,
        })
    }
}

impl<M, T, const N: usize, const K: usize> Prediction<'_, M, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
{
    /// Returns the marginal fitted values Xβ, which are the expected responses of any subject with
    /// the design X.
    #[must_use]
    pub const fn marginal(&self) -> &SVector<T, N> {
        &self.marginal
    }

    /// Returns the covariance XCXᵀ of the marginal fitted values, where C is the covariance of β.
    #[must_use]
    pub fn marginal_covariance(&self) -> SMatrix<T, N, N> {
        symmetric(self.x * self.beta_covariance * self.x.transpose())
    }

    /// Returns the response at every visit. At an observed visit, the result is the observed value.
    /// At any other visit, the result is the best linear unbiased prediction Xβ + V₀V⁻¹(y − Xβ),
    /// where V₀ contains the covariances between all visits and the observed visits (Goldberger
    /// 1962, Journal of the American Statistical Association 57, 369–375).
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// // two visits, known to have the variance 1 and the correlation ½
    /// let model = Marginal::new(SMatrix::<f64, 2, 2>::new(1.0, 0.5, 0.5, 1.0));
    /// let ones = SVector::<f64, 2>::repeat(1.0);
    /// let mut panel = Panel::new(model);
    /// for y in [vector![1.0, 2.0], vector![3.0, 2.0]] {
    ///     panel.push(&ones, &y)?;
    /// }
    /// let fit = panel.fit()?; // the mean 2, with the variance ¾/2
    /// let prediction = fit.predict_observed(&ones, &vector![4.0, f64::NAN], &[true, false])?;
    /// assert!((prediction.response() - vector![4.0, 3.0]).amax() < 1e-14); // half of 4 − 2 above 2
    /// // 1 − ½² of the visit itself, and (1 − ½)² of what the mean is uncertain by
    /// assert!((prediction.response_covariance()[(1, 1)] - (0.75 + 0.25 * 0.375)).abs() < 1e-14);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    #[must_use]
    pub fn response(&self) -> SVector<T, N> {
        let predicted = self.marginal + self.model.value(self.theta) * self.weighted;
        SVector::from_fn(|i, _| if self.factor.observed[i] { self.y[i] } else { predicted[i] })
    }

    /// Returns the error covariance of [`response`](Self::response). The rows and columns of
    /// observed visits are zero.
    #[must_use]
    pub fn response_covariance(&self) -> SMatrix<T, N, N> {
        let mut covariance = self.error_covariance(&self.model.value(self.theta));
        for i in (0..N).filter(|&i| self.factor.observed[i]) {
            for j in 0..N {
                covariance[(i, j)] = T::zero();
                covariance[(j, i)] = T::zero();
            }
        }
        covariance
    }
}

impl<M: Shape, T: Real, const N: usize, const K: usize> Prediction<'_, M, T, N, K> {
    /// Returns the covariance of the error of the prediction of Xβ + w, where w is a random vector.
    /// The covariance matrix W of w is also the covariance of w with the observations. The result
    /// is
    ///
    /// ```text
    /// W − W V⁻¹ W + (X − W V⁻¹ X) C (X − W V⁻¹ X)ᵀ
    /// ```
    fn error_covariance(&self, w: &SMatrix<T, N, N>) -> SMatrix<T, N, N> {
        let weighted = w * self.inverse();
        let left = self.x - weighted * self.x;
        let known = w - weighted * w;
        symmetric(known + left * self.beta_covariance * left.transpose())
    }

    /// Returns V⁻¹ over the observed rows and columns, with zeros elsewhere. The inverse is
    /// computed at each call, because most predictions do not need V⁻¹.
    fn inverse(&self) -> SMatrix<T, N, N> {
        let mut factor = self.factor;
        factor.invert();
        factor.inverse
    }

    /// Returns the matrix P = V⁻¹ − V⁻¹X C XᵀV⁻¹ over the observed rows and columns, where C is the
    /// covariance of β.
    fn projection(&self) -> SMatrix<T, N, N> {
        let inverse = self.inverse();
        let h = inverse * self.x;
        symmetric(inverse - h * self.beta_covariance * h.transpose())
    }

    fn observed_or_zero(&self, i: usize, x: T) -> T {
        if self.factor.observed[i] { x } else { T::zero() }
    }
}

/// Returns the matrix with its lower triangle copied to the upper triangle.
fn symmetric<T: Real, const N: usize>(mut matrix: SMatrix<T, N, N>) -> SMatrix<T, N, N> {
    crate::linalg::kernel::mirror(&mut matrix);
    matrix
}

impl<M: Shape, T: Real, const N: usize, const K: usize> fmt::Debug for Prediction<'_, M, T, N, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Prediction");
        out.field("marginal", &self.marginal).field("residuals", &self.residuals);
        out.finish_non_exhaustive()
    }
}
