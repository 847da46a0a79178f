//! The control surface of the RetailCRM double under `/sandbox/retailcrm`, for the page and for
//! tests in other processes. Faults, restarts and the clock are the sandbox's.

use axum::{
    Json, Router,
    extract::{Path, State as Extract},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Customer, Order, RetailCrm, Seed, Settings};
use crate::control::{Answer, done, of_ledger};

pub(crate) fn router(retail: RetailCrm) -> Router {
    let ledger = of_ledger(retail.ledger().clone());
    Router::new()
        .route("/keys", post(key))
        .route("/keys/{key}/revoke", post(revoke))
        .route("/customers", post(customer))
        .route("/customers/{id}/delete", post(delete))
        .route("/customers/{id}/merge/{winner}", post(merge))
        .route("/orders", post(order))
        .route("/orders/{id}/move/{status}", post(moved))
        .route("/seed", post(seed))
        .route("/writes", get(writes))
        .route("/settings", get(settings).put(set))
        .with_state(retail)
        .merge(ledger)
}

#[derive(Deserialize)]
struct NewKey {
    key: String,
    #[serde(default)]
    methods: Option<Vec<String>>,
    #[serde(default)]
    sites: Option<Vec<String>>,
}

async fn key(Extract(retail): Extract<RetailCrm>, Json(new): Json<NewKey>) -> Answer {
    retail.add_key(&new.key);
    let methods = new.methods.as_ref().map(|methods| methods.iter().map(String::as_str).collect::<Vec<_>>());
    let sites = new.sites.as_ref().map(|sites| sites.iter().map(String::as_str).collect::<Vec<_>>());
    retail.allow_methods(&new.key, methods.as_deref());
    retail.allow_sites(&new.key, sites.as_deref());
    done(true)
}

async fn revoke(Extract(retail): Extract<RetailCrm>, Path(key): Path<String>) -> Answer {
    retail.revoke(&key);
    done(true)
}

#[derive(Deserialize)]
struct NewCustomer {
    first_name: String,
    #[serde(default)]
    last_name: String,
    #[serde(default)]
    phones: Vec<String>,
    #[serde(default)]
    external_id: Option<String>,
}

async fn customer(Extract(retail): Extract<RetailCrm>, Json(new): Json<NewCustomer>) -> Answer {
    let NewCustomer { first_name, last_name, phones, external_id } = new;
    done(json!({ "id": retail.add(Customer { first_name, last_name, phones, external_id, ..Customer::default() }) }))
}

async fn delete(Extract(retail): Extract<RetailCrm>, Path(id): Path<u64>) -> Answer {
    retail.delete(id);
    done(true)
}

async fn merge(Extract(retail): Extract<RetailCrm>, Path((loser, winner)): Path<(u64, u64)>) -> Answer {
    retail.merge(loser, winner);
    done(true)
}

#[derive(Deserialize)]
struct NewOrder {
    customer: Option<u64>,
    /// Of one item.
    price: f64,
}

async fn order(Extract(retail): Extract<RetailCrm>, Json(new): Json<NewOrder>) -> Answer {
    let items = vec![("Зёрна".to_owned(), new.price, 1.0)];
    done(json!({ "id": retail.add_order(Order { customer: new.customer, items, ..Order::default() }) }))
}

async fn moved(Extract(retail): Extract<RetailCrm>, Path((id, status)): Path<(u64, String)>) -> Answer {
    retail.move_order(id, &status);
    done(true)
}

async fn seed(Extract(retail): Extract<RetailCrm>, Json(wanted): Json<Seed>) -> Answer {
    done(retail.seed(&wanted))
}

async fn writes(Extract(retail): Extract<RetailCrm>) -> Answer {
    let shown = retail
        .writes()
        .into_iter()
        .map(|write| json!({ "what": write.what, "id": write.id, "created": write.created, "body": write.body }));
    done(shown.collect::<Vec<Value>>())
}

async fn settings(Extract(retail): Extract<RetailCrm>) -> Answer {
    done(retail.settings())
}

async fn set(Extract(retail): Extract<RetailCrm>, Json(wanted): Json<Settings>) -> Answer {
    retail.set(|settings| *settings = wanted);
    done(true)
}
