//! A cluster of one scheduler and two executors, as processes of their own.

#![cfg(feature = "ballista")]

mod common;
#[path = "../src/bin/growth/mod.rs"]
mod growth;

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child as Process, Command, Stdio};
use std::time::{Duration, Instant};

use ballista::prelude::SessionContextExt;
use datafusion::error::Result;
use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::*;
use tempfile::TempDir;

use common::{Numbers, batch, children, numbers, shuffled};

const FITS: &str =
    "SELECT g, fit_growth(array_agg(struct(subject, x, y))) FROM children GROUP BY g";
const PANEL: &str = "SELECT g, growth_panel_fit(growth_panel(x, y)) FROM children GROUP BY g";

/// A process that is killed at the end.
struct Killed(Process);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait_for(port: u16) {
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(start.elapsed() < Duration::from_secs(60), "port {port} was not opened");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn spawn(command: &mut Command, log: &Path) -> Killed {
    let file = std::fs::File::create(log).unwrap();
    command.stdout(file.try_clone().unwrap()).stderr(file).stdin(Stdio::null());
    Killed(command.spawn().unwrap())
}

struct Cluster {
    folder: TempDir,
    scheduler_port: u16,
    scheduler: Killed,
    executors: Vec<Killed>,
}

impl Cluster {
    fn work_dir(&self, executor: usize) -> PathBuf {
        self.folder.path().join(format!("executor{executor}"))
    }

    /// Starts a scheduler, and an executor by each command.
    fn start(executors: impl IntoIterator<Item = Command>) -> Self {
        let (folder, scheduler_port) = (tempfile::tempdir().unwrap(), free_port());
        let mut command = Command::new(env!("CARGO_BIN_EXE_scheduler"));
        let scheduler =
            spawn(command.arg(scheduler_port.to_string()), &folder.path().join("scheduler.log"));
        wait_for(scheduler_port);
        let mut cluster = Self { folder, scheduler_port, scheduler, executors: Vec::new() };
        for (i, mut command) in executors.into_iter().enumerate() {
            let (port, grpc_port, work_dir) = (free_port(), free_port(), cluster.work_dir(i));
            std::fs::create_dir(&work_dir).unwrap();
            let ports = [scheduler_port, port, grpc_port].map(|port| port.to_string());
            let log = cluster.folder.path().join(format!("executor{i}.log"));
            command.env("PORTS", ports.join(" ")).env("WORK_DIR", &work_dir);
            cluster.executors.push(spawn(command.args(ports).arg(&work_dir), &log));
            wait_for(port);
        }
        cluster
    }

    /// A context whose queries run on the cluster, with the table of children.
    async fn context(&self, files: &Path) -> Result<SessionContext> {
        let config = SessionConfig::new().with_target_partitions(4);
        let state = SessionStateBuilder::new().with_config(config).with_default_features().build();
        let url = format!("df://127.0.0.1:{}", self.scheduler_port);
        // The functions of the state would be replaced by those of Ballista.
        let mut context = SessionContext::remote_with_state(&url, state).await?;
        growth::register(&mut context)?;
        with_files(context, files).await
    }

    fn executor_ran_tasks(&self, executor: usize) -> bool {
        has_files(&self.work_dir(executor))
    }
}

fn has_files(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() { has_files(&path) } else { path.metadata().unwrap().len() > 0 }
    })
}

fn executors(count: usize) -> impl Iterator<Item = Command> {
    (0..count).map(|_| Command::new(env!("CARGO_BIN_EXE_executor")))
}

async fn with_files(context: SessionContext, files: &Path) -> Result<SessionContext> {
    context
        .register_parquet("children", files.to_str().unwrap(), ParquetReadOptions::default())
        .await?;
    Ok(context)
}

/// Four files of children in any order.
async fn files(groups: i64) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    let list = shuffled(children(groups, 12, 0.0), 3);
    for (i, part) in list.chunks(list.len().div_ceil(4)).enumerate() {
        let context = SessionContext::new();
        let path = folder.path().join(format!("{i}.parquet"));
        let data = context.read_batch(batch(part)?)?;
        data.write_parquet(path.to_str().unwrap(), Default::default(), None).await?;
    }
    Ok(folder)
}

async fn locally(files: &Path, query: &str) -> Result<Vec<Numbers>> {
    let mut context = with_files(SessionContext::new(), files).await?;
    growth::register(&mut context)?;
    numbers(&context, query).await
}

/// Both executors work on fits, and the bits are those of this process. Panels agree to rounding.
#[tokio::test(flavor = "multi_thread")]
async fn answers_of_a_cluster() -> Result<()> {
    let files = files(40).await?;
    let cluster = Cluster::start(executors(2));
    let context = cluster.context(files.path()).await?;
    let (found, expected) = (numbers(&context, FITS).await?, locally(files.path(), FITS).await?);
    assert_eq!(found.len(), 40);
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    let (found, expected) = (numbers(&context, PANEL).await?, locally(files.path(), PANEL).await?);
    assert_eq!(found.len(), 40);
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!((&found.outcome, &found.error), (&expected.outcome, &expected.error));
        // β
        for (found, expected) in found.bits[8..10].iter().zip(&expected.bits[8..10]) {
            let (found, expected) =
                (f64::from_bits(found.unwrap()), f64::from_bits(expected.unwrap()));
            assert!((found - expected).abs() < 1e-9 * expected.abs(), "{found} {expected}");
        }
    }
    for executor in 0..2 {
        assert!(cluster.executor_ran_tasks(executor), "executor {executor} ran no task");
    }
    Ok(())
}

/// An executor is killed while a query runs. The answer is right, or an error.
#[tokio::test(flavor = "multi_thread")]
async fn an_executor_is_killed() -> Result<()> {
    let files = files(2000).await?;
    let expected = locally(files.path(), FITS).await?;
    let mut cluster = Cluster::start(executors(2));
    let context = cluster.context(files.path()).await?;
    let query = tokio::spawn(async move { numbers(&context, FITS).await });
    let start = Instant::now();
    while !cluster.executor_ran_tasks(1) && !query.is_finished() {
        assert!(start.elapsed() < Duration::from_secs(60), "executor 1 ran no task");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(!query.is_finished(), "the query ended before the executor was killed");
    cluster.executors.truncate(1);
    match query.await.unwrap() {
        Ok(found) => assert_eq!(found, expected),
        Err(error) => {
            let names_job = error.to_string().contains("Job ");
            assert!(names_job && error.to_string().contains("failed"), "{error}");
        }
    }
    assert!(matches!(cluster.scheduler.0.try_wait(), Ok(None)), "the scheduler ended");
    Ok(())
}

/// Not a test by itself: an executor that does not know the functions.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "is started by another test"]
async fn executor_without_functions() {
    use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
    env_logger::init();
    let ports = std::env::var("PORTS").unwrap();
    let mut ports = ports.split(' ').map(|port| port.parse().unwrap());
    let mut port = || ports.next().unwrap();
    let config = ExecutorProcessConfig {
        scheduler_port: port(),
        port: port(),
        grpc_port: port(),
        work_dir: std::env::var("WORK_DIR").ok(),
        ..ExecutorProcessConfig::default()
    };
    start_executor_process(std::sync::Arc::new(config)).await.unwrap();
}

/// A query fails on an executor that does not know a function. The log of the executor has the name
/// of the function, with the digest of the model.
#[tokio::test(flavor = "multi_thread")]
async fn an_executor_without_the_functions() -> Result<()> {
    let files = files(3).await?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--ignored", "--exact", "--nocapture", "executor_without_functions"]);
    let cluster = Cluster::start([command]);
    let context = cluster.context(files.path()).await?;
    for (query, name) in [(FITS, "fit_growth_"), (PANEL, "growth_panel_")] {
        let error = numbers(&context, query).await.unwrap_err().to_string();
        assert!(error.contains("rejected by executor"), "{error}");
        let log = std::fs::read_to_string(cluster.folder.path().join("executor0.log"))?;
        assert!(log.contains("failed to decode tasks") && log.contains(name), "{log}");
    }
    Ok(())
}
