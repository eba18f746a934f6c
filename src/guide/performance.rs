//! Costs on a computer: what things cost, against what, how to measure it, and where the limit is.
//!
//! Costs on chips are in [`microcontroller`](crate::guide::microcontroller). Steps and times of
//! fits under 45 models are in [`estimation`](crate::guide::estimation#reliability-of-the-search).
//!
//! # Costs of operations
//!
//! Instructions on x86-64 without AVX, in `f64`, as `benches/counts/baseline` records them, rounded
//! to two digits:
//!
//! | operation | 4×3 | 8×3 | 16×4 | 32×8 | 64×8 |
//! |---|--:|--:|--:|--:|--:|
//! | V = Z G Zᵀ, G diagonal | 260 | 510 | 2,100 | 13,000 | 44,000 |
//! | V, G unstructured | 310 | 630 | 2,500 | 16,000 | 52,000 |
//! | V, G = L Lᵀ | 340 | 680 | 2,600 | 18,000 | 53,000 |
//! | V, one-hot Z, G unstructured | 250 | 370 | 860 | 2,900 | 8,700 |
//! | Q derivatives ∂V, G diagonal | 260 | 570 | 2,600 | 18,000 | 69,000 |
//! | V and these, from θ | 400 | 960 | 4,500 | 31,000 | 110,000 |
//! | Q(Q+1)/2 derivatives ∂V, G = L Lᵀ | 1,700 | 3,200 | 13,000 | 160,000 | 520,000 |
//! | [`pullback`](crate::ParamMatrix::pullback), G unstructured | 400 | 840 | 3,200 | 23,000 | 78,000 |
//! | [`gradient_mul`](crate::ParamMatrix::gradient_mul), G unstructured | 300 | 500 | 2,200 | 9,100 | 18,000 |
//! | score and average information at a θ, by V | 4,200 | 10,000 | 42,000 | 190,000 | 880,000 |
//!
//! Instructions of fits, and times on the machine of the
//! [comparison](#comparison-with-other-software):
//!
//! | work | instructions | time |
//! |---|--:|--:|
//! | a subject of ten visits and two columns pushed to a [`Panel`](crate::Panel), 240 bytes | 13,000 | |
//! | score and average information at a θ, 32×5, by [`explore`](crate::Estimation::explore) | 13,000 | 1.8 µs |
//! | a fit of six batches of five (dyestuff) | 18,000 | 2.4 µs |
//! | a fit of a line for each of 18 subjects (sleepstudy) | 53,000 | 10.2 µs |
//! | a fit of 144 measurements with two crossed factors (penicillin) | | 103 µs |
//! | a fit of 537 measurements, unstructured, visits missing (fev) | | 196 µs |
//!
//! One core makes 384,000 fits of six batches of five in a second, each with new responses. A fit
//! of a panel of 100,000 subjects takes 0.90 of the time of one of 10 subjects: a panel keeps sums,
//! not subjects. A push is limited by arithmetic: sums and products with twice the digits take 9 to
//! 22 operations for each pair of numbers. With the feature `rayon`, two cores make 1.5 to 2.2
//! times the small fits of one, and accumulate 1.4 to 1.9 times as fast.
//!
//! Memory follows from the types:
//!
//! | item | bytes in `f64` | at N = 64, P = 36 |
//! |---|---|--:|
//! | V | 8 N² | 32 KiB |
//! | the gradient as an array | 8 P N² | 1.1 MiB |
//! | an accumulator, for each set of visits | 16 (K² + K + 1) N² | 448 KiB with K = 2 |
//! | the derivatives of V during a fit | 8 P N², at most 64 KiB | 0: one at a time |
//!
//! # Cheaper calls
//!
//! | instead of | write | because |
//! |---|---|---|
//! | [`value`](crate::ParamMatrix::value), [`gradient`](crate::ParamMatrix::gradient) | [`value_into`](crate::ParamMatrixExt::value_into), [`gradient_into`](crate::ParamMatrixExt::gradient_into) | an array of matrices by value is filled and copied: 1.1 MiB at 64×8 with 36 parameters |
//! | both of them at one θ | [`value_and_gradient_into`](crate::ParamMatrixExt::value_and_gradient_into) | transforms and products are shared |
//! | Σ Wᵢⱼ ∂ₖVᵢⱼ over a gradient | [`pullback`](crate::ParamMatrix::pullback) | Zᵀ W Z is computed once, and no ∂V is formed |
//! | ∂ₖV u over a gradient | [`gradient_mul`](crate::ParamMatrix::gradient_mul) | vectors take the place of matrices |
//! | a Z of ones and zeros | [`DummyMatrix`](crate::DummyMatrix) | rows are gathered, not multiplied |
//! | a fit of all observations as one vector | [`Panel`](crate::Panel) | V is that of one subject, and memory does not grow with their number |
//! | [`at`](crate::Estimation::at) for many θ | [`explore`](crate::Estimation::explore) | terms without θ are computed once; with a fixed Z and R = σ² W⁻¹, V has Q + 1 rows |
//! | R of any kind | [`ScalarMatrix`](crate::ScalarMatrix) or [`WeightedMatrix`](crate::WeightedMatrix), where it is right | with a fixed Z, the fit works in the Q + 1 rows in which V differs from σ² W⁻¹ |
//! | one V of plots in rows and columns, or of sections | [`KroneckerProduct`](crate::KroneckerProduct), [`BlockDiagonal`](crate::BlockDiagonal) | V is factored by its parts |
//! | one core | the feature `rayon` | subjects and series are independent |
//!
//! With `-C target-cpu=native` or `x86-64-v3` the compiler uses registers of 32 bytes. Stores and
//! sums of V are then about twice as fast, with the same bits.
//!
//! # Comparison with other software
//!
//! `benches/peers` compares with nalgebra 0.35, faer, num-dual and Eigen 3.4 in one process and one
//! run. g++ 12 and clang 14 compile Eigen with `-O3 -march=x86-64-v3`, and the library is compiled
//! for the same instructions. There are two versions of the Eigen code: *textbook*, one expression
//! for each formula, and *expert*, as somebody who knows Eigen well writes it. Every result is
//! compared with the library's to 10⁻¹². Times of R and Python come from
//! `benches/scripts/times.csv`, measured by scripts on the same machine: a virtual machine with two
//! cores of an Intel Xeon (Emerald Rapids), shared with others.
//!
//! A ratio is the other's time divided by the library's, so below 1 the other is faster. Without a
//! size, a ratio is the geometric mean over N×Q of 4×3, 8×3, 10×2, 12×4, 16×4, 24×6, 32×8 and 64×8,
//! for the faster of the two compilers.
//!
//! | work | against | ratio |
//! |---|---|--:|
//! | ∂V, G diagonal | Eigen, textbook | 7.6 |
//! | | nalgebra | 5.1 |
//! | | Eigen, expert; its best size | 0.82; 0.66 |
//! | ∂V, G = L Lᵀ | Eigen, textbook | 7.2 |
//! | | nalgebra | 6.1 |
//! | | Eigen, expert; its best size | 0.95; 0.75 |
//! | V | Eigen, textbook | 2.8 |
//! | | Eigen, expert | 0.79 |
//! | V, one-hot Z, 64×8 | nalgebra | 11.5 |
//! | θ → (V, ∂V), 4×3; 16×4; 64×8 | torch-openreml | 12,781; 1,980; 84 |
//! | `pullback`, G = L Lᵀ; 64×8 | nalgebra | 24; 87 |
//! | `pullback`, G = L Lᵀ | Eigen, expert | 1.3 |
//! | `gradient_mul`, G = L Lᵀ | nalgebra; Eigen, expert | 21; 0.51 |
//! | likelihood, score and average information at a θ, 32×5, by `explore`, R diagonal: 1.9 µs | Eigen, expert; torch-openreml | 8.3; 1,209 |
//! | likelihood, score and average information at a θ, 32×5, by `explore`, R = σ² I: 1.8 µs | torch-openreml | 1,222 |
//! | likelihood, score and average information at a θ, 32×5, by `at`, with V 32×32: 15 µs | Eigen, expert; torch-openreml | 1.0; 149 |
//!
//! Whole fits, from raw data to the estimates. R starts from a data frame and a formula:
//!
//! | data | covprop | fastest other | ratio |
//! |---|--:|--:|--:|
//! | sleepstudy, random slopes | 10.2 µs | nlme, 22.9 ms | 2,244 |
//! | dyestuff, random intercepts | 2.4 µs | nlme, 13.2 ms | 5,423 |
//! | fev, unstructured, visits missing | 196 µs | nlme, 363 ms | 1,855 |
//! | penicillin, crossed | 103 µs | lme4, 21.9 ms | 212 |
//!
//! Between runs, numbers differ by up to 7 %, except two: V's share of its limit is between 70 and
//! 80 %, and the ratio of θ → (V, ∂V) at 4×3 between 9,838 and 13,292. On a busy machine ratios of
//! fits are up to a third lower, because recorded times do not slow down with the machine.
//!
//! The ratios are of small models. With thousands of levels lme4 and MixedModels.jl use sparse
//! factors, which this crate does not have: see [`compare`](crate::guide::compare).
//!
//! # Measurements of your own
//!
//! | question | command |
//! |---|---|
//! | ratios and shares of the limit, all operations | `cargo run --release` in `benches/peers` |
//! | some operations, by words in their names | `cargo run --release -- gradient reml` in `benches/peers` |
//! | fewer and shorter turns; without Eigen, which takes minutes to compile | `cargo run --release --no-default-features -- --quick` in `benches/peers` |
//! | times of R and Python | `benches/scripts/peers.R` and `peers.py`; see the README there |
//! | instructions of each operation against the baseline, to 3 % | `benches/counts/run.sh`, with valgrind |
//! | steps and times of fits under 45 models | `benches/search/run.sh` |
//! | flash, stack and instructions on four chips | `examples/firmware/run.sh`, in QEMU |
//!
//! The data of fev are not in the repository; the variable `PEERS_DATA` names a folder that has
//! them. Times are noisy on a shared machine, instruction counts are not.
//!
//! In a program of your own, pass θ and results through `black_box`. Otherwise the compiler may
//! evaluate a constant model at compile time:
//!
//! ```
//! use std::hint::black_box;
//! use std::time::Instant;
//!
//! use covprop::prelude::*;
//!
//! const CALLS: u32 = 1000;
//! let z = DummyMatrix::<4, 3>::from_indices([0, 1, 2, 0]);
//! let v = CovariancePropagation::new(z, DiagonalMatrix::<3>::new());
//! let (mut value, mut gradient) = (SMatrix::zeros(), [SMatrix::zeros(); 3]);
//! let start = Instant::now();
//! for _ in 0..CALLS {
//!     v.value_and_gradient_into(black_box(&[0.0, 0.5, 1.0]), &mut value, &mut gradient);
//!     black_box((&value, &gradient));
//! }
//! println!("{:?} for V and its gradient", start.elapsed() / CALLS);
//! assert_eq!((value[(0, 3)], gradient[0][(0, 3)]), (1.0, 2.0));
//! ```
//!
//! # Limits of speed
//!
//! The limit of an operation is the longer of two times that the same run measures: that of the
//! necessary products and sums at the rate of independent ones, and that of storing the result. The
//! machine makes 33 separate products and sums in a nanosecond, or 48 fused ones, and stores 157
//! bytes.
//!
//! | operation | limited by | share of the limit |
//! |---|---|--:|
//! | ∂V, G diagonal | stores | 72 % for N ≥ 12; 96 % for N ≥ 32 |
//! | ∂V, G = L Lᵀ | stores | 63 % for N ≥ 12; 83 to 87 % for N ≥ 24 |
//! | V | products and sums | 80 % for N ≥ 24 |
//! | V, one-hot Z, 64×8 | stores | 45 % |
//! | `pullback`, G = L Lᵀ | products and sums | 62 % |
//!
//! - **∂V with a diagonal G** takes two multiplications for each number, (zᵢ zⱼ) s, because s zᵢ ·
//!   zⱼ is not symmetric to the last bit. Two results are stored in the time of two
//!   multiplications, so up to N = 24 about 60 % of the limit are reached. Eigen's expert has one
//!   multiplication. Computing a triangle and mirroring it takes longer at most sizes.
//! - **∂V with G = L Lᵀ** takes two products and a sum for each number; Eigen's expert fuses one
//!   product with the sum. At 4×3 six matrices take 17 ns, of which stores are 9.
//! - **V** is computed as its lower half, and mirrored. Eigen's expert computes all N² entries with
//!   fused operations at 1.5 times the rate, and its two halves differ in the last bit. Up to N = 8
//!   the whole takes 8 to 25 ns, a chain of three sums and a transposition.
//! - **A one-hot Z** gathers 512 numbers at 64×8 one at a time, and copies them by 128 bytes.
//! - **θ → (V, ∂V)** takes 37 ns at 4×3, of which three exponentials by libm are 11 and stores 4.
//! - **`pullback`** is Zᵀ W Z. At 64×8 it is at its limit.
//! - **A likelihood at a θ** by `explore`, with six parameters, six rows and four columns, is
//!   12,800 instructions: 5,700 are products, sums, divisions and roots, 1,500 are exponentials and
//!   logarithms of libm, 1,100 are copies. The rest checks that V is positive definite and that no
//!   digits are lost, and computes residuals anew.
//!
//! # Limits of size
//!
//! - **Sums and products of sizes**, as in block diagonals and Kronecker products: up to 512, and
//!   some above, because they are computed by types.
//! - **Matrices by value**: up to about 64×64. Above, write into buffers with the methods that end
//!   in `_into`, or use [`for_each_derivative`](crate::ParamMatrixExt::for_each_derivative), which
//!   needs no array of derivatives.
//! - **Time**: a likelihood by V takes a time in proportion to N³, and that of a panel N³ for each
//!   set of visits, however many subjects there are.
//! - **Zeros**: they are stored and multiplied, except for those that a structure has by its type.
//!   If most of a large V is zero, a sparse library does less work.
//!
//! # Limits of the stack
//!
//! A fit keeps all its matrices on the stack. The example of this section needs at least this
//! stack, with rustc 1.95 on x86-64:
//!
//! | N | optimised | debug |
//! |--:|--:|--:|
//! | 10 | 47 KiB | 111 KiB |
//! | 32 | 263 KiB | 687 KiB |
//! | 64 | 0.9 MiB | 2.4 MiB |
//! | 128 | 3.5 MiB | 9.5 MiB |
//!
//! That is about 30 matrices of N×N, or 80 in a debug build. A thread that Rust's standard library
//! starts has 2 MiB, and so has a test; the main thread has 8 MiB on most Linux systems. For a
//! large N start a thread with a larger stack, as `examples/field_trial.rs` does for 150 plots. To
//! find what a program needs, reduce the number until the program overflows its stack:
//!
//! ```
//! use std::thread::Builder;
//!
//! use covprop::Error;
//! use covprop::prelude::*;
//!
//! const N: usize = 10;
//! const KIB: usize = 1024;
//!
//! // V of AR(1) and a random effect, two columns of X, one response vector
//! fn fit() -> Result<f64, Error> {
//!     let group = DummyMatrix::<N, 2>::try_from_indices(std::array::from_fn(|i| i % 2))?;
//!     let effect = CovariancePropagation::new(group, ScalarMatrix::<2>::new());
//!     let model = Marginal::new(effect.plus(Ar1Matrix::<N>::new()));
//!     let x = SMatrix::<f64, N, 2>::from_fn(|i, j| [1.0, i as f64][j]);
//!     let y = SVector::<f64, N>::from_fn(|i, _| {
//!         (7.0 * i as f64).sin() + 0.3 * ((i * i) as f64).cos()
//!     });
//!     Ok(model.fit(&x, &y)?.log_likelihood)
//! }
//!
//! let thread = Builder::new().stack_size(256 * KIB).spawn(fit).unwrap();
//! assert!(thread.join().unwrap()?.is_finite());
//! # Ok::<(), Error>(())
//! ```
//!
//! # Limits of compile time
//!
//! Every model and every size is compiled by itself. Seconds of processor time of `cargo build`,
//! with dependencies already built, on an Intel Xeon with rustc 1.95:
//!
//! | program | optimised | debug |
//! |---|--:|--:|
//! | V and its gradient, 4×3 | 0.4 | 0.3 |
//! | a fit of a panel with a random intercept, N = 5 | 14 | 6 |
//! | a fit of a panel with random slopes, N = 10, and tests by Kenward and Roger | 39 | 12 |
//!
//! Incremental builds skip what did not change. To keep the time small, put each fit into a
//! function of its own in a crate that seldom changes, and serve several numbers of visits with one
//! N by [`push_observed`](crate::Panel::push_observed). `cargo build --timings` shows where the
//! time goes.
