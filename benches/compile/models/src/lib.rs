//! Fits in a crate of their own, which the profile of another crate can optimise.

use std::error::Error;
use std::time::{Duration, Instant};

use covprop::prelude::*;

/// Returns the times of adding 18 subjects to a panel with a random intercept and slope, of the
/// fit, and of the profile intervals of its three variance parameters.
pub fn times() -> Result<[(&'static str, Duration); 3], Box<dyn Error>> {
    let days = SMatrix::<f64, 10, 2>::from_fn(|day, k| [1.0, day as f64][k]);
    let start = Instant::now();
    let model = MixedModel::new(days, UnconstrainedMatrix::<2>::new(), ScalarMatrix::<10>::new());
    let mut panel = Panel::new(model);
    for subject in 0..18 {
        let y = SVector::<f64, 10>::from_fn(|day, _| {
            let (s, d) = (f64::from(subject), day as f64);
            250.0 + 25.0 * (7.0 * s).sin() + (10.0 + 6.0 * s.cos()) * d + 20.0 * (s * d).sin()
        });
        panel.push(&days, &y)?;
    }
    let pushed = start.elapsed();
    let start = Instant::now();
    let estimation = panel.estimation()?;
    let fit = estimation.fit()?;
    let fitted = start.elapsed();
    let start = Instant::now();
    for k in 0..3 {
        estimation.profile(&fit, k)?.interval(0.95)?;
    }
    Ok([("18 subjects", pushed), ("fit", fitted), ("three profile intervals", start.elapsed())])
}
