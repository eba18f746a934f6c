//! Matrices V = Z G Zᵀ + σ² W⁻¹ with a fixed design Z and fixed weights W, and their evaluation
//! with a smaller design in place of Z.
//!
//! Let Z be a fixed design, and let U be an orthogonal matrix whose first columns span the columns
//! of Z. Let the weights W be the identity. The following equation
//!
//! ```text
//! Uᵀ V U = ⎡ R G Rᵀ + σ² I        ⎤      Z = U ⎡ R ⎤      W = I
//!          ⎣                 σ² I ⎦            ⎣ 0 ⎦
//! ```
//!
//! holds for every θ. If the design Z of an N×N matrix has Q columns, the upper left block is Q×Q,
//! and operations on this block need about Q³ steps instead of N³. For other weights W, Uᵀ (W^½ V
//! W^½) U has the same block form, where the first columns of U span the columns of W^½ Z.
//! [`Shape::LOW_RANK`](crate::algebra::Shape::LOW_RANK) declares whether a matrix has the form Z G
//! Zᵀ + σ² W⁻¹, and [`ParamMatrix::low_rank`] visits that form.

use core::marker::PhantomData;

use hybrid_array::ArraySize;
use nalgebra::{Const, SMatrix};

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::{Gradient, Shape, Theta};
use crate::base::arrays::filled;
use crate::base::scalar::Real;

/// A matrix M = Z G(θ) Zᵀ + σ²(θ) W⁻¹ with N rows, whose Z and W are fixed.
pub trait LowRankForm<T: Real, const N: usize> {
    /// The number of parameters in θ.
    type ParamCount: ArraySize;

    /// Writes the columns of the fixed design Z into `out`, starting at column `first` of `out`.
    fn write_design<const W: usize>(&self, first: usize, out: &mut SMatrix<T, N, W>);

    /// Writes the diagonal of the weight matrix W, if W is not the identity.
    fn write_weights(&self, out: &mut [T; N]) {
        let _ = out;
    }

    /// Calls `visitor` with R G(θ) Rᵀ + σ²(θ) I, a matrix in which a smaller design R replaces the
    /// fixed design Z. R consists of the columns of `design` from column `first` on.
    fn on_design<V: OnDesign<T, Self::ParamCount, D>, const D: usize>(
        &self,
        design: &SMatrix<T, D, D>,
        first: usize,
        visitor: V,
    ) -> V::Output;

    /// Calls `each` with the row, the column and the value of each entry of G(θ), and adds σ²(θ) to
    /// `variance`. Rows and columns are counted from `first`.
    fn visit_components(
        &self,
        theta: &<Self::ParamCount as ArraySize>::ArrayType<T>,
        first: usize,
        each: &mut impl FnMut(usize, usize, T),
        variance: &mut T,
    );
}

/// A callback that receives the form Z G Zᵀ + σ² W⁻¹ of a matrix with N rows and P parameters, as a
/// [`LowRankForm`].
pub trait LowRankVisitor<T: Real, P: ArraySize, const N: usize> {
    /// The result of the callback.
    type Output;

    /// Computes the result of the callback from the low-rank form of the matrix.
    fn visit<F: LowRankForm<T, N, ParamCount = P>>(self, form: &F) -> Self::Output;
}

/// A callback for the D×D matrix R G(θ) Rᵀ + σ²(θ) I, in which a smaller design R replaces the
/// fixed design Z.
pub trait OnDesign<T: Real, P: ArraySize, const D: usize> {
    /// The result of the callback.
    type Output;

    /// Computes the result from the matrix.
    fn take<M: ParamMatrix<T, D, D> + Shape<ParamCount = P>>(self, matrix: &M) -> Self::Output;
}

/// A visitor that writes the fixed design Z of a matrix Z G Zᵀ + σ² W⁻¹.
pub(crate) struct WriteDesign<'a, T, const N: usize, const W: usize>(
    pub(crate) &'a mut SMatrix<T, N, W>,
);

impl<T: Real, P: ArraySize, const N: usize, const W: usize> LowRankVisitor<T, P, N>
    for WriteDesign<'_, T, N, W>
{
    type Output = ();

    fn visit<F: LowRankForm<T, N, ParamCount = P>>(self, form: &F) {
        form.write_design(0, self.0);
    }
}

/// A visitor that writes the fixed weights W of a matrix Z G Zᵀ + σ² W⁻¹, if it has weights.
pub(crate) struct WriteWeights<'a, T, const N: usize>(pub(crate) &'a mut [T; N]);

impl<T: Real, P: ArraySize, const N: usize> LowRankVisitor<T, P, N> for WriteWeights<'_, T, N> {
    type Output = ();

    fn visit<F: LowRankForm<T, N, ParamCount = P>>(self, form: &F) {
        form.write_weights(self.0);
    }
}

/// A visitor that replaces the fixed design Z of a matrix Z G Zᵀ + σ² W⁻¹ by another design, and
/// passes the new matrix to a callback.
pub(crate) struct WithDesign<'a, V, T, const D: usize> {
    pub(crate) design: &'a SMatrix<T, D, D>,
    pub(crate) visitor: V,
}

impl<T, P, V, const N: usize, const D: usize> LowRankVisitor<T, P, N> for WithDesign<'_, V, T, D>
where
    T: Real,
    P: ArraySize,
    V: OnDesign<T, P, D>,
{
    type Output = V::Output;

    fn visit<F: LowRankForm<T, N, ParamCount = P>>(self, form: &F) -> V::Output {
        form.on_design(self.design, 0, self.visitor)
    }
}

/// A design that replaces another design. Both designs are fixed: they have no parameters. Both
/// designs have the same type of θ.
pub(crate) struct Design<Z, T, const D: usize, const Q: usize> {
    entries: SMatrix<T, D, Q>,
    of: PhantomData<Z>,
}

impl<Z, T: Real, const D: usize, const Q: usize> Design<Z, T, D, Q> {
    /// Creates a design from consecutive columns of a wider design, starting at column `first`.
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
    type ParamCount = Z::ParamCount;
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
        filled::<Z::ParamCount, _>(SMatrix::zeros())
    }
}
