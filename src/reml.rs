//! Restricted maximum likelihood (REML) for designs whose sizes are known at compile time.
//!
//! ```text
//! y = Xβ + e,   e ~ N(0, V(θ))        y: N,  X: N×K,  V: N×N,  θ: P
//! ```
//!
//! [`Marginal`] and [`MixedModel`] define the covariance matrix V. [`Model::fit`] and
//! [`Panel::fit`] estimate the parameters θ of V and the fixed effects β.
//!
//! | data | use |
//! |---|---|
//! | one response vector without independent subjects | [`Model::fit`] |
//! | independent subjects with the same V | [`Panel`]: constant memory, one pass, merging |
//! | the same bits for any order of the subjects | [`ReproducibleAccumulator`] |
//! | independent subjects with the same V, each seen at some of N visits | [`Panel::push_observed`] |
//! | independent subjects with designs, times, variances or numbers of visits of their own | [`Subjects`] |
//!
//! A [`Fit`] contains the free parameters θ, the parameters on their natural scale, the fixed
//! effects β with their covariance matrix, and the log-likelihood. A fit is displayed as a table.
//! An [`Estimation`] has methods to choose the criterion and the start of the search, and to
//! observe each step. An estimation also evaluates the likelihood, the score and the information
//! matrices at any θ; a sampler can evaluate them at [many θ](Estimation::explore).
//!
//! Without the feature `alloc`, estimation does not allocate memory on the heap. The stack holds a
//! few N×N matrices. A panel needs 2 (K² + K + 1) more N×N matrices for each set of visits, where K
//! is the number of columns of X. [`Panel::FIT_STACK`] is the stack that suffices for a fit. A
//! `HeapPanel` stores the matrices of all sets of visits on the heap. If V has more than about 100
//! rows, use a thread with a larger stack.
//!
//! # Inference
//!
//! | question | use |
//! |---|---|
//! | ℓᵀβ with its standard error, degrees of freedom, p value and confidence interval | [`Estimation::inference`], [`Inference::contrast`](crate::inference::Inference::contrast) by Satterthwaite; [`Estimation::kenward_roger`], [`KenwardRoger::contrast`](crate::inference::KenwardRoger::contrast) |
//! | Lβ = 0 | [`Inference::test`](crate::inference::Inference::test) by Fai & Cornelius; [`KenwardRoger::test`](crate::inference::KenwardRoger::test) |
//! | standard errors of θ and of variances | [`Inference::theta_standard_errors`](crate::inference::Inference::theta_standard_errors), [`Inference::param_standard_errors`](crate::inference::Inference::param_standard_errors) |
//! | a share of variance, a heritability or any other function of the parameters | [`Inference::function`](crate::inference::Inference::function) |
//! | whether a variance is zero | [`LikelihoodRatio`](crate::inference::LikelihoodRatio), also on the boundary, or with simulated data |
//! | a confidence interval for a variance | [`Estimation::profile`], [`Profile::interval`](crate::inference::Profile::interval) |
//! | the choice between models of V | [`Fit::aic`], [`Fit::aicc`], [`Fit::bic`] |
//! | random effects, new visits, new subjects, residuals, leverage | [`Fit::predict`], [`Prediction`](crate::inference::Prediction) |
//! | simulated data | `Simulation`, with the feature `rand_core` |
//!
//! The methods of inference apply to any structure of V, because they use the exact derivatives of
//! V.
//!
//! ```
//! use covprop::inference::Bound;
//! use covprop::prelude::*;
//!
//! // a constant for each of four subjects, and a slope over three visits
//! let x = matrix![1.0, 0.0; 1.0, 1.0; 1.0, 2.0];
//! let subject = named("subject", ScalarMatrix::<1>::new());
//! let model = MixedModel::new(SVector::<f64, 3>::repeat(1.0), subject, ScalarMatrix::<3>::new());
//! let mut panel = Panel::new(model);
//! for y in [vector![1.0, 2.2, 2.9], vector![3.1, 3.9, 5.2], vector![2.0, 3.1, 3.8], vector![0.2, 1.0, 2.1]] {
//!     panel.push(&x, &y)?;
//! }
//! let estimation = panel.estimation()?;
//! let fit = estimation.fit()?;
//!
//! // the slope is estimated within subjects: 12 observations less 4 means and itself
//! let inference = estimation.inference(&fit)?;
//! let slope = inference.contrast(&vector![0.0, 1.0])?;
//! assert!((slope.estimate - 0.9625).abs() < 1e-12 && (slope.degrees_of_freedom - 7.0).abs() < 1e-6);
//!
//! // how much of the variance is between subjects
//! let share = inference.function(|[between, within]| between / (between + within))?;
//! assert!(share.value > 0.9 && share.value < 1.0);
//! let interval = estimation.profile(&fit, 0)?.interval(0.95)?;
//! assert!(matches!(interval.lower, Bound::Inside(variance) if variance > 0.0));
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! [`guide::estimation`](crate::guide::estimation) explains the criterion, the outcomes and the
//! choice of tests.
//!
//! # Outcomes
//!
//! A search that ends anywhere other than at a maximum is not an error. The fit contains the best θ
//! that the search found, and an [`Outcome`](crate::optimise::Outcome) that says how the search
//! ended.
//!
//! | outcome | meaning |
//! |---|---|
//! | [`Converged`](crate::optimise::Outcome::Converged) | a maximum inside the parameter space |
//! | [`Boundary`](crate::optimise::Outcome::Boundary) | a maximum with a variance of exactly 0 or a correlation of exactly ±1, with the bound of each such parameter |
//! | [`NotIdentified`](crate::optimise::Outcome::NotIdentified) | a maximum along a ridge, with the direction of the ridge |
//! | [`MaxIterations`](crate::optimise::Outcome::MaxIterations) | the largest number of steps was reached before a maximum |
//! | [`Stalled`](crate::optimise::Outcome::Stalled) | no step raises the likelihood: it has no maximum, or its precision is too low |
//!
//! The search finds a local maximum. If several variances are estimated as zero, or a correlation
//! involves a variable whose variance is estimated as zero, the likelihood may have other maxima:
//! compare fits from several [starts](Estimation::with_start).
//!
//! Data from which nothing can be estimated are reported as an [`Error`](crate::Error) that names
//! the cause: a number that is not finite, a column of X that is a linear combination of others, or
//! a response that X fits exactly.
//!
//! # Precision
//!
//! Nothing is added to the diagonal of V. Leading digits that all data share do not reduce the
//! precision. Before cross-products are computed, y and X are transformed to coordinates in which
//! their columns are small and orthogonal. Sums of cross-products are stored together with their
//! rounding errors. The results agree with NIST's certified analyses of variance to the precision
//! that remains after NIST's data are rounded to `f64`.

pub(crate) mod covariance_factor;
pub(crate) mod criterion;
pub(crate) mod cross_products;
pub(crate) mod estimation;
pub(crate) mod fit;
pub(crate) mod likelihood;
pub(crate) mod low_rank;
pub(crate) mod model;
pub(crate) mod observations;
pub(crate) mod panel;
pub(crate) mod random_terms;
pub(crate) mod response_vector;
pub(crate) mod standardisation;
#[cfg(feature = "serde")]
pub(crate) mod stored;
pub(crate) mod subjects;
pub(crate) mod undetermined;
pub(crate) mod v_derivatives;

#[cfg(feature = "rayon")]
pub use crate::features::parallel::ParallelFits;
#[cfg(feature = "rayon")]
pub use crate::features::parallel::series_fits::{Series, SeriesFits};
pub use criterion::Criterion;
pub use estimation::Estimation;
pub use estimation::explore::{Evaluation, Explorer};
pub use estimation::own_rows::Observations;
pub use fit::Fit;
pub use likelihood::Likelihood;
pub use model::{Marginal, MixedModel, Model};
pub use panel::Panel;
pub use panel::accumulator::Accumulator;
#[cfg(feature = "alloc")]
pub use panel::heap::HeapPanel;
#[cfg(feature = "alloc")]
pub use panel::heap::accumulator::HeapAccumulator;
pub use panel::reproducible::ReproducibleAccumulator;
pub use random_terms::RandomTerms;
pub use response_vector::ResponseVector;
pub use subjects::source::{SubjectData, SubjectSource};
pub use subjects::subject::Subject;
pub use subjects::{SubjectEstimation, Subjects};
