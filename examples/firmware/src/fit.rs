//! How much do batches differ? A fit by restricted maximum likelihood, with the least code.

#![cfg_attr(target_os = "none", no_std)] // std on the host, where the program prints the same text
#![no_main]

mod board;
mod meter;

use core::hint::black_box;

use board::{finish, measure, print_bits, print_decimal};
use covprop::operator::Sum;
use covprop::prelude::*;
use covprop::structure::EqualEntryMatrix;
use meter::{Meter, SAMPLES, YIELDS};

/// V = γ² J + σ² I; a constant in flash.
static MODEL: Marginal<Sum<EqualEntryMatrix<SAMPLES, SAMPLES>, ScalarMatrix<SAMPLES>>> =
    Marginal::new(Sum::new(EqualEntryMatrix::new(), ScalarMatrix::new()));

/// The entry, which the start-up code calls.
#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    let mut meter = Meter::new(MODEL);
    let variances = measure("fit f64", || {
        let taken = black_box(&YIELDS).iter().all(|&reading| meter.take(reading));
        meter.variances().filter(|_| taken)
    });
    let Some([between, within]) = variances else { finish(false) };
    print_bits("f64 ", between.to_bits(), 16);
    print_bits("f64 ", within.to_bits(), 16);
    print_decimal("variance between batches ", between);
    print_decimal("variance within          ", within);
    // Box & Tiao 1973, section 5.1: by analysis of variance, with which REML agrees for such data.
    finish((between - 1764.05).abs() < 1e-6 && (within - 2451.25).abs() < 1e-6)
}

#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    board::exit(false)
}
