//! How uncertain is a position after the next step of a Kalman filter?
//!
//! P ← F P Fᵀ + Q(θ) of a position and a velocity with ∂P/∂θ, in `f32`.

#![cfg_attr(target_os = "none", no_std)] // std on the host, where the program prints the same text
#![no_main]

mod board;

use core::hint::black_box;

use board::{finish, measure, print_bits};
use covprop::kalman::CovarianceRecursion;
use covprop::prelude::*;

type Noise = CovariancePropagation<SMatrix<f32, 2, 1>, ScalarMatrix<1>>;
type Tracker = StateSpace<SMatrix<f32, 2, 2>, SMatrix<f32, 1, 2>, Noise, ScalarMatrix<1>>;

/// Steps of 0.1 s, in m and m/s; a constant in flash.
static MODEL: Tracker = StateSpace::new(
    matrix![1.0, 0.1; 0.0, 1.0],
    matrix![1.0, 0.0],
    CovariancePropagation::new(vector![0.005, 0.1], ScalarMatrix::new()),
    ScalarMatrix::new(),
);

#[inline(never)] // so that `measure` sees its stack
fn step(recursion: &mut CovarianceRecursion<Tracker, f32, 2, 1>) -> bool {
    recursion.predict().is_ok()
}

/// The entry, which the start-up code calls.
#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    let theta = black_box([0.5, 0.0]); // unknown to the compiler, as if measured
    let p = matrix![4.0, 0.5; 0.5, 1.0];
    let Ok(mut recursion) = MODEL.covariance_recursion(&theta, &p) else { finish(false) };
    let stepped = measure("recursion f32", || step(&mut recursion));
    for x in recursion.covariance().iter() {
        print_bits("P   ", u64::from(x.to_bits()), 8);
    }
    for x in recursion.gradient().iter().flat_map(|g| g.iter()) {
        print_bits("dP  ", u64::from(x.to_bits()), 8);
    }
    // 4 + 2 · 0.1 · 0.5 + 0.01 · 1 + 0.005² e
    finish(stepped && (recursion.covariance()[(0, 0)] - 4.110_068).abs() < 1e-5)
}

#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    board::exit(false)
}
