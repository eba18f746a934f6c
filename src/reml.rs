//! Restricted maximum likelihood (REML) for designs whose sizes are known to the compiler.
//!
//! ```text
//! y = Xβ + e,   e ~ N(0, V(θ))        y: N,  X: N×K,  V: N×N,  θ: P
//! ```
//!
//! [`Marginal`] and [`MixedModel`] say what V is, [`Model::fit`] and [`Panel::fit`] estimate θ and β.
//!
//! | data | use |
//! |---|---|
//! | one response vector, all of it correlated | [`Model::fit`] |
//! | independent subjects with the same V | [`Panel`]: constant memory, one pass, merging |
//! | the same, seen at some of N visits each | [`Panel::push_observed`] |
//!
//! A [`Fit`] has θ, the parameters on their own scale, β with its covariance and the likelihood; it displays as a table.
//! [`Fit::predict`] gives random effects, fitted values and residuals. [`Estimation`] evaluates the likelihood, its
//! score and its information at any θ, and lets one choose the criterion, the start and an observer.
//!
//! Nothing allocates. What is kept on the stack is a few N×N matrices, and for a panel (K+1)(K+2)/2 of them: use a
//! thread with a larger stack, or less, beyond N of about 100.
//!
//! # Outcomes
//!
//! An estimation that ends anywhere but at a maximum is no error: the fit has the best θ seen, and an
//! [`Outcome`] that says what it is.
//!
//! | outcome | meaning |
//! |---|---|
//! | [`Converged`](Outcome::Converged) | a maximum inside |
//! | [`Boundary`](Outcome::Boundary) | a maximum with a variance of 0 or a correlation of ±1, exactly, and with which |
//! | [`NotIdentified`](Outcome::NotIdentified) | a ridge, and its direction |
//! | [`MaxIterations`](Outcome::MaxIterations) | not there yet |
//! | [`Stalled`](Outcome::Stalled) | no step raises the likelihood: it has no maximum, or too few digits |
//!
//! A maximum is a local one. With several variances at zero, or a correlation of what has no variance, there may be
//! others: fit again from other [starts](Estimation::start) where that matters.
//!
//! Data that no estimation can start from are an [`Error`](crate::Error) that names the culprit: a number
//! that is not finite, a column of X that depends on others, a response that X fits exactly.
//!
//! # Digits
//!
//! Nothing is added to the diagonal of V. Digits that all data have in common cost nothing: y and X are
//! taken to coordinates in which they are small and orthogonal before they are multiplied, and sums keep their rounding
//! errors. NIST's certified analyses of variance hold to all digits that their data have as doubles.

mod estimation;
mod exact;
mod fit;
mod inference;
mod likelihood;
mod likelihood_ratio;
mod model;
mod moments;
mod outcome;
mod panel;
mod prediction;
mod profile;
mod reference;
mod sample;
#[cfg(feature = "rand_core")]
mod simulation;
mod single;
pub(crate) mod square;
pub(crate) mod step;
mod table;

pub use estimation::Estimation;
pub use fit::Fit;
pub use inference::{Contrast, Estimate, FTest, Inference, Information, KenwardRoger};
pub use likelihood::{Criterion, Likelihood};
pub use likelihood_ratio::LikelihoodRatio;
pub use model::{Marginal, MixedModel, Model, RandomEffects, RandomTerms};
pub use outcome::{Edge, Outcome, Progress};
pub use panel::Panel;
pub use prediction::Prediction;
pub use profile::{Bound, Profile, ProfileInterval};
pub use sample::Sample;
#[cfg(feature = "rand_core")]
pub use simulation::Simulation;
pub use single::Single;
pub use table::Table;
