//! A growth curve for each of many groups, from files to a picture.
//!
//! Data: simulated groups of 20 children with four visits each, of whom 5 % are missing. Children
//! differ in level and slope. Of 100 groups, one cannot be fitted: a child occurs twice, a response
//! is infinite, or all but one child are missing. The files are made first.
//!
//! Each file is fitted by one query, whose result is a file too. A run that was interrupted goes on
//! with the next file.
//!
//! ```text
//! cargo run --release --example million_growth_curves [GROUPS] [FOLDER]
//! ```

#[path = "../src/bin/growth/mod.rs"]
mod growth;
#[path = "million_growth_curves/picture.rs"]
mod picture;
#[path = "million_growth_curves/simulated.rs"]
mod simulated;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::prelude::*;
use indicatif::{ProgressBar, ProgressIterator, ProgressStyle};

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// The files of one run. Each has all children of its groups, in the order of the groups.
const FILES: usize = 16;

/// The number of groups that are written at once.
const ROW_GROUP: i64 = 500;

const BAR: &str = "{msg} {wide_bar} {pos}/{len} files, {eta} left";

const FITS: &str =
    "SELECT g, fit_growth(array_agg(struct(subject, x, y))) AS fit FROM data GROUP BY g";

const OUTCOMES: &str = "
    SELECT coalesce(fit['outcome'], 'error: ' || fit['error']) AS outcome, count(*) AS groups,
           round(avg(fit['steps']), 1) AS steps, round(avg(fit['beta'][2]), 3) AS mean_slope
    FROM fits GROUP BY outcome ORDER BY groups DESC, outcome";

#[tokio::main]
async fn main() -> Result {
    let mut arguments = std::env::args().skip(1);
    let groups = match arguments.next() {
        Some(count) => count.parse().map_err(|_| format!("`{count}` is not a number of groups"))?,
        None => 1_000_000,
    };
    let folder = arguments.next().unwrap_or_else(|| format!("target/growth_curves_{groups}"));
    let folder = PathBuf::from(folder);
    let (data, fits) = (folder.join("data"), folder.join("fits"));
    fs::create_dir_all(&data)?;
    fs::create_dir_all(&fits)?;

    for file in (0..FILES).progress_with(bar("Simulating")?) {
        let of_file = |file: usize| groups * file as i64 / FILES as i64;
        complete(&path(&data, file), |path| write(path, of_file(file)..of_file(file + 1)))?;
    }

    let start = Instant::now();
    let mut fitted = 0;
    for file in (0..FILES).progress_with(bar("Fitting")?) {
        let (from, to) = (path(&data, file), path(&fits, file));
        if to.exists() {
            continue;
        }
        // A file is renamed when it is complete, so that a file with its final name can be trusted.
        let unfinished = to.with_extension("unfinished");
        let mut context = SessionContext::new();
        growth::register(&mut context)?;
        let order = vec![vec![col("g").sort(true, true)]];
        let options = ParquetReadOptions::default().file_sort_order(order);
        context.register_parquet("data", text(&from)?, options).await?;
        let query = context.sql(FITS).await?;
        query.write_parquet(text(&unfinished)?, Default::default(), None).await?;
        fs::rename(unfinished, to)?;
        fitted += 1;
    }
    println!("{fitted} of {FILES} files fitted in {:.2?}", start.elapsed());

    let context = SessionContext::new();
    context.register_parquet("fits", text(&fits)?, ParquetReadOptions::default()).await?;
    let table = context.sql(OUTCOMES).await?.collect().await?;
    println!("{}", pretty_format_batches(&table)?);
    let picture = folder.join("growth_curves.svg");
    picture::draw(&context, groups, &picture).await?;
    println!("{}", picture.display());
    Ok(())
}

fn bar(message: &'static str) -> Result<ProgressBar> {
    let style = ProgressStyle::with_template(BAR)?;
    Ok(ProgressBar::new(FILES as u64).with_style(style).with_message(message))
}

fn path(folder: &Path, file: usize) -> PathBuf {
    folder.join(format!("{file:02}.parquet"))
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| format!("{} is not UTF-8", path.display()).into())
}

/// Makes a file unless it exists.
fn complete(path: &Path, make: impl FnOnce(&Path) -> Result) -> Result {
    if path.exists() {
        return Ok(());
    }
    let unfinished = path.with_extension("unfinished");
    make(&unfinished)?;
    Ok(fs::rename(unfinished, path)?)
}

/// Writes the children of some groups.
fn write(path: &Path, groups: std::ops::Range<i64>) -> Result {
    let file = fs::File::create(path)?;
    let mut writer = ArrowWriter::try_new(file, simulated::batch(0..0)?.schema(), None)?;
    let mut start = groups.start;
    while start < groups.end {
        let end = (start + ROW_GROUP).min(groups.end);
        writer.write(&simulated::batch(start..end)?)?;
        start = end;
    }
    writer.close()?;
    Ok(())
}
