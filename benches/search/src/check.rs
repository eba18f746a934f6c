//! The check of a claim: is there a way up from what a search calls a maximum?
//!
//! A way is followed from its beginning, by steps from 2⁻⁴⁰ to 4, as long as it does not fall: another maximum beyond a valley
//! is no way up.

use rand::RngExt;
use rand::rngs::StdRng;
use rand_distr::StandardNormal;

use crate::cone::Cone;
use crate::problem::{Fitted, Problem, Value};
use crate::slow;

/// Roundings of a log-likelihood, of |ℓ| + n, below which a rise is none.
const ROUNDINGS: f64 = 64.0;
/// A fall, relative to max(1, |ℓ|), that ends a way.
const FALL: f64 = 1e-9;
/// Evaluations beside a risen point, whose spread is the rounding of the likelihood there.
const JITTERS: usize = 6;
/// Pairs of parameters, at most.
const PAIRS: usize = 12;
/// Random directions.
const DIRECTIONS: usize = 24;
/// Sizes of the simplexes that climb from the claim along curved ways.
const RADII: [f64; 2] = [1e-3, 1e-2];

/// A point above a claim.
#[derive(Clone, Debug)]
pub struct Rise {
    /// How far it is above, less what rounding explains.
    pub height: f64,
    pub theta: Vec<f64>,
    pub way: String,
}

/// How one parameter moves away from where it is claimed to be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Axis {
    /// θₖ + z
    Theta,
    /// The natural parameter ηₖ + z size, from a bound inwards.
    Natural(f64),
    /// θₖ = 1/z, from an infinite bound inwards.
    Reciprocal(f64),
}

/// A claimed maximum.
#[derive(Clone, Copy)]
struct Place<'c> {
    problem: &'c dyn Problem,
    fitted: &'c Fitted,
}

/// A claim with the likelihood that decides.
struct Claim<'c, 'v> {
    place: Place<'c>,
    at: &'c mut Value<'v>,
    rng: &'c mut StdRng,
    best: Option<Rise>,
}

/// Looks for a way up; `curved` ones too, which takes longer.
pub fn rise(
    problem: &dyn Problem,
    fitted: &Fitted,
    cone: Option<Cone>,
    curved: bool,
    rng: &mut StdRng,
) -> Option<Rise> {
    let mut best = None;
    problem.explore(&mut |at| {
        let mut claim = Claim { place: Place { problem, fitted }, at, rng: &mut *rng, best: None };
        claim.along_parameters();
        claim.along_pairs();
        claim.along_directions();
        if let Some(cone) = cone {
            claim.on_cone(cone);
        }
        if curved {
            claim.climb();
        }
        best = claim.best.take();
    });
    best
}

/// 2ᵏ for every `stride`-th k from −40 to 2.
fn lengths(stride: usize) -> impl Iterator<Item = f64> + Clone {
    (-40..=2).step_by(stride).map(|power| 2.0_f64.powi(power))
}

impl Place<'_> {
    fn rounding(&self) -> f64 {
        ROUNDINGS * f64::EPSILON * (self.fitted.log_likelihood.abs() + self.fitted.count)
    }

    /// Returns how parameter k can move.
    fn axes(&self, k: usize) -> Vec<Axis> {
        let (theta, eta) = (self.fitted.theta[k], self.fitted.params[k]);
        if theta.is_finite() {
            return vec![Axis::Theta];
        }
        if !eta.is_finite() {
            return vec![Axis::Reciprocal(theta.signum())];
        }
        let finite = self.fitted.params.iter().map(|x| x.abs()).filter(|x| x.is_finite());
        let size = if eta == 0.0 { finite.fold(1e-12, f64::max) } else { eta.abs() };
        let inwards = |sign: f64| self.problem.inverse(k, eta + sign * 1e-6 * size).is_some();
        [1.0, -1.0].into_iter().filter(|&s| inwards(s)).map(|s| Axis::Natural(s * size)).collect()
    }

    /// Returns θ after steps along axes.
    fn moved(&self, axes: &[Option<Axis>], steps: &[f64]) -> Option<Vec<f64>> {
        let one = |k: usize| {
            let theta = self.fitted.theta[k];
            match axes[k] {
                _ if steps[k] == 0.0 => Some(theta),
                None => Some(theta),
                Some(Axis::Theta) => Some(theta + steps[k]),
                Some(Axis::Natural(size)) => {
                    self.problem.inverse(k, self.fitted.params[k] + steps[k] * size)
                }
                Some(Axis::Reciprocal(sign)) => Some(sign / steps[k].abs()),
            }
        };
        (0..steps.len()).map(one).collect()
    }

}

impl Claim<'_, '_> {
    /// Follows a way until it falls.
    fn follow(
        &mut self,
        way: &dyn Fn() -> String,
        lengths: impl Iterator<Item = f64>,
        to: impl Fn(Place, f64) -> Option<Vec<f64>>,
    ) {
        let claimed = self.place.fitted.log_likelihood;
        let rounding = self.place.rounding();
        let fall = rounding + FALL * claimed.abs().max(1.0);
        let mut last = f64::NEG_INFINITY;
        for length in lengths {
            let Some(theta) = to(self.place, length) else { break };
            let Some(here) = (self.at)(&theta) else { break };
            let rise = here - claimed;
            if rise < -fall || rise < last - fall {
                break;
            }
            last = rise;
            if rise > rounding {
                self.record(here, theta, way);
            }
        }
    }

    /// Records a point above the claim, unless rounding explains it: the lowest of several values beside it, less their spread.
    fn record(&mut self, here: f64, theta: Vec<f64>, way: &dyn Fn() -> String) {
        let (mut lowest, mut highest) = (here, here);
        for _ in 0..JITTERS {
            let relative = |rng: &mut StdRng| 1.0 + 8.0 * f64::EPSILON * rng.random_range(-1.0..1.0);
            let beside: Vec<f64> = theta.iter().map(|x| x * relative(self.rng)).collect();
            let value = (self.at)(&beside).unwrap_or(f64::NEG_INFINITY);
            (lowest, highest) = (lowest.min(value), highest.max(value));
        }
        let above = lowest - self.place.fitted.log_likelihood - 4.0 * (highest - lowest);
        let height = above - self.place.rounding();
        if height > self.best.as_ref().map_or(0.0, |best| best.height) {
            self.best = Some(Rise { height, theta, way: way() });
        }
    }

    fn along_parameters(&mut self) {
        let p = self.place.fitted.theta.len();
        for k in 0..p {
            for axis in self.place.axes(k) {
                let mut axes = vec![None; p];
                axes[k] = Some(axis);
                for sign in [1.0, -1.0] {
                    if sign < 0.0 && axis != Axis::Theta {
                        continue;
                    }
                    let way = || format!("parameter {k} {axis:?} {sign:+}");
                    self.follow(&way, lengths(1), |place, length| {
                        let mut steps = vec![0.0; p];
                        steps[k] = sign * length;
                        place.moved(&axes, &steps)
                    });
                }
            }
        }
    }

    fn along_pairs(&mut self) {
        let p = self.place.fitted.theta.len();
        let mut pairs: Vec<(usize, usize)> =
            (0..p).flat_map(|k| (0..k).map(move |l| (k, l))).collect();
        while pairs.len() > PAIRS {
            let any = self.rng.random_range(0..pairs.len());
            pairs.swap_remove(any);
        }
        for (k, l) in pairs {
            for (a, b) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
                let mut signs = vec![0.0; p];
                (signs[k], signs[l]) = (a, b * 2.0_f64.powf(self.rng.random_range(-3.0..3.0)));
                self.straight(&signs, "pair");
            }
        }
    }

    fn along_directions(&mut self) {
        let p = self.place.fitted.theta.len();
        for _ in 0..DIRECTIONS {
            let direction: Vec<f64> =
                (0..p).map(|_| self.rng.sample::<f64, _>(StandardNormal)).collect();
            self.straight(&direction, "direction");
            let opposite: Vec<f64> = direction.iter().map(|x| -x).collect();
            self.straight(&opposite, "direction");
        }
    }

    /// Follows a direction. What is on a bound stays there or goes inwards, by a power of the length of its own: a
    /// covariance may be as its variance or as its root.
    fn straight(&mut self, direction: &[f64], name: &str) {
        let p = direction.len();
        let mut powers = vec![1.0; p];
        let mut axes = vec![None; p];
        for k in 0..p {
            let choices = self.place.axes(k);
            if choices.is_empty() {
                continue;
            }
            axes[k] = Some(choices[self.rng.random_range(0..choices.len())]);
            if axes[k] != Some(Axis::Theta) {
                powers[k] = [0.5, 1.0, 2.0][self.rng.random_range(0..3)];
                if name != "pair" && self.rng.random_range(0..2) == 0 {
                    axes[k] = None;
                }
            }
        }
        let way = || format!("{name} {direction:.2?}");
        self.follow(&way, lengths(2), |place, length| {
            let step = |k: usize| {
                let step = direction[k] * f64::powf(length, powers[k]);
                if axes[k] == Some(Axis::Theta) { step } else { step.abs() }
            };
            place.moved(&axes, &(0..p).map(step).collect::<Vec<_>>())
        });
    }

    /// Follows G + h v vᵀ, and a little h² on the diagonal, so that the matrix has a finite θ.
    fn on_cone(&mut self, cone: Cone) {
        let g = cone.value(&self.place.fitted.theta);
        let q = cone.size;
        let largest = (0..q).map(|i| g[i][i]).fold(1e-12, f64::max);
        for _ in 0..DIRECTIONS {
            let entry = |i: usize, rng: &mut StdRng| {
                let size = g[i][i].max(largest * 10.0_f64.powf(rng.random_range(-4.0..0.0)));
                size.sqrt() * rng.sample::<f64, _>(StandardNormal)
            };
            let v: Vec<f64> = (0..q).map(|i| entry(i, self.rng)).collect();
            let way = || format!("on the cone {v:.2?}");
            self.follow(&way, lengths(2), |place, length| {
                let mut other = g.clone();
                for i in 0..q {
                    for j in 0..q {
                        other[i][j] += length * v[i] * v[j];
                    }
                    other[i][i] += 1e-3 * length * length * v[i] * v[i];
                }
                cone.put(&other, &place.fitted.theta)
            });
        }
    }

    /// Climbs from small simplexes around the claim, and stays near it.
    fn climb(&mut self) {
        let place = self.place;
        let p = place.fitted.theta.len();
        let finite = |axis: &Axis| !matches!(axis, Axis::Reciprocal(_));
        let axes: Vec<Option<Axis>> =
            (0..p).map(|k| place.axes(k).first().copied().filter(finite)).collect();
        for radius in RADII {
            let to = |z: &[f64]| {
                let is_near = z.iter().all(|z| z.abs() <= 10.0 * radius);
                let step = |k: usize| if axes[k] == Some(Axis::Theta) { z[k] } else { z[k].abs() };
                let steps: Vec<f64> = (0..p).map(step).collect();
                if is_near { place.moved(&axes, &steps) } else { None }
            };
            let mut height = |z: &[f64]| (self.at)(&to(z)?);
            let end = slow::simplex(&mut height, &vec![0.0; p], radius, 80 * p + 100);
            let claimed = place.fitted.log_likelihood + place.rounding();
            if let Some(theta) = to(&end.theta).filter(|_| end.log_likelihood > claimed) {
                self.record(end.log_likelihood, theta, &|| format!("curved, within {radius}"));
            }
        }
    }
}
