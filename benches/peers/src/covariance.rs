//! The library's matrices with their number of parameters as a constant, behind calls that are not inlined,
//! as those of the other languages are not.

use covprop::algebra::{ParamMatrix, ParamMatrixExt};
use hybrid_array::ArraySize;
use nalgebra::{SMatrix, SVector};

use crate::limits::Fill;
use crate::timing::Output;

pub trait Covariance<const N: usize, const P: usize> {
    fn write_value(&self, theta: &[f64; P], out: &mut SMatrix<f64, N, N>);
    fn write_gradient(&self, theta: &[f64; P], out: &mut [SMatrix<f64, N, N>; P]);
    fn write_both(&self, theta: &[f64; P], out: &mut Both<N, P>);
    fn write_pullback(&self, theta: &[f64; P], weights: &SMatrix<f64, N, N>, out: &mut [f64; P]);
    fn write_products(&self, theta: &[f64; P], u: &SVector<f64, N>, out: &mut [SVector<f64, N>; P]);
}

impl<M, const N: usize, const P: usize> Covariance<N, P> for M
where
    M: ParamMatrix<f64, N, N>,
    M::ParamCount: ArraySize<
            ArrayType<f64> = [f64; P],
            ArrayType<SMatrix<f64, N, N>> = [SMatrix<f64, N, N>; P],
            ArrayType<SVector<f64, N>> = [SVector<f64, N>; P],
        >,
{
    #[inline(never)]
    fn write_value(&self, theta: &[f64; P], out: &mut SMatrix<f64, N, N>) {
        self.value_into(theta, out);
    }

    #[inline(never)]
    fn write_gradient(&self, theta: &[f64; P], out: &mut [SMatrix<f64, N, N>; P]) {
        self.gradient_into(theta, out);
    }

    #[inline(never)]
    fn write_both(&self, theta: &[f64; P], out: &mut Both<N, P>) {
        self.value_and_gradient_into(theta, &mut out.value, &mut out.gradient);
    }

    #[inline(never)]
    fn write_pullback(&self, theta: &[f64; P], weights: &SMatrix<f64, N, N>, out: &mut [f64; P]) {
        *out = self.pullback(theta, weights);
    }

    #[inline(never)]
    fn write_products(
        &self,
        theta: &[f64; P],
        u: &SVector<f64, N>,
        out: &mut [SVector<f64, N>; P],
    ) {
        *out = self.gradient_mul(theta, u);
    }
}

/// V and its gradient, one after the other.
#[derive(Clone)]
#[repr(C)]
pub struct Both<const N: usize, const P: usize> {
    pub value: SMatrix<f64, N, N>,
    pub gradient: [SMatrix<f64, N, N>; P],
}

impl<const N: usize, const P: usize> Output for Both<N, P> {
    fn for_each(&mut self, f: &mut dyn FnMut(&mut f64)) {
        self.value.for_each(f);
        self.gradient.for_each(f);
    }
}

impl<const N: usize, const P: usize> Fill for Both<N, P> {
    #[inline]
    fn fill(&mut self, x: [f64; 4]) {
        Fill::fill(&mut self.value, x);
        self.gradient.fill(x);
    }
}
