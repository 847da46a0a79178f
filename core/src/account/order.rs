//! Buying a licence: an owner accepts the terms and orders a plan, money comes, the licence is
//! there at once.
//!
//! What becomes of the money says [`super::payment`]. Whoever lost all access to the licensor's
//! suspension is sold nothing, and is asked for no money, until it is lifted.

use chrono::{Months, TimeDelta};
use serde_json::json;

use super::{
    Actor, By, Language, Right,
    plan::{self, Book, PlanCode, Terms},
    queries,
    suspension::{self, Scope},
};
use crate::{
    clock::Moment,
    id::{AccountId, LicenceId, MemberId},
    on,
    store::{Store, Tx, audit},
};

/// The currency of Telegram Stars, as Telegram calls it.
pub const STARS: &str = "XTR";
/// How long an order by Telegram waits for its payment.
const TELEGRAM_WAITS: TimeDelta = TimeDelta::hours(24);
/// Orders of an account that may be open at a time: each is a message with an invoice.
const OPEN: i64 = 10;
/// Longest name and address of a buyer, characters.
const BUYER: usize = 400;

/// How an order is paid.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Way {
    /// By a card, through Telegram Payments.
    Telegram,
    /// For Telegram Stars.
    Stars,
    /// By an invoice that a bank pays.
    Bank,
}

/// How an order stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OrderState {
    /// It waits for its payment.
    Open,
    /// Its licence is there.
    Paid,
    /// Nobody paid it in time.
    Expired,
    /// An owner took it back.
    Cancelled,
}

/// A licence that somebody means to buy.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Order {
    /// Its number, on papers too.
    pub id: i64,
    pub account_id: AccountId,
    /// Who ordered it, and accepted the terms then.
    pub member_id: MemberId,
    pub plan: PlanCode,
    /// Calendar months.
    pub months: i32,
    /// Hundredths of the currency; whole Stars for [`STARS`].
    pub amount: i64,
    pub currency: String,
    pub way: Way,
    pub state: OrderState,
    /// The hash of the accepted terms.
    pub terms: String,
    /// Name and address of the buyer, as they wrote it.
    pub buyer: String,
    pub buyer_inn: String,
    pub created_at: Moment,
    /// Until when its price is kept.
    pub expires_at: Moment,
    pub licence_id: Option<LicenceId>,
}

impl Order {
    /// What an invoice of Telegram carries, and gives back with the money.
    #[must_use]
    pub fn payload(&self) -> String {
        format!("licence:{}", self.id)
    }

    /// The number in such a payload; `None`: it is of something else.
    #[must_use]
    pub fn of_payload(payload: &str) -> Option<i64> {
        payload.strip_prefix("licence:")?.parse().ok().filter(|id| *id > 0)
    }
}

/// What is ordered.
#[derive(Debug, Clone, Copy)]
pub struct NewOrder<'a> {
    pub plan: PlanCode,
    pub months: u32,
    pub way: Way,
    /// In which language the terms were read.
    pub language: Language,
    /// Name and address of the buyer, and their INN: for a bank alone.
    pub buyer: Option<(&'a str, &'a str)>,
}

/// Why an order was not made, changed or paid.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// Owners alone buy.
    #[error("this role has no such right ({0:?})")]
    Forbidden(Right),
    /// There is no such order.
    #[error("there is no such order")]
    NotFound,
    /// The plan is not sold (any more), not for so long, or not this way.
    #[error("this is not sold")]
    NotSold,
    /// Too many wait to be paid.
    #[error("{OPEN} orders wait to be paid: cancel one first")]
    TooMany,
    /// An INN with another check digit, or none.
    #[error("this is no INN")]
    BadInn,
    /// No name, or a very long one.
    #[error("the buyer's name and address have 1 to {BUYER} characters")]
    BadBuyer,
    /// It is not open (any more).
    #[error("the order is {}", <&str>::from(*.0))]
    Closed(OrderState),
    /// The licensor closed all access: why.
    #[error("access is closed: {0}")]
    Suspended(String),
    /// Its price was kept until then.
    #[error("the order's price was kept until {0}")]
    Stale(Moment),
    /// Another sum than it costs.
    #[error("the order costs {amount} {currency}")]
    OtherSum { amount: i64, currency: String },
    /// The database's.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

pub(super) type Result<T, E = OrderError> = std::result::Result<T, E>;

/// Whether this is an INN: of a company (10 digits) or of a person (12), by its check digits.
#[must_use]
pub fn is_inn(text: &str) -> bool {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    let Some(digits) = digits else { return false };
    // Coefficients of the Federal Tax Service's rules for an INN.
    let check = |weights: &[u32]| weights.iter().zip(&digits).map(|(weight, digit)| weight * digit).sum::<u32>() % 11 % 10;
    match digits.len() {
        10 => check(&[2, 4, 10, 3, 5, 9, 4, 6, 8]) == digits[9],
        12 => check(&[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == digits[10] && check(&[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == digits[11],
        _ => false,
    }
}

/// A buyer as people write one: `ООО «Ромашка», ИНН 7707083893, Москва, …`. Gives what was written
/// and the INN found in it.
///
/// # Errors
/// [`OrderError::BadBuyer`], [`OrderError::BadInn`].
pub fn buyer(text: &str) -> Result<(String, String)> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() || text.chars().count() > BUYER {
        return Err(OrderError::BadBuyer);
    }
    let inn = text.split(|c: char| !c.is_ascii_digit()).find(|number| is_inn(number)).ok_or(OrderError::BadInn)?;
    Ok((text.clone(), inn.to_owned()))
}

/// Makes an order, and keeps that the terms were accepted with it: by whom, when, which words.
///
/// # Errors
/// [`OrderError`].
pub async fn place(store: &Store, actor: &Actor, book: &Book, new: &NewOrder<'_>, pay_days: u32, now: Moment) -> Result<Order> {
    own(actor)?;
    let offer = book.plan(new.plan).filter(|plan| plan.is_sold(now.date_naive())).and_then(|plan| plan.offer(new.months));
    let offer = offer.ok_or(OrderError::NotSold)?;
    let (amount, currency) = match new.way {
        Way::Stars => (offer.stars.ok_or(OrderError::NotSold)?, STARS),
        Way::Telegram | Way::Bank => (offer.kopecks, book.currency.as_str()),
    };
    let (buyer, inn) = new.buyer.unwrap_or_default();
    if new.way == Way::Bank && !is_inn(inn) {
        return Err(OrderError::BadInn);
    }
    let expires_at = match new.way {
        Way::Telegram | Way::Stars => now + TELEGRAM_WAITS,
        Way::Bank => now + TimeDelta::days(pay_days.into()),
    };
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(audit::HOLD).bind(actor.account).execute(c).await.map(|_| ()))?;
    if let Some(closed) = suspension::current_in(&mut tx, actor.account, now).await?.filter(|closed| closed.scope == Scope::All) {
        return Err(OrderError::Suspended(closed.reason));
    }
    let open: i64 = on!(tx.conn(), |c| sqlx::query_scalar(queries::OPEN_ORDERS).bind(actor.account).fetch_one(c).await)?;
    if open >= OPEN {
        return Err(OrderError::TooMany);
    }
    let terms = keep_terms(&mut tx, &book.terms, new.language, now).await?;
    let order: Order = on!(tx.conn(), |c| sqlx::query_as(queries::PLACE_ORDER)
        .bind(actor.account)
        .bind(actor.member)
        .bind(new.plan)
        .bind(i32::try_from(new.months).unwrap_or(i32::MAX))
        .bind(book.edition.to_string())
        .bind(amount)
        .bind(currency)
        .bind(new.way)
        .bind(&terms)
        .bind(buyer)
        .bind(inn)
        .bind(now)
        .bind(expires_at)
        .fetch_one(c)
        .await)?;
    let details = json!({
        "plan": order.plan, "months": order.months, "amount": amount, "currency": currency, "way": new.way, "terms": terms,
        "edition": book.edition,
    });
    By::Member(actor).audit(&mut tx, "licence.order", order.id, details, now).await?;
    tx.commit().await?;
    Ok(order)
}

async fn keep_terms(tx: &mut Tx, terms: &Terms, language: Language, now: Moment) -> sqlx::Result<String> {
    let hash = terms.hash(language);
    on!(tx.conn(), |c| sqlx::query(queries::KEEP_TERMS)
        .bind(&hash)
        .bind(language)
        .bind(terms.text(language))
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(hash)
}

fn own(actor: &Actor) -> Result<()> {
    if actor.role.may(Right::Own) { Ok(()) } else { Err(OrderError::Forbidden(Right::Own)) }
}

/// An order of an account.
///
/// # Errors
/// [`OrderError::NotFound`], the database's.
pub async fn get(store: &Store, account: AccountId, id: i64) -> Result<Order> {
    let order = on!(store.read(), |c| sqlx::query_as(queries::ORDER).bind(account).bind(id).fetch_optional(c).await)?;
    order.ok_or(OrderError::NotFound)
}

/// The newest orders of an account, the newest first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId, limit: i64) -> sqlx::Result<Vec<Order>> {
    on!(store.read(), |c| sqlx::query_as(queries::ORDERS).bind(account).bind(limit).fetch_all(c).await)
}

/// Whose order it is; `None`: there is none.
///
/// # Errors
/// The database's.
pub async fn account_of(store: &Store, id: i64) -> sqlx::Result<Option<AccountId>> {
    on!(store.read(), |c| sqlx::query_scalar(queries::ORDER_ACCOUNT).bind(id).fetch_optional(c).await)
}

/// An owner takes an order back.
///
/// # Errors
/// [`OrderError`].
pub async fn cancel(store: &Store, actor: &Actor, id: i64, now: Moment) -> Result<Order> {
    own(actor)?;
    let mut tx = store.begin().await?;
    let order = held(&mut tx, actor.account, id).await?;
    if order.state != OrderState::Open {
        return Err(OrderError::Closed(order.state));
    }
    on!(tx.conn(), |c| sqlx::query(queries::END_ORDER)
        .bind(actor.account)
        .bind(id)
        .bind(OrderState::Cancelled)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    By::Member(actor).audit(&mut tx, "licence.order_cancel", id, json!({}), now).await?;
    tx.commit().await?;
    Ok(Order { state: OrderState::Cancelled, ..order })
}

pub(super) async fn held(tx: &mut Tx, account: AccountId, id: i64) -> Result<Order> {
    on!(tx.conn(), |c| sqlx::query(queries::HOLD_ORDER).bind(account).bind(id).execute(c).await.map(|_| ()))?;
    let order = on!(tx.conn(), |c| sqlx::query_as(queries::ORDER).bind(account).bind(id).fetch_optional(c).await)?;
    order.ok_or(OrderError::NotFound)
}

/// Orders that nobody paid in time are over; for the duties of a worker. How many there were.
///
/// # Errors
/// The database's.
pub async fn expire(store: &Store, now: Moment) -> sqlx::Result<u64> {
    on!(store.once(), |c| sqlx::query(queries::EXPIRE_ORDERS).bind(now).execute(c).await.map(|done| done.rows_affected()))
}

/// Whether an order may be paid now with this sum: what is asked before money moves.
///
/// # Errors
/// [`OrderError`]: why it must not.
pub async fn check(store: &Store, account: AccountId, id: i64, (amount, currency): (i64, &str), now: Moment) -> Result<Order> {
    let order = get(store, account, id).await?;
    if order.state != OrderState::Open {
        return Err(OrderError::Closed(order.state));
    }
    if let Some(closed) = suspension::current(store, account, now).await?.filter(|closed| closed.scope == Scope::All) {
        return Err(OrderError::Suspended(closed.reason));
    }
    if order.expires_at <= now {
        return Err(OrderError::Stale(order.expires_at));
    }
    if order.amount != amount || order.currency != currency {
        return Err(OrderError::OtherSum { amount: order.amount, currency: order.currency });
    }
    Ok(order)
}

/// From when to when the licence of an order holds: the same plan goes on where the licences of it
/// end, another one begins at once.
pub(super) async fn span(tx: &mut Tx, order: &Order, now: Moment) -> sqlx::Result<(Moment, Moment)> {
    let ends: Option<Moment> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::PLAN_ENDS).bind(order.account_id).bind(order.plan).bind(now).fetch_one(c).await)?;
    let from = ends.unwrap_or(now);
    Ok((from, until(from, order.months)))
}

/// So many calendar months later; of a month without that day its last one.
#[must_use]
pub fn until(from: Moment, months: i32) -> Moment {
    let months = Months::new(months.unsigned_abs());
    from.checked_add_months(months).unwrap_or(from)
}

/// The plan of an order under the name it has today, and what it limits.
#[must_use]
pub fn plan_of(order: &Order) -> Option<&'static plan::Plan> {
    order.plan.plan()
}
