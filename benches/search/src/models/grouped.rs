//! Random effects.

use covprop::prelude::*;
use covprop::transform::Pow;

use super::powers;
use crate::cone::{By, Cone};
use crate::scenario::{Scenario, single, subjects};

pub fn all() -> Vec<Scenario> {
    let mut all = intercepts();
    all.extend(one_vector());
    all.extend(slopes());
    all.extend(other_slopes());
    all
}

fn cone(by: By, size: usize) -> Cone {
    Cone { by, offset: 0, size }
}

fn intercepts() -> Vec<Scenario> {
    let ones = SVector::<f64, 5>::repeat(1.0);
    let of = |name, theta: [f64; 2]| {
        let intercept = CovariancePropagation::new(ones, ScalarMatrix::<1>::new());
        let model = intercept.plus(ScalarMatrix::<5>::new());
        subjects::<_, 5, 2, 1>(name, model, powers(), 12, &theta)
    };
    let squared = {
        let variance = ScalarMatrix::<1>::new().with_transform(Pow::new(2.0));
        let model = CovariancePropagation::new(ones, variance).plus(ScalarMatrix::<5>::new());
        subjects::<_, 5, 2, 1>("random intercept, σ² = x²", model, powers(), 12, &[0.4, 0.0])
    };
    vec![
        of("random intercept", [0.0, 0.0]),
        of("random intercept, ratio 1e-3", [-3.45, 0.0]),
        of("random intercept, ratio 1e8", [9.2, 0.0]),
        squared,
    ]
}

const UNEQUAL: [usize; 24] =
    [0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5];

fn one_vector() -> Vec<Scenario> {
    let unequal = |name, theta: [f64; 2]| {
        let z = DummyMatrix::<24, 6>::from_indices(UNEQUAL);
        let groups = CovariancePropagation::new(z, ScalarMatrix::<6>::new());
        single(name, groups.plus(ScalarMatrix::<24>::new()), powers::<24, 2>(), &theta)
    };
    let a = DummyMatrix::<24, 6>::from_indices(core::array::from_fn(|i| i / 4));
    let b = DummyMatrix::<24, 4>::from_indices(core::array::from_fn(|i| i % 4));
    let crossed = CovariancePropagation::new(a, ScalarMatrix::<6>::new())
        .plus(CovariancePropagation::new(b, ScalarMatrix::<4>::new()))
        .plus(ScalarMatrix::<24>::new());
    let batch: [usize; 12] = core::array::from_fn(|i| i / 4);
    let random = CovariancePropagation::new(
        DummyMatrix::<12, 3>::from_indices(batch),
        ScalarMatrix::<3>::new(),
    );
    let fixed = SMatrix::<f64, 12, 3>::from_fn(|i, j| f64::from(u8::from(batch[i] == j)));
    vec![
        unequal("unequal groups", [0.0, 0.0]),
        unequal("unequal groups, ratio 1e6", [6.9, 0.0]),
        single("crossed", crossed, powers::<24, 1>(), &[0.0, -0.5, 0.0]),
        single(
            "a factor both fixed and random",
            random.plus(ScalarMatrix::<12>::new()),
            fixed,
            &[0.0, 0.0],
        ),
    ]
}

fn slopes() -> Vec<Scenario> {
    let of = |name, count, theta: [f64; 4]| {
        let model = CovariancePropagation::new(powers::<5, 2>(), LogCholeskyMatrix::<2>::new())
            .plus(ScalarMatrix::<5>::new());
        subjects::<_, 5, 2, 1>(name, model, powers(), count, &theta).cone(cone(By::LogCholesky, 2))
    };
    let three = CovariancePropagation::new(powers::<6, 3>(), LogCholeskyMatrix::<3>::new())
        .plus(ScalarMatrix::<6>::new());
    let machine = DummyMatrix::<9, 3>::from_indices([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    let machines = CovariancePropagation::new(machine, LogCholeskyMatrix::<3>::new())
        .plus(ScalarMatrix::<9>::new());
    let x = SMatrix::<f64, 9, 3>::from_fn(|i, j| f64::from(u8::from(i / 3 == j)));
    vec![
        of("slopes, log-Cholesky 2", 18, [0.3, 0.3, 0.4, 0.0]),
        of("slopes, correlation near 1", 12, [0.3, -0.5, 20.0, 0.0]),
        of("slopes of little variance", 12, [-2.0, -1.5, 0.2, 0.0]),
        subjects::<_, 6, 3, 3>(
            "three effects, log-Cholesky 3",
            three,
            powers(),
            15,
            &[0.3, 0.5, 0.5, 0.4, -0.3, 0.4, 0.0],
        )
        .cone(cone(By::LogCholesky, 3)),
        subjects::<_, 9, 3, 1>(
            "machines: six workers, log-Cholesky 3",
            machines,
            x,
            6,
            &[1.4, 2.16, 1.48, 1.3, 0.7, 0.4, 0.0],
        )
        .cone(cone(By::LogCholesky, 3)),
    ]
}

fn other_slopes() -> Vec<Scenario> {
    let triangular = |name, unit: f64| {
        let g = OuterGram::new(LowerTriangularMatrix::<2, 2>::new());
        let model = CovariancePropagation::new(powers::<5, 2>(), g).plus(ScalarMatrix::<5>::new());
        let theta = [1.2 * unit, 0.5 * unit, unit, unit.ln()];
        subjects::<_, 5, 2, 1>(name, model, powers(), 18, &theta).cone(cone(By::Triangular, 2))
    };
    let unconstrained =
        CovariancePropagation::new(powers::<5, 2>(), UnconstrainedMatrix::<2>::new())
            .plus(ScalarMatrix::<5>::new());
    let independent = CovariancePropagation::new(powers::<5, 2>(), DiagonalMatrix::<2>::new())
        .plus(Ar1Matrix::<5>::new());
    vec![
        triangular("slopes, L Lᵀ", 1.0),
        triangular("slopes, L Lᵀ, y × 1e-3", 1e-3),
        subjects::<_, 5, 2, 1>(
            "slopes, unconstrained near singular",
            unconstrained,
            powers(),
            12,
            &[0.0, 0.98, 0.0, 0.0],
        )
        .cone(cone(By::Unconstrained, 2)),
        subjects::<_, 5, 2, 1>(
            "independent slopes + AR(1)",
            independent,
            powers(),
            15,
            &[0.0, 0.0, 0.0, 0.8],
        ),
    ]
}
