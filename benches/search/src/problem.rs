//! One data set under one model, without the types of its dimensions.

use covprop::Error;
use covprop::kalman::StateSpaceEstimation;
use covprop::prelude::*;
use covprop::reml::{Estimation, Observations};
use covprop::transform::TransformVisitor;

/// How a fit ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    Converged,
    Boundary(Vec<Option<Edge>>),
    /// A boundary that is a limit at infinity: θ is finite, and the log-likelihood is extrapolated.
    Limit(Vec<Option<Edge>>),
    /// With the direction of the ridge.
    NotIdentified(Vec<f64>),
    MaxIterations,
    Stalled,
}

impl End {
    /// Returns `true` if a limit at infinity is claimed.
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::Limit(_))
    }

    /// Returns `true` if a maximum is claimed.
    pub fn is_claim(&self) -> bool {
        matches!(self, Self::Converged | Self::Boundary(_) | Self::Limit(_))
    }
}

/// A fit.
#[derive(Clone, Debug)]
pub struct Fitted {
    pub end: End,
    pub theta: Vec<f64>,
    /// The parameters on their natural scale.
    pub params: Vec<f64>,
    pub log_likelihood: f64,
    pub iterations: usize,
    /// The number of observations.
    pub count: f64,
}

/// A log-likelihood: its value at a θ, `None` where it has none.
pub type Value<'f> = dyn FnMut(&[f64]) -> Option<f64> + 'f;

/// A data set under a model.
pub trait Problem {
    /// Fits from a start, or from the default one.
    fn fit(&self, start: Option<&[f64]>) -> Result<Fitted, Error>;

    /// Calls `f` with the log-likelihood.
    fn explore(&self, f: &mut dyn FnMut(&mut Value));

    /// Returns θₖ for a parameter on its natural scale.
    fn inverse(&self, k: usize, eta: f64) -> Option<f64>;
}

/// One response vector.
pub struct Single<M, const N: usize, const K: usize> {
    pub model: Marginal<M>,
    pub x: SMatrix<f64, N, K>,
    pub y: SVector<f64, N>,
}

/// Independent subjects.
pub struct Subjects<M, const N: usize, const K: usize, const PATTERNS: usize> {
    pub panel: Panel<Marginal<M>, f64, N, K, PATTERNS>,
    pub model: M,
}

/// A series under a state-space model.
pub struct Series<M, const S: usize> {
    pub model: M,
    pub covariance: SMatrix<f64, S, S>,
    pub y: Vec<Option<SVector<f64, 1>>>,
}

impl<M: ParamMatrix<f64, N, N>, const N: usize, const K: usize> Problem for Single<M, N, K> {
    fn fit(&self, start: Option<&[f64]>) -> Result<Fitted, Error> {
        fit(self.model.estimation(&self.x, &self.y)?, self.model.covariance(), start)
    }

    fn explore(&self, f: &mut dyn FnMut(&mut Value)) {
        let estimation = self.model.estimation(&self.x, &self.y);
        explore(&estimation.expect("an estimation"), self.model.covariance(), f);
    }

    fn inverse(&self, k: usize, eta: f64) -> Option<f64> {
        self.model.covariance().visit_transform(k, Inverse(eta))
    }
}

impl<M, const N: usize, const K: usize, const PATTERNS: usize> Problem
    for Subjects<M, N, K, PATTERNS>
where
    M: ParamMatrix<f64, N, N>,
{
    fn fit(&self, start: Option<&[f64]>) -> Result<Fitted, Error> {
        fit(self.panel.estimation()?, &self.model, start)
    }

    fn explore(&self, f: &mut dyn FnMut(&mut Value)) {
        explore(&self.panel.estimation().expect("an estimation"), &self.model, f);
    }

    fn inverse(&self, k: usize, eta: f64) -> Option<f64> {
        self.model.visit_transform(k, Inverse(eta))
    }
}

impl<M: LinearGaussian<f64, S, 1>, const S: usize> Series<M, S> {
    fn estimation(&self) -> StateSpaceEstimation<'_, '_, M, f64, S, 1> {
        let mean = SVector::zeros();
        self.model.estimation(&mean, &self.covariance, &self.y).expect("an estimation")
    }
}

impl<M: LinearGaussian<f64, S, 1>, const S: usize> Problem for Series<M, S> {
    fn fit(&self, start: Option<&[f64]>) -> Result<Fitted, Error> {
        let mut estimation = self.estimation();
        if let Some(start) = start {
            estimation = estimation.with_start(theta_of(&self.model, start));
        }
        let fit = estimation.fit()?;
        Ok(Fitted {
            end: end(&fit.outcome, fit.theta.as_ref()),
            theta: fit.theta.as_ref().to_vec(),
            params: fit.params.as_ref().to_vec(),
            log_likelihood: fit.log_likelihood,
            iterations: fit.iterations,
            count: fit.observations as f64,
        })
    }

    fn explore(&self, f: &mut dyn FnMut(&mut Value)) {
        let estimation = self.estimation();
        f(&mut |theta| estimation.log_likelihood(&theta_of(&self.model, theta)).ok());
    }

    fn inverse(&self, k: usize, eta: f64) -> Option<f64> {
        self.model.visit_transform(k, Inverse(eta))
    }
}

fn fit<M, D, const N: usize, const K: usize>(
    estimation: Estimation<'_, M, D, f64, N, K>,
    model: &M,
    start: Option<&[f64]>,
) -> Result<Fitted, Error>
where
    M: ParamMatrix<f64, N, N>,
    D: Observations<M, f64, N, K>,
{
    let fit = match start {
        Some(start) => estimation.with_start(theta_of(model, start)).fit()?,
        None => estimation.fit()?,
    };
    Ok(Fitted {
        end: end(&fit.outcome, fit.theta.as_ref()),
        theta: fit.theta.as_ref().to_vec(),
        params: fit.params.as_ref().to_vec(),
        log_likelihood: fit.log_likelihood,
        iterations: fit.iterations,
        count: fit.observations as f64,
    })
}

fn explore<M, D, const N: usize, const K: usize>(
    estimation: &Estimation<'_, M, D, f64, N, K>,
    model: &M,
    f: &mut dyn FnMut(&mut Value),
) where
    M: ParamMatrix<f64, N, N>,
    D: Observations<M, f64, N, K>,
{
    let explored = estimation.explore(|likelihood| {
        f(&mut |theta| Some(likelihood.at(&theta_of(model, theta)).ok()?.log_likelihood()));
        Ok(())
    });
    explored.expect("no error of its own");
}

fn end<M: Shape>(outcome: &Outcome<M, f64>, theta: &[f64]) -> End {
    match outcome {
        Outcome::Converged => End::Converged,
        Outcome::Boundary(edges) => {
            let at_infinity = edges.as_ref().iter().zip(theta).any(|(edge, theta)| {
                matches!(edge, Some(Edge::Lower | Edge::Upper)) && theta.is_finite()
            });
            let edges = edges.as_ref().to_vec();
            if at_infinity { End::Limit(edges) } else { End::Boundary(edges) }
        }
        Outcome::NotIdentified(direction) => End::NotIdentified(direction.as_ref().to_vec()),
        Outcome::MaxIterations => End::MaxIterations,
        Outcome::Stalled => End::Stalled,
    }
}

/// Returns θ of a model from a slice.
pub fn theta_of<M: Shape>(model: &M, theta: &[f64]) -> Theta<M, f64> {
    let mut out = model.defaults();
    out.as_mut().copy_from_slice(theta);
    out
}

/// Computes the θₖ of a parameter.
struct Inverse(f64);

impl TransformVisitor for Inverse {
    type Output = Option<f64>;

    fn visit<F: Transform>(self, transform: &F) -> Option<f64> {
        transform.inverse(self.0)
    }
}
