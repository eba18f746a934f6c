//! The traits of parametrised matrices: shape, value, derivatives and parameter names.

pub(crate) mod check;
pub(crate) mod cone;
pub(crate) mod delegate;
pub(crate) mod derivative;
pub(crate) mod matrix;
pub(crate) mod operands;
pub(crate) mod shape;
pub(crate) mod sparsity;
pub(crate) mod start;
pub(crate) mod visit;

pub use crate::base::scalar::Real;
pub use check::{Disagreement, assert_gradient, check_gradient};
pub use cone::ConeVisitor;
pub use derivative::Partial;
pub use matrix::ParamMatrix;
pub use matrix::ext::ParamMatrixExt;
pub use matrix::factored::Factored;
pub use matrix::low_rank::{LowRankForm, LowRankVisitor, OnDesign};
pub use matrix::operand_visitor::OperandVisitor;
pub use matrix::tree::{Node, NodeParams, Tree};
pub use shape::expression::Expression;
pub use shape::low_rank::{LowRank, Residual};
pub use shape::name::{Chained, ParamName, ParamNames};
pub use shape::scale::Scale;
pub use shape::{Curvature, Gradient, PerParam, Shape, SparsityPattern, Theta};
pub use visit::Visitor;
