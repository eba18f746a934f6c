//! The constant by which a matrix declares the form M = Z G Zᵀ + σ² W⁻¹ with a fixed Z and a fixed
//! W.

/// The declaration whether an N×N matrix has the form Z G Zᵀ + σ² W⁻¹ with a fixed design Z; see
/// [`Shape::LOW_RANK`](crate::algebra::Shape::LOW_RANK).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LowRank {
    /// The matrix has no known form.
    Unknown,
    /// The matrix has the form M = Z G(θ) Zᵀ + σ²(θ) W⁻¹.
    Design {
        /// The number of columns of Z.
        columns: usize,
        /// The residual: the part of the matrix outside the column space of the fixed design Z.
        residual: Residual,
    },
}

/// The part of a matrix outside the column space of its fixed design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Residual {
    /// The residual is zero.
    None,
    /// The residual covariance is a multiple of the identity.
    Identity,
    /// The residual covariance is a multiple of W⁻¹, where W is a fixed weight matrix.
    Weights,
}

impl LowRank {
    /// Returns the form of a covariance without a design Z, such as the residual covariance σ² I.
    pub(crate) const fn of(residual: Residual) -> Self {
        Self::Design { columns: 0, residual }
    }

    /// Returns the low-rank form Z G Zᵀ + σ² W⁻¹ of the sum of two matrices.
    pub(crate) const fn and(self, other: Self) -> Self {
        let (Self::Design { columns: a, residual: r }, Self::Design { columns: b, residual: s }) =
            (self, other)
        else {
            return Self::Unknown;
        };
        let residual = match (r, s) {
            (Residual::None, residual) | (residual, Residual::None) => residual,
            (Residual::Identity, Residual::Identity) => Residual::Identity,
            // The weights of the terms may differ.
            _ => return Self::Unknown,
        };
        Self::Design { columns: a + b, residual }
    }

    /// Returns the number of columns of the fixed design Z in the form Z G Zᵀ + σ² W⁻¹.
    pub(crate) const fn columns(self) -> usize {
        match self {
            Self::Design { columns, .. } => columns,
            Self::Unknown => 0,
        }
    }

    /// Returns `true` if the residual covariance is σ² W⁻¹ with a weight matrix W, and not σ² I.
    pub(crate) const fn are_weighted(self) -> bool {
        matches!(self, Self::Design { residual: Residual::Weights, .. })
    }
}
