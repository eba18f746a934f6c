//! Fits of simulated data under many structures: from the default start and from others, each ends at a maximum of
//! which no neighbour is higher, in few steps that never go down.

use covprop::prelude::*;
use covprop::structure::PowerVarianceMatrix;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

const N: usize = 5;
const TIMES: [f64; N] = [0.0, 1.0, 2.0, 3.0, 5.0];

/// More steps than any of these fits needs. Most take less than ten; those that come to one edge, leave it and end on
/// another take the most.
const STEPS: usize = 60;

fn normals<const M: usize>(rng: &mut StdRng) -> SVector<f64, M> {
    SVector::from_fn(|_, _| rng.sample(StandardNormal))
}

/// So many subjects of V(θ), some without their last visits.
fn simulate<M: ParamMatrix<f64, N, N> + Copy>(
    model: M,
    theta: &Theta<M, f64>,
    subjects: usize,
    seed: u64,
) -> Panel<Marginal<M>, f64, N, 2, 3> {
    let mut rng = StdRng::seed_from_u64(seed);
    let v = model.value(theta);
    let root = v.cholesky().unwrap().l();
    let mut panel = Panel::with_patterns(Marginal::new(model));
    for i in 0..subjects {
        let x = SMatrix::from_fn(|row, col| if col == 0 { 1.0 } else { TIMES[row] });
        let y = x * SVector::from([3.0, -0.5]) + root * normals::<N>(&mut rng);
        let mut observed = [true; N];
        for missing in observed.iter_mut().rev().take(i % 3) {
            *missing = false;
        }
        panel.push_observed(&x, &y, &observed).unwrap();
    }
    panel
}

/// Fits and checks; the outcome.
fn check<M: ParamMatrix<f64, N, N> + Copy>(
    name: &str,
    panel: &Panel<Marginal<M>, f64, N, 2, 3>,
    starts: &[Theta<M, f64>],
) where
    Theta<M, f64>: Copy,
{
    for ml in [false, true] {
        let estimation = || {
            let estimation = panel.estimation().unwrap();
            if ml { estimation.with_criterion(Criterion::Ml) } else { estimation }
        };
        let mut history = Vec::new();
        let fit = estimation().fit_with(|at| history.push(at.log_likelihood)).unwrap();
        let rounding = 1e-12 * (fit.log_likelihood.abs() + 100.0);
        let what = format!(
            "{name}, ml {ml}: {:?} {:?} {history:?} {fit}",
            fit.outcome,
            fit.theta.as_ref()
        );
        assert!(fit.outcome.is_maximum(), "{what}");
        assert!(fit.iterations <= STEPS, "{what}");
        assert!(history.windows(2).all(|pair| pair[1] >= pair[0] - rounding), "{what}");
        assert!(fit.params.as_ref().iter().all(|x| !x.is_nan()), "{what}");
        assert!(fit.beta_standard_errors().iter().all(|x| *x > 0.0 && x.is_finite()), "{what}");

        // No neighbour is higher, inside or off the edge.
        let theta = fit.theta.as_ref();
        for (k, &theta_k) in theta.iter().enumerate() {
            for shift in [-0.3, -0.01, 0.01, 0.3, -6.0, 6.0] {
                let mut other = fit.theta;
                let at_edge = if theta_k < 0.0 { -8.0 } else { 8.0 };
                let from = if theta_k.is_finite() { theta_k } else { at_edge };
                other.as_mut()[k] = from + shift;
                if let Ok(at) = estimation().at(&other) {
                    let higher = at.log_likelihood() - fit.log_likelihood;
                    assert!(
                        higher <= rounding,
                        "{what}\nhigher by {higher:e} at {:?}",
                        other.as_ref()
                    );
                }
            }
        }

        for start in starts {
            let other = estimation().with_start(*start).fit().unwrap();
            let off = fit.log_likelihood - other.log_likelihood;
            let other = format!("from {:?}: {:?} {other}", start.as_ref(), other.outcome);
            assert!(off.abs() <= 1e-8, "{what}\noff by {off:e} {other}");
        }
    }
}

/// Checks a structure at a true θ over seeds and numbers of subjects, from the truth and from another start.
macro_rules! simulated {
    ($($name:ident from $least:literal: $model:expr, $theta:expr, $other:expr;)*) => {
        $(
            #[test]
            fn $name() {
                let model = $model;
                for seed in 0..8 {
                    for subjects in [$least, 60] {
                        let panel = simulate(model, &$theta, subjects, seed);
                        let name = format!("{} {subjects} subjects, seed {seed}", stringify!($name));
                        check(&name, &panel, &[$theta, $other]);
                    }
                }
            }
        )*
    };
}

const ONES: SVector<f64, N> = SVector::<f64, N>::new(1.0, 1.0, 1.0, 1.0, 1.0);

fn z() -> SMatrix<f64, N, 2> {
    SMatrix::from_fn(|i, j| if j == 0 { 1.0 } else { TIMES[i] })
}

simulated! {
    scalar from 12: ScalarMatrix::<N>::new(), [0.5], [-3.0];
    compound_symmetry from 12: CompoundSymmetricMatrix::<N>::new(), [0.5, 0.4], [-1.0, -1.0];
    autoregression from 12: Ar1Matrix::<N>::new(), [0.5, 1.0], [2.0, -1.0];
    nugget from 12: Ar1Matrix::<N>::new().plus(ScalarMatrix::<N>::new()), [0.5, 2.0, -0.5], [0.0, 1.0, 0.0];
    heterogeneous from 30: HeterogeneousAr1Matrix::<N>::new(), [0.0, 0.2, 0.4, 0.1, -0.3, 1.0], [0.0; 6];
    toeplitz from 30: ToeplitzMatrix::<N>::new(), [0.2, 0.8, 0.3, 0.1, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0];
    ante_dependence from 30: AnteDependenceMatrix::<N>::new(), [0.0, 0.1, 0.2, 0.1, 0.0, 1.0, 0.5, 1.0, 0.8], [0.5; 9];
    groups from 12: GroupVarianceMatrix::<N, 2>::from_indices([0, 1, 0, 1, 0]), [0.0, 1.0], [1.0, 0.0];
    power from 12: PowerVarianceMatrix::new([1.0, 2.0, 3.0, 4.0, 6.0]), [0.0, 0.5], [0.5, 0.0];
    intercept from 12: CovariancePropagation::new(ONES, ScalarMatrix::<1>::new()).plus(ScalarMatrix::<N>::new()), [0.3, 0.0], [2.0, -2.0];
    intercept_of_little from 12: CovariancePropagation::new(ONES, ScalarMatrix::<1>::new()).plus(ScalarMatrix::<N>::new()), [-2.5, 0.0], [2.0, -2.0];
    slopes from 12: CovariancePropagation::new(z(), LogCholeskyMatrix::<2>::new()).plus(ScalarMatrix::<N>::new()), [0.5, -1.0, 0.2, 0.0], [0.0; 4];
    slopes_of_little from 12: CovariancePropagation::new(z(), LogCholeskyMatrix::<2>::new()).plus(ScalarMatrix::<N>::new()), [-2.0, -3.0, 0.2, 0.0], [0.0; 4];
    slopes_from_afar from 30: CovariancePropagation::new(z(), LogCholeskyMatrix::<2>::new()).plus(ScalarMatrix::<N>::new()), [0.5, -1.0, 50.0, 0.0], [-1.5, 1.9, 5.5, 2.3];
    independent_slopes from 12: CovariancePropagation::new(z(), DiagonalMatrix::<2>::new()).plus(Ar1Matrix::<N>::new()), [0.5, -2.0, 0.0, 0.5], [0.0; 4];
    unstructured from 30: UnconstrainedMatrix::<N>::new(), [0.0, 0.3, 0.1, 0.2, 0.3, 0.2, 0.1, 0.2, 0.3, 0.0, 0.0, 0.1, 0.2, 0.3, 0.1], [0.5, 0.0, 0.5, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.5];
    log_cholesky from 30: LogCholeskyMatrix::<N>::new(), [0.0, 0.1, 0.2, 0.1, 0.0, 0.5, 0.2, 0.5, 0.1, 0.3, 0.5, 0.0, 0.1, 0.2, 0.6], [0.0; 15];
    exponential from 12: ExponentialMatrix::new(Distances::from_positions(TIMES)), [0.3, 0.4], [0.0, 0.0];
}
