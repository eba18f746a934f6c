//! Covariance matrices that are functions of parameters, with every dimension known to the
//! compiler.
//!
//! The heart is the covariance propagation operator and its exact derivatives,
//!
//! ```text
//! V(θ) = Z(θ) G(θ) Z(θ)ᵀ              Z: N×Q,  G: Q×Q,  V: N×N
//!
//! ∂V/∂θ_Z = ∂Z G Zᵀ + Z G ∂Zᵀ        ∂V/∂θ_G = Z ∂G Zᵀ
//! ```
//!
//! where a wrong size is a type error, V is an [`SMatrix<T, N, N>`](nalgebra::SMatrix) and the
//! derivatives are a plain array `[SMatrix<T, N, N>; P]`. It neither allocates nor panics and needs
//! no `std`: the same code runs on a laptop and on a microcontroller.
//!
//! ```
#![doc = include_str!("../examples/covariance_propagation.rs")]
//! ```
//!
//! # A mixed model
//!
//! Travel times of ultrasound in six rails, measured three times each (Devore 2000, Probability and
//! Statistics for Engineering and the Sciences): how much do rails differ, how much measurements,
//! and how sure is the mean? The numbers are those of lme4 1.1-31.
//!
//! ```
//! use covprop::*;
//! use nalgebra::SVector;
//!
//! const TIMES: [[f64; 3]; 6] = [
//!     [55.0, 53.0, 54.0], [26.0, 37.0, 32.0], [78.0, 91.0, 85.0],
//!     [92.0, 100.0, 96.0], [49.0, 51.0, 50.0], [80.0, 85.0, 83.0],
//! ];
//!
//! // y = μ + rail + error: X = Z = 1, V = σ_rail² 1 1ᵀ + σ² I, rails independent of each other
//! let ones = SVector::<f64, 3>::repeat(1.0);
//! let rail = named("rail", ScalarMatrix::<1>::new());
//! let error = named("error", ScalarMatrix::<3>::new());
//! let mut panel = Panel::new(MixedModel::new(ones, rail, error));
//! panel.extend(TIMES.map(|y| (ones, SVector::from(y))))?;
//!
//! let estimation = panel.estimation()?; // restricted maximum likelihood
//! let fit = estimation.fit()?;
//! assert_eq!(fit.outcome, Outcome::Converged);
//!
//! // mean squares 1862.1 between rails and 97/6 within: σ_rail² = (1862.1 − 97/6)/3 = 615.311
//! let [rail, error] = fit.params;
//! assert!((rail - 615.311_111).abs() < 1e-6 && (error - 97.0 / 6.0).abs() < 1e-9);
//! assert!((fit.log_likelihood + 61.088_500_404).abs() < 1e-8);
//! let [mean] = estimation.inference(&fit)?.coefficients();
//! let mean = mean?;
//! assert!((mean.estimate - 66.5).abs() < 1e-12 && (mean.standard_error - 10.171_037).abs() < 1e-6);
//! assert!((mean.degrees - 5.0).abs() < 1e-6); // six rails less one mean
//! let second = fit.predict(&ones, &SVector::from(TIMES[1]))?.random_effects();
//! assert!((second[0] + 34.530_91).abs() < 1e-5); // how far rail 2 is from the mean
//! # Ok::<(), Error>(())
//! ```
//!
//! # Pages
//!
//! | page | answers |
//! |---|---|
//! | [`guide::covariance_algebra`] | what every structure and operator is, by formula and source, and how its derivatives are made |
//! | [`guide::choosing_a_structure`] | which V for which data, what it costs, and where it degenerates |
//! | [`guide::estimation`] | what is maximised, what an outcome means, which test to use |
//! | [`guide::coming_from`] | models of lme4, nlme, mmrm, ASReml and torch-openreml here, with the numbers of both |
//! | [`guide::compare`] | typed-kalman, adskalman, SymForce, lme4, MixedModels.jl, mmrm, torch-openreml: the strengths of each, one task in code on both sides |
//! | [`guide::performance`] | what things cost on a computer, against what, how to measure it, and where the limit is |
//! | [`guide::microcontroller`] | what it takes and costs on a chip |
//! | [`guide::design`] | why it is as it is: the reason for each decision, its cost, and when it is the wrong choice |
//!
//! # Notation
//!
//! | symbol | meaning |
//! |---|---|
//! | N | observations, or visits of a subject |
//! | n | observations of all subjects |
//! | K | fixed effects, columns of X |
//! | Q | random effects, levels, columns of Z |
//! | R×C | the size of any matrix |
//! | P | free parameters |
//! | T | the scalar: `f32`, `f64` or a dual number, [`Real`] |
//! | θ | the free (untransformed) parameters, `[T; P]` |
//! | σ², ρ, L | parameters on their natural scale, which a [`Transform`] makes of θ |
//! | ⟨A, B⟩ | Σᵢⱼ Aᵢⱼ Bᵢⱼ |
//! | ∂ₖV, ∂ₖₗV | derivatives by θₖ, by θₖ and θₗ |
//!
//! # Layers, bottom up
//!
//! `use covprop::prelude::*` brings the names that most programs use, with `matrix!` and `vector!`
//! of nalgebra; see [`prelude`]. Everything is at the root too: `use covprop::*`. A crate that has
//! another version of [`nalgebra`] writes `covprop::nalgebra`.
//!
//! **[`dim`]** computes dimensions and parameter counts while compiling.
//!
//! **[`Shape`] and [`ParamMatrix`]** say what a parametrised matrix is: its size, its names, its
//! value, its first and second derivatives and what they are multiplied with; all of it is a
//! [`visit`]. To write one's own, `value` and `gradient` are enough, and [`assert_gradient`] checks
//! them: [`ParamMatrix`] has two examples.
//!
//! **[`transform`]** takes free numbers to variances and correlations.
//!
//! **Structures** fill matrices:
//!
//! | | |
//! |---|---|
//! | independent | [`IdentityMatrix`], [`ScalarMatrix`], [`DiagonalMatrix`], [`GroupVarianceMatrix`], [`WeightedMatrix`], [`PowerVarianceMatrix`], [`ExponentialVarianceMatrix`] |
//! | equally correlated | [`EqualEntryMatrix`], [`EquicorrelationMatrix`], [`CompoundSymmetricMatrix`], [`HeterogeneousCompoundSymmetricMatrix`] |
//! | in time | [`Ar1Matrix`], [`HeterogeneousAr1Matrix`], [`ToeplitzMatrix`], [`HeterogeneousToeplitzMatrix`], [`BandedToeplitzMatrix`], [`HeterogeneousBandedToeplitzMatrix`], [`AnteDependenceMatrix`] |
//! | over [`Distances`] | [`ExponentialMatrix`], [`GaussianMatrix`], [`MaternMatrix`] |
//! | unstructured | [`LogCholeskyMatrix`], [`UnconstrainedMatrix`], [`LowerTriangularMatrix`], [`FactorAnalyticMatrix`] |
//! | from any correlation | [`HomogeneousMatrix`], [`HeterogeneousMatrix`] |
//! | known | [`KnownMatrix`], [`KnownScaledMatrix`], [`SMatrix`](nalgebra::SMatrix), [`DummyMatrix`] of [`Levels`] |
//! | your own | [`ParamMatrix`]; `CustomMatrix` (feature `autodiff`) |
//!
//! **Operators** combine matrices of any kind:
//!
//! | | |
//! |---|---|
//! | Z G Zᵀ | [`CovariancePropagation`] |
//! | A + B, A B, A ⊗ B, A ∘ B | [`Sum`], [`Product`], [`KroneckerProduct`], [`HadamardProduct`] |
//! | diag(A, B), \[A B\], \[A; B\] | [`BlockDiagonal`], [`Augment`], [`Stack`] |
//! | Aᵀ, A⁻¹, XᵀX, XXᵀ | [`Transpose`], [`Inverse`], [`Gram`], [`OuterGram`] |
//! | other parameters | [`Constrained`], [`Adapter`] |
//! | a name, an expression, a tree | [`named`], [`Shape::expression`], [`ParamMatrixExt::tree`] |
//!
//! **[`reml`]** estimates θ and the fixed effects:
//!
//! | | |
//! |---|---|
//! | [`Marginal`], [`MixedModel`] | models: V, or Z G Zᵀ + R |
//! | [`Panel`], [`Accumulator`] | independent subjects, one at a time, in constant memory; what is kept of them |
//! | [`Estimation`], [`Likelihood`], [`Explorer`] | REML and ML: maximum, log-likelihood, score, informations; at many θ |
//! | [`Fit`], [`Outcome`] | estimates, and how they were reached |
//! | [`Inference`], [`KenwardRoger`] | standard errors, tests of fixed effects with their degrees of freedom |
//! | [`LikelihoodRatio`], [`Profile`] | tests and intervals of variances, on the boundary too |
//! | [`Prediction`] | random effects, fitted values, new visits and subjects, with their errors; residuals, leverage |
//! | `Simulation` (feature `rand_core`) | data from a model |
//! | [`distribution`] | tails and quantiles of t, F, χ² |
//!
//! **[`kalman`]** filters, with exact derivatives of mean, covariance and likelihood, and estimates
//! the noise of a process and of its measurement:
//!
//! | | |
//! |---|---|
//! | [`StateSpace`] | x′ = F x + w, y = H x + v with w ~ N(0, Q), v ~ N(0, R); any matrices of θ |
//! | [`KalmanFilter`], [`System`] | mean, covariance, likelihood of the innovations; the covariance alone |
//! | [`CovarianceRecursion`], [`SensitivityFilter`] | with ∂P/∂θ; with score and information too |
//! | [`StateSpaceEstimation`], [`StateSpaceFit`] | θ by maximum likelihood |
//!
//! # Features
//!
//! All features are off by default and purely additive; any combination works. Except for
//! `autodiff` and `rayon` they need neither `std` nor a heap.
//!
//! | feature | gives |
//! |---|---|
//! | `autodiff` | `CustomMatrix`: derivatives of a function by dual numbers |
//! | `defmt` | `defmt::Format` for errors and reports |
//! | `rand_core` | `Simulation`: data from a model, with any generator |
//! | `rayon` | [`Panel`]`::par_extend` and `ParallelFits`: many subjects and many series on all cores |
//! | `serde` | θ, reports, filters and the sums of a panel written and restored, so that they survive a reset: `persistence` |
//!
//! # Numbers
//!
//! Exponentials and their kin come from `libm` on every target, and no operation is fused: the same
//! θ gives the same bits on every machine. To that end nalgebra's feature `libm-force` is on, for
//! every crate that shares this nalgebra.
//!
//! # Refusals
//!
//! - No sizes at run time: that is what nalgebra's dynamic matrices, faer or a sparse library are
//!   for.
//! - No sparse matrices beyond what a structure knows of itself.
//! - No formula language and no data frames: a design is a matrix.
//! - No panic. Wrong dimensions are type errors, wrong data an [`Error`] that names the culprit,
//!   and where the mathematics has no answer entries are NaN. (`from_indices` of designs and groups
//!   panics for a level that does not exist, so that a `const` does not compile;
//!   [`assert_gradient`] is an assertion.)
//! - No guess. An estimation that ends anywhere but at a maximum says so: [`Outcome`].
//! - No repair. Nothing is added to a diagonal, clamped or rounded on the way.
//!
//! # Where it stops paying
//!
//! Matrices are plain arrays. In `f64` a V of 64×64 is 32 KiB, and its gradient by P parameters P
//! times that, on the stack. Beyond about that size:
//!
//! - write into buffers of your own with the methods ending in `_into`;
//! - ask for what the gradient is needed for, [`pullback`](ParamMatrix::pullback) and
//!   [`gradient_mul`](ParamMatrix::gradient_mul), or take derivatives one by one
//!   ([`for_each_derivative`](ParamMatrixExt::for_each_derivative));
//! - split data into independent subjects, a [`Panel`]: its N is the visits of one;
//! - give the thread a larger stack. Where most of V is zero, a sparse library has less to do.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
// Of the library alone, so not in the manifest: tests and examples may panic.
#![warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

pub(crate) mod algebra;
pub(crate) mod base;
pub(crate) mod composed;
pub(crate) mod features;
pub mod guide;
pub mod inference;
pub mod kalman;
pub(crate) mod linalg;
pub(crate) mod operator;
pub(crate) mod optimise;
pub mod prelude;
pub mod reml;
pub(crate) mod structure;
pub mod transform;

pub use algebra::check::{Disagreement, assert_gradient, check_gradient};
pub use algebra::cone::ConeVisitor;
pub use algebra::derivative::Partial;
pub use algebra::matrix::ParamMatrix;
pub use algebra::matrix::ext::ParamMatrixExt;
pub use algebra::matrix::factored::Factored;
pub use algebra::matrix::low_rank::{LowRankForm, LowRankVisitor, OnDesign};
pub use algebra::matrix::operand_visitor::OperandVisitor;
pub use algebra::matrix::tree::{Node, NodeParams, Tree};
pub use algebra::shape::expression::Expression;
pub use algebra::shape::low_rank::{LowRank, Residual};
pub use algebra::shape::name;
pub use algebra::shape::name::{ParamName, ParamNames};
pub use algebra::shape::scale::Scale;
pub use algebra::shape::{Curvature, Gradient, Params, Pattern, Shape, Theta};
pub use algebra::visit;
pub use algebra::visit::Visitor;
pub use base::dim;
pub use base::dim::Extent;
pub use base::error::Error;
pub use base::error::defect::CovarianceDefect;
pub use base::error::number::Number;
pub use base::error::text::Text;
#[cfg(feature = "serde")]
pub use base::persistence;
pub use base::scalar::Real;
pub use composed::ante_dependence::AnteDependenceMatrix;
pub use composed::banded_toeplitz::{BandedToeplitzMatrix, HeterogeneousBandedToeplitzMatrix};
pub use composed::factor_analytic::FactorAnalyticMatrix;
pub use composed::heterogeneous::{
    HeterogeneousAr1Matrix, HeterogeneousCompoundSymmetricMatrix, HeterogeneousMatrix,
};
pub use composed::homogeneous::HomogeneousMatrix;
pub use composed::isotropic::{ExponentialMatrix, GaussianMatrix, MaternMatrix};
pub use composed::known::KnownScaledMatrix;
pub use composed::log_cholesky::LogCholeskyMatrix;
pub use composed::toeplitz::{HeterogeneousToeplitzMatrix, ToeplitzMatrix};
#[cfg(feature = "rayon")]
pub use features::parallel::ParallelFits;
pub use inference::contrast::{Contrast, Estimate, FTest};
pub use inference::distribution;
pub use inference::kenward_roger::{BoundaryTangent, KenwardRoger, KenwardRogerMethod};
pub use inference::likelihood_ratio::LikelihoodRatio;
pub use inference::prediction::Prediction;
pub use inference::profile::Profile;
pub use inference::profile::interval::{Bound, ProfileInterval};
pub use inference::random_effects::RandomEffects;
#[cfg(feature = "rand_core")]
pub use inference::simulation::Simulation;
pub use inference::table::Table;
pub use inference::{Inference, Information};
pub use kalman::covariance::CovarianceRecursion;
pub use kalman::estimation::{EstimateNoise, StateSpaceEstimation};
pub use kalman::filter::{Innovation, KalmanFilter};
pub use kalman::fit::StateSpaceFit;
pub use kalman::linear_gaussian::LinearGaussian;
pub use kalman::sensitivity::SensitivityFilter;
pub use kalman::state_space::StateSpace;
pub use kalman::system::{System, SystemDerivative};
pub use operator::adapter::Adapter;
pub use operator::augment::Augment;
pub use operator::block_diagonal::BlockDiagonal;
pub use operator::constrained::{Constrained, Source};
pub use operator::covariance_propagation::CovariancePropagation;
pub use operator::gram::{Gram, OuterGram};
pub use operator::hadamard::HadamardProduct;
pub use operator::inverse::Inverse;
pub use operator::kronecker::KroneckerProduct;
pub use operator::named::{Named, named};
pub use operator::product::Product;
pub use operator::smooth_map::{AffineMap, MapsTo, SmoothMap};
pub use operator::stack::Stack;
pub use operator::sum::{Plus, Sum};
pub use operator::transpose::Transpose;
pub use optimise::certificate::{Certificate, Stop};
pub use optimise::outcome::{Edge, Outcome, Progress};
pub use reml::criterion::Criterion;
pub use reml::estimation::Estimation;
pub use reml::estimation::explore::{Evaluation, Explorer};
pub use reml::fit::Fit;
pub use reml::likelihood::Likelihood;
pub use reml::model::{Marginal, MixedModel, Model};
pub use reml::panel::Panel;
pub use reml::panel::accumulator::Accumulator;
pub use reml::random_terms::RandomTerms;
pub use reml::response_vector::Single;
pub use reml::sample::Sample;
pub use structure::ante_dependence::AnteDependenceCorrelationMatrix;
pub use structure::ar1::{Ar1CorrelationMatrix, Ar1Matrix};
pub use structure::banded_toeplitz::BandedToeplitzCorrelationMatrix;
pub use structure::correlation::Correlation;
pub use structure::correlation_function::{CorrelationFunction, Exponential, Gaussian, Matern};
#[cfg(feature = "autodiff")]
pub use structure::custom::{Autodiff, CustomMatrix, MatrixFunction};
pub use structure::diagonal::DiagonalMatrix;
pub use structure::distances::Distances;
pub use structure::dummy::DummyMatrix;
pub use structure::equal_entry::EqualEntryMatrix;
pub use structure::equicorrelation::{CompoundSymmetricMatrix, EquicorrelationMatrix};
pub use structure::group_variance::GroupVarianceMatrix;
pub use structure::identity::IdentityMatrix;
pub use structure::isotropic::IsotropicCorrelationMatrix;
pub use structure::known::KnownMatrix;
pub use structure::levels::{CrossedLabel, Levels};
pub use structure::lower_triangular::LowerTriangularMatrix;
pub use structure::scalar::ScalarMatrix;
pub use structure::toeplitz::ToeplitzCorrelationMatrix;
pub use structure::unconstrained::UnconstrainedMatrix;
pub use structure::variance_function::{ExponentialVarianceMatrix, PowerVarianceMatrix};
pub use structure::weighted::WeightedMatrix;
pub use transform::affine::{Identity, ScaleShift};
pub use transform::chain::Chain;
pub use transform::exponential::{Exp, Exp2, Exp10, ExpPow2};
pub use transform::power::Pow;
pub use transform::sigmoid::Sigmoid;
pub use transform::{Jet, Transform, TransformVisitor};

// In the versions that the types here are made of.
pub use {approx, hybrid_array, nalgebra, typenum};

/// The README's programs are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
