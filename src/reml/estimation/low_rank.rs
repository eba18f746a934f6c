//! Estimation after the data are transformed to coordinates in which V has fewer rows; see
//! [`low_rank`](crate::reml::low_rank).

use core::marker::PhantomData;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::shape::{Shape, Theta, default_theta};
use crate::algebra::start::error_of_start;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::reml::estimation::Estimation;
use crate::reml::estimation::coordinates::InCoordinates;
use crate::reml::estimation::own_rows::Observations;
use crate::reml::low_rank::for_reduced_size;

impl<M, D, T, const N: usize, const K: usize> Estimation<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    /// Applies `action` to this estimation after its data are reduced to as few rows as possible.
    /// If V cannot be reduced to fewer rows, applies `action` to this estimation itself.
    pub(super) fn in_smallest<A: InCoordinates<T, M::ParamCount, K>>(
        &self,
        action: A,
    ) -> Result<A::Answer, Error> {
        (Select::<A, M, D, T, N, K>::CHOSEN)(self, action)
    }

    /// Converts an error that may refer to the rows of a reduced V to an error that refers to the
    /// rows of the original V at the given θ.
    pub(super) fn in_own_rows(&self, error: Error, theta: Option<&Theta<M, T>>) -> Error {
        match error {
            Error::NotFinite { .. } | Error::NotPositiveDefinite { .. } => {
                let defaults = default_theta::<M, T>(self.model);
                let of_v = self.error_of_v(theta.unwrap_or(&defaults));
                of_v.unwrap_or(Error::LikelihoodNotFinite)
            }
            other => other,
        }
    }

    /// Returns the error to report if a search fails with `error` at the given start.
    #[cold]
    pub(super) fn error_at_start(&self, error: Error, start: &Theta<M, T>) -> Error {
        let of_v = self.error_of_v(start).is_some();
        // An invalid V can be caused by one parameter, while a likelihood that overflows depends on
        // all parameters.
        let defaults = default_theta::<M, T>(self.model);
        error_of_start(self.model, start, error, |theta| {
            if of_v {
                self.error_of_v(theta).is_none()
            } else {
                theta.as_ref() == defaults.as_ref()
            }
        })
    }
}

/// The choice of the coordinates for an action of type `A`.
struct Select<A, M, D, T, const N: usize, const K: usize>(PhantomData<(A, M, D, T)>);

/// A function that applies an action to an estimation.
type Apply<A, M, D, T, const N: usize, const K: usize> =
    fn(
        &Estimation<'_, M, D, T, N, K>,
        A,
    ) -> Result<<A as InCoordinates<T, <M as Shape>::ParamCount, K>>::Answer, Error>;

impl<A, M, D, T, const N: usize, const K: usize> Select<A, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
    A: InCoordinates<T, M::ParamCount, K>,
{
    /// The function for the coordinates in which V has the fewest rows. The function is the value
    /// of a constant, so that the compiler instantiates only this function. With an `if const`, the
    /// compiler would read the functions for all sizes.
    const CHOSEN: Apply<A, M, D, T, N, K> =
        for_reduced_size!(D::REDUCED_ROWS, D::MOST_REDUCED_ROWS, Self::in_reduced, Self::in_own);

    /// The function for data that turn out not to be reducible, for example because their weights
    /// differ too much, or `None` if all data can be reduced.
    const FALLBACK: Option<Apply<A, M, D, T, N, K>> =
        if D::MAY_BE_IRREDUCIBLE { Some(Self::in_own) } else { None };

    fn in_own(estimation: &Estimation<'_, M, D, T, N, K>, action: A) -> Result<A::Answer, Error> {
        action.act(estimation)
    }

    fn in_reduced<const R: usize, const Q: usize>(
        estimation: &Estimation<'_, M, D, T, N, K>,
        action: A,
    ) -> Result<A::Answer, Error> {
        if let Some(in_own) = Self::FALLBACK
            && !estimation.data.can_be_reduced(estimation.model)
        {
            return in_own(estimation, action);
        }
        D::in_reduced::<A, R, Q>(estimation, action)
    }
}
