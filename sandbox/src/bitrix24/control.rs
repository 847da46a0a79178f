//! The control surface of the Bitrix24 double under `/sandbox/bitrix24`, for the page and for tests
//! in other processes. Faults, restarts and the clock are the sandbox's.

use axum::{
    Json, Router,
    extract::{Path, State as Extract},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Bitrix24, Kind, Seed, Settings, UserField};
use crate::control::{Answer, done, of_ledger};

pub(crate) fn router(bitrix: Bitrix24) -> Router {
    let ledger = of_ledger(bitrix.ledger().clone());
    Router::new()
        .route("/portals", post(portal))
        .route("/portals/{portal}/seed", post(seed))
        .route("/portals/{portal}/fields", post(field))
        .route("/portals/{portal}/webhooks", post(webhook))
        .route("/portals/{portal}/notes/{kind}/{id}", get(notes))
        .route("/writes", get(writes))
        .route("/settings", get(settings).put(set))
        .with_state(bitrix)
        .merge(ledger)
}

#[derive(Deserialize)]
struct NewPortal {
    domain: String,
}

async fn portal(Extract(bitrix): Extract<Bitrix24>, Json(new): Json<NewPortal>) -> Answer {
    done(json!({ "id": bitrix.add_portal(&new.domain) }))
}

async fn seed(Extract(bitrix): Extract<Bitrix24>, Path(portal): Path<i64>, Json(wanted): Json<Seed>) -> Answer {
    done(bitrix.seed(portal, &wanted))
}

async fn field(Extract(bitrix): Extract<Bitrix24>, Path(portal): Path<i64>, Json(field): Json<UserField>) -> Answer {
    bitrix.add_field(portal, field);
    done(true)
}

#[derive(Deserialize)]
struct NewWebhook {
    user: i64,
    scopes: Vec<String>,
}

async fn webhook(Extract(bitrix): Extract<Bitrix24>, Path(portal): Path<i64>, Json(new): Json<NewWebhook>) -> Answer {
    let scopes: Vec<&str> = new.scopes.iter().map(String::as_str).collect();
    done(json!({ "url": bitrix.webhook(portal, new.user, &scopes) }))
}

async fn notes(Extract(bitrix): Extract<Bitrix24>, Path((portal, kind, id)): Path<(i64, Kind, i64)>) -> Answer {
    done(bitrix.notes_of(portal, kind, id))
}

async fn writes(Extract(bitrix): Extract<Bitrix24>) -> Answer {
    let shown = bitrix
        .writes()
        .into_iter()
        .map(|write| json!({ "portal": write.portal, "method": write.method, "id": write.id, "params": write.params }));
    done(shown.collect::<Vec<Value>>())
}

async fn settings(Extract(bitrix): Extract<Bitrix24>) -> Answer {
    done(bitrix.settings())
}

async fn set(Extract(bitrix): Extract<Bitrix24>, Json(wanted): Json<Settings>) -> Answer {
    bitrix.set(|settings| *settings = wanted);
    done(true)
}
