//! Standard errors, degrees of freedom and tests, against formulas over full matrices, theory for balanced designs and
//! published values.

use approx::{abs_diff_eq, assert_abs_diff_eq};
use covprop::Error;
use covprop::inference::{BoundaryTangent, Contrast, FTest, Information, KenwardRogerMethod};
use covprop::prelude::*;

use crate::common::data::{ORTHODONT, SLEEPSTUDY, sleep_design};
use crate::common::thread::with_large_stack;

#[track_caller]
fn assert_close(found: f64, expected: f64, tolerance: f64) {
    assert_abs_diff_eq!(found, expected, epsilon = tolerance * expected.abs().max(1e-300));
}

/// An unbalanced sleep study: each subject was seen on some days.
fn unbalanced<M: Model<Covariance: ParamMatrix<f64, 10, 10>>>(model: M) -> Panel<M, f64, 10, 2, 6> {
    let mut panel = Panel::with_patterns(model);
    for (i, times) in SLEEPSTUDY.iter().enumerate() {
        let observed = core::array::from_fn(|day| match i % 6 {
            0 => true,
            1 => day != 3,
            2 => day < 7,
            3 => day % 2 == 0,
            4 => day > 1 && day != 8,
            _ => day == 0 || day == 9 || day == 5,
        });
        panel.push_observed(&sleep_design(), &SVector::from(*times), &observed).unwrap();
    }
    panel
}

/// The derivatives of C, and Kenward and Roger's Φ_A, as their formulas stand there: over full matrices.
fn check_by_full_matrices<M, const N: usize, const K: usize>(
    model: &M,
    x: &SMatrix<f64, N, K>,
    y: &SVector<f64, N>,
) where
    M: ParamMatrix<f64, N, N> + Copy,
{
    let marginal = Marginal::new(*model);
    let estimation = marginal.estimation(x, y).unwrap();
    let fit = estimation.fit().unwrap();
    assert_eq!(fit.outcome, Outcome::Converged, "{fit}");
    let v = model.value(&fit.theta);
    let inverse = v.try_inverse().unwrap();
    let phi = (x.transpose() * inverse * x).try_inverse().unwrap();
    let p = inverse - inverse * x * phi * x.transpose() * inverse;
    let gradient = model.gradient(&fit.theta);
    let gradient = gradient.as_ref();
    let count = gradient.len();
    let second = |k: usize, l: usize| {
        SMatrix::<f64, N, N>::from_fn(|i, j| {
            let mut unit = SMatrix::zeros();
            unit[(i, j)] = 1.0;
            model.curvature(&fit.theta, &unit).as_ref()[k].as_ref()[l]
        })
    };
    let second: Vec<Vec<_>> =
        (0..count).map(|k| (0..count).map(|l| second(k, l)).collect()).collect();
    let h = inverse * x;

    let at = estimation.at(&fit.theta).unwrap();
    for (found, dv) in at.beta_covariance_gradient().as_ref().iter().zip(gradient) {
        let expected = phi * h.transpose() * dv * h * phi;
        assert_abs_diff_eq!(*found, expected, epsilon = 1e-9 * expected.amax());
    }

    let mut information = nalgebra::DMatrix::zeros(count, count);
    for k in 0..count {
        for l in 0..count {
            information[(k, l)] = (p * gradient[k] * p * gradient[l]).trace() / 2.0;
        }
    }
    let w = information.try_inverse().unwrap();
    let mut inner = SMatrix::<f64, K, K>::zeros();
    for k in 0..count {
        for l in 0..count {
            let q = h.transpose() * gradient[k] * inverse * gradient[l] * h;
            let pp = (h.transpose() * gradient[k] * h) * phi * (h.transpose() * gradient[l] * h);
            let r = h.transpose() * second[k][l] * h;
            inner += (q - pp - r * 0.25) * w[(k, l)];
        }
    }
    let mut expected = phi + phi * inner * phi * 2.0;
    for k in 0..count {
        let mut bias = 0.0;
        for l in 0..count {
            for i in 0..count {
                for j in 0..count {
                    let trace = (p * gradient[l] * p * second[i][j]).trace();
                    bias -= 0.25 * w[(k, l)] * w[(i, j)] * trace;
                }
            }
        }
        expected -= phi * h.transpose() * gradient[k] * h * phi * bias;
    }
    let found = estimation.kenward_roger(&fit).unwrap();
    assert_abs_diff_eq!(*found.beta_covariance(), expected, epsilon = 1e-8 * expected.amax());
}

#[test]
fn adjusted_covariance_is_that_of_the_formula() {
    let x = SMatrix::<f64, 10, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { (i * i) as f64 });
    let y = vector![5.0, 4.1, 6.2, 7.9, 7.0, 9.5, 8.1, 12.2, 14.0, 12.9];
    check_by_full_matrices(&ScalarMatrix::<10>::new(), &x, &y);
    let ar1 = Ar1Matrix::<10>::new();
    check_by_full_matrices(&ar1, &x, &SVector::from(SLEEPSTUDY[7]));
    let tied = Constrained::<_, _, 2>::new(
        HeterogeneousAr1Matrix::<10>::new(),
        core::array::from_fn(|k| match k {
            10 => Source::Fixed(0.6),
            k => Source::Free(usize::from(k > 4)),
        }),
    );
    check_by_full_matrices(&tied, &x, &SVector::from(SLEEPSTUDY[3]));
}

/// The subjects of a panel are those of one block-diagonal V.
#[test]
fn panels_are_block_diagonal() {
    with_large_stack(|| {
        const N: usize = 5;
        const ALL: usize = 40;
        let model = HeterogeneousAr1Matrix::<N>::new();
        let block = KroneckerProduct::new(IdentityMatrix::<8>::new(), model);
        let (mut x, mut y) = (SMatrix::<f64, ALL, 2>::zeros(), SVector::<f64, ALL>::zeros());
        let mut panel = Panel::<_, f64, N, 2>::new(Marginal::new(model));
        for (i, times) in SLEEPSTUDY.iter().take(8).enumerate() {
            let of_x = sleep_design().fixed_rows::<N>(2).into_owned();
            let of_x = SMatrix::<f64, N, 2>::from_fn(|t, j| of_x[(t, j)] + (i * j) as f64 * 0.3);
            let of_y = SVector::from(*times).fixed_rows::<N>(2).into_owned();
            x.fixed_rows_mut::<N>(i * N).copy_from(&of_x);
            y.fixed_rows_mut::<N>(i * N).copy_from(&of_y);
            panel.push(&of_x, &of_y).unwrap();
        }
        let whole = Marginal::new(block);
        let (by_panel, by_whole) = (panel.estimation().unwrap(), whole.estimation(&x, &y).unwrap());
        let (fit, other) = (by_panel.fit().unwrap(), by_whole.fit().unwrap());
        assert!(fit.outcome.is_maximum() && other.outcome.is_maximum());
        let a = by_panel.kenward_roger(&fit).unwrap();
        let b = by_whole.kenward_roger(&other).unwrap();
        assert_abs_diff_eq!(
            a.beta_covariance(),
            b.beta_covariance(),
            epsilon = 1e-7 * a.beta_covariance().amax()
        );
        let l = matrix![1.0, 2.0; 0.5, -1.0];
        assert_close(
            a.test(&l).unwrap().denominator_degrees_of_freedom,
            b.test(&l).unwrap().denominator_degrees_of_freedom,
            1e-7,
        );
        let a = by_panel.inference(&fit).unwrap();
        let b = by_whole.inference(&other).unwrap();
        for (a, b) in a.coefficients().into_iter().zip(b.coefficients()) {
            let (a, b) = (a.unwrap(), b.unwrap());
            assert_close(a.degrees_of_freedom, b.degrees_of_freedom, 1e-6);
            assert_close(a.standard_error, b.standard_error, 1e-8);
        }
        let (a, b) = (a.param_standard_errors(), b.param_standard_errors());
        for (a, b) in a.into_iter().zip(b) {
            assert_close(a.unwrap(), b.unwrap(), 1e-6);
        }
    });
}

/// The same V by two variances, and by a variance and a correlation, which is not linear in them.
#[test]
fn nothing_depends_on_the_parametrisation() {
    let ones = SVector::<f64, 10>::repeat(1.0);
    let intercept = MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<10>::new());
    let linear = unbalanced(intercept);
    let curved = unbalanced(Marginal::new(CompoundSymmetricMatrix::<10>::new()));
    let (linear, curved) = (linear.estimation().unwrap(), curved.estimation().unwrap());
    let (fit, other) = (linear.fit().unwrap(), curved.fit().unwrap());
    let (a, b) = (linear.kenward_roger(&fit).unwrap(), curved.kenward_roger(&other).unwrap());
    let difference = a.beta_covariance() - b.beta_covariance();
    assert!(difference.amax() < 1e-8 * a.beta_covariance().amax());
    assert!((a.beta_covariance() - fit.beta_covariance).amax() > 1e3 * difference.amax());
    let l = matrix![1.0, 0.0; 1.0, 3.0];
    let (by_a, by_b) = (a.test(&l).unwrap(), b.test(&l).unwrap());
    assert_close(by_a.denominator_degrees_of_freedom, by_b.denominator_degrees_of_freedom, 1e-7);
    assert_close(by_a.statistic, by_b.statistic, 1e-7);
    let (a, b) = (linear.inference(&fit).unwrap(), curved.inference(&other).unwrap());
    assert_close(
        a.test(&l).unwrap().denominator_degrees_of_freedom,
        b.test(&l).unwrap().denominator_degrees_of_freedom,
        1e-6,
    );
    // The variance between subjects is σ²ρ.
    let share = b.function(|[variance, correlation]| variance * correlation).unwrap();
    assert_close(share.value, fit.params[0], 1e-8);
    assert_close(share.standard_error, a.param_standard_errors()[0].unwrap(), 1e-6);
}

/// Bates et al. 2015 and Kuznetsova, Brockhoff & Christensen 2017 (Journal of Statistical Software 82(13)): for the
/// sleep study F(1, 17) = 45.853 for Days, p = 3.264e-6.
#[test]
fn sleep_study_as_published() {
    let model =
        MixedModel::new(sleep_design(), UnconstrainedMatrix::<2>::new(), ScalarMatrix::<10>::new());
    let mut panel = Panel::<_, f64, 10, 2>::new(model);
    for times in SLEEPSTUDY {
        panel.push(&sleep_design(), &SVector::from(times)).unwrap();
    }
    let estimation = panel.estimation().unwrap();
    let fit = estimation.fit().unwrap();
    let inference = estimation.inference(&fit).unwrap();
    let days = inference.test(&matrix![0.0, 1.0]).unwrap();
    assert!(
        abs_diff_eq!(days.statistic, 45.853, epsilon = 5e-4)
            && abs_diff_eq!(days.denominator_degrees_of_freedom, 17.0, epsilon = 1e-6)
    );
    assert_abs_diff_eq!(days.p_value(), 3.264e-6, epsilon = 5e-10);
    assert_eq!(days.to_string(), "F(1, 17.00) = 45.853, p = 3.3e-6");
    let [intercept, slope] = inference.coefficients().map(Result::unwrap);
    assert_eq!(slope.to_string(), "10.46729 ± 1.545789, t(17.00) = 6.771, p = 3.3e-6");
    assert_close(slope.p_value(), days.p_value(), 1e-9);
    assert_close(intercept.statistic(), 36.838, 2e-5);
    // t of 17 degrees of freedom at 97.5 %: 2.109816
    let [lower, upper] = slope.interval(0.95);
    assert_close(upper - lower, 2.0 * 2.109_815_577_8 * slope.standard_error, 1e-9);
    // Both at once: in a balanced design, Hotelling's T² with 2 and 16 degrees of freedom, which Kenward and Roger have
    // exactly, as they say for such designs: F = 16/17 · T²/2.
    let exact =
        estimation.kenward_roger(&fit).unwrap().test(&SMatrix::<f64, 2, 2>::identity()).unwrap();
    assert_close(exact.denominator_degrees_of_freedom, 16.0, 1e-6);
    assert_close(exact.scale, 16.0 / 17.0, 1e-6);
}

/// Four dental visits of 11 girls and 16 boys: with an unstructured V and means by visit, Hotelling's T² again.
#[test]
fn hotelling() {
    let mut panel = Panel::<_, f64, 4, 4>::new(Marginal::new(UnconstrainedMatrix::<4>::new()));
    for (is_girl, distances) in ORTHODONT {
        if is_girl {
            panel.push(&SMatrix::identity(), &SVector::from(distances)).unwrap();
        }
    }
    let estimation = panel.estimation().unwrap();
    let fit = estimation.fit().unwrap();
    let adjusted = estimation.kenward_roger(&fit).unwrap();
    // No growth from visit to visit: three differences, 11 subjects.
    let l = matrix![1.0, -1.0, 0.0, 0.0; 0.0, 1.0, -1.0, 0.0; 0.0, 0.0, 1.0, -1.0];
    let test = adjusted.test(&l).unwrap();
    assert_close(test.denominator_degrees_of_freedom, 8.0, 1e-6);
    assert_close(test.scale, 8.0 / 10.0, 1e-6);
    let mean = SVector::<f64, 4>::from_fn(|i, _| fit.beta[i]);
    let s = fit.model.value(&fit.theta);
    let differences = l * mean;
    let t2 =
        11.0 * differences.dot(&((l * s * l.transpose()).try_inverse().unwrap() * differences));
    assert_close(test.statistic, 8.0 / 30.0 * t2, 1e-8);
}

/// A variance that is zero is no longer uncertain for Satterthwaite, as in lmerTest, and is for Kenward and Roger, as in
/// pbkrtest; `tests/reference/fits` has the values of both.
#[test]
fn on_the_boundary() {
    let ones = SVector::<f64, 4>::repeat(1.0);
    let model = MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<4>::new());
    let mut panel = Panel::<_, f64, 4, 1>::new(model);
    for y in [[1.0, 9.0, 3.0, 7.0], [8.0, 2.0, 6.0, 4.5], [5.0, 5.5, 4.0, 6.0]] {
        panel.push(&ones, &SVector::from(y)).unwrap();
    }
    let estimation = panel.estimation().unwrap();
    let fit = estimation.fit().unwrap();
    assert_eq!(fit.outcome.edge(0), Some(Edge::Lower));
    let inference = estimation.inference(&fit).unwrap();
    assert_close(inference.coefficients()[0].unwrap().degrees_of_freedom, 11.0, 1e-8);
    let [between, within] = inference.param_standard_errors();
    assert_eq!(between, None);
    assert_close(within.unwrap(), fit.params[1] * (2.0_f64 / 11.0).sqrt(), 1e-8);
    assert_eq!(inference.param_covariance()[0], [0.0, 0.0]);
    let ratio = inference.function(|[a, b]| a / (a + b)).unwrap();
    assert_eq!((ratio.value, ratio.standard_error), (0.0, 0.0));
    let [adjusted] = estimation.kenward_roger(&fit).unwrap().coefficients().map(Result::unwrap);
    assert_close(adjusted.degrees_of_freedom, 2.0, 1e-6);
    // Balanced: nothing to be adjusted.
    assert_close(adjusted.standard_error, fit.beta_standard_errors()[0], 1e-9);
}

#[test]
fn informations_and_their_errors() {
    let panel = unbalanced(Marginal::new(Ar1Matrix::<10>::new()));
    let estimation = panel.estimation().unwrap();
    let fit = estimation.fit().unwrap();
    let mut at = estimation.at(&fit.theta).unwrap();
    for (kind, expected) in [
        (Information::Observed, at.observed_information()),
        (Information::Expected, at.expected_information()),
        (Information::Average, at.average_information()),
    ] {
        let inference = estimation.inference_with(kind, &fit).unwrap();
        for (row, of_row) in inference.information().iter().zip(&expected) {
            for (found, expected) in row.iter().zip(of_row) {
                assert_abs_diff_eq!(found, expected, epsilon = 1e-6 * expected.abs());
            }
        }
        let product = SMatrix::<f64, 2, 2>::from(*inference.theta_covariance())
            * SMatrix::from(*inference.information());
        assert_abs_diff_eq!(product, SMatrix::identity(), epsilon = 1e-12);
        let slopes = fit.model.param_derivatives(&fit.theta);
        let (theta, params) =
            (inference.theta_standard_errors(), inference.param_standard_errors());
        for k in 0..2 {
            assert_close(params[k].unwrap(), slopes[k] * theta[k].unwrap(), 1e-14);
        }
    }
    // Tied parameters are one, fixed ones none.
    let two = [Source::Free(0), Source::Fixed(0.5)];
    let panel = unbalanced(Marginal::new(Constrained::<_, _, 1>::new(Ar1Matrix::<10>::new(), two)));
    assert_eq!(panel.fit().unwrap().parameter_count(), 2 + 1);
    assert!(fit.aicc() > fit.aic());
    let d = fit.parameter_count() as f64;
    let n = fit.observations as f64;
    assert_close(fit.aicc() - fit.aic(), 2.0 * d * (d + 1.0) / (n - d - 1.0), 1e-9);
}

/// A variance that is zero in an unbalanced design, by the formula of 1997 with the derivatives by variances.
#[test]
fn adjusted_on_the_boundary() {
    const N: usize = 12;
    let group = DummyMatrix::<N, 4>::from_indices([0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3]);
    let model = MixedModel::new(group, ScalarMatrix::<4>::new(), ScalarMatrix::<N>::new());
    let x = SMatrix::<f64, N, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { (i * i % 7) as f64 });
    let y = SVector::<f64, N>::from_fn(|i, _| ((i * 5 + 2) % 7) as f64);
    let estimation = model.estimation(&x, &y).unwrap();
    let fit = estimation.fit().unwrap();
    assert_eq!(fit.outcome.edge(0), Some(Edge::Lower));
    let variance = fit.params[1];
    let z = SMatrix::<f64, N, 4>::from_fn(|i, j| f64::from(u8::from(group.column(i) == j)));
    let gradient = [z * z.transpose(), SMatrix::identity()];
    let phi = (x.transpose() * x / variance).try_inverse().unwrap();
    let h = x / variance;
    let p = SMatrix::<f64, N, N>::identity() / variance - h * phi * h.transpose();
    let information =
        SMatrix::<f64, 2, 2>::from_fn(|k, l| (p * gradient[k] * p * gradient[l]).trace() / 2.0);
    let w = information.try_inverse().unwrap();
    let mut inner = SMatrix::<f64, 2, 2>::zeros();
    for k in 0..2 {
        for l in 0..2 {
            let q = h.transpose() * gradient[k] * gradient[l] * h / variance;
            let pp = (h.transpose() * gradient[k] * h) * phi * (h.transpose() * gradient[l] * h);
            inner += (q - pp) * w[(k, l)];
        }
    }
    let expected = phi + phi * inner * phi * 2.0;
    let found = estimation.kenward_roger(&fit).unwrap();
    assert_abs_diff_eq!(*found.beta_covariance(), expected, epsilon = 1e-10 * expected.amax());
}

/// Three subjects: two degrees of freedom, where an F has no mean.
#[test]
fn two_degrees_of_freedom() {
    let ones = SVector::<f64, 4>::repeat(1.0);
    let model = MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<4>::new());
    let mut panel = Panel::<_, f64, 4, 1>::new(model);
    for y in [[1.0, 2.0, 3.0, 2.5], [8.0, 9.0, 7.0, 8.5], [5.0, 5.5, 4.0, 6.0]] {
        panel.push(&ones, &SVector::from(y)).unwrap();
    }
    let estimation = panel.estimation().unwrap();
    let adjusted = estimation.kenward_roger(&estimation.fit().unwrap()).unwrap();
    let [mean] = adjusted.coefficients().map(Result::unwrap);
    let test = adjusted.test(&matrix![1.0]).unwrap();
    assert_close(mean.degrees_of_freedom, 2.0, 1e-6);
    assert_close(test.denominator_degrees_of_freedom, mean.degrees_of_freedom, 1e-12);
    assert_close(test.statistic, mean.statistic().powi(2), 1e-12);
}

/// The scale of the data and of ℓ says nothing of degrees of freedom.
#[test]
fn degrees_have_no_unit() {
    let expected = 17.0;
    for factor in [1.0, 1e-60, 1e60] {
        let model = MixedModel::new(
            sleep_design(),
            LogCholeskyMatrix::<2>::new(),
            ScalarMatrix::<10>::new(),
        );
        let mut panel = Panel::<_, f64, 10, 2>::new(model);
        for times in SLEEPSTUDY {
            panel.push(&sleep_design(), &(SVector::from(times) * factor)).unwrap();
        }
        let estimation = panel.estimation().unwrap();
        let inference = estimation.inference(&estimation.fit().unwrap()).unwrap();
        for scale in [1.0, 1e-50, 1e50] {
            let slope = inference.contrast(&vector![0.0, scale]).unwrap();
            assert_close(slope.degrees_of_freedom, expected, 1e-5);
        }
    }
}

/// Steps of differences are short enough to stay where a function is defined.
#[test]
fn functions_near_the_end_of_their_domain() {
    let model = UnconstrainedMatrix::<2>::new();
    let mut panel = Panel::<_, f64, 2, 2>::new(Marginal::new(model));
    for i in 0..8 {
        let x = f64::from(i * i % 8);
        let e = f64::from(i * 3 % 5 - 2) * 0.02;
        panel.push(&SMatrix::identity(), &vector![x, x + e]).unwrap();
    }
    // The mean squares, but for a little.
    let start = model.theta_from_params(&[2.57, 2.566, 2.57]).unwrap();
    let estimation = panel.estimation().unwrap().with_start(start);
    let fit = estimation.fit().unwrap();
    println!("{fit}");
    let inference = estimation.inference(&fit).unwrap();
    // Fisher's z has the standard error 1/√(n − 1) by the delta method.
    let z = inference.function(|[a, c, b]| (c / (a * b).sqrt()).atanh()).unwrap();
    assert_close(z.standard_error, 1.0 / 7.0_f64.sqrt(), 1e-4);
    assert!(inference.function(|_| f64::NAN).unwrap().standard_error.is_nan());
}

#[test]
fn bad_hypotheses_are_named() {
    let panel = unbalanced(Marginal::new(Ar1Matrix::<10>::new()));
    let estimation = panel.estimation().unwrap();
    let fit = estimation.fit().unwrap();
    let inference = estimation.inference(&fit).unwrap();
    let adjusted = estimation.kenward_roger(&fit).unwrap();
    let twice = matrix![1.0, 2.0; 2.0, 4.0];
    let row = |row| Some(Error::DependentRow { row });
    assert_eq!(inference.test(&twice).err(), row(1));
    assert_eq!(adjusted.test(&twice).err(), row(1));
    assert_eq!(inference.contrast(&SVector::zeros()).err(), row(0));
    assert_eq!(adjusted.contrast(&SVector::zeros()).err(), row(0));
    let none = SMatrix::<f64, 0, 2>::zeros();
    assert_eq!((inference.test(&none).err(), adjusted.test(&none).err()), (row(0), row(0)));
    let short = panel.estimation().unwrap().with_start([8.0, 0.0]).with_max_iterations(0);
    let fit = short.fit().unwrap();
    assert_eq!(short.inference(&fit).err(), Some(Error::NotMaximum));
    assert_eq!(short.kenward_roger(&fit).err(), Some(Error::NotMaximum));
    let ml = panel.estimation().unwrap().with_criterion(Criterion::Ml);
    let fit = ml.fit().unwrap();
    assert_eq!(ml.kenward_roger(&fit).err(), Some(Error::NotRestricted));
    assert!(ml.inference(&fit).is_ok());

    // Two variances of the same thing.
    let twins = ScalarMatrix::<10>::new().plus(named("twin", ScalarMatrix::<10>::new()));
    let panel = unbalanced(Marginal::new(twins));
    let estimation = panel.estimation().unwrap();
    let fit = estimation.fit().unwrap();
    assert!(matches!(fit.outcome, Outcome::NotIdentified(_)));
    // Their sum is known, and all that V makes of it.
    let plain = unbalanced(Marginal::new(ScalarMatrix::<10>::new()));
    let plain = plain.estimation().unwrap();
    let plain_fit = plain.fit().unwrap();
    let (inference, of_plain) =
        (estimation.inference(&fit).unwrap(), plain.inference(&plain_fit).unwrap());
    for (found, expected) in inference.coefficients().into_iter().zip(of_plain.coefficients()) {
        let (found, expected) = (found.unwrap(), expected.unwrap());
        assert_close(found.standard_error, expected.standard_error, 1e-9);
        assert_close(found.degrees_of_freedom, expected.degrees_of_freedom, 1e-6);
    }
    let (adjusted, of_plain) =
        (estimation.kenward_roger(&fit).unwrap(), plain.kenward_roger(&plain_fit).unwrap());
    let difference = adjusted.beta_covariance() - of_plain.beta_covariance();
    assert!(difference.amax() < 1e-9 * of_plain.beta_covariance().amax());
    assert_eq!(fit.beta_standard_errors().map(f64::is_finite), vector![true, true]);
    let error = inference.param_standard_error(1).unwrap_err().to_string();
    assert!(error.contains("·op_0/sigma^2 ") && error.contains("·twin/sigma^2`"), "{error}");
    assert_eq!(inference.param_standard_errors(), [None, None]);
    assert_eq!(
        inference.param_standard_error(2),
        Err(Error::ParameterIndex { index: 2, parameter_count: 2 })
    );
    let [low, high] = inference.theta_interval(0.95);
    assert!(low.iter().all(|&x| x == f64::NEG_INFINITY));
    assert!(high.iter().all(|&x| x == f64::INFINITY));
}

/// A V without parameters: everything is known, and t is normal.
#[test]
fn nothing_to_estimate() {
    let model = Marginal::new(IdentityMatrix::<4>::new());
    let x = SMatrix::<f64, 4, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { i as f64 });
    let estimation = model.estimation(&x, &vector![1.0, 2.5, 2.0, 4.0]).unwrap();
    let fit = estimation.fit().unwrap();
    let inference = estimation.inference(&fit).unwrap();
    let [_, slope] = inference.coefficients().map(Result::unwrap);
    assert!(slope.degrees_of_freedom.is_infinite());
    assert_close(slope.standard_error, 0.2_f64.sqrt(), 1e-14);
    let both = inference.test(&SMatrix::<f64, 2, 2>::identity()).unwrap();
    let adjusted = estimation.kenward_roger(&fit).unwrap();
    assert_eq!(both.denominator_degrees_of_freedom, f64::INFINITY);
    assert_close(
        adjusted.test(&SMatrix::<f64, 2, 2>::identity()).unwrap().p_value(),
        both.p_value(),
        1e-12,
    );
    assert_abs_diff_eq!(*adjusted.beta_covariance(), fit.beta_covariance, epsilon = 1e-15);
}

/// A batch that is fixed and random. P Z = 0, so that the restricted likelihood does not depend on σ_b², and the variance of
/// a batch's mean does.
mod fixed_and_random {
    use super::*;
    use covprop::operator::Named;

    const N: usize = 12;
    const K: usize = 4;
    const NAME: &str = "op_0/batch/sigma^2";
    const COVARIATE: [f64; N] = [0.0, 1.0, 2.0, 4.0, 1.0, 1.5, 0.0, 3.0, 2.0, 2.5, 5.0, 1.0];
    const Y: [f64; N] = [1.2, 2.1, 2.8, 4.9, 7.0, 7.9, 6.4, 9.3, -1.0, -0.2, 2.2, -2.1];

    type Random = CovariancePropagation<DummyMatrix<N, 3>, Named<ScalarMatrix<3>>>;
    type Batches = MixedModel<Random, ScalarMatrix<N>>;

    fn model() -> Batches {
        let batch = DummyMatrix::<N, 3>::from_indices(core::array::from_fn(|i| i / 4));
        MixedModel::new(batch, named("batch", ScalarMatrix::new()), ScalarMatrix::new())
    }

    fn design() -> SMatrix<f64, N, K> {
        SMatrix::from_fn(|i, j| if j == 3 { COVARIATE[i] } else { f64::from(u8::from(i / 4 == j)) })
    }

    /// The slope, its standard error and degrees of freedom by ordinary least squares within batches.
    fn within() -> [f64; 3] {
        let centred = |x: &[f64; N]| -> Vec<f64> {
            x.chunks(4)
                .flat_map(|x| {
                    let mean = x.iter().sum::<f64>() / 4.0;
                    x.iter().map(move |x| x - mean).collect::<Vec<_>>()
                })
                .collect()
        };
        let (x, y) = (centred(&COVARIATE), centred(&Y));
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let slope = sum(&x, &y) / sum(&x, &x);
        let residual = sum(&y, &y) - slope * sum(&x, &y);
        [slope, (residual / 8.0 / sum(&x, &x)).sqrt(), 8.0]
    }

    #[test]
    fn what_depends_on_it_is_an_error_from_every_start() {
        let (model, y) = (model(), SVector::from(Y));
        let estimation = model.estimation(&design(), &y).unwrap();
        let [slope, error, degrees] = within();
        let starts = [[0.0, 0.0], [-1.5, 0.4], [2.0, -1.0], [1.0, 1.0], [-6.0, 0.0]];
        for start in starts.into_iter().map(Some).chain([None]) {
            let estimation = estimation.clone();
            let estimation = start.map_or(estimation.clone(), |start| estimation.with_start(start));
            let fit = estimation.fit().unwrap();
            assert!(matches!(fit.outcome, Outcome::NotIdentified(_)), "{fit}");
            let name = |error: Error| match error {
                Error::NotIdentified { name } => name.as_str().to_owned(),
                other => panic!("{other}"),
            };
            let satterthwaite = estimation.inference(&fit).unwrap();
            let linear = KenwardRogerMethod::Linear;
            let all = [
                satterthwaite.coefficients(),
                estimation.kenward_roger(&fit).unwrap().coefficients(),
                estimation
                    .kenward_roger_with(linear, BoundaryTangent::KeepsRank, &fit)
                    .unwrap()
                    .coefficients(),
            ];
            for [a, b, c, within] in all {
                for mean in [a, b, c] {
                    assert_eq!(name(mean.unwrap_err()), NAME);
                }
                let within = within.unwrap();
                assert_close(within.estimate, slope, 1e-9);
                assert_close(within.standard_error, error, 1e-8);
                assert_close(within.degrees_of_freedom, degrees, 1e-6);
            }
            // A difference of batches, alone and with the slope.
            let l = vector![1.0, -1.0, 0.0, 0.0];
            assert_eq!(name(satterthwaite.contrast(&l).unwrap_err()), NAME);
            let both = matrix![1.0, -1.0, 0.0, 0.0; 0.0, 0.0, 0.0, 1.0];
            assert_eq!(name(satterthwaite.test(&both).unwrap_err()), NAME);
            let adjusted = estimation.kenward_roger(&fit).unwrap();
            assert_eq!(name(adjusted.test(&both).unwrap_err()), NAME);
            let test = satterthwaite.test(&matrix![0.0, 0.0, 0.0, 1.0]).unwrap();
            assert_close(test.denominator_degrees_of_freedom, degrees, 1e-6);

            assert_eq!(name(satterthwaite.param_standard_error(0).unwrap_err()), NAME);
            let residual = satterthwaite.param_standard_error(1).unwrap().unwrap();
            // σ² by eight degrees of freedom
            assert_close(residual, fit.params[1] / 2.0, 1e-7);
            assert_eq!(satterthwaite.param_standard_errors()[0], None);
            let of_batch = |[batch, residual]: &[f64; 2]| batch / (batch + residual);
            assert_eq!(name(satterthwaite.function(of_batch).unwrap_err()), NAME);
            assert!(satterthwaite.function(|[_, residual]| residual.sqrt()).is_ok());

            let errors = fit.beta_standard_errors();
            assert!(errors.iter().take(3).all(|x| x.is_infinite()), "{errors}");
            assert_close(errors[3], error, 1e-8);
            for table in [fit.to_string(), {
                let table = fit.table(["a", "b", "c", "x"]);
                table.with_tests(satterthwaite.coefficients()).to_string()
            }] {
                assert!(!table.contains("NaN"), "{table}");
                let dashes = table.lines().filter(|line| line.trim_end().ends_with(" -"));
                assert_eq!(dashes.count(), 3, "{table}");
            }
        }
    }

    /// By maximum likelihood σ_b² is determined: it is zero.
    #[test]
    fn maximum_likelihood_determines_it() {
        let (model, y) = (model(), SVector::from(Y));
        let estimation = model.estimation(&design(), &y).unwrap().with_criterion(Criterion::Ml);
        let fit = estimation.fit().unwrap();
        assert_eq!(fit.outcome.edge(0), Some(Edge::Lower), "{fit}");
        let inference = estimation.inference(&fit).unwrap();
        assert!(inference.coefficients().iter().all(Result::is_ok));
    }
}

/// G of rank one, in three parametrisations: a correlation that is 1, a ratio that is infinite, and a root that is zero.
mod rank_one {
    use BoundaryTangent::{KeepsRank, Whole};
    use KenwardRogerMethod::{BiasCorrected, Linear};

    use super::*;

    /// Values with 40 digits by Newton's method over z and σ² for G = z zᵀ, and the formulas over full matrices.
    const Z: [f64; 2] = [0.252_231_833_385_951, 0.329_618_917_824_622];
    const RESIDUAL: f64 = 0.061_274_844_106_028_6;
    const ERRORS: [f64; 2] = [0.122_497_145_337_232, 0.127_000_997_601_697];
    /// Observed information of z and σ².
    const SATTERTHWAITE: [f64; 2] = [8.752_588_439_578_95, 6.968_937_360_920_65];
    /// Any change of G.
    const WHOLE_DEGREES: [f64; 2] = [6.630_011_131_838_23, 6.916_086_439_071_55];
    const WHOLE_ERRORS: [f64; 2] = [0.125_878_991_203_174, 0.128_468_811_730_484];
    /// Changes of z.
    const KEPT_DEGREES: [f64; 2] = [7.866_350_364_394_5, 7.015_853_825_497_84];
    const KEPT_LINEAR: [f64; 2] = [0.123_779_860_951_06, 0.127_455_417_780_029];
    const KEPT_BIAS_CORRECTED: [f64; 2] = [0.120_592_450_620_924, 0.126_484_415_515_142];
    const TOLERANCE: f64 = 1e-6;

    fn design() -> SMatrix<f64, 4, 2> {
        SMatrix::from_fn(|i, j| if j == 0 { 1.0 } else { i as f64 })
    }

    fn panel<M: Model<Covariance: ParamMatrix<f64, 4, 4>>>(model: M) -> Panel<M, f64, 4, 2, 3> {
        let noise = [0.3, -0.2, 0.1, -0.25, 0.2, -0.1, 0.15, -0.3];
        let effects = [-0.4, 0.3, 0.1, -0.2, 0.4, -0.1, 0.2, -0.3];
        let mut panel = Panel::with_patterns(model);
        for (i, u) in effects.into_iter().enumerate() {
            let y = SVector::<f64, 4>::from_fn(|row, _| {
                let time = row as f64;
                3.0 + 0.5 * time + u * (1.0 + time) + noise[(3 * i + 5 * row) % 8]
            });
            let observed = core::array::from_fn(|row| match i % 3 {
                1 => row != 3,
                2 => row != 0,
                _ => true,
            });
            panel.push_observed(&design(), &y, &observed).unwrap();
        }
        panel
    }

    macro_rules! check {
        ($g:expr) => {{
            let panel = panel(MixedModel::new(design(), $g, ScalarMatrix::<4>::new()));
            let estimation = panel.estimation().unwrap();
            let fit = estimation.fit().unwrap();
            assert!(matches!(fit.outcome, Outcome::Boundary(_)), "{fit}");
            let v = fit.model.value(&fit.theta);
            let residual = *fit.params.last().unwrap();
            assert_close(residual, RESIDUAL, TOLERANCE);
            assert_close(v[(0, 0)] - residual, Z[0] * Z[0], TOLERANCE);
            assert_close(v[(0, 1)], Z[0] * (Z[0] + Z[1]), TOLERANCE);
            let all = |found: [Result<Contrast<f64>, Error>; 2],
                       errors: &[f64; 2],
                       degrees: &[f64; 2]| {
                for (found, (&error, &degrees)) in found.into_iter().zip(errors.iter().zip(degrees))
                {
                    let found = found.unwrap();
                    assert_close(found.standard_error, error, TOLERANCE);
                    assert_close(found.degrees_of_freedom, degrees, TOLERANCE);
                }
            };
            all(estimation.inference(&fit).unwrap().coefficients(), &ERRORS, &SATTERTHWAITE);
            let by = |method, boundary| {
                estimation.kenward_roger_with(method, boundary, &fit).unwrap().coefficients()
            };
            // V is linear in G: there is no second derivative.
            all(by(Linear, Whole), &WHOLE_ERRORS, &WHOLE_DEGREES);
            all(by(BiasCorrected, Whole), &WHOLE_ERRORS, &WHOLE_DEGREES);
            all(by(Linear, KeepsRank), &KEPT_LINEAR, &KEPT_DEGREES);
            all(by(BiasCorrected, KeepsRank), &KEPT_BIAS_CORRECTED, &KEPT_DEGREES);
        }};
    }

    #[test]
    fn by_a_correlation() {
        check!(HeterogeneousCompoundSymmetricMatrix::<2>::new());
    }

    #[test]
    fn by_a_ratio() {
        check!(LogCholeskyMatrix::<2>::new());
    }

    #[test]
    fn by_a_root() {
        check!(OuterGram::new(LowerTriangularMatrix::<2, 2>::new()));
    }
}

/// y × 10ᵏ and y × 2ᵏ: t, degrees of freedom and p are the same.
#[test]
fn tests_have_no_unit() {
    fn tests<T: Real>(scale: T) -> Vec<[T; 3]> {
        const N: usize = 12;
        let number = |x: f64| nalgebra::convert::<_, T>(x);
        let group = DummyMatrix::<N, 4>::from_indices([0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3]);
        let model = MixedModel::new(group, ScalarMatrix::<4>::new(), ScalarMatrix::<N>::new());
        let x = SMatrix::<T, N, 2>::from_fn(|i, j| {
            number(if j == 0 { 1.0 } else { (i * i % 7) as f64 })
        });
        let y = [2.5, 4.0, 3.0, 3.5, 2.0, 7.5, 8.0, 5.0, 4.5, 6.0, 1.0, 0.5];
        let y = SVector::<T, N>::from_fn(|i, _| number(y[i]) * scale);
        let estimation = model.estimation(&x, &y).unwrap();
        let fit = estimation.fit().unwrap();
        assert!(fit.outcome.is_maximum(), "{fit}");
        let both = SMatrix::<T, 2, 2>::identity();
        let of = |contrast: Contrast<T>| {
            [contrast.statistic(), contrast.degrees_of_freedom, contrast.p_value()]
        };
        let of_test =
            |test: FTest<T>| [test.statistic, test.denominator_degrees_of_freedom, test.p_value()];
        let inference = estimation.inference(&fit).unwrap();
        let mut found: Vec<_> = inference.coefficients().map(|c| of(c.unwrap())).into();
        found.push(of_test(inference.test(&both).unwrap()));
        for method in [
            KenwardRogerMethod::Linear,
            KenwardRogerMethod::SecondOrder,
            KenwardRogerMethod::BiasCorrected,
        ] {
            for boundary in [BoundaryTangent::Whole, BoundaryTangent::KeepsRank] {
                let adjusted = estimation.kenward_roger_with(method, boundary, &fit).unwrap();
                found.extend(adjusted.coefficients().map(|c| of(c.unwrap())));
                found.push(of_test(adjusted.test(&both).unwrap()));
            }
        }
        // Relative errors of parameters have no unit either.
        for (k, &param) in fit.params.iter().enumerate() {
            let error = inference.param_standard_error(k).unwrap().unwrap();
            let by_function = inference.function(|params| params[k]).unwrap().standard_error;
            found.push([error / param, by_function / param, T::zero()]);
        }
        found
    }
    let expected = tests(1.0_f64);
    let decimal = (-70..=80).step_by(10).map(|k| 10.0_f64.powi(k));
    let binary = (-230..=260).step_by(70).map(|k| 2.0_f64.powi(k));
    for scale in decimal.chain(binary) {
        for (found, expected) in tests(scale).iter().zip(&expected) {
            for (&found, &expected) in found.iter().zip(expected) {
                let near = abs_diff_eq!(found, expected, epsilon = 1e-8 * expected.abs());
                assert!(near, "{scale:e}: {found} is not {expected}");
            }
        }
    }
    for scale in [1e-6_f32, 1e-3, 1.0, 1e5, 1e11] {
        for (found, expected) in tests(scale).iter().zip(&expected) {
            for (&found, &expected) in found.iter().zip(expected) {
                let near =
                    abs_diff_eq!(f64::from(found), expected, epsilon = 1e-2 * expected.abs());
                assert!(near, "{scale:e}: {found} is not {expected}");
            }
        }
    }
}

/// The formula of 1997 is taken in variances where the parameters are variances, whatever the transforms are.
#[test]
fn second_order_is_taken_on_the_natural_scale() {
    let ones = SVector::<f64, 10>::repeat(1.0);
    let by_exponentials =
        MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<10>::new());
    let plain = ScalarMatrix::<1>::new().with_transform(Identity);
    let by_variances = MixedModel::new(ones, plain, ScalarMatrix::<10>::new());
    let curved = Marginal::new(CompoundSymmetricMatrix::<10>::new());
    macro_rules! adjusted {
        ($model:expr, $method:ident) => {{
            let panel = unbalanced($model);
            let estimation = panel.estimation().unwrap();
            let fit = estimation.fit().unwrap();
            assert_eq!(fit.outcome, Outcome::Converged);
            let method = KenwardRogerMethod::$method;
            let by = estimation.kenward_roger_with(method, BoundaryTangent::Whole, &fit);
            *by.unwrap().beta_covariance()
        }};
    }
    let off = |a: SMatrix<f64, 2, 2>, b: SMatrix<f64, 2, 2>| (a - b).amax() / a.amax();
    // Linear in variances: no second derivatives and no bias.
    let linear = adjusted!(by_exponentials, Linear);
    assert!(off(linear, adjusted!(by_exponentials, SecondOrder)) < 1e-9);
    assert!(off(linear, adjusted!(by_exponentials, BiasCorrected)) < 1e-9);
    assert!(off(linear, adjusted!(by_variances, SecondOrder)) < 1e-7);
    // The same V by a variance and a correlation.
    assert!(off(linear, adjusted!(curved, Linear)) < 1e-7);
    assert!(off(linear, adjusted!(curved, BiasCorrected)) < 1e-7);
    assert!(off(linear, adjusted!(curved, SecondOrder)) > 1e-4);
}
