//! The unit of the table: V = Z G Zᵀ and its inverse, with nalgebra alone.

use std::hint::black_box;

use nalgebra::SMatrix;

fn main() {
    let z = SMatrix::<f64, 4, 3>::from_fn(|i, j| (i + 2 * j) as f64);
    let g = black_box(SMatrix::<f64, 3, 3>::identity());
    let v = z * g * z.transpose() + SMatrix::<f64, 4, 4>::identity();
    match v.cholesky() {
        Some(cholesky) => println!("{v}{}", cholesky.inverse()),
        None => println!("V is not positive definite"),
    }
}
