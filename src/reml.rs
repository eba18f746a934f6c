//! Restricted maximum likelihood (REML) for y = Xβ + e, e ~ N(0, V(θ)), with every size in the type.
mod estimation;
mod exact;
mod fit;
mod likelihood;
mod model;
mod moments;
mod outcome;
mod panel;
mod prediction;
mod reference;
mod sample;
mod square;
mod step;
mod table;

pub use estimation::Estimation;
pub use fit::Fit;
pub use likelihood::{Criterion, Likelihood};
pub use model::{Marginal, MixedModel, Model, RandomEffects, RandomTerms};
pub use outcome::{Edge, Outcome, Progress};
pub use panel::Panel;
pub use prediction::Prediction;
pub use sample::{Sample, Single};
pub use table::Table;
