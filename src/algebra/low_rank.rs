//! V = Z G Zᵀ + σ² W⁻¹ in coordinates in which it is small.
//!
//! For a fixed Z and an orthogonal U whose first columns span those of Z,
//!
//! ```text
//! Uᵀ V U = ⎡ R G Rᵀ + σ² I        ⎤      Z = U ⎡ R ⎤      W = I
//!          ⎣                 σ² I ⎦            ⎣ 0 ⎦
//! ```
//!
//! for every θ: what costs N³ costs Q³ there. With fixed weights the same is true of W^½ V W^½, with W^½ Z for Z. A matrix
//! tells in [`Shape::COORDINATES`] whether it is of this kind, and gives itself on the fixed design R in place of Z.

use core::marker::PhantomData;

use hybrid_array::ArraySize;
use nalgebra::{Const, SMatrix};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::{Gradient, Shape, Theta};
use crate::base::arrays::filled;
use crate::base::scalar::Real;

/// What becomes of an N×N matrix M in other coordinates, as Uᵀ M U, or Uᵀ W^½ M W^½ U for fixed weights W.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coordinates {
    /// Nothing that is known.
    Own,
    /// The same on another fixed design of so many columns, and with a multiple of the identity for what is besides.
    Design {
        /// The columns of the design.
        columns: usize,
        /// What is besides.
        residual: Residual,
    },
}

/// What a matrix is besides what it has of a fixed design.
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
    /// Those of a matrix that is a residual and nothing else.
    pub(crate) const fn of(residual: Residual) -> Self {
        Self::Design { columns: 0, residual }
    }

    /// Those of a sum.
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

    /// Whether there are weights.
    pub(crate) const fn are_weighted(self) -> bool {
        matches!(self, Self::Design { residual: Residual::Weights, .. })
    }
}

/// What is done with a matrix in other coordinates, D×D, with the same θ.
#[doc(hidden)]
pub trait OnDesign<T: Real, P: ArraySize, const D: usize> {
    /// The result.
    type Output;

    /// Takes the matrix.
    fn take<M: ParamMatrix<T, D, D> + Shape<Params = P>>(self, matrix: &M) -> Self::Output;
}

/// A fixed design in the place of a Z without parameters, of which it has the type of its θ.
pub(crate) struct Design<Z, T, const D: usize, const Q: usize> {
    entries: SMatrix<T, D, Q>,
    of: PhantomData<Z>,
}

impl<Z, T: Real, const D: usize, const Q: usize> Design<Z, T, D, Q> {
    /// The columns of a wider design from `first` on.
    pub(crate) fn of_columns<const W: usize>(design: &SMatrix<T, D, W>, first: usize) -> Self {
        let mut entries = SMatrix::zeros();
        for (column, &from) in entries.data.0.iter_mut().zip(design.data.0.iter().skip(first)) {
            *column = from;
        }
        Self { entries, of: PhantomData }
    }
}

impl<Z: Shape, T, const D: usize, const Q: usize> Shape for Design<Z, T, D, Q> {
    type Rows = Const<D>;
    type Cols = Const<Q>;
    type Params = Z::Params;
}

impl<Z: Shape, T: Real, const D: usize, const Q: usize> ParamMatrix<T, D, Q>
    for Design<Z, T, D, Q>
{
    #[inline]
    fn value(&self, _: &Theta<Self, T>) -> SMatrix<T, D, Q> {
        self.entries
    }

    #[inline]
    fn gradient(&self, _: &Theta<Self, T>) -> Gradient<Self, T, D, Q> {
        filled::<Z::Params, _>(SMatrix::zeros())
    }
}
