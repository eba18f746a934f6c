//! Negative controls: each feature breaks one promise, so that `run.sh` must fail.

pub fn run() {
    #[cfg(feature = "fail-fault")]
    // Safety: none; the instruction is undefined on purpose.
    unsafe {
        #[cfg(target_arch = "arm")]
        core::arch::asm!("udf #0");
        #[cfg(target_arch = "riscv32")]
        core::arch::asm!("unimp");
    }
    #[cfg(feature = "fail-unwrap")]
    {
        use core::hint::black_box;
        super::print(black_box(["no ", "such "]).get(black_box(2)).copied().unwrap());
    }
    // There is no allocator, and no `alloc` in the toolchain of `prepare.sh`: this does not build.
    #[cfg(feature = "fail-allocation")]
    {
        extern crate alloc;
        core::hint::black_box(alloc::boxed::Box::new(core::hint::black_box(0_u32)));
    }
}
