//! State-space models.

use covprop::prelude::*;

use crate::scenario::{Scenario, series};

pub fn all() -> Vec<Scenario> {
    let one = matrix![1.0];
    let level = |name, unit: f64, process: f64| {
        let model = StateSpace::new(one, one, ScalarMatrix::<1>::new(), ScalarMatrix::<1>::new());
        let theta = [0.5 * process.ln() + unit.ln(), unit.ln()];
        series(name, model, 60, 100.0 * unit * unit, &theta)
    };
    let motion = matrix![1.0, 1.0; 0.0, 1.0];
    let position = matrix![1.0, 0.0];
    let gamma = matrix![0.5; 1.0];
    let tracker = StateSpace::new(
        motion,
        position,
        CovariancePropagation::new(gamma, ScalarMatrix::<1>::new()),
        ScalarMatrix::<1>::new(),
    );
    let trend =
        StateSpace::new(motion, position, DiagonalMatrix::<2>::new(), ScalarMatrix::<1>::new());
    vec![
        level("local level", 1.0, 1.0),
        level("local level, y × 1e-4", 1e-4, 1.0),
        level("local level, ratio 1e-3", 1.0, 1e-3),
        series("tracker", tracker, 50, 100.0, &[-1.0, 0.0]),
        series("local linear trend", trend, 60, 100.0, &[-0.5, -2.0, 0.0]),
    ]
}
