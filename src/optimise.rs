//! The search for a maximum of a log-likelihood under bounds.
//!
//! # Problem
//!
//! Maximise ℓ(θ) over θ. Each free θₖ stands for a parameter ηₖ = Tₖ(θₖ) on its natural scale, a
//! variance or a correlation, with the bounds lₖ ≤ ηₖ ≤ uₖ that are the limits of Tₖ. A bound is a
//! value that the parameter may take: a variance of zero.
//!
//! # Step
//!
//! A step δ maximises the quadratic model of ℓ within a trust region (Moré & Sorensen 1983, SIAM J.
//! Sci. Stat. Comput. 4, 553–572; Nocedal & Wright 2006, Numerical Optimization, chapter 4),
//!
//! ```text
//! max sᵀδ − ½ δᵀBδ    over ‖Dδ‖ ≤ Δ        s: score,  B: information,  D: diagonal
//! ```
//!
//! on the natural scale, where V is linear in variances. D is the larger of what one observation
//! tells of a parameter and the inverse of its typical size, so that no step leaves the region in
//! which the model was checked, even along a parameter that B does not see. Δ shrinks where the
//! rise of ℓ falls short of the model's and grows where it does not.
//!
//! B is the average information (Gilmour, Thompson & Cullis 1995, Biometrics 51, 1440–1450); the
//! expected one at first and wherever the average one leads out of the trust region, and near the
//! maximum the observed one.
//!
//! # Bounds
//!
//! A step goes at most nine tenths of the way to a bound, and to the bound itself if the step
//! before wanted to go there too. A parameter on a bound is held there. Once the others are at
//! their maximum, its multiplier, the derivative of ℓ on the inner side of the bound, decides: if ℓ
//! rises inwards the bound is [released](release).
//!
//! # Limits at infinity
//!
//! Where several parameters drift towards their bounds together, though ℓ has no value there, ℓ
//! approaches its supremum as ℓ∞ − c e⁻ᵗ along a curve. The search [follows](ray) it at equal
//! spacing and extrapolates ℓ∞ by Aitken's process (Aitken 1926, Proc. R. Soc. Edinburgh 46,
//! 289–305).
//!
//! # Stopping rule
//!
//! The search stops when the Newton decrement sᵀB⁻¹s, the squared distance from the maximum in
//! standard errors, is below ε^5/3. What it claims then follows from a certificate: the decrement,
//! the smallest eigenvalue of the scaled observed information, the multipliers.

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

use crate::base::scalar::{Real, epsilon_to};
use crate::linalg::information_matrix::InformationMatrix;
use crate::optimise::bounds::Bounds;
use crate::optimise::certificate::Certificate;
use crate::optimise::outcome::Edge;
use hybrid_array::{Array, ArraySize};

/// Roundings of a log-likelihood, of its size and of n.
const ROUNDINGS: f64 = 8.0;
/// Shorter and shorter steps before the search gives up.
const ATTEMPTS: usize = 30;
/// Times that a parameter may be released from its bound.
const RETURNS: u8 = 3;

/// Returns the Newton decrement sᵀB⁻¹s, the squared distance from the maximum in standard errors,
/// below which a search is done.
fn tolerance<T: Real>() -> T {
    T::default_epsilon() * loose_tolerance()
}

/// Returns the decrement below which a search is done if no step is found, because the
/// log-likelihood of an ill-conditioned model has fewer digits than its rounding would say.
fn loose_tolerance<T: Real>() -> T {
    epsilon_to(2.0 / 3.0)
}

/// A search for the maximum of a problem.
pub(crate) struct Search<'p, Q, P: ArraySize, T> {
    problem: &'p mut Q,
    bounds: Array<Bounds<T>, P>,
    /// A typical value of each parameter on its natural scale.
    typical: Array<T, P>,
    parked: Array<Option<Edge>, P>,
    /// The parameters that the last step wanted to take to a bound.
    led: Array<bool, P>,
    /// The parameters for which ℓ has no value at the bound that they were led to.
    closed: Array<bool, P>,
    /// How often each parameter was released.
    returns: Array<u8, P>,
    /// Each θₖ when it was last not on a bound.
    inside: Array<T, P>,
    /// The last step, in θ.
    step: Array<T, P>,
    /// For how many steps each θₖ has gone in one direction, negative if downwards.
    drift: Array<i8, P>,
    /// Δ.
    radius: T,
    /// `true` if steps are taken in θ, `false` if on the natural scale.
    in_theta: bool,
    /// A parameter that stays where it starts.
    held: Option<usize>,
    certificate: Certificate<P, T>,
}

/// How a search ended.
pub(crate) struct Ended<P: ArraySize, T> {
    pub(crate) end: End<P, T>,
    pub(crate) iterations: usize,
    /// The average information at the maximum or on the ridge.
    pub(crate) average: Option<InformationMatrix<P, T>>,
    /// The supremum of ℓ, where the search ended on the way to a limit at infinity.
    pub(crate) limit: Option<T>,
    pub(crate) certificate: Certificate<P, T>,
}

/// The claim of a search.
pub(crate) enum End<P: ArraySize, T> {
    /// A maximum between the bounds.
    Converged,
    /// A maximum on these bounds.
    Boundary(P::ArrayType<Option<Edge>>),
    /// A ridge along this direction.
    NotIdentified(P::ArrayType<T>),
    /// Nothing: there were too many steps.
    MaxIterations,
    /// Nothing: no step raised ℓ.
    Stalled,
}

/// The state of a search that an observer sees.
pub(crate) struct Sight<'a, P: ArraySize, T> {
    pub(crate) iteration: usize,
    pub(crate) theta: &'a P::ArrayType<T>,
    pub(crate) step: &'a Array<T, P>,
    pub(crate) log_likelihood: T,
    pub(crate) decrement: T,
}
