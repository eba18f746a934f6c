//! What was found of a model shape.

use crate::check::Rise;
use crate::problem::{End, Fitted};

/// How near, relative to max(1, |ℓ|), a fit is to the best point known.
pub const NEAR: f64 = 1e-6;

/// Where a fit started.
#[derive(Clone, Debug)]
pub enum Start {
    Default,
    At(Vec<f64>),
}

/// What was wrong with a fit.
#[derive(Clone, Debug)]
pub enum Wrong {
    /// It claims a maximum, and there is a way up.
    FalseClaim(Rise),
    /// It calls a point a ridge from which there is a way up, or the likelihood falls on both sides.
    NoRidge(Option<Rise>),
    /// It claims a maximum that is not the highest one known.
    Lower,
    /// It claims no maximum, and is below the highest one known.
    NoClaimLower,
    /// It is at the highest point known, and claims nothing.
    NoClaim,
    /// The limit that it tells is above all that the slow search can reach.
    LimitTooHigh,
    /// It was an error.
    Failed(String),
    /// ℓ(θ) is not the log-likelihood that it tells.
    Misstated,
    /// It took more steps than the goal is.
    Slow,
}

impl Wrong {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::FalseClaim(_) => "false claim",
            Self::NoRidge(_) => "no ridge",
            Self::Lower => "claims a lower maximum",
            Self::NoClaimLower => "no claim, lower",
            Self::NoClaim => "no claim, at the best point",
            Self::LimitTooHigh => "limit too high",
            Self::Failed(_) => "error",
            Self::Misstated => "ℓ(θ) is not its log-likelihood",
            Self::Slow => "many steps",
        }
    }
}

/// A fit with which something was wrong.
pub struct Finding {
    pub wrong: Wrong,
    pub data_set: usize,
    pub start: Start,
    pub fitted: Option<Fitted>,
    pub best: f64,
}

/// Counts over the data sets of a model shape.
#[derive(Default)]
pub struct Tally {
    pub default: Fits,
    pub random: Fits,
    /// Steps from the default start where no limit is reached.
    pub steps: Vec<usize>,
    /// Seconds of fits from the default start.
    pub seconds: Vec<f64>,
    /// Slow searches that ended above every fit.
    pub slow_is_higher: usize,
    pub findings: Vec<Finding>,
}

/// Counts of fits.
#[derive(Default)]
pub struct Fits {
    pub count: usize,
    /// At the best point known.
    pub right: usize,
    /// At the best point known, or at a claimed local maximum from which there is no way up.
    pub right_or_local: usize,
    pub honest: usize,
    pub false_claims: usize,
    /// Ends at a limit at infinity.
    pub limits: usize,
    /// Ends without a claim: [not identified, too many steps, stalled, errors].
    pub unclaimed: [usize; 4],
}

impl Fits {
    pub fn count_end(&mut self, end: Option<&End>) {
        match end {
            Some(End::Limit(_)) => self.limits += 1,
            Some(End::NotIdentified(_)) => self.unclaimed[0] += 1,
            Some(End::MaxIterations) => self.unclaimed[1] += 1,
            Some(End::Stalled) => self.unclaimed[2] += 1,
            None => self.unclaimed[3] += 1,
            Some(End::Converged | End::Boundary(_)) => {}
        }
    }
}

/// Returns the value below which this share of sorted values lies.
pub fn quantile<T: Copy + Default>(sorted: &[T], share: f64) -> T {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
    let place = (share * sorted.len() as f64).ceil().max(1.0) as usize - 1;
    sorted.get(place).copied().unwrap_or_default()
}

/// Returns the probability of so many or more of n, each with probability p.
pub fn at_least(misses: usize, n: usize, p: f64) -> f64 {
    let mut term = (n as f64 * (-p).ln_1p()).exp();
    let mut below = 0.0;
    for k in 0..misses {
        below += term;
        term *= (n - k) as f64 / (k as f64 + 1.0) * p / (1.0 - p);
    }
    (1.0 - below).max(0.0)
}
