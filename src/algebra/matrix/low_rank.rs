//! V = Z G Zᵀ + σ² W⁻¹ in coordinates in which it is small.
//!
//! For a fixed Z and an orthogonal U whose first columns span those of Z,
//!
//! ```text
//! Uᵀ V U = ⎡ R G Rᵀ + σ² I        ⎤      Z = U ⎡ R ⎤      W = I
//!          ⎣                 σ² I ⎦            ⎣ 0 ⎦
//! ```
//!
//! for every θ: what costs N³ costs Q³ there. With fixed weights the same is true of W^½ V W^½,
//! with W^½ Z for Z. A matrix tells in [`Shape::COORDINATES`] whether it is of this kind, and gives
//! itself on the fixed design R in place of Z.

use core::marker::PhantomData;

use hybrid_array::ArraySize;
use nalgebra::{Const, SMatrix};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::{Gradient, Shape, Theta};
use crate::base::arrays::filled;
use crate::base::scalar::Real;

/// A function of a matrix in other coordinates, D×D, with the same θ.
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
