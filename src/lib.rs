//! Covariance matrices that are functions of parameters, with every dimension known to the compiler.
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
//! derivatives are a plain array `[SMatrix<T, N, N>; P]`. It neither allocates nor panics and needs no
//! `std`: the same code runs on a laptop and on a microcontroller.
//!
//! ```
//! use covprop::*;
//!
//! let z = DummyMatrix::<4, 3>::from_labels(&["a", "b", "c", "a"])?; // N = 4 observations, Q = 3 levels
//! let g = named("g", DiagonalMatrix::<3>::new()); // diag(e^2θ): log standard deviations
//! let v = CovariancePropagation::new(z, g);
//!
//! let theta = [0.0, 0.5, 1.0]; // one too few or too many is a type error
//! let value = v.value(&theta); // SMatrix<f64, 4, 4>
//! let [d0, d1, d2] = v.gradient(&theta); // [SMatrix<f64, 4, 4>; 3]
//!
//! assert_eq!(value[(0, 3)], 1.0); // observations 0 and 3 share the level a
//! assert_eq!(d0[(0, 3)], 2.0);
//! assert!(v.param_names().eq(["g/sigma^2_0", "g/sigma^2_1", "g/sigma^2_2"]));
//! # assert_eq!((d1 + d2)[(0, 0)], 0.0);
//! # Ok::<(), Error>(())
//! ```
//!
//! # Notation
//!
//! | symbol | meaning |
//! |---|---|
//! | N | observations |
//! | K | fixed effects, columns of X |
//! | Q | random effects, levels, columns of Z |
//! | R×C | the size of any matrix |
//! | P | free parameters |
//! | T | the scalar: `f32`, `f64` or a dual number, [`Real`] |
//! | θ | the free (untransformed) parameters, `[T; P]` |
//! | σ², ρ, L | parameters on their own scale, T(θ) for a [`Transform`] T |
//! | ⟨A, B⟩ | Σᵢⱼ Aᵢⱼ Bᵢⱼ |
//!
//! # Layers, bottom up
//!
//! 1. [`dim`] computes dimensions and parameter counts while compiling.
//! 2. [`Shape`] and [`ParamMatrix`] say what a parametrised matrix is: its size, its names, its value,
//!    its first and second derivatives and what they are multiplied with; all of it is a [`visit`].
//! 3. [`transform`] takes free numbers to variances and correlations.
//! 4. Structures fill the matrices, operators combine them; both are listed below.
//! 5. [`reml`] estimates θ, and the fixed effects, from data.
//! 6. [`kalman`] filters, and estimates the θ of a state-space model from its innovations.
//! 7. [`assert_gradient`] checks a matrix of your own.
//!
//! [`microcontroller`] is a page about chips: sizes, and what costs what.
//!
//! Everything is re-exported here: `use covprop::*` is enough.
//!
//! # Structures
//!
//! | structure | entries | parameters |
//! |---|---|---|
//! | [`IdentityMatrix`] | I | |
//! | [`ScalarMatrix`] | σ² I | σ² |
//! | [`EqualEntryMatrix`] | σ² everywhere | σ² |
//! | [`DiagonalMatrix`] | diag(σ²ᵢ) | σ²ᵢ |
//! | [`EquicorrelationMatrix`] | 1, ρ off the diagonal | ρ |
//! | [`CompoundSymmetricMatrix`] | σ², σ²ρ off the diagonal | σ², ρ |
//! | [`Ar1Matrix`] | σ² ρ^abs(i−j) | σ², ρ |
//! | [`UnconstrainedMatrix`] | symmetric, entry by entry | σ²ᵢⱼ, j ≤ i |
//! | [`LowerTriangularMatrix`] | Lᵢⱼ, j ≤ i | Lᵢⱼ |
//! | [`LogCholeskyMatrix`] | unstructured, positive definite | σᵢ, Lᵢⱼ |
//! | [`HomogeneousMatrix`], [`HeterogeneousMatrix`] | σ² R, D R D for any correlation R | σ² or σᵢ, and R's |
//! | [`HeterogeneousAr1Matrix`], [`HeterogeneousCompoundSymmetricMatrix`] | σᵢσⱼ ρ^abs(i−j), σᵢσⱼ ρ | σᵢ, ρ |
//! | [`ToeplitzMatrix`], [`HeterogeneousToeplitzMatrix`] | σ² ρ_abs(i−j), σᵢσⱼ ρ_abs(i−j) | partial autocorrelations |
//! | [`BandedToeplitzMatrix`], [`HeterogeneousBandedToeplitzMatrix`] | the same, 0 beyond lag B | moving-average coefficients |
//! | [`AnteDependenceMatrix`] | σᵢσⱼ ρᵢ ⋯ ρⱼ₋₁ | σᵢ, ρᵢ |
//! | [`ExponentialMatrix`], [`GaussianMatrix`], [`MaternMatrix`] | σ² ρ(d/r) over [`Distances`] | σ², r |
//! | [`FactorAnalyticMatrix`] | Λ Λᵀ + Ψ | λᵢⱼ, ψᵢ |
//! | [`KnownMatrix`], [`KnownScaledMatrix`] | K, σ² K for a known symmetric K | σ² |
//! | [`WeightedMatrix`] | σ² diag(1/w) for known weights w | σ² |
//! | [`GroupVarianceMatrix`] | diag(σ² of the group) | σ² of each group |
//! | [`PowerVarianceMatrix`], [`ExponentialVarianceMatrix`] | diag(σ² abs(v)^2δ), diag(σ² e^2δv) of a covariate v | σ², δ |
//! | [`DummyMatrix`] | one-hot rows of a factor | |
//! | [`SMatrix`](nalgebra::SMatrix) | fixed | |
//! | `CustomMatrix` (feature `autodiff`), or your own [`ParamMatrix`] | any | any |
//!
//! # Operators
//!
//! | operator | value | derivatives |
//! |---|---|---|
//! | [`CovariancePropagation`] | Z G Zᵀ | ∂Z G Zᵀ + Z G ∂Zᵀ; Z ∂G Zᵀ |
//! | [`Sum`] | A + B | ∂A; ∂B |
//! | [`Product`] | A B | ∂A B; A ∂B |
//! | [`KroneckerProduct`] | A ⊗ B | ∂A ⊗ B; A ⊗ ∂B |
//! | [`HadamardProduct`] | A ∘ B | ∂A ∘ B; A ∘ ∂B |
//! | [`BlockDiagonal`] | diag(A, B) | placed |
//! | [`Augment`], [`Stack`] | \[A B\], \[A; B\] | placed |
//! | [`Transpose`] | Aᵀ | ∂Aᵀ |
//! | [`Gram`], [`OuterGram`] | XᵀX, XXᵀ | ∂Xᵀ X + Xᵀ ∂X; ∂X Xᵀ + X ∂Xᵀ |
//! | [`Inverse`] | A⁻¹ | −A⁻¹ ∂A A⁻¹ |
//! | [`Constrained`] | the same, parameters fixed or tied | dropped or summed |
//! | [`Adapter`] | M(f(θ)) | Σ_p ∂M/∂x_p ∂f_p |
//!
//! # Estimation
//!
//! | | |
//! |---|---|
//! | [`Marginal`], [`MixedModel`] | models: V, or Z G Zᵀ + R |
//! | [`Panel`], [`Accumulator`] | independent subjects, one at a time, in constant memory; what is kept of them |
//! | [`Estimation`], [`Likelihood`] | REML and ML: maximum, log-likelihood, score, informations |
//! | [`Fit`], [`Outcome`] | estimates, and how they were reached |
//! | [`Inference`], [`KenwardRoger`] | standard errors, tests of fixed effects with their degrees of freedom |
//! | [`LikelihoodRatio`], [`Profile`] | tests and intervals of variances, on the boundary too |
//! | [`Prediction`] | random effects, fitted values, new visits and subjects, with their errors; residuals, leverage |
//! | `Simulation` (feature `rand_core`) | data from a model |
//! | [`distribution`] | tails and quantiles of t, F, χ² |
//!
//! # State spaces
//!
//! The [Kalman filter](kalman) with exact derivatives, so that the noise of a process and of its measurement can be
//! fitted:
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
//! None is on by default, and but for `autodiff` they need neither `std` nor a heap.
//!
//! | feature | gives |
//! |---|---|
//! | `autodiff` | `CustomMatrix`: derivatives of a function by dual numbers |
//! | `defmt` | `defmt::Format` for errors and reports |
//! | `rand_core` | `Simulation`: data from a model, with any generator |
//! | `serde` | θ, reports, filters and the sums of a panel written and restored, so that they survive a reset: `persistence` |
//!
//! # Numbers
//!
//! Exponentials and their kin come from `libm` on every target, and no operation is fused: the same θ
//! gives the same bits on every machine. To that end nalgebra's feature `libm-force` is on, for every
//! crate that shares this nalgebra.
//!
//! # Refusals
//!
//! - No sizes at run time: that is what nalgebra's dynamic matrices, faer or a sparse library are for.
//! - No sparse matrices beyond what a structure knows of itself.
//! - No formula language and no data frames: a design is a matrix.
//! - Matrices are plain arrays. Beyond about 64×64, write into buffers of your own with the methods
//!   ending in `_into`, and prefer [`pullback`](ParamMatrix::pullback) and
//!   [`gradient_mul`](ParamMatrix::gradient_mul) to the array of derivatives.
#![no_std]
#![forbid(unsafe_code)]
// Of the library alone, so not in the manifest: tests and examples may panic.
#![warn(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod check;
mod cholesky;
mod coordinates;
mod describe;
pub mod dim;
pub mod distribution;
mod eigen;
mod error;
mod evaluate;
mod forward;
pub mod guide;
pub mod kalman;
mod kernel;
#[cfg(feature = "defmt")]
mod logging;
mod matrix;
pub mod microcontroller;
pub mod name;
mod operator;
mod partial;
#[cfg(feature = "serde")]
pub mod persistence;
pub mod reml;
mod shape;
mod structure;
pub mod transform;
pub mod visit;

pub use check::{Disagreement, assert_gradient, check_gradient};
#[doc(hidden)]
pub use coordinates::{Coordinates, OnDesign};
pub use describe::{Expression, Node, NodeParams, Tree};
pub use dim::Extent;
pub use error::{Error, Text};
pub use kalman::{
    CovarianceRecursion, Innovation, KalmanFilter, LinearGaussian, SensitivityFilter, StateSpace,
    StateSpaceEstimation, StateSpaceFit, System, SystemDerivative,
};
pub use matrix::ParamMatrix;
pub use name::{Named, ParamName, ParamNames, named};
pub use operator::{
    Adapter, AffineMap, Augment, BlockDiagonal, Constrained, CovariancePropagation, Gram,
    HadamardProduct, Inverse, KroneckerProduct, MapsTo, OuterGram, Product, SmoothMap, Source,
    Stack, Sum, Transpose,
};
pub use partial::Partial;
#[cfg(feature = "rand_core")]
pub use reml::Simulation;
pub use reml::{
    Accumulator, Bound, Contrast, Criterion, Edge, Estimate, Estimation, FTest, Fit, Inference,
    Information, KenwardRoger, Likelihood, LikelihoodRatio, Marginal, MixedModel, Model, Outcome,
    Panel, Prediction, Profile, ProfileInterval, Progress, RandomEffects, RandomTerms, Sample,
    Single, Table,
};
pub use shape::{Curvature, Gradient, Params, Pattern, Real, Shape, Theta};
pub use structure::{
    AnteDependenceCorrelationMatrix, AnteDependenceMatrix, Ar1CorrelationMatrix, Ar1Matrix,
    BandedToeplitzCorrelationMatrix, BandedToeplitzMatrix, CompoundSymmetricMatrix, Correlation,
    CorrelationFunction, CrossedLabel, DiagonalMatrix, Distances, DummyMatrix, EqualEntryMatrix,
    EquicorrelationMatrix, Exponential, ExponentialMatrix, ExponentialVarianceMatrix,
    FactorAnalyticMatrix, Gaussian, GaussianMatrix, GroupVarianceMatrix, HeterogeneousAr1Matrix,
    HeterogeneousBandedToeplitzMatrix, HeterogeneousCompoundSymmetricMatrix, HeterogeneousMatrix,
    HeterogeneousToeplitzMatrix, HomogeneousMatrix, IdentityMatrix, IsotropicCorrelationMatrix,
    KnownMatrix, KnownScaledMatrix, Levels, LogCholeskyMatrix, LowerTriangularMatrix, Matern,
    MaternMatrix, PowerVarianceMatrix, ScalarMatrix, ToeplitzCorrelationMatrix, ToeplitzMatrix,
    UnconstrainedMatrix, WeightedMatrix,
};
#[cfg(feature = "autodiff")]
pub use structure::{Autodiff, CustomMatrix, MatrixFunction};
pub use transform::{
    Chain, Exp, Exp2, Exp10, ExpPow2, Identity, Jet, Pow, ScaleShift, Sigmoid, Transform,
    TransformVisitor,
};
pub use visit::Visitor;

// In the versions that the types here are made of.
pub use {approx, nalgebra, typenum};

/// The README's programs are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
