//! The fits of `million_growth_curves` by a plain loop over the same files, without an engine: how
//! much time does the engine take?
//!
//! Each thread reads files, collects the children of a group, and fits them. The result is a count
//! of the outcomes. This needs files in the order of the groups.
//!
//! ```text
//! cargo run --release --example plain_loop FOLDER [THREADS]
//! ```

#[path = "../src/bin/growth/mod.rs"]
#[allow(dead_code, reason = "no engine is used")]
mod growth;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use covprop::prelude::*;
use covprop::reml::HeapPanel;
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{Float64Type, Int64Type, UInt32Type};
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

type Error = Box<dyn std::error::Error + Send + Sync>;

struct Child {
    subject: u32,
    x: [f64; 4],
    y: SVector<f64, 4>,
    observed: [bool; 4],
}

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: plain_loop FOLDER [THREADS]")?);
    let threads = arguments.next().map_or(Ok(2), |count| count.parse())?;
    let entries = std::fs::read_dir(folder.join("data"))?;
    let files: Vec<_> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_, Error>>()?;
    let files = Mutex::new(files);
    let start = Instant::now();
    let work = || {
        let mut outcomes = BTreeMap::<String, usize>::new();
        while let Some(file) = files.lock().map_err(|error| error.to_string())?.pop() {
            fit_file(&file, &mut outcomes)?;
        }
        Ok::<_, Error>(outcomes)
    };
    let all = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles
            .into_iter()
            .map(|handle| handle.join().map_err(|_| "a thread ended")?)
            .collect::<Result<Vec<_>, Error>>()
    })?;
    let mut outcomes = BTreeMap::<String, usize>::new();
    for (outcome, count) in all.into_iter().flatten() {
        *outcomes.entry(outcome).or_default() += count;
    }
    println!("{:.2?} with {threads} threads: {outcomes:?}", start.elapsed());
    Ok(())
}

fn fit_file(path: &Path, outcomes: &mut BTreeMap<String, usize>) -> Result<(), Error> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?.build()?;
    let (mut group, mut children) = (None, Vec::new());
    let mut finish = |children: &mut Vec<Child>| {
        if !children.is_empty() {
            *outcomes.entry(fit(children)).or_default() += 1;
            children.clear();
        }
    };
    for batch in reader {
        let batch = batch?;
        let groups = batch.column(0).as_primitive::<Int64Type>();
        let subjects = batch.column(1).as_primitive::<UInt32Type>();
        let [x, y] = [2, 3].map(|column| batch.column(column).as_list::<i32>());
        let [of_x, of_y] = [x, y].map(|lists| lists.values().as_primitive::<Float64Type>());
        for row in 0..batch.num_rows() {
            if group.replace(groups.value(row)) != Some(groups.value(row)) {
                finish(&mut children);
            }
            let [at_x, at_y] = [x, y].map(|lists| lists.value_offsets()[row] as usize);
            children.push(Child {
                subject: subjects.value(row),
                x: std::array::from_fn(|i| of_x.value(at_x + i)),
                y: SVector::from_fn(|i, _| of_y.value(at_y + i)),
                observed: std::array::from_fn(|i| of_y.is_valid(at_y + i)),
            });
        }
    }
    finish(&mut children);
    Ok(())
}

/// Fits a group, and returns its outcome or its error.
fn fit(children: &mut [Child]) -> String {
    children.sort_by_key(|child| child.subject);
    if children.windows(2).any(|pair| pair[0].subject == pair[1].subject) {
        return "a subject occurs more than once".to_owned();
    }
    let model = growth::model();
    let result = (|| {
        let mut panel = HeapPanel::new(model);
        for child in children.iter() {
            panel.push_observed(&growth::line(&child.x), &child.y, &child.observed)?;
        }
        let estimation = panel.estimation()?;
        let fit = estimation.fit()?;
        // Standard errors and degrees of freedom, as in the query
        let tests = estimation.inference(&fit).map(|inference| inference.coefficients());
        std::hint::black_box(tests.is_ok());
        Ok::<_, covprop::Error>(match fit.outcome {
            Outcome::Converged => "converged",
            Outcome::Boundary(_) => "boundary",
            _ => "other",
        })
    })();
    result.map_or_else(|error| error.to_string(), str::to_owned)
}
