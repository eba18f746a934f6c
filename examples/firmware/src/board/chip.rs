//! A bare chip: text and exit by semihosting ("Semihosting for AArch32 and AArch64", Arm; "RISC-V
//! Semihosting"), which a program on a board of its own replaces by its serial port.

use core::arch::asm;

/// Prints the text up to a zero byte.
const WRITE0: usize = 0x04;
/// Ends the run, successfully with `STOPPED`.
const EXIT: usize = 0x18;
const STOPPED: usize = 0x2_0026;
const FAILED: usize = 0x2_0023;

#[cfg(target_arch = "arm")]
fn semihosting(operation: usize, argument: usize) {
    // Safety: the debugger, QEMU here, answers the breakpoint and changes only r0.
    unsafe {
        asm!("bkpt 0xab", inlateout("r0") operation => _, in("r1") argument, options(nostack, preserves_flags));
    }
}

#[cfg(target_arch = "riscv32")]
fn semihosting(operation: usize, argument: usize) {
    // Safety: as above; the three instructions are uncompressed and in one page.
    unsafe {
        asm!(
            ".balign 16",
            ".option push",
            ".option norvc",
            "slli x0, x0, 0x1f",
            "ebreak",
            "srai x0, x0, 7",
            ".option pop",
            inlateout("a0") operation => _,
            in("a1") argument,
            options(nostack)
        );
    }
}

pub fn print(text: &str) {
    for part in text.as_bytes().chunks(31) {
        let mut buffer = [0; 32];
        for (to, from) in buffer.iter_mut().zip(part) {
            *to = *from;
        }
        semihosting(WRITE0, buffer.as_ptr() as usize);
    }
}

pub fn exit(good: bool) -> ! {
    semihosting(EXIT, if good { STOPPED } else { FAILED });
    loop {}
}
