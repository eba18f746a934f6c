//! The constant by which a matrix says that it is M = Z G Zᵀ + σ² W⁻¹ with a fixed Z and fixed W.

/// The form of an N×N matrix M with respect to a fixed design; see
/// [`Shape::LOW_RANK`](crate::Shape::LOW_RANK).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LowRank {
    /// No such form is known.
    Unknown,
    /// M = Z G(θ) Zᵀ + σ²(θ) W⁻¹.
    Design {
        /// The number of columns of Z.
        columns: usize,
        /// The part of M outside the column space of Z.
        residual: Residual,
    },
}

/// The part of a matrix outside the column space of the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Residual {
    /// Nothing.
    None,
    /// A multiple of the identity.
    Identity,
    /// A multiple of W⁻¹ for fixed weights W.
    Weights,
}

impl LowRank {
    /// Returns the form of a matrix that is a residual alone.
    pub(crate) const fn of(residual: Residual) -> Self {
        Self::Design { columns: 0, residual }
    }

    /// Returns the form of a sum.
    pub(crate) const fn and(self, other: Self) -> Self {
        let (Self::Design { columns: a, residual: r }, Self::Design { columns: b, residual: s }) =
            (self, other)
        else {
            return Self::Unknown;
        };
        let residual = match (r, s) {
            (Residual::None, residual) | (residual, Residual::None) => residual,
            (Residual::Identity, Residual::Identity) => Residual::Identity,
            // Two kinds of weights.
            _ => return Self::Unknown,
        };
        Self::Design { columns: a + b, residual }
    }

    /// Returns the number of columns of the design.
    pub(crate) const fn columns(self) -> usize {
        match self {
            Self::Design { columns, .. } => columns,
            Self::Unknown => 0,
        }
    }

    /// Returns `true` if there are weights.
    pub(crate) const fn are_weighted(self) -> bool {
        matches!(self, Self::Design { residual: Residual::Weights, .. })
    }
}
