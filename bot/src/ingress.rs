//! The HTTP side: webhooks of messengers and CRMs, files that messengers fetch, the OAuth redirect,
//! health; metrics have a listener of their own.
//!
//! A webhook's secret is compared in constant time, before its body is read, and a signature of the
//! body before anything of it is kept; then it is stored raw and acknowledged, and the worker
//! understands it. An unsigned one gets 401, nothing of it is read
//! and nothing is stored. Those that come at the same time share a statement: see [`intake`].

pub mod channel;
mod confirm;
pub mod crm;
pub mod form;
pub mod health;
pub mod intake;
pub mod manager;
pub mod media;
pub mod payment;
pub mod share;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::StatusCode,
    routing::{get, post},
};
use bytes::Bytes;
use mms_core::{
    channel::gate::Later,
    consent::form as consent_form,
    id::AccountId,
    store::public_file::{self, PublicFiles},
};
use subtle::ConstantTimeEq as _;

use crate::{dispatch::Dispatcher, frame::deps::Deps, serve, settings::Limits, settings::Metrics};

/// What every route is given, shared: axum gives each request several of it.
#[derive(Debug)]
pub struct Ingress {
    /// Store, queue, bot.
    pub deps: Deps,
    /// Where the managers' updates go.
    pub dispatcher: Dispatcher,
    /// Where everybody else's webhooks go.
    pub intake: intake::Intake,
    /// Knows the addresses of files that messengers fetch.
    pub public: PublicFiles,
    /// Those fetched a moment ago.
    pub recent: media::Recent,
    /// The large ones that are being fetched.
    pub large: media::Large,
    /// Answers to whether an address is ours.
    confirmations: confirm::Confirmations,
    /// What a caller may hold.
    pub limits: Limits,
    /// What a company may have under way.
    pub shares: share::Shares,
}

impl Ingress {
    /// The body of a webhook, once its sender is known to be who they say, with the place it takes
    /// of its company's.
    ///
    /// # Errors
    /// What to answer.
    async fn admitted(
        &self,
        from: intake::Sender,
        secret: &str,
        later: Later,
        body: Body,
        most: usize,
    ) -> Result<(share::Place, Bytes), StatusCode> {
        let account = self.intake.admit(&self.deps, from, secret).await?;
        self.body(account, later, body, most).await
    }

    /// The body of a webhook of a company, with the place it takes of theirs.
    ///
    /// # Errors
    /// What to answer.
    async fn body(&self, account: AccountId, later: Later, body: Body, most: usize) -> Result<(share::Place, Bytes), StatusCode> {
        let place = self.shares.take(account, later).await?;
        Ok((place, serve::body(body, most, self.limits).await?))
    }
}

/// All routes; to be called within the runtime.
pub fn router(deps: Deps, dispatcher: Dispatcher) -> Router {
    let intake = intake::Intake::new(&deps);
    let public = PublicFiles::new(&deps.sealer, deps.settings.public_url.as_deref());
    let files = format!("{}/{{token}}/{{last}}", public_file::PATH);
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route(manager::MANAGER_PATH, post(manager::manager))
        .route(payment::PATH, post(payment::payment))
        .route("/hooks/{messenger}/{channel}", post(channel::update).get(channel::challenge))
        .route(&files, get(media::file))
        .route("/hooks/crm/{crm}/{connection}/{secret}", post(crm::hook))
        // Subscriptions of before there was a second CRM.
        .route("/hooks/{crm}/{connection}/{secret}", post(crm::hook))
        .route(&format!("{}/{{code}}", consent_form::PATH), get(form::show).post(form::take))
        .route("/oauth/{crm}", get(crm::returned))
        .route("/oauth/{crm}/removed", get(crm::removed))
        .with_state(Arc::new(Ingress {
            limits: deps.settings.limits,
            shares: share::Shares::of(deps.settings.limits.connections),
            deps,
            dispatcher,
            intake,
            public,
            recent: media::Recent::default(),
            large: media::Large::default(),
            confirmations: confirm::Confirmations::default(),
        }))
}

/// The page for Prometheus, on a listener of its own: what a process counts is nothing for the
/// world that sends webhooks.
pub fn metrics(metrics: Metrics) -> Router {
    Router::new().route("/metrics", get(health::metrics)).with_state(metrics)
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
#[must_use]
pub fn same(given: &str, expected: &str) -> bool {
    !expected.is_empty() && bool::from(given.as_bytes().ct_eq(expected.as_bytes()))
}
