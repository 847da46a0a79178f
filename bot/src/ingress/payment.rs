//! What a bank's side tells of money for invoices: a small JSON, signed over its raw body.
//!
//! Nothing of it is read before the signature holds, and nothing but the payment itself is kept. A
//! payment has a number where it was made, so whatever is posted again changes nothing.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use mms_core::{
    account::{
        order::{self, OrderError},
        payment::{self, Paid, Payment, Stray},
    },
    billing,
    secret::Secret,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Ingress, same};
use crate::serve;

/// Where it is posted.
pub const PATH: &str = "/hooks/payment";
/// The header with `sha256=` and the HMAC of the body in hex.
pub const HEADER: &str = "x-mms-signature";
/// The largest body, bytes.
const MOST: usize = 16 * 1024;

/// What is told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    /// The bank's number of the payment.
    payment: String,
    /// The number of the invoice.
    order: i64,
    /// Hundredths of the currency.
    amount: i64,
    currency: String,
}

/// Whether a signature is of this body.
fn holds(secret: &Secret, body: &[u8], given: Option<&str>) -> bool {
    given.is_some_and(|given| same(&given.to_ascii_lowercase(), &billing::signature(secret.expose(), body)))
}

/// A payment: 200 with what came of it, also of one that was told before.
pub async fn payment(State(ingress): State<Arc<Ingress>>, headers: HeaderMap, body: Body) -> (StatusCode, Json<Value>) {
    let secret = &ingress.deps.settings.billing.hook_secret;
    // Without a secret nobody can sign: nothing is read.
    if secret.expose().is_empty() {
        return said(StatusCode::UNAUTHORIZED, "unsigned");
    }
    let body = match serve::body(body, MOST, ingress.limits).await {
        Ok(body) => body,
        Err(status) => return said(status, "unread"),
    };
    if !holds(secret, &body, headers.get(HEADER).and_then(|value| value.to_str().ok())) {
        return said(StatusCode::UNAUTHORIZED, "unsigned");
    }
    let Some(told) = serde_json::from_slice::<Told>(&body).ok().filter(|told| (1..=100).contains(&told.payment.len())) else {
        return said(StatusCode::BAD_REQUEST, "unknown_form");
    };
    match booked(&ingress, &told).await {
        Ok(outcome) => said(StatusCode::OK, outcome),
        Err(OrderError::Db(error)) => {
            tracing::error!(%error, order.id = told.order, "money that a bank told of could not be booked");
            said(StatusCode::SERVICE_UNAVAILABLE, "later")
        }
        Err(_) => match kept(&ingress, &told).await {
            Ok(()) => said(StatusCode::NOT_FOUND, "no_order"),
            Err(error) => {
                tracing::error!(%error, "money that a bank told of, for an order that is not there, could not be kept");
                said(StatusCode::SERVICE_UNAVAILABLE, "later")
            }
        },
    }
}

fn said(status: StatusCode, outcome: &str) -> (StatusCode, Json<Value>) {
    (status, Json(json!({ "outcome": outcome })))
}

fn key(told: &Told) -> String {
    format!("bank:{}", told.payment)
}

/// Keeps money for an order that there is not: it is to be given back.
async fn kept(ingress: &Ingress, told: &Told) -> sqlx::Result<()> {
    let key = key(told);
    let payment = Payment { key: &key, by: "bank", amount: told.amount, currency: &told.currency };
    if payment::keep_stray(&ingress.deps.store, payment, &told.order.to_string(), ingress.deps.now()).await? {
        tracing::error!(order.id = told.order, "money came for an order that is not there: `mms admin payments` lists it");
    }
    Ok(())
}

async fn booked(ingress: &Ingress, told: &Told) -> Result<&'static str, OrderError> {
    let store = &ingress.deps.store;
    let account = order::account_of(store, told.order).await?.ok_or(OrderError::NotFound)?;
    let key = key(told);
    let payment = Payment { key: &key, by: "bank", amount: told.amount, currency: &told.currency };
    let paid = payment::pay(store, account, told.order, payment, ingress.deps.now()).await?;
    tracing::info!(order.id = told.order, payment.outcome = ?paid, "a bank told of money");
    Ok(match paid {
        Paid::Now(_) => "paid",
        Paid::Before => "told_before",
        Paid::Kept(Stray::Twice) => "paid_before",
        Paid::Kept(Stray::OtherSum) => "other_sum",
        Paid::Kept(Stray::Nobody) => "company_deleted",
        Paid::Kept(Stray::Closed) => "access_closed",
        Paid::Kept(Stray::NoOrder) => "no_order",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_of_its_body_and_its_secret() {
        let secret = Secret::new("s3cr3t");
        let good = billing::signature("s3cr3t", b"{}");
        assert!(holds(&secret, b"{}", Some(&good)) && holds(&secret, b"{}", Some(&good.to_ascii_uppercase())));
        let other = billing::signature("other", b"{}");
        for (body, given) in [
            (b"{}".as_slice(), Some(other.as_str())),
            (b"{ }", Some(&good)),
            (b"{}", Some(&good["sha256=".len()..])),
            (b"{}", Some("sha256=")),
            (b"{}", Some("")),
            (b"{}", None),
        ] {
            assert!(!holds(&secret, body, given), "{given:?}");
        }
    }
}
