//! Draws have the moments of the model, whatever the generator.

use approx::{abs_diff_eq, assert_abs_diff_eq};
use covprop::Error;
use covprop::error::CovarianceDefect;
use covprop::inference::Simulation;
use covprop::prelude::*;
use covprop::structure::EqualEntryMatrix;
use rand::SeedableRng;
use rand::rngs::StdRng;

#[test]
fn moments_are_those_of_the_model() {
    const DRAWS: usize = 100_000;
    let v = HeterogeneousAr1Matrix::<5>::new();
    let theta = [0.0, 0.3, -0.5, 1.0, 0.2, -0.9];
    let x = SMatrix::<f64, 5, 2>::from_fn(|i, j| if j == 0 { 1.0 } else { i as f64 });
    let beta = vector![3.0, -1.0];
    let simulation = Simulation::new(&v, &theta, &x, &beta).unwrap();
    let (expected, mean) = (v.value(&theta), x * beta);
    let mut rng = StdRng::seed_from_u64(20);
    let (mut sum, mut products, mut fourth) = (SVector::zeros(), SMatrix::zeros(), 0.0);
    for _ in 0..DRAWS {
        let e: SVector<f64, 5> = simulation.draw(&mut rng) - mean;
        sum += e;
        products += e * e.transpose();
        fourth += e[3].powi(4);
    }
    let count = DRAWS as f64;
    for i in 0..5 {
        let error = (expected[(i, i)] / count).sqrt();
        assert!((sum[i] / count).abs() < 4.0 * error);
        for j in 0..5 {
            let [variance, other] = [expected[(i, i)] * expected[(j, j)], expected[(i, j)]];
            let error = ((variance + other * other) / count).sqrt();
            assert_abs_diff_eq!(products[(i, j)] / count, other, epsilon = 4.0 * error);
        }
    }
    // E e⁴ = 3σ⁴, with the variance (105 − 9) σ⁸
    let square = expected[(3, 3)].powi(2);
    assert_abs_diff_eq!(fourth / count / square, 3.0, epsilon = 4.0 * (96.0 / count).sqrt());
}

#[test]
fn what_has_no_variance_is_its_expectation() {
    let v = EqualEntryMatrix::<3, 3>::new();
    let x = SVector::<f64, 3>::from([1.0, 2.0, 3.0]);
    let simulation = Simulation::new(&v, &[0.0], &x, &vector![2.0]).unwrap();
    let y = simulation.draw(&mut StdRng::seed_from_u64(3));
    assert!(abs_diff_eq!(y[0] - 2.0, y[2] - 6.0, epsilon = 1e-14) && y[0] != 2.0);
    let none = SMatrix::<f64, 3, 3>::zeros();
    let simulation = Simulation::new(&none, &[], &x, &vector![2.0]).unwrap();
    assert_eq!(simulation.draw(&mut StdRng::seed_from_u64(3)), x * 2.0);
}

#[test]
fn what_is_no_covariance_is_refused() {
    let x = SVector::<f64, 2>::zeros();
    let indefinite = SMatrix::<f64, 2, 2>::new(1.0, 2.0, 2.0, 1.0);
    let refused = Simulation::new(&indefinite, &[], &x, &vector![0.0]).err();
    let reason = CovarianceDefect::Indefinite;
    assert_eq!(refused, Some(Error::NotCovariance { row: 1, reason }));
    let infinite = SMatrix::<f64, 2, 2>::repeat(f64::INFINITY);
    let refused = Simulation::new(&infinite, &[], &x, &vector![0.0]).err();
    assert_eq!(refused, Some(Error::NotFinite { row: 0, col: 0 }));
}

/// Fits of data from a fit scatter around it by its standard errors.
#[test]
fn parametric_bootstrap() {
    const SERIES: usize = 400;
    let ones = SVector::<f64, 4>::repeat(1.0);
    let model = Marginal::new(CompoundSymmetricMatrix::<4>::new());
    let mut panel = Panel::<_, f64, 4, 1>::new(model);
    let mut rng = StdRng::seed_from_u64(5);
    let theta = model.covariance().theta_from_params(&[2.0, 0.4]).unwrap();
    let truth = Simulation::new(model.covariance(), &theta, &ones, &vector![1.0]).unwrap();
    for _ in 0..50 {
        panel.push(&ones, &truth.draw(&mut rng)).unwrap();
    }
    let estimation = panel.estimation().unwrap();
    let fit = estimation.fit().unwrap();
    let errors = estimation.inference(&fit).unwrap().param_standard_errors().map(Option::unwrap);
    let simulation = fit.simulation(&ones).unwrap();
    let mut squares = [0.0; 3];
    for _ in 0..SERIES {
        let mut panel = Panel::<_, f64, 4, 1>::new(model);
        for _ in 0..50 {
            panel.push(&ones, &simulation.draw(&mut rng)).unwrap();
        }
        let other = panel.fit().unwrap();
        let scaled = [
            (other.params[0] - fit.params[0]) / errors[0],
            (other.params[1] - fit.params[1]) / errors[1],
            (other.beta[0] - fit.beta[0]) / fit.beta_standard_errors()[0],
        ];
        for (sum, x) in squares.iter_mut().zip(scaled) {
            *sum += x * x;
        }
    }
    for square in squares {
        let ratio = square / SERIES as f64;
        assert!((0.8..1.25).contains(&ratio), "{squares:?}");
    }
}
