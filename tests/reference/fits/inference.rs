//! Standard errors of parameters and degrees of freedom, against the reference, lmerTest, pbkrtest and SAS.

use covprop::inference::{FTest, Inference, Information, KenwardRoger};
use covprop::prelude::*;
use covprop::reml::{Estimation, Fit, Observations};
use serde_json::Value;

use super::{Case, DIFFERENCED, Scale, assert_close, numbers};

/// Of degrees of freedom that the reference has from expected informations, relative.
const DEGREES: f64 = 1e-8;
/// Of pbkrtest, whose fits are lme4's: these agree with the reference to seven digits and more.
const KENWARD_ROGER: f64 = 1e-6;
/// pbkrtest 0.5.2 is wrong for weights: it has the weighted (XᵀV⁻¹X)⁻¹ beside derivatives at V = ZGZᵀ + σ²I, and 25.3 and 22.7
/// degrees of freedom where a balanced design has 25. These are the formulas of 1997 at lme4's estimates with V the same
/// throughout, evaluated with 30 digits; with its mixture of the two that evaluation gives pbkrtest's own
/// values to all ten digits compared.
const WEIGHTED_ERRORS: [f64; 4] = [1.052_377_081, 0.089_302_213_59, 1.648_758_019, 0.139_909_680_1];

pub(crate) fn check<M, D, const N: usize, const K: usize>(
    case: &Case,
    estimation: &Estimation<'_, M, D, f64, N, K>,
    fit: &Fit<'_, M, f64, N, K>,
    scale: Scale,
) where
    M: ParamMatrix<f64, N, N>,
    D: Observations<M, f64, N, K>,
{
    let id = case.reference["id"].as_str().unwrap();
    let fits = &case.reference["fits"]["REML"];
    let exact = &fits["exact"];

    let observed = estimation.inference(fit).unwrap();
    let expected = estimation.inference_with(Information::Expected, fit).unwrap();
    for (inference, key, tolerance) in
        [(&observed, "observed", DIFFERENCED), (&expected, "expected", DEGREES)]
    {
        let degrees = inference.coefficients().map(|contrast| contrast.unwrap().degrees_of_freedom);
        let reference = numbers(&exact[format!("satterthwaite_df_{key}")]);
        for (j, (found, reference)) in degrees.iter().zip(reference).enumerate() {
            assert_close(&format!("{id} {key} ν of x{j}"), &[*found], &[reference], tolerance);
        }
    }
    if let Value::Array(printed) = &fits["published"]["satterthwaite_df"] {
        let found =
            observed.coefficients().map(|contrast| contrast.unwrap().degrees_of_freedom.round());
        assert_eq!(found.to_vec(), printed.iter().map(super::number).collect::<Vec<_>>(), "{id}");
    }
    if let Value::Array(errors) = &exact["varcomp_se_observed"] {
        let errors = errors.iter().map(super::number);
        let found = observed.param_standard_errors();
        let found = found.as_ref().iter().enumerate().filter_map(|(k, error)| {
            let slope = (scale.derivative)(k, fit.params.as_ref()[k]);
            error.map(|error| error * slope.abs())
        });
        for (found, expected) in found.zip(errors) {
            assert_close(&format!("{id} standard error"), &[found], &[expected], DIFFERENCED);
        }
    }

    // As far as lme4's estimates agree with the reference.
    let tolerance = case.reference["agreement"]["REML"]["lme4"]["se_rel"].as_f64().unwrap_or(0.0);
    let tolerance = KENWARD_ROGER.max(3.0 * tolerance);
    let adjusted = estimation.kenward_roger(fit).unwrap();
    if !fits["lme4"].is_null() {
        let of = |key: &str| numbers(&fits["lme4"][key]);
        let (degrees, errors) = if id == "orthodont_known_weights" {
            (vec![25.0; 4], WEIGHTED_ERRORS.to_vec())
        } else {
            (of("kenward_roger_df"), of("kenward_roger_se"))
        };
        for (found, (degrees, error)) in
            adjusted.coefficients().into_iter().zip(degrees.into_iter().zip(errors))
        {
            let found = found.unwrap();
            let found = [found.degrees_of_freedom, found.standard_error];
            for (what, found, expected) in
                [("ν", found[0], degrees), ("standard error", found[1], error)]
            {
                assert_close(
                    &format!("{id} Kenward-Roger {what}"),
                    &[found],
                    &[expected],
                    tolerance,
                );
            }
        }
    }
    check_terms(&fits["lme4"]["anova"], &observed, &adjusted, id, tolerance);
}

/// The hypotheses of lmerTest's type III table, by name of the model and the term.
fn hypothesis<const K: usize>(id: &str, term: &str) -> Vec<[f64; K]> {
    let unit = |j: usize| core::array::from_fn(|i| f64::from(u8::from(i == j)));
    match (id, term) {
        // Recipes B and C beside A, over temperatures; temperatures beside the first, over recipes.
        ("cake_splitplot", "recipe") => (1..3)
            .map(|recipe| {
                core::array::from_fn(|i| match i {
                    _ if i == recipe => 1.0,
                    8.. if (i - 8) % 2 + 1 == recipe => 1.0 / 6.0,
                    _ => 0.0,
                })
            })
            .collect(),
        ("cake_splitplot", "temperature") => (3..8)
            .map(|temperature| {
                core::array::from_fn(|i| match i {
                    _ if i == temperature => 1.0,
                    8.. if (i - 8) / 2 + 3 == temperature => 1.0 / 3.0,
                    _ => 0.0,
                })
            })
            .collect(),
        ("cake_splitplot", "recipe:temperature") => (8..18).map(unit).collect(),
        // The slope of both sexes; sexes at age 0.
        ("orthodont_ri" | "orthodont_known_weights", "age") => {
            vec![core::array::from_fn(|i| [0.0, 1.0, 0.0, 0.5].get(i).copied().unwrap_or_default())]
        }
        (_, "Sex" | "age2" | "day2") => vec![unit(2)],
        ("orthodont_ri" | "orthodont_known_weights", "age:Sex") => vec![unit(3)],
        ("machines_nested", _) => (1..3).map(unit).collect(),
        ("john_alpha_block", "gen") => (1..24).map(unit).collect(),
        ("john_alpha_block", "rep") => (24..26).map(unit).collect(),
        _ => vec![unit(1)],
    }
}

/// F tests of several rows, against lmerTest's and pbkrtest's.
fn check_terms<M: Shape, const K: usize>(
    table: &Value,
    by_satterthwaite: &Inference<M, f64, K>,
    by_kenward_roger: &KenwardRoger<M, f64, K>,
    id: &str,
    tolerance: f64,
) {
    let Value::Array(terms) = &table["terms"] else { return };
    for (i, term) in terms.iter().enumerate() {
        let term = term.as_str().unwrap();
        let rows = hypothesis::<K>(id, term);
        assert_eq!(rows.len() as f64, super::number(&table["num_df"][i]), "{id} {term}");
        let tests = match rows.len() {
            1 => both::<M, K, 1>(by_satterthwaite, by_kenward_roger, &rows),
            2 => both::<M, K, 2>(by_satterthwaite, by_kenward_roger, &rows),
            5 => both::<M, K, 5>(by_satterthwaite, by_kenward_roger, &rows),
            10 => both::<M, K, 10>(by_satterthwaite, by_kenward_roger, &rows),
            23 => both::<M, K, 23>(by_satterthwaite, by_kenward_roger, &rows),
            other => panic!("{other} rows"),
        };
        for (test, kind) in tests.iter().zip(["satterthwaite", "kenward_roger"]) {
            if id == "orthodont_known_weights" && kind == "kenward_roger" {
                continue;
            }
            let reference = |what: &str| super::number(&table[format!("{kind}_{what}")][i]);
            let what = format!("{id} {term} {kind}");
            // lmerTest differentiates numerically.
            let of_degrees = if kind == "satterthwaite" { 2e-5 } else { tolerance };
            assert_close(
                &format!("{what} ν"),
                &[test.denominator_degrees_of_freedom],
                &[reference("den_df")],
                of_degrees,
            );
            assert_close(&format!("{what} F"), &[test.statistic], &[reference("F")], tolerance);
        }
    }
}

fn both<M: Shape, const K: usize, const Q: usize>(
    by_satterthwaite: &Inference<M, f64, K>,
    by_kenward_roger: &KenwardRoger<M, f64, K>,
    rows: &[[f64; K]],
) -> [FTest<f64>; 2] {
    let l = SMatrix::<f64, Q, K>::from_fn(|i, j| rows[i][j]);
    [by_satterthwaite.test(&l).unwrap(), by_kenward_roger.test(&l).unwrap()]
}
