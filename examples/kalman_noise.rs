//! A tracker that learns its noise: how uncertain are the position and velocity of a vehicle?
//!
//! Data: positions measured once a second with a gap, simulated so that the truth is known. Model:
//!
//! ```text
//! position′ = position + velocity + ½ a      a ~ N(0, q),  m/s²
//! velocity′ = velocity + a
//! y         = position + e                   e ~ N(0, r),  m
//! ```
//!
//! A filter with guessed q and r is surer of its track than it should be. Both variances are fitted
//! to the measurements by the likelihood of the innovations.
//!
//! ```text
//! cargo run --release --example kalman_noise
//! ```

mod common;

use common::figure::track::{Track, draw_tracks};
use common::{compare, ensure};
use covprop::nalgebra::{Matrix1x2, Matrix2, Vector1, Vector2};
use covprop::operator::Named;
use covprop::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

/// Seconds, with a measurement at each.
const STEPS: usize = 240;
/// Seconds without one.
const GAP: std::ops::Range<usize> = 170..178;
/// Standard deviations of the acceleration (m/s²) and of a measurement (m).
const TRUTH: [f64; 2] = [0.2, 3.0];
const GUESS: [f64; 2] = [0.05, 1.5];

/// One step of a second.
const STEP: Matrix2<f64> = matrix![1.0, 1.0; 0.0, 1.0];
/// The change of position and velocity in a second by an acceleration of 1 m/s².
const ACCELERATION: Vector2<f64> = vector![0.5, 1.0];
const POSITION: Matrix1x2<f64> = matrix![1.0, 0.0];
/// The state at the start is known to within some 100 m and some 10 m/s.
const MEAN: Vector2<f64> = vector![0.0, 0.0];
const COVARIANCE: Matrix2<f64> = matrix![1e4, 0.0; 0.0, 1e2];

/// States and measurements, from the truth.
fn simulate() -> (Vec<Vector2<f64>>, Vec<Option<Vector1<f64>>>) {
    let mut rng = StdRng::seed_from_u64(2);
    let mut normal = |deviation: f64| deviation * rng.sample::<f64, _>(StandardNormal);
    let mut state = vector![normal(100.0), normal(10.0)];
    let simulated = (0..STEPS).map(|second| {
        let now = state;
        let y = POSITION * state + vector![normal(TRUTH[1])];
        state = STEP * state + ACCELERATION * normal(TRUTH[0]);
        (now, (!GAP.contains(&second)).then_some(y))
    });
    simulated.unzip()
}

type Noise = CovariancePropagation<Vector2<f64>, Named<ScalarMatrix<1>>>;
const TRACKER: StateSpace<Matrix2<f64>, Matrix1x2<f64>, Named<Noise>, Named<ScalarMatrix<1>>> = {
    let noise =
        CovariancePropagation::new(ACCELERATION, named("acceleration", ScalarMatrix::new()));
    let measurement = named("measurement", ScalarMatrix::new());
    StateSpace::new(STEP, POSITION, named("process", noise), measurement)
};

fn main() -> common::Result {
    let (states, measurements) = simulate();

    // θ is the logarithms of the standard deviations.
    let (guess, truth) = (GUESS.map(f64::ln), TRUTH.map(f64::ln));
    let estimation = TRACKER.estimation(&MEAN, &COVARIANCE, &measurements)?.with_start(guess);
    let fit = estimation.fit()?;
    let errors = fit.theta_standard_errors().map(Option::unwrap_or_default);
    println!("Noise from {} measurements, in {} steps", fit.observations, fit.iterations);

    let track = |theta: &[f64; 2]| -> Result<Track, covprop::Error> {
        let mut filter = TRACKER.filter(theta, &MEAN, &COVARIANCE)?;
        let mut track = Track::default();
        for (second, (state, y)) in states.iter().zip(&measurements).enumerate() {
            if second > 0 {
                filter.predict()?;
            }
            if let Some(y) = y {
                let innovation = filter.update(y)?.standardised[0];
                track.innovations.push((second as f64, innovation));
            }
            let (mean, covariance) = (filter.mean(), filter.covariance());
            track.errors.push((mean[0] - state[0], covariance[(0, 0)].sqrt()));
        }
        Ok(track)
    };
    let (guessed, fitted) = (track(&guess)?, track(&fit.theta)?);
    // The mean square of standardised innovations is 1 if the filter is as sure as it should be.
    let mean_square = |track: &Track| {
        track.innovations.iter().map(|(_, x)| x * x).sum::<f64>() / fit.observations as f64
    };
    println!("\nnoise    log-likelihood  mean square of standardised innovations");
    for (name, theta) in [("true", &truth), ("guessed", &guess), ("fitted", &fit.theta)] {
        let log_likelihood = estimation.log_likelihood(theta)?;
        println!("{name:8}{log_likelihood:15.3}{:10.3}", mean_square(&track(theta)?));
        ensure(log_likelihood <= fit.log_likelihood, "no noise may be more likely than the fit")?;
    }

    ensure(fit.outcome == Outcome::Converged, "the fit must end at a maximum")?;
    let [of_acceleration, of_measurement] = fit.theta.map(f64::exp);
    // The mean of n squares of standard normal numbers has the variance 2/n.
    let comparisons = [
        ("acceleration, m/s²", of_acceleration, TRUTH[0], 3.0 * of_acceleration * errors[0]),
        ("measurement, m", of_measurement, TRUTH[1], 3.0 * of_measurement * errors[1]),
        ("mean square", mean_square(&fitted), 1.0, 3.0 * (2.0 / fit.observations as f64).sqrt()),
    ];
    compare("truth, to 3 standard errors", comparisons)?;
    println!("\nsee {}", draw_tracks(&guessed, &fitted, GAP)?);
    Ok(())
}
