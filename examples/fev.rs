//! Lung function: do the numbers of a repeated-measures analysis agree with SAS?
//!
//! Data: FEV1 of 200 patients at up to four visits, simulated, from the R package mmrm 0.3.18; they
//! are not part of this repository. Model: FEV1 ~ ARMCD + SEX with an unstructured covariance of the
//! visits. R writes the data to a file by
//!
//! ```text
//! write.csv(mmrm::fev_data, "fev.csv", row.names = FALSE)
//! cargo run --release --example fev fev.csv
//! ```
//!
//! The results are compared with the listing of SAS PROC MIXED that comes with mmrm.

mod common;

use common::data::{finite_or_missing, outside};
use common::{Comparison, Rows, Subject, compare};
use covprop::prelude::*;
use serde::Deserialize;

const VISITS: [Visit; N] = [Visit::Vis1, Visit::Vis2, Visit::Vis3, Visit::Vis4];
const N: usize = 4;
/// Intercept, treatment, female.
const K: usize = 3;
/// All sets of visits at which a patient may have been seen.
const PATTERNS: usize = (1 << N) - 1;

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
struct Row {
    usubjid: String,
    avisit: Visit,
    armcd: Arm,
    sex: Sex,
    #[serde(deserialize_with = "finite_or_missing")]
    fev1: Option<f64>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
enum Visit {
    Vis1,
    Vis2,
    Vis3,
    Vis4,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
enum Arm {
    Pbo,
    Trt,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
enum Sex {
    Male,
    Female,
}

fn main() -> common::Result {
    let Some(path) = outside("fev.csv") else { return Ok(()) };
    let rows = Rows::<Row>::read(&path)?;
    let patients: Vec<Subject<(Arm, Sex), N>> =
        rows.subjects(&VISITS, |row| (&row.usubjid, (row.armcd, row.sex), row.avisit, row.fev1))?;

    let model = Marginal::new(UnconstrainedMatrix::<N>::new());
    let mut panel = Panel::<_, f64, N, K, PATTERNS>::with_patterns(model);
    for patient in &patients {
        let observed = patient.observed();
        if observed == [false; N] {
            continue; // three patients missed all visits
        }
        let (arm, sex) = patient.group;
        let row = [1.0, f64::from(arm == Arm::Trt), f64::from(sex == Sex::Female)];
        let x = SMatrix::from_fn(|_, j| row[j]);
        panel.push_observed(&x, &patient.y(), &observed)?;
    }
    let estimation = panel.estimation()?;
    let fit = estimation.fit()?;
    let tests = estimation.inference(&fit)?.coefficients(); // Satterthwaite's degrees of freedom
    println!("{}", fit.table(["(Intercept)", "treatment", "female"]).with_tests(tests));

    // SAS stops 8e-6 above the minimum and prints degrees of freedom without decimals.
    compare("SAS", [("-2 log-likelihood", fit.deviance(), 3_666.966_982_81, 1e-5)])?;
    let degrees = [
        ("degrees of freedom, (Intercept)", tests[0]?.degrees_of_freedom, 156.0),
        ("degrees of freedom, treatment", tests[1]?.degrees_of_freedom, 161.0),
        ("degrees of freedom, female", tests[2]?.degrees_of_freedom, 161.0),
    ];
    compare("SAS", Comparison::list(0.5, degrees))
}
