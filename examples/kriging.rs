//! Kriging: what is the mean of a simulator where it was not run, and how noisy is its output?
//!
//! Data: the output of a stochastic simulator at 20 points x of the unit interval, simulated by
//! `data/kriging.py`: the mean is a function of Forrester, Sóbester & Keane (2008), and each run
//! adds independent noise. Model: y = μ + f(x) + e, fitted by restricted maximum likelihood. The
//! Gaussian process f has the covariance σ² ρ(d/r) at the distance d, with the Matérn correlation ρ
//! of smoothness 5/2. The noise e has the variance ν, the nugget. The model also has rows for new
//! points, which are not observed, so that the mean μ + f(x) is predicted there.
//!
//! ```text
//! cargo run --release --example kriging [FILE]
//! ```
//!
//! FILE has 20 rows with the columns x and output. The results for the shipped file are compared
//! with those of `data/reference.py`, which forms dense matrices in 40 digits. The simulator
//! was run at one of the new points: without a nugget, the prediction there equals the output.

mod common;

use common::data::finite;
use common::{Comparison, Source, compare, ensure};
use covprop::inference::Bound;
use covprop::prelude::*;
use serde::Deserialize;

/// The runs of the simulator.
const RUNS: usize = 20;
/// The number of rows: first the runs, then the new points.
const N: usize = RUNS + NEW.len();
const NEW: [f64; 6] = [0.0, 0.25, 0.5, 0.525, 0.75, 1.0];
/// The new point at which the simulator was run.
const KNOWN: usize = 3;

#[derive(Deserialize)]
struct Row {
    #[serde(deserialize_with = "finite")]
    x: f64,
    #[serde(deserialize_with = "finite")]
    output: f64,
}

fn main() -> common::Result {
    let source = Source::new("kriging.csv");
    let rows = source.rows::<Row>()?;
    let runs = rows.exactly::<RUNS>()?.map(|(_, row)| row);
    let points = std::array::from_fn(|i| if i < RUNS { runs[i].x } else { NEW[i - RUNS] });
    let y = SVector::from_fn(|i, _| if i < RUNS { runs[i].output } else { 0.0 });
    let ones = SVector::<f64, N>::repeat(1.0);

    let process = MaternMatrix::five_halves(Distances::from_positions(points));
    let places = IdentityMatrix::<N>::new();
    let nugget = named("nugget", ScalarMatrix::<N>::new());
    let noisy = MixedModel::new(places, named("process", process), nugget);
    let runs_of_noisy = [Subject::new(noisy, ones, y).with_rows(RUNS)];
    let data = Subjects::new(&runs_of_noisy[..])?;
    let estimation = data.estimation()?;
    let fit = estimation.fit()?;
    println!("{}", fit.table(["mean"]));
    let interval = estimation.profile(&fit, 2)?.interval(0.95)?;
    println!("\nnugget: {:.3}, in {interval} with a confidence of 95 %", fit.params[2]);

    let prediction = fit.predict_subject(&runs_of_noisy[0])?;
    let (mean, errors) = (prediction.fitted(), prediction.fitted_covariance().diagonal());
    println!("\n{:>8}{:>18}{:>8}", "x", "predicted mean", "true");
    for (i, x) in NEW.into_iter().enumerate() {
        let (mean, error) = (mean[RUNS + i], errors[RUNS + i].sqrt());
        let truth = (6.0 * x - 2.0).powi(2) * (12.0 * x - 4.0).sin();
        println!("{x:8.3}{:>18}{truth:8.2}", format!("{mean:.2} ± {error:.2}"));
        let close = !source.shipped || (mean - truth).abs() < 4.0 * error;
        ensure(close, format_args!("the true mean at {x} is far from the prediction"))?;
    }

    // Without a nugget, the process interpolates the output.
    let runs_of_exact = [Subject::new(Marginal::new(process), ones, y).with_rows(RUNS)];
    let data = Subjects::new(&runs_of_exact[..])?;
    let exact = data.fit()?;
    let interpolated = exact.predict_subject(&runs_of_exact[0])?.response()[RUNS + KNOWN];
    let test = LikelihoodRatio::new(&fit, &exact)?;
    println!("\nnugget of zero: χ² = {:.2}, p = {:.4}", test.statistic, test.boundary_p_value());

    if source.shipped {
        let output = (0..RUNS).find(|&i| points[i] == NEW[KNOWN]).map_or(f64::NAN, |i| y[i]);
        compare("without a nugget", [("prediction at a run", interpolated, output, 1e-9)])?;
        let end = |bound: Bound<f64>| bound.value().unwrap_or(f64::NAN);
        let [variance, range, nugget] = fit.params;
        let estimates = [
            ("σ²", variance, 119.146_200_111),
            ("range", range, 0.269_631_274_434),
            ("nugget", nugget, 0.493_803_507_704),
            ("nugget, lower end", end(interval.lower), 0.190_478_104_702),
            ("nugget, upper end", end(interval.upper), 1.444_395_474_69),
            ("log-likelihood", fit.log_likelihood, -40.385_366_822_1),
            ("χ² of the nugget", test.statistic, 8.236_878_925_19),
            ("mean at 0.25", mean[RUNS + 1], -0.907_050_450_598),
            ("its standard error", errors[RUNS + 1].sqrt(), 0.502_241_350_120),
            ("mean at 1", mean[N - 1], 15.984_886_129_1),
            ("its standard error", errors[N - 1].sqrt(), 1.118_590_995_48),
        ];
        compare("reference.py", Comparison::list(1e-8, estimates))?;
    }
    Ok(())
}
