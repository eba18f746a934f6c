//! A page about choosing V: which structure for which data, what it costs in parameters, and where
//! it degenerates.
//!
//! # By the data
//!
//! | data | V | parameters |
//! |---|---|--:|
//! | the same few visits for all subjects, and many subjects | [`LogCholeskyMatrix`](crate::LogCholeskyMatrix) or [`UnconstrainedMatrix`](crate::UnconstrainedMatrix) | N(N+1)/2 |
//! | the same visits, fewer subjects | [`HeterogeneousToeplitzMatrix`](crate::HeterogeneousToeplitzMatrix), [`AnteDependenceMatrix`](crate::AnteDependenceMatrix) | 2N−1 |
//! | | [`HeterogeneousAr1Matrix`](crate::HeterogeneousAr1Matrix), [`HeterogeneousCompoundSymmetricMatrix`](crate::HeterogeneousCompoundSymmetricMatrix) | N+1 |
//! | equally spaced visits with the same variance | [`ToeplitzMatrix`](crate::ToeplitzMatrix), [`BandedToeplitzMatrix`](crate::BandedToeplitzMatrix), [`Ar1Matrix`](crate::Ar1Matrix) | N, 1+B, 2 |
//! | many visits, or at any times | [`ExponentialMatrix`](crate::ExponentialMatrix) over [`Distances::along_line`](crate::Distances::along_line), plus σ²I | 2+1 |
//! | groups: batches, blocks, animals | [`MixedModel`](crate::MixedModel) with [`ScalarMatrix`](crate::ScalarMatrix) as G and as R | 1+1 |
//! | a line for each subject | Z = \[1 t\], an unstructured 2×2 G, σ²I | 3+1 |
//! | groups that cross, or are nested | a sum of Z G Zᵀ, by [`MixedModel::of`](crate::MixedModel::of) | one for each |
//! | relatives | [`KnownScaledMatrix`](crate::KnownScaledMatrix) as G | 1 |
//! | relatives with t traits, or in t places | [`KroneckerProduct`](crate::KroneckerProduct) of an unstructured matrix and [`KnownMatrix`](crate::KnownMatrix) | t(t+1)/2 |
//! | places on a grid | [`HomogeneousMatrix`](crate::HomogeneousMatrix) of [`Ar1CorrelationMatrix`](crate::Ar1CorrelationMatrix) ⊗ the same, plus σ²I | 3+1 |
//! | places anywhere | [`MaternMatrix`](crate::MaternMatrix) over [`Distances::of_points`](crate::Distances::of_points), plus σ²I | 2+1 |
//! | variances that differ between groups of observations | [`GroupVarianceMatrix`](crate::GroupVarianceMatrix) | one for each |
//! | variances that grow with a covariate | [`PowerVarianceMatrix`](crate::PowerVarianceMatrix), [`ExponentialVarianceMatrix`](crate::ExponentialVarianceMatrix) | 2 |
//! | means of known numbers of measurements | [`WeightedMatrix`](crate::WeightedMatrix) | 1 |
//! | many variables with few causes | [`FactorAnalyticMatrix`](crate::FactorAnalyticMatrix) with f factors | N f − f(f−1)/2 + N |
//! | a gauge: parts, operators, both, repeatability | a sum of three Z G Zᵀ, and σ²I | 4 |
//! | inputs of a measurement with known uncertainties | [`CovariancePropagation`](crate::CovariancePropagation) through the Jacobian | 0 or more |
//!
//! A variance function and a correlation combine:
//! [`HeterogeneousMatrix`](crate::HeterogeneousMatrix) has a standard deviation for each variable
//! and any correlation, and D R Dᵀ with a D of one's own is a `CovariancePropagation`.
//!
//! # One in the other
//!
//! Structures that are cases of each other compare by [`LikelihoodRatio`](crate::LikelihoodRatio),
//! all by [`aic`](crate::Fit::aic), [`aicc`](crate::Fit::aicc) and [`bic`](crate::Fit::bic); by
//! restricted likelihoods for the same X only.
//!
//! ```text
//! σ²I ⊂ compound symmetric ⊂ heterogeneous compound symmetric ⊂ heterogeneous Toeplitz ⊂ unstructured
//! σ²I ⊂ AR(1)              ⊂ heterogeneous AR(1)              ⊂ heterogeneous Toeplitz
//!                            heterogeneous AR(1)              ⊂ ante-dependence        ⊂ unstructured
//!       AR(1)              ⊂ Toeplitz                         ⊂ heterogeneous Toeplitz
//!       compound symmetric ⊂ Toeplitz
//!       random intercept   ⊂ compound symmetric
//! ```
//!
//! An unstructured V asks for more subjects than visits. With fewer the likelihood grows without
//! end, as V goes singular along what no subject shows.
//!
//! # An example: growth of 27 children
//!
//! A distance in the skulls of 11 girls and 16 boys at the ages of 8, 10, 12 and 14 (Potthoff & Roy
//! 1964, Biometrika 51, 313–326), with a line for each sex: which covariance has a child's four
//! distances? The log-likelihoods and AIC of `gls` of nlme 3.1-162 are beside those here:
//!
//! | V | P | log-likelihood | AIC | `gls` with |
//! |---|--:|--:|--:|---|
//! | σ²I | 1 | −241.7796 | 493.559 | |
//! | compound symmetric | 2 | −216.8786 | 445.757 | `corCompSymm` |
//! | AR(1) | 2 | −222.2937 | 456.587 | `corAR1` |
//! | heterogeneous AR(1) | 5 | −221.3981 | 460.796 | `corAR1`, `varIdent` |
//! | unstructured | 10 | −212.2734 | 452.547 | `corSymm`, `varIdent` |
//!
//! By AIC it is compound symmetry: what a child has at one age it has at all of them, and nothing
//! is gained by ten parameters.
//!
//! ```
//! use covprop::*;
//! use nalgebra::{SMatrix, SVector};
//!
//! // X and y of a child; X has the columns 1, age, girl, age·girl
//! type Child = (SMatrix<f64, 4, 4>, SVector<f64, 4>);
//!
//! // log-likelihood and AIC with this V
//! fn fit<V: ParamMatrix<f64, 4, 4>>(v: V, children: &[Child]) -> Result<[f64; 2], Error> {
//!     let mut panel = Panel::new(Marginal::new(v));
//!     panel.extend(children.iter().copied())?;
//!     let fit = panel.fit()?;
//!     assert_eq!(fit.outcome, Outcome::Converged);
//!     Ok([fit.log_likelihood, fit.aic()])
//! }
//!
//! # let data = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/orthodont.csv"));
//! # let rows: Vec<(f64, f64, bool)> = data.lines().skip(1).map(|line| {
//! #     let fields: Vec<&str> = line.split(',').collect();
//! #     (fields[0].parse().unwrap(), fields[1].parse().unwrap(), fields[3] == "Female")
//! # }).collect();
//! # let children: Vec<Child> = rows.chunks(4).map(|rows| (
//! #     SMatrix::from_fn(|i, j| {
//! #         let (_, age, girl) = rows[i];
//! #         [1.0, age, f64::from(girl), age * f64::from(girl)][j]
//! #     }),
//! #     SVector::from_fn(|i, _| rows[i].0),
//! # )).collect();
//! // `children` are those of examples/data/orthodont.csv
//! let found = [
//!     fit(ScalarMatrix::<4>::new(), &children)?,
//!     fit(CompoundSymmetricMatrix::<4>::new(), &children)?,
//!     fit(Ar1Matrix::<4>::new(), &children)?,
//!     fit(HeterogeneousAr1Matrix::<4>::new(), &children)?,
//!     fit(LogCholeskyMatrix::<4>::new(), &children)?,
//! ];
//! let of_gls = [
//!     [-241.779_558_7, 493.559_117_5],
//!     [-216.878_624_6, 445.757_249_2],
//!     [-222.293_724_3, 456.587_448_6],
//!     [-221.398_080_1, 460.796_160_2],
//!     [-212.273_400_1, 452.546_800_2],
//! ];
//! for (found, of_gls) in found.iter().flatten().zip(of_gls.iter().flatten()) {
//!     assert!((found - of_gls).abs() < 2e-7);
//! }
//! # Ok::<(), Error>(())
//! ```
//!
//! # Compound symmetry or a random intercept
//!
//! The two are the same V, with σ² = σ_b² + σ_e² and ρ = σ_b²/σ², as long as ρ ≥ 0. A variance
//! between groups cannot be negative, a correlation can: down to −1/(N−1). Where the members of a
//! group differ more than those of different groups, as animals that share a trough, the random
//! intercept ends at σ_b² = 0 and compound symmetry at a negative ρ.
//!
//! Three pairs whose means hardly differ have the mean squares 1/6 between and 17/6 within, so that
//! σ²(1 + ρ) = 1/6 and σ²(1 − ρ) = 17/6:
//!
//! ```
//! use covprop::*;
//! use nalgebra::{SVector, vector};
//!
//! let ones = SVector::<f64, 2>::repeat(1.0);
//! let pairs = [vector![1.0, 4.0], vector![4.0, 2.0], vector![2.0, 4.0]];
//!
//! let mut symmetric = Panel::new(Marginal::new(CompoundSymmetricMatrix::<2>::new()));
//! symmetric.extend(pairs.map(|y| (ones, y)))?;
//! let [variance, correlation] = symmetric.fit()?.params;
//! assert!((variance - 1.5).abs() < 1e-9 && (correlation + 8.0 / 9.0).abs() < 1e-9);
//!
//! let intercept = MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<2>::new());
//! let mut intercept = Panel::new(intercept);
//! intercept.extend(pairs.map(|y| (ones, y)))?;
//! let fit = intercept.fit()?;
//! assert_eq!(fit.outcome, Outcome::Boundary([Some(Edge::Lower), None]));
//! assert_eq!(fit.params[0], 0.0);
//! assert!((fit.params[1] - 53.0 / 30.0).abs() < 1e-12); // all squares, 53/6, by 5 degrees of freedom
//! # Ok::<(), Error>(())
//! ```
//!
//! # Subjects at times of their own
//!
//! Where no two subjects were seen at the same times, V is that of all observations: what falls
//! with the time between them, entry by entry times 1 within and 0 between subjects.
//!
//! ```
//! use covprop::*;
//!
//! // the first two observations are of one subject, the others of another
//! let times = Distances::along_line([0.0, 1.5, 0.25, 2.25]);
//! let subject = DummyMatrix::<4, 2>::from_indices([0, 0, 1, 1]);
//! let same = CovariancePropagation::new(subject, IdentityMatrix::<2>::new());
//! let v = HadamardProduct::new(same, ExponentialMatrix::new(times)).plus(ScalarMatrix::<4>::new());
//! let value = v.value(&[0.0, 0.0, 0.0]); // σ² = 1, r = 1, and 1 for each observation
//! assert_eq!(value[(0, 1)], (-1.5_f64).exp());
//! assert_eq!(value[(2, 3)], (-2.0_f64).exp());
//! assert_eq!((value[(0, 0)], value[(0, 2)]), (2.0, 0.0));
//! ```
//!
//! # Where they end
//!
//! What a fit does where the data want more than a structure has:
//!
//! | parametrisation | ends at | as |
//! |---|---|---|
//! | a variance σ² = e²ˣ or a standard deviation eˣ | 0 | [`Edge::Lower`](crate::Edge::Lower), θ = −∞ |
//! | a variance σ² = x² ([`Pow`](crate::Pow)) | 0 | [`Edge::Zero`](crate::Edge::Zero), θ = 0 |
//! | a covariance of a G that is an `UnconstrainedMatrix` | nowhere: V must be positive definite, G need not be, and a correlation of G may be beyond ±1 | `Converged` |
//! | a G that is a `LogCholeskyMatrix` | a correlation of ±1, or a standard deviation of 0 | `Edge::Upper`, `Edge::Lower` of `L_i_j` or `sd_i` |
//! | a G that is [`OuterGram`](crate::OuterGram) of a `LowerTriangularMatrix` | a zero on the diagonal of L | `Edge::Zero` |
//! | a G with ρ = tanh(x/2), such as `HeterogeneousAr1Matrix` | ρ = ±1 | `Edge::Upper`, `Edge::Lower` |
//! | a range r = eˣ | 0: white noise | `Edge::Lower` |
//! | ψ of a `FactorAnalyticMatrix` | 0: a Heywood case | `Edge::Lower` |
//! | V itself with a correlation that makes it singular | by maximum likelihood the likelihood grows without end | `Stalled` or `MaxIterations` |
//! | AR(1) or a range by REML, with a constant in X: ρ → 1 or r → ∞ as σ² → ∞ | the likelihood rises to that of a random walk, a limit | `Boundary` of both parameters; `log_likelihood` is the limit, θ is finite and near to it; what has a limit is answered, and the constant has no standard error |
//!
//! Take `LogCholeskyMatrix` for G where it is to be a covariance matrix, since effects are
//! predicted or interpreted: the correlations stay between −1 and 1. Take `UnconstrainedMatrix`
//! where only V matters, and where entries are to be read off: its parameters are variances and
//! covariances, and V is linear in covariances.
//!
//! # Where they degenerate
//!
//! - **The same matrix twice.** Two parts of V that are multiples of each other have one sum and no
//!   parts: [`NotIdentified`](crate::Outcome::NotIdentified). `Ar1Matrix` ⊗ `Ar1Matrix` has two
//!   variances and one product of them; take one σ² with two `Ar1CorrelationMatrix`. A variance
//!   between cells that were measured once is that within them.
//! - **One group.** A variance between groups needs two of them, and with fewer than five it is
//!   hardly known: see [profile intervals](crate::Estimation::profile).
//! - **A V of deficient rank.** Z G Zᵀ with more rows than columns is singular; it needs an R.
//! - **No correlation to tell.** At σ² = 0 nothing depends on ρ, and at ρ = 0 an `Ar1Matrix` beside
//!   σ²I is the same matrix again.
//! - **A Gaussian correlation with a long range** is singular in rounding. `MaternMatrix` is not,
//!   until much later.
//! - **Loadings of zero.** At Λ = 0 all derivatives by Λ vanish, and nothing moves: start
//!   elsewhere. The signs of a column of Λ are free, and a moving average with a root replaced by
//!   its reciprocal has the same correlations: maxima come in copies.
//! - **A line through a far origin.** With ages around 11 the intercept at age 0 and the slope have
//!   a correlation near −1. Take ages less 11: V of the data is the same for an unstructured G, and
//!   not for a diagonal one.
//!
//! # Fixed and tied parameters
//!
//! [`Constrained`](crate::Constrained) fixes and ties parameters of anything: a known measurement
//! variance, the same variance in two sections, ρ = 0. [`Adapter`](crate::Adapter) takes them from
//! any smooth map, such as log standard deviations that are linear in time. Both have fewer
//! parameters, which AIC counts.
