//! The column of fits that a function returns.

use std::sync::Arc;

use covprop::prelude::*;
use covprop::reml::{Estimation, Observations};
use datafusion::arrow::array::{
    ArrayRef, Float64Builder, ListBuilder, StringBuilder, StructArray, UInt64Builder,
};
use datafusion::arrow::datatypes::{DataType, Field, Fields};

use crate::visits::list_of_numbers;

/// The fields of a fit, in the order of the columns of a [`Report`].
fn fields() -> Fields {
    let numbers = list_of_numbers();
    let field = |name: &str, data_type: DataType| Field::new(name, data_type, true);
    Fields::from(vec![
        field("outcome", DataType::Utf8),
        field("theta", numbers.clone()),
        field("params", numbers.clone()),
        field("beta", numbers.clone()),
        field("standard_errors", numbers.clone()),
        field("degrees_of_freedom", numbers),
        field("log_likelihood", DataType::Float64),
        field("observations", DataType::UInt64),
        field("steps", DataType::UInt64),
        field("decrement", DataType::Float64),
        field("smallest_eigenvalue", DataType::Float64),
        field("error", DataType::Utf8),
    ])
}

/// The type of a fit.
pub(crate) fn fit_type() -> DataType {
    DataType::Struct(fields())
}

/// Fits that are written one after another.
#[derive(Default)]
pub(crate) struct Report {
    outcome: StringBuilder,
    theta: ListBuilder<Float64Builder>,
    params: ListBuilder<Float64Builder>,
    beta: ListBuilder<Float64Builder>,
    standard_errors: ListBuilder<Float64Builder>,
    degrees_of_freedom: ListBuilder<Float64Builder>,
    log_likelihood: Float64Builder,
    observations: UInt64Builder,
    steps: UInt64Builder,
    decrement: Float64Builder,
    smallest_eigenvalue: Float64Builder,
    error: StringBuilder,
}

impl Report {
    /// Fits a model by restricted maximum likelihood, and writes the fit.
    ///
    /// # Errors
    ///
    /// The error of the estimation. Nothing was then written.
    pub(crate) fn fit<V, D, const N: usize, const K: usize>(
        &mut self,
        estimation: &Estimation<'_, V, D, f64, N, K>,
    ) -> Result<(), covprop::Error>
    where
        V: ParamMatrix<f64, N, N>,
        D: Observations<V, f64, N, K>,
    {
        let fit = estimation.fit()?;
        let coefficients = estimation.inference(&fit).map(|inference| inference.coefficients());
        self.outcome.append_value(outcome_name(&fit.outcome));
        append(&mut self.theta, fit.theta.as_ref().iter().copied().map(Some));
        append(&mut self.params, fit.params.as_ref().iter().copied().map(Some));
        let estimable = fit.beta.iter().zip(&fit.undetermined);
        append(&mut self.beta, estimable.map(|(&beta, &unknown)| (!unknown).then_some(beta)));
        let contrast = |k: usize| coefficients.as_ref().ok()?[k].as_ref().ok();
        append(&mut self.standard_errors, (0..K).map(|k| Some(contrast(k)?.standard_error)));
        append(&mut self.degrees_of_freedom, (0..K).map(|k| Some(contrast(k)?.degrees_of_freedom)));
        self.log_likelihood.append_value(fit.log_likelihood);
        self.observations.append_value(fit.observations as u64);
        self.steps.append_value(fit.iterations as u64);
        let certificate = fit.certificate();
        self.decrement.append_value(certificate.decrement);
        self.smallest_eigenvalue.append_value(certificate.smallest_eigenvalue);
        self.error.append_null();
        Ok(())
    }

    /// Writes a fit that consists of an error only.
    pub(crate) fn append_error(&mut self, error: &str) {
        self.append_absent();
        self.error.append_value(error);
    }

    /// Writes a fit of nothing: all fields are null.
    pub(crate) fn append_null(&mut self) {
        self.append_absent();
        self.error.append_null();
    }

    fn append_absent(&mut self) {
        self.outcome.append_null();
        let lists = [
            &mut self.theta,
            &mut self.params,
            &mut self.beta,
            &mut self.standard_errors,
            &mut self.degrees_of_freedom,
        ];
        lists.into_iter().for_each(ListBuilder::append_null);
        self.log_likelihood.append_null();
        self.observations.append_null();
        self.steps.append_null();
        self.decrement.append_null();
        self.smallest_eigenvalue.append_null();
    }

    /// Returns the fits as a column of type [`fit_type`].
    pub(crate) fn finish(mut self) -> ArrayRef {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.outcome.finish()),
            Arc::new(self.theta.finish()),
            Arc::new(self.params.finish()),
            Arc::new(self.beta.finish()),
            Arc::new(self.standard_errors.finish()),
            Arc::new(self.degrees_of_freedom.finish()),
            Arc::new(self.log_likelihood.finish()),
            Arc::new(self.observations.finish()),
            Arc::new(self.steps.finish()),
            Arc::new(self.decrement.finish()),
            Arc::new(self.smallest_eigenvalue.finish()),
            Arc::new(self.error.finish()),
        ];
        Arc::new(StructArray::new(fields(), columns, None))
    }
}

/// Writes a list of numbers.
fn append(to: &mut ListBuilder<Float64Builder>, numbers: impl Iterator<Item = Option<f64>>) {
    numbers.for_each(|number| to.values().append_option(number));
    to.append(true);
}

/// Returns the name of an outcome in the column `outcome`.
fn outcome_name<M: Shape + ?Sized, T>(outcome: &Outcome<M, T>) -> &'static str {
    match outcome {
        Outcome::Converged => "converged",
        Outcome::Boundary(_) => "boundary",
        Outcome::NotIdentified(_) => "not identified",
        Outcome::MaxIterations => "iteration limit",
        Outcome::Stalled => "stalled",
    }
}
