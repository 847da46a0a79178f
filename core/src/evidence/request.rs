//! The register of requests for evidence: who asks about whom, when that came, the last day for an
//! answer, and the answer. The term is five working days from the day after the request
//! (the agreement, 6.4), by the calendar of [`crate::calendar`]; of a year whose working days are
//! not known there is no day, and the register says so.

use chrono::NaiveDate;
use serde_json::json;

use super::{EvidenceError, queries};
use crate::{
    account::{Actor, By, Language, Right, settings},
    calendar,
    clock::Moment,
    id::{AccountId, CampaignId, ContactId, EvidenceRequestId},
    notice::{self, NewNotice, NoticeKind},
    on,
    paper::{Paper, PaperError},
    register::{self, Register},
    store::Store,
    text,
};

/// Working days for an answer.
pub const TERM: u32 = 5;
/// Characters of a text at most.
pub const WORDS: usize = 500;
/// The register.
pub const REGISTER: Register = Register { next: queries::NEXT_REQUEST, counts: queries::COUNTS, page: queries::REQUESTS };

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Request {
    pub id: EvidenceRequestId,
    pub account_id: AccountId,
    /// From 1, by account.
    #[sqlx(try_from = "i32")]
    pub number: i64,
    /// Who asks.
    pub from_whom: String,
    /// About whom or what.
    pub about: String,
    /// Found since.
    pub contact_id: Option<ContactId>,
    pub campaign_id: Option<CampaignId>,
    #[sqlx(try_from = "String")]
    pub received_on: Day,
    /// The last day for an answer; `None`: the calendar of that year is not known.
    pub due_on: Option<String>,
    pub answered_on: Option<String>,
    pub answer: Option<String>,
    /// Who entered it.
    pub made_by: String,
    pub answered_by: Option<String>,
    pub created_at: Moment,
}

/// A day, as tables keep it: 2026-12-07.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub NaiveDate);

impl TryFrom<String> for Day {
    type Error = chrono::ParseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

/// How a request stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Standing {
    /// There is time.
    Open,
    /// The next working day is the last one.
    Soon,
    /// Today is the last day.
    Today,
    /// The last day is over.
    Overdue,
    /// It has an answer that came in time, or of which nobody knows the term.
    Answered,
    /// It was answered after the last day.
    AnsweredLate,
    /// Nobody knows the working days of that year.
    Unknown,
}

impl Request {
    /// The last day for an answer.
    #[must_use]
    pub fn due(&self) -> Option<NaiveDate> {
        self.due_on.as_deref().and_then(|day| day.parse().ok())
    }

    /// The day of the answer.
    #[must_use]
    pub fn answered(&self) -> Option<NaiveDate> {
        self.answered_on.as_deref().and_then(|day| day.parse().ok())
    }

    /// How it stands on a day.
    #[must_use]
    pub fn standing(&self, today: NaiveDate) -> Standing {
        match (self.answered(), self.due()) {
            (Some(answered), Some(due)) if answered > due => Standing::AnsweredLate,
            (Some(_), _) => Standing::Answered,
            (None, None) => Standing::Unknown,
            (None, Some(due)) if today > due => Standing::Overdue,
            (None, Some(due)) if today == due => Standing::Today,
            (None, Some(due)) => match calendar::russia().after(today, 1) {
                Ok(next) if next >= due => Standing::Soon,
                _ => Standing::Open,
            },
        }
    }
}

/// A text of a request, or nothing when it is none.
fn words(raw: &str) -> Result<String, EvidenceError> {
    let clean = text::clean(raw);
    if (1..=WORDS).contains(&clean.chars().count()) { Ok(clean) } else { Err(EvidenceError::Words) }
}

/// The last day for an answer to a request of this day.
#[must_use]
pub fn last_day(received: NaiveDate) -> Option<NaiveDate> {
    calendar::russia().after(received, TERM).ok()
}

/// Enters a request that came on a day of the account's clock.
///
/// # Errors
/// [`EvidenceError::Words`], [`EvidenceError::Day`]; a missing right; the database's.
pub async fn enter(
    store: &Store,
    actor: &Actor,
    from_whom: &str,
    about: &str,
    received: NaiveDate,
    now: Moment,
) -> Result<EvidenceRequestId, EvidenceError> {
    let by = By::Member(actor);
    by.need(Right::Evidence)?;
    let (from_whom, about) = (words(from_whom)?, words(about)?);
    let today = now.with_timezone(&settings::zone(store, actor.account).await?).date_naive();
    register::check(received, today)?;
    let id = EvidenceRequestId::new();
    let due = last_day(received).map(|day| day.to_string());
    let mut tx = store.begin().await?;
    let number = REGISTER.next(&mut tx, actor.account).await?;
    on!(tx.conn(), |c| sqlx::query(queries::ENTER)
        .bind(id)
        .bind(actor.account)
        .bind(number)
        .bind(&from_whom)
        .bind(&about)
        .bind(received.to_string())
        .bind(&due)
        .bind(actor.member)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    by.audit(&mut tx, "evidence.request", id, json!({ "number": number, "received": received, "due": due }), now).await?;
    tx.commit().await?;
    Ok(id)
}

/// A request.
///
/// # Errors
/// The database's.
pub async fn get(store: &Store, account: AccountId, id: EvidenceRequestId) -> sqlx::Result<Option<Request>> {
    on!(store.read(), |c| sqlx::query_as(queries::REQUEST).bind(account).bind(id).fetch_optional(c).await)
}

/// A page of requests, the newest first.
///
/// # Errors
/// The database's.
pub async fn page(store: &Store, account: AccountId, page: u32, size: u32) -> sqlx::Result<Vec<Request>> {
    REGISTER.page(store, account, i64::from(size), i64::from(page) * i64::from(size)).await
}

/// How many requests there are, and how many of them wait for an answer.
///
/// # Errors
/// The database's.
pub async fn counts(store: &Store, account: AccountId) -> sqlx::Result<(i64, i64)> {
    REGISTER.counts(store, account).await
}

/// Notes that a request was answered today, and how.
///
/// # Errors
/// [`EvidenceError::NotFound`], [`EvidenceError::Answered`], [`EvidenceError::Words`]; a missing
/// right; the database's.
pub async fn answer(store: &Store, actor: &Actor, id: EvidenceRequestId, how: &str, now: Moment) -> Result<(), EvidenceError> {
    let by = By::Member(actor);
    by.need(Right::Evidence)?;
    let how = words(how)?;
    let found = get(store, actor.account, id).await?.ok_or(EvidenceError::NotFound)?;
    let today = now.with_timezone(&settings::zone(store, actor.account).await?).date_naive();
    let mut tx = store.begin().await?;
    let done = on!(tx.conn(), |c| sqlx::query(queries::ANSWER)
        .bind(actor.account)
        .bind(id)
        .bind(today.to_string())
        .bind(&how)
        .bind(actor.member)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if done == 0 {
        return Err(EvidenceError::Answered);
    }
    by.audit(&mut tx, "evidence.answer", id, json!({ "number": found.number, "day": today, "due": found.due_on }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Tells the owners of requests whose last day comes, is there, or is over; once each.
///
/// # Errors
/// The database's.
pub async fn warn(store: &Store, now: Moment) -> sqlx::Result<()> {
    let open: Vec<Request> = on!(store.read(), |c| sqlx::query_as(queries::OPEN).fetch_all(c).await)?;
    for request in open {
        let today = now.with_timezone(&settings::zone(store, request.account_id).await?).date_naive();
        let standing = request.standing(today);
        if !matches!(standing, Standing::Soon | Standing::Today | Standing::Overdue) {
            continue;
        }
        let word: &'static str = standing.into();
        let notice = NewNotice {
            account: request.account_id,
            member: None,
            kind: NoticeKind::EvidenceDue,
            payload: json!({ "request": request.id, "number": request.number, "standing": word, "due": request.due_on }),
            dedupe_key: format!("evidence.due:{}:{word}", request.id),
        };
        let mut tx = store.begin().await?;
        notice::raise(&mut tx, notice, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The register as a paper, the newest request first, on the record; `titles`: words for how a
/// request stands.
///
/// # Errors
/// [`RegisterError`].
pub async fn paper(store: &Store, actor: &Actor, titles: impl Fn(Standing) -> String, now: Moment) -> Result<Vec<u8>, RegisterError> {
    let by = By::Member(actor);
    by.need(Right::Evidence).map_err(EvidenceError::from)?;
    let (account, language) = (actor.account, actor.language);
    let today = now.with_timezone(&settings::zone(store, account).await?).date_naive();
    let company = settings::get(store, account).await?.map(|settings| settings.name).unwrap_or_default();
    let all = page(store, account, 0, u32::MAX).await?;
    let mut tx = store.begin().await?;
    by.audit(&mut tx, "evidence.register", account, json!({ "rows": all.len() }), now).await?;
    tx.commit().await?;
    let pick = |russian: &'static str, english: &'static str| match language {
        Language::Ru => russian,
        Language::En => english,
    };
    let mut paper =
        Paper::new(&format!("{}: {company}", pick("Реестр запросов доказательств", "Register of requests for evidence")), language);
    let day = |day: Option<NaiveDate>| day.map_or_else(|| "—".to_owned(), |day| day.format("%d.%m.%Y").to_string());
    paper.text(&format!("{} {}", pick("Составлен", "Made on"), day(Some(today))));
    let row = |request: &Request| {
        vec![
            request.number.to_string(),
            request.from_whom.clone(),
            request.about.clone(),
            day(Some(request.received_on.0)),
            day(request.due()),
            titles(request.standing(today)),
            [day(request.answered()), request.answer.clone().unwrap_or_default()].join("\n"),
        ]
    };
    let head = [
        "№",
        pick("От кого", "From"),
        pick("О ком", "About"),
        pick("Получен", "Received"),
        pick("Ответить до", "Answer by"),
        pick("Состояние", "State"),
        pick("Ответ", "Answer"),
    ];
    paper.table(&head, &all.iter().map(row).collect::<Vec<_>>());
    Ok(paper.finish()?)
}

/// Why the register's paper could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// A missing right; the database's.
    #[error(transparent)]
    Room(#[from] EvidenceError),
    /// The library's.
    #[error(transparent)]
    Paper(#[from] PaperError),
}

impl From<sqlx::Error> for RegisterError {
    fn from(error: sqlx::Error) -> Self {
        Self::Room(error.into())
    }
}

#[cfg(test)]
mod tests;
