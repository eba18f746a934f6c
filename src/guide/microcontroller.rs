//! Microcontrollers: how to build for them, and what flash, stack and instructions each part of the
//! crate costs.
//!
//! covprop needs no operating system, no heap, no `std` and no `alloc`, and the functions that a
//! loop calls cannot panic. `examples/firmware` in the repository has three complete programs for a
//! bare chip: `operator.rs` evaluates a covariance with its gradient, `recursion.rs` propagates a
//! covariance with ∂P/∂θ, and `fit.rs` fits a mixed model to readings as they arrive. The script
//! `examples/firmware/run.sh` builds the programs for four processors, runs them in QEMU, and
//! checks the results, their bits, the symbols and the sizes.
//!
//! # Build for a chip
//!
//! ```text
//! # Cortex-M4F and M7F; thumbv7m-none-eabi for M3, thumbv6m-none-eabi for M0, riscv32imac-unknown-none-elf
//! rustup target add thumbv7em-none-eabihf
//! cargo build --release --target thumbv7em-none-eabihf
//! ```
//!
//! The following options in `Cargo.toml` make an image small:
//!
//! ```toml
//! [profile.release]
//! opt-level = "s"      # 3 for speed: some twice the flash
//! lto = "fat"
//! codegen-units = 1
//! panic = "abort"
//! ```
//!
//! A model is a value without state, usually of size zero, so a model can be a constant in flash:
//!
//! ```
//! use covprop::prelude::*;
//!
//! static MODEL: CovariancePropagation<DummyMatrix<4, 3>, DiagonalMatrix<3>> =
//!     CovariancePropagation::new(DummyMatrix::from_indices([0, 1, 2, 0]), DiagonalMatrix::new());
//!
//! /// Results go where the caller has room for them.
//! fn evaluate(theta: &[f32; 3], v: &mut SMatrix<f32, 4, 4>, gradient: &mut [SMatrix<f32, 4, 4>; 3]) {
//!     MODEL.value_and_gradient_into(theta, v, gradient);
//! }
//!
//! let (mut v, mut gradient) = (SMatrix::zeros(), [SMatrix::zeros(); 3]);
//! evaluate(&[0.0, 0.5, 1.0], &mut v, &mut gradient);
//! assert_eq!((v[(0, 3)], gradient[0][(0, 3)]), (1.0, 2.0));
//! ```
//!
//! # Measured costs
//!
//! The table has the costs of three computations, built with `opt-level = "s"` and rustc 1.96.
//!
//! **V, ∂V** is the evaluation of a covariance matrix V and its gradient for four observations in
//! three groups, with three variances.
//!
//! **P, ∂P** is one prediction step of a Kalman filter for the covariance P of two states, with the
//! derivatives of P with respect to the parameters of two noises.
//!
//! **Fit** estimates two variances from six batches of five readings by restricted maximum
//! likelihood. The fit takes the readings one at a time and converges to the last digit from a
//! known start. There are two versions of the fit. In one version the covariance matrix of a batch
//! is V = γ² J + σ² I, where J is a matrix of ones. The other version is the mixed model V = Z G
//! Zᵀ + R, which covprop fits with matrices of two rows instead of five. The mixed model takes less
//! than half of the instructions and about 10 kB more flash, or 18 kB more on RV32IMAC.
//!
//! | | | flash | libm | runtime | stack | instructions |
//! |---|---|--:|--:|--:|--:|--:|
//! | M4F | V, ∂V, `f32` | 944 | 0 | 1,280 | 200 | 1,419 |
//! | M4F | V, ∂V, `f64` | 1,696 | 0 | 4,832 | 452 | 8,200 |
//! | M4F | P, ∂P, `f32` | 2,162 | 940 | 1,418 | 304 | 924 |
//! | M4F | fit by V, `f64` | 59,532 | 5,000 | 5,120 | 7,736 | 2,611,930 |
//! | M4F | fit as Z G Zᵀ + R, `f64` | 69,004 | 4,968 | 5,304 | 4,976 | 1,128,703 |
//! | M3 | V, ∂V, `f32` | 1,122 | 0 | 3,068 | 216 | 4,926 |
//! | M3 | V, ∂V, `f64` | 1,606 | 0 | 4,736 | 392 | 8,179 |
//! | M3 | P, ∂P, `f32` | 2,688 | 464 | 3,206 | 352 | 5,310 |
//! | M3 | fit by V, `f64` | 52,618 | 4,368 | 5,000 | 7,696 | 2,556,896 |
//! | M3 | fit as Z G Zᵀ + R, `f64` | 61,596 | 4,370 | 5,184 | 4,904 | 1,092,633 |
//! | M0 | V, ∂V, `f32` | 1,146 | 0 | 3,666 | 300 | 8,295 |
//! | M0 | V, ∂V, `f64` | 1,666 | 0 | 5,346 | 484 | 20,759 |
//! | M0 | P, ∂P, `f32` | 2,724 | 520 | 3,836 | 428 | 7,649 |
//! | M0 | fit by V, `f64` | 53,534 | 5,204 | 5,618 | 8,028 | 6,227,524 |
//! | M0 | fit as Z G Zᵀ + R, `f64` | 62,530 | 5,204 | 5,778 | 6,804 | 2,505,351 |
//! | RV32IMAC | V, ∂V, `f32` | 1,283 | 0 | 2,974 | 244 | 4,730 |
//! | RV32IMAC | V, ∂V, `f64` | 1,891 | 0 | 5,936 | 460 | 9,345 |
//! | RV32IMAC | P, ∂P, `f32` | 3,193 | 502 | 3,236 | 328 | 4,883 |
//! | RV32IMAC | fit by V, `f64` | 63,621 | 5,992 | 6,094 | 7,580 | 2,933,915 |
//! | RV32IMAC | fit as Z G Zᵀ + R, `f64` | 81,147 | 5,990 | 6,094 | 6,748 | 1,256,799 |
//!
//! Flash and stack are in bytes, and QEMU counts the instructions. Flash is what the computation
//! adds to a program that only starts and prints. Two kinds of functions have columns of their own
//! because the rest of a program shares these functions: functions of libm that are not inlined,
//! and the compiler's runtime routines for memory and for floating-point operations that the
//! processor lacks. No static RAM is needed.
//!
//! # Costs of features
//!
//! **Scalars.** None of the four processors has `f64` in hardware. An M4F, which has `f32` in
//! hardware, needs six times as many instructions for `f64`, and the other processors need 1.7 to
//! 2.5 times as many. Each program that uses `f64` also contains one copy of the runtime routines
//! for `f64`. `f32` is sufficient for V and for a step of a filter. `f32` is not sufficient for a
//! fit, because its 24 bits are too imprecise for a log-likelihood of *n* readings.
//!
//! **Transforms.** Each parameter needs one `exp` from libm per evaluation.
//!
//! **Gradients.** As an array, the gradient of an N×N matrix V with respect to P parameters needs
//! RAM for P N² numbers. To avoid the array, call
//! [`pullback`](crate::algebra::ParamMatrix::pullback), which computes the sums ⟨W, ∂ₖV⟩ = Σᵢⱼ Wᵢⱼ
//! (∂ₖV)ᵢⱼ for a weight matrix W, or
//! [`for_each_derivative`](crate::algebra::ParamMatrixExt::for_each_derivative), which computes one
//! derivative ∂ₖV after the other.
//!
//! **Panels.** A [`Panel`](crate::reml::Panel) has the same size for one subject as for a million.
//! With N visits and K fixed effects, a panel stores 2 (K² + K + 1) N² numbers for each set of
//! visits. The stack of a fit contains, for each set of visits, two Cholesky factors of V and two
//! inverses, which are 4 N² numbers. The stack also contains about ten N×N matrices, and the
//! derivatives of V if the derivatives take at most 64 KiB.
//!
//! **Unused code is left out.** The [`limits`](crate::transform::Transform::limits) of a
//! parameter's transform are known to the compiler, so a model that has only variances contains no
//! code for correlations that approach ±1.
//!
//! **Text.** The `Display` of an error links `core::fmt` and adds 5 kB to the M4F's fit; a
//! [`table`](crate::reml::Fit::table) adds 32 kB. Firmware can compare error values instead of
//! printing them, or log errors with the feature `defmt`, which formats text on the host computer.
//!
//! **State after a reset.** With the feature `serde`, θ, filters and the sums of a panel can be
//! stored by `postcard` or any other format, and restored after a reset, as in the test
//! `tests/features/persistence.rs`.
//!
//! # Guarantees
//!
//! **The same bits everywhere.** Elementary functions such as `exp` come from libm on every target,
//! including the host, and no multiplication is fused with an addition. Tests compare the bits of
//! `f32` and `f64` results on the four processors of the table. Only the sign of a NaN may differ.
//!
//! **No panic.** Evaluation, accumulation, fits and a covariance recursion link under `no-panic` on
//! the host (`tests/no_panic`), and the images for the four processors have no symbol of
//! `core::panicking`. The absence of panics is proven for an optimised build only: at `opt-level =
//! "z"` or in a debug build, checks that never fail remain in the code.
//!
//! **Errors.** For wrong input the functions return an [`Error`](crate::Error) that names the wrong
//! value, and leave the accumulated sums unchanged.
