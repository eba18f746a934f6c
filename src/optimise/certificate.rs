//! The certificate of a search, which holds the numbers that show whether the search ended at a
//! maximum.

use core::fmt;

use hybrid_array::{Array, ArraySize};

use crate::base::arrays::{copied, filled, tabulate};
use crate::base::digits::Digits;
use crate::base::near::{Near, Within, approximately_equal};
use crate::base::scalar::Real;

/// The numbers that show whether a search ended at a maximum. At a maximum, the gradient is zero,
/// the log-likelihood ℓ falls in all directions, and no parameter should be released from its
/// bound.
///
/// All numbers in a certificate are dimensionless, except the multipliers of the bounds. A
/// certificate is returned by [`Fit::certificate`](crate::reml::Fit::certificate) and
/// [`StateSpaceFit::certificate`](crate::kalman::StateSpaceFit::certificate), and displays as one
/// line.
///
/// ```
/// use covprop::prelude::*;
///
/// let model = Marginal::new(ScalarMatrix::<4>::new());
/// let fit = model.fit(&SVector::<f64, 4>::repeat(1.0), &vector![1.0, 2.0, 3.0, 4.0])?;
/// let certificate = fit.certificate();
/// assert!(certificate.decrement < 1e-15);
/// // the observed information of σ² is n − K halves, as the other two are
/// assert!((certificate.smallest_eigenvalue - 0.5).abs() < 1e-9);
/// # Ok::<(), covprop::Error>(())
/// ```
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(bound(
        serialize = "T: Real + serde::Serialize",
        deserialize = "T: Real + serde::Deserialize<'de>"
    ))
)]
pub struct Certificate<P: ArraySize, T> {
    /// The Newton decrement sᵀI⁻¹s, where s is the score of the free parameters and I is their
    /// information matrix. The Newton decrement is the squared distance from the maximum in
    /// standard errors.
    pub decrement: T,
    /// The smallest eigenvalue of the observed information of the free parameters. Each parameter
    /// is scaled such that its average and its expected information add up to 1. The smallest
    /// eigenvalue is ½ if the average and the expected information agree and the parameters are
    /// independent. On a ridge of equal likelihood, the smallest eigenvalue is zero. The field is
    /// also zero if no parameter is free, or if the search ended before it computed the smallest
    /// eigenvalue.
    pub smallest_eigenvalue: T,
    /// For each parameter on a bound, the derivative of the log-likelihood with respect to the
    /// parameter on its natural scale, taken slightly inside the bound. The log-likelihood falls
    /// inwards if the derivative is negative at a lower bound, or positive at an upper bound.
    pub multipliers: Array<Option<T>, P>,
    /// The largest eigenvalue of the multiplier matrices M = ½ Zᵀ W Z, if θ is on the boundary.
    /// There is one matrix M for each term Z G Zᵀ of the covariance matrix V in which G may be any
    /// covariance matrix. The matrix ½ W is the derivative of the log-likelihood with respect to V.
    /// The matrices M are scaled by the sizes of G and V, so that their eigenvalues have no unit.
    /// If θ is a maximum over all covariance matrices G, no eigenvalue is positive.
    pub cone_eigenvalue: Option<T>,
    /// The direction of θ along which the log-likelihood rises to a limit at infinity. If the
    /// log-likelihood has no limit at infinity, all entries are zero.
    pub limit: Array<T, P>,
    /// The number of starts that were tried.
    pub starts: usize,
    /// The index of the start that led to the best fit, counted from 0.
    pub start: usize,
    /// The number of different maxima at which the starts ended.
    pub maxima: usize,
    /// The number of evaluations of the log-likelihood from all starts.
    pub evaluations: usize,
    /// The reason why the search stopped.
    pub stop: Stop,
}

/// The reason why a search stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Stop {
    /// The Newton decrement is below its tolerance.
    Decrement,
    /// The rise of the log-likelihood that the Newton decrement predicts is smaller than the
    /// rounding error of the log-likelihood.
    Rounding,
    /// The log-likelihood rises to a limit at infinity.
    Limit,
    /// The search reached its largest number of steps.
    MaxIterations,
    /// No step raised the log-likelihood.
    NoRise,
}

impl<P: ArraySize, T: Real> Certificate<P, T> {
    /// Creates the certificate of a search that has not made a step.
    pub(super) fn new() -> Self {
        Self {
            decrement: T::zero(),
            smallest_eigenvalue: T::zero(),
            multipliers: Array(filled::<P, _>(None)),
            cone_eigenvalue: None,
            limit: Array(filled::<P, _>(T::zero())),
            starts: 1,
            start: 0,
            maxima: 1,
            evaluations: 0,
            stop: Stop::Decrement,
        }
    }

    /// Converts the certificate from the unit of the search to the user's unit. The multiplier of
    /// parameter k is divided by `factor(k)`, and entry k of `limit` is multiplied by `slopes[k]`,
    /// the derivative of the user's θₖ with respect to θₖ in the unit of the search.
    pub(crate) fn in_units(self, factor: impl Fn(usize) -> T, slopes: &Array<T, P>) -> Self {
        Self {
            multipliers: tabulate(None, |k| self.multipliers[k].map(|x| x / factor(k))),
            limit: tabulate(T::zero(), |k| {
                let limit = self.limit[k];
                if limit.is_zero() { limit } else { limit * slopes[k] }
            }),
            ..self
        }
    }
}

impl<P: ArraySize, T: Copy> Clone for Certificate<P, T> {
    fn clone(&self) -> Self {
        Self {
            multipliers: Array(copied::<P, _>(&self.multipliers.0)),
            limit: Array(copied::<P, _>(&self.limit.0)),
            ..*self
        }
    }
}

impl<P: ArraySize, T: PartialEq> PartialEq for Certificate<P, T> {
    fn eq(&self, other: &Self) -> bool {
        self.decrement == other.decrement
            && self.smallest_eigenvalue == other.smallest_eigenvalue
            && self.multipliers == other.multipliers
            && self.cone_eigenvalue == other.cone_eigenvalue
            && self.limit == other.limit
            && (self.starts, self.start, self.maxima) == (other.starts, other.start, other.maxima)
            && (self.evaluations, self.stop) == (other.evaluations, other.stop)
    }
}

impl<P: ArraySize, T: Real> Near<T> for Certificate<P, T> {
    fn near(&self, other: &Self, within: Within<T>) -> bool {
        let multipliers = self.multipliers.iter().zip(&other.multipliers);
        within.number(self.decrement, other.decrement)
            && within.number(self.smallest_eigenvalue, other.smallest_eigenvalue)
            && multipliers.into_iter().all(|(&a, &b)| within.option(a, b))
            && within.option(self.cone_eigenvalue, other.cone_eigenvalue)
            && within.numbers(&self.limit, &other.limit)
            && (self.starts, self.start, self.maxima) == (other.starts, other.start, other.maxima)
            && (self.evaluations, self.stop) == (other.evaluations, other.stop)
    }
}

approximately_equal! {
    /// Compares the floating-point numbers of two certificates. The counts and the stopping reasons
    /// of both certificates must be equal.
    ///
    /// ```
    /// use covprop::approx::assert_abs_diff_eq;
    /// use covprop::prelude::*;
    ///
    /// let model = Marginal::new(ScalarMatrix::<4>::new());
    /// let ones = SVector::<f64, 4>::repeat(1.0);
    /// let fit = model.fit(&ones, &vector![1.0, 2.0, 3.0, 4.0])?;
    /// let doubled = model.fit(&ones, &vector![2.0, 4.0, 6.0, 8.0])?;
    /// // pure numbers, which have no unit
    /// assert_abs_diff_eq!(fit.certificate(), doubled.certificate(), epsilon = 1e-9);
    /// # Ok::<(), covprop::Error>(())
    /// ```
    impl [P: ArraySize, T: Real] for Certificate<P, T>
}

impl<P: ArraySize, T: fmt::Debug> fmt::Debug for Certificate<P, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("decrement", &self.decrement)
            .field("smallest_eigenvalue", &self.smallest_eigenvalue)
            .field("multipliers", &self.multipliers)
            .field("cone_eigenvalue", &self.cone_eigenvalue)
            .field("limit", &self.limit)
            .field("starts", &self.starts)
            .field("start", &self.start)
            .field("maxima", &self.maxima)
            .field("evaluations", &self.evaluations)
            .field("stop", &self.stop)
            .finish()
    }
}

impl<P: ArraySize, T: Real> fmt::Display for Certificate<P, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "decrement {}", Digits::of(self.decrement))?;
        write!(f, ", smallest eigenvalue {}", Digits::of(self.smallest_eigenvalue))?;
        let multipliers = self.multipliers.iter().flatten();
        if let Some(&multiplier) = multipliers.reduce(|a, b| if b.abs() < a.abs() { b } else { a })
        {
            write!(f, ", smallest multiplier {}", Digits::of(multiplier))?;
        }
        if let Some(eigenvalue) = self.cone_eigenvalue {
            write!(f, ", eigenvalue on the cone {}", Digits::of(eigenvalue))?;
        }
        if self.starts > 1 {
            write!(f, ", {} maxima from {} starts", self.maxima, self.starts)?;
        }
        write!(f, ", {}", self.stop)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Decrement => "stopped at its tolerance",
            Self::Rounding => "stopped at rounding",
            Self::Limit => "stopped on the way to a limit at infinity",
            Self::MaxIterations => "stopped after too many steps",
            Self::NoRise => "stopped where no step raised the likelihood",
        })
    }
}
