//! Eigen with fixed sizes, compiled by `build.rs`: the textbook's expressions and an expert's, by each
//! compiler that was found.

use std::ffi::c_void;

/// A function of the C++ side: Z, θ, what else there is, and where to write.
type Function = unsafe extern "C" fn(*const f64, *const f64, *const c_void, *mut f64);

/// In the order of `of_size` in `eigen/operations.cpp`.
#[derive(Clone, Copy)]
pub enum Operation {
    ValueFull,
    ValueDiagonal,
    ValueCholesky,
    ValueOneHot,
    GradientDiagonal,
    GradientCholesky,
    GradientAr1,
    GradientTrainable,
    Pullback,
    GradientMul,
    ValueAndGradient,
}

/// One compiler's functions, by the number of observations.
struct Compiled {
    /// Textbook and expert.
    names: [&'static str; 2],
    operations: &'static [(usize, unsafe extern "C" fn(i32, bool) -> Function)],
    remls: &'static [(usize, unsafe extern "C" fn(bool) -> Function)],
}

// The functions that `build.rs` compiled, as `GCC` and `CLANG`.
include!(concat!(env!("OUT_DIR"), "/functions.rs"));

const COMPILED: &[Compiled] = &[
    #[cfg(eigen_gcc)]
    GCC,
    #[cfg(eigen_clang)]
    CLANG,
];

/// A function for matrices of one size.
#[derive(Clone, Copy)]
pub struct Peer {
    pub name: &'static str,
    function: Function,
}

impl Peer {
    /// Calls it.
    ///
    /// # Safety
    ///
    /// The types must be those of the function on the other side: Z, θ and `out` are doubles in columns, of
    /// the sizes that the function was asked for; `extra` is laid out as it says.
    pub unsafe fn call<Z, Theta, Extra, Out>(
        &self,
        z: &Z,
        theta: &Theta,
        extra: &Extra,
        out: &mut Out,
    ) {
        let (z, theta) = (std::ptr::from_ref(z).cast(), std::ptr::from_ref(theta).cast());
        let extra = std::ptr::from_ref(extra).cast();
        // SAFETY: the pointers are of live references, the rest is the caller's promise.
        unsafe { (self.function)(z, theta, extra, std::ptr::from_mut(out).cast()) }
    }
}

/// Both forms of each compiler that was found.
fn all(function: impl Fn(&Compiled, bool) -> Option<Function>) -> Vec<Peer> {
    let both = COMPILED.iter().flat_map(|compiled| {
        [false, true].map(|expert| {
            let name = compiled.names[usize::from(expert)];
            function(compiled, expert).map(|function| Peer { name, function })
        })
    });
    both.flatten().collect()
}

fn of_size<F: Copy>(functions: &[(usize, F)], n: usize) -> Option<F> {
    functions.iter().find(|(size, _)| *size == n).map(|(_, function)| *function)
}

/// Those for N observations.
pub fn of(operation: Operation, n: usize) -> Vec<Peer> {
    all(|compiled, expert| {
        let look_up = of_size(compiled.operations, n)?;
        // SAFETY: a look-up without conditions; `Operation` has the numbers of the other side.
        Some(unsafe { look_up(operation as i32, expert) })
    })
}

/// The iterations of restricted maximum likelihood for N observations.
pub fn reml(n: usize) -> Vec<Peer> {
    all(|compiled, expert| {
        let look_up = of_size(compiled.remls, n)?;
        // SAFETY: a look-up without conditions.
        Some(unsafe { look_up(expert) })
    })
}
