//! Meta-analyses: each study has its own known sampling covariance.

use covprop::prelude::*;

use super::check::Parameters;
use super::{Case, Own, check_each};

const TRIALS: [&str; 3] = ["var(trial:PD)", "cov(trial:AL,PD)", "var(trial:AL)"];

/// The standard deviations and the entry of L of a [`LogCholeskyMatrix`].
const LOG_CHOLESKY: Parameters<'static> = Parameters {
    names: &TRIALS,
    of_model: |x| {
        let correlation = x[1] / (x[0] * x[2]).sqrt();
        let l = correlation / (1.0 - correlation * correlation).sqrt();
        vec![x[0].sqrt(), x[2].sqrt(), l]
    },
};

/// Checks a meta-analysis of two outcomes, with the covariance `$g` of their true effects.
macro_rules! two_outcomes {
    ($test:ident, $id:literal, $k:literal, $g:expr, $parameters:expr) => {
        #[test]
        fn $test() {
            let case = &Case::read($id);
            let own = case.own::<2>();
            let model = |own: &Own<'_, 2>| {
                let z =
                    SMatrix::<f64, 2, 2>::from_columns(&["PD", "AL"].map(|x| own.column(x).into()));
                let known = ["v1i", "v2i"].map(|x| own.column(x).into());
                let known = KnownMatrix::try_new(SMatrix::<f64, 2, 2>::from_columns(&known));
                MixedModel::new(z, named("G", $g), known.unwrap())
            };
            let list: Vec<_> = own.iter().map(|own| own.subject::<_, $k>(model(own))).collect();
            check_each!(case, list, $parameters, |criterion, fit| {
                let mut effects = Vec::new();
                for (own, subject) in own.iter().zip(&list) {
                    let prediction = fit.predict_subject(subject).unwrap();
                    let effect = prediction.random_effects().as_slice().to_vec();
                    effects.push(("trial", own.levels("trial").0[0], effect));
                }
                case.assert_random_effects(criterion, &effects);
            });
        }
    };
}

two_outcomes!(
    berkey,
    "berkey_bivariate",
    2,
    UnconstrainedMatrix::<2>::new(),
    Parameters::same(&TRIALS)
);
two_outcomes!(
    berkey_log_cholesky,
    "berkey_bivariate",
    2,
    LogCholeskyMatrix::<2>::new(),
    LOG_CHOLESKY
);
two_outcomes!(
    berkey_year,
    "berkey_bivariate_year",
    4,
    UnconstrainedMatrix::<2>::new(),
    Parameters::same(&TRIALS)
);

/// The diagonal matrix of the known variances.
fn sampling_variances<const N: usize>(own: &Own<'_, N>) -> KnownMatrix<N, f64> {
    KnownMatrix::try_new(SMatrix::from_diagonal(&own.column("vi").into())).unwrap()
}

/// Schools in districts, with one result for each school.
#[test]
fn konstantopoulos() {
    let case = &Case::read("konstantopoulos_three_level");
    let own = case.own::<11>();
    let model = |own: &Own<'_, 11>| {
        let district = CovariancePropagation::new(
            SVector::<f64, 11>::repeat(1.0),
            named("G", ScalarMatrix::<1>::new()),
        );
        let school = CovariancePropagation::new(
            IdentityMatrix::<11>::new(),
            named("G", ScalarMatrix::<11>::new()),
        );
        MixedModel::from_random_terms(
            named("district", district).plus(named("school", school)),
            sampling_variances(own),
        )
    };
    let list: Vec<_> = own.iter().map(|own| own.subject::<_, 1>(model(own))).collect();
    let names = ["var(district:1)", "var(sch:1)"];
    check_each!(case, list, Parameters::same(&names), |criterion, fit| {
        let mut effects = Vec::new();
        for (own, subject) in own.iter().zip(&list) {
            let prediction = fit.predict_subject(subject).unwrap();
            let (district, schools) = prediction.random_effects();
            effects.push(("district", own.levels("district").0[0], vec![district[0]]));
            for (level, school) in own.levels("sch").0.into_iter().zip(&schools) {
                effects.push(("sch", level, vec![*school]));
            }
        }
        case.assert_random_effects(criterion, &effects);
    });
}

/// The variance between studies is estimated as zero.
#[test]
fn raudenbush() {
    let case = &Case::read("raudenbush_boundary");
    let own = case.own::<1>();
    let model = |own: &Own<'_, 1>| {
        let study = named("G", ScalarMatrix::<1>::new());
        MixedModel::new(SVector::<f64, 1>::repeat(1.0), study, sampling_variances(own))
    };
    let list: Vec<_> = own.iter().map(|own| own.subject::<_, 2>(model(own))).collect();
    check_each!(case, list, Parameters::same(&["var(study:1)"]), |criterion, fit| {
        let mut effects = Vec::new();
        for (own, subject) in own.iter().zip(&list) {
            let prediction = fit.predict_subject(subject).unwrap();
            effects.push((
                "study",
                own.levels("study").0[0],
                prediction.random_effects().as_slice().to_vec(),
            ));
        }
        case.assert_random_effects(criterion, &effects);
    });
}
