//! Tails and quantiles against values that mpmath computed to 40 digits (`tests/data/distribution.csv`, first 20).

use approx::{abs_diff_eq, assert_abs_diff_eq, relative_eq};
use covprop::inference::distribution::*;

#[test]
fn tails_and_quantiles() {
    let mut lines = 0;
    for record in csv::Reader::from_path("tests/data/distribution.csv").unwrap().records() {
        let record = record.unwrap();
        let number = |i: usize| record[i].parse::<f64>().unwrap_or(f64::INFINITY);
        let (x, nu) = (number(1), number(2));
        let value = match &record[0] {
            "t_tail" => t_tail(x, nu),
            "t_quantile" => t_quantile(x, nu),
            "f_tail" => f_tail(x, nu, number(3)),
            "chi_squared_tail" => chi_squared_tail(x, nu),
            other => panic!("no function {other}"),
        };
        // The logarithm of Γ(ν/2), which is subtracted, loses as many digits as ν has.
        let largest = if number(3).is_finite() { nu.max(number(3)) } else { nu };
        let tolerance = if largest <= 1e4 { 2e-11 } else { 1e-7 };
        let expected = number(4);
        assert!(abs_diff_eq!(value / expected, 1.0, epsilon = tolerance), "{record:?}: {value}");
        lines += 1;
    }
    assert!(lines > 200);
}

/// mpmath 1.3.
#[test]
fn normal_tails() {
    for (z, tail) in [
        (0.1, 0.460_172_162_722_971),
        (2.0, 0.022_750_131_948_179_2),
        (5.0, 2.866_515_718_791_939e-7),
        (10.0, 7.619_853_024_160_526e-24),
        (30.0, 4.906_713_927_148_187e-198),
    ] {
        // The rounding of z, times z².
        assert!(abs_diff_eq!(normal_tail(z) / tail, 1.0, epsilon = 2e-16 * (2.0 + z * z)), "{z}");
        assert!(abs_diff_eq!(normal_tail(-z), 1.0 - tail, epsilon = 1e-15), "{z}");
    }
}

#[test]
fn quantiles_are_inverses() {
    for nu in [0.7, 1.0, 3.5, 30.0, 4e4, 5e8, f64::INFINITY] {
        for p in [1e-9, 0.01, 0.3, 0.5, 0.9, 0.975, 0.999_999] {
            let t = t_quantile(p, nu);
            assert!(
                relative_eq!(t_tail(-t, nu), p, epsilon = 0.0, max_relative = 1e-7),
                "{nu} {p}: {t}"
            );
            if nu < 1e4 {
                let x = chi_squared_quantile(p, nu);
                let back = 1.0 - chi_squared_tail(x, nu);
                assert!(abs_diff_eq!(back, p, epsilon = 1e-12), "{nu} {p}: {back}");
            }
        }
    }
}

#[test]
fn what_is_none_gives_no_number() {
    let numbers =
        [f64::NAN, f64::NEG_INFINITY, -1.0, 0.0, 1e-300, 0.3, 5.0, 1e12, 1e308, f64::INFINITY];
    for a in numbers {
        for b in numbers {
            for x in [t_tail(a, b), chi_squared_tail(a, b)] {
                assert!(x.is_nan() || (0.0..=1.0).contains(&x), "{a} {b}: {x}");
            }
            // Whatever they are, they are no panics.
            let _ = (t_quantile(a, b), chi_squared_quantile(a, b));
            for c in numbers {
                let x = f_tail(a, b, c);
                assert!(x.is_nan() || (0.0..=1.0).contains(&x), "{a} {b} {c}: {x}");
            }
        }
        assert!(t_tail(f64::NAN, a).is_nan() && f_tail(f64::NAN, 1.0, a).is_nan());
        assert!(
            chi_squared_tail(f64::NAN, a).is_nan() && chi_squared_tail(1.0, f64::INFINITY).is_nan()
        );
    }
    assert_eq!(chi_squared_quantile(0.0, 1.0), 0.0);
    assert_abs_diff_eq!(chi_squared_tail(1e-12, 1.0), 1.0 - 7.978_845_608e-7, epsilon = 1e-15);
    assert_eq!(f_tail(1e308, 3.0, 3.0), 0.0);
    assert!(t_tail(1.0, 0.0).is_nan() && t_tail(1.0, -2.0).is_nan());
    assert!(t_quantile(1.5, 3.0).is_nan() && t_quantile(0.5, f64::NAN).is_nan());
    assert!(f_tail(1.0, -1.0, 3.0).is_nan() && chi_squared_quantile(0.5, -1.0).is_nan());
    assert_eq!((t_quantile(0.0, 3.0), t_quantile(1.0, 3.0)), (f64::NEG_INFINITY, f64::INFINITY));
    assert_eq!((f_tail(0.0, 2.0, 3.0), chi_squared_tail(-1.0, 3.0)), (1.0, 1.0));
}
