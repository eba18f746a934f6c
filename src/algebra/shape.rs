//! The properties of a matrix that do not depend on θ: its size, parameter names and pattern.

pub(crate) mod expression;
pub(crate) mod low_rank;
pub(crate) mod name;
pub(crate) mod scale;

use core::fmt;

use hybrid_array::ArraySize;
use nalgebra::{DimName, SMatrix};

use crate::algebra::shape::expression::{Expression, write_head};
use crate::algebra::shape::low_rank::LowRank;
use crate::algebra::shape::name::{Chained, ParamNames};
use crate::algebra::shape::scale::Scale;
use crate::base::arrays::{filled, tabulate};
use crate::base::dim::{Extent, Join};
use crate::base::scalar::Real;

/// The dimensions of a matrix and the number of its parameters, at the type level, and the names of
/// the parameters.
///
/// An implementation of [`Shape`] must define only the three associated types; see
/// [`ParamMatrix`](crate::algebra::ParamMatrix) for an example.
pub trait Shape {
    /// The number of rows, `Const<R>`.
    type Rows: DimName;
    /// The number of columns, `Const<C>`.
    type Cols: DimName;
    /// The number P of free parameters, a typenum integer such as [`typenum::U3`] or
    /// [`typenum::U<3>`](typenum::U).
    type ParamCount: ArraySize;

    /// `true` if every value and every derivative is exactly symmetric. If a matrix G is declared
    /// symmetric, matrices that are computed from G, such as Z G Zᵀ, are exactly symmetric too.
    const SYMMETRIC: bool = false;

    /// The sparsity pattern of a matrix: which of its entries can differ from zero.
    const SPARSITY: SparsityPattern = SparsityPattern::Dense;

    /// The declaration that the matrix has, or does not have, the form Z G Zᵀ + σ² W⁻¹ with a fixed
    /// design Z. If Z has Q columns, a matrix V = Z G Zᵀ + σ² W⁻¹ of any size is fitted as a matrix
    /// with Q + 1 rows. A matrix that declares the form Z G Zᵀ + σ² W⁻¹ must implement
    /// [`ParamMatrix::low_rank`](crate::algebra::ParamMatrix::low_rank).
    const LOW_RANK: LowRank = LowRank::Unknown;

    /// The operator that this matrix applies, if a chain of the operator, such as A + B + C, is
    /// displayed as one flat list of operands.
    const CHAINED: Chained = Chained::No;

    /// The number of operands of this matrix. For a chain of one operator, such as A + B + C, the
    /// number counts every operand of the chain.
    const OPERANDS: usize = 0;

    /// Returns the column of the only entry in `row` that can differ from zero, for a pattern with
    /// at most one entry in each row.
    #[inline]
    fn column(&self, row: usize) -> usize {
        row
    }

    /// Returns the name of this matrix as an operand, if it has one; see
    /// [`named`](crate::operator::named).
    fn operand_name(&self) -> Option<&'static str> {
        None
    }

    /// Writes the name of parameter `index`. The default names are `theta_0`, `theta_1`, and so on.
    ///
    /// # Errors
    ///
    /// Returns the errors of `out`.
    fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "theta_{index}")
    }

    /// Returns the θ at which a fit starts, zeros by default.
    #[must_use]
    fn defaults(&self) -> Theta<Self, f64> {
        filled::<Self::ParamCount, f64>(0.0)
    }

    /// Returns `true` if the matrix can be scaled by its parameters: for every c > 0, multiplying
    /// each natural-scale parameter k by c to the power of its own degree multiplies the matrix by
    /// c^degree. Writes the degree and a typical value of each parameter to `scales`, in the order
    /// of θ.
    ///
    /// Degrees describe how parameters change with the unit of the data. For example, a covariance
    /// matrix of data y has the degree 2 in the unit of y. The degrees of an operator follow from
    /// the degrees of its operands. Each term of a sum has the degree of the sum. In a product, the
    /// first factor whose parameters can be scaled has the whole degree of the product, and the
    /// other factor has the degree 0. In Z G Zᵀ, the matrix G has the whole degree if the
    /// parameters of G can be scaled; otherwise Z has half the degree. If the inverse A⁻¹ has the
    /// degree d, the matrix A has the degree −d. For the degree 0, the method returns `true` for
    /// every matrix, because the matrix does not change.
    ///
    /// The method returns `false` if a part of the matrix is constant or is not known to scale with
    /// the parameters. In that case, the degrees are valid only if the constant part is multiplied
    /// by c^degree as well.
    ///
    /// At the typical values of its parameters, a matrix for which `scales` returns `true` has a
    /// diagonal of about 1. At the typical values, no derivative of a matrix is zero, except a
    /// derivative that is zero everywhere. A typical value is NaN if none is known. If the caller
    /// has chosen another transform for a parameter, the typical value may lie outside the values
    /// that the transform can have.
    ///
    /// By default, all degrees of parameters are 0, no typical values are known, and the method
    /// returns `true` only if `degree` is 0.
    ///
    /// ```
    /// use covprop::algebra::Scale;
    /// use covprop::prelude::*;
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

    /// Writes the text that [`expression`](Self::expression) displays.
    ///
    /// # Errors
    ///
    /// Returns the errors of `out`.
    fn write_expression(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        write_head::<Self>(out)?;
        if Self::OPERANDS > 0 {
            out.write_str(" (")?;
            self.write_operands(out)?;
            out.write_str(")")?;
        }
        Ok(())
    }

    /// Writes the labels, names and sizes of the operands of an operator, as a part of the
    /// displayed expression of the operator.
    ///
    /// # Errors
    ///
    /// Returns the errors of `out`.
    fn write_operands(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        let _ = out;
        Ok(())
    }

    /// Returns the expression of the matrix, which displays the names and sizes of the matrix and
    /// of its operands.
    ///
    /// ```
    /// use covprop::prelude::*;
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

    /// Returns the names of the parameters, in the order of θ.
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

/// The pattern of the entries of a matrix that can differ from zero. Operators have loops for each
/// pattern of their operands, and the type of an operand decides which of them is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SparsityPattern {
    /// Every entry can differ from zero.
    Dense,
    /// Only the entries on the diagonal can differ from zero.
    Diagonal,
    /// The matrix is the identity.
    Identity,
    /// At most one entry in each row can differ from zero; [`column`](Shape::column) returns the
    /// column of that entry.
    OnePerRow,
    /// At most one entry in each row differs from zero, and that entry is 1.
    OneHot,
}

impl SparsityPattern {
    /// Returns `true` if at most one entry in each row can differ from zero.
    #[inline]
    pub(crate) const fn one_per_row(self) -> bool {
        !matches!(self, Self::Dense)
    }

    /// Returns `true` if every entry that can differ from zero is 1.
    #[inline]
    pub(crate) const fn has_ones(self) -> bool {
        matches!(self, Self::Identity | Self::OneHot)
    }
}

/// The parameters θ of a matrix: `[T; P]` for a concrete `M`.
pub type Theta<M, T> = PerParam<M, T>;

/// The derivatives of a matrix with respect to its parameters: `[SMatrix<T, R, C>; P]` for a
/// concrete `M`.
pub type Gradient<M, T, const R: usize, const C: usize> = PerParam<M, SMatrix<T, R, C>>;

/// One value for each parameter of a matrix: `[E; P]` for a concrete `M`.
pub type PerParam<M, E> = <<M as Shape>::ParamCount as ArraySize>::ArrayType<E>;

/// The sum of the numbers of parameters of two matrices A and B.
pub(crate) type Joined<A, B> = <<A as Shape>::ParamCount as Join<<B as Shape>::ParamCount>>::Output;

/// The second derivatives with respect to the parameters of a matrix: `[[T; P]; P]` for a concrete
/// `M`.
pub type Curvature<M, T> = PerParam<M, Theta<M, T>>;

/// Returns the default θ of a matrix, converted to the scalar type `T`.
#[inline]
pub(crate) fn default_theta<M: Shape + ?Sized, T: Real>(matrix: &M) -> Theta<M, T> {
    let defaults = matrix.defaults();
    tabulate::<M::ParamCount, T>(T::zero(), |k| nalgebra::convert(defaults.as_ref()[k])).0
}
