//! The control surface of the YCLIENTS double under `/sandbox/yclients`, for the page and for tests
//! in other processes. Faults, restarts and the clock are the sandbox's.

use axum::{
    Json, Router,
    extract::{Path, State as Extract},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Company, Seed, Settings, Yclients};
use crate::control::{Answer, done, of_ledger};

pub(crate) fn router(yclients: Yclients) -> Router {
    let ledger = of_ledger(yclients.ledger().clone());
    Router::new()
        .route("/partners", post(partner))
        .route("/companies", post(company))
        .route("/companies/{company}/seed", post(seed))
        .route("/users", post(user))
        .route("/writes", get(writes))
        .route("/settings", get(settings).put(set))
        .with_state(yclients)
        .merge(ledger)
}

#[derive(Deserialize)]
struct NewPartner {
    token: String,
    application: i64,
}

async fn partner(Extract(yclients): Extract<Yclients>, Json(new): Json<NewPartner>) -> Answer {
    yclients.add_partner(&new.token, new.application);
    done(true)
}

#[derive(Deserialize)]
struct NewCompany {
    id: i64,
    title: String,
}

async fn company(Extract(yclients): Extract<Yclients>, Json(new): Json<NewCompany>) -> Answer {
    yclients.add_company(Company::new(new.id, &new.title));
    done(true)
}

async fn seed(Extract(yclients): Extract<Yclients>, Path(company): Path<i64>, Json(wanted): Json<Seed>) -> Answer {
    done(yclients.seed(company, &wanted))
}

#[derive(Deserialize)]
struct NewUser {
    login: String,
    password: String,
    companies: Vec<i64>,
}

async fn user(Extract(yclients): Extract<Yclients>, Json(new): Json<NewUser>) -> Answer {
    let id = yclients.add_user(&new.login, &new.password, &new.companies);
    done(json!({ "id": id, "token": yclients.user_token(id) }))
}

async fn writes(Extract(yclients): Extract<Yclients>) -> Answer {
    let shown = yclients
        .writes()
        .into_iter()
        .map(|write| json!({ "company": write.company, "what": write.what, "how": write.how, "id": write.id, "body": write.body }));
    done(shown.collect::<Vec<Value>>())
}

async fn settings(Extract(yclients): Extract<Yclients>) -> Answer {
    done(yclients.settings())
}

async fn set(Extract(yclients): Extract<Yclients>, Json(wanted): Json<Settings>) -> Answer {
    yclients.set(|settings| *settings = wanted);
    done(true)
}
