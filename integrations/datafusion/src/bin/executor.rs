//! A Ballista executor that knows the functions: `executor SCHEDULER_PORT PORT GRPC_PORT WORK_DIR`.

mod growth;

use std::sync::Arc;

use ballista_core::registry::BallistaFunctionRegistry;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use datafusion::execution::SessionStateBuilder;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    env_logger::init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [scheduler_port, port, grpc_port, work_dir] = &arguments[..] else {
        return Err("usage: executor SCHEDULER_PORT PORT GRPC_PORT WORK_DIR".into());
    };
    let mut state = SessionStateBuilder::new().with_default_features().build();
    growth::register(&mut state)?;
    let functions = BallistaFunctionRegistry::from(&state);
    let config = ExecutorProcessConfig {
        scheduler_port: scheduler_port.parse()?,
        port: port.parse()?,
        grpc_port: grpc_port.parse()?,
        work_dir: Some(work_dir.clone()),
        executor_heartbeat_interval_seconds: 5,
        override_function_registry: Some(Arc::new(functions)),
        ..ExecutorProcessConfig::default()
    };
    Ok(start_executor_process(Arc::new(config)).await?)
}
