//! Likelihood ratio tests of nested models.

use core::fmt;

use nalgebra::{convert, convert_unchecked};

use crate::algebra::matrix::ParamMatrix;
use crate::base::error::Error;
use crate::base::near::{Near, Within, approximately_equal};
use crate::base::scalar::Real;
use crate::inference::contrast::write_p_value;
use crate::inference::distribution::chi_squared_tail;
use crate::reml::criterion::Criterion;
use crate::reml::fit::Fit;

/// The likelihood ratio test of two nested models.
///
/// ```
/// use covprop::prelude::*;
///
/// // two batches of three: is there a variance between them?
/// let batch = DummyMatrix::<6, 2>::from_indices([0, 0, 0, 1, 1, 1]);
/// let larger = MixedModel::new(batch, ScalarMatrix::<2>::new(), ScalarMatrix::<6>::new());
/// let smaller = Marginal::new(ScalarMatrix::<6>::new());
/// let (x, y) = (SVector::<f64, 6>::repeat(1.0), vector![1.0, 2.0, 3.0, 5.0, 6.0, 7.0]);
/// let (larger, smaller) = (larger.fit(&x, &y)?, smaller.fit(&x, &y)?);
///
/// // mean squares 24 by 1 degree of freedom and 1 by 4, 28/5 of all together: 5 log(28/5) − log 24
/// let test = LikelihoodRatio::new(&larger, &smaller)?;
/// assert!((test.statistic - (5.0 * 5.6_f64.ln() - 24.0_f64.ln())).abs() < 1e-9);
/// assert_eq!(test.degrees_of_freedom, 1);
///
/// // half of the time the variance would be estimated as zero, were it zero
/// assert!((test.boundary_p_value() - test.p_value() / 2.0).abs() < 1e-15);
/// # Ok::<(), covprop::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[doc(alias = "anova")]
#[doc(alias = "LRT")]
pub struct LikelihoodRatio<T> {
    /// The statistic 2 (log L₁ − log L₀), where L₁ is the likelihood of the larger model and L₀ the
    /// likelihood of the smaller model.
    pub statistic: T,
    /// The difference between the numbers of parameters of the two models.
    pub degrees_of_freedom: usize,
}

impl<T: Real> LikelihoodRatio<T> {
    /// Creates the test of the smaller model against the larger one.
    ///
    /// # Errors
    ///
    /// Returns [`Error::NotNested`] if the fits use different criteria or numbers of observations,
    /// or if the larger model does not have more parameters or has a lower likelihood. Returns
    /// [`Error::NotNested`] also for two fits by restricted likelihood with different numbers of
    /// fixed effects, because restricted likelihoods can only be compared for the same X. Returns
    /// [`Error::NotMaximum`] if one of the fits is not at a maximum.
    pub fn new<M, S, const N: usize, const O: usize, const K: usize, const L: usize>(
        larger: &Fit<'_, M, T, N, K>,
        smaller: &Fit<'_, S, T, O, L>,
    ) -> Result<Self, Error>
    where
        M: ParamMatrix<T, N, N>,
        S: ParamMatrix<T, O, O>,
    {
        larger.check_maximum()?;
        smaller.check_maximum()?;
        let mut statistic = smaller.deviance() - larger.deviance();
        // Differences within rounding are zero, and small negative ones are within the tolerance of
        // the searches.
        let size = T::one() + larger.deviance().abs();
        if statistic.abs() <= size * T::default_epsilon() * convert(64.0) {
            statistic = T::zero();
        }
        let tolerance = size * T::default_epsilon().sqrt();
        let nested = larger.criterion == smaller.criterion
            && larger.observations == smaller.observations
            && (larger.criterion == Criterion::Ml || K == L)
            && larger.parameter_count() > smaller.parameter_count()
            && statistic >= -tolerance;
        if !nested {
            return Err(Error::NotNested);
        }
        let degrees_of_freedom = larger.parameter_count() - smaller.parameter_count();
        Ok(Self { statistic: statistic.max(T::zero()), degrees_of_freedom })
    }

    /// Returns the p-value of the statistic for the χ² distribution with `degrees_of_freedom`
    /// degrees of freedom. This p-value is valid if the smaller model fixes parameters at values
    /// inside their bounds.
    #[must_use]
    pub fn p_value(&self) -> T {
        self.tail(self.degrees_of_freedom)
    }

    /// Returns the p-value for a smaller model that fixes one variance at zero, along with all
    /// covariances in the row of that variance. The statistic of this test has the mixture
    /// distribution ½χ²_{d−1} + ½χ²_d, where d is `degrees_of_freedom` (Self & Liang 1987, Journal
    /// of the American Statistical Association 82, 605–610, case 5; Stram & Lee 1994, Biometrics
    /// 50, 1171–1177).
    #[must_use]
    pub fn boundary_p_value(&self) -> T {
        (self.tail(self.degrees_of_freedom.saturating_sub(1)) + self.tail(self.degrees_of_freedom))
            * convert(0.5)
    }

    /// Returns the p-value for a statistic whose distribution is a mixture of χ² distributions.
    /// Entry i of `weights` is the weight of the χ² distribution with i degrees of freedom. For a
    /// test that two independent variances are zero, the weights are ¼, ½, ¼.
    ///
    /// ```
    /// use covprop::inference::LikelihoodRatio;
    ///
    /// let test = LikelihoodRatio { statistic: 2.0, degrees_of_freedom: 2 };
    /// let p: f64 = test.mixture_p_value(&[0.0, 0.0, 1.0]);
    /// assert!((p - (-1.0_f64).exp()).abs() < 1e-15);
    /// ```
    #[must_use]
    pub fn mixture_p_value(&self, weights: &[T]) -> T {
        let terms = weights
            .iter()
            .enumerate()
            .map(|(degrees_of_freedom, &weight)| weight * self.tail(degrees_of_freedom));
        terms.fold(T::zero(), |sum, x| sum + x)
    }

    /// Returns the bootstrap p-value (r + 1)/(n + 1) if r of the n `simulated` statistics are at
    /// least as large as the statistic of this test (Davison & Hinkley 1997, Bootstrap Methods and
    /// their Application, 4.2). The `simulated` statistics must come from data that are simulated
    /// from the smaller model.
    ///
    /// ```
    /// use covprop::inference::LikelihoodRatio;
    ///
    /// let test = LikelihoodRatio { statistic: 2.0, degrees_of_freedom: 1 };
    /// assert_eq!(test.bootstrap_p_value([0.0, 3.0, 1.0]), 0.5_f64);
    /// ```
    #[must_use]
    pub fn bootstrap_p_value(&self, simulated: impl IntoIterator<Item = T>) -> T {
        let (mut reached, mut count) = (1_usize, 1_usize);
        for statistic in simulated {
            reached += usize::from(statistic >= self.statistic);
            count += 1;
        }
        convert(reached as f64 / count as f64)
    }

    fn tail(&self, degrees_of_freedom: usize) -> T {
        convert(chi_squared_tail(convert_unchecked(self.statistic), degrees_of_freedom as f64))
    }
}

impl<T: Real> fmt::Display for LikelihoodRatio<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "χ²({}) = {:.3}, ", self.degrees_of_freedom, self.statistic)?;
        write_p_value(f, self.p_value())
    }
}

impl<T: Real> Near<T> for LikelihoodRatio<T> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        self.degrees_of_freedom == other.degrees_of_freedom
            && within.number(self.statistic, other.statistic)
    }
}

approximately_equal! {
    /// Compares the statistics of two tests. The degrees of freedom of the tests must be equal.
    ///
    /// ```
    /// use covprop::approx::{assert_abs_diff_eq, assert_abs_diff_ne};
    /// use covprop::inference::LikelihoodRatio;
    ///
    /// let ratio = LikelihoodRatio { statistic: 2.71, degrees_of_freedom: 1 };
    /// assert_abs_diff_eq!(ratio, LikelihoodRatio { statistic: 2.7, degrees_of_freedom: 1 }, epsilon = 0.02);
    /// assert_abs_diff_ne!(ratio, LikelihoodRatio { statistic: 2.71, degrees_of_freedom: 2 }, epsilon = 0.02);
    /// ```
    impl [T: Real] for LikelihoodRatio<T>
}
