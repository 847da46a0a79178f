//! The register of claims: the company's against its licensor, and those of recipients and
//! authorities against the company. Each has a clock of thirty days.

use chrono::{NaiveDate, TimeDelta};
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::json;

use super::queries;
use crate::{
    account::{AccountError, Actor, By, Right, load, settings},
    clock::Moment,
    id::{AccountId, ClaimId, DossierId, FileId, MemberId},
    notice::{self, NewNotice, NoticeKind},
    on,
    register::{self, DayError, Register},
    store::{
        Store,
        file::{self, Attached},
    },
    text::clean_to,
};

/// How long a claim may be looked into (clause 10.2).
pub const TERM: TimeDelta = TimeDelta::days(30);
/// Characters of whoever claims.
pub const CLAIMANT: usize = 200;
/// Characters of the subject, and of the answer.
pub const LONGEST: usize = 2_000;

/// The register.
pub const REGISTER: Register = Register { next: queries::NEXT_CLAIM, counts: queries::CLAIM_COUNTS, page: queries::CLAIMS };

/// Against whom.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, sqlx::Type, strum::IntoStaticStr, strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Direction {
    /// The company's against its licensor.
    ToLicensor,
    /// Of a recipient or an authority against the company.
    ToCompany,
}

/// Where a claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum State {
    Open,
    Answered,
    Closed,
}

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Claim {
    pub id: ClaimId,
    pub number: i64,
    pub direction: Direction,
    /// Who claims, in the company's words.
    pub claimant: String,
    pub subject: String,
    pub received_at: Moment,
    /// Until when it is to be answered.
    pub due_at: Moment,
    pub state: State,
    pub answer: Option<String>,
    pub answered_at: Option<Moment>,
    /// The document that came with it.
    pub file_id: Option<FileId>,
    pub member_id: MemberId,
    /// The dossier of evidence that answers it.
    pub dossier_id: Option<DossierId>,
    /// Of whom or what that is, as it was called; empty: of somebody who was deleted since.
    pub dossier: Option<String>,
    /// `None`: it is not made yet, or there is none.
    pub dossier_made_at: Option<Moment>,
}

/// What is entered.
#[derive(Debug, Clone, Copy)]
pub struct NewClaim<'a> {
    pub direction: Direction,
    pub claimant: &'a str,
    pub subject: &'a str,
    pub attached: Option<Attached<'a>>,
}

/// Why a claim was not entered or answered.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Words are missing or too many.
    #[error("it has 1 to {0} characters")]
    Length(usize),
    /// There is no such claim, or it is over.
    #[error("there is no such claim")]
    Absent,
    /// It cannot have come on that day.
    #[error(transparent)]
    Day(#[from] DayError),
    /// No right; the database's.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<sqlx::Error> for ClaimError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// Words of so many characters at most.
///
/// # Errors
/// [`ClaimError::Length`].
pub fn words(raw: &str, most: usize) -> Result<&str, ClaimError> {
    let text = raw.trim();
    if (1..=most).contains(&text.chars().count()) { Ok(text) } else { Err(ClaimError::Length(most)) }
}

/// Enters a claim: its thirty days begin.
///
/// # Errors
/// [`ClaimError`].
pub async fn enter(store: &Store, actor: &Actor, new: &NewClaim<'_>, now: Moment) -> Result<ClaimId, ClaimError> {
    let by = By::Member(actor);
    by.need(Right::Own)?;
    let (claimant, subject) = (clean_to(words(new.claimant, CLAIMANT)?, CLAIMANT), words(new.subject, LONGEST)?);
    let mut tx = store.begin().await?;
    let number = REGISTER.next(&mut tx, actor.account).await?;
    let kept = match new.attached {
        Some(one) => {
            load::keep_file(&mut tx, actor.account, one.content.len(), now).await?;
            Some(file::put(&mut tx, actor.account, one.name, one.mime, one.content, now).await?.id)
        }
        None => None,
    };
    let id = ClaimId::new();
    on!(tx.conn(), |c| sqlx::query(queries::ENTER_CLAIM)
        .bind(id)
        .bind(actor.account)
        .bind(number)
        .bind(new.direction)
        .bind(&claimant)
        .bind(subject)
        .bind(now)
        .bind(now + TERM)
        .bind(State::Open)
        .bind(kept)
        .bind(actor.member)
        .execute(c)
        .await
        .map(|_| ()))?;
    // Who claims is a person, perhaps: the trail names the row alone.
    let details = json!({ "number": number, "direction": new.direction, "due_at": now + TERM, "file": kept });
    by.audit(&mut tx, "claim.enter", id, details, now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Answers a claim: an owner one against the company, the licensor (`By::Admin`) one against it.
/// The owners are told of the licensor's answer.
///
/// # Errors
/// [`ClaimError`].
pub async fn answer(store: &Store, by: impl Into<By<'_>>, number: i64, text: &str, now: Moment) -> Result<(), ClaimError> {
    let by = by.into();
    by.need(Right::Own)?;
    let text = words(text, LONGEST)?;
    let direction = if by.member().is_some() { Direction::ToCompany } else { Direction::ToLicensor };
    let mut tx = store.begin().await?;
    let id: Option<ClaimId> = on!(tx.conn(), |c| sqlx::query_scalar(queries::ANSWER_CLAIM)
        .bind(by.account())
        .bind(number)
        .bind(direction)
        .bind(text)
        .bind(now)
        .fetch_optional(c)
        .await)?;
    let id = id.ok_or(ClaimError::Absent)?;
    by.audit(&mut tx, "claim.answer", id, json!({ "number": number }), now).await?;
    if direction == Direction::ToLicensor {
        let payload = json!({ "claim": id, "number": number, "text": text });
        let dedupe_key = format!("claim.answered:{id}:{}", now.timestamp_millis());
        let notice = NewNotice { account: by.account(), member: None, kind: NoticeKind::ClaimAnswered, payload, dedupe_key };
        notice::raise(&mut tx, notice, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A claim is over.
///
/// # Errors
/// [`ClaimError`].
pub async fn close(store: &Store, actor: &Actor, id: ClaimId, now: Moment) -> Result<(), ClaimError> {
    let by = By::Member(actor);
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let number: Option<i64> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::CLOSE_CLAIM).bind(actor.account).bind(id).fetch_optional(c).await)?;
    let number = number.ok_or(ClaimError::Absent)?;
    by.audit(&mut tx, "claim.close", id, json!({ "number": number }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// A claim came on another day than it was entered: its thirty days begin there.
///
/// # Errors
/// [`ClaimError`].
pub async fn came(store: &Store, actor: &Actor, id: ClaimId, typed: &str, now: Moment) -> Result<NaiveDate, ClaimError> {
    let by = By::Member(actor);
    by.need(Right::Own)?;
    let zone = settings::zone(store, actor.account).await?;
    let day = register::came_on(typed, now.with_timezone(&zone).date_naive())?;
    let received = register::moment_of(day, zone, now);
    let mut tx = store.begin().await?;
    let number: Option<i64> = on!(tx.conn(), |c| sqlx::query_scalar(queries::CLAIM_CAME)
        .bind(actor.account)
        .bind(id)
        .bind(received)
        .bind(received + TERM)
        .fetch_optional(c)
        .await)?;
    let number = number.ok_or(ClaimError::Absent)?;
    by.audit(&mut tx, "claim.date", id, json!({ "number": number, "day": day, "due_at": received + TERM }), now).await?;
    tx.commit().await?;
    Ok(day)
}

/// A dossier of the company's answers a claim; the last one that was attached counts.
///
/// # Errors
/// [`ClaimError`].
pub async fn attach(store: &Store, actor: &Actor, id: ClaimId, dossier: DossierId, now: Moment) -> Result<(), ClaimError> {
    let by = By::Member(actor);
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let number: Option<i64> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::ATTACH_DOSSIER).bind(actor.account).bind(id).bind(dossier).fetch_optional(c).await)?;
    let number = number.ok_or(ClaimError::Absent)?;
    by.audit(&mut tx, "claim.attach", id, json!({ "number": number, "dossier": dossier }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// A company's claims, all of them: what is open first, whatever is due soonest; then the newest.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId) -> sqlx::Result<Vec<Claim>> {
    REGISTER.page(store, account, i64::MAX, 0).await
}

/// One claim.
///
/// # Errors
/// The database's.
pub async fn get(store: &Store, account: AccountId, id: ClaimId) -> sqlx::Result<Option<Claim>> {
    on!(store.read(), |c| sqlx::query_as(queries::CLAIM).bind(account).bind(id).fetch_optional(c).await)
}

/// The words of the register's file, in the reader's language.
#[derive(Debug, Clone)]
pub struct Words {
    /// The sheet's name.
    pub sheet: String,
    /// Headings: number, against whom, who claims, subject, received, due, state, answer, answered,
    /// the dossier.
    pub headers: [String; 10],
    /// The directions' names, then the states', each in its order.
    pub directions: [String; 2],
    pub states: [String; 3],
    /// Of a dossier that is not made yet, and of one of somebody who was deleted since.
    pub dossiers: [String; 2],
    /// The zone in which times are written.
    pub zone: chrono_tz::Tz,
}

/// The register as a table.
///
/// # Errors
/// The file could not be written.
pub fn xlsx(rows: &[Claim], words: &Words) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(&words.sheet)?;
    let bold = Format::new().set_bold();
    for (column, title) in (0..).zip(&words.headers) {
        sheet.write_string_with_format(0, column, title, &bold)?;
        sheet.set_column_width(column, 20)?;
    }
    let time = |at: Moment| at.with_timezone(&words.zone).format("%Y-%m-%d %H:%M").to_string();
    let dossier = |row: &Claim| {
        let Some(about) = &row.dossier else { return String::new() };
        let about = if about.trim().is_empty() { &words.dossiers[1] } else { about };
        format!("{about}, {}", row.dossier_made_at.map_or_else(|| words.dossiers[0].clone(), time))
    };
    for (line, row) in (1..).zip(rows) {
        let direction = &words.directions[usize::from(row.direction == Direction::ToCompany)];
        let state = match row.state {
            State::Open => &words.states[0],
            State::Answered => &words.states[1],
            State::Closed => &words.states[2],
        };
        let cells = [
            row.number.to_string(),
            direction.clone(),
            row.claimant.clone(),
            row.subject.clone(),
            time(row.received_at),
            time(row.due_at),
            state.clone(),
            row.answer.clone().unwrap_or_default(),
            row.answered_at.map(time).unwrap_or_default(),
            dossier(row),
        ];
        for (column, cell) in (0..).zip(&cells) {
            // A string is never read as a formula.
            sheet.write_string(line, column, cell)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    book.save_to_buffer()
}
