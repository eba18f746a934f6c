//! What a matrix is made of: its expression with shapes, and a tree of its values and derivatives.

use core::fmt;

use hybrid_array::ArraySize;
use nalgebra::DimName;
use typenum::Unsigned;

use crate::dim::{Join, Joined};
use crate::name::{Chained, write_prefixed};
use crate::shape::{copied, filled};
use crate::{ParamMatrix, Real, Shape, Theta};

/// Displays as the expression with its shapes; see [`Shape::expression`].
#[derive(Clone, Copy, Debug)]
pub struct Expression<'a, M: ?Sized>(pub(crate) &'a M);

impl<M: Shape> fmt::Display for Expression<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_expression(f)
    }
}

/// Writes `DiagonalMatrix 3×3`.
pub(crate) fn write_head<M: Shape + ?Sized>(out: &mut dyn fmt::Write) -> fmt::Result {
    // `path::to::Type<..>`
    let path = core::any::type_name::<M>();
    let path = path.split('<').next().unwrap_or(path);
    let name = path.rsplit("::").next().unwrap_or(path);
    let (rows, cols) = size::<M>();
    write!(out, "{name} {rows}×{cols}")
}

/// Writes `Constrained 3×3 of DiagonalMatrix 3×3`.
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

/// The label of an operand: its own name, a name for its place, or `op_` and its place.
#[derive(Clone, Copy)]
struct Label {
    name: Option<&'static str>,
    place: usize,
}

impl Label {
    fn of<M: Shape>(operand: &M, of_place: Option<&'static str>, place: usize) -> Self {
        Self { name: operand.operand_name().or(of_place), place }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => f.write_str(name),
            None => write!(f, "op_{}", self.place),
        }
    }
}

/// The operands of an operator of two, and what they are called where they have no name.
pub(crate) struct Operands<'a, A, B> {
    pub(crate) operator: Chained,
    pub(crate) labels: [Option<&'static str>; 2],
    pub(crate) a: &'a A,
    pub(crate) b: &'a B,
}

impl<A: Shape, B: Shape> Operands<'_, A, B> {
    fn label_a(&self) -> Label {
        Label::of(self.a, self.labels[0], 0)
    }

    fn label_b(&self) -> Label {
        Label::of(self.b, self.labels[1], self.operator.operands::<A>())
    }

    /// Writes `Z: DummyMatrix 4×3, G: DiagonalMatrix 3×3`; a chain as one list.
    pub(crate) fn write(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        if self.operator.continues::<A>() {
            self.a.write_operands(out)?;
        } else {
            write!(out, "{}: ", self.label_a())?;
            self.a.write_expression(out)?;
        }
        write!(out, ", {}: ", self.label_b())?;
        self.b.write_expression(out)
    }

    /// The defaults of both.
    pub(crate) fn defaults(&self) -> <Joined<A, B> as ArraySize>::ArrayType<f64>
    where
        A: Shape<Params: Join<B::Params>>,
    {
        A::Params::concat(self.a.defaults(), self.b.defaults())
    }

    /// Writes the name of parameter `index` of the operator: the name of the operand, or `op_` and its
    /// place, and the name that the parameter has there.
    pub(crate) fn write_param_name(&self, index: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        match index.checked_sub(A::Params::USIZE) {
            None if self.operator.continues::<A>() => self.a.write_param_name(index, out),
            None => write_prefixed(self.a, 0, index, out),
            Some(index) => write_prefixed(self.b, self.operator.operands::<A>(), index, out),
        }
    }

    /// Visits the nodes of both, a chain as one list.
    pub(crate) fn walk<T, const K: usize, const L: usize, const M: usize, const N: usize>(
        &self,
        (ta, tb): (&Theta<A, T>, &Theta<B, T>),
        depth: usize,
        visit: &mut dyn FnMut(&Node<'_, T>),
    ) where
        T: Real,
        A: ParamMatrix<T, K, L>,
        B: ParamMatrix<T, M, N>,
    {
        if self.operator.continues::<A>() {
            self.a.walk_operands(ta, depth, visit);
        } else {
            walk(self.a, ta, depth, &self.label_a(), visit);
        }
        walk(self.b, tb, depth, &self.label_b(), visit);
    }
}

/// Writes the only operand.
pub(crate) fn write_operand<M: Shape>(operand: &M, out: &mut dyn fmt::Write) -> fmt::Result {
    write!(out, "{}: ", Label::of(operand, None, 0))?;
    operand.write_expression(out)
}

/// Visits the node of the only operand.
pub(crate) fn walk_operand<M, T, const R: usize, const C: usize>(
    operand: &M,
    theta: &Theta<M, T>,
    depth: usize,
    visit: &mut dyn FnMut(&Node<'_, T>),
) where
    T: Real,
    M: ParamMatrix<T, R, C>,
{
    walk(operand, theta, depth, &Label::of(operand, None, 0), visit);
}

/// One matrix of a tree, at θ.
#[derive(Clone, Copy)]
pub struct Node<'a, T> {
    /// 0 for the whole, 1 for its operands, …
    pub depth: usize,
    /// The name under which its operator knows it.
    pub label: &'a dyn fmt::Display,
    /// Its expression.
    pub expression: &'a dyn fmt::Display,
    /// The Frobenius norm of its value.
    pub norm: T,
    /// Its parameters.
    pub params: &'a dyn NodeParams<T>,
}

impl<T: fmt::Debug> fmt::Debug for Node<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("depth", &self.depth)
            .field("label", &format_args!("{}", self.label))
            .field("expression", &format_args!("{}", self.expression))
            .field("norm", &self.norm)
            .finish_non_exhaustive()
    }
}

/// The parameters of a [`Node`].
pub trait NodeParams<T> {
    /// Calls `f` with the name, the value on its own scale and the Frobenius norm of the derivative of
    /// each parameter.
    fn for_each(&self, f: &mut dyn FnMut(&dyn fmt::Display, T, T));
}

struct Evaluated<'a, M: Shape, T> {
    matrix: &'a M,
    params: Theta<M, T>,
    norms: Theta<M, T>,
}

impl<M: Shape, T: Real> NodeParams<T> for Evaluated<'_, M, T> {
    fn for_each(&self, f: &mut dyn FnMut(&dyn fmt::Display, T, T)) {
        let values = self.params.as_ref().iter().zip(self.norms.as_ref());
        for (name, (&value, &norm)) in self.matrix.param_names().zip(values) {
            f(&name as &dyn fmt::Display, value, norm);
        }
    }
}

/// Visits the node of a matrix, and then those of its operands.
fn walk<M, T, const R: usize, const C: usize>(
    matrix: &M,
    theta: &Theta<M, T>,
    depth: usize,
    label: &dyn fmt::Display,
    visit: &mut dyn FnMut(&Node<'_, T>),
) where
    T: Real,
    M: ParamMatrix<T, R, C>,
{
    let mut norms = filled::<M::Params, T>(T::zero());
    matrix.for_each_derivative(theta, |k, derivative| {
        if let Some(norm) = norms.as_mut().get_mut(k) {
            derivative.each(|_, _, x| *norm += x * x);
            *norm = norm.sqrt();
        }
    });
    let params = Evaluated { matrix, params: matrix.params(theta), norms };
    let norm = matrix.value(theta).norm();
    visit(&Node { depth, label, expression: &Expression(matrix), norm, params: &params });
    matrix.walk_operands(theta, depth + 1, visit);
}

/// Displays as a tree: a line for each operand with its shape and the norm of its value, and under it
/// one for each of its parameters; see [`ParamMatrix::tree`].
pub struct Tree<'a, M: Shape, T, const R: usize, const C: usize> {
    pub(crate) matrix: &'a M,
    pub(crate) theta: Theta<M, T>,
}

impl<M: Shape, T: Copy, const R: usize, const C: usize> Clone for Tree<'_, M, T, R, C> {
    fn clone(&self) -> Self {
        Self { matrix: self.matrix, theta: copied::<M::Params, T>(&self.theta) }
    }
}

impl<M: Shape, T: fmt::Debug, const R: usize, const C: usize> fmt::Debug for Tree<'_, M, T, R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree")
            .field("matrix", &format_args!("{}", self.matrix.expression()))
            .field("theta", &self.theta.as_ref())
            .finish()
    }
}

impl<M, T, const R: usize, const C: usize> Tree<'_, M, T, R, C>
where
    T: Real,
    M: ParamMatrix<T, R, C>,
{
    /// Visits the nodes, each before its operands.
    pub fn for_each(&self, visit: &mut dyn FnMut(&Node<'_, T>)) {
        walk(self.matrix, &self.theta, 0, &"", visit);
    }
}

impl<M, T, const R: usize, const C: usize> fmt::Display for Tree<'_, M, T, R, C>
where
    T: Real,
    M: ParamMatrix<T, R, C>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut result = Ok(());
        self.for_each(&mut |node| {
            if result.is_ok() {
                result = write_node(node, f);
            }
        });
        result
    }
}

fn write_node<T: Real>(node: &Node<'_, T>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let width = 2 * node.depth;
    write!(f, "{:width$}", "")?;
    if node.depth > 0 {
        write!(f, "{}: ", node.label)?;
    }
    writeln!(f, "{}, norm {}", node.expression, node.norm)?;
    let mut result = Ok(());
    node.params.for_each(&mut |name, value, norm| {
        if result.is_ok() {
            result = writeln!(f, "{:width$}  {name} = {value}, norm of the derivative {norm}", "");
        }
    });
    result
}
