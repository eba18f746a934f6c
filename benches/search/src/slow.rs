//! A slow search by other means than those of the library: the simplexes of Nelder & Mead from many starts, then the
//! quasi-Newton steps of Broyden, Fletcher, Goldfarb & Shanno with difference quotients. It uses values of the
//! log-likelihood and nothing else.

use rand::RngExt;
use rand::rngs::StdRng;

use crate::problem::{Problem, Value};

/// How far θ may go: beyond, correlations are ±1 and variances 0 to rounding.
const FARTHEST: f64 = 18.0;
/// Starts around the truth, by up to this much.
const SPREAD: f64 = 2.0;
const STARTS: usize = 4;

/// A point with its log-likelihood.
#[derive(Clone, Debug)]
pub struct Best {
    pub log_likelihood: f64,
    pub theta: Vec<f64>,
}

/// Maximises from the truth, from zeros and from random starts.
pub fn maximise(at: &mut Value, truth: &[f64], rng: &mut StdRng) -> Best {
    let p = truth.len();
    let bounded = |x: &[f64]| x.iter().zip(truth).all(|(x, t)| (x - t).abs() <= FARTHEST);
    let mut value = |x: &[f64]| if bounded(x) { at(x) } else { None };
    let mut starts = vec![truth.to_vec(), vec![0.0; p]];
    for _ in 0..STARTS {
        starts.push(truth.iter().map(|t| t + rng.random_range(-SPREAD..SPREAD)).collect());
    }
    let mut ends: Vec<Best> = starts
        .iter()
        .map(|start| simplex(&mut value, start, 0.7, 120 * p + 100))
        .filter(|best| best.log_likelihood.is_finite())
        .collect();
    ends.sort_by(|a, b| b.log_likelihood.total_cmp(&a.log_likelihood));
    ends.truncate(3);
    let mut best = Best { log_likelihood: f64::NEG_INFINITY, theta: truth.to_vec() };
    for end in ends {
        let end = quasi_newton(&mut value, &end);
        let again = simplex(&mut value, &end.theta, 0.3, 120 * p + 100);
        let end = if again.log_likelihood > end.log_likelihood { again } else { end };
        let end = quasi_newton(&mut value, &end);
        if end.log_likelihood > best.log_likelihood {
            best = end;
        }
    }
    best
}

/// Climbs from a θ, as far as it leads.
pub fn climb(problem: &dyn Problem, theta: &[f64]) -> f64 {
    let mut reached = f64::NEG_INFINITY;
    let bounded = |x: &[f64]| x.iter().all(|x| x.abs() <= FARTHEST || !x.is_finite());
    problem.explore(&mut |at| {
        // An infinite θₖ stays.
        let mut value = |x: &[f64]| if bounded(x) { at(x) } else { None };
        let mut from = theta.to_vec();
        for size in [1.0, 0.3, -1.0] {
            let best = simplex(&mut value, &from, size, 150 * from.len() + 100);
            reached = reached.max(best.log_likelihood);
            from = best.theta;
        }
    });
    reached
}

/// Maximises `f` by the simplexes of Nelder & Mead (1965, The Computer Journal 7, 308–313), with the coefficients of Gao &
/// Han (2012, Computational Optimization and Applications 51, 259–277) that depend on the number of parameters.
pub fn simplex(f: &mut Value, start: &[f64], size: f64, evaluations: usize) -> Best {
    let p = start.len();
    let n = p.max(2) as f64;
    let (expand, contract, shrink) = (1.0 + 2.0 / n, 0.75 - 0.5 / n, 1.0 - 1.0 / n);
    let mut left = evaluations;
    let mut height = |x: &[f64]| {
        left = left.saturating_sub(1);
        let value = f(x).filter(|value| value.is_finite()).unwrap_or(f64::NEG_INFINITY);
        (value, left > 0)
    };
    let corner = |k: usize| {
        let mut x = start.to_vec();
        if k > 0 {
            x[k - 1] += size;
        }
        x
    };
    let mut points: Vec<(f64, Vec<f64>)> = (0..=p).map(corner).map(|x| (height(&x).0, x)).collect();
    loop {
        points.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (top, bottom) = (points[0].0, points[p].0);
        if top.is_finite() && top - bottom <= 4.0 * f64::EPSILON * top.abs() {
            break;
        }
        let middle: Vec<f64> =
            (0..p).map(|k| points[..p].iter().map(|x| x.1[k]).sum::<f64>() / p as f64).collect();
        let worst = points[p].1.clone();
        let towards = |t: f64| -> Vec<f64> {
            middle
                .iter()
                .zip(&worst)
                .map(|(m, w)| if m == w { *m } else { m + t * (m - w) })
                .collect()
        };
        let reflected = towards(1.0);
        let (value, more) = height(&reflected);
        if !more {
            break;
        }
        if value > top {
            let expanded = towards(expand);
            let (higher, _) = height(&expanded);
            points[p] = if higher > value { (higher, expanded) } else { (value, reflected) };
        } else if value > points[p - 1].0 {
            points[p] = (value, reflected);
        } else {
            let contracted = towards(if value > bottom { contract } else { -contract });
            let (other, _) = height(&contracted);
            if other > value.max(bottom) {
                points[p] = (other, contracted);
            } else {
                let best = points[0].1.clone();
                for (value, x) in points.iter_mut().skip(1) {
                    for (x, b) in x.iter_mut().zip(&best) {
                        if *x != *b {
                            *x = b + shrink * (*x - b);
                        }
                    }
                    *value = height(x).0;
                }
            }
        }
    }
    let (log_likelihood, theta) = points.swap_remove(0);
    Best { log_likelihood, theta }
}

/// Maximises by steps of Broyden, Fletcher, Goldfarb & Shanno (Nocedal & Wright 2006, Numerical Optimization, 6.1).
fn quasi_newton(f: &mut Value, start: &Best) -> Best {
    let p = start.theta.len();
    let mut best = start.clone();
    let Some(mut slope) = gradient(f, &best.theta) else { return best };
    let mut inverse = identity(p);
    for iteration in 0..60 {
        let direction: Vec<f64> = inverse.iter().map(|row| dot(row, &slope)).collect();
        let rise = dot(&direction, &slope);
        if rise <= 1e-14 {
            break;
        }
        let longest = direction.iter().fold(0.0_f64, |a, x| a.max(x.abs()));
        let mut length = (1.0 / longest).min(1.0);
        let mut next = None;
        for _ in 0..25 {
            let x: Vec<f64> =
                best.theta.iter().zip(&direction).map(|(x, d)| x + length * d).collect();
            match f(&x) {
                Some(value) if value > best.log_likelihood + 1e-4 * length * rise => {
                    next = Some(Best { log_likelihood: value, theta: x });
                    break;
                }
                _ => length *= 0.4,
            }
        }
        let Some(next) = next else {
            if iteration > 0 && inverse != identity(p) {
                inverse = identity(p);
                continue;
            }
            break;
        };
        let Some(there) = gradient(f, &next.theta) else { return next };
        let step: Vec<f64> = next.theta.iter().zip(&best.theta).map(|(a, b)| a - b).collect();
        let change: Vec<f64> = slope.iter().zip(&there).map(|(a, b)| a - b).collect();
        let along = dot(&step, &change);
        if along > 1e-12 * dot(&step, &step) {
            let moved: Vec<f64> = inverse.iter().map(|row| dot(row, &change)).collect();
            let factor = (1.0 + dot(&change, &moved) / along) / along;
            for k in 0..p {
                for l in 0..p {
                    inverse[k][l] += factor * step[k] * step[l]
                        - (moved[k] * step[l] + step[k] * moved[l]) / along;
                }
            }
        } else {
            inverse = identity(p);
        }
        (best, slope) = (next, there);
    }
    best
}

fn gradient(f: &mut Value, x: &[f64]) -> Option<Vec<f64>> {
    let mut slope = Vec::with_capacity(x.len());
    for k in 0..x.len() {
        let h = 1e-5 * x[k].abs().max(1.0);
        let mut at = |x_k: f64| {
            let mut there = x.to_vec();
            there[k] = x_k;
            f(&there)
        };
        slope.push((at(x[k] + h)? - at(x[k] - h)?) / (2.0 * h));
    }
    Some(slope)
}

fn identity(p: usize) -> Vec<Vec<f64>> {
    (0..p).map(|k| (0..p).map(|l| f64::from(u8::from(k == l))).collect()).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
