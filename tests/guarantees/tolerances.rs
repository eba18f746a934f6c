//! Reports are compared by `approx`: numbers within a tolerance, all else exactly.

use covprop::Error;
use covprop::approx::{AbsDiffEq, RelativeEq, abs_diff_eq, assert_relative_eq, relative_eq};
use covprop::inference::{Bound, Contrast, Estimate, FTest, ProfileInterval};
use covprop::kalman::SystemDerivative;
use covprop::optimise::Stop;
use covprop::prelude::*;

/// Far more than a rounding, and less than what differs below.
const TOLERANCE: f64 = 1e-4;

/// Returns `true` if both ways to compare say that two reports are near, `false` if neither does.
fn are_near<A: AbsDiffEq<Epsilon = f64> + RelativeEq>(a: &A, b: &A) -> bool {
    let absolute = abs_diff_eq!(*a, *b, epsilon = TOLERANCE);
    let relative = relative_eq!(*a, *b, epsilon = 0.0, max_relative = TOLERANCE);
    assert_eq!(absolute, relative);
    assert_eq!(absolute, abs_diff_eq!(*b, *a, epsilon = TOLERANCE));
    absolute
}

/// Checks that a report is near itself, is near what `slightly` makes of it, and is not near what
/// each of the others makes of it.
fn check<A>(report: &A, slightly: impl Fn(&mut A), others: &[fn(&mut A)])
where
    A: AbsDiffEq<Epsilon = f64> + RelativeEq + Clone,
{
    assert!(are_near(report, report));
    let mut other = report.clone();
    slightly(&mut other);
    assert!(*report != other && are_near(report, &other));
    for (i, change) in others.iter().enumerate() {
        let mut other = report.clone();
        change(&mut other);
        assert!(!are_near(report, &other), "change {i}");
    }
}

#[test]
fn tests_and_intervals() {
    check(
        &Contrast { estimate: 1.0, standard_error: 0.5, degrees_of_freedom: f64::INFINITY },
        |x| x.estimate += 1e-5,
        &[|x| x.estimate = 1.1, |x| x.standard_error = 0.6, |x| x.degrees_of_freedom = 1e9],
    );
    check(
        &Estimate { value: 1.0, standard_error: 0.5 },
        |x| x.standard_error += 1e-5,
        &[|x| x.value = 1.1, |x| x.standard_error = f64::NAN],
    );
    check(
        &FTest {
            statistic: 3.0,
            numerator_degrees_of_freedom: 2,
            denominator_degrees_of_freedom: 5.0,
            scale: 1.0,
        },
        |x| x.scale += 1e-5,
        &[
            |x| x.statistic = 4.0,
            |x| x.numerator_degrees_of_freedom = 1,
            |x| x.denominator_degrees_of_freedom = 6.0,
            |x| x.scale = 0.9,
        ],
    );
    check(
        &LikelihoodRatio { statistic: 3.0, degrees_of_freedom: 1 },
        |x| x.statistic += 1e-5,
        &[|x| x.statistic = 4.0, |x| x.degrees_of_freedom = 2],
    );
    check(
        &ProfileInterval { level: 0.95, lower: Bound::Inside(1.0), upper: Bound::Open },
        |x| x.lower = Bound::Inside(1.000_01),
        &[
            |x| x.level = 0.950_01,
            |x| x.lower = Bound::Inside(1.1),
            |x| x.lower = Bound::Boundary(1.0),
            |x| x.upper = Bound::Boundary(1.0),
        ],
    );
}

#[test]
fn nan_is_near_nothing() {
    let unknown = Estimate { value: f64::NAN, standard_error: 1.0 };
    assert!(!are_near(&unknown, &unknown));
}

#[test]
fn fits() -> Result<(), Error> {
    let pair = SVector::<f64, 2>::repeat(1.0);
    let model = MixedModel::new(pair, ScalarMatrix::<1>::new(), ScalarMatrix::<2>::new());
    let mut panel = Panel::new(model);
    // Means that are the same, so that no variance is between the pairs: one θ is −∞.
    for y in [vector![1.0, 3.0], vector![0.0, 4.0], vector![1.5, 2.5]] {
        panel.push(&pair, &y)?;
    }
    let fit = panel.fit()?;
    assert_eq!(fit.theta[0], f64::NEG_INFINITY);
    check(
        &fit,
        |x| {
            x.params[1] += 1e-5;
            x.iterations += 1;
        },
        &[
            |x| x.criterion = Criterion::Ml,
            |x| x.outcome = Outcome::Converged,
            |x| x.observations += 1,
            |x| x.theta[0] = -800.0,
            |x| x.params[1] += 0.1,
            |x| x.beta[0] += 0.1,
            |x| x.beta_covariance[0] += 0.1,
            |x| x.undetermined[0] = true,
            |x| x.log_likelihood += 0.1,
            |x| x.average_information[1][1] += 1.0,
        ],
    );
    check(
        fit.certificate(),
        |x| x.smallest_eigenvalue += 1e-6,
        &[
            |x| x.decrement += 1.0,
            |x| x.smallest_eigenvalue += 0.1,
            |x| x.multipliers[0] = None,
            |x| x.multipliers[1] = Some(1.0),
            |x| x.cone_eigenvalue = Some(7.0),
            |x| x.limit[1] = 1.0,
            |x| x.starts += 1,
            |x| x.evaluations += 1,
            |x| x.stop = Stop::NoRise,
        ],
    );
    check(
        &Outcome::<DiagonalMatrix<2>, f64>::NotIdentified([1.0, -0.5]),
        |x| *x = Outcome::NotIdentified([1.0, -0.500_01]),
        &[
            |x| *x = Outcome::NotIdentified([1.0, 0.5]),
            |x| *x = Outcome::Boundary([None, Some(Edge::Lower)]),
            |x| *x = Outcome::Stalled,
        ],
    );

    // Inference by fits that differ: slightly, and by one subject more.
    let inference = |panel: &Panel<_, f64, 2, 1>| {
        let estimation = panel.estimation()?;
        let fit = estimation.fit()?;
        Ok::<_, Error>((estimation.inference(&fit)?, estimation.kenward_roger(&fit)?))
    };
    let (satterthwaite, kenward_roger) = inference(&panel)?;
    let mut doubled = Panel::new(model);
    for y in [vector![1.0, 3.0], vector![0.0, 4.0], vector![1.5, 2.500_001]] {
        doubled.push(&pair, &y)?;
    }
    let slightly = inference(&doubled)?;
    assert_relative_eq!(satterthwaite, slightly.0, max_relative = 1e-3, epsilon = 1e-3);
    assert_relative_eq!(kenward_roger, slightly.1, max_relative = 1e-3, epsilon = 1e-3);
    doubled.push(&pair, &vector![1.0, 3.5])?;
    let (other, other_kenward_roger) = inference(&doubled)?;
    assert!(!are_near(&satterthwaite, &other));
    assert!(!are_near(&kenward_roger, &other_kenward_roger));
    Ok(())
}

#[test]
fn filters() -> Result<(), Error> {
    let one = matrix![1.0];
    let model = StateSpace::new(one, one, ScalarMatrix::<1>::new(), ScalarMatrix::<1>::new());
    let readings =
        [Some(vector![1.0]), Some(vector![3.0]), Some(vector![-2.0]), Some(vector![0.5])];
    let fit = model.fit(&vector![0.0], &one, &readings)?;
    check(
        &fit,
        |x| x.log_likelihood += 1e-6,
        &[
            |x| x.outcome = Outcome::Stalled,
            |x| x.observations += 1,
            |x| x.theta[1] += 0.1,
            |x| x.params[1] += 0.1,
            |x| x.log_likelihood += 0.1,
        ],
    );

    let noise = SystemDerivative::<f64, 1, 1>::ProcessNoise(one);
    check(
        &noise,
        |x| *x = SystemDerivative::ProcessNoise(matrix![1.000_01]),
        &[
            |x| *x = SystemDerivative::ProcessNoise(matrix![1.1]),
            |x| *x = SystemDerivative::MeasurementNoise(matrix![1.0]),
        ],
    );
    check(
        &model.system(&[0.0, 0.0]),
        |x| x.process_noise[0] += 1e-5,
        &[
            |x| x.transition[0] += 0.1,
            |x| x.observation[0] += 0.1,
            |x| x.process_noise[0] += 0.1,
            |x| x.measurement_noise[0] += 0.1,
        ],
    );
    let filter = model.filter(&[0.0, 0.0], &vector![1.0], &one)?;
    check(
        &filter.clone().update(&vector![3.0])?,
        |x| x.value[0] += 1e-5,
        &[
            |x| x.value[0] += 0.1,
            |x| x.covariance[0] += 0.1,
            |x| x.standardised[0] += 0.1,
            |x| x.log_density += 0.1,
        ],
    );

    // What a step or an observation changes differs; another θ changes the system alone.
    let updated = |mean: f64, y: f64| {
        let mut filter = model.filter(&[0.0, 0.0], &vector![mean], &one)?;
        filter.update(&vector![y]).map(|_| filter)
    };
    assert!(are_near(&updated(1.0, 3.0)?, &updated(1.000_001, 3.0)?));
    assert!(!are_near(&updated(1.0, 3.0)?, &updated(1.1, 3.0)?));
    assert!(!are_near(&filter, &model.filter(&[0.1, 0.0], &vector![1.0], &one)?));
    let sensitivity = |theta: f64, y: f64| {
        let mut filter = model.sensitivity_filter(&[theta, 0.0], &vector![1.0], &one)?;
        filter.update(&vector![y]).map(|_| filter)
    };
    assert!(are_near(&sensitivity(0.5, 3.0)?, &sensitivity(0.500_001, 3.0)?));
    assert!(!are_near(&sensitivity(0.5, 3.0)?, &sensitivity(0.6, 3.0)?));
    assert!(!are_near(&sensitivity(0.5, 3.0)?, &sensitivity(0.5, 3.1)?));
    let recursion = |theta: f64| model.covariance_recursion(&[theta, 0.0], &one);
    assert!(are_near(&recursion(0.5)?, &recursion(0.500_001)?));
    assert!(!are_near(&recursion(0.5)?, &recursion(0.6)?));
    Ok(())
}
