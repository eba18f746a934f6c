//! A tracker of position and velocity whose two noise variances are fitted.

use covprop::nalgebra::{Matrix1x2, Matrix2, Vector1, Vector2};
use covprop::prelude::*;

fn main() -> Result<(), covprop::Error> {
    let step: Matrix2<f64> = matrix![1.0, 1.0; 0.0, 1.0];
    let position: Matrix1x2<f64> = matrix![1.0, 0.0];
    let acceleration: Vector2<f64> = vector![0.5, 1.0];
    let noise = CovariancePropagation::new(acceleration, ScalarMatrix::<1>::new());
    let tracker = StateSpace::new(step, position, noise, ScalarMatrix::<1>::new());
    let series: [_; 60] = std::array::from_fn(|t| {
        let t = t as f64;
        Some(Vector1::new(t + 3.0 * (0.2 * t).sin() + (7.0 * t).cos()))
    });
    let (mean, covariance) = (vector![0.0, 0.0], matrix![1e4, 0.0; 0.0, 1e2]);
    let fit = tracker.estimation(&mean, &covariance, &series)?.fit()?;
    let mut filter = tracker.filter(&fit.theta, &mean, &covariance)?;
    for y in series.iter().flatten() {
        filter.update(y)?;
        filter.predict()?;
    }
    println!("{:?}, {}", fit.theta, filter.mean());
    Ok(())
}
