//! Money that Telegram asks about and tells of. Before it moves, Telegram asks whether the invoice
//! still holds and waits ten seconds for the word; afterwards it tells, and may tell it again. Both
//! come as updates of the managers' bot, and neither waits for what else a chat has in line.
//!
//! What came is kept like any update ([`crate::frame::gates::keep`]) and let go only once it is
//! booked: a process that dies meanwhile books it at its next start. Booking twice is booking once
//! ([`mms_core::account::payment::pay`]).

use std::time::Duration;

use mms_core::{
    account::{
        Right,
        order::{self, Order},
        payment::{self, Paid, Payment},
    },
    retry,
};
use serde_json::{Value, json};

use crate::{
    frame::{auth, cx::Cx, deps::Deps, gates},
    p,
    screens::licence::buy,
};

/// Telegram takes the word for ten seconds (Bot API, `answerPreCheckoutQuery`); the call itself
/// needs some of them.
const WORD: Duration = Duration::from_secs(7);

/// Whether a raw update asks about money, or tells of some.
#[must_use]
pub fn is_of_money(raw: &Value) -> bool {
    raw["pre_checkout_query"].is_object() || raw["message"]["successful_payment"].is_object()
}

/// Takes such an update.
pub async fn take(deps: Deps, raw: Value) {
    let query = &raw["pre_checkout_query"];
    if query.is_object() {
        answer(&deps, query).await;
    } else if !booked(&deps, &raw["message"]).await {
        // The process ends: the next one finds the update kept.
        return;
    }
    gates::let_go(&deps, &gates::id_of(&raw).into_iter().collect::<Vec<_>>()).await;
}

/// Who pays: in a private chat its id is the person's.
async fn payer(deps: &Deps, user: i64) -> sqlx::Result<Cx> {
    auth::context(deps, user, user, "").await
}

/// Says whether an invoice may be paid, or why not.
async fn answer(deps: &Deps, query: &Value) {
    let word = tokio::time::timeout(WORD, checked(deps, query)).await;
    let refused = match word {
        Ok(Ok(refused)) => refused,
        Ok(Err(error)) => {
            tracing::error!(%error, "an invoice could not be looked up before its payment");
            Some(tried_later(query))
        }
        Err(_) => {
            tracing::error!("an invoice was not looked up in time before its payment");
            Some(tried_later(query))
        }
    };
    let mut body = json!({ "pre_checkout_query_id": query["id"], "ok": refused.is_none() });
    if let Some(sentence) = refused {
        body["error_message"] = json!(sentence);
    }
    if let Err(error) = deps.bot.call_once("answerPreCheckoutQuery", &body).await {
        tracing::warn!(%error, "Telegram did not take the word before a payment");
    }
}

/// What is said when nobody can look: in the language Telegram tells of the person.
fn tried_later(query: &Value) -> String {
    let language = auth::language_of(query["from"]["language_code"].as_str());
    p!(crate::i18n::Tr::new(language, chrono_tz::UTC), "failed")
}

/// Why an invoice must not be paid; `None`: it may.
async fn checked(deps: &Deps, query: &Value) -> sqlx::Result<Option<String>> {
    let cx = payer(deps, query["from"]["id"].as_i64().unwrap_or_default()).await?;
    let unknown = || Ok(Some(p!(cx.tr, "licence-refused-unknown")));
    let Some(id) = query["invoice_payload"].as_str().and_then(Order::of_payload) else { return unknown() };
    let Some(account) = order::account_of(&deps.store, id).await? else { return unknown() };
    if !cx.who.as_ref().is_some_and(|actor| actor.account == account && actor.role.may(Right::Own)) {
        return Ok(Some(p!(cx.tr, "licence-refused-stranger")));
    }
    let sum = (query["total_amount"].as_i64().unwrap_or_default(), query["currency"].as_str().unwrap_or_default());
    match order::check(&deps.store, account, id, sum, cx.now).await {
        Ok(_) => Ok(None),
        Err(order::OrderError::Db(error)) => Err(error),
        Err(error) => Ok(Some(buy::sentence(cx.tr, &error))),
    }
}

/// Books money, again and again until the database took it; `false`: the process ends first.
async fn booked(deps: &Deps, message: &Value) -> bool {
    let mut failures = 0_i64;
    loop {
        match book(deps, message).await {
            Ok(()) => return true,
            Err(error) => {
                failures += 1;
                tracing::error!(%error, failures, "money that came could not be booked yet");
            }
        }
        tokio::select! {
            () = deps.bot.ending() => return false,
            () = tokio::time::sleep(retry::PAYMENT.wait(failures)) => {}
        }
    }
}

async fn book(deps: &Deps, message: &Value) -> sqlx::Result<()> {
    let told = &message["successful_payment"];
    let words = |name: &str| told[name].as_str().unwrap_or_default();
    let (charge, amount) = (words("telegram_payment_charge_id"), told["total_amount"].as_i64().unwrap_or_default());
    let account = match Order::of_payload(words("invoice_payload")) {
        Some(id) => order::account_of(&deps.store, id).await?.map(|account| (id, account)),
        None => None,
    };
    let key = format!("telegram:{charge}");
    let Some((id, account)) = account.filter(|_| !charge.is_empty()) else {
        tracing::error!(
            payment.charge = charge,
            payment.amount = amount,
            "money came for an order that is not there: `mms admin payments` lists it"
        );
        if !charge.is_empty() {
            let payment = Payment { key: &key, by: "telegram", amount, currency: words("currency") };
            payment::keep_stray(&deps.store, payment, words("invoice_payload"), deps.now()).await?;
        }
        return Ok(());
    };
    let cx = payer(deps, message["from"]["id"].as_i64().unwrap_or_default()).await?;
    let member = cx.who.as_ref().filter(|actor| actor.account == account).map(|actor| actor.member.to_string());
    let by = member.unwrap_or_else(|| "telegram".to_owned());
    let payment = Payment { key: &key, by: &by, amount, currency: words("currency") };
    match payment::pay(&deps.store, account, id, payment, cx.now).await {
        Ok(Paid::Now(licence)) => tracing::info!(order.id = id, licence.id = %licence.id, "an order is paid"),
        Ok(Paid::Before) => tracing::debug!(order.id = id, "a payment was told once more"),
        Ok(Paid::Kept(why)) => {
            tracing::error!(
                order.id = id,
                payment.why = <&str>::from(why),
                "money came that makes no licence: `mms admin payments` lists it"
            )
        }
        Err(order::OrderError::Db(error)) => return Err(error),
        Err(error) => tracing::error!(%error, order.id = id, "a payment is not taken"),
    }
    Ok(())
}
