//! A random intercept and slope: are V and its derivatives right?
//!
//! Data: the days on which the first subject of the sleep study was tested (Belenky et al. 2003), in
//! `data/sleepstudy.csv`. Model: V = Z G Zᵀ + σ² I with Z = [1 day] and an unstructured 2×2 G, at
//! the estimates of lme4 (Bates, Mächler, Bolker & Walker 2015, Journal of Statistical Software
//! 67(1), section 1.2): standard deviations 24.741 and 5.922, correlation 0.066, σ = 25.592. The
//! derivatives are compared with dual numbers and with finite differences.
//!
//! ```text
//! cargo run --release --example random_slopes [FILE]
//! ```
//!
//! FILE has the columns Days and Subject; the rows of a subject follow each other.

mod common;

use common::data::finite;
use common::{Source, compare};
use covprop::prelude::*;
use covprop::typenum;
use num_dual::Dual64;
use serde::Deserialize;

/// Days of a subject.
const N: usize = 10;
/// An intercept and a slope.
const Q: usize = 2;
/// Three entries of G, and σ².
const P: usize = 4;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    #[serde(deserialize_with = "finite")]
    days: f64,
    subject: String,
}

/// V(θ), over any scalar.
fn model<T: Real>(days: &[f64; N]) -> impl ParamMatrix<T, N, N, ParamCount = typenum::U<P>> {
    let row = |i: usize| [1.0, days[i]];
    let z = SMatrix::<T, N, Q>::from_fn(|i, j| nalgebra::convert(row(i)[j]));
    let u = CovariancePropagation::new(named("Z", z), named("G", UnconstrainedMatrix::<Q>::new()));
    named("U", u).plus(named("R", ScalarMatrix::new()))
}

fn main() -> common::Result {
    let source = Source::new("sleepstudy.csv");
    let rows = source.rows::<Row>()?;
    let mut ids = rows.iter().map(|row| &row.subject);
    let first = ids.next();
    let days: Vec<f64> =
        rows.iter().take_while(|row| Some(&row.subject) == first).map(|row| row.days).collect();
    let days: [f64; N] =
        days.try_into().map_err(|_| rows.wrong("the first subject must have ten days"))?;

    // The published estimates as free parameters: log standard deviations and a covariance.
    let v = model::<f64>(&days);
    let (intercept, slope, correlation, residual) = (24.741, 5.922, 0.066, 25.592_f64);
    let covariance = correlation * intercept * slope;
    let theta = v.theta_by_name(&[
        ("U/G/sigma^2_0_0", f64::ln(intercept)),
        ("U/G/sigma^2_1_0", covariance),
        ("U/G/sigma^2_1_1", f64::ln(slope)),
        ("R/sigma^2", residual.ln()),
    ])?;
    let (value, gradient) = v.value_and_gradient(&theta);
    println!("V (ms²) on days {days:?}:{value:.1}");
    for (name, derivative) in v.param_names().zip(&gradient) {
        println!("|∂V/∂({name})| = {:.3}", derivative.norm());
    }

    // By hand: the variance on day d is σ₀² + 2 d σ₀₁ + d² σ₁² + σ².
    let by_hand =
        |d: f64| intercept.powi(2) + 2.0 * d * covariance + (d * slope).powi(2) + residual.powi(2);
    let labels = days.map(|day| format!("variance on day {day} (ms²)"));
    let variances = (0..N).map(|i| {
        let expected = by_hand(days[i]);
        (&*labels[i], value[(i, i)], expected, 1e-10 * expected)
    });
    compare("by hand", variances)?;

    let over_duals = model::<Dual64>(&days);
    for ((k, name), derivative) in v.param_names().enumerate().zip(&gradient) {
        let mut seeded = theta.map(Dual64::from);
        seeded[k] = seeded[k].derivative();
        let exact = over_duals.value(&seeded).map(|x| x.eps);

        // A step of ε^⅓ balances truncation, h²/6, against rounding, ε V/h: about 1e-9 of V.
        let h = f64::EPSILON.cbrt() * theta[k].abs().max(1.0);
        let at = |x: f64| {
            let mut shifted = theta;
            shifted[k] = x;
            v.value(&shifted)
        };
        let difference = (at(theta[k] + h) - at(theta[k] - h)) / (2.0 * h);
        let off = |other: &SMatrix<f64, N, N>| (derivative - other).amax() / exact.amax();
        let errors = [
            ("error relative to dual numbers", off(&exact), 0.0, 1e-14),
            ("error relative to differences", off(&difference), 0.0, 1e-7),
        ];
        compare(&name.to_string(), errors)?;
    }
    Ok(())
}
