//! A meta-analysis of two outcomes: what is the effect of surgery, and does it differ between trials?
//!
//! Data: the differences between surgical and non-surgical treatment of periodontitis in probing
//! depth (pd, mm) and attachment level (al, mm) in five trials, with their known sampling variances
//! and covariance, in `data/periodontal.csv` (Berkey, Hoaglin, Antczak-Bouckoms, Mosteller & Colditz
//! 1998, Statistics in Medicine 17, 2537–2550). Model: yᵢ = β + uᵢ + eᵢ with uᵢ ~ N(0, G) and eᵢ ~
//! N(0, Sᵢ), where Sᵢ is known, fitted by restricted maximum likelihood.
//!
//! ```text
//! cargo run --release --example meta_analysis [FILE]
//! ```
//!
//! FILE has the columns trial, pd, al, var_pd, cov and var_al. The results for the shipped file are
//! compared with metafor (Viechtbauer 2010, Journal of Statistical Software 36(3)), and the intervals
//! of τ² with those of `data/reference_subjects.py`.

mod common;

use common::data::finite;
use common::{Comparison, Source, compare, ensure};
use covprop::inference::Bound;
use covprop::prelude::*;
use serde::Deserialize;

/// The outcomes.
const N: usize = 2;
const NAMES: [&str; N] = ["pd", "al"];

#[derive(Deserialize)]
struct Row {
    trial: String,
    #[serde(deserialize_with = "finite")]
    pd: f64,
    #[serde(deserialize_with = "finite")]
    al: f64,
    #[serde(deserialize_with = "finite")]
    var_pd: f64,
    #[serde(deserialize_with = "finite")]
    cov: f64,
    #[serde(deserialize_with = "finite")]
    var_al: f64,
}

fn main() -> common::Result {
    let source = Source::new("periodontal.csv");
    let rows = source.rows::<Row>()?;
    let one = SMatrix::<f64, N, N>::identity();
    let mut list = Vec::new();
    for row in rows.iter() {
        let s = KnownMatrix::try_new(matrix![row.var_pd, row.cov; row.cov, row.var_al]);
        let s = s.map_err(source.subject(&row.trial))?;
        let model = MixedModel::new(one, named("trial", LogCholeskyMatrix::<N>::new()), s);
        list.push(Subject::new(model, one, vector![row.pd, row.al]));
    }
    let subjects = Subjects::new(&list[..])?;
    let estimation = subjects.estimation()?;
    let fit = estimation.fit()?;
    let tests = estimation.kenward_roger(&fit)?.coefficients();
    println!("{}", fit.table(NAMES).with_tests(tests));

    println!("\n95 % intervals  average  by Kenward & Roger       τ²  by profile likelihood");
    let mut ends = Vec::new();
    for (k, name) in NAMES.into_iter().enumerate() {
        let test = tests[k]?;
        let [low, high] = test.interval(0.95);
        // The parameter is the standard deviation τ.
        let interval = estimation.profile(&fit, k)?.interval(0.95)?;
        let end = |bound: Bound<f64>| bound.value().map_or(f64::INFINITY, |tau| tau * tau);
        let [lower, upper] = [end(interval.lower), end(interval.upper)];
        print!("{name:14}{:9.3}{low:10.3} to {high:6.3}", test.estimate);
        println!("{:9.4}{lower:10.5} to {upper:.4}", fit.params[k].powi(2));
        ends.push([lower, upper]);
    }
    println!("\ntrial   true effects: pd      al");
    for (row, trial) in rows.iter().zip(&list) {
        let effects = fit.beta + fit.predict_subject(trial)?.random_effects();
        println!("{:16}{:8.3}{:8.3}", row.trial, effects[0], effects[1]);
    }

    if source.shipped {
        ensure(fit.outcome == Outcome::Converged, "the fit must end at a maximum")?;
        let [of_pd, of_al] = [fit.params[0].powi(2), fit.params[1].powi(2)];
        let ratio = fit.params[2]; // L₁₀/L₁₁ of the correlation matrix L Lᵀ
        let errors = fit.beta_standard_errors();
        // metafor adds ½ log |XᵀX| to the restricted log-likelihood, here ½ log (5 × 5).
        let log_likelihood = fit.log_likelihood + f64::ln(5.0);
        let numbers = [
            ("τ² of pd", of_pd, 0.011_733_03),
            ("τ² of al", of_al, 0.032_651_33),
            ("correlation of the true effects", ratio / ratio.hypot(1.0), 0.608_799),
            ("pd", fit.beta[0], 0.353_428_17),
            ("al", fit.beta[1], -0.339_215_18),
            ("standard error, pd", errors[0], 0.058_848_63),
            ("standard error, al", errors[1], 0.087_905_14),
            ("log-likelihood", log_likelihood, 3.691_767_69),
        ];
        compare("metafor", Comparison::list(6e-7, numbers))?;
        let numbers = [
            ("τ² of pd, lower", ends[0][0], 5.467_665_1e-5),
            ("τ² of pd, upper", ends[0][1], 0.111_439_625_3),
            ("τ² of al, lower", ends[1][0], 0.009_496_445_7),
            ("τ² of al, upper", ends[1][1], 0.206_776_600_9),
        ];
        compare("reference_subjects.py", Comparison::list(1e-10, numbers))?;
    }
    Ok(())
}
