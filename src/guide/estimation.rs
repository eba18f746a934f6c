//! A page about estimation: what is maximised, what the outcomes mean and what to do about them,
//! how sure the estimates are, and which test to use.
//!
//! # The criterion
//!
//! y = Xβ + e with e ~ N(0, V(θ)), n observations and K columns of X. Restricted maximum likelihood
//! is that of the n − K combinations of y which do not depend on β:
//!
//! ```text
//! REML   −½ [(n−K) log 2π + log|V| + log|XᵀV⁻¹X| + yᵀPy]
//! ML     −½ [n log 2π + log|V| + yᵀPy]                       P = V⁻¹ − V⁻¹X (XᵀV⁻¹X)⁻¹ XᵀV⁻¹
//! ```
//!
//! These are all constants, those of lme4, nlme, glmmTMB and SAS: log-likelihoods compare digit by
//! digit. Other software leaves out (n−K)/2 log 2π, or adds ½ log|XᵀX| (Harville 1974); neither
//! moves a maximum.
//!
//! REML is the default, since it has no bias where ML takes the variance of n − K degrees of
//! freedom for that of n: Σ(y − ȳ)²/(n − 1) and not /n. With another X it is another likelihood: to
//! compare fits with different fixed effects take [`ml`](crate::Estimation::ml).
//!
//! # The search
//!
//! Each step maximises a quadratic model of the log-likelihood within a trust region, a region
//! around θ in which the last model was right. The model of the first step is made of the expected
//! information: where V is linear and the data are balanced, that step ends at the maximum,
//! wherever it starts (Searle, Casella & McCulloch 1992, Variance Components, 11.3, on MINQUE and
//! REML of balanced data). Then it is the average information (Gilmour, Thompson & Cullis 1995),
//! which takes products with vectors alone, and near the maximum the observed one. A step that does
//! not raise the likelihood is not taken, so a fit is never worse than its start.
//!
//! A parameter that two steps lead to a bound is put there: a variance to 0, a correlation to ±1.
//! It is released if the likelihood rises inwards. Where the likelihood rises towards a limit, as ρ
//! → 1 and σ² → ∞ together, the search follows the parameters and extrapolates. Results that have a
//! limit, such as the slope of a random walk and its degrees of freedom, are then given to some
//! five digits; results that grow without end are
//! [`Error::NotIdentified`](crate::Error::NotIdentified). See [`Estimation`](crate::Estimation).
//!
//! The default start comes from the data: variances from the residuals of ordinary least squares,
//! of each row where there are several subjects; ranges from the distances; noises of a series from
//! the differences between its observations. The units of y, of its rows, of distances and of the
//! columns of Z make no difference. [`start`](crate::Estimation::start) is for another θ,
//! [`start_from_params`](crate::Estimation::start_from_params) for parameters on their natural
//! scale, and [`theta_from_covariance`](crate::LogCholeskyMatrix::theta_from_covariance) gives the
//! θ of a covariance matrix. At a bound θ is infinite: −∞ for a variance of 0, ±∞ for a correlation
//! of ±1; `params` and [`theta_from_params`](crate::ParamMatrixExt::theta_from_params) convert it both
//! ways.
//!
//! A maximum is a local one. These structures are known for several maxima, and the search makes
//! further starts:
//!
//! | structure | further starts |
//! |---|---|
//! | one or two correlations beside several variances, as in AR(1) with a nugget | correlations of each sign, and near 1: 3 or 5 |
//! | a range beside several variances | a longer and a shorter range, and a small nugget: 3 |
//! | Toeplitz | a correlation of each sign at the last lag: 2 |
//! | banded Toeplitz | coefficients near the unit circle: 2 |
//! | factor-analytic | every other loading small, or one half of them: 4 |
//! | a state-space model of two noises | next to no noise of the state: 1 |
//! | a state-space model of three noises or more | little noise of the state: 2 |
//!
//! Each is given 6 steps, and up to 24 more only if it may become the highest.
//! [`Fit::certificate`](crate::Fit::certificate) tells how many starts there were, which of them
//! won, and how many maxima they met. With a start of one's own there is only that one.
//!
//! # How often it is right
//!
//! `benches/search` in the repository fits simulated data of 45 models, 500 data sets of each, from
//! the default start and from five random ones, and checks each claim: 135,000 fits. The best point
//! known is that of all these starts, of four more, and of a slow search by a simplex for every
//! 25th data set. A false claim is a point called a maximum from which the likelihood rises along
//! some way; a limit at infinity is one if a point is higher by more than 1e-8 of it. From the
//! points of all ten false claims the likelihood rises by less than 6e-12. Times are of one core of
//! an Intel Xeon, built without flags, beside other work.
//!
//! | model | default start | random starts | or a local maximum | false claims | steps: median, 99 %, most | time of a fit |
//! |---|---|---|---|---|---|---|
//! | random intercept | 100.0 % | 100.0 % | | 0 | 1, 1, 5 | 8 µs |
//! | random intercept, ratio 1e-3 | 100.0 % | 100.0 % | | 0 | 5, 7, 7 | 13 µs |
//! | random intercept, ratio 1e8 | 100.0 % | 100.0 % | | 0 | 1, 1, 1 | 11 µs |
//! | random intercept, σ² = x² | 100.0 % | 100.0 % | | 0 | 1, 6, 7 | 5 µs |
//! | unequal groups | 100.0 % | 100.0 % | | 0 | 5, 8, 21 | 42 µs |
//! | unequal groups, ratio 1e6 | 100.0 % | 100.0 % | | 0 | 9, 13, 13 | 78 µs |
//! | crossed | 100.0 % | 100.0 % | | 0 | 1, 7, 10 | 61 µs |
//! | a factor both fixed and random | 100.0 % | 100.0 % | | 0 | 0, 0, 0 | 70 µs |
//! | slopes, log-Cholesky 2 | 100.0 % | 100.0 % | | 0 | 6, 14, 18 | 39 µs |
//! | slopes, correlation near 1 | 100.0 % | 100.0 % | | 0 | 7, 19, 28 | 63 µs |
//! | slopes of little variance | 100.0 % | 99.9 % | | 2 | 10, 35, 39 | 94 µs |
//! | three effects, log-Cholesky 3 | 99.6 % | 99.6 % | | 0 | 27, 92, 118 | 2239 µs |
//! | machines: six workers, log-Cholesky 3 | 100.0 % | 99.9 % | | 0 | 9, 56, 84 | 185 µs |
//! | slopes, L Lᵀ | 100.0 % | 100.0 % | | 0 | 6, 11, 82 | 48 µs |
//! | slopes, L Lᵀ, y × 1e-3 | 100.0 % | 100.0 % | | 0 | 6, 11, 23 | 49 µs |
//! | slopes, unconstrained near singular | 100.0 % | 100.0 % | | 0 | 1, 9, 13 | 27 µs |
//! | independent slopes + AR(1) | 100.0 % | 99.8 % | | 0 | 7, 28, 43 | 402 µs |
//! | compound symmetry, ρ < 0 | 100.0 % | 100.0 % | | 0 | 5, 7, 7 | 25 µs |
//! | heterogeneous compound symmetry | 100.0 % | 100.0 % | | 0 | 6, 7, 7 | 58 µs |
//! | unstructured, log-Cholesky 4 | 100.0 % | 100.0 % | | 0 | 7, 9, 10 | 192 µs |
//! | unstructured, entry by entry | 100.0 % | 100.0 % | | 0 | 5, 8, 11 | 69 µs |
//! | ante-dependence | 100.0 % | 100.0 % | | 0 | 7, 10, 12 | 199 µs |
//! | factor-analytic (5,1) | 99.8 % | 99.2 % | 100.0 % | 0 | 7, 45, 62 | 810 µs |
//! | factor-analytic (6,2) | 97.0 % | 91.8 % | 99.9 % | 0 | 9, 66, 106 | 4892 µs |
//! | power variance | 100.0 % | 100.0 % | | 0 | 7, 11, 12 | 438 µs |
//! | group variance | 100.0 % | 99.7 % | | 0 | 7, 11, 12 | 167 µs |
//! | AR(1), N = 6 | 100.0 % | 100.0 % | | 0 | 6, 17, 21 | 41 µs |
//! | AR(1), N = 30 | 100.0 % | 100.0 % | | 0 | 6, 14, 23 | 467 µs |
//! | AR(1) + nugget, N = 24 | 99.8 % | 93.1 % | 99.8 % | 0 | 11, 68, 83 | 5390 µs |
//! | AR(1) + nugget, 12 subjects | 99.8 % | 99.6 % | 99.8 % | 0 | 9, 56, 64 | 1169 µs |
//! | heterogeneous AR(1) | 100.0 % | 100.0 % | | 0 | 6, 7, 7 | 109 µs |
//! | Toeplitz | 100.0 % | 99.3 % | 100.0 % | 0 | 7, 11, 13 | 568 µs |
//! | banded Toeplitz (1) | 99.6 % | 98.7 % | 99.5 % | 0 | 6, 10, 12 | 767 µs |
//! | banded Toeplitz (1), differenced noise | 99.8 % | 98.8 % | 99.9 % | 0 | 7, 10, 14 | 1068 µs |
//! | banded Toeplitz (2) | 99.2 % | 70.1 % | 93.9 % | 7 | 7, 12, 16 | 1386 µs |
//! | exponential | 100.0 % | 99.6 % | 99.9 % | 0 | 6, 12, 19 | 161 µs |
//! | exponential, distances × 100 | 99.8 % | 99.8 % | 100.0 % | 0 | 6, 15, 22 | 147 µs |
//! | Matérn 3/2 + nugget | 98.8 % | 95.3 % | 99.8 % | 0 | 9, 55, 65 | 3375 µs |
//! | Gaussian + nugget | 98.0 % | 89.9 % | 99.5 % | 1 | 9, 49, 71 | 3518 µs |
//! | AR(1) ⊗ AR(1) + nugget | 98.6 % | 89.9 % | 99.6 % | 0 | 13, 65, 81 | 14003 µs |
//! | local level | 100.0 % | 100.0 % | | 0 | 5, 8, 16 | 792 µs |
//! | local level, y × 1e-4 | 100.0 % | 100.0 % | | 0 | 5, 8, 17 | 805 µs |
//! | local level, ratio 1e-3 | 100.0 % | 99.8 % | | 0 | 7, 16, 19 | 581 µs |
//! | tracker | 100.0 % | 100.0 % | | 0 | 6, 9, 12 | 1364 µs |
//! | local linear trend | 99.8 % | 98.8 % | | 0 | 11, 26, 27 | 3136 µs |
//!
//! # Outcomes
//!
//! [`Fit::outcome`](crate::Fit::outcome) says where the search ended. That is no error: θ, β and
//! the likelihood are those of the best θ that was seen.
//!
//! | outcome | what it means | what to do |
//! |---|---|---|
//! | [`Converged`](crate::Outcome::Converged) | a maximum inside | go on |
//! | [`Boundary`](crate::Outcome::Boundary) | a maximum with a variance of 0, a correlation of ±1, exactly; lme4 calls it singular | keep it, or take the simpler model: the data show no such variance. Tests by [`p_value_on_boundary`](crate::LikelihoodRatio::p_value_on_boundary), intervals by [profiles](crate::Profile) |
//! | [`NotIdentified`](crate::Outcome::NotIdentified) | a ridge: V, or its likelihood, is the same along a direction of θ | remove or [fix](crate::Constrained) one of the parameters that the direction names. What does not change along it is right as it is; what does is [`Error::NotIdentified`](crate::Error::NotIdentified) from [`Inference`](crate::Inference) and [`KenwardRoger`](crate::KenwardRoger), and a dash in the table |
//! | [`MaxIterations`](crate::Outcome::MaxIterations) | still on the way | [more steps](crate::Estimation::max_iterations), another start; after 200 steps mostly a likelihood without a maximum |
//! | [`Stalled`](crate::Outcome::Stalled) | no step raises the likelihood any more | V goes singular (too few subjects for it, data that cancel exactly): a simpler V. In `f32`: use `f64` |
//!
//! [`inference`](crate::Estimation::inference), [`kenward_roger`](crate::Estimation::kenward_roger)
//! and [`LikelihoodRatio`](crate::LikelihoodRatio) refuse what is not at a maximum with
//! [`Error::NotMaximum`](crate::Error::NotMaximum).
//!
//! Each of them, from three pairs:
//!
//! ```
//! use covprop::*;
//! use nalgebra::{SVector, Vector2, vector};
//!
//! fn pairs<M>(model: M, pairs: [[f64; 2]; 3]) -> Result<Panel<M, f64, 2, 1>, Error> {
//!     let mut panel = Panel::new(model);
//!     panel.extend(pairs.map(|y| (SVector::repeat(1.0), Vector2::from(y))))?;
//!     Ok(panel)
//! }
//! let ones = SVector::<f64, 2>::repeat(1.0);
//! let intercept = MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<2>::new());
//! let alike = [[1.0, 2.0], [3.0, 5.0], [6.0, 5.0]];
//!
//! // mean squares 49/6 between and 1 within: (49/6 − 1)/2 and 1
//! let panel = pairs(intercept, alike)?;
//! let fit = panel.fit()?;
//! assert_eq!(fit.outcome, Outcome::Converged);
//! assert!((fit.params[0] - 43.0 / 12.0).abs() < 1e-9 && (fit.params[1] - 1.0).abs() < 1e-9);
//!
//! // the means of pairs differ less than chance would have it
//! let panel = pairs(intercept, [[1.0, 4.0], [4.0, 2.0], [2.0, 4.0]])?;
//! let fit = panel.fit()?;
//! assert_eq!(fit.outcome, Outcome::Boundary([Some(Edge::Lower), None]));
//! assert_eq!((fit.params[0], fit.theta[0]), (0.0, f64::NEG_INFINITY));
//!
//! // two names for one variance: the direction θ₀ − θ₁ changes nothing
//! let panel = pairs(Marginal::new(ScalarMatrix::<2>::new().plus(ScalarMatrix::new())), alike)?;
//! let estimation = panel.estimation()?;
//! let fit = estimation.fit()?;
//! let Outcome::NotIdentified([a, b]) = fit.outcome else { panic!("{fit}") };
//! assert!((a + b).abs() < 1e-6);
//! assert!((fit.params[0] + fit.params[1] - 58.0 / 15.0).abs() < 1e-9); // the sum is known
//! let inference = estimation.inference(&fit)?;
//! assert!(matches!(inference.param_standard_error(0), Err(Error::NotIdentified { .. })));
//! assert!(inference.function(|[a, b]| a + b).is_ok());
//!
//! // not there yet
//! let panel = pairs(intercept, alike)?;
//! let estimation = panel.estimation()?.max_iterations(0);
//! let fit = estimation.fit()?;
//! assert_eq!(fit.outcome, Outcome::MaxIterations);
//! assert_eq!(estimation.inference(&fit).err(), Some(Error::NotMaximum));
//!
//! // pairs that all sum to 5 want a correlation of −1, where V has no inverse
//! let panel =
//!     pairs(Marginal::new(CompoundSymmetricMatrix::<2>::new()), [[1.0, 4.0], [4.0, 1.0], [2.0, 3.0]])?;
//! assert_eq!(panel.fit()?.outcome, Outcome::Stalled);
//! # Ok::<(), Error>(())
//! ```
//!
//! Data that no search can start from are an [`Error`](crate::Error): a number that is not finite,
//! a column of X that depends on others, a y that X fits exactly, a V that is not positive definite
//! at the start.
//!
//! # How sure the estimates are
//!
//! The covariance of θ is the inverse information. There are three of them
//! ([`Likelihood`](crate::Likelihood) has the formulas):
//!
//! | information | is | use |
//! |---|---|---|
//! | [`Observed`](crate::Information::Observed) | minus the second derivatives at the maximum | the default, as in SAS and lmerTest |
//! | [`Expected`](crate::Information::Expected) | their expectation | what Kenward & Roger use |
//! | [`Average`](crate::Information::Average) | the mean of both where V is linear | as in ASReml |
//!
//! [`param_standard_errors`](crate::Inference::param_standard_errors) are those of variances and
//! correlations, by the delta method; [`function`](crate::Inference::function) is for what is made
//! of them: shares, heritabilities, standard deviations. An estimate of a variance is skewed, and
//! estimate ± 2 standard errors may go below zero: take
//! [`theta_interval`](crate::Inference::theta_interval), on the scale of the logarithm, or better a
//! [profile](crate::Profile::interval), which asks the likelihood itself and stops at the boundary.
//!
//! A parameter on the boundary counts as known: it has no standard error, and its uncertainty
//! enters no other. Kenward & Roger's tests count a variance of zero as a parameter, as pbkrtest
//! does, and a correlation of ±1 as known; [`BoundaryTangent`](crate::BoundaryTangent) has the
//! other choices.
//!
//! Standard errors of β, degrees of freedom and the adjustments
//! [`Linear`](crate::KenwardRogerMethod::Linear) and
//! [`BiasCorrected`](crate::KenwardRogerMethod::BiasCorrected) are the same for every
//! parametrisation of one V, also on the boundary. The adjustment of 1997,
//! [`SecondOrder`](crate::KenwardRogerMethod::SecondOrder), is not: it is taken in the parameters
//! on their natural scale.
//!
//! # Which test
//!
//! | question | test | where |
//! |---|---|---|
//! | ℓᵀβ = 0 | t with Satterthwaite's degrees of freedom | [`Inference::contrast`](crate::Inference::contrast) |
//! | Lβ = 0, several rows | F by Fai & Cornelius | [`Inference::test`](crate::Inference::test) |
//! | the same in small samples | Kenward & Roger: also the covariance of β is adjusted | [`KenwardRoger::contrast`](crate::KenwardRoger::contrast), [`test`](crate::KenwardRoger::test) |
//! | fixed effects by likelihood | ratio of ML fits, χ² | [`p_value`](crate::LikelihoodRatio::p_value) |
//! | a correlation, or variances that are equal | ratio of REML fits, χ² | [`p_value`](crate::LikelihoodRatio::p_value) |
//! | one variance is 0, with its covariances | the mixture ½χ²ₔ₋₁ + ½χ²ₔ (Self & Liang 1987; Stram & Lee 1994) | [`p_value_on_boundary`](crate::LikelihoodRatio::p_value_on_boundary) |
//! | several variances are 0 | a mixture of one's own | [`p_value_of_mixture`](crate::LikelihoodRatio::p_value_of_mixture) |
//! | the same in small samples | data simulated from the smaller model | [`p_value_of_bootstrap`](crate::LikelihoodRatio::p_value_of_bootstrap) |
//! | which of several V, nested or not | AIC, AICc, BIC | [`Fit::aic`](crate::Fit::aic) |
//!
//! Satterthwaite's and Kenward & Roger's agree in balanced designs. They differ where groups are
//! few and unequal, or visits are missing: there standard errors that take V as known are too
//! small, and Kenward & Roger correct them, for REML only. A Wald test of a variance, its estimate
//! by its standard error, is none of these: it ignores the boundary.
//!
//! # Missing visits
//!
//! A subject that misses visits has the rows and columns of V that it was seen at: its likelihood
//! is that of what was observed, and no row is filled in or dropped. That is right as long as being
//! missed does not depend on what would have been seen, given what was (missing at random, Rubin
//! 1976). For subjects of one panel there is room for `PATTERNS` different sets of visits; those of
//! the same set share their V.
//!
//! ```
//! use covprop::*;
//! use nalgebra::{SVector, vector};
//!
//! // two subjects, each seen at two of three visits; σ² = Σ(y − ȳ)²/(n − 1) of 1, 3, 2, 6: 14/3
//! let x = SVector::<f64, 3>::repeat(1.0);
//! let mut panel = Panel::<_, f64, 3, 1, 2>::with_patterns(Marginal::new(ScalarMatrix::<3>::new()));
//! panel.push_observed(&x, &vector![1.0, 3.0, f64::NAN], &[true, true, false])?;
//! panel.push_observed(&x, &vector![f64::NAN, 2.0, 6.0], &[false, true, true])?;
//! let fit = panel.fit()?;
//! assert_eq!(fit.observations, 4);
//! assert!((fit.beta[0] - 3.0).abs() < 1e-14 && (fit.params[0] - 14.0 / 3.0).abs() < 1e-12);
//!
//! // no room for a third set of visits
//! let error = panel.push(&x, &vector![1.0, 2.0, 3.0]).unwrap_err();
//! assert_eq!(error, Error::PatternCount { capacity: 2 });
//! # Ok::<(), Error>(())
//! ```
//!
//! If each subject has times of its own, there are no common sets of visits. Round the times to a
//! grid, or take [one V for all
//! observations](crate::guide::choosing_a_structure#subjects-at-times-of-their-own) and
//! [`Model::fit`](crate::Model::fit).
//!
//! # Panels in constant memory
//!
//! Subjects with the same V enter its likelihood by sums of products alone,
//!
//! ```text
//! Σᵢ yᵢᵀ V⁻¹ yᵢ = ⟨V⁻¹, Σᵢ yᵢ yᵢᵀ⟩
//! ```
//!
//! so a [`Panel`](crate::Panel) keeps these and not the subjects: for each set of visits
//! 2 (K² + K + 1) N² numbers, with the rounding errors of the sums. A fit takes as long for a
//! million subjects as for ten. Panels [merge](crate::Panel::merge), and one
//! [`Accumulator`](crate::Accumulator) serves several models of V.
//!
//! ```
//! use covprop::*;
//! use nalgebra::{SVector, vector};
//!
//! let model = Marginal::new(CompoundSymmetricMatrix::<2>::new());
//! let ones = SVector::<f64, 2>::repeat(1.0);
//! let (mut first, mut second) = (Panel::new(model), Panel::new(model));
//! for i in 0..1000 {
//!     let y = vector![f64::from(i % 7), f64::from(i % 7 + i % 3)];
//!     if i % 2 == 0 { first.push(&ones, &y)? } else { second.push(&ones, &y)? }
//! }
//! first.merge(&second)?;
//! assert_eq!(first.observations(), 2000);
//!
//! // K = 1, N = 2: 2 · 3 · 4 numbers, and a few of what they refer to
//! assert!(size_of_val(&first) < 2 * 24 * size_of::<f64>());
//!
//! // the same data with another V
//! let independent = Panel::from_accumulator(Marginal::new(ScalarMatrix::<2>::new()), *first.accumulator());
//! assert!(independent.fit()?.log_likelihood < first.fit()?.log_likelihood);
//! # Ok::<(), Error>(())
//! ```
//!
//! # Room on the stack
//!
//! A fit keeps its matrices on the stack: about 30 matrices of N×N in an optimised build, and 4 N²
//! numbers for each further set of visits. For large N use a thread with a larger stack:
//! [`performance`](crate::guide::performance#limits-of-the-stack) has the numbers.
//!
//! # References
//!
//! - Fai & Cornelius 1996, Journal of Statistical Computation and Simulation 54, 363–378.
//! - Gilmour, Thompson & Cullis 1995, Biometrics 51, 1440–1450.
//! - Harville 1974, Biometrika 61, 383–385. Patterson & Thompson 1971, Biometrika 58, 545–554.
//! - Kenward & Roger 1997, Biometrics 53, 983–997; 2009, Computational Statistics & Data Analysis
//!   53, 2583–2595.
//! - Rubin 1976, Inference and missing data, Biometrika 63, 581–592.
//! - Satterthwaite 1946, Biometrics Bulletin 2, 110–114.
//! - Self & Liang 1987, Journal of the American Statistical Association 82, 605–610. Stram & Lee
//!   1994, Biometrics 50, 1171–1177.
//! - Venzon & Moolgavkar 1988, Applied Statistics 37, 87–94.
