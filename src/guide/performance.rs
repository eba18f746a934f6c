//! Costs on a computer: measured times, their comparison with other software, and their limits.
//!
//! # To begin
//!
//! | instead of | write | because |
//! |---|---|---|
//! | [`value`](crate::ParamMatrix::value), [`gradient`](crate::ParamMatrix::gradient) | [`value_into`](crate::ParamMatrix::value_into), [`gradient_into`](crate::ParamMatrix::gradient_into) | an array of matrices by value is filled and copied: at 64×8 with 36 parameters 1.2 MB |
//! | both of them at one θ | [`value_and_gradient_into`](crate::ParamMatrix::value_and_gradient_into) | transforms and products are shared |
//! | Σ Wᵢⱼ ∂ₖVᵢⱼ over a gradient | [`pullback`](crate::ParamMatrix::pullback) | Zᵀ W Z once, and no ∂V is formed |
//! | ∂ₖV u over a gradient | [`gradient_mul`](crate::ParamMatrix::gradient_mul) | vectors in place of matrices |
//! | one Z with ones and zeros | [`DummyMatrix`](crate::DummyMatrix) | rows are gathered, not multiplied |
//! | a fit of all observations as one vector | [`Panel`](crate::Panel) | V is of one subject, and what is kept does not grow with their number |
//! | [`at`](crate::Estimation::at) for one θ after the other | [`explore`](crate::Estimation::explore) | what does not depend on θ is done once, and with a fixed Z and R = σ² W⁻¹ V has Q + 1 rows |
//! | R of any kind | [`ScalarMatrix`](crate::ScalarMatrix) or [`WeightedMatrix`](crate::WeightedMatrix), where it is right | with a fixed Z the fit is done in the Q + 1 rows in which V differs from σ² W⁻¹ |
//! | one V of plots in rows and columns, or of sections | [`KroneckerProduct`](crate::KroneckerProduct), [`BlockDiagonal`](crate::BlockDiagonal) | V is factored by its parts |
//! | one core | the feature `rayon` | subjects and series are independent |
//!
//! Compile with `-C target-cpu=native`, or `x86-64-v3`, for registers of 32 bytes: stores and sums
//! of V are then some twice as fast, with the same bits.
//!
//! # Against other software
//!
//! `cargo run --release` in `benches/peers` compares, in one process and one run, with nalgebra
//! 0.35, faer, num-dual and Eigen 3.4, which g++ 12 and clang 14 compile with `-O3
//! -march=x86-64-v3`, the instructions that the library is compiled for there, once as a textbook
//! has it and once as an expert would write it. Every result is compared with the library's to
//! 10⁻¹². Sizes are N×Q of 4×3, 8×3, 10×2, 12×4, 16×4, 24×6, 32×8 and 64×8; means are geometric,
//! over sizes. Times of R and Python are those of `benches/scripts`, run by hand on the same
//! machine and kept in `times.csv`: a virtual machine with two cores of an Intel Xeon (Emerald
//! Rapids), shared with others, so that times differ by tens of per cent between runs and ratios by
//! less.
//!
//! Ratios are the other's time by the library's; *goal* is what was set before it was built, from
//! measurements of a prototype, single kernels without the library around them, on an AMD EPYC (Zen
//! 3). That machine makes 50 products and sums in a nanosecond, fused in one instruction or not,
//! and stores 103 bytes; this one makes 33, fused 48, and stores 157. Compilers of C++ fuse them;
//! the library does not, since its bits are the same on every machine. On the other machine an
//! earlier version reached, for a diagonal G, 11.0 times Eigen's textbook, 7.9 times nalgebra and
//! 101 % of the store limit; for L Lᵀ 8.6, 6.0 and 73 %; and with a one-hot Z 16 times nalgebra.
//!
//! | work | against | measured | goal | |
//! |---|---|--:|--:|---|
//! | ∂V, G diagonal | Eigen, textbook | 7.6 | 12 | missed, see 1 |
//! | | nalgebra | 5.1 | 8 | missed, see 1 |
//! | | Eigen, expert; worst size | 0.82; 0.66 | 1.15; 1 | missed, see 1 |
//! | | the store limit, N ≥ 12 | 72 % | 85 % | missed, see 1 |
//! | ∂V, G = L Lᵀ | Eigen, textbook | 7.2 | 12 | missed, see 2 |
//! | | nalgebra | 6.1 | 8 | missed, see 2 |
//! | | Eigen, expert; worst size | 0.95; 0.75 | 1.15; 1 | missed, see 2 |
//! | | the store limit, N ≥ 12 | 63 % | 75 % | missed, see 2 |
//! | V | Eigen, textbook | 2.8 | 5 | missed, see 3 |
//! | | Eigen, expert | 0.79 | 2 | missed, see 3 |
//! | | the limit of arithmetic and stores, N ≥ 24 | 80 % | 60 % | |
//! | V, one-hot Z, 64×8 | nalgebra | 11.5 | 24 | missed, see 4 |
//! | θ → (V, ∂V), 4×3 | torch-openreml | 12,781 | 15,000 | missed, see 5 |
//! | the same, 16×4; 64×8 | torch-openreml | 1,980; 84 | 1,900; 80 | |
//! | `pullback`, G = L Lᵀ; 64×8 | nalgebra | 24; 87 | 35; 130 | missed, see 6 |
//! | | Eigen, expert | 1.3 | | |
//! | `gradient_mul`, G = L Lᵀ | nalgebra; Eigen, expert | 21; 0.51 | | |
//! | likelihood, score and average information at a θ, 32×5, by `explore`, R diagonal: 1.9 µs | Eigen, expert | 8.3 | 8 | |
//! | | torch-openreml | 1,209 | 600 | |
//! | the same, R = σ² I: 1.8 µs | torch-openreml | 1,222 | 4,000 | missed, see 7 |
//! | the same by `at`, V 32×32: 15 µs | Eigen, expert; torch-openreml | 1.0; 149 | | |
//! | a panel of 100,000 subjects | one of 10 | 0.90 | at most 1.2 | |
//!
//! Whole fits, from raw data to the estimates:
//!
//! | data | here | fastest other | ratio | goal |
//! |---|--:|--:|--:|--:|
//! | sleepstudy, random slopes | 10.2 µs | nlme, 22.9 ms | 2,244 | 1,000 |
//! | dyestuff, random intercepts | 2.4 µs | nlme, 13.2 ms | 5,423 | 1,000 |
//! | fev, unstructured, visits missing | 196 µs | nlme, 363 ms | 1,855 | 1,000 |
//! | penicillin, crossed | 103 µs | lme4, 21.9 ms | 212 | 100 |
//! | six groups of five, other responses each time | 384,000 in a second | | | 200,000 |
//!
//! In two more runs nothing of this differed by more than 7 %, but V's part of its limit (70 %) and
//! θ → (V, ∂V) at 4×3 (9,838 and 13,292). When the machine is busy ratios of fits are up to a third
//! lower: times of other software are recorded, and do not slow down with the machine.
//!
//! A subject of ten visits and two columns, 240 bytes, takes 13,281 instructions
//! (`benches/counts`): sums and products with twice the digits, 9 to 22 operations for each pair of
//! numbers, not memory, are the limit. The data of fev are not in the repository; `PEERS_DATA`
//! names a folder that has them. With the feature `rayon` two cores made 1.5 to 2.2 times the small
//! fits of one, and accumulated 1.4 to 1.9 times as fast (20,000 panels, 400,000 subjects, four
//! rounds).
//!
//! # Where the goal is missed
//!
//! What is known of the reasons; limits are those that the same run measures.
//!
//! 1. **Derivatives of a diagonal G** take two multiplications for each number, (zᵢ zⱼ) s, since s
//!    zᵢ · zⱼ is not symmetric to the last bit. The processor stores two results in the time of two
//!    multiplications, so up to N = 24 some 60 % of the store limit are reached, and more by the
//!    one multiplication of Eigen's expert. From N = 32 on, outside of the nearest cache, both are
//!    at 96 % of the limit. With one multiplication, (s z) on the one side of the diagonal and on
//!    the other, the blocks on the diagonal are blended, or a triangle is mirrored: by itself that
//!    took 3 to 36 % longer for N of 16 to 32 in the better two of four forms, and only at N = 12
//!    less, by 18 %.
//! 2. **Derivatives of L Lᵀ** take two products and a sum for each number, of which Eigen's expert
//!    has one product fused with the sum. From N = 24 on stores limit both, of which 83 to 87 % are
//!    reached. At 4×3 six matrices take 17 ns, of which stores are 9.
//! 3. **V.** 67 to 93 % of what separate products and sums allow are reached from N = 24 on;
//!    Eigen's fused ones have 1.5 times that limit, for twice the work, all N² entries in place of
//!    the lower half, so that a ratio above 1.33 at one limit each is out of reach without them. Up
//!    to N = 8 the whole takes 8 to 25 ns, a chain of three sums and a transposition that wait for
//!    each other; Eigen's two halves of V are not the same to the last bit, and it needs no
//!    transposition.
//! 4. **A one-hot Z** gathers 512 numbers one at a time, and copies them by 128 bytes: 45 % of the
//!    store limit. nalgebra's product takes 6 µs, so that the limit itself would be 27 times as
//!    fast.
//! 5. **θ → (V, ∂V)** at 4×3 takes 37 ns, of which three exponentials by libm, with the same bits
//!    on every machine, are 11 and stores 4.
//! 6. **`pullback`** is Zᵀ W Z. At 64×8 it is at the limit of separate products and sums, so that
//!    only fused ones would be faster; over all sizes 62 % of it are reached.
//! 7. **A likelihood at a θ**, of six parameters, six rows and four columns, is 12,800 instructions
//!    without AVX (`fits::explored` in `benches/counts`): 5,700 are products, sums, divisions and
//!    roots, 1,500 the exponentials and logarithms of libm, 1,100 copies. The prototype had 2,940
//!    in all: it kept cross-products of raw data, which lose twice the digits that data have in
//!    common, took no residuals anew, and did not look whether V is positive definite or a number
//!    lost. At the rate at which all of it takes 1.8 µs, arithmetic and libm alone would take 1.0
//!    µs; the goal is 0.56.
//!
//! # Regressions
//!
//! Times are noisy, counts are not: `benches/counts/run.sh` counts the instructions of every
//! operation under valgrind and compares them with `benches/counts/baseline` to 3 %. It is a part
//! of `.ci/run`.
