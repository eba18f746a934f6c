//! One subject of the sleep study under a random intercept and slope: V and its derivatives, checked
//! by finite differences and by dual numbers.
//!
//! V = Z G Zᵀ + σ² I with Z = [1 day] and an unstructured 2×2 G, at the REML estimates of lme4 (Bates,
//! Mächler, Bolker & Walker 2015, Journal of Statistical Software 67(1), section 1.2): standard
//! deviations 24.741 and 5.922, correlation 0.066, σ = 25.592.
//!
//! ```text
//! cargo run --release --example random_slopes
//! ```

use std::error::Error;
use std::path::Path;

use covprop::*;
use nalgebra::{SMatrix, SVector};
use num_dual::Dual64;

/// Days 0 to 9.
const N: usize = 10;
/// An intercept and a slope.
const Q: usize = 2;
/// Three entries of G, and σ².
const P: usize = 4;

/// V(θ), over any scalar.
fn model<T: Real>(days: &[f64; N]) -> impl ParamMatrix<T, N, N, Params = typenum::U<P>> {
    let z =
        SMatrix::<T, N, Q>::from_fn(|i, j| nalgebra::convert(if j == 0 { 1.0 } else { days[i] }));
    let u = CovariancePropagation::new(named("Z", z), named("G", UnconstrainedMatrix::<Q>::new()));
    named("U", u).plus(named("R", ScalarMatrix::new()))
}

/// The days on which the first subject of the study was tested.
fn days_of_first_subject() -> Result<[f64; N], Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/sleepstudy.csv");
    let mut days = SVector::<f64, N>::zeros();
    let mut subject = None;
    let mut count = 0;
    for record in csv::Reader::from_path(path)?.deserialize() {
        let (_reaction, day, id): (f64, f64, u32) = record?;
        if *subject.get_or_insert(id) == id {
            *days.get_mut(count).ok_or("more than ten days")? = day;
            count += 1;
        }
    }
    if count == N { Ok(days.into()) } else { Err("fewer than ten days".into()) }
}

fn main() -> Result<(), Box<dyn Error>> {
    let days = days_of_first_subject()?;
    let v = model::<f64>(&days);

    // The published estimates as free parameters: log standard deviations and a covariance.
    let (intercept, slope, correlation, residual) = (24.741, 5.922, 0.066, 25.592_f64);
    let theta = v.theta_by_name(&[
        ("U/G/sigma^2_0_0", f64::ln(intercept)),
        ("U/G/sigma^2_1_0", correlation * intercept * slope),
        ("U/G/sigma^2_1_1", f64::ln(slope)),
        ("R/sigma^2", residual.ln()),
    ])?;
    let (value, gradient) = v.value_and_gradient(&theta);
    println!("days {days:?}");
    println!("V, in ms², at the published estimates:{value:.1}");
    for (name, derivative) in v.param_names().zip(&gradient) {
        println!("|∂V/∂({name})| = {:.3}", derivative.norm());
    }

    // By hand: the variance on day d is σ₀² + 2 d σ₀₁ + d² σ₁² + σ².
    for (i, d) in days.into_iter().enumerate() {
        let covariance = correlation * intercept * slope;
        let variance = intercept * intercept
            + 2.0 * d * covariance
            + d * d * slope * slope
            + residual * residual;
        assert!((value[(i, i)] - variance).abs() < 1e-10 * variance);
    }

    let over_duals = model::<Dual64>(&days);
    println!("\nderivative          relative deviation from dual numbers, central differences");
    for ((k, name), derivative) in v.param_names().enumerate().zip(&gradient) {
        let mut seeded = theta.map(Dual64::from);
        seeded[k] = seeded[k].derivative();
        let exact = over_duals.value(&seeded).map(|x| x.eps);
        let by_dual = (derivative - exact).amax() / exact.amax();

        // A step of ε^⅓ balances truncation, h²/6, against rounding, ε V/h: about 1e-9 of V.
        let h = f64::EPSILON.cbrt() * theta[k].abs().max(1.0);
        let at = |x: f64| {
            let mut shifted = theta;
            shifted[k] = x;
            v.value(&shifted)
        };
        let difference = (at(theta[k] + h) - at(theta[k] - h)) / (2.0 * h);
        let by_difference = (derivative - difference).amax() / exact.amax();

        println!("{name:<20}{by_dual:.1e}                              {by_difference:.1e}");
        assert!(by_dual < 1e-14);
        assert!(by_difference < 1e-7);
    }
    Ok(())
}
