//! How an estimation ended, and how it went.

use core::fmt;

use crate::algebra::shape::{Params, Shape, Theta};
use crate::base::arrays::copied;
use crate::base::scalar::Real;
use crate::optimise::End;

/// How an estimation ended; the fit holds the best θ that was seen, whichever it is.
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "T: Real + serde::Serialize",
        deserialize = "T: Real + serde::Deserialize<'de>"
    ))
)]
pub enum Outcome<M: Shape + ?Sized, T> {
    /// At a maximum inside the parameter space.
    Converged,
    /// At a maximum on the boundary, reached exactly: a variance of zero, a correlation of ±1. θ is
    /// then infinite, the parameter on its natural scale is not. It is zero where V depends on its
    /// square, and large where several parameters with no end to their ranges went to one of V
    /// together, since their ratio matters.
    Boundary(
        #[cfg_attr(feature = "serde", serde(with = "crate::base::persistence"))]
        Params<M, Option<Edge>>,
    ),
    /// At a maximum that is a ridge: the data do not tell θ along this direction, whose largest
    /// entry is 1.
    NotIdentified(
        #[cfg_attr(feature = "serde", serde(with = "crate::base::persistence"))] Theta<M, T>,
    ),
    /// Not there yet.
    MaxIterations,
    /// No step raised the likelihood any more, though the score says that one should: the
    /// likelihood is not smooth here, or its digits do not suffice in this scalar.
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
    /// θₖ = 0 where V depends on the square of the parameter.
    Zero,
}

impl Edge {
    /// The end on this side of 0.
    pub(crate) fn on_side_of<T: Real>(x: T) -> Self {
        if x < T::zero() { Self::Lower } else { Self::Upper }
    }

    /// θₖ there.
    pub(crate) fn theta<T: Real>(self) -> T {
        match self {
            Self::Lower => -T::one() / T::zero(),
            Self::Upper => T::one() / T::zero(),
            Self::Zero => T::zero(),
        }
    }

    /// Returns the one of T(−∞) and T(∞) that is there.
    #[inline]
    pub(crate) fn of<T>(self, [lower, upper]: [T; 2]) -> T {
        if self == Self::Lower { lower } else { upper }
    }
}

impl<M: Shape + ?Sized, T> Outcome<M, T> {
    /// Returns `true` if θ is a maximum, inside or on the boundary.
    #[must_use]
    pub const fn is_maximum(&self) -> bool {
        matches!(self, Self::Converged | Self::Boundary(_))
    }

    /// The outcome of what a search claims.
    pub(crate) fn of(end: End<M::Params, T>) -> Self {
        match end {
            End::Converged => Self::Converged,
            End::Boundary(edges) => Self::Boundary(edges),
            End::NotIdentified(combination) => Self::NotIdentified(combination),
            End::MaxIterations => Self::MaxIterations,
            End::Stalled => Self::Stalled,
        }
    }

    /// Returns `true` if parameter k is on the boundary.
    ///
    /// ```
    /// use covprop::*;
    /// use nalgebra::{SVector, vector};
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
    /// # Ok::<(), Error>(())
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
            Self::Boundary(edges) => Self::Boundary(copied::<M::Params, _>(edges)),
            Self::NotIdentified(combination) => {
                Self::NotIdentified(copied::<M::Params, _>(combination))
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

/// Where an estimation is, as its observer sees it; see
/// [`Estimation::fit_with`](crate::Estimation::fit_with).
pub struct Progress<'a, M: Shape + ?Sized, T> {
    /// Steps so far.
    pub iteration: usize,
    /// θ; infinite for a parameter on the boundary.
    pub theta: &'a Theta<M, T>,
    /// The step that led here, in θ; zeros at the start.
    pub step: &'a Theta<M, T>,
    /// The log-likelihood there.
    pub log_likelihood: T,
    /// The length of the score s in the metric of the information, √(sᵀI⁻¹s): how far the maximum
    /// is, in standard errors.
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
