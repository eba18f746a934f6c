//! Two outcomes: are pH and carbon dioxide correlated between patients, and within a patient?
//!
//! Data: intramural pH and PaCO₂ (kPa) of eight patients, seen 3 to 9 times, in
//! `data/blood_gas.csv` (Bland & Altman 1995, BMJ 310, 446). Model: V = Z B Zᵀ + W ⊗ I with
//! Z = I ⊗ 1, restricted to the rows that were observed. The rows of a patient are the visits of
//! the first outcome, then those of the second. B is the covariance matrix of the outcomes between
//! patients, and W that within a patient. The fit is by restricted maximum likelihood.
//!
//! ```text
//! cargo run --release --example two_outcomes [FILE]
//! ```
//!
//! FILE has the columns subject, visit (1 to 9), ph and paco2, a number or NA; the rows of a
//! subject follow each other. The results for the shipped file, with and without the last PaCO₂ of
//! each patient, are compared with those of `data/reference.py`, from dense matrices in 40 digits.
//! If each patient has means of its own, W has the correlation of Bland & Altman, as printed by the
//! R package rmcorr (Bakdash & Marusich 2017, Frontiers in Psychology 8, 456).

mod common;

use common::data::finite_or_missing;
use common::{Source, compare};
use covprop::prelude::*;
use serde::Deserialize;

/// The largest number of visits.
const V: usize = 9;
/// Two outcomes at each visit.
const N: usize = 2 * V;
/// A mean of each outcome.
const K: usize = 2;
/// A mean of each outcome of each of the eight patients.
const OWN: usize = 16;

#[derive(Deserialize)]
struct Row {
    subject: String,
    visit: usize,
    #[serde(deserialize_with = "finite_or_missing")]
    ph: Option<f64>,
    #[serde(deserialize_with = "finite_or_missing")]
    paco2: Option<f64>,
}

/// Returns the correlation of two variables from their variances and their covariance.
fn correlation([first, covariance, second]: [f64; 3]) -> f64 {
    covariance / (first * second).sqrt()
}

fn main() -> common::Result {
    let source = Source::new("blood_gas.csv");
    let rows = source.rows::<Row>()?;
    let visits: [_; V] = std::array::from_fn(|i| i + 1);
    let ph = rows.subjects(&visits, |row| (&row.subject, (), row.visit, row.ph))?;
    let paco2 = rows.subjects(&visits, |row| (&row.subject, (), row.visit, row.paco2))?;

    // Row i belongs to the outcome i / V. Z is also the design of the means.
    let z = SMatrix::<f64, N, K>::from_fn(|i, j| f64::from(u8::from(i / V == j)));
    let within = named("within", UnconstrainedMatrix::<2>::new());
    let within = KroneckerProduct::new(within, IdentityMatrix::<V>::new());
    let model = MixedModel::new(z, named("between", UnconstrainedMatrix::<2>::new()), within);
    let both = ph.iter().zip(&paco2).map(|(ph, paco2)| {
        let response = |i: usize| [ph.responses, paco2.responses][i / V][i % V];
        let y = SVector::from_fn(|i, _| response(i).unwrap_or_default());
        Subject::new(model, z, y).with_observed(std::array::from_fn(|i| response(i).is_some()))
    });
    let patients: Vec<_> = both.collect();

    let data = Subjects::new(&patients[..])?;
    let estimation = data.estimation()?;
    let fit = estimation.fit()?;
    let inference = estimation.inference(&fit)?;
    println!("{}", fit.table(["pH", "PaCO2"]).with_tests(inference.coefficients()));
    let between = inference.function(|&[a, b, c, ..]| correlation([a, b, c]))?;
    let inside = inference.function(|&[.., a, b, c]| correlation([a, b, c]))?;
    println!("correlation between patients: {:.3} ± {:.3}", between.value, between.standard_error);
    println!("correlation within a patient: {:.3} ± {:.3}", inside.value, inside.standard_error);

    // The last PaCO₂ of each patient as if it had not been measured.
    let last = |seen: &[bool; N]| seen.iter().rposition(|seen| *seen).unwrap_or(0);
    let shorter = patients.iter().map(|patient| {
        let mut observed = *patient.observed();
        observed[last(patient.observed())] = false;
        patient.with_observed(observed)
    });
    let shorter: Vec<_> = shorter.collect();
    let data = Subjects::new(&shorter[..])?;
    let without = data.fit()?;
    println!("\nthe last PaCO2 of each patient: predicted from its other values, and measured");
    for (patient, shorter) in patients.iter().zip(&shorter) {
        let (prediction, i) = (without.predict_subject(shorter)?, last(patient.observed()));
        let error = prediction.response_covariance()[(i, i)].sqrt();
        println!("{:.2} ± {error:.2}{:8.2}", prediction.response()[i], patient.response()[i]);
    }

    if source.shipped {
        let names: Vec<_> = model.covariance().param_names().map(|n| n.to_string()).collect();
        let all = [0.085_731, 0.027_539, 0.500_090, 0.011_548, -0.027_543, 0.254_004];
        let some = [0.085_714, 0.009_127, 0.405_971, 0.011_560, -0.033_892, 0.304_345];
        let fits = [("reference.py", fit.params, all), ("last missing", without.params, some)];
        for (source, found, expected) in fits {
            let numbers = names.iter().zip(found).zip(expected);
            let numbers = numbers.map(|((name, found), expected)| (&**name, found, expected, 6e-7));
            compare(source, numbers)?;
        }
        // If each patient has means of its own, V is W ⊗ I.
        let own_means = patients.iter().enumerate().map(|(patient, data)| {
            let own = |i: usize, j: usize| f64::from(u8::from(j == 2 * patient + i / V));
            let x = SMatrix::<f64, N, OWN>::from_fn(own);
            Subject::new(Marginal::new(within), x, *data.response()).with_observed(*data.observed())
        });
        let own_means: Vec<_> = own_means.collect();
        let data = Subjects::new(&own_means[..])?;
        let within = correlation(data.fit()?.params);
        compare("rmcorr", [("correlation within a patient", within, -0.506_769_7, 6e-8)])?;
    }
    Ok(())
}
