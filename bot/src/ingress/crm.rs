//! Webhooks of CRMs, and the way back from a CRM's page of consent: what a CRM says there is its
//! adapter's to read ([`mms_core::crm::login`], [`mms_core::crm::gate`]).

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::Html as Page,
};
use mms_core::{
    channel::gate::Later,
    crm::{
        CrmKind, connection,
        login::{self, LoginPage},
        message, registry,
    },
    id::ConnectionId,
    queue::Job,
};
use sha2::{Digest, Sha256};

use super::{
    Ingress,
    intake::{Sender, broken},
};
use crate::{frame::auth::language_of, i18n::Tr, t, words};

/// The id of a body whose sender numbers nothing: a doubled hook has the same bytes.
#[must_use]
pub fn fingerprint(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

/// A hook: the address holds a secret, for nothing else proves whose it is. It is a hint; polling
/// is the truth, so hooks have no order among them; the same one twice is a line, for two
/// statements must not wait for each other's rows. A message to be sent is proved by more than the
/// address, and kept under its own id.
pub async fn hook(
    State(ingress): State<Arc<Ingress>>,
    Path((crm, connection, secret)): Path<(String, String, String)>,
    body: Body,
) -> StatusCode {
    // An unknown connection is answered as a wrong secret: the answer does not tell which exist.
    let (Some(kind), Ok(id)) = (CrmKind::named(&crm), connection.parse::<ConnectionId>()) else { return StatusCode::UNAUTHORIZED };
    let from = Sender::Crm(kind, id);
    // A CRM that is refused for a while may give our hooks up: what is too many waits its turn.
    let (_place, body) = match ingress.admitted(from, &secret, Later::Never, body, registry::gate(kind).most).await {
        Ok(taken) => taken,
        Err(status) => return status,
    };
    let gate = registry::gate(kind);
    let same = fingerprint(&body);
    let line = i64::from_str_radix(same.get(..15).unwrap_or_default(), 16).ok();
    let external_id = match (gate.message)(&body) {
        // Nothing is written to anybody on the word of an address.
        Some(message) => match message::proved(&ingress.deps.store, id, &message).await {
            Ok(true) => format!("{}{}", message::RAW, message.id),
            Ok(false) => return StatusCode::UNAUTHORIZED,
            Err(error) => return broken(&error),
        },
        None => same,
    };
    let kept = String::from_utf8_lossy(&(gate.kept)(&body)).into_owned();
    ingress.intake.keep(from, line, secret, Some(external_id), kept).await
}

/// The page of consent of a CRM that has one.
fn page_of(crm: &str) -> Option<(CrmKind, &'static dyn LoginPage)> {
    let kind = CrmKind::named(crm)?;
    Some((kind, registry::login(kind).page()?))
}

/// A CRM says that an administrator removed our integration, or switched it off: proved, else
/// nothing happens. Since the same proof may be good for ever, the CRM is asked whether it is so.
pub async fn removed(State(ingress): State<Arc<Ingress>>, Path(crm): Path<String>, Query(said): Query<login::Query>) -> StatusCode {
    let deps = &ingress.deps;
    let Some((kind, page)) = page_of(&crm) else { return StatusCode::NOT_FOUND };
    let Some(app) = deps.settings.crm_app(kind) else { return StatusCode::UNAUTHORIZED };
    let Some(account) = page.removed(&app, &said) else { return StatusCode::UNAUTHORIZED };
    match connection::uninstalled(&deps.store, &deps.sealer, &deps.endpoints, kind, &app, &account, deps.now()).await {
        Ok(removed) => {
            for connection in removed.doubtful {
                deps.queue.ring(Job::SyncCrm { connection }).await;
            }
            StatusCode::OK
        }
        Err(error) => broken(&error),
    }
}

/// The administrator's browser comes back from a CRM's page of consent.
pub async fn returned(
    State(ingress): State<Arc<Ingress>>,
    headers: HeaderMap,
    Path(crm): Path<String>,
    Query(said): Query<login::Query>,
) -> (StatusCode, Page<String>) {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let tr = Tr::new(language_of(accepted), chrono_tz::UTC);
    let Some((kind, page)) = page_of(&crm) else { return (StatusCode::NOT_FOUND, Page(String::new())) };
    let name = words::crm(kind);
    let Some(back) = page.returned(&said) else {
        return (StatusCode::OK, shown(tr, name, &t!(tr, "web-oauth-refused", crm = name)));
    };
    let deps = &ingress.deps;
    match connection::authorise(&deps.store, &deps.sealer, &deps.endpoints, kind, &back, deps.now()).await {
        Ok(row) => {
            if let Some(public) = deps.settings.public_url.as_deref() {
                let expected =
                    connection::expect_hooks(&deps.store, row.account_id, row.id, public.trim_end_matches('/'), deps.now()).await;
                if let Err(error) = expected {
                    tracing::warn!(%error, crm.connection = %row.id, "webhooks were not asked for; contacts are polled");
                }
            }
            deps.queue.ring(Job::SyncCrm { connection: row.id }).await;
            (StatusCode::OK, shown(tr, name, &t!(tr, "web-oauth-done", crm = name, name = &row.name)))
        }
        Err(error) => {
            tracing::warn!(%error, "an OAuth redirect was refused");
            (StatusCode::BAD_REQUEST, shown(tr, name, &t!(tr, "web-oauth-failed", crm = name)))
        }
    }
}

fn shown(tr: Tr, crm: &str, words: &str) -> Page<String> {
    let title = t!(tr, "web-oauth-title", crm = crm);
    Page(format!(
        "<!doctype html><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>{title}</title>\
         <body style=\"font:18px/1.5 system-ui;max-width:32em;margin:15vh auto;padding:0 1em\"><h1>{title}</h1><p>{words}</p>"
    ))
}
