//! What the machine can do at best: arithmetic without memory, and stores without arithmetic.

use std::hint::black_box;

use cpu_time::ThreadTime;
use nalgebra::SMatrix;
use wide::f64x4;

/// Additions and multiplications of one call of [`arithmetic`].
pub const ARITHMETIC: f64 = (ROUNDS * 2 * CHAINS * 4) as f64;
const ROUNDS: usize = 256;
/// Of each kind: enough to hide the latency, few enough for the registers.
const CHAINS: usize = 6;

/// Chains of additions and of multiplications that do not wait for each other.
#[inline(never)]
pub fn arithmetic() {
    let (term, factor) = (black_box(f64x4::splat(1e-9)), black_box(f64x4::splat(1.0 - 1e-9)));
    let mut sums = black_box([f64x4::ONE; CHAINS]);
    let mut products = black_box([f64x4::ONE; CHAINS]);
    for _ in 0..ROUNDS {
        for (sum, product) in sums.iter_mut().zip(&mut products) {
            *sum += term;
            *product *= factor;
        }
    }
    black_box((sums, products));
}

/// Exponentials of one call of [`exponentials`].
pub const EXPONENTIALS: f64 = EXPONENTS as f64;
const EXPONENTS: usize = 64;

/// Exponentials that do not wait for each other, by the function that the library's transforms call.
pub fn exponentials() {
    let x = black_box([0.3; EXPONENTS]);
    black_box(x.map(nalgebra::ComplexField::exp));
}

/// What can be filled with stores of 32 bytes.
pub trait Fill {
    fn fill(&mut self, x: [f64; 4]);
}

impl Fill for [f64] {
    #[inline]
    fn fill(&mut self, x: [f64; 4]) {
        let (chunks, rest) = self.as_chunks_mut::<4>();
        for chunk in chunks {
            *chunk = x;
        }
        rest.copy_from_slice(&x[..rest.len()]);
    }
}

impl<const R: usize, const C: usize> Fill for SMatrix<f64, R, C> {
    #[inline]
    fn fill(&mut self, x: [f64; 4]) {
        Fill::fill(self.as_mut_slice(), x);
    }
}

impl<const P: usize> Fill for [f64; P] {
    #[inline]
    fn fill(&mut self, x: [f64; 4]) {
        Fill::fill(self.as_mut_slice(), x);
    }
}

impl<const R: usize, const C: usize, const P: usize> Fill for [SMatrix<f64, R, C>; P] {
    #[inline]
    fn fill(&mut self, x: [f64; 4]) {
        for matrix in self {
            Fill::fill(matrix.as_mut_slice(), x);
        }
    }
}

/// Bytes per second of reading these numbers.
pub fn read_bandwidth(numbers: &[f64], times: usize) -> f64 {
    let best = (0..times)
        .map(|_| {
            let start = ThreadTime::now();
            let mut sums = [f64x4::ZERO; 8];
            for chunk in black_box(numbers).as_chunks::<32>().0 {
                for (sum, x) in sums.iter_mut().zip(chunk.as_chunks::<4>().0) {
                    *sum += f64x4::from(*x);
                }
            }
            black_box(sums);
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    size_of_val(numbers) as f64 / best
}
