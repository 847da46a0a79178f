//! Evidence to be handed in: what is known of a person, of a list of people, of a campaign, as a
//! paper and as an archive that anybody can check offline ([`verify`]); and the register of
//! requests for it, each with the last day for an answer ([`request`]).
//!
//! A dossier is a row: asked for in the chat, made beside it ([`make`]), told of when it is ready.
//! Its files are kept for some days and can be made anew at any time. Whoever asks is on the trail
//! before anything is read.

pub mod archive;
pub mod campaigns;
pub mod make;
pub mod manifest;
pub mod person;
pub mod queries;
pub mod request;
pub mod verify;
pub mod written;

use serde_json::json;

use crate::{
    account::{AccountError, Actor, By, Language, Right},
    campaign,
    clock::Moment,
    contact::{card, segment},
    id::{AccountId, CampaignId, ContactId, DossierId, EvidenceRequestId, FileId, MemberId, SegmentId},
    on, register,
    store::Store,
};

pub use written::Words;

/// Of whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One person, with everything.
    Person(ContactId),
    /// Everybody whom a segment finds.
    Segment(SegmentId),
    /// Everybody of a campaign, and what it sent.
    Campaign(CampaignId),
}

impl Scope {
    /// The word in the table, and the id.
    fn parts(self) -> (&'static str, uuid::Uuid) {
        match self {
            Self::Person(id) => ("person", id.0),
            Self::Segment(id) => ("segment", id.0),
            Self::Campaign(id) => ("campaign", id.0),
        }
    }

    fn of(scope: &str, subject: uuid::Uuid) -> Self {
        match scope {
            "person" => Self::Person(ContactId(subject)),
            "segment" => Self::Segment(SegmentId(subject)),
            _ => Self::Campaign(CampaignId(subject)),
        }
    }
}

/// Where a dossier stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type, strum::VariantArray)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum DossierState {
    /// It waits for somebody to make it.
    Wanted,
    /// It is being made.
    Making,
    /// It can be taken.
    Ready,
    /// It could not be made.
    Failed,
    /// Its files are kept no more.
    Forgotten,
}

/// A dossier.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DossierRow {
    pub id: DossierId,
    pub account_id: AccountId,
    /// Who asked for it.
    pub member_id: MemberId,
    /// Their name.
    pub member: String,
    /// The request it answers.
    pub request_id: Option<EvidenceRequestId>,
    scope: String,
    subject: uuid::Uuid,
    /// Of whom or what, as it was called.
    pub about: String,
    pub language: Language,
    pub state: DossierState,
    /// Tries.
    pub attempt: i32,
    pub people: Option<i32>,
    /// So many things are lacking.
    pub gaps: Option<i32>,
    /// Why it was not made: [`make::GONE`], [`make::TOO_MANY`], or something that the log tells.
    pub error: Option<String>,
    pub created_at: Moment,
    pub made_at: Option<Moment>,
}

impl DossierRow {
    /// Of whom.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::of(&self.scope, self.subject)
    }

    /// One for tests of screens, with nothing in it that is not said here.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn sample(
        (id, account_id, member_id): (DossierId, AccountId, MemberId),
        scope: Scope,
        about: &str,
        language: Language,
        state: DossierState,
        at: Moment,
    ) -> Self {
        let (scope, subject) = scope.parts();
        Self {
            id,
            account_id,
            member_id,
            member: "Анна".to_owned(),
            request_id: None,
            scope: scope.to_owned(),
            subject,
            about: about.to_owned(),
            language,
            state,
            attempt: 1,
            people: (state == DossierState::Ready).then_some(214),
            gaps: (state == DossierState::Ready).then_some(3),
            error: (state == DossierState::Failed).then(|| make::TOO_MANY.to_owned()),
            created_at: at,
            made_at: None,
        }
    }
}

/// A file of a dossier.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DossierFile {
    /// 0: the paper; parts of the archive from 1.
    pub part: i32,
    pub id: FileId,
    pub name: String,
    pub mime: String,
    /// Bytes; 0: forgotten.
    pub size: i64,
    pub sha256: String,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The account room's refusal.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The account has no such person, segment, campaign, request.
    #[error("there is no such thing in this account")]
    NotFound,
    /// A text is empty or too long ([`request::WORDS`]).
    #[error("this needs 1 to {} characters", request::WORDS)]
    Words,
    /// A day on which it cannot have come.
    #[error(transparent)]
    Day(#[from] register::DayError),
    /// It was answered before.
    #[error("this request is answered")]
    Answered,
}

impl From<sqlx::Error> for EvidenceError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// How whoever it is of is called; `None`: the account has no such.
async fn called(store: &Store, account: AccountId, scope: Scope) -> Result<Option<String>, EvidenceError> {
    Ok(match scope {
        Scope::Person(id) => card::contact(store, account, id).await?.map(|contact| contact.name),
        Scope::Segment(id) => segment::get(store, account, id).await?.map(|segment| segment.name),
        Scope::Campaign(id) => match campaign::get(store, account, id).await {
            Ok(campaign) => Some(campaign.name),
            Err(campaign::CampaignError::Db(error)) => return Err(error.into()),
            Err(_) => None,
        },
    })
}

/// Asks for a dossier, on the record.
///
/// # Errors
/// [`EvidenceError::NotFound`]; a missing right; the database's.
pub async fn ask(
    store: &Store,
    actor: &Actor,
    scope: Scope,
    request: Option<EvidenceRequestId>,
    now: Moment,
) -> Result<DossierId, EvidenceError> {
    let by = By::Member(actor);
    by.need(Right::Evidence)?;
    let about = called(store, actor.account, scope).await?.ok_or(EvidenceError::NotFound)?;
    let (word, subject) = scope.parts();
    let id = DossierId::new();
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(queries::ASK)
        .bind(id)
        .bind(actor.account)
        .bind(actor.member)
        .bind(request)
        .bind(word)
        .bind(subject)
        .bind(&about)
        .bind(actor.language)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    if let Some(request) = request {
        let (contact, campaign) = match scope {
            Scope::Person(id) => (Some(id), None),
            Scope::Segment(_) => (None, None),
            Scope::Campaign(id) => (None, Some(id)),
        };
        let pointed = on!(tx.conn(), |c| sqlx::query(queries::POINT)
            .bind(actor.account)
            .bind(request)
            .bind(contact)
            .bind(campaign)
            .execute(c)
            .await
            .map(|r| r.rows_affected()))?;
        if pointed == 0 {
            return Err(EvidenceError::NotFound);
        }
    }
    by.audit(&mut tx, "evidence.ask", subject, json!({ "dossier": id, "scope": word, "request": request }), now).await?;
    tx.commit().await?;
    metrics::counter!("mms_exports_total", "what" => "evidence.ask").increment(1);
    Ok(id)
}

/// A dossier.
///
/// # Errors
/// The database's.
pub async fn get(store: &Store, account: AccountId, id: DossierId) -> sqlx::Result<Option<DossierRow>> {
    on!(store.read(), |c| sqlx::query_as(queries::ONE).bind(account).bind(id).fetch_optional(c).await)
}

/// The newest dossiers.
///
/// # Errors
/// The database's.
pub async fn latest(store: &Store, account: AccountId, limit: i64) -> sqlx::Result<Vec<DossierRow>> {
    on!(store.read(), |c| sqlx::query_as(queries::LATEST).bind(account).bind(limit).fetch_all(c).await)
}

/// The dossiers of a request, the newest first.
///
/// # Errors
/// The database's.
pub async fn of_request(store: &Store, account: AccountId, request: EvidenceRequestId) -> sqlx::Result<Vec<DossierRow>> {
    on!(store.read(), |c| sqlx::query_as(queries::OF_REQUEST).bind(account).bind(request).fetch_all(c).await)
}

/// The files of a dossier, the paper first.
///
/// # Errors
/// The database's.
pub async fn files(store: &Store, account: AccountId, id: DossierId) -> sqlx::Result<Vec<DossierFile>> {
    on!(store.read(), |c| sqlx::query_as(queries::FILES).bind(account).bind(id).fetch_all(c).await)
}

/// Writes down that a member takes a file of a dossier, before they get it.
///
/// # Errors
/// A missing right; the database's.
pub async fn note_taken(store: &Store, actor: &Actor, row: &DossierRow, file: &DossierFile, now: Moment) -> Result<(), EvidenceError> {
    let by = By::Member(actor);
    by.need(Right::Evidence)?;
    let mut tx = store.begin().await?;
    let details = json!({ "dossier": row.id, "part": file.part, "sha256": file.sha256 });
    by.audit(&mut tx, "evidence.take", row.subject, details, now).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests;
