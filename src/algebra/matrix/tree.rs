//! The tree of the operands of a matrix, with their values and derivatives.

use core::fmt;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::evaluate::each_derivative;
use crate::algebra::matrix::operand_visitor::OperandVisitor;
use crate::algebra::shape::expression::Expression;
use crate::algebra::shape::name::Padded;
use crate::algebra::shape::{Shape, Theta};
use crate::base::arrays::{copied, filled, mapped};
use crate::base::scalar::Real;
use crate::transform::Forward;

/// A matrix in a tree of operands, evaluated at θ.
#[derive(Clone, Copy)]
pub struct Node<'a, T> {
    /// The depth of a matrix in the tree of operands: 0 for the whole matrix, 1 for its operands,
    /// and so on.
    pub depth: usize,
    /// The label of the matrix in its operator.
    pub label: &'a dyn fmt::Display,
    /// The expression of the matrix, with the names and sizes of the matrix and of its operands.
    pub expression: &'a dyn fmt::Display,
    /// The Frobenius norm of the value.
    pub norm: T,
    /// The parameters of the matrix.
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
    /// For each parameter, calls `f` with the name, the value on its natural scale and the
    /// Frobenius norm of the derivative of the matrix.
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

/// Visits the node of a matrix, followed by the nodes of its operands.
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
    let mut norms = filled::<M::ParamCount, T>(T::zero());
    each_derivative(matrix, theta, &mut |k, derivative| {
        if let Some(norm) = norms.as_mut().get_mut(k) {
            derivative.each_entry(&mut |_, _, x| *norm += x * x);
            *norm = norm.sqrt();
        }
    });
    let natural = |k, x| matrix.visit_transform(k, Forward(x));
    let params = mapped::<M::ParamCount, _, _>(theta, natural);
    let params = Evaluated { matrix, params, norms };
    let norm = matrix.value(theta).norm();
    visit(&Node { depth, label, expression: &Expression(matrix), norm, params: &params });
    matrix.visit_operands(theta, &mut Below { depth: depth + 1, visit });
}

/// A visitor that visits the nodes of the operands.
struct Below<'v, T> {
    depth: usize,
    visit: &'v mut dyn FnMut(&Node<'_, T>),
}

impl<T: Real> OperandVisitor<T> for Below<'_, T> {
    fn operand<M, const R: usize, const C: usize>(
        &mut self,
        label: &dyn fmt::Display,
        matrix: &M,
        theta: &Theta<M, T>,
    ) where
        M: ParamMatrix<T, R, C>,
    {
        walk(matrix, theta, self.depth, label, self.visit);
    }
}

/// A tree of a matrix and its operands, evaluated at θ; see
/// [`ParamMatrixExt::tree`](crate::algebra::ParamMatrixExt::tree).
///
/// The tree is displayed with one line for each matrix, which shows the shape and the norm of the
/// matrix, followed by one line for each parameter of the matrix.
pub struct Tree<'a, M: Shape, T, const R: usize, const C: usize> {
    pub(crate) matrix: &'a M,
    pub(crate) theta: Theta<M, T>,
}

impl<M: Shape, T: Copy, const R: usize, const C: usize> Clone for Tree<'_, M, T, R, C> {
    fn clone(&self) -> Self {
        Self { matrix: self.matrix, theta: copied::<M::ParamCount, T>(&self.theta) }
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
    /// Visits each node before its operands.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// let v = ScalarMatrix::<2>::new().plus(IdentityMatrix::<2>::new());
    /// let mut depths = Vec::new();
    /// v.tree(&[0.0]).for_each(&mut |node| depths.push(node.depth));
    /// assert_eq!(depths, [0, 1, 1]);
    /// ```
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
    let indent = Padded("", 2 * node.depth);
    write!(f, "{indent}")?;
    if node.depth > 0 {
        write!(f, "{}: ", node.label)?;
    }
    writeln!(f, "{}, norm {}", node.expression, node.norm)?;
    let mut result = Ok(());
    node.params.for_each(&mut |name, value, norm| {
        if result.is_ok() {
            result = writeln!(f, "{indent}  {name} = {value}, norm of the derivative {norm}");
        }
    });
    result
}
