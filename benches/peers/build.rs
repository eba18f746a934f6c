//! Compiles the peers that are written in C++, by each of two compilers; one that is not there, or has no
//! Eigen, is left out with a message. That takes minutes, so it is done for the release profile alone,
//! and not without the feature `eigen`.

use std::fmt::Write;
use std::path::Path;

const HEADERS: &str = "/usr/include/eigen3";
const COMPILERS: [(&str, &str, &str); 2] = [("gcc", "g++", "g++"), ("clang", "clang++", "clang")];
/// N and Q, as in `src/operations.rs`.
const OPERATIONS: [(usize, usize); 8] =
    [(4, 3), (8, 3), (10, 2), (12, 4), (16, 4), (24, 6), (32, 8), (64, 8)];
/// N, Q and K, as in `src/reml.rs`.
const REML: [(usize, usize, usize); 4] = [(8, 3, 2), (16, 4, 2), (24, 5, 4), (32, 5, 4)];

fn main() {
    println!("cargo::rerun-if-changed=eigen");
    println!("cargo::rerun-if-changed={HEADERS}/Eigen/Dense");
    let release = std::env::var("PROFILE").as_deref() == Ok("release");
    let wanted = release && std::env::var_os("CARGO_FEATURE_EIGEN").is_some();
    let mut functions = String::new();
    for (id, compiler, package) in COMPILERS {
        println!("cargo::rustc-check-cfg=cfg(eigen_{id})");
        if !wanted {
            continue;
        }
        match compile(id, compiler) {
            Ok(()) => {
                println!("cargo::rustc-cfg=eigen_{id}");
                declare(id, &mut functions);
            }
            Err(reason) => println!(
                "cargo::warning=the Eigen peers of {compiler} are left out; apt-get install {package} libeigen3-dev \
                 ({reason})"
            ),
        }
    }
    let out = std::env::var_os("OUT_DIR").expect("a folder for the declarations");
    std::fs::write(Path::new(&out).join("functions.rs"), functions).expect("written declarations");
}

fn compile(id: &str, compiler: &str) -> Result<(), String> {
    for (n, q) in OPERATIONS {
        let name = format!("peers_{id}_operation_{n}");
        build(id, compiler, "eigen/operations.cpp", &name, &[("N", n), ("Q", q)])?;
    }
    for (n, q, k) in REML {
        let name = format!("peers_{id}_reml_{n}");
        build(id, compiler, "eigen/reml.cpp", &name, &[("N", n), ("Q", q), ("K", k)])?;
    }
    Ok(())
}

/// With the optimisations that a user of Eigen would ask for, and the instructions that the Rust code is compiled for
/// (.cargo/config.toml); results must be those of the source, so no -ffast-math.
fn build(
    id: &str,
    compiler: &str,
    source: &str,
    name: &str,
    sizes: &[(&str, usize)],
) -> Result<(), String> {
    let mut build = cc::Build::new();
    build
        .cpp(true)
        .compiler(compiler)
        .no_default_flags(true)
        .cargo_warnings(false)
        .file(source)
        .include(HEADERS)
        .std("c++17")
        .flags(["-O3", "-march=x86-64-v3", "-fPIC", "-fno-exceptions", "-fno-rtti"])
        .define("NDEBUG", None)
        .define("Eigen", &*format!("Eigen_{id}"))
        .define("PEERS_NAMESPACE", &*format!("peers_{id}"))
        .define("PEERS_OPERATION", name)
        .define("PEERS_REML", name);
    for (size, value) in sizes {
        build.define(&format!("PEERS_{size}"), &*value.to_string());
    }
    build
        .try_compile(name)
        .map_err(|error| error.to_string().lines().next().unwrap_or("no reason given").to_string())
}

/// The functions of a compiler, by size, for `src/peers/eigen.rs`.
fn declare(id: &str, out: &mut String) {
    let operations = OPERATIONS.map(|(n, _)| n);
    let remls = REML.map(|(n, ..)| n);
    let mut write = |text: String| out.write_str(&text).expect("room for text");
    write("unsafe extern \"C\" {\n".into());
    for n in operations {
        write(format!("fn peers_{id}_operation_{n}(operation: i32, expert: bool) -> Function;\n"));
    }
    for n in remls {
        write(format!("fn peers_{id}_reml_{n}(expert: bool) -> Function;\n"));
    }
    write("}\n".into());
    let arms = |kind: &str, sizes: &[usize]| -> String {
        let each = sizes.iter().map(|n| format!("({n}, peers_{id}_{kind}_{n}),"));
        each.collect::<Vec<_>>().concat()
    };
    write(format!(
        "const {}: Compiled = Compiled {{ names: [\"eigen {id} textbook\", \"eigen {id} expert\"], \
         operations: &[{}], remls: &[{}] }};\n",
        id.to_uppercase(),
        arms("operation", &operations),
        arms("reml", &remls)
    ));
}
