//! Standard errors of parameters and degrees of freedom, against the reference, lmerTest, pbkrtest and SAS.

use covprop::*;
use serde_json::Value;

use crate::{Case, DIFFERENCED, Scale, assert_close, numbers};

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
    D: Sample<f64, N, K>,
{
    let id = case.reference["id"].as_str().unwrap();
    let fits = &case.reference["fits"]["REML"];
    let exact = &fits["exact"];

    let observed = estimation.inference(fit).unwrap();
    let expected = estimation.inference_by(Information::Expected, fit).unwrap();
    for (inference, key, tolerance) in
        [(&observed, "observed", DIFFERENCED), (&expected, "expected", DEGREES)]
    {
        let degrees = inference.coefficients().map(|contrast| contrast.degrees);
        let reference = numbers(&exact[format!("satterthwaite_df_{key}")]);
        for (j, (found, reference)) in degrees.iter().zip(reference).enumerate() {
            assert_close(&format!("{id} {key} ν of x{j}"), &[*found], &[reference], tolerance);
        }
    }
    if let Value::Array(printed) = &fits["published"]["satterthwaite_df"] {
        let found = observed.coefficients().map(|contrast| contrast.degrees.round());
        assert_eq!(found.to_vec(), printed.iter().map(crate::number).collect::<Vec<_>>(), "{id}");
    }
    if let Value::Array(errors) = &exact["varcomp_se_observed"] {
        let errors = errors.iter().map(crate::number);
        let found = observed.param_standard_errors();
        let found = found.as_ref().iter().enumerate().filter_map(|(k, error)| {
            let slope = (scale.derivative)(k, fit.params.as_ref()[k]);
            error.map(|error| error * slope.abs())
        });
        for (found, expected) in found.zip(errors) {
            assert_close(&format!("{id} standard error"), &[found], &[expected], DIFFERENCED);
        }
    }

    let adjusted = estimation.kenward_roger(fit).unwrap();
    if let Value::Array(_) = &fits["lme4"]["kenward_roger_df"] {
        let of = |key: &str| numbers(&fits["lme4"][key]);
        let (degrees, errors) = if id == "orthodont_known_weights" {
            (vec![25.0; 4], WEIGHTED_ERRORS.to_vec())
        } else {
            (of("kenward_roger_df"), of("kenward_roger_se"))
        };
        for (found, (degrees, error)) in
            adjusted.coefficients().iter().zip(degrees.into_iter().zip(errors))
        {
            let found = [found.degrees, found.standard_error];
            for (what, found, expected) in
                [("ν", found[0], degrees), ("standard error", found[1], error)]
            {
                assert_close(
                    &format!("{id} Kenward-Roger {what}"),
                    &[found],
                    &[expected],
                    KENWARD_ROGER,
                );
            }
        }
    }
}
