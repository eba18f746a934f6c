//! Autoregressions of a few visits, whose restricted likelihood may rise up to a random walk: ρ → 1 and σ² → ∞ together.

use approx::abs_diff_eq;
use covprop::Error;
use covprop::inference::{BoundaryTangent, Contrast, KenwardRogerMethod};
use covprop::optimise::Stop;
use covprop::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

use super::units::TIMES;
use super::*;

const N: usize = 6;
const MODEL: Marginal<Ar1Matrix<N>> = Marginal::new(Ar1Matrix::new());

/// The restricted log-likelihood of a random walk: its differences are independent, with the variance Σd²/(N − 1).
pub(crate) fn walk(y: &SVector<f64, N>) -> f64 {
    let count = (N - 1) as f64;
    let squares: f64 = y.as_slice().windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
    -0.5 * count * ((std::f64::consts::TAU * squares / count).ln() + 1.0)
}

/// The restricted log-likelihood at ρ for the best σ², by the inverse of V, which has three diagonals.
fn profile(y: &SVector<f64, N>, rho: f64) -> f64 {
    let count = (N - 1) as f64;
    let (left, both) = (1.0 - rho, 1.0 - rho * rho);
    let inside: f64 = y.as_slice()[1..N - 1].iter().sum();
    let steps: f64 = y.as_slice().windows(2).map(|pair| (pair[1] - rho * pair[0]).powi(2)).sum();
    // of V⁻¹ σ² (1 − ρ²)
    let xx = 2.0 * left + (N - 2) as f64 * left * left;
    let xy = left * (y[0] + y[N - 1]) + left * left * inside;
    let yy = y[0] * y[0] * both + steps;
    let variance = (yy - xy * xy / xx) / both / count;
    let log_determinants = count * both.ln() + (xx / both).ln();
    -0.5 * (count * ((std::f64::consts::TAU * variance).ln() + 1.0) + log_determinants)
}

/// The highest of the profile and of its limit.
pub(crate) fn highest(y: &SVector<f64, N>) -> f64 {
    let at = |x: f64| profile(y, x.tanh());
    let mut best = (f64::NEG_INFINITY, 0.0);
    for i in -600..=600 {
        let x = f64::from(i) * 0.01;
        if at(x) > best.0 {
            best = (at(x), x);
        }
    }
    // Thirds of what is around it.
    let (mut low, mut high) = (best.1 - 0.01, best.1 + 0.01);
    for _ in 0..60 {
        let third = (high - low) / 3.0;
        if at(low + third) < at(high - third) { low += third } else { high -= third }
    }
    at(0.5 * (low + high)).max(best.0).max(walk(y))
}

/// Issue text a: y = 0, 1, 3, 2, 4, 5, d = 1, 2, −1, 2, 1, Σd² = 11.
#[test]
fn random_walk() {
    let y = vector![0.0, 1.0, 3.0, 2.0, 4.0, 5.0];
    assert_height("closed form", walk(&y), -9.065_836_066_934_04, 1e-14);
    assert_height("closed form", highest(&y), walk(&y), 1e-6);
    for scale in [1.0, 1e-5, 1e7] {
        let fit = MODEL.fit(&ones(), &(y * scale)).unwrap();
        assert!(matches!(fit.outcome, Outcome::Boundary(_)), "{scale}: {fit}");
        let edges = [fit.outcome.edge(0), fit.outcome.edge(1)];
        assert!(edges.iter().all(Option::is_some), "{scale}: {edges:?} {fit}");
        // θ is finite, on the way to the limit.
        assert!(
            abs_diff_eq!(1.0, fit.params[1], epsilon = 1e-4) && fit.params[1] < 1.0,
            "{scale}: {fit}"
        );
        let shift = (N - 1) as f64 * scale.ln();
        assert_height("limit", fit.log_likelihood, -9.065_836_066_934_04 - shift, LIMIT);
        // The mean in the limit is that of the ends.
        assert_close("mean", fit.beta[0] / scale, 2.5, 1e-6);
        assert!(fit.iterations <= STEPS, "{scale}: {fit}");
    }
}

/// The same in continuous time: range → ∞ and σ² → ∞ together, in any unit of time. The increments are independent, with
/// variances τ² Δt, and τ² = Σ(Δy²/Δt)/11 = 4.0757…
#[test]
fn random_walk_in_continuous_time() {
    let y = [0.0, 1.0, 3.0, 2.0, 4.0, 5.0, 7.0, 6.0, 9.0, 9.0, 11.0, 13.0];
    let steps = y.windows(2).zip(TIMES.windows(2)).map(|(y, t)| (y[1] - y[0], t[1] - t[0]));
    let rate = steps.clone().map(|(y, t)| y * y / t).sum::<f64>() / 11.0;
    let sum: f64 = steps.map(|(_, t)| (std::f64::consts::TAU * rate * t).ln() + 1.0).sum();
    assert_height("closed form", -0.5 * sum, -23.741_600_480_024_34, 1e-14);
    let mut tally = Tally::default();
    for k in -6..=9 {
        let unit = 10.0_f64.powi(k);
        let places = Distances::from_positions(TIMES.map(|t| t * unit));
        let model = Marginal::new(ExponentialMatrix::new(places));
        let fit = model.fit(&ones(), &SVector::from(y)).unwrap();
        let named = fit.outcome.edge(0).is_some() && fit.outcome.edge(1).is_some();
        let near = (fit.log_likelihood + 0.5 * sum).abs() <= LIMIT * 0.5 * sum;
        let mean = abs_diff_eq!(fit.beta[0], 6.5, epsilon = 1e-5);
        tally.check(named && near && mean && fit.iterations <= STEPS, || {
            format!(
                "unit 1e{k}: {:?} after {}, ℓ = {}, {}",
                fit.outcome, fit.iterations, fit.log_likelihood, fit.beta[0]
            )
        });
    }
    tally.finish(16);
}

/// Short series of a stationary process, of which a tenth have no maximum inside.
#[test]
fn short_series() {
    let (mut tally, mut limits) = (Tally::default(), 0);
    for seed in 0..200 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut e: f64 = rng.sample(StandardNormal);
        let y = SVector::<f64, N>::from_fn(|_, _| {
            let now = e;
            let noise: f64 = rng.sample(StandardNormal);
            e = 0.4 * e + (1.0_f64 - 0.16).sqrt() * noise;
            now
        });
        let estimation = MODEL.estimation(&ones(), &y).unwrap();
        let fit = estimation.fit().unwrap();
        let right = highest(&y);
        let at_limit = walk(&y) >= right - 1e-9;
        limits += usize::from(at_limit);
        let named = fit.outcome.edge(0).is_some() && fit.outcome.edge(1).is_some();
        let kind = if at_limit { named } else { fit.outcome == Outcome::Converged };
        let near = abs_diff_eq!(fit.log_likelihood, right, epsilon = LIMIT * right.abs().max(1.0));
        tally.check(kind && near && fit.iterations <= STEPS, || {
            format!(
                "seed {seed}: {:?} after {}, ℓ = {} for {right}",
                fit.outcome, fit.iterations, fit.log_likelihood
            )
        });
    }
    assert!(limits >= 15, "{limits} of 200 at the limit");
    // Two maxima: the search ends at the lower one, which is inside.
    tally.finish_with_open(200, &["seed 112:"]);
}

/// Random walks with a drift: what has a limit is answered in it, and what grows without end is an error.
#[test]
fn inference_in_the_limit() {
    const VISITS: usize = 12;
    /// The search stops at some 1 − ρ = 1e-7, times the number of visits.
    const NEAR: f64 = 1e-5;
    const STEPS_OF_WALK: f64 = (VISITS - 1) as f64;
    let x = SMatrix::<f64, VISITS, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { i as f64 });
    let model = Marginal::new(Ar1Matrix::<VISITS>::new());
    let mut limits = 0;
    for seed in 0..60 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut at = 0.0;
        let y = SVector::<f64, VISITS>::from_fn(|_, _| {
            let noise: f64 = rng.sample(StandardNormal);
            at += 0.5 + noise;
            at
        });
        let estimation = model.estimation(&x, &y).unwrap();
        let fit = estimation.fit().unwrap();
        if fit.certificate().stop != Stop::Limit {
            continue;
        }
        limits += 1;
        // The differences are independent, with the drift as their mean.
        let differences = y.as_slice().windows(2).map(|pair| pair[1] - pair[0]);
        let drift = (y[VISITS - 1] - y[0]) / STEPS_OF_WALK;
        let squares: f64 = differences.map(|d| (d - drift).powi(2)).sum();
        let variance = squares / (STEPS_OF_WALK - 1.0);
        let assert_walk = |test: Contrast<f64>| {
            assert_close("drift", test.estimate, drift, 1e-6);
            assert_close("its error", test.standard_error, (variance / STEPS_OF_WALK).sqrt(), NEAR);
            assert_close("its degrees", test.degrees_of_freedom, STEPS_OF_WALK - 1.0, NEAR);
        };
        let assert_named = |error: Error| {
            let Error::NotIdentified { name } = error else { panic!("{error}") };
            assert!(name.as_str().contains("rho") && name.as_str().contains("sigma^2"), "{name}");
        };
        let inference = estimation.inference(&fit).unwrap();
        let [level, slope] = inference.coefficients();
        assert_named(level.unwrap_err());
        assert_walk(slope.unwrap());
        assert!(inference.test(&SMatrix::<f64, 2, 2>::identity()).is_err());
        for k in 0..2 {
            assert_named(inference.param_standard_error(k).unwrap_err());
        }
        // σ²(1 − ρ) is half of the variance of a difference, which has a standard error by ten degrees of freedom.
        let half = inference.function(|[variance, rho]| variance * (1.0 - rho)).unwrap();
        assert_close("half a variance", half.value, variance / 2.0, NEAR);
        let error = variance / 2.0 * (2.0 / (STEPS_OF_WALK - 1.0)).sqrt();
        assert_close("its error", half.standard_error, error, NEAR);
        assert_named(inference.function(|[variance, _]| *variance).unwrap_err());
        for method in [
            KenwardRogerMethod::Linear,
            KenwardRogerMethod::SecondOrder,
            KenwardRogerMethod::BiasCorrected,
        ] {
            for boundary in
                [BoundaryTangent::Whole, BoundaryTangent::KeepsRank, BoundaryTangent::Components]
            {
                let tests = estimation.kenward_roger_with(method, boundary, &fit).unwrap();
                let [level, slope] = tests.coefficients();
                assert_named(level.unwrap_err());
                assert_walk(slope.unwrap());
            }
        }
    }
    assert!(limits >= 15, "{limits} of 60 at the limit");
}
