//! Subjects with designs of their own: every result is that of one response vector with all
//! observations.

mod equal_designs;
mod limits;

use covprop::prelude::*;
use covprop::reml::{Estimation, Observations};

use crate::common::near::assert_near_largest;

/// Of the largest number: the two ways add in another order.
const TOLERANCE: f64 = 1e-10;

const N: usize = 4;
/// Four subjects with 4, 3, 2 and 4 rows.
const ROWS: [[bool; N]; 4] =
    [[true; 4], [true, false, true, true], [true, true, false, false], [true; 4]];
const ALL: usize = 13;

fn time(subject: usize, row: usize) -> f64 {
    1.3 * row as f64 + 0.4 * (subject as f64 * 2.1).sin() + 0.1
}

fn response(subject: usize, row: usize) -> f64 {
    let (s, t) = (subject as f64, time(subject, row));
    10.0 + 2.0 * (s * 1.9).sin() + (0.5 + 0.3 * (s * 0.7).cos()) * t + 0.4 * (3.1 * t + s).sin()
}

fn seen() -> impl Iterator<Item = (usize, usize)> {
    (0..4).flat_map(|s| (0..N).filter(move |&i| ROWS[s][i]).map(move |i| (s, i)))
}

fn flat<P: AsRef<[R]>, R: AsRef<[f64]>>(matrix: &P) -> Vec<f64> {
    matrix.as_ref().iter().flat_map(|row| row.as_ref().to_vec()).collect()
}

/// Compares the likelihood, the fit and the inference of two estimations.
fn assert_same<A, D, B, E, const L: usize, const O: usize, const K: usize>(
    subjects: &Estimation<'_, A, D, f64, L, K>,
    whole: &Estimation<'_, B, E, f64, O, K>,
) where
    A: ParamMatrix<f64, L, L>,
    B: ParamMatrix<f64, O, O> + Shape<ParamCount = A::ParamCount>,
    D: Observations<A, f64, L, K>,
    E: Observations<B, f64, O, K>,
{
    let (a, b) = (subjects.fit().unwrap(), whole.fit().unwrap());
    assert_near_largest(&[a.log_likelihood], &[b.log_likelihood], 1e-12);
    for (a, b) in a.params.as_ref().iter().zip(b.params.as_ref()) {
        assert!(a == b || (a - b).abs() < 1e-6 * b.abs(), "{a} {b}");
    }
    let mut theta = b.clone().theta;
    for shift in [0.0, 0.3, -0.2] {
        for (k, x) in theta.as_mut().iter_mut().enumerate() {
            *x = x.max(-2.0) + shift * (1.0 + k as f64).cos();
        }
        let (mut here, mut there) = (subjects.at(&theta).unwrap(), whole.at(&theta).unwrap());
        assert_near_largest(&[here.log_likelihood()], &[there.log_likelihood()], 1e-13);
        assert_near_largest(here.beta().as_slice(), there.beta().as_slice(), TOLERANCE);
        let near = |a: &[f64], b: &[f64]| assert_near_largest(a, b, TOLERANCE);
        near(here.beta_covariance().as_slice(), there.beta_covariance().as_slice());
        let score = there.score();
        let size = flat(&there.expected_information()).iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        let scores_near = |a: &[f64]| {
            for (a, b) in a.iter().zip(score.as_ref()) {
                assert!((a - b).abs() < TOLERANCE * size.max(b.abs()), "{a} {b}");
            }
        };
        scores_near(here.score().as_ref());
        near(&flat(&here.average_information()), &flat(&there.average_information()));
        near(&flat(&here.expected_information()), &flat(&there.expected_information()));
        near(&flat(&here.observed_information()), &flat(&there.observed_information()));
        subjects
            .explore(|likelihood| {
                let mut at = likelihood.at(&theta)?;
                assert_near_largest(&[at.log_likelihood()], &[there.log_likelihood()], 1e-13);
                scores_near(at.score().as_ref());
                near(&flat(&at.average_information()), &flat(&there.average_information()));
                near(&flat(&at.expected_information()), &flat(&there.expected_information()));
                near(&flat(&at.observed_information()), &flat(&there.observed_information()));
                Ok(())
            })
            .unwrap();
    }
    let (of_a, of_b) = (subjects.inference(&a).unwrap(), whole.inference(&b).unwrap());
    for (a, b) in of_a.coefficients().iter().zip(&of_b.coefficients()) {
        let numbers = |x: &covprop::inference::Contrast<f64>| {
            [x.estimate, x.standard_error, x.degrees_of_freedom]
        };
        let (a, b) = (numbers(a.as_ref().unwrap()), numbers(b.as_ref().unwrap()));
        assert_near_largest(&a, &b, 1e-6);
    }
    if a.criterion == Criterion::Reml {
        let (of_a, of_b) = (subjects.kenward_roger(&a).unwrap(), whole.kenward_roger(&b).unwrap());
        for (a, b) in of_a.coefficients().iter().zip(&of_b.coefficients()) {
            let (a, b) = (a.as_ref().unwrap(), b.as_ref().unwrap());
            assert_near_largest(&[a.standard_error], &[b.standard_error], 1e-6);
            assert_near_largest(&[a.degrees_of_freedom], &[b.degrees_of_freedom], 1e-6);
        }
    }
}

/// Random intercepts and slopes at times of one's own.
#[test]
fn random_slopes() {
    let g = || LogCholeskyMatrix::<2>::new();
    let list: Vec<_> = (0..4)
        .map(|s| {
            let x = SMatrix::<f64, N, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { time(s, i) });
            let model = MixedModel::new(x, g(), ScalarMatrix::<N>::new());
            let y = SVector::<f64, N>::from_fn(|i, _| response(s, i));
            Subject::new(model, x, y).with_observed(ROWS[s])
        })
        .collect();
    let rows: Vec<_> = seen().collect();
    let x = SMatrix::<f64, ALL, 2>::from_fn(
        |r, j| {
            if j == 0 { 1.0 } else { time(rows[r].0, rows[r].1) }
        },
    );
    let z = SMatrix::<f64, ALL, 8>::from_fn(
        |r, j| {
            if j / 2 == rows[r].0 { x[(r, j % 2)] } else { 0.0 }
        },
    );
    let all = KroneckerProduct::new(IdentityMatrix::<4>::new(), g());
    let whole = MixedModel::new(z, all, ScalarMatrix::<ALL>::new());
    let y = SVector::<f64, ALL>::from_fn(|r, _| response(rows[r].0, rows[r].1));
    let subjects = Subjects::new(&list[..]).unwrap();
    for criterion in [Criterion::Reml, Criterion::Ml] {
        let whole = whole.estimation(&x, &y).unwrap().with_criterion(criterion);
        let estimation = subjects.estimation().unwrap().with_criterion(criterion);
        assert_same(&estimation, &whole);
        let mut workspace = vec![0.0; subjects.workspace_len()];
        let stored = subjects.estimation_in(&mut workspace).unwrap().with_criterion(criterion);
        assert_eq!(stored.fit(), estimation.fit());
    }
}

/// A random design whose number of columns is not one of the sizes to which data are reduced:
/// an intercept, and eleven levels of which each subject has some.
#[test]
fn more_rows_than_columns() {
    const LEVELS: usize = 11;
    let level = |s: usize, i: usize| (5 * s + 3 * i) % LEVELS;
    let model = |s: usize| {
        let ones = SVector::<f64, 13>::repeat(1.0);
        let levels = DummyMatrix::<13, LEVELS>::from_indices(core::array::from_fn(|i| level(s, i)));
        let subject = CovariancePropagation::new(ones, named("subject", ScalarMatrix::<1>::new()));
        let within =
            CovariancePropagation::new(levels, named("level", ScalarMatrix::<LEVELS>::new()));
        MixedModel::from_random_terms(subject.plus(within), ScalarMatrix::<13>::new())
    };
    let rows = [13, 9, 4];
    let y = |s: usize, i: usize| {
        response(s, i % N) + (1.7 * level(s, i) as f64).sin() + 0.2 * ((3 * i + s) as f64).cos()
    };
    let list: Vec<_> = (0..3)
        .map(|s| {
            let x = SVector::<f64, 13>::repeat(1.0);
            Subject::new(model(s), x, SVector::from_fn(|i, _| y(s, i))).with_rows(rows[s])
        })
        .collect();
    let seen: Vec<_> = (0..3).flat_map(|s| (0..rows[s]).map(move |i| (s, i))).collect();
    let z = SMatrix::<f64, 26, 3>::from_fn(|r, s| if seen[r].0 == s { 1.0 } else { 0.0 });
    let levels = SMatrix::<f64, 26, 33>::from_fn(|r, c| {
        let (s, i) = seen[r];
        if c == s * LEVELS + level(s, i) { 1.0 } else { 0.0 }
    });
    let subject = CovariancePropagation::new(z, ScalarMatrix::<3>::new());
    let within = CovariancePropagation::new(levels, ScalarMatrix::<33>::new());
    let whole = MixedModel::from_random_terms(subject.plus(within), ScalarMatrix::<26>::new());
    let y = SVector::<f64, 26>::from_fn(|r, _| y(seen[r].0, seen[r].1));
    let subjects = Subjects::new(&list[..]).unwrap();
    let x = SVector::<f64, 26>::repeat(1.0);
    assert_same(&subjects.estimation().unwrap(), &whole.estimation(&x, &y).unwrap());
}

/// A covariance of the random effects that is known up to a factor and differs between subjects,
/// such as the relationships within families.
#[test]
fn own_covariance_of_random_effects() {
    let subject = |s: usize, relationship: f64| {
        let x = SMatrix::<f64, N, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { time(s, i) });
        let g = KnownScaledMatrix::try_new(matrix![1.0, relationship; relationship, 1.0]).unwrap();
        let model = MixedModel::new(x, named("family", g), ScalarMatrix::<N>::new());
        let y = SVector::<f64, N>::from_fn(|i, _| response(s, i));
        Subject::new(model, x, y).with_observed(ROWS[s])
    };
    let theta = [0.3, -0.2];
    let log_likelihood = |list: &[_]| {
        let subjects = Subjects::new(list).unwrap();
        let estimation = subjects.estimation().unwrap();
        let in_own_rows = estimation.at(&theta).unwrap().log_likelihood();
        let found = estimation.explore(|at| Ok(at.at(&theta)?.log_likelihood())).unwrap();
        assert_near_largest(&[found], &[in_own_rows], 1e-13);
        found
    };
    let list = [0, 1, 2, 3].map(|s| subject(s, 0.2 * s as f64));
    let with_first = [0, 1, 2, 3].map(|s| subject(s, 0.0));
    assert!((log_likelihood(&list) - log_likelihood(&with_first)).abs() > 1e-3);
}
