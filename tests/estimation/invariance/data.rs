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

/// How the subjects of a data set are passed to the estimation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// A panel, or subjects with designs of their own that are stored as the estimation chooses.
    Usual,
    /// Subjects with designs of their own, with a workspace that is longer than necessary.
    Workspace,
    /// A panel of subjects that could have designs of their own.
    Panel,
}

/// One subject, or one series.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) x: Vec<[f64; K]>,
    pub(crate) y: Vec<f64>,
    /// The number of its own design.
    pub(crate) design: usize,
    /// The visit of its own design in each row, or `UNKNOWN`.
    pub(crate) visits: Vec<usize>,
    pub(crate) observed: Vec<bool>,
    pub(crate) weights: Vec<f64>,
}

/// A visit that no design has.
pub(crate) const UNKNOWN: usize = usize::MAX;

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
    pub(crate) way: Way,
    /// The distance of the start from the default of the structure, or `None` for the default start.
    pub(crate) start: Option<f64>,
}

impl Data {
    /// Returns data of the structure itself, in f32 numbers, so that they are the same in both scalars.
    pub(crate) fn simulate(structure: &Structure, likelihood: Likelihood, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut normal = || rng.sample::<f64, _>(StandardNormal);
        let at = At { distance: 1.0, known: 1.0 };
        let is_series = likelihood == Likelihood::Kalman;
        let subjects = (0..if is_series { 1 } else { SUBJECTS }).map(|design| {
            let truth = (structure.truth)(design);
            let n = truth.nrows();
            let root = truth.cholesky().expect("V is positive definite at the truth").l();
            let shift = normal();
            let x: Vec<[f64; K]> = (0..n).map(|i| [1.0, to_f32(i as f64 + 0.5 * shift)]).collect();
            let e = &root * DVector::from_fn(n, |_, _| normal());
            let mean = |x: &[f64; K]| if is_series { 0.0 } else { 3.0 * x[0] - 0.5 * x[1] };
            let is_weighted = structure.is_own && seed % 2 == 1;
            let weight = |i| if is_weighted { WEIGHTS[(design + i) % WEIGHTS.len()] } else { 1.0 };
            let weights: Vec<f64> = (0..n).map(weight).collect();
            let rows = x.iter().zip(&e).zip(&weights);
            let y = rows.map(|((x, e), w)| to_f32(mean(x) + e / w.sqrt())).collect();
            let is_seen = |i| !structure.is_own || seen(design)[i];
            let observed = (0..n).map(is_seen).collect();
            Subject { x, y, design, visits: (0..n).collect(), observed, weights }
        });
        let subjects = subjects.collect();
        Self { subjects, parts: 1, likelihood, at, way: Way::Usual, start: None }
    }

    /// Gives all subjects the design of the first one, all rows observed, and no weights.
    pub(crate) fn with_one_design(&self, way: Way) -> Self {
        let mut data = Self { way, ..self.clone() };
        for subject in &mut data.subjects {
            subject.design = 0;
            subject.observed.fill(true);
            subject.weights.fill(1.0);
        }
        data
    }

    /// Changes the place of the subjects' numbers in memory.
    pub(crate) fn in_a_workspace(&self) -> Self {
        Self { way: Way::Workspace, ..self.clone() }
    }

    /// Starts elsewhere.
    pub(crate) fn from(&self, start: f64) -> Self {
        Self { start: Some(start), ..self.clone() }
    }

    /// Adds X β to y.
    pub(crate) fn shifted(&self, beta: [f64; K]) -> Self {
        let mut data = self.clone();
        for subject in &mut data.subjects {
            for (y, x) in subject.y.iter_mut().zip(&subject.x) {
                *y += x.iter().zip(beta).map(|(x, b)| x * b).sum::<f64>();
            }
        }
        data
    }

    /// Rotates the rows of each subject by another number of rows.
    pub(crate) fn with_rotated_rows(&self) -> Self {
        let mut data = self.clone();
        for (i, subject) in data.subjects.iter_mut().enumerate() {
            let by = (i + 1) % subject.y.len();
            subject.x.rotate_left(by);
            subject.y.rotate_left(by);
            subject.visits.rotate_left(by);
            subject.observed.rotate_left(by);
            subject.weights.rotate_left(by);
        }
        data
    }

    /// Replaces the numbers of the rows that were not observed.
    pub(crate) fn with_unknown_rows(&self) -> Self {
        let mut data = self.clone();
        for subject in &mut data.subjects {
            for i in (0..subject.y.len()).filter(|&i| !subject.observed[i]) {
                (subject.x[i], subject.y[i]) = ([f64::NAN, f64::INFINITY], f64::NAN);
                subject.visits[i] = UNKNOWN;
            }
        }
        data
    }

    /// Observes all rows, with weights of zero.
    pub(crate) fn with_zero_weights(&self) -> Self {
        let mut data = self.clone();
        for subject in &mut data.subjects {
            for (w, observed) in subject.weights.iter_mut().zip(&mut subject.observed) {
                if !std::mem::replace(observed, true) {
                    *w = 0.0;
                }
            }
        }
        data
    }

    /// Inserts a subject without observed rows at a place.
    pub(crate) fn with_empty_subject(&self, place: usize) -> Self {
        let mut data = self.clone();
        let mut subject = data.subjects[0].clone();
        subject.design = UNKNOWN;
        subject.visits.fill(UNKNOWN);
        subject.observed.fill(false);
        data.subjects.insert(place, subject);
        data
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
        let observed = self.subjects.iter().flat_map(|subject| &subject.observed);
        observed.filter(|observed| **observed).count() as f64
    }

    /// Returns by how much ℓ falls if y is multiplied by e, with X as it is.
    pub(crate) fn per_log_unit(&self) -> f64 {
        self.count() - if self.likelihood == Likelihood::Reml { K as f64 } else { 0.0 }
    }
}

/// The weights of subjects with designs of their own.
const WEIGHTS: [f64; 3] = [1.0, 4.0, 0.25];

/// The rows in which a subject with a design of its own was observed.
const fn seen(design: usize) -> [bool; 4] {
    match design % 4 {
        1 => [true, false, true, true],
        2 => [true, true, true, false],
        3 => [false, false, true, false],
        _ => [true; 4],
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
