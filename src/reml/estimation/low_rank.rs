//! Estimation after the data are transformed to coordinates in which V has fewer rows; see
//! [`low_rank`](crate::reml::low_rank).

use core::marker::PhantomData;

use hybrid_array::ArraySize;
use nalgebra::SMatrix;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::low_rank::{OnDesign, WithDesign, WriteDesign, WriteWeights};
use crate::algebra::shape::{Shape, Theta, default_theta};
use crate::algebra::start::error_of_start;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::kernel::sqrt;
use crate::reml::estimation::Estimation;
use crate::reml::low_rank as reduced;
use crate::reml::observations::{Data, Observations, OnData};

/// A computation on an estimation, for data in their original rows or reduced to fewer rows.
pub(in crate::reml) trait InCoordinates<T: Real, P: ArraySize, const K: usize> {
    /// The result of the computation.
    type Answer;

    /// Computes the result from an estimation.
    fn act<V, S, const R: usize>(
        self,
        estimation: &Estimation<'_, V, S, T, R, K>,
    ) -> Result<Self::Answer, Error>
    where
        V: ParamMatrix<T, R, R> + Shape<ParamCount = P>,
        S: Data<T, R, K>;
}

impl<M, D, T, const N: usize, const K: usize> Estimation<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<T, N, K>,
{
    /// Applies `action` to this estimation after its data are reduced to as few rows as possible.
    /// If V cannot be reduced to fewer rows, calls `in_own` with `action` instead.
    pub(super) fn in_smallest<A: InCoordinates<T, M::ParamCount, K>>(
        &self,
        action: A,
        in_own: impl FnOnce(A) -> Result<A::Answer, Error>,
    ) -> Result<A::Answer, Error> {
        /// Selects the smallest of the listed sizes that is large enough for the reduced V, and
        /// reduces V to this size. Sizes of arrays must be literals; only the code for the selected
        /// size is compiled.
        macro_rules! in_first_with_room {
            ($($size:literal)*) => {$(
                if const { Self::has_room($size) }
                    && let Some(weights) = self.weights()
                {
                    return self.in_reduced::<A, $size>(action, &weights);
                }
            )*};
        }
        in_first_with_room!(2 3 4 5 6 7 8 9 10 12 14 16 20 24 28 32 40 48 56 64);
        in_own(action)
    }

    /// Returns `true` if V can be reduced to at most `size` rows, and `size` is less than the
    /// number N of original rows.
    const fn has_room(size: usize) -> bool {
        match reduced::rows(M::LOW_RANK, N) {
            Some(rows) => D::REDUCIBLE && rows <= size && size < N,
            None => false,
        }
    }

    /// Returns the fixed weights of the residuals, or `None` if the weights differ so much that
    /// rows with small weights would lose precision.
    fn weights(&self) -> Option<[T; N]> {
        let mut weights = [T::one(); N];
        if const { M::LOW_RANK.are_weighted() } {
            self.model.low_rank(WriteWeights(&mut weights));
            let largest = weights.iter().fold(T::zero(), |m, &w| m.max(w));
            let counts = |w: &T| *w > largest * sqrt(T::default_epsilon()) && w.is_finite();
            return weights.iter().all(counts).then_some(weights);
        }
        Some(weights)
    }

    fn in_reduced<A: InCoordinates<T, M::ParamCount, K>, const R: usize>(
        &self,
        action: A,
        weights: &[T; N],
    ) -> Result<A::Answer, Error> {
        let mut design = SMatrix::<T, N, R>::zeros();
        self.model.low_rank(WriteDesign(&mut design));
        let reduced = WithData { estimation: self, action };
        self.data.reduced(&design, M::LOW_RANK.columns(), weights, reduced)
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

/// A callback that receives the data of an estimation in reduced coordinates, and then runs a
/// computation on the estimation.
struct WithData<'e, 'a, A, M, D, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<T, N, K>,
{
    estimation: &'e Estimation<'a, M, D, T, N, K>,
    action: A,
}

impl<A, M, D, T, const N: usize, const K: usize, const R: usize> OnData<T, R, K>
    for WithData<'_, '_, A, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<T, N, K>,
    A: InCoordinates<T, M::ParamCount, K>,
{
    type Output = Result<A::Answer, Error>;

    fn take<S: Data<T, R, K>>(self, data: S, design: &SMatrix<T, R, R>) -> Self::Output {
        let Self { estimation, action } = self;
        let visitor = WithModel { estimation, action, data };
        let answer = estimation.model.low_rank(WithDesign { design, visitor });
        answer.unwrap_or(Err(Error::LikelihoodNotFinite))
    }
}

/// A callback that stores the data in reduced coordinates, receives V in the same coordinates, and
/// then runs a computation on the estimation.
struct WithModel<'e, 'a, A, S, M, D, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<T, N, K>,
{
    estimation: &'e Estimation<'a, M, D, T, N, K>,
    action: A,
    data: S,
}

impl<A, S, M, D, T, const N: usize, const K: usize, const R: usize> OnDesign<T, M::ParamCount, R>
    for WithModel<'_, '_, A, S, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<T, N, K>,
    S: Data<T, R, K>,
    A: InCoordinates<T, M::ParamCount, K>,
{
    type Output = Result<A::Answer, Error>;

    fn take<V: ParamMatrix<T, R, R> + Shape<ParamCount = M::ParamCount>>(
        self,
        model: &V,
    ) -> Self::Output {
        let Estimation { size, criterion, max_iterations, .. } = *self.estimation;
        self.action.act(&Estimation {
            model,
            data: self.data,
            size,
            criterion,
            start: None,
            max_iterations,
            scalar: PhantomData,
        })
    }
}
