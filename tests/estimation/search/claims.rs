//! A checker of claims: is there a way up from what a search calls a maximum?

use covprop::kalman::{StateSpaceEstimation, StateSpaceFit};
use covprop::prelude::*;
use covprop::reml::{Estimation, Fit, Observations};
use covprop::transform::TransformVisitor;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::slow;

/// Roundings of a log-likelihood, of |ℓ| + n, below which a rise is none.
const ROUNDINGS: f64 = 64.0;
/// Evaluations beside a risen point, whose spread is the rounding of the likelihood there.
const JITTERS: usize = 6;
/// Random directions for each length of step.
const DIRECTIONS: usize = 12;
/// Sizes of the simplexes that climb from the claim along curved ways.
const RADII: [f64; 4] = [1e-4, 1e-2, 0.1, 0.5];

/// The largest rise that was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rise {
    /// How far the log-likelihood is above the claim, less what rounding explains; 0 if there is no such point.
    pub(crate) height: f64,
    /// Where; empty if nowhere.
    pub(crate) theta: Vec<f64>,
    /// The number of evaluations.
    pub(crate) evaluations: usize,
}

/// A claimed maximum, and the function that it is claimed of.
pub(crate) struct Claim<'f> {
    /// θ; infinite for a parameter on its boundary.
    pub(crate) theta: Vec<f64>,
    /// The parameters on their natural scale.
    pub(crate) params: Vec<f64>,
    /// The typical size of a change of each θ, such as its standard error; 0 where it is not known.
    pub(crate) sizes: Vec<f64>,
    /// The claimed log-likelihood.
    pub(crate) log_likelihood: f64,
    /// The number of observations.
    pub(crate) count: f64,
    /// ε of the scalar in which the log-likelihood is evaluated.
    pub(crate) epsilon: f64,
    /// The log-likelihood at a θ, `None` where it has no value.
    pub(crate) at: &'f mut dyn FnMut(&[f64]) -> Option<f64>,
    /// θₖ for a parameter on its natural scale, `None` if no θₖ gives it.
    pub(crate) inverse: &'f dyn Fn(usize, f64) -> Option<f64>,
}

/// The way in which one parameter moves away from where it is claimed to be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Axis {
    /// θₖ + z size
    Theta(f64),
    /// The natural parameter, ηₖ + z size: from a finite bound inwards, or an equal step on that scale.
    Natural(f64),
    /// θₖ = 1/z: from infinity on either side, for a parameter without a finite bound.
    Reciprocal,
}

impl Claim<'_> {
    /// The axes on which parameter k can move.
    fn axes(&self, k: usize) -> Vec<Axis> {
        let (theta, param, size) = (self.theta[k], self.params[k], self.sizes[k]);
        let size = if size.is_finite() && size > 0.0 { size } else { theta.abs().clamp(1e-3, 1e3) };
        if theta.is_finite() {
            let mut axes = vec![Axis::Theta(size.min(theta.abs().max(10.0)))];
            if theta.abs() > 1e3 {
                axes.push(Axis::Reciprocal);
            }
            if param.is_finite() && param != theta {
                axes.push(Axis::Natural(if param == 0.0 { size } else { param.abs() }));
            }
            axes
        } else if param.is_finite() {
            // A variance of 0 comes back in the unit of the other parameters, a correlation in its own.
            let mut natural: Vec<f64> = self
                .params
                .iter()
                .map(|p| p.abs())
                .filter(|p| p.is_finite() && *p > 0.0)
                .chain([1.0])
                .collect();
            natural.dedup();
            natural.into_iter().map(Axis::Natural).collect()
        } else {
            vec![Axis::Reciprocal]
        }
    }

    /// θ at these steps along these axes.
    fn moved(&self, axes: &[Axis], z: &[f64]) -> Option<Vec<f64>> {
        let one = |k: usize| {
            if z[k] == 0.0 {
                return Some(self.theta[k]);
            }
            match axes[k] {
                Axis::Theta(size) => Some(self.theta[k] + z[k] * size),
                Axis::Natural(size) => (self.inverse)(k, self.params[k] + z[k] * size),
                Axis::Reciprocal => {
                    let here = if self.theta[k].is_finite() { self.theta[k].recip() } else { 0.0 };
                    Some((here + z[k]).recip())
                }
            }
        };
        (0..z.len()).map(one).collect()
    }

    /// The rise at θ over the claim, less what rounding explains: the lowest of several values beside it, less their spread.
    fn rise(&mut self, theta: &[f64], rng: &mut StdRng) -> f64 {
        let rounding = ROUNDINGS * self.epsilon * (self.log_likelihood.abs() + self.count);
        let Some(here) = (self.at)(theta) else { return 0.0 };
        if here - self.log_likelihood <= rounding {
            return 0.0;
        }
        let (mut lowest, mut highest) = (here, here);
        for _ in 0..JITTERS {
            let beside: Vec<f64> = theta
                .iter()
                .map(|x| x * (1.0 + 8.0 * self.epsilon * rng.random_range(-1.0..1.0)))
                .collect();
            let value = (self.at)(&beside).unwrap_or(f64::NEG_INFINITY);
            lowest = lowest.min(value);
            highest = highest.max(value);
        }
        (lowest - self.log_likelihood - 4.0 * (highest - lowest) - rounding).max(0.0)
    }

    /// Looks for a point above the claim: along each parameter, along pairs, and in random directions, by steps from 2⁻³⁰ to 4
    /// in θ, on the natural scale and from infinity inwards; then climbs from small simplexes around the claim.
    pub(crate) fn rise_nearby(&mut self, seed: u64) -> Rise {
        let mut rng = StdRng::seed_from_u64(seed);
        let p = self.theta.len();
        let axes: Vec<Vec<Axis>> = (0..p).map(|k| self.axes(k)).collect();
        let first: Vec<Axis> = axes.iter().map(|axes| axes[0]).collect();
        let mut best = Rise::default();
        let mut look = |claim: &mut Self, axes: &[Axis], z: &[f64], rng: &mut StdRng| {
            let Some(theta) = claim.moved(axes, z) else { return };
            best.evaluations += 1;
            let height = claim.rise(&theta, rng);
            if height > best.height {
                best.height = height;
                best.theta = theta;
            }
        };
        let length = |power: i32| 2.0_f64.powi(power);
        for k in 0..p {
            for &axis in &axes[k] {
                let mut along = first.clone();
                along[k] = axis;
                for power in -30..=2 {
                    for sign in [-1.0, 1.0] {
                        let mut z = vec![0.0; p];
                        z[k] = sign * length(power);
                        look(self, &along, &z, &mut rng);
                    }
                }
            }
            for l in 0..k {
                for (&a, &b) in axes[k].iter().flat_map(|a| axes[l].iter().map(move |b| (a, b))) {
                    let mut along = first.clone();
                    (along[k], along[l]) = (a, b);
                    for power in (-22..=2).step_by(4) {
                        for (s, t) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
                            let mut z = vec![0.0; p];
                            z[k] = s * length(power);
                            z[l] = t * length(power + rng.random_range(-3..=3));
                            look(self, &along, &z, &mut rng);
                        }
                    }
                }
            }
        }
        for power in (-30..=2).step_by(2) {
            for _ in 0..DIRECTIONS {
                let along: Vec<Axis> =
                    axes.iter().map(|a| a[rng.random_range(0..a.len())]).collect();
                let z: Vec<f64> =
                    (0..p).map(|_| length(power) * rng.random_range(-1.0..1.0)).collect();
                look(self, &along, &z, &mut rng);
            }
        }
        let mut climbed = Vec::new();
        for radius in RADII {
            let turns = if self.theta.iter().all(|x| x.is_finite()) { 1 } else { 3 };
            for _ in 0..turns {
                let along: Vec<Axis> =
                    axes.iter().map(|a| a[rng.random_range(0..a.len())]).collect();
                let mut height = |z: &[f64]| {
                    if z.iter().any(|z| z.abs() > 10.0 * radius) {
                        return None;
                    }
                    let theta = self.moved(&along, z)?;
                    (self.at)(&theta)
                };
                let start: Vec<f64> =
                    (0..p).map(|_| 0.1 * radius * rng.random_range(-1.0..1.0)).collect();
                let end = slow::simplex(&mut height, &start, radius, 60 * p + 100);
                climbed.push((along, end.theta));
            }
        }
        for (along, z) in climbed {
            look(self, &along, &z, &mut rng);
        }
        best
    }
}

/// The free value of a parameter on its natural scale.
struct Inverse<T>(T);

impl<T: Real> TransformVisitor for Inverse<T> {
    type Output = Option<T>;

    fn visit<F: Transform>(self, transform: &F) -> Option<T> {
        transform.inverse(self.0)
    }
}

fn floats<T: Real + Into<f64>>(x: &[T]) -> Vec<f64> {
    x.iter().map(|&x| x.into()).collect()
}

/// Standard errors of each parameter alone, 0 where there is no information.
fn sizes<T: Real + Into<f64>>(diagonal: impl Iterator<Item = T>) -> Vec<f64> {
    let size = |information: f64| if information > 0.0 { information.sqrt().recip() } else { 0.0 };
    diagonal.map(|x| size(x.into())).collect()
}

/// The claim of a fit by REML or ML, checked.
pub(crate) fn rise_of_fit<M, D, T, const N: usize, const K: usize>(
    estimation: &Estimation<'_, M, D, T, N, K>,
    fit: &Fit<'_, M, T, N, K>,
    seed: u64,
) -> Rise
where
    T: Real + Into<f64>,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    let inverse = |k: usize, param: f64| {
        fit.model.visit_transform(k, Inverse(nalgebra::convert::<_, T>(param))).map(Into::into)
    };
    let information = fit.average_information.as_ref().iter().enumerate();
    let sizes = sizes(information.map(|(k, row)| row.as_ref()[k]));
    let epsilon: f64 = T::default_epsilon().into();
    estimation
        .explore(|likelihood| {
            let mut at = |x: &[f64]| {
                let here = likelihood.at(&slow::theta_of::<M, T>(x)).ok()?;
                Some(here.log_likelihood().into())
            };
            let mut claim = Claim {
                theta: floats(fit.theta.as_ref()),
                params: floats(fit.params.as_ref()),
                sizes,
                log_likelihood: fit.log_likelihood.into(),
                count: fit.observations as f64,
                epsilon,
                at: &mut at,
                inverse: &inverse,
            };
            Ok(claim.rise_nearby(seed))
        })
        .unwrap()
}

/// The claim of a fit by the Kalman likelihood, checked.
pub(crate) fn rise_of_state_space<M, T, const S: usize, const O: usize>(
    estimation: &StateSpaceEstimation<'_, '_, M, T, S, O>,
    fit: &StateSpaceFit<'_, M, T>,
    seed: u64,
) -> Rise
where
    T: Real + Into<f64>,
    M: LinearGaussian<T, S, O>,
{
    let inverse = |k: usize, param: f64| {
        fit.model.visit_transform(k, Inverse(nalgebra::convert::<_, T>(param))).map(Into::into)
    };
    let information = fit.information().as_ref().iter().enumerate();
    let mut at =
        |x: &[f64]| estimation.log_likelihood(&slow::theta_of::<M, T>(x)).ok().map(Into::into);
    let mut claim = Claim {
        theta: floats(fit.theta.as_ref()),
        params: floats(fit.params.as_ref()),
        sizes: sizes(information.map(|(k, row)| row.as_ref()[k])),
        log_likelihood: fit.log_likelihood.into(),
        count: fit.observations as f64,
        epsilon: T::default_epsilon().into(),
        at: &mut at,
        inverse: &inverse,
    };
    claim.rise_nearby(seed)
}
