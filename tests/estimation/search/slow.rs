//! A slow search by other means than the library's: Nelder & Mead from many starts, then steps along each parameter. It uses
//! values of the log-likelihood and nothing else.

use covprop::hybrid_array;
use covprop::prelude::*;
use covprop::reml::{Estimation, Observations};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// How far from the middle of the starts a parameter may go: beyond, correlations are ±1 to rounding and the likelihood is noise.
const FARTHEST: f64 = 18.0;

/// The best point of a search.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Best {
    /// The log-likelihood, −∞ if it had no value anywhere.
    pub(crate) log_likelihood: f64,
    /// θ.
    pub(crate) theta: Vec<f64>,
}

/// Maximises `f` by the simplexes of Nelder & Mead (1965, The Computer Journal 7, 308–313), with the coefficients of Gao & Han
/// (2012, Computational Optimization and Applications 51, 259–277) that depend on the number of parameters.
pub(crate) fn simplex(
    f: &mut dyn FnMut(&[f64]) -> Option<f64>,
    start: &[f64],
    size: f64,
    evaluations: usize,
) -> Best {
    let p = start.len();
    let n = p.max(2) as f64;
    let (expand, contract, shrink) = (1.0 + 2.0 / n, 0.75 - 0.5 / n, 1.0 - 1.0 / n);
    let mut left = evaluations;
    let mut height = |x: &[f64]| {
        left = left.saturating_sub(1);
        let value = f(x).filter(|value| value.is_finite()).unwrap_or(f64::NEG_INFINITY);
        (value, left > 0)
    };
    let mut points: Vec<(f64, Vec<f64>)> = (0..=p)
        .map(|k| {
            let mut x = start.to_vec();
            if k > 0 {
                x[k - 1] += size;
            }
            (height(&x).0, x)
        })
        .collect();
    loop {
        points.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (top, bottom) = (points[0].0, points[p].0);
        let width = (0..p).map(|k| (points[p].1[k] - points[0].1[k]).abs()).fold(0.0, f64::max);
        let level = top.is_finite() && top - bottom <= 4.0 * f64::EPSILON * top.abs();
        if level && width <= 1e-7 * size.max(1e-3) || width <= 1e-13 {
            break;
        }
        let middle: Vec<f64> =
            (0..p).map(|k| points[..p].iter().map(|x| x.1[k]).sum::<f64>() / p as f64).collect();
        let towards = |t: f64, worst: &[f64]| -> Vec<f64> {
            middle.iter().zip(worst).map(|(m, w)| m + t * (m - w)).collect()
        };
        let worst = points[p].1.clone();
        let reflected = towards(1.0, &worst);
        let (value, more) = height(&reflected);
        if !more {
            break;
        }
        if value > top {
            let expanded = towards(expand, &worst);
            let (higher, _) = height(&expanded);
            points[p] = if higher > value { (higher, expanded) } else { (value, reflected) };
        } else if value > points[p - 1].0 {
            points[p] = (value, reflected);
        } else {
            let contracted = towards(if value > bottom { contract } else { -contract }, &worst);
            let (other, _) = height(&contracted);
            if other > value.max(bottom) {
                points[p] = (other, contracted);
            } else {
                let best = points[0].1.clone();
                for (value, x) in points.iter_mut().skip(1) {
                    for (x, b) in x.iter_mut().zip(&best) {
                        *x = b + shrink * (*x - b);
                    }
                    *value = height(x).0;
                }
            }
        }
    }
    points.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (log_likelihood, theta) = points.swap_remove(0);
    Best { log_likelihood, theta }
}

/// Raises `best` by steps along each parameter and along the last gain, halved where none rises.
pub(crate) fn polish(f: &mut dyn FnMut(&[f64]) -> Option<f64>, best: &mut Best, size: f64) {
    let p = best.theta.len();
    let mut size = size;
    let mut height = |x: &[f64]| f(x).filter(|x| x.is_finite()).unwrap_or(f64::NEG_INFINITY);
    for _ in 0..4000 {
        if size < 1e-9 {
            return;
        }
        let before = best.clone();
        for k in 0..p {
            for sign in [1.0, -1.0] {
                let mut x = best.theta.clone();
                x[k] += sign * size;
                let value = height(&x);
                if value > best.log_likelihood {
                    *best = Best { log_likelihood: value, theta: x };
                    break;
                }
            }
        }
        if best.log_likelihood > before.log_likelihood {
            // The pattern step of Hooke & Jeeves (1961, Journal of the ACM 8, 212–229).
            let x: Vec<f64> =
                best.theta.iter().zip(&before.theta).map(|(now, was)| now + (now - was)).collect();
            let value = height(&x);
            if value > best.log_likelihood {
                *best = Best { log_likelihood: value, theta: x };
            }
        } else {
            size *= 0.5;
        }
    }
}

/// The best point known of a log-likelihood of P parameters: simplexes from `centers` and from `count` points around them
/// within ±`spread`, each begun anew until that gains nothing, the best of all polished.
pub(crate) fn search(
    f: &mut dyn FnMut(&[f64]) -> Option<f64>,
    centers: &[Vec<f64>],
    spread: f64,
    count: usize,
    seed: u64,
) -> Best {
    let mut rng = StdRng::seed_from_u64(seed);
    let p = centers[0].len();
    let mut best = Best { log_likelihood: f64::NEG_INFINITY, theta: centers[0].clone() };
    for i in 0..centers.len() + count {
        let center = &centers[i % centers.len()];
        let start: Vec<f64> = if i < centers.len() {
            center.clone()
        } else {
            center.iter().map(|x| x + spread * rng.random_range(-1.0..1.0)).collect()
        };
        let mut inside = |x: &[f64]| {
            let far = x.iter().zip(center).any(|(x, c)| (x - c).abs() > FARTHEST);
            if far { None } else { f(x) }
        };
        let mut end = simplex(&mut inside, &start, 0.5 * spread.min(1.0), 200 * p);
        for _ in 0..10 {
            let again = simplex(&mut inside, &end.theta, 0.2 * spread.min(1.0), 200 * p);
            let gain = again.log_likelihood - end.log_likelihood;
            if again.log_likelihood >= end.log_likelihood {
                end = again;
            }
            if gain <= 1e-9 {
                break;
            }
        }
        if end.log_likelihood > best.log_likelihood {
            best = end;
        }
    }
    let start = best.theta.clone();
    let mut near = |x: &[f64]| {
        let far = x.iter().zip(&start).any(|(x, c)| (x - c).abs() > FARTHEST);
        if far { None } else { f(x) }
    };
    polish(&mut near, &mut best, 1e-2);
    best
}

/// θ in the scalar T.
pub(crate) fn theta_of<M: Shape + ?Sized, T: Real>(x: &[f64]) -> Theta<M, T> {
    hybrid_array::Array::<T, M::ParamCount>::from_fn(|k| nalgebra::convert(x[k])).0
}

/// The best point known of an estimation, in θ: from the defaults, from `centers`, and from `count` points around them within
/// ±`spread`.
pub(crate) fn best_of<M, D, T, const N: usize, const K: usize>(
    estimation: &Estimation<'_, M, D, T, N, K>,
    model: &M,
    centers: &[Vec<f64>],
    (spread, count, seed): (f64, usize, u64),
) -> Best
where
    T: Real + Into<f64>,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    let mut all = vec![model.defaults().as_ref().to_vec()];
    all.extend(centers.iter().filter(|x| x.iter().all(|x| x.is_finite())).cloned());
    estimation
        .explore(|likelihood| {
            let mut at = |x: &[f64]| {
                let here = likelihood.at(&theta_of::<M, T>(x)).ok()?;
                Some(here.log_likelihood().into())
            };
            Ok(search(&mut at, &all, spread, count, seed))
        })
        .unwrap()
}
