//! The cost of a piece of work: bytes of stack by painting it, and instructions, which a plugin of QEMU
//! counts between two markers that do nothing and that no compiler writes.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::ptr::{addr_of, addr_of_mut, read_volatile, write_volatile};

use super::chip::print;

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
