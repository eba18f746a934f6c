//! An uncertainty budget: how uncertain are resistance and reactance, measured at once?
//!
//! Data: a voltage V, a current I and their phase φ, observed five times together (JCGM 100:2008,
//! "Guide to the expression of uncertainty in measurement", Annex H.2). Their means are correlated;
//! the covariance of R = V/I cos φ, X = V/I sin φ and Z = V/I is J G Jᵀ, with G the covariance of the
//! means and J the sensitivity coefficients (5.2.2, equation (13), for several results at once).
//!
//! H.2.4 also goes a second way, without J: the covariance of the means of the results of each
//! observation. Both ways agree to first order, and the GUM prints the same digits for both. Without
//! intermediate rounding, u(X) is 0.29558 by the first way and 0.29549 by the second, so that the
//! printed 0.295 is the second one, rounded.
//!
//! ```text
//! cargo run --release --example uncertainty_budget
//! ```

mod common;

use common::compare;
use covprop::nalgebra::{Matrix3, RowVector3};
use covprop::prelude::*;

/// V / V, I / mA, φ / rad (table H.2).
const OBSERVATIONS: SMatrix<f64, 5, 3> = matrix![
    5.007, 19.663, 1.0456;
    4.994, 19.639, 1.0438;
    5.005, 19.640, 1.0468;
    4.990, 19.685, 1.0428;
    4.999, 19.678, 1.0433
];

/// Tables H.3 and H.4: estimates and standard uncertainties of R, X, Z in Ω; r(R,X), r(R,Z), r(X,Z).
const ESTIMATES: [f64; 3] = [127.732, 219.847, 254.260];
const UNCERTAINTIES: [f64; 3] = [0.071, 0.295, 0.236];
const CORRELATIONS: [f64; 3] = [-0.588, -0.485, 0.993];

/// Returns R, X and Z in Ω, from V in V, I in mA and φ in rad.
fn results(x: &RowVector3<f64>) -> RowVector3<f64> {
    let z = x[0] / (x[1] * 1e-3);
    RowVector3::new(z * x[2].cos(), z * x[2].sin(), z)
}

/// Returns ∂(R, X, Z)/∂(V, I, φ) in the same units.
fn sensitivity(x: &RowVector3<f64>) -> Matrix3<f64> {
    let (r, [v, i, _]) = (results(x), [x[0], x[1], x[2]]);
    matrix![
        r[0] / v, -r[0] / i, -r[1];
        r[1] / v, -r[1] / i, r[0];
        r[2] / v, -r[2] / i, 0.0
    ]
}

/// Returns the means of the columns, and their covariance Σ (x − x̄)(x − x̄)ᵀ / (n (n − 1)).
fn means(observations: &SMatrix<f64, 5, 3>) -> (RowVector3<f64>, Matrix3<f64>) {
    let mean = observations.row_mean();
    let mut deviations = *observations;
    for mut row in deviations.row_iter_mut() {
        row -= mean;
    }
    (mean, deviations.transpose() * deviations / (5.0 * 4.0))
}

/// Prints estimates, standard uncertainties and correlations, and compares them with the published
/// ones to half a unit of the last digit, u(X) to `of_x`.
fn report(
    way: &str,
    estimates: &RowVector3<f64>,
    covariance: &Matrix3<f64>,
    of_x: f64,
) -> common::Result {
    let u = covariance.diagonal().map(f64::sqrt);
    let r = [(0, 1), (0, 2), (1, 2)].map(|(a, b)| covariance[(a, b)] / (u[a] * u[b]));
    println!("\n{way}\n     estimate / Ω     u / Ω");
    for (k, name) in ["R", "X", "Z"].into_iter().enumerate() {
        println!("{name} {:15.3} {:9.4}", estimates[k], u[k]);
    }
    println!("r(R,X) = {:.3}, r(R,Z) = {:.3}, r(X,Z) = {:.3}", r[0], r[1], r[2]);

    let half = 0.0005;
    let labels = [["R", "X", "Z"], ["u(R)", "u(X)", "u(Z)"], ["r(R,X)", "r(R,Z)", "r(X,Z)"]];
    let rows = (0..3).flat_map(|k| {
        let of_u = if k == 1 { of_x } else { half };
        [
            (labels[0][k], estimates[k], ESTIMATES[k], half),
            (labels[1][k], u[k], UNCERTAINTIES[k], of_u),
            (labels[2][k], r[k], CORRELATIONS[k], half),
        ]
    });
    compare("GUM, tables H.3 and H.4", rows)
}

fn main() -> common::Result {
    let (mean, covariance) = means(&OBSERVATIONS);
    let budget = CovariancePropagation::new(sensitivity(&mean), covariance).value(&[]);
    report("Propagated through the Jacobian", &results(&mean), &budget, 0.0006)?;

    let rows = OBSERVATIONS.row_iter().map(|row| results(&row.into_owned())).collect::<Vec<_>>();
    let (mean, covariance) = means(&SMatrix::from_rows(&rows));
    report("From the results of each observation", &mean, &covariance, 0.0005)
}
