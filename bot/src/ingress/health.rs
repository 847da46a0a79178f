//! Is the process alive, may it be given work, and what has it counted.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use mms_core::on;

use super::Door;

/// `/healthz`: the process turns.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `/readyz`: the database answers.
pub async fn ready(State(door): State<Door>) -> Response {
    let answer: sqlx::Result<i64> = on!(door.deps.store.read(), |c| sqlx::query_scalar("select cast(1 as bigint)").fetch_one(c).await);
    match answer {
        Ok(_) => (StatusCode::OK, "ready\n").into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

/// `/metrics`: for Prometheus.
pub async fn metrics(State(door): State<Door>) -> Response {
    match &door.deps.settings.metrics {
        Some(metrics) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], (metrics.0)()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
