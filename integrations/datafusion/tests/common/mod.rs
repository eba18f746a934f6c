//! Growth curves of simulated children, as batches of Arrow and as plain numbers.

#![allow(dead_code, reason = "no test uses all")]

use std::sync::Arc;

use covprop::prelude::*;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Float64Builder, Int64Array, ListBuilder, RecordBatch,
};
use datafusion::arrow::datatypes::Float64Type;
use datafusion::error::Result;
use datafusion::prelude::*;

pub const N: usize = 4;

pub type Line = SMatrix<f64, N, 2>;

pub fn line(x: &[f64; N]) -> Line {
    Line::from_fn(|i, j| if j == 0 { 1.0 } else { x[i] })
}

pub type Growth = MixedModel<CovariancePropagation<Line, LogCholeskyMatrix<2>>, ScalarMatrix<N>>;

/// Random intercepts and slopes.
pub fn growth(x: &[f64; N]) -> Growth {
    MixedModel::new(line(x), LogCholeskyMatrix::new(), ScalarMatrix::new())
}

pub const TIMES: [f64; N] = [0.0, 1.0, 2.0, 3.0];

#[derive(Clone, Copy, Debug)]
pub struct Child {
    pub group: i64,
    pub subject: i64,
    pub x: [f64; N],
    pub y: [Option<f64>; N],
}

/// Pseudo-random numbers in (0, 1) by the SplitMix64 of Steele, Lea & Flood 2014.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 + f64::EPSILON / 4.0
    }

    /// A standard normal number by the sum of twelve uniform ones.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// Children in groups, of whom some miss visits. `shift` moves the times of each child.
pub fn children(groups: i64, subjects: i64, shift: f64) -> Vec<Child> {
    let mut random = Random(7);
    let mut list = Vec::new();
    for group in 0..groups {
        for subject in 0..subjects {
            let (level, slope) = (10.0 + random.normal(), 2.0 + 0.5 * random.normal());
            let x = TIMES.map(|t| t + shift * random.next());
            let y = x.map(|x| {
                let y = level + slope * x + 0.3 * random.normal();
                (random.next() < 0.9).then_some(y)
            });
            list.push(Child { group, subject, x, y });
        }
    }
    list
}

/// Returns the children in another order.
pub fn shuffled(mut list: Vec<Child>, seed: u64) -> Vec<Child> {
    let mut random = Random(seed);
    for i in (1..list.len()).rev() {
        list.swap(i, (random.next() * (i + 1) as f64) as usize);
    }
    list
}

/// The columns g, subject, x and y.
pub fn batch(list: &[Child]) -> Result<RecordBatch> {
    let mut x = ListBuilder::new(Float64Builder::new());
    let mut y = ListBuilder::new(Float64Builder::new());
    for child in list {
        x.values().append_slice(&child.x);
        x.append(true);
        child.y.iter().for_each(|&value| y.values().append_option(value));
        y.append(true);
    }
    let columns: [(&str, ArrayRef); 4] = [
        ("g", Arc::new(Int64Array::from_iter_values(list.iter().map(|child| child.group)))),
        ("subject", Arc::new(Int64Array::from_iter_values(list.iter().map(|child| child.subject)))),
        ("x", Arc::new(x.finish())),
        ("y", Arc::new(y.finish())),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}

/// A context with a table of children, split into partitions.
pub fn context(list: &[Child], partitions: usize, batch_size: usize) -> Result<SessionContext> {
    let config =
        SessionConfig::new().with_target_partitions(partitions).with_batch_size(batch_size);
    let context = SessionContext::new_with_config(config);
    register_children(&context, list, partitions)?;
    Ok(context)
}

pub fn register_children(
    context: &SessionContext,
    list: &[Child],
    partitions: usize,
) -> Result<()> {
    let parts = list.chunks(list.len().div_ceil(partitions).max(1));
    let batches: Vec<Vec<RecordBatch>> =
        parts.map(|part| Ok(vec![batch(part)?])).collect::<Result<_>>()?;
    let schema = batches[0][0].schema();
    let table = datafusion::datasource::MemTable::try_new(schema, batches)?;
    context.register_table("children", Arc::new(table))?;
    Ok(())
}

/// The numbers of a fit, as bits: two runs must agree in each of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    pub group: i64,
    pub outcome: Option<String>,
    pub bits: Vec<Option<u64>>,
    pub error: Option<String>,
}

/// The columns g and fit of a query, ordered by g.
pub async fn numbers(context: &SessionContext, query: &str) -> Result<Vec<Numbers>> {
    let batches = context.sql(query).await?.collect().await?;
    let mut all = Vec::new();
    for batch in &batches {
        let groups = batch.column(0).as_primitive::<datafusion::arrow::datatypes::Int64Type>();
        let fits = batch.column(1).as_struct();
        let text = |name: &str, row: usize| {
            let column = fits.column_by_name(name).unwrap().as_string::<i32>();
            column.is_valid(row).then(|| column.value(row).to_owned())
        };
        for row in 0..batch.num_rows() {
            let mut bits = Vec::new();
            for name in ["theta", "params", "beta", "standard_errors", "degrees_of_freedom"] {
                let lists = fits.column_by_name(name).unwrap().as_list::<i32>();
                if lists.is_null(row) {
                    bits.push(None);
                    continue;
                }
                let list = lists.value(row);
                bits.extend(list.as_primitive::<Float64Type>().iter().map(|x| x.map(f64::to_bits)));
            }
            for name in ["log_likelihood", "decrement", "smallest_eigenvalue"] {
                let column = fits.column_by_name(name).unwrap().as_primitive::<Float64Type>();
                bits.push(column.is_valid(row).then(|| column.value(row).to_bits()));
            }
            let (group, outcome, error) =
                (groups.value(row), text("outcome", row), text("error", row));
            all.push(Numbers { group, outcome, bits, error });
        }
    }
    all.sort_by_key(|numbers| numbers.group);
    Ok(all)
}

/// The numbers of a fit by covprop itself.
pub fn of_estimation<V, D, const K: usize>(
    group: i64,
    estimation: &covprop::reml::Estimation<'_, V, D, f64, N, K>,
) -> Numbers
where
    V: ParamMatrix<f64, N, N>,
    D: covprop::reml::Observations<V, f64, N, K>,
{
    let fit = estimation.fit().unwrap();
    let mut bits: Vec<Option<f64>> = Vec::new();
    bits.extend(fit.theta.as_ref().iter().map(|&x| Some(x)));
    bits.extend(fit.params.as_ref().iter().map(|&x| Some(x)));
    bits.extend(fit.beta.iter().map(|&x| Some(x)));
    let tests = estimation.inference(&fit).map(|inference| inference.coefficients());
    let contrast = |k: usize| tests.as_ref().ok()?[k].as_ref().ok();
    bits.extend((0..K).map(|k| Some(contrast(k)?.standard_error)));
    bits.extend((0..K).map(|k| Some(contrast(k)?.degrees_of_freedom)));
    let certificate = fit.certificate();
    bits.extend(
        [fit.log_likelihood, certificate.decrement, certificate.smallest_eigenvalue].map(Some),
    );
    let outcome = match fit.outcome {
        Outcome::Converged => "converged",
        Outcome::Boundary(_) => "boundary",
        Outcome::NotIdentified(_) => "not identified",
        Outcome::MaxIterations => "iteration limit",
        Outcome::Stalled => "stalled",
    };
    Numbers {
        group,
        outcome: Some(outcome.to_owned()),
        bits: bits.into_iter().map(|x| x.map(f64::to_bits)).collect(),
        error: None,
    }
}
