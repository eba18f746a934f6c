//! Parametrisations whose derivative vanishes at the default or at zero, and units in which the default is far away.

use approx::{abs_diff_eq, relative_eq};
use covprop::dim::Extent;
use covprop::prelude::*;
use covprop::transform::Pow;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

use super::*;

pub(crate) const BATCHES: [SVector<f64, 4>; 4] = [
    vector![1.5, 2.5, 2.0, 3.0],
    vector![4.5, 4.0, 5.5, 5.0],
    vector![0.5, 1.0, 2.0, 0.25],
    vector![3.0, 2.0, 3.5, 2.5],
];

/// Means 2.25, 4.75, 0.9375 and 2.75: mean squares 10.014323 between and 0.462240 within.
pub(crate) const BATCH_VARIANCES: [f64; 2] = [2.388_020_833_333_333_3, 0.462_239_583_333_333_3];
pub(crate) const BATCH_HEIGHT: f64 = -21.496_365_237_020_5;

/// REML estimates of groups of four by mean squares, with a variance that is not negative.
fn closed_form(groups: &[SVector<f64, 4>]) -> [f64; 2] {
    let count = groups.len() as f64;
    let mean = groups.iter().map(SVector::mean).sum::<f64>() / count;
    let between = 4.0 * groups.iter().map(|g| (g.mean() - mean).powi(2)).sum::<f64>();
    let within = groups.iter().map(|g| g.add_scalar(-g.mean()).norm_squared()).sum::<f64>();
    let (a, b) = (between / (count - 1.0), within / (3.0 * count));
    if a > b { [(a - b) / 4.0, b] } else { [0.0, (between + within) / (4.0 * count - 1.0)] }
}

/// Issue text l: σ² = θ², whose derivative is zero at the default θ = 0.
#[test]
fn squares() {
    assert_all_close("closed form", &closed_form(&BATCHES), &BATCH_VARIANCES, 1e-14);
    let squared = ScalarMatrix::<1>::new().with_transform(Pow::new(2.0));
    let model = MixedModel::new(ones::<4>(), squared, ScalarMatrix::<4>::new());
    for scale in [1.0, 1e-6, 1e6] {
        let panel = panel(model, &ones(), &BATCHES.map(|y| y * scale));
        let fit = panel.fit().unwrap();
        assert_eq!(fit.outcome, Outcome::Converged, "{scale}: {fit}");
        let height = fit.log_likelihood + 15.0 * scale.ln();
        assert_height("squares", height, BATCH_HEIGHT, LOG_LIKELIHOOD);
        let found = fit.params.map(|p| p / scale / scale);
        assert_all_close("squares", &found, &BATCH_VARIANCES, ESTIMATE);
        assert_close("mean", fit.beta[0] / scale, 2.671_875, 1e-10);
    }
    let mut tally = Tally::default();
    for seed in 0..100 {
        let mut rng = StdRng::seed_from_u64(seed);
        let groups: [SVector<f64, 4>; 6] = core::array::from_fn(|_| {
            let effect: f64 = rng.sample(StandardNormal);
            SVector::from_fn(|_, _| 0.5 * effect + rng.sample::<f64, _>(StandardNormal))
        });
        let right = closed_form(&groups);
        let panel = panel(model, &ones(), &groups);
        let fit = panel.fit().unwrap();
        let kind = if right[0] == 0.0 {
            fit.outcome.edge(0).is_some() && fit.params[0] == 0.0
        } else {
            fit.outcome == Outcome::Converged
        };
        let near = (0..2).all(|k| abs_diff_eq!(fit.params[k], right[k], epsilon = 1e-7 * right[1]));
        tally.check(kind && near, || {
            format!("seed {seed}: {:?}, {:?} for {right:?}", fit.outcome, fit.params)
        });
    }
    tally.finish(100);
}

/// One factor of five variables, whose loadings begin at ½ whatever the unit.
#[test]
fn loadings() {
    let mut tally = Tally::default();
    for (i, case) in read("cases.json")["factors_5_1"].as_array().unwrap().iter().enumerate() {
        let responses = responses::<5>(&case["ys"]);
        let right = number(&case["log_likelihood"]);
        for scale in [1e-3, 1.0, 1e3] {
            let scaled: Vec<_> = responses.iter().map(|y| y * scale).collect();
            let panel = panel(Marginal::new(FactorAnalyticMatrix::<5, 1>::new()), &ones(), &scaled);
            let fit = panel.fit().unwrap();
            let height = fit.log_likelihood + (5 * scaled.len() - 1) as f64 * scale.ln();
            tally.check(
                fit.outcome.is_maximum() && abs_diff_eq!(height, right, epsilon = 1e-6),
                || format!("set {i}, unit {scale:e}: {:?}, ℓ = {height} for {right}", fit.outcome),
            );
        }
    }
    tally.finish(120);
}

/// Random slopes with a G, in several units of y; `maximum` is among covariance matrices or among all symmetric ones.
fn slopes<G>(name: &str, g: G, maximum: &str, scales: &[f64])
where
    G: Extent<Size = (nalgebra::Const<2>, nalgebra::Const<2>)> + Copy,
    MixedModel<CovariancePropagation<SMatrix<f64, 4, 2>, G>, ScalarMatrix<4>>:
        Model<Covariance: ParamMatrix<f64, 4, 4>>,
{
    let mut tally = Tally::default();
    for (i, case) in read("cases.json")["slopes"].as_array().unwrap().iter().enumerate() {
        let responses = responses::<4>(&case["ys"]);
        let right = number(&case[maximum]["log_likelihood"]);
        let residual = number(&case[maximum]["residual"]);
        for &scale in scales {
            let scaled: Vec<_> = responses.iter().map(|y| y * scale).collect();
            let model = MixedModel::new(line::<4>(), g, ScalarMatrix::<4>::new());
            let panel = panel(model, &line(), &scaled);
            let fit = match panel.fit() {
                Ok(fit) => fit,
                Err(error) => {
                    tally.check(false, || format!("{name}, set {i}, unit {scale:e}: {error}"));
                    continue;
                }
            };
            let height = fit.log_likelihood + 78.0 * scale.ln();
            let found = fit.params.as_ref()[3] / scale / scale;
            // The residual variance of the reference is known to six digits, where the likelihood is flat.
            let holds = fit.outcome.is_maximum()
                && abs_diff_eq!(height, right, epsilon = 1e-8 * right.abs())
                && relative_eq!(found, residual, epsilon = 0.0, max_relative = 1e-5);
            tally.check(holds, || {
                format!("{name}, set {i}, unit {scale:e}: {:?}, ℓ = {height} for {right}, σ² = {found} for {residual}", fit.outcome)
            });
        }
    }
    tally.finish(20 * scales.len());
}

#[test]
fn triangular_roots() {
    let g = OuterGram::new(LowerTriangularMatrix::<2, 2>::new());
    slopes("OuterGram", g, "cone", &[1.0, 1e-3, 1e-6, 1e6]);
}

#[test]
fn log_cholesky() {
    slopes("LogCholesky", LogCholeskyMatrix::<2>::new(), "cone", &[1.0, 1e-3, 1e-9, 1e9]);
}

#[test]
fn entries_of_a_symmetric_matrix() {
    let g = UnconstrainedMatrix::<2>::new();
    slopes("Unconstrained", g, "free", &[1.0, 1e-3, 1e-9, 1e9]);
}
