//! Choice of the covariance matrix V: which structure suits which data, how many parameters each
//! structure has, and when each structure degenerates.
//!
//! # Structures by kind of data
//!
//! | data | V | parameters |
//! |---|---|--:|
//! | the same few visits for all subjects, many subjects | [`LogCholeskyMatrix`](crate::structure::LogCholeskyMatrix) or [`UnconstrainedMatrix`](crate::structure::UnconstrainedMatrix) | N(N+1)/2 |
//! | the same visits for all subjects, fewer subjects | [`HeterogeneousToeplitzMatrix`](crate::structure::HeterogeneousToeplitzMatrix), [`AnteDependenceMatrix`](crate::structure::AnteDependenceMatrix) | 2N−1 |
//! | | [`HeterogeneousAr1Matrix`](crate::structure::HeterogeneousAr1Matrix), [`HeterogeneousCompoundSymmetricMatrix`](crate::structure::HeterogeneousCompoundSymmetricMatrix) | N+1 |
//! | equally spaced visits with the same variance | [`ToeplitzMatrix`](crate::structure::ToeplitzMatrix), [`BandedToeplitzMatrix`](crate::structure::BandedToeplitzMatrix), [`Ar1Matrix`](crate::structure::Ar1Matrix) | N, 1+B, 2 |
//! | many visits, or visits at arbitrary times | [`ExponentialMatrix`](crate::structure::ExponentialMatrix) over [`Distances::from_positions`](crate::structure::Distances::from_positions), plus σ²I | 2+1 |
//! | groups: batches, blocks, animals | [`MixedModel`](crate::reml::MixedModel) with [`ScalarMatrix`](crate::structure::ScalarMatrix) as G and as R | 1+1 |
//! | a random intercept and slope for each subject | Z = \[1 t\], an unstructured 2×2 G, σ²I | 3+1 |
//! | crossed or nested groups | a sum of matrices Z G Zᵀ, by [`MixedModel::from_random_terms`](crate::reml::MixedModel::from_random_terms) | one for each |
//! | related individuals (pedigree) | [`KnownScaledMatrix`](crate::structure::KnownScaledMatrix) as G | 1 |
//! | related individuals with t traits, or in t environments | [`KroneckerProduct`](crate::operator::KroneckerProduct) of an unstructured matrix and [`KnownMatrix`](crate::structure::KnownMatrix) | t(t+1)/2 |
//! | locations on a grid | [`HomogeneousMatrix`](crate::structure::HomogeneousMatrix) of the Kronecker product of two [`Ar1CorrelationMatrix`](crate::structure::Ar1CorrelationMatrix), plus σ²I | 3+1 |
//! | scattered locations | [`MaternMatrix`](crate::structure::MaternMatrix) over [`Distances::from_points`](crate::structure::Distances::from_points), plus σ²I | 2+1 |
//! | variances that differ between groups of observations | [`GroupVarianceMatrix`](crate::structure::GroupVarianceMatrix) | one for each |
//! | variances that grow with a covariate | [`PowerVarianceMatrix`](crate::structure::PowerVarianceMatrix), [`ExponentialVarianceMatrix`](crate::structure::ExponentialVarianceMatrix) | 2 |
//! | means of known numbers of measurements | [`WeightedMatrix`](crate::structure::WeightedMatrix) with the numbers as weights | 1 |
//! | many variables with few common factors | [`FactorAnalyticMatrix`](crate::structure::FactorAnalyticMatrix) with f factors | N f − f(f−1)/2 + N |
//! | a gauge study: parts, operators, their interaction, repeatability | a sum of three matrices Z G Zᵀ, and σ²I | 4 |
//! | inputs of a measurement with known uncertainties | [`CovariancePropagation`](crate::operator::CovariancePropagation) through the Jacobian | 0 or more |
//!
//! Standard deviations and a correlation matrix can be chosen separately.
//! [`HeterogeneousMatrix`](crate::structure::HeterogeneousMatrix) has a standard deviation for each
//! variable and any correlation matrix R. If the diagonal matrix D of standard deviations is
//! user-defined, the covariance matrix D R Dᵀ is a
//! [`CovariancePropagation`](crate::operator::CovariancePropagation).
//!
//! # Nested structures
//!
//! Nested structures can be compared by [`LikelihoodRatio`](crate::inference::LikelihoodRatio), and
//! all structures by [`aic`](crate::reml::Fit::aic), [`aicc`](crate::reml::Fit::aicc) and
//! [`bic`](crate::reml::Fit::bic). Restricted likelihoods can be compared only between fits with
//! the same fixed-effects design X. In the diagram A ⊂ B means that A is nested in B:
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
//! An unstructured covariance matrix V needs more subjects than visits. With fewer subjects than
//! visits the likelihood is unbounded, because V can become singular in directions in which the
//! data do not vary.
//!
//! # Example: growth of 27 children
//!
//! Potthoff & Roy (1964, Biometrika 51, 313–326) measured a distance in the skulls of 11 girls and
//! 16 boys at the ages of 8, 10, 12 and 14. The mean is a line for each sex, and the question is
//! which covariance a child's four distances have. The table shows the fits of five covariance
//! structures V with P parameters, and the example compares the fits with `gls` of nlme 3.1-162:
//!
//! | V | P | log-likelihood | AIC | `gls` with |
//! |---|--:|--:|--:|---|
//! | σ²I | 1 | −241.7796 | 493.559 | |
//! | compound symmetric | 2 | −216.8786 | 445.757 | `corCompSymm` |
//! | AR(1) | 2 | −222.2937 | 456.587 | `corAR1` |
//! | heterogeneous AR(1) | 5 | −221.3981 | 460.796 | `corAR1`, `varIdent` |
//! | unstructured | 10 | −212.2734 | 452.547 | `corSymm`, `varIdent` |
//!
//! AIC selects compound symmetry: the distances of a child are equally correlated for all pairs of
//! ages, and the ten parameters of the unstructured matrix do not improve the fit enough.
//!
//! ```
//! use covprop::Error;
//! use covprop::prelude::*;
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
//! # Compound symmetry and random intercepts
//!
//! Let σ_b² be the variance of a random intercept and σ_e² the variance of the error. A model with
//! this intercept has the same V as compound symmetry with the variance σ² = σ_b² + σ_e² and the
//! correlation ρ = σ_b²/σ². A variance between groups cannot be negative, whereas the correlation
//! of compound symmetry can be as low as −1/(N−1) in groups of N members. Members of the same group
//! may differ more than members of different groups, for example if animals share a trough. The fit
//! of a random intercept then ends at a variance of 0 for the intercept, and the fit of compound
//! symmetry ends at a negative correlation.
//!
//! The example has three pairs whose means hardly differ. The mean squares are 1/6 between pairs
//! and 17/6 within pairs, so the variance σ² and the correlation ρ of compound symmetry satisfy
//! σ²(1 + ρ) = 1/6 and σ²(1 − ρ) = 17/6:
//!
//! ```
//! use covprop::prelude::*;
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
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! # Subjects with their own visit times
//!
//! If subjects are seen at different times, collect them in [`Subjects`](crate::reml::Subjects).
//! Each [`Subject`](crate::reml::Subject) has a model with its own times, distances, design or
//! weights. All models have the same type and share the parameters θ.
//!
//! ```
//! use covprop::prelude::*;
//!
//! // a covariance σ² e^(−t/r) that decays with the time t between two visits of a subject, and noise
//! let subject = |times: [f64; 3], y: [f64; 3]| {
//!     let decaying = ExponentialMatrix::new(Distances::from_positions(times));
//!     let model = Marginal::new(decaying.plus(ScalarMatrix::<3>::new()));
//!     Subject::new(model, SVector::<f64, 3>::repeat(1.0), SVector::from(y))
//! };
//! let list = [
//!     subject([0.0, 1.5, 4.0], [1.0, 1.5, -0.5]),
//!     subject([0.25, 2.25, 3.0], [-1.0, 0.5, 1.0]),
//!     // this subject was seen twice
//!     subject([0.5, 2.0, 0.0], [2.0, 1.0, 0.0]).with_rows(2),
//! ];
//! let subjects = Subjects::new(&list[..])?;
//! // V of the first subject at σ² = 1, r = 1 and a noise variance of 1; the likelihood of all
//! let v = list[0].model().covariance().value(&[0.0, 0.0, 0.0]);
//! assert_eq!((v[(0, 0)], v[(0, 1)]), (2.0, (-1.5_f64).exp()));
//! assert!(subjects.estimation()?.at(&[0.0, 0.0, 0.0])?.log_likelihood().is_finite());
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! The examples `own_times.rs`, `unequal_groups.rs`, `variance_by_arm.rs` and `meta_analysis.rs`
//! fit `Subjects` to data.
//!
//! # Boundaries of structures
//!
//! The table shows where a fit ends if the data favour a parameter value at or beyond the boundary
//! that a structure allows:
//!
//! | parametrisation | fit ends at | reported as |
//! |---|---|---|
//! | a variance σ² = e²ˣ or a standard deviation eˣ | 0 | [`Edge::Lower`](crate::optimise::Edge::Lower), θ = −∞ |
//! | a variance σ² = x² ([`Pow`](crate::transform::Pow)) | 0 | [`Edge::Zero`](crate::optimise::Edge::Zero), θ = 0 |
//! | a covariance in a G that is an `UnconstrainedMatrix` | no bound: V must be positive definite, but G need not be, and a correlation of G may be beyond ±1 | `Converged` |
//! | a G that is a `LogCholeskyMatrix` | a correlation of ±1, or a standard deviation of 0 | `Edge::Upper`, `Edge::Lower` of `L_i_j` or `sd_i` |
//! | a G that is [`OuterGram`](crate::operator::OuterGram) of a `LowerTriangularMatrix` | a zero on the diagonal of L | `Edge::Zero` |
//! | a G with ρ = tanh(x/2), such as `HeterogeneousAr1Matrix` | ρ = ±1 | `Edge::Upper`, `Edge::Lower` |
//! | a range r = eˣ | 0, which is white noise | `Edge::Lower` |
//! | ψ of a `FactorAnalyticMatrix` | 0, a Heywood case | `Edge::Lower` |
//! | V itself, with a correlation at which V is singular | no maximum: by ML the likelihood is unbounded | `Stalled` or `MaxIterations` |
//! | AR(1) or a range by REML, with a constant in X, as ρ → 1 or r → ∞ with σ² → ∞ | the likelihood of a random walk, which is a limit | `Boundary` of both parameters; `log_likelihood` is the limit, and θ is finite and close to the limit; results that have a limit are given, and the constant has no standard error |
//!
//! Use `LogCholeskyMatrix` as the matrix G of random effects that are predicted or interpreted, so
//! that G must be a covariance matrix: the correlations of a `LogCholeskyMatrix` stay between −1
//! and 1. Use `UnconstrainedMatrix` if only the covariance matrix V of the data matters, or to read
//! variances and covariances directly from the parameters. The covariance matrix V is a linear
//! function of the covariances in an `UnconstrainedMatrix`.
//!
//! # Degenerate models
//!
//! **The same matrix twice.** If two terms of V are multiples of each other, the data determine the
//! sum of the two terms but not each term, and a fit ends with
//! [`NotIdentified`](crate::optimise::Outcome::NotIdentified). For example, the Kronecker product
//! of two `Ar1Matrix` has two variances, of which only the product matters; use one variance σ² and
//! two `Ar1CorrelationMatrix`. Similarly, the variance between the cells of a design cannot be
//! separated from the variance within cells if each cell is measured once.
//!
//! **Few groups.** A variance between groups needs at least two groups, and is imprecise with fewer
//! than five: see [profile intervals](crate::reml::Estimation::profile).
//!
//! **A rank-deficient V.** If the random-effects design Z has more rows than columns, Z G Zᵀ is
//! singular. The covariance matrix V = Z G Zᵀ + R then needs a residual term R.
//!
//! **A correlation without influence.** If the variance σ² of a structure is 0, its covariance
//! matrix does not depend on the correlation ρ. An `Ar1Matrix` with correlation ρ = 0 is a multiple
//! of the identity matrix I, so the data cannot separate it from a term σ²I.
//!
//! **A Gaussian correlation with a long range.** A `GaussianMatrix` is numerically singular if the
//! range of its correlation is long. `MaternMatrix` becomes numerically singular only at much
//! longer ranges.
//!
//! **Loadings of zero.** If all loadings Λ of a factor-analytic matrix are 0, the derivatives with
//! respect to the loadings vanish and the search cannot leave this point. Start the search from
//! nonzero loadings. Several maxima of the likelihood can be equivalent: the sign of a column of
//! the loading matrix Λ is arbitrary, and a moving average keeps its correlations if a root of its
//! polynomial is replaced by the reciprocal of the root.
//!
//! **A line with a distant origin.** If a random line is fitted to ages around 11 years, the
//! intercept at age 0 and the slope have a correlation near −1; use age − 11 as the covariate.
//! Shifting the covariate does not change the covariance matrix V of the data if the covariance
//! matrix G of the random effects is unstructured, but changes V if G is diagonal.
//!
//! # Fixed and tied parameters
//!
//! [`Constrained`](crate::operator::Constrained) fixes parameters of a matrix, such as a known
//! measurement variance or a correlation of 0. `Constrained` also ties parameters, such as the
//! variances of two sections. [`Adapter`](crate::operator::Adapter) computes the parameters of a
//! matrix by a smooth function of new parameters, such as log standard deviations that are linear
//! in time. `Constrained` and `Adapter` reduce the number of parameters, which AIC takes into
//! account.
