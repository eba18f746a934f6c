//! A gauge study: how much of the variance of measurements is due to the parts, and how much to the
//! gauge and to the people who use it?
//!
//! Data: the thickness (mm) of ten gaskets, each measured twice by three operators, in
//! `data/gauge_rr.csv` (the gauge study of the SAS/QC documentation, after ASQC/AIAG 1990). Model:
//! yᵢⱼₖ = μ + pᵢ + oⱼ + (po)ᵢⱼ + eᵢⱼₖ with random parts, operators, interactions and errors.
//!
//! `cargo run --release --example gauge_rr [FILE]`, where FILE has the columns part, operator and
//! thickness. The results for the shipped file are compared with SAS/QC (The GAGE Application,
//! "Variance Components Method") and with the analysis of variance, which agrees in a balanced study
//! whose estimates are positive.

mod common;

use common::data::finite;
use common::figure::shares::{Share, draw_shares};
use common::{Comparison, Source, compare, ensure};
use covprop::prelude::*;
use serde::Deserialize;

const PARTS: usize = 10;
const OPERATORS: usize = 3;
const TRIALS: usize = 2;
const CELLS: usize = PARTS * OPERATORS;
const N: usize = CELLS * TRIALS;
const NAMES: [&str; 4] = ["part", "operator", "part × operator", "repeatability"];

#[derive(Deserialize)]
struct Measurement {
    part: String,
    operator: String,
    #[serde(deserialize_with = "finite")]
    thickness: f64,
}

/// A share of the variance from those of parts, operators, interactions and errors.
type Part = fn(&[f64; 4]) -> f64;
const SHARES: [(&str, Part); 6] = [
    ("part to part", |[part, ..]| *part),
    ("gauge R&R", |[_, operator, both, error]| operator + both + error),
    ("reproducibility", |[_, operator, both, _]| operator + both),
    ("operator", |[_, operator, ..]| *operator),
    ("part × operator", |[_, _, both, _]| *both),
    ("repeatability", |[.., error]| *error),
];

fn main() -> common::Result {
    common::on_stack_of(64 << 20, run)
}

fn run() -> common::Result {
    let source = Source::new("gauge_rr.csv");
    let file = source.rows::<Measurement>()?;
    let rows = file.exactly::<N>()?;
    let y: SVector<f64, N> = rows.map(|(_, row)| 100.0 * row.thickness).into(); // in 0.01 mm
    let labels = rows.map(|(_, row)| row.part.as_str());
    let parts = DummyMatrix::<N, PARTS>::from_labels(&labels).map_err(file.column("part"))?;
    let labels = rows.map(|(_, row)| row.operator.as_str());
    let operators = DummyMatrix::<N, OPERATORS>::from_labels(&labels);
    let operators = operators.map_err(file.column("operator"))?;
    let cells: DummyMatrix<N, CELLS> = parts.crossed(&operators);
    if cells.counts() != [TRIALS; CELLS] {
        return Err(file.wrong("each operator must measure each part twice"));
    }

    let part = CovariancePropagation::new(parts, ScalarMatrix::<PARTS>::new());
    let operator = CovariancePropagation::new(operators, ScalarMatrix::<OPERATORS>::new());
    let both = CovariancePropagation::new(cells, ScalarMatrix::<CELLS>::new());
    let random = named("part", part).plus(named("operator", operator)).plus(named("both", both));
    let model =
        MixedModel::from_random_terms(random, named("repeatability", ScalarMatrix::<N>::new()));
    let estimation = model.estimation(&SVector::<f64, N>::repeat(1.0), &y)?;
    let fit = estimation.fit()?;
    println!("{}\n", fit.table(["mean"]));
    let inference = estimation.inference(&fit)?;
    let errors = inference.param_standard_errors();

    println!("variances in (0.01 mm)²  std.error  profile likelihood, 95 %");
    for (k, name) in NAMES.into_iter().enumerate() {
        let interval = estimation.profile(&fit, k)?.interval(0.95)?;
        let error = errors[k].map_or("none".into(), |error| format!("{error:.3}"));
        println!("{name:15}{:9.3}{error:>11}  {interval}", fit.params[k]);
    }

    println!("\nshare of the variance, %  std.error    95 %");
    let mut shares = Vec::new();
    for (name, part) in SHARES {
        let share = |params: &[f64; 4]| part(params) / params.iter().sum::<f64>();
        let found = inference.function(share)?;
        // On the scale of log odds, so that the ends are between 0 and 100 %; 0 and 100 % have none.
        let odds = inference.function(|params| (share(params) / (1.0 - share(params))).ln())?;
        let interval = odds.interval(0.95).map(|x| 100.0 / (1.0 + (-x).exp()));
        let interval = odds.value.is_finite().then_some(interval);
        let shown = interval.map_or("none".into(), |[a, b]| format!("{a:5.2} to {b:5.2}"));
        let (value, error) = (100.0 * found.value, 100.0 * found.standard_error);
        println!("{name:15}{value:10.2}{error:11.2}   {shown}");
        shares.push(Share { name, value, interval });
    }
    let [part, operator, both, error] = fit.params;
    let categories = (2.0 * part / (operator + both + error)).sqrt().floor();
    println!("\nThe gauge can tell {categories} kinds of parts apart.");

    if source.shipped {
        ensure(fit.outcome == Outcome::Converged, "the fit must end at a maximum")?;
        let variation = |variance: f64| 5.15 * variance.sqrt() / 100.0; // in mm, as SAS/QC prints it
        let printed = [("EV", variation(error), 0.1851), ("AV", variation(operator), 0.1555)];
        compare("SAS/QC", Comparison::list(5e-5, printed))?;
        let anova = common::anova::crossed(&parts, &operators, &cells, &y);
        let value = |k: usize| (NAMES[k], fit.params[k], anova[k].value, 1e-9 * anova[k].value);
        compare("analysis of variance", (0..4).map(value))?;
        let [found, expected] =
            [errors.map(Option::unwrap_or_default), anova.map(|a| a.standard_error)];
        let error = |k: usize| (NAMES[k], found[k], expected[k], 1e-9 * expected[k]);
        compare("standard errors by that analysis", (0..4).map(error))?;
    }
    println!("\nsee {}", draw_shares(&shares)?);
    Ok(())
}
