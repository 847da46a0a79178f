//! The control surface of the Odoo double under `/sandbox/odoo`, for the page and for tests in
//! other processes. Faults, restarts and the clock are the sandbox's.

use axum::{
    Json, Router,
    extract::{Path, State as Extract},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Odoo, Seed, Settings};
use crate::control::{Answer, done, of_ledger};

pub(crate) fn router(odoo: Odoo) -> Router {
    let ledger = of_ledger(odoo.ledger().clone());
    Router::new()
        .route("/keys", post(key))
        .route("/keys/{key}/revoke", post(revoke))
        .route("/rows/{model}", post(create))
        .route("/rows/{model}/{id}", get(shown).post(write).delete(unlink))
        .route("/seed", post(seed))
        .route("/writes", get(writes))
        .route("/settings", get(settings).put(set))
        .with_state(odoo)
        .merge(ledger)
}

#[derive(Deserialize)]
struct NewKey {
    key: String,
}

async fn key(Extract(odoo): Extract<Odoo>, Json(new): Json<NewKey>) -> Answer {
    odoo.add_key(&new.key);
    done(true)
}

async fn revoke(Extract(odoo): Extract<Odoo>, Path(key): Path<String>) -> Answer {
    odoo.revoke(&key);
    done(true)
}

async fn create(Extract(odoo): Extract<Odoo>, Path(model): Path<String>, Json(values): Json<Value>) -> Answer {
    done(json!({ "id": odoo.create(&model, values) }))
}

async fn shown(Extract(odoo): Extract<Odoo>, Path((model, id)): Path<(String, u64)>) -> Answer {
    done(odoo.get(&model, id))
}

async fn write(Extract(odoo): Extract<Odoo>, Path((model, id)): Path<(String, u64)>, Json(values): Json<Value>) -> Answer {
    odoo.write(&model, id, values);
    done(true)
}

async fn unlink(Extract(odoo): Extract<Odoo>, Path((model, id)): Path<(String, u64)>) -> Answer {
    odoo.unlink(&model, id);
    done(true)
}

async fn seed(Extract(odoo): Extract<Odoo>, Json(wanted): Json<Seed>) -> Answer {
    done(odoo.seed(&wanted))
}

async fn writes(Extract(odoo): Extract<Odoo>) -> Answer {
    let shown = odoo
        .writes()
        .into_iter()
        .map(|write| json!({ "model": write.model, "method": write.method, "ids": write.ids, "values": write.values }));
    done(shown.collect::<Vec<Value>>())
}

async fn settings(Extract(odoo): Extract<Odoo>) -> Answer {
    done(odoo.settings())
}

async fn set(Extract(odoo): Extract<Odoo>, Json(wanted): Json<Settings>) -> Answer {
    odoo.set(|settings| *settings = wanted);
    done(true)
}
