//! The likelihood in the coordinates in which V is smallest; see
//! [`low_rank`](crate::reml::low_rank).

use core::marker::PhantomData;

use hybrid_array::ArraySize;
use nalgebra::SMatrix;

use crate::algebra::matrix::ParamMatrix;
use crate::algebra::matrix::low_rank::{FixedParts, OnDesign, WithDesign};
use crate::algebra::shape::{Shape, Theta, default_theta};
use crate::algebra::start::error_of_start;
use crate::base::error::Error;
use crate::base::scalar::Real;
use crate::linalg::kernel::sqrt;
use crate::reml::estimation::Estimation;
use crate::reml::low_rank as reduced;
use crate::reml::sample::{Data, OnData, Sample};

/// A function of an estimation, whatever its coordinates.
pub(in crate::reml) trait InCoordinates<T: Real, P: ArraySize, const K: usize> {
    /// The result.
    type Answer;

    /// Does it.
    fn act<V, S, const R: usize>(
        self,
        estimation: &Estimation<'_, V, S, T, R, K>,
    ) -> Result<Self::Answer, Error>
    where
        V: ParamMatrix<T, R, R> + Shape<Params = P>,
        S: Data<T, R, K>;
}

impl<M, D, T, const N: usize, const K: usize> Estimation<'_, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    /// Does something in the coordinates in which V is smallest, in its own as `in_own` does it.
    pub(super) fn in_smallest<A: InCoordinates<T, M::Params, K>>(
        &self,
        action: A,
        in_own: impl FnOnce(A) -> Result<A::Answer, Error>,
    ) -> Result<A::Answer, Error> {
        /// The size of an array is a literal: the first of these where V has room. The others are
        /// not compiled.
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

    /// Returns `true` if V can be made smaller, to not more than `size` rows.
    const fn has_room(size: usize) -> bool {
        match reduced::rows(M::LOW_RANK, N) {
            Some(rows) => D::REDUCIBLE && rows <= size && size < N,
            None => false,
        }
    }

    /// The fixed weights of the residuals, if they are so much alike that no row loses digits
    /// beside another.
    fn weights(&self) -> Option<[T; N]> {
        let mut weights = [T::one(); N];
        if const { M::LOW_RANK.are_weighted() } {
            let design = &mut SMatrix::<T, N, 0>::zeros();
            self.model.low_rank(FixedParts { design, weights: &mut weights });
            let largest = weights.iter().fold(T::zero(), |m, &w| m.max(w));
            let counts = |w: &T| *w > largest * sqrt(T::default_epsilon()) && w.is_finite();
            return weights.iter().all(counts).then_some(weights);
        }
        Some(weights)
    }

    fn in_reduced<A: InCoordinates<T, M::Params, K>, const R: usize>(
        &self,
        action: A,
        weights: &[T; N],
    ) -> Result<A::Answer, Error> {
        let mut design = SMatrix::<T, N, R>::zeros();
        self.model.low_rank(FixedParts { design: &mut design, weights: &mut [T::one(); N] });
        let reduced = WithData { estimation: self, action };
        self.sample.reduced(&design, M::LOW_RANK.columns(), weights, reduced)
    }

    /// An error at a θ, in other coordinates perhaps, as it is in those of V.
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

    /// The error for a start that a user gave.
    #[cold]
    pub(super) fn error_at_start(&self, error: Error, start: &Theta<M, T>) -> Error {
        let of_v = self.error_of_v(start).is_some();
        // A V that is none has a parameter to blame; of a likelihood beyond the numbers, all have a
        // part.
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

/// An action that waits for the data in other coordinates.
struct WithData<'e, 'a, A, M, D, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    estimation: &'e Estimation<'a, M, D, T, N, K>,
    action: A,
}

impl<A, M, D, T, const N: usize, const K: usize, const R: usize> OnData<T, R, K>
    for WithData<'_, '_, A, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
    A: InCoordinates<T, M::Params, K>,
{
    type Output = Result<A::Answer, Error>;

    fn take<S: Data<T, R, K>>(self, data: S, design: &SMatrix<T, R, R>) -> Self::Output {
        let Self { estimation, action } = self;
        let visitor = WithModel { estimation, action, data };
        let answer = estimation.model.low_rank(WithDesign { design, visitor });
        answer.unwrap_or(Err(Error::LikelihoodNotFinite))
    }
}

/// An action that has the data in other coordinates, and waits for V.
struct WithModel<'e, 'a, A, S, M, D, T, const N: usize, const K: usize>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
{
    estimation: &'e Estimation<'a, M, D, T, N, K>,
    action: A,
    data: S,
}

impl<A, S, M, D, T, const N: usize, const K: usize, const R: usize> OnDesign<T, M::Params, R>
    for WithModel<'_, '_, A, S, M, D, T, N, K>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Sample<T, N, K>,
    S: Data<T, R, K>,
    A: InCoordinates<T, M::Params, K>,
{
    type Output = Result<A::Answer, Error>;

    fn take<V: ParamMatrix<T, R, R> + Shape<Params = M::Params>>(self, model: &V) -> Self::Output {
        let Estimation { size, criterion, max_iterations, .. } = *self.estimation;
        self.action.act(&Estimation {
            model,
            sample: self.data,
            size,
            criterion,
            start: None,
            max_iterations,
            scalar: PhantomData,
        })
    }
}
