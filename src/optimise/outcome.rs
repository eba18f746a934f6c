//! The outcome of an estimation, and its progress at each iteration.

use core::fmt;

use crate::algebra::shape::{PerParam, Shape, Theta};
use crate::base::arrays::copied;
use crate::base::near::{Near, Within, approximately_equal};
use crate::base::scalar::Real;
use crate::optimise::End;

/// The outcome of an estimation. Whatever the outcome, the fit holds the best θ that was found.
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "T: Real + serde::Serialize",
        deserialize = "T: Real + serde::Deserialize<'de>"
    ))
)]
#[doc(alias = "convergence")]
#[doc(alias = "singular fit")]
pub enum Outcome<M: Shape + ?Sized, T> {
    /// The estimation ended at a maximum inside the parameter space.
    Converged,
    /// The estimation ended at a maximum exactly on the boundary, such as a variance of zero or a
    /// correlation of ±1. A parameter on its bound has an infinite θₖ and a finite value on the
    /// natural scale, with two exceptions. If the covariance matrix V depends on the square of θₖ,
    /// θₖ is zero at the bound. If several parameters without bounds diverged together to a
    /// boundary of V, their θₖ are large but finite, because V depends on the ratio of these θₖ.
    Boundary(
        #[cfg_attr(feature = "serde", serde(with = "crate::base::serde_array"))]
        PerParam<M, Option<Edge>>,
    ),
    /// The estimation ended on a ridge of maxima: the data do not determine θ along the direction
    /// in the field. The largest entry of the direction is 1.
    NotIdentified(
        #[cfg_attr(feature = "serde", serde(with = "crate::base::serde_array"))] Theta<M, T>,
    ),
    /// The estimation did not converge within the allowed number of iterations.
    MaxIterations,
    /// No step raised the likelihood any more, although the score is not zero: the likelihood is
    /// not smooth at this θ, or not precise enough in this scalar type.
    Stalled,
}

/// A bound of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Edge {
    /// The bound for θₖ → −∞.
    Lower,
    /// The bound for θₖ → +∞.
    Upper,
    /// The bound θₖ = 0, if the covariance matrix V depends on the square of θₖ.
    Zero,
}

impl Edge {
    /// Returns `Edge::Lower` if `x` is negative, otherwise `Edge::Upper`.
    pub(crate) fn on_side_of<T: Real>(x: T) -> Self {
        if x < T::zero() { Self::Lower } else { Self::Upper }
    }

    /// Returns the θₖ of a parameter on this bound: −∞, ∞ or 0.
    pub(crate) fn theta<T: Real>(self) -> T {
        match self {
            Self::Lower => -T::one() / T::zero(),
            Self::Upper => T::one() / T::zero(),
            Self::Zero => T::zero(),
        }
    }

    /// Selects one of the two limits of a transform T: T(−∞) if this is the lower bound, and T(∞)
    /// otherwise.
    #[inline]
    pub(crate) fn of<T>(self, [lower, upper]: [T; 2]) -> T {
        if self == Self::Lower { lower } else { upper }
    }
}

impl<M: Shape + ?Sized, T> Outcome<M, T> {
    /// Returns `true` if the estimation ended at a maximum, inside the parameter space or on its
    /// boundary.
    #[must_use]
    pub const fn is_maximum(&self) -> bool {
        matches!(self, Self::Converged | Self::Boundary(_))
    }

    /// Converts the internal result of a search into the outcome of an estimation.
    pub(crate) fn of(end: End<M::ParamCount, T>) -> Self {
        match end {
            End::Converged => Self::Converged,
            End::Boundary(edges) => Self::Boundary(edges),
            End::NotIdentified(combination) => Self::NotIdentified(combination),
            End::MaxIterations => Self::MaxIterations,
            End::Stalled => Self::Stalled,
        }
    }

    /// Returns the bound on which parameter k lies, or `None` if parameter k is on no bound.
    ///
    /// ```
    /// use covprop::prelude::*;
    ///
    /// // two pairs whose means are the same: no variance between them
    /// let pair = SVector::<f64, 2>::repeat(1.0);
    /// let mut panel =
    ///     Panel::new(MixedModel::new(pair, ScalarMatrix::<1>::new(), ScalarMatrix::<2>::new()));
    /// panel.push(&pair, &vector![1.0, 3.0])?;
    /// panel.push(&pair, &vector![0.0, 4.0])?;
    /// let outcome = panel.fit()?.outcome;
    /// assert!(outcome.is_maximum());
    /// assert_eq!((outcome.edge(0), outcome.edge(1)), (Some(Edge::Lower), None));
    /// # Ok::<(), covprop::Error>(())
    /// ```
    #[must_use]
    pub fn edge(&self, k: usize) -> Option<Edge> {
        match self {
            Self::Boundary(edges) => edges.as_ref().get(k).copied().flatten(),
            _ => None,
        }
    }
}

impl<M: Shape + ?Sized, T: Copy> Clone for Outcome<M, T> {
    fn clone(&self) -> Self {
        match self {
            Self::Converged => Self::Converged,
            Self::Boundary(edges) => Self::Boundary(copied::<M::ParamCount, _>(edges)),
            Self::NotIdentified(combination) => {
                Self::NotIdentified(copied::<M::ParamCount, _>(combination))
            }
            Self::MaxIterations => Self::MaxIterations,
            Self::Stalled => Self::Stalled,
        }
    }
}

impl<M: Shape + ?Sized, T: PartialEq> PartialEq for Outcome<M, T> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Converged, Self::Converged)
            | (Self::MaxIterations, Self::MaxIterations)
            | (Self::Stalled, Self::Stalled) => true,
            (Self::Boundary(a), Self::Boundary(b)) => a.as_ref() == b.as_ref(),
            (Self::NotIdentified(a), Self::NotIdentified(b)) => a.as_ref() == b.as_ref(),
            _ => false,
        }
    }
}

impl<M: Shape + ?Sized, T: Real> Near<T> for Outcome<M, T> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        match (self, other) {
            (Self::NotIdentified(a), Self::NotIdentified(b)) => {
                within.numbers(a.as_ref(), b.as_ref())
            }
            _ => self == other,
        }
    }
}

approximately_equal! {
    /// Compares the directions of two `NotIdentified` outcomes. All other outcomes must be equal.
    ///
    /// ```
    /// use covprop::approx::{assert_abs_diff_eq, assert_abs_diff_ne};
    /// use covprop::optimise::Outcome;
    /// use covprop::structure::DiagonalMatrix;
    ///
    /// type Of = Outcome<DiagonalMatrix<2>, f64>;
    ///
    /// let along = Of::NotIdentified([1.0, -1.0]);
    /// assert_abs_diff_eq!(along, Of::NotIdentified([1.0, -0.999]), epsilon = 0.01);
    /// assert_abs_diff_ne!(along, Of::Converged, epsilon = 0.01);
    /// ```
    impl [M: Shape + ?Sized, T: Real] for Outcome<M, T>
}

impl<M: Shape + ?Sized, T: fmt::Debug> fmt::Debug for Outcome<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Converged => f.write_str("Converged"),
            Self::Boundary(edges) => f.debug_tuple("Boundary").field(&edges.as_ref()).finish(),
            Self::NotIdentified(combination) => {
                f.debug_tuple("NotIdentified").field(&combination.as_ref()).finish()
            }
            Self::MaxIterations => f.write_str("MaxIterations"),
            Self::Stalled => f.write_str("Stalled"),
        }
    }
}

/// The state of an estimation at one iteration, passed to the observer of
/// [`Estimation::fit_with`](crate::reml::Estimation::fit_with).
pub struct Progress<'a, M: Shape + ?Sized, T> {
    /// The number of steps so far.
    pub iteration: usize,
    /// The current θ. The entry of a parameter on the boundary is infinite.
    pub theta: &'a Theta<M, T>,
    /// The change of θ in the last step. At the start, all entries are zero.
    pub step: &'a Theta<M, T>,
    /// The log-likelihood at the current θ.
    pub log_likelihood: T,
    /// The estimated distance from the maximum in standard errors, √(sᵀI⁻¹s), where s is the score
    /// and I the information.
    pub score_norm: T,
}

impl<M: Shape + ?Sized, T: Copy> Clone for Progress<'_, M, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Shape + ?Sized, T: Copy> Copy for Progress<'_, M, T> {}

impl<M: Shape + ?Sized, T: fmt::Debug> fmt::Debug for Progress<'_, M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress")
            .field("iteration", &self.iteration)
            .field("theta", &self.theta.as_ref())
            .field("step", &self.step.as_ref())
            .field("log_likelihood", &self.log_likelihood)
            .field("score_norm", &self.score_norm)
            .finish()
    }
}
