//! A hundred thousand series on all cores: how are they fitted, and which of them fail?
//!
//! Data: simulated series of 20 observations with AR(1) errors. The mean changes at a time that
//! differs between series, and a tenth of the observations is missing. Of 1000 series, one is
//! constant, one has a NaN, and one ends after two observations. A bar shows the progress.
//!
//! ```text
//! cargo run --release --features rayon --example many_series [SERIES]
//! ```

mod common;

use std::collections::BTreeMap;
use std::time::Instant;

use common::{compare, ensure};
use covprop::prelude::*;
use covprop::reml::Series;
use indicatif::{ParallelProgressIterator, ProgressBar, ProgressStyle};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rayon::prelude::*;

/// Observations of a series.
const N: usize = 20;
/// The mean, and its change.
const K: usize = 2;

/// The truth: the variance and the correlation of successive errors; the fixed effects.
const PARAMS: [f64; 2] = [4.0, 0.5];
const BETA: [f64; K] = [10.0, 1.0];

const BAR: &str = "{wide_bar} {pos}/{len} series, {eta} left";

/// Simulates the series with this number.
fn simulate(number: usize) -> Series<f64, N, K> {
    let mut rng = StdRng::seed_from_u64(number as u64);
    let [variance, rho] = PARAMS;
    let change = rng.random_range(5..15);
    let x = SMatrix::<f64, N, K>::from_fn(|i, j| if j == 0 || i >= change { 1.0 } else { 0.0 });
    let mut y = x * SVector::from(BETA);
    let mut last = 0.0;
    for (i, y) in y.iter_mut().enumerate() {
        let innovation = if i == 0 { variance } else { variance * (1.0 - rho * rho) };
        last = rho * last + innovation.sqrt() * rng.sample::<f64, _>(StandardNormal);
        *y += last;
    }
    let observed = std::array::from_fn(|_| rng.random_bool(0.9));
    match number % 1000 {
        500 => Series::new(x, SVector::repeat(y[0])),
        501 => {
            y[7] = f64::NAN;
            Series::new(x, y)
        }
        502 => Series::new(x, y).with_observed(std::array::from_fn(|i| i < 2)),
        _ => Series::new(x, y).with_observed(observed),
    }
}

fn main() -> common::Result {
    let count = match std::env::args().nth(1) {
        Some(count) => count.parse().map_err(|_| format!("`{count}` is not a number of series"))?,
        None => 100_000,
    };
    let model = Marginal::new(Ar1Matrix::<N>::new());
    let options = model.series_fits().with_criterion(Criterion::Ml).with_max_iterations(50);
    let bar = ProgressBar::new(count as u64).with_style(ProgressStyle::with_template(BAR)?);
    let start = Instant::now();
    // The fits are in the order of the series. Each thread simulates the series that it fits.
    let series = (0..count).into_par_iter().map(simulate);
    let fits: Vec<_> = options.clone().par_fit(series).progress_with(bar.clone()).collect();
    bar.finish_and_clear();
    println!("{count} series, simulated and fitted in {:.2?}", start.elapsed());

    // For each way in which a search ended, the number of series and of steps.
    let mut ends = BTreeMap::<String, (usize, usize)>::new();
    for fit in &fits {
        let (end, steps) = match fit {
            Ok(fit) => match fit.outcome {
                Outcome::Converged => ("a maximum".into(), fit.iterations),
                Outcome::Boundary(_) => ("a maximum on the boundary".into(), fit.iterations),
                _ => ("no unique maximum".into(), fit.iterations),
            },
            Err(error) => (error.to_string(), 0),
        };
        let (series, sum) = ends.entry(end).or_default();
        (*series, *sum) = (*series + 1, *sum + steps);
    }
    println!("\n{:>8}{:>12}  end", "series", "mean steps");
    for (end, (series, steps)) in &ends {
        println!("{series:8}{:12.2}  {end}", *steps as f64 / *series as f64);
    }

    let maxima: Vec<_> = fits.iter().flatten().filter(|fit| fit.outcome.is_maximum()).collect();
    let failed = (0..count).filter(|number| (500..503).contains(&(number % 1000))).count();
    let mean = |j: usize| {
        let mean = maxima.iter().map(|fit| fit.beta[j]).sum::<f64>() / maxima.len() as f64;
        let squares: f64 = maxima.iter().map(|fit| (fit.beta[j] - mean).powi(2)).sum();
        (mean, squares.sqrt() / maxima.len() as f64)
    };
    let effects = ["mean", "change"].into_iter().zip(BETA).enumerate();
    let effects = effects.map(|(j, (name, beta))| (name, mean(j).0, beta, 4.0 * mean(j).1));
    compare("truth, 4 standard errors", effects)?;
    let failures = fits.iter().filter(|fit| fit.is_err()).count();
    ensure(failures >= failed, "a series without information must be an error")?;
    let alone = options.fit(&simulate(0))?;
    ensure(fits.first().is_none_or(|fit| fit.as_ref() == Ok(&alone)), "threads must not matter")
}
