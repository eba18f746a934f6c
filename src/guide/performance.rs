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
//! | R of any kind | [`ScalarMatrix`](crate::ScalarMatrix) or [`WeightedMatrix`](crate::WeightedMatrix), where it is right | with a fixed Z the fit is done in the Q + 1 rows in which V differs from σ² W⁻¹ |
//! | one core | the feature `rayon` | subjects and series are independent |
//!
//! Compile with `-C target-cpu=native`, or `x86-64-v3`, for registers of 32 bytes: stores and sums of V are then some twice as
//! fast, with the same bits.
//!
//! # Against other software
//!
//! `cargo run --release` in `benches/peers` compares, in one process and one run, with nalgebra 0.35, faer, num-dual and Eigen 3.4, which
//! g++ 12 and clang 14 compile with `-O3 -march=native`, once as a textbook has it and once as an expert would write it. Every
//! result is compared with the library's to 10⁻¹². Sizes are N×Q of 4×3, 8×3, 10×2, 12×4, 16×4, 24×6, 32×8 and 64×8;
//! means are geometric, over sizes. Times of R and Python are those of `benches/scripts`, run by hand on the same machine and kept in
//! `times.csv`: a virtual machine with two cores of an AMD EPYC, shared with others, so that times differ by tens of per cent
//! between runs and ratios by less.
//!
//! Ratios are the other's time by the library's; *goal* is what was set before it was built.
//!
//! | work | against | measured | goal | |
//! |---|---|--:|--:|---|
//! | ∂V, G diagonal | Eigen, textbook | 11.0 | 12 | missed: 1 |
//! | | nalgebra | 7.9 | 8 | missed: 1 |
//! | | Eigen, expert; worst size | 1.07; 0.98 | 1.15; 1 | missed: 1 |
//! | | the store limit, N ≥ 12 | 101 % | 85 % | |
//! | ∂V, G = L Lᵀ | Eigen, textbook | 8.6 | 12 | missed: 2 |
//! | | nalgebra | 6.0 | 8 | missed: 2 |
//! | | Eigen, expert; worst size | 0.97; 0.37 | 1.15; 1 | missed: 2 |
//! | | the store limit, N ≥ 12 | 73 % | 75 % | missed: 2 |
//! | V | Eigen, textbook | 3.4 | 5 | missed: 3 |
//! | | Eigen, expert | 0.82 | 2 | missed: 3 |
//! | | the limit of arithmetic and stores, N ≥ 24 | 45 % | 60 % | missed: 3 |
//! | V, one-hot Z, 64×8 | nalgebra | 16 | 24 | missed: 3 |
//! | θ → (V, ∂V), 4×3; 16×4; 64×8 | torch-openreml | 8,200; 940; 51 | 15,000; 1,900; 80 | missed: 4 |
//! | `pullback`, G = L Lᵀ; 64×8 | nalgebra | 16; 78 | 35; 130 | missed: 4 |
//! | likelihood, score, average information at a θ, R diagonal, 32×5 | Eigen, expert | 0.64 | 8 | missed: 5 |
//! | | torch-openreml | 36 | 600 | missed: 5 |
//! | a step of a fit, R diagonal, 32×5: 10.4 µs | Eigen, expert | 2.9 | 8 | missed: 6 |
//! | | torch-openreml | 162 | 600 | missed: 6 |
//! | a step of a fit, R = σ² I, 32×5: 8.9 µs | Eigen, expert | 1.9 | 8 | missed: 6 |
//! | | torch-openreml | 188 | 4,000 | missed: 6 |
//! | a panel of 100,000 subjects | one of 10 | 1.04 | at most 1.2 | |
//!
//! Whole fits, from raw data to the estimates:
//!
//! | data | here | fastest other | ratio | goal | |
//! |---|--:|--:|--:|--:|---|
//! | sleepstudy, random slopes | 53 µs | nlme, 26.7 ms | 504 | 1,000 | missed: 6 |
//! | dyestuff, random intercepts | 7.3 µs | nlme, 15.2 ms | 2,089 | 1,000 | |
//! | fev, unstructured, visits missing | 347 µs | nlme, 454 ms | 1,309 | 1,000 | |
//! | penicillin, crossed | 801 µs | lme4, 29.6 ms | 37 | 100 | missed: 7 |
//! | six groups of five, other responses each time | 114,000 in a second | | | 200,000 | missed: 6 |
//!
//! A panel takes 0.47 GB of X and y in a second, of the 13.6 GB that can be read: 8. The data of fev are not in the repository;
//! `PEERS_DATA` names a folder that has them. With the feature `rayon` two cores made 1.5 to 2.2 times the small fits of one, and
//! accumulated 1.4 to 1.9 times as fast (20,000 panels, 400,000 subjects, four rounds).
//!
//! # Where the goal is missed
//!
//! What is known of the reasons; limits are those that the same run measures.
//!
//! 1. **Derivatives of a diagonal G** are at the store limit, and so are Eigen's of an expert: neither can be faster. Ratios to the
//!    two others differ between runs by a tenth; in other runs they were 11.4 to 12.0 and 7.9 to 8.4.
//! 2. **Small derivatives of L Lᵀ.** From N = 16 on stores limit them, of which 70 to 92 % are reached. At 4×3 it is 20 %: six
//!    matrices of 16 numbers are 10 ns of stores, and the whole takes 36 ns in a program of its own and 50 in this one. What the rest goes into
//!    was not traced.
//! 3. **V.** The lower half is summed in tiles of 4×4 and mirrored, so that V is symmetric to the last bit. In their machine code a
//!    step of a tile is five loads for four products and four sums. Tiles of 8×4, with six loads for eight, were no faster here
//!    (1,402 and 1,378 ns at 64×8), and took 80 % of that without the mirror; Z G, which needs none, is made with them and reaches 33 to 37
//!    operations in a nanosecond, of the 40 that independent ones reach. At 4×3 the whole takes 8 ns, some 25 cycles, of which three sums
//!    and a transposition that wait for each other are most. With a one-hot Z, rows of G are gathered one number at a time, 512
//!    of them at 64×8.
//! 4. **The whole.** θ → (V, ∂V) at 4×3 takes 44 ns, of which three exponentials by libm, with the same bits on every
//!    machine, are 12 to 20 and stores 6. At 64×8 75 % of the limit are reached; times of Python were recorded in a quieter
//!    hour. `pullback` at 64×8 is W Z: 65,000 operations, 52 % of the limit.
//! 5. **A likelihood at a θ** ([`Estimation::at`](crate::Estimation::at)) is dense: N³/3 operations for the factor, 2N³/3 for the
//!    inverse. Eigen's form and the prototype make use of R = σ² W⁻¹; of that a *fit* makes use, with a fixed Z: it works in
//!    Q + 1 rows, which is the step measured below it.
//! 6. **Steps of small fits.** A fit of sleepstudy takes 136,000 instructions (`benches/counts`) for 8 steps of four variances, one of dyestuff 32,800
//!    for 5. A step forms Σ eᵢeᵢᵀ and Σ xᵢeᵢᵀ anew from moments that carry their rounding errors, so that no digits are lost where
//!    fixed effects are large, and near the maximum evaluates three informations; with 6 parameters and 4 columns in 6 rows the formulas
//!    have some 25,000 multiplications, which take 2 to 3 instructions each without AVX. The prototype kept plain cross-products, and the average information alone.
//! 7. **Penicillin** has 30 crossed effects, so V has 31 rows after reduction, and a step by the observed information
//!    takes some 6 products of N³ for the derivatives. The blocks of G are not made use of.
//! 8. **Accumulation** adds with error-free sums: six operations for each product, and not memory, are its limit.
//!
//! # Regressions
//!
//! Times are noisy, counts are not: `benches/counts/run.sh` counts the instructions of every operation under valgrind and compares
//! them with `benches/counts/baseline` to 3 %. It is a part of `.ci/run`.
