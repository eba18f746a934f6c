//! Fits in a crate of their own, which the profile of another crate can optimise.

#[path = "../../programs/common/subjects.rs"]
mod subjects;

use std::error::Error;
use std::time::{Duration, Instant};

use covprop::prelude::*;

/// Returns the times of adding 18 subjects to a panel with a random intercept and slope, of the
/// fit, and of the profile intervals of its three variance parameters.
pub fn times() -> Result<[(&'static str, Duration); 3], Box<dyn Error>> {
    let days = subjects::days();
    let start = Instant::now();
    let model = MixedModel::new(days, UnconstrainedMatrix::<2>::new(), ScalarMatrix::<10>::new());
    let mut panel = Panel::new(model);
    for y in subjects::responses() {
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
