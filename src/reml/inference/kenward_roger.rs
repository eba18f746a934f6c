//! Kenward and Roger's adjustments for small samples.

use core::fmt;

use hybrid_array::Array;
use nalgebra::{SMatrix, SVector, convert};

use super::{Contrast, FTest};
use crate::cholesky::Cholesky;
use crate::reml::sample::{Sample, rounding};
use crate::reml::square::Square;
use crate::reml::{Criterion, Estimation, Fit, Likelihood};
use crate::shape::{copied, filled};
use crate::transform::Limits;
use crate::{Edge, Error, ParamMatrix, Params, Real, Shape, Theta};

/// Tests of the fixed effects by Kenward and Roger: with a covariance of β that owns up to what the estimate of V adds
/// to it, and with degrees of freedom that give F the first two moments of a scaled F distribution.
///
/// With Φ = (XᵀV⁻¹X)⁻¹, W the inverse expected information of θ, H = V⁻¹X and derivatives by θ as indices,
///
/// ```text
/// Φ_A = Φ + 2 Φ {Σₖₗ Wₖₗ (Hᵀ Vₖ V⁻¹ Vₗ H − Hᵀ Vₖ H Φ Hᵀ Vₗ H − ¼ Hᵀ Vₖₗ H)} Φ − Σₖ bₖ ∂ₖΦ
/// bₖ  = −¼ Σₗ Wₖₗ Σᵢⱼ Wᵢⱼ tr(P Vₗ P Vᵢⱼ)
/// ```
///
/// The sum is Kenward & Roger 1997, Biometrics 53, 983–997, with the second derivatives of V (SAS: `DDFM=KR`; pbkrtest leaves them
/// out, where they are zero). b is the bias of the estimate of θ that Kenward & Roger 2009, Computational Statistics &
/// Data Analysis 53, 2583–2595, add for structures that are not linear in θ; here as the bias of maximum likelihood
/// estimates to first order (Cox & Snell 1968) of the restricted likelihood. With it Φ_A does not depend
/// on how V is parametrised; for structures that are linear in some parameters it is that of 1997 in these.
///
/// A variance that is zero counts as a parameter, as in pbkrtest. [`Estimation::kenward_roger`] makes it.
///
/// ```
/// use covprop::*;
/// use nalgebra::{vector, SVector};
///
/// // two batches of three: balanced, so that nothing is to be adjusted
/// let batch = DummyMatrix::<6, 2>::from_indices([0, 0, 0, 1, 1, 1]);
/// let model = MixedModel::new(batch, ScalarMatrix::<2>::new(), ScalarMatrix::<6>::new());
/// let y = vector![1.0, 2.0, 3.0, 5.0, 6.0, 7.0];
/// let estimation = model.estimation(&SVector::<f64, 6>::repeat(1.0), &y)?;
/// let [mean] = estimation.kenward_roger(&estimation.fit()?)?.coefficients();
/// assert!((mean.degrees - 1.0).abs() < 1e-6 && (mean.standard_error - 2.0).abs() < 1e-8);
/// # Ok::<(), Error>(())
/// ```
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "T: Real + serde::Serialize",
        deserialize = "T: Real + serde::Deserialize<'de>"
    ))
)]
pub struct KenwardRoger<M: Shape, T, const K: usize> {
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::persistence::finite"))]
    beta: SVector<T, K>,
    /// Φ
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::persistence::finite"))]
    unadjusted: SMatrix<T, K, K>,
    /// Φ_A
    #[cfg_attr(feature = "serde", serde(deserialize_with = "crate::persistence::finite"))]
    adjusted: SMatrix<T, K, K>,
    /// ∂ₖΦ
    #[cfg_attr(feature = "serde", serde(with = "crate::persistence"))]
    slopes: Params<M, SMatrix<T, K, K>>,
    /// W
    covariance: Square<M::Params, T>,
}

impl<M: Shape, T: Real, const K: usize> Clone for KenwardRoger<M, T, K> {
    fn clone(&self) -> Self {
        Self {
            slopes: copied::<M::Params, _>(&self.slopes),
            covariance: self.covariance.clone(),
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
    }
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

impl<M, D, T, const N: usize, const K: usize> Estimation<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    /// Kenward and Roger's tests of the fixed effects of a fit to these data.
    ///
    /// # Errors
    ///
    /// - [`Error::NotRestricted`] for a fit by maximum likelihood
    /// - [`Error::NotMaximum`] for a fit that is not at a maximum
    /// - [`Error::NotIdentified`] with a parameter about which there is no information beside the others
    pub fn kenward_roger(&self, fit: &Fit<'_, M, T, N, K>) -> Result<KenwardRoger<M, T, K>, Error> {
        if fit.criterion != Criterion::Reml {
            return Err(Error::NotRestricted);
        }
        fit.check_maximum()?;
        let mut at = self.likelihood(Criterion::Reml, &self.inside(fit))?;
        let expected = at.expected();
        let on_edge =
            |k: usize| fit.outcome.edge(k).is_some() || !fit.theta.as_ref()[k].is_finite();
        let counts = Array::<bool, M::Params>::from_fn(|k| {
            let has_influence =
                on_edge(k) || fit.average_information.as_ref()[k].as_ref()[k] > T::zero();
            has_influence && at.theta.as_ref()[k].is_finite() && expected.get(k, k) > T::zero()
        });
        let covariance = expected.inverse(&counts).map_err(|k| at.not_identified(k))?;
        Ok(KenwardRoger {
            beta: at.beta(),
            unadjusted: at.beta_covariance(),
            adjusted: at.adjusted_covariance(&covariance),
            slopes: at.beta_covariance_gradient(),
            covariance,
        })
    }

    /// The θ of a fit, with parameters that are at an end of their range so near to it that V is the same to
    /// rounding: there V still has a derivative by the variance that is zero, if none by θ.
    fn inside(&self, fit: &Fit<'_, M, T, N, K>) -> Theta<M, T> {
        const FARTHEST: i32 = 9;
        let value = self.model.value(&fit.theta);
        let rounding = value.amax() * T::default_epsilon();
        let mut theta = Array::<T, M::Params>(copied::<M::Params, T>(&fit.theta));
        for k in 0..theta.len() {
            let end = theta[k];
            let limits = self.model.visit_transform(k, Limits::<T>::new());
            if end.is_finite() || !Edge::on_side_of(end).of(limits).is_finite() {
                continue;
            }
            let sign = if end > T::zero() { T::one() } else { -T::one() };
            for doubling in 0..=FARTHEST {
                let mut nearer = Array::<T, M::Params>(copied::<M::Params, T>(&fit.theta));
                nearer[k] = sign * convert::<_, T>(2.0).powi(doubling);
                if (self.model.value(&nearer.0) - value).amax() <= rounding {
                    theta[k] = nearer[k];
                    break;
                }
            }
        }
        theta.0
    }
}

impl<M, D, T, const N: usize, const K: usize> Likelihood<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    /// Φ_A, given W.
    fn adjusted_covariance(&self, w: &Square<M::Params, T>) -> SMatrix<T, K, K> {
        let half = convert::<_, T>(0.5);
        // Second derivatives by the parameters on their own scale, since Φ_A is the same on every scale: near the end of a
        // range those by θ are all transform, and would have to cancel.
        let curved = |weights: &SMatrix<T, N, N>| {
            let mut curvature =
                Square::<M::Params, T> { rows: self.model.curvature(&self.theta, weights) };
            let bends = self.bends(&self.model.pullback(&self.theta, weights));
            for (k, &bend) in bends.as_ref().iter().enumerate() {
                let by_theta = curvature.get(k, k);
                let left = by_theta - bend;
                let whole = (by_theta.abs() + bend.abs()) * rounding::<T, N>();
                curvature.set(k, k, if left.abs() <= whole { T::zero() } else { left });
            }
            w.dot(&curvature) / self.size
        };
        let first = self.design_forms().map(|form| form / self.size);
        let mut second = SMatrix::<T, K, K>::zeros();
        self.sample.design_weights(&self.factors, |a, b, weights| {
            let x = curved(weights);
            second[(a, b)] = x;
            second[(b, a)] = x;
        });
        let mut inner = SMatrix::zeros();
        // Σⱼₖ Wⱼₖ tr(P Vₗ P Vⱼₖ)
        let mut bends = filled::<M::Params, T>(T::zero());
        let mut derivative = SMatrix::zeros();
        let mut across = SMatrix::<T, N, N>::zeros();
        let (model, sample, theta) = (self.model, self.sample, &self.theta);
        model.for_each_derivative(theta, |k, partial| {
            partial.write(&mut derivative);
            derivative /= self.size;
            across.fill(T::zero());
            model.for_each_derivative(theta, |l, partial| {
                let weight = w.get(k, l) / self.size;
                partial.each(|i, j, x| across[(i, j)] += weight * x);
            });
            let product = sample.design_products(&self.factors, &derivative, &across);
            inner += (product + product.transpose()) * half;
            for (l, other) in first.iter().enumerate() {
                inner -= first[k] * self.c * other * w.get(k, l);
            }
            if let Some(bend) = bends.as_mut().get_mut(k) {
                *bend = curved(&sample.sandwich(&self.factors, &self.c, &derivative));
            }
        });
        inner -= second * convert::<_, T>(0.25);
        let mut adjustment = inner + inner;
        for (k, first) in first.iter().enumerate() {
            let bias = bends
                .as_ref()
                .iter()
                .enumerate()
                .fold(T::zero(), |sum, (l, &bend)| sum - w.get(k, l) * bend * convert(0.25));
            adjustment -= first * bias;
        }
        let adjusted = self.c + self.c * adjustment * self.c;
        self.sample.reference().covariance(&adjusted) * self.size
    }
}

impl<M: Shape, T: Real, const K: usize> KenwardRoger<M, T, K> {
    /// Φ_A, the adjusted covariance of β.
    #[must_use]
    pub const fn beta_covariance(&self) -> &SMatrix<T, K, K> {
        &self.adjusted
    }

    /// The linear combination ℓᵀβ, with 2/A₂ degrees of freedom: those of Satterthwaite by the expected information.
    ///
    /// # Errors
    ///
    /// [`Error::DependentRow`] if ℓ is zero.
    pub fn contrast(&self, l: &SVector<T, K>) -> Result<Contrast<T>, Error> {
        let Moments { a2, .. } = self.moments(&l.transpose())?;
        let variance = l.dot(&(self.adjusted * l));
        if variance <= T::zero() {
            return Err(Error::NotPositiveDefinite { row: 0 });
        }
        Ok(Contrast {
            estimate: l.dot(&self.beta),
            standard_error: variance.sqrt(),
            degrees: convert::<_, T>(2.0) / a2,
        })
    }

    /// Each of the fixed effects.
    #[must_use]
    pub fn coefficients(&self) -> [Contrast<T>; K] {
        core::array::from_fn(|j| {
            let mut l = SVector::<T, K>::zeros();
            l[j] = T::one();
            let row: SMatrix<T, 1, K> = l.transpose();
            // XᵀV⁻¹X has an inverse, so that there is no error.
            let a2 = self.moments(&row).map_or_else(|_| T::zero(), |Moments { a2, .. }| a2);
            let degrees = convert::<_, T>(2.0) / a2;
            let standard_error = self.adjusted[(j, j)].sqrt();
            Contrast { estimate: self.beta[j], standard_error, degrees }
        })
    }

    /// Whether Lβ = 0, for L with Q rows: λ/Q (Lβ)ᵀ(L Φ_A Lᵀ)⁻¹Lβ as F with Q and ν degrees of freedom, where λ and ν match
    /// the mean and the variance, as in section 3 of Kenward & Roger 1997.
    ///
    /// # Errors
    ///
    /// - [`Error::DependentRow`] with a row of L that is a combination of those before it; row 0 if there is none
    /// - [`Error::NotPositiveDefinite`] if L Φ_A Lᵀ is not
    /// - [`Error::NoApproximation`] if no F distribution has these moments: there are too few data for Q
    pub fn test<const Q: usize>(&self, l: &SMatrix<T, Q, K>) -> Result<FTest<T>, Error> {
        let Moments { a1, a2 } = self.moments(l)?;
        let adjusted = Cholesky::new(&(l * self.adjusted * l.transpose()))
            .map_err(|row| Error::NotPositiveDefinite { row })?;
        let mut whitened = l * self.beta;
        adjusted.solve_lower(&mut whitened.data.0[0]);
        let number = |x: f64| convert::<_, T>(x);
        let q = number(Q as f64);
        let wald = whitened.norm_squared() / q;
        // Of one row, ρ is (1 − A₂/2)/(1 − 2A₂), and λ is 1; without anything that is uncertain, F is χ².
        if Q == 1 || a2 <= T::zero() {
            let denominator = number(2.0) / a2;
            return Ok(FTest { statistic: wald, numerator: Q, denominator, scale: T::one() });
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
        // An F with two degrees of freedom has no mean to be matched.
        let is_two = (denominator - two).abs() < number(0.01);
        let scale = if is_two { one } else { e * denominator / (denominator - two) };
        let is_distribution = denominator > T::zero() && scale > T::zero() && scale.is_finite();
        if !is_distribution {
            return Err(Error::NoApproximation);
        }
        Ok(FTest { statistic: wald * scale, numerator: Q, denominator, scale })
    }

    /// A₁ = Σₖₗ Wₖₗ tr(Gₖ) tr(Gₗ) and A₂ = Σₖₗ Wₖₗ tr(GₖGₗ) for Gₖ = R⁻¹ L ∂ₖΦ Lᵀ R⁻ᵀ with RRᵀ = LΦLᵀ.
    fn moments<const Q: usize>(&self, l: &SMatrix<T, Q, K>) -> Result<Moments<T>, Error> {
        if Q == 0 {
            return Err(Error::DependentRow { row: 0 });
        }
        let root = Cholesky::new(&(l * self.unadjusted * l.transpose()))
            .map_err(|row| Error::DependentRow { row })?;
        let whitened = |k: usize| root.whiten(&(l * self.slopes.as_ref()[k] * l.transpose()));
        let whitened = Array::<_, M::Params>::from_fn(whitened);
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

/// A₁ and A₂ of Kenward & Roger 1997.
struct Moments<T> {
    a1: T,
    a2: T,
}
