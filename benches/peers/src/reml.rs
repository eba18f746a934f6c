//! One iteration of average-information restricted maximum likelihood: the likelihood at a θ, its score and
//! the average information, for V = Z diag(σ²) Zᵀ + R and one response vector.

use std::cell::RefCell;

use covprop::prelude::*;

use crate::peers;
use crate::table::{Cell, Table};
use crate::timing::{Effort, Output, Race};

pub const DIAGONAL: &str = "REML iteration, R diagonal";
pub const SCALAR: &str = "REML iteration, R = σ²I";
/// With V as it is.
pub const WHOLE: &str = "REML iteration, V N×N";

/// The data, and the weights of R = σ² diag(1/w). Laid out as the C++ side reads it.
#[repr(C)]
pub struct Data<const N: usize, const K: usize> {
    pub x: SMatrix<f64, N, K>,
    pub y: SVector<f64, N>,
    pub weights: SVector<f64, N>,
}

/// What an iteration needs, in the order in which the C++ side writes it.
#[derive(Clone)]
#[repr(C)]
pub struct Iteration<const P: usize> {
    pub log_likelihood: f64,
    pub score: [f64; P],
    pub information: SMatrix<f64, P, P>,
}

impl<const P: usize> Output for Iteration<P> {
    fn for_each(&mut self, f: &mut dyn FnMut(&mut f64)) {
        f(&mut self.log_likelihood);
        self.score.for_each(f);
        self.information.for_each(f);
    }
}

impl<const N: usize, const K: usize> Data<N, K> {
    fn new(weights: [f64; N]) -> Self {
        Self {
            x: SMatrix::from_fn(|i, j| (i as f64 / N as f64).powi(i32::try_from(j).unwrap_or(0))),
            y: SVector::from_fn(|i, _| (1.7 * i as f64).sin() + (0.3 * (i * i) as f64).cos()),
            weights: SVector::from(weights),
        }
    }
}

fn design<const N: usize, const Q: usize>() -> SMatrix<f64, N, Q> {
    SMatrix::from_fn(|i, j| ((3 * i + 5 * j) as f64).sin())
}

fn measure<const N: usize, const Q: usize, const K: usize, const P: usize>(
    ours: &impl Fn(&[f64; P], &mut Iteration<P>),
    data: &Data<N, K>,
    effort: Effort,
) -> Cell {
    let z = &design::<N, Q>();
    let theta: [f64; P] = std::array::from_fn(|k| 0.2 * (k as f64).cos() - 0.1);
    let mut race = Race::new();
    race.enter("covprop", &theta, ours);
    race.enter("nalgebra", &theta, |theta, out| peers::nalgebra::reml(z, data, theta, out));
    for peer in peers::eigen::reml(N) {
        // SAFETY: the data and the result are laid out as the other side has them.
        race.enter(peer.name, &theta, move |theta, out| unsafe { peer.call(z, theta, data, out) });
    }
    let empty = Iteration { log_likelihood: 0.0, score: [0.0; P], information: SMatrix::zeros() };
    let times = race.run(&format!("REML {N}×{Q}"), effort, empty);
    Cell {
        size: format!("{N}x{Q}"),
        n: N,
        ours: times.ours(0.5),
        best: times.ours(0.1),
        ratios: times.ratios().collect(),
        store: None,
        limit: None,
    }
}

/// Writes what an iteration needs of a likelihood at a θ.
macro_rules! write_iteration {
    ($at:expr, $out:ident) => {{
        let mut at = $at.expect("V positive definite");
        $out.log_likelihood = at.log_likelihood();
        $out.score = at.score();
        let information = at.average_information();
        $out.information = SMatrix::from_fn(|k, l| information[k][l]);
    }};
}

/// Iterations at one θ after the other, for R of this type.
macro_rules! iteration {
    ($effort:expr, $weights:expr, $residual:expr, $n:literal, $q:literal, $k:literal) => {{
        let data = Data::<$n, $k>::new($weights);
        let model = MixedModel::new(design::<$n, $q>(), DiagonalMatrix::<$q>::new(), $residual);
        let estimation = model.estimation(&data.x, &data.y).expect("data to be estimated from");
        let cell = estimation.explore(|likelihood| {
            let likelihood = RefCell::new(likelihood);
            let ours = |theta: &[f64; $q + 1], out: &mut Iteration<{ $q + 1 }>| {
                let mut likelihood = likelihood.borrow_mut();
                write_iteration!(likelihood.at(theta), out);
            };
            Ok(measure::<$n, $q, $k, { $q + 1 }>(&ours, &data, $effort))
        });
        cell.expect("V positive definite")
    }};
}

/// The same with V as it is, N×N.
macro_rules! whole {
    ($effort:expr, $n:literal, $q:literal, $k:literal) => {{
        let data = Data::<$n, $k>::new(weights());
        let residual = WeightedMatrix::<$n>::new(weights());
        let model = MixedModel::new(design::<$n, $q>(), DiagonalMatrix::<$q>::new(), residual);
        let estimation = model.estimation(&data.x, &data.y).expect("data to be estimated from");
        let ours = |theta: &[f64; $q + 1], out: &mut Iteration<{ $q + 1 }>| {
            write_iteration!(estimation.at(theta), out);
        };
        measure::<$n, $q, $k, { $q + 1 }>(&ours, &data, $effort)
    }};
}

/// Weights that are not all alike.
fn weights<const N: usize>() -> [f64; N] {
    std::array::from_fn(|i| 1.0 + 0.25 * (i % 3) as f64)
}

pub fn all(effort: Effort, wanted: &dyn Fn(&str) -> bool) -> Vec<Table> {
    let mut tables = Vec::new();
    let name = DIAGONAL;
    if wanted(name) {
        eprintln!("{name} …");
        let cells = vec![
            iteration!(effort, weights(), WeightedMatrix::<8>::new(weights()), 8, 3, 2),
            iteration!(effort, weights(), WeightedMatrix::<16>::new(weights()), 16, 4, 2),
            iteration!(effort, weights(), WeightedMatrix::<24>::new(weights()), 24, 5, 4),
            iteration!(effort, weights(), WeightedMatrix::<32>::new(weights()), 32, 5, 4),
        ];
        tables.push(Table { name, cells });
    }
    let name = SCALAR;
    if wanted(name) {
        eprintln!("{name} …");
        let cells = vec![
            iteration!(effort, [1.0; 8], ScalarMatrix::<8>::new(), 8, 3, 2),
            iteration!(effort, [1.0; 16], ScalarMatrix::<16>::new(), 16, 4, 2),
            iteration!(effort, [1.0; 24], ScalarMatrix::<24>::new(), 24, 5, 4),
            iteration!(effort, [1.0; 32], ScalarMatrix::<32>::new(), 32, 5, 4),
        ];
        tables.push(Table { name, cells });
    }
    let name = WHOLE;
    if wanted(name) {
        eprintln!("{name} …");
        let cells = vec![
            whole!(effort, 8, 3, 2),
            whole!(effort, 16, 4, 2),
            whole!(effort, 24, 5, 4),
            whole!(effort, 32, 5, 4),
        ];
        tables.push(Table { name, cells });
    }
    tables
}
