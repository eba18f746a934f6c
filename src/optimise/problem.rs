//! The interface between a log-likelihood and the search for its maximum.

use hybrid_array::ArraySize;

use crate::base::arrays::filled;
use crate::base::scalar::Real;
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::units::Transforms;

/// A log-likelihood at a θ, with room for another θ at which it is tried.
pub(crate) trait Problem<P: ArraySize, T: Real> {
    /// Returns the transforms of the parameters.
    fn transforms(&self) -> impl Transforms<T>;

    /// Returns θ.
    fn theta(&self) -> &P::ArrayType<T>;

    /// Returns ℓ(θ).
    fn log_likelihood(&self) -> T;

    /// Evaluates ℓ at another θ; `None` where it has no value.
    fn look(&mut self, theta: &P::ArrayType<T>) -> Option<T>;

    /// Starts again from another θ; returns `true` if ℓ has a value there.
    fn restart(&mut self, theta: &P::ArrayType<T>) -> bool;

    /// Returns `true` if ℓ has finite derivatives at the θ of the last [`look`](Self::look), where
    /// some of it may be on a bound.
    fn is_smooth_there(&mut self, on_bound: bool) -> bool;

    /// Exchanges θ with the θ of the last [`look`](Self::look).
    fn go(&mut self);

    /// Computes the score and an information, the expected one if `expected`, else the average one.
    /// If `judge` returns `true` computes the expected information too, as [`Ascent::other`].
    fn ascend<R>(
        &mut self,
        ascent: &mut Ascent<P, T>,
        expected: bool,
        judge: impl FnOnce(&P::ArrayType<T>, &InformationMatrix<P, T>) -> (bool, R),
    ) -> R;

    /// Returns the observed information, after [`ascend`](Self::ascend) with the average and the
    /// expected information at this θ.
    fn observed(&mut self, ascent: &Ascent<P, T>) -> InformationMatrix<P, T>;

    /// Returns `true` if the model is the same within rounding at another θ as at θ.
    fn is_same(&mut self, theta: &P::ArrayType<T>) -> bool;

    /// Returns the largest eigenvalue of M, in pure numbers, over the matrices in V that may be any
    /// covariance matrix, and the θ at which the one with that eigenvalue has changed along its
    /// eigenvector by this part of the size of V, if it is positive. `None` if there is no such
    /// matrix. See [`cone`](crate::algebra::cone). After [`ascend`](Self::ascend) at θ.
    fn off_cone(&mut self, part: T) -> Option<(T, Option<P::ArrayType<T>>)> {
        let _ = part;
        None
    }

    /// Returns n.
    fn count(&self) -> T;

    /// Returns log(yᵀPy/(n − K)), zero where V has the scale of the data.
    fn log_scale(&self) -> T;

    /// Returns a typical value of parameter k on its natural scale, not zero.
    fn typical(&self, k: usize) -> T;
}

/// The derivatives of a log-likelihood that a step needs.
pub(crate) struct Ascent<P: ArraySize, T> {
    /// ∂ℓ/∂θ.
    pub(crate) score: P::ArrayType<T>,
    /// The average information, or the expected one in its place.
    pub(crate) average: InformationMatrix<P, T>,
    /// Another information to step by.
    pub(crate) other: Option<InformationMatrix<P, T>>,
}

impl<P: ArraySize, T: Real> Ascent<P, T> {
    /// Zeros.
    pub(crate) fn new() -> Self {
        Self { score: filled::<P, T>(T::zero()), average: InformationMatrix::zeros(), other: None }
    }

    /// Returns the information to step by.
    pub(crate) fn information(&self) -> &InformationMatrix<P, T> {
        self.other.as_ref().unwrap_or(&self.average)
    }
}
