//! Data and models that have no ordinary answer: each has a typed one, and no number that is none.

use approx::{abs_diff_eq, assert_abs_diff_eq, assert_relative_eq, relative_eq};
use covprop::error::CovarianceDefect;
use covprop::operator::Named;
use covprop::prelude::*;
use covprop::reml::Fit;
use covprop::transform::{Exp, Pow, TransformVisitor};
use covprop::{Error, typenum};
use nalgebra::Const;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

use crate::common::data::DYESTUFF;

type Intercept = MixedModel<
    CovariancePropagation<SVector<f64, 4>, Named<ScalarMatrix<1>>>,
    Named<ScalarMatrix<4>>,
>;
const ONES: SVector<f64, 4> = vector![1.0, 1.0, 1.0, 1.0];
const INTERCEPT: Intercept = MixedModel::new(
    ONES,
    named("batch", ScalarMatrix::<1>::new()),
    named("error", ScalarMatrix::<4>::new()),
);

const BATCHES: [SVector<f64, 4>; 4] = [
    vector![1.5, 2.5, 2.0, 3.0],
    vector![4.5, 4.0, 5.5, 5.0],
    vector![0.5, 1.0, 2.0, 0.25],
    vector![3.0, 2.0, 3.5, 2.5],
];

fn panel<M: Model<Covariance: ParamMatrix<f64, 4, 4>>>(
    model: M,
    batches: &[SVector<f64, 4>],
) -> Panel<M, f64, 4, 1> {
    let mut panel = Panel::new(model);
    assert_eq!(panel.extend(batches.iter().map(|y| (ONES, *y))), Ok(batches.len()));
    panel
}

/// Everything in a fit is a number; θ may be infinite at an end.
fn assert_numbers<M: ParamMatrix<f64, N, N>, const N: usize, const K: usize>(
    fit: &Fit<'_, M, f64, N, K>,
) {
    assert!(fit.log_likelihood.is_finite(), "{fit}");
    assert!(fit.theta.as_ref().iter().all(|x| !x.is_nan()), "{fit}");
    assert!(fit.params.as_ref().iter().all(|x| x.is_finite()), "{fit}");
    assert!(fit.beta.iter().chain(fit.beta_covariance.iter()).all(|x| x.is_finite()), "{fit}");
    assert!(!fit.to_string().contains("NaN"), "{fit}");
}

#[test]
fn no_variation() {
    for c in [0.0, 1.0, 0.1, -3e12, 1e-150] {
        let y = SVector::<f64, 4>::repeat(c);
        assert_eq!(INTERCEPT.estimation(&ONES, &y).err(), Some(Error::ExactFit), "{c}");
        assert_eq!(panel(INTERCEPT, &[y; 5]).estimation().err(), Some(Error::ExactFit), "{c}");
    }
    // on a line
    let x = matrix![1.0, 0.1; 1.0, 0.2; 1.0, 0.3; 1.0, 0.7];
    let y = x * vector![0.3, 1e5];
    assert_eq!(INTERCEPT.estimation(&x, &y).err(), Some(Error::ExactFit));
}

#[test]
fn too_few_observations() {
    let x = SMatrix::<f64, 4, 4>::identity();
    let error = Error::NoDegreesOfFreedom { observations: 4, columns: 4 };
    assert_eq!(INTERCEPT.fit(&x, &BATCHES[0]).err(), Some(error));
    assert_eq!(error.to_string(), "4 observations are too few for 4 fixed effects and a variance");
    let none = Panel::<_, f64, 4, 1>::new(INTERCEPT);
    let error = Error::NoDegreesOfFreedom { observations: 0, columns: 1 };
    assert_eq!(none.fit().err(), Some(error));
}

#[test]
fn dependent_columns() {
    let x = matrix![1.0, 0.1, 1.1; 1.0, 0.2, 1.2; 1.0, 0.3, 1.3; 1.0, 0.7, 1.7];
    let error = Error::DependentColumn { column: 2 };
    assert_eq!(INTERCEPT.fit(&x, &BATCHES[0]).err(), Some(error));
    let twice = matrix![1.0, 1.0; 1.0, 1.0; 1.0, 1.0; 1.0, 1.0];
    assert_eq!(
        INTERCEPT.fit(&twice, &BATCHES[0]).err(),
        Some(Error::DependentColumn { column: 1 })
    );
    let zero = matrix![0.0; 0.0; 0.0; 0.0];
    assert_eq!(INTERCEPT.fit(&zero, &BATCHES[0]).err(), Some(Error::DependentColumn { column: 0 }));

    // A group that no subject is in; with one, the column is its own.
    let x = |group: f64| SMatrix::<f64, 4, 2>::from_fn(|_, j| [1.0, group][j]);
    let mut panel = Panel::<_, f64, 4, 2>::new(INTERCEPT);
    for y in &BATCHES[..3] {
        panel.push(&x(0.0), y).unwrap();
    }
    assert_eq!(panel.fit().err(), Some(Error::DependentColumn { column: 1 }));
    panel.push(&x(1.0), &BATCHES[3]).unwrap();
    assert!(panel.fit().is_ok());
}

/// What is not a number is refused, and costs nothing of what was accumulated.
#[test]
fn numbers_that_are_none() {
    let mut panel = panel(INTERCEPT, &BATCHES);
    let before = panel;
    for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200] {
        let mut y = BATCHES[0];
        y[2] = wrong;
        assert_eq!(panel.push(&ONES, &y), Err(Error::ResponseNotFinite { row: 2 }));
        assert_eq!(INTERCEPT.fit(&ONES, &y).err(), Some(Error::ResponseNotFinite { row: 2 }));
        let mut x = ONES;
        x[1] = wrong;
        let error = Error::DesignNotFinite { row: 1, col: 0 };
        assert_eq!(panel.push(&x, &BATCHES[0]), Err(error));
        assert_eq!(INTERCEPT.fit(&x, &BATCHES[0]).err(), Some(error));
        assert_eq!(panel, before);
        // Where it is not observed it does not matter.
        let mut other = Panel::<_, f64, 4, 1, 2>::with_patterns(INTERCEPT);
        assert_eq!(other.push_observed(&ONES, &y, &[true, true, false, true]), Ok(()));
    }
    let full = Error::PatternCount { capacity: 1 };
    assert_eq!(panel.push_observed(&ONES, &BATCHES[0], &[true, false, true, true]), Err(full));
    let mut other = Panel::<_, f64, 4, 1>::new(INTERCEPT);
    other.push_observed(&ONES, &BATCHES[0], &[true, false, true, true]).unwrap();
    assert_eq!(panel.merge(&other), Err(full));
    assert_eq!(panel, before);
    assert_eq!(panel.push_observed(&ONES, &BATCHES[0], &[false; 4]), Ok(()));
    assert_eq!(panel, before);
}

/// Numbers whose squares are finite, but neither those by the scale of what came before nor their sum.
#[test]
fn sums_that_overflow() {
    let mut panel = Panel::<_, f64, 4, 1>::new(INTERCEPT);
    let (x, y) = (ONES * 1e-60, BATCHES[0] / BATCHES[0].amax());
    panel.push(&x, &y).unwrap();
    let before = panel;
    let error = Error::DesignNotFinite { row: 0, col: 0 };
    assert_eq!(panel.push(&(ONES * 1e150), &y), Err(error));
    assert_eq!(panel, before);
    let large = ONES * 1e153;
    let pushed = (0..1000).take_while(|_| panel.push(&x, &large).is_ok()).count();
    assert!((1..1000).contains(&pushed) && panel.subjects() == pushed + 1);
    assert!(matches!(panel.push(&x, &large), Err(Error::ResponseNotFinite { .. })));
    assert_eq!(panel.push(&x, &y), Ok(()));
}

/// The batches are more alike than chance makes them: the variance between them is zero, exactly.
#[test]
fn variance_of_zero() {
    let batches = [
        vector![1.0, 4.0, 2.0, 5.0],
        vector![5.0, 2.0, 4.0, 1.5],
        vector![2.0, 1.0, 5.0, 4.0],
        vector![4.0, 5.0, 1.0, 2.5],
    ];
    let all = batches.iter().flatten().copied().collect::<Vec<f64>>();
    let mean = all.iter().sum::<f64>() / 16.0;
    let squares: f64 = all.iter().map(|y| (y - mean).powi(2)).sum();
    for (ml, degrees) in [(false, 15.0), (true, 16.0)] {
        let panel = panel(INTERCEPT, &batches);
        let estimation = panel.estimation().unwrap();
        let fit =
            if ml { estimation.with_criterion(Criterion::Ml) } else { estimation }.fit().unwrap();
        assert_numbers(&fit);
        assert_eq!(fit.outcome, Outcome::Boundary([Some(Edge::Lower), None]), "{fit}");
        assert_eq!((fit.theta[0], fit.params[0]), (f64::NEG_INFINITY, 0.0));
        assert_abs_diff_eq!(fit.params[1], squares / degrees, epsilon = 1e-13);
        assert!(fit.to_string().contains("to the boundary, op_0/batch/sigma^2 = 0"), "{fit}");
    }
    // The same where the variance is the square of θ, whose boundary is at zero.
    let squared = ScalarMatrix::<1>::new().with_transform(Pow::new(2.0));
    let panel = panel(MixedModel::new(ONES, squared, ScalarMatrix::<4>::new()), &batches);
    let fit = panel.estimation().unwrap().with_start([1.0, 0.0]).fit().unwrap();
    assert_numbers(&fit);
    assert_eq!(fit.outcome, Outcome::Boundary([Some(Edge::Zero), None]), "{fit}");
    assert_eq!((fit.theta[0], fit.params[0]), (0.0, 0.0));
    assert_abs_diff_eq!(fit.params[1], squares / 15.0, epsilon = 1e-13);
}

/// One subject does not tell a variance between subjects: REML does not depend on it, ML wants it zero.
#[test]
fn one_subject() {
    let panel = panel(INTERCEPT, &BATCHES[..1]);
    let fit = panel.fit().unwrap();
    assert_numbers(&fit);
    let Outcome::NotIdentified(combination) = fit.outcome else { panic!("{fit}") };
    assert_eq!(combination, [1.0, 0.0]);
    assert!(fit.to_string().contains("+1.000·op_0/batch/sigma^2"), "{fit}");
    let fit = panel.estimation().unwrap().with_criterion(Criterion::Ml).fit().unwrap();
    assert_numbers(&fit);
    assert_eq!(fit.outcome, Outcome::Boundary([Some(Edge::Lower), None]), "{fit}");
}

/// Two parts of V that are the same matrix: only their sum is known.
#[test]
fn two_names_for_one_variance() {
    let v = named("a", ScalarMatrix::<4>::new()).plus(named("b", ScalarMatrix::new()));
    let panel = panel(Marginal::new(v), &BATCHES);
    let fit = panel.fit().unwrap();
    assert_numbers(&fit);
    let Outcome::NotIdentified([a, b]) = fit.outcome else { panic!("{fit}") };
    // σ_a² ∂θ_a = −σ_b² ∂θ_b
    assert!((a * fit.params[0] + b * fit.params[1]).abs() < 1e-9, "{a} {b} {fit}");
    let plain = Panel::clone(&self::panel(Marginal::new(ScalarMatrix::<4>::new()), &BATCHES));
    let plain = plain.fit().unwrap();
    assert_abs_diff_eq!(fit.params[0] + fit.params[1], plain.params[0], epsilon = 1e-9);
    assert_abs_diff_eq!(fit.log_likelihood, plain.log_likelihood, epsilon = 1e-11);
}

/// A random slope and intercept that are one: the correlation is ±1, exactly.
#[test]
fn correlation_of_one() {
    let z = matrix![1.0, 0.0; 1.0, 1.0; 1.0, 2.0; 1.0, 3.0];
    let noise = [0.3, -0.2, 0.1, -0.25, 0.2, -0.1, 0.15, -0.3];
    let subject = |i: usize| {
        // Effects on one line, and errors.
        let u = [-2.0, 1.5, 0.5, -1.0, 2.0, -0.5, 1.0, -1.5][i];
        let y = SVector::<f64, 4>::from_fn(|row, _| {
            3.0 + u * (1.0 + row as f64) + noise[(3 * i + 5 * row) % 8]
        });
        (ONES, y)
    };
    let v = MixedModel::new(z, named("G", LogCholeskyMatrix::<2>::new()), ScalarMatrix::<4>::new());
    let mut panel = Panel::<_, f64, 4, 1>::new(v);
    panel.extend((0..8).map(subject)).unwrap();
    let fit = panel.fit().unwrap();
    assert_numbers_but_theta(&fit);
    assert_eq!(fit.outcome.edge(2), Some(Edge::Upper), "{fit}");
    let g = LogCholeskyMatrix::<2>::new().value(&[fit.theta[0], fit.theta[1], fit.theta[2]]);
    let one = g[(0, 1)] / (g[(0, 0)] * g[(1, 1)]).sqrt();
    assert!(abs_diff_eq!(one, 1.0, epsilon = f64::EPSILON), "{g}");

    // The same maximum with G = L Lᵀ, where it is L₁₁ = 0.
    let root = OuterGram::new(LowerTriangularMatrix::<2, 2>::new());
    let mut other =
        Panel::<_, f64, 4, 1>::new(MixedModel::new(z, named("G", root), ScalarMatrix::<4>::new()));
    other.extend((0..8).map(subject)).unwrap();
    let other = other.fit().unwrap();
    assert!(
        abs_diff_eq!(other.log_likelihood, fit.log_likelihood, epsilon = 1e-9),
        "{other} {fit}"
    );
    assert_eq!(other.outcome.edge(2), Some(Edge::Zero), "{other}");
    assert_eq!(other.theta[2], 0.0);
}

fn assert_numbers_but_theta<M: ParamMatrix<f64, N, N>, const N: usize, const K: usize>(
    fit: &Fit<'_, M, f64, N, K>,
) {
    assert!(fit.log_likelihood.is_finite() && fit.beta.iter().all(|x| x.is_finite()), "{fit}");
    assert!(!fit.to_string().contains("NaN"), "{fit}");
}

/// The likelihood has no maximum: V would have to be singular.
#[test]
fn unbounded_likelihood() {
    // Each subject sums to zero: compound symmetry wants ρ = −1/3, where V has no inverse.
    let batches = [
        vector![1.0, -1.0, 2.0, -2.0],
        vector![0.5, 1.5, -3.0, 1.0],
        vector![2.0, 1.0, -1.0, -2.0],
    ];
    let panel = panel(Marginal::new(CompoundSymmetricMatrix::<4>::new()), &batches);
    let fit = panel.fit();
    if let Ok(fit) = &fit {
        assert_numbers(fit);
        assert!(!fit.outcome.is_maximum(), "{fit}");
    }
}

#[test]
fn scales() {
    let reference = panel(INTERCEPT, &BATCHES);
    let reference = reference.fit().unwrap();
    for scale in [1e-150, 1e-100, 1e-6, 1e6, 1e100, 1e150] {
        let scaled = BATCHES.map(|y| y * scale);
        let panel = panel(INTERCEPT, &scaled);
        let fit = panel.fit().unwrap();
        assert_numbers(&fit);
        assert_eq!(fit.outcome, Outcome::Converged, "{scale}: {fit}");
        for (found, expected) in fit.params.iter().zip(&reference.params) {
            let ratio = found / scale / scale / expected;
            assert!(abs_diff_eq!(ratio, 1.0, epsilon = 1e-9), "{scale}: {fit}");
        }
        assert_relative_eq!(
            fit.beta[0] / scale,
            reference.beta[0],
            epsilon = 0.0,
            max_relative = 1e-12
        );
        let x = ONES * scale;
        let mut panel = Panel::new(INTERCEPT);
        panel.extend(BATCHES.iter().map(|y| (x, *y))).unwrap();
        let fit = panel.fit().unwrap();
        assert_abs_diff_eq!(fit.beta[0] * scale / reference.beta[0], 1.0, epsilon = 1e-12);
        // The same as one response vector.
        let y = SVector::<f64, 16>::from_fn(|i, _| scaled[i / 4][i % 4]);
        let z = DummyMatrix::<16, 4>::from_indices(core::array::from_fn(|i| i / 4));
        let model = MixedModel::new(z, ScalarMatrix::<4>::new(), ScalarMatrix::<16>::new());
        let fit = model.fit(&SVector::<f64, 16>::repeat(1.0), &y).unwrap();
        assert!(
            relative_eq!(
                fit.params[0] / scale / scale,
                reference.params[0],
                epsilon = 0.0,
                max_relative = 1e-9
            ),
            "{fit}"
        );
    }
}

#[test]
fn a_v_that_is_none() {
    let v = UnconstrainedMatrix::<4>::new();
    let panel = panel(Marginal::new(v), &BATCHES);
    let mut theta = [0.0; 10];
    theta[1] = 2.0;
    let estimation = panel.estimation().unwrap();
    let reason = CovarianceDefect::Indefinite;
    assert_eq!(estimation.at(&theta).err(), Some(Error::NotCovariance { row: 1, reason }));
    assert_blamed(estimation.with_start(theta).fit(), 1, 2.0);
    let known = KnownMatrix::new(SMatrix::<f64, 4, 4>::repeat(1.0));
    let error = Error::NotPositiveDefinite { row: 1 };
    assert_eq!(self::panel(Marginal::new(known), &BATCHES).fit().err(), Some(error));
    let known = KnownMatrix::new(SMatrix::<f64, 4, 4>::from_diagonal_element(-2.0));
    let error = self::panel(Marginal::new(known), &BATCHES).fit().unwrap_err();
    assert_eq!(error.to_string(), "the matrix is not a covariance matrix: V₀₀ is -2");
}

/// The start that is wrong in one parameter.
#[track_caller]
fn assert_blamed<A>(fit: Result<A, Error>, its_index: usize, its_theta: f64) {
    let Some(Error::StartWithoutLikelihood { index, theta }) = fit.err() else {
        panic!("no error of the start");
    };
    assert_eq!((index, theta.value().to_bits()), (its_index, its_theta.to_bits()));
}

#[test]
fn starts_that_are_none() {
    // In Q + 1 rows, and with one V for all.
    let panel = panel(INTERCEPT, &BATCHES);
    let mixed = panel.estimation().unwrap();
    let series = Marginal::new(Ar1Matrix::<4>::new());
    let series = series.estimation(&ONES, &BATCHES[0]).unwrap();
    let infinity = f64::INFINITY;
    for (start, batch) in [
        ([f64::NAN, 0.0], true),
        ([0.0, f64::NAN], false),
        ([f64::NAN, f64::NAN], true),
        ([0.0, -infinity], false),
        ([-infinity, -infinity], false),
        ([400.0, 0.0], true),
        ([0.0, 400.0], false),
        // Half the range of the exponent, so that only one of them overflows.
        ([300.0, 360.0], false),
    ] {
        let k = usize::from(!batch);
        assert_blamed(mixed.clone().with_start(start).fit(), k, start[k]);
        assert_blamed(
            mixed.clone().with_criterion(Criterion::Ml).with_start(start).fit_with(|_| {}),
            k,
            start[k],
        );
    }
    for (start, k, theta) in [
        ([f64::NAN, 0.5], 0, f64::NAN),
        ([0.0, f64::NAN], 1, f64::NAN),
        ([0.0, infinity], 1, infinity),
        ([-infinity, 0.0], 0, -infinity),
    ] {
        assert_blamed(series.clone().with_start(start).fit(), k, theta);
    }
    // A variance of zero, or a far one, is a start.
    for start in [[-infinity, 0.0], [-8.0, 3.0]] {
        assert!(mixed.clone().with_start(start).fit().is_ok(), "{start:?}");
    }
    let error = series.with_start([0.0, infinity]).fit().unwrap_err().to_string();
    assert_eq!(
        error,
        "the likelihood is undefined at the start, where θ[1] is inf; choose another start"
    );
}

/// Rows and columns in other units.
fn in_units<const N: usize>(a: SMatrix<f64, N, N>, units: [f64; N]) -> SMatrix<f64, N, N> {
    SMatrix::from_fn(|i, j| a[(i, j)] * units[i] * units[j])
}

#[test]
fn known_matrices_are_covariances() {
    let indefinite = |row| Error::NotCovariance { row, reason: CovarianceDefect::Indefinite };
    for (matrix, row) in [
        (matrix![1.0, 5.0, 0.0; 5.0, 1.0, 0.0; 0.0, 0.0, 1.0], 1),
        (matrix![1.0, 0.9, 0.9; 0.9, 1.0, 0.0; 0.9, 0.0, 1.0], 2),
        // The second row depends on the first one, the third says otherwise.
        (matrix![1.0, 1.0, 0.0; 1.0, 1.0, 0.1; 0.0, 0.1, 1.0], 2),
    ] {
        for units in [[1.0; 3], [1e-150, 1e150, 1.0], [1e-150; 3], [1e150, 1e150, 1e-10]] {
            let found = KnownMatrix::try_new(in_units(matrix, units));
            assert_eq!(found.err(), Some(indefinite(row)), "{matrix} {units:?}");
        }
    }
    // The eigenvalue 1 − c, in any units: within rounding of 0 or not.
    for units in [[1.0, 1.0], [1e-150, 1e-150], [1e150, 1e150], [1e-6, 1e6], [1e-154, 1e154]] {
        let pair = |c: f64| in_units(matrix![1.0, c; c, 1.0], units);
        for c in [1.0, -1.0, 1.0 + f64::EPSILON, 1.0 - f64::EPSILON] {
            assert!(KnownMatrix::try_new(pair(c)).is_ok(), "{c} {units:?}");
        }
        for c in [1.0 + 1e-14, -1.0 - 1e-14, 1.0 + 1e-8] {
            assert_eq!(KnownMatrix::try_new(pair(c)).err(), Some(indefinite(1)), "{c} {units:?}");
        }
    }
    let pair = |c: f32| KnownScaledMatrix::try_new(matrix![1e-30, 1e-5 * c; 1e-5 * c, 1e20_f32]);
    assert!(pair(1.0).is_ok());
    assert_eq!(pair(1.0 + 1e-5).err(), Some(indefinite(1)));

    let error =
        |matrix: SMatrix<f64, 12, 12>| KnownMatrix::try_new(matrix).unwrap_err().to_string();
    let mut matrix = SMatrix::<f64, 12, 12>::identity();
    matrix[(11, 11)] = -1e-20;
    assert_eq!(error(matrix), "the matrix is not a covariance matrix: V₁₁,₁₁ is -1e-20");
    matrix[(11, 11)] = 0.0;
    assert!(KnownMatrix::try_new(matrix).is_ok());
    (matrix[(11, 3)], matrix[(3, 11)]) = (1e-300, 1e-300);
    assert_eq!(
        error(matrix),
        "the matrix is not a covariance matrix: V₁₁,₁₁ is 0, but V₁₁,₃ is not"
    );
}

/// A Aᵀ of any rank is positive semidefinite, whatever rounding makes of it.
#[test]
fn singular_matrices_are_covariances() {
    fn check<const N: usize, const R: usize>(rng: &mut StdRng) {
        let mut normal = || rng.sample::<f64, _>(StandardNormal);
        for exponent in [0, 3, 90] {
            let root = SMatrix::<f64, N, R>::from_fn(|_, _| normal());
            let units: [f64; N] =
                core::array::from_fn(|i| 10.0_f64.powi([exponent, -exponent, 0][i % 3]));
            // Products of rounded rows, and rounded products.
            let rows = SMatrix::<f64, N, R>::from_fn(|i, j| root[(i, j)] * units[i]);
            for matrix in [rows * rows.transpose(), in_units(root * root.transpose(), units)] {
                assert_eq!(KnownMatrix::try_new(matrix).err(), None, "{N} {R} {exponent}");
            }
            #[expect(clippy::cast_possible_truncation, reason = "in f32")]
            let single = root.map(|x| x as f32);
            assert!(KnownMatrix::try_new(single * single.transpose()).is_ok(), "{N} {R}");
        }
    }
    let mut rng = StdRng::seed_from_u64(11);
    for _ in 0..20 {
        check::<2, 1>(&mut rng);
        check::<3, 2>(&mut rng);
        check::<5, 1>(&mut rng);
        check::<8, 3>(&mut rng);
        check::<16, 1>(&mut rng);
        check::<16, 15>(&mut rng);
        check::<32, 4>(&mut rng);
        check::<48, 40>(&mut rng);
    }
}

/// The sums of both would be beyond the numbers: an error, and the panel is what it was.
#[test]
fn panels_that_do_not_merge() {
    let scaled = |scale: f64| panel(INTERCEPT, &BATCHES.map(|y| y * scale));
    for (small, large) in [(1e-10, 1e150), (1e-150, 1e10), (1e-150, 1e150)] {
        let mut panel = scaled(small);
        let before = panel;
        assert_eq!(panel.merge(&scaled(large)), Err(Error::SumsOutOfRange), "{small} {large}");
        assert_eq!(panel, before);
        assert!(panel.push(&ONES, &(BATCHES[0] * large)).is_err());
        assert_eq!(panel, before);
        assert_eq!(panel.fit().unwrap().params, before.fit().unwrap().params);
    }
    // As far apart as their sums allow; the small ones count for nothing then.
    for (small, large) in [(1e-10, 1e135), (1e-145, 1e0)] {
        let mut merged = scaled(small);
        assert_eq!(merged.merge(&scaled(large)), Ok(()));
        let fit = merged.fit().unwrap();
        assert_eq!(merged.subjects(), 8);
        // Half of the batches are zeros beside the others.
        let mut zeros = scaled(1.0);
        zeros.extend([(ONES, SVector::zeros()); 4]).unwrap();
        let expected = zeros.fit().unwrap();
        for (found, expected) in fit.params.iter().zip(&expected.params) {
            assert!(
                relative_eq!(found / large / large, expected, epsilon = 0.0, max_relative = 1e-7),
                "{fit}"
            );
        }
    }
    // Into an empty panel come the coordinates, too, and what was wrong stays out.
    let mut empty = Panel::<_, f64, 4, 1>::new(INTERCEPT);
    assert_eq!(empty.merge(&scaled(1e150)), Ok(()));
    assert_eq!(empty, scaled(1e150));
    // Weights, and designs.
    let weighted = |weight: f64, x: f64| {
        let mut panel = Panel::<_, f64, 4, 1>::new(INTERCEPT);
        for y in BATCHES {
            panel.push_weighted(&(ONES * x), &y, &[weight; 4])?;
        }
        Ok(panel)
    };
    assert!(weighted(1e100, 1e-100).is_ok());
    assert_eq!(weighted(f64::MAX, 1.0).err(), Some(Error::DesignNotFinite { row: 0, col: 0 }));
    let mut panel = weighted(1.0, 1e-10).unwrap();
    let before = panel;
    assert_eq!(panel.merge(&weighted(1.0, 1e150).unwrap()), Err(Error::SumsOutOfRange));
    assert_eq!(panel, before);
}

#[test]
fn names_may_be_long() {
    let long = "x".repeat(65_535);
    let name: &'static str = "ο".repeat(70_000).leak();
    let fit = INTERCEPT.fit(&ONES, &BATCHES[0]).unwrap();
    for length in [0, 1, 100, 65_534, 65_535] {
        let table = fit.table([&long[..length]]).to_string();
        let last = table.lines().last().unwrap();
        let width = length.max("Covariance parameters".len() + 1) + 1;
        let (name, numbers) = last.split_at(width);
        assert_eq!(name, format!("{}{}", &long[..length], " ".repeat(width - length)));
        let mut numbers = numbers.split_whitespace();
        assert_eq!(numbers.next(), Some("2.250000"));
        // The numbers of all rows stand in the same columns.
        let of_variance = table.lines().find(|line| line.starts_with("error/")).unwrap();
        assert!(of_variance[..width].trim_end().ends_with("sigma^2"));
        assert!(!of_variance[width..width + 13].trim().is_empty());
    }
    // Names of parameters: 70,000 letters of two bytes.
    let model = Marginal::new(named(name, ScalarMatrix::<4>::new()).plus(ScalarMatrix::<4>::new()));
    let fit = model.fit(&ONES, &BATCHES[0]).unwrap();
    let table = fit.to_string();
    let row = table.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(row.starts_with(&format!("{name}/sigma^2 ")), "{}", row.len());
    // The estimate ends in the same column as that of the other parameter.
    let ends = |line: &str| line.chars().take(70_000 + 8 + 1 + 13).last();
    assert!(ends(row).unwrap().is_ascii_digit());
    let other = table.lines().find(|line| line.starts_with("op_1/")).unwrap();
    assert!(ends(other).unwrap().is_ascii_digit());
    assert_eq!(other.chars().nth(70_000 + 8), Some(' '));
    let tree = model.covariance().tree(&[0.0, 0.0]).to_string();
    assert!(tree.contains(name));
    let first = model.covariance().param_names().next().unwrap();
    assert!(format!("{first:9}").starts_with(name) && format!("{fit:?}").contains("Fit"));
    // An error keeps the end of a name.
    let error = model.covariance().theta_from_params(&[-1.0, 0.0]);
    assert!(error.unwrap_err().to_string().contains("ο/sigma^2` is -1"));
}

/// In `f32`, where the data allow it.
#[test]
fn single_precision() {
    let ones = SVector::<f32, 5>::repeat(1.0);
    let model = MixedModel::new(ones, ScalarMatrix::<1>::new(), ScalarMatrix::<5>::new());
    let mut panel = Panel::new(model);
    for batch in DYESTUFF {
        #[expect(clippy::cast_possible_truncation, reason = "whole numbers")]
        panel.push(&ones, &SVector::from(batch.map(|y| y as f32))).unwrap();
    }
    let fit = panel.fit().unwrap();
    assert_eq!(fit.outcome, Outcome::Converged, "{fit}");
    assert!(relative_eq!(fit.params[0], 1764.05, epsilon = 0.0, max_relative = 1e-4), "{fit}");
    assert!(relative_eq!(fit.params[1], 2451.25, epsilon = 0.0, max_relative = 1e-4), "{fit}");
    assert_abs_diff_eq!(fit.beta[0], 1527.5, epsilon = 1e-3);

    // Seven leading digits are all that f32 has.
    let mut panel = Panel::new(model);
    for (i, shift) in [0.0_f32, 0.01, 0.02].into_iter().enumerate() {
        let y =
            SVector::<f32, 5>::from_fn(|j, _| 1_000_000.0 + shift + 0.01 * ((i + j) % 3) as f32);
        panel.push(&ones, &y).unwrap();
    }
    assert_eq!(panel.fit().err(), Some(Error::ExactFit));
}

/// White noise: an exponential or Gaussian correlation of range 0, exactly.
#[test]
fn range_of_zero() {
    let places = Distances::from_positions([0.0, 1.0, 2.0, 3.0]);
    let noise = [
        vector![1.0, -1.0, 1.0, -1.0],
        vector![-1.0, 1.0, -1.0, 2.0],
        vector![0.5, -2.0, 1.0, 0.0],
    ];
    let exponential = panel(Marginal::new(ExponentialMatrix::new(places)), &noise);
    let fit = exponential.fit().unwrap();
    assert_numbers(&fit);
    assert_eq!(fit.outcome, Outcome::Boundary([None, Some(Edge::Lower)]), "{fit}");
    assert_eq!(fit.params[1], 0.0);
    assert!(fit.average_information.as_flattened().iter().all(|x| x.is_finite()));
    let gaussian = panel(Marginal::new(GaussianMatrix::new(places)), &noise);
    let fit = gaussian.fit().unwrap();
    assert_eq!(fit.outcome, Outcome::Boundary([None, Some(Edge::Lower)]), "{fit}");
    let scalar = panel(Marginal::new(ScalarMatrix::<4>::new()), &noise);
    assert_abs_diff_eq!(fit.log_likelihood, scalar.fit().unwrap().log_likelihood, epsilon = 1e-11);
}

/// A start on an edge, or so near that a double does not tell, is no obstacle.
#[test]
fn starts_on_an_edge() {
    let panel = panel(INTERCEPT, &BATCHES);
    let best = panel.fit().unwrap();
    for start in [f64::NEG_INFINITY, -400.0, -20.0, 10.0] {
        let fit = panel.estimation().unwrap().with_start([start, 0.0]).fit().unwrap();
        assert_eq!(fit.outcome, Outcome::Converged, "{start}: {fit}");
        assert!(
            abs_diff_eq!(fit.log_likelihood, best.log_likelihood, epsilon = 1e-11),
            "{start}: {fit}"
        );
    }
    let estimation = panel.estimation().unwrap();
    assert_blamed(estimation.with_start([f64::NAN, 0.0]).fit(), 0, f64::NAN);
}

/// Squares that underflow, and a variance of β that overflows.
#[test]
fn too_small() {
    let y = BATCHES.map(|y| y * 1e-160);
    assert_eq!(panel(INTERCEPT, &y).fit().err(), Some(Error::LikelihoodNotFinite));
    let mut panel = Panel::new(INTERCEPT);
    panel.extend(BATCHES.iter().map(|y| (ONES * 1e-160, *y))).unwrap();
    assert_eq!(panel.fit().err(), Some(Error::LikelihoodNotFinite));
}

/// Predictions check what they are given.
#[test]
fn predictions_of_numbers_that_are_none() {
    let panel = panel(INTERCEPT, &BATCHES);
    let fit = panel.fit().unwrap();
    let mut x = ONES;
    x[2] = f64::NAN;
    assert_eq!(fit.predict(&x, &BATCHES[0]).err(), Some(Error::DesignNotFinite { row: 2, col: 0 }));
    let mut y = BATCHES[0];
    y[1] = f64::INFINITY;
    assert_eq!(fit.predict(&ONES, &y).err(), Some(Error::ResponseNotFinite { row: 1 }));
}

/// G = eˣ, by what everyone must write and nothing more: second derivatives are differences.
struct Own;

impl Shape for Own {
    type Rows = Const<1>;
    type Cols = Const<1>;
    type ParamCount = typenum::U1;

    const SYMMETRIC: bool = true;
}

impl<T: Real> ParamMatrix<T, 1, 1> for Own {
    fn value(&self, &[x]: &[T; 1]) -> SMatrix<T, 1, 1> {
        SMatrix::repeat(Exp.forward(x))
    }

    fn gradient(&self, &[x]: &[T; 1]) -> [SMatrix<T, 1, 1>; 1] {
        [SMatrix::repeat(Exp.derivative(x))]
    }

    fn visit_transform<V: TransformVisitor>(&self, _: usize, visitor: V) -> V::Output {
        visitor.visit(&Exp)
    }
}

#[test]
fn a_matrix_of_ones_own_reaches_zero() {
    let alike = [
        vector![1.0, 2.0, 3.0, 4.5],
        vector![4.0, 3.0, 2.5, 1.0],
        vector![2.0, 2.5, 1.0, 5.0],
        vector![3.5, 2.5, 2.0, 2.0],
    ];
    let own = panel(MixedModel::new(ONES, Own, ScalarMatrix::<4>::new()), &alike);
    let ours =
        panel(MixedModel::new(ONES, ScalarMatrix::<1>::new(), ScalarMatrix::<4>::new()), &alike);
    let (fit, expected) = (own.fit().unwrap(), ours.fit().unwrap());
    assert!(matches!(expected.outcome, Outcome::Boundary(_)), "{expected}");
    assert!(matches!(fit.outcome, Outcome::Boundary(_)), "{fit}");
    assert_numbers(&fit);
    assert_eq!(fit.params[0], 0.0);
    assert_abs_diff_eq!(fit.log_likelihood, expected.log_likelihood, epsilon = 1e-12);
    assert_relative_eq!(fit.params[1], expected.params[1], epsilon = 0.0, max_relative = 1e-7);
    let inference = own.estimation().unwrap().inference(&fit).unwrap();
    assert!(inference.function(|&[_, residual]| residual).unwrap().standard_error > 0.0);
}
