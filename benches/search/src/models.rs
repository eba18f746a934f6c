//! The model shapes.

mod grouped;
mod repeated;
mod serial;
mod spatial;
mod state_space;

use nalgebra::SMatrix;

use crate::scenario::Scenario;

/// All of them.
pub fn all() -> Vec<Scenario> {
    let parts =
        [grouped::all(), repeated::all(), serial::all(), spatial::all(), state_space::all()];
    parts.into_iter().flatten().collect()
}

/// A constant, and powers of the row from 0 to 1.
fn powers<const N: usize, const K: usize>() -> SMatrix<f64, N, K> {
    SMatrix::from_fn(|i, j| (i as f64 / (N as f64 - 1.0)).powi(i32::try_from(j).unwrap_or(0)))
}
