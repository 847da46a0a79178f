//! Money that comes for orders of licences.
//!
//! Whoever tells of money (Telegram, a bank's side, the person at the server) may tell it any
//! number of times, late, or twice for one order. So each payment is a row under the number it has
//! where it was made, and what becomes of it is decided in the transaction that writes it: the
//! first that pays what the order wanted makes the licence, and a repeat changes nothing. Money
//! that came late pays all the same: whoever took it owes the licence.
//!
//! Money that makes no licence ([`Stray`]) is kept, and stands in a register until the person at
//! the server gave it back ([`returned`]) or, where access was closed, until it is confirmed after
//! access was opened again. So it is never lost, never counts twice, and never buys something for a
//! company that is not there.

use serde_json::json;

use super::{
    By,
    licence::{self, Licence},
    order::{self, Order, OrderState, Result},
    queries,
    suspension::{self, Scope},
};
use crate::{
    clock::Moment,
    id::{AccountId, LicenceId},
    notice::{self, NewNotice, NoticeKind},
    on,
    store::{Store, Tx, audit},
    text::clean_to,
};

/// The longest name of the document by which money is given back, characters.
const DOCUMENT: usize = 300;

/// Money that came for an order.
#[derive(Debug, Clone, Copy)]
pub struct Payment<'a> {
    /// Who says so and their number of it, as `telegram:<charge>`: the same twice is one payment.
    pub key: &'a str,
    /// In the trail: a member's id, `bank`, `admin`.
    pub by: &'a str,
    pub amount: i64,
    pub currency: &'a str,
}

/// Why money made no licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Stray {
    /// The order was paid already.
    Twice,
    /// The order costs something else.
    OtherSum,
    /// The company was deleted: nobody could use it.
    Nobody,
    /// The licensor closed all access of the company.
    Closed,
    /// There is no such order.
    NoOrder,
}

/// What came of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paid {
    /// The licence is there.
    Now(Licence),
    /// It was told before, and changed nothing.
    Before,
    /// It is kept, and no licence was made.
    Kept(Stray),
}

/// Takes a payment: the licence is there at its commit, once however often it is told. What was
/// kept while access was closed makes its licence when it is told again after access was opened.
///
/// # Errors
/// [`order::OrderError::NotFound`] ([`keep_stray`] keeps such money), the database's; then nothing
/// is kept.
pub async fn pay(store: &Store, account: AccountId, id: i64, payment: Payment<'_>, now: Moment) -> Result<Paid> {
    let mut tx = store.begin().await?;
    // Of two payments of one account at once the second waits here.
    on!(tx.conn(), |c| sqlx::query(audit::HOLD).bind(account).execute(c).await.map(|_| ()))?;
    let order = order::held(&mut tx, account, id).await?;
    let known: Option<Option<LicenceId>> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::PAYMENT).bind(account).bind(payment.key).fetch_optional(c).await)?;
    let before: Option<(Stray, bool)> = on!(tx.conn(), |c| sqlx::query_as(queries::STRAY).bind(payment.key).fetch_optional(c).await)?;
    let is_settled = before.is_some_and(|(_, settled)| settled);
    if is_settled || (known.is_some() && !matches!(before, Some((Stray::Closed, _)))) {
        return Ok(Paid::Before);
    }
    let stray = stray(&mut tx, &order, payment, now).await?;
    if known.is_some() && stray.is_some() {
        return Ok(Paid::Before);
    }
    if let Some(why) = stray {
        write(&mut tx, &order, payment, None, now).await?;
        put_aside(&mut tx, Some(account), payment, &id.to_string(), why, now).await?;
        let details = json!({ "amount": payment.amount, "currency": payment.currency, "payment": payment.key, "why": why });
        audit::record(&mut tx, account, payment.by, "licence.payment_strange", &id.to_string(), &details, now).await?;
        let notice = NewNotice {
            account,
            member: None,
            kind: NoticeKind::LicenceStrange,
            payload: json!({ "order": id, "amount": payment.amount, "currency": payment.currency, "why": why }),
            dedupe_key: format!("licence.strange:{}", payment.key),
        };
        if why != Stray::Nobody {
            notice::raise(&mut tx, notice, now).await?;
        }
        tx.commit().await?;
        return Ok(Paid::Kept(why));
    }
    let (from, until) = order::span(&mut tx, &order, now).await?;
    let why = json!({ "order": id, "payment": payment.key });
    let licence = licence::issue_in(&mut tx, account, payment.by, order.plan, (from, until), why, now).await?;
    if known.is_some() {
        on!(tx.conn(), |c| sqlx::query(queries::PAYMENT_MADE).bind(account).bind(payment.key).bind(licence).execute(c).await.map(|_| ()))?;
    } else {
        write(&mut tx, &order, payment, Some(licence), now).await?;
    }
    if before.is_some() {
        end(&mut tx, payment.key, None, now).await?;
    }
    on!(tx.conn(), |c| sqlx::query(queries::PAID_ORDER).bind(account).bind(id).bind(licence).bind(now).execute(c).await.map(|_| ()))?;
    let notice = NewNotice {
        account,
        member: None,
        kind: NoticeKind::LicencePaid,
        payload: json!({ "order": id, "plan": order.plan, "from": from, "until": until }),
        dedupe_key: format!("licence.paid:{id}"),
    };
    notice::raise(&mut tx, notice, now).await?;
    tx.commit().await?;
    Ok(Paid::Now(Licence { id: licence, account_id: account, plan: order.plan, valid_from: from, valid_until: until, revoked_at: None }))
}

/// Why money makes no licence; `None`: it does.
async fn stray(tx: &mut Tx, order: &Order, payment: Payment<'_>, now: Moment) -> sqlx::Result<Option<Stray>> {
    let account = order.account_id;
    let come_in: bool = on!(tx.conn(), |c| sqlx::query_scalar(queries::SOMEBODY_COMES_IN).bind(account).fetch_one(c).await)?;
    if !come_in {
        return Ok(Some(Stray::Nobody));
    }
    if order.state == OrderState::Paid {
        return Ok(Some(Stray::Twice));
    }
    if order.amount != payment.amount || order.currency != payment.currency {
        return Ok(Some(Stray::OtherSum));
    }
    let closed = suspension::current_in(tx, account, now).await?.is_some_and(|closed| closed.scope == Scope::All);
    Ok(closed.then_some(Stray::Closed))
}

async fn write(tx: &mut Tx, order: &Order, payment: Payment<'_>, licence: Option<LicenceId>, now: Moment) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::KEEP_PAYMENT)
        .bind(payment.key)
        .bind(order.account_id)
        .bind(order.id)
        .bind(payment.amount)
        .bind(payment.currency)
        .bind(licence)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}

async fn put_aside(
    tx: &mut Tx,
    account: Option<AccountId>,
    payment: Payment<'_>,
    order: &str,
    why: Stray,
    now: Moment,
) -> sqlx::Result<bool> {
    on!(tx.conn(), |c| sqlx::query(queries::PUT_ASIDE)
        .bind(payment.key)
        .bind(account)
        .bind(order)
        .bind(payment.amount)
        .bind(payment.currency)
        .bind(why)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))
}

/// Keeps money for an order that there is not; `order`: what stood in its place. `false`: it was
/// told before.
///
/// # Errors
/// The database's.
pub async fn keep_stray(store: &Store, payment: Payment<'_>, order: &str, now: Moment) -> sqlx::Result<bool> {
    let mut tx = store.begin().await?;
    let new = put_aside(&mut tx, None, payment, &clean_to(order, DOCUMENT), Stray::NoOrder, now).await?;
    tx.commit().await?;
    Ok(new)
}

/// Money that made no licence and was not given back.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Aside {
    pub payment: String,
    /// Whose order it named; `None`: there is no such order.
    pub account_id: Option<AccountId>,
    /// The number of the order, or what stood in its place.
    pub told: String,
    pub amount: i64,
    pub currency: String,
    pub why: Stray,
    pub created_at: Moment,
}

/// Money that is to be given back, of all accounts, the oldest first: for the command line.
///
/// # Errors
/// The database's.
pub async fn to_give_back(store: &Store) -> sqlx::Result<Vec<Aside>> {
    on!(store.read(), |c| sqlx::query_as(queries::ASIDE).fetch_all(c).await)
}

/// Why money is not noted as given back.
#[derive(Debug, thiserror::Error)]
pub enum ReturnError {
    /// No such money is to be given back.
    #[error("no such money is to be given back")]
    None,
    /// The document has no name.
    #[error("the document has no name")]
    Document,
    /// The database's.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
    /// The trail's.
    #[error(transparent)]
    Account(#[from] super::AccountError),
}

/// Notes by which document money was given back: the command line's only.
///
/// # Errors
/// [`ReturnError`].
pub async fn returned(store: &Store, key: &str, document: &str, now: Moment) -> Result<Aside, ReturnError> {
    let document = clean_to(document, DOCUMENT);
    if document.is_empty() {
        return Err(ReturnError::Document);
    }
    let found = to_give_back(store).await?.into_iter().find(|one| one.payment == key).ok_or(ReturnError::None)?;
    let mut tx = store.begin().await?;
    if let Some(account) = found.account_id {
        on!(tx.conn(), |c| sqlx::query(audit::HOLD).bind(account).execute(c).await.map(|_| ()))?;
    }
    // Somebody noted it meanwhile, or it made its licence.
    if !end(&mut tx, key, Some(&document), now).await? {
        return Err(ReturnError::None);
    }
    if let Some(account) = found.account_id {
        let details = json!({ "payment": key, "amount": found.amount, "currency": found.currency, "document": document });
        By::Admin(account).audit(&mut tx, "licence.payment_returned", &found.told, details, now).await?;
    }
    tx.commit().await?;
    Ok(found)
}

async fn end(tx: &mut Tx, key: &str, document: Option<&str>, now: Moment) -> sqlx::Result<bool> {
    on!(tx.conn(), |c| sqlx::query(queries::END_ASIDE)
        .bind(key)
        .bind(document)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))
}

/// A payment as the command line lists it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    pub payment: String,
    pub order_id: i64,
    pub amount: i64,
    pub currency: String,
    pub licence_id: Option<LicenceId>,
    pub created_at: Moment,
}

/// The newest payments of an account, the newest first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId, limit: i64) -> sqlx::Result<Vec<Kept>> {
    on!(store.read(), |c| sqlx::query_as(queries::PAYMENTS).bind(account).bind(limit).fetch_all(c).await)
}
