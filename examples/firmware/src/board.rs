//! The board below a program: start-up, text, the cost of a piece of work. On the host, the same names
//! print the same text, so that the bits of both can be compared.
#![allow(dead_code, unused_imports, reason = "each program uses a part of the board")]

#[cfg(target_os = "none")]
mod chip;
#[cfg(target_os = "none")]
mod controls;
#[cfg(not(target_os = "none"))]
mod host;
#[cfg(target_os = "none")]
mod measure;
#[cfg(target_os = "none")]
mod startup;

#[cfg(target_os = "none")]
pub use chip::{exit, print};
#[cfg(not(target_os = "none"))]
pub use host::{exit, measure, print, report};
#[cfg(target_os = "none")]
pub use measure::{measure, report};

/// Prints the stack of each measurement and ends the run.
pub fn finish(good: bool) -> ! {
    report();
    exit(good)
}

/// Prints a word in hexadecimal. The formatting of `core` would be more code than all the rest.
pub fn print_bits(name: &str, bits: u64, digits: u32) {
    // A negative control: every number is off by one unit in the last place.
    let bits = bits ^ u64::from(cfg!(feature = "fail-bits"));
    print(name);
    for place in (0..digits).rev() {
        let digit = ((bits >> (4 * place)) & 15) as usize;
        print("0123456789abcdef".get(digit..=digit).unwrap_or_default());
    }
    print("\n");
}

/// Prints a positive number with two decimals, by integers alone.
pub fn print_decimal(name: &str, number: f64) {
    let bits = number.to_bits();
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
