//! Data sets, and the transformations of them.

use nalgebra::{DMatrix, DVector};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

use super::structure::Structure;

/// Columns of X.
pub(crate) const K: usize = 2;
/// Subjects of a panel.
const SUBJECTS: usize = 11;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likelihood {
    Reml,
    Ml,
    Kalman,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    Double,
    Single,
}

/// One subject, or one series.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) x: Vec<[f64; K]>,
    pub(crate) y: Vec<f64>,
}

/// The units in which a structure states its own data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    /// The factor of distances and of covariates.
    pub(crate) distance: f64,
    /// The factor of covariance matrices that are known.
    pub(crate) known: f64,
}

#[derive(Clone, Debug)]
pub(crate) struct Data {
    pub(crate) subjects: Vec<Subject>,
    /// The number of panels that are filled in turn and then merged.
    pub(crate) parts: usize,
    pub(crate) likelihood: Likelihood,
    pub(crate) at: At,
}

impl Data {
    /// Returns data of the structure itself, in f32 numbers, so that they are the same in both scalars.
    pub(crate) fn simulate(structure: &Structure, likelihood: Likelihood, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut normal = || rng.sample::<f64, _>(StandardNormal);
        let at = At { distance: 1.0, known: 1.0 };
        let truth = (structure.truth)();
        let n = truth.nrows();
        let root = truth.cholesky().expect("V is positive definite at the truth").l();
        let is_series = likelihood == Likelihood::Kalman;
        let subjects = (0..if is_series { 1 } else { SUBJECTS }).map(|_| {
            let shift = normal();
            let x: Vec<[f64; K]> = (0..n).map(|i| [1.0, to_f32(i as f64 + 0.5 * shift)]).collect();
            let e = &root * DVector::from_fn(n, |_, _| normal());
            let mean = |x: &[f64; K]| if is_series { 0.0 } else { 3.0 * x[0] - 0.5 * x[1] };
            let y = x.iter().zip(&e).map(|(x, e)| to_f32(mean(x) + e)).collect();
            Subject { x, y }
        });
        Self { subjects: subjects.collect(), parts: 1, likelihood, at }
    }

    /// Multiplies y, and known covariance matrices with it.
    pub(crate) fn times(&self, c: f64) -> Self {
        let mut data = self.clone();
        data.at.known *= c * c;
        for subject in &mut data.subjects {
            subject.y.iter_mut().for_each(|y| *y *= c);
        }
        data
    }

    /// Multiplies distances and covariates.
    pub(crate) fn in_distances(&self, c: f64) -> Self {
        let at = At { distance: self.at.distance * c, ..self.at };
        Self { at, ..self.clone() }
    }

    /// Multiplies row i of y and X by `c[i]`.
    pub(crate) fn in_rows(&self, c: &[f64]) -> Self {
        let mut data = self.clone();
        for subject in &mut data.subjects {
            for (i, &c) in c.iter().enumerate() {
                subject.y[i] *= c;
                subject.x[i] = subject.x[i].map(|x| x * c);
            }
        }
        data
    }

    /// Replaces X by X A.
    pub(crate) fn in_columns(&self, a: [[f64; K]; K]) -> Self {
        let mut data = self.clone();
        for row in data.subjects.iter_mut().flat_map(|subject| &mut subject.x) {
            *row = std::array::from_fn(|l| (0..K).map(|k| row[k] * a[k][l]).sum());
        }
        data
    }

    /// Reverses the order of the subjects.
    pub(crate) fn reversed(&self) -> Self {
        let mut data = self.clone();
        data.subjects.reverse();
        data
    }

    /// Fills so many panels in turn and merges them.
    pub(crate) fn merged(&self, parts: usize) -> Self {
        Self { parts, ..self.clone() }
    }

    /// Returns the number of numbers in y.
    pub(crate) fn count(&self) -> f64 {
        self.subjects.iter().map(|subject| subject.y.len()).sum::<usize>() as f64
    }

    /// Returns by how much ℓ falls if y is multiplied by e, with X as it is.
    pub(crate) fn per_log_unit(&self) -> f64 {
        self.count() - if self.likelihood == Likelihood::Reml { K as f64 } else { 0.0 }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "an f32 number is asked for")]
fn to_f32(x: f64) -> f64 {
    f64::from(x as f32)
}

/// Returns the first of these matrices that is positive definite.
pub(crate) fn definite(of: impl IntoIterator<Item = DMatrix<f64>>) -> DMatrix<f64> {
    let found = of.into_iter().find(|v| v.clone().cholesky().is_some());
    found.expect("V is positive definite at a truth")
}
