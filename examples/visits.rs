//! A trial with a schedule of visits, some of them missed: how do two arms differ at each visit?
//!
//! Data: responses of 60 subjects in two arms at four visits, simulated by `data/visits.py` so that
//! the truth is known, in `data/visits.csv`. Model: a mean for each arm at each visit, and an
//! unstructured covariance of a subject's responses, which the example `structures` finds to be the
//! best of five. The arms are compared by the tests of Satterthwaite and of Kenward & Roger.
//!
//! ```text
//! cargo run --release --example visits [FILE]
//! ```
//!
//! FILE has the columns subject, arm (control or treatment), visit (1 to 4) and response; a missed
//! visit has no row, and the rows of a subject follow each other.

mod common;

use common::figure::visits::{Series, draw_means};
use common::schedule::{Arm, N, PATTERNS, VISITS, read};
use common::{Source, compare, ensure};
use covprop::prelude::*;

/// The means of the control arm, then those of the treatment arm.
const K: usize = 2 * N;
/// The truth of the shipped data: treatment less control.
const DIFFERENCES: [f64; N] = [0.0, 2.0, 4.0, 6.0];

fn main() -> common::Result {
    let source = Source::new("visits.csv");
    let subjects = read(&source)?;

    let model = Marginal::new(UnconstrainedMatrix::<N>::new());
    let mut panel = Panel::<_, f64, N, K, PATTERNS>::with_patterns(model);
    for subject in &subjects {
        let first = if subject.group == Arm::Control { 0 } else { N };
        let x = SMatrix::from_fn(|visit, j| f64::from(j == first + visit));
        let pushed = panel.push_observed(&x, &subject.y(), &subject.observed());
        pushed.map_err(source.subject(&subject.id))?;
    }
    let estimation = panel.estimation()?;
    let fit = estimation.fit()?;
    let satterthwaite = estimation.inference(&fit)?;
    let kenward_roger = estimation.kenward_roger(&fit)?;

    // Rows of L: the mean of the treatment arm less that of the control arm, at each visit.
    let l =
        SMatrix::<f64, N, K>::from_fn(|visit, j| f64::from(j == N + visit) - f64::from(j == visit));
    println!("treatment − control, with 95 % intervals");
    let mut differences = Vec::new();
    for (visit, row) in VISITS.iter().zip(l.row_iter().map(|row| row.transpose())) {
        let tests = [satterthwaite.contrast(&row)?, kenward_roger.contrast(&row)?];
        for (test, name) in tests.iter().zip(["Satterthwaite", "Kenward & Roger"]) {
            let ([low, high], text) = (test.interval(0.95), test.to_string());
            println!("visit {visit}: {text:52}{low:7.3} to {high:6.3}  {name}");
        }
        differences.push(tests);
    }
    // H₀: the arms differ by the same amount at all visits.
    let changes = SMatrix::<f64, { N - 1 }, K>::from_fn(|i, j| l[(i + 1, j)] - l[(0, j)]);
    println!("\narm × visit: {} (Satterthwaite)", satterthwaite.test(&changes)?);
    println!("             {} (Kenward & Roger)", kenward_roger.test(&changes)?);

    if source.shipped {
        ensure(fit.outcome == Outcome::Converged, "the fit must end at a maximum")?;
        for (k, name) in ["Satterthwaite", "Kenward & Roger"].into_iter().enumerate() {
            let labels = ["visit 1", "visit 2", "visit 3", "visit 4"];
            let rows = labels.into_iter().zip(&differences).zip(DIFFERENCES);
            let rows = rows.map(|((label, tests), truth)| {
                (label, tests[k].estimate, truth, 3.0 * tests[k].standard_error)
            });
            compare(&format!("truth to 3 errors, {name}"), rows)?;
        }
    }
    let mut means = Vec::new();
    for mean in kenward_roger.coefficients() {
        let mean = mean?;
        means.push((mean.estimate, mean.interval(0.95)));
    }
    let treatment = Series { name: "treatment", values: means.split_off(N) };
    let control = Series { name: "control", values: means };
    println!("\nsee {}", draw_means(&[control, treatment])?);
    Ok(())
}
