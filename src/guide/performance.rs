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
//! | R of any kind | [`ScalarMatrix`](crate::ScalarMatrix), where it is right | with a fixed Z the fit is done in the Q + 1 rows in which V differs from σ² I |
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
//! | ∂V, G diagonal | Eigen, textbook | 12.0 | 12 | |
//! | | nalgebra | 8.3 | 8 | |
//! | | Eigen, expert; worst size | 1.08; 0.94 | 1.15; 1 | missed: both are at the store limit |
//! | | the store limit, N ≥ 12 | 98 % | 85 % | |
//! | ∂V, G = L Lᵀ | Eigen, textbook | 8.2 | 12 | missed: 1 |
//! | | nalgebra | 5.7 | 8 | missed: 1 |
//! | | Eigen, expert; worst size | 0.97; 0.40 | 1.15; 1 | missed: 1 |
//! | | the store limit, N ≥ 12 | 68 % | 75 % | missed: 1 |
//! | V | Eigen, textbook | 3.1 | 5 | missed: 2 |
//! | | Eigen, expert | 0.72 | 2 | missed: 2 |
//! | | the limit of arithmetic and stores, N ≥ 24 | 32 % | 60 % | missed: 2 |
//! | V, one-hot Z, 64×8 | nalgebra | 20 | 24 | missed: 2 |
//! | θ → (V, ∂V), 4×3; 16×4; 64×8 | torch-openreml | 6,300; 1,460; 67 | 15,000; 1,900; 80 | missed: 3 |
//! | `pullback`, G = L Lᵀ; 64×8 | nalgebra | 15; 57 | 35; 130 | missed: 3 |
//! | likelihood, score, average information at a θ, R diagonal, 32×5 | Eigen, expert | 0.33 | 8 | missed: 4 |
//! | | torch-openreml | 32 | 600 | missed: 4 |
//! | a step of a fit, R = σ² I, 32×5: 9.3 µs | Eigen, expert | 1.9 | 8 | missed: 5 |
//! | | torch-openreml | 180 | 4,000 | missed: 5 |
//! | a panel of 100,000 subjects | one of 10 | 0.94 | at most 1.2 | |
//!
//! Whole fits, from raw data to the estimates:
//!
//! | data | here | fastest other | ratio | goal | |
//! |---|--:|--:|--:|--:|---|
//! | sleepstudy, random slopes | 67 µs | nlme, 26.7 ms | 398 | 1,000 | missed: 5 |
//! | dyestuff, random intercepts | 20 µs | nlme, 15.2 ms | 755 | 1,000 | missed: 5 |
//! | fev, unstructured, visits missing | 611 µs | nlme, 454 ms | 744 | 1,000 | missed: 5 |
//! | penicillin, crossed | 1.04 ms | lme4, 29.6 ms | 28 | 100 | missed: 6 |
//! | six groups of five, other responses each time | 43,700 in a second | | | 200,000 | missed: 5 |
//!
//! A panel takes 0.33 GB of X and y in a second, of the 11.6 GB that can be read: 7. The data of fev are not in the repository;
//! `PEERS_DATA` names a folder that has them. With the feature `rayon` two cores made 1.5 to 2.2 times the small fits of one, and
//! accumulated 1.4 to 1.9 times as fast (20,000 panels, 400,000 subjects, four rounds).
//!
//! # Where the goal is missed
//!
//! What is known of the reasons; limits are those that the same run measures.
//!
//! 1. **Small derivatives of L Lᵀ.** From N = 16 on stores limit them, of which 76 to 92 % are reached. At 4×3 it is 16 %: six
//!    matrices of 16 numbers are 10 ns of stores, and the whole takes 62 ns. What the rest goes into was not traced.
//! 2. **V.** The lower half is summed in tiles of 4×4 and mirrored, so that V is symmetric to the last bit, by one loop for all sizes.
//!    With a diagonal G 45 % of the limit are reached at 64×8, with a full one 27 %: it is Z G that is slow. Below N = 24 the mirror
//!    costs what the half saves; a loop of its own for small sizes was not written.
//! 3. **Small sizes of the whole.** θ → (V, ∂V) at 4×3 takes 44 ns, of which three exponentials by libm, with the same bits on
//!    every machine, are 12 and stores 6. At 64×8 79 % of the limit are reached. `pullback` reaches 8 % at 4×3 and 51 % at 64×8.
//! 4. **A likelihood at a θ** ([`Estimation::at`](crate::Estimation::at)) is dense: N³ operations for the factor, as many for the
//!    inverse, and N² for each parameter. Eigen's form and the prototype make use of R = σ² W⁻¹; of that a *fit* makes use, for R = σ² I
//!    and a fixed Z: it works in Q + 1 rows, which is the step measured below it.
//! 5. **Steps of small fits.** A fit of sleepstudy takes 199,000 instructions (`benches/counts`) for 8 steps; a step forms Σ eᵢeᵢᵀ and
//!    Σ xᵢeᵢᵀ anew from moments that carry their rounding errors, so that no digits are lost where fixed effects are large, and near
//!    the maximum evaluates three informations. The prototype kept plain cross-products.
//! 6. **Penicillin** has 30 crossed effects, so V has 31 rows after reduction, and a step by the observed information
//!    takes some 6 products of N³. The blocks of G are not made use of.
//! 7. **Accumulation** adds with error-free sums: six operations for each product, and not memory, are its limit.
//!
//! # Regressions
//!
//! Times are noisy, counts are not: `benches/counts/run.sh` counts the instructions of every operation under valgrind and compares
//! them with `benches/counts/baseline` to 3 %. It is a part of `.ci/run`.
