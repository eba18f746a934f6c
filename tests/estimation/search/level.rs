//! A local level with noise, by the Kalman likelihood: a fit does not depend on the unit of y.

use approx::abs_diff_eq;
use covprop::prelude::*;
use covprop::typenum;
use nalgebra::Matrix1;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

use super::*;
use crate::common::cases::powers_of_ten;

type Level<T> = StateSpace<Matrix1<T>, Matrix1<T>, ScalarMatrix<1>, ScalarMatrix<1>>;

fn model<T: Real>() -> Level<T> {
    let one = Matrix1::repeat(T::one());
    StateSpace::new(one, one, ScalarMatrix::new(), ScalarMatrix::new())
}

/// The variance of the first level, in the unit 1.
const PRIOR: f64 = 100.0;

fn scaled(y: &[f64], unit: f64) -> Vec<Option<SVector<f64, 1>>> {
    y.iter().map(|y| Some(SVector::repeat(y * unit))).collect()
}

/// The outcome is of the right kind: variances of zero are on the boundary and named, others are not.
fn is_right_kind<M: Shape<ParamCount = typenum::U2>, T>(
    outcome: &Outcome<M, T>,
    params: &[f64],
) -> bool {
    let zero = |k: usize| params[k] == 0.0;
    if zero(0) || zero(1) {
        (0..2).all(|k| (outcome.edge(k) == Some(Edge::Lower)) == zero(k))
    } else {
        matches!(outcome, Outcome::Converged)
    }
}

/// Issue text b, with maxima by mpmath.
#[test]
fn recorded_series() {
    let mut tally = Tally::default();
    let model = model::<f64>();
    let powers = powers_of_ten(6);
    for (i, case) in read("cases.json")["local_level"].as_array().unwrap().iter().enumerate() {
        let y = numbers(&case["y"]);
        let (right, params) = (number(&case["log_likelihood"]), numbers(&case["params"]));
        for &k in &powers {
            let unit = 10.0_f64.powi(k);
            let y = scaled(&y, unit);
            let prior = Matrix1::repeat(PRIOR * unit * unit);
            let fit = model.fit(&SVector::zeros(), &prior, &y).unwrap();
            let height = fit.log_likelihood + 60.0 * unit.ln();
            let found = fit.params.map(|p| p / unit / unit);
            let holds = is_right_kind(&fit.outcome, &params)
                && is_height(height, right)
                && are_close(&found, &params, ESTIMATE);
            tally.check(holds, || {
                format!("series {i}, unit 1e{k}: {:?}, ℓ = {height} for {right}, {found:?} for {params:?}", fit.outcome)
            });
        }
    }
    tally.finish(20 * powers.len());
}

fn simulated(seed: u64) -> Vec<f64> {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut level = 0.0;
    let mut draw = || -> f64 { rng.sample(StandardNormal) };
    (0..60)
        .map(|_| {
            let y = level + draw();
            level += draw();
            y
        })
        .collect()
}

/// The same fit in every unit to 1e-8, and no way up from it.
#[test]
fn simulated_series() {
    let mut tally = Tally::default();
    let model = model::<f64>();
    let powers = powers_of_ten(6);
    for seed in 0..40 {
        let y = simulated(seed);
        let fit = |k: i32| {
            let unit = 10.0_f64.powi(k);
            let y = scaled(&y, unit);
            let prior = Matrix1::repeat(PRIOR * unit * unit);
            let estimation = model.estimation(&SVector::zeros(), &prior, &y).unwrap();
            let fit = estimation.fit().unwrap();
            // Some thousand evaluations.
            let looked = seed < 8 && [-4, 0].contains(&k);
            let rise = looked.then(|| claims::rise_of_state_space(&estimation, &fit, seed));
            let rise = rise.unwrap_or_default();
            let edges = [fit.outcome.edge(0), fit.outcome.edge(1)];
            let found = fit.params.map(|p| p / unit / unit);
            (fit.outcome.is_maximum(), edges, fit.log_likelihood + 60.0 * unit.ln(), found, rise)
        };
        let (maximum, edges, first, expected, rise) = fit(0);
        tally.check(maximum && rise.height == 0.0, || format!("seed {seed}: {rise:?}"));
        for &k in powers.iter().filter(|&&k| k != 0) {
            let (maximum, there, height, found, rise) = fit(k);
            let holds = maximum
                && edges == there
                && abs_diff_eq!(height, first, epsilon = 1e-8 * first.abs())
                && are_close(&found, &expected, 1e-8)
                && rise.height == 0.0;
            tally.check(holds, || {
                format!("seed {seed}, unit 1e{k}: {there:?}, ℓ = {height} for {first}, {found:?} for {expected:?}, rise {}", rise.height)
            });
        }
    }
    tally.finish(40 * powers.len());
}

/// In `f32`: to a thousandth of the larger variance.
#[test]
fn single_precision() {
    let mut tally = Tally::default();
    let model = model::<f32>();
    let powers = powers_of_ten(3);
    for (i, case) in read("cases.json")["local_level"].as_array().unwrap().iter().enumerate() {
        let y = numbers(&case["y"]);
        let (right, params) = (number(&case["log_likelihood"]), numbers(&case["params"]));
        let largest = params[0].max(params[1]);
        if params[0].min(params[1]) < 0.01 * largest {
            // So near to zero that the likelihood in f32 does not tell.
            continue;
        }
        for &k in &powers {
            let unit = 10.0_f64.powi(k);
            #[expect(clippy::cast_possible_truncation, reason = "the question")]
            let y: Vec<_> = y.iter().map(|y| Some(SVector::repeat((y * unit) as f32))).collect();
            #[expect(clippy::cast_possible_truncation, reason = "the question")]
            let prior = Matrix1::repeat((PRIOR * unit * unit) as f32);
            let fit = model.fit(&SVector::zeros(), &prior, &y).unwrap();
            let height = f64::from(fit.log_likelihood) + 60.0 * unit.ln();
            let found = fit.params.map(|p| f64::from(p) / unit / unit);
            let near = (0..2).all(|k| abs_diff_eq!(found[k], params[k], epsilon = 1e-3 * largest));
            let holds = is_right_kind(&fit.outcome, &params)
                && near
                && abs_diff_eq!(height, right, epsilon = 1e-3);
            tally.check(holds, || {
                format!("series {i}, unit 1e{k}: {:?}, ℓ = {height} for {right}, {found:?} for {params:?}", fit.outcome)
            });
        }
    }
    tally.finish(18 * powers.len());
}
