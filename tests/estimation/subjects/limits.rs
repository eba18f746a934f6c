//! Rows that were not observed, and numbers near the limits of the scalar type.

use covprop::Error;
use covprop::prelude::*;

use super::{N, ROWS, response, time};
use crate::common::near::assert_near_largest;

type Slopes =
    MixedModel<CovariancePropagation<SMatrix<f64, N, 2>, LogCholeskyMatrix<2>>, ScalarMatrix<N>>;

fn line(s: usize) -> SMatrix<f64, N, 2> {
    SMatrix::from_fn(|i, j| if j == 0 { 1.0 } else { time(s, i) })
}

fn slopes(z: SMatrix<f64, N, 2>) -> Slopes {
    MixedModel::new(z, LogCholeskyMatrix::new(), ScalarMatrix::new())
}

/// Numbers of any size in rows that were not observed change no bit.
#[test]
fn unobserved_rows() {
    let list = |other: f64| {
        let mut list = [0, 1, 2, 3].map(|s| {
            let z = SMatrix::from_fn(|i, j| if ROWS[s][i] { line(s)[(i, j)] } else { other });
            let y = SVector::from_fn(|i, _| if ROWS[s][i] { response(s, i) } else { other });
            Subject::new(slopes(z), z, y).with_observed(ROWS[s])
        });
        list.rotate_left(1);
        let none = Subject::new(slopes(SMatrix::repeat(other)), line(0), SVector::repeat(other));
        let [a, b, c, d] = list;
        [none.with_rows(0), a, b, c, d]
    };
    let theta = [0.1, -0.3, 0.7, -0.2];
    let numbers = |list: &[_]| {
        let subjects = Subjects::new(list).unwrap();
        let estimation = subjects.estimation().unwrap();
        let mut at = estimation.at(&theta).unwrap();
        let informations =
            [at.average_information(), at.expected_information(), at.observed_information()];
        let fit = estimation.fit().unwrap();
        (at.log_likelihood(), at.score(), informations, fit.theta, fit.beta, fit.iterations)
    };
    let zeros = list(0.0);
    let expected = numbers(&zeros);
    assert_eq!(numbers(&zeros[1..]), expected);
    for other in [1.0, -1e8, 1e20, 1e100] {
        assert_eq!(numbers(&list(other)), expected, "{other:e}");
    }
}

/// Subjects with two rows and two random effects that the rows determine: if σ² = 0, the effects
/// b = Z⁻¹y of each subject are observed, and G is their sample covariance. The effects vary less
/// where residuals would make them vary more.
#[test]
fn residual_variance_of_zero() {
    let effects = [[1.0, 2.0], [2.5, -0.75], [0.5, -1.5], [1.25, 0.5], [1.0, 0.25], [1.5, 0.0]];
    let list: Vec<_> = effects
        .iter()
        .enumerate()
        .map(|(s, &b)| {
            let last = if s < 3 { 2.0 } else { 0.5 };
            let z = matrix![1.0, 0.0; 1.0, last; 0.0, 0.0; 0.0, 0.0];
            Subject::new(slopes(z), z, z * SVector::from(b)).with_rows(2)
        })
        .collect();
    let fit = Subjects::new(&list[..]).unwrap();
    let fit = fit.fit().unwrap();
    assert_eq!(fit.outcome, Outcome::Boundary([None, None, None, Some(Edge::Lower)]), "{fit}");
    assert_eq!((fit.theta[3], fit.params[3]), (f64::NEG_INFINITY, 0.0));
    let count = effects.len() as f64;
    let mean = |k: usize| effects.iter().map(|b| b[k]).sum::<f64>() / count;
    assert_near_largest(fit.beta.as_slice(), &[mean(0), mean(1)], 1e-12);
    let covariance = |k: usize, l: usize| {
        effects.iter().map(|b| (b[k] - mean(k)) * (b[l] - mean(l))).sum::<f64>() / (count - 1.0)
    };
    let g = LogCholeskyMatrix::<2>::new().value(&[fit.theta[0], fit.theta[1], fit.theta[2]]);
    let expected = [covariance(0, 0), covariance(1, 0), covariance(0, 1), covariance(1, 1)];
    assert_near_largest(g.as_slice(), &expected, 1e-7);
}

/// Rows whose squares are below the smallest numbers: the estimates have reached their limit as the
/// weights go to zero.
#[test]
fn weights_near_zero() {
    for lightest in [0, 3] {
        let fit = |weight: f64| {
            let list = [0, 1, 2, 3].map(|s| {
                let y = SVector::from_fn(|i, _| response(s, i));
                let weight = if s == lightest { weight } else { 1.0 };
                Subject::new(slopes(line(s)), line(s), y).with_weights([weight; N])
            });
            let subjects = Subjects::new(&list[..]).unwrap();
            let fit = subjects.fit().unwrap();
            let falls = 2.0 * weight.ln(); // half of the logarithms of four weights
            let [sd_0, sd_1, _, variance] = fit.params;
            ([sd_0, sd_1, variance], fit.log_likelihood - falls, fit.outcome.is_maximum())
        };
        let (params, log_likelihood, is_maximum) = fit(1e-100);
        assert!(is_maximum);
        for weight in [1e-270, 1e-280, 1e-290, 1e-300] {
            let found = fit(weight);
            assert!(found.2);
            assert_near_largest(&found.0, &params, 1e-9);
            assert_near_largest(&[found.1], &[log_likelihood], 1e-11);
        }
    }
}

/// A variance between subjects that is far above the variance within: the expected information for
/// log σ is twice the degrees of freedom within subjects, less one for the slope.
#[test]
fn expected_information_of_large_ratios() {
    let list: Vec<_> = (0..12)
        .map(|s| {
            let x = SMatrix::<f64, N, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { i as f64 });
            let y = SVector::from_fn(|i, _| response(s, i));
            let model = MixedModel::new(
                SVector::<f64, N>::repeat(1.0),
                ScalarMatrix::<1>::new(),
                ScalarMatrix::<N>::new(),
            );
            Subject::new(model, x, y)
        })
        .collect();
    let subjects = Subjects::new(&list[..]).unwrap();
    let estimation = subjects.estimation().unwrap();
    for theta in [[15.0, 0.0], [20.0, 0.0], [40.0, 0.0]] {
        let information =
            estimation.explore(|at| Ok(at.at(&theta)?.expected_information())).unwrap();
        let [[between, _], [_, within]] = information;
        assert_near_largest(&[between, within], &[2.0 * 11.0, 2.0 * 35.0], 1e-9);
    }
}

/// Several unobserved rows at the same place: the error names the parameter that is wrong.
#[test]
fn error_at_start() {
    let list = [0, 1, 2, 3].map(|s| {
        let places = std::array::from_fn(|i| if ROWS[s][i] { time(s, i) } else { 0.0 });
        let model = Marginal::new(ExponentialMatrix::<N>::new(Distances::from_positions(places)));
        let y = SVector::from_fn(|i, _| response(s, i));
        Subject::new(model, line(s), y).with_observed(ROWS[s])
    });
    let subjects = Subjects::new(&list[..]).unwrap();
    let estimation = subjects.estimation().unwrap();
    for (index, theta) in [(0, f64::NEG_INFINITY), (0, 800.0), (1, f64::INFINITY)] {
        let mut start = [0.0; 2];
        start[index] = theta;
        let error = estimation.clone().with_start(start).fit().unwrap_err();
        assert!(
            matches!(error, Error::StartWithoutLikelihood { index: found, .. } if found == index),
            "{theta}: {error:?}"
        );
    }
}
