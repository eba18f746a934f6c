//! The textbook in faer, whose sizes are known at run time only; results go where ours go.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use nalgebra::SMatrix;

use crate::structures::Textbook;

fn view<const R: usize, const C: usize>(m: &SMatrix<f64, R, C>) -> MatRef<'_, f64> {
    MatRef::from_column_major_slice(m.as_slice(), R, C)
}

/// Writes Z G Zᵀ.
fn propagate<const N: usize, const Q: usize>(
    z: MatRef<'_, f64>,
    g: &SMatrix<f64, Q, Q>,
    out: &mut SMatrix<f64, N, N>,
) {
    let z_g: Mat<f64> = z * view(g);
    let out = MatMut::from_column_major_slice_mut(out.as_mut_slice(), N, N);
    matmul(out, Accum::Replace, &z_g, z.transpose(), 1.0, Par::Seq);
}

#[inline(never)]
pub fn value<S: Textbook<Q, P>, const N: usize, const Q: usize, const P: usize>(
    z: &SMatrix<f64, N, Q>,
    structure: &S,
    theta: &[f64; P],
    out: &mut SMatrix<f64, N, N>,
) {
    propagate(view(z), &structure.g(theta), out);
}

#[inline(never)]
pub fn gradient<S: Textbook<Q, P>, const N: usize, const Q: usize, const P: usize>(
    z: &SMatrix<f64, N, Q>,
    structure: &S,
    theta: &[f64; P],
    out: &mut [SMatrix<f64, N, N>; P],
) {
    for (k, out) in out.iter_mut().enumerate() {
        propagate(view(z), &structure.dg(theta, k), out);
    }
}
