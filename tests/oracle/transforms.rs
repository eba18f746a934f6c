//! Transforms on grids, against the exact values of `transforms.json`.

use covprop::{Jet, Transform};
use serde_json::Value;

use crate::{cases, list, number, read};

/// One rounding of x, amplified by |x| T′(x)/T(x) ≤ 745 on these grids, and a few of T(x).
const FORWARD_TOLERANCE: f64 = 1e-13;
const DERIVATIVE_TOLERANCE: f64 = 1e-12;
/// Of 1 + |x|: the inverse of a T that is flat at x cannot be better than the y it is given.
const INVERSE_TOLERANCE: f64 = 1e-13;

pub(crate) struct TransformOracle {
    cases: std::vec::IntoIter<Value>,
}

fn numbers<'a>(case: &'a Value, key: &str) -> impl Iterator<Item = f64> + 'a {
    list(case, key).iter().map(number)
}

impl TransformOracle {
    pub(crate) fn check(&mut self, transform: &impl Transform) {
        let case = self.cases.next().expect("as many cases as transforms");
        let label = case["trans"].to_string();
        for (key, tolerance) in [("forward", FORWARD_TOLERANCE), ("grad", DERIVATIVE_TOLERANCE)] {
            let expected = numbers(&case, &format!("{key}_exact"));
            for (x, expected) in numbers(&case, "x").zip(expected) {
                let Jet { value: forward, first: derivative, .. } = transform.jet(x);
                let (both, alone) = match key {
                    "forward" => (forward, transform.forward(x)),
                    _ => (derivative, transform.derivative(x)),
                };
                assert_eq!(both.to_bits(), alone.to_bits(), "{label}: {key} at {x}");
                // Outside the domain neither is a number: 0⁻¹ is ∞ here and NaN there.
                let close = (both - expected).abs() <= tolerance * expected.abs()
                    || both == expected
                    || !both.is_finite() && !expected.is_finite();
                // Below the normal numbers only the absolute error is bounded; and where 60 digits
                // of 1 + x do not see x, the reference has 0.
                let tiny = (both - expected).abs() <= 4.0 * 5e-324
                    || expected == 0.0 && both.abs() < 1e-60;
                assert!(close || tiny, "{label}: {key}({x}) = {both:e}, not {expected:e}");
            }
        }
        for (y, reference) in numbers(&case, "y").zip(numbers(&case, "inverse")) {
            let ours = transform.inverse(y);
            let returns = |x: f64| (transform.forward(x) - y).abs() <= 1e-12 * (1.0 + y.abs());
            if let Some(x) = ours {
                assert!(x.is_finite() && returns(x), "{label}: {x} for {y}");
            }
            // The reference answers outside the codomain too, with a number that does not return.
            if reference.is_finite() && returns(reference) {
                let x = ours.unwrap_or_else(|| panic!("{label}: no inverse of {y}"));
                let error = (x - reference).abs() / (1.0 + reference.abs());
                assert!(error <= INVERSE_TOLERANCE, "{label}: {x} for {reference} at {y}");
            }
        }
    }
}

#[test]
fn transforms() {
    let cases = list(&read("transforms"), "cases").to_vec();
    let mut oracle = TransformOracle { cases: cases.into_iter() };
    cases::transforms(&mut oracle);
    assert!(oracle.cases.next().is_none());
}
