//! Implementations of `defmt::Format` for types that cannot derive it: texts, numbers, and reports
//! with one number for each parameter.

use defmt::{Format, Formatter, write};

use crate::algebra::shape::Shape;
use crate::base::error::number::Number;
use crate::base::error::text::Text;
use crate::kalman::filter::Innovation;
use crate::kalman::fit::StateSpaceFit;
use crate::optimise::outcome::{Outcome, Progress};
use crate::reml::fit::Fit;

impl Format for Text {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "{=str}", self.as_str());
    }
}

impl Format for Number {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "{=f64}", self.value());
    }
}

impl<M: Shape + ?Sized, T: Format> Format for Outcome<M, T> {
    #[expect(clippy::match_same_arms, reason = "to clippy, interned strings are all the same")]
    fn format(&self, f: Formatter<'_>) {
        match self {
            Self::Converged => write!(f, "Converged"),
            Self::Boundary(edges) => write!(f, "Boundary({=[?]})", edges.as_ref()),
            Self::NotIdentified(combination) => {
                write!(f, "NotIdentified({=[?]})", combination.as_ref());
            }
            Self::MaxIterations => write!(f, "MaxIterations"),
            Self::Stalled => write!(f, "Stalled"),
        }
    }
}

impl<M: Shape + ?Sized, T: Format> Format for Progress<'_, M, T> {
    fn format(&self, f: Formatter<'_>) {
        write!(
            f,
            "Progress {{ iteration: {=usize}, theta: {=[?]}, step: {=[?]}, log_likelihood: {}, score_norm: {} }}",
            self.iteration,
            self.theta.as_ref(),
            self.step.as_ref(),
            self.log_likelihood,
            self.score_norm,
        );
    }
}

impl<M: Shape, T: Format, const N: usize, const K: usize> Format for Fit<'_, M, T, N, K> {
    fn format(&self, f: Formatter<'_>) {
        write!(
            f,
            "Fit {{ criterion: {}, outcome: {}, iterations: {=usize}, observations: {=usize}, theta: {=[?]}, params: {=[?]}, \
             beta: {=[?]}, log_likelihood: {} }}",
            self.criterion,
            self.outcome,
            self.iterations,
            self.observations,
            self.theta.as_ref(),
            self.params.as_ref(),
            self.beta.as_slice(),
            self.log_likelihood,
        );
    }
}

impl<M: Shape, T: Format> Format for StateSpaceFit<'_, M, T> {
    fn format(&self, f: Formatter<'_>) {
        write!(
            f,
            "StateSpaceFit {{ outcome: {}, iterations: {=usize}, observations: {=usize}, theta: {=[?]}, params: {=[?]}, \
             log_likelihood: {} }}",
            self.outcome,
            self.iterations,
            self.observations,
            self.theta.as_ref(),
            self.params.as_ref(),
            self.log_likelihood,
        );
    }
}

impl<T: Format, const O: usize> Format for Innovation<T, O> {
    fn format(&self, f: Formatter<'_>) {
        write!(
            f,
            "Innovation {{ value: {=[?]}, covariance: {=[?]}, standardised: {=[?]}, log_density: {} }}",
            self.value.as_slice(),
            self.covariance.as_slice(),
            self.standardised.as_slice(),
            self.log_density,
        );
    }
}
