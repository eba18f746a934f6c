//! Performance on a computer: measured costs, a comparison with other software, how to measure, and
//! the limits.
//!
//! [`microcontroller`](crate::guide::microcontroller) has the costs on microcontrollers.
//! [`estimation`](crate::guide::estimation#reliability-of-the-search) has the numbers of steps and
//! the times of fits of 45 models.
//!
//! # Costs of operations
//!
//! The table has instruction counts on x86-64 without AVX, in `f64`, as recorded in
//! `benches/counts/baseline`, rounded to two digits. Each column is for one size N×Q of the design
//! Z:
//!
//! | operation | 4×3 | 8×3 | 16×4 | 32×8 | 64×8 |
//! |---|--:|--:|--:|--:|--:|
//! | V = Z G Zᵀ, G diagonal | 260 | 510 | 2,100 | 13,000 | 44,000 |
//! | V, G unstructured | 310 | 630 | 2,500 | 16,000 | 52,000 |
//! | V, G = L Lᵀ | 340 | 680 | 2,600 | 18,000 | 53,000 |
//! | V, one-hot Z, G unstructured | 250 | 370 | 860 | 2,900 | 8,700 |
//! | Q derivatives ∂V, G diagonal | 260 | 570 | 2,600 | 18,000 | 69,000 |
//! | V and Q derivatives ∂V from θ, G diagonal | 400 | 960 | 4,500 | 31,000 | 110,000 |
//! | Q(Q+1)/2 derivatives ∂V, G = L Lᵀ | 1,700 | 3,200 | 13,000 | 160,000 | 520,000 |
//! | [`pullback`](crate::algebra::ParamMatrix::pullback), G unstructured | 400 | 840 | 3,200 | 23,000 | 78,000 |
//! | [`gradient_mul`](crate::algebra::ParamMatrix::gradient_mul), G unstructured | 300 | 500 | 2,200 | 9,100 | 18,000 |
//! | score and average information at a θ, with V in full | 4,200 | 10,000 | 42,000 | 190,000 | 880,000 |
//!
//! The next table has instruction counts and times of fits. The times are from the machine of the
//! [comparison](#comparison-with-other-software), in a [build without
//! flags](#instruction-sets) and in a build for x86-64-v3:
//!
//! | work | instructions | time without flags | x86-64-v3 |
//! |---|--:|--:|--:|
//! | a [`Panel::push`](crate::reml::Panel::push) of a subject with ten visits and two columns, 240 bytes | 13,000 | | |
//! | score and average information at a θ, 32×5, by [`explore`](crate::reml::Estimation::explore) | 13,000 | 1.4 µs | 1.6 µs |
//! | a fit of six batches of five (dyestuff) | 18,000 | 2.5 µs | 2.5 µs |
//! | a fit of a random intercept and slope for 18 subjects (sleepstudy) | 53,000 | 18.6 µs | 12.5 µs |
//! | a fit of 144 measurements with two crossed factors (penicillin) | | 157 µs | 129 µs |
//! | a fit of 537 measurements, unstructured, visits missing (fev) | | 282 µs | 253 µs |
//!
//! Without flags, one core makes 384,000 fits per second of six batches of five, each with new
//! responses. A fit of a panel of 100,000 subjects takes as long as a fit of 10 subjects, because a
//! panel stores sums and not subjects. The time to add a subject to a panel is limited by
//! arithmetic: sums and products in twice the working precision take 9 to 22 operations for each
//! pair of numbers. With the feature `rayon`, two cores make 1.5 to 2.2 times as many small fits as
//! one core, and add subjects to a panel 1.4 to 1.9 times as fast.
//!
//! The types determine how much memory is needed:
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
//! | instead of | use | because |
//! |---|---|---|
//! | [`value`](crate::algebra::ParamMatrix::value), [`gradient`](crate::algebra::ParamMatrix::gradient) | [`value_into`](crate::algebra::ParamMatrixExt::value_into), [`gradient_into`](crate::algebra::ParamMatrixExt::gradient_into) | an array of matrices that is returned by value is filled and copied: 1.1 MiB at 64×8 with 36 parameters |
//! | value and gradient separately at one θ | [`value_and_gradient_into`](crate::algebra::ParamMatrixExt::value_and_gradient_into) | transforms and products are shared |
//! | Σ Wᵢⱼ ∂ₖVᵢⱼ over a gradient | [`pullback`](crate::algebra::ParamMatrix::pullback) | Zᵀ W Z is computed once, and no ∂V is formed |
//! | ∂ₖV u over a gradient | [`gradient_mul`](crate::algebra::ParamMatrix::gradient_mul) | vectors take the place of matrices |
//! | a Z of ones and zeros | [`DummyMatrix`](crate::structure::DummyMatrix) | rows are gathered, not multiplied |
//! | a fit of all observations as one vector | [`Panel`](crate::reml::Panel) | V is the matrix of one subject, and memory does not grow with the number of subjects |
//! | [`at`](crate::reml::Estimation::at) for many θ | [`explore`](crate::reml::Estimation::explore) | terms without θ are computed once; with a fixed Z and R = σ² W⁻¹, V has Q + 1 rows |
//! | a general R | [`ScalarMatrix`](crate::structure::ScalarMatrix) or [`WeightedMatrix`](crate::structure::WeightedMatrix), if it suits the data | with a fixed Z, the fit works in the Q + 1 rows in which V differs from σ² W⁻¹ |
//! | one V of plots in rows and columns, or of sections | [`KroneckerProduct`](crate::operator::KroneckerProduct), [`BlockDiagonal`](crate::operator::BlockDiagonal) | V is factored by its parts |
//! | one core | the feature `rayon` | subjects and series are independent |
//!
//! # Instruction sets
//!
//! Without flags, the compiler uses only instructions that every x86-64 processor has, with
//! registers of 16 bytes (SSE2). With `-C target-cpu=x86-64-v3`, it uses registers of 32 bytes
//! (AVX2), which processors have since about 2015. Both builds compute the same bits. To set the
//! flag for a crate, write it to `.cargo/config.toml`:
//!
//! ```toml
//! [build]
//! rustflags = ["-C", "target-cpu=x86-64-v3"]
//! ```
//!
//! The table has the time of a build without flags, divided by the time of a build for x86-64-v3.
//! The script `flags.sh` in `benches/peers` makes both builds, runs them in turns and prints the
//! ratio of each operation at each size:
//!
//! | work | 4×3 | 8×3 | 16×4 | 32×8 | 64×8 |
//! |---|--:|--:|--:|--:|--:|
//! | V, G full | 1.8 | 1.7 | 1.9 | 2.0 | 2.1 |
//! | V, G diagonal | 1.8 | 1.4 | 1.9 | 2.1 | 2.0 |
//! | V, G = L Lᵀ | 1.4 | 1.6 | 1.9 | 2.1 | 2.1 |
//! | V, one-hot Z | 1.1 | 1.1 | 1.3 | 1.2 | 1.3 |
//! | ∂V, G diagonal | 1.7 | 2.0 | 1.9 | 1.0 | 0.9 |
//! | ∂V, G = L Lᵀ | 1.7 | 1.8 | 1.5 | 1.3 | 1.1 |
//! | ∂V, AR(1) | 1.9 | 1.4 | 1.4 | 1.8 | 1.9 |
//! | ∂V, trainable Z | 1.2 | 1.3 | 1.4 | 1.5 | 1.5 |
//! | [`pullback`](crate::algebra::ParamMatrix::pullback), G = L Lᵀ | 1.4 | 1.7 | 1.7 | 2.0 | 2.1 |
//! | [`gradient_mul`](crate::algebra::ParamMatrix::gradient_mul), G = L Lᵀ | 1.4 | 2.3 | 1.3 | 1.4 | 1.1 |
//! | V and ∂V from θ | 1.2 | 1.8 | 1.5 | 1.3 | 1.2 |
//!
//! The ratio of whole fits, from raw data, is 1.49 for sleepstudy, 1.00 for dyestuff, 1.11 for fev
//! and 1.21 for penicillin. The largest ratio of all operations and sizes is 2.3, of `gradient_mul`
//! with G = L Lᵀ at 8×3.
//!
//! covprop does not choose between instruction sets at run time. On stable Rust, only `unsafe` code
//! can call a function that is compiled for AVX2 from a function that is not, and covprop contains
//! no `unsafe` code. Crates such as pulp contain the `unsafe` call, but only functions that are
//! inlined into the called function are compiled for AVX2. With pulp 0.22 around whole fits and
//! around V, the times of fits and of V from 24×6 on changed by less than 4 %, because the compiler
//! inlines neither. A choice inside each kernel would need a second version of every kernel.
//!
//! # Comparison with other software
//!
//! The program `benches/peers` compares covprop with nalgebra 0.35, faer, num-dual and Eigen 3.4 in
//! one process and one run. Eigen is compiled by g++ 12 and clang 14 with `-O3 -march=x86-64-v3`,
//! and covprop and nalgebra are compiled for the same instruction set. The Eigen code has two
//! versions:
//! *textbook*, one expression for each formula, and *expert*, written as somebody who knows Eigen
//! well would write it. Every result agrees with covprop's to 10⁻¹². Times of R and Python are from
//! `benches/scripts/times.csv`, which scripts measured on the same machine: a virtual machine with
//! two cores of an Intel Xeon (Emerald Rapids), shared with other users.
//!
//! A ratio is the time of the other software divided by covprop's, so the other software is faster
//! if the ratio is below 1. If a row names no size, its ratio is the geometric mean over the sizes
//! N×Q of Z, which are 4×3, 8×3, 10×2, 12×4, 16×4, 24×6, 32×8 and 64×8, for the faster of the two
//! compilers.
//!
//! | work | against | ratio |
//! |---|---|--:|
//! | ∂V, G diagonal | Eigen, textbook | 7.6 |
//! | | nalgebra | 5.1 |
//! | | Eigen, expert: mean; smallest | 0.82; 0.66 |
//! | ∂V, G = L Lᵀ | Eigen, textbook | 7.2 |
//! | | nalgebra | 6.1 |
//! | | Eigen, expert: mean; smallest | 0.95; 0.75 |
//! | V | Eigen, textbook | 2.8 |
//! | | Eigen, expert | 0.79 |
//! | V, one-hot Z, 64×8 | nalgebra | 11.5 |
//! | θ → (V, ∂V), 4×3; 16×4; 64×8 | torch-openreml | 12,781; 1,980; 84 |
//! | `pullback`, G = L Lᵀ; 64×8 | nalgebra | 24; 87 |
//! | `pullback`, G = L Lᵀ | Eigen, expert | 1.3 |
//! | `gradient_mul`, G = L Lᵀ | nalgebra; Eigen, expert | 21; 0.51 |
//! | likelihood, score and average information at a θ, 32×5, by `explore`, R diagonal: 1.9 µs | Eigen, expert; torch-openreml | 8.3; 1,209 |
//! | likelihood, score and average information at a θ, 32×5, by `explore`, R = σ² I: 1.8 µs | torch-openreml | 1,222 |
//! | likelihood, score and average information at a θ, 32×5, by `at`, with V in full, 32×32: 15 µs | Eigen, expert; torch-openreml | 1.0; 149 |
//!
//! The next table has times of whole fits in a build without flags, from raw data to estimates. R
//! starts from a data frame and a formula:
//!
//! | data | covprop | fastest other | ratio |
//! |---|--:|--:|--:|
//! | sleepstudy, random slopes | 18.6 µs | nlme, 22.9 ms | 1,230 |
//! | dyestuff, random intercepts | 2.5 µs | nlme, 13.2 ms | 5,259 |
//! | fev, unstructured, visits missing | 282 µs | nlme, 363 ms | 1,289 |
//! | penicillin, crossed | 157 µs | lme4, 21.9 ms | 139 |
//!
//! This table compares fits of [`Subjects`](crate::reml::Subjects) with random slopes and
//! subject-specific times (feature `alloc`, virtual machine with an AMD EPYC):
//!
//! | data | covprop | fastest other | ratio |
//! |---|--:|--:|--:|
//! | sleepstudy, days shifted and dropped at random | 40 µs | nlme, 9.6 ms | 238 |
//! | 1,000 subjects with 5 to 10 rows | 1.61 ms | lme4, 81.6 ms | 51 |
//! | 10,000 subjects with 5 to 10 rows | 16.1 ms | | |
//!
//! A fit of subjects takes 2.4 to 3.0 times as long as the fit of a panel with as many rows, in
//! which all subjects share one V. The time is proportional to the number of subjects. Inference
//! also uses the reduced rows of the subjects. For 160 groups of 14 to 67 rows with a random
//! intercept, the fit takes 1.5 ms, the degrees of freedom of Satterthwaite 0.9 ms, and the method
//! of Kenward and Roger 1.1 ms.
//!
//! Between runs, numbers differ by up to 7 %, with two exceptions. The computation of V reaches
//! between 70 and 80 % of its limit of speed. For the evaluation of V and ∂V from θ with a 4×3
//! design, the ratio to torch-openreml is between 9,838 and 13,292. On a busy machine the ratios of
//! fits are up to a third lower, because the recorded times of R and Python do not slow down with
//! the machine.
//!
//! All ratios are for small models. For factors with thousands of levels, lme4 and MixedModels.jl
//! use sparse factorisations, which covprop does not have: see [`compare`](crate::guide::compare).
//!
//! # How to measure
//!
//! | question | command |
//! |---|---|
//! | ratios and shares of the limit, all operations | `cargo run --release` in `benches/peers` |
//! | ratios and shares of operations whose names contain given words | `cargo run --release -- gradient reml` in `benches/peers` |
//! | a quick run with fewer and shorter repetitions, without Eigen, which takes minutes to compile | `cargo run --release --no-default-features -- --quick` in `benches/peers` |
//! | a build without flags against a build for x86-64-v3 | `benches/peers/flags.sh` |
//! | fits of subjects beside panels | `cargo run --release --no-default-features -- "fit s"` in `benches/peers` |
//! | times of R and Python | `benches/scripts/peers.R` and `peers.py`; see the README there |
//! | instructions of each operation against the baseline, to 3 % | `benches/counts/run.sh`, with valgrind |
//! | the time to compile six programs, as ratios to a program with nalgebra alone | `benches/compile/run.sh` |
//! | steps and times of fits under 45 models | `benches/search/run.sh` |
//! | flash, stack and instructions on four chips | `examples/firmware/run.sh`, in QEMU |
//!
//! The data of the example `fev` are not in the repository; the environment variable `PEERS_DATA`
//! names a folder that has the data. Times are noisy on a shared machine, but instruction counts
//! are not.
//!
//! In your own benchmarks, pass θ and results through `black_box`. Otherwise the compiler may
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
//! The speed limit of an operation is the longer of two times, which are measured in the same run:
//! the time of the necessary multiplications and additions at the throughput of independent
//! operations, and the time of storing the result. The machine executes 33 separate multiplications
//! and additions per nanosecond, or 48 fused ones, and stores 157 bytes per nanosecond.
//!
//! | operation | limited by | share of the limit |
//! |---|---|--:|
//! | ∂V, G diagonal | stores | 72 % for N ≥ 12; 96 % for N ≥ 32 |
//! | ∂V, G = L Lᵀ | stores | 63 % for N ≥ 12; 83 to 87 % for N ≥ 24 |
//! | V | products and sums | 80 % for N ≥ 24 |
//! | V, one-hot Z, 64×8 | stores | 45 % |
//! | `pullback`, G = L Lᵀ | products and sums | 62 % |
//!
//! **∂V with a diagonal G** takes two multiplications for each entry: two entries of a column of Z
//! are multiplied, and the product is multiplied by the derivative of a variance. Multiplying the
//! column by the derivative first would need fewer multiplications, but ∂V would not be symmetric
//! to the last bit. The expert version in Eigen uses one multiplication for each entry of ∂V. The
//! machine stores two results in the time of two multiplications, so the computation of ∂V reaches
//! about 60 % of its speed limit up to N = 24. Computing one triangle of ∂V and mirroring it takes
//! longer at most sizes.
//!
//! **∂V with G = L Lᵀ** takes two products and a sum for each entry; the expert version in Eigen
//! fuses one product with the sum. For a 4×3 matrix Z, the six matrices ∂V take 17 ns, of which
//! stores take 9 ns.
//!
//! **V** is computed in its lower triangle and mirrored. The expert version in Eigen computes all
//! N² entries with fused operations at 1.5 times the rate, and the two halves of its result differ
//! in the last bit. Up to N = 8, computing V takes 8 to 25 ns, which is the latency of three
//! dependent sums and a transposition.
//!
//! **V with a one-hot Z** of size 64×8 is computed by gathering 512 numbers one at a time and
//! copying the numbers in blocks of 128 bytes. A one-hot matrix has a single 1 in each row and
//! zeros elsewhere.
//!
//! **θ → (V, ∂V)**, the evaluation of V and its derivatives from θ, takes 37 ns for a 4×3 matrix Z.
//! Three exponentials by libm take 11 ns of this time, and stores take 4 ns.
//!
//! **`pullback`** computes Zᵀ W Z for a weight matrix W. With a 64×8 matrix Z, `pullback` reaches
//! its speed limit.
//!
//! **A likelihood at one θ**, computed by `explore` for a model with six parameters, six rows and
//! four columns, takes 12,800 instructions: 5,700 for products, sums, divisions and roots, 1,500
//! for exponentials and logarithms of libm, and 1,100 for copies. The remaining instructions of a
//! likelihood check that V is positive definite and that no precision is lost, and recompute
//! residuals.
//!
//! # Limits of size
//!
//! **Sums and products of sizes.** The sizes of block diagonals and Kronecker products are computed
//! at the type level for results up to 512, and for some results above.
//!
//! **Matrices by value.** Returning matrices by value is practical up to about 64×64. For larger
//! matrices, write into buffers with the methods that end in `_into`, or use
//! [`for_each_derivative`](crate::algebra::ParamMatrixExt::for_each_derivative), which needs no
//! array of derivatives.
//!
//! **Time.** The likelihood of a dense N×N covariance matrix V takes a time proportional to N³. The
//! likelihood of a panel takes a time proportional to N³ for each set of visits, however many
//! subjects there are.
//!
//! **Zeros.** Zeros in a matrix are stored and multiplied, unless the type of the structure implies
//! that the entries are zero. If most of a large V is zero, a sparse library does less work.
//!
//! # Limits of the stack
//!
//! A fit keeps all its matrices on the stack. The example in this section needs at least the
//! following stack, with rustc 1.95 on x86-64:
//!
//! | N | optimised | debug |
//! |--:|--:|--:|
//! | 10 | 47 KiB | 111 KiB |
//! | 32 | 263 KiB | 687 KiB |
//! | 64 | 0.9 MiB | 2.4 MiB |
//! | 128 | 3.5 MiB | 9.5 MiB |
//!
//! For an N×N matrix V, the fit needs stack for about 30 N×N matrices in an optimised build, and
//! for about 80 in a debug build. A thread that Rust's standard library starts has a stack of 2
//! MiB, including the threads of tests; the main thread has 8 MiB on most Linux systems. For a
//! large N start a thread with a larger stack, as `examples/field_trial.rs` does for 150 plots.
//!
//! **Panels.** A [`Panel`](crate::reml::Panel) in `f64` takes 16 N² (K² + K + 1) bytes for each of
//! its sets of visits, as `size_of` shows. To fill a panel in a debug build, a thread needs a stack
//! of nine times the size of the panel plus 64 KiB. To fit it, the thread needs the size of the
//! panel plus [`FIT_STACK`](crate::reml::Panel::FIT_STACK). A `HeapPanel` (feature `alloc`) stores
//! its sums, and the Cholesky factors of its fit, on the heap, for any number of sets of visits.
//! Its `FIT_STACK` does not depend on this number. The table has the size of a panel and the
//! stack of its fit in addition to the panel, in a debug build, in KiB, with rustc 1.95 on x86-64,
//! and in brackets `FIT_STACK`. V is unstructured, except for AR(1) at N = 16 and 64 and
//! random slopes at N = 32. An optimised build needs between a third and a half of this stack:
//!
//! | N | K | P | sets of visits | size of the panel | fit of a `Panel` | fit of a `HeapPanel` |
//! |--:|--:|--:|--:|--:|--:|--:|
//! | 8 | 8 | 36 | 4 | 293 | 687 (1,038) | 639 (909) |
//! | 8 | 32 | 36 | 2 | 2,122 | 3,023 (4,144) | 2,959 (4,079) |
//! | 16 | 2 | 2 | 8 | 224 | 1,007 (1,218) | 91 (222) |
//! | 32 | 2 | 4 | 4 | 449 | 2,127 (2,871) | 415 (916) |
//! | 64 | 2 | 2 | 1 | 448 | 3,087 (4,408) | 1,135 (2,472) |
//!
//! A panel with N = 8, K = 32 and 64 sets of visits occupies 69 MB. With a `HeapPanel` or with
//! [`Subjects`](crate::reml::Subjects), the model is fitted on the main thread in debug builds too.
//! `Subjects` need a stack that depends only on N, K and the number of parameters, with and without
//! `alloc`.
//!
//! **Derivatives by value.** A debug build keeps nine to ten copies of the result of
//! [`gradient`](crate::algebra::ParamMatrix::gradient), and an optimised build two. In a debug
//! build, a result of more than 0.8 MB overflows a stack of 8 MiB, and a result of more than 0.2 MB
//! a stack of 2 MiB. The 36 derivatives of a 64×64 matrix have 1.2 MB:
//! [`gradient_into`](crate::algebra::ParamMatrixExt::gradient_into) writes them into a box with
//! a stack of 0.3 MiB.
//!
//! To find the stack size that a program needs, reduce the size of its thread's stack until the
//! stack overflows:
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
//! # Compile time
//!
//! The compiler translates each model and each size separately, as part of the crate that uses it.
//! The script `benches/compile/run.sh` builds six programs and one program that uses only
//! nalgebra's
//! `SMatrix`. The table has seconds of processor time of a rebuild after a change of the program,
//! with rustc 1.95 on two cores of an Intel Xeon; in brackets, the ratio to the program with
//! nalgebra alone:
//!
//! | program | `cargo check` | debug | release |
//! |---|--:|--:|--:|
//! | V and its gradient, 4×3 | 0.1 (1.2) | 0.5 (1.8) | 0.5 (1.7) |
//! | a Kalman filter with two states, and the fit of its two noise variances | 0.1 (1.2) | 1.3 (4.9) | 3.0 (9.8) |
//! | a panel with an unstructured V of 4 visits, some missed | 0.1 (1.4) | 1.7 (6.3) | 5.8 (19.0) |
//! | a panel with random slopes of 10 visits, with the tests of Kenward and Roger | 0.1 (1.3) | 3.0 (11.4) | 10.5 (34.2) |
//! | 30 measurements with two crossed factors | 0.1 (1.2) | 2.7 (10.1) | 10.7 (34.8) |
//! | 20 operators, one within the other, with a fit | 0.1 (1.4) | 2.3 (8.8) | 9.4 (30.8) |
//!
//! The first build of the mixed model, with all dependencies, takes 21 s of elapsed time in debug
//! and 30 s in release. The compiler needs at most 550 MB of memory. The time to compile an
//! expression grows about linearly with the number of its operators.
//!
//! Incremental builds skip what did not change. To keep the compile time short, put fits into a
//! crate of their own that seldom changes, and use one N for several numbers of visits by
//! [`push_observed`](crate::reml::Panel::push_observed). `cargo build --timings` shows the time of
//! each crate.
//!
//! # Debug builds
//!
//! The table has times of a debug and of a release build, for 18 subjects with a random intercept
//! and slope:
//!
//! | work | debug | debug, with the fits in a crate at `opt-level = 3` | release |
//! |---|--:|--:|--:|
//! | 18 subjects added to a panel | 1.2 ms | 0.07 ms | 0.06 ms |
//! | the fit | 1.2 ms | 0.09 ms | 0.05 ms |
//! | profile intervals of the three variance parameters | 350 ms | 4.5 ms | 2.2 ms |
//!
//! covprop consists of generic code, which is compiled as part of the crate that calls it. The
//! optimisation level of that crate therefore decides the speed of a fit. The setting
//! `[profile.dev.package."*"]`, which applies to dependencies only, shortens the profile intervals
//! from 350 to 235 ms. To optimise fits in debug builds, put them into a crate of their own, such
//! as
//! `models`, and name this crate in the `Cargo.toml` of the workspace:
//!
//! ```toml
//! [profile.dev.package.models]
//! opt-level = 3
//! ```
//!
//! `benches/compile/run.sh` also measures these times.
