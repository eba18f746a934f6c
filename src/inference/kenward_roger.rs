//! Kenward and Roger's small-sample tests of the fixed effects.

pub(crate) mod adjustment;

use core::fmt;

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector, convert};

use crate::algebra::shape::{PerParam, Shape};
use crate::base::arrays::copied;
use crate::base::error::Error;
use crate::base::near::{Near, Within, approximately_equal};
use crate::base::scalar::Real;
use crate::inference::contrast::{Contrast, FTest};
use crate::inference::ridge::Ridge;
use crate::linalg::cholesky::Cholesky;
use crate::linalg::information_matrix::InformationMatrix;
use crate::linalg::kernel::invert::power_of_root;

/// The choice of the adjustment of the covariance of β in
/// [`Estimation::kenward_roger_with`](crate::reml::Estimation::kenward_roger_with); see
/// [`KenwardRoger`] for the terms (a), (b) and (c).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum KenwardRogerMethod {
    /// The adjustment without second derivatives of V, which consists of the term (a) of
    /// [`KenwardRoger`] alone. This adjustment does not depend on the parametrisation of V. The
    /// adjustment is called linear by mmrm and `DDFM=KR(FIRSTORDER)` by SAS. In pbkrtest, this
    /// adjustment is used for a V that is linear in variances and covariances.
    Linear,
    /// The adjustment with second derivatives of V, which consists of the terms (a) and (b) of
    /// [`KenwardRoger`] (Kenward & Roger 1997, SAS `DDFM=KR`). The adjusted covariance depends on
    /// the parametrisation of V. Second derivatives are with respect to the parameters on their
    /// natural scale, [`Fit::params`](crate::reml::Fit::params), such as variances, correlations or
    /// ranges.
    SecondOrder,
    /// The adjustment that includes second derivatives of V and the bias of the estimate of θ. The
    /// adjustment consists of the terms (a), (b) and (c) of [`KenwardRoger`] (Kenward & Roger 2009,
    /// SAS `DDFM=KR2`). This adjustment does not depend on the parametrisation of V.
    BiasCorrected,
}

/// The choice of the directions of change of V that count as estimated for a fit on the boundary of
/// the parameter space.
///
/// The chosen directions depend on V and on the model, not on the parametrisation of the model. For
/// a random-effect covariance G = z zᵀ of rank one, `Whole` includes every change of G, while
/// `KeepsRank` includes only the changes z aᵀ + a zᵀ with any vector a, which keep the rank. For a
/// variance that is zero, `Whole` includes a change of the variance, and `KeepsRank` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum BoundaryTangent {
    /// All directions in which the model can move V from the boundary, as in pbkrtest.
    Whole,
    /// The directions along which the model can move V both forwards and backwards, as in
    /// lmerTest's Satterthwaite method and in [`Inference`](crate::inference::Inference).
    KeepsRank,
    /// The default. The directions that count as estimated are those of `KeepsRank` and the changes
    /// of variances and standard deviations that are zero. A variance component of zero counts as
    /// estimated, as in pbkrtest. A correlation of ±1 counts as known.
    Components,
}

/// Kenward and Roger's tests of the fixed effects. The covariance of β includes the uncertainty of
/// the estimate of V. The degrees of freedom are such that the mean and the variance of the test
/// statistic are those of a scaled F distribution.
///
/// Let Φ = (XᵀV⁻¹X)⁻¹, H = V⁻¹X, and W the inverse of the expected information of θ. Indices denote
/// derivatives with respect to θ. Then the adjusted covariance Φ_A of β is
///
/// ```text
/// Φ_A = Φ + 2 Φ {Σₖₗ Wₖₗ (Hᵀ Vₖ V⁻¹ Vₗ H − Hᵀ Vₖ H Φ Hᵀ Vₗ H)} Φ      (a)
///         − ½ Φ {Σₖₗ Wₖₗ Hᵀ Vₖₗ H} Φ                                   (b)
///         − Σₖ bₖ ∂ₖΦ,   bₖ = −¼ Σₗ Wₖₗ Σᵢⱼ Wᵢⱼ tr(P Vₗ P Vᵢⱼ)         (c)
/// ```
///
/// The terms (a) and (b) are those of Kenward & Roger 1997, Biometrics 53, 983–997. The vector b in
/// (c) is the bias of the estimate of θ. The term (c) is added by Kenward & Roger 2009,
/// Computational Statistics & Data Analysis 53, 2583–2595, for structures that are not linear in θ.
/// This crate computes the bias b to first order (Cox & Snell 1968), for the θ that maximises the
/// restricted likelihood. With all three terms, the adjusted covariance Φ_A does not depend on the
/// parametrisation of V. For a structure that is linear in some parametrisation, the adjusted
/// covariance with all three terms equals that of Kenward & Roger 1997 in this parametrisation. For
/// every [`KenwardRogerMethod`], the degrees of freedom follow from the first derivatives of V and
/// the inverse W of the expected information.
///
/// [`Estimation::kenward_roger`](crate::reml::Estimation::kenward_roger) uses the terms (a), (b)
/// and (c). By default, a variance of zero counts as estimated, as in pbkrtest, and a correlation
/// of ±1 counts as known. The arguments of
/// [`kenward_roger_with`](crate::reml::Estimation::kenward_roger_with) choose which of these terms
/// are used, and which directions count as estimated for a fit on the boundary. If a result changes
/// along a direction that the data do not determine, the result is [`Error::NotIdentified`], as in
/// [`Inference`](crate::inference::Inference).
///
/// ```
/// use covprop::prelude::*;
///
/// // two batches of three: balanced, so that nothing is to be adjusted
/// let batch = DummyMatrix::<6, 2>::from_indices([0, 0, 0, 1, 1, 1]);
/// let model = MixedModel::new(batch, ScalarMatrix::<2>::new(), ScalarMatrix::<6>::new());
/// let y = vector![1.0, 2.0, 3.0, 5.0, 6.0, 7.0];
/// let estimation = model.estimation(&SVector::<f64, 6>::repeat(1.0), &y)?;
/// let [mean] = estimation.kenward_roger(&estimation.fit()?)?.coefficients();
/// let mean = mean?;
/// assert!((mean.degrees_of_freedom - 1.0).abs() < 1e-6 && (mean.standard_error - 2.0).abs() < 1e-8);
/// # Ok::<(), covprop::Error>(())
/// ```
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "T: Real + serde::Serialize",
        deserialize = "T: Real + serde::Deserialize<'de>"
    ))
)]
#[doc(alias = "pbkrtest")]
#[doc(alias = "Kenward-Roger")]
pub struct KenwardRoger<M: Shape, T, const K: usize> {
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::finite"))]
    beta: SVector<T, K>,
    /// The unadjusted covariance Φ of β.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::finite"))]
    unadjusted: SMatrix<T, K, K>,
    /// The adjusted covariance Φ_A of β.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::base::serde_array::finite"))]
    adjusted: SMatrix<T, K, K>,
    /// The derivatives ∂ₖΦ of the unadjusted covariance Φ of β with respect to each θₖ.
    #[cfg_attr(feature = "serde", serde(with = "crate::base::serde_array"))]
    slopes: PerParam<M, SMatrix<T, K, K>>,
    /// The inverse W of the expected information of θ.
    covariance: InformationMatrix<M::ParamCount, T>,
    ridge: Ridge<M::ParamCount, T, K>,
}

impl<M: Shape, T: Real, const K: usize> Clone for KenwardRoger<M, T, K> {
    fn clone(&self) -> Self {
        Self {
            slopes: copied::<M::ParamCount, _>(&self.slopes),
            covariance: self.covariance.clone(),
            ridge: self.ridge.clone(),
            ..*self
        }
    }
}

impl<M: Shape, T: Real, const K: usize> PartialEq for KenwardRoger<M, T, K> {
    fn eq(&self, other: &Self) -> bool {
        self.beta == other.beta
            && self.unadjusted == other.unadjusted
            && self.adjusted == other.adjusted
            && self.slopes.as_ref() == other.slopes.as_ref()
            && self.covariance == other.covariance
            && self.ridge == other.ridge
    }
}

impl<M: Shape, T: Real, const K: usize> Near<T> for KenwardRoger<M, T, K> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        self.beta.near(&other.beta, within)
            && self.unadjusted.near(&other.unadjusted, within)
            && self.adjusted.near(&other.adjusted, within)
            && within.all(self.slopes.as_ref(), other.slopes.as_ref())
            && self.covariance.near(&other.covariance, within)
            && self.ridge.near(&other.ridge, within)
    }
}

approximately_equal! {
    /// Compares the estimates of β, the unadjusted and the adjusted covariances of β, and the
    /// covariances of θ.
    ///
    /// ```
    /// use covprop::approx::assert_relative_eq;
    /// use covprop::prelude::*;
    ///
    /// let model = Marginal::new(ScalarMatrix::<4>::new());
    /// let ones = SVector::<f64, 4>::repeat(1.0);
    /// let adjusted = |y| {
    ///     let estimation = model.estimation(&ones, y)?;
    ///     estimation.kenward_roger(&estimation.fit()?)
    /// };
    /// // the order of observations does not matter
    /// let [y, reversed] = [vector![1.0, 2.0, 3.0, 4.0], vector![4.0, 3.0, 2.0, 1.0]];
    /// let (one, other) = (adjusted(&y)?, adjusted(&reversed)?);
    /// assert_relative_eq!(one, other, max_relative = 1e-9, epsilon = 1e-9);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    impl [M: Shape, T: Real, const K: usize] for KenwardRoger<M, T, K>
}

impl<M: Shape, T: Real, const K: usize> fmt::Debug for KenwardRoger<M, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KenwardRoger")
            .field("beta", &self.beta)
            .field("unadjusted", &self.unadjusted)
            .field("adjusted", &self.adjusted)
            .finish_non_exhaustive()
    }
}

impl<M: Shape, T: Real, const K: usize> KenwardRoger<M, T, K> {
    /// Returns the adjusted covariance Φ_A of β.
    #[must_use]
    pub const fn beta_covariance(&self) -> &SMatrix<T, K, K> {
        &self.adjusted
    }

    /// Returns the linear combination ℓᵀβ with Satterthwaite's degrees of freedom for the expected
    /// information. In the notation of Kenward & Roger 1997, the degrees of freedom are 2/A₂.
    ///
    /// # Errors
    ///
    /// - [`Error::DependentRow`] if ℓ is zero
    /// - [`Error::NotIdentified`] if the data do not determine the variance of ℓᵀβ
    pub fn contrast(&self, l: &SVector<T, K>) -> Result<Contrast<T>, Error> {
        // Divide ℓ by a power of two near its size, so that neither squares nor their products
        // overflow.
        let scale = power_of_root(l.amax());
        let scale = scale * scale;
        let scaled = l / scale;
        let Moments { a2, .. } = self.moments(&scaled.transpose())?;
        let variance = scaled.dot(&(self.adjusted * scaled));
        if variance <= T::zero() {
            return Err(Error::NotPositiveDefinite { row: 0 });
        }
        Ok(Contrast {
            estimate: l.dot(&self.beta),
            standard_error: variance.sqrt() * scale,
            degrees_of_freedom: convert::<_, T>(2.0) / a2,
        })
    }

    /// Returns one [`contrast`](Self::contrast) for each fixed effect, with the estimate, the
    /// standard error and the degrees of freedom.
    pub fn coefficients(&self) -> [Result<Contrast<T>, Error>; K] {
        core::array::from_fn(|j| {
            self.contrast(&SVector::from_fn(|i, _| if i == j { T::one() } else { T::zero() }))
        })
    }

    /// Tests the hypothesis Lβ = 0 for a matrix L with Q rows. The test statistic is
    ///
    /// ```text
    /// F = λ/Q (Lβ)ᵀ(L Φ_A Lᵀ)⁻¹Lβ
    /// ```
    ///
    /// The statistic is compared with the F distribution with Q and ν degrees of freedom. The scale
    /// λ and the denominator degrees of freedom ν are such that the statistic has the mean and the
    /// variance of this F distribution (Kenward & Roger 1997, section 3).
    ///
    /// # Errors
    ///
    /// - [`Error::DependentRow`] with a row of L that depends on earlier rows, or row 0 if Q is 0
    /// - [`Error::NotIdentified`] if the data do not determine the covariance of Lβ
    /// - [`Error::NotPositiveDefinite`] if the adjusted covariance L Φ_A Lᵀ of Lβ is not positive
    ///   definite
    /// - [`Error::NoApproximation`] if no scaled F distribution has the mean and the variance of
    ///   the test statistic, because Q is too large
    pub fn test<const Q: usize>(&self, l: &SMatrix<T, Q, K>) -> Result<FTest<T>, Error> {
        let Moments { a1, a2 } = self.moments(l)?;
        let adjusted = Cholesky::new(&(l * self.adjusted * l.transpose()))
            .map_err(|row| Error::NotPositiveDefinite { row })?;
        let mut whitened = l * self.beta;
        adjusted.solve_lower(&mut whitened.data.0[0]);
        let number = |x: f64| convert::<_, T>(x);
        let q = number(Q as f64);
        let wald = whitened.norm_squared() / q;
        // For Q = 1, ρ is (1 − A₂/2)/(1 − 2A₂) and λ is 1. If no parameter is uncertain, F has the
        // χ² distribution, divided by Q.
        if Q == 1 || a2 <= T::zero() {
            let denominator = number(2.0) / a2;
            return Ok(FTest {
                statistic: wald,
                numerator_degrees_of_freedom: Q,
                denominator_degrees_of_freedom: denominator,
                scale: T::one(),
            });
        }
        let (one, two) = (T::one(), number(2.0));
        let b = (a1 + number(6.0) * a2) / (two * q);
        let g = ((q + one) * a1 - (q + number(4.0)) * a2) / ((q + two) * a2);
        let base = number(3.0) * q + two * (one - g);
        let (c1, c2, c3) = (g / base, (q - g) / base, (q + two - g) / base);
        // E = 1/e, and ρ = V/(2E²) less 1/Q
        let e = one - a2 / q;
        let ratio = e / (one - c2 * b);
        let rho = ratio * ratio * (one + c1 * b) / (one - c3 * b);
        let denominator = number(4.0) + (q + two) / (rho - one);
        // An F distribution with two denominator degrees of freedom has no mean to match.
        let is_two = (denominator - two).abs() < number(0.01);
        let scale = if is_two { one } else { e * denominator / (denominator - two) };
        let is_distribution = denominator > T::zero() && scale > T::zero() && scale.is_finite();
        if !is_distribution {
            return Err(Error::NoApproximation);
        }
        Ok(FTest {
            statistic: wald * scale,
            numerator_degrees_of_freedom: Q,
            denominator_degrees_of_freedom: denominator,
            scale,
        })
    }

    /// Returns the quantities A₁ and A₂ of Kenward & Roger 1997. Let W be the inverse of the
    /// expected information of θ, and Φ the unadjusted covariance of β. Then
    ///
    /// ```text
    /// A₁ = Σₖₗ Wₖₗ tr(Gₖ) tr(Gₗ),   A₂ = Σₖₗ Wₖₗ tr(GₖGₗ)
    /// Gₖ = R⁻¹ L ∂ₖΦ Lᵀ R⁻ᵀ,   RRᵀ = LΦLᵀ
    /// ```
    fn moments<const Q: usize>(&self, l: &SMatrix<T, Q, K>) -> Result<Moments<T>, Error> {
        if Q == 0 {
            return Err(Error::DependentRow { row: 0 });
        }
        let root = Cholesky::new(&(l * self.unadjusted * l.transpose()))
            .map_err(|row| Error::DependentRow { row })?;
        self.ridge.check_contrasts(l, &root, self.slopes.as_ref())?;
        let whitened = |k: usize| root.whiten(&(l * self.slopes.as_ref()[k] * l.transpose()));
        let whitened = Array::<_, M::ParamCount>::from_fn(whitened);
        let mut moments = Moments { a1: T::zero(), a2: T::zero() };
        for (k, of_k) in whitened.iter().enumerate() {
            for (l, of_l) in whitened.iter().enumerate() {
                let w = self.covariance.get(k, l);
                moments.a1 += w * of_k.diagonal().sum() * of_l.diagonal().sum();
                moments.a2 += w * of_k.dot(of_l);
            }
        }
        Ok(moments)
    }
}

/// The quantities A₁ and A₂ of Kenward & Roger 1997, from which the degrees of freedom follow.
struct Moments<T> {
    a1: T,
    a2: T,
}
