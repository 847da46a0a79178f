//! Is the process alive, may it be given work, and what has it counted.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use mms_core::readiness::Readiness;

use super::Ingress;
use crate::settings::Metrics;

/// `/healthz`: the process turns.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `/readyz`: see [`Readiness`]; and that Telegram serves the managers' bot.
pub async fn ready(State(ingress): State<Arc<Ingress>>) -> (StatusCode, String) {
    let readiness = Readiness::look(&ingress.deps.store, &ingress.deps.queue).await;
    match ingress.deps.bot.standing().trouble().filter(|_| readiness.may_work()) {
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
        None => (if readiness.may_work() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, readiness.as_str().to_owned()),
    }
}

/// `/metrics`: for Prometheus.
pub async fn metrics(State(metrics): State<Metrics>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], (metrics.0)()).into_response()
}
