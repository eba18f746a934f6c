//! Data in their original rows, as the data of an estimation.

use crate::algebra::matrix::ParamMatrix;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::coordinates::{InCoordinates, WithData};
use crate::reml::low_rank as reduced;
use crate::reml::observations::blocks::OnBlock;
use crate::reml::observations::shared::SharedRows;
use crate::reml::observations::{At, Data};

/// Data that have a likelihood under a model with the covariance matrix `M`: a response vector with
/// its design ([`ResponseVector`](crate::reml::ResponseVector)), the subjects of a
/// [`Panel`](crate::reml::Panel), or [`Subjects`](crate::reml::Subjects).
#[doc(alias = "data")]
pub trait Observations<M, T: Real, const N: usize, const K: usize>: OwnRows<M, T, N, K>
where
    M: ParamMatrix<T, N, N>,
{
}

impl<M, D, T, const N: usize, const K: usize> Observations<M, T, N, K> for D
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: OwnRows<M, T, N, K>,
{
}

/// Data in their original rows, with methods to reduce them to fewer rows and to visit them for
/// inference.
pub trait OwnRows<M: ParamMatrix<T, N, N>, T: Real, const N: usize, const K: usize>:
    Data<M, T, N, K>
{
    /// The number of rows of V after the data are reduced to as few rows as possible, or `None` if
    /// the data cannot be reduced.
    const REDUCED_ROWS: Option<usize>;

    /// The largest number of rows for which reduced data are faster than the original data.
    const MOST_REDUCED_ROWS: usize;

    /// `true` if it depends on the numbers of the data or of the model whether the data can be
    /// reduced.
    const MAY_BE_IRREDUCIBLE: bool;

    /// Returns `true` if the data can be reduced. This requires that the fixed weights of the
    /// residuals are so similar that no row loses precision.
    fn can_be_reduced(&self, model: &M) -> bool;

    /// Applies `action` to an estimation whose data are reduced to at most R rows of V, of which
    /// Q = R − 1 belong to the column space of the random design.
    fn in_reduced<A: InCoordinates<T, M::ParamCount, K>, const R: usize, const Q: usize>(
        estimation: &Estimation<'_, M, Self, T, N, K>,
        action: A,
    ) -> Result<A::Answer, Error>
    where
        Self: Sized;

    /// Calls `action` for each block of the data: all data with the same V, or one subject after
    /// another if each subject has its own V. The factors must belong to the θ in `at`.
    fn each_block<A: OnBlock<T, M::ParamCount, K>>(
        &self,
        at: &At<'_, M, T, K>,
        factors: &Self::Factors,
        action: &mut A,
    );
}

impl<M, D, T, const N: usize, const K: usize> OwnRows<M, T, N, K> for D
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: SharedRows<N, K, Scalar = T>,
{
    const REDUCED_ROWS: Option<usize> =
        if D::REDUCIBLE { reduced::rows(M::LOW_RANK, N) } else { None };
    const MOST_REDUCED_ROWS: usize = N - 1;
    const MAY_BE_IRREDUCIBLE: bool = M::LOW_RANK.are_weighted();

    fn can_be_reduced(&self, model: &M) -> bool {
        reduced::has_even_weights(model)
    }

    fn in_reduced<A: InCoordinates<T, M::ParamCount, K>, const R: usize, const Q: usize>(
        estimation: &Estimation<'_, M, D, T, N, K>,
        action: A,
    ) -> Result<A::Answer, Error> {
        let weights = reduced::weights_of(estimation.model);
        let design = reduced::design_of::<_, _, N, R>(estimation.model);
        let action = WithData { estimation, action };
        estimation.data.reduced(&design, M::LOW_RANK.columns(), &weights, action)
    }

    fn each_block<A: OnBlock<T, M::ParamCount, K>>(
        &self,
        at: &At<'_, M, T, K>,
        factors: &D::Classes,
        action: &mut A,
    ) {
        action.take(at.model, &self.block(factors));
    }
}
