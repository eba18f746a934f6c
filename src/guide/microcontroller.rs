//! A page about chips: what it takes to run there, what it costs, and what costs what.
//!
//! Nothing here needs an operating system, a heap, `std` or `alloc`, and what a loop calls cannot
//! panic. `examples/firmware` in the repository has whole programs for a bare chip, one question
//! each: `operator.rs` evaluates a covariance with its gradient, `recursion.rs` propagates one with
//! ∂P/∂θ, and `fit.rs` fits a mixed model to readings as they come. Its `run.sh` builds them for
//! four processors, runs them in QEMU, and checks their results, bits, symbols and sizes.
//!
//! # To begin
//!
//! ```text
//! # Cortex-M4F and M7F; thumbv7m-none-eabi for M3, thumbv6m-none-eabi for M0, riscv32imac-unknown-none-elf
//! rustup target add thumbv7em-none-eabihf
//! cargo build --release --target thumbv7em-none-eabihf
//! ```
//!
//! with what makes an image small in `Cargo.toml`:
//!
//! ```toml
//! [profile.release]
//! opt-level = "s"      # 3 for speed: some twice the flash
//! lto = "fat"
//! codegen-units = 1
//! panic = "abort"
//! ```
//!
//! A model is a value without a state, most often of no size, so it can be a constant in flash:
//!
//! ```
//! use covprop::nalgebra::SMatrix;
//! use covprop::*;
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
//! # What it costs
//!
//! V and its gradient: four observations in three groups, three variances. P and its gradient: a
//! step of a filter with two states and two noises. The fit: six batches of five readings, taken
//! one at a time, two variances by restricted maximum likelihood from a known start to the last
//! digit, once by V = γ² J + σ² I and once as a mixed model, which is fitted in two rows in place
//! of five: less than half of the instructions, for 10 kB more. With `opt-level = "s"` and rustc
//! 1.96:
//!
//! | | | flash | libm | runtime | stack | instructions |
//! |---|---|--:|--:|--:|--:|--:|
//! | M4F | V, ∂V, `f32` | 1,012 | 0 | 1,124 | 200 | 1,417 |
//! | M4F | V, ∂V, `f64` | 1,760 | 0 | 4,676 | 452 | 8,195 |
//! | M4F | P, ∂P, `f32` | 2,302 | 940 | 1,418 | 304 | 924 |
//! | M4F | fit by V, `f64` | 60,132 | 4,208 | 5,120 | 7,728 | 2,623,099 |
//! | M4F | fit as Z G Zᵀ + R, `f64` | 70,028 | 4,192 | 5,304 | 5,072 | 1,141,682 |
//! | M3 | V, ∂V, `f32` | 1,166 | 0 | 2,912 | 216 | 4,923 |
//! | M3 | V, ∂V, `f64` | 1,650 | 0 | 4,580 | 392 | 8,177 |
//! | M3 | P, ∂P, `f32` | 2,820 | 464 | 3,206 | 352 | 5,310 |
//! | M3 | fit by V, `f64` | 53,082 | 3,732 | 5,000 | 7,696 | 2,568,713 |
//! | M3 | fit as Z G Zᵀ + R, `f64` | 62,452 | 3,734 | 5,184 | 5,000 | 1,104,506 |
//! | M0 | V, ∂V, `f32` | 1,088 | 0 | 3,548 | 300 | 8,336 |
//! | M0 | V, ∂V, `f64` | 1,540 | 0 | 5,228 | 484 | 20,725 |
//! | M0 | P, ∂P, `f32` | 2,748 | 520 | 3,836 | 428 | 7,649 |
//! | M0 | fit by V, `f64` | 54,274 | 4,428 | 5,618 | 8,028 | 6,246,755 |
//! | M0 | fit as Z G Zᵀ + R, `f64` | 63,514 | 4,428 | 5,778 | 5,532 | 2,524,789 |
//! | RV32IMAC | V, ∂V, `f32` | 1,303 | 0 | 2,974 | 244 | 4,727 |
//! | RV32IMAC | V, ∂V, `f64` | 1,907 | 0 | 5,936 | 460 | 9,337 |
//! | RV32IMAC | P, ∂P, `f32` | 3,337 | 502 | 3,236 | 328 | 4,883 |
//! | RV32IMAC | fit by V, `f64` | 64,433 | 5,044 | 6,094 | 7,580 | 2,945,534 |
//! | RV32IMAC | fit as Z G Zᵀ + R, `f64` | 75,555 | 5,044 | 6,094 | 5,948 | 1,268,220 |
//!
//! Bytes and instructions, counted by QEMU. Flash is what the part adds to a program that only
//! starts and prints; functions of libm that are not inlined, and the compiler's own for memory and
//! for floats that the processor has not, are in columns of their own and are shared with the rest
//! of a program. Of static RAM none is needed.
//!
//! # What costs what
//!
//! - **`f64`**, which none of the four has in hardware: six times the instructions of `f32` on an
//!   M4F, which has that, and 1.7 to 2.5 times on the others; and the routines, once. V and a
//!   filter's step are well served by `f32`; a fit is not, since a likelihood of *n* readings has
//!   not enough digits left in 24 bits.
//! - **A transform** costs an `exp` for each parameter and evaluation, from libm on every target.
//! - **The gradient as an array** costs P N² numbers of RAM.
//!   [`pullback`](crate::ParamMatrix::pullback) gives ⟨W, ∂ₖV⟩ for all k and
//!   [`for_each_derivative`](crate::ParamMatrix::for_each_derivative) one ∂ₖV after the other
//!   without it.
//! - **A [`Panel`](crate::Panel)** is as large for one subject as for a million: for each set of
//!   visits 2 (K² + K + 1) N² numbers. A fit has two Cholesky factors of V and two inverses on the
//!   stack, 4 N² numbers for each set of visits, the derivatives of V while they take up to 64 KiB,
//!   and about ten N×N matrices.
//! - **What a model cannot do is left out.** A transform tells the compiler its
//!   [`limits`](crate::Transform::limits), so a model of variances alone has no code for
//!   correlations that go to ±1.
//! - **Text** links `core::fmt`: the `Display` of an error adds 5 kB to the M4F's fit, a
//!   [`table`](crate::Fit::table) 32 kB. Compare errors, or log them with `defmt` (the feature of
//!   that name), which formats on the other side of the cable.
//! - **State that is to survive a reset**: feature `serde`, with `postcard` or any other format,
//!   for θ, for filters, and for what a panel has accumulated; see `persistence`.
//!
//! # What holds
//!
//! - **The same bits everywhere.** exp and its kin come from libm on every target, the host's too;
//!   no product and sum are fused unless it is written so. Tested for `f32` and `f64` on the four
//!   processors above. NaNs may differ in sign.
//! - **No panic.** Evaluation, accumulation, fits and a covariance recursion link under `no-panic`
//!   on the host (`tests/no_panic`), and the images above have no symbol of `core::panicking`. Both
//!   are proofs about a build with optimisation: at `opt-level = "z"` or in debug, checks that
//!   never fail remain in the code.
//! - **Wrong input is an [`Error`](crate::Error)** that names the culprit, and what was accumulated
//!   is as it was before.
