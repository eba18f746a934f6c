//! The textbook in nalgebra's static matrices.

use nalgebra::{SMatrix, SVector};

use crate::reml::{Data, Iteration};
use crate::structures::{Textbook, Trainable};

#[inline(never)]
pub fn value<S: Textbook<Q, P>, const N: usize, const Q: usize, const P: usize>(
    z: &SMatrix<f64, N, Q>,
    structure: &S,
    theta: &[f64; P],
    out: &mut SMatrix<f64, N, N>,
) {
    *out = z * structure.g(theta) * z.transpose();
}

#[inline(never)]
pub fn gradient<S: Textbook<Q, P>, const N: usize, const Q: usize, const P: usize>(
    z: &SMatrix<f64, N, Q>,
    structure: &S,
    theta: &[f64; P],
    out: &mut [SMatrix<f64, N, N>; P],
) {
    for (k, out) in out.iter_mut().enumerate() {
        *out = z * structure.dg(theta, k) * z.transpose();
    }
}

#[inline(never)]
pub fn gradient_trainable<const N: usize, const Q: usize>(
    parts: &Trainable<N, Q>,
    theta: &[f64; 2],
    out: &mut [SMatrix<f64, N, N>; 2],
) {
    let z = parts.z(theta);
    for (dz, out) in parts.slopes.iter().zip(out) {
        *out = dz * parts.g * z.transpose() + z * parts.g * dz.transpose();
    }
}

#[inline(never)]
pub fn pullback<S: Textbook<Q, P>, const N: usize, const Q: usize, const P: usize>(
    z: &SMatrix<f64, N, Q>,
    structure: &S,
    (theta, weights): (&[f64; P], &SMatrix<f64, N, N>),
    out: &mut [f64; P],
) {
    for (k, out) in out.iter_mut().enumerate() {
        *out = (z * structure.dg(theta, k) * z.transpose()).dot(weights);
    }
}

#[inline(never)]
pub fn gradient_mul<S: Textbook<Q, P>, const N: usize, const Q: usize, const P: usize>(
    z: &SMatrix<f64, N, Q>,
    structure: &S,
    (theta, u): (&[f64; P], &SVector<f64, N>),
    out: &mut [SVector<f64, N>; P],
) {
    for (k, out) in out.iter_mut().enumerate() {
        *out = (z * structure.dg(theta, k) * z.transpose()) * u;
    }
}

/// With V⁻¹, P and every ∂V as matrices, and tr(P ∂V) as it is written.
#[inline(never)]
pub fn reml<const N: usize, const Q: usize, const K: usize, const P: usize>(
    z: &SMatrix<f64, N, Q>,
    data: &Data<N, K>,
    theta: &[f64; P],
    out: &mut Iteration<P>,
) {
    let variances = theta.map(|x| (2.0 * x).exp());
    let g = SMatrix::<f64, Q, Q>::from_diagonal(&SVector::from_column_slice(&variances[..Q]));
    let r = SMatrix::<f64, N, N>::from_diagonal(&data.weights.map(|w| variances[Q] / w));
    let v = z * g * z.transpose() + r;
    let (Some(inverse), Some(cholesky)) = (v.try_inverse(), v.cholesky()) else { return };
    let equations = data.x.transpose() * inverse * data.x;
    let Some(c) = equations.try_inverse() else { return };
    let p = inverse - inverse * data.x * c * data.x.transpose() * inverse;
    let py = p * data.y;
    let mut products = SMatrix::<f64, N, P>::zeros();
    for k in 0..P {
        let dv = if k < Q {
            let mut dg = SMatrix::<f64, Q, Q>::zeros();
            dg[(k, k)] = 2.0 * variances[k];
            z * dg * z.transpose()
        } else {
            r * 2.0
        };
        let dv_py = dv * py;
        out.score[k] = 0.5 * (py.dot(&dv_py) - (p * dv).trace());
        products.set_column(k, &dv_py);
    }
    out.information = products.transpose() * p * products * 0.5;
    let log_det: f64 = cholesky.l_dirty().diagonal().iter().map(|x| 2.0 * x.ln()).sum();
    let log_det_x = c.cholesky().map_or(f64::NAN, |of_c| {
        of_c.l_dirty().diagonal().iter().map(|x| -2.0 * x.ln()).sum::<f64>()
    });
    let constant = (N - K) as f64 * (2.0 * std::f64::consts::PI).ln();
    out.log_likelihood = -0.5 * (constant + log_det + log_det_x + data.y.dot(&py));
}
