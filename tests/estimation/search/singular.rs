//! A G of rank one: the same inference however it is parametrised.

use covprop::dim::Extent;
use covprop::prelude::*;
use covprop::typenum;

use super::*;

/// Issue text h, against Kenward & Roger's formulas for G = a aᵀ in 40 digits.
fn check<G>(name: &str, g: G, correlation: usize)
where
    MixedModel<CovariancePropagation<SMatrix<f64, 4, 2>, G>, ScalarMatrix<4>>:
        Model<Covariance: ParamMatrix<f64, 4, 4> + Shape<ParamCount = typenum::U4>>,
    G: ParamMatrix<f64, 2, 2>
        + Shape<ParamCount = typenum::U3>
        + Extent<Size = (nalgebra::Const<2>, nalgebra::Const<2>)>
        + Copy,
{
    let right = &read("cases.json")["rank_one"];
    let responses = responses::<4>(&right["ys"]);
    let panel =
        panel(MixedModel::new(line::<4>(), g, ScalarMatrix::<4>::new()), &line(), &responses);
    let estimation = panel.estimation().unwrap();
    let fit = estimation.fit().unwrap();
    assert!(matches!(fit.outcome, Outcome::Boundary(_)), "{name}: {fit}");
    for k in 0..4 {
        assert_eq!(fit.outcome.edge(k).is_some(), k == correlation, "{name}, {k}: {fit}");
    }
    assert_height(name, fit.log_likelihood, number(&right["log_likelihood"]), LOG_LIKELIHOOD);
    let theta = fit.theta.as_ref();
    let value = g.value(&[theta[0], theta[1], theta[2]]);
    let found = [value[(0, 0)], value[(1, 0)], value[(1, 1)]];
    assert_all_close(name, &found, &numbers(&right["g"]), ESTIMATE);
    assert_close(name, fit.params.as_ref()[3], number(&right["residual"]), ESTIMATE);
    assert_close(name, fit.beta[0], number(&right["beta"][0]), 1e-10);
    assert!(fit.beta[1].abs() < 1e-10);
    let errors = fit.beta_standard_errors();
    assert_all_close(name, errors.as_slice(), &numbers(&right["standard_errors"]), ESTIMATE);

    let adjusted = estimation.kenward_roger(&fit).unwrap();
    for k in 0..2 {
        let l = SVector::<f64, 2>::from_fn(|i, _| f64::from(u8::from(i == k)));
        let found = adjusted.contrast(&l).unwrap();
        let right = &right["kenward_roger"];
        assert_close(name, found.degrees_of_freedom, number(&right["degrees"][k]), 1e-6);
        assert_close(name, found.standard_error, number(&right["standard_errors"][k]), 1e-6);
    }
}

#[test]
fn heterogeneous_compound_symmetric() {
    check("heterogeneous", HeterogeneousCompoundSymmetricMatrix::<2>::new(), 2);
}

#[test]
fn log_cholesky() {
    check("log-Cholesky", LogCholeskyMatrix::<2>::new(), 2);
}
