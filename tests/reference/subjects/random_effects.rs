//! Random effects of groups of unequal size, of subjects with times of their own, and of nested and
//! crossed factors within blocks.

use covprop::prelude::*;

use super::check::Parameters;
use super::{Case, Own, check_each};
use crate::common::thread::with_large_stack;

/// Checks a random intercept for each subject.
macro_rules! random_intercept {
    ($test:ident, $id:literal, $group:literal, $n:literal, $k:literal) => {
        #[test]
        fn $test() {
            with_large_stack(|| {
                let case = &Case::read($id);
                let model = MixedModel::new(
                    SVector::<f64, $n>::repeat(1.0),
                    named("G", ScalarMatrix::<1>::new()),
                    named("R", ScalarMatrix::<$n>::new()),
                );
                let own = case.own::<$n>();
                let list: Vec<_> = own.iter().map(|own| own.subject::<_, $k>(model)).collect();
                let names = [concat!("var(", $group, ":1)"), "sigma2"];
                check_each!(case, list, Parameters::same(&names), |criterion, fit| {
                    let mut effects = Vec::new();
                    for (own, subject) in own.iter().zip(&list) {
                        let prediction = fit.predict_subject(subject).unwrap();
                        let effect = prediction.random_effects().as_slice().to_vec();
                        effects.push(($group, own.levels($group).0[0], effect));
                    }
                    case.assert_random_effects(criterion, &effects);
                });
            });
        }
    };
}

random_intercept!(math_achievement_intercept, "mathachieve_ri", "School", 67, 3);
random_intercept!(gasoline, "gasoline_ri", "Sample", 4, 3);

/// The columns 1 and `covariate` of a random intercept and slope.
fn intercept_and_slope<const N: usize>(own: &Own<'_, N>, covariate: &str) -> SMatrix<f64, N, 2> {
    let times = own.column(covariate);
    SMatrix::from_fn(|i, j| if j == 0 { 1.0 } else { times[i] })
}

/// Checks a random intercept and slope with the covariance `$g` of two variables.
macro_rules! random_slope {
    (
        $test:ident, $id:literal, $group:literal, $covariate:literal, $n:literal, $k:literal,
        $g:expr, $parameters:expr
    ) => {
        #[test]
        fn $test() {
            with_large_stack(|| {
                let case = &Case::read($id);
                let own = case.own::<$n>();
                let model = |own: &Own<'_, $n>| {
                    let z = intercept_and_slope(own, $covariate);
                    MixedModel::new(z, named("G", $g), named("R", ScalarMatrix::<$n>::new()))
                };
                let list: Vec<_> = own.iter().map(|own| own.subject::<_, $k>(model(own))).collect();
                check_each!(case, list, $parameters, |criterion, fit| {
                    if case.exact(criterion).unwrap().get("blups").is_some() {
                        let mut effects = Vec::new();
                        for (own, subject) in own.iter().zip(&list) {
                            let prediction = fit.predict_subject(subject).unwrap();
                            let effect = prediction.random_effects().as_slice().to_vec();
                            effects.push(($group, own.levels($group).0[0], effect));
                        }
                        case.assert_random_effects(criterion, &effects);
                    }
                });
            });
        }
    };
}

const SCHOOLS: [&str; 4] = ["var(School:1)", "cov(School:SES,1)", "var(School:SES)", "sigma2"];
const SLEEPERS: [&str; 4] =
    ["var(Subject:1)", "cov(Subject:Days,1)", "var(Subject:Days)", "sigma2"];

/// The standard deviations and the entry of L of a [`LogCholeskyMatrix`], and the residual variance.
const LOG_CHOLESKY: Parameters<'static> = Parameters {
    names: &SLEEPERS,
    of_model: |x| {
        let correlation = x[1] / (x[0] * x[2]).sqrt();
        let l = correlation / (1.0 - correlation * correlation).sqrt();
        vec![x[0].sqrt(), x[2].sqrt(), l, x[3]]
    },
};

random_slope!(
    math_achievement_slope,
    "mathachieve_ris",
    "School",
    "SES",
    67,
    3,
    UnconstrainedMatrix::<2>::new(),
    Parameters::same(&SCHOOLS)
);
random_slope!(
    sleepstudy_own_times,
    "sleepstudy_own_ris",
    "Subject",
    "Days",
    10,
    2,
    UnconstrainedMatrix::<2>::new(),
    Parameters::same(&SLEEPERS)
);
random_slope!(
    sleepstudy_own_times_log_cholesky,
    "sleepstudy_own_ris",
    "Subject",
    "Days",
    10,
    2,
    LogCholeskyMatrix::<2>::new(),
    LOG_CHOLESKY
);
random_slope!(
    sleepstudy_own_times_uncorrelated,
    "sleepstudy_own_uncor",
    "Subject",
    "Days",
    10,
    2,
    DiagonalMatrix::<2>::new(),
    Parameters::same(&["var(Subject:1)", "var(Subject:Days)", "sigma2"])
);
random_slope!(
    sleepstudy_same_times,
    "cr_sleepstudy_ris",
    "Subject",
    "Days",
    10,
    2,
    UnconstrainedMatrix::<2>::new(),
    Parameters::same(&SLEEPERS)
);

/// Checks the yields of oats in blocks, with a variance between blocks and between the varieties of
/// a block.
macro_rules! oats {
    ($test:ident, $id:literal, $k:literal) => {
        #[test]
        fn $test() {
            with_large_stack(|| {
                let case = &Case::read($id);
                let own = case.own::<12>();
                let model = |own: &Own<'_, 12>| {
                    let block = CovariancePropagation::new(
                        SVector::<f64, 12>::repeat(1.0),
                        named("G", ScalarMatrix::<1>::new()),
                    );
                    let plot = CovariancePropagation::new(
                        DummyMatrix::<12, 3>::try_from_indices(own.levels("BV").1).unwrap(),
                        named("G", ScalarMatrix::<3>::new()),
                    );
                    MixedModel::from_random_terms(
                        named("block", block).plus(named("plot", plot)),
                        named("R", ScalarMatrix::<12>::new()),
                    )
                };
                let list: Vec<_> = own.iter().map(|own| own.subject::<_, $k>(model(own))).collect();
                let names = ["var(Block:1)", "var(BV:1)", "sigma2"];
                check_each!(case, list, Parameters::same(&names), |criterion, fit| {
                    let mut effects = Vec::new();
                    for (own, subject) in own.iter().zip(&list) {
                        let prediction = fit.predict_subject(subject).unwrap();
                        let (block, plots) = prediction.random_effects();
                        effects.push(("Block", own.levels("Block").0[0], vec![block[0]]));
                        for (level, plot) in own.levels("BV").0.into_iter().zip(&plots) {
                            effects.push(("BV", level, vec![*plot]));
                        }
                    }
                    case.assert_random_effects(criterion, &effects);
                });
            });
        }
    };
}

oats!(oats_linear, "oats_linear", 4);
oats!(oats_split_plot, "oats_splitplot", 12);

/// Two blocks, in each of which samples and dilutions are crossed.
#[test]
fn assay() {
    with_large_stack(|| {
        let case = &Case::read("assay_crossed_in_block");
        let own = case.own::<30>();
        let model = |own: &Own<'_, 30>| {
            let block = CovariancePropagation::new(
                SVector::<f64, 30>::repeat(1.0),
                named("G", ScalarMatrix::<1>::new()),
            );
            let sample = CovariancePropagation::new(
                DummyMatrix::<30, 6>::try_from_indices(own.levels("BS").1).unwrap(),
                named("G", ScalarMatrix::<6>::new()),
            );
            let dilution = CovariancePropagation::new(
                DummyMatrix::<30, 5>::try_from_indices(own.levels("BD").1).unwrap(),
                named("G", ScalarMatrix::<5>::new()),
            );
            MixedModel::from_random_terms(
                named("block", block)
                    .plus(named("sample", sample))
                    .plus(named("dilution", dilution)),
                named("R", ScalarMatrix::<30>::new()),
            )
        };
        let list: Vec<_> = own.iter().map(|own| own.subject::<_, 30>(model(own))).collect();
        let names = ["var(Block:1)", "var(BS:1)", "var(BD:1)", "sigma2"];
        check_each!(case, list, Parameters::same(&names), |criterion, fit| {
            let mut effects = Vec::new();
            for (own, subject) in own.iter().zip(&list) {
                let prediction = fit.predict_subject(subject).unwrap();
                let ((block, samples), dilutions) = prediction.random_effects();
                effects.push(("Block", own.levels("Block").0[0], vec![block[0]]));
                for (factor, of_levels) in
                    [("BS", samples.as_slice()), ("BD", dilutions.as_slice())]
                {
                    for (level, effect) in own.levels(factor).0.into_iter().zip(of_levels) {
                        effects.push((factor, level, vec![*effect]));
                    }
                }
            }
            case.assert_random_effects(criterion, &effects);
        });
    });
}
