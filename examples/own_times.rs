//! Subject-specific times: how does reaction time grow if no two people were tested at the same times?
//!
//! Data: reaction times (ms) of 18 subjects at four to ten times within ten days of short sleep, in
//! `data/sleepstudy_own_times.csv` (Belenky et al. 2003; the days were shifted at random, and rows
//! were left out at random). Two models: reaction ~ day + (day | subject), and reaction ~ day with
//! errors that have the correlation ρ^|t − t′| at the times t and t′ of a subject.
//!
//! ```text
//! cargo run --release --example own_times [FILE]
//! ```
//!
//! FILE has the columns Reaction, Days and Subject. The results for the shipped file are compared
//! with the maxima of the likelihoods in 420-bit arithmetic, with which nlme and lmerTest agree to
//! six digits or more.

mod common;

use std::collections::BTreeMap;

use common::data::finite;
use common::{Comparison, Source, compare, ensure};
use covprop::prelude::*;
use serde::Deserialize;

/// The largest number of times of a subject.
const N: usize = 10;
/// An intercept and a slope.
const K: usize = 2;
const NAMES: [&str; K] = ["(Intercept)", "day"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    #[serde(deserialize_with = "finite")]
    reaction: f64,
    #[serde(deserialize_with = "finite")]
    days: f64,
    subject: String,
}

fn main() -> common::Result {
    let source = Source::new("sleepstudy_own_times.csv");
    let file = source.rows::<Row>()?;
    let mut rows = BTreeMap::<&str, Vec<&Row>>::new();
    for row in file.iter() {
        rows.entry(&row.subject).or_default().push(row);
    }

    let (mut lines, mut processes) = (Vec::new(), Vec::new());
    for (id, rows) in &rows {
        let count = rows.len();
        if count > N {
            return Err(file.wrong(format_args!("subject `{id}` has {count} rows, more than {N}")));
        }
        // The places after the last row are zero, and are ignored.
        let days: [f64; N] = std::array::from_fn(|i| rows.get(i).map_or(0.0, |row| row.days));
        let y = SVector::from_fn(|i, _| rows.get(i).map_or(0.0, |row| row.reaction));
        let x = SMatrix::<f64, N, K>::from_fn(|i, j| [1.0, days[i]][j]);
        let g = named("subject", UnconstrainedMatrix::<K>::new());
        let line = MixedModel::new(x, g, named("residual", ScalarMatrix::<N>::new()));
        lines.push(Subject::new(line, x, y).with_rows(count));
        let process = ExponentialMatrix::new(Distances::from_positions(days));
        processes.push(Subject::new(Marginal::new(process), x, y).with_rows(count));
    }
    let with_lines = Subjects::new(&lines[..])?;
    let estimation = with_lines.estimation()?;
    let line = estimation.fit()?;
    let tests = estimation.inference(&line)?.coefficients(); // Satterthwaite's degrees of freedom
    println!("A line for each subject\n\n{}", line.table(NAMES).with_tests(tests));

    let with_processes = Subjects::new(&processes[..])?;
    let estimation = with_processes.estimation()?;
    let process = estimation.fit()?;
    let inference = estimation.inference(&process)?;
    let table = process.table(NAMES);
    println!("\nAutocorrelated errors\n\n{}", table.with_tests(inference.coefficients()));
    let rho = inference.function(|[_, range]| (-1.0 / range).exp())?;
    println!("\nρ of two times a day apart: {:.4} ± {:.4}", rho.value, rho.standard_error);

    if source.shipped {
        let [intercept, covariance, slope, residual] = line.params;
        let errors = line.beta_standard_errors();
        let numbers = [
            ("variance of intercepts", intercept, 909.215_111_316),
            ("covariance", covariance, -39.860_677_283),
            ("variance of slopes", slope, 43.310_099_016),
            ("residual variance", residual, 463.338_773_786),
            ("(Intercept)", line.beta[0], 253.260_086_814),
            ("day", line.beta[1], 10.408_185_895),
            ("standard error, (Intercept)", errors[0], 8.136_434_535),
            ("standard error, day", errors[1], 1.728_915_416),
            ("degrees of freedom, (Intercept)", tests[0]?.degrees_of_freedom, 13.726_603_326),
            ("degrees of freedom, day", tests[1]?.degrees_of_freedom, 16.642_002_471),
            ("log-likelihood", line.log_likelihood, -563.348_988_129),
        ];
        compare("lines, in 420-bit arithmetic", Comparison::list(1e-6, numbers))?;
        let errors = process.beta_standard_errors();
        let numbers = [
            ("variance", process.params[0], 2_256.689_771_897),
            ("ρ", rho.value, 0.817_495_430),
            ("(Intercept)", process.beta[0], 258.717_306_142),
            ("day", process.beta[1], 10.004_567_756),
            ("standard error, (Intercept)", errors[0], 11.384_477_244),
            ("standard error, day", errors[1], 1.745_136_127),
            ("log-likelihood", process.log_likelihood, -570.243_441_055),
        ];
        compare("errors, in 420-bit arithmetic", Comparison::list(1e-6, numbers))?;
        ensure(line.aic() < process.aic(), "the AIC must prefer a line for each subject")?;
    }
    Ok(())
}
