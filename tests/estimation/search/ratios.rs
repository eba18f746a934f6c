//! No false zero: variances whose ratio is 1e-12 … 1e12, against estimates in 60 digits of the same doubles.

use approx::abs_diff_eq;
use covprop::prelude::*;

use super::zeros::{digits, one_way};
use super::*;

/// Beyond this part of an estimate there is none, and the outcome must say so.
const NO_DIGITS: f64 = 0.1;

fn groups(layout: &Value) -> [usize; 20] {
    let sizes = numbers(&layout["sizes"]);
    // The row after each group.
    let mut end = 0.0;
    let ends: Vec<f64> = sizes
        .iter()
        .map(|size| {
            end += size;
            end
        })
        .collect();
    core::array::from_fn(|row| ends.iter().filter(|&&end| end <= row as f64).count())
}

/// Checks all ratios of a layout by one criterion.
fn check(layout: &str, criterion: &str) {
    let mut tally = Tally::default();
    let file = read("ratios.json");
    let model = one_way(groups(&file[layout]));
    for case in file[layout]["cases"].as_array().unwrap() {
        let y = vector::<20>(&case["y"]);
        let right = &case[criterion];
        let expected = numbers(&right["params"]);
        let estimation = model.estimation(&ones(), &y).unwrap();
        let estimation =
            if criterion == "ml" { estimation.with_criterion(Criterion::Ml) } else { estimation };
        let fit = estimation.fit().unwrap();
        let k = &case["exponent"];
        let describe = || format!("1e{k}: {:?}, {:?} for {expected:?}", fit.outcome, fit.params);
        if expected[0] == 0.0 {
            let zero =
                fit.outcome == Outcome::Boundary([Some(Edge::Lower), None]) && fit.params[0] == 0.0;
            tally.check(zero && are_close(&fit.params[1..], &expected[1..], 1e-12), describe);
            continue;
        }
        let tolerance = digits(expected[0] / expected[1], f64::EPSILON);
        assert!(tolerance < NO_DIGITS);
        let height = (fit.log_likelihood - number(&right["log_likelihood"])).abs();
        let near = fit.outcome == Outcome::Converged
            && are_close(&fit.params, &expected, tolerance)
            && height <= 20.0 * tolerance.max(1e-12);
        tally.check(near, describe);
    }
    tally.finish(25);
}

#[test]
fn balanced_by_reml() {
    check("balanced", "reml");
}

#[test]
fn balanced_by_ml() {
    check("balanced", "ml");
}

#[test]
fn unbalanced_by_reml() {
    check("unbalanced", "reml");
}

#[test]
fn unbalanced_by_ml() {
    check("unbalanced", "ml");
}

/// Mean squares of balanced data in `f64`, which is exact enough for data in `f32`.
fn mean_squares(y: &SVector<f32, 20>) -> [f64; 2] {
    let y: Vec<f64> = y.iter().map(|&y| f64::from(y)).collect();
    let means: Vec<f64> = y.chunks(4).map(|group| group.iter().sum::<f64>() / 4.0).collect();
    let mean = means.iter().sum::<f64>() / 5.0;
    let between = means.iter().map(|m| (m - mean).powi(2)).sum::<f64>();
    let inside = |(group, m): (&[f64], &f64)| group.iter().map(|y| (y - m).powi(2)).sum::<f64>();
    let within = y.chunks(4).zip(&means).map(inside).sum::<f64>() / 15.0;
    [between, within]
}

/// In `f32`: within what digits allow, and beyond that a typed outcome, but never the zero of a variance that is not.
#[test]
fn single_precision() {
    let mut tally = Tally::default();
    let file = read("ratios.json");
    let model = one_way(groups(&file["balanced"]));
    for case in file["balanced"]["cases"].as_array().unwrap() {
        #[expect(clippy::cast_possible_truncation, reason = "the question")]
        let y = vector::<20>(&case["y"]).map(|y| y as f32);
        let [between, within] = mean_squares(&y);
        let expected = [(between - within) / 4.0, within];
        let ratio = expected[0] / expected[1];
        let k = case["exponent"].as_i64().unwrap();
        let fit = match model.fit(&SVector::<f32, 20>::repeat(1.0), &y) {
            Ok(fit) => fit,
            Err(error) => {
                tally.check(k.abs() > 4, || format!("1e{k}: {error}"));
                continue;
            }
        };
        let found = fit.params.map(f64::from);
        let describe = || format!("1e{k}: {:?}, {found:?} for {expected:?}", fit.outcome);
        let tolerance = digits(ratio.abs(), f64::from(f32::EPSILON));
        if ratio > 0.0 && tolerance < NO_DIGITS {
            tally.check(
                fit.outcome == Outcome::Converged && are_close(&found, &expected, tolerance),
                describe,
            );
        } else if k < 0 {
            // Of a variance between groups that rounding hides only its size is known; the other has all its digits.
            let hidden = found[0] <= 100.0 * 20.0 * f64::from(f32::EPSILON) * within;
            let known = abs_diff_eq!(found[1] / within, 1.0, epsilon = 0.1);
            tally.check(!fit.outcome.is_maximum() || hidden && known, describe);
        } else {
            // Where ℓ has too few digits for the variance within groups, no maximum is claimed, and the variance between
            // groups is not lost.
            let error = (found[0] / expected[0] - 1.0).abs();
            let known = error <= 1e-3 && (found[1] / within).ln().abs() <= 1.0;
            tally.check(known || !fit.outcome.is_maximum() && error <= 0.1, describe);
        }
    }
    tally.finish(25);
}
