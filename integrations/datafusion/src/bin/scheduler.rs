//! A Ballista scheduler that knows the functions: `scheduler PORT`.

mod growth;

use std::sync::Arc;

use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::start_server;
use datafusion::execution::SessionStateBuilder;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    env_logger::init();
    let port = std::env::args().nth(1).ok_or("usage: scheduler PORT")?.parse()?;
    // An executor that was not heard of for so long is given up, and its work is done by others.
    let timeout = 20;
    let config = SchedulerConfig {
        bind_port: port,
        executor_timeout_seconds: timeout,
        no_executors_grace_period_seconds: timeout,
        ..SchedulerConfig::default()
    };
    let config = config.with_override_session_builder(Arc::new(|config| {
        let defaults = SessionStateBuilder::new().with_config(config).with_default_features();
        let mut state = defaults.build();
        growth::register(&mut state)?;
        Ok(state)
    }));
    let cluster = BallistaCluster::new_from_config(&config).await?;
    Ok(start_server(cluster, ([127, 0, 0, 1], port).into(), Arc::new(config)).await?)
}
