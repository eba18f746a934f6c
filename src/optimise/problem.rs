//! The interface between a log-likelihood and the search for its maximum.

use hybrid_array::ArraySize;

use crate::base::arrays::filled;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::units::Transforms;

/// A log-likelihood that is evaluated at a current θ and at a trial θ.
pub(crate) trait Problem<P: ArraySize, T: Real> {
    /// Returns the transforms of the parameters.
    fn transforms(&self) -> impl Transforms<T>;

    /// Returns the current θ.
    fn theta(&self) -> &P::ArrayType<T>;

    /// Returns the log-likelihood at the current θ.
    fn log_likelihood(&self) -> T;

    /// Evaluates the log-likelihood at a trial θ, or returns `None` if the log-likelihood is
    /// undefined at that θ.
    fn look(&mut self, theta: &P::ArrayType<T>) -> Option<T>;

    /// Makes the given θ the current θ and returns `true` if the log-likelihood is defined at this
    /// θ. Otherwise returns `false`.
    fn restart(&mut self, theta: &P::ArrayType<T>) -> bool;

    /// Returns `true` if the log-likelihood has finite derivatives at the trial θ of the last
    /// [`look`](Self::look). If `on_bound` is `true`, some parameters may be on a bound at the
    /// trial θ.
    fn is_smooth_there(&mut self, on_bound: bool) -> bool;

    /// Exchanges the current θ with the trial θ of the last [`look`](Self::look).
    fn go(&mut self);

    /// Computes the score and an information matrix: the expected information if `expected` is
    /// `true`, otherwise the average information. If `judge` returns `true` for the score and this
    /// information matrix, also stores the expected information in [`Ascent::other`].
    fn ascend<R>(
        &mut self,
        ascent: &mut Ascent<P, T>,
        expected: bool,
        judge: impl FnOnce(&P::ArrayType<T>, &InformationMatrix<P, T>) -> (bool, R),
    ) -> R;

    /// Returns the observed information at the current θ. Callers must first call
    /// [`ascend`](Self::ascend) to compute the average and the expected information at the current
    /// θ.
    fn observed(&mut self, ascent: &Ascent<P, T>) -> InformationMatrix<P, T>;

    /// Returns `true` if the model at the given θ equals the model at the current θ within
    /// rounding.
    fn is_same(&mut self, theta: &P::ArrayType<T>) -> bool;

    /// Returns the largest eigenvalue of the dimensionless multiplier matrices M of all cones in
    /// the covariance matrix V. A cone is a matrix G inside V that may be any covariance matrix;
    /// see [`cone`](crate::algebra::cone). Returns `None` if V contains no cone. If the eigenvalue
    /// is positive, also returns the θ at which G has changed along the eigenvector by `part` times
    /// the size of V. Callers must first call [`ascend`](Self::ascend) at the current θ.
    fn off_cone(&mut self, part: T) -> Option<(T, Option<P::ArrayType<T>>)> {
        let _ = part;
        None
    }

    /// Returns the number n of observations.
    fn count(&self) -> T;

    /// Returns log(yᵀPy/(n − K)), where yᵀPy is the weighted sum of squared residuals of n
    /// observations with K fixed effects. The result is zero if the scale of the covariance matrix
    /// V fits the data.
    fn log_scale(&self) -> T;

    /// Returns a nonzero typical value of parameter k on its natural scale.
    fn typical(&self, k: usize) -> T;
}

/// The derivatives of a log-likelihood that a step of the search needs.
pub struct Ascent<P: ArraySize, T> {
    /// The score ∂ℓ/∂θ, which is the gradient of the log-likelihood ℓ.
    pub(crate) score: P::ArrayType<T>,
    /// The average information, or the expected information if [`ascend`](Problem::ascend) was
    /// called with `expected`.
    pub(crate) average: InformationMatrix<P, T>,
    /// The expected or the observed information matrix, which the next step uses in place of the
    /// average information. `None` if neither was computed.
    pub(crate) other: Option<InformationMatrix<P, T>>,
}

impl<P: ArraySize, T: Real> Ascent<P, T> {
    /// Creates derivatives that are all zero.
    pub(crate) fn new() -> Self {
        Self { score: filled::<P, T>(T::zero()), average: InformationMatrix::zeros(), other: None }
    }

    /// Returns the information matrix that the next step uses.
    pub(crate) fn information(&self) -> &InformationMatrix<P, T> {
        self.other.as_ref().unwrap_or(&self.average)
    }
}
