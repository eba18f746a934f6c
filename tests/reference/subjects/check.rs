//! Comparisons of one fit with the reference.

use covprop::algebra::Curvature;
use covprop::inference::{Contrast, Information};
use covprop::prelude::*;
use covprop::reml::{Estimation, Fit, Observations};
use serde_json::Value;

use super::{Case, criterion_name};
use crate::fits::{array, assert_close, assert_matrix, number, numbers};

/// The largest difference of log-likelihoods, absolute, or relative to the log-likelihood where
/// this is larger than 100.
const LOG_LIKELIHOOD: [f64; 2] = [1e-9, 1e-11];
/// The largest difference of estimates at the maximum, relative.
const ESTIMATE: f64 = 1e-7;
/// The largest difference of estimates at a given θ, relative.
const AT_THETA: f64 = 1e-10;
/// The largest difference of scores and informations, relative.
const DERIVATIVE: f64 = 1e-8;
/// The largest difference of degrees of freedom, relative.
const DEGREES_OF_FREEDOM: f64 = 1e-6;
/// The parameters at a start near the estimates, in units of the estimates.
const NEAR: f64 = 1.02;

/// The parameters of the reference, and how the parameters of the model follow from them.
pub(super) struct Parameters<'n> {
    /// The names of the parameters in the reference.
    pub(super) names: &'n [&'n str],
    /// Computes the parameters of the model from those of the reference.
    pub(super) of_model: fn(&[f64]) -> Vec<f64>,
}

impl<'n> Parameters<'n> {
    /// Parameters that the model and the reference share.
    pub(super) const fn same(names: &'n [&'n str]) -> Self {
        Self { names, of_model: <[f64]>::to_vec }
    }

    fn values(&self, components: &Value) -> Vec<f64> {
        assert_eq!(components.as_object().unwrap().len(), self.names.len());
        self.names.iter().map(|name| number(&components[*name])).collect()
    }

    /// Returns the derivatives of each parameter of the model with respect to each parameter of the
    /// reference. The differences of five points have a relative error of h⁴, below 1e-13.
    fn slopes(&self, at: &[f64]) -> Vec<Vec<f64>> {
        const STEP: f64 = 3e-4;
        let by = |j: usize| {
            let h = STEP * at[j].abs();
            let shifted = |steps: f64| {
                let mut x = at.to_vec();
                x[j] += steps * h;
                (self.of_model)(&x)
            };
            let [a, b, c, d] = [-2.0, -1.0, 1.0, 2.0].map(shifted);
            (0..a.len()).map(|k| (a[k] - 8.0 * b[k] + 8.0 * c[k] - d[k]) / (12.0 * h)).collect()
        };
        (0..at.len()).map(by).collect()
    }

    /// Returns the derivatives of each element of θ with respect to each parameter of the reference,
    /// in the order of the reference.
    fn directions<M: ParamMatrix<f64, N, N>, const N: usize>(
        &self,
        model: &M,
        theta: &Theta<M, f64>,
        at: &[f64],
        exact: &Value,
    ) -> Vec<Vec<f64>> {
        let scale = model.param_derivatives(theta);
        let mut directions: Vec<Vec<f64>> = self.slopes(at);
        for direction in &mut directions {
            for (slope, scale) in direction.iter_mut().zip(scale.as_ref()) {
                *slope /= scale;
            }
        }
        // The order of the score and of the informations.
        let place = |name: &str| self.names.iter().position(|own| *own == name).unwrap();
        let places: Vec<usize> = match &exact["information_order"] {
            Value::Array(names) => names.iter().map(|name| place(name.as_str().unwrap())).collect(),
            _ => (0..self.names.len()).collect(),
        };
        places.into_iter().map(|j| directions[j].clone()).collect()
    }
}

/// Checks the likelihood of a model at the points of the reference, and the fit by one criterion
/// with its inference. The argument `model` is that of the first subject.
pub(super) fn check<'a, S, D, const N: usize, const K: usize>(
    case: &Case,
    criterion: Criterion,
    model: &S,
    estimation: Estimation<'a, S::Covariance, D, f64, N, K>,
    parameters: &Parameters<'_>,
) -> Fit<'a, S::Covariance, f64, N, K>
where
    S: Model<Covariance: ParamMatrix<f64, N, N>>,
    D: Observations<S::Covariance, f64, N, K>,
{
    let exact = case.exact(criterion).unwrap();
    let id = format!("{} {}", case.name, criterion_name(criterion));
    let model = model.covariance();
    for point in exact["evaluations"].as_array().into_iter().flatten() {
        check_evaluation(&id, model, &estimation, parameters, exact, point);
    }
    if exact.get("on_boundary").is_none() {
        check_informations(&id, model, &estimation, parameters, exact);
    }

    let expected = (parameters.of_model)(&parameters.values(&exact["varcomp"]));
    let estimation = if case.starts_near {
        let start: Vec<f64> = expected.iter().map(|x| NEAR * x).collect();
        estimation.with_start_params(&array(model, &start)).unwrap()
    } else {
        estimation
    };
    let fit = estimation.fit().unwrap();
    let boundary = exact.get("on_boundary").is_some();
    let as_expected = match fit.outcome {
        Outcome::Converged => !boundary,
        Outcome::Boundary(_) => boundary,
        _ => false,
    };
    assert!(as_expected, "{id}: {fit}");
    assert_log_likelihood(&format!("{id}: {fit}"), fit.log_likelihood, exact);
    let pairs = fit.params.as_ref().iter().zip(&expected).zip(parameters.names);
    for ((found, expected), name) in pairs {
        assert_close(&format!("{id} {name}"), &[*found], &[*expected], ESTIMATE);
    }
    let errors = fit.beta_standard_errors();
    check_beta(&id, fit.beta.as_slice(), errors.as_slice(), exact, ESTIMATE);
    if let Value::Array(covariance) = &exact["vcov_beta"] {
        let covariance: Vec<f64> = covariance.iter().flat_map(numbers).collect();
        let found: Vec<f64> = fit.beta_covariance.iter().copied().collect();
        assert_matrix(&format!("{id} covariance of β"), &found, &covariance, ESTIMATE);
    }
    check_degrees_of_freedom(&id, &estimation, &fit, exact);
    fit
}

#[track_caller]
fn assert_log_likelihood(id: &str, found: f64, exact: &Value) {
    let expected = number(&exact["loglik"]);
    let [absolute, relative] = LOG_LIKELIHOOD;
    let off = (found - expected).abs();
    assert!(off <= absolute.max(relative * expected.abs()), "{id}: log-likelihood off by {off:e}");
}

/// Compares fixed effects, each relative to itself or to its standard error, whichever is larger,
/// and standard errors.
#[track_caller]
fn check_beta(id: &str, beta: &[f64], errors: &[f64], exact: &Value, tolerance: f64) {
    let [expected, expected_errors] = ["beta", "se"].map(|key| numbers(&exact[key]));
    assert_eq!((beta.len(), errors.len()), (expected.len(), expected_errors.len()));
    for j in 0..beta.len() {
        let size = expected[j].abs().max(expected_errors[j]);
        assert_close(&format!("{id} β{j}"), &[beta[j] / size], &[expected[j] / size], tolerance);
        let what = format!("{id} standard error {j}");
        assert_close(&what, &[errors[j]], &[expected_errors[j]], tolerance);
    }
}

/// Checks the likelihood and its score at a point away from the maximum.
fn check_evaluation<M, D, const N: usize, const K: usize>(
    id: &str,
    model: &M,
    estimation: &Estimation<'_, M, D, f64, N, K>,
    parameters: &Parameters<'_>,
    exact: &Value,
    point: &Value,
) where
    M: ParamMatrix<f64, N, N>,
    D: Observations<M, f64, N, K>,
{
    let id = format!("{id} away from the maximum");
    let components = parameters.values(&point["varcomp"]);
    let params = (parameters.of_model)(&components);
    let theta = model.theta_from_params(&array(model, &params)).unwrap();
    let mut at = estimation.at(&theta).unwrap();
    assert_log_likelihood(&id, at.log_likelihood(), point);
    let errors = at.beta_covariance().diagonal().map(f64::sqrt);
    check_beta(&id, at.beta().as_slice(), errors.as_slice(), point, AT_THETA);
    let score = at.score();
    let directions = parameters.directions(model, &theta, &components, exact);
    let expected = numbers(&point["score"]);
    assert_eq!(directions.len(), expected.len());
    for (j, (direction, expected)) in directions.iter().zip(expected).enumerate() {
        let found: f64 = direction.iter().zip(score.as_ref()).map(|(a, b)| a * b).sum();
        assert_close(&format!("{id} score {j}"), &[found], &[expected], DERIVATIVE);
    }
}

/// Checks the informations at the estimates of the reference.
fn check_informations<M, D, const N: usize, const K: usize>(
    id: &str,
    model: &M,
    estimation: &Estimation<'_, M, D, f64, N, K>,
    parameters: &Parameters<'_>,
    exact: &Value,
) where
    M: ParamMatrix<f64, N, N>,
    D: Observations<M, f64, N, K>,
{
    let components = parameters.values(&exact["varcomp"]);
    let params = (parameters.of_model)(&components);
    let theta = model.theta_from_params(&array(model, &params)).unwrap();
    let mut at = estimation.at(&theta).unwrap();
    assert_log_likelihood(&format!("{id} at the estimates"), at.log_likelihood(), exact);
    let directions = parameters.directions(model, &theta, &components, exact);
    let kinds = [("expected", at.expected_information()), ("observed", at.observed_information())];
    for (kind, information) in kinds {
        if let Value::Array(expected) = &exact[format!("{kind}_information")] {
            let expected: Vec<f64> = expected.iter().flat_map(numbers).collect();
            let found = along::<M>(&information, &directions);
            assert_matrix(&format!("{id} {kind}"), &found, &expected, DERIVATIVE);
        }
    }
}

/// Returns the products dᵢᵀ I dⱼ of an information I with directions d.
fn along<M: Shape>(information: &Curvature<M, f64>, directions: &[Vec<f64>]) -> Vec<f64> {
    let product = |a: &[f64], b: &[f64]| -> f64 {
        let rows = information.as_ref().iter().zip(a);
        rows.map(|(row, a)| a * row.as_ref().iter().zip(b).map(|(x, b)| x * b).sum::<f64>()).sum()
    };
    directions.iter().flat_map(|a| directions.iter().map(move |b| product(a, b))).collect()
}

/// Checks the degrees of freedom of each fixed effect by Satterthwaite, and by Kenward and Roger if
/// the reference has them.
fn check_degrees_of_freedom<M, D, const N: usize, const K: usize>(
    id: &str,
    estimation: &Estimation<'_, M, D, f64, N, K>,
    fit: &Fit<'_, M, f64, N, K>,
    exact: &Value,
) where
    M: ParamMatrix<f64, N, N>,
    D: Observations<M, f64, N, K>,
{
    let compare = |what: &str, found: &[Contrast<f64>], degrees: &Value| {
        for (j, (found, expected)) in found.iter().zip(numbers(degrees)).enumerate() {
            let what = format!("{id} {what} ν of x{j}");
            assert_close(&what, &[found.degrees_of_freedom], &[expected], DEGREES_OF_FREEDOM);
        }
    };
    for (information, key) in [
        (Information::Observed, "satterthwaite_df"),
        (Information::Expected, "satterthwaite_df_expected_information"),
    ] {
        if exact.get(key).is_some() {
            let inference = estimation.inference_with(information, fit).unwrap();
            compare(key, &inference.coefficients().map(Result::unwrap), &exact[key]);
        }
    }
    // On the boundary, the default counts a variance of zero as estimated.
    let whole = &exact["kenward_roger_with_all_components"];
    let [degrees, errors] = if whole.is_null() {
        ["df", "se"].map(|key| &exact[format!("kenward_roger_{key}")])
    } else {
        ["df", "se"].map(|key| &whole[key])
    };
    if !degrees.is_null() {
        let adjusted = estimation.kenward_roger(fit).unwrap().coefficients().map(Result::unwrap);
        compare("Kenward-Roger", &adjusted, degrees);
        for (j, (found, expected)) in adjusted.iter().zip(numbers(errors)).enumerate() {
            let what = format!("{id} Kenward-Roger standard error {j}");
            assert_close(&what, &[found.standard_error], &[expected], ESTIMATE);
        }
    }
}
