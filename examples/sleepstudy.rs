//! Random slopes: how much do people differ in how sleep deprivation slows them down?
//!
//! Data: reaction times (ms) of 18 subjects on days 0 to 9 of short sleep (Belenky et al. 2003), in
//! `data/sleepstudy.csv`. Model: y = Xβ + Zu + e with X = Z = [1 day], u ~ N(0, G), e ~ N(0, σ² I),
//! fitted by restricted maximum likelihood.
//!
//! ```text
//! cargo run --release --example sleepstudy [FILE]
//! ```
//!
//! FILE has the columns Reaction, Days and Subject; the rows of a subject follow each other. The
//! results for the shipped file are compared with lme4 (Bates, Mächler, Bolker & Walker 2015,
//! Journal of Statistical Software 67(1), section 5.2) and lmerTest (Kuznetsova, Brockhoff &
//! Christensen 2017, Journal of Statistical Software 82(13)).

mod common;

use common::data::finite;
use common::figure::subjects::{Predicted, draw_effects, draw_lines};
use common::{Comparison, Source, Subject, compare};
use covprop::prelude::*;
use serde::Deserialize;

const DAYS: [u8; N] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const N: usize = 10;
/// An intercept and a slope, fixed and random.
const K: usize = 2;
/// The largest number of different sets of days on which subjects were seen.
const PATTERNS: usize = 8;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    #[serde(deserialize_with = "finite")]
    reaction: f64,
    days: u8,
    subject: String,
}

fn main() -> common::Result {
    let source = Source::new("sleepstudy.csv");
    let rows = source.rows::<Row>()?;
    let subjects: Vec<Subject<(), N>> =
        rows.subjects(&DAYS, |row| (&row.subject, (), row.days, row.reaction))?;

    let x = SMatrix::<f64, N, K>::from_fn(|i, j| [1.0, f64::from(DAYS[i])][j]);
    let model = MixedModel::new(
        x,
        named("subject", UnconstrainedMatrix::<K>::new()),
        named("residual", ScalarMatrix::<N>::new()),
    );
    let mut panel = Panel::<_, f64, N, K, PATTERNS>::with_patterns(model);
    for subject in &subjects {
        let pushed = panel.push_observed(&x, &subject.y(), &subject.observed());
        pushed.map_err(source.subject(&subject.id))?;
    }
    println!("{} observations of {} subjects", panel.observations(), panel.subjects());

    println!("step  log-likelihood   distance");
    let estimation = panel.estimation()?;
    let fit = estimation.fit_with(|at| {
        println!("{:4}{:16.6}{:11.1e}", at.iteration, at.log_likelihood, at.score_norm);
    })?;
    let inference = estimation.inference(&fit)?; // with Satterthwaite's degrees of freedom
    let table = fit.table(["(Intercept)", "Days"]);
    println!("\n{}", table.with_tests(inference.coefficients()));
    let days = inference.test(&matrix![0.0, 1.0])?; // H₀: the common slope is zero
    println!("\nDays: {days}");

    let mut predicted = Vec::new();
    for subject in subjects {
        let prediction = fit.predict_observed(&x, &subject.y(), &subject.observed())?;
        let (values, errors) = (prediction.random_effects(), prediction.random_effect_errors());
        let effect =
            |j| covprop::inference::Estimate { value: values[j], standard_error: errors[j] };
        predicted.push(Predicted {
            id: subject.id,
            responses: subject.responses,
            effects: [effect(0), effect(1)],
            fitted: prediction.fitted(),
        });
    }

    if source.shipped {
        let [intercept, covariance, slope, residual] = fit.params;
        let of_308 = predicted[0].effects.map(|effect| effect.value);
        let as_printed = [
            ("variance of intercepts", intercept, 612.0899),
            ("covariance", covariance, 9.6043),
            ("variance of slopes", slope, 35.0717),
            ("residual variance", residual, 654.9410),
            ("(Intercept)", fit.beta[0], 251.4051),
            ("Days", fit.beta[1], 10.4673),
            ("log-likelihood", fit.log_likelihood, -871.8141),
            ("intercept of subject 308", of_308[0], 2.2586),
            ("slope of subject 308", of_308[1], 9.1990),
        ];
        compare("lme4 (Bates et al. 2015)", Comparison::list(6e-5, as_printed))?; // 4 decimals
        let test = [
            ("F of Days", days.statistic, 45.853),
            ("degrees of freedom", days.denominator_degrees_of_freedom, 17.0),
            ("p value / 10⁻⁶", 1e6 * days.p_value(), 3.264),
        ];
        compare("lmerTest (Kuznetsova et al. 2017)", Comparison::list(6e-4, test))?; // 3 decimals
    }
    let common_line = x * fit.beta;
    println!("\nsee {}", draw_effects(&predicted)?);
    println!("and {}", draw_lines(&predicted, &common_line)?);
    Ok(())
}
