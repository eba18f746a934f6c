//! Covariance in time.

use covprop::prelude::*;

use super::powers;
use crate::scenario::{Scenario, single, subjects};

pub fn all() -> Vec<Scenario> {
    let average = |name, theta: [f64; 2]| {
        single(name, BandedToeplitzMatrix::<20, 1>::new(), powers::<20, 1>(), &theta).several()
    };
    vec![
        single("AR(1), N = 6", Ar1Matrix::<6>::new(), powers::<6, 1>(), &[0.0, 0.847]),
        single("AR(1), N = 30", Ar1Matrix::<30>::new(), powers::<30, 2>(), &[0.0, 1.5]),
        single(
            "AR(1) + nugget, N = 24",
            Ar1Matrix::<24>::new().plus(ScalarMatrix::<24>::new()),
            powers::<24, 1>(),
            &[0.0, 2.0, -0.5],
        )
        .several(),
        subjects::<_, 5, 2, 3>(
            "AR(1) + nugget, 12 subjects",
            Ar1Matrix::<5>::new().plus(ScalarMatrix::<5>::new()),
            powers(),
            12,
            &[0.5, 2.0, -0.5],
        )
        .several(),
        subjects::<_, 5, 2, 1>(
            "heterogeneous AR(1)",
            HeterogeneousAr1Matrix::<5>::new(),
            powers(),
            15,
            &[0.0, 0.2, 0.4, 0.1, -0.3, 1.0],
        ),
        subjects::<_, 5, 2, 3>(
            "Toeplitz",
            ToeplitzMatrix::<5>::new(),
            powers(),
            20,
            &[0.2, 0.8, 0.3, 0.1, 0.0],
        )
        .several(),
        average("banded Toeplitz (1)", [0.0, 0.5]),
        average("banded Toeplitz (1), differenced noise", [0.35, -1.0]),
        single(
            "banded Toeplitz (2)",
            BandedToeplitzMatrix::<20, 2>::new(),
            powers::<20, 1>(),
            &[0.0, 0.6, 0.3],
        )
        .several(),
    ]
}
