//! The HTTP side: webhooks of messengers and CRMs, the OAuth redirect, health and metrics.
//!
//! A webhook is checked in constant time, stored raw, acknowledged; the worker understands it. An unsigned one gets 401 and
//! nothing is stored. Those that come at the same time share a statement: see [`intake`].

pub mod crm;
pub mod health;
pub mod intake;
pub mod telegram;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use subtle::ConstantTimeEq as _;

use crate::{dispatch::Dispatcher, frame::deps::Deps};

/// Largest webhook body, bytes: Telegram's and amoCRM's are far below.
const MAX_HOOK: usize = 1024 * 1024;

/// What every route is given.
#[derive(Debug, Clone)]
pub struct Door {
    /// Store, queue, bot.
    pub deps: Deps,
    /// Where the managers' updates go.
    pub dispatcher: Dispatcher,
    /// Where everybody else's webhooks go.
    pub intake: intake::Intake,
}

/// All routes; to be called within the runtime.
pub fn router(deps: Deps, dispatcher: Dispatcher) -> Router {
    let intake = intake::Intake::new(&deps);
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route(telegram::MANAGER_PATH, post(telegram::manager))
        .route("/hooks/telegram/{channel}", post(telegram::channel))
        .route("/hooks/amocrm/{connection}/{secret}", post(crm::amocrm))
        .route("/oauth/amocrm", get(crm::amocrm_oauth))
        .route("/oauth/amocrm/removed", get(crm::amocrm_removed))
        .layer(DefaultBodyLimit::max(MAX_HOOK))
        .with_state(Door { deps, dispatcher, intake })
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
#[must_use]
pub fn same(given: &str, expected: &str) -> bool {
    !expected.is_empty() && bool::from(given.as_bytes().ct_eq(expected.as_bytes()))
}
