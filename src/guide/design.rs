//! Design decisions: the reason for each decision, the cost of the decision, and when the decision
//! is the wrong choice.
//!
//! | decision | gain | cost |
//! |---|---|---|
//! | [sizes in types](#sizes-in-types) | wrong sizes do not compile; no heap | each size is compiled separately; no sizes from data |
//! | [a typenum integer for P](#a-typenum-integer-for-p) | the gradient of a composition is a plain array | long types in generic code |
//! | [one visit for all evaluations](#one-visit-for-all-evaluations) | any composition has exact derivatives at the cost of its parts | more code for an operator |
//! | [no list of structures in the likelihood](#no-list-of-structures-in-the-likelihood) | user-defined compositions are fitted, tested and predicted like built-in structures | some known cases are slower than necessary |
//! | [libm on every target](#libm-on-every-target), [a fixed order of operations](#a-fixed-order-of-operations) | the same bits on every machine | fused instructions are not used |
//! | [no repair](#no-repair) | a result is that of the model and the data as given | callers handle errors, bounds and ridges |
//! | [errors, outcomes and no panic](#errors-outcomes-and-no-panic) | no failure is silent, and none stops a program | a caller checks three places |
//! | [nalgebra as the only matrix type](#nalgebra-as-the-only-matrix-type) | no conversion, plain signatures | its version is part of the interface |
//!
//! # Sizes in types
//!
//! In V = Z G Zᵀ, Z is N×Q, G is Q×Q and V is N×N, with the sizes N and Q as const generics.
//!
//! **Reason.** A matrix G whose size does not match Z is a compile error at the call that combines
//! the two matrices, and the error shows both sizes. The compiler knows the length of every loop,
//! so loops can be unrolled and vectorised. Every matrix is an array on the stack or in flash, so
//! nothing needs a heap, and the memory that a program needs is known at compile time.
//!
//! **Cost.** Each size is compiled separately and adds its own machine code. A matrix returned by
//! value is copied; above about 64×64 use the methods that end in `_into`, which write into the
//! caller's buffers. Sizes that are sums or products of other sizes are computed at the type level
//! for results up to 512, and for some larger results.
//!
//! **Alternative.** Matrices with sizes known only at run time, in addition to matrices with static
//! sizes, would double the interface. A composition that contains one matrix of unknown size would
//! also lose type errors, plain arrays and heap-free evaluation. nalgebra's dynamic matrices, faer,
//! lme4 and MixedModels.jl serve models with dynamic sizes; see [`compare`](crate::guide::compare).
//!
//! **Limit.** Static sizes are the wrong choice if the data determine the size of a matrix. If the
//! size is one of a few known numbers, one function with a const generic serves all of them:
//!
//! ```
//! use covprop::Error;
//! use covprop::prelude::*;
//!
//! fn variance<const N: usize>(y: &[f64]) -> Result<f64, Error> {
//!     let x = SVector::<f64, N>::repeat(1.0);
//!     let model = Marginal::new(ScalarMatrix::<N>::new());
//!     let fit = model.fit(&x, &SVector::from_column_slice(y))?;
//!     Ok(fit.params[0])
//! }
//!
//! let y = [1.0, 3.0, 2.0, 6.0];
//! let found = match y.len() {
//!     3 => variance::<3>(&y)?,
//!     4 => variance::<4>(&y)?,
//!     length => panic!("3 or 4 observations, not {length}"),
//! };
//! assert!((found - 14.0 / 3.0).abs() < 1e-12); // Σ(y − ȳ)²/(n − 1)
//! # Ok::<(), Error>(())
//! ```
//!
//! If subjects differ in their number of visits, let N be the largest number;
//! [`Panel::push_observed`](crate::reml::Panel::push_observed) leaves out the visits that a subject
//! missed.
//!
//! # A typenum integer for P
//!
//! The number of parameters P of a composition is computed by the compiler: the sum A + B has as
//! many parameters as A and B together, and each operator has such a rule.
//!
//! **Reason.** Stable Rust does not compute with const generics in types: `[T; A + B]` is not
//! allowed. typenum's integers are types, and their sums are types too.
//! [`Shape::ParamCount`](crate::algebra::Shape::ParamCount) is therefore a typenum integer, and
//! hybrid-array converts the integer to the length of a plain array. In the interface the
//! parameters θ are an array `[T; P]`, and the gradient of an N×N matrix is an array
//! `[SMatrix<T, N, N>; P]`:
//!
//! ```
//! use covprop::prelude::*;
//!
//! // two variances, then one variance and a correlation
//! let v = DiagonalMatrix::<2>::new().plus(CompoundSymmetricMatrix::<2>::new());
//! let theta: [f64; 4] = v.theta_from_params(&[1.0, 2.0, 3.0, 0.5])?;
//! let gradient: [SMatrix<f64, 2, 2>; 4] = v.gradient(&theta);
//! assert!((gradient[1] - matrix![0.0, 0.0; 0.0, 4.0]).amax() < 1e-14); // ∂σ²/∂θ = 2σ²
//! # Ok::<(), covprop::Error>(())
//! ```
//!
//! **Cost.** Code that is generic over models writes θ as [`Theta<M, T>`](crate::algebra::Theta)
//! and needs the trait bounds of [`Shape`](crate::algebra::Shape). A user-defined structure with
//! two parameters writes `type ParamCount = U2`. Compiler errors in generic code may show a number
//! as a typenum type with one type parameter for each binary digit.
//!
//! **Limit.** A number of parameters fixed at compile time is the wrong choice if the number of
//! parameters is determined at run time, such as the order of a series or the number of factors. If
//! only a few orders are possible, compile the model for each order and compare the fits.
//!
//! # One visit for all evaluations
//!
//! A structure passes its value V and each derivative ∂V/∂θₖ to a
//! [`Visitor`](crate::algebra::Visitor). A derivative is passed as a
//! [`Partial`](crate::algebra::Partial), which contains only the part that can be nonzero: an
//! entry, a pair of entries, a diagonal, a row or a whole matrix. The methods `value`, `gradient`,
//! `pullback`, `gradient_mul` and `curvature` are implemented by visitors.
//!
//! **Reason.** The derivative rule of an operator, such as a product, is written once for all
//! evaluations. The cost of multiplying a `Partial` by a matrix is proportional to the number of
//! entries in the `Partial`, and associated constants select the loop at compile time. Evaluations
//! that a program does not call are not compiled.
//!
//! **Cost.** An operator needs more code than a product rule for dense matrices. A debugger that
//! steps through an evaluation leads through generic code.
//!
//! **Limit.** A visitor is the wrong choice if a matrix is an arbitrary function of θ. For such a
//! matrix, write only `value` and `gradient` of [`ParamMatrix`](crate::algebra::ParamMatrix), or a
//! function of dual numbers in `CustomMatrix` (feature `autodiff`). The other methods of
//! `ParamMatrix` have defaults based on `value` and `gradient`.
//!
//! # No list of structures in the likelihood
//!
//! The code of the likelihood accesses the covariance matrix V only through the methods of
//! [`ParamMatrix`](crate::algebra::ParamMatrix).
//!
//! **Reason.** A list of known structures in the likelihood would be fast for these structures, but
//! would exclude structures that users compose. Without such a list, estimation, tests, profiles
//! and predictions work for every covariance matrix.
//!
//! **Cost.** The likelihood uses a faster algorithm only if the type of the covariance matrix V
//! shows that the algorithm applies. For example, let V = Z G Zᵀ + σ² W⁻¹ with a fixed N×Q design Z
//! and known weights W: the fit works with matrices of Q + 1 rows instead of N. A V that is a
//! [`KroneckerProduct`](crate::operator::KroneckerProduct) or a
//! [`BlockDiagonal`](crate::operator::BlockDiagonal) is factored by its parts. Other special forms
//! of covariance matrices, such as the tridiagonal inverse of AR(1), are not used.
//!
//! **Limit.** A likelihood that works for every covariance matrix is the wrong choice if speed
//! matters most and the inverse of the only structure has a closed form, such as a long AR(1)
//! series. Write such a series as a [`StateSpace`](crate::kalman::StateSpace) model, whose filter
//! takes time proportional to the length.
//!
//! # libm on every target
//!
//! Exponentials, logarithms and other elementary functions come from the crate libm, on computers
//! and on microcontrollers.
//!
//! **Reason.** The C libraries of different systems round elementary functions differently in the
//! last bit, so the results of a desktop test would differ from those on a microcontroller. libm is
//! a single implementation in Rust, needs no `std`, and gives the same bits everywhere:
//!
//! ```
//! use covprop::prelude::*;
//!
//! // σ² = e^2θ: the bits of e by libm; glibc ends in ...5769
//! let e: SMatrix<f64, 1, 1> = ScalarMatrix::<1>::new().value(&[0.5]);
//! assert_eq!(e[0].to_bits(), 0x4005_bf0a_8b14_576a);
//! ```
//!
//! **Cost.** nalgebra's feature `libm-force` is on for every crate of a program that shares this
//! version of nalgebra. In the smallest models a noticeable part of the time is spent on one
//! exponential per parameter and evaluation: for a model with a 4×3 design, V and its gradient take
//! 37 ns on the machine of [`performance`](crate::guide::performance), of which three exponentials
//! take 11 ns.
//!
//! **Limit.** libm is the wrong choice if a program continually evaluates tiny models and never
//! compares a result with that of another machine.
//!
//! # A fixed order of operations
//!
//! No multiplication is fused with an addition, and every sum has one order, on every processor and
//! for any number of cores.
//!
//! **Reason.** A fused operation rounds once where a separate product and sum round twice, and some
//! processors have no fused operation. With a fixed order, a fit on a host equals a fit on a
//! microcontroller by `==`, a fit can be compared after a reset or an upgrade of the machine, and a
//! reported number can be reproduced. A matrix that is symmetric by its type is symmetric to the
//! last bit:
//!
//! ```
//! use covprop::prelude::*;
//!
//! let z = matrix![0.1, 0.2; 0.3, 0.4; 0.5, 0.6];
//! let v = CovariancePropagation::new(z, LogCholeskyMatrix::<2>::new());
//! let (theta, mut value, mut gradient) = ([0.1, 0.2, 0.3], SMatrix::zeros(), [SMatrix::zeros(); 3]);
//! v.value_and_gradient_into(&theta, &mut value, &mut gradient);
//! assert_eq!(value, value.transpose());
//! assert_eq!((value, gradient), (v.value(&theta), v.gradient(&theta)));
//! ```
//!
//! **Cost.** The processor on which [`performance`](crate::guide::performance) was measured
//! executes 48 fused operations per nanosecond and 33 separate ones, so computations that are
//! limited by arithmetic could take up to a third less time. Results still depend, by rounding, on
//! the order in which subjects enter a panel, and the sign of a NaN may differ between processors.
//!
//! **Limit.** A fixed order of operations is the wrong choice if the throughput of large products
//! matters most: faer, Eigen or a BLAS use fused operations and threads.
//!
//! # No repair
//!
//! covprop adds nothing to the diagonal of a matrix, clamps no eigenvalue, keeps no variance away
//! from zero, and never switches silently to another method.
//!
//! **Reason.** A repair returns the answer of another model, and hides what the data do not
//! determine. A variance of zero is a valid result,
//! [`Outcome::Boundary`](crate::optimise::Outcome::Boundary). A combination of parameters that the
//! data do not determine is reported as
//! [`Outcome::NotIdentified`](crate::optimise::Outcome::NotIdentified). If a known matrix is not a
//! covariance matrix, an error names the row that makes the matrix indefinite:
//!
//! ```
//! use covprop::prelude::*;
//!
//! let error = KnownMatrix::try_new(matrix![1.0, 2.0; 2.0, 1.0]).unwrap_err();
//! let message = "the matrix is not a covariance matrix: row 1 makes it indefinite";
//! assert_eq!(error.to_string(), message);
//! ```
//!
//! **Cost.** Callers must handle errors, parameters at a bound, and combinations of parameters that
//! the data do not determine. A matrix that is indefinite by rounding alone, such as a correlation
//! matrix typed from a table with two digits, is rejected.
//!
//! **Limit.** Strict errors are the wrong choice if an approximate answer is better than none. In
//! that case repair the matrix explicitly in the program: add a
//! [`ScalarMatrix`](crate::structure::ScalarMatrix) to the model, or replace the matrix by the
//! nearest covariance matrix before the call.
//!
//! # Errors, outcomes and no panic
//!
//! A wrong size is a type error. Wrong data are an [`Error`](crate::Error), which is `Copy`, needs
//! no heap, and says what is wrong, where, and what is allowed. A search ends with an
//! [`Outcome`](crate::optimise::Outcome) in the fit rather than with an error, because a search
//! that stopped early still has estimates. If the value of a matrix does not exist, as for the
//! inverse of a singular matrix, all entries are NaN. In this case
//! [`try_value`](crate::algebra::ParamMatrixExt::try_value) returns an error that gives the
//! position of the defect.
//!
//! **Reason.** Firmware must not stop because of one reading, and a batch must not stop because of
//! one series. A linker test proves for optimised builds that evaluation, accumulation and fits
//! contain no panic.
//!
//! **Cost.** A caller checks three places: compiler messages, the `Result` of a call, and the
//! outcome of a fit. A fit that did not reach a maximum is returned as `Ok`, so the caller must
//! read the `outcome` of the fit. For such a fit [`inference`](crate::reml::Estimation::inference)
//! returns an error. Two kinds of functions can panic.
//! [`from_indices`](crate::structure::DummyMatrix::from_indices), which builds a design or groups
//! from the index of the level of each observation, panics for a level that does not exist, so that
//! a wrong constant does not compile. [`assert_gradient`](crate::algebra::assert_gradient) is an
//! assertion for tests.
//!
//! **Limit.** Returned errors are inconvenient if a quick script should end at the first failure:
//! call `unwrap`, and assert the outcome.
//!
//! # nalgebra as the only matrix type
//!
//! Matrices are [`SMatrix`](nalgebra::SMatrix), both in arguments and in results.
//!
//! **Reason.** Rust programs with small matrices usually store the matrices in nalgebra's types
//! already, so no conversion is needed, and signatures contain no trait for linear algebra. covprop
//! computes with its own loops over the arrays of the matrices, so its speed does not depend on
//! nalgebra's kernels.
//!
//! **Cost.** The version of nalgebra is part of the interface. A crate that uses another version of
//! nalgebra can use covprop's version as `covprop::nalgebra`. A matrix whose entries are mostly
//! zero is stored in full.
//!
//! **Limit.** nalgebra's dense matrices are the wrong choice if V is sparse and large, such as a V
//! for crossed factors with thousands of levels: use a sparse library, or lme4 and MixedModels.jl.
