//! Estimation: the criterion, the search, the outcomes, the precision of the estimates, and the
//! choice of a test.
//!
//! # The criterion
//!
//! The model is y = Xβ + e with e ~ N(0, V(θ)), n observations and K columns of X. Maximum
//! likelihood (ML) maximises the likelihood of y. Restricted maximum likelihood (REML) maximises
//! the likelihood of the n − K linear combinations of y that do not depend on β. The
//! log-likelihoods are:
//!
//! ```text
//! REML   −½ [(n−K) log 2π + log|V| + log|XᵀV⁻¹X| + yᵀPy]
//! ML     −½ [n log 2π + log|V| + yᵀPy]                       P = V⁻¹ − V⁻¹X (XᵀV⁻¹X)⁻¹ XᵀV⁻¹
//! ```
//!
//! The ordinary and the restricted log-likelihood include the same constants as in lme4, nlme,
//! glmmTMB and SAS, so the values can be compared digit by digit. Some other software omits the
//! constant (n−K)/2 log 2π, or adds the constant ½ log|XᵀX| for the design X (Harville 1974). A
//! constant does not move the maximum.
//!
//! REML is the default because REML accounts for the degrees of freedom that the K fixed effects
//! use. For one mean and one variance, REML divides Σ(y − ȳ)² by n − 1, whereas ML divides the same
//! sum by n and is biased. The restricted likelihood depends on the design X, so fits with
//! different fixed effects must be compared by ML, which is selected by
//! [`with_criterion`](crate::reml::Estimation::with_criterion).
//!
//! # The search
//!
//! Each step maximises a quadratic model of the log-likelihood within a trust region, a
//! neighbourhood of θ in which the previous quadratic model was accurate. The first step of the
//! search uses the expected information in the quadratic model of the log-likelihood. If V is
//! linear in its parameters and the data are balanced, the first step ends at the maximum from any
//! start (Searle, Casella & McCulloch 1992, Variance Components, 11.3, on MINQUE and REML of
//! balanced data). Later steps use the average information (Gilmour, Thompson & Cullis 1995), which
//! needs only products with vectors, and steps near the maximum use the observed information. A
//! step that does not raise the likelihood is rejected, so the likelihood of a fit is never below
//! the likelihood at the start.
//!
//! If two successive steps lead a parameter to a bound, the search sets the parameter to the bound:
//! a variance to 0, a correlation to ±1. The search releases a parameter from its bound if the
//! likelihood rises from the bound towards the interior. Several parameters can diverge together
//! while the likelihood rises towards a limit, as the correlation ρ → 1 and the variance σ² → ∞ of
//! an AR(1). The search then follows the parameters and extrapolates the limit of the likelihood.
//! If parameters diverge, results that have a limit, such as the slope of a random walk and the
//! degrees of freedom of the slope, are given to about five digits. Results that grow without bound
//! are replaced by [`Error::NotIdentified`](crate::Error::NotIdentified). The documentation of
//! [`Estimation`](crate::reml::Estimation) has more details of the search.
//!
//! The search computes its default starting values from the data: variances from the residuals of
//! ordinary least squares (for each row separately if there are several subjects), ranges from the
//! distances, and the noise variances of a series from the differences between its observations.
//! The start adapts to the units of y, of the rows of y, of distances and of the columns of Z, so
//! the choice of units makes no difference.
//!
//! [`with_start`](crate::reml::Estimation::with_start) sets the start of the search to another θ,
//! and [`with_start_params`](crate::reml::Estimation::with_start_params) sets the start to
//! parameters on their natural scale.
//! [`theta_from_covariance`](crate::structure::LogCholeskyMatrix::theta_from_covariance) computes
//! the free parameters θ of a given covariance matrix. A free parameter at a bound is infinite: −∞
//! for a variance of 0, ±∞ for a correlation of ±1.
//! [`params`](crate::algebra::ParamMatrixExt::params) converts the free parameters θ to the natural
//! scale, such as variances and correlations, and
//! [`theta_from_params`](crate::algebra::ParamMatrixExt::theta_from_params) converts back; both
//! methods accept parameters at a bound.
//!
//! The search finds a local maximum. The likelihood of the following structures can have several
//! local maxima, so the search tries further starts:
//!
//! | structure | further starts |
//! |---|---|
//! | one or two correlations and several variances, as in AR(1) with a nugget | every combination of signs of the correlations, and correlations near 1: 3 or 5 starts |
//! | a range and several variances | a longer range, a shorter range, and a small nugget: 3 starts |
//! | Toeplitz | a positive and a negative correlation at the last lag: 2 starts |
//! | banded Toeplitz | coefficients near the unit circle: 2 starts |
//! | factor-analytic | every other loading small, or one half of the loadings small: 4 starts |
//! | a state-space model with two noises | almost no noise of the state: 1 start |
//! | a state-space model with three noises or more | little noise of the state: 2 starts |
//!
//! From each further start the search takes 6 steps, and up to 24 more steps if the likelihood from
//! this start may exceed the best likelihood so far.
//! [`Fit::certificate`](crate::reml::Fit::certificate) contains the number of starts, the start
//! that led to the best fit, and the number of different maxima. If the caller sets the start of
//! the search, the search tries no other start.
//!
//! # Reliability of the search
//!
//! The program `benches/search` in the repository measures how often the search finds the highest
//! point. The program simulates 500 data sets for each of 45 models, and fits each data set from
//! the default start and from five random starts: 135,000 fits in all. The table has these columns:
//!
//! **Default start** and **random starts** are the shares of the fits from these starts that end at
//! the best known point. The best known point of a data set is the point with the highest
//! likelihood reached by its six fits, by four further starts and, for every 25th data set, by a
//! slow simplex search.
//!
//! **Or a local maximum**, given for models with several maxima, is the share of fits from random
//! starts that end at the best known point or at a local maximum.
//!
//! **False claims** is the number of fits that claim a maximum at a point from which the likelihood
//! rises in some direction. The claim that the likelihood has its limit at infinite parameters
//! counts as false if the likelihood at another point is higher by more than a relative 1e-8. From
//! each of the ten points at which a fit falsely claimed a maximum, the likelihood rises by less
//! than 6e-12.
//!
//! **Steps** are the steps of the search from the default start. Fits that claim a limit at
//! infinite parameters are not counted.
//!
//! **Time of a fit** is the median on one core of an Intel Xeon that ran other work at the same
//! time; the program was built without special compiler flags.
//!
//! | model | default start | random starts | or a local maximum | false claims | steps: median, 99 %, maximum | time of a fit |
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
//! [`Fit::outcome`](crate::reml::Fit::outcome) says how the search ended. A search that ends before
//! a maximum is not an error: the fit then contains the best θ that the search evaluated, with its
//! β and likelihood.
//!
//! | outcome | what it means | what to do |
//! |---|---|---|
//! | [`Converged`](crate::optimise::Outcome::Converged) | a maximum inside the parameter space | use the fit |
//! | [`Boundary`](crate::optimise::Outcome::Boundary) | a maximum on the boundary, at exactly a variance of 0 or a correlation of ±1; lme4 calls such a fit singular | keep the fit, or use the simpler model, because the data do not show this variance. Use [`boundary_p_value`](crate::inference::LikelihoodRatio::boundary_p_value) for tests and [profiles](crate::inference::Profile) for intervals |
//! | [`NotIdentified`](crate::optimise::Outcome::NotIdentified) | a ridge: V, or its likelihood, is constant along a direction of θ | remove or [fix](crate::operator::Constrained) one of the parameters that the direction names. Results that are constant along the direction are valid. Results that change along it are [`Error::NotIdentified`](crate::Error::NotIdentified) from [`Inference`](crate::inference::Inference) and [`KenwardRoger`](crate::inference::KenwardRoger), and a dash in the table |
//! | [`MaxIterations`](crate::optimise::Outcome::MaxIterations) | the search used all its steps before it reached a maximum | allow [more steps](crate::reml::Estimation::with_max_iterations), or try another start; if 200 steps do not suffice, the likelihood usually has no maximum |
//! | [`Stalled`](crate::optimise::Outcome::Stalled) | no step raises the likelihood any more, though the score is not zero | V becomes singular (too few subjects for V, or data that cancel exactly): use a simpler V. In `f32`, use `f64` |
//!
//! For a fit that ended with `MaxIterations` or `Stalled`,
//! [`inference`](crate::reml::Estimation::inference),
//! [`kenward_roger`](crate::reml::Estimation::kenward_roger) and
//! [`LikelihoodRatio`](crate::inference::LikelihoodRatio) return
//! [`Error::NotMaximum`](crate::Error::NotMaximum).
//!
//! The following example reaches each outcome with three pairs of observations:
//!
//! ```
//! use covprop::Error;
//! use covprop::nalgebra::Vector2;
//! use covprop::prelude::*;
//!
//! fn pairs<M>(model: M, pairs: [[f64; 2]; 3]) -> Result<Panel<M, f64, 2, 1>, Error>
//! where
//!     M: Model<Covariance: ParamMatrix<f64, 2, 2>>,
//! {
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
//! let estimation = panel.estimation()?.with_max_iterations(0);
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
//! A fit returns an [`Error`](crate::Error) if no search can start, because y or X contains a
//! number that is not finite, a column of X depends on other columns, X fits y exactly, or V is not
//! positive definite at the start.
//!
//! # Precision of the estimates
//!
//! The covariance matrix of the estimate of θ is the inverse of an information matrix. There are
//! three information matrices, whose formulas are given by [`Likelihood`](crate::reml::Likelihood):
//!
//! | information | definition | use |
//! |---|---|---|
//! | [`Observed`](crate::inference::Information::Observed) | minus the second derivatives of the log-likelihood at the maximum | the default, as in SAS and lmerTest |
//! | [`Expected`](crate::inference::Information::Expected) | the expectation of the observed information | tests by Kenward & Roger |
//! | [`Average`](crate::inference::Information::Average) | the mean of the observed and the expected information, if V is linear in its parameters | results to compare with ASReml |
//!
//! [`param_standard_errors`](crate::inference::Inference::param_standard_errors) computes the
//! standard errors of variances and correlations by the delta method.
//! [`function`](crate::inference::Inference::function) computes the standard error of a function of
//! the parameters, such as a share, a heritability or a standard deviation. The distribution of an
//! estimated variance is skewed, so the estimate ± 2 standard errors may extend below zero. Use
//! [`theta_interval`](crate::inference::Inference::theta_interval), which works on the logarithmic
//! scale, or better a [profile interval](crate::inference::Profile::interval), which follows the
//! likelihood itself and stops at the boundary.
//!
//! A parameter on the boundary is treated as known: the parameter has no standard error and adds no
//! uncertainty to other results. Kenward & Roger's tests treat a variance of zero as estimated,
//! like pbkrtest, and a correlation of ±1 as known;
//! [`BoundaryTangent`](crate::inference::BoundaryTangent) offers two alternatives.
//!
//! Standard errors of β, degrees of freedom and Kenward & Roger's adjustments
//! [`Linear`](crate::inference::KenwardRogerMethod::Linear) and
//! [`BiasCorrected`](crate::inference::KenwardRogerMethod::BiasCorrected) do not depend on the
//! parametrisation of V, even on the boundary. Kenward & Roger's adjustment of 1997,
//! [`SecondOrder`](crate::inference::KenwardRogerMethod::SecondOrder), depends on the
//! parametrisation and uses the parameters on their natural scale.
//!
//! # Choice of a test
//!
//! | hypothesis or question | test | method |
//! |---|---|---|
//! | ℓᵀβ = 0 | t with Satterthwaite's degrees of freedom | [`Inference::contrast`](crate::inference::Inference::contrast) |
//! | Lβ = 0, several rows | F by Fai & Cornelius | [`Inference::test`](crate::inference::Inference::test) |
//! | ℓᵀβ = 0 or Lβ = 0 in small samples | Kenward & Roger's test, which also adjusts the covariance of β | [`KenwardRoger::contrast`](crate::inference::KenwardRoger::contrast), [`test`](crate::inference::KenwardRoger::test) |
//! | fixed effects are 0, by likelihood | likelihood ratio of two ML fits, χ² | [`p_value`](crate::inference::LikelihoodRatio::p_value) |
//! | a correlation is 0, or variances are equal | likelihood ratio of two REML fits, χ² | [`p_value`](crate::inference::LikelihoodRatio::p_value) |
//! | a variance and its covariances are 0 | likelihood ratio with the mixture ½χ²ₔ₋₁ + ½χ²ₔ (Self & Liang 1987; Stram & Lee 1994) | [`boundary_p_value`](crate::inference::LikelihoodRatio::boundary_p_value) |
//! | several variances are 0 | likelihood ratio with a mixture of χ² that the caller gives | [`mixture_p_value`](crate::inference::LikelihoodRatio::mixture_p_value) |
//! | variances are 0, in small samples | likelihood ratio compared with data simulated from the smaller model | [`bootstrap_p_value`](crate::inference::LikelihoodRatio::bootstrap_p_value) |
//! | which of several V, nested or not | comparison of AIC, AICc or BIC | [`Fit::aic`](crate::reml::Fit::aic) |
//!
//! Satterthwaite's and Kenward & Roger's tests agree in balanced designs, and differ if groups are
//! few and unequal, or if visits are missing. In designs with few and unequal groups or missed
//! visits, standard errors that treat V as known are too small, and Kenward & Roger's method
//! corrects them. Kenward & Roger's correction is for REML only. A Wald test of a variance, which
//! divides the estimate by its standard error, should not be used because such a test ignores the
//! boundary.
//!
//! # Missing visits
//!
//! For a subject with missed visits, the likelihood uses the rows and columns of V at the observed
//! visits. No value is imputed, and no subject is dropped. The likelihood of the observed visits is
//! valid if the probability that a visit is missed depends on the observed values only (missing at
//! random, Rubin 1976). The const generic `PATTERNS` of a [`Panel`](crate::reml::Panel) is the
//! number of different sets of visits for which the panel has room; subjects with the same set of
//! visits share one V.
//!
//! ```
//! use covprop::Error;
//! use covprop::prelude::*;
//!
//! // two subjects, each seen at two of three visits; σ² = Σ(y − ȳ)²/(n − 1) of 1, 3, 2, 6: 14/3
//! let x = SVector::<f64, 3>::repeat(1.0);
//! let mut panel = Panel::<_, f64, 3, 1,
//! 2>::with_patterns(Marginal::new(ScalarMatrix::<3>::new())); panel.push_observed(&x,
//! &vector![1.0, 3.0, f64::NAN], &[true, true, false])?; panel.push_observed(&x, &vector![f64::NAN,
//! 2.0, 6.0], &[false, true, true])?; let fit = panel.fit()?; assert_eq!(fit.observations, 4);
//! assert!((fit.beta[0] - 3.0).abs() < 1e-14 && (fit.params[0] - 14.0 / 3.0).abs() < 1e-12);
//!
//! // no room for a third set of visits
//! let error = panel.push(&x, &vector![1.0, 2.0, 3.0]).unwrap_err();
//! assert_eq!(error, Error::PatternCount { capacity: 2 });
//! # Ok::<(), Error>(())
//! ```
//!
//! If each subject has its own visit times, subjects have no sets of visits in common. Use
//! [`Subjects`](crate::reml::Subjects), in which each subject has its own model, design and number
//! of rows: see [subjects with their own visit
//! times](crate::guide::choosing_a_structure#subjects-with-their-own-visit-times).
//!
//! # Panels in constant memory
//!
//! The likelihood of subjects with the same V depends on the data only through sums of products:
//!
//! ```text
//! Σᵢ yᵢᵀ V⁻¹ yᵢ = ⟨V⁻¹, Σᵢ yᵢ yᵢᵀ⟩
//! ```
//!
//! A [`Panel`](crate::reml::Panel) stores the sums of products over subjects, not the subjects.
//! With N visits and K fixed effects, a panel stores 2 (K² + K + 1) N² numbers for each set of
//! visits, which are the sums and their rounding errors. A fit of a panel takes as long for a
//! million subjects as for ten. Panels can be [merged](crate::reml::Panel::merge), and the stored
//! sums, an [`Accumulator`](crate::reml::Accumulator), can be used for several models of V.
//!
//! ```
//! use covprop::prelude::*;
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
//! let independent = Panel::from_accumulator(Marginal::new(ScalarMatrix::<2>::new()),
//! *first.accumulator()); assert!(independent.fit()?.log_likelihood < first.fit()?.log_likelihood);
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! # Sums that do not depend on the order of subjects
//!
//! A panel rounds its sums, and its coordinates come from the first subjects, so that the last bits
//! of a fit depend on the order of the subjects and on the partition of the data between threads or
//! machines. A [`ReproducibleAccumulator`](crate::reml::ReproducibleAccumulator) has the same bits
//! for every order, every partition and every order of merging, on every machine.
//! [`to_accumulator`](crate::reml::ReproducibleAccumulator::to_accumulator) computes the sums of a
//! panel from these bits, so that every fit is the same, too.
//!
//! ```
//! use covprop::prelude::*;
//! use covprop::reml::ReproducibleAccumulator;
//!
//! type Sums = ReproducibleAccumulator<f64, 2, 1>;
//!
//! // subject i of a thousand
//! let push = |sums: &mut Sums, i: u32| {
//!     let y = vector![f64::from(i).sin(), f64::from(i).cos() / 3.0];
//!     sums.push(&SVector::repeat(1.0), &y)
//! };
//! let (mut all, mut even, mut odd) = (Sums::new(), Sums::new(), Sums::new());
//! for i in 0..1000 {
//!     push(&mut all, 999 - i)?;
//!     push(if i % 2 == 0 { &mut even } else { &mut odd }, i)?;
//! }
//! odd.merge(&even)?;
//! assert_eq!(all, odd);
//!
//! let model = Marginal::new(CompoundSymmetricMatrix::<2>::new());
//! let panel = Panel::from_accumulator(model, all.to_accumulator()?);
//! assert_eq!(panel.fit()?.outcome, Outcome::Converged);
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! The sums take 2.25 times the bytes of an `Accumulator` in `f64`, and a few numbers. A push takes
//! 1.2 to 2 times as long as a push into a panel, and up to three times if the numbers of one
//! column at one visit differ in size by 2⁶⁰. `benches/counts` counts the instructions of both. The
//! number of [bytes](crate::reml::ReproducibleAccumulator::BYTES) depends only on the type.
//!
//! # Stack size
//!
//! A fit keeps its matrices on the stack. For an N×N covariance matrix V, a fit in an optimised
//! build needs about 30 N×N matrices, and in a debug build about 80. For large N use a thread with
//! a larger stack. A panel has room on the stack for all its sets of visits, and its fit needs
//! three N×N matrices for each of them at two values of θ. `size_of` returns the size of a panel.
//! [`Panel::FIT_STACK`](crate::reml::Panel::FIT_STACK) is the additional stack that suffices for a
//! fit in a debug build. If there are many sets of visits, or their number is known only at run
//! time, use a
//! `HeapPanel` (feature `alloc`), whose sums and factors are on the heap, or
//! [`Subjects`](crate::reml::Subjects), which need no heap.
//! Measured sizes are in [`performance`](crate::guide::performance#limits-of-the-stack).
//!
//! # References
//!
//! - Demmel & Nguyen 2015, Parallel reproducible summation, IEEE Transactions on Computers 64,
//!   2060–2070.
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
