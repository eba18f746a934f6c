//! Each operation once, in a function that callgrind can tell from the others: what `run.sh` counts.
//!
//! What goes in and what comes out passes through `black_box` where a function is called, so that none is specialised
//! for its arguments and none is left out.

mod fits;

use std::hint::black_box;

use covprop::prelude::*;

/// Columns of X.
const K: usize = 2;

/// One size: a module of its functions, N, Q, and the number of parameters of an unstructured G.
macro_rules! size {
    ($module:ident, $n:literal, $q:literal, $p:literal) => {
        mod $module {
            use super::*;
            use covprop::Error;
            use covprop::operator::Sum;
            use covprop::reml::{Estimation, ResponseVector};

            type V = SMatrix<f64, $n, $n>;
            type Z = SMatrix<f64, $n, $q>;
            type Diagonal = CovariancePropagation<Z, DiagonalMatrix<$q>>;
            type Full = CovariancePropagation<Z, UnconstrainedMatrix<$q>>;
            type Cholesky = CovariancePropagation<Z, LogCholeskyMatrix<$q>>;
            type OneHot = CovariancePropagation<DummyMatrix<$n, $q>, UnconstrainedMatrix<$q>>;
            type Mixed = Sum<Diagonal, ScalarMatrix<$n>>;
            type Likelihoods<'a> = Estimation<'a, Mixed, ResponseVector<f64, $n, K>, f64, $n, K>;

            #[inline(never)]
            fn v_full(v: &Full, theta: &[f64; $p], out: &mut V) {
                v.value_into(theta, out);
            }

            #[inline(never)]
            fn v_diagonal(v: &Diagonal, theta: &[f64; $q], out: &mut V) {
                v.value_into(theta, out);
            }

            #[inline(never)]
            fn v_cholesky(v: &Cholesky, theta: &[f64; $p], out: &mut V) {
                v.value_into(theta, out);
            }

            #[inline(never)]
            fn v_one_hot(v: &OneHot, theta: &[f64; $p], out: &mut V) {
                v.value_into(theta, out);
            }

            #[inline(never)]
            fn gradient_diagonal(v: &Diagonal, theta: &[f64; $q], out: &mut [V; $q]) {
                v.gradient_into(theta, out);
            }

            #[inline(never)]
            fn gradient_cholesky(v: &Cholesky, theta: &[f64; $p], out: &mut [V; $p]) {
                v.gradient_into(theta, out);
            }

            #[inline(never)]
            fn value_and_gradient_diagonal(
                v: &Diagonal,
                theta: &[f64; $q],
                out: &mut V,
                gradient: &mut [V; $q],
            ) {
                v.value_and_gradient_into(theta, out, gradient);
            }

            #[inline(never)]
            fn pullback_full(v: &Full, theta: &[f64; $p], weights: &V) -> [f64; $p] {
                v.pullback(theta, weights)
            }

            #[inline(never)]
            fn gradient_mul_full(
                v: &Full,
                theta: &[f64; $p],
                u: &SVector<f64, $n>,
            ) -> [SVector<f64, $n>; $p] {
                v.gradient_mul(theta, u)
            }

            /// Score and average information at a new θ.
            #[inline(never)]
            fn reml_iteration(
                estimation: &Likelihoods<'_>,
                theta: &[f64; $q + 1],
            ) -> Result<([f64; $q + 1], [[f64; $q + 1]; $q + 1]), Error> {
                let mut at = estimation.at(theta)?;
                Ok((at.score(), at.average_information()))
            }

            pub(super) fn run() -> Result<(), Error> {
                let z = Z::from_fn(|i, j| ((3 * i + 5 * j) as f64).sin());
                let hot = DummyMatrix::<$n, $q>::from_indices(std::array::from_fn(|i| i % $q));
                let diagonal = black_box(Diagonal::new(z, DiagonalMatrix::new()));
                let full = black_box(Full::new(z, UnconstrainedMatrix::new()));
                let cholesky = black_box(Cholesky::new(z, LogCholeskyMatrix::new()));
                let one_hot = black_box(OneHot::new(hot, UnconstrainedMatrix::new()));
                let theta_p = black_box(std::array::from_fn(|k| 0.1 * (k as f64).cos()));
                let theta_q = black_box(std::array::from_fn(|k| 0.1 * (k as f64).cos()));
                let weights = black_box(V::from_fn(|i, j| ((i + j) as f64).cos()));
                let u = black_box(SVector::from_fn(|i, _| (i as f64).cos()));
                let mut v = V::zeros();
                let mut of_q = [V::zeros(); $q];
                let mut of_p = [V::zeros(); $p];

                v_full(&full, &theta_p, black_box(&mut v));
                v_diagonal(&diagonal, &theta_q, black_box(&mut v));
                v_cholesky(&cholesky, &theta_p, black_box(&mut v));
                v_one_hot(&one_hot, &theta_p, black_box(&mut v));
                gradient_diagonal(&diagonal, &theta_q, black_box(&mut of_q));
                gradient_cholesky(&cholesky, &theta_p, black_box(&mut of_p));
                value_and_gradient_diagonal(
                    &diagonal,
                    &theta_q,
                    black_box(&mut v),
                    black_box(&mut of_q),
                );
                black_box(pullback_full(&full, &theta_p, &weights));
                black_box(gradient_mul_full(&full, &theta_p, &u));

                let residual = ScalarMatrix::<$n>::new();
                let model = MixedModel::new(z, DiagonalMatrix::<$q>::new(), residual);
                let x = SMatrix::<f64, $n, K>::from_fn(|i, j| if j == 0 { 1.0 } else { i as f64 });
                let y = SVector::from_fn(|i, _| (7.0 * i as f64).sin());
                let estimation = black_box(model.estimation(&x, &y)?);
                black_box(reml_iteration(&estimation, black_box(&[0.1; $q + 1]))?);
                Ok(())
            }
        }
    };
}

size!(s4x3, 4, 3, 6);
size!(s8x3, 8, 3, 6);
size!(s16x4, 16, 4, 10);
size!(s32x8, 32, 8, 36);
size!(s64x8, 64, 8, 36);

fn run() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    s4x3::run()?;
    s8x3::run()?;
    s16x4::run()?;
    s32x8::run()?;
    s64x8::run()?;
    fits::run()
}

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    // The gradients stand on the stack. That of a thread begins at a page, wherever the environment's variables end, so
    // that copies are aligned alike in every run.
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(run)?;
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
