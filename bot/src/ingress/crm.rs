//! amoCRM's webhooks and the way back from its consent page.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::Html as Page,
};
use mms_core::{crm::connection, id::ConnectionId, queue::Job};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{
    Ingress,
    intake::{Sender, broken},
};
use crate::{frame::auth::language_of, i18n::Tr, t};

/// Largest hook of a CRM, bytes.
const MAX_HOOK: usize = 1024 * 1024;

/// The id of a body whose sender numbers nothing: a doubled hook has the same bytes.
#[must_use]
pub fn fingerprint(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

/// A hook of amoCRM: it carries no signature, so the address holds a secret
/// (contracts/crm/amocrm.md). It is a hint; polling is the truth, so hooks have no order among
/// them; the same one twice is a line, for two statements must not wait for each other's rows.
pub async fn amocrm(State(ingress): State<Arc<Ingress>>, Path((connection, secret)): Path<(String, String)>, body: Body) -> StatusCode {
    let Ok(id) = connection.parse::<ConnectionId>() else { return StatusCode::UNAUTHORIZED };
    let from = Sender::Crm(id);
    let body = match ingress.body(from, &secret, body, MAX_HOOK).await {
        Ok(body) => body,
        Err(status) => return status,
    };
    let external_id = fingerprint(&body);
    let line = i64::from_str_radix(external_id.get(..15).unwrap_or_default(), 16).ok();
    ingress.intake.keep(from, line, secret, Some(external_id), String::from_utf8_lossy(&body).into_owned()).await
}

/// What amoCRM adds to the address of removal.
#[derive(Debug, Deserialize)]
pub struct Removal {
    /// The integration's id.
    #[serde(default)]
    client_uuid: String,
    /// The CRM account's id.
    #[serde(default)]
    account_id: String,
    /// Made with the integration's secret.
    #[serde(default)]
    signature: String,
}

/// amoCRM says that an administrator removed our integration, or switched it off: signed with its
/// secret, else nothing happens. Since the same signature is good for ever, amoCRM is asked whether
/// it is so.
pub async fn amocrm_removed(State(ingress): State<Arc<Ingress>>, Query(said): Query<Removal>) -> StatusCode {
    let deps = &ingress.deps;
    let Some(app) = deps.settings.amocrm_app() else { return StatusCode::UNAUTHORIZED };
    if !connection::uninstall_signed(&app, &said.client_uuid, &said.account_id, &said.signature) {
        return StatusCode::UNAUTHORIZED;
    }
    match connection::uninstalled(&deps.store, &deps.sealer, &deps.endpoints, &app, &said.account_id, deps.now()).await {
        Ok(removed) => {
            for connection in removed.doubtful {
                deps.queue.ring(Job::SyncCrm { connection }).await;
            }
            StatusCode::OK
        }
        Err(error) => broken(&error),
    }
}

/// What amoCRM adds to the redirect address.
#[derive(Debug, Deserialize)]
pub struct Redirect {
    /// The one-time code.
    #[serde(default)]
    code: String,
    /// The CRM account's host.
    #[serde(default)]
    referer: String,
    /// What we gave the page.
    #[serde(default)]
    state: String,
    /// Set when the administrator said no.
    #[serde(default)]
    error: String,
}

/// The administrator's browser comes back from amoCRM's consent page.
pub async fn amocrm_oauth(
    State(ingress): State<Arc<Ingress>>,
    headers: HeaderMap,
    Query(back): Query<Redirect>,
) -> (StatusCode, Page<String>) {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let tr = Tr::new(language_of(accepted), chrono_tz::UTC);
    if !back.error.is_empty() || back.code.is_empty() {
        return (StatusCode::OK, page(tr, &t!(tr, "web-oauth-refused")));
    }
    let deps = &ingress.deps;
    let authorised =
        connection::authorise(&deps.store, &deps.sealer, &deps.endpoints, &back.state, &back.code, &back.referer, deps.now()).await;
    match authorised {
        Ok(row) => {
            if let Some(public) = deps.settings.public_url.as_deref() {
                let expected =
                    connection::expect_hooks(&deps.store, row.account_id, row.id, public.trim_end_matches('/'), deps.now()).await;
                if let Err(error) = expected {
                    tracing::warn!(%error, crm.connection = %row.id, "webhooks were not asked for; contacts are polled");
                }
            }
            deps.queue.ring(Job::SyncCrm { connection: row.id }).await;
            (StatusCode::OK, page(tr, &t!(tr, "web-oauth-done", name = &row.name)))
        }
        Err(error) => {
            tracing::warn!(%error, "an OAuth redirect was refused");
            (StatusCode::BAD_REQUEST, page(tr, &t!(tr, "web-oauth-failed")))
        }
    }
}

fn page(tr: Tr, words: &str) -> Page<String> {
    let title = t!(tr, "web-oauth-title");
    Page(format!(
        "<!doctype html><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>{title}</title>\
         <body style=\"font:18px/1.5 system-ui;max-width:32em;margin:15vh auto;padding:0 1em\"><h1>{title}</h1><p>{words}</p>"
    ))
}
