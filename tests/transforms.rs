//! Transforms beyond the grids of the oracle: rescaling, and values near the ends of a codomain.

use covprop::{
    Chain, Exp, Exp2, Exp10, ExpPow2, Identity, Pow, Real, ScaleShift, Sigmoid, Transform,
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
                (found - expected).abs() <= tolerance,
                "{name}: {found} for {expected} = {factor} T({x})"
            );
            let back = transform.rescale(moved, T::one() / factor).unwrap();
            let tolerance = T::default_epsilon() * nalgebra::convert(ROUNDINGS);
            assert!((back - x).abs() <= tolerance * x.abs().max(T::one()), "{name}: {back} {x}");
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
