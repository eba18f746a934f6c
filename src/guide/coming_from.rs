//! A page for those who come from lme4, nlme, mmrm, ASReml or torch-openreml: their model, the same
//! here, and the numbers of both.
//!
//! Their numbers are of lme4 1.1-31, nlme 3.1-162, lmerTest 3.1-3 and pbkrtest 0.5.2 with R 4.2.2,
//! and of torch-openreml 0.4.0a0. No formula is written here: X and Z are matrices, V is a type.
//! The strengths of lme4, mmrm and torch-openreml, and when to choose them, are in
//! [`compare`](crate::guide::compare).
//!
//! # From lme4
//!
//! | lme4 | here |
//! |---|---|
//! | `(1 \| g)` | Z a [`DummyMatrix`](crate::DummyMatrix), G a [`ScalarMatrix`](crate::ScalarMatrix); in a [`Panel`](crate::Panel) of the groups, Z = 1 |
//! | `(x \| g)` | Z = \[1 x\], G an [`UnconstrainedMatrix<2>`](crate::UnconstrainedMatrix); a [`LogCholeskyMatrix<2>`](crate::LogCholeskyMatrix) where G must stay a covariance matrix, as it does there |
//! | `(x \|\| g)` | Z = \[1 x\], G a [`DiagonalMatrix<2>`](crate::DiagonalMatrix) |
//! | `(1 \| g) + (1 \| h)` | a sum of Z G Zᵀ, [`MixedModel::of`](crate::MixedModel::of) |
//! | `(1 \| g/h)` | the same, with [`g.crossed(&h)`](crate::DummyMatrix::crossed) as the second factor |
//! | `weights = w` | R a [`WeightedMatrix`](crate::WeightedMatrix) |
//! | `REML = FALSE` | [`ml`](crate::Estimation::ml) |
//! | `fixef`, `vcov`, `VarCorr` | [`Fit::beta`](crate::Fit::beta), [`beta_covariance`](crate::Fit::beta_covariance), [`params`](crate::Fit::params); correlations of a `LogCholeskyMatrix` by [`Inference::function`](crate::Inference::function) |
//! | `logLik`, `AIC`, `BIC` | [`log_likelihood`](crate::Fit::log_likelihood), [`aic`](crate::Fit::aic), [`bic`](crate::Fit::bic): the same numbers |
//! | `isSingular` | [`Outcome::Boundary`](crate::Outcome::Boundary), which names the parameter |
//! | `ranef`, `fitted`, `predict` | [`Fit::predict`](crate::Fit::predict) |
//! | `anova(m0, m1)` | [`LikelihoodRatio`](crate::LikelihoodRatio) |
//! | `confint(method = "profile")` | [`Estimation::profile`](crate::Estimation::profile), of variances and not their roots |
//! | `simulate`, `bootMer` | `Simulation`, feature `rand_core` |
//! | `summary` of lmerTest | [`Inference::coefficients`](crate::Inference::coefficients) |
//! | `contest(ddf = "Kenward-Roger")` | [`Estimation::kenward_roger`](crate::Estimation::kenward_roger) |
//!
//! ## A line for each subject
//!
//! ```text
//! m1 <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy)
//! m0 <- lmer(Reaction ~ Days + (1 | Subject), sleepstudy)
//! anova(m0, m1, refit = FALSE)
//! confint(profile(lmer(Reaction ~ Days + (1 | Subject), sleepstudy, REML = FALSE)))
//! ```
//!
//! | | lme4 | nlme | here |
//! |---|--:|--:|--:|
//! | variance of intercepts | 612.1002 | 612.0899 | 612.0899 |
//! | variance of slopes | 35.0717 | 35.0717 | 35.0717 |
//! | their covariance | 9.6044 | 9.6043 | 9.6043 |
//! | residual variance | 654.9400 | 654.9410 | 654.9410 |
//! | log-likelihood | −871.8141 | −871.8141 | −871.8141 |
//! | intercept, slope | 251.4051, 10.4673 | 251.4051, 10.4673 | 251.4051, 10.4673 |
//! | standard errors | 6.8246, 1.5458 | 6.8246, 1.5458 | 6.8246, 1.5458 |
//! | their degrees of freedom, lmerTest and pbkrtest | 17, 17 | | 17, 17 |
//! | m1 against m0, χ²(2) | 42.8368 | | 42.8368 |
//! | SD of intercepts in m0 by ML, 95 % | 26.007 to 52.936 | | 26.007 to 52.936 |
//! | residual SD there | 27.814 to 34.591 | | 27.814 to 34.591 |
//!
//! lme4 stops at the tolerance of its optimiser, which is why its fourth digit differs.
//!
//! ```
//! use covprop::*;
//! use nalgebra::{SMatrix, SVector};
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
//! let [of_intercept, of_slope] = m1.standard_errors().into();
//! assert!(near(of_intercept, 6.824_556_5, 1e-7) && near(of_slope, 1.545_788_9, 1e-7));
//!
//! // Satterthwaite as lmerTest, Kenward & Roger as pbkrtest
//! for tests in [estimation.inference(&m1)?.coefficients(), estimation.kenward_roger(&m1)?.coefficients()] {
//!     for test in tests {
//!         assert!((test?.degrees - 17.0).abs() < 1e-5);
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
//! let by_ml = smaller.estimation()?.ml();
//! let fit = by_ml.fit()?;
//! for (k, theirs) in [[26.007_12, 52.935_98], [27.813_85, 34.591_05]].into_iter().enumerate() {
//!     let interval = by_ml.profile(&fit, k)?.interval(0.95)?;
//!     let [Some(low), Some(high)] = [interval.lower, interval.upper].map(|end| end.value()) else { panic!() };
//!     assert!(near(low.sqrt(), theirs[0], 1e-5) && near(high.sqrt(), theirs[1], 1e-5));
//! }
//! # Ok::<(), Error>(())
//! ```
//!
//! ## Two crossed factors
//!
//! The first six plates of Davies & Goldsmith's penicillin:
//!
//! ```text
//! lmer(diameter ~ 1 + (1 | plate) + (1 | sample), subset(Penicillin, plate %in% letters[1:6]))
//! ```
//!
//! | | lme4 | here |
//! |---|--:|--:|
//! | variance of plates | 0.188889 | 17/90 |
//! | variance of samples | 4.200000 | 4.2 |
//! | residual variance | 0.444444 | 4/9 |
//! | mean, its standard error | 23.27778, 0.862454 | 23.27778, 0.862454 |
//! | log-likelihood | −50.568841 | −50.568841 |
//!
//! ```
//! use covprop::*;
//! use nalgebra::SVector;
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
//! let model = MixedModel::of(plate.plus(sample), ScalarMatrix::<36>::new());
//!
//! let fit = model.fit(&SVector::repeat(1.0), &SVector::from(DIAMETERS))?;
//! let [plate, sample, residual] = fit.params;
//! assert!((plate - 0.188_888_89).abs() < 1e-7);
//! assert!((sample - 4.2).abs() < 1e-7 && (residual - 0.444_444_44).abs() < 1e-7);
//! assert!((fit.beta[0] - 23.277_777_78).abs() < 1e-8);
//! assert!((fit.standard_errors()[0] - 0.862_454_15).abs() < 1e-7);
//! assert!((fit.log_likelihood + 50.568_841_290).abs() < 1e-8);
//! # Ok::<(), Error>(())
//! ```
//!
//! ## Nested factors
//!
//! Three machines by six workers, each three times (Milliken & Johnson 1992). Workers are
//! independent, so that one is a subject of a panel:
//!
//! ```text
//! lmer(score ~ Machine + (1 | Worker/Machine), Machines)
//! ```
//!
//! | | lme4 | here |
//! |---|--:|--:|
//! | variance of workers | 22.85844 | 22.85844 |
//! | variance of machines in workers | 13.90946 | 13.90946 |
//! | residual variance | 0.924630 | 0.924630 |
//! | log-likelihood | −107.84378 | −107.84378 |
//! | degrees of freedom of Kenward & Roger (pbkrtest) | 8.5217, 10, 10 | 8.5217, 10, 10 |
//!
//! ```
//! use covprop::*;
//! use nalgebra::{SMatrix, SVector};
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
//! let mut panel = Panel::new(MixedModel::of(random, ScalarMatrix::<9>::new()));
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
//!     assert!((test?.degrees - theirs).abs() < 1e-5);
//! }
//! # Ok::<(), Error>(())
//! ```
//!
//! ## A singular fit
//!
//! The simulated batches of Box & Tiao 1973, 5.1.2. `lmer(Yield ~ 1 + (1 | Batch), Dyestuff2)` says
//! `boundary (singular) fit` with the variances 0 and 13.80631, and log-likelihood −80.91414:
//!
//! ```
//! use covprop::*;
//! use nalgebra::SVector;
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
//! # Ok::<(), Error>(())
//! ```
//!
//! # From nlme
//!
//! | nlme | here |
//! |---|---|
//! | `lme(y ~ x, random = ~ 1 \| g)` | as `(1 \| g)` of lme4 |
//! | `pdSymm`, `pdLogChol` | [`LogCholeskyMatrix`](crate::LogCholeskyMatrix) as G |
//! | `pdDiag`, `pdIdent`, `pdCompSymm` | [`DiagonalMatrix`](crate::DiagonalMatrix), [`ScalarMatrix`](crate::ScalarMatrix), [`CompoundSymmetricMatrix`](crate::CompoundSymmetricMatrix) |
//! | `gls` | [`Marginal`](crate::Marginal) |
//! | `corCompSymm`, `corAR1` | [`CompoundSymmetricMatrix`](crate::CompoundSymmetricMatrix), [`Ar1Matrix`](crate::Ar1Matrix) |
//! | `corCAR1(form = ~ t)`, `corExp` | [`ExponentialMatrix`](crate::ExponentialMatrix), φ = e^−1/r |
//! | `corGaus` | [`GaussianMatrix`](crate::GaussianMatrix) |
//! | a nugget of these | plus [`ScalarMatrix`](crate::ScalarMatrix) |
//! | `corARMA(q = B)` | [`BandedToeplitzMatrix<N, B>`](crate::BandedToeplitzMatrix) |
//! | `corSymm` with `varIdent(form = ~ 1 \| visit)` | [`LogCholeskyMatrix`](crate::LogCholeskyMatrix), [`UnconstrainedMatrix`](crate::UnconstrainedMatrix) |
//! | any of these with `varIdent(form = ~ 1 \| visit)` | [`HeterogeneousMatrix`](crate::HeterogeneousMatrix) |
//! | `varIdent(form = ~ 1 \| g)` | [`GroupVarianceMatrix`](crate::GroupVarianceMatrix) |
//! | `varFixed(~ v)` | [`WeightedMatrix`](crate::WeightedMatrix) with the weights 1/v |
//! | `varPower`, `varExp` | [`PowerVarianceMatrix`](crate::PowerVarianceMatrix), [`ExponentialVarianceMatrix`](crate::ExponentialVarianceMatrix) |
//! | `method = "ML"` | [`ml`](crate::Estimation::ml) |
//!
//! Log-likelihoods and AIC are the same. BIC is not by REML: nlme takes log(n − K) where lme4 and
//! [`Fit::bic`](crate::Fit::bic) take log n. `gls` by ML multiplies standard errors by √(n/(n −
//! K)).
//!
//! Five structures for 27 children, with the log-likelihoods of `gls`, are in
//! [`choosing_a_structure`](crate::guide::choosing_a_structure#an-example-growth-of-27-children).
//! Here are the parameters of one, and where nlme has them:
//!
//! ```text
//! gls(distance ~ age * Sex, Orthodont,
//!     correlation = corAR1(form = ~ 1 | Subject), weights = varIdent(form = ~ 1 | visit))
//! ```
//!
//! | | nlme | here |
//! |---|--:|--:|
//! | σ at the visits: `sigma` times those of `varIdent` | 2.41141, 2.14026, 2.45299, 2.13001 | 2.41141, 2.14026, 2.45299, 2.13001 |
//! | `Phi` | 0.633258 | 0.633258 |
//! | log-likelihood | −221.39808 | −221.39808 |
//! | BIC with log(n − K), log n | 484.59568, – | –, 484.93534 |
//!
//! ```
//! use covprop::*;
//! use nalgebra::{SMatrix, SVector};
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
//! let by_n_less_k = fit.bic() + fit.degrees() as f64 * (104.0_f64 / 108.0).ln();
//! assert!((by_n_less_k - 484.595_678_3).abs() < 1e-6);
//! # Ok::<(), Error>(())
//! ```
//!
//! # From mmrm
//!
//! A subject's visits are the rows of V, missed ones are left out:
//! [`Panel::push_observed`](crate::Panel::push_observed).
//!
//! | mmrm | here |
//! |---|---|
//! | `us(visit \| id)` | [`LogCholeskyMatrix`](crate::LogCholeskyMatrix), [`UnconstrainedMatrix`](crate::UnconstrainedMatrix) |
//! | `toep`, `toeph` | [`ToeplitzMatrix`](crate::ToeplitzMatrix), [`HeterogeneousToeplitzMatrix`](crate::HeterogeneousToeplitzMatrix) |
//! | `ar1`, `ar1h` | [`Ar1Matrix`](crate::Ar1Matrix), [`HeterogeneousAr1Matrix`](crate::HeterogeneousAr1Matrix) |
//! | `ad`, `adh` | [`HomogeneousMatrix`](crate::HomogeneousMatrix) of [`AnteDependenceCorrelationMatrix`](crate::AnteDependenceCorrelationMatrix), [`AnteDependenceMatrix`](crate::AnteDependenceMatrix) |
//! | `cs`, `csh` | [`CompoundSymmetricMatrix`](crate::CompoundSymmetricMatrix), [`HeterogeneousCompoundSymmetricMatrix`](crate::HeterogeneousCompoundSymmetricMatrix) |
//! | `sp_exp(time \| id)` | [`ExponentialMatrix`](crate::ExponentialMatrix) |
//! | `us(visit \| group / id)` | none: a panel has one V. Two panels have two sets of fixed effects as well |
//! | `method = "Satterthwaite"` | [`Estimation::inference`](crate::Estimation::inference) |
//! | `method = "Kenward-Roger"` | [`Estimation::kenward_roger`](crate::Estimation::kenward_roger) |
//!
//! `FEV1 ~ ARMCD + SEX + us(AVISIT | USUBJID)` over mmrm's `fev_data`, 537 observations with missed
//! visits, as the listing of SAS PROC MIXED has it that comes with mmrm 0.3.18. The data are not
//! part of this repository; the example `fev` reads them from a file that R writes, and checks these
//! numbers.
//!
//! | | SAS | here |
//! |---|--:|--:|
//! | −2 restricted log-likelihood | 3666.966983 | 3666.966975 |
//! | intercept, treatment, female | 41.0762, 3.8265, −0.1404 | 41.0757, 3.8265, −0.1404 |
//! | standard errors | 0.5504, 0.6421, 0.6434 | 0.5504, 0.6422, 0.6434 |
//! | degrees of freedom, Satterthwaite | 156, 161, 161 | 156.07, 161.04, 161.32 |
//!
//! SAS stops 8e-6 above the minimum. In a program it is
//!
//! ```
//! use covprop::*;
//! use nalgebra::{SMatrix, SVector};
//!
//! // four visits, three fixed effects, all 15 sets of visits that are not empty
//! let model = Marginal::new(LogCholeskyMatrix::<4>::new());
//! let mut panel = Panel::<_, f64, 4, 3, 15>::with_patterns(model);
//! // for each subject:
//! let x = SMatrix::<f64, 4, 3>::from_fn(|_, j| [1.0, 1.0, 0.0][j]);
//! let y = SVector::<f64, 4>::new(39.1, f64::NAN, 41.5, f64::NAN);
//! panel.push_observed(&x, &y, &[true, false, true, false])?;
//! assert_eq!(panel.observations(), 2);
//! # Ok::<(), Error>(())
//! ```
//!
//! # From ASReml
//!
//! | ASReml-R 4 | here |
//! |---|---|
//! | `idv(g)`, `diag(f)`, `us(f)` | [`ScalarMatrix`](crate::ScalarMatrix), [`DiagonalMatrix`](crate::DiagonalMatrix), [`UnconstrainedMatrix`](crate::UnconstrainedMatrix) |
//! | `cor(f)`, `corv(f)`, `corh(f)` | [`EquicorrelationMatrix`](crate::EquicorrelationMatrix), [`CompoundSymmetricMatrix`](crate::CompoundSymmetricMatrix), [`HeterogeneousCompoundSymmetricMatrix`](crate::HeterogeneousCompoundSymmetricMatrix) |
//! | `ar1(f)`, `ar1v(f)`, `ar1h(f)` | [`Ar1CorrelationMatrix`](crate::Ar1CorrelationMatrix), [`Ar1Matrix`](crate::Ar1Matrix), [`HeterogeneousAr1Matrix`](crate::HeterogeneousAr1Matrix) |
//! | `ante(f, 1)` | [`AnteDependenceMatrix`](crate::AnteDependenceMatrix) |
//! | `fa(f, k)` | [`FactorAnalyticMatrix<N, K>`](crate::FactorAnalyticMatrix) |
//! | `vm(id, A)` | [`KnownScaledMatrix`](crate::KnownScaledMatrix) |
//! | `a:b` | [`KroneckerProduct`](crate::KroneckerProduct) |
//! | `dsum(...)` | [`BlockDiagonal`](crate::BlockDiagonal) |
//!
//! A grid of plots, rows by columns, and what is each plot's own:
//!
//! ```text
//! asreml(yield ~ gen, random = ~ units, residual = ~ ar1(row):ar1(col))
//! ```
//!
//! The variance of the field belongs to the whole Kronecker product, and stands before two
//! correlation matrices:
//!
//! ```
//! use covprop::*;
//!
//! // 3 rows of 4 plots, row by row: σ² AR1(ρ_row) ⊗ AR1(ρ_col) + ν I
//! let row = named("row", Ar1CorrelationMatrix::<3>::new());
//! let col = named("col", Ar1CorrelationMatrix::<4>::new());
//! let field = HomogeneousMatrix::<12, _>::of(KroneckerProduct::new(row, col));
//! let v = named("field", field).plus(named("plot", ScalarMatrix::<12>::new()));
//! assert!(v.param_names().eq(["field/sigma^2", "field/row/rho", "field/col/rho", "plot/sigma^2"]));
//!
//! // σ² = 2, ρ_row = 0.5, ρ_col = 0.25, ν = 1: from plot (0, 0) to plot (1, 2)
//! let theta = v.theta_from_params(&[2.0_f64, 0.5, 0.25, 1.0])?;
//! let value = v.value(&theta);
//! assert!((value[(0, 4 + 2)] - 2.0 * 0.5 * 0.25 * 0.25).abs() < 1e-14);
//! assert!((value[(0, 0)] - 3.0).abs() < 1e-14);
//! # Ok::<(), Error>(())
//! ```
//!
//! The example `field_trial` fits it to 150 plots.
//!
//! A lattice of 25 varieties in six replicates with rows and columns, at Slate Hall in 1976
//! (Gilmour, Thompson & Cullis 1995, Biometrics 51, 1440–1450; the data and what ASReml-R 4 prints
//! are in the documentation of agridat's `kempton.slatehall`):
//!
//! ```text
//! asreml(yield ~ gen, random = ~ rep/(xf + yf))
//! ```
//!
//! ```
//! use covprop::*;
//! use nalgebra::{SMatrix, SVector};
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
//!     MixedModel::of(
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
//!     let inference = model.estimation(x, y)?.inference_by(Information::Average, &fit)?;
//!     let mut errors = [0.0; 4];
//!     for (k, error) in errors.iter_mut().enumerate() {
//!         *error = inference.function(|params| params.as_ref()[k])?.standard_error;
//!     }
//!     Ok(errors)
//! }
//! ```
//!
//! | | ASReml | standard error | here | standard error |
//! |---|--:|--:|--:|--:|
//! | replicates | 4262 | 6890 | 4262.39 | 6890.1 |
//! | rows within them | 15600 | 5091 | 15595.06 | 5090.7 |
//! | columns within them | 14810 | 4865 | 14811.55 | 4865.1 |
//! | residual | 8062 | 1340 | 8061.81 | 1340.5 |
//! | the first variety | 1280 | 60.2 | 1283.59 | 60.20 |
//!
//! # From torch-openreml
//!
//! Of structures and operators that both have, the parameters, their order, their default
//! transforms and the paths of their names are the same: θ goes from one to the other as it is.
//!
//! | torch-openreml | here |
//! |---|---|
//! | `DummyMatrix(["a", "b", "c", "a"])` | [`DummyMatrix::<4, 3>::from_labels`](crate::DummyMatrix::from_labels) |
//! | `CovariancePropagation(z=z, g=g)` | [`CovariancePropagation::new(z, named("g", g))`](crate::CovariancePropagation) |
//! | `op(theta)`, `op.grad(theta)` | [`value`](crate::ParamMatrix::value), [`gradient`](crate::ParamMatrix::gradient) |
//! | a tensor of any size | an `SMatrix`, its size in the type |
//! | a fixed parameter | [`Constrained`](crate::Constrained) |
//!
//! The example of its documentation of `CovariancePropagation`, and its numbers:
//!
//! ```text
//! z = DummyMatrix(["a", "b", "c", "a"])      tensor([[1.0000, 0.0000, 0.0000, 1.0000],
//! g = DiagonalMatrix(3)                              [0.0000, 2.7183, 0.0000, 0.0000],
//! op = CovariancePropagation(z=z, g=g)               [0.0000, 0.0000, 7.3891, 0.0000],
//! op(torch.tensor([0.0, 0.5, 1.0]))                  [1.0000, 0.0000, 0.0000, 1.0000]])
//! ```
//!
//! ```
//! use covprop::*;
//! use nalgebra::matrix;
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
//! # Ok::<(), Error>(())
//! ```
//!
//! Its REML adds 1e-6 to the diagonal of V and leaves (n − K)/2 log 2π out of the log-likelihood.
//! With these two the line for each subject of the sleep study is the same, θ and all:
//!
//! ```text
//! Sum(Subject=CovariancePropagation(Z=z, G=KroneckerProduct(I=IdentityMatrix(18), G0=UnconstrainedMatrix(2))),
//!     R=ScalarMatrix(180))
//! ```
//!
//! | | torch-openreml | here |
//! |---|--:|--:|
//! | θ | 3.20843962, 9.60433332, 1.77869671, 3.24227260 | the same |
//! | log-likelihood | −708.24307707 | −871.81413598 + 89 log 2π |
//!
//! ```
//! use covprop::*;
//! use nalgebra::{SMatrix, SVector};
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
//! # Ok::<(), Error>(())
//! ```
//!
//! What is different here: a start that has the scale of the data, steps that never lower the
//! likelihood, an outcome that names the variance which is zero, and derivatives of AR(1) that are
//! finite at ρ = 0.
