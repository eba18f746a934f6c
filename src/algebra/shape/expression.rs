//! The expression of a matrix: the names and sizes of the matrix and of its operands.

use core::fmt;

use nalgebra::DimName;

use crate::algebra::shape::Shape;

/// The expression of a matrix, which displays the names and sizes of the matrix and of its
/// operands; see [`Shape::expression`].
#[derive(Clone, Copy, Debug)]
pub struct Expression<'a, M: ?Sized>(pub(crate) &'a M);

impl<M: Shape> fmt::Display for Expression<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_expression(f)
    }
}

/// Writes the name and the size of a matrix, such as `DiagonalMatrix 3×3`.
pub(crate) fn write_head<M: Shape + ?Sized>(out: &mut dyn fmt::Write) -> fmt::Result {
    // The type name has the form `path::to::Type<..>`.
    let path = core::any::type_name::<M>();
    let path = path.split('<').next().unwrap_or(path);
    let name = path.rsplit("::").next().unwrap_or(path);
    let (rows, cols) = size::<M>();
    write!(out, "{name} {rows}×{cols}")
}

/// Writes the expression of a wrapper, such as `Constrained 3×3 of DiagonalMatrix 3×3`.
pub(crate) fn write_wrapped<M: Shape, I: Shape>(
    _: &M,
    inner: &I,
    out: &mut dyn fmt::Write,
) -> fmt::Result {
    write_head::<M>(out)?;
    out.write_str(" of ")?;
    inner.write_expression(out)
}

fn size<M: Shape + ?Sized>() -> (usize, usize) {
    (M::Rows::DIM, M::Cols::DIM)
}
