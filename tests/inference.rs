//! Standard errors, degrees of freedom and tests, against formulas over full matrices, theory for balanced designs and
//! published values.

mod common;

use common::{ORTHODONT, SLEEPSTUDY, sleep_design};
use covprop::*;
use nalgebra::{SMatrix, SVector, matrix, vector};

const STACK: usize = 64 << 20;

fn with_large_stack(f: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(STACK).spawn(f).unwrap().join().unwrap();
}

#[track_caller]
fn assert_close(found: f64, expected: f64, tolerance: f64) {
    let off = (found - expected).abs();
    assert!(off <= tolerance * expected.abs().max(1e-300), "{found} is not {expected}");
}

/// An unbalanced sleep study: each subject was seen on some days.
fn unbalanced<M>(model: M) -> Panel<M, f64, 10, 2, 6> {
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
        assert!((found - expected).amax() < 1e-9 * expected.amax());
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
    assert!((found.beta_covariance() - expected).amax() < 1e-8 * expected.amax());
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
        assert!(
            (a.beta_covariance() - b.beta_covariance()).amax() < 1e-7 * a.beta_covariance().amax()
        );
        let l = matrix![1.0, 2.0; 0.5, -1.0];
        assert_close(a.test(&l).unwrap().denominator, b.test(&l).unwrap().denominator, 1e-7);
        let a = by_panel.inference(&fit).unwrap();
        let b = by_whole.inference(&other).unwrap();
        for (a, b) in a.coefficients().iter().zip(b.coefficients()) {
            assert_close(a.degrees, b.degrees, 1e-6);
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
    assert_close(by_a.denominator, by_b.denominator, 1e-7);
    assert_close(by_a.statistic, by_b.statistic, 1e-7);
    let (a, b) = (linear.inference(&fit).unwrap(), curved.inference(&other).unwrap());
    assert_close(a.test(&l).unwrap().denominator, b.test(&l).unwrap().denominator, 1e-6);
    // The variance between subjects is σ²ρ.
    let share = b.function(|[variance, correlation]| variance * correlation);
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
    assert!((days.statistic - 45.853).abs() < 5e-4 && (days.denominator - 17.0).abs() < 1e-6);
    assert!((days.p_value() - 3.264e-6).abs() < 5e-10);
    assert_eq!(days.to_string(), "F(1, 17.00) = 45.853, p = 3.3e-6");
    let [intercept, slope] = inference.coefficients();
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
    assert_close(exact.denominator, 16.0, 1e-6);
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
    assert_close(test.denominator, 8.0, 1e-6);
    assert_close(test.scale, 8.0 / 10.0, 1e-6);
    let mean = SVector::<f64, 4>::from_fn(|i, _| fit.beta[i]);
    let s = fit.model.value(&fit.theta);
    let differences = l * mean;
    let t2 =
        11.0 * differences.dot(&((l * s * l.transpose()).try_inverse().unwrap() * differences));
    assert_close(test.statistic, 8.0 / 30.0 * t2, 1e-8);
}

/// A variance that is zero is no longer uncertain for Satterthwaite, as in lmerTest, and is for Kenward and Roger, as in
/// pbkrtest; `tests/fits` has the values of both.
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
    assert_close(inference.coefficients()[0].degrees, 11.0, 1e-8);
    let [between, within] = inference.param_standard_errors();
    assert_eq!(between, None);
    assert_close(within.unwrap(), fit.params[1] * (2.0_f64 / 11.0).sqrt(), 1e-8);
    assert_eq!(inference.param_covariance()[0], [0.0, 0.0]);
    let ratio = inference.function(|[a, b]| a / (a + b));
    assert_eq!((ratio.value, ratio.standard_error), (0.0, 0.0));
    let [adjusted] = estimation.kenward_roger(&fit).unwrap().coefficients();
    assert_close(adjusted.degrees, 2.0, 1e-6);
    // Balanced: nothing to be adjusted.
    assert_close(adjusted.standard_error, fit.standard_errors()[0], 1e-9);
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
        let inference = estimation.inference_by(kind, &fit).unwrap();
        for (row, of_row) in inference.information().iter().zip(&expected) {
            for (found, expected) in row.iter().zip(of_row) {
                assert!((found - expected).abs() < 1e-6 * expected.abs());
            }
        }
        let product = SMatrix::<f64, 2, 2>::from(*inference.theta_covariance())
            * SMatrix::from(*inference.information());
        assert!((product - SMatrix::identity()).amax() < 1e-12);
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
    assert_eq!(panel.fit().unwrap().degrees(), 2 + 1);
    assert!(fit.aicc() > fit.aic());
    let d = fit.degrees() as f64;
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
    assert!((found.beta_covariance() - expected).amax() < 1e-10 * expected.amax());
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
    let [mean] = adjusted.coefficients();
    let test = adjusted.test(&matrix![1.0]).unwrap();
    assert_close(mean.degrees, 2.0, 1e-6);
    assert_close(test.denominator, mean.degrees, 1e-12);
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
            assert_close(slope.degrees, expected, 1e-5);
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
    let estimation = panel.estimation().unwrap().start(start);
    let fit = estimation.fit().unwrap();
    println!("{fit}");
    let inference = estimation.inference(&fit).unwrap();
    // Fisher's z has the standard error 1/√(n − 1) by the delta method.
    let z = inference.function(|[a, c, b]| (c / (a * b).sqrt()).atanh());
    assert_close(z.standard_error, 1.0 / 7.0_f64.sqrt(), 1e-4);
    assert!(inference.function(|_| f64::NAN).standard_error.is_nan());
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
    let short = panel.estimation().unwrap().start([8.0, 0.0]).max_iterations(0);
    let fit = short.fit().unwrap();
    assert_eq!(short.inference(&fit).err(), Some(Error::NotMaximum));
    assert_eq!(short.kenward_roger(&fit).err(), Some(Error::NotMaximum));
    let ml = panel.estimation().unwrap().ml();
    let fit = ml.fit().unwrap();
    assert_eq!(ml.kenward_roger(&fit).err(), Some(Error::NotRestricted));
    assert!(ml.inference(&fit).is_ok());

    // Two variances of the same thing.
    let twins = ScalarMatrix::<10>::new().plus(named("twin", ScalarMatrix::<10>::new()));
    let panel = unbalanced(Marginal::new(twins));
    let estimation = panel.estimation().unwrap();
    let fit = estimation.fit().unwrap();
    assert!(matches!(fit.outcome, Outcome::NotIdentified(_)));
    let error = estimation.inference(&fit).err().unwrap().to_string();
    assert!(error.contains("sigma^2` beside the others"), "{error}");
    assert!(estimation.kenward_roger(&fit).is_err());
}

/// A V without parameters: everything is known, and t is normal.
#[test]
fn nothing_to_estimate() {
    let model = Marginal::new(IdentityMatrix::<4>::new());
    let x = SMatrix::<f64, 4, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { i as f64 });
    let estimation = model.estimation(&x, &vector![1.0, 2.5, 2.0, 4.0]).unwrap();
    let fit = estimation.fit().unwrap();
    let inference = estimation.inference(&fit).unwrap();
    let [_, slope] = inference.coefficients();
    assert!(slope.degrees.is_infinite());
    assert_close(slope.standard_error, 0.2_f64.sqrt(), 1e-14);
    let both = inference.test(&SMatrix::<f64, 2, 2>::identity()).unwrap();
    let adjusted = estimation.kenward_roger(&fit).unwrap();
    assert_eq!(both.denominator, f64::INFINITY);
    assert_close(
        adjusted.test(&SMatrix::<f64, 2, 2>::identity()).unwrap().p_value(),
        both.p_value(),
        1e-12,
    );
    assert!((adjusted.beta_covariance() - fit.beta_covariance).amax() < 1e-15);
}
