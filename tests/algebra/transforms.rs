//! Transforms beyond the grids of the oracle: rescaling, and values near the ends of a codomain.

use approx::{abs_diff_eq, assert_abs_diff_eq};
use covprop::algebra::{ParamMatrixExt, Real};
use covprop::structure::ScalarMatrix;
use covprop::transform::{
    Chain, Exp, Exp2, Exp10, ExpPow2, Identity, Pow, ScaleShift, Sigmoid, Transform,
};

/// Roundings of x, each amplified by |x| T′(x)/T(x) ≤ 40 at these x, and a few of T.
const ROUNDINGS: f64 = 120.0;

/// T(x′) is factor · T(x), and x′ is of the sign that it should have.
fn check_rescale<T: Real>(name: &str, transform: &impl Transform, xs: &[f64]) {
    for &x in xs {
        for factor in [1.0, 2.0, 0.25, 3.7, 1e-6, 1e6].map(nalgebra::convert::<f64, T>) {
            let x: T = nalgebra::convert(x);
            let moved = transform.rescale(x, factor).unwrap_or_else(|| panic!("{name}: {x}"));
            let (found, expected) = (transform.forward(moved), transform.forward(x) * factor);
            let tolerance = T::default_epsilon() * nalgebra::convert(ROUNDINGS) * expected.abs();
            assert!(
                abs_diff_eq!(found, expected, epsilon = tolerance),
                "{name}: {found} for {expected} = {factor} T({x})"
            );
            let back = transform.rescale(moved, T::one() / factor).unwrap();
            let tolerance = T::default_epsilon() * nalgebra::convert(ROUNDINGS);
            assert!(
                abs_diff_eq!(back, x, epsilon = tolerance * x.abs().max(T::one())),
                "{name}: {back} {x}"
            );
        }
        for infinite in [f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(transform.rescale(infinite, 2.0), Some(infinite), "{name}");
        }
    }
}

/// A transform that overrides nothing: sinh.
struct Sinh;

impl Transform for Sinh {
    fn forward<T: Real>(&self, x: T) -> T {
        x.sinh()
    }

    fn derivative<T: Real>(&self, x: T) -> T {
        x.cosh()
    }

    fn inverse<T: Real>(&self, y: T) -> Option<T> {
        Some(y.asinh())
    }
}

#[test]
fn a_rescaled_parameter_is_the_multiple() {
    fn check<T: Real>() {
        let signed = [-20.0, -3.0, -0.5, 0.0, 0.75, 1.0, 20.0];
        let positive = [0.5, 1.0, 20.0];
        check_rescale::<T>("Identity", &Identity, &signed);
        check_rescale::<T>("Exp", &Exp, &signed);
        check_rescale::<T>("Exp2", &Exp2, &signed);
        check_rescale::<T>("Exp10", &Exp10, &signed);
        check_rescale::<T>("ExpPow2", &ExpPow2, &signed);
        check_rescale::<T>("&ExpPow2", &&ExpPow2, &signed);
        check_rescale::<T>("ScaleShift", &ScaleShift::new(-3.0, 0.0), &signed);
        for p in [1.0, 2.0, 3.0, -1.0] {
            let signed = if p < 0.0 { &[-3.0, 0.75, 20.0] } else { &signed[..] };
            check_rescale::<T>("Pow", &Pow::new(p), signed);
        }
        check_rescale::<T>("Pow 1.5", &Pow::new(1.5), &positive);
        check_rescale::<T>("Pow 1/2", &Pow::new(0.5), &positive);
        check_rescale::<T>("Sinh", &Sinh, &[-3.0, -0.5, 0.0, 0.75, 1.0]);
        check_rescale::<T>("2 eˣ", &Chain::new(Exp, ScaleShift::new(2.0, 0.0)), &signed);
        let shifted = Chain::new(ScaleShift::new(0.5, 1.0), Exp);
        check_rescale::<T>("exp(x/2 + 1)", &shifted, &signed);
        let square = Chain::new(ScaleShift::new(2.0, 0.0), Pow::new(2.0));
        check_rescale::<T>("(2x)²", &square, &[-3.0, -0.5, 0.0, 0.75, 1.0]);
    }
    check::<f64>();
    check::<f32>();
}

/// By a power of two to the bit where T is a power of 2 or of x.
#[test]
fn powers_of_two_rescale_exactly() {
    for k in -40..40 {
        let x = 0.7 + f64::from(k) * 0.3;
        let factor = 2.0_f64.powi(2 * k);
        assert_eq!(Exp2.rescale(1.5, factor), Some(1.5 + 2.0 * f64::from(k)));
        assert_eq!(Identity.rescale(x, factor), Some(x * factor));
        assert_eq!(Pow::new(2.0).rescale(-x, factor), Some(-x * 2.0_f64.powi(k)));
    }
}

#[test]
fn bounds_other_than_zero_do_not_rescale() {
    let rho = Chain::new(Sigmoid, ScaleShift::new(2.0, -1.0));
    let above_one = Chain::new(Exp, ScaleShift::new(1.0, 1.0));
    for x in [-2.0, 0.0, 2.0, f64::INFINITY] {
        assert_eq!(Sigmoid.rescale(x, 2.0), None);
        assert_eq!(rho.rescale(x, 0.5), None);
        assert_eq!(above_one.rescale(x, 0.5), None);
        assert_eq!(Pow::new(0.0).rescale(x, 0.5), None);
    }
    // A line reaches every multiple, but no x beyond the numbers.
    assert_eq!(ScaleShift::new(2.0, 4.0).rescale(1.0, 3.0), Some(7.0)); // 18 = 3 · 6
    assert_eq!(Identity.rescale(1e300, 1e300), None);
    assert_eq!(Exp.rescale(1.0, 0.0), None);
    assert_eq!(Exp.rescale(1.0, -1.0), None);
}

const CORRELATION: Chain<Sigmoid, ScaleShift> = Chain::new(Sigmoid, ScaleShift::new(2.0, -1.0));

/// Values of mpmath 1.3 with 50 digits.
#[test]
fn correlations_near_their_ends() {
    /// Units in the last place.
    const ULPS: f64 = 2.0 * f64::EPSILON;
    for (y, x) in [
        (1e-300_f64, 2e-300_f64),
        (1e-17, 2e-17),
        (0.5, 1.098_612_288_668_109_8),
        (0.999, 7.600_402_334_500_399),
        (0.999_999_999_999_999, 35.232_723_172_900_826),
        (0.999_999_999_999_999_9, 37.429_947_750_237_05),
    ] {
        for (y, x) in [(y, x), (-y, -x)] {
            let found: f64 = CORRELATION.inverse(y).unwrap();
            assert!(abs_diff_eq!(found, x, epsilon = ULPS * x.abs()), "{found} for {x} at {y}");
            let again = CORRELATION.forward(found);
            assert_abs_diff_eq!(again, y, epsilon = ULPS * y.abs());
        }
    }
    for (x, y) in [
        (1.0, 0.462_117_157_260_009_74_f64),
        (1.5, 0.635_148_952_387_287_3),
        (5.0, 0.986_614_298_151_430_3),
        (20.0, 0.999_999_995_877_692_7),
        (36.0, 0.999_999_999_999_999_6),
        (37.0, 0.999_999_999_999_999_8),
        (37.4, 0.999_999_999_999_999_9),
    ] {
        for (x, y) in [(x, y), (-x, -y)] {
            let found: f64 = CORRELATION.forward(x);
            assert!(abs_diff_eq!(found, y, epsilon = ULPS * y.abs()), "{found} for {y} at {x}");
        }
    }
    // The largest `f32` below 1.
    let y = 1.0 - f32::EPSILON / 2.0;
    for y in [y, -y] {
        assert_eq!(CORRELATION.forward(CORRELATION.inverse(y).unwrap()), y);
    }
}

/// A variance from elsewhere: no nearer than θ = x is to its neighbours, |x| ln b roundings of bˣ.
#[test]
fn variances_of_any_size() {
    fn check<T: Real>(transform: impl Transform, ln_base: f64, exponent: i32) {
        let y: T = nalgebra::convert(10.0_f64.powi(exponent) * 1.7);
        let of = ScalarMatrix::<1>::new().with_transform(transform);
        let [x] = of.theta_from_params(&[y]).unwrap();
        let [again] = of.params(&[x]);
        let rounding = nalgebra::convert::<_, T>(ln_base) * x.abs() * nalgebra::convert(0.5);
        let tolerance = T::default_epsilon() * (rounding + nalgebra::convert(2.0)) * y;
        assert!(abs_diff_eq!(again, y, epsilon = tolerance), "{again} for {y} by {x}");
    }
    for exponent in -300..=300 {
        check::<f64>(Exp, 1.0, exponent);
        check::<f64>(Exp2, 2.0_f64.ln(), exponent);
        check::<f64>(Exp10, 10.0_f64.ln(), exponent);
        check::<f64>(ExpPow2, 2.0, exponent);
        check::<f64>(Pow::new(2.0), 0.0, exponent);
        check::<f64>(Pow::new(3.0), 0.0, exponent);
    }
    for exponent in -37..=37 {
        check::<f32>(Exp, 1.0, exponent);
        check::<f32>(Exp2, 2.0_f64.ln(), exponent);
        check::<f32>(Exp10, 10.0_f64.ln(), exponent);
        check::<f32>(ExpPow2, 2.0, exponent);
        check::<f32>(Pow::new(2.0), 0.0, exponent);
        check::<f32>(Pow::new(3.0), 0.0, exponent);
    }
}
