//! Restricted and full maximum likelihood.

/// What is maximised.
///
/// ```text
/// REML   −½ [(n−K) log 2π + log|V| + log|XᵀV⁻¹X| + yᵀPy]
/// ML     −½ [n log 2π + log|V| + yᵀPy]                       P = V⁻¹ − V⁻¹X (XᵀV⁻¹X)⁻¹ XᵀV⁻¹
/// ```
///
/// With all constants, as lme4, nlme and glmmTMB report them: ½ log|XᵀX| is not added, which Harville has.
/// Patterson & Thompson 1971, Biometrika 58, 545–554; Harville 1974, Biometrika 61, 383–385.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Criterion {
    /// Restricted maximum likelihood.
    Reml,
    /// Maximum likelihood.
    Ml,
}
