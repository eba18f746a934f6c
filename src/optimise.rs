//! The search for a maximum of a log-likelihood under bounds.
//!
//! # Problem
//!
//! The problem is to maximise ℓ(θ) over θ. Each free θₖ stands for a parameter ηₖ = Tₖ(θₖ) on its
//! natural scale, such as a variance or a correlation. The bounds lₖ ≤ ηₖ ≤ uₖ are the limits of
//! the transform Tₖ. A bound is a value that the parameter may take, such as a variance of zero.
//!
//! # Step
//!
//! Each step δ of the search maximises a quadratic model of the log-likelihood within a trust
//! region (Moré & Sorensen 1983, SIAM Journal on Scientific and Statistical Computing 4, 553–572;
//! Nocedal & Wright 2006, Numerical Optimization, chapter 4):
//!
//! ```text
//! max sᵀδ − ½ δᵀBδ    over ‖Dδ‖ ≤ Δ        s: score,  B: information,  D: diagonal
//! ```
//!
//! The variables of the quadratic model are the parameters on their natural scale, because the
//! covariance matrix V is linear in variances. Each squared diagonal entry of D is the larger of
//! the parameter's information per observation and the inverse square of its size. The step of a
//! parameter is therefore bounded even if its information is zero. The radius Δ of the trust region
//! shrinks if the log-likelihood rises by much less than the quadratic model predicts, and grows if
//! the prediction is good.
//!
//! In most steps, the information matrix B is the average information (Gilmour, Thompson & Cullis
//! 1995, Biometrics 51, 1440–1450). The information matrix B is the expected information in the
//! first step, and in every step in which the average information leads out of the trust region.
//! Near the maximum, the information matrix B is the observed information.
//!
//! # Bounds
//!
//! A step moves a parameter at most nine tenths of the way to a bound. A step may end on a bound
//! only if the previous step, before it was shortened, also covered at least nine tenths of the
//! distance to this bound. A parameter on a bound is held there. Once the free parameters are at
//! their maximum, the search computes the Lagrange multiplier of each bound: the derivative of the
//! log-likelihood slightly inside the bound. A parameter is released from its bound if the
//! log-likelihood rises from the bound into the interior.
//!
//! # Limits at infinity
//!
//! The log-likelihood ℓ may approach its supremum ℓ∞ only in the limit, as several parameters drift
//! together towards bounds at which ℓ is undefined. Along the curve of this drift, ℓ = ℓ∞ − c e⁻ᵗ
//! with a constant c and the position t on the curve. The search follows the curve at equally
//! spaced positions and extrapolates the limit ℓ∞ by Aitken's process (Aitken 1926, Proceedings of
//! the Royal Society of Edinburgh 46, 289–305).
//!
//! # Stopping rule
//!
//! The search stops when the Newton decrement sᵀB⁻¹s is below ε^5/3, where s is the score, B is the
//! information matrix, and ε is the machine epsilon. The Newton decrement is the squared distance
//! from the maximum in standard errors. The outcome is supported by a certificate, which consists
//! of the Newton decrement, the smallest eigenvalue of the scaled observed information, and the
//! Lagrange multipliers of the bounds.

pub(crate) mod bounds;
pub(crate) mod certificate;
pub(crate) mod direction;
pub(crate) mod identify;
pub(crate) mod leave_cone;
pub(crate) mod outcome;
pub(crate) mod problem;
pub(crate) mod ray;
pub(crate) mod release;
pub(crate) mod search;
pub(crate) mod snap;
pub(crate) mod starts;
pub(crate) mod step;
pub(crate) mod trust_region;
pub(crate) mod units;

pub use certificate::{Certificate, Stop};
pub use outcome::{Edge, Outcome, Progress};

use crate::base::scalar::{Real, epsilon_to};
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::bounds::Bounds;
use hybrid_array::{Array, ArraySize};

/// The rounding error assumed for a log-likelihood ℓ of n observations, in units of ε (|ℓ| + n),
/// where ε is the machine epsilon.
const ROUNDINGS: f64 = 8.0;
/// The largest number of trial steps that the search makes from one θ before it gives up.
const ATTEMPTS: usize = 30;
/// The largest number of times that a parameter may be released from its bound during a search.
const RETURNS: u8 = 3;

/// Returns the Newton decrement below which a search has converged. The Newton decrement is the
/// squared distance from the maximum in standard errors.
fn tolerance<T: Real>() -> T {
    T::default_epsilon() * loose_tolerance()
}

/// Returns the Newton decrement below which a search has converged if no further step raises the
/// log-likelihood. This threshold is larger than that of `tolerance`, because the log-likelihood of
/// an ill-conditioned model is less precise than its estimated rounding error.
fn loose_tolerance<T: Real>() -> T {
    epsilon_to(2.0 / 3.0)
}

/// The state of a search for the θ that maximises a log-likelihood.
pub(crate) struct Search<'p, Q, P: ArraySize, T> {
    problem: &'p mut Q,
    bounds: Array<Bounds<T>, P>,
    /// A typical value of each parameter on its natural scale.
    typical: Array<T, P>,
    parked: Array<Option<Edge>, P>,
    /// For each parameter, `true` if the last step, before it was shortened, covered at least nine
    /// tenths of the distance to a bound.
    led: Array<bool, P>,
    /// For each parameter, `true` if no step may end on its bound, because the log-likelihood is
    /// undefined at the bound.
    closed: Array<bool, P>,
    /// The number of times that each parameter was released from a bound.
    returns: Array<u8, P>,
    /// For each parameter, the last value of θₖ at which the parameter was not on a bound.
    inside: Array<T, P>,
    /// The last change of θ.
    step: Array<T, P>,
    /// The number of successive steps in which each θₖ moved in the same direction. The number is
    /// negative if θₖ decreased.
    drift: Array<i8, P>,
    /// The radius Δ of the trust region.
    radius: T,
    /// `true` if the steps of the quadratic model change θ, `false` if the steps change the
    /// parameters on their natural scale.
    in_theta: bool,
    /// The index of the parameter that keeps its starting value, if any.
    held: Option<usize>,
    certificate: Certificate<P, T>,
}

/// The result of a search.
pub(crate) struct Ended<P: ArraySize, T> {
    pub(crate) end: End<P, T>,
    pub(crate) iterations: usize,
    /// The average information matrix at the end of the search. `None` if the search ended neither
    /// at a maximum nor on a ridge of equal likelihood.
    pub(crate) average: Option<InformationMatrix<P, T>>,
    /// The supremum of the log-likelihood, if the search ended on the way to a limit at infinity.
    pub(crate) limit: Option<T>,
    pub(crate) certificate: Certificate<P, T>,
}

/// The kind of point at which a search ended, such as a maximum or a ridge.
pub(crate) enum End<P: ArraySize, T> {
    /// A maximum between the bounds.
    Converged,
    /// A maximum on the boundary, with the bound of each parameter that is on a bound.
    Boundary(P::ArrayType<Option<Edge>>),
    /// A ridge of equal likelihood: the data do not determine θ along the direction in the field.
    NotIdentified(P::ArrayType<T>),
    /// No maximum: the search reached its largest number of steps.
    MaxIterations,
    /// No maximum: no step raised the log-likelihood.
    Stalled,
}

/// The state of a search at one iteration, passed to its observer.
pub(crate) struct Sight<'a, P: ArraySize, T> {
    pub(crate) iteration: usize,
    pub(crate) theta: &'a P::ArrayType<T>,
    pub(crate) step: &'a Array<T, P>,
    pub(crate) log_likelihood: T,
    pub(crate) decrement: T,
}
