//! Comparison with seven other libraries: the strengths of each, one small task in code on both
//! sides, and when to choose which library.
//!
//! Each section compares covprop with one library, and begins with the strengths of that library.
//! The code for that library is written for the version that the section names. The covprop code is
//! compiled and run as a test, and asserts the numbers of the other library.
//!
//! [`coming_from`](crate::guide::coming_from) has tables of corresponding names and more models of
//! lme4, nlme, mmrm, ASReml and torch-openreml. [`performance`](crate::guide::performance) compares
//! the speed of covprop and other software.
//!
//! | need | choice |
//! |---|---|
//! | nonlinear state-space models, square-root filters | [typed-kalman](#typed-kalman) |
//! | a smoother | [typed-kalman](#typed-kalman), [adskalman](#adskalman) |
//! | Jacobians derived from formulas; rotations and poses; code in C++ | [SymForce](#symforce) |
//! | formulas, data frames, plots | [lme4](#lme4), [MixedModels.jl](#mixedmodelsjl), [mmrm](#mmrm) |
//! | binary or count responses | [lme4](#lme4), [MixedModels.jl](#mixedmodelsjl) |
//! | crossed factors with hundreds or thousands of levels | [lme4](#lme4), [MixedModels.jl](#mixedmodelsjl) |
//! | a clinical trial with visits, robust standard errors | [mmrm](#mmrm) |
//! | dense models of thousands of observations, on a GPU | [torch-openreml](#torch-openreml) |
//! | derivatives of a filter, or noises estimated from data | covprop |
//! | mixed models on a microcontroller, or without an operating system | covprop |
//! | the same small model for very many series | covprop |
//! | a covariance matrix composed of parts, with exact derivatives | covprop |
//!
//! # typed-kalman
//!
//! typed-kalman 0.1.1 is written in Rust with nalgebra's matrices. Like covprop, typed-kalman needs
//! no heap and no `std`.
//!
//! ## Strengths of typed-kalman
//!
//! **Nonlinear models.** typed-kalman has an extended and an unscented filter. The feature
//! `autodiff` of typed-kalman computes the Jacobians of the extended filter by dual numbers.
//! covprop's filters are linear.
//!
//! **Square-root filters.** `SqrtKf` and `SqrtUkf` in typed-kalman propagate a Cholesky factor of
//! the state covariance P. The factor keeps P positive definite in `f32` if precise sensors make P
//! ill-conditioned. covprop's filter propagates P itself, and updates P by the Joseph form.
//!
//! **Smoothing.** typed-kalman has a Rauch–Tung–Striebel smoother over a recorded history. covprop
//! has no smoother.
//!
//! **Models that change.** In typed-kalman the transition matrix F, the observation matrix H, and
//! the noise covariances Q and R are arguments of each step, and one filter accepts observations of
//! different sizes. A covprop filter has one model and one size of observation.
//!
//! **Control inputs and consistency checks.** typed-kalman has `predict_with_input` for control
//! inputs. To check the consistency of a filter, typed-kalman has bounds for the normalised errors.
//!
//! ## Example: positions of a vehicle
//!
//! The state of the vehicle is a position in m and a velocity in m/s. In each second the
//! acceleration is random with variance 0.04 m²/s⁴, and the position is measured with variance 9
//! m².
//!
//! ```rust,ignore
//! use covprop::nalgebra::{matrix, vector};
//! use typed_kalman::LinearKf;
//!
//! let f = matrix![1.0, 1.0; 0.0, 1.0];
//! let q = matrix![0.25, 0.5; 0.5, 1.0] * 0.04;
//! let (h, r) = (matrix![1.0, 0.0], matrix![9.0]);
//!
//! let mut filter = LinearKf::new(vector![0.0, 0.0], matrix![1e4, 0.0; 0.0, 1e2]);
//! for y in [9.0, 24.0, 28.0, 41.0] {
//!     filter.predict(&f, &q);
//!     let nis = filter.update(&h, &vector![y], &r)?; // normalised innovation squared
//! }
//! // filter.state() is 40.2355 and 9.8250, the last nis 0.2111
//! ```
//!
//! In covprop the variances of the acceleration and of the measurement are parameters, and the
//! filter computes derivatives with respect to both:
//!
//! ```
//! use covprop::prelude::*;
//!
//! let acceleration = named("acceleration", ScalarMatrix::<1>::new());
//! let model = StateSpace::new(
//!     matrix![1.0, 1.0; 0.0, 1.0],
//!     matrix![1.0, 0.0],
//!     CovariancePropagation::new(vector![0.5, 1.0], acceleration), // Q = Γ σ² Γᵀ
//!     named("measurement", ScalarMatrix::<1>::new()),
//! );
//! let theta = model.theta_from_params(&[0.04, 9.0])?;
//! let (mean, covariance) = (vector![0.0, 0.0], matrix![1e4, 0.0; 0.0, 1e2]);
//! let mut filter = model.sensitivity_filter(&theta, &mean, &covariance)?;
//!
//! let mut nis = 0.0_f64;
//! for y in [9.0, 24.0, 28.0, 41.0] {
//!     filter.predict()?;
//!     nis = filter.update(&vector![y])?.standardised.norm_squared();
//! }
//! assert!((filter.mean() - vector![40.235_484_046_7, 9.824_984_495_8]).amax() < 1e-9);
//! assert!((nis - 0.211_068_233_2).abs() < 1e-9);
//!
//! // the derivative of the log-likelihood with respect to θ₁ = log σ of the measurement
//! let score: &[f64; 2] = filter.score();
//! assert!((score[1] - 0.333_281_798_6).abs() < 1e-9);
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! | typed-kalman | covprop |
//! |---|---|
//! | `LinearKf::new(x, p)`, then F, Q, H and R at each step | [`StateSpace::new(f, h, q, r)`](crate::kalman::StateSpace::new), then [`filter(theta, x, p)`](crate::kalman::LinearGaussian::filter) |
//! | `predict(&f, &q)`, `update(&h, &z, &r)` | [`predict()`](crate::kalman::KalmanFilter::predict), [`update(&y)`](crate::kalman::KalmanFilter::update) |
//! | the NIS that `update` returns | `norm_squared` of [`Innovation::standardised`](crate::kalman::Innovation) |
//! | – | [`log_likelihood`](crate::kalman::KalmanFilter::log_likelihood), [`score`](crate::kalman::SensitivityFilter::score), [`covariance_gradient`](crate::kalman::SensitivityFilter::covariance_gradient) |
//! | – | [`EstimateNoise::fit`](crate::kalman::EstimateNoise), the noises by maximum likelihood |
//!
//! ## Choice between typed-kalman and covprop
//!
//! Choose typed-kalman for a filter with known noise covariances, and for any nonlinear model.
//! Choose covprop if the noise covariances are unknown, or if you need to know how the state
//! estimates and their covariance P depend on the noise covariances. typed-kalman and covprop work
//! together: estimate the noise covariances with covprop, and run typed-kalman with the result.
//!
//! # adskalman
//!
//! adskalman 0.18 is written in Rust with nalgebra's matrices, and can be used without `std`.
//!
//! ## Strengths of adskalman
//!
//! **Smoothing.** `smooth` in adskalman returns the Rauch–Tung–Striebel estimates of a whole series
//! (feature `std`). covprop has no smoother.
//!
//! **User-defined models.** In adskalman two small traits describe the motion and the observation.
//! An adskalman filter only borrows the two models and is cheap to create, so the motion and the
//! observation model may change at each step. A nonlinear observation can be linearised at the
//! current estimate of the state.
//!
//! **A choice of updates.** adskalman updates the state covariance by the Joseph form, or by one of
//! two cheaper forms that are valid for the optimal gain only.
//!
//! **Missing observations as NaN.** In adskalman a series with missing observations is a plain
//! slice that contains NaN.
//!
//! ## Example: flow of the Nile with a gap
//!
//! The data are annual flows of the Nile at Aswan from 1871 on, in 10⁸ m³, without the flow
//! of 1873. The level of the flow is a random walk. The variances of the random walk, 1469.1, and
//! of the observations, 15099, are from Durbin & Koopman (2012, Time Series Analysis by State Space
//! Methods, section 2).
//!
//! ```rust,ignore
//! use adskalman::{KalmanFilterNoControl, ObservationModel, StateAndCovariance};
//! use adskalman::TransitionModelLinearNoControl;
//! use covprop::nalgebra::{OMatrix, U1, matrix, vector};
//!
//! type One = OMatrix<f64, U1, U1>;
//! struct Walk { f: One, q: One }
//! impl TransitionModelLinearNoControl<f64, U1> for Walk {
//!     fn F(&self) -> &One { &self.f }
//!     fn FT(&self) -> &One { &self.f }
//!     fn Q(&self) -> &One { &self.q }
//! }
//! struct Gauge { h: One, r: One }
//! impl ObservationModel<f64, U1, U1> for Gauge {
//!     fn H(&self) -> &One { &self.h }
//!     fn HT(&self) -> &One { &self.h }
//!     fn R(&self) -> &One { &self.r }
//! }
//!
//! let walk = Walk { f: matrix![1.0], q: matrix![1469.1] };
//! let gauge = Gauge { h: matrix![1.0], r: matrix![15099.0] };
//! let start = StateAndCovariance::new(vector![0.0], matrix![1e7]);
//! let flows = [1120.0, 1160.0, f64::NAN, 1210.0, 1160.0].map(|y| vector![y]);
//!
//! let filter = KalmanFilterNoControl::new(&walk, &gauge);
//! let filtered = filter.filter(&start, &flows)?; // the last: 1166.142 with variance 5132.919
//! let smoothed = filter.smooth(&start, &flows)?; // the level of 1873: 1163.128
//! ```
//!
//! In covprop a missing observation is a `predict` without an `update`:
//!
//! ```
//! use covprop::prelude::*;
//!
//! let one = matrix![1.0];
//! let level = named("level", ScalarMatrix::<1>::new());
//! let flow = named("flow", ScalarMatrix::<1>::new());
//! let model = StateSpace::new(one, one, level, flow);
//!
//! let theta = model.theta_from_params(&[1469.1_f64, 15_099.0])?;
//! let mut filter = model.filter(&theta, &vector![0.0], &matrix![1e7])?;
//! for y in [Some(1120.0), Some(1160.0), None, Some(1210.0), Some(1160.0)] {
//!     filter.predict()?;
//!     if let Some(y) = y {
//!         filter.update(&vector![y])?;
//!     }
//! }
//! assert!((filter.mean()[0] - 1166.141_808_8).abs() < 1e-6);
//! assert!((filter.covariance()[0] - 5132.918_740_3).abs() < 1e-6);
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! ## Choice between adskalman and covprop
//!
//! Choose adskalman to smooth a series, or to compute the matrices F, Q, H and R of the model in
//! your own code. Choose covprop to estimate the variances of the random walk and of the
//! observations: [`EstimateNoise::fit`](crate::kalman::EstimateNoise) maximises the likelihood of a
//! series with exact derivatives. For the flows of the Nile from 1871 to 1970 the estimates of
//! covprop are the published variances.
//!
//! # SymForce
//!
//! SymForce 0.12 is a Python library that generates C++ code based on Eigen, and code in other
//! languages.
//!
//! ## Strengths of SymForce
//!
//! **Jacobians from formulas.** SymForce differentiates any symbolic expression, so no derivative
//! is written by hand. In covprop the caller provides the Jacobian of a nonlinear function as a
//! matrix, or the function itself in dual numbers, by `CustomMatrix` (feature `autodiff`).
//!
//! **Geometry.** SymForce has rotations, poses and cameras, with derivatives in the tangent space
//! of their Lie groups. covprop has no types for geometry.
//!
//! **Generated code.** SymForce generates one flat function without branches and without heap, in
//! which common terms are shared. SymForce drops every zero of an expression, whereas covprop drops
//! only the zeros that the type of a structure implies.
//!
//! **Optimisation of factor graphs.** SymForce solves nonlinear least squares for localisation,
//! calibration and bundle adjustment.
//!
//! ## Example: a covariance from polar to Cartesian coordinates
//!
//! A radar measures a range of 10 m and a bearing of 30° with the variances 0.04 m² and 10⁻⁴ rad².
//! The task is to compute the covariance J diag(σ²) Jᵀ of the Cartesian position, where J is the
//! Jacobian of the position, and the derivatives of this covariance with respect to the two
//! variances σ².
//!
//! ```python
//! import symforce
//!
//! symforce.set_epsilon_to_symbol()
//! import symforce.symbolic as sf
//! from symforce.codegen import Codegen, CppConfig
//!
//! def covariance(polar: sf.V2, variances: sf.V2) -> sf.M22:
//!     point = sf.V2(polar[0] * sf.cos(polar[1]), polar[0] * sf.sin(polar[1]))
//!     j = point.jacobian(polar)
//!     return j * sf.M22.diag(variances.to_storage()) * j.T
//!
//! codegen = Codegen.function(covariance, config=CppConfig())
//! codegen.with_jacobians(which_args=["variances"]).generate_function()
//! # a C++ template of 19 operations that returns V and fills ∂V, a matrix of 4 rows and 2 columns
//! # at 10 m and 30°, V is [0.0325, 0.0075 √3; 0.0075 √3, 0.0175]
//! ```
//!
//! ```
//! use covprop::prelude::*;
//!
//! let (range, bearing) = (10.0_f64, std::f64::consts::FRAC_PI_6);
//! let (sin, cos) = bearing.sin_cos();
//! let jacobian = matrix![cos, -range * sin; sin, range * cos]; // by hand
//! let v = CovariancePropagation::new(jacobian, DiagonalMatrix::<2>::new());
//!
//! let theta = v.theta_from_params(&[0.04, 1e-4])?;
//! let off = 0.0075 * 3.0_f64.sqrt();
//! assert!((v.value(&theta) - matrix![0.0325, off; off, 0.0175]).amax() < 1e-15);
//!
//! // ∂V/∂σ²: those with respect to θ, divided by ∂σ²/∂θ
//! let [of_range, of_bearing] = v.gradient(&theta);
//! let by = v.param_derivatives(&theta);
//! assert!(((of_range / by[0])[(0, 0)] - cos * cos).abs() < 1e-14);
//! assert!(((of_bearing / by[1])[(0, 0)] - (range * sin).powi(2)).abs() < 1e-12);
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! ## Choice between SymForce and covprop
//!
//! Choose SymForce if the difficult part is the model function itself, as with kinematics, camera
//! projections or poses.
//! Choose covprop if the difficulty is in the covariance: structures with constraints on their
//! parameters, likelihoods, tests. SymForce unrolls an expression into straight-line code at build
//! time, which suits small expressions; covprop compiles loops and has no separate generation step.
//!
//! # lme4
//!
//! lme4 1.1 is an R package.
//!
//! ## Strengths of lme4
//!
//! **Generalised and nonlinear models.** lme4 has `glmer` for binary and count responses and
//! `nlmer` for nonlinear means. covprop fits linear models with normal errors.
//!
//! **Sparse matrices.** lme4 fits crossed factors with thousands of levels. In covprop the
//! covariance matrix V of the observations, or of one subject in a [`Panel`](crate::reml::Panel),
//! is dense.
//!
//! **Formulas and data frames.** lme4 handles factors, contrasts, interactions and missing values.
//! In covprop X and Z are matrices that the caller fills.
//!
//! **An ecosystem.** lme4 is supported by lmerTest, pbkrtest, emmeans, diagnostic plots, and many
//! books.
//!
//! ## Example: batches of dyestuff
//!
//! The data are the yields of six batches of dyestuff with five samples each (Davies & Goldsmith
//! 1972). The model estimates the variance between batches, and how far each batch is from the
//! mean:
//!
//! ```r
//! fit <- lmer(Yield ~ 1 + (1 | Batch), Dyestuff)
//! VarCorr(fit)  # standard deviations 42.001 and 49.510
//! logLik(fit)   # -159.8271
//! ranef(fit)    # A -17.6069, B 0.3913, C 28.5622, D -23.0845, E 56.7332, F -44.9953
//! ```
//!
//! ```
//! use covprop::prelude::*;
//!
//! const YIELDS: [[f64; 5]; 6] = [
//!     [1545.0, 1440.0, 1440.0, 1520.0, 1580.0],
//!     [1540.0, 1555.0, 1490.0, 1560.0, 1495.0],
//!     [1595.0, 1550.0, 1605.0, 1510.0, 1560.0],
//!     [1445.0, 1440.0, 1595.0, 1465.0, 1545.0],
//!     [1595.0, 1630.0, 1515.0, 1635.0, 1625.0],
//!     [1520.0, 1455.0, 1450.0, 1480.0, 1445.0],
//! ];
//! let ones = SVector::<f64, 5>::repeat(1.0);
//! let model = MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<5>::new());
//! let mut panel = Panel::new(model);
//! panel.extend(YIELDS.map(|y| (ones, SVector::from(y))))?;
//!
//! let fit = panel.fit()?;
//! let [batch, residual] = fit.params.map(f64::sqrt);
//! assert!((batch - 42.001).abs() < 5e-4 && (residual - 49.510).abs() < 5e-4);
//! assert!((fit.log_likelihood + 159.827_138_421).abs() < 1e-8);
//! let theirs = [-17.606_851, 0.391_263, 28.562_226, -23.084_538, 56.733_188, -44.995_287];
//! for (y, theirs) in YIELDS.iter().zip(theirs) {
//!     let effect = fit.predict(&ones, &SVector::from(*y))?.random_effects();
//!     assert!((effect[0] - theirs).abs() < 1e-6);
//! }
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! ## Choice between lme4 and covprop
//!
//! Choose lme4 to analyse a data set interactively. Choose covprop to fit inside a program: in
//! firmware, in a service, or for a hundred thousand series with one design. covprop also has
//! structures for the residuals, such as AR(1) and variance functions, where `lmer` has only
//! weights, and covprop names the bound or the direction at which a fit ended
//! ([`Outcome`](crate::optimise::Outcome)). [`coming_from`](crate::guide::coming_from#from-lme4)
//! has examples with random slopes, crossed factors and nested factors.
//!
//! # MixedModels.jl
//!
//! MixedModels.jl 4 is a Julia package.
//!
//! ## Strengths of MixedModels.jl
//!
//! **Large crossed designs.** The documentation of MixedModels.jl fits 73,421 ratings of 2,160
//! instructors by 2,972 students. MixedModels.jl uses a blocked sparse Cholesky factor and never
//! stores the covariance matrix V of the observations. In covprop the covariance matrix V of the
//! 73,421 ratings would have 5 · 10⁹ entries.
//!
//! **Generalised models.** MixedModels.jl fits generalised models with adaptive Gauss–Hermite
//! quadrature. covprop fits linear models only.
//!
//! **Formulas and tables.** MixedModels.jl has formulas and tables, and matrix sizes that are known
//! only at run time; Julia compiles the code nevertheless.
//!
//! **Bootstrap in one call.** MixedModels.jl has `parametricbootstrap`. In covprop a bootstrap is a
//! loop over a `Simulation` (feature `rand_core`), as in `examples/bootstrap.rs`.
//!
//! ## Example: reaction times after nights with little sleep
//!
//! The model has a random intercept and slope for each of 18 subjects (Belenky and others 2003),
//! and is fitted by maximum likelihood, the default of MixedModels.jl:
//!
//! ```julia
//! using MixedModels
//! sleepstudy = MixedModels.dataset(:sleepstudy)
//! m = fit(MixedModel, @formula(reaction ~ 1 + days + (1 + days | subj)), sleepstudy)
//! # standard deviations 23.8 and 5.72 with correlation 0.08, residual 25.6; logLik -875.97
//! # standard errors of the intercept 6.63 and of the slope 1.50
//! ```
//!
//! ```
//! use covprop::prelude::*;
//!
//! let x = SMatrix::<f64, 10, 2>::from_fn(|day, j| if j == 0 { 1.0 } else { day as f64 });
//! # let data = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/sleepstudy.csv"));
//! # let times: Vec<f64> =
//! #     data.lines().skip(1).map(|line| line.split(',').next().unwrap().parse().unwrap()).collect();
//! # let subjects = times.chunks(10).map(|times| (x, SVector::from_row_slice(times)));
//! // `subjects` are X and y of each, from examples/data/sleepstudy.csv
//! let lines = LogCholeskyMatrix::<2>::new();
//! let mut panel = Panel::new(MixedModel::new(x, lines, ScalarMatrix::<10>::new()));
//! panel.extend(subjects)?;
//!
//! let fit = panel.estimation()?.with_criterion(Criterion::Ml).fit()?;
//! let [intercept, slope, _, residual] = fit.params; // standard deviations, and σ² last
//! assert!((intercept - 23.780_567).abs() < 1e-6 && (slope - 5.716_835).abs() < 1e-6);
//! assert!((residual.sqrt() - 25.591_816).abs() < 1e-6);
//! assert!((fit.log_likelihood + 875.969_672).abs() < 1e-6);
//! assert!((fit.beta_standard_errors() - vector![6.632_277, 1.502_237]).amax() < 1e-6);
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! | MixedModels.jl | covprop |
//! |---|---|
//! | `fit(MixedModel, formula, data)` | [`Estimation::with_criterion`](crate::reml::Estimation::with_criterion), then `fit` |
//! | `REML=true` | the default |
//! | `(1 + days \| subj)`, `zerocorr(1 + days \| subj)` | Z = \[1 t\] with G a [`LogCholeskyMatrix`](crate::structure::LogCholeskyMatrix), a [`DiagonalMatrix`](crate::structure::DiagonalMatrix) |
//! | θ: entries of the relative covariance factor | [`Fit::theta`](crate::reml::Fit::theta): free parameters, the residual variance among them |
//! | `VarCorr(m)`, `ranef(m)` | [`Fit::params`](crate::reml::Fit::params), [`Fit::predict`](crate::reml::Fit::predict) |
//! | `issingular(m)` | [`Outcome::Boundary`](crate::optimise::Outcome::Boundary) |
//! | z values | t with degrees of freedom, [`Inference::coefficients`](crate::inference::Inference::coefficients) |
//!
//! ## Choice between MixedModels.jl and covprop
//!
//! Choose MixedModels.jl for large or crossed data, for generalised models, and for exploration.
//! Choose covprop for small designs that are fitted very often, for other covariance structures,
//! for degrees of freedom by Satterthwaite or by Kenward and Roger, and where a Julia runtime
//! cannot be installed.
//!
//! # mmrm
//!
//! mmrm 0.3 is an R package.
//!
//! ## Strengths of mmrm
//!
//! **Design for clinical trials.** mmrm has a formula with visits and subjects, least-squares means
//! by emmeans, and results compared with SAS.
//!
//! **Robust standard errors.** mmrm has empirical covariances of the fixed effects, including
//! bias-reduced and jackknife versions. covprop has model-based standard errors and the standard
//! errors of Kenward and Roger.
//!
//! **A covariance for each group of subjects in one term.** By `us(visit | group / id)` mmrm fits a
//! different unstructured covariance for each group of subjects. In covprop, the V of each
//! of the [`Subjects`](crate::reml::Subjects) is one block of a block diagonal matrix, as in
//! `examples/variance_by_arm.rs`.
//!
//! **Between–within degrees of freedom and weights.** mmrm has between–within degrees of freedom,
//! and weights of observations in any covariance structure.
//!
//! **Several optimisers.** If one optimiser does not converge, mmrm tries the next.
//!
//! ## Example: growth of girls and boys
//!
//! Potthoff & Roy (1964) measured a distance in the skulls of 11 girls and 16 boys at four ages.
//! The model has a mean for each sex at each age and an unstructured covariance. With complete
//! data, the estimated difference between the sexes at the age of 14 equals that of a two-sample t
//! test: −3.3778 mm with standard error 0.8746 and 25 degrees of freedom.
//!
//! ```r
//! data(Orthodont, package = "nlme")
//! Orthodont$visit <- factor(Orthodont$age)
//! fit <- mmrm(distance ~ Sex * visit + us(visit | Subject), Orthodont, method = "Kenward-Roger")
//! emmeans(fit, pairwise ~ Sex | visit)
//! ```
//!
//! ```
//! use covprop::prelude::*;
//!
//! # let data = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/orthodont.csv"));
//! # let rows: Vec<(f64, bool)> = data.lines().skip(1).map(|line| {
//! #     let fields: Vec<&str> = line.split(',').collect();
//! #     (fields[0].parse().unwrap(), fields[3] == "Female")
//! # }).collect();
//! # let children = rows.chunks(4).map(|child| {
//! #     (child[0].1, SVector::<f64, 4>::from_fn(|visit, _| child[visit].0))
//! # });
//! let mut panel = Panel::new(Marginal::new(LogCholeskyMatrix::<4>::new()));
//! // `children` has `true` for a girl, and y, from examples/data/orthodont.csv
//! for (girl, y) in children {
//!     // four means of boys, then by how much girls differ
//!     let columns = [1.0, f64::from(girl)];
//!     let x = SMatrix::<f64, 4, 8>::from_fn(|visit, j| {
//!         if j % 4 == visit { columns[j / 4] } else { 0.0 }
//!     });
//!     panel.push(&x, &y)?;
//! }
//! let estimation = panel.estimation()?;
//! let fit = estimation.fit()?;
//! let [.., at_14] = estimation.kenward_roger(&fit)?.coefficients();
//! let at_14 = at_14?;
//! assert!((at_14.estimate + 3.377_840_909).abs() < 1e-8);
//! assert!((at_14.standard_error - 0.874_561_394).abs() < 1e-8);
//! assert!((at_14.degrees_of_freedom - 25.0).abs() < 1e-6);
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! ## Choice between mmrm and covprop
//!
//! Choose mmrm for the analysis of a trial, and wherever a reviewer expects a formula. Choose
//! covprop to simulate a design with very many fits, for covariance structures that mmrm does not
//! have, and for fits inside another program. [`coming_from`](crate::guide::coming_from#from-mmrm)
//! compares the results of covprop and SAS for data with missed visits.
//!
//! # torch-openreml
//!
//! torch-openreml 0.4 (alpha) is a Python library based on PyTorch.
//!
//! ## Strengths of torch-openreml
//!
//! **Sizes at run time.** One torch-openreml program fits models of any size. In covprop each size
//! is compiled separately.
//!
//! **Hardware.** PyTorch's tensors run on GPUs. covprop runs on CPUs, and its matrices are arrays
//! on the stack.
//!
//! **Automatic differentiation.** In torch-openreml a user-defined structure needs only its value,
//! written with PyTorch's functions. In covprop the caller also writes the derivatives of a
//! user-defined structure, or has the derivatives computed with dual numbers by `CustomMatrix`
//! (feature `autodiff`).
//!
//! **Python.** torch-openreml works with numpy, pandas and notebooks.
//!
//! ## Example: two batches of three
//!
//! The data are two batches of three observations each. The mean squares are 24 between batches and
//! 1 within batches, so the estimated variances are (24 − 1)/3 between and 1 within batches. The
//! parameters θ, which are logarithms of standard deviations, are 1.0184 and 0:
//!
//! ```python
//! import torch
//! import torch_openreml.covariance as openreml
//! from torch_openreml import MarginalREML
//!
//! torch.set_default_dtype(torch.float64)
//! z = openreml.DummyMatrix(["a", "a", "a", "b", "b", "b"])
//! batch = openreml.CovariancePropagation(z, openreml.ScalarMatrix(2))
//! reml = MarginalREML(openreml.Sum(batch, openreml.ScalarMatrix(6)))
//!
//! y = torch.tensor([1.0, 2.0, 3.0, 5.0, 6.0, 7.0])
//! theta = reml.optimize(y, torch.ones(6, 1), torch.zeros(2))[0]
//! ```
//!
//! ```
//! use covprop::prelude::*;
//!
//! let batch = DummyMatrix::<6, 2>::from_labels(&["a", "a", "a", "b", "b", "b"])?;
//! let model = MixedModel::new(batch, ScalarMatrix::<2>::new(), ScalarMatrix::<6>::new());
//!
//! let y = vector![1.0, 2.0, 3.0, 5.0, 6.0, 7.0];
//! let fit = model.fit(&SVector::<f64, 6>::repeat(1.0), &y)?;
//! assert!((fit.theta[0] - (23.0_f64 / 3.0).ln() / 2.0).abs() < 1e-9);
//! assert!(fit.theta[1].abs() < 1e-9);
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! ## Choice between torch-openreml and covprop
//!
//! Choose torch-openreml to experiment with structures in Python, and for dense models that are too
//! large for arrays on a stack. Choose covprop for small models, for tests and intervals, and for
//! programs that are not written in Python. Structures and operators have the same names and the
//! same parameters θ in torch-openreml and in covprop, so a model can move from one library to the
//! other. [`coming_from`](crate::guide::coming_from#from-torch-openreml) also describes how the
//! log-likelihoods of torch-openreml and covprop differ.
