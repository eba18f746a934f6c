//! Tests and intervals for the parameters of V: likelihood ratios and profiles.

use approx::{assert_abs_diff_eq, relative_eq};
use covprop::Error;
use covprop::dim::Extent;
use covprop::inference::{Bound, distribution};
use covprop::prelude::*;

use crate::common::data::{DYESTUFF, SLEEPSTUDY, sleep_design};

#[track_caller]
fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert_abs_diff_eq!(found, expected, epsilon = tolerance);
}

type Sleep<G> = MixedModel<CovariancePropagation<SMatrix<f64, 10, 2>, G>, ScalarMatrix<10>>;

fn model<G: Extent<Size = (nalgebra::Const<2>, nalgebra::Const<2>)>>(g: G) -> Sleep<G> {
    MixedModel::new(sleep_design(), g, ScalarMatrix::new())
}

fn sleep<M: Model<Covariance: ParamMatrix<f64, 10, 10>>>(model: M) -> Panel<M, f64, 10, 2> {
    let mut panel = Panel::new(model);
    for times in SLEEPSTUDY {
        panel.push(&sleep_design(), &SVector::from(times)).unwrap();
    }
    panel
}

/// `confint` of lme4's fit of the sleep study by maximum likelihood, as in its documentation: standard deviations of
/// intercept and slope, their correlation, that of the residuals.
#[test]
fn profiles_of_lme4() {
    let published = [(14.3814, 37.716), (3.8012, 8.7534), (-0.4815, 0.6850), (22.898, 28.858)];
    // σ₀, σ₁ and ρ
    let panel = sleep(model(HeterogeneousCompoundSymmetricMatrix::<2>::new()));
    let estimation = panel.estimation().unwrap().with_criterion(Criterion::Ml);
    let fit = estimation.fit().unwrap();
    for (k, (low, high)) in published.into_iter().enumerate() {
        let interval = estimation.profile(&fit, k).unwrap().interval(0.95).unwrap();
        let (Bound::Inside(lower), Bound::Inside(upper)) = (interval.lower, interval.upper) else {
            panic!("{k}: {interval}");
        };
        let scale = |x: f64| if k == 3 { x.sqrt() } else { x };
        // Rounded as printed; lme4 interpolates a spline.
        assert_near(scale(lower), low, 6e-4);
        assert_near(scale(upper), high, 6e-4);
    }
}

/// Bates 2010, lme4: Mixed-effects modeling with R, section 1.5: the dyestuff by maximum likelihood.
#[test]
fn profiles_of_the_dyestuff() {
    let panel = batches(&DYESTUFF);
    let estimation = panel.estimation().unwrap().with_criterion(Criterion::Ml);
    let fit = estimation.fit().unwrap();
    for (k, low, high) in [(0, 12.197_461, 84.063_28), (1, 38.229_98, 67.657_70)] {
        let interval = estimation.profile(&fit, k).unwrap().interval(0.95).unwrap();
        // lme4 interpolates a spline between few places.
        assert_near(interval.lower.value().unwrap().sqrt(), low, 5e-3);
        assert_near(interval.upper.value().unwrap().sqrt(), high, 2e-2);
    }
}

type Intercept =
    MixedModel<CovariancePropagation<SVector<f64, 5>, ScalarMatrix<1>>, ScalarMatrix<5>>;

fn batches(data: &[[f64; 5]]) -> Panel<Intercept, f64, 5, 1> {
    let ones = SVector::repeat(1.0);
    let mut panel = Panel::new(MixedModel::new(ones, ScalarMatrix::new(), ScalarMatrix::new()));
    for y in data {
        panel.push(&ones, &SVector::from(*y)).unwrap();
    }
    panel
}

/// The ends are where the likelihood has fallen by half the quantile, whatever the level and the scale of the data.
#[test]
fn ends_are_where_the_likelihood_has_fallen() {
    for factor in [1.0, 1e-5, 1e7] {
        let data: Vec<[f64; 5]> = DYESTUFF.iter().map(|y| y.map(|y| y * factor)).collect();
        let panel = batches(&data);
        let estimation = panel.estimation().unwrap();
        let fit = estimation.fit().unwrap();
        for level in [0.5, 0.95, 0.99] {
            let quantile = distribution::chi_squared_quantile(level, 1.0);
            for k in 0..2 {
                let profile = estimation.profile(&fit, k).unwrap();
                let interval = profile.interval(level).unwrap();
                for bound in [interval.lower, interval.upper] {
                    let drop =
                        |x| 2.0 * (fit.log_likelihood - profile.at(x).unwrap().log_likelihood);
                    match bound {
                        Bound::Inside(x) => assert_near(drop(x), quantile, 1e-7),
                        Bound::Boundary(x) => assert!(x == 0.0 && drop(x) <= quantile),
                        Bound::Open => panic!("{k}, {level}: {interval}"),
                    }
                }
            }
        }
    }
}

/// With no variance between batches, and with one that might be zero, the interval starts there and says so.
#[test]
fn boundaries_are_honest() {
    let data = [[1.0, 9.0, 3.0, 7.0, 5.0], [8.0, 2.0, 6.0, 4.5, 5.5], [5.0, 5.5, 4.0, 6.0, 4.0]];
    let panel = batches(&data);
    let estimation = panel.estimation().unwrap();
    let fit = estimation.fit().unwrap();
    assert_eq!(fit.params[0], 0.0);
    let profile = estimation.profile(&fit, 0).unwrap();
    let interval = profile.interval(0.95).unwrap();
    assert_eq!(interval.lower, Bound::Boundary(0.0));
    let Bound::Inside(upper) = interval.upper else { panic!("{interval}") };
    let drop = 2.0 * (fit.log_likelihood - profile.at(upper).unwrap().log_likelihood);
    assert_near(drop, distribution::chi_squared_quantile(0.95, 1.0), 1e-7);
    assert!(interval.to_string().starts_with("[0 (boundary), "), "{interval}");

    let panel = batches(&DYESTUFF);
    let estimation = panel.estimation().unwrap();
    let fit = estimation.fit().unwrap();
    let profile = estimation.profile(&fit, 0).unwrap();
    // A variance of zero is possible at 99 %, and not at 90 %.
    assert_eq!(profile.interval(0.99).unwrap().lower, Bound::Boundary(0.0));
    assert!(matches!(profile.interval(0.9).unwrap().lower, Bound::Inside(_)));
}

#[test]
fn profiles_refuse() {
    let panel = batches(&DYESTUFF);
    let estimation = panel.estimation().unwrap();
    let fit = estimation.fit().unwrap();
    let error = estimation.profile(&fit, 2).err();
    assert_eq!(error, Some(Error::ParameterIndex { index: 2, parameter_count: 2 }));
    let profile = estimation.profile(&fit, 0).unwrap();
    assert!(matches!(profile.at(-1.0).err(), Some(Error::OutsideCodomain { .. })));
    for level in [0.0, 1.0, -0.5, 1.5, f64::NAN] {
        assert_eq!(profile.interval(level), Err(Error::NotProbability));
    }
    let by_ml = panel.estimation().unwrap().with_criterion(Criterion::Ml);
    assert_eq!(by_ml.profile(&fit, 0).err(), Some(Error::OtherCriterion));
    // One that did not get there.
    let short = panel.estimation().unwrap().with_start([0.0, 0.0]).with_max_iterations(1);
    let fit = short.fit().unwrap();
    assert_eq!(fit.outcome, Outcome::MaxIterations);
    let estimation = panel.estimation().unwrap();
    let profile = estimation.profile(&fit, 0).unwrap();
    assert_eq!(profile.interval(0.95), Err(Error::NotMaximum));
}

/// Intervals of variances do not depend on what they are parametrised with, though V need not be positive definite where one
/// entry alone has moved.
#[test]
fn intervals_of_entries_of_unstructured_matrices() {
    // Two variables with the correlation 0.994.
    let pairs = [
        [1.0, 1.1],
        [2.5, 2.2],
        [-1.2, -1.4],
        [0.3, 0.6],
        [4.1, 4.0],
        [-3.0, -2.9],
        [2.0, 2.5],
        [-0.7, -0.9],
    ];
    let by_entries = Marginal::new(UnconstrainedMatrix::<2>::new());
    let by_deviations = Marginal::new(HeterogeneousCompoundSymmetricMatrix::<2>::new());
    let mut entries = Panel::<_, f64, 2, 2>::new(by_entries);
    let mut deviations = Panel::<_, f64, 2, 2>::new(by_deviations);
    for pair in pairs {
        entries.push(&SMatrix::identity(), &SVector::from(pair)).unwrap();
        deviations.push(&SMatrix::identity(), &SVector::from(pair)).unwrap();
    }
    let (entries, deviations) = (entries.estimation().unwrap(), deviations.estimation().unwrap());
    let start = by_entries.covariance().theta_from_params(&[5.0, 4.9, 5.0]).unwrap();
    let entries = entries.with_start(start);
    let (fit, other) = (entries.fit().unwrap(), deviations.fit().unwrap());
    assert!(fit.outcome.is_maximum() && other.outcome.is_maximum());
    for (k, l) in [(0, 0), (2, 1)] {
        let variance = entries.profile(&fit, k).unwrap().interval(0.95).unwrap();
        let deviation = deviations.profile(&other, l).unwrap().interval(0.95).unwrap();
        for (a, b) in [(variance.lower, deviation.lower), (variance.upper, deviation.upper)] {
            let (Bound::Inside(a), Bound::Inside(b)) = (a, b) else {
                panic!("{variance} {deviation}")
            };
            assert!(
                relative_eq!(a, b * b, epsilon = 0.0, max_relative = 1e-6),
                "{variance} {deviation}"
            );
        }
        // A variance of n − 1 = 7 degrees of freedom: twice the log-likelihood is −7 (log σ² + s²/σ²).
        let drop = |x: f64| 7.0 * (x - 1.0 - x.ln());
        let Bound::Inside(low) = variance.lower else { panic!("{variance}") };
        let quantile = distribution::chi_squared_quantile(0.95, 1.0);
        assert_near(drop(fit.params[k] / low), quantile, 1e-6);
    }
    let covariance = entries.profile(&fit, 1).unwrap().interval(0.95).unwrap();
    assert!(matches!(covariance.lower, Bound::Inside(x) if x < fit.params[1] && x > 0.0));
}

/// An estimate of zero but for rounding, in data of any size.
#[test]
fn intervals_of_what_is_zero() {
    let mut widths = Vec::new();
    for factor in [1.0, 1e-8, 1e8] {
        let mut panel = Panel::<_, f64, 2, 1>::new(Marginal::new(Ar1Matrix::<2>::new()));
        for (a, b) in [
            (1.0, 1.0),
            (1.0, -1.0),
            (-1.0, 1.0),
            (-1.0, -1.0),
            (2.0, 0.0),
            (-2.0, 0.0),
            (0.0, 2.0),
            (0.0, -2.0),
        ] {
            panel.push(&SVector::repeat(1.0), &(SVector::from([a, b]) * factor)).unwrap();
        }
        let estimation = panel.estimation().unwrap();
        let fit = estimation.fit().unwrap();
        let interval = estimation.profile(&fit, 1).unwrap().interval(0.95).unwrap();
        let (Bound::Inside(low), Bound::Inside(high)) = (interval.lower, interval.upper) else {
            panic!("{interval}")
        };
        assert!(low < -0.3 && high > 0.3);
        widths.push(high - low);
    }
    assert_near(widths[1] / widths[0], 1.0, 1e-6);
    assert_near(widths[2] / widths[0], 1.0, 1e-6);
}

/// Bates, Mächler, Bolker & Walker 2015, section 5.2: by maximum likelihood, the correlation of intercept and slope
/// adds χ² = 0.0639, p = 0.8004.
#[test]
fn likelihood_ratio_as_published() {
    let (full, diagonal) =
        (sleep(model(UnconstrainedMatrix::<2>::new())), sleep(model(DiagonalMatrix::<2>::new())));
    let full = full.estimation().unwrap().with_criterion(Criterion::Ml);
    let full = full.fit().unwrap();
    let diagonal = diagonal.estimation().unwrap().with_criterion(Criterion::Ml);
    let diagonal = diagonal.fit().unwrap();
    let test = LikelihoodRatio::new(&full, &diagonal).unwrap();
    assert_near(test.statistic, 0.0639, 5e-5);
    assert_near(test.p_value(), 0.8004, 5e-5);
    assert_eq!(test.to_string(), "χ²(1) = 0.064, p = 0.8004");
    assert_eq!(LikelihoodRatio::new(&diagonal, &full).err(), Some(Error::NotNested));
}

/// The random slope, with its covariance: ½χ²₁ + ½χ²₂ (Stram & Lee 1994).
#[test]
fn mixtures() {
    let ones = SVector::<f64, 10>::repeat(1.0);
    let mut panel = Panel::<_, f64, 10, 2>::new(MixedModel::new(
        ones,
        ScalarMatrix::<1>::new(),
        ScalarMatrix::<10>::new(),
    ));
    for times in SLEEPSTUDY {
        panel.push(&sleep_design(), &SVector::from(times)).unwrap();
    }
    let (slopes, intercepts) =
        (sleep(model(UnconstrainedMatrix::<2>::new())), panel.fit().unwrap());
    let test = LikelihoodRatio::new(&slopes.fit().unwrap(), &intercepts).unwrap();
    assert_eq!(test.degrees_of_freedom, 2);
    // The published criteria 1786.465 and 1743.628.
    assert_near(test.statistic, 1_786.465_1 - 1_743.628_3, 2e-4);
    let (one, two) = (
        distribution::chi_squared_tail(test.statistic, 1.0),
        distribution::chi_squared_tail(test.statistic, 2.0),
    );
    assert_near(test.boundary_p_value() / (one.midpoint(two)), 1.0, 1e-13);
    assert_near(test.mixture_p_value(&[0.0, 0.5, 0.5]), test.boundary_p_value(), 1e-25);
    let nothing = LikelihoodRatio { statistic: 0.0, degrees_of_freedom: 1 };
    assert_eq!((nothing.p_value(), nothing.boundary_p_value()), (1.0, 1.0));
}
