//! Covariance in space.

use covprop::prelude::*;
use covprop::structure::Ar1CorrelationMatrix;

use super::powers;
use crate::scenario::{Scenario, single};

const TIMES: [f64; 12] = [0.0, 1.0, 2.0, 3.5, 4.0, 6.0, 7.0, 8.5, 9.0, 11.0, 12.0, 13.0];

pub fn all() -> Vec<Scenario> {
    let places: [f64; 20] = core::array::from_fn(|i| i as f64 + 0.15 * (i * 7 % 5) as f64);
    let near = Distances::from_positions(places);
    let exponential = |name, unit: f64| {
        let model =
            ExponentialMatrix::<12>::new(Distances::from_positions(TIMES.map(|t| t * unit)));
        single(name, model, powers::<12, 1>(), &[0.0, (2.0 * unit).ln()]).several()
    };
    let nugget = ScalarMatrix::<20>::new;
    let field = KroneckerProduct::new(Ar1Matrix::<5>::new(), Ar1CorrelationMatrix::<6>::new());
    vec![
        exponential("exponential", 1.0),
        exponential("exponential, distances × 100", 100.0),
        single(
            "Matérn 3/2 + nugget",
            MaternMatrix::three_halves(near).plus(nugget()),
            powers::<20, 1>(),
            &[0.0, 0.7, -0.7],
        )
        .several(),
        single(
            "Gaussian + nugget",
            GaussianMatrix::new(near).plus(nugget()),
            powers::<20, 1>(),
            &[0.0, 0.9, -0.7],
        )
        .several(),
        single(
            "AR(1) ⊗ AR(1) + nugget",
            field.plus(ScalarMatrix::<30>::new()),
            powers::<30, 1>(),
            &[0.0, 1.2, 1.0, -0.7],
        )
        .several(),
    ]
}
