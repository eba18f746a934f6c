//! Predictions and their errors, against Henderson's mixed model equations and differences.

use approx::assert_abs_diff_eq;
use covprop::inference::Estimate;
use covprop::prelude::*;
use nalgebra::DMatrix;

use crate::common::data::{SLEEPSTUDY, sleep_design};
use crate::common::near::assert_near_largest;

type Slopes = MixedModel<
    CovariancePropagation<SMatrix<f64, 10, 2>, UnconstrainedMatrix<2>>,
    ScalarMatrix<10>,
>;

fn slopes() -> Slopes {
    MixedModel::new(sleep_design(), UnconstrainedMatrix::new(), ScalarMatrix::new())
}

/// Which days subject i was seen on.
fn days(i: usize) -> [bool; 10] {
    core::array::from_fn(|day| day.is_multiple_of(i % 3 + 1))
}

fn unbalanced() -> Panel<Slopes, f64, 10, 2, 3> {
    let mut panel = Panel::with_patterns(slopes());
    for (i, times) in SLEEPSTUDY.iter().enumerate() {
        panel.push_observed(&sleep_design(), &SVector::from(*times), &days(i)).unwrap();
    }
    panel
}

/// The inverse of the coefficients of the mixed model equations, for β and the effects of all subjects, is the covariance
/// of β̂ and û − u (Henderson 1975).
#[test]
fn prediction_errors_are_those_of_the_mixed_model_equations() {
    let panel = unbalanced();
    let fit = panel.fit().unwrap();
    let [g00, g10, g11, residual] = fit.params;
    let g = SMatrix::<f64, 2, 2>::new(g00, g10, g10, g11).try_inverse().unwrap();
    let size = 2 + 2 * SLEEPSTUDY.len();
    let (mut a, mut b) = (DMatrix::<f64>::zeros(size, size), DMatrix::<f64>::zeros(size, 1));
    for (i, times) in SLEEPSTUDY.iter().enumerate() {
        for day in (0..10).filter(|&day| days(i)[day]) {
            let mut row = DMatrix::<f64>::zeros(1, size);
            for (at, x) in [(0, 1.0), (1, day as f64), (2 + 2 * i, 1.0), (3 + 2 * i, day as f64)] {
                row[(0, at)] = x;
            }
            a += row.transpose() * &row / residual;
            b += row.transpose() * times[day] / residual;
        }
        let mut block = a.fixed_view_mut::<2, 2>(2 + 2 * i, 2 + 2 * i);
        block += g;
    }
    let covariance = a.try_inverse().unwrap();
    let solution = &covariance * b;
    for (i, times) in SLEEPSTUDY.iter().enumerate() {
        let prediction =
            fit.predict_observed(&sleep_design(), &SVector::from(*times), &days(i)).unwrap();
        let own = 2 + 2 * i;
        assert_near_largest(
            prediction.random_effects().as_slice(),
            solution.as_slice()[own..own + 2].as_ref(),
            1e-9,
        );
        let expected = covariance.fixed_view::<2, 2>(own, own).into_owned();
        let found = prediction.random_effect_covariances();
        assert_near_largest(found.as_slice(), expected.as_slice(), 1e-9);
        assert_eq!(found, found.transpose());
        let errors = prediction.random_effect_errors();
        assert_near_largest(
            errors.as_slice(),
            &[expected[(0, 0)].sqrt(), expected[(1, 1)].sqrt()],
            1e-9,
        );

        // Xβ + Zu at every day, and at one that is none.
        let mut all = DMatrix::<f64>::zeros(11, size);
        for day in 0..11 {
            for (at, x) in [(0, 1.0), (1, day as f64), (own, 1.0), (own + 1, day as f64)] {
                all[(day, at)] = x;
            }
        }
        let (values, of_values) = (&all * &solution, &all * &covariance * all.transpose());
        assert_near_largest(prediction.fitted().as_slice(), &values.as_slice()[..10], 1e-10);
        let expected = of_values.fixed_view::<10, 10>(0, 0).into_owned();
        assert_near_largest(prediction.fitted_covariance().as_slice(), expected.as_slice(), 1e-9);
        let tenth = prediction.at(&vector![1.0, 10.0], &vector![1.0, 10.0]);
        assert_near_largest(&[tenth.value], &[values[10]], 1e-10);
        assert_near_largest(&[tenth.standard_error], &[of_values[(10, 10)].sqrt()], 1e-9);

        // A day that was missed: what is fitted there, and its residual.
        let (response, of_response) = (prediction.response(), prediction.response_covariance());
        for day in 0..10 {
            if days(i)[day] {
                assert_eq!((response[day], of_response[(day, day)]), (times[day], 0.0));
            } else {
                assert_near_largest(&[response[day]], &[values[day]], 1e-10);
                let expected = of_values[(day, day)] + residual;
                assert_near_largest(&[of_response[(day, day)]], &[expected], 1e-9);
            }
        }
    }
}

/// A subject that was not among those of the fit: nothing of it is in β, so what is uncertain is u given y, and β.
#[test]
fn a_new_subject() {
    let fit = slopes();
    let mut panel = Panel::<_, f64, 10, 2>::new(fit);
    for times in &SLEEPSTUDY[1..] {
        panel.push(&sleep_design(), &SVector::from(*times)).unwrap();
    }
    let fit = panel.fit().unwrap();
    let x = sleep_design();
    let never = fit.predict_observed(&x, &SVector::zeros(), &[false; 10]).unwrap();
    assert_eq!(never.response(), *never.marginal());
    // By two roundings more than the library makes.
    assert_near_largest(never.marginal().as_slice(), (x * fit.beta).as_slice(), 2.0 * f64::EPSILON);
    let v = fit.model.value(&fit.theta);
    let expected = v + x * fit.beta_covariance * x.transpose();
    assert_near_largest(never.response_covariance().as_slice(), expected.as_slice(), 1e-12);
    assert_eq!(never.random_effects(), SVector::<f64, 2>::zeros());

    // The first four days of the first subject tell of the others.
    let seen = core::array::from_fn(|day| day < 4);
    let y = SVector::from(SLEEPSTUDY[0]);
    let prediction = fit.predict_observed(&x, &y, &seen).unwrap();
    let (response, covariance) = (prediction.response(), prediction.response_covariance());
    let old = v.fixed_view::<4, 4>(0, 0).try_inverse().unwrap();
    let across = v.fixed_view::<6, 4>(4, 0).into_owned();
    let residuals = (y - x * fit.beta).fixed_rows::<4>(0).into_owned();
    let later = (x * fit.beta).fixed_rows::<6>(4) + across * old * residuals;
    assert_near_largest(&response.as_slice()[4..], later.as_slice(), 1e-12);
    let left = x.fixed_rows::<6>(4) - across * old * x.fixed_rows::<4>(0);
    let expected = v.fixed_view::<6, 6>(4, 4) - across * old * across.transpose()
        + left * fit.beta_covariance * left.transpose();
    let found = covariance.fixed_view::<6, 6>(4, 4).into_owned();
    assert_near_largest(found.as_slice(), expected.as_slice(), 1e-11);
    for day in 4..10 {
        let inside =
            Estimate { value: response[day], standard_error: found[(day - 4, day - 4)].sqrt() };
        let [low, high] = inside.interval(0.999);
        assert!(low < y[day] && y[day] < high);
    }
}

/// Leverages are the derivatives of what is fitted by what was observed, at the same θ.
#[test]
fn leverages_are_derivatives() {
    let plate = CovariancePropagation::new(
        DummyMatrix::<8, 2>::from_indices([0, 0, 0, 0, 1, 1, 1, 1]),
        ScalarMatrix::<2>::new(),
    );
    let sample = CovariancePropagation::new(
        DummyMatrix::<8, 4>::from_indices([0, 1, 2, 3, 0, 1, 2, 3]),
        ScalarMatrix::<4>::new(),
    );
    let weights = [1.0, 2.0, 1.0, 0.5, 1.0, 1.0, 2.0, 1.0];
    let model = MixedModel::from_random_terms(plate.plus(sample), WeightedMatrix::new(weights));
    let x = SMatrix::<f64, 8, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { (i * i % 5) as f64 });
    let theta = [0.3, -0.2, 0.1];
    let at = |y: &SVector<f64, 8>| {
        let estimation = model.estimation(&x, y).unwrap().with_start(theta).with_max_iterations(0);
        let fit = estimation.fit().unwrap();
        let prediction = fit.predict(&x, y).unwrap();
        (
            *prediction.marginal(),
            prediction.fitted(),
            prediction.leverage(),
            prediction.conditional_leverage(),
            prediction.normalised_residuals().norm_squared(),
        )
    };
    let y = vector![3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
    let (marginal, fitted, leverage, conditional, squares) = at(&y);
    for i in 0..8 {
        let mut moved = y;
        moved[i] += 1.0; // linear in y
        let (m, f, ..) = at(&moved);
        assert_abs_diff_eq!(m[i] - marginal[i], leverage[i], epsilon = 1e-12);
        assert_abs_diff_eq!(f[i] - fitted[i], conditional[i], epsilon = 1e-12);
    }
    assert_abs_diff_eq!(leverage.sum(), 2.0, epsilon = 1e-12);
    // yᵀPy
    let v = model.covariance().value(&theta).try_inverse().unwrap();
    let c = (x.transpose() * v * x).try_inverse().unwrap();
    let p = v - v * x * c * x.transpose() * v;
    assert_abs_diff_eq!(squares, y.dot(&(p * y)), epsilon = 1e-10);
}

#[test]
fn residuals_of_each_kind() {
    let panel = unbalanced();
    let fit = panel.fit().unwrap();
    let v = fit.model.value(&fit.theta);
    let mut leverages = 0.0;
    let mut squares = 0.0;
    for (i, times) in SLEEPSTUDY.iter().enumerate() {
        let y = SVector::from(*times);
        let prediction = fit.predict_observed(&sleep_design(), &y, &days(i)).unwrap();
        let (raw, pearson) = (prediction.residuals(), prediction.pearson_residuals());
        let conditional = prediction.conditional_residuals();
        let by_sigma = prediction.conditional_pearson_residuals();
        for day in 0..10 {
            assert_abs_diff_eq!(pearson[day] * v[(day, day)].sqrt(), raw[day], epsilon = 1e-12);
            assert_abs_diff_eq!(
                by_sigma[day] * fit.params[3].sqrt(),
                conditional[day],
                epsilon = 1e-12
            );
            assert!(days(i)[day] || pearson[day] == 0.0 && by_sigma[day] == 0.0);
        }
        leverages += prediction.leverage().sum();
        squares += prediction.normalised_residuals().norm_squared();
        let mean = prediction.marginal_covariance();
        let expected = sleep_design() * fit.beta_covariance * sleep_design().transpose();
        assert_near_largest(mean.as_slice(), expected.as_slice(), 1e-14);
    }
    assert_abs_diff_eq!(leverages, 2.0, epsilon = 1e-10);
    // At the maximum of a V that has a scale, yᵀPy = n − K.
    assert_abs_diff_eq!(squares, (panel.observations() - 2) as f64, epsilon = 1e-6);
}

/// The effects of several terms are nested pairs, and so are their errors and the z of a new observation.
#[test]
fn several_terms() {
    let term = |seed: usize| {
        let levels = core::array::from_fn(|i| (i * seed + i / 3) % 3);
        CovariancePropagation::new(
            DummyMatrix::<12, 3>::from_indices(levels),
            ScalarMatrix::<3>::new(),
        )
    };
    let random = term(1).plus(named("second", term(2))).plus(term(5));
    let model = MixedModel::from_random_terms(random, ScalarMatrix::<12>::new());
    let x = SVector::<f64, 12>::repeat(1.0);
    let y = SVector::<f64, 12>::from_fn(|i, _| ((i * 7 + 3) % 11) as f64);
    let estimation =
        model.estimation(&x, &y).unwrap().with_start([0.1, -0.1, 0.2, 0.0]).with_max_iterations(0);
    let fit = estimation.fit().unwrap();
    let prediction = fit.predict(&x, &y).unwrap();
    let ((a, b), c): ((SVector<f64, 3>, _), _) = prediction.random_effects();
    let ((of_a, _), of_c) = prediction.random_effect_covariances();
    let ((error_a, _), error_c) = prediction.random_effect_errors();
    assert_abs_diff_eq!(error_a[1], of_a[(1, 1)].sqrt(), epsilon = 1e-15);
    assert_abs_diff_eq!(error_c[2], of_c[(2, 2)].sqrt(), epsilon = 1e-15);
    // The levels of the first observation.
    let level = |seed: usize, i: usize| (i * seed + i / 3) % 3;
    let unit = |k: usize| SVector::<f64, 3>::from_fn(|i, _| f64::from(u8::from(i == k)));
    for i in 0..12 {
        let z = ((unit(level(1, i)), unit(level(2, i))), unit(level(5, i)));
        let found = prediction.at(&vector![1.0], &z);
        let expected = fit.beta[0] + a[level(1, i)] + b[level(2, i)] + c[level(5, i)];
        assert_abs_diff_eq!(found.value, expected, epsilon = 1e-12);
        assert_abs_diff_eq!(found.value, prediction.fitted()[i], epsilon = 1e-12);
        let variance = prediction.fitted_covariance()[(i, i)];
        assert_abs_diff_eq!(found.standard_error, variance.sqrt(), epsilon = 1e-12);
    }
}

/// Of subjects with weights, √w x and √w y are what the model has the covariance of.
#[test]
fn subjects_with_weights() {
    let weights = |i: usize| core::array::from_fn(|day| 0.5 + ((i + day) % 4) as f64 * 0.5);
    let mut panel = Panel::<_, f64, 10, 2>::new(slopes());
    for (i, times) in SLEEPSTUDY.iter().enumerate() {
        panel.push_weighted(&sleep_design(), &SVector::from(*times), &weights(i)).unwrap();
    }
    let fit = panel.fit().unwrap();
    let (mut leverage, mut squares) = (0.0, 0.0);
    for (i, times) in SLEEPSTUDY.iter().enumerate() {
        let roots = SVector::from(weights(i).map(f64::sqrt));
        let x = SMatrix::from_diagonal(&roots) * sleep_design();
        let y = roots.component_mul(&SVector::from(*times));
        let prediction = fit.predict(&x, &y).unwrap();
        leverage += prediction.leverage().sum();
        squares += prediction.normalised_residuals().norm_squared();
    }
    assert_abs_diff_eq!(leverage, 2.0, epsilon = 1e-9);
    assert_abs_diff_eq!(squares, 178.0, epsilon = 1e-5);
}

/// A G that is no covariance matrix has effects without variances, and says so.
#[test]
fn effects_without_variance() {
    let z = SMatrix::<f64, 4, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { i as f64 });
    let model = MixedModel::new(z, UnconstrainedMatrix::<2>::new(), ScalarMatrix::<4>::new());
    let theta = model.covariance().theta_from_params(&[0.5, 0.6, 0.1, 1.0]).unwrap();
    let x = SVector::<f64, 4>::repeat(1.0);
    let y = vector![1.0, 3.0, 2.0, 5.0];
    let fit =
        model.estimation(&x, &y).unwrap().with_start(theta).with_max_iterations(0).fit().unwrap();
    let prediction = fit.predict(&x, &y).unwrap();
    let covariance = prediction.random_effect_covariances();
    let errors = prediction.random_effect_errors();
    for j in 0..2 {
        assert_eq!(errors[j].is_nan(), covariance[(j, j)] < 0.0);
    }
    assert!(errors.iter().any(|error| error.is_nan()));
}
