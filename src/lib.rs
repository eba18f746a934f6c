//! Covariance matrices that are functions of parameters, with every dimension known to the
//! compiler.
//!
//! The central operation is the covariance propagation operator with its exact derivatives:
//!
//! ```text
//! V(θ) = Z(θ) G(θ) Z(θ)ᵀ              Z: N×Q,  G: Q×Q,  V: N×N
//!
//! ∂V/∂θ_Z = ∂Z G Zᵀ + Z G ∂Zᵀ        ∂V/∂θ_G = Z ∂G Zᵀ
//! ```
//!
//! A wrong size is a type error, V is an [`SMatrix<T, N, N>`](nalgebra::SMatrix), and the
//! derivatives are a plain array `[SMatrix<T, N, N>; P]`. The crate neither allocates nor panics
//! and needs no `std`, so the same code runs on a laptop and on a microcontroller.
//!
//! ```
#![doc = include_str!("../examples/covariance_propagation.rs")]
//! ```
//!
//! # Example: a mixed model
//!
//! The data are travel times of ultrasound in six rails, measured three times each (Devore 2000,
//! Probability and Statistics for Engineering and the Sciences). The fit estimates the variance
//! between rails, the variance of the measurements, and the mean with its standard error. The
//! results agree with lme4 1.1-31.
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
//! | page | content |
//! |---|---|
//! | [`guide::covariance_algebra`] | the formula, parameters and source of every structure and operator, and the rules for their derivatives |
//! | [`guide::choosing_a_structure`] | which V suits which data, how many parameters it has, and where it degenerates |
//! | [`guide::estimation`] | what is maximised, what an outcome means, how precise estimates are, and which test to use |
//! | [`guide::coming_from`] | models of lme4, nlme, mmrm, ASReml and torch-openreml written with covprop, with the results of both |
//! | [`guide::compare`] | the strengths of typed-kalman, adskalman, SymForce, lme4, MixedModels.jl, mmrm and torch-openreml, and one task in code on both sides |
//! | [`guide::performance`] | measured costs on a computer, a comparison with other software, how to measure, and the limits |
//! | [`guide::microcontroller`] | how to build for a microcontroller, and what each part costs in flash, stack and instructions |
//! | [`guide::design`] | the reason for each design decision, its cost, and when it is the wrong choice |
//!
//! # Notation
//!
//! | symbol | meaning |
//! |---|---|
//! | N | number of observations, or of visits of a subject |
//! | n | number of observations of all subjects together |
//! | K | number of fixed effects, which are the columns of X |
//! | Q | number of random effects or levels, which are the columns of Z |
//! | R×C | the size of any matrix |
//! | P | number of free parameters |
//! | T | the scalar: `f32`, `f64` or a dual number, [`Real`] |
//! | θ | the free (untransformed) parameters, `[T; P]` |
//! | σ², ρ, L | parameters on their natural scale, which a [`Transform`] computes from θ |
//! | ⟨A, B⟩ | Σᵢⱼ Aᵢⱼ Bᵢⱼ |
//! | ∂ₖV, ∂ₖₗV | derivatives with respect to θₖ, and to θₖ and θₗ |
//!
//! # Overview of the items
//!
//! `use covprop::prelude::*` imports the names that most programs need, with nalgebra's `matrix!`
//! and `vector!`; see [`prelude`]. `use covprop::*` imports all items. A crate that depends on
//! another version of [`nalgebra`] can use covprop's version as `covprop::nalgebra`. The following
//! items are ordered from the lowest layer to the highest.
//!
//! **[`dim`]** computes dimensions and parameter counts at compile time.
//!
//! **[`Shape`] and [`ParamMatrix`]** are the traits of a parametrised matrix: its size, its
//! parameter names, its value, its first and second derivatives, and products with them. All
//! evaluations go through [`visit`]. A user-defined matrix needs only `value` and `gradient`, which
//! [`assert_gradient`] checks; the docs of [`ParamMatrix`] have two examples.
//!
//! **[`transform`]** maps free numbers to variances and correlations.
//!
//! **Structures** are parametrised matrices:
//!
//! | | |
//! |---|---|
//! | independent | [`IdentityMatrix`], [`ScalarMatrix`], [`DiagonalMatrix`], [`GroupVarianceMatrix`], [`WeightedMatrix`], [`PowerVarianceMatrix`], [`ExponentialVarianceMatrix`] |
//! | equally correlated | [`EqualEntryMatrix`], [`EquicorrelationMatrix`], [`CompoundSymmetricMatrix`], [`HeterogeneousCompoundSymmetricMatrix`] |
//! | ordered in time | [`Ar1Matrix`], [`HeterogeneousAr1Matrix`], [`ToeplitzMatrix`], [`HeterogeneousToeplitzMatrix`], [`BandedToeplitzMatrix`], [`HeterogeneousBandedToeplitzMatrix`], [`AnteDependenceMatrix`] |
//! | functions of [`Distances`] | [`ExponentialMatrix`], [`GaussianMatrix`], [`MaternMatrix`] |
//! | unstructured | [`LogCholeskyMatrix`], [`UnconstrainedMatrix`], [`LowerTriangularMatrix`], [`FactorAnalyticMatrix`] |
//! | based on any correlation matrix | [`HomogeneousMatrix`], [`HeterogeneousMatrix`] |
//! | known | [`KnownMatrix`], [`KnownScaledMatrix`], [`SMatrix`](nalgebra::SMatrix), [`DummyMatrix`] of [`Levels`] |
//! | user-defined | [`ParamMatrix`]; `CustomMatrix` (feature `autodiff`) |
//!
//! **Operators** combine matrices of any kind:
//!
//! | | |
//! |---|---|
//! | Z G Zᵀ | [`CovariancePropagation`] |
//! | A + B, A B, A ⊗ B, A ∘ B | [`Sum`], [`Product`], [`KroneckerProduct`], [`HadamardProduct`] |
//! | diag(A, B), \[A B\], \[A; B\] | [`BlockDiagonal`], [`Augment`], [`Stack`] |
//! | Aᵀ, A⁻¹, XᵀX, XXᵀ | [`Transpose`], [`Inverse`], [`Gram`], [`OuterGram`] |
//! | fixed, tied or transformed parameters | [`Constrained`], [`Adapter`] |
//! | names and descriptions | [`named`], [`Shape::expression`], [`ParamMatrixExt::tree`] |
//!
//! **[`reml`]** estimates θ and the fixed effects:
//!
//! | | |
//! |---|---|
//! | [`Marginal`], [`MixedModel`] | models: V, or Z G Zᵀ + R |
//! | [`Panel`], [`Accumulator`] | independent subjects, added one at a time in constant memory; the sums that a panel stores |
//! | [`Estimation`], [`Likelihood`], [`Explorer`] | REML and ML: the search for the maximum; log-likelihood, score and informations at one θ, or at many θ |
//! | [`Fit`], [`Outcome`] | the estimates, and how the search ended |
//! | [`Inference`], [`KenwardRoger`] | standard errors, tests of fixed effects with their degrees of freedom |
//! | [`LikelihoodRatio`], [`Profile`] | tests and intervals for variances, including variances on the boundary |
//! | [`Prediction`] | random effects, fitted values, predictions for new visits and subjects, with their errors; residuals, leverage |
//! | `Simulation` (feature `rand_core`) | data simulated from a model |
//! | [`distribution`] | tail probabilities and quantiles of t, F, χ² |
//!
//! **[`kalman`]** contains Kalman filters with exact derivatives of the mean, the covariance and
//! the likelihood, and the estimation of process noise and measurement noise:
//!
//! | | |
//! |---|---|
//! | [`StateSpace`] | x′ = F x + w, y = H x + v with w ~ N(0, Q), v ~ N(0, R); F, H, Q and R may be any matrices of θ |
//! | [`KalmanFilter`], [`System`] | mean, covariance and likelihood of the innovations; the covariance alone |
//! | [`CovarianceRecursion`], [`SensitivityFilter`] | the covariance with ∂P/∂θ; the filter with ∂P/∂θ, score and information |
//! | [`StateSpaceEstimation`], [`StateSpaceFit`] | estimation of θ by maximum likelihood, and its result |
//!
//! # Features
//!
//! All features are off by default and purely additive; any combination works. All features except
//! `autodiff` and `rayon` work without `std` and without a heap.
//!
//! | feature | adds |
//! |---|---|
//! | `autodiff` | `CustomMatrix`: a matrix from a function of θ, with derivatives by dual numbers |
//! | `defmt` | `defmt::Format` for errors and reports |
//! | `rand_core` | `Simulation`: data from a model, with any random number generator |
//! | `rayon` | [`Panel`]`::par_extend` and `ParallelFits`: many subjects and many series on all cores |
//! | `serde` | `persistence`: θ, reports, filters and the sums of a panel can be stored and restored, for example after a reset |
//!
//! # Reproducible results
//!
//! Elementary functions such as `exp` come from `libm` on every target, and no multiplication is
//! fused with an addition, so the same θ gives the same bits on every machine. For this purpose
//! nalgebra's feature `libm-force` is on, which affects every crate of a program that uses this
//! version of nalgebra.
//!
//! # Limitations by design
//!
//! **No sizes at run time.** Use nalgebra's dynamic matrices, faer or a sparse library for matrices
//! whose sizes are known only at run time.
//!
//! **No sparse matrices.** A structure has only the sparsity pattern that its type implies.
//!
//! **No formula language and no data frames.** A design is a matrix.
//!
//! **No panic.** Wrong dimensions are type errors, wrong data are an [`Error`] that says what is
//! wrong and where, and the entries of a value that does not exist are NaN. Two kinds of functions
//! are exceptions: `from_indices` of designs and groups panics for a level that does not exist, so
//! that a `const` does not compile, and [`assert_gradient`] is an assertion.
//!
//! **No false success.** A search that stops anywhere other than at a maximum says so, and why: see
//! [`Outcome`].
//!
//! **No repair.** Nothing is added to a diagonal, clamped or rounded on the way.
//!
//! # Large matrices
//!
//! Matrices are plain arrays on the stack. In `f64` a V of 64×64 takes 32 KiB, and its gradient
//! with respect to P parameters takes P times as much. For larger matrices, write into your own
//! buffers with the methods that end in `_into`. Call [`pullback`](ParamMatrix::pullback) or
//! [`gradient_mul`](ParamMatrix::gradient_mul) in place of the gradient, or compute derivatives one
//! at a time by [`for_each_derivative`](ParamMatrixExt::for_each_derivative). Split the data into
//! independent subjects of a [`Panel`], whose N is the number of visits of one subject. If the
//! stack is too small, use a thread with a larger stack. If most of V is zero, use a sparse
//! library.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
// These lints are not in the manifest because they are for the library only: tests and examples
// may panic.
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

// The versions of these crates that appear in the public types.
pub use {approx, hybrid_array, nalgebra, typenum};

/// The README, whose programs are run as doctests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
