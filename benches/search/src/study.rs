//! Fits of many data sets of one model shape.

use std::time::Instant;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::check::{self, Rise};
use crate::problem::{End, Fitted, Problem, Value};
use crate::scenario::Scenario;
use crate::slow;
use crate::tally::{Finding, NEAR, Start, Tally, Wrong};

/// Random starts, by turns around the truth and around 0.
const STARTS: usize = 5;
/// Further starts around the truth, by up to 2, that serve to find the best point and are not counted.
const FURTHER: usize = 3;
/// One data set of so many is searched slowly.
const SLOWLY: usize = 25;
/// The most steps from the default start.
pub const STEPS: usize = 60;
/// Random starts of which one has a likelihood.
const ATTEMPTS: usize = 100;
/// A θ that is infinite in the truth, for random starts.
const INFINITE: f64 = 3.0;
/// A step along a ridge, and the fall, relative to max(1, |ℓ|), which shows that it is none.
const ALONG_RIDGE: (f64, f64) = (1e-2, 1e-7);

/// A difference of ℓ(θ) from the log-likelihood of a fit, relative to max(1, |ℓ|), that is not rounding.
const MISSTATED: f64 = 1e-8;

/// How far above all that can be reached from its θ a limit may be, relative to max(1, |ℓ|): a simplex does not get to the end.
const REACHED: f64 = 1e-5;

/// A fit with its start.
struct Run {
    start: Start,
    result: Result<Fitted, String>,
    /// Whether the fit is a limit that is above all that can be reached from its θ.
    too_high: bool,
    /// The log-likelihood, as far as it can be reached.
    value: f64,
}

/// Returns the seed of a data set.
fn seed_of(seed: u64, name: &str, data_set: usize) -> u64 {
    // FNV-1a, so that the seeds of a shape do not depend on the others.
    let bytes = name.bytes().chain((data_set as u64).to_le_bytes()).chain(seed.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Fits data sets, and adds what was found.
pub fn study(scenario: &Scenario, seed: u64, data_sets: impl Iterator<Item = usize>) -> Tally {
    let mut tally = Tally::default();
    for data_set in data_sets {
        let mut rng = StdRng::seed_from_u64(seed_of(seed, scenario.name, data_set));
        let problem = scenario.draw(&mut rng);
        let began = Instant::now();
        let default = run(&*problem, Start::Default);
        tally.seconds.push(began.elapsed().as_secs_f64());
        if let Ok(fitted) = &default.result
            && !fitted.end.is_limit()
        {
            tally.steps.push(fitted.iterations);
        }
        let mut runs = vec![default];
        let truth: Vec<f64> =
            scenario.truth.iter().map(|t| if t.is_finite() { *t } else { -INFINITE }).collect();
        for turn in 0..STARTS {
            let around = |t: &f64| if turn % 2 == 0 { *t } else { 0.0 };
            let middle: Vec<f64> = truth.iter().map(around).collect();
            if let Some(start) = start(&*problem, &middle, 1.0, &mut rng) {
                runs.push(run(&*problem, Start::At(start)));
            }
        }
        let best = best(&*problem, &runs, &truth, &mut rng);
        let mut slow = f64::NEG_INFINITY;
        if data_set.is_multiple_of(SLOWLY) {
            let mut search =
                |at: &mut Value| slow = slow::maximise(at, &truth, &mut rng).log_likelihood;
            problem.explore(&mut search);
        }
        tally.slow_is_higher += usize::from(slow > best + NEAR * best.abs().max(1.0));
        let judge = Judge { scenario, problem: &*problem, data_set, best: best.max(slow) };
        judge.all(&runs, &mut tally, &mut rng);
    }
    tally
}

fn run(problem: &dyn Problem, start: Start) -> Run {
    let theta = match &start {
        Start::Default => None,
        Start::At(theta) => Some(theta.as_slice()),
    };
    let result = problem.fit(theta).map_err(|error| error.to_string());
    let mut value = result.as_ref().map_or(f64::NEG_INFINITY, |fit| fit.log_likelihood);
    let mut too_high = false;
    if let Ok(fitted) = &result
        && !fitted.end.is_claim()
    {
        // Where V is singular in rounding, a likelihood may seem higher than it is.
        value = value.min(check::lowest_beside(problem, &fitted.theta));
    }
    if let Ok(fitted) = &result
        && fitted.end.is_limit()
    {
        let reached = slow::climb(problem, &fitted.theta);
        too_high = value > reached + REACHED * reached.abs().max(1.0);
        value = if too_high { reached } else { value };
    }
    Run { start, result, too_high, value }
}

/// Returns a start at random around a θ at which the log-likelihood has a value.
fn start(problem: &dyn Problem, middle: &[f64], spread: f64, rng: &mut StdRng) -> Option<Vec<f64>> {
    let mut start = None;
    problem.explore(&mut |at| {
        start = (0..ATTEMPTS).find_map(|_| {
            let theta: Vec<f64> =
                middle.iter().map(|t| t + spread * rng.random_range(-1.0..1.0)).collect();
            at(&theta).is_some().then_some(theta)
        });
    });
    start
}

/// Returns the best log-likelihood of all fits, and of further starts.
fn best(problem: &dyn Problem, runs: &[Run], truth: &[f64], rng: &mut StdRng) -> f64 {
    let mut best = runs.iter().map(|run| run.value).fold(f64::NEG_INFINITY, f64::max);
    for turn in 0..=FURTHER {
        let spread = if turn == 0 { 0.0 } else { 2.0 };
        if let Some(start) = start(problem, truth, spread, rng) {
            best = best.max(run(problem, Start::At(start)).value);
        }
    }
    best
}

/// What judges the fits of one data set.
struct Judge<'j> {
    scenario: &'j Scenario,
    problem: &'j dyn Problem,
    data_set: usize,
    /// The best log-likelihood known.
    best: f64,
}

impl Judge<'_> {
    fn all(&self, runs: &[Run], tally: &mut Tally, rng: &mut StdRng) {
        let best = self.best;
        let near = NEAR * best.abs().max(1.0);
        let mut checked: Vec<(&Fitted, Option<Rise>)> = Vec::new();
        for Run { start, result, too_high, .. } in runs {
            let is_default = matches!(start, Start::Default);
            let fits = if is_default { &mut tally.default } else { &mut tally.random };
            fits.count += 1;
            fits.count_end(result.as_ref().ok().map(|fitted| &fitted.end));
            let mut found = Vec::new();
            match result {
                Err(error) => {
                    fits.honest += 1;
                    found.push(Wrong::Failed(error.clone()));
                }
                Ok(fitted) => {
                    let is_right = fitted.log_likelihood >= best - near;
                    fits.right += usize::from(is_right);
                    let is_ridge = matches!(fitted.end, End::NotIdentified(_));
                    let rise = if fitted.end.is_claim() || is_ridge {
                        self.rise(fitted, !is_right, &mut checked, rng)
                    } else {
                        None
                    };
                    let is_claim = fitted.end.is_claim();
                    let is_local = is_claim && rise.is_none();
                    fits.right_or_local += usize::from(is_right || is_local);
                    found.extend(self.wrong(fitted, rise, is_right));
                    found.extend(too_high.then_some(Wrong::LimitTooHigh));
                    found.extend(self.is_misstated(fitted).then_some(Wrong::Misstated));
                    let is_dishonest = |w: &Wrong| {
                        matches!(w, Wrong::FalseClaim(_) | Wrong::NoRidge(_) | Wrong::LimitTooHigh)
                    };
                    fits.honest += usize::from(!found.iter().any(is_dishonest));
                    let is_false = |w: &Wrong| matches!(w, Wrong::FalseClaim(_));
                    fits.false_claims += usize::from(found.iter().any(is_false));
                    if is_default && !fitted.end.is_limit() && fitted.iterations > STEPS {
                        found.push(Wrong::Slow);
                    }
                }
            }
            tally.findings.extend(found.into_iter().map(|wrong| Finding {
                wrong,
                data_set: self.data_set,
                start: start.clone(),
                fitted: result.as_ref().ok().cloned(),
                best,
            }));
        }
    }

    /// Returns a way up, looked for once from each place.
    fn rise<'r>(
        &self,
        fitted: &'r Fitted,
        curved: bool,
        checked: &mut Vec<(&'r Fitted, Option<Rise>)>,
        rng: &mut StdRng,
    ) -> Option<Rise> {
        let same = |a: &f64, b: &f64| a == b || (a - b).abs() <= 1e-6 * (a.abs() + b.abs());
        let is_same = |other: &Fitted| {
            other.end == fitted.end
                && (other.log_likelihood - fitted.log_likelihood).abs()
                    <= 64.0 * f64::EPSILON * (fitted.log_likelihood.abs() + fitted.count)
                && other.params.iter().zip(&fitted.params).all(|(a, b)| same(a, b))
        };
        if let Some((_, rise)) = checked.iter().find(|(other, _)| is_same(other)) {
            return rise.clone();
        }
        let rise = check::rise(self.problem, fitted, self.scenario.cone, curved, rng);
        checked.push((fitted, rise.clone()));
        rise
    }

    fn wrong(&self, fitted: &Fitted, rise: Option<Rise>, is_right: bool) -> Option<Wrong> {
        match &fitted.end {
            End::NotIdentified(direction) => {
                if rise.is_some() || self.falls_along(fitted, direction) {
                    return Some(Wrong::NoRidge(rise));
                }
                (!is_right).then_some(Wrong::NoClaimLower)
            }
            end if end.is_claim() => {
                if let Some(rise) = rise {
                    return Some(Wrong::FalseClaim(rise));
                }
                if !is_right {
                    return Some(Wrong::Lower);
                }
                None
            }
            _ if is_right => Some(Wrong::NoClaim),
            _ => Some(Wrong::NoClaimLower),
        }
    }

    /// Returns `true` if ℓ at θ is not what the fit says.
    fn is_misstated(&self, fitted: &Fitted) -> bool {
        let mut is_other = false;
        self.problem.explore(&mut |at| {
            is_other = at(&fitted.theta).is_some_and(|here| {
                (here - fitted.log_likelihood).abs() > MISSTATED * here.abs().max(1.0)
            });
        });
        is_other && !fitted.end.is_limit()
    }

    /// Returns `true` if ℓ falls on both sides of what is called a ridge.
    fn falls_along(&self, fitted: &Fitted, direction: &[f64]) -> bool {
        let (length, fall) = ALONG_RIDGE;
        let mut falls = 0;
        self.problem.explore(&mut |at| {
            for side in [length, -length] {
                let theta: Vec<f64> =
                    fitted.theta.iter().zip(direction).map(|(x, d)| x + side * d).collect();
                let below = fitted.log_likelihood - fall * fitted.log_likelihood.abs().max(1.0);
                falls += usize::from(at(&theta).is_some_and(|here| here < below));
            }
        });
        falls == 2
    }
}
