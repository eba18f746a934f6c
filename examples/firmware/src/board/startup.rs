//! Start-up: vectors, static data, the floating-point unit, then the program. On a board of its own, a
//! crate such as cortex-m-rt or riscv-rt takes the place of this file.

use core::arch::{asm, global_asm};
use core::ptr::{read_volatile, write_volatile};

use super::chip::{exit, print};

#[unsafe(no_mangle)]
extern "C" fn fault_handler() -> ! {
    print("fault\n");
    exit(false)
}

/// After the static data are in place.
#[unsafe(no_mangle)]
extern "C" fn start() -> ! {
    #[cfg(target_abi = "eabihf")]
    // Safety: gives access to the floating-point unit (CPACR), before its first instruction.
    unsafe {
        let access = 0xe000_ed88 as *mut u32;
        write_volatile(access, read_volatile(access) | 0xf << 20);
        asm!("dsb", "isb");
    }
    run()
}

/// Runs the program. It is not inlined, so that no register of the floating-point unit is saved before
/// the unit is on.
#[inline(never)]
fn run() -> ! {
    super::controls::run();
    super::measure::calibrate();
    crate::main()
}

#[cfg(target_arch = "arm")]
global_asm!(
    ".syntax unified",
    ".thumb",
    ".section .vectors, \"a\"",
    ".globl vectors",
    "vectors:",
    ".word stack_start",
    ".word reset",
    ".rept 14",
    ".word fault_handler",
    ".endr",
    ".section .text.reset, \"ax\"",
    ".thumb_func",
    ".globl reset",
    "reset:",
    "ldr r0, =data_load",
    "ldr r1, =data_start",
    "ldr r2, =data_end",
    "1: cmp r1, r2",
    "bcs 2f",
    "ldr r3, [r0]",
    "str r3, [r1]",
    "adds r0, #4",
    "adds r1, #4",
    "b 1b",
    "2: ldr r1, =bss_start",
    "ldr r2, =bss_end",
    "movs r3, #0",
    "3: cmp r1, r2",
    "bcs 4f",
    "str r3, [r1]",
    "adds r1, #4",
    "b 3b",
    "4: bl start",
    "5: b 5b",
    ".pool",
);

#[cfg(target_arch = "riscv32")]
global_asm!(
    ".section .init, \"ax\"",
    ".globl _start",
    "_start:",
    ".option push",
    ".option norelax",
    "la gp, __global_pointer$",
    ".option pop",
    "la sp, stack_start",
    "la t0, trap",
    "csrw mtvec, t0",
    "la t0, bss_start",
    "la t1, bss_end",
    "1: bgeu t0, t1, 2f",
    "sw zero, 0(t0)",
    "addi t0, t0, 4",
    "j 1b",
    "2: call start",
    "3: j 3b",
    ".balign 4",
    "trap: j fault_handler",
);
