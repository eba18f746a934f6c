//! Fits of published data sets against stationary points that other software computed to double precision
//! (`tests/data/README.md`): estimates, standard errors, predictions, and the likelihood with its derivatives away
//! from the maximum.

mod cases;
mod inference;
mod large;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use approx::abs_diff_eq;
use covprop::algebra::Curvature;
use covprop::dim;
use covprop::inference::RandomEffects;
use covprop::operator::Sum;
use covprop::prelude::*;
use covprop::reml::{Estimation, Fit, Observations};
use serde_json::Value;

use crate::common::thread::with_large_stack;

/// Of log-likelihoods, absolute.
const LOG_LIKELIHOOD: f64 = 1e-9;
/// Of estimates, relative: variances each, the others to the largest of their kind.
const ESTIMATE: f64 = 1e-8;
/// Of scores and informations, relative to the largest.
const DERIVATIVE: f64 = 1e-8;
/// Of observed informations, which the reference has from differences: for dyestuff they are the expected ones
/// in theory, and it has the two agree to nine digits. `tests/estimation/likelihood.rs` has a sharper check.
const DIFFERENCED: f64 = 1e-6;

/// One model of `fits.json` and its design.
struct Case {
    reference: Value,
    columns: BTreeMap<String, Vec<f64>>,
    fixed: usize,
}

/// The folder that has the files of this model: `tests/data`, or for data that are not part of the
/// repository, where its neighbour keeps them.
fn folder(id: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = root.join("tests/data");
    let shared = root.join("../shared/oracle");
    [own, shared].into_iter().find(|folder| folder.join(format!("design/{id}.csv")).exists())
}

impl Case {
    /// `None`, and a line that says so, where the data are not there.
    fn read(id: &str) -> Option<Self> {
        let Some(folder) = folder(id) else {
            println!("{id}: skipped, its data are not part of this repository");
            return None;
        };
        let text = std::fs::read_to_string(folder.join("fits.json")).unwrap();
        let all: Value = serde_json::from_str(&text).unwrap();
        let models = all["models"].as_array().unwrap();
        let reference = models.iter().find(|model| model["id"] == id).unwrap().clone();
        let columns = read_columns(&folder.join(format!("design/{id}.csv")));
        let fixed = columns.keys().filter(|name| name.starts_with('x')).count();
        Some(Self { reference, columns, fixed })
    }

    fn column(&self, name: &str) -> &[f64] {
        &self.columns[name]
    }

    fn indices(&self, name: &str) -> Vec<usize> {
        (0..self.column(name).len()).map(|row| self.index(name, row)).collect()
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and small")]
    fn index(&self, name: &str, row: usize) -> usize {
        self.column(name)[row] as usize
    }

    fn x<const N: usize, const K: usize>(&self) -> SMatrix<f64, N, K> {
        assert_eq!((self.column("y").len(), self.fixed), (N, K));
        SMatrix::from_fn(|i, j| self.column(&format!("x{j}"))[i])
    }

    fn y<const N: usize>(&self) -> SVector<f64, N> {
        SVector::from_row_slice(self.column("y"))
    }

    /// The rows of each level of a group, with the visit of each.
    fn subjects(&self, group: &str, visit: impl Fn(usize) -> usize) -> Vec<Vec<(usize, usize)>> {
        let mut subjects = Vec::new();
        let mut visits: BTreeMap<usize, usize> = BTreeMap::new();
        for (row, level) in self.indices(&format!("g_{group}")).into_iter().enumerate() {
            subjects.resize(subjects.len().max(level + 1), Vec::new());
            let _ = visits.entry(level).or_default();
            subjects[level].push((row, visit(row)));
        }
        subjects
    }

    /// A panel of these subjects.
    fn panel<
        M: Model<Covariance: ParamMatrix<f64, N, N>>,
        const N: usize,
        const K: usize,
        const PATTERNS: usize,
    >(
        &self,
        model: M,
        subjects: &[Vec<(usize, usize)>],
    ) -> Panel<M, f64, N, K, PATTERNS> {
        assert_eq!(self.fixed, K);
        let mut panel = Panel::with_patterns(model);
        for rows in subjects {
            let (x, y, observed) = self.subject(rows);
            panel.push_observed(&x, &y, &observed).unwrap();
        }
        panel
    }

    fn subject<const N: usize, const K: usize>(
        &self,
        rows: &[(usize, usize)],
    ) -> (SMatrix<f64, N, K>, SVector<f64, N>, [bool; N]) {
        let (mut x, mut y) = (SMatrix::zeros(), SVector::repeat(f64::NAN));
        let mut observed = [false; N];
        for &(row, visit) in rows {
            for j in 0..K {
                x[(visit, j)] = self.column(&format!("x{j}"))[row];
            }
            y[visit] = self.column("y")[row];
            observed[visit] = true;
        }
        (x, y, observed)
    }

    /// Place of a row among those of its level.
    fn places(&self, group: &str) -> Vec<usize> {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        let next = |level| {
            let count = counts.entry(level).or_default();
            *count += 1;
            *count - 1
        };
        self.indices(&format!("g_{group}")).into_iter().map(next).collect()
    }
}

/// Reads the columns of a CSV file, by name.
pub(crate) fn read_columns(path: &Path) -> BTreeMap<String, Vec<f64>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let names: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
    let mut columns: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for record in reader.records() {
        for (name, field) in names.iter().zip(&record.unwrap()) {
            columns.entry(name.clone()).or_default().push(field.parse().unwrap());
        }
    }
    columns
}

pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// The largest difference relative to the largest entry.
fn difference(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let pairs = found.iter().zip(expected);
    // A NaN must not get lost in a maximum.
    let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, |m, x| if x <= m { m } else { x });
    if largest > 0.0 { worst / largest } else { worst }
}

#[track_caller]
pub(crate) fn assert_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    let difference = difference(found, expected);
    if std::env::var("PRINT_DIFFERENCES").is_ok() {
        println!("{what}: {difference:e}");
    }
    assert!(difference <= tolerance, "{what}: {found:?} {expected:?} differ by {difference:e}");
}

/// How the parameters of the model say what the reference reports: from the ones to the others, which have the
/// same order, and back, with the derivative of each.
#[derive(Clone, Copy)]
struct Scale {
    to: fn(usize, f64) -> f64,
    from: fn(usize, f64) -> f64,
    derivative: fn(usize, f64) -> f64,
}

const SAME: Scale = Scale { to: |_, x| x, from: |_, x| x, derivative: |_, _| 1.0 };

/// Checks a fit by one criterion, and the likelihood at the reference's two other points.
fn check<'a, M, D, const N: usize, const K: usize>(
    case: &Case,
    criterion: Criterion,
    estimation: &Estimation<'a, M, D, f64, N, K>,
    scale: Scale,
) -> Fit<'a, M, f64, N, K>
where
    M: ParamMatrix<f64, N, N>,
    D: Observations<M, f64, N, K>,
{
    let name = match criterion {
        Criterion::Reml => "REML",
        Criterion::Ml => "ML",
    };
    let exact = &case.reference["fits"][name]["exact"];
    let id = format!("{} {name}", case.reference["id"].as_str().unwrap());
    // The informations leave out what is on the boundary.
    let listed = ["boundary", "information_order"].map(|key| exact[key].as_array());
    let order: Vec<&str> =
        listed.into_iter().flatten().flatten().map(|x| x.as_str().unwrap()).collect();
    let components =
        |values: &Value| -> Vec<f64> { order.iter().map(|name| number(&values[name])).collect() };

    let fit = estimation.fit().unwrap();
    let boundary = exact.get("boundary").is_some();
    assert_eq!(matches!(fit.outcome, Outcome::Boundary(_)), boundary, "{id}: {fit}");
    assert!(fit.outcome.is_maximum(), "{id}: {fit}");
    let off = (fit.log_likelihood - number(&exact["loglik"])).abs();
    assert!(off <= LOG_LIKELIHOOD, "{id}: log-likelihood off by {off:e}");
    let found: Vec<f64> =
        fit.params.as_ref().iter().enumerate().map(|(k, &x)| (scale.to)(k, x)).collect();
    for ((x, expected), name) in found.iter().zip(components(&exact["varcomp"])).zip(&order) {
        assert_close(&format!("{id} {name}"), &[*x], &[expected], ESTIMATE);
    }
    assert_close(&format!("{id} β"), fit.beta.as_slice(), &numbers(&exact["beta"]), ESTIMATE);
    assert_close(
        &format!("{id} standard errors"),
        fit.beta_standard_errors().as_slice(),
        &numbers(&exact["se"]),
        ESTIMATE,
    );
    let covariance: Vec<f64> =
        exact["vcov_beta"].as_array().unwrap().iter().flat_map(numbers).collect();
    let found: Vec<f64> = fit.beta_covariance.iter().copied().collect();
    assert_close(&format!("{id} covariance of β"), &found, &covariance, ESTIMATE);
    assert!(abs_diff_eq!(fit.aic(), number(&exact["aic"]), epsilon = 1e-8), "{id} AIC");
    assert!(abs_diff_eq!(fit.bic(), number(&exact["bic_n"]), epsilon = 1e-8), "{id} BIC");
    assert_eq!(fit.parameter_count() as f64, number(&exact["df_loglik"]), "{id} degrees");

    // Informations by what the reference reports, at its estimates.
    let model = fit.model;
    let scaled = |theta: &Theta<M, f64>, information: &Curvature<M, f64>| -> Vec<f64> {
        let slopes = slopes(model, theta, scale);
        let rows = information.as_ref().iter().zip(&slopes);
        let scaled = rows.flat_map(|(row, a)| {
            row.as_ref().iter().zip(&slopes).map(|(x, b)| x / a / b).collect::<Vec<_>>()
        });
        scaled.collect()
    };
    let matrix = |value: &Value| -> Vec<f64> {
        value.as_array().unwrap().iter().flat_map(numbers).collect()
    };
    if !boundary {
        let mut at = estimation.at(&fit.theta).unwrap();
        for (kind, information) in [
            ("average", at.average_information()),
            ("expected", at.expected_information()),
            ("observed", at.observed_information()),
        ] {
            let expected = matrix(&exact[format!("{kind}_information")]);
            let tolerance = if kind == "observed" { DIFFERENCED } else { DERIVATIVE };
            let found = scaled(&fit.theta, &information);
            assert_matrix(&format!("{id} {kind}"), &found, &expected, tolerance);
        }
        assert_matrix(
            &format!("{id} average of the fit"),
            &scaled(&fit.theta, &fit.average_information),
            &matrix(&exact["average_information"]),
            DERIVATIVE,
        );
    }

    for (i, point) in case.reference["evaluations"].as_array().unwrap().iter().enumerate() {
        let id = format!("{id} at point {i}");
        let params = components(&point["varcomp"]);
        let params: Vec<f64> =
            params.into_iter().enumerate().map(|(k, x)| (scale.from)(k, x)).collect();
        let theta = model.theta_from_params(&array(model, &params)).unwrap();
        let mut at = estimation.at(&theta).unwrap();
        let expected = &point[name];
        let off = (at.log_likelihood() - number(&expected["loglik"])).abs();
        assert!(off <= LOG_LIKELIHOOD, "{id}: log-likelihood off by {off:e}");
        assert_close(&format!("{id} β"), at.beta().as_slice(), &numbers(&point["beta"]), 1e-10);
        let slopes = slopes(model, &theta, scale);
        let score: Vec<f64> =
            at.score().as_ref().iter().zip(&slopes).map(|(x, slope)| x / slope).collect();
        assert_close(&format!("{id} score"), &score, &numbers(&expected["score"]), DERIVATIVE);
        for (kind, information) in
            [("average", at.average_information()), ("expected", at.expected_information())]
        {
            let expected = matrix(&expected[format!("{kind}_information")]);
            let found = scaled(&theta, &information);
            assert_matrix(&format!("{id} {kind}"), &found, &expected, DERIVATIVE);
        }
    }
    if criterion == Criterion::Reml {
        inference::check(case, estimation, &fit, scale);
    }
    fit
}

/// Each entry relative to the roots of the diagonal entries of its row and column.
#[track_caller]
pub(crate) fn assert_matrix(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    let n = expected.len().isqrt();
    let scale = |i: usize| expected[i * n + i].abs().sqrt();
    let normal = |x: &[f64]| -> Vec<f64> {
        x.iter().enumerate().map(|(i, x)| x / scale(i / n) / scale(i % n)).collect()
    };
    let (found, expected) = (normal(found), normal(expected));
    assert_close(what, &found, &expected, tolerance);
}

/// The derivatives of what the reference reports by θ.
fn slopes<M: ParamMatrix<f64, N, N>, const N: usize>(
    model: &M,
    theta: &Theta<M, f64>,
    scale: Scale,
) -> Vec<f64> {
    let params = model.params(theta);
    let derivatives = model.param_derivatives(theta);
    let pairs = params.as_ref().iter().zip(derivatives.as_ref()).enumerate();
    pairs.map(|(k, (&x, &slope))| (scale.derivative)(k, x) * slope).collect()
}

/// `[T; P]` for a generic P.
pub(crate) fn array<M: ParamMatrix<f64, N, N>, const N: usize>(
    model: &M,
    x: &[f64],
) -> Theta<M, f64> {
    let names: Vec<String> = model.param_names().map(|name| name.to_string()).collect();
    let pairs: Vec<(&str, f64)> = names.iter().map(String::as_str).zip(x.iter().copied()).collect();
    model.theta_by_name(&pairs).unwrap()
}

/// Checks the predictions for the subjects of a panel, whose random effects are one vector each.
fn check_subjects<U, R, const N: usize, const K: usize, const Q: usize>(
    case: &Case,
    fit: &Fit<'_, Sum<U, R>, f64, N, K>,
    subjects: &[Vec<(usize, usize)>],
) where
    U: RandomEffects<f64, N, Effects = SVector<f64, Q>>,
    Sum<U, R>: ParamMatrix<f64, N, N>,
    U: Shape<ParamCount: dim::Join<R::ParamCount>>,
    R: ParamMatrix<f64, N, N>,
{
    let exact = exact(case, fit.criterion);
    let id = case.reference["id"].as_str().unwrap();
    let count = case.column("y").len();
    let (mut effects, mut fitted, mut residuals) = (Vec::new(), vec![0.0; count], vec![0.0; count]);
    for rows in subjects {
        let (x, y, observed) = case.subject(rows);
        let prediction = fit.predict_observed(&x, &y, &observed).unwrap();
        effects.extend_from_slice(prediction.random_effects().as_slice());
        for &(row, visit) in rows {
            fitted[row] = prediction.fitted()[visit];
            residuals[row] = prediction.conditional_residuals()[visit];
        }
    }
    let expected: Vec<f64> =
        exact["blups"][0]["values"].as_array().unwrap().iter().flat_map(numbers).collect();
    assert_close(&format!("{id} random effects"), &effects, &expected, ESTIMATE);
    assert_close(&format!("{id} fitted"), &fitted, &numbers(&exact["fitted"]), ESTIMATE);
    assert_close(&format!("{id} residuals"), &residuals, &numbers(&exact["residuals"]), ESTIMATE);
}

fn exact(case: &Case, criterion: Criterion) -> &Value {
    let name = if criterion == Criterion::Reml { "REML" } else { "ML" };
    &case.reference["fits"][name]["exact"]
}

/// By both criteria.
macro_rules! both {
    ($case:expr, $estimation:expr, $scale:expr, |$fit:ident| $also:expr) => {
        for criterion in [Criterion::Reml, Criterion::Ml] {
            let estimation = $estimation;
            let estimation = if criterion == Criterion::Ml {
                estimation.with_criterion(Criterion::Ml)
            } else {
                estimation
            };
            let $fit = check($case, criterion, &estimation, $scale);
            $also
        }
    };
}
use both;
