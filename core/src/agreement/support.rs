//! What a company asks its licensor, and the answers, in the same chat. A ticket has a number that
//! people name, and a day until which an answer is due, in working days.

use chrono::{Days, NaiveTime};
use serde_json::json;

use super::queries;
use crate::{
    account::{AccountError, Actor, By, Right},
    calendar,
    clock::Moment,
    id::{AccountId, FileId, MemberId, TicketId},
    notice::{self, NewNotice, NoticeKind},
    on,
    register::Register,
    store::{
        Store, Tx,
        file::{self, Attached},
    },
};

/// The longest message, characters.
pub const LONGEST: usize = 3_500;
/// Messages of a ticket that are shown.
pub const SHOWN: i64 = 50;

/// The register.
pub const REGISTER: Register = Register { next: queries::NEXT_TICKET, counts: queries::TICKET_COUNTS, page: queries::TICKETS };

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum State {
    /// The licensor has the word.
    Open,
    /// The company has it.
    Answered,
    Closed,
}

/// Who wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Side {
    Company,
    Licensor,
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Ticket {
    pub id: TicketId,
    pub account_id: AccountId,
    pub number: i64,
    pub member_id: MemberId,
    /// Who opened it: their name as it is now.
    pub member: String,
    pub state: State,
    pub opened_at: Moment,
    /// Until when an answer is due; `None`: the working days of that year are not known.
    pub due_at: Option<Moment>,
    pub closed_at: Option<Moment>,
    /// The words it began with.
    pub first: String,
}

/// A message of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Message {
    pub side: Side,
    /// Who of the company wrote it.
    pub member: Option<String>,
    pub body: String,
    pub file_id: Option<FileId>,
    pub created_at: Moment,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum SupportError {
    /// Empty, or too long.
    #[error("a message has 1 to {LONGEST} characters")]
    Length,
    /// There is no such ticket, or it is closed.
    #[error("there is no such ticket")]
    Absent,
    /// No right; the database's.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<sqlx::Error> for SupportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// The end of the last of so many working days after `now`, by the company's clock; `None`: the
/// working days of that year are not known.
#[must_use]
pub fn due(now: Moment, zone: chrono_tz::Tz, working_days: u32) -> Option<Moment> {
    let last = calendar::russia().after(now.with_timezone(&zone).date_naive(), working_days).ok()?;
    let end = last.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN);
    end.and_local_timezone(zone).earliest().map(|end| end.to_utc())
}

fn words(body: &str, attached: bool) -> Result<&str, SupportError> {
    let body = body.trim();
    let count = body.chars().count();
    if count > LONGEST || (count == 0 && !attached) { Err(SupportError::Length) } else { Ok(body) }
}

/// Opens a ticket.
///
/// # Errors
/// [`SupportError`].
pub async fn open(
    store: &Store,
    actor: &Actor,
    body: &str,
    attached: Option<Attached<'_>>,
    due_at: Option<Moment>,
    now: Moment,
) -> Result<i64, SupportError> {
    let by = By::Member(actor);
    by.need(Right::View)?;
    let body = words(body, attached.is_some())?;
    let mut tx = store.begin().await?;
    let number = REGISTER.next(&mut tx, actor.account).await?;
    let id = TicketId::new();
    on!(tx.conn(), |c| sqlx::query(queries::OPEN_TICKET)
        .bind(id)
        .bind(actor.account)
        .bind(number)
        .bind(actor.member)
        .bind(State::Open)
        .bind(now)
        .bind(due_at)
        .execute(c)
        .await
        .map(|_| ()))?;
    put(&mut tx, actor.account, id, (Side::Company, Some(actor.member)), body, attached, now).await?;
    by.audit(&mut tx, "support.open", id, json!({ "number": number, "due_at": due_at, "file": attached.is_some() }), now).await?;
    tx.commit().await?;
    Ok(number)
}

/// Writes more into a ticket that is not closed: the licensor has the word again.
///
/// # Errors
/// [`SupportError`].
pub async fn add(
    store: &Store,
    actor: &Actor,
    id: TicketId,
    body: &str,
    attached: Option<Attached<'_>>,
    due_at: Option<Moment>,
    now: Moment,
) -> Result<(), SupportError> {
    let by = By::Member(actor);
    by.need(Right::View)?;
    let body = words(body, attached.is_some())?;
    let mut tx = store.begin().await?;
    // A clock that runs already goes on.
    let touched = on!(tx.conn(), |c| sqlx::query(queries::TICKET_ASKS)
        .bind(actor.account)
        .bind(id)
        .bind(due_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if touched == 0 {
        return Err(SupportError::Absent);
    }
    put(&mut tx, actor.account, id, (Side::Company, Some(actor.member)), body, attached, now).await?;
    by.audit(&mut tx, "support.add", id, json!({ "file": attached.is_some() }), now).await?;
    tx.commit().await?;
    Ok(())
}

async fn put(
    tx: &mut Tx,
    account: AccountId,
    ticket: TicketId,
    (side, member): (Side, Option<MemberId>),
    body: &str,
    attached: Option<Attached<'_>>,
    now: Moment,
) -> sqlx::Result<()> {
    let kept = match attached {
        Some(one) => Some(file::put(tx, account, one.name, one.mime, one.content, now).await?.id),
        None => None,
    };
    on!(tx.conn(), |c| sqlx::query(queries::PUT_MESSAGE)
        .bind(account)
        .bind(ticket)
        .bind(side)
        .bind(member)
        .bind(body)
        .bind(kept)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
}

/// The licensor answers: whoever opened the ticket is told in the chat.
///
/// # Errors
/// [`SupportError`].
pub async fn answer(store: &Store, account: AccountId, number: i64, body: &str, now: Moment) -> Result<(), SupportError> {
    let body = words(body, false)?;
    let mut tx = store.begin().await?;
    let found: Option<(TicketId, MemberId)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::TICKET_ANSWERED).bind(account).bind(number).fetch_optional(c).await)?;
    let (id, member) = found.ok_or(SupportError::Absent)?;
    put(&mut tx, account, id, (Side::Licensor, None), body, None, now).await?;
    By::Admin(account).audit(&mut tx, "support.answer", id, json!({ "number": number }), now).await?;
    let payload = json!({ "ticket": id, "number": number, "text": body });
    let dedupe_key = format!("support.answered:{id}:{}", now.timestamp_millis());
    notice::raise(&mut tx, NewNotice { account, member: Some(member), kind: NoticeKind::SupportAnswered, payload, dedupe_key }, now)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// A ticket comes to its end, by whichever side.
///
/// # Errors
/// [`SupportError`].
pub async fn close(store: &Store, by: impl Into<By<'_>>, number: i64, now: Moment) -> Result<(), SupportError> {
    let by = by.into();
    by.need(Right::View)?;
    let mut tx = store.begin().await?;
    let id: Option<TicketId> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::CLOSE_TICKET).bind(by.account()).bind(number).bind(now).fetch_optional(c).await)?;
    let id = id.ok_or(SupportError::Absent)?;
    by.audit(&mut tx, "support.close", id, json!({ "number": number }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// A company's tickets, all of them: what is open first, then the newest.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId) -> sqlx::Result<Vec<Ticket>> {
    REGISTER.page(store, account, i64::MAX, 0).await
}

/// A ticket by its number.
///
/// # Errors
/// The database's.
pub async fn of_number(store: &Store, account: AccountId, number: i64) -> sqlx::Result<Option<Ticket>> {
    on!(store.read(), |c| sqlx::query_as(queries::TICKET_OF_NUMBER).bind(account).bind(number).fetch_optional(c).await)
}

/// A ticket by its id.
///
/// # Errors
/// The database's.
pub async fn get(store: &Store, account: AccountId, id: TicketId) -> sqlx::Result<Option<Ticket>> {
    on!(store.read(), |c| sqlx::query_as(queries::TICKET).bind(account).bind(id).fetch_optional(c).await)
}

/// The last messages of a ticket, in their order.
///
/// # Errors
/// The database's.
pub async fn thread(store: &Store, account: AccountId, id: TicketId) -> sqlx::Result<Vec<Message>> {
    let mut last: Vec<Message> =
        on!(store.read(), |c| sqlx::query_as(queries::MESSAGES).bind(account).bind(id).bind(SHOWN).fetch_all(c).await)?;
    last.reverse();
    Ok(last)
}
