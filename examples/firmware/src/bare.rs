//! What does a program cost that only starts and prints? The other programs are measured against it.

#![cfg_attr(target_os = "none", no_std)] // std on the host, where the program prints the same text
#![no_main]

mod board;

use core::hint::black_box;

use board::{finish, print_bits, print_decimal};

/// The entry, which the start-up code calls.
#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    print_bits("bits ", black_box(0), 8);
    print_decimal("decimal ", black_box(0.0));
    finish(true)
}

#[cfg(target_os = "none")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    board::exit(false)
}
