//! The criterion of an estimation: restricted or full maximum likelihood.

/// The criterion that is maximised, for n observations and a design X with K columns.
///
/// ```text
/// REML   −½ [(n−K) log 2π + log|V| + log|XᵀV⁻¹X| + yᵀPy]
/// ML     −½ [n log 2π + log|V| + yᵀPy]                       P = V⁻¹ − V⁻¹X (XᵀV⁻¹X)⁻¹ XᵀV⁻¹
/// ```
///
/// The log-likelihood includes all constants, as in lme4, nlme and glmmTMB. The term ½ log|XᵀX| of
/// Harville's restricted likelihood is not included.
///
/// ```
/// use covprop::prelude::*;
///
/// // s² = 5/3 of four numbers by restricted maximum likelihood, 5/4 by maximum likelihood
/// let model = Marginal::new(ScalarMatrix::<4>::new());
/// let y = vector![1.0, 2.0, 3.0, 4.0];
/// let estimation = model.estimation(&SVector::<f64, 4>::repeat(1.0), &y)?;
/// let (reml, ml) = (estimation.fit()?, estimation.clone().with_criterion(Criterion::Ml).fit()?);
/// assert_eq!((reml.criterion, ml.criterion), (Criterion::Reml, Criterion::Ml));
/// assert!((reml.params[0] - 5.0 / 3.0).abs() < 1e-12 && (ml.params[0] - 1.25).abs() < 1e-12);
/// # Ok::<(), covprop::Error>(())
/// ```
///
/// Restricted maximum likelihood is due to Patterson & Thompson 1971, Biometrika 58, 545–554; see
/// also Harville 1974, Biometrika 61, 383–385.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[doc(alias = "REML")]
#[doc(alias = "maximum likelihood")]
pub enum Criterion {
    /// Restricted maximum likelihood.
    Reml,
    /// Maximum likelihood.
    Ml,
}
