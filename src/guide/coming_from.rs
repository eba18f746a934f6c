//! Models of lme4, nlme, mmrm, ASReml and torch-openreml written with covprop, with the results of
//! both.
//!
//! The results were computed with lme4 1.1-31, nlme 3.1-162, lmerTest 3.1-3 and pbkrtest 0.5.2 in R
//! 4.2.2, and with torch-openreml 0.4.0a0. covprop has no formula language: the designs X and Z are
//! matrices, and the covariance matrix V is defined by a type. The strengths of lme4, mmrm and
//! torch-openreml, and when to choose them, are in [`compare`](crate::guide::compare).
//!
//! # Groups of unequal size, subject-specific times
//!
//! Users of lme4, nlme, mmrm and metafor start with [`Subjects`](crate::reml::Subjects). Each
//! [`Subject`](crate::reml::Subject) has a number of rows, a design, times and known variances of
//! its own. All subjects share the type of the model and its parameters. If all subjects share one
//! V, a [`Panel`](crate::reml::Panel) needs less memory and time. The examples of the table are in
//! the folder `examples`. Each example checks its results against published or independently
//! computed values.
//!
//! | model | R | covprop | example |
//! |---|---|---|---|
//! | groups of unequal size | `lmer(y ~ x + (1 \| g))` | [`MixedModel`](crate::reml::MixedModel) with a column of ones as Z and a [`ScalarMatrix<1>`](crate::structure::ScalarMatrix) as G; [`with_rows`](crate::reml::Subject::with_rows) | `unequal_groups.rs` |
//! | lines, subject-specific times | `lmer(y ~ t + (t \| id))` | [`MixedModel`](crate::reml::MixedModel) with Z = \[1 t\] of each subject and an [`UnconstrainedMatrix<2>`](crate::structure::UnconstrainedMatrix) as G | `own_times.rs` |
//! | correlated errors, subject-specific times | `gls(y ~ t, correlation = corCAR1(form = ~ t \| id))` | [`Marginal`](crate::reml::Marginal) of an [`ExponentialMatrix`](crate::structure::ExponentialMatrix) with the [`Distances`](crate::structure::Distances) of each subject | `own_times.rs` |
//! | a residual variance for each arm | `lme(y ~ t * arm, random = ~ 1 \| id, weights = varIdent(form = ~ 1 \| arm))` | R is a [`GroupVarianceMatrix`](crate::structure::GroupVarianceMatrix) with the arm of each subject | `variance_by_arm.rs` |
//! | a V for each arm | `mmrm(y ~ t * arm + cs(visit \| arm / id))` | [`CovariancePropagation`](crate::operator::CovariancePropagation) with a [`DummyMatrix`](crate::structure::DummyMatrix) that selects rows of a [`BlockDiagonal`](crate::operator::BlockDiagonal) | `variance_by_arm.rs` |
//! | meta-analysis of two outcomes | `rma.mv(yi, V, mods = ~ outcome - 1, random = ~ outcome \| trial, struct = "UN")` | R is a [`KnownMatrix`](crate::structure::KnownMatrix) of each trial | `meta_analysis.rs` |
//! | two outcomes on one subject | `lme(y ~ outcome - 1, random = ~ outcome - 1 \| id, correlation = corSymm(form = ~ as.integer(outcome) \| id/visit), weights = varIdent(form = ~ 1 \| outcome))` | R is a [`KroneckerProduct`](crate::operator::KroneckerProduct) of outcomes and visits; [`with_observed`](crate::reml::Subject::with_observed) for missing outcomes | `two_outcomes.rs` |
//! | random regression on Legendre polynomials | `lmer(y ~ P + (P \| id))` with polynomials P | [`MixedModel`](crate::reml::MixedModel) with the polynomials of each subject as Z and an [`UnconstrainedMatrix<3>`](crate::structure::UnconstrainedMatrix) as G | `random_regression.rs` |
//! | crossover trial | `lme(y ~ sequence + period + treatment, random = ~ 1 \| id)` | [`MixedModel`](crate::reml::MixedModel) with a row for each period | `crossover.rs` |
//! | kriging a simulator | `km(~ 1, design, response, covtype = "matern5_2", nugget.estim = TRUE)` of DiceKriging | a [`MaternMatrix`](crate::structure::MaternMatrix), plus a [`ScalarMatrix`](crate::structure::ScalarMatrix) for the nugget; one subject, in which new points are not observed | `kriging.rs` |
//!
//! With a V for each arm, the matrix of a subject is Z diag(V₀, V₁) Zᵀ, where Z selects the rows of
//! one block. The matrix therefore depends on the parameters of one arm only:
//!
//! ```
//! use covprop::prelude::*;
//!
//! let v_of_arm = |arm: usize| {
//!     let rows = DummyMatrix::<4, 8>::try_from_indices(core::array::from_fn(|i| 4 * arm + i))?;
//!     let arms = BlockDiagonal::new(
//!         named("control", Ar1Matrix::<4>::new()),
//!         named("treatment", UnconstrainedMatrix::<4>::new()),
//!     );
//!     Ok::<_, covprop::Error>(CovariancePropagation::new(rows, arms))
//! };
//! let x = SMatrix::<f64, 4, 2>::from_fn(|visit, j| [1.0, visit as f64][j]);
//! let y = vector![2.0, 2.5, 2.4, 3.1];
//! let subject = Subject::new(Marginal::new(v_of_arm(0)?), x, y);
//! let other = Subject::new(Marginal::new(v_of_arm(1)?), x, y);
//! let subjects = Subjects::new([subject, other])?; // of one type, with 2 + 10 parameters
//!
//! let theta = [0.0; 12];
//! assert_eq!(v_of_arm(0)?.value(&theta), Ar1Matrix::<4>::new().value(&[0.0; 2]));
//! assert_eq!(v_of_arm(1)?.value(&theta), UnconstrainedMatrix::<4>::new().value(&[0.0; 10]));
//! # let _ = subjects;
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! # From lme4
//!
//! | lme4 | covprop |
//! |---|---|
//! | `(1 \| g)` | Z is a [`DummyMatrix`](crate::structure::DummyMatrix) and G a [`ScalarMatrix`](crate::structure::ScalarMatrix); in a [`Panel`](crate::reml::Panel) with one subject per group, Z is a column of ones |
//! | `(x \| g)` | Z = \[1 x\] and G is an [`UnconstrainedMatrix<2>`](crate::structure::UnconstrainedMatrix), or a [`LogCholeskyMatrix<2>`](crate::structure::LogCholeskyMatrix) if G must stay a covariance matrix, as in lme4 |
//! | `(x \|\| g)` | Z = \[1 x\] and G is a [`DiagonalMatrix<2>`](crate::structure::DiagonalMatrix) |
//! | `(1 \| g) + (1 \| h)` | a sum of two matrices Z G Zᵀ, passed to [`MixedModel::from_random_terms`](crate::reml::MixedModel::from_random_terms) |
//! | `(1 \| g/h)` | a sum of two matrices Z G Zᵀ, the second with Z = [`g.crossed(&h)`](crate::structure::DummyMatrix::crossed) |
//! | `weights = w` | R is a [`WeightedMatrix`](crate::structure::WeightedMatrix) |
//! | `REML = FALSE` | [`with_criterion`](crate::reml::Estimation::with_criterion) |
//! | `fixef`, `vcov`, `VarCorr` | [`Fit::beta`](crate::reml::Fit::beta), [`beta_covariance`](crate::reml::Fit::beta_covariance), [`params`](crate::reml::Fit::params); [`Inference::function`](crate::inference::Inference::function) computes the correlations of a `LogCholeskyMatrix` |
//! | `logLik`, `AIC`, `BIC` | [`log_likelihood`](crate::reml::Fit::log_likelihood), [`aic`](crate::reml::Fit::aic), [`bic`](crate::reml::Fit::bic): the same numbers as in lme4 |
//! | `isSingular` | [`Outcome::Boundary`](crate::optimise::Outcome::Boundary), which names the parameter |
//! | `ranef`, `fitted`, `predict` | [`Fit::predict`](crate::reml::Fit::predict) |
//! | `anova(m0, m1)` | [`LikelihoodRatio`](crate::inference::LikelihoodRatio) |
//! | `confint(method = "profile")` | [`Estimation::profile`](crate::reml::Estimation::profile): intervals for variances, not for standard deviations |
//! | `simulate`, `bootMer` | `Simulation`, feature `rand_core` |
//! | `summary` of lmerTest | [`Inference::coefficients`](crate::inference::Inference::coefficients) |
//! | `contest(ddf = "Kenward-Roger")` | [`Estimation::kenward_roger`](crate::reml::Estimation::kenward_roger) |
//!
//! ## Random intercepts and slopes
//!
//! ```text
//! m1 <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy)
//! m0 <- lmer(Reaction ~ Days + (1 | Subject), sleepstudy)
//! anova(m0, m1, refit = FALSE)
//! confint(profile(lmer(Reaction ~ Days + (1 | Subject), sleepstudy, REML = FALSE)))
//! ```
//!
//! | | lme4 | nlme | covprop |
//! |---|--:|--:|--:|
//! | variance of intercepts | 612.1002 | 612.0899 | 612.0899 |
//! | variance of slopes | 35.0717 | 35.0717 | 35.0717 |
//! | covariance of intercepts and slopes | 9.6044 | 9.6043 | 9.6043 |
//! | residual variance | 654.9400 | 654.9410 | 654.9410 |
//! | log-likelihood | −871.8141 | −871.8141 | −871.8141 |
//! | fixed effects: intercept, slope | 251.4051, 10.4673 | 251.4051, 10.4673 | 251.4051, 10.4673 |
//! | standard errors of the fixed effects | 6.8246, 1.5458 | 6.8246, 1.5458 | 6.8246, 1.5458 |
//! | degrees of freedom of the fixed effects, lmerTest and pbkrtest | 17, 17 | | 17, 17 |
//! | m1 against m0, χ²(2) | 42.8368 | | 42.8368 |
//! | standard deviation of intercepts in m0 by ML, 95 % interval | 26.007 to 52.936 | | 26.007 to 52.936 |
//! | residual standard deviation in m0 by ML, 95 % interval | 27.814 to 34.591 | | 27.814 to 34.591 |
//!
//! The variance of the intercepts from lme4 differs from that of nlme and covprop in the fourth
//! digit because lme4's optimiser stops at its tolerance.
//!
//! ```
//! use covprop::prelude::*;
//!
//! let x = SMatrix::<f64, 10, 2>::from_fn(|day, j| if j == 0 { 1.0 } else { day as f64 });
//! # let data = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/sleepstudy.csv"));
//! # let times: Vec<f64> =
//! #     data.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect();
//! # let subjects: Vec<_> = times.chunks(10).map(|times| (x, SVector::from_row_slice(times))).collect();
//! // `subjects` are X and y of each, from examples/data/sleepstudy.csv
//! let model = MixedModel::new(x, named("subject", UnconstrainedMatrix::<2>::new()), ScalarMatrix::<10>::new());
//! let mut panel = Panel::new(model);
//! panel.extend(subjects.iter().copied())?;
//! let estimation = panel.estimation()?;
//! let m1 = estimation.fit()?;
//!
//! let near = |found: f64, theirs: f64, tolerance: f64| (found / theirs - 1.0).abs() < tolerance;
//! let [intercepts, covariance, slopes, residual] = m1.params;
//! assert!(near(intercepts, 612.100_158, 2e-5) && near(intercepts, 612.089_938_66, 1e-9)); // lme4, nlme
//! assert!(near(slopes, 35.071_714, 2e-6) && near(slopes, 35.071_660_50, 1e-9));
//! assert!(near(covariance, 9.604_409, 1e-5) && near(covariance, 9.604_333_317, 1e-9));
//! assert!(near(residual, 654.940_008, 2e-6) && near(residual, 654.941_027_07, 1e-9));
//! assert!((m1.log_likelihood + 871.814_136).abs() < 1e-6);
//! assert!(near(m1.beta[0], 251.405_104_85, 1e-9) && near(m1.beta[1], 10.467_285_96, 1e-9));
//! let [of_intercept, of_slope] = m1.beta_standard_errors().into();
//! assert!(near(of_intercept, 6.824_556_5, 1e-7) && near(of_slope, 1.545_788_9, 1e-7));
//!
//! // Satterthwaite as lmerTest, Kenward & Roger as pbkrtest
//! for tests in [estimation.inference(&m1)?.coefficients(), estimation.kenward_roger(&m1)?.coefficients()] {
//!     for test in tests {
//!         assert!((test?.degrees_of_freedom - 17.0).abs() < 1e-5);
//!     }
//! }
//!
//! // the same data with a random intercept alone
//! let intercept = MixedModel::new(
//!     SVector::<f64, 10>::repeat(1.0),
//!     named("subject", ScalarMatrix::<1>::new()),
//!     ScalarMatrix::<10>::new(),
//! );
//! let smaller = Panel::from_accumulator(intercept, *panel.accumulator());
//! let m0 = smaller.fit()?;
//! let test = LikelihoodRatio::new(&m1, &m0)?;
//! assert!((test.statistic - 42.836_81).abs() < 1e-5);
//! assert!(near(test.p_value(), 4.99e-10, 1e-3)); // on the boundary a little more than half of it
//!
//! // profile likelihoods by ML, as lme4 has them
//! let by_ml = smaller.estimation()?.with_criterion(Criterion::Ml);
//! let fit = by_ml.fit()?;
//! for (k, theirs) in [[26.007_12, 52.935_98], [27.813_85, 34.591_05]].into_iter().enumerate() {
//!     let interval = by_ml.profile(&fit, k)?.interval(0.95)?;
//!     let [Some(low), Some(high)] = [interval.lower, interval.upper].map(|end| end.value()) else { panic!() };
//!     assert!(near(low.sqrt(), theirs[0], 1e-5) && near(high.sqrt(), theirs[1], 1e-5));
//! }
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! ## Two crossed factors
//!
//! The data are the first six plates of the penicillin assay of Davies & Goldsmith:
//!
//! ```text
//! lmer(diameter ~ 1 + (1 | plate) + (1 | sample), subset(Penicillin, plate %in% letters[1:6]))
//! ```
//!
//! | | lme4 | covprop |
//! |---|--:|--:|
//! | variance of plates | 0.188889 | 17/90 |
//! | variance of samples | 4.200000 | 4.2 |
//! | residual variance | 0.444444 | 4/9 |
//! | mean, its standard error | 23.27778, 0.862454 | 23.27778, 0.862454 |
//! | log-likelihood | −50.568841 | −50.568841 |
//!
//! ```
//! use covprop::prelude::*;
//!
//! // plate by plate, one of each of six samples
//! const DIAMETERS: [f64; 36] = [
//!     27.0, 23.0, 26.0, 23.0, 23.0, 21.0, 27.0, 23.0, 26.0, 23.0, 23.0, 21.0, //
//!     25.0, 21.0, 25.0, 24.0, 24.0, 20.0, 26.0, 23.0, 25.0, 23.0, 23.0, 20.0, //
//!     25.0, 22.0, 26.0, 22.0, 23.0, 20.0, 24.0, 22.0, 25.0, 23.0, 22.0, 19.0,
//! ];
//! let plates = DummyMatrix::<36, 6>::try_from_indices(std::array::from_fn(|i| i / 6))?;
//! let samples = DummyMatrix::<36, 6>::try_from_indices(std::array::from_fn(|i| i % 6))?;
//! let plate = named("plate", CovariancePropagation::new(plates, ScalarMatrix::<6>::new()));
//! let sample = named("sample", CovariancePropagation::new(samples, ScalarMatrix::<6>::new()));
//! let model = MixedModel::from_random_terms(plate.plus(sample), ScalarMatrix::<36>::new());
//!
//! let fit = model.fit(&SVector::repeat(1.0), &SVector::from(DIAMETERS))?;
//! let [plate, sample, residual] = fit.params;
//! assert!((plate - 0.188_888_89).abs() < 1e-7);
//! assert!((sample - 4.2).abs() < 1e-7 && (residual - 0.444_444_44).abs() < 1e-7);
//! assert!((fit.beta[0] - 23.277_777_78).abs() < 1e-8);
//! assert!((fit.beta_standard_errors()[0] - 0.862_454_15).abs() < 1e-7);
//! assert!((fit.log_likelihood + 50.568_841_290).abs() < 1e-8);
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! ## Nested factors
//!
//! Six workers used each of three machines three times (Milliken & Johnson 1992). The workers are
//! independent, so in covprop each worker is one subject of a [`Panel`](crate::reml::Panel):
//!
//! ```text
//! lmer(score ~ Machine + (1 | Worker/Machine), Machines)
//! ```
//!
//! | | lme4 | covprop |
//! |---|--:|--:|
//! | variance of workers | 22.85844 | 22.85844 |
//! | variance of machines within workers | 13.90946 | 13.90946 |
//! | residual variance | 0.924630 | 0.924630 |
//! | log-likelihood | −107.84378 | −107.84378 |
//! | Kenward & Roger's degrees of freedom (pbkrtest) | 8.5217, 10, 10 | 8.5217, 10, 10 |
//!
//! ```
//! use covprop::prelude::*;
//!
//! // worker by worker: machine A, B, C, three times each
//! const SCORES: [[f64; 9]; 6] = [
//!     [52.0, 52.8, 53.1, 62.1, 62.6, 64.0, 67.5, 67.2, 66.9],
//!     [51.8, 52.8, 53.1, 59.7, 60.0, 59.0, 61.5, 61.7, 62.3],
//!     [60.0, 60.2, 58.4, 68.6, 65.8, 69.7, 70.8, 70.6, 71.0],
//!     [51.1, 52.3, 50.3, 63.2, 62.8, 62.2, 64.1, 66.2, 64.0],
//!     [50.9, 51.8, 51.4, 64.8, 65.0, 65.4, 72.1, 72.0, 71.1],
//!     [46.4, 44.8, 49.2, 43.7, 44.2, 43.0, 62.0, 61.4, 60.5],
//! ];
//! let machines = DummyMatrix::<9, 3>::from_indices([0, 0, 0, 1, 1, 1, 2, 2, 2]);
//! let worker = CovariancePropagation::new(SVector::<f64, 9>::repeat(1.0), ScalarMatrix::<1>::new());
//! let machine = CovariancePropagation::new(machines, ScalarMatrix::<3>::new());
//! let random = named("worker", worker).plus(named("machine", machine));
//! let mut panel = Panel::new(MixedModel::from_random_terms(random, ScalarMatrix::<9>::new()));
//!
//! // the mean of machine A, and by how much the others differ from it
//! let x = SMatrix::<f64, 9, 3>::from_fn(|i, j| f64::from(j == 0 || j == i / 3));
//! panel.extend(SCORES.map(|y| (x, SVector::from(y))))?;
//! let estimation = panel.estimation()?;
//! let fit = estimation.fit()?;
//! for (found, theirs) in fit.params.iter().zip([22.858_445, 13.909_457, 0.924_629_63]) {
//!     assert!((found / theirs - 1.0).abs() < 1e-7);
//! }
//! assert!((fit.log_likelihood + 107.843_784_004).abs() < 1e-8);
//! let tests = estimation.kenward_roger(&fit)?.coefficients();
//! for (test, theirs) in tests.into_iter().zip([8.521_698, 10.0, 10.0]) {
//!     assert!((test?.degrees_of_freedom - theirs).abs() < 1e-5);
//! }
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! ## A singular fit
//!
//! The data are simulated yields of six batches with five samples each (Box & Tiao 1973, section
//! 5.1.2). `lmer(Yield ~ 1 + (1 | Batch), Dyestuff2)` reports `boundary (singular) fit` with the
//! variances 0 and 13.80631 and the log-likelihood −80.91414:
//!
//! ```
//! use covprop::prelude::*;
//!
//! const YIELDS: [[f64; 5]; 6] = [
//!     [7.298, 3.846, 2.434, 9.566, 7.99],
//!     [5.22, 6.556, 0.608, 11.788, -0.892],
//!     [0.11, 10.386, 13.434, 5.51, 8.166],
//!     [2.212, 4.852, 7.092, 9.288, 4.98],
//!     [0.282, 9.014, 4.458, 9.446, 7.198],
//!     [1.722, 4.782, 8.106, 0.758, 3.758],
//! ];
//! let ones = SVector::<f64, 5>::repeat(1.0);
//! let mut panel = Panel::new(MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<5>::new()));
//! panel.extend(YIELDS.map(|y| (ones, SVector::from(y))))?;
//! let fit = panel.fit()?;
//! assert_eq!(fit.outcome, Outcome::Boundary([Some(Edge::Lower), None]));
//! assert_eq!(fit.params[0], 0.0);
//! assert!((fit.params[1] - 13.806_309_63).abs() < 1e-8);
//! assert!((fit.log_likelihood + 80.914_138_91).abs() < 1e-8);
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! # From nlme
//!
//! | nlme | covprop |
//! |---|---|
//! | `lme(y ~ x, random = ~ 1 \| g)` | see `(1 \| g)` of lme4 |
//! | `pdSymm`, `pdLogChol` | [`LogCholeskyMatrix`](crate::structure::LogCholeskyMatrix) as G |
//! | `pdDiag`, `pdIdent`, `pdCompSymm` | [`DiagonalMatrix`](crate::structure::DiagonalMatrix), [`ScalarMatrix`](crate::structure::ScalarMatrix), [`CompoundSymmetricMatrix`](crate::structure::CompoundSymmetricMatrix) |
//! | `gls` | [`Marginal`](crate::reml::Marginal) |
//! | `corCompSymm`, `corAR1` | [`CompoundSymmetricMatrix`](crate::structure::CompoundSymmetricMatrix), [`Ar1Matrix`](crate::structure::Ar1Matrix) |
//! | `corCAR1(form = ~ t)`, `corExp` | [`ExponentialMatrix`](crate::structure::ExponentialMatrix), φ = e^−1/r |
//! | `corGaus` | [`GaussianMatrix`](crate::structure::GaussianMatrix) |
//! | `nugget = TRUE` in a spatial structure | the structure [plus](crate::operator::Plus::plus) a [`ScalarMatrix`](crate::structure::ScalarMatrix) |
//! | `corARMA(q = B)` | [`BandedToeplitzMatrix<N, B>`](crate::structure::BandedToeplitzMatrix) |
//! | `corSymm` with `varIdent(form = ~ 1 \| visit)` | [`LogCholeskyMatrix`](crate::structure::LogCholeskyMatrix) or [`UnconstrainedMatrix`](crate::structure::UnconstrainedMatrix) |
//! | any correlation structure with `varIdent(form = ~ 1 \| visit)` | [`HeterogeneousMatrix`](crate::structure::HeterogeneousMatrix) |
//! | `varIdent(form = ~ 1 \| g)` | [`GroupVarianceMatrix`](crate::structure::GroupVarianceMatrix) |
//! | `varFixed(~ v)` | [`WeightedMatrix`](crate::structure::WeightedMatrix) with the weights 1/v |
//! | `varPower`, `varExp` | [`PowerVarianceMatrix`](crate::structure::PowerVarianceMatrix), [`ExponentialVarianceMatrix`](crate::structure::ExponentialVarianceMatrix) |
//! | `method = "ML"` | [`with_criterion`](crate::reml::Estimation::with_criterion) |
//!
//! nlme and covprop compute the same log-likelihood and AIC. In the BIC of a REML fit of n
//! observations with K fixed effects, nlme multiplies the number of parameters by log(n − K),
//! whereas lme4 and [`Fit::bic`](crate::reml::Fit::bic) multiply the number of parameters by log n.
//! For ML fits `gls` multiplies the standard errors of K fixed effects in n observations by √(n/(n
//! − K)), which covprop does not.
//!
//! [`choosing_a_structure`](crate::guide::choosing_a_structure#example-growth-of-27-children) fits
//! five covariance structures to the growth of 27 children and compares the log-likelihoods with
//! those of `gls`. The table lists the estimates of the heterogeneous AR(1) fit under their names
//! in nlme:
//!
//! ```text
//! gls(distance ~ age * Sex, Orthodont,
//!     correlation = corAR1(form = ~ 1 | Subject), weights = varIdent(form = ~ 1 | visit))
//! ```
//!
//! | | nlme | covprop |
//! |---|--:|--:|
//! | standard deviations at the visits: `sigma` times the factors of `varIdent` | 2.41141, 2.14026, 2.45299, 2.13001 | 2.41141, 2.14026, 2.45299, 2.13001 |
//! | `Phi` | 0.633258 | 0.633258 |
//! | log-likelihood | −221.39808 | −221.39808 |
//! | BIC with log(n − K); with log n | 484.59568; – | –; 484.93534 |
//!
//! ```
//! use covprop::prelude::*;
//!
//! # let data = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/orthodont.csv"));
//! # let rows: Vec<(f64, f64, bool)> = data.lines().skip(1).map(|line| {
//! #     let fields: Vec<&str> = line.split(',').collect();
//! #     (fields[0].parse().unwrap(), fields[1].parse().unwrap(), fields[3] == "Female")
//! # }).collect();
//! # let children = rows.chunks(4).map(|rows| (
//! #     SMatrix::from_fn(|i, j| {
//! #         let (_, age, girl) = rows[i];
//! #         [1.0, age, f64::from(girl), age * f64::from(girl)][j]
//! #     }),
//! #     SVector::from_fn(|i, _| rows[i].0),
//! # ));
//! // `children` are X and y of each, from examples/data/orthodont.csv
//! let mut panel = Panel::<_, f64, 4, 4>::new(Marginal::new(HeterogeneousAr1Matrix::<4>::new()));
//! panel.extend(children)?;
//! let fit = panel.fit()?;
//! let of_nlme = [2.411_406_17, 2.140_255_22, 2.452_992_48, 2.130_011_1, 0.633_257_945_6];
//! for (found, theirs) in fit.params.iter().zip(of_nlme) {
//!     assert!((found / theirs - 1.0).abs() < 1e-5); // nlme's tolerance
//! }
//! assert!((fit.log_likelihood + 221.398_080_1).abs() < 1e-6);
//! let by_n_less_k = fit.bic() + fit.parameter_count() as f64 * (104.0_f64 / 108.0).ln();
//! assert!((by_n_less_k - 484.595_678_3).abs() < 1e-6);
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! # From mmrm
//!
//! In a model of mmrm each row of the covariance matrix V is one visit of a subject.
//! [`Panel::push_observed`](crate::reml::Panel::push_observed) leaves out the visits that the
//! subject missed.
//!
//! | mmrm | covprop |
//! |---|---|
//! | `us(visit \| id)` | [`LogCholeskyMatrix`](crate::structure::LogCholeskyMatrix), [`UnconstrainedMatrix`](crate::structure::UnconstrainedMatrix) |
//! | `toep`, `toeph` | [`ToeplitzMatrix`](crate::structure::ToeplitzMatrix), [`HeterogeneousToeplitzMatrix`](crate::structure::HeterogeneousToeplitzMatrix) |
//! | `ar1`, `ar1h` | [`Ar1Matrix`](crate::structure::Ar1Matrix), [`HeterogeneousAr1Matrix`](crate::structure::HeterogeneousAr1Matrix) |
//! | `ad`, `adh` | [`HomogeneousMatrix`](crate::structure::HomogeneousMatrix) of [`AnteDependenceCorrelationMatrix`](crate::structure::AnteDependenceCorrelationMatrix), [`AnteDependenceMatrix`](crate::structure::AnteDependenceMatrix) |
//! | `cs`, `csh` | [`CompoundSymmetricMatrix`](crate::structure::CompoundSymmetricMatrix), [`HeterogeneousCompoundSymmetricMatrix`](crate::structure::HeterogeneousCompoundSymmetricMatrix) |
//! | `sp_exp(time \| id)` | [`ExponentialMatrix`](crate::structure::ExponentialMatrix) |
//! | `us(visit \| group / id)` | `Subjects` whose V is one block of a [`BlockDiagonal`](crate::operator::BlockDiagonal): see [groups of unequal size](#groups-of-unequal-size-subject-specific-times) |
//! | `method = "Satterthwaite"` | [`Estimation::inference`](crate::reml::Estimation::inference) |
//! | `method = "Kenward-Roger"` | [`Estimation::kenward_roger`](crate::reml::Estimation::kenward_roger) |
//!
//! The model `FEV1 ~ ARMCD + SEX + us(AVISIT | USUBJID)` is fitted to mmrm's `fev_data`, 537
//! observations with missed visits. The SAS column of the table is from the listing of PROC MIXED
//! that comes with mmrm 0.3.18. The data are not part of this repository; the example `fev` reads
//! the data from a file that R writes, and checks the numbers of the table.
//!
//! | | SAS | covprop |
//! |---|--:|--:|
//! | −2 restricted log-likelihood | 3666.966983 | 3666.966975 |
//! | intercept, treatment, female | 41.0762, 3.8265, −0.1404 | 41.0757, 3.8265, −0.1404 |
//! | standard errors | 0.5504, 0.6421, 0.6434 | 0.5504, 0.6422, 0.6434 |
//! | Satterthwaite's degrees of freedom | 156, 161, 161 | 156.07, 161.04, 161.32 |
//!
//! In this example SAS stops 8e-6 above the minimum of −2 log-likelihood. In covprop the model of
//! `fev_data` is:
//!
//! ```
//! use covprop::prelude::*;
//!
//! // four visits, three fixed effects, all 15 sets of visits that are not empty
//! let model = Marginal::new(LogCholeskyMatrix::<4>::new());
//! let mut panel = Panel::<_, f64, 4, 3, 15>::with_patterns(model);
//! // for each subject:
//! let x = SMatrix::<f64, 4, 3>::from_fn(|_, j| [1.0, 1.0, 0.0][j]);
//! let y = SVector::<f64, 4>::new(39.1, f64::NAN, 41.5, f64::NAN);
//! panel.push_observed(&x, &y, &[true, false, true, false])?;
//! assert_eq!(panel.observations(), 2);
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! # From ASReml
//!
//! | ASReml-R 4 | covprop |
//! |---|---|
//! | `idv(g)`, `diag(f)`, `us(f)` | [`ScalarMatrix`](crate::structure::ScalarMatrix), [`DiagonalMatrix`](crate::structure::DiagonalMatrix), [`UnconstrainedMatrix`](crate::structure::UnconstrainedMatrix) |
//! | `cor(f)`, `corv(f)`, `corh(f)` | [`EquicorrelationMatrix`](crate::structure::EquicorrelationMatrix), [`CompoundSymmetricMatrix`](crate::structure::CompoundSymmetricMatrix), [`HeterogeneousCompoundSymmetricMatrix`](crate::structure::HeterogeneousCompoundSymmetricMatrix) |
//! | `ar1(f)`, `ar1v(f)`, `ar1h(f)` | [`Ar1CorrelationMatrix`](crate::structure::Ar1CorrelationMatrix), [`Ar1Matrix`](crate::structure::Ar1Matrix), [`HeterogeneousAr1Matrix`](crate::structure::HeterogeneousAr1Matrix) |
//! | `ante(f, 1)` | [`AnteDependenceMatrix`](crate::structure::AnteDependenceMatrix) |
//! | `fa(f, k)` | [`FactorAnalyticMatrix<N, K>`](crate::structure::FactorAnalyticMatrix) |
//! | `vm(id, A)` | [`KnownScaledMatrix`](crate::structure::KnownScaledMatrix) |
//! | `a:b` | [`KroneckerProduct`](crate::operator::KroneckerProduct) |
//! | `dsum(...)` | [`BlockDiagonal`](crate::operator::BlockDiagonal) |
//!
//! The following model of a field trial has plots in rows and columns, with a separable AR(1)
//! covariance and an independent error for each plot:
//!
//! ```text
//! asreml(yield ~ gen, random = ~ units, residual = ~ ar1(row):ar1(col))
//! ```
//!
//! In covprop the field has one variance, which multiplies the Kronecker product of two correlation
//! matrices:
//!
//! ```
//! use covprop::prelude::*;
//! use covprop::structure::{Ar1CorrelationMatrix, HomogeneousMatrix};
//!
//! // 3 rows of 4 plots, row by row: σ² AR1(ρ_row) ⊗ AR1(ρ_col) + ν I
//! let row = named("row", Ar1CorrelationMatrix::<3>::new());
//! let col = named("col", Ar1CorrelationMatrix::<4>::new());
//! let field = HomogeneousMatrix::<12, _>::from_correlation(KroneckerProduct::new(row, col));
//! let v = named("field", field).plus(named("plot", ScalarMatrix::<12>::new()));
//! assert!(v.param_names().eq(["field/sigma^2", "field/row/rho", "field/col/rho", "plot/sigma^2"]));
//!
//! // σ² = 2, ρ_row = 0.5, ρ_col = 0.25, ν = 1: from plot (0, 0) to plot (1, 2)
//! let theta = v.theta_from_params(&[2.0_f64, 0.5, 0.25, 1.0])?;
//! let value = v.value(&theta);
//! assert!((value[(0, 4 + 2)] - 2.0 * 0.5 * 0.25 * 0.25).abs() < 1e-14);
//! assert!((value[(0, 0)] - 3.0).abs() < 1e-14);
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! The example `field_trial` fits the model with separable AR(1) covariance to 150 plots.
//!
//! The field trial at Slate Hall in 1976 was a lattice design: 25 varieties in six replicates, each
//! of which had rows and columns (Gilmour, Thompson & Cullis 1995, Biometrics 51, 1440–1450). The
//! documentation of agridat's `kempton.slatehall` contains the data and the output of ASReml-R 4:
//!
//! ```text
//! asreml(yield ~ gen, random = ~ rep/(xf + yf))
//! ```
//!
//! ```
//! use covprop::Error;
//! use covprop::inference::Information;
//! use covprop::prelude::*;
//!
//! /// Where the plots are: the replicate of each, and the rows and columns within replicates, with numbers of their own.
//! struct Layout {
//!     rep: [usize; 150],
//!     row: [usize; 150],
//!     col: [usize; 150],
//! }
//!
//! fn lattice(at: &Layout) -> impl Model<Covariance: ParamMatrix<f64, 150, 150>> {
//!     let rep = DummyMatrix::<150, 6>::from_indices(at.rep);
//!     let row = DummyMatrix::<150, 30>::from_indices(at.row);
//!     let col = DummyMatrix::<150, 30>::from_indices(at.col);
//!     MixedModel::from_random_terms(
//!         CovariancePropagation::new(rep, named("rep", ScalarMatrix::<6>::new()))
//!             .plus(CovariancePropagation::new(row, named("row", ScalarMatrix::<30>::new())))
//!             .plus(CovariancePropagation::new(col, named("col", ScalarMatrix::<30>::new()))),
//!         named("residual", ScalarMatrix::<150>::new()),
//!     )
//! }
//!
//! // X has a column of ones and zeros for each variety; standard errors by the average information, as there
//! fn errors(at: &Layout, x: &SMatrix<f64, 150, 25>, y: &SVector<f64, 150>) -> Result<[f64; 4], Error> {
//!     let model = lattice(at);
//!     let fit = model.fit(x, y)?;
//!     let inference = model.estimation(x, y)?.inference_with(Information::Average, &fit)?;
//!     let mut errors = [0.0; 4];
//!     for (k, error) in errors.iter_mut().enumerate() {
//!         *error = inference.function(|params| params.as_ref()[k])?.standard_error;
//!     }
//!     Ok(errors)
//! }
//! ```
//!
//! | | ASReml | standard error | covprop | standard error |
//! |---|--:|--:|--:|--:|
//! | variance of replicates | 4262 | 6890 | 4262.39 | 6890.1 |
//! | variance of rows within replicates | 15600 | 5091 | 15595.06 | 5090.7 |
//! | variance of columns within replicates | 14810 | 4865 | 14811.55 | 4865.1 |
//! | residual variance | 8062 | 1340 | 8061.81 | 1340.5 |
//! | mean of the first variety | 1280 | 60.2 | 1283.59 | 60.20 |
//!
//! # From torch-openreml
//!
//! Structures and operators that exist in both torch-openreml and covprop have the same parameters,
//! in the same order, with the same names and default transforms. The same θ can therefore be used
//! in torch-openreml and in covprop.
//!
//! | torch-openreml | covprop |
//! |---|---|
//! | `DummyMatrix(["a", "b", "c", "a"])` | [`DummyMatrix::<4, 3>::from_labels`](crate::structure::DummyMatrix::from_labels) |
//! | `CovariancePropagation(z=z, g=g)` | [`CovariancePropagation::new(z, named("g", g))`](crate::operator::CovariancePropagation) |
//! | `op(theta)`, `op.grad(theta)` | [`value`](crate::algebra::ParamMatrix::value), [`gradient`](crate::algebra::ParamMatrix::gradient) |
//! | a tensor of any size | an `SMatrix`, whose size is part of its type |
//! | a fixed parameter | [`Constrained`](crate::operator::Constrained) |
//!
//! The documentation of `CovariancePropagation` in torch-openreml has this example and result:
//!
//! ```text
//! z = DummyMatrix(["a", "b", "c", "a"])      tensor([[1.0000, 0.0000, 0.0000, 1.0000],
//! g = DiagonalMatrix(3)                              [0.0000, 2.7183, 0.0000, 0.0000],
//! op = CovariancePropagation(z=z, g=g)               [0.0000, 0.0000, 7.3891, 0.0000],
//! op(torch.tensor([0.0, 0.5, 1.0]))                  [1.0000, 0.0000, 0.0000, 1.0000]])
//! ```
//!
//! ```
//! use covprop::prelude::*;
//!
//! let z = DummyMatrix::<4, 3>::from_labels(&["a", "b", "c", "a"])?;
//! let v = CovariancePropagation::new(z, named("g", DiagonalMatrix::<3>::new()));
//! let theirs = matrix![
//!     1.0, 0.0, 0.0, 1.0;
//!     0.0, 2.7183, 0.0, 0.0;
//!     0.0, 0.0, 7.3891, 0.0;
//!     1.0, 0.0, 0.0, 1.0;
//! ];
//! assert!((v.value(&[0.0, 0.5, 1.0]) - theirs).amax() < 5e-5); // as it prints them
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! REML in torch-openreml adds 1e-6 to the diagonal of V. For n observations and K fixed effects,
//! torch-openreml omits the constant (n − K)/2 log 2π from the log-likelihood. Apart from these two
//! differences, both libraries find the same θ and log-likelihood for the random intercepts and
//! slopes of the sleep study:
//!
//! ```text
//! Sum(Subject=CovariancePropagation(Z=z, G=KroneckerProduct(I=IdentityMatrix(18), G0=UnconstrainedMatrix(2))),
//!     R=ScalarMatrix(180))
//! ```
//!
//! | | torch-openreml | covprop |
//! |---|--:|--:|
//! | θ | 3.20843962, 9.60433332, 1.77869671, 3.24227260 | the same |
//! | log-likelihood | −708.24307707 | −871.81413598 + 89 log 2π |
//!
//! ```
//! use covprop::prelude::*;
//!
//! let x = SMatrix::<f64, 10, 2>::from_fn(|day, j| if j == 0 { 1.0 } else { day as f64 });
//! # let data = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/sleepstudy.csv"));
//! # let times: Vec<f64> =
//! #     data.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect();
//! # let subjects = times.chunks(10).map(|times| (x, SVector::from_row_slice(times)));
//! // 18 subjects with the same V need no Kronecker product with I
//! let mut panel = Panel::new(MixedModel::new(x, UnconstrainedMatrix::<2>::new(), ScalarMatrix::<10>::new()));
//! panel.extend(subjects)?;
//! let fit = panel.fit()?;
//! let theirs = [3.208_439_615, 9.604_333_317, 1.778_696_706, 3.242_272_598];
//! for (found, theirs) in fit.theta.iter().zip(theirs) {
//!     assert!((found - theirs).abs() < 1e-8);
//! }
//! let without_constant = fit.log_likelihood + 178.0 / 2.0 * std::f64::consts::TAU.ln();
//! assert!((without_constant + 708.243_077_07).abs() < 1e-7);
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! Estimation in covprop differs from torch-openreml in four ways: the starting values are scaled
//! to the data, no step lowers the likelihood, the outcome says which variance is estimated as
//! zero, and the derivatives of AR(1) are finite at ρ = 0.
