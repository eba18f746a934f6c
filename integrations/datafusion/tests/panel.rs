//! Panels by SQL: sums, their states, and fits of states.

mod common;

use std::sync::Arc;

use covprop::prelude::*;
use covprop_datafusion::{PanelFunctions, panel};
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::error::Result;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::prelude::*;

use common::{Child, N, TIMES, children, growth, line, numbers, register_children, shuffled};

/// All subsets of four visits but the empty one.
const PATTERNS: usize = 15;

fn functions() -> PanelFunctions {
    panel::<_, N, 2, PATTERNS>("growth", growth(&TIMES), line)
}

fn with_functions(mut context: SessionContext) -> Result<SessionContext> {
    functions().register(&mut context)?;
    Ok(context)
}

fn context(list: &[Child], partitions: usize, batch_size: usize) -> Result<SessionContext> {
    with_functions(common::context(list, partitions, batch_size)?)
}

/// The estimates of a panel without an engine.
fn by_loop(list: &[Child]) -> Vec<f64> {
    let mut panel = Panel::<_, f64, N, 2, PATTERNS>::with_patterns(growth(&TIMES));
    for child in list {
        let y = SVector::from_fn(|i, _| child.y[i].unwrap_or(0.0));
        panel.push_observed(&line(&child.x), &y, &child.y.map(|y| y.is_some())).unwrap();
    }
    let fit = panel.fit().unwrap();
    fit.theta.iter().chain(fit.beta.iter()).copied().chain([fit.log_likelihood]).collect()
}

/// The same numbers of a fit by a query whose columns are g and fit.
async fn by_query(context: &SessionContext, query: &str) -> Result<Vec<Vec<f64>>> {
    let fits = numbers(context, query).await?;
    let of = |fit: &common::Numbers| {
        assert_eq!(fit.error, None);
        let number = |i: usize| f64::from_bits(fit.bits[i].unwrap());
        // θ has four entries, then four on the natural scale, β, standard errors and degrees of freedom
        (0..4).chain(8..10).chain([14]).map(number).collect()
    };
    Ok(fits.iter().map(of).collect())
}

#[track_caller]
fn assert_near(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        // A variance at a bound has an infinite θ.
        let is_near = (found - expected).abs() < 1e-9 * expected.abs().max(1.0);
        assert!(found == expected || is_near, "{found} {expected}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_panel() -> Result<()> {
    let list = children(1, 500, 0.0);
    let expected = by_loop(&list);
    for (seed, partitions, batch_size) in [(1, 1, 8192), (2, 4, 16), (3, 8, 1)] {
        let context = context(&shuffled(list.clone(), seed), partitions, batch_size)?;
        let query = "SELECT 0, growth_panel_fit(growth_panel(x, y)) FROM children";
        assert_near(&by_query(&context, query).await?[0], &expected);
    }
    Ok(())
}

/// Groups, a filter, and states that are stored in Parquet and merged later.
#[tokio::test(flavor = "multi_thread")]
async fn stored_states() -> Result<()> {
    let list = children(6, 60, 0.0);
    let context = context(&shuffled(list.clone(), 1), 3, 32)?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("states.parquet");
    let path = path.to_str().unwrap();
    context
        .sql("SELECT g, subject % 4 AS part, growth_panel(x, y) AS state FROM children GROUP BY g, part")
        .await?
        .write_parquet(path, Default::default(), None)
        .await?;
    let later = with_functions(SessionContext::new())?;
    later.register_parquet("states", path, ParquetReadOptions::default()).await?;
    let query = "SELECT g, growth_panel_fit(growth_panel_merge(state)) FROM states GROUP BY g";
    for (group, found) in by_query(&later, query).await?.iter().enumerate() {
        let of_group: Vec<_> =
            list.iter().copied().filter(|child| child.group == group as i64).collect();
        assert_near(found, &by_loop(&of_group));
    }
    let filtered =
        "SELECT 0, growth_panel_fit(growth_panel(x, y) FILTER (WHERE subject < 30)) FROM children";
    let first: Vec<_> = list.iter().copied().filter(|child| child.subject < 30).collect();
    assert_near(&by_query(&context, filtered).await?[0], &by_loop(&first));
    Ok(())
}

/// The state of another model, another size or another version is an error that names both.
#[tokio::test]
async fn states_of_others() -> Result<()> {
    let list = children(1, 20, 0.0);
    let mut context = context(&list, 1, 8192)?;
    let other = Marginal::new(CompoundSymmetricMatrix::<N>::new());
    panel::<_, N, 2, PATTERNS>("other", other, line).register(&mut context)?;
    panel::<_, N, 2, 1>("narrow", growth(&TIMES), line).register(&mut context)?;
    for query in [
        "SELECT growth_panel_fit(other_panel(x, y)) FROM children",
        "SELECT growth_panel_fit(narrow_panel(x, y)) FROM children",
        "SELECT growth_panel_merge(s) FROM (SELECT other_panel(x, y) AS s FROM children)",
    ] {
        let error = context.sql(query).await?.collect().await.unwrap_err().to_string();
        let names_both = error.contains("the state is that of model ")
            && error.contains(", but the function is that of model ");
        assert!(names_both, "{error}");
    }
    let query = "SELECT growth_panel_fit(arrow_cast('abcdefghijklmnopqrstuvwxyz', 'Binary'))";
    let error = context.sql(query).await?.collect().await.unwrap_err().to_string();
    assert!(error.contains("the bytes are not the state of a panel"), "{error}");
    // The version is in bytes 4 and 5.
    let batches = context.sql("SELECT growth_panel(x, y) FROM children").await?.collect().await?;
    let mut bytes = batches[0].column(0).as_fixed_size_binary().value(0).to_vec();
    bytes[4] = 9;
    let state: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let query = format!("SELECT growth_panel_fit(X'{state}')");
    let error = context.sql(&query).await?.collect().await.unwrap_err().to_string();
    assert!(error.contains("the state has version 9, but 1 is expected"), "{error}");
    Ok(())
}

/// A subject that cannot be added is the error of its group's fit. The others are fitted.
#[tokio::test]
async fn errors_are_values() -> Result<()> {
    let mut list = children(2, 20, 0.0);
    list[3].y[2] = Some(f64::NAN);
    list[5].y[1] = Some(f64::INFINITY);
    let query = "SELECT g, growth_panel_fit(growth_panel(x, y)) FROM children GROUP BY g";
    for seed in 0..4 {
        let context = context(&shuffled(list.clone(), seed), 2, 4)?;
        let fits = numbers(&context, query).await?;
        let expected = "observation 1 is not finite, or its square overflows";
        assert_eq!(fits[0].error.as_deref(), Some(expected));
        assert_eq!(fits[1].error, None);
    }
    // No rows at all
    let context = context(&list, 1, 8192)?;
    let query = "SELECT 0, growth_panel_fit(growth_panel(x, y)) FROM children WHERE g > 9";
    assert!(numbers(&context, query).await?[0].error.is_some());
    Ok(())
}

/// The counts of rows that went into each group's state, which need no fit.
async fn counts(context: &SessionContext) -> Result<Vec<(i64, Vec<u8>)>> {
    let batches = context
        .sql("SELECT g, growth_panel(x, y) FROM children GROUP BY g")
        .await?
        .collect()
        .await?;
    let of_batch = |batch: &RecordBatch| -> Vec<(i64, Vec<u8>)> {
        let states = batch.column(1).as_fixed_size_binary();
        let groups = batch.column(0).as_primitive::<Int64Type>().values().iter();
        groups.enumerate().map(|(row, &group)| (group, states.value(row).to_vec())).collect()
    };
    let mut all: Vec<_> = batches.iter().flat_map(of_batch).collect();
    all.sort();
    Ok(all)
}

/// With so little memory that the engine writes states to disk, each state is the same.
#[tokio::test(flavor = "multi_thread")]
async fn spilling() -> Result<()> {
    let list = children(3000, 1, 0.0);
    let expected = counts(&context(&list, 1, 512)?).await?;
    assert_eq!(expected.len(), 3000);
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(128 << 20)))
        .build_arc()?;
    let config = SessionConfig::new().with_target_partitions(2).with_batch_size(512);
    let small = with_functions(SessionContext::new_with_config_rt(config, runtime))?;
    register_children(&small, &list, 2)?;
    let plan = small
        .sql("SELECT g, growth_panel(x, y) FROM children GROUP BY g")
        .await?
        .create_physical_plan()
        .await?;
    let batches = datafusion::physical_plan::collect(plan.clone(), small.task_ctx()).await?;
    assert!(sum(&plan, &MetricsSet::spill_count) > 0, "nothing was spilled");
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 3000);
    assert_eq!(counts(&small).await?, expected);
    Ok(())
}

/// On both sides of the threshold at which the engine skips partial aggregation, the fits of groups
/// agree with each other.
#[tokio::test(flavor = "multi_thread")]
async fn partial_aggregation() -> Result<()> {
    let list = children(300, 12, 0.0);
    let query = "SELECT g, growth_panel_fit(growth_panel(x, y)) FROM children GROUP BY g";
    let mut found = Vec::new();
    for (ratio, is_skipped) in [(0.01_f64, true), (1.0, false)] {
        let config = SessionConfig::new()
            .with_target_partitions(2)
            .with_batch_size(64)
            .set(
                "datafusion.execution.skip_partial_aggregation_probe_ratio_threshold",
                &ratio.into(),
            )
            .set_u64("datafusion.execution.skip_partial_aggregation_probe_rows_threshold", 100);
        let context = with_functions(SessionContext::new_with_config(config))?;
        register_children(&context, &list, 2)?;
        let plan = context.sql(query).await?.create_physical_plan().await?;
        datafusion::physical_plan::collect(plan.clone(), context.task_ctx()).await?;
        let skipped = |metrics: &MetricsSet| {
            metrics.sum_by_name("skipped_aggregation_rows").map(|rows| rows.as_usize())
        };
        assert_eq!(sum(&plan, &skipped) > 0, is_skipped);
        found.push(by_query(&context, query).await?);
    }
    assert_eq!(found[0].len(), 300);
    for (a, b) in found[0].iter().zip(&found[1]) {
        assert_near(a, b);
    }
    Ok(())
}

/// The sum of a metric over all operators of a plan.
fn sum(plan: &Arc<dyn ExecutionPlan>, metric: &dyn Fn(&MetricsSet) -> Option<usize>) -> usize {
    let own = plan.metrics().and_then(|metrics| metric(&metrics)).unwrap_or(0);
    own + plan.children().into_iter().map(|child| sum(child, metric)).sum::<usize>()
}
