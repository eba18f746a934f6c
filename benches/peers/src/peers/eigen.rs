//! Eigen with fixed sizes, compiled by `build.rs`: the textbook's expressions and an expert's, by each
//! compiler that was found.

use std::ffi::c_void;

/// A function of `eigen/peers.cpp`: Z, θ, what else there is, and where to write.
type Function = unsafe extern "C" fn(*const f64, *const f64, *const c_void, *mut f64);

/// In the order of `of_size` on the other side.
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

/// One compiler's functions.
struct Compiled {
    /// Textbook and expert.
    names: [&'static str; 2],
    operation: unsafe extern "C" fn(i32, bool, i32) -> Option<Function>,
    reml: unsafe extern "C" fn(bool, i32) -> Option<Function>,
}

#[cfg(any(eigen_gcc, eigen_clang))]
unsafe extern "C" {
    #[cfg(eigen_gcc)]
    fn peers_gcc_operation(operation: i32, expert: bool, n: i32) -> Option<Function>;
    #[cfg(eigen_gcc)]
    fn peers_gcc_reml(expert: bool, n: i32) -> Option<Function>;
    #[cfg(eigen_clang)]
    fn peers_clang_operation(operation: i32, expert: bool, n: i32) -> Option<Function>;
    #[cfg(eigen_clang)]
    fn peers_clang_reml(expert: bool, n: i32) -> Option<Function>;
}

const COMPILED: &[Compiled] = &[
    #[cfg(eigen_gcc)]
    Compiled {
        names: ["eigen gcc textbook", "eigen gcc expert"],
        operation: peers_gcc_operation,
        reml: peers_gcc_reml,
    },
    #[cfg(eigen_clang)]
    Compiled {
        names: ["eigen clang textbook", "eigen clang expert"],
        operation: peers_clang_operation,
        reml: peers_clang_reml,
    },
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

fn all(function: impl Fn(&Compiled, bool) -> Option<Function>) -> Vec<Peer> {
    let both = COMPILED.iter().flat_map(|compiled| {
        let of = |(name, expert): (&'static str, bool)| {
            function(compiled, expert).map(|function| Peer { name, function })
        };
        [(compiled.names[0], false), (compiled.names[1], true)].map(of)
    });
    both.flatten().collect()
}

fn small(n: usize) -> i32 {
    i32::try_from(n).expect("a small size")
}

/// Those for N observations.
pub fn of(operation: Operation, n: usize) -> Vec<Peer> {
    // SAFETY: a look-up without conditions.
    all(|compiled, expert| unsafe { (compiled.operation)(operation as i32, expert, small(n)) })
}

/// The iterations of restricted maximum likelihood for N observations.
pub fn reml(n: usize) -> Vec<Peer> {
    // SAFETY: a look-up without conditions.
    all(|compiled, expert| unsafe { (compiled.reml)(expert, small(n)) })
}
