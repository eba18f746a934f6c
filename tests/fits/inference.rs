//! Standard errors of parameters and degrees of freedom, against the reference, lmerTest, pbkrtest and SAS.

use covprop::*;
use serde_json::Value;

use crate::{Case, DIFFERENCED, Scale, assert_close, numbers};

/// Of degrees of freedom that the reference has from expected informations, relative.
const DEGREES: f64 = 1e-8;
/// Of pbkrtest, whose fits are lme4's: these agree with the reference to seven digits and more.
const KENWARD_ROGER: f64 = 1e-6;

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
        let found = adjusted.coefficients();
        let of = |key: &str| numbers(&fits["lme4"][key]);
        // pbkrtest takes the residual variance for the same everywhere: `weights.rs` of this folder.
        if id != "orthodont_known_weights" {
            let degrees = of("kenward_roger_df");
            for (found, expected) in found.iter().zip(degrees) {
                assert_close(
                    &format!("{id} Kenward-Roger ν"),
                    &[found.degrees],
                    &[expected],
                    KENWARD_ROGER,
                );
            }
            let errors = of("kenward_roger_se");
            for (found, expected) in found.iter().zip(errors) {
                assert_close(
                    &format!("{id} Kenward-Roger standard error"),
                    &[found.standard_error],
                    &[expected],
                    KENWARD_ROGER,
                );
            }
        }
    }
}
