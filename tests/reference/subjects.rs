//! Fits of subjects with designs of their own against stationary points that other software
//! computed to double precision (`tests/data/README.md`): the likelihood away from the maximum,
//! estimates, standard errors, degrees of freedom and random effects.

mod check;
mod fields;
mod joint;
mod known_variances;
mod random_effects;
mod residual_structures;

use std::collections::BTreeMap;
use std::path::Path;

use covprop::prelude::*;
use serde_json::Value;

use crate::fits::{assert_close, numbers, read_columns};

/// The largest difference of random effects, relative to the largest of them.
const RANDOM_EFFECT: f64 = 1e-7;

/// A model of `subjects.json` and its data.
struct Case {
    name: String,
    /// The exact results by criterion, "REML" or "ML".
    exact: BTreeMap<String, Value>,
    columns: BTreeMap<String, Vec<f64>>,
    /// The factor whose levels are the subjects. If there is no factor, all rows are one subject.
    subject: Option<String>,
    /// `true` if the fits start near the estimates of the reference, because the likelihood has
    /// several maxima.
    starts_near: bool,
}

/// Returns the cases of `subjects.json`, each part of a case by itself, and the results for all
/// parts together by the name of the case.
fn all_cases() -> (Vec<Value>, BTreeMap<String, Value>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/subjects.json");
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut cases, mut joint) = (Vec::new(), BTreeMap::new());
    for case in all["cases"].as_array().unwrap() {
        if let Value::Array(parts) = &case["parts"] {
            cases.extend_from_slice(parts);
            let _ = joint.insert(case["name"].as_str().unwrap().to_owned(), case["joint"].clone());
        } else {
            cases.push(case.clone());
        }
    }
    (cases, joint)
}

fn criterion_name(criterion: Criterion) -> &'static str {
    if criterion == Criterion::Reml { "REML" } else { "ML" }
}

impl Case {
    /// Reads a fit, or the fit on which a case of another topic is based.
    fn read(name: &str) -> Self {
        let (cases, _) = all_cases();
        let case = cases.iter().find(|case| case["name"] == name).unwrap();
        let exact = match (&case["methods"], &case["exact_fit"]) {
            (Value::Object(methods), _) => {
                methods.iter().map(|(name, fit)| (name.clone(), fit["exact"].clone())).collect()
            }
            (_, fit) => {
                BTreeMap::from([(case["method"].as_str().unwrap().to_owned(), fit.clone())])
            }
        };
        let design = case["design"].as_str().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
        let columns = read_columns(&folder.join(design));
        let subject = format!("g_{}", case["structure"]["independent_blocks"].as_str().unwrap());
        let subject = columns.contains_key(&subject).then_some(subject);
        Self { name: name.to_owned(), exact, columns, subject, starts_near: false }
    }

    fn exact(&self, criterion: Criterion) -> Option<&Value> {
        self.exact.get(criterion_name(criterion))
    }

    fn column(&self, name: &str) -> &[f64] {
        &self.columns[name]
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and small")]
    fn index(&self, name: &str, row: usize) -> usize {
        self.column(name)[row] as usize
    }

    /// Returns the rows of each subject in the order of the data. The subjects may alternate.
    fn rows(&self) -> Vec<Vec<usize>> {
        let mut subjects: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for row in 0..self.column("y").len() {
            let subject = self.subject.as_ref().map_or(0, |name| self.index(name, row));
            subjects.entry(subject).or_default().push(row);
        }
        subjects.into_values().collect()
    }

    /// Returns the subjects with their rows at the first places.
    fn own<const N: usize>(&self) -> Vec<Own<'_, N>> {
        let place = |rows: Vec<usize>| {
            assert!(rows.len() <= N, "{}: a subject has {} rows", self.name, rows.len());
            Own { case: self, rows: core::array::from_fn(|i| rows.get(i).copied()) }
        };
        self.rows().into_iter().map(place).collect()
    }

    /// Returns the subjects with each row at the place that `place` returns.
    fn placed<const N: usize>(&self, place: impl Fn(usize) -> usize) -> Vec<Own<'_, N>> {
        let subject = |rows: Vec<usize>| {
            let mut places = [None; N];
            for row in rows {
                assert_eq!(places[place(row)].replace(row), None);
            }
            Own { case: self, rows: places }
        };
        self.rows().into_iter().map(subject).collect()
    }

    /// Compares random effects, each with its factor and its level, with the reference, which has
    /// the effects of the first levels.
    fn assert_random_effects(&self, criterion: Criterion, found: &[(&str, usize, Vec<f64>)]) {
        for term in self.exact(criterion).unwrap()["blups"].as_array().unwrap() {
            let factor = term["group"].as_str().unwrap();
            let values = term["values"].as_array().unwrap();
            let of = |level: usize| {
                let effect = found.iter().find(|(name, at, _)| *name == factor && *at == level);
                effect.unwrap().2.clone()
            };
            let found: Vec<f64> = (0..values.len()).flat_map(of).collect();
            let expected: Vec<f64> = values.iter().flat_map(numbers).collect();
            let what = format!("{} {} {factor}", self.name, criterion_name(criterion));
            assert_close(&what, &found, &expected, RANDOM_EFFECT);
        }
    }
}

/// The data of one subject. Numbers of places without an observation are zero.
#[derive(Clone, Copy)]
struct Own<'c, const N: usize> {
    case: &'c Case,
    /// The row of the data at each place.
    rows: [Option<usize>; N],
}

impl<const N: usize> Own<'_, N> {
    fn column(&self, name: &str) -> [f64; N] {
        let column = self.case.column(name);
        self.rows.map(|row| row.map_or(0.0, |row| column[row]))
    }

    /// Returns the levels of a factor in the order in which they occur, and the position of the
    /// level of each place in this list.
    fn levels(&self, factor: &str) -> (Vec<usize>, [usize; N]) {
        let name = format!("g_{factor}");
        let mut levels = Vec::new();
        let positions = self.rows.map(|row| {
            let Some(level) = row.map(|row| self.case.index(&name, row)) else { return 0 };
            let position = levels.iter().position(|&known| known == level);
            position.unwrap_or_else(|| {
                levels.push(level);
                levels.len() - 1
            })
        });
        (levels, positions)
    }

    /// Creates the subject with its model.
    fn subject<M, const K: usize>(&self, model: M) -> Subject<M, f64, N, K>
    where
        M: Model<Covariance: Shape<Rows = nalgebra::Const<N>>>,
    {
        assert!(!self.case.columns.contains_key(&format!("x{K}")), "{}: K", self.case.name);
        let columns: [[f64; N]; K] = core::array::from_fn(|j| self.column(&format!("x{j}")));
        let x = SMatrix::from_fn(|i, j| columns[j][i]);
        let subject = Subject::new(model, x, self.column("y").into());
        let count = self.rows.iter().flatten().count();
        if self.rows[..count].iter().all(Option::is_some) {
            subject.with_rows(count)
        } else {
            subject.with_observed(self.rows.map(|row| row.is_some()))
        }
    }
}

/// Checks the fits of subjects by each criterion that has a reference. After each check, evaluates
/// an expression of the criterion and the fit.
macro_rules! check_each {
    ($case:expr, $list:expr, $parameters:expr $(, |$criterion:ident, $fit:ident| $also:expr)?) => {{
        #[allow(unused_imports)]
        let subjects = covprop::reml::Subjects::new(&$list[..]).unwrap();
        for criterion in [covprop::reml::Criterion::Ml, covprop::reml::Criterion::Reml] {
            if $case.exact(criterion).is_some() {
                let estimation = subjects.estimation().unwrap().with_criterion(criterion);
                let model = $list[0].model();
                let parameters = &$parameters;
                let _fit =
                    $crate::subjects::check::check($case, criterion, model, estimation, parameters);
                $({
                    let ($criterion, $fit) = (criterion, &_fit);
                    $also
                })?
            }
        }
    }};
}
use check_each;
