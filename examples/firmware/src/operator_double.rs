//! What are a covariance matrix and its gradient, in `f64`?
//!
//! V(θ) = Z G(θ) Zᵀ of four observations in three groups, with G = diag(e^2θ) and its three derivatives.

#![cfg_attr(target_os = "none", no_std)] // std on the host, where the program prints the same text
#![no_main]

mod board;

use core::hint::black_box;

use board::{finish, measure, print_bits};
use covprop::prelude::*;

type Matrix = SMatrix<f64, 4, 4>;

/// A constant in flash.
static MODEL: CovariancePropagation<DummyMatrix<4, 3>, DiagonalMatrix<3>> =
    CovariancePropagation::new(DummyMatrix::from_indices([0, 1, 2, 0]), DiagonalMatrix::new());

/// Writes V and its derivatives to memory of the caller.
#[inline(never)] // so that `measure` sees its stack
fn evaluate(theta: &[f64; 3], v: &mut Matrix, gradient: &mut [Matrix; 3]) {
    MODEL.value_and_gradient_into(theta, v, gradient);
}

/// The entry, which the start-up code calls.
#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    let theta = black_box([0.0, 0.5, 1.0]); // unknown to the compiler, as if measured
    let (mut v, mut gradient) = (Matrix::zeros(), [Matrix::zeros(); 3]);
    measure("operator-double f64", || evaluate(&theta, &mut v, &mut gradient));
    for x in v.iter().chain(gradient.iter().flat_map(|g| g.iter())) {
        print_bits("f64 ", x.to_bits(), 16);
    }
    // The third group has the variance e², whose derivative is 2 e².
    let [variance, derivative] = [v[(2, 2)], gradient[2][(2, 2)]];
    finish(
        (variance - 7.389_056_098_930_65).abs() < 1e-14
            && (derivative - 14.778_112_197_861_3).abs() < 1e-13,
    )
}

#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    board::exit(false)
}
