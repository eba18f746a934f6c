//! The likelihood at many θ, in whatever coordinates: the answers are those of V as it is.

use core::fmt::Debug;

use approx::assert_abs_diff_eq;
use covprop::Error;
use covprop::algebra::Curvature;
use covprop::prelude::*;
use covprop::reml::{Estimation, Observations};

use crate::common::near::assert_near_largest;

/// Of the largest number: the two ways add in another order.
const TOLERANCE: f64 = 1e-11;

fn response<const N: usize>() -> SVector<f64, N> {
    SVector::from_fn(|i, _| (1.7 * i as f64).sin() + (0.3 * (i * i) as f64).cos())
}

fn design<const N: usize, const K: usize>() -> SMatrix<f64, N, K> {
    SMatrix::from_fn(|i, j| (i as f64 / N as f64).powi(i32::try_from(j).unwrap()))
}

fn flat<M: Shape>(matrix: &Curvature<M, f64>) -> Vec<f64> {
    matrix.as_ref().iter().flat_map(|row| row.as_ref().to_vec()).collect()
}

/// Compares all answers, away from the maximum, by both criteria.
fn assert_same<M, D, const N: usize, const K: usize>(estimation: Estimation<'_, M, D, f64, N, K>)
where
    M: ParamMatrix<f64, N, N>,
    D: Observations<M, f64, N, K> + Clone,
{
    for estimation in [
        estimation.clone().with_criterion(Criterion::Reml),
        estimation.with_criterion(Criterion::Ml),
    ] {
        let fit = estimation.fit().unwrap();
        let compared = estimation.explore(|likelihood| {
            for shift in [0.3, 0.7, -0.9] {
                let mut theta = fit.clone().theta;
                for (k, x) in theta.as_mut().iter_mut().enumerate() {
                    *x = x.max(-3.0) + shift * (1.0 + k as f64).cos();
                }
                let (mut here, mut there) = (likelihood.at(&theta)?, estimation.at(&theta)?);
                assert_near_largest(&[here.log_likelihood()], &[there.log_likelihood()], TOLERANCE);
                assert_near_largest(here.beta().as_slice(), there.beta().as_slice(), TOLERANCE);
                assert_near_largest(
                    here.beta_covariance().as_slice(),
                    there.beta_covariance().as_slice(),
                    TOLERANCE,
                );
                assert_near_largest(here.score().as_ref(), there.score().as_ref(), TOLERANCE);
                let pairs = [
                    (here.average_information(), there.average_information()),
                    (here.expected_information(), there.expected_information()),
                    (here.observed_information(), there.observed_information()),
                ];
                for (here, there) in &pairs {
                    assert_near_largest(&flat::<M>(here), &flat::<M>(there), TOLERANCE);
                }
            }
            Ok(3)
        });
        assert_eq!(compared, Ok(3));
    }
}

fn assert_same_of<M, const N: usize, const K: usize>(model: &impl Model<Covariance = M>)
where
    M: ParamMatrix<f64, N, N>,
{
    assert_same(model.estimation(&design::<N, K>(), &response::<N>()).unwrap());
}

#[test]
fn of_one_vector() {
    let z = SMatrix::<f64, 20, 4>::from_fn(|i, j| ((3 * i + 5 * j) as f64).sin());
    let weights = core::array::from_fn(|i| 1.0 + 0.25 * (i % 3) as f64);
    let scalar = ScalarMatrix::<20>::new();
    assert_same_of::<_, 20, 3>(&MixedModel::new(z, DiagonalMatrix::<4>::new(), scalar));
    let weighted = WeightedMatrix::<20>::new(weights);
    assert_same_of::<_, 20, 1>(&MixedModel::new(z, DiagonalMatrix::<4>::new(), weighted));
    // A design of a smaller rank, and more columns of X than there are rows besides.
    let group = DummyMatrix::<20, 4>::from_indices(core::array::from_fn(|i| i % 4));
    assert_same_of::<_, 20, 3>(&MixedModel::new(group, ScalarMatrix::<4>::new(), scalar));
    let near = SMatrix::<f64, 6, 4>::from_fn(|i, j| ((3 * i + 5 * j) as f64).sin());
    assert_same_of::<_, 6, 3>(&MixedModel::new(
        near,
        ScalarMatrix::<4>::new(),
        ScalarMatrix::<6>::new(),
    ));
}

#[test]
fn of_crossed_terms_and_of_none() {
    let row = DummyMatrix::<24, 6>::from_indices(core::array::from_fn(|i| i / 4));
    let col = DummyMatrix::<24, 4>::from_indices(core::array::from_fn(|i| i % 4));
    let rows = CovariancePropagation::new(row, ScalarMatrix::<6>::new());
    let cols = CovariancePropagation::new(col, ScalarMatrix::<4>::new());
    assert_same_of::<_, 24, 2>(&MixedModel::from_random_terms(
        rows.plus(cols),
        ScalarMatrix::<24>::new(),
    ));
    assert_same_of::<_, 12, 2>(&Marginal::new(Ar1Matrix::<12>::new()));
    assert_same_of::<_, 12, 2>(&Marginal::new(ScalarMatrix::<12>::new()));
}

#[test]
fn of_a_panel() {
    let z = design::<6, 2>();
    let model = MixedModel::new(z, LogCholeskyMatrix::<2>::new(), ScalarMatrix::<6>::new());
    let mut panel = Panel::new(model);
    let y = response::<48>();
    for y in y.as_slice().as_chunks::<6>().0 {
        panel.push(&z, &SVector::from(*y)).unwrap();
    }
    assert_same(panel.estimation().unwrap());
}

#[test]
fn errors_name_the_rows_of_v() {
    fn error<O: Debug>(result: Result<O, Error>) -> Error {
        result.expect_err("no value")
    }
    // The first two rows are the same once nothing is left of the residuals.
    let z = vector![1.0, 1.0, 2.0, 3.0, 4.0, 5.0];
    let model = MixedModel::new(z, ScalarMatrix::<1>::new(), ScalarMatrix::<6>::new());
    let estimation = model.estimation(&design::<6, 2>(), &response::<6>()).unwrap();
    for theta in [[0.0, f64::NEG_INFINITY], [f64::NAN, 0.0], [f64::INFINITY, 0.0]] {
        let here = estimation.explore(|likelihood| {
            likelihood.at(&[0.0, 0.0])?;
            likelihood.at(&theta).map(|at| at.log_likelihood())
        });
        assert_eq!(error(here), error(estimation.at(&theta)));
    }
    assert_eq!(
        error(estimation.at(&[0.0, f64::NEG_INFINITY])),
        Error::NotPositiveDefinite { row: 1 }
    );
    // It goes on afterwards.
    let after = estimation.explore(|likelihood| {
        likelihood.at(&[f64::NAN, 0.0]).expect_err("no value");
        likelihood.at(&[0.0, 0.0]).map(|at| at.log_likelihood())
    });
    let there = estimation.at(&[0.0, 0.0]).unwrap().log_likelihood();
    assert_abs_diff_eq!(after.unwrap(), there, epsilon = 1e-12 * there.abs());
}
