//! What it costs on a computer: what was measured, against what, and where the limit is not reached.
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
//! Compile with `-C target-cpu=native`, or `x86-64-v3`, for registers of 32 bytes: stores and sums of V are then some twice as
//! fast, with the same bits.
//!
//! # Against other software
//!
//! `cargo run --release` in `benches/peers` compares, in one process and one run, with nalgebra 0.35, faer, num-dual and Eigen 3.4, which
//! g++ 12 and clang 14 compile with `-O3 -march=x86-64-v3`, the instructions that the library is compiled for there, once as a textbook has it and
//! once as an expert would write it. Every result is compared with the library's to 10⁻¹². Sizes are N×Q of 4×3, 8×3, 10×2, 12×4, 16×4, 24×6,
//! 32×8 and 64×8; means are geometric, over sizes. Times of R and Python are those of `benches/scripts`, run by hand on the same machine and
//! kept in `times.csv`: a virtual machine with two cores of an Intel Xeon (Emerald Rapids), shared with others, so that times differ by tens of
//! per cent between runs and ratios by less.
//!
//! Ratios are the other's time by the library's; *goal* is what was set before it was built, from measurements of a prototype, single
//! kernels without the library around them, on an AMD EPYC (Zen 3). That machine makes 50 products and sums in a nanosecond, fused in one
//! instruction or not, and stores 103 bytes; this one makes 33, fused 48, and stores 157. Compilers of C++ fuse them; the library does
//! not, since its bits are the same on every machine. On the other machine an earlier version reached, for a diagonal G, 11.0 times Eigen's
//! textbook, 7.9 times nalgebra and 101 % of the store limit; for L Lᵀ 8.6, 6.0 and 73 %; and with a one-hot Z 16 times nalgebra.
//!
//! | work | against | measured | goal | |
//! |---|---|--:|--:|---|
//! | ∂V, G diagonal | Eigen, textbook | 7.4 | 12 | missed, see 1 |
//! | | nalgebra | 5.0 | 8 | missed, see 1 |
//! | | Eigen, expert; worst size | 0.82; 0.65 | 1.15; 1 | missed, see 1 |
//! | | the store limit, N ≥ 12 | 72 % | 85 % | missed, see 1 |
//! | ∂V, G = L Lᵀ | Eigen, textbook | 7.1 | 12 | missed, see 2 |
//! | | nalgebra | 6.1 | 8 | missed, see 2 |
//! | | Eigen, expert; worst size | 0.95; 0.74 | 1.15; 1 | missed, see 2 |
//! | | the store limit, N ≥ 12 | 65 % | 75 % | missed, see 2 |
//! | V | Eigen, textbook | 2.9 | 5 | missed, see 3 |
//! | | Eigen, expert | 0.81 | 2 | missed, see 3 |
//! | | the limit of arithmetic and stores, N ≥ 24 | 81 % | 60 % | |
//! | V, one-hot Z, 64×8 | nalgebra | 11.4 | 24 | missed, see 4 |
//! | θ → (V, ∂V), 4×3 | torch-openreml | 12,990 | 15,000 | missed, see 5 |
//! | the same, 16×4; 64×8 | torch-openreml | 1,901; 85 | 1,900; 80 | |
//! | `pullback`, G = L Lᵀ; 64×8 | nalgebra | 24; 84 | 35; 130 | missed, see 6 |
//! | | Eigen, expert | 1.3 | | |
//! | `gradient_mul`, G = L Lᵀ | nalgebra; Eigen, expert | 21; 0.54 | | |
//! | likelihood, score, average information at a θ, R diagonal, 32×5 | Eigen, expert | 0.58 | 8 | missed, see 7 |
//! | | torch-openreml | 87 | 600 | missed, see 7 |
//! | a step of a fit, R diagonal, 32×5: 10.3 µs | Eigen, expert | 1.5 | 8 | missed, see 8 |
//! | | torch-openreml | 219 | 600 | missed, see 8 |
//! | a step of a fit, R = σ² I, 32×5: 3.2 µs | Eigen, expert | 4.7 | 8 | missed, see 8 |
//! | | torch-openreml | 694 | 4,000 | missed, see 8 |
//! | a panel of 100,000 subjects | one of 10 | 1.00 | at most 1.2 | |
//!
//! Whole fits, from raw data to the estimates:
//!
//! | data | here | fastest other | ratio | goal |
//! |---|--:|--:|--:|--:|
//! | sleepstudy, random slopes | 14.1 µs | nlme, 22.9 ms | 1,628 | 1,000 |
//! | dyestuff, random intercepts | 3.0 µs | nlme, 13.2 ms | 4,380 | 1,000 |
//! | fev, unstructured, visits missing | 271 µs | nlme, 363 ms | 1,341 | 1,000 |
//! | penicillin, crossed | 196 µs | lme4, 21.9 ms | 112 | 100 |
//! | six groups of five, other responses each time | 310,000 in a second | | | 200,000 |
//!
//! In three more runs, when the machine was busier, penicillin had ratios of 84 to 106, and the others 1,400 to 1,540, 3,690 to 4,130, 1,190 to 1,220
//! and 272,000 to 293,000 in a second: times of other software are recorded, and do not slow down with the machine.
//!
//! A panel takes 0.69 GB of X and y in a second, of the 14 GB that can be read: it adds with error-free sums, and six operations for each
//! product, not memory, are its limit. The data of fev are not in the repository;
//! `PEERS_DATA` names a folder that has them. With the feature `rayon` two cores made 1.5 to 2.2 times the small fits of one, and
//! accumulated 1.4 to 1.9 times as fast (20,000 panels, 400,000 subjects, four rounds).
//!
//! # Where the goal is missed
//!
//! What is known of the reasons; limits are those that the same run measures.
//!
//! 1. **Derivatives of a diagonal G** take two multiplications for each number, (zᵢ zⱼ) s, since s zᵢ · zⱼ is not symmetric to the last bit.
//!    The processor stores two results in the time of two multiplications, so up to N = 24 some 60 % of the store limit are reached, and more by the one
//!    multiplication of Eigen's expert. From N = 32 on, outside of the nearest cache, both are at 96 to 100 % of the limit. With one multiplication,
//!    (s z) on the one side of the diagonal and on the other, the blocks on the diagonal are blended, or a triangle is mirrored: by itself that took 3 to
//!    36 % longer for N of 16 to 32 in the better two of four forms, and only at N = 12 less, by 18 %.
//! 2. **Derivatives of L Lᵀ** take two products and a sum for each number, of which Eigen's expert has one product fused with the sum. From
//!    N = 24 on stores limit both, of which 85 to 93 % are reached. At 4×3 six matrices take 17 ns, of which stores are 9.
//! 3. **V.** 63 to 94 % of what separate products and sums allow are reached from N = 24 on; Eigen's fused ones have 1.5 times that limit, for
//!    twice the work, all N² entries in place of the lower half, so that a ratio above 1.33 at one limit each is out of reach without them. Up to N = 8 the whole takes 8 to 25
//!    ns, a chain of three sums and a transposition that wait for each other; Eigen's two halves of V are not the same to the last bit, and it
//!    needs no transposition.
//! 4. **A one-hot Z** gathers 512 numbers one at a time, and copies them by 128 bytes: 45 % of the store limit. nalgebra's product takes 6 µs, so that
//!    the limit itself would be 26 times as fast.
//! 5. **θ → (V, ∂V)** at 4×3 takes 37 ns, of which three exponentials by libm, with the same bits on every machine, are 15 and stores 4.
//! 6. **`pullback`** is Zᵀ W Z. At 64×8 it is at the limit of separate products and sums, so that only fused ones would be faster; over all sizes
//!    63 % of it are reached.
//! 7. **A likelihood at a θ** ([`Estimation::at`](crate::Estimation::at)) is dense: N³/3 operations for the factor, 2N³/3 for the
//!    inverse. Eigen's form and the prototype make use of R = σ² W⁻¹; of that a *fit* makes use, with a fixed Z: it works in
//!    Q + 1 rows, which is the step measured below it. A V of blocks, or a Kronecker product, is factored by its parts.
//! 8. **Steps** are times of a whole fit by its steps, of which there are few: the start is a part of each. A step forms Σ eᵢeᵢᵀ and Σ xᵢeᵢᵀ anew
//!    from moments that carry their rounding errors, so that no digits are lost where fixed effects are large, and near the maximum evaluates three
//!    informations; with 6 parameters and 4 columns in 6 rows the formulas have some 25,000 multiplications. The prototype kept plain
//!    cross-products, and the average information alone.
//!
//! # Regressions
//!
//! Times are noisy, counts are not: `benches/counts/run.sh` counts the instructions of every operation under valgrind and compares
//! them with `benches/counts/baseline` to 3 %. It is a part of `.ci/run`.
