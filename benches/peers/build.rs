//! Compiles the peers that are written in C++, by each of two compilers; one that is not there, or has no
//! Eigen, is left out with a message. That takes minutes, so it is done for the release profile alone,
//! and not without the feature `eigen`.

const SOURCE: &str = "eigen/peers.cpp";
const HEADERS: &str = "/usr/include/eigen3";

fn main() {
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-changed={HEADERS}/Eigen/Dense");
    for (id, compiler, package) in [("gcc", "g++", "g++"), ("clang", "clang++", "clang")] {
        println!("cargo::rustc-check-cfg=cfg(eigen_{id})");
        let wanted = std::env::var_os("CARGO_FEATURE_EIGEN").is_some();
        if !wanted || std::env::var("PROFILE").as_deref() != Ok("release") {
            continue;
        }
        // The optimisations and the instructions that a user of Eigen would ask for, and no more: results must
        // be those of the source, so no -ffast-math.
        let compiled = cc::Build::new()
            .cpp(true)
            .compiler(compiler)
            .no_default_flags(true)
            .cargo_warnings(false)
            .file(SOURCE)
            .include(HEADERS)
            .std("c++17")
            .flags(["-O3", "-march=native", "-fPIC", "-fno-exceptions", "-fno-rtti"])
            .define("NDEBUG", None)
            .define("Eigen", &*format!("Eigen_{id}"))
            .define("PEERS_NAMESPACE", &*format!("peers_{id}"))
            .define("PEERS_OPERATION", &*format!("peers_{id}_operation"))
            .define("PEERS_REML", &*format!("peers_{id}_reml"))
            .try_compile(&format!("peers_{id}"));
        match compiled {
            Ok(()) => println!("cargo::rustc-cfg=eigen_{id}"),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().next().unwrap_or_default();
                println!(
                    "cargo::warning=the Eigen peers of {compiler} are left out; apt-get install {package} libeigen3-dev \
                     ({reason})"
                );
            }
        }
    }
}
