//! Cases on which searches for a maximum went wrong, with their right values: found by other software or in closed form, never
//! by this library (`tests/data/search`).

mod checker;
mod claims;
mod cone;
mod confounded;
mod level;
mod limits;
mod ratios;
mod roots;
mod several;
mod singular;
mod slow;
mod units;
mod vanishing;
mod zeros;

use std::path::Path;

use approx::abs_diff_eq;
use covprop::prelude::*;
use serde_json::Value;

/// Of log-likelihoods, relative to max(1, |ℓ|).
const LOG_LIKELIHOOD: f64 = 1e-9;
/// Of estimates, relative.
const ESTIMATE: f64 = 1e-7;
/// Of the limit of a log-likelihood, relative to max(1, |ℓ|).
const LIMIT: f64 = 1e-6;
/// More steps than any search needs that ends at a limit.
const STEPS: usize = 40;

/// A file in `tests/data/search`.
fn read(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/search").join(file);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn vector<const N: usize>(value: &Value) -> SVector<f64, N> {
    SVector::from_row_slice(&numbers(value))
}

/// The responses of all subjects.
fn responses<const N: usize>(value: &Value) -> Vec<SVector<f64, N>> {
    value.as_array().unwrap().iter().map(vector).collect()
}

fn ones<const N: usize>() -> SVector<f64, N> {
    SVector::repeat(1.0)
}

/// \[1 t\] for t = 0, 1, …
fn line<const N: usize>() -> SMatrix<f64, N, 2> {
    SMatrix::from_fn(|row, col| if col == 0 { 1.0 } else { row as f64 })
}

fn panel<M: Model<Covariance: ParamMatrix<f64, N, N>>, const N: usize, const K: usize>(
    model: M,
    x: &SMatrix<f64, N, K>,
    responses: &[SVector<f64, N>],
) -> Panel<M, f64, N, K> {
    let mut panel = Panel::new(model);
    assert_eq!(panel.extend(responses.iter().map(|y| (*x, *y))), Ok(responses.len()));
    panel
}

#[track_caller]
fn assert_close(what: &str, found: f64, expected: f64, tolerance: f64) {
    let near = abs_diff_eq!(found, expected, epsilon = tolerance * expected.abs());
    assert!(near, "{what}: {found:e} is not {expected:e}");
}

#[track_caller]
fn assert_all_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (k, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        assert_close(&format!("{what}, {k}"), found, expected, tolerance);
    }
}

/// ℓ within `tolerance` max(1, |ℓ|).
#[track_caller]
fn assert_height(what: &str, found: f64, expected: f64, tolerance: f64) {
    let near = abs_diff_eq!(found, expected, epsilon = tolerance * expected.abs().max(1.0));
    assert!(near, "{what}: ℓ = {found} is not {expected}");
}

/// All failures of many cases at once, so that one run shows how many there are.
#[derive(Default)]
struct Tally {
    cases: usize,
    failures: Vec<String>,
}

impl Tally {
    fn check(&mut self, holds: bool, describe: impl FnOnce() -> String) {
        self.cases += 1;
        if !holds {
            self.failures.push(describe());
        }
    }

    /// Checks that the cases that are still open fail, and no others: one that starts to hold is to be taken off the list.
    #[track_caller]
    fn finish_with_open(mut self, least: usize, open: &[&str]) {
        for case in open {
            let place = self.failures.iter().position(|failure| failure.starts_with(case));
            let place = place.unwrap_or_else(|| panic!("{case} holds now"));
            self.failures.remove(place);
        }
        self.finish(least);
    }

    #[track_caller]
    fn finish(self, least: usize) {
        assert!(self.cases >= least, "only {} cases", self.cases);
        let (failed, all) = (self.failures.len(), self.cases);
        let first: Vec<String> = self.failures.into_iter().take(12).collect();
        assert!(failed == 0, "{failed} of {all} failed, the first:\n{}", first.join("\n"));
    }
}

/// Is ℓ that of the right maximum?
fn is_height(found: f64, expected: f64) -> bool {
    abs_diff_eq!(found, expected, epsilon = LOG_LIKELIHOOD * expected.abs().max(1.0))
}

/// Are all numbers the right ones?
fn are_close(found: &[f64], expected: &[f64], tolerance: f64) -> bool {
    found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|(x, y)| abs_diff_eq!(x, y, epsilon = tolerance * y.abs()))
}
