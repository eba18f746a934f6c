//! Groups of unequal size: how much do schools differ, given the background of their pupils?
//!
//! Data: mathematics achievement (math) and socio-economic status (ses) of 7185 pupils in 160
//! schools of 14 to 67 pupils, and the mean status of each school (meanses), in `data/schools.csv`
//! (High School and Beyond, 1982; Raudenbush & Bryk 2002, Hierarchical Linear Models, chapter 4).
//! Model: math ~ ses + meanses + (1 | school), fitted by restricted maximum likelihood.
//!
//! ```text
//! cargo run --release --features alloc --example unequal_groups [FILE]
//! ```
//!
//! FILE has the columns school, ses, meanses and math. The results for the shipped file are compared
//! with nlme, lmerTest and, for the effects of schools, with their values in 420-bit arithmetic.

mod common;

use std::collections::BTreeMap;

use common::data::finite;
use common::{Comparison, Source, compare, ensure};
use covprop::prelude::*;
use serde::Deserialize;

/// The largest number of pupils in a school.
const N: usize = 67;
const K: usize = 3;

#[derive(Deserialize)]
struct Pupil {
    school: String,
    #[serde(deserialize_with = "finite")]
    ses: f64,
    #[serde(deserialize_with = "finite")]
    meanses: f64,
    #[serde(deserialize_with = "finite")]
    math: f64,
}

fn main() -> common::Result {
    let source = Source::new("schools.csv");
    let rows = source.rows::<Pupil>()?;
    let mut schools = BTreeMap::<&str, Vec<&Pupil>>::new();
    for pupil in rows.iter() {
        schools.entry(&pupil.school).or_default().push(pupil);
    }

    let model = MixedModel::new(
        SVector::<f64, N>::repeat(1.0),
        named("school", ScalarMatrix::<1>::new()),
        named("pupil", ScalarMatrix::<N>::new()),
    );
    let mut list = Vec::new();
    for (id, pupils) in &schools {
        let count = pupils.len();
        if count > N {
            return Err(rows.wrong(format_args!("school `{id}` has {count} pupils, more than {N}")));
        }
        // The rows after the last pupil are zero, and are ignored.
        let row = |i: usize| pupils.get(i).map_or([0.0; K], |at| [1.0, at.ses, at.meanses]);
        let x = SMatrix::<f64, N, K>::from_fn(|i, j| row(i)[j]);
        let y = SVector::from_fn(|i, _| pupils.get(i).map_or(0.0, |pupil| pupil.math));
        list.push(Subject::new(model, x, y).with_rows(count));
    }
    let subjects = Subjects::new(&list[..])?;
    let estimation = subjects.estimation()?;
    let fit = estimation.fit()?;
    let tests = estimation.inference(&fit)?.coefficients(); // Satterthwaite's degrees of freedom
    println!("{}", fit.table(["(Intercept)", "ses", "meanses"]).with_tests(tests));

    // The effect of a school is predicted as its mean residual times the share of the variance of
    // this mean that is between schools. Fewer pupils have a smaller share.
    println!("\nschool  pupils  mean residual  share  effect  std.error");
    let [between, within] = fit.params;
    let mut effects = Vec::new();
    for ((id, pupils), school) in schools.iter().zip(&list).take(4) {
        let prediction = fit.predict_subject(school)?;
        let [effect, error] =
            [prediction.random_effects(), prediction.random_effect_errors()].map(|u| u[0]);
        let count = pupils.len();
        let residual = prediction.residuals().rows(0, count).mean();
        let share = between / (between + within / count as f64);
        println!("{id:>6}{count:8}{residual:15.3}{share:7.3}{effect:8.3}{error:11.3}");
        ensure((effect - share * residual).abs() < 1e-10, "an effect must be shrunk")?;
        effects.push(effect);
    }

    if source.shipped {
        let errors = fit.beta_standard_errors();
        let numbers = [
            ("variance between schools", between, 2.692_422_170_5),
            ("variance within schools", within, 37.019_064_360_9),
            ("(Intercept)", fit.beta[0], 12.661_261_787_2),
            ("ses", fit.beta[1], 2.191_165_335_7),
            ("meanses", fit.beta[2], 3.675_037_353_8),
            ("standard error, (Intercept)", errors[0], 0.149_372_578_1),
            ("standard error, ses", errors[1], 0.108_667_289_9),
            ("standard error, meanses", errors[2], 0.377_660_735_1),
            ("log-likelihood", fit.log_likelihood, -23_284.289_891_768_5),
        ];
        compare("nlme", Comparison::list(1e-8, numbers))?;
        let degrees = tests.map(|test| test.map_or(f64::NAN, |test| test.degrees_of_freedom));
        let numbers = [
            ("degrees of freedom, (Intercept)", degrees[0], 153.694_63),
            ("degrees of freedom, ses", degrees[1], 7_021.509_72),
            ("degrees of freedom, meanses", degrees[2], 182.282_65),
        ];
        compare("lmerTest", Comparison::list(1e-3, numbers))?;
        let numbers = [
            ("effect of school 1224", effects[0], -0.325_788_176_1),
            ("effect of school 1288", effects[1], 0.072_702_972_0),
            ("effect of school 1296", effects[2], -1.981_777_052_8),
            ("effect of school 1308", effects[3], 0.281_387_889_6),
        ];
        compare("420-bit arithmetic", Comparison::list(1e-8, numbers))?;
    }
    Ok(())
}
