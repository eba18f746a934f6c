//! The gradient by dual numbers over nalgebra's static matrices: V(θ) once for each parameter.

use covprop::algebra::Real;
use nalgebra::SMatrix;
use num_dual::Dual64;

use crate::structures::{Textbook, Trainable};

/// θ with an infinitesimal added to the parameter k.
fn seeded<const P: usize>(theta: &[f64; P], k: usize) -> [Dual64; P] {
    std::array::from_fn(|l| Dual64::new(theta[l], if l == k { 1.0 } else { 0.0 }))
}

fn propagate<T: Real, const N: usize, const Q: usize>(
    z: &SMatrix<T, N, Q>,
    g: &SMatrix<T, Q, Q>,
) -> SMatrix<T, N, N> {
    z * g * z.transpose()
}

#[inline(never)]
pub fn gradient<S: Textbook<Q, P>, const N: usize, const Q: usize, const P: usize>(
    z: &SMatrix<f64, N, Q>,
    structure: &S,
    theta: &[f64; P],
    out: &mut [SMatrix<f64, N, N>; P],
) {
    let z = z.map(Dual64::from_re);
    for (k, out) in out.iter_mut().enumerate() {
        *out = propagate(&z, &structure.g(&seeded(theta, k))).map(|x| x.eps);
    }
}

#[inline(never)]
pub fn gradient_trainable<const N: usize, const Q: usize>(
    parts: &Trainable<N, Q>,
    theta: &[f64; 2],
    out: &mut [SMatrix<f64, N, N>; 2],
) {
    let g = parts.g.map(Dual64::from_re);
    for (k, out) in out.iter_mut().enumerate() {
        *out = propagate(&parts.z(&seeded(theta, k)), &g).map(|x| x.eps);
    }
}
