//! A structure without its type, and how it is fitted.

use covprop::algebra::Scale;
use covprop::optimise::{Certificate, Stop};
use covprop::prelude::*;
use covprop::reml::{Estimation, Observations};
use covprop::{Error, hybrid_array};
use nalgebra::{DMatrix, convert, try_convert};

use super::data::{At, Data, K, Likelihood, Subject, definite};

/// What a family is closed under beyond a change of the unit of y.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// Units of single rows.
    Rows,
    /// The unit of distances or covariates.
    Distances,
    /// The unit of a column of Z.
    Designs,
}

/// A fit of data.
pub(crate) type Fit = fn(&Data) -> Result<Found, String>;

/// A row of the table.
pub(crate) struct Structure {
    pub(crate) name: &'static str,
    pub(crate) closed: &'static [Closed],
    pub(crate) double: Fit,
    pub(crate) single: Option<Fit>,
    /// V of which the data of a subject are simulated.
    pub(crate) truth: fn(usize) -> DMatrix<f64>,
    /// `true` if subjects have designs of their own.
    pub(crate) is_own: bool,
}

/// A fit as numbers.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The outcome, without the direction of a ridge.
    pub(crate) outcome: String,
    pub(crate) iterations: usize,
    pub(crate) names: Vec<String>,
    pub(crate) theta: Vec<f64>,
    pub(crate) params: Vec<f64>,
    /// θ of the parameters that are not on a bound.
    pub(crate) inverse: Result<Vec<f64>, String>,
    /// The power of the unit of y with which each parameter grows, and whether V then has degree two.
    pub(crate) degrees: Vec<f64>,
    pub(crate) is_homogeneous: bool,
    pub(crate) beta: Vec<f64>,
    pub(crate) log_likelihood: f64,
    /// V, or the covariances of the noises of a state-space model.
    pub(crate) v: DMatrix<f64>,
}

fn float<T: Real>(x: T) -> f64 {
    try_convert(x).unwrap()
}

fn floats<T: Real>(x: &[T]) -> Vec<f64> {
    x.iter().map(|&x| float(x)).collect()
}

fn dense<T: Real, const R: usize, const C: usize>(m: &SMatrix<T, R, C>) -> DMatrix<f64> {
    DMatrix::from_fn(R, C, |i, j| float(m[(i, j)]))
}

fn outcome<M: Shape, T: Real>(outcome: &Outcome<M, T>) -> String {
    match outcome {
        Outcome::Converged => "Converged".to_owned(),
        Outcome::Boundary(edges) => format!("Boundary {:?}", edges.as_ref()),
        Outcome::NotIdentified(_) => "NotIdentified".to_owned(),
        Outcome::MaxIterations => "MaxIterations".to_owned(),
        Outcome::Stalled => "Stalled".to_owned(),
    }
}

/// Returns why the certificate does not support the outcome.
fn unsupported<M: Shape, T: Real>(
    outcome: &Outcome<M, T>,
    certificate: &Certificate<M::ParamCount, T>,
) -> Result<(), String> {
    let part_of_precision = |power: f64| float(T::default_epsilon()).powf(power);
    let stopped = matches!(certificate.stop, Stop::Decrement | Stop::Rounding);
    let is_small = float(certificate.decrement) <= part_of_precision(0.5);
    let is_interior = certificate.multipliers.iter().all(Option::is_none);
    let falls = float(certificate.smallest_eigenvalue) >= -part_of_precision(1.0 / 3.0);
    let has_limit = certificate.limit.iter().any(|x| !x.is_zero());
    let goes = |k: usize| outcome.edge(k).is_some() || certificate.limit[k].is_zero();
    let supported = match outcome {
        Outcome::Converged => stopped && is_small && is_interior && falls && !has_limit,
        Outcome::Boundary(_) if has_limit => {
            certificate.stop == Stop::Limit && (0..certificate.limit.len()).all(goes)
        }
        Outcome::Boundary(_) => stopped && is_small && falls,
        Outcome::NotIdentified(_) => stopped && is_small && !has_limit,
        Outcome::MaxIterations => certificate.stop == Stop::MaxIterations,
        Outcome::Stalled => certificate.stop == Stop::NoRise,
    };
    if supported { Ok(()) } else { Err(format!("{outcome:?} is claimed by {certificate:?}")) }
}

fn names_and_degrees<M: Shape>(model: &M) -> (Vec<String>, bool, Vec<f64>) {
    let names: Vec<String> = model.param_names().map(|name| name.to_string()).collect();
    let mut scales = vec![Scale::default(); names.len()];
    let is_homogeneous = model.scales(2.0, &mut scales);
    (names, is_homogeneous, scales.iter().map(|scale| scale.degree).collect())
}

/// Fits a panel.
pub(crate) fn fit<M, T, const N: usize>(model: M, data: &Data) -> Result<Found, String>
where
    T: Real,
    M: ParamMatrix<T, N, N> + Copy,
{
    let error = |error: Error| error.to_string();
    let marginal = Marginal::new::<N>(model);
    let mut panels: Vec<_> = (0..data.parts).map(|_| Panel::<_, T, N, K>::new(marginal)).collect();
    for (i, subject) in data.subjects.iter().enumerate() {
        let (x, y) = subject.numbers();
        panels[i % data.parts].push(&x, &y).map_err(error)?;
    }
    let mut panels = panels.into_iter();
    let mut panel = panels.next().unwrap();
    for other in panels {
        panel.merge(&other).map_err(error)?;
    }
    found(panel.estimation().map_err(error)?, &model, data)
}

/// Maximises a likelihood.
pub(crate) fn found<M, D, T, const N: usize>(
    estimation: Estimation<'_, M, D, T, N, K>,
    model: &M,
    data: &Data,
) -> Result<Found, String>
where
    T: Real,
    M: ParamMatrix<T, N, N>,
    D: Observations<M, T, N, K>,
{
    let error = |error: Error| error.to_string();
    let (names, is_homogeneous, degrees) = names_and_degrees(model);
    let is_ml = data.likelihood == Likelihood::Ml;
    let estimation = if is_ml { estimation.with_criterion(Criterion::Ml) } else { estimation };
    let estimation = match data.start {
        Some(part) => estimation.with_start(near_default(model, part)),
        None => estimation,
    };
    let fit = estimation.fit().map_err(error)?;
    unsupported(&fit.outcome, fit.certificate())?;
    Ok(Found {
        outcome: outcome(&fit.outcome),
        iterations: fit.iterations,
        names,
        theta: floats(fit.theta.as_ref()),
        params: floats(fit.params.as_ref()),
        inverse: {
            let inside = model.params(&defaults::<M, T>(model));
            inverse::<M, T>(&fit.outcome, [&fit.theta, &fit.params, &inside], |params| {
                model.theta_from_params(params)
            })
        },
        degrees,
        is_homogeneous,
        beta: floats(fit.beta.as_slice()),
        log_likelihood: float(fit.log_likelihood),
        v: dense(&model.value(&fit.theta)),
    })
}

impl Subject {
    /// Returns X and y.
    pub(crate) fn numbers<T: Real, const N: usize>(&self) -> (SMatrix<T, N, K>, SVector<T, N>) {
        let x = SMatrix::from_fn(|row, col| convert(self.x[row][col]));
        (x, SVector::from_fn(|row, _| convert(self.y[row])))
    }
}

fn defaults<M: Shape, T: Real>(model: &M) -> Theta<M, T> {
    let defaults = model.defaults();
    hybrid_array::Array::<T, M::ParamCount>::from_fn(|k| convert(defaults.as_ref()[k])).0
}

/// The θ of the parameters of a fit, those on a bound replaced by others inside.
fn inverse<M: Shape, T: Real>(
    outcome: &Outcome<M, T>,
    [theta, params, inside]: [&Theta<M, T>; 3],
    theta_from_params: impl FnOnce(&Theta<M, T>) -> Result<Theta<M, T>, Error>,
) -> Result<Vec<f64>, String> {
    let inner = hybrid_array::Array::<T, M::ParamCount>::from_fn(|k| {
        let is_inside = theta.as_ref()[k].is_finite() && outcome.edge(k).is_none();
        if is_inside { params.as_ref()[k] } else { inside.as_ref()[k] }
    });
    let theta = theta_from_params(&inner.0).map_err(|error| error.to_string())?;
    Ok(floats(theta.as_ref()))
}

/// θ near the default, other in each parameter.
fn near_default<M: Shape, T: Real>(model: &M, part: f64) -> Theta<M, T> {
    let defaults = model.defaults();
    let defaults = defaults.as_ref();
    hybrid_array::Array::<T, M::ParamCount>::from_fn(|k| {
        convert(defaults[k] + part * (2.0 * k as f64 + 1.0).sin())
    })
    .0
}

pub(crate) fn truth<M: ParamMatrix<f64, N, N>, const N: usize>(model: &M) -> DMatrix<f64> {
    definite([0.4, 0.2, 0.1, 0.0].map(|part| dense(&model.value(&near_default(model, part)))))
}

/// The variances of the state at the first number of a series, in the unit 1.
fn first<const S: usize>(at: At) -> SMatrix<f64, S, S> {
    // A velocity per unit of time.
    let root = |i: usize| if i == 0 { 1.0 } else { at.distance.recip() };
    SMatrix::from_diagonal(&SVector::from_fn(|i, _| VARIANCE * at.known * root(i) * root(i)))
}

/// Fits a series of numbers.
pub(crate) fn fit_series<M, T, const S: usize>(model: &M, data: &Data) -> Result<Found, String>
where
    T: Real,
    M: LinearGaussian<T, S, 1>,
{
    let error = |error: Error| error.to_string();
    let (names, _, degrees) = names_and_degrees(model);
    let series: Vec<Option<SVector<T, 1>>> =
        data.subjects[0].y.iter().map(|&y| Some(SVector::<T, 1>::new(convert(y)))).collect();
    let first = first::<S>(data.at).map(convert);
    let fit = model.fit(&SVector::zeros(), &first, &series).map_err(error)?;
    let system = model.system(&fit.theta);
    let mut v = DMatrix::zeros(S + 1, S + 1);
    v.view_mut((0, 0), (S, S)).copy_from(&dense(&system.process_noise));
    v[(S, S)] = float(system.measurement_noise[0]);
    unsupported(&fit.outcome, fit.certificate())?;
    Ok(Found {
        outcome: outcome(&fit.outcome),
        iterations: fit.iterations,
        names,
        theta: floats(fit.theta.as_ref()),
        params: floats(fit.params.as_ref()),
        inverse: {
            let inside = model.params(&defaults::<M, T>(model));
            inverse::<M, T>(&fit.outcome, [&fit.theta, &fit.params, &inside], |params| {
                model.theta_from_params(params)
            })
        },
        degrees,
        is_homogeneous: true,
        beta: Vec::new(),
        log_likelihood: float(fit.log_likelihood),
        v,
    })
}

const VARIANCE: f64 = 100.0;
/// Numbers of a series.
const STEPS: usize = 30;

/// The covariance matrix of the numbers of a series.
pub(crate) fn truth_of_series<M, const S: usize>(model: &M) -> DMatrix<f64>
where
    M: LinearGaussian<f64, S, 1>,
{
    let system = model.system(&near_default(model, 0.4));
    let mut state = first::<S>(At { distance: 1.0, known: 1.0 });
    let mut v = DMatrix::zeros(STEPS, STEPS);
    for t in 0..STEPS {
        // Cov(x_u, x_t) = F^(u − t) P_t
        let mut across = state;
        for u in t..STEPS {
            let y = system.observation * across * system.observation.transpose();
            v[(t, u)] = y[0];
            v[(u, t)] = y[0];
            across = system.transition * across;
        }
        v[(t, t)] += system.measurement_noise[0];
        state = system.transition * state * system.transition.transpose() + system.process_noise;
    }
    v
}

impl At {
    /// Distances and covariates in this unit.
    pub(crate) fn units<const N: usize>(self, x: [f64; N]) -> [f64; N] {
        x.map(|x| x * self.distance)
    }

    /// A known covariance matrix in this unit.
    pub(crate) fn known<T: Real, const N: usize>(self, v: SMatrix<f64, N, N>) -> SMatrix<T, N, N> {
        v.map(|v| convert(v * self.known))
    }
}
