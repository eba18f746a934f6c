//! The numbers that support the claim of a search.

use core::fmt;

use hybrid_array::{Array, ArraySize};

use crate::base::digits::Digits;
use crate::base::scalar::Real;

/// The numbers that support what a search claims: that the gradient is zero, that the
/// log-likelihood ℓ falls in all directions, and that no bound should be released.
///
/// All are pure numbers except the multipliers, so that they do not depend on units.
/// [`Fit::certificate`](crate::Fit::certificate) and
/// [`StateSpaceFit::certificate`](crate::StateSpaceFit::certificate) give it. It displays as one
/// line.
///
/// ```
/// use covprop::*;
/// use nalgebra::{SVector, vector};
///
/// let model = Marginal::new(ScalarMatrix::<4>::new());
/// let fit = model.fit(&SVector::<f64, 4>::repeat(1.0), &vector![1.0, 2.0, 3.0, 4.0])?;
/// let certificate = fit.certificate();
/// assert!(certificate.decrement < 1e-15);
/// // the observed information of σ² is n − K halves, as the other two are
/// assert!((certificate.smallest_eigenvalue - 0.5).abs() < 1e-9);
/// # Ok::<(), Error>(())
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
    /// The Newton decrement sᵀI⁻¹s of the score s over the free parameters: the squared distance
    /// from the maximum in standard errors.
    pub decrement: T,
    /// The smallest eigenvalue of the observed information of the free parameters, each in units in
    /// which the average and the expected information tell 1 of it together: ½ where they agree and
    /// parameters are independent, zero on a ridge. Zero too if no parameter is free or the search
    /// did not get so far.
    pub smallest_eigenvalue: T,
    /// For a parameter on a bound, the derivative of ℓ with respect to its natural-scale value,
    /// taken on the inner side of the bound: negative at a lower bound and positive at an upper one
    /// where ℓ falls inwards.
    pub multipliers: Array<Option<T>, P>,
    /// On the boundary, the largest eigenvalue of M = ½ Zᵀ W Z in units of G and V, over all G that
    /// may be any covariance matrix: not positive at a maximum over all covariance matrices.
    pub cone_eigenvalue: Option<T>,
    /// The direction of θ along which ℓ rises to a limit at infinity; zeros where there is none.
    pub limit: Array<T, P>,
    /// How many starts were tried.
    pub starts: usize,
    /// The start that led to the best fit, beginning with 0.
    pub start: usize,
    /// How many different maxima the starts led to.
    pub maxima: usize,
    /// The evaluations of ℓ by all starts.
    pub evaluations: usize,
    /// Why the search stopped.
    pub stop: Stop,
}

/// Why a search stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Stop {
    /// The decrement is below its tolerance.
    Decrement,
    /// The rise that the decrement promises is hidden by rounding of ℓ.
    Rounding,
    /// ℓ rises to a limit at infinity.
    Limit,
    /// There were too many steps.
    MaxIterations,
    /// No step raised ℓ.
    NoRise,
}

impl<P: ArraySize, T: Real> Certificate<P, T> {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            decrement: T::zero(),
            smallest_eigenvalue: T::zero(),
            multipliers: Array::from_fn(|_| None),
            cone_eigenvalue: None,
            limit: Array::from_fn(|_| T::zero()),
            starts: 1,
            start: 0,
            maxima: 1,
            evaluations: 0,
            stop: Stop::Decrement,
        }
    }

    /// Returns this certificate with each multiplier divided by a factor, and each part of a limit
    /// multiplied by another.
    pub(crate) fn in_units(self, factor: impl Fn(usize) -> T, slopes: &Array<T, P>) -> Self {
        Self {
            multipliers: Array::from_fn(|k| self.multipliers[k].map(|x| x / factor(k))),
            limit: Array::from_fn(|k| {
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
            multipliers: Array::from_fn(|k| self.multipliers[k]),
            limit: Array::from_fn(|k| self.limit[k]),
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
