//! The properties of a matrix that its type alone decides: its size, its parameters and their
//! names, its pattern.

pub(crate) mod expression;
pub(crate) mod low_rank;
pub mod name;
pub(crate) mod scale;

use core::fmt;

use hybrid_array::{Array, ArraySize};
use nalgebra::{DimName, SMatrix};

use crate::algebra::shape::expression::{Expression, write_head};
use crate::algebra::shape::low_rank::LowRank;
use crate::algebra::shape::name::{Chained, ParamNames};
use crate::algebra::shape::scale::Scale;
use crate::base::arrays::filled;
use crate::base::dim::{Extent, Join};
use crate::base::scalar::Real;

/// The dimensions of a matrix and the number of its parameters, at the type level, and the names of
/// the parameters.
///
/// The three types are all that a matrix of one's own must give; see
/// [`ParamMatrix`](crate::ParamMatrix) for an example.
pub trait Shape {
    /// The number of rows, `Const<R>`.
    type Rows: DimName;
    /// The number of columns, `Const<C>`.
    type Cols: DimName;
    /// The number P of free parameters, a typenum integer such as [`typenum::U3`] or
    /// [`typenum::U<3>`](typenum::U).
    type Params: ArraySize;

    /// `true` if every value and every derivative is symmetric to the last bit. What depends on it,
    /// such as Z G Zᵀ, is then symmetric to the last bit too.
    const SYMMETRIC: bool = false;

    /// Which entries can differ from zero.
    const PATTERN: Pattern = Pattern::Dense;

    /// The form of the matrix with respect to a fixed design: a V of the form Z G Zᵀ + σ² W⁻¹ is
    /// fitted in as many rows as Z has columns, and one more. A matrix that says so gives the form
    /// in [`ParamMatrix::low_rank`](crate::ParamMatrix::low_rank).
    const LOW_RANK: LowRank = LowRank::Unknown;

    /// The operator, where its chains read as one flat list of operands.
    const CHAINED: Chained = Chained::No;

    /// The number of operands, in that list where there is one.
    const OPERANDS: usize = 0;

    /// The column of the only entry in `row` that can differ from zero, for a pattern that has one
    /// entry a row.
    #[inline]
    fn column(&self, row: usize) -> usize {
        row
    }

    /// The name by which this matrix is known as an operand; see [`named`](crate::named).
    fn operand_name(&self) -> Option<&'static str> {
        None
    }

    /// Writes the name of parameter `index`, `theta_0`, `theta_1`, … by default.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "theta_{index}")
    }

    /// The θ to start from; zeros unless a structure says otherwise.
    #[must_use]
    fn defaults(&self) -> Theta<Self, f64> {
        filled::<Self::Params, f64>(0.0)
    }

    /// Writes for each parameter its degree and a typical value, for a matrix of this degree and
    /// size 1. Returns `true` if multiplying every natural-scale parameter ηₖ by c^degreeₖ
    /// multiplies the matrix by c^degree, for every c > 0.
    ///
    /// Degrees say how parameters change with the unit of the data: a covariance matrix has the
    /// degree 2 in y. They are found from the expression. The terms of a sum have the degree of the
    /// sum; of the factors of a product, the first that can carries the whole degree; in Z G Zᵀ
    /// that is G or else Z, with half of the degree; an inverse turns the sign. Every matrix has
    /// the degree 0.
    ///
    /// If the result is `false`, the matrix has a part that is constant or not known to scale. The
    /// degrees are those that hold if this part is multiplied along.
    ///
    /// At the typical values, the diagonal of a matrix that can carry the degree is about 1, and no
    /// derivative vanishes if there is a value at which it does not. A typical value is NaN if none
    /// is known. It may lie outside the codomain of a transform of the caller's choice.
    ///
    /// `scales` has one element for each parameter, in the order of θ. By default, the degrees are
    /// 0, typical values are unknown, and the result is `true` for the degree 0 only.
    ///
    /// ```
    /// use covprop::*;
    ///
    /// // σ² ρ^|i−j| in the unit of y²
    /// let mut scales = [Scale::default(); 2];
    /// assert!(Ar1Matrix::<3>::new().scales(2.0, &mut scales));
    /// assert_eq!(scales.map(|scale| scale.degree), [2.0, 0.0]);
    ///
    /// // the identity is the same in every unit
    /// assert!(!Ar1Matrix::<3>::new().plus(IdentityMatrix::new()).scales(2.0, &mut scales));
    /// ```
    fn scales(&self, degree: f64, scales: &mut [Scale]) -> bool {
        scales.fill(Scale::UNKNOWN);
        degree == 0.0
    }

    /// Writes what [`expression`](Self::expression) displays.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    fn write_expression(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write_head::<Self>(out)?;
        if Self::OPERANDS > 0 {
            out.write_str(" (")?;
            self.write_operands(out)?;
            out.write_str(")")?;
        }
        Ok(())
    }

    /// Writes the operands of an operator, for its expression.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    fn write_operands(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        let _ = out;
        Ok(())
    }

    /// The expression with its shapes, to be displayed.
    ///
    /// ```
    /// use covprop::*;
    ///
    /// let z = DummyMatrix::<12, 3>::from_indices([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    /// let v = CovariancePropagation::new(z, Ar1Matrix::<3>::new());
    /// assert_eq!(
    ///     v.expression().to_string(),
    ///     "CovariancePropagation 12×12 (Z: DummyMatrix 12×3, G: Ar1Matrix 3×3)"
    /// );
    /// ```
    fn expression(&self) -> Expression<'_, Self> {
        Expression(self)
    }

    /// The names of the parameters, in the order of θ.
    fn param_names(&self) -> ParamNames<'_, Self>
    where
        Self: Sized,
    {
        ParamNames::new(self)
    }
}

impl<M: Shape> Extent for M {
    type Size = (M::Rows, M::Cols);
}

/// Which entries of a matrix can differ from zero. Operators choose their loops by it, at compile
/// time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pattern {
    /// Any.
    Dense,
    /// The diagonal.
    Diagonal,
    /// The diagonal, which is all ones.
    Identity,
    /// At most one in each row, in the [`column`](Shape::column) that the matrix tells.
    OnePerRow,
    /// One entry in each row, which is a one.
    OneHot,
}

impl Pattern {
    /// Returns `true` if each row has one entry at most.
    #[inline]
    pub(crate) const fn one_per_row(self) -> bool {
        !matches!(self, Self::Dense)
    }

    /// Returns `true` if what can differ from zero is a one.
    #[inline]
    pub(crate) const fn has_ones(self) -> bool {
        matches!(self, Self::Identity | Self::OneHot)
    }
}

/// The parameters of a matrix: `[T; P]` for a concrete `M`.
pub type Theta<M, T> = Params<M, T>;

/// The derivatives of a matrix by its parameters: `[SMatrix<T, R, C>; P]` for a concrete `M`.
pub type Gradient<M, T, const R: usize, const C: usize> = Params<M, SMatrix<T, R, C>>;

/// One value for each parameter of a matrix: `[E; P]` for a concrete `M`.
pub type Params<M, E> = <<M as Shape>::Params as ArraySize>::ArrayType<E>;

/// The number of parameters of A and B together.
pub(crate) type Joined<A, B> = <<A as Shape>::Params as Join<<B as Shape>::Params>>::Output;

/// `[[T; P]; P]` for a concrete `M`.
pub type Curvature<M, T> = Params<M, Theta<M, T>>;

/// The θ to start from, in any scalar.
#[inline]
pub(crate) fn default_theta<M: Shape + ?Sized, T: Real>(matrix: &M) -> Theta<M, T> {
    let defaults = matrix.defaults();
    Array::<T, M::Params>::from_fn(|k| nalgebra::convert(defaults.as_ref()[k])).0
}
