//! The coordinates in which a matrix is smaller; see [`OnDesign`](crate::OnDesign).

/// The form of an N×N matrix M in other coordinates: Uᵀ M U, or Uᵀ W^½ M W^½ U for fixed weights W.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coordinates {
    /// Nothing that is known.
    Own,
    /// M on another fixed design with `columns` columns, and a multiple of the identity outside it.
    Design {
        /// The columns of the design.
        columns: usize,
        /// The part of M outside the column space of the design.
        residual: Residual,
    },
}

/// The part of a matrix outside the column space of the design.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Residual {
    /// Nothing.
    None,
    /// A multiple of the identity.
    Identity,
    /// A multiple of W⁻¹ for fixed weights W.
    Weights,
}

impl Coordinates {
    /// Returns the coordinates of a matrix that is a residual alone.
    pub(crate) const fn of(residual: Residual) -> Self {
        Self::Design { columns: 0, residual }
    }

    /// Returns the coordinates of a sum.
    pub(crate) const fn and(self, other: Self) -> Self {
        let (Self::Design { columns: a, residual: r }, Self::Design { columns: b, residual: s }) =
            (self, other)
        else {
            return Self::Own;
        };
        let residual = match (r, s) {
            (Residual::None, residual) | (residual, Residual::None) => residual,
            (Residual::Identity, Residual::Identity) => Residual::Identity,
            // Two kinds of weights.
            _ => return Self::Own,
        };
        Self::Design { columns: a + b, residual }
    }

    /// The columns of the design.
    pub(crate) const fn columns(self) -> usize {
        match self {
            Self::Design { columns, .. } => columns,
            Self::Own => 0,
        }
    }

    /// Returns `true` if there are weights.
    pub(crate) const fn are_weighted(self) -> bool {
        matches!(self, Self::Design { residual: Residual::Weights, .. })
    }
}
