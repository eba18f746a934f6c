//! A replicated crossover trial: are two formulations of a drug bioequivalent?
//!
//! Data: a pharmacokinetic response of 77 subjects in four periods, in `data/crossover.csv`
//! (European Medicines Agency, EMA/582648/2016, Annex II, data set I). A subject received the
//! reference R and the test T in the sequence RTRT or TRTR; eight subjects missed one period or
//! two. Model: log y = sequence + period + treatment + u + e with u ~ N(0, σ_b²) for each subject
//! and e ~ N(0, σ²), fitted by restricted maximum likelihood (method B of the agency).
//!
//! ```text
//! cargo run --release --example crossover [FILE]
//! ```
//!
//! FILE has the columns subject, sequence (RTRT or TRTR), period (1 to 4) and response; the rows of
//! a subject follow each other. The formulations are bioequivalent if the 90 % confidence interval
//! of the ratio T/R is within 80 % and 125 %. The results for the shipped file are compared with
//! those of nlme that the R package replicateBE prints for these data (Schütz, Tomashevskiy, Labes,
//! Shitova, González-de la Parra & Fuglsang 2020, AAPS Journal 22, 44).

mod common;

use common::data::{finite, within};
use common::{Source, Subject, compare, ensure};
use covprop::prelude::*;
use serde::Deserialize;

/// Periods.
const N: usize = 4;
/// The mean, the sequence, three periods and the treatment.
const K: usize = 6;
/// The largest number of different sets of periods in which subjects were seen.
const PATTERNS: usize = 8;

const NAMES: [&str; K] = ["(Intercept)", "TRTR", "period 2", "period 3", "period 4", "T − R"];

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
enum Sequence {
    #[serde(rename = "RTRT")]
    ReferenceFirst,
    #[serde(rename = "TRTR")]
    TestFirst,
}

#[derive(Deserialize)]
struct Row {
    subject: String,
    sequence: Sequence,
    #[serde(deserialize_with = "within::<_, 1, 4>")]
    period: usize,
    #[serde(deserialize_with = "finite")]
    response: f64,
}

/// X: the row of a period has the sequence, the period and the treatment in this period.
fn design(sequence: Sequence) -> SMatrix<f64, N, K> {
    let second = sequence == Sequence::TestFirst;
    let indicator = |condition: bool| if condition { 1.0 } else { 0.0 };
    SMatrix::from_fn(|period, column| match column {
        0 => 1.0,
        1 => indicator(second),
        2..5 => indicator(period == column - 1),
        _ => indicator((period % 2 == 0) == second),
    })
}

fn main() -> common::Result {
    let source = Source::new("crossover.csv");
    let rows = source.rows::<Row>()?;
    let subjects: Vec<Subject<Sequence, N>> = rows.subjects(&[1, 2, 3, 4], |row| {
        (&row.subject, row.sequence, row.period, row.response.ln())
    })?;

    let ones = SVector::<f64, N>::repeat(1.0);
    let between = named("subject", ScalarMatrix::<1>::new());
    let model = MixedModel::new(ones, between, named("residual", ScalarMatrix::<N>::new()));
    let mut panel = Panel::<_, f64, N, K, PATTERNS>::with_patterns(model);
    for subject in &subjects {
        let pushed = panel.push_observed(&design(subject.group), &subject.y(), &subject.observed());
        pushed.map_err(source.subject(&subject.id))?;
    }
    println!("{} observations of {} subjects", panel.observations(), panel.subjects());

    let estimation = panel.estimation()?;
    let fit = estimation.fit()?;
    let tests = estimation.kenward_roger(&fit)?;
    println!("\n{}", fit.table(NAMES).with_tests(tests.coefficients()));

    let treatment = tests.contrast(&vector![0.0, 0.0, 0.0, 0.0, 0.0, 1.0])?;
    let [low, high] = treatment.interval(0.9).map(|end| 100.0 * end.exp());
    let ratio = 100.0 * treatment.estimate.exp();
    println!("\nT − R: {treatment}");
    println!("T/R: {ratio:.2} %, in [{low:.2}, {high:.2}] % with a confidence of 90 %");
    let verdict = if 80.0 <= low && high <= 125.0 { "are" } else { "are not shown to be" };
    println!("the formulations {verdict} bioequivalent");
    // The squared coefficient of variation of a log-normal response is exp(σ²) − 1.
    let inference = estimation.inference(&fit)?;
    let variation = inference.function(|[_, within]| 100.0 * within.exp_m1().sqrt())?;
    let (value, error) = (variation.value, variation.standard_error);
    println!("coefficient of variation within subjects: ({value:.1} ± {error:.1}) %");

    if source.shipped {
        ensure(panel.observations() == 298, "there must be 298 observations")?;
        let error = fit.beta_standard_errors()[K - 1];
        let by_nlme = [
            ("T − R", fit.beta[K - 1], 0.146_088_2, 6e-8),
            ("standard error, not adjusted", error, 0.046_513_01, 6e-9),
            ("t", fit.beta[K - 1] / error, 3.140_803, 6e-7),
            ("T/R (%)", ratio, 115.73, 5.1e-3),
            ("lower end", low, 107.17, 5.1e-3),
            ("upper end", high, 124.97, 5.1e-3),
        ];
        compare("nlme (Schütz et al. 2020)", by_nlme)?;
    }
    Ok(())
}
