//! A million subjects in constant memory: how is a model fitted to a stream?
//!
//! Data: subjects with four visits, simulated with random intercepts and slopes. Two threads
//! accumulate one half of the stream each in a panel; the panels are merged, and fitted.
//!
//! ```text
//! cargo run --release --example streaming [SUBJECTS]
//! ```

mod common;

use std::mem::size_of_val;
use std::time::Instant;

use common::{compare, ensure};
use covprop::operator::Named;
use covprop::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

/// Visits of a subject.
const N: usize = 4;
/// Intercept, time, and treatment by time.
const K: usize = 3;

const TIMES: [f64; N] = [0.0, 1.0, 2.0, 4.0];
const Z: SMatrix<f64, N, 2> = matrix![1.0, 0.0; 1.0, 1.0; 1.0, 2.0; 1.0, 4.0];

type Slopes = MixedModel<
    CovariancePropagation<SMatrix<f64, N, 2>, Named<UnconstrainedMatrix<2>>>,
    Named<ScalarMatrix<N>>,
>;
const MODEL: Slopes = MixedModel::new(
    Z,
    named("subject", UnconstrainedMatrix::new()),
    named("residual", ScalarMatrix::new()),
);

const FIXED: [&str; K] = ["(Intercept)", "time", "treatment:time"];

/// The truth: the variance of intercepts, the covariance, the variance of slopes and the residual
/// variance; the fixed effects.
const PARAMS: [f64; 4] = [4.0, 0.3, 0.25, 1.0];
const BETA: [f64; K] = [50.0, -0.5, 0.2];

/// Simulates the design and the responses of a subject.
fn subject(rng: &mut StdRng) -> (SMatrix<f64, N, K>, SVector<f64, N>) {
    let [intercept, covariance, slope, residual] = PARAMS;
    let mut normal = || rng.sample::<f64, _>(StandardNormal);
    let (a, b) = (normal(), normal());
    // Rows of the Cholesky factor of G.
    let below = covariance / intercept.sqrt();
    let effects = vector![intercept.sqrt() * a, below * a + (slope - below * below).sqrt() * b];
    let errors = SVector::<f64, N>::from_fn(|_, _| residual.sqrt() * normal());
    let treated = if rng.random_bool(0.5) { 1.0 } else { 0.0 };
    let x = SMatrix::from_fn(|i, j| [1.0, TIMES[i], treated * TIMES[i]][j]);
    (x, x * SVector::from(BETA) + Z * effects + errors)
}

/// Accumulates simulated subjects in a panel.
fn accumulate(seed: u64, subjects: usize) -> Result<Panel<Slopes, f64, N, K>, covprop::Error> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut panel = Panel::new(MODEL);
    panel.extend((0..subjects).map(|_| subject(&mut rng)))?;
    Ok(panel)
}

fn main() -> common::Result {
    let subjects = match std::env::args().nth(1) {
        Some(count) => {
            count.parse().map_err(|_| format!("`{count}` is not a number of subjects"))?
        }
        None => 1_000_000,
    };
    let half = subjects / 2;
    let start = Instant::now();
    let (first, second) = std::thread::scope(|scope| {
        let second = scope.spawn(|| accumulate(2, subjects - half));
        (accumulate(1, half), second.join())
    });
    let mut panel = first?;
    panel.merge(&second.map_err(|_| "the second half")??)?;
    println!(
        "{} subjects in {} bytes, simulated and accumulated in {:.2?}",
        panel.subjects(),
        size_of_val(&panel),
        start.elapsed()
    );

    let start = Instant::now();
    let fit = panel.fit()?;
    println!("fitted in {:.2?}\n\n{}", start.elapsed(), fit.table(FIXED));

    ensure(panel.subjects() == subjects, "the panel must have all subjects")?;
    ensure(fit.outcome == Outcome::Converged, "the fit must end at a maximum")?;
    // The standard error of a variance is about √(2/subjects) of it.
    let relative = 5.0 * (8.0 / subjects as f64).sqrt();
    let names = ["variance of intercepts", "covariance", "variance of slopes", "residual variance"];
    let params = (0..4).map(|k| (names[k], fit.params[k], PARAMS[k], relative * PARAMS[k]));
    compare("truth, 5 standard errors", params)?;
    let errors = fit.beta_standard_errors();
    let beta = (0..K).map(|k| (FIXED[k], fit.beta[k], BETA[k], 5.0 * errors[k]));
    compare("truth, 5 standard errors", beta)
}
