//! Units of distance and of y: the same fit in each.

use approx::{abs_diff_eq, relative_eq};
use covprop::dim::Extent;
use covprop::prelude::*;

use super::*;

const N: usize = 12;
pub(crate) const TIMES: [f64; N] = [0.0, 1.0, 2.0, 3.5, 4.0, 6.0, 7.0, 8.5, 9.0, 11.0, 12.0, 13.0];
const Y: [f64; N] = [1.0, 1.3, 0.9, 0.2, 0.1, -0.6, -0.9, -0.4, -0.5, 0.6, 0.9, 1.4];

fn distances(unit: f64) -> Distances<N> {
    Distances::from_positions(TIMES.map(|t| t * unit))
}

/// Fits in units of distance 10ᵏ against the maximum in the unit 1, of which the second parameter is the range.
fn check<M>(case: &str, powers: impl Iterator<Item = i32>, model: impl Fn(Distances<N>) -> M)
where
    M: ParamMatrix<f64, N, N> + Extent<Size = (nalgebra::Const<N>, nalgebra::Const<N>)>,
{
    let mut tally = Tally::default();
    let right = &read("cases.json")["distances"][case];
    let (height, params) = (number(&right["log_likelihood"]), numbers(&right["params"]));
    let beta = number(&right["beta"][0]);
    for k in powers {
        let unit = 10.0_f64.powi(k);
        let model = Marginal::new(model(distances(unit)));
        let fit = match model.fit(&ones(), &SVector::from(Y)) {
            Ok(fit) => fit,
            Err(error) => {
                tally.check(false, || format!("{case}, unit 1e{k}: {error}"));
                continue;
            }
        };
        let mut found = fit.params.as_ref().to_vec();
        found[1] /= unit;
        let holds = matches!(fit.outcome, Outcome::Converged)
            && is_height(fit.log_likelihood, height)
            && are_close(&found, &params, ESTIMATE)
            && are_close(fit.beta.as_slice(), &[beta], ESTIMATE);
        tally.check(holds, || {
            format!(
                "{case}, unit 1e{k}: {:?}, ℓ = {} for {height}, {found:?} for {params:?}",
                fit.outcome, fit.log_likelihood
            )
        });
    }
    tally.finish(12);
}

/// Issue text d.
#[test]
fn exponential() {
    check("exponential", -6..=9, ExponentialMatrix::new);
}

#[test]
fn matern_with_nugget() {
    check("matern", -6..=9, |d| MaternMatrix::three_halves(d).plus(ScalarMatrix::<N>::new()));
}

#[test]
fn gaussian_with_nugget() {
    check("gaussian", -6..=9, |d| GaussianMatrix::new(d).plus(ScalarMatrix::<N>::new()));
}

/// Issue text n: (σ² C)(σ² C)ᵀ, whose condition is the square of C's.
#[test]
fn outer_gram() {
    check("outer_gram", -9..=6, |d| OuterGram::new(ExponentialMatrix::new(d)));
}

#[test]
fn outer_gram_with_nugget() {
    check("outer_gram_nugget", -9..=6, |d| {
        OuterGram::new(ExponentialMatrix::new(d)).plus(ScalarMatrix::<N>::new())
    });
}

/// From a start where V is singular in rounding no log-likelihood is higher than the highest.
#[test]
fn no_impossible_log_likelihood() {
    let highest = number(&read("cases.json")["distances"]["outer_gram"]["log_likelihood"]);
    let mut tally = Tally::default();
    for k in -12..=3 {
        for range in [-4.0, 0.0, 4.0, 12.0] {
            let unit = 10.0_f64.powi(k);
            let model = Marginal::new(OuterGram::new(ExponentialMatrix::new(distances(unit))));
            let estimation = model.estimation(&ones(), &SVector::from(Y)).unwrap();
            let fit = estimation.with_start([0.0, range]).fit();
            let height = fit.as_ref().map_or(f64::NEG_INFINITY, |fit| fit.log_likelihood);
            tally.check(height <= highest + LOG_LIKELIHOOD * highest.abs(), || {
                format!(
                    "unit 1e{k}, start {range}: {:?}, ℓ = {height:e}",
                    fit.as_ref().map(|fit| &fit.outcome)
                )
            });
            if let Ok(fit) = fit {
                let reached = is_height(fit.log_likelihood, highest);
                tally.check(!fit.outcome.is_maximum() || reached, || {
                    format!("unit 1e{k}, start {range}: {:?}, ℓ = {height}", fit.outcome)
                });
            }
        }
    }
    tally.finish(64);
}

/// Groups of four with the same mean, 2, and Σ(y − 2)² = 4 + 10 + 2 + 2.5.
const ALIKE: [[f64; 4]; 4] =
    [[1.0, 3.0, 1.0, 3.0], [0.0, 4.0, 1.0, 3.0], [2.0, 2.0, 3.0, 1.0], [2.5, 1.5, 3.0, 1.0]];
const SQUARES: f64 = 18.5;

/// A variance between groups that is zero, in units of y of 10ᵏ: by REML σ² = 18.5/15, and Kenward & Roger's
/// degrees of freedom of the mean are those between groups, 3.
macro_rules! alike {
    ($name:ident, $scalar:ty, $units:expr, $tolerance:expr) => {
        #[test]
        fn $name() {
            let ones = SVector::<$scalar, 4>::repeat(1.0);
            let model = MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<4>::new());
            let mut tally = Tally::default();
            for unit in $units {
                let unit: f64 = unit;
                let mut panel = Panel::new(model);
                for y in ALIKE {
                    #[allow(
                        clippy::cast_possible_truncation,
                        clippy::unnecessary_cast,
                        reason = "in f32, the question"
                    )]
                    panel.push(&ones, &SVector::from(y.map(|y| (y * unit) as $scalar))).unwrap();
                }
                let estimation = panel.estimation().unwrap();
                let fit = estimation.fit().unwrap();
                let tolerance: f64 = $tolerance;
                #[allow(clippy::useless_conversion, reason = "of f32")]
                let float = |x: $scalar| f64::from(x);
                let variance = float(fit.params[1]) / unit / unit;
                let height = float(fit.log_likelihood) + 15.0 * unit.ln();
                // |V| |X'V⁻¹X| = 16 σ³⁰
                let right = -0.5
                    * (15.0 * ((std::f64::consts::TAU * SQUARES / 15.0).ln() + 1.0)
                        + 16.0_f64.ln());
                let holds = fit.outcome == Outcome::Boundary([Some(Edge::Lower), None])
                    && fit.params[0] == 0.0
                    && abs_diff_eq!(variance / (SQUARES / 15.0), 1.0, epsilon = tolerance)
                    && abs_diff_eq!(
                        height,
                        right,
                        epsilon = tolerance * (right.abs() + 15.0 * unit.ln().abs())
                    )
                    && abs_diff_eq!(
                        float(fit.beta[0]) / unit / 2.0,
                        1.0,
                        epsilon = 1e-2 * tolerance
                    );
                tally.check(holds, || {
                    format!(
                        "unit {unit:e}: {:?}, {variance}, ℓ = {height} for {right}",
                        fit.outcome
                    )
                });
                let test = estimation
                    .kenward_roger(&fit)
                    .and_then(|adjusted| adjusted.contrast(&SVector::from([1.0])));
                let right = (SQUARES / 15.0 / 16.0).sqrt();
                let holds = test.is_ok_and(|test| {
                    relative_eq!(
                        float(test.degrees_of_freedom),
                        3.0,
                        epsilon = 0.0,
                        max_relative = 1e-3
                    ) && abs_diff_eq!(
                        float(test.standard_error) / unit / right,
                        1.0,
                        epsilon = tolerance
                    )
                });
                tally.check(holds, || {
                    format!("unit {unit:e}: {test:?} for 3 degrees of freedom, {right}")
                });
            }
            tally.finish(10);
        }
    };
}

// Issue text j.
alike!(equal_means, f64, [1e-100, 1e-80, 1e-40, 1e-8, 1e-3, 1.0, 1e8, 1e40, 1e80, 1e100], 1e-9);
alike!(
    equal_means_in_single_precision,
    f32,
    [1e-12, 1e-8, 1e-6, 1e-3, 1.0, 1e3, 1e6, 1e8, 1e11, 1e13],
    1e-3
);
