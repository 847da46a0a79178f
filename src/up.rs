//! The long-running commands: bot, worker, both.

use std::path::Path;

use mms_worker::Deps;

use crate::process::{self, Process, Shape};

fn deps(process: &Process, name: &str) -> Deps {
    Deps {
        store: process.store.clone(),
        sealer: process.sealer.clone(),
        endpoints: process.config.endpoints(),
        queue: process.queue.clone(),
        stop: process.stop.clone(),
        worker: process::unique_name(name),
    }
}

/// `mms worker`: until asked to stop.
pub async fn worker(file: Option<&Path>, name: &str) -> anyhow::Result<()> {
    let process = process::start(file, Shape::Apart).await?;
    process::ready(process.stop.clone());
    let outcome = mms_worker::run(deps(&process, name)).await;
    process.store.close().await;
    outcome
}
