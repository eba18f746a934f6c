//! The check of a claim: is there a way up from what a search calls a maximum?
//!
//! A way is followed from its beginning, by steps from 2⁻⁴⁰ to 4, as long as it does not fall:
//! another maximum beyond a valley is no way up.

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
/// The precision to which a limit at infinity is given, relative to max(1, |ℓ|).
const LIMIT: f64 = 1e-8;
/// Evaluations beside a point, whose spread is the rounding of the likelihood there, how far they
/// are, and how many times the spread is no rise.
const JITTERS: usize = 6;
const JITTER: f64 = 1e-12;
const SPREADS: f64 = 4.0;
/// A spread that is not taken for rounding: the claim is beside a step.
const ILL_CONDITIONED: f64 = 1e-3;
/// A θ beyond which 1/θ is looked at.
const FAR: f64 = 1e3;
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
    /// 1/(1/θₖ ± z), from infinity or nearly so inwards.
    Reciprocal(f64),
}

/// A claimed maximum.
#[derive(Clone, Copy)]
struct Place<'c> {
    problem: &'c dyn Problem,
    fitted: &'c Fitted,
    /// What rounding may do to the log-likelihood.
    rounding: f64,
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
        let sizes = fitted.log_likelihood.abs() + fitted.count;
        let mut rounding = ROUNDINGS * f64::EPSILON * sizes;
        if fitted.end.is_limit() {
            rounding = rounding.max(LIMIT * fitted.log_likelihood.abs().max(1.0));
        }
        let place = Place { problem, fitted, rounding };
        let mut claim = Claim { place, at, rng: &mut *rng, best: None };
        claim.measure_rounding();
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

/// Returns the lowest of several values beside a point, less their spread.
pub fn lowest_beside(problem: &dyn Problem, theta: &[f64]) -> f64 {
    let mut ends = (f64::INFINITY, f64::NEG_INFINITY);
    let middle = 0.5 * (JITTERS - 1) as f64;
    problem.explore(&mut |at| ends = beside(at, theta, |jitter| jitter as f64 - middle));
    let (lowest, highest) = ends;
    lowest - (highest - lowest)
}

/// Returns the lowest and the highest of several values beside a point, whose spread is rounding.
/// `move_by` gives by how many times [`JITTER`] each θₖ is moved for the value with this number.
fn beside(at: &mut Value, theta: &[f64], mut move_by: impl FnMut(usize) -> f64) -> (f64, f64) {
    let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
    for jitter in 0..JITTERS {
        let beside: Vec<f64> = theta.iter().map(|x| x * (1.0 + JITTER * move_by(jitter))).collect();
        let value = at(&beside).unwrap_or(f64::NEG_INFINITY);
        (lowest, highest) = (lowest.min(value), highest.max(value));
    }
    (lowest, highest)
}

/// 2ᵏ for every `stride`-th k from −40 to 2.
fn lengths(stride: usize) -> impl Iterator<Item = f64> + Clone {
    (-40..=2).step_by(stride).map(|power| 2.0_f64.powi(power))
}

impl Place<'_> {
    /// Returns the fall that ends a way.
    fn fall(&self) -> f64 {
        self.rounding + FALL * self.fitted.log_likelihood.abs().max(1.0)
    }

    /// Returns how parameter k can move.
    fn axes(&self, k: usize) -> Vec<Axis> {
        let (theta, eta) = (self.fitted.theta[k], self.fitted.params[k]);
        if theta.abs() > FAR && theta.is_finite() {
            return vec![Axis::Theta, Axis::Reciprocal(theta)];
        }
        if theta.is_finite() {
            return vec![Axis::Theta];
        }
        if !eta.is_finite() {
            return vec![Axis::Reciprocal(theta)];
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
                Some(Axis::Reciprocal(theta)) => {
                    let other_side = theta.is_finite() && steps[k] < 0.0;
                    let step = if other_side { steps[k] } else { steps[k].abs() };
                    Some(1.0 / (1.0 / theta + theta.signum() * step))
                }
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
        let rounding = self.place.rounding;
        let fall = self.place.fall();
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

    /// Returns the lowest and the highest of several values beside a point.
    fn beside(&mut self, theta: &[f64]) -> (f64, f64) {
        beside(self.at, theta, |_| self.rng.random_range(-1.0..1.0))
    }

    /// Near a maximum, values differ by rounding alone.
    fn measure_rounding(&mut self) {
        let (lowest, highest) = self.beside(&self.place.fitted.theta.clone());
        let spread = SPREADS * (highest - lowest);
        if spread.is_finite() && spread < ILL_CONDITIONED {
            self.place.rounding = self.place.rounding.max(spread);
        }
    }

    /// Records a point above the claim, unless rounding explains it: the lowest of several values
    /// beside it, less their spread.
    fn record(&mut self, here: f64, theta: Vec<f64>, way: &dyn Fn() -> String) {
        let (lowest, highest) = self.beside(&theta);
        let (lowest, highest) = (lowest.min(here), highest.max(here));
        let above = lowest - self.place.fitted.log_likelihood - SPREADS * (highest - lowest);
        let height = above - self.place.rounding;
        if height > self.best.as_ref().map_or(0.0, |best| best.height) {
            self.best = Some(Rise { height, theta, way: way() });
        }
    }

    /// Returns `true` if ℓ is the same for a θₖ that is nearly infinite and for its negative.
    fn is_continued(&mut self, k: usize, theta: f64) -> bool {
        let mut other = self.place.fitted.theta.clone();
        other[k] = -theta;
        let claimed = self.place.fitted.log_likelihood;
        let same = |here: f64| (here - claimed).abs() <= 1e-6 * claimed.abs().max(1.0);
        theta.is_finite() && (self.at)(&other).is_some_and(same)
    }

    fn along_parameters(&mut self) {
        let p = self.place.fitted.theta.len();
        for k in 0..p {
            for axis in self.place.axes(k) {
                let mut axes = vec![None; p];
                axes[k] = Some(axis);
                for sign in [1.0, -1.0] {
                    let one_sided = match axis {
                        Axis::Theta => false,
                        Axis::Natural(_) => true,
                        // V may be the same on the other side of infinity.
                        Axis::Reciprocal(theta) => !self.is_continued(k, theta),
                    };
                    if sign < 0.0 && one_sided {
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

    /// Follows a direction. What is on a bound stays there or goes inwards, by a power of the
    /// length of its own: a covariance may be as its variance or as its root.
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
            let claimed = place.fitted.log_likelihood + place.rounding;
            // A simplex may step over a valley between a bound and another maximum.
            let leaves_bound = axes
                .iter()
                .zip(&end.theta)
                .any(|(axis, &z)| matches!(axis, Some(Axis::Natural(_))) && z != 0.0);
            let lowest = place.fitted.log_likelihood - place.fall();
            let falls = leaves_bound
                && lengths(1).filter(|&part| part < 1.0).any(|part| {
                    let z: Vec<f64> = end.theta.iter().map(|z| part * z).collect();
                    height(&z).is_none_or(|here| here < lowest)
                });
            let higher = end.log_likelihood > claimed && !falls;
            if let Some(theta) = to(&end.theta).filter(|_| higher) {
                self.record(end.log_likelihood, theta, &|| format!("curved, within {radius}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use covprop::Error;
    use rand::SeedableRng;

    use super::*;
    use crate::problem::End;

    /// A function of η = e^θ₀ and θ₁.
    struct Function(fn(f64, f64) -> f64);

    impl Problem for Function {
        fn fit(&self, _: Option<&[f64]>) -> Result<Fitted, Error> {
            Err(Error::ExactFit)
        }

        fn explore(&self, f: &mut dyn FnMut(&mut Value)) {
            f(&mut |theta| Some((self.0)(theta[0].exp(), theta[1])).filter(|x| x.is_finite()));
        }

        fn inverse(&self, k: usize, eta: f64) -> Option<f64> {
            if k == 1 { Some(eta) } else { Some(eta.ln()).filter(|x| x.is_finite()) }
        }
    }

    fn way_up(f: fn(f64, f64) -> f64, theta: [f64; 2], curved: bool) -> Option<Rise> {
        let params = vec![theta[0].exp(), theta[1]];
        let fitted = Fitted {
            end: End::Converged,
            log_likelihood: f(params[0], params[1]),
            params,
            theta: theta.to_vec(),
            iterations: 0,
            count: 10.0,
        };
        rise(&Function(f), &fitted, None, curved, &mut StdRng::seed_from_u64(1))
    }

    #[test]
    fn a_maximum_has_no_way_up() {
        let bowl = |a: f64, b: f64| -(a - 1.0).powi(2) - (a - 1.0) * b - b * b;
        assert!(way_up(bowl, [0.0, 0.0], true).is_none());
        let falls_inwards = |a: f64, b: f64| -a - b * b;
        assert!(way_up(falls_inwards, [f64::NEG_INFINITY, 0.0], true).is_none());
    }

    #[test]
    fn a_saddle_has_a_way_up() {
        let saddle = |a: f64, b: f64| -(a - 1.0).powi(2) + 3.0 * (a - 1.0) * b - b * b;
        assert!(way_up(saddle, [0.0, 0.0], false).is_some());
    }

    #[test]
    fn a_bound_has_a_way_inwards() {
        // Along a alone ℓ falls, and with b it rises.
        let rises = |a: f64, b: f64| 1e-4 * a - a * a - (b - 1.0).powi(2);
        assert!(way_up(rises, [f64::NEG_INFINITY, 1.0], false).is_some());
        let as_root = |a: f64, b: f64| -a + 3.0 * a.sqrt() * (b - 1.0) - (b - 1.0).powi(2);
        assert!(way_up(as_root, [f64::NEG_INFINITY, 1.0], false).is_some());
    }

    #[test]
    fn a_maximum_beyond_a_valley_is_no_way_up() {
        let two =
            |a: f64, b: f64| -(b * b) * (b - 2.0).powi(2) + 0.1 * b * b * b - (a - 1.0).powi(2);
        assert!(two(1.0, 2.0) > two(1.0, 0.0));
        assert!(way_up(two, [0.0, 0.0], true).is_none());
    }

    #[test]
    fn a_curved_ridge_is_climbed() {
        // Rosenbrock's, at a point of its valley.
        let ridge = |a: f64, b: f64| -(1.0 - a).powi(2) - 1e4 * (b - a * a).powi(2);
        let theta = 0.5_f64;
        assert!(way_up(ridge, [theta.ln(), theta * theta], true).is_some());
    }
}
