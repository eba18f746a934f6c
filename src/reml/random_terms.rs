//! The random terms of a mixed model.

use crate::operator::covariance_propagation::CovariancePropagation;
use crate::operator::named::Named;
use crate::operator::sum::Sum;

/// The covariance matrix Z G Zᵀ of a random term of a mixed model, or a sum of such matrices.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a random term",
    note = "a random term is a `CovariancePropagation` (Z G Zᵀ), a named one, or a sum of them"
)]
pub trait RandomTerms {}

impl<Z, G> RandomTerms for CovariancePropagation<Z, G> {}
impl<M: RandomTerms> RandomTerms for Named<M> {}
impl<A: RandomTerms, B: RandomTerms> RandomTerms for Sum<A, B> {}
