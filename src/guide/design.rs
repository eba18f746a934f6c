//! Design decisions: the reason for each, its cost, and when it is the wrong choice.
//!
//! | decision | gain | cost |
//! |---|---|---|
//! | [sizes in types](#sizes-in-types) | wrong sizes do not compile; no heap | each size is compiled by itself; no sizes from data |
//! | [a typenum integer for P](#a-typenum-integer-for-p) | the gradient of a composition is a plain array | long types in generic code |
//! | [one visit for all evaluations](#one-visit-for-all-evaluations) | any composition has exact derivatives at the cost of its parts | more code for an operator |
//! | [no list of structures in the likelihood](#no-list-of-structures-in-the-likelihood) | what users compose is fitted, tested and predicted like the rest | some known cases are slower than they could be |
//! | [libm on every target](#libm-on-every-target), [a fixed order of operations](#a-fixed-order-of-operations) | the same bits on every machine | fused instructions stay unused |
//! | [no repair](#no-repair) | a result is that of the model and the data as given | callers handle errors, bounds and ridges |
//! | [errors, outcomes and no panic](#errors-outcomes-and-no-panic) | no failure is silent, none stops a program | three places to look |
//! | [nalgebra as the only matrix type](#nalgebra-as-the-only-matrix-type) | no conversion, plain signatures | its version is part of the interface |
//!
//! # Sizes in types
//!
//! Z is N×Q, G is Q×Q and V is N×N, with N and Q as const generics.
//!
//! **Reason.** A G that does not fit Z is a compile error at the call that joins them, in plain
//! numbers. The compiler knows the length of every loop, so it unrolls and vectorises. Every matrix
//! is an array on the stack or in flash, so nothing needs a heap, and the memory of a program is
//! known before it runs.
//!
//! **Cost.** Each size is compiled by itself and adds code of its own. A matrix returned by value
//! is copied; above about 64×64 the methods that end in `_into` write into the caller's buffers
//! instead. Sizes of sums and products are computed for results up to 512, and for some above.
//!
//! **Dynamic sizes** beside the static ones would double the interface, and a matrix of unknown
//! size in a composition would take the type errors, the plain arrays and the absence of a heap
//! from the whole of it. nalgebra's dynamic matrices, faer, lme4 and MixedModels.jl are there for
//! that; see [`compare`](crate::guide::compare).
//!
//! **It is the wrong choice** if data decide the size of a matrix. If the size is one of a few, a
//! function of a const generic serves all of them:
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
//! If subjects differ in their number of visits, N is the largest number, and
//! [`Panel::push_observed`](crate::Panel::push_observed) leaves the others out.
//!
//! # A typenum integer for P
//!
//! The sum A + B has as many parameters as A and B together, and each operator has such a rule.
//!
//! **Reason.** Stable Rust does not compute with const generics in types: `[T; A + B]` is not
//! allowed. typenum's integers are types, and their sums are types too.
//! [`Shape::Params`](crate::Shape::Params) is therefore a typenum integer, and hybrid-array
//! converts it to the length of a plain array. In the interface θ is `[T; P]`, and a gradient is
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
//! **Cost.** Code that is generic over models names θ as [`Theta<M, T>`](crate::Theta) and needs
//! the bounds of [`Shape`](crate::Shape). A structure of your own writes `type Params = U2`. An
//! error in generic code may show typenum's binary digits.
//!
//! **It is the wrong choice** if the number of parameters is found at run time, such as the order
//! of a series or the number of factors: compile the few orders and compare their fits.
//!
//! # One visit for all evaluations
//!
//! A structure offers its value and each ∂V/∂θₖ to a [`Visitor`](crate::Visitor), as a
//! [`Partial`](crate::Partial): an entry, a pair of entries, a diagonal, a row or a whole matrix.
//! The methods `value`, `gradient`, `pullback`, `gradient_mul` and `curvature` are visitors.
//!
//! **Reason.** The rule of an operator is written once, for all evaluations. An operator multiplies
//! a partial at the cost of the entries that it touches, and constants of the types choose the loop
//! at compile time. Evaluations that a caller does not ask for are not compiled.
//!
//! **Cost.** An operator is more code than a product rule for dense matrices. Steps in a debugger
//! lead through generic code.
//!
//! **It is the wrong choice** if a matrix is an arbitrary function of θ: write only `value` and
//! `gradient` of [`ParamMatrix`](crate::ParamMatrix), or a function of dual numbers in
//! `CustomMatrix` (feature `autodiff`), and everything else follows from that.
//!
//! # No list of structures in the likelihood
//!
//! A likelihood calls V only through the methods of [`ParamMatrix`](crate::ParamMatrix).
//!
//! **Reason.** A list of known structures would be fast for the listed ones, and would exclude what
//! users compose. Estimation, tests, profiles and predictions hold for every V.
//!
//! **Cost.** A shortcut exists only where the types show it: Z G Zᵀ + σ² W⁻¹ with a fixed Z and
//! known weights W is fitted in Q + 1 rows, and a V that is a
//! [`KroneckerProduct`](crate::KroneckerProduct) or a [`BlockDiagonal`](crate::BlockDiagonal) is
//! factored by its parts. The tridiagonal inverse of AR(1), for example, is not used.
//!
//! **It is the wrong choice** if one structure with a closed form is the whole problem and its
//! speed decides, such as a long AR(1) series: write it as a [`StateSpace`](crate::StateSpace)
//! model, whose filter takes a time proportional to the length.
//!
//! # libm on every target
//!
//! Exponentials, logarithms and other elementary functions come from the crate libm, on computers
//! and on chips.
//!
//! **Reason.** The C libraries of different systems round them differently in the last bit, so a
//! test on a desktop would not hold on a chip. libm is one implementation in Rust, needs no `std`,
//! and gives the same bits everywhere:
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
//! nalgebra. An exponential per parameter and evaluation is a visible part of the time of the
//! smallest models: three of them are 11 ns of the 37 ns of a V of 4×3 with its gradient, on the
//! machine of [`performance`](crate::guide::performance).
//!
//! **It is the wrong choice** if a program evaluates tiny models all the time and no result is ever
//! compared with that of another machine.
//!
//! # A fixed order of operations
//!
//! No product is fused with a sum, and every sum has one order, on every processor and for every
//! number of cores.
//!
//! **Reason.** A fused operation rounds once where a separate product and sum round twice, and not
//! every processor has it. With a fixed order, a fit on a host and on a chip are equal by `==`, a
//! fit can be compared after a reset or an upgrade of the machine, and a reported number can be
//! reproduced. A symmetric matrix is symmetric to the last bit:
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
//! **Cost.** The processor of [`performance`](crate::guide::performance) makes 48 fused operations
//! in a nanosecond and 33 separate ones, so work that is limited by arithmetic could take up to a
//! third less time. Results still depend, by rounding, on the order in which subjects enter a
//! panel, and the sign of a NaN may differ between processors.
//!
//! **It is the wrong choice** if the throughput of large products decides: faer, Eigen or a BLAS
//! use fused operations and threads.
//!
//! # No repair
//!
//! Nothing is added to a diagonal, no eigenvalue is clamped, no variance is kept away from zero,
//! and no other method takes over silently.
//!
//! **Reason.** A repair returns the answer of another model, and hides what the data do not
//! determine. A variance of zero is an answer, [`Outcome::Boundary`](crate::Outcome::Boundary). A
//! combination of parameters that the data do not determine is named,
//! [`Outcome::NotIdentified`](crate::Outcome::NotIdentified). A matrix that is not a covariance
//! matrix is an error that names the row:
//!
//! ```
//! use covprop::prelude::*;
//!
//! let error = KnownMatrix::try_new(matrix![1.0, 2.0; 2.0, 1.0]).unwrap_err();
//! let message = "the matrix is not a covariance matrix: row 1 makes it indefinite";
//! assert_eq!(error.to_string(), message);
//! ```
//!
//! **Cost.** Callers handle these cases. A matrix that is indefinite by rounding alone, such as a
//! correlation matrix typed from a table with two digits, is rejected.
//!
//! **It is the wrong choice** if an approximate answer at any price is better than an error. Then
//! repair where the matrix enters, as a visible step of the program: add a
//! [`ScalarMatrix`](crate::ScalarMatrix) to the model, or project the matrix before it is passed.
//!
//! # Errors, outcomes and no panic
//!
//! A wrong size is a type error. Wrong data are an [`Error`](crate::Error), which is `Copy`, needs
//! no heap, and says what is wrong, where, and what is allowed. The end of a search is an
//! [`Outcome`](crate::Outcome) in the fit, because a search that stopped early still has estimates.
//! An entry without an answer is NaN, and [`try_value`](crate::ParamMatrixExt::try_value) names it.
//!
//! **Reason.** Firmware must not stop for one reading, and a batch must not stop for one series. A
//! linker test proves for optimised builds that evaluation, accumulation and fits contain no panic.
//!
//! **Cost.** A caller has three places to check: the compiler's messages, the `Result` and the
//! outcome. A fit that did not reach a maximum is `Ok`; its `outcome` has to be read, though
//! [`inference`](crate::Estimation::inference) refuses to use it. Two things panic:
//! [`from_indices`](crate::DummyMatrix::from_indices) and its like, so that a wrong constant does
//! not compile, and [`assert_gradient`](crate::assert_gradient), an assertion for tests.
//!
//! **It is the wrong choice** if a quick script should end at the first surprise: call `unwrap`,
//! and assert the outcome.
//!
//! # nalgebra as the only matrix type
//!
//! Matrices are [`SMatrix`](nalgebra::SMatrix), in arguments and results.
//!
//! **Reason.** Rust programs with small matrices have them already, so no conversion is needed, and
//! signatures have no trait for linear algebra. The kernels work on the arrays inside, with loops
//! of their own, so the speed does not depend on nalgebra's.
//!
//! **Cost.** The version of nalgebra is part of the interface. A crate that has another version
//! writes `covprop::nalgebra`. A matrix whose entries are mostly zero is stored in full.
//!
//! **It is the wrong choice** if V is sparse and large, such as one for crossed factors with
//! thousands of levels: use a sparse library, or lme4 and MixedModels.jl.
