//! Parameter names: paths such as `g/sigma^2_2`, which walk the types and allocate nothing.
//!
//! A structure names its own parameters; an operator puts the name of the operand before them,
//! joined by `/`. Operands are `op_0`, `op_1`, … unless they were wrapped by
//! [`named`](crate::named). A chain of the same two-operand operator reads as one flat list: the
//! parameters of `a.plus(b).plus(c)` are those of `op_0`, `op_1` and `op_2`.

use core::fmt::{self, Write as _};

use typenum::Unsigned;

use crate::algebra::shape::Shape;
use crate::base::error::text::Text;

/// The name of one parameter: displays as its path and equals its text.
///
/// ```
/// use covprop::*;
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

/// Pads to a width like a string does, so that names stand in tables.
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
        /// The rest of the text after a name was matched with its beginning.
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
        Self { matrix, range: 0..M::Params::USIZE }
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

/// The operators whose chains read as one flat list of operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Chained {
    /// Not such an operator.
    No,
    /// [`Sum`](crate::Sum).
    Sum,
    /// [`KroneckerProduct`](crate::KroneckerProduct).
    Kronecker,
    /// [`HadamardProduct`](crate::HadamardProduct).
    Hadamard,
    /// [`Product`](crate::Product).
    Product,
    /// [`BlockDiagonal`](crate::BlockDiagonal).
    BlockDiagonal,
    /// [`Augment`](crate::Augment).
    Augment,
    /// [`Stack`](crate::Stack).
    Stack,
}

impl Chained {
    /// Returns `true` if a first operand `M` of this operator continues its list.
    pub(crate) const fn continues<M: Shape>(self) -> bool {
        !matches!(self, Self::No) && self as u8 == M::CHAINED as u8
    }

    /// How many operands a first operand `M` contributes to the flat list.
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

/// Writes `name/parameter`, where the name is `op_place` if the operand has none.
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

/// Counts the characters that are written.
struct Count(usize);

impl fmt::Write for Count {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.0 = self.0.saturating_add(part.chars().count());
        Ok(())
    }
}

/// The number of characters that a value is displayed in.
pub(crate) fn count_chars(value: impl fmt::Display) -> usize {
    let mut count = Count(0);
    // Fails only where the value's own `Display` does, which then fails in the table too.
    let _ = fmt::write(&mut count, format_args!("{value}"));
    count.0
}

/// Displays a value with spaces after it, up to a width. That of a format string panics above
/// 65,535.
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
