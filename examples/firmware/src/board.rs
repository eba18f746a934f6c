//! What a program needs of a bare machine: start-up, semihosting, the stack that was used, an end for faults and panics.
//!
//! Semihosting: "Semihosting for AArch32 and AArch64", Arm; for RISC-V "RISC-V Semihosting". Instructions are counted from
//! outside, between two markers that do nothing and that no compiler writes.

use core::arch::{asm, global_asm};
use core::cell::UnsafeCell;
use core::ptr::{addr_of, addr_of_mut, read_volatile, write_volatile};

/// Prints the text up to a zero byte.
const WRITE0: usize = 0x04;
/// Ends the run: successfully by `STOPPED`.
const EXIT: usize = 0x18;
const STOPPED: usize = 0x2_0026;
const FAILED: usize = 0x2_0023;

#[cfg(target_arch = "arm")]
fn semihosting(operation: usize, argument: usize) {
    // Safety: the debugger, QEMU here, answers the breakpoint and changes r0 alone.
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

#[inline(always)]
fn mark_begin() {
    // Safety: the instruction does nothing.
    unsafe {
        #[cfg(target_arch = "arm")]
        asm!("mov r9, r9", options(nostack, preserves_flags));
        #[cfg(target_arch = "riscv32")]
        asm!("slti x0, x0, 0x101", options(nostack));
    }
}

#[inline(always)]
fn mark_end() {
    // Safety: the instruction does nothing.
    unsafe {
        #[cfg(target_arch = "arm")]
        asm!("mov r10, r10", options(nostack, preserves_flags));
        #[cfg(target_arch = "riscv32")]
        asm!("slti x0, x0, 0x102", options(nostack));
    }
}

/// 2000 instructions, by which the counter is known to count.
pub fn calibrate() {
    #[inline(never)]
    fn spin(turns: u32) {
        // Safety: a loop of two instructions.
        unsafe {
            #[cfg(target_arch = "arm")]
            asm!("1: subs {n}, #1", "bne 1b", n = inout(reg) turns => _, options(nomem, nostack));
            #[cfg(target_arch = "riscv32")]
            asm!("1: addi {n}, {n}, -1", "bnez {n}, 1b", n = inout(reg) turns => _, options(nomem, nostack));
        }
    }
    measure("calibration", || spin(1000));
}

unsafe extern "C" {
    /// Where the static data end, from the linker script.
    static mut stack_limit: u32;
}

/// What unused stack is filled with.
const PAINT: u32 = 0xa5a5_5a5a;

#[inline(always)]
fn stack_pointer() -> usize {
    let pointer;
    // Safety: reads a register.
    unsafe {
        #[cfg(target_arch = "arm")]
        asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags));
        #[cfg(target_arch = "riscv32")]
        asm!("mv {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags));
    }
    pointer
}

/// Paints the stack below this frame.
#[inline(always)]
fn paint() -> usize {
    let top = stack_pointer();
    // Safety: from the end of the static data to the stack pointer there is nothing.
    unsafe {
        let mut word = addr_of_mut!(stack_limit);
        while (word as usize) < top {
            write_volatile(word, PAINT);
            word = word.add(1);
        }
    }
    top
}

/// The bytes below `top` that are painted no more.
#[inline(always)]
fn used(top: usize) -> usize {
    // Safety: as above.
    unsafe {
        let mut word = addr_of!(stack_limit);
        while (word as usize) < top && read_volatile(word) == PAINT {
            word = word.add(1);
        }
        top - word as usize
    }
}

/// What was measured: names and bytes of stack.
struct Records(UnsafeCell<([(&'static str, usize); 8], usize)>);

// Safety: there is one thread, and no interrupt.
unsafe impl Sync for Records {}

static RECORDS: Records = Records(UnsafeCell::new(([("", 0); 8], 0)));

/// Does the work between markers, and keeps how much stack it needed.
#[inline(never)]
pub fn measure<R>(name: &'static str, work: impl FnOnce() -> R) -> R {
    let top = paint();
    mark_begin();
    let result = work();
    mark_end();
    let stack = used(top);
    // Safety: nobody else has it.
    let (records, count) = unsafe { &mut *RECORDS.0.get() };
    if let Some(record) = records.get_mut(*count) {
        *record = (name, stack);
        *count += 1;
    }
    result
}

/// Prints the records, in lines that begin with `#`.
pub fn report() {
    // Safety: nobody else has it.
    let (records, count) = unsafe { &*RECORDS.0.get() };
    for (name, stack) in records.iter().take(*count) {
        print("# ");
        print(name);
        print(" stack ");
        print_number(*stack);
        print("\n");
    }
}

fn print_number(mut rest: usize) {
    let mut place = 100_000;
    while place > 0 {
        let digit = rest / place;
        rest %= place;
        print("0123456789".get(digit..=digit).unwrap_or_default());
        place /= 10;
    }
}

#[cfg(feature = "fail-fault")]
pub fn fault() {
    // Safety: none; that is the purpose.
    unsafe {
        #[cfg(target_arch = "arm")]
        asm!("udf #0");
        #[cfg(target_arch = "riscv32")]
        asm!("unimp");
    }
}

/// There is no allocator, and with the toolchain of `prepare.sh` no `alloc`: this does not build.
#[cfg(feature = "fail-allocation")]
pub fn allocate() {
    extern crate alloc;
    core::hint::black_box(alloc::boxed::Box::new(core::hint::black_box(0_u32)));
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    print("panic\n");
    exit(false)
}

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

/// Out of line: no register of the floating-point unit is saved before it is on.
#[inline(never)]
fn run() -> ! {
    crate::run()
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
