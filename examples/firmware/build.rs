//! Chooses the linker script of the board.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=memory");
    let script = match env::var("TARGET").unwrap_or_default().as_str() {
        "thumbv7em-none-eabihf" | "thumbv7m-none-eabi" => "mps2.x",
        "thumbv6m-none-eabi" => "microbit.x",
        "riscv32imac-unknown-none-elf" => "virt.x",
        _ => return,
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    for file in [script, "cortex-m.x"] {
        fs::copy(format!("memory/{file}"), out.join(file)).expect("a linker script");
    }
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rustc-link-arg-bins=-T{script}");
    println!("cargo:rustc-link-arg-bins=--nmagic");
    println!("cargo:rustc-link-arg-bins=--gc-sections");
}
