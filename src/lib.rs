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
//! A wrong matrix size is a type error. The value of V is an
//! [`SMatrix<T, N, N>`](nalgebra::SMatrix), and the derivatives of V with respect to the P
//! parameters are a plain array `[SMatrix<T, N, N>; P]`. The crate neither allocates nor panics and
//! needs no `std`, so the same code runs on a laptop and on a microcontroller.
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
//! use covprop::prelude::*;
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
//! assert!((mean.degrees_of_freedom - 5.0).abs() < 1e-6); // six rails less one mean
//! let second = fit.predict(&ones, &SVector::from(TIMES[1]))?.random_effects();
//! assert!((second[0] + 34.530_91).abs() < 1e-5); // how far rail 2 is from the mean
//! # Ok::<(), covprop::Error>(())
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
//! | [`guide::beyond_one_machine`] | subjects in files that are larger than the memory, many machines, and SQL |
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
//! | T | the scalar: `f32`, `f64` or a dual number, [`Real`](algebra::Real) |
//! | θ | the free (untransformed) parameters, `[T; P]` |
//! | σ², ρ, L | parameters on their natural scale, which a [`Transform`](transform::Transform) computes from θ |
//! | ⟨A, B⟩ | Σᵢⱼ Aᵢⱼ Bᵢⱼ |
//! | ∂ₖV, ∂ₖₗV | derivatives with respect to θₖ, and to θₖ and θₗ |
//!
//! # Overview of the items
//!
//! `use covprop::prelude::*` imports the names that most programs need, with nalgebra's `matrix!`
//! and `vector!`; see [`prelude`]. All other public items are in the modules below, and [`Error`]
//! is at the root of the crate. A crate that depends on another version of [`nalgebra`] can use
//! covprop's version as `covprop::nalgebra`. The following items are ordered from the lowest layer
//! to the highest.
//!
//! **[`dim`]** computes dimensions and parameter counts at compile time.
//!
//! **[`Shape`](algebra::Shape) and [`ParamMatrix`](algebra::ParamMatrix)** are the traits of a
//! parametrised matrix. They define the size of the matrix, its parameter names, its value, its
//! first and second derivatives, and products of the derivatives with vectors and weight matrices.
//! All evaluations of a parametrised matrix go through its method
//! [`ParamMatrix::visit`](algebra::ParamMatrix::visit). A user-defined matrix needs only `value`
//! and `gradient`, which [`assert_gradient`](algebra::assert_gradient) checks; the docs of
//! [`ParamMatrix`](algebra::ParamMatrix) have two examples.
//!
//! **[`transform`]** contains the functions that map the free parameters θ to variances and
//! correlations.
//!
//! **[`structure`]** contains parametrised matrices:
//!
//! | | |
//! |---|---|
//! | independent | [`IdentityMatrix`](structure::IdentityMatrix), [`ScalarMatrix`](structure::ScalarMatrix), [`DiagonalMatrix`](structure::DiagonalMatrix), [`GroupVarianceMatrix`](structure::GroupVarianceMatrix), [`WeightedMatrix`](structure::WeightedMatrix), [`PowerVarianceMatrix`](structure::PowerVarianceMatrix), [`ExponentialVarianceMatrix`](structure::ExponentialVarianceMatrix) |
//! | equally correlated | [`EqualEntryMatrix`](structure::EqualEntryMatrix), [`EquicorrelationMatrix`](structure::EquicorrelationMatrix), [`CompoundSymmetricMatrix`](structure::CompoundSymmetricMatrix), [`HeterogeneousCompoundSymmetricMatrix`](structure::HeterogeneousCompoundSymmetricMatrix) |
//! | ordered in time | [`Ar1Matrix`](structure::Ar1Matrix), [`HeterogeneousAr1Matrix`](structure::HeterogeneousAr1Matrix), [`ToeplitzMatrix`](structure::ToeplitzMatrix), [`HeterogeneousToeplitzMatrix`](structure::HeterogeneousToeplitzMatrix), [`BandedToeplitzMatrix`](structure::BandedToeplitzMatrix), [`HeterogeneousBandedToeplitzMatrix`](structure::HeterogeneousBandedToeplitzMatrix), [`AnteDependenceMatrix`](structure::AnteDependenceMatrix) |
//! | functions of [`Distances`](structure::Distances) | [`ExponentialMatrix`](structure::ExponentialMatrix), [`GaussianMatrix`](structure::GaussianMatrix), [`MaternMatrix`](structure::MaternMatrix) |
//! | unstructured | [`LogCholeskyMatrix`](structure::LogCholeskyMatrix), [`UnconstrainedMatrix`](structure::UnconstrainedMatrix), [`LowerTriangularMatrix`](structure::LowerTriangularMatrix), [`FactorAnalyticMatrix`](structure::FactorAnalyticMatrix) |
//! | based on any correlation matrix | [`HomogeneousMatrix`](structure::HomogeneousMatrix), [`HeterogeneousMatrix`](structure::HeterogeneousMatrix) |
//! | known | [`KnownMatrix`](structure::KnownMatrix), [`KnownScaledMatrix`](structure::KnownScaledMatrix), [`SMatrix`](nalgebra::SMatrix), [`DummyMatrix`](structure::DummyMatrix) of [`Levels`](structure::Levels) |
//! | user-defined | [`ParamMatrix`](algebra::ParamMatrix); `CustomMatrix` (feature `autodiff`) |
//!
//! **[`operator`]** combines matrices of any kind:
//!
//! | | |
//! |---|---|
//! | Z G Zᵀ | [`CovariancePropagation`](operator::CovariancePropagation) |
//! | A + B, A B, A ⊗ B, A ∘ B | [`Sum`](operator::Sum), [`Product`](operator::Product), [`KroneckerProduct`](operator::KroneckerProduct), [`HadamardProduct`](operator::HadamardProduct) |
//! | diag(A, B), \[A B\], \[A; B\] | [`BlockDiagonal`](operator::BlockDiagonal), [`Augment`](operator::Augment), [`Stack`](operator::Stack) |
//! | Aᵀ, A⁻¹, XᵀX, XXᵀ | [`Transpose`](operator::Transpose), [`Inverse`](operator::Inverse), [`Gram`](operator::Gram), [`OuterGram`](operator::OuterGram) |
//! | fixed, tied or transformed parameters | [`Constrained`](operator::Constrained), [`Adapter`](operator::Adapter) |
//! | names and descriptions | [`named`](operator::named), [`Shape::expression`](algebra::Shape::expression), [`ParamMatrixExt::tree`](algebra::ParamMatrixExt::tree) |
//!
//! **[`reml`]** estimates θ and the fixed effects:
//!
//! | | |
//! |---|---|
//! | [`Marginal`](reml::Marginal), [`MixedModel`](reml::MixedModel) | models: V, or Z G Zᵀ + R |
//! | [`Subjects`](reml::Subjects), [`Subject`](reml::Subject) | independent subjects with designs, times and variances of their own |
//! | [`Panel`](reml::Panel), [`Accumulator`](reml::Accumulator) | `Panel`: independent subjects, added one at a time in constant memory. `Accumulator`: the sums that a panel stores. With the feature `alloc`, `HeapPanel` and `HeapAccumulator` store any number of sets of visits |
//! | [`Estimation`](reml::Estimation), [`Likelihood`](reml::Likelihood), [`Explorer`](reml::Explorer) | REML and ML: the search for the maximum; log-likelihood, score and informations at one θ, or at many θ |
//! | [`Fit`](reml::Fit), [`Outcome`](optimise::Outcome) | the estimates, and how the search ended |
//! | [`Inference`](inference::Inference), [`KenwardRoger`](inference::KenwardRoger) | standard errors, tests of fixed effects with their degrees of freedom |
//! | [`LikelihoodRatio`](inference::LikelihoodRatio), [`Profile`](inference::Profile) | tests and intervals for variances, including variances on the boundary |
//! | [`Prediction`](inference::Prediction) | random effects, fitted values, predictions for new visits and subjects, with their errors; residuals, leverage |
//! | `Simulation` (feature `rand_core`) | data simulated from a model |
//! | [`inference::distribution`] | tail probabilities and quantiles of t, F, χ² |
//!
//! **[`kalman`]** contains Kalman filters with exact derivatives of the mean, the covariance and
//! the likelihood, and the estimation of process noise and measurement noise:
//!
//! | | |
//! |---|---|
//! | [`StateSpace`](kalman::StateSpace) | x′ = F x + w, y = H x + v with w ~ N(0, Q), v ~ N(0, R); F, H, Q and R may be any matrices of θ |
//! | [`KalmanFilter`](kalman::KalmanFilter), [`System`](kalman::System) | mean, covariance and likelihood of the innovations; the covariance alone |
//! | [`CovarianceRecursion`](kalman::CovarianceRecursion), [`SensitivityFilter`](kalman::SensitivityFilter) | the covariance with ∂P/∂θ; the filter with ∂P/∂θ, score and information |
//! | [`StateSpaceEstimation`](kalman::StateSpaceEstimation), [`StateSpaceFit`](kalman::StateSpaceFit) | estimation of θ by maximum likelihood, and its result |
//!
//! # Features
//!
//! All features are off by default and purely additive; any combination works. All features except
//! `autodiff` and `rayon` work without `std`. All features except these two and `alloc` work
//! without a heap.
//!
//! | feature | adds |
//! |---|---|
//! | `alloc` | `HeapPanel`: a panel on the heap, for any number of sets of visits. [`Subjects`](reml::Subjects) store the rows of a fit on the heap, which makes a fit several times as fast |
//! | `autodiff` | `CustomMatrix`: a matrix from a function of θ, with derivatives by dual numbers |
//! | `defmt` | `defmt::Format` for errors and reports |
//! | `rand_core` | `Simulation`: data from a model, with any random number generator |
//! | `rayon` | [`Panel`](reml::Panel)`::par_extend` and `ParallelFits`: many subjects and many series on all cores |
//! | `serde` | `serde_array`: θ, reports, filters and the sums of a panel can be stored and restored, for example after a reset |
//!
//! # Reproducible results
//!
//! Elementary functions such as `exp` come from `libm` on every target, and no multiplication is
//! fused with an addition, so the same parameters θ give the same bits on every machine. For this
//! purpose covprop turns on nalgebra's feature `libm-force`. The feature affects every crate of a
//! program that uses the same version of nalgebra.
//!
//! # Limitations by design
//!
//! **No sizes at run time.** Use nalgebra's dynamic matrices, faer or a sparse library for matrices
//! whose sizes are known only at run time.
//!
//! **No sparse matrices.** A structure has only the sparsity pattern that its type implies.
//!
//! **No formula language and no data frames.** The caller fills the design matrices X and Z.
//!
//! **No panic.** Wrong dimensions are type errors. Wrong data are an [`Error`] that says what is
//! wrong and where. A matrix that does not exist, such as the inverse of a singular matrix, has NaN
//! in every entry. Two kinds of functions can panic. `from_indices`, which builds a design matrix
//! or groups from the index of the level of each observation, panics for a level that does not
//! exist, so that a wrong `const` does not compile. [`assert_gradient`](algebra::assert_gradient)
//! is an assertion for tests.
//!
//! **No false success.** If a search for the maximum of the likelihood stops anywhere other than at
//! a maximum, its [`Outcome`](optimise::Outcome) says so and gives the reason.
//!
//! **No repair.** The crate adds nothing to the diagonal of a matrix to make the matrix positive
//! definite, and clamps no eigenvalue and no variance.
//!
//! # Large matrices
//!
//! Matrices are plain arrays on the stack. In `f64` a V of 64×64 takes 32 KiB, and its gradient
//! with respect to P parameters takes P times as much. For larger matrices, write into your own
//! buffers with the methods that end in `_into`. If only products with the derivatives are needed,
//! call [`pullback`](algebra::ParamMatrix::pullback) or
//! [`gradient_mul`](algebra::ParamMatrix::gradient_mul) instead of `gradient`. To compute one
//! derivative at a time, call
//! [`for_each_derivative`](algebra::ParamMatrixExt::for_each_derivative). If the data consist of
//! independent subjects, use a [`Panel`](reml::Panel), whose V is the N×N matrix of one subject
//! with N visits. If the stack is too small, use a thread with a larger stack. If most of V is
//! zero, use a sparse library.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
// These lints are not in the manifest because they are for the library only: tests and examples
// may panic.
#![warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[cfg(feature = "alloc")]
extern crate alloc;

pub mod algebra;
pub(crate) mod base;
pub(crate) mod composed;
pub(crate) mod features;
pub mod guide;
pub mod inference;
pub mod kalman;
pub(crate) mod linalg;
pub mod operator;
pub mod optimise;
pub mod prelude;
pub mod reml;
pub mod structure;
pub mod transform;

pub use base::dim;
pub use base::error::Error;
#[cfg(feature = "serde")]
pub use base::serde_array;

/// The types of the fields of an [`Error`].
pub mod error {
    pub use crate::base::error::defect::CovarianceDefect;
    pub use crate::base::error::number::Number;
    pub use crate::base::error::text::Text;
}

// The versions of these crates that appear in the public types.
pub use {approx, hybrid_array, nalgebra, typenum};

/// The README, whose programs are run as doctests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
