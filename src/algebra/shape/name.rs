//! Parameter names, which are paths such as `g/sigma^2_2`, computed from types without allocation.
//!
//! Each structure defines the names of its parameters, such as `sigma^2`. An operator prefixes the
//! names of its operands' parameters with the name of the operand and `/`. Operands are called
//! `op_0`, `op_1`, … unless the operand is wrapped by [`named`](crate::operator::named). A chain of
//! the same binary operator has one flat list of operands: the operands of `a.plus(b).plus(c)` are
//! `op_0`, `op_1` and `op_2`.

use core::fmt::{self, Write as _};

use typenum::Unsigned;

use crate::algebra::shape::Shape;
use crate::base::error::text::Text;

/// The name of one parameter, which is displayed as a path and can be compared with a string.
///
/// ```
/// use covprop::prelude::*;
///
/// let v = ScalarMatrix::<3>::new();
/// for name in v.param_names() {
///     assert_eq!(name, "sigma^2");
///     assert_eq!(format!("{name:>9}"), "  sigma^2");
/// }
/// ```
pub struct ParamName<'a, M: ?Sized> {
    matrix: &'a M,
    index: usize,
}

/// Pads the name to the width of the format string, so that names can be aligned in tables.
impl<M: Shape> fmt::Display for ParamName<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut count = Count(0);
        if f.width().is_some() {
            self.matrix.write_param_name(self.index, &mut count)?;
        }
        let padding = f.width().unwrap_or(0).saturating_sub(count.0);
        let before = match f.align() {
            Some(fmt::Alignment::Right) => padding,
            Some(fmt::Alignment::Center) => padding / 2,
            Some(fmt::Alignment::Left) | None => 0,
        };
        let fill = f.fill();
        for _ in 0..before {
            f.write_char(fill)?;
        }
        self.matrix.write_param_name(self.index, f)?;
        for _ in before..padding {
            f.write_char(fill)?;
        }
        Ok(())
    }
}

impl<M: Shape> fmt::Debug for ParamName<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<M> Clone for ParamName<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for ParamName<'_, M> {}

impl<M: Shape> PartialEq<str> for ParamName<'_, M> {
    fn eq(&self, other: &str) -> bool {
        /// A writer that compares a text with the parameter name that is written. It holds the part
        /// of the text that has not been compared yet.
        struct Rest<'a>(&'a str);

        impl fmt::Write for Rest<'_> {
            fn write_str(&mut self, part: &str) -> fmt::Result {
                self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
                Ok(())
            }
        }

        let mut rest = Rest(other);
        self.matrix.write_param_name(self.index, &mut rest).is_ok() && rest.0.is_empty()
    }
}

impl<M: Shape> PartialEq<&str> for ParamName<'_, M> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl<M: Shape> PartialEq<ParamName<'_, M>> for str {
    fn eq(&self, other: &ParamName<'_, M>) -> bool {
        other == self
    }
}

impl<M: Shape> PartialEq<ParamName<'_, M>> for &str {
    fn eq(&self, other: &ParamName<'_, M>) -> bool {
        *other == **self
    }
}

/// The names of all parameters of a matrix, in the order of θ.
pub struct ParamNames<'a, M: ?Sized> {
    matrix: &'a M,
    range: core::ops::Range<usize>,
}

impl<M: ?Sized> Clone for ParamNames<'_, M> {
    fn clone(&self) -> Self {
        Self { matrix: self.matrix, range: self.range.clone() }
    }
}

impl<M: Shape> fmt::Debug for ParamNames<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<'a, M: Shape> ParamNames<'a, M> {
    pub(crate) fn new(matrix: &'a M) -> Self {
        Self { matrix, range: 0..M::ParamCount::USIZE }
    }
}

impl<'a, M> Iterator for ParamNames<'a, M> {
    type Item = ParamName<'a, M>;

    fn next(&mut self) -> Option<Self::Item> {
        self.range.next().map(|index| ParamName { matrix: self.matrix, index })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }
}

impl<M> DoubleEndedIterator for ParamNames<'_, M> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.range.next_back().map(|index| ParamName { matrix: self.matrix, index })
    }
}

impl<M> ExactSizeIterator for ParamNames<'_, M> {}

/// The operators whose chains are displayed as one flat list of operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Chained {
    /// The matrix is not a chain.
    No,
    /// A chain of the operator [`Sum`](crate::operator::Sum), such as A + B + C.
    Sum,
    /// A chain of the operator [`KroneckerProduct`](crate::operator::KroneckerProduct), such as A ⊗
    /// B ⊗ C.
    Kronecker,
    /// A chain of the operator [`HadamardProduct`](crate::operator::HadamardProduct), such as A ∘ B
    /// ∘ C.
    Hadamard,
    /// A chain of the operator [`Product`](crate::operator::Product), such as A B C.
    Product,
    /// A chain of the operator [`BlockDiagonal`](crate::operator::BlockDiagonal), such as diag(A,
    /// B, C).
    BlockDiagonal,
    /// A chain of the operator [`Augment`](crate::operator::Augment), such as \[A B C\].
    Augment,
    /// A chain of the operator [`Stack`](crate::operator::Stack), such as \[A; B; C\].
    Stack,
}

impl Chained {
    /// Returns `true` if the matrix `M` is itself a chain of this operator, so that its operands
    /// join the list of a longer chain.
    pub(crate) const fn continues<M: Shape>(self) -> bool {
        !matches!(self, Self::No) && self as u8 == M::CHAINED as u8
    }

    /// Returns the number of operands that the matrix `M`, as a first operand, contributes to the
    /// flat list of a chain.
    pub(crate) const fn operands<M: Shape>(self) -> usize {
        if self.continues::<M>() { M::OPERANDS } else { 1 }
    }
}

impl Text {
    /// Returns the name of parameter k.
    pub(crate) fn of_param<M: Shape>(matrix: &M, k: usize) -> Self {
        matrix.param_names().nth(k).map_or(Self::EMPTY, Self::of)
    }
}

/// Writes a parameter name as `name/parameter` for an operand with a name, and as `op_i/parameter`
/// for an operand without a name at position i.
pub(crate) fn write_prefixed<M: Shape>(
    operand: &M,
    place: usize,
    index: usize,
    out: &mut dyn fmt::Write,
) -> fmt::Result {
    match operand.operand_name() {
        Some(name) => out.write_str(name)?,
        None => write!(out, "op_{place}")?,
    }
    out.write_char('/')?;
    operand.write_param_name(index, out)
}

/// A writer that counts the characters of the text.
struct Count(usize);

impl fmt::Write for Count {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.0 = self.0.saturating_add(part.chars().count());
        Ok(())
    }
}

/// Returns the number of characters of a value as it is displayed.
pub(crate) fn count_chars(value: impl fmt::Display) -> usize {
    let mut count = Count(0);
    // This fails only if the `Display` of the value does, which then fails in the table too.
    let _ = fmt::write(&mut count, format_args!("{value}"));
    count.0
}

/// A value that is padded to a width by trailing spaces when it is displayed. The padding is
/// written here because Rust's own formatting panics for a width above 65,535.
pub(crate) struct Padded<D>(pub(crate) D, pub(crate) usize);

impl<D: fmt::Display> fmt::Display for Padded<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value, width) = self;
        write!(f, "{value}")?;
        for _ in count_chars(value)..*width {
            f.write_str(" ")?;
        }
        Ok(())
    }
}
