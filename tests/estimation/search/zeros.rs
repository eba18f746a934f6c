//! Groups that differ by far more than what is in them: no variance is zero.

use approx::abs_diff_eq;
use covprop::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

use super::*;

pub(crate) type Groups = DummyMatrix<20, 5>;
pub(crate) type OneWay =
    MixedModel<CovariancePropagation<Groups, ScalarMatrix<5>>, ScalarMatrix<20>>;

/// One-way with these groups.
pub(crate) fn one_way(groups: [usize; 20]) -> OneWay {
    MixedModel::new(Groups::from_indices(groups), ScalarMatrix::new(), ScalarMatrix::new())
}

/// Five groups of four.
fn balanced() -> OneWay {
    one_way(core::array::from_fn(|i| i / 4))
}

/// The REML estimates of balanced data, from mean squares; the mean, and ℓ.
fn closed_form(y: &SVector<f64, 20>) -> ([f64; 2], f64, f64) {
    let means: Vec<f64> =
        y.as_slice().chunks(4).map(|group| group.iter().sum::<f64>() / 4.0).collect();
    let mean = means.iter().sum::<f64>() / 5.0;
    let between = 4.0 * means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / 4.0;
    let inside = |(group, m): (&[f64], &f64)| group.iter().map(|y| (y - m).powi(2)).sum::<f64>();
    let within = y.as_slice().chunks(4).zip(&means).map(inside).sum::<f64>() / 15.0;
    // |V| |X'V⁻¹X|/20 = within¹⁵ between⁴
    let log_determinants = 15.0 * within.ln() + 4.0 * between.ln() + 20.0_f64.ln();
    let log_likelihood = -0.5 * (19.0 * (std::f64::consts::TAU.ln() + 1.0) + log_determinants);
    ([(between - within) / 4.0, within], mean, log_likelihood)
}

/// The part of each estimate that digits allow for N = 20 and this ratio of variances.
pub(crate) fn digits(ratio: f64, epsilon: f64) -> f64 {
    10.0 * 20.0 * epsilon * ratio.max(ratio.recip())
}

/// Issue text c: y = g² + 1e-3·(0.3, −0.5, 0.1, 0.1)[(i + g) mod 4], mean squares 174 between and 1.2e-7 within.
#[test]
fn squares_of_groups() {
    let y = SVector::<f64, 20>::from_fn(|row, _| {
        let (g, i) = (row / 4, row % 4);
        (g * g) as f64 + 1e-3 * [0.3, -0.5, 0.1, 0.1][(i + g) % 4]
    });
    let expected = [43.5 - 3e-8, 1.2e-7];
    let (closed, mean, log_likelihood) = closed_form(&y);
    assert_all_close("closed form", &closed, &expected, 1e-9);
    assert_close("closed form", mean, 6.0, 1e-15);
    let tolerance = digits(43.5 / 1.2e-7, f64::EPSILON);

    let model = balanced();
    let estimation = model.estimation(&ones(), &y).unwrap();
    let fit = estimation.fit().unwrap();
    assert_eq!(fit.outcome, Outcome::Converged, "{fit}");
    assert_all_close("estimates", &fit.params, &expected, tolerance);
    assert_height("one vector", fit.log_likelihood, log_likelihood, tolerance);
    assert_close("mean", fit.beta[0], 6.0, 1e-12);
    let [found] = estimation.inference(&fit).unwrap().coefficients().map(Result::unwrap);
    assert_close("standard error", found.standard_error, 8.7_f64.sqrt(), 1e-6);
    assert_close("degrees of freedom", found.degrees_of_freedom, 4.0, 1e-4);

    let rows: Vec<SVector<f64, 4>> = y.as_slice().chunks(4).map(SVector::from_row_slice).collect();
    let intercept =
        MixedModel::new(ones::<4>(), ScalarMatrix::<1>::new(), ScalarMatrix::<4>::new());
    let panel = panel(intercept, &ones(), &rows);
    let fit = panel.fit().unwrap();
    assert_eq!(fit.outcome, Outcome::Converged, "{fit}");
    assert_all_close("estimates of a panel", &fit.params, &expected, tolerance);
    assert_height("panel", fit.log_likelihood, log_likelihood, tolerance);
    assert_close("mean", fit.beta[0], 6.0, 1e-12);
}

/// Balanced data of a ratio of 1e7 and 1e8: the first step may not lead to a variance of zero.
#[test]
fn large_ratios() {
    let model = balanced();
    let mut tally = Tally::default();
    for power in 6..=8 {
        for seed in 0..100 {
            let mut rng = StdRng::seed_from_u64(seed);
            let deviation = 10.0_f64.powf(0.5 * f64::from(power));
            let effects: [f64; 5] = core::array::from_fn(|_| rng.sample(StandardNormal));
            let y = SVector::<f64, 20>::from_fn(|row, _| {
                let e: f64 = rng.sample(StandardNormal);
                deviation * effects[row / 4] + e
            });
            let (expected, mean, log_likelihood) = closed_form(&y);
            let tolerance = digits(expected[0] / expected[1], f64::EPSILON);
            let fit = model.fit(&ones(), &y).unwrap();
            let holds = fit.outcome == Outcome::Converged
                && are_close(&fit.params, &expected, tolerance)
                && abs_diff_eq!(fit.log_likelihood, log_likelihood, epsilon = 20.0 * tolerance)
                && abs_diff_eq!(fit.beta[0], mean, epsilon = 1e-10 * expected[0].sqrt());
            tally.check(holds, || {
                format!(
                    "1e{power}, seed {seed}: {:?}, {:?} for {expected:?}",
                    fit.outcome, fit.params
                )
            });
        }
    }
    tally.finish(300);
}
