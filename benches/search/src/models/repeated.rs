//! Covariance of repeated measures.

use covprop::prelude::*;
use covprop::structure::PowerVarianceMatrix;

use super::powers;
use crate::cone::{By, Cone};
use crate::scenario::{Scenario, single, subjects};

const LOADINGS: [f64; 11] = [0.9, 0.8, 0.4, 0.7, -0.3, 0.6, 0.5, 0.5, -0.4, 0.4, 0.6];

pub fn all() -> Vec<Scenario> {
    let cone = |by, size| Cone { by, offset: 0, size };
    let [a, b, c, d, e] = [0.0, 0.2, 0.4, 0.1, -0.1];
    let mut two = LOADINGS.to_vec();
    two.extend([-0.4, -0.4, -0.3, -0.2, -0.2, -0.3]);
    vec![
        subjects::<_, 4, 1, 1>(
            "compound symmetry, ρ < 0",
            CompoundSymmetricMatrix::<4>::new(),
            powers(),
            10,
            &[0.0, -2.5],
        ),
        subjects::<_, 4, 1, 1>(
            "heterogeneous compound symmetry",
            HeterogeneousCompoundSymmetricMatrix::<4>::new(),
            powers(),
            15,
            &[a, b, c, d, 0.5],
        ),
        subjects::<_, 4, 1, 3>(
            "unstructured, log-Cholesky 4",
            LogCholeskyMatrix::<4>::new(),
            powers(),
            30,
            &[a, b, c, d, 0.5, 0.2, 0.5, 0.1, 0.3, 0.5],
        )
        .cone(cone(By::LogCholesky, 4)),
        subjects::<_, 4, 1, 1>(
            "unstructured, entry by entry",
            UnconstrainedMatrix::<4>::new(),
            powers(),
            12,
            &[a, 0.5, b, 0.3, 0.5, c, 0.2, 0.3, 0.5, d],
        )
        .cone(cone(By::Unconstrained, 4)),
        subjects::<_, 5, 1, 3>(
            "ante-dependence",
            AnteDependenceMatrix::<5>::new(),
            powers(),
            20,
            &[a, b, c, d, e, 1.0, 0.5, 1.0, 0.8],
        ),
        subjects::<_, 5, 1, 1>(
            "factor-analytic (5,1)",
            FactorAnalyticMatrix::<5, 1>::new(),
            powers(),
            20,
            &[0.9, 0.8, 0.7, 0.6, 0.5, -0.4, -0.4, -0.3, -0.2, -0.2],
        )
        .several(),
        subjects::<_, 6, 1, 1>(
            "factor-analytic (6,2)",
            FactorAnalyticMatrix::<6, 2>::new(),
            powers(),
            30,
            &two,
        )
        .several(),
        single(
            "power variance",
            PowerVarianceMatrix::<20>::new(core::array::from_fn(|i| 0.5 + 0.25 * i as f64)),
            powers::<20, 2>(),
            &[0.0, 0.7],
        ),
        single(
            "group variance",
            GroupVarianceMatrix::<18, 3>::from_indices(core::array::from_fn(|i| i % 3)),
            powers::<18, 2>(),
            &[0.0, 1.0, -1.0],
        ),
    ]
}
