//! Are the sums of a panel the same for any order of the batches? Their bytes, and a fit from them.

#![cfg_attr(target_os = "none", no_std)] // std on the host, where the program prints the same text
#![no_main]

mod board;
#[expect(dead_code, reason = "only the readings are used")]
mod meter;

use core::hint::black_box;

use board::{finish, measure, print_bits};
use covprop::Error;
use covprop::prelude::*;
use covprop::reml::ReproducibleAccumulator;
use meter::{ONES, SAMPLES, YIELDS};

type Sums = ReproducibleAccumulator<f64, SAMPLES, 1>;

static MODEL: Marginal<CompoundSymmetricMatrix<SAMPLES>> =
    Marginal::new(CompoundSymmetricMatrix::new());

/// The hash of the bytes of the sums in `tests/estimation/reproducible.rs`.
const OF_STATE: u64 = 1_217_074_033_153_245_197;

/// The sums over the batches in the order of `places`.
fn sums(places: impl Iterator<Item = usize>) -> Result<Sums, Error> {
    let mut sums = Sums::new();
    for batch in places.filter_map(|place| YIELDS.chunks_exact(SAMPLES).nth(place)) {
        let mut y = SVector::<f64, SAMPLES>::zeros();
        for (y, &reading) in y.iter_mut().zip(black_box(batch)) {
            *y = f64::from(reading);
        }
        sums.push(&ONES, &y)?;
    }
    Ok(sums)
}

/// The hash of Fowler, Noll and Vo, FNV-1a with 64 bits.
fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[inline(never)]
fn states() -> Result<[u64; 2], Error> {
    let mut bytes = [0; Sums::BYTES];
    sums(0..6)?.write_bytes(&mut bytes)?;
    let first = hash(&bytes);
    let mut parts = sums([5, 2].into_iter())?;
    parts.merge(&sums([4, 0, 3, 1].into_iter())?)?;
    parts.write_bytes(&mut bytes)?;
    Ok([first, hash(&bytes)])
}

#[inline(never)]
fn estimates() -> Result<[f64; 2], Error> {
    let accumulator = sums((0..6).rev())?.to_accumulator()?;
    Ok(Panel::from_accumulator(MODEL, accumulator).fit()?.params)
}

/// The entry, which the start-up code calls.
#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    let found = measure("reproducible f64", || (states(), estimates()));
    let (Ok([state, other]), Ok([total, correlation])) = found else { finish(false) };
    print_bits("state ", state, 16);
    print_bits("state ", other, 16);
    print_bits("f64 ", total.to_bits(), 16);
    print_bits("f64 ", correlation.to_bits(), 16);
    let is_right = (total * correlation - 1764.05).abs() < 1e-6;
    finish(state == OF_STATE && other == OF_STATE && is_right)
}

#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    board::exit(false)
}
