//! The Kalman filter against the normal density of all observations together, its derivatives against dual numbers and
//! differences, and fits against published ones.

use approx::{abs_diff_eq, assert_abs_diff_eq, assert_relative_eq};
use covprop::Error;
use covprop::error::CovarianceDefect;
use covprop::kalman::{KalmanFilter, System};
use covprop::operator::{Named, Product};
use covprop::prelude::*;
use nalgebra::{Matrix2, Matrix3};
use num_dual::Dual64;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

/// Relative, of sums over some ten steps.
const SUM_TOLERANCE: f64 = 1e-12;
/// Relative, of central differences with steps of 1e-5.
const DIFFERENCE_TOLERANCE: f64 = 1e-7;

/// Three states and two observed quantities, every matrix with parameters, none of them diagonal.
type General = StateSpace<
    Product<LowerTriangularMatrix<3, 3>, Transpose<LowerTriangularMatrix<3, 3>>>,
    Named<LowerTriangularMatrix<2, 3>>,
    CovariancePropagation<LowerTriangularMatrix<3, 2>, DiagonalMatrix<2>>,
    Named<CompoundSymmetricMatrix<2>>,
>;

const GENERAL: General = StateSpace::new(
    Product::new(LowerTriangularMatrix::new(), Transpose::new(LowerTriangularMatrix::new())),
    named("H", LowerTriangularMatrix::new()),
    CovariancePropagation::new(LowerTriangularMatrix::new(), DiagonalMatrix::new()),
    named("R", CompoundSymmetricMatrix::new()),
);

/// Its number of parameters.
const P: usize = 24;

const THETA: [f64; P] = [
    0.8, 0.3, -0.7, 0.2, 0.1, 0.6, // one factor of F
    0.9, -0.2, 0.8, 0.4, 0.3, 0.7, // the other one
    1.2, 0.5, -0.8, // H
    0.9, 0.2, 1.1, -0.3, 0.6, -0.4, 0.1, // Q
    -0.2, 0.5, // R
];

/// Six observations of two quantities.
const Y: [[f64; 2]; 6] =
    [[0.3, -1.2], [1.4, 0.7], [-0.5, 0.9], [2.1, -0.3], [0.2, 0.4], [-1.1, 1.3]];
const MEAN: [f64; 3] = [0.4, -0.3, 0.8];
const COVARIANCE: [[f64; 3]; 3] = [[1.5, 0.3, -0.2], [0.3, 0.9, 0.1], [-0.2, 0.1, 1.2]];

fn prior<T: Real>() -> (SVector<T, 3>, SMatrix<T, 3, 3>) {
    let covariance = SMatrix::<f64, 3, 3>::from(COVARIANCE);
    (SVector::from(MEAN).map(nalgebra::convert), covariance.map(nalgebra::convert))
}

/// All observations, or all but those with these places.
fn observations<T: Real>(missing: &[usize]) -> Vec<Option<SVector<T, 2>>> {
    let seen = |(t, y): (usize, [f64; 2])| {
        (!missing.contains(&t)).then(|| SVector::from(y).map(nalgebra::convert))
    };
    Y.into_iter().enumerate().map(seen).collect()
}

/// The filter after the last observation and a prediction.
fn filtered<T: Real>(theta: &[T; P], missing: &[usize]) -> KalmanFilter<T, 3, 2> {
    let (mean, covariance) = prior();
    let mut filter = GENERAL.filter(theta, &mean, &covariance).unwrap();
    for y in observations(missing) {
        if let Some(y) = y {
            filter.update(&y).unwrap();
        }
        filter.predict().unwrap();
    }
    filter
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert_abs_diff_eq!(found, expected, epsilon = tolerance * (1.0 + expected.abs()));
}

#[track_caller]
fn all_close<const R: usize, const C: usize>(
    found: &SMatrix<f64, R, C>,
    expected: &SMatrix<f64, R, C>,
    tolerance: f64,
) {
    for (&found, &expected) in found.iter().zip(expected.iter()) {
        close(found, expected, tolerance);
    }
}

#[test]
fn derivatives_are_those_of_dual_numbers_and_of_differences() {
    for missing in [&[][..], &[0, 3]] {
        let (mean, covariance) = prior();
        let mut filter = GENERAL.sensitivity_filter(&THETA, &mean, &covariance).unwrap();
        let mut recursion = GENERAL.covariance_recursion(&THETA, &covariance).unwrap();
        for y in observations(missing) {
            if let Some(y) = y {
                filter.update(&y).unwrap();
                recursion.update().unwrap();
            }
            filter.predict().unwrap();
            recursion.predict().unwrap();
        }
        assert_eq!(recursion.covariance(), filter.covariance());
        assert_eq!(recursion.gradient(), filter.covariance_gradient());
        let value = filtered(&THETA, missing);
        assert_eq!(value.covariance(), filter.covariance());
        assert_eq!(value.mean(), filter.mean());
        assert_eq!(value.log_likelihood(), filter.log_likelihood());

        for k in 0..P {
            let mut seeded = THETA.map(Dual64::from);
            seeded[k] = seeded[k].derivative();
            let dual = filtered(&seeded, missing);
            let derivative = filter.mean_gradient()[k];
            all_close(&derivative, &dual.mean().map(|x| x.eps), SUM_TOLERANCE);
            let derivative = filter.covariance_gradient()[k];
            all_close(&derivative, &dual.covariance().map(|x| x.eps), SUM_TOLERANCE);
            close(filter.score()[k], dual.log_likelihood().eps, SUM_TOLERANCE);

            let at = |h: f64| {
                let mut theta = THETA;
                theta[k] += h;
                filtered(&theta, missing)
            };
            let (above, below) = (at(1e-5), at(-1e-5));
            let difference = (above.mean() - below.mean()) / 2e-5;
            all_close(&filter.mean_gradient()[k], &difference, DIFFERENCE_TOLERANCE);
            let difference = (above.covariance() - below.covariance()) / 2e-5;
            all_close(&filter.covariance_gradient()[k], &difference, DIFFERENCE_TOLERANCE);
            let difference = (above.log_likelihood() - below.log_likelihood()) / 2e-5;
            close(filter.score()[k], difference, DIFFERENCE_TOLERANCE);
        }
    }
}

/// Mean and covariance of all observations together, 12 numbers, by what each is of the first state and of all noises.
fn together<T: Real>(theta: &[T; P]) -> (SVector<T, 12>, SMatrix<T, 12, 12>) {
    let System { transition: f, observation: h, process_noise: q, measurement_noise: r } =
        GENERAL.system(theta);
    let (mean, covariance) = prior::<T>();
    let power = |n: usize| (0..n).fold(SMatrix::<T, 3, 3>::identity(), |a, _| f * a);
    let mut all = SVector::<T, 12>::zeros();
    let mut v = SMatrix::<T, 12, 12>::zeros();
    for t in 0..6 {
        all.fixed_rows_mut::<2>(2 * t).copy_from(&(h * power(t) * mean));
        for s in 0..6 {
            // x_t = Fᵗ x_0 + Σ Fᵗ⁻ⁱ w_i over the noises i = 1 … t
            let mut block = power(t) * covariance * power(s).transpose();
            for i in 1..=t.min(s) {
                block += power(t - i) * q * power(s - i).transpose();
            }
            let mut block = h * block * h.transpose();
            if s == t {
                block += r;
            }
            v.fixed_view_mut::<2, 2>(2 * t, 2 * s).copy_from(&block);
        }
    }
    (all, v)
}

fn normal_log_density<const N: usize>(y: &SVector<f64, N>, v: &SMatrix<f64, N, N>) -> f64 {
    let cholesky = v.cholesky().unwrap();
    let log_determinant = 2.0 * cholesky.l().diagonal().map(f64::ln).sum();
    let constant = N as f64 * std::f64::consts::TAU.ln();
    -0.5 * (constant + log_determinant + y.dot(&cholesky.solve(y)))
}

#[test]
fn likelihood_is_the_normal_density_of_all_observations_together() {
    let (mean, v) = together(&THETA);
    let y = SVector::<f64, 12>::from_fn(|i, _| Y[i / 2][i % 2]) - mean;
    close(filtered(&THETA, &[]).log_likelihood(), normal_log_density(&y, &v), SUM_TOLERANCE);

    let kept = [1, 2, 4, 5];
    let place = |i: usize| 2 * kept[i / 2] + i % 2;
    let y = SVector::<f64, 8>::from_fn(|i, _| y[place(i)]);
    let v = SMatrix::<f64, 8, 8>::from_fn(|i, j| v[(place(i), place(j))]);
    close(filtered(&THETA, &[0, 3]).log_likelihood(), normal_log_density(&y, &v), SUM_TOLERANCE);
}

/// The expectation of the information over the observations is ½ tr(V⁻¹∂ₖV V⁻¹∂ₗV) + ∂ₖμᵀV⁻¹∂ₗμ. It is a quadratic
/// function of the observations, so that its expectation is a sum over the columns of a root of V.
#[test]
fn expectation_of_the_information() {
    let (mean, covariance) = prior();
    let (center, v) = together(&THETA);
    let information = |y: &SVector<f64, 12>| {
        let y = (0..6).map(|t| Some(y.fixed_rows::<2>(2 * t).into_owned()));
        let y: Vec<_> = y.collect();
        let estimation = GENERAL.estimation(&mean, &covariance, &y).unwrap();
        SMatrix::<f64, P, P>::from(*estimation.at(&THETA).unwrap().information())
    };
    let root = v.cholesky().unwrap().l();
    let at_center = information(&center);
    let mut expectation = at_center;
    for column in root.column_iter() {
        let both = information(&(center + column)) + information(&(center - column));
        expectation += both / 2.0 - at_center;
    }

    let inverse = v.try_inverse().unwrap();
    let derivatives: Vec<_> = (0..P)
        .map(|k| {
            let mut seeded = THETA.map(Dual64::from);
            seeded[k] = seeded[k].derivative();
            let (center, v) = together(&seeded);
            (center.map(|x| x.eps), v.map(|x| x.eps))
        })
        .collect();
    for (k, (dm_k, dv_k)) in derivatives.iter().enumerate() {
        for (l, (dm_l, dv_l)) in derivatives.iter().enumerate() {
            let of_v = 0.5 * (inverse * dv_k * inverse * dv_l).trace();
            let expected = of_v + dm_k.dot(&(inverse * dm_l));
            close(expectation[(k, l)], expected, 1e-10);
        }
    }
}

#[test]
fn three_forms_of_the_update_agree() {
    let (_, p) = prior::<f64>();
    let system = GENERAL.system(&THETA);
    let System { observation: h, measurement_noise: r, .. } = system;
    let joseph = system.update_covariance(&p).unwrap();
    let gain = p * h.transpose() * (h * p * h.transpose() + r).try_inverse().unwrap();
    all_close(&joseph, &(p - gain * h * p), 1e-14);
    let information = p.try_inverse().unwrap() + h.transpose() * r.try_inverse().unwrap() * h;
    all_close(&joseph, &information.try_inverse().unwrap(), 1e-14);
}

fn symmetric_to_the_bit<T: Real>() {
    let theta = THETA.map(nalgebra::convert::<f64, T>);
    let (mean, covariance) = prior();
    let mut filter = GENERAL.sensitivity_filter(&theta, &mean, &covariance).unwrap();
    for y in observations::<T>(&[2]).into_iter().cycle().take(300) {
        if let Some(y) = y {
            let innovation = filter.update(&y).unwrap();
            assert_eq!(innovation.covariance, innovation.covariance.transpose());
            assert_eq!(*filter.covariance(), filter.covariance().transpose());
        }
        filter.predict().unwrap();
        assert_eq!(*filter.covariance(), filter.covariance().transpose());
        assert!(filter.covariance().cholesky().is_some());
        for derivative in filter.covariance_gradient() {
            assert_eq!(*derivative, derivative.transpose());
        }
    }
}

#[test]
fn symmetric_to_the_last_bit() {
    symmetric_to_the_bit::<f32>();
    symmetric_to_the_bit::<f64>();
}

/// Where P is far above R, so that the gain rounds to 1, the textbook's (1 − K) P is 0, and the form of Joseph is R.
#[test]
fn a_gain_that_is_rounded() {
    let (p, one) = (matrix![1e8_f32], matrix![1.0]);
    let system = System {
        transition: one,
        observation: one,
        process_noise: one * 0.0,
        measurement_noise: one,
    };
    let gain = p[0] / (p[0] + 1.0);
    assert_eq!((1.0 - gain) * p[0], 0.0);
    assert_eq!(system.update_covariance(&p), Ok(one));
}

/// Annual flow of the Nile at Aswan in 10⁸ m³, 1871 to 1970 (Cobb 1978, Biometrika 65, 243–251).
const NILE: [f64; 100] = [
    1120.0, 1160.0, 963.0, 1210.0, 1160.0, 1160.0, 813.0, 1230.0, 1370.0, 1140.0, 995.0, 935.0,
    1110.0, 994.0, 1020.0, 960.0, 1180.0, 799.0, 958.0, 1140.0, 1100.0, 1210.0, 1150.0, 1250.0,
    1260.0, 1220.0, 1030.0, 1100.0, 774.0, 840.0, 874.0, 694.0, 940.0, 833.0, 701.0, 916.0, 692.0,
    1020.0, 1050.0, 969.0, 831.0, 726.0, 456.0, 824.0, 702.0, 1120.0, 1100.0, 832.0, 764.0, 821.0,
    768.0, 845.0, 864.0, 862.0, 698.0, 845.0, 744.0, 796.0, 1040.0, 759.0, 781.0, 865.0, 845.0,
    944.0, 984.0, 897.0, 822.0, 1010.0, 771.0, 676.0, 649.0, 846.0, 812.0, 742.0, 801.0, 1040.0,
    860.0, 874.0, 848.0, 890.0, 744.0, 749.0, 838.0, 1050.0, 918.0, 986.0, 797.0, 923.0, 975.0,
    815.0, 1020.0, 906.0, 901.0, 1170.0, 912.0, 746.0, 919.0, 718.0, 714.0, 740.0,
];

type Level<T> =
    StateSpace<SMatrix<T, 1, 1>, SMatrix<T, 1, 1>, Named<ScalarMatrix<1>>, Named<ScalarMatrix<1>>>;

/// A random walk that is observed with noise.
fn local_level<T: Real>() -> Level<T> {
    let one = SMatrix::<T, 1, 1>::identity();
    let (level, observation) = (ScalarMatrix::new(), ScalarMatrix::new());
    StateSpace::new(one, one, named("level", level), named("observation", observation))
}

fn series<T: Real>(y: &[f64]) -> Vec<Option<SVector<T, 1>>> {
    y.iter().map(|&y| Some(SVector::<T, 1>::new(nalgebra::convert(y)))).collect()
}

/// Durbin & Koopman 2012, Time Series Analysis by State Space Methods, section 2.10: σ²_ε = 15099, σ²_η = 1469.1, for a
/// first level of which nothing is known. Their log-likelihood leaves out the first observation, which tells the
/// level alone: −632.54. From a prior variance of 1e7, as R's dlm has it, it is −641.59 with that observation.
#[test]
fn nile() {
    let model = local_level::<f64>();
    let y = series(&NILE);
    let fit = model.fit(&vector![0.0], &matrix![1e10], &y).unwrap();
    assert_eq!(fit.outcome, Outcome::Converged);
    let [level, observation] = fit.params;
    assert_abs_diff_eq!(observation, 15_099.0, epsilon = 1.0);
    assert_abs_diff_eq!(level, 1469.1, epsilon = 0.1);
    let mut first = model.filter(&fit.theta, &vector![0.0], &matrix![1e10]).unwrap();
    let first = first.update(&vector![NILE[0]]).unwrap().log_density;
    assert!(
        abs_diff_eq!(fit.log_likelihood - first, -632.54, epsilon = 0.01),
        "{}",
        fit.log_likelihood - first
    );

    let estimation = model.estimation(&vector![0.0], &matrix![1e7], &y).unwrap();
    let fit = estimation.fit().unwrap();
    let [level, observation] = fit.params;
    assert_eq!(fit.outcome, Outcome::Converged);
    assert!(fit.iterations <= 12, "{} steps", fit.iterations);
    assert!(abs_diff_eq!(fit.log_likelihood, -641.59, epsilon = 0.01), "{}", fit.log_likelihood);
    // The prior tells a little.
    assert_relative_eq!(observation, 15_099.0, epsilon = 0.0, max_relative = 1e-3);
    assert_relative_eq!(level, 1469.1, epsilon = 0.0, max_relative = 1e-3);

    // A maximum: the score is zero, and the same from another start.
    let score = *estimation.at(&fit.theta).unwrap().score();
    assert!(score.iter().all(|x| x.abs() < 1e-6), "{score:?}");
    let start = model.theta_from_params(&[1e6, 1e2]).unwrap();
    let again = estimation.with_start(start).fit().unwrap();
    assert_eq!(again.outcome, Outcome::Converged);
    assert_relative_eq!(again.params[0], level, epsilon = 0.0, max_relative = 1e-6);

    let single = local_level::<f32>();
    let y = series::<f32>(&NILE);
    let fit = single.fit(&vector![0.0], &matrix![1e7], &y).unwrap();
    assert_eq!(fit.outcome, Outcome::Converged);
    assert!(abs_diff_eq!(fit.params[1] / 15_099.0, 1.0, epsilon = 1e-2), "{:?}", fit.params);
    assert!(abs_diff_eq!(fit.params[0] / 1469.1, 1.0, epsilon = 2e-2), "{:?}", fit.params);
}

/// The filter of the Nile after four observations, in steps that can be followed by hand (Durbin & Koopman 2012, 2.2).
#[test]
fn nile_by_hand() {
    let model = local_level();
    let theta = model.theta_from_params(&[1469.1, 15_099.0]).unwrap();
    let mut filter = model.filter(&theta, &vector![0.0], &matrix![1e7]).unwrap();
    let (mut a, mut p) = (0.0, 1e7);
    for y in &NILE[..4] {
        filter.update(&vector![*y]).unwrap();
        filter.predict().unwrap();
        let k = p / (p + 15_099.0);
        a += k * (y - a);
        p = p * (1.0 - k) + 1469.1;
        close(filter.mean()[0], a, 1e-13);
        close(filter.covariance()[0], p, 1e-11);
    }
}

/// Estimates of a position's and a velocity's noise from simulated measurements scatter about the truth as their standard
/// errors say, and so do twice the differences of likelihoods.
#[test]
fn estimates_scatter_as_they_should() {
    /// Fewer where nothing is optimised.
    const SERIES: usize = if cfg!(debug_assertions) { 50 } else { 200 };
    // Of a mean of so many numbers with variance 1.
    let five_deviations = 5.0 / (SERIES as f64).sqrt();
    let truth = [0.3_f64.ln(), 2.0_f64.ln()];
    let f = matrix![1.0, 1.0; 0.0, 1.0];
    let (acceleration, h) = (vector![0.5, 1.0], matrix![1.0, 0.0]);
    let process = CovariancePropagation::new(acceleration, ScalarMatrix::<1>::new());
    let model = StateSpace::new(f, h, process, ScalarMatrix::<1>::new());
    let mut rng = StdRng::seed_from_u64(1960);
    let mut normal = |deviation: f64| deviation * rng.sample::<f64, _>(StandardNormal);
    let mut simulated = || {
        let mut state = vector![normal(10.0), normal(1.0)];
        let mut measured = |t: usize| {
            let y = h * state + vector![normal(2.0)];
            state = f * state + acceleration * normal(0.3);
            (!t.is_multiple_of(7)).then_some(y)
        };
        (0..250).map(&mut measured).collect::<Vec<_>>()
    };
    let series: Vec<_> = (0..SERIES).map(|_| simulated()).collect();
    let fitted = |y: &Vec<_>| {
        let known = matrix![100.0, 0.0; 0.0, 1.0];
        let estimation = model.estimation(&vector![0.0, 0.0], &known, y).unwrap();
        let fit = estimation.fit().unwrap();
        assert_eq!(fit.outcome, Outcome::Converged);
        let errors = fit.theta_standard_errors();
        let off = [0, 1].map(|k| (fit.theta[k] - truth[k]) / errors[k].unwrap());
        let rise = fit.log_likelihood - estimation.log_likelihood(&truth).unwrap();
        assert!(rise >= 0.0);
        (off, rise)
    };
    // No other test is as long: the second processor would wait for it.
    let (first, second) = series.split_at(SERIES / 2);
    let half = |series: &[Vec<_>]| series.iter().map(fitted).collect::<Vec<_>>();
    let fits = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(second));
        [half(first), other.join().unwrap()].concat()
    });
    let (mut squares, mut means, mut deviance) = ([0.0; 2], [0.0; 2], 0.0);
    for (off, rise) in fits {
        for k in 0..2 {
            means[k] += off[k] / SERIES as f64;
            squares[k] += off[k] * off[k] / SERIES as f64;
        }
        deviance += 2.0 * rise / SERIES as f64;
    }
    // χ² with two degrees of freedom has mean and standard deviation 2.
    assert_abs_diff_eq!(deviance, 2.0, epsilon = 2.0 * five_deviations);
    for k in 0..2 {
        assert!(means[k].abs() < five_deviations, "{means:?}");
        assert!(
            abs_diff_eq!(squares[k], 1.0, epsilon = five_deviations * 2.0_f64.sqrt()),
            "{squares:?}"
        );
    }
}

/// Short series, where a variance is often zero, and a likelihood has two maxima now and then: a fit is as good as all that is
/// near, and from the best of a grid it is as good as that.
#[test]
fn short_series() {
    const ROUNDS: usize = if cfg!(debug_assertions) { 60 } else { 200 };
    let (model, single) = (local_level::<f64>(), local_level::<f32>());
    let mut rng = StdRng::seed_from_u64(1989);
    let mut normal = |deviation: f64| deviation * rng.sample::<f64, _>(StandardNormal);
    let (mut at_an_end, mut other_maxima) = ([0, 0], 0);
    for round in 0..ROUNDS {
        let deviation = [0.0, 0.1, 0.5, 3.0][round % 4];
        let mut level = 0.0;
        let mut measured = || {
            level += normal(deviation);
            level + normal(1.0)
        };
        let y: Vec<f64> = (0..4 + round / 5).map(|_| measured()).collect();
        let wide = series(&y);
        let estimation = model.estimation(&vector![0.0], &matrix![1e3], &wide).unwrap();
        let fit = estimation.fit().unwrap();
        assert!(fit.outcome.is_maximum(), "{round}: {fit:?}");
        for (k, count) in at_an_end.iter_mut().enumerate() {
            *count += usize::from(fit.outcome.edge(k).is_some());
        }
        let value =
            |theta: &[f64; 2]| estimation.log_likelihood(theta).unwrap_or(f64::NEG_INFINITY);
        for shift in [[0.01, 0.0], [-0.01, 0.0], [0.0, 0.01], [0.0, -0.01], [0.01, -0.01]] {
            // From an end, into the range.
            let near =
                |k: usize| if fit.theta[k].is_finite() { fit.theta[k] + shift[k] } else { -6.0 };
            assert!(value(&[near(0), near(1)]) < fit.log_likelihood, "{round}: {fit:?}");
        }

        let grid = (-24..8).map(|i| f64::from(i) / 4.0).chain([f64::NEG_INFINITY]);
        let pairs = grid.clone().flat_map(|a| grid.clone().map(move |b| [a, b]));
        let values = pairs.map(|pair| (value(&pair), pair));
        let (_, best) = values.max_by(|(a, _), (b, _)| a.total_cmp(b)).unwrap();
        let rest = model.estimation(&vector![0.0], &matrix![1e3], &wide).unwrap().with_start(best);
        let again = rest.fit().unwrap();
        assert!(again.outcome.is_maximum(), "{round}: {again:?}");
        assert!(again.log_likelihood > value(&best) - 1e-9, "{round}: {again:?}");
        other_maxima += usize::from((again.log_likelihood - fit.log_likelihood).abs() > 1e-9);

        let fit = single.fit(&vector![0.0], &matrix![1e3], &series(&y)).unwrap();
        assert!(fit.outcome.is_maximum(), "{round}: {fit:?}");
        let lost = again.log_likelihood - f64::from(fit.log_likelihood);
        assert!(lost > -1e-3, "{round}: {again:?} {fit:?}");
    }
    assert!(at_an_end.iter().all(|&count| count > ROUNDS / 20), "{at_an_end:?}");
    assert!(other_maxima < ROUNDS / 20, "{other_maxima}");
}

/// An AR(1) process in noise: the transition is fitted with the variances.
#[test]
fn a_transition_is_fitted() {
    let one = matrix![1.0];
    let phi = LowerTriangularMatrix::<1, 1>::new();
    let model = StateSpace::new(phi, one, ScalarMatrix::<1>::new(), ScalarMatrix::<1>::new());
    let mut rng = StdRng::seed_from_u64(7);
    let mut normal = |deviation: f64| deviation * rng.sample::<f64, _>(StandardNormal);
    let mut state = 0.0;
    let y: Vec<f64> = (0..600)
        .map(|_| {
            state = 0.8 * state + normal(1.0);
            state + normal(0.5)
        })
        .collect();
    let y = series(&y);
    let estimation = model.estimation(&vector![0.0], &one, &y).unwrap();
    for start in [[1.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.3, -3.0, 2.0], [-0.5, 1.0, -3.0]] {
        let estimation = model.estimation(&vector![0.0], &one, &y).unwrap().with_start(start);
        let fit = estimation.fit().unwrap();
        assert_eq!(fit.outcome, Outcome::Converged, "{start:?}");
        let errors = fit.theta_standard_errors().map(Option::unwrap);
        for (k, truth) in [0.8, 0.0, 0.5_f64.ln()].into_iter().enumerate() {
            assert!(
                abs_diff_eq!(fit.theta[k], truth, epsilon = 3.0 * errors[k]),
                "{start:?} {fit:?}"
            );
        }
        let score = *estimation.at(&fit.theta).unwrap().score();
        assert!(score.iter().all(|x| x.abs() < 1e-6), "{score:?}");
    }
    assert_eq!(estimation.observations(), 600);
}

#[test]
fn names_and_shape() {
    let names: Vec<String> = GENERAL.param_names().map(|name| name.to_string()).collect();
    assert_eq!(names.len(), P);
    assert_eq!(names[0], "op_0/op_0/L_0_0");
    assert_eq!(names[12], "H/L_0_0");
    assert_eq!(names[15], "op_2/op_0/L_0_0");
    assert_eq!(names[P - 1], "R/rho");
    assert_eq!(GENERAL.defaults()[12..15], [1.0; 3]);
    let theta = GENERAL.theta_from_params(&GENERAL.params(&THETA)).unwrap();
    for (found, expected) in theta.into_iter().zip(THETA) {
        close(found, expected, 1e-14);
    }
    let text = local_level::<f64>().expression().to_string();
    assert_eq!(
        text,
        "StateSpace 1×1 (F: SMatrix 1×1, H: SMatrix 1×1, level: ScalarMatrix 1×1, observation: ScalarMatrix 1×1)"
    );
}

#[test]
fn a_variance_of_zero_is_reached_and_named() {
    // Alternating, less like a random walk than white noise is.
    let y: Vec<f64> =
        (0..40).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 + 0.01 * f64::from(i) }).collect();
    let model = local_level();
    let y = series(&y);
    let estimation = model.estimation(&vector![0.0], &matrix![100.0], &y).unwrap();
    for start in [[0.0, 0.0], [-5.0, 0.0], [f64::NEG_INFINITY, 2.0], [3.0, -20.0]] {
        let estimation =
            model.estimation(&vector![0.0], &matrix![100.0], &y).unwrap().with_start(start);
        let fit = estimation.fit().unwrap();
        assert_eq!(fit.outcome, Outcome::Boundary([Some(Edge::Lower), None]));
        assert_eq!(fit.params[0], 0.0);
        assert!(fit.log_likelihood.is_finite());
        assert_eq!(fit.theta_standard_errors()[0], None);
        assert!(fit.param_standard_errors()[1].is_some_and(|x| x > 0.0));
        // No better inside.
        for level in [-10.0, -6.0, -4.0, -2.0, 0.0] {
            assert!(
                estimation.log_likelihood(&[level, fit.theta[1]]).unwrap() < fit.log_likelihood
            );
        }
    }
    // What is not zero comes back from there.
    let walk = series(&NILE);
    let away = model.estimation(&vector![0.0], &matrix![1e7], &walk).unwrap();
    let fit = away.with_start([f64::NEG_INFINITY, 4.8]).fit().unwrap();
    assert_eq!(fit.outcome, Outcome::Converged);
    assert_relative_eq!(fit.params[0], 1469.1, epsilon = 0.0, max_relative = 1e-3);
    // Nothing can start where nothing varies, nor from what is no number.
    for (start, blamed, its_theta) in [
        // After the first observation nothing varies; with either variance there is a likelihood.
        ([f64::NEG_INFINITY; 2], 0, f64::NEG_INFINITY),
        ([f64::NAN, 0.0], 0, f64::NAN),
        ([0.0, f64::NAN], 1, f64::NAN),
        ([0.0, 400.0], 1, 400.0),
        ([400.0, 1.0], 0, 400.0),
    ] {
        let estimation = model.estimation(&vector![0.0], &matrix![4.0], &walk).unwrap();
        let error = estimation.with_start(start).fit().unwrap_err();
        let Error::StartWithoutLikelihood { index, theta } = error else { panic!("{error}") };
        assert_eq!(index, blamed, "{start:?}");
        assert_eq!(theta.value().to_bits(), its_theta.to_bits());
    }
    // A step limit is told.
    let fit = estimation.with_max_iterations(1).fit().unwrap();
    assert_eq!((fit.outcome, fit.iterations), (Outcome::MaxIterations, 1));
}

#[test]
fn what_the_data_do_not_tell_is_named() {
    let one = matrix![1.0_f64];
    let twice = ScalarMatrix::<1>::new().plus(ScalarMatrix::<1>::new());
    let model = StateSpace::new(one, one, ScalarMatrix::<1>::new(), twice);
    let y = series(&NILE);
    let fit = model.fit(&vector![0.0], &matrix![1e7], &y).unwrap();
    let Outcome::NotIdentified([level, a, b]) = fit.outcome else { panic!("{fit:?}") };
    // ∂V = 2 σ²_a a + 2 σ²_b b = 0
    let along = fit.params[1] * a + fit.params[2] * b;
    assert!(level.abs() < 1e-6 && along.abs() < 1e-6 * fit.params[1], "{level} {a} {b}");
    assert_eq!(fit.theta_standard_errors(), [None; 3]);

    // No data at all.
    let fit = model.fit(&vector![0.0], &matrix![1e7], &[]).unwrap();
    assert!(matches!(fit.outcome, Outcome::NotIdentified(_)));
    // No parameters at all.
    let known = StateSpace::new(one, one, one, one);
    let fit = known.fit(&vector![0.0], &matrix![1e7], &y).unwrap();
    assert_eq!((fit.outcome, fit.iterations), (Outcome::Converged, 0));
}

#[test]
fn after_an_error_a_filter_is_what_it_was() {
    let (mean, covariance) = prior::<f64>();
    let mut filter = GENERAL.filter(&THETA, &mean, &covariance).unwrap();
    let mut sensitivity = GENERAL.sensitivity_filter(&THETA, &mean, &covariance).unwrap();
    let y = SVector::from(Y[0]);
    filter.update(&y).unwrap();
    sensitivity.update(&y).unwrap();
    let (before, score) = (filter, *sensitivity.score());
    for (bad, error) in [
        (vector![1.0, f64::NAN], Error::ResponseNotFinite { row: 1 }),
        (vector![f64::INFINITY, 0.0], Error::ResponseNotFinite { row: 0 }),
        (vector![1e200, 0.0], Error::LikelihoodNotFinite),
    ] {
        assert_eq!(filter.update(&bad), Err(error));
        assert_eq!(sensitivity.update(&bad), Err(error));
        assert_eq!(filter, before);
        assert_eq!(*sensitivity.score(), score);
        assert_eq!(sensitivity.mean(), before.mean());
        assert_eq!(sensitivity.covariance(), before.covariance());
    }

    // Nothing random at all: S = 0.
    let zero = matrix![0.0];
    let model = StateSpace::new(zero, matrix![1.0], zero, zero);
    let mut filter = model.filter(&[], &vector![0.0], &zero).unwrap();
    assert_eq!(filter.update(&vector![1.0]), Err(Error::NotPositiveDefinite { row: 0 }));
    let mut recursion = model.covariance_recursion(&[], &zero).unwrap();
    assert_eq!(recursion.update(), Err(Error::NotPositiveDefinite { row: 0 }));
    // The second of two observations of the same.
    let model =
        StateSpace::new(matrix![1.0], vector![1.0, 1.0], matrix![1.0], Matrix2::<f64>::zeros());
    let mut filter = model.filter(&[], &vector![0.0], &matrix![1.0]).unwrap();
    assert_eq!(filter.update(&vector![1.0, 1.0]), Err(Error::NotPositiveDefinite { row: 1 }));

    // A prior or a matrix that is no number, a growth beyond the numbers.
    let nan = Matrix3::repeat(f64::NAN);
    assert_eq!(
        GENERAL.filter(&THETA, &mean, &nan).err(),
        Some(Error::NotFinite { row: 0, col: 0 })
    );
    let bad = THETA.map(|x| x * f64::INFINITY);
    assert!(GENERAL.sensitivity_filter(&bad, &mean, &covariance).is_err());
    let model = StateSpace::new(matrix![1e200], matrix![1.0], zero, matrix![1.0]);
    let mut filter = model.filter(&[], &vector![1.0], &matrix![1.0]).unwrap();
    let before = filter;
    assert_eq!(filter.predict(), Err(Error::NotFinite { row: 0, col: 0 }));
    assert_eq!(filter, before);

    let y = [Some(vector![1.0]), None, Some(vector![f64::NAN])];
    let level = local_level();
    let estimation = level.estimation(&vector![0.0], &matrix![1.0], &y);
    assert_eq!(estimation.err(), Some(Error::ResponseNotFinite { row: 2 }));
}

/// Every way in for a P₀.
fn check_prior<const S: usize>(covariance: SMatrix<f64, S, S>) -> Result<(), Error> {
    let (identity, h) = (SMatrix::<f64, S, S>::identity(), SMatrix::<f64, 1, S>::repeat(1.0));
    let model = StateSpace::new(identity, h, ScalarMatrix::<S>::new(), ScalarMatrix::<1>::new());
    let (theta, mean) = ([0.0, 0.0], SVector::repeat(0.0));
    let filter = model.filter(&theta, &mean, &covariance).map(|_| ());
    let recursion = model.covariance_recursion(&theta, &covariance).map(|_| ());
    let sensitivity = model.sensitivity_filter(&theta, &mean, &covariance).map(|_| ());
    let estimation = model.estimation(&mean, &covariance, &[]).map(|_| ());
    let direct = KalmanFilter::new(model.system(&theta), &mean, &covariance).map(|_| ());
    for other in [recursion, sensitivity, estimation, direct] {
        assert_eq!(other, filter);
    }
    filter
}

#[test]
fn the_first_covariance_must_be_one() {
    let indefinite = |row| Error::NotCovariance { row, reason: CovarianceDefect::Indefinite };
    for scale in [1e-300, 1e-10, 1.0, 1e10, 1e300] {
        // Nothing known, nothing unknown, one direction known.
        for known in [
            matrix![1.0, 0.0; 0.0, 1.0],
            matrix![0.0, 0.0; 0.0, 0.0],
            matrix![0.0, 0.0; 0.0, 1.0],
            matrix![1.0, 0.3; 0.3, 0.09],
            matrix![1.0, -1.0; -1.0, 1.0],
        ] {
            assert_eq!(check_prior(known * scale), Ok(()), "{known} {scale}");
        }
        assert_eq!(check_prior(matrix![1.0, 2.0; 2.0, 1.0] * scale), Err(indefinite(1)));
        // Eigenvalues 1, 1 − c√2, 1 + c√2: the last row is one too many for c² > ½.
        let chain = |c: f64| matrix![1.0, c, 0.0; c, 1.0, c; 0.0, c, 1.0] * scale;
        assert_eq!(check_prior(chain(0.707)), Ok(()));
        assert_eq!(check_prior(chain(0.708)), Err(indefinite(2)));
    }
    assert_eq!(check_prior(matrix![1e-12, 0.0; 0.0, 1e12]), Ok(()));
    assert_eq!(check_prior(matrix![1e-12, 0.9; 0.9, 1e12]), Ok(()));
    assert_eq!(check_prior(matrix![1e-12, 1.1; 1.1, 1e12]), Err(indefinite(1)));

    let error = check_prior(matrix![-0.3, 0.0; 0.0, 1.0]).unwrap_err();
    assert_eq!(error.to_string(), "the matrix is not a covariance matrix: V₀₀ is -0.3");
    let error = check_prior(matrix![1.0, 0.5; 0.5, 0.0]).unwrap_err();
    let reason = CovarianceDefect::ZeroVariance { col: 0 };
    assert_eq!(error, Error::NotCovariance { row: 1, reason });
    let text = "the matrix is not a covariance matrix: V₁₁ is 0, but V₁₀ is not";
    assert_eq!(error.to_string(), text);
    assert_eq!(
        indefinite(1).to_string(),
        "the matrix is not a covariance matrix: row 1 makes it indefinite"
    );

    // The last digits may differ, the first may not.
    assert_eq!(check_prior(matrix![1.0, 0.3; 0.1 + 0.2, 1.0]), Ok(()));
    assert_eq!(check_prior(matrix![1.0, 1e-17; -1e-17, 1.0]), Ok(()));
    let asymmetric = check_prior(matrix![1.0, 0.3; 0.31, 1.0]);
    assert_eq!(asymmetric, Err(Error::NotSymmetric { row: 1, col: 0 }));
    let infinite = check_prior(matrix![1.0, 0.0; f64::INFINITY, 1.0]);
    assert_eq!(infinite, Err(Error::NotFinite { row: 1, col: 0 }));
}

/// S says what it is, too.
#[test]
fn an_innovation_without_a_covariance() {
    let one = matrix![1.0];
    let system = System {
        transition: one,
        observation: one,
        process_noise: one,
        measurement_noise: matrix![-3.0],
    };
    let error = system.update_covariance(&one).unwrap_err();
    assert_eq!(error.to_string(), "the matrix is not a covariance matrix: V₀₀ is -2");
}
