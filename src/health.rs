//! Health and metrics of a worker that runs apart; the bot serves its own beside the webhooks.

use std::net::SocketAddr;

use axum::{Router, extract::State, http::StatusCode, routing::get};
use mms_bot::Metrics;
use mms_core::{queue::Queue, readiness::Readiness, store::Store};

use crate::process::{self, Process};

#[derive(Clone)]
struct Health {
    store: Store,
    queue: Queue,
    metrics: Metrics,
}

/// Serves `/healthz`, `/readyz` and `/metrics` until the process is asked to stop.
pub async fn serve(address: SocketAddr, process: &Process, metrics: Metrics) -> anyhow::Result<()> {
    let listener = mms_bot::listen(address, "MMS_WORKER_LISTEN").await?;
    tracing::info!(http.listen = %listener.local_addr()?, "health and metrics are served");
    let health = Health { store: process.store.clone(), queue: process.queue.clone(), metrics };
    let app = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(|State(health): State<Health>| async move { (health.metrics.0)() }))
        .with_state(health);
    mms_bot::serve::serve(listener, app, process::http_limits(&process.config), process.stop.clone()).await
}

async fn ready(State(health): State<Health>) -> (StatusCode, &'static str) {
    let readiness = Readiness::look(&health.store, &health.queue).await;
    (if readiness.may_work() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, readiness.as_str())
}
