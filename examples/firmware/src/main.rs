//! A covariance and its gradient, a step of a Kalman filter's covariance and a fit by restricted maximum likelihood, on
//! a microcontroller. `run.sh` builds it, runs it and checks it.

#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod board;
#[cfg(not(target_os = "none"))]
#[path = "host.rs"]
mod board;
#[cfg(any(
    feature = "operator",
    feature = "operator-double",
    feature = "recursion",
    feature = "fit",
    feature = "fit-mixed"
))]
mod work;

#[allow(unused_imports, reason = "less is printed of less")]
use board::{exit, measure, print};
#[allow(unused_imports, reason = "less is printed of less")]
use core::hint::black_box;
#[cfg(any(feature = "fit", feature = "fit-mixed"))]
use covprop::{Model, ParamMatrix, Shape, typenum::U2};

/// Prints a word in hexadecimal; formatting would be more code than all the rest.
#[allow(dead_code, reason = "less is printed of less")]
fn print_bits(name: &str, bits: u64, digits: u32) {
    print(name);
    for place in (0..digits).rev() {
        let digit = ((bits >> (4 * place)) & 15) as usize;
        print("0123456789abcdef".get(digit..=digit).unwrap_or_default());
    }
    print("\n");
}

/// A positive number with two decimals, by integers alone.
#[allow(dead_code, reason = "less is printed of less")]
fn print_decimal(name: &str, bits: u64) {
    print(name);
    let mantissa = bits & ((1 << 52) - 1) | 1 << 52;
    let shift = 1074_u64.saturating_sub(bits >> 52);
    let twice = u32::try_from(shift).ok().and_then(|shift| (mantissa * 100).checked_shr(shift));
    let mut rest = u32::try_from(twice.unwrap_or(0).div_ceil(2)).unwrap_or(u32::MAX);
    let mut place = 10_000_000;
    while place > 0 {
        let digit = (rest / place) as usize;
        rest %= place;
        if place == 10 {
            print(".");
        }
        print("0123456789".get(digit..=digit).unwrap_or_default());
        place /= 10;
    }
    print("\n");
}

#[cfg(feature = "operator")]
fn operator() -> bool {
    use work::operator::{Evaluated, evaluate};
    let theta = black_box([0.0_f32, 0.5, 1.0]);
    let mut out = Evaluated::zeros();
    measure("operator f32", || evaluate(&theta, &mut out));
    for x in out.value.iter().chain(out.gradient.iter().flat_map(|g| g.iter())) {
        print_bits("f32 ", u64::from(x.to_bits()), 8);
    }
    // Observations 0 and 3 share the first group; the third group has the variance e².
    out.value[(0, 3)] == 1.0
        && out.value[(0, 1)] == 0.0
        && (out.value[(2, 2)] - 7.389_056).abs() < 1e-5
}

#[cfg(feature = "operator-double")]
fn operator_double() -> bool {
    use work::operator::{Evaluated, evaluate_double};
    #[cfg(not(feature = "fail-bits"))]
    let theta = black_box([0.0_f64, 0.5, 1.0]);
    #[cfg(feature = "fail-bits")]
    let theta = black_box([0.0_f64, 0.5, 1.0 + f64::EPSILON]);
    let mut out = Evaluated::zeros();
    measure("operator-double f64", || evaluate_double(&theta, &mut out));
    for x in out.value.iter().chain(out.gradient.iter().flat_map(|g| g.iter())) {
        print_bits("f64 ", x.to_bits(), 16);
    }
    (out.value[(2, 2)] - 7.389_056_098_930_65).abs() < 1e-14
        && (out.gradient[2][(2, 2)] - 14.778_112_197_861_3).abs() < 1e-13
}

#[cfg(feature = "recursion")]
fn recursion() -> bool {
    let Some(mut recursion) = work::recursion::start(black_box([0.5, 0.0])) else { return false };
    let stepped = measure("recursion f32", || work::recursion::step(&mut recursion));
    for x in recursion.covariance().iter() {
        print_bits("P   ", u64::from(x.to_bits()), 8);
    }
    for x in recursion.gradient().iter().flat_map(|g| g.iter()) {
        print_bits("dP  ", u64::from(x.to_bits()), 8);
    }
    // 4 + 2 · 0.1 · 0.5 + 0.01 · 1 + 0.005² e
    stepped && (recursion.covariance()[(0, 0)] - 4.110_068).abs() < 1e-5
}

#[cfg(any(feature = "fit", feature = "fit-mixed"))]
fn fit<M>(part: &'static str, model: M) -> bool
where
    M: Model<Covariance: ParamMatrix<f64, 5, 5> + Shape<Params = U2>>,
{
    let mut meter = work::fit::Meter::new(model);
    let variances = measure(part, || {
        let taken = black_box(&work::fit::YIELDS).iter().all(|&reading| meter.take(reading));
        meter.variances().filter(|_| taken)
    });
    let Some([between, within]) = variances else { return false };
    print_bits("f64 ", between.to_bits(), 16);
    print_bits("f64 ", within.to_bits(), 16);
    print_decimal("variance between batches ", between.to_bits());
    print_decimal("variance within          ", within.to_bits());
    // Box & Tiao 1973, section 5.1: by analysis of variance, which restricted likelihood gives for such data.
    (between - 1764.05).abs() < 1e-6 && (within - 2451.25).abs() < 1e-6
}

fn run() -> ! {
    #[cfg(feature = "fail-fault")]
    board::fault();
    #[cfg(feature = "fail-unwrap")]
    print(black_box(["no ", "such "]).get(black_box(2)).copied().unwrap());
    #[cfg(feature = "fail-allocation")]
    board::allocate();
    board::calibrate();
    #[allow(unused_mut, reason = "with less to do")]
    let mut good = true;
    #[cfg(feature = "operator")]
    {
        good &= operator();
    }
    #[cfg(feature = "operator-double")]
    {
        good &= operator_double();
    }
    #[cfg(feature = "recursion")]
    {
        good &= recursion();
    }
    #[cfg(feature = "fit")]
    {
        good &= fit("fit f64", work::fit::BATCHES);
    }
    #[cfg(feature = "fit-mixed")]
    {
        good &= fit("fit-mixed f64", work::fit::MIXED_BATCHES);
    }
    // What all of them print with, where there is nothing else.
    #[cfg(not(any(
        feature = "operator",
        feature = "operator-double",
        feature = "recursion",
        feature = "fit",
        feature = "fit-mixed"
    )))]
    {
        print_bits("bits ", black_box(0), 8);
        print_decimal("decimal ", black_box(0));
    }
    board::report();
    exit(good)
}

#[cfg(not(target_os = "none"))]
fn main() {
    run()
}
