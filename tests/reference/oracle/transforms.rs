//! Transforms on grids, against the exact values of `transforms.json`.

use approx::{abs_diff_eq, assert_abs_diff_eq};
use covprop::transform::{Chain, Jet, Pow, ScaleShift, Sigmoid, Transform};
use serde_json::Value;

use super::{cases, list, number, read};

/// One rounding of x, amplified by |x| T′(x)/T(x) ≤ 745 on these grids, and a few of T(x).
const FORWARD_TOLERANCE: f64 = 1e-13;
const DERIVATIVE_TOLERANCE: f64 = 1e-12;
/// Of 1 + |x|: the reference inverts a scaled sigmoid through (y + 1)/2, which rounds away 1e-16 of the
/// distance from 1; at y = 0.999999 that is 1e-10 of it, and of x 1e-11.
const INVERSE_TOLERANCE: f64 = 1e-11;

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
                let close = abs_diff_eq!(both, expected, epsilon = tolerance * expected.abs())
                    || both == expected
                    || !both.is_finite() && !expected.is_finite();
                // Below the normal numbers only the absolute error is bounded; and where 60 digits
                // of 1 + x do not see x, the reference has 0.
                let tiny = abs_diff_eq!(both, expected, epsilon = 4.0 * 5e-324)
                    || expected == 0.0 && both.abs() < 1e-60;
                assert!(close || tiny, "{label}: {key}({x}) = {both:e}, not {expected:e}");
            }
        }
        for (y, reference) in numbers(&case, "y").zip(numbers(&case, "inverse")) {
            let ours = transform.inverse(y);
            let returns =
                |x: f64| abs_diff_eq!(transform.forward(x), y, epsilon = 1e-12 * (1.0 + y.abs()));
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

/// Onto any interval, near either end and about its middle, in both precisions.
#[test]
fn scaled_sigmoids_keep_their_digits() {
    for (a, b) in [(2.0, 0.0), (3.0, -3.0), (2.0, -1.0), (1.5, -0.5), (0.5, 10.0)] {
        let onto = Chain::new(Sigmoid, ScaleShift::new(a, b));
        for x in [1e-17_f64, 1e-10, 0.1, 1.0, 5.0, 20.0, 30.0, 40.0, 600.0] {
            for x in [x, -x] {
                // e^−|x| has no cancellation: the distance from the nearer end.
                let s = (-x.abs()).exp() / (1.0 + (-x.abs()).exp());
                let expected = if b + a / 2.0 == 0.0 {
                    a / 2.0 * (x / 2.0).tanh()
                } else if x < 0.0 {
                    b + a * s
                } else {
                    a + b - a * s
                };
                let y = onto.forward(x);
                assert!(
                    abs_diff_eq!(y, expected, epsilon = 1e-15 * expected.abs()),
                    "{a} {b} {x}: {y}"
                );
                let single: f32 = onto.forward(nalgebra::convert(x));
                let expected: f32 = nalgebra::convert(expected);
                assert!(
                    abs_diff_eq!(single, expected, epsilon = 1e-5 * expected.abs()),
                    "{a} {b} {x}: {single}"
                );
            }
        }
    }
    let rho = Chain::new(Sigmoid, ScaleShift::new(2.0, -1.0));
    for x in [1e-17_f64, 1e-10, -1e-3, 0.5, -7.0] {
        let returned = rho.inverse(rho.forward(x)).unwrap();
        assert_abs_diff_eq!(returned, x, epsilon = 1e-12 * x.abs());
    }
    assert_eq!((rho.inverse(1.0), rho.inverse(-1.5)), (None, None));
}

#[test]
fn powers_at_zero() {
    assert_eq!(Pow::new(0.0).jet(0.0), Jet { value: 1.0, first: 0.0, second: 0.0 });
    assert_eq!(Pow::new(1.0).jet(0.0), Jet { value: 0.0, first: 1.0, second: 0.0 });
    assert_eq!(Pow::default().jet(0.0), Jet { value: 0.0, first: 0.0, second: 2.0 });
    assert_eq!(Pow::new(0.0).inverse(0.5), None);
    assert_eq!(Pow::new(3.0).inverse(-8.0), Some(-2.0));
}
