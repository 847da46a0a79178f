//! A consent signed on paper: a member says which consent it is, which words were signed and which
//! day stands on the paper, and sends its picture or PDF. The file is the evidence (grade B); the
//! ledger has its SHA-256 and names nobody.
//!
//! Until the file is there it is a draft of that member's, and proves nothing. A paper lifts no
//! stop: who said stop comes back by themselves alone. One that is older than the stop is taken for
//! what it proves, and changes nothing now.

use chrono::NaiveDate;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Action, Grade, NewConsent, Purpose, Step, grade_of, ledger, queries, wording::Wording};
use crate::{
    account::{AccountError, Actor, By, Right, load, settings},
    clock::Moment,
    id::{AccountId, ContactId, FileId, MemberId, PaperId, WordingId},
    on,
    register::{self, DayError},
    stops,
    store::{
        Store, Tx,
        file::{self, Attached},
    },
    text::clean,
};

/// Bytes of a file at most: what a bot may fetch (contracts/messengers/telegram.md, 2.4).
pub const MOST: usize = 20 * 1024 * 1024;
/// Characters of the words of a paper that says something else.
pub const WORDS: usize = super::wording::MAX_CHARS;
/// In how many of the first bytes a PDF says that it is one (ISO 32000, annex H).
const PDF_HEAD: usize = 1024;

/// The first day on which anybody could sign a paper for a company: companies are there in Russia
/// since the law on enterprises is in force.
///
/// # Panics
/// Never: it is a day.
#[must_use]
pub fn earliest() -> NaiveDate {
    NaiveDate::from_ymd_opt(1991, 1, 1).unwrap_or(NaiveDate::MIN)
}

/// Begins a draft, or says that the member's draft is of another consent: then the words are chosen
/// anew.
pub const BEGIN: &str = "insert into consent_paper (id, account_id, contact_id, member_id, purpose, other, words, created_at) \
    select $1, c.account_id, c.id, $4, $5, $6, '', $7 from contact c where c.account_id = $2 and c.id = $3 and c.deleted_at is null \
    on conflict (contact_id, member_id) where kept_at is null do update set \
    wording_id = case when consent_paper.purpose = excluded.purpose then consent_paper.wording_id end, \
    other = consent_paper.other and consent_paper.purpose = excluded.purpose, \
    words = case when consent_paper.purpose = excluded.purpose then consent_paper.words else '' end, \
    purpose = excluded.purpose returning id";

macro_rules! draft {
    ($which:literal) => {
        concat!(
            "select p.id, p.contact_id, p.purpose, p.wording_id, p.other, p.words, p.signed_on from consent_paper p \
             join contact c on c.id = p.contact_id where p.account_id = $1 and p.member_id = $2 and p.kept_at is null \
             and c.deleted_at is null and ",
            $which
        )
    };
}
/// A draft of a member's.
pub const DRAFT: &str = draft!("p.id = $3");
/// Their draft about a contact.
pub const DRAFT_OF: &str = draft!("p.contact_id = $3");
/// Which words were signed.
pub const SAY: &str = "update consent_paper set wording_id = $4, other = $5, words = $6 where account_id = $1 and member_id = $2 and id = $3 \
    and kept_at is null";
/// The day on the paper.
pub const DATE: &str = "update consent_paper set signed_on = $4 where account_id = $1 and member_id = $2 and id = $3 and kept_at is null";
/// It is no draft any more: its file is there.
pub const KEEP: &str =
    "update consent_paper set file_id = $4, kept_at = $5 where account_id = $1 and member_id = $2 and id = $3 and kept_at is null";
/// Without the draft.
pub const DROP: &str = "delete from consent_paper where account_id = $1 and member_id = $2 and id = $3 and kept_at is null";
/// Whether this very file is kept for this consent of theirs.
pub const KNOWN: &str = "select exists (select 1 from consent_paper p join file f on f.id = p.file_id where p.account_id = $1 \
    and p.contact_id = $2 and p.purpose = $3 and f.sha256 = $4 and p.kept_at is not null)";
/// Since when something holds a contact from being written to.
pub const STOPPED_SINCE: &str = concat!(
    "select t.at from (",
    stops!("s.created_at as at" of "$1", "$2"),
    ") t union select c.opted_out_at from contact c where c.account_id = $1 and c.id = $2 and c.opted_out_at is not null"
);

macro_rules! paper {
    ($which:literal) => {
        concat!(
            "select p.id, p.purpose, p.words, p.signed_on, p.kept_at, m.name as member, p.file_id, f.name, f.mime, f.size, f.sha256 \
             from consent_paper p join member m on m.id = p.member_id join file f on f.id = p.file_id where p.account_id = $1 \
             and p.kept_at is not null and p.contact_id in (select k.id from contact k where k.account_id = $1 and k.id = $2 \
             union all select k.id from contact k where k.account_id = $1 and k.merged_into = $2)",
            $which
        )
    };
}
/// The papers of a contact, and of whoever turned out to be them.
pub const PAPERS: &str = paper!(" order by p.kept_at, p.id");
/// One of them.
pub const PAPER: &str = paper!(" and p.id = $3");
/// Every statement.
pub const ALL: &[&str] = &[BEGIN, DRAFT, DRAFT_OF, SAY, DATE, KEEP, DROP, KNOWN, STOPPED_SINCE, PAPERS, PAPER];

/// What a member said of a paper so far.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Draft {
    pub id: PaperId,
    pub contact_id: ContactId,
    pub purpose: Purpose,
    /// The version that was signed.
    pub wording_id: Option<WordingId>,
    /// It says something else than any version.
    pub other: bool,
    /// What it says then; empty: nobody typed it.
    pub words: String,
    signed_on: Option<String>,
}

impl Draft {
    /// The day on the paper.
    #[must_use]
    pub fn day(&self) -> Option<NaiveDate> {
        self.signed_on.as_deref().and_then(|day| day.parse().ok())
    }

    /// Whether it is said which words were signed.
    #[must_use]
    pub fn is_worded(&self) -> bool {
        self.other || self.wording_id.is_some()
    }

    /// One for tests of screens.
    #[cfg(any(test, feature = "testing"))]
    #[must_use]
    pub fn sample(purpose: Purpose, day: Option<NaiveDate>) -> Self {
        let nil = uuid::Uuid::nil();
        let signed_on = day.map(|day| day.to_string());
        Self { id: PaperId(nil), contact_id: ContactId(nil), purpose, wording_id: None, other: false, words: String::new(), signed_on }
    }
}

/// A paper that is kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Paper {
    pub id: PaperId,
    pub purpose: Purpose,
    /// What it says, where that is no version of the company's words.
    pub words: String,
    pub signed_on: Option<String>,
    pub kept_at: Moment,
    /// Who brought it.
    pub member: String,
    pub file_id: FileId,
    /// The file's name.
    pub name: String,
    pub mime: String,
    /// Bytes; 0: kept no more.
    pub size: i64,
    /// Of its bytes, hex.
    pub sha256: String,
}

impl Paper {
    /// Whether its file is there.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.size > 0
    }

    /// The ending of its file's name.
    #[must_use]
    pub fn ending(&self) -> &'static str {
        FORMS.iter().find(|(mime, _)| *mime == self.mime).map_or("bin", |(_, ending)| ending)
    }
}

/// What a paper may come as: MIME type and ending.
const FORMS: [(&str, &str); 6] = [
    ("application/pdf", "pdf"),
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("image/heic", "heic"),
    ("image/tiff", "tif"),
];

/// What a file is, by its own first bytes, whatever it is called.
#[must_use]
pub fn form(content: &[u8]) -> Option<&'static str> {
    let at = |from: usize, what: &[u8]| content.get(from..from + what.len()) == Some(what);
    let head = &content[..content.len().min(PDF_HEAD)];
    let heif: [&[u8]; 5] = [b"heic", b"heix", b"hevc", b"mif1", b"msf1"];
    let signs = [
        head.windows(5).any(|part| part == b"%PDF-"),
        at(0, &[0xff, 0xd8, 0xff]),
        at(0, b"\x89PNG\r\n\x1a\n"),
        at(0, b"RIFF") && at(8, b"WEBP"),
        at(4, b"ftyp") && heif.iter().any(|brand| at(8, brand)),
        at(0, b"II*\0") || at(0, b"MM\0*"),
    ];
    FORMS.iter().zip(signs).find(|(_, is)| *is).map(|((mime, _), _)| *mime)
}

/// Which words were signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<'a> {
    /// This version of the company's.
    Version(WordingId),
    /// Something else: these words, or nobody typed them.
    Other(&'a str),
}

/// What became of a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The consent holds now. Otherwise it was taken back, or the person said stop, after the day
    /// on the paper.
    pub holds: bool,
}

/// Why a paper was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SignedError {
    /// There is nothing in the file.
    #[error("the file is empty")]
    Empty,
    /// More than [`MOST`].
    #[error("the file is larger than {MOST} bytes")]
    TooLarge,
    /// It is no picture and no PDF.
    #[error("this is no picture and no PDF")]
    Form,
    /// This very file is kept for this consent already.
    #[error("this very file is kept already")]
    Known,
    /// The words or the day are missing.
    #[error("the words or the day are missing")]
    Unfinished,
    /// The words are more than [`WORDS`].
    #[error("the words have 1 to {WORDS} characters")]
    Words,
    /// A day on which it cannot have been signed.
    #[error(transparent)]
    Day(#[from] DayError),
    /// The person said stop, or is on the list, since then, and the paper is no older.
    #[error("the person is not to be written to since {0}")]
    Stopped(Moment),
    /// The person took this consent back in a chat of their own, and the paper is no older.
    #[error("the person took the consent back at {0}")]
    Withdrawn(Moment),
    /// No right; there is no such draft or person (any more); too much is kept; the database's.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<sqlx::Error> for SignedError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// A member begins to say what they have of a person, or that it is the other consent.
///
/// # Errors
/// [`SignedError::Account`].
pub async fn begin(store: &Store, actor: &Actor, contact: ContactId, purpose: Purpose, now: Moment) -> Result<PaperId, SignedError> {
    By::Member(actor).need(Right::Edit)?;
    let mut tx = store.begin().await?;
    let id: Option<PaperId> = on!(tx.conn(), |c| sqlx::query_scalar(BEGIN)
        .bind(PaperId::new())
        .bind(actor.account)
        .bind(contact)
        .bind(actor.member)
        .bind(purpose)
        .bind(false)
        .bind(now)
        .fetch_optional(c)
        .await)?;
    let id = id.ok_or(AccountError::NotFound)?;
    tx.commit().await?;
    Ok(id)
}

/// A draft of a member's own.
///
/// # Errors
/// The database's.
pub async fn draft(store: &Store, actor: &Actor, paper: PaperId) -> sqlx::Result<Option<Draft>> {
    on!(store.read(), |c| sqlx::query_as(DRAFT).bind(actor.account).bind(actor.member).bind(paper).fetch_optional(c).await)
}

/// The draft that a member has of a person.
///
/// # Errors
/// The database's.
pub async fn draft_of(store: &Store, actor: &Actor, contact: ContactId) -> sqlx::Result<Option<Draft>> {
    on!(store.read(), |c| sqlx::query_as(DRAFT_OF).bind(actor.account).bind(actor.member).bind(contact).fetch_optional(c).await)
}

/// Which words were signed.
///
/// # Errors
/// [`SignedError::Words`], [`SignedError::Account`].
pub async fn say(store: &Store, actor: &Actor, paper: PaperId, said: Said<'_>) -> Result<(), SignedError> {
    By::Member(actor).need(Right::Edit)?;
    let mut tx = store.begin().await?;
    let found = draft_in(&mut tx, actor.account, actor.member, paper).await?;
    let (wording, words) = match said {
        Said::Version(id) => {
            let version = version(&mut tx, actor.account, id).await?.filter(|version| version.purpose == found.purpose);
            (Some(version.ok_or(AccountError::NotFound)?.id), String::new())
        }
        Said::Other(words) => (None, words.trim().to_owned()),
    };
    if words.chars().count() > WORDS {
        return Err(SignedError::Words);
    }
    on!(tx.conn(), |c| sqlx::query(SAY)
        .bind(actor.account)
        .bind(actor.member)
        .bind(paper)
        .bind(wording)
        .bind(wording.is_none())
        .bind(&words)
        .execute(c)
        .await
        .map(|_| ()))?;
    tx.commit().await?;
    Ok(())
}

/// A day on which a paper can have been signed, as people write it: not to come, and not before
/// there were companies.
///
/// # Errors
/// [`DayError`].
pub fn signed_on(typed: &str, today: NaiveDate) -> Result<NaiveDate, DayError> {
    match register::said(typed, today)? {
        day if day > today => Err(DayError::Ahead(day)),
        day if day < earliest() => Err(DayError::TooEarly(earliest())),
        day => Ok(day),
    }
}

/// The day on the paper, as a member types it.
///
/// # Errors
/// [`SignedError::Day`], [`SignedError::Account`].
pub async fn date(store: &Store, actor: &Actor, paper: PaperId, typed: &str, now: Moment) -> Result<NaiveDate, SignedError> {
    By::Member(actor).need(Right::Edit)?;
    let zone = settings::zone(store, actor.account).await?;
    let day = signed_on(typed, now.with_timezone(&zone).date_naive())?;
    let mut tx = store.begin().await?;
    let kept = on!(tx.conn(), |c| sqlx::query(DATE)
        .bind(actor.account)
        .bind(actor.member)
        .bind(paper)
        .bind(day.to_string())
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if kept == 0 {
        return Err(AccountError::NotFound.into());
    }
    tx.commit().await?;
    Ok(day)
}

/// The member has no paper after all.
///
/// # Errors
/// [`SignedError::Account`].
pub async fn drop(store: &Store, actor: &Actor, paper: PaperId) -> Result<(), SignedError> {
    By::Member(actor).need(Right::Edit)?;
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(DROP).bind(actor.account).bind(actor.member).bind(paper).execute(c).await.map(|_| ()))?;
    tx.commit().await?;
    Ok(())
}

async fn draft_in(tx: &mut Tx, account: AccountId, member: MemberId, paper: PaperId) -> Result<Draft, SignedError> {
    let found: Option<Draft> = on!(tx.conn(), |c| sqlx::query_as(DRAFT).bind(account).bind(member).bind(paper).fetch_optional(c).await)?;
    Ok(found.ok_or(AccountError::NotFound)?)
}

async fn version(tx: &mut Tx, account: AccountId, id: WordingId) -> sqlx::Result<Option<Wording>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::WORDING_BY_ID).bind(account).bind(id).fetch_optional(c).await)
}

async fn steps(tx: &mut Tx, account: AccountId, contact: ContactId, purpose: Purpose) -> sqlx::Result<Vec<Step>> {
    let steps: Vec<(Action, Grade, Moment, i64)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::STEPS).bind(account).bind(contact).bind(purpose).fetch_all(c).await)?;
    Ok(steps.into_iter().map(|(action, grade, at, id)| Step { action, grade, at, id }).collect())
}

/// Since when the person is not to be written to, each reason's time.
async fn stopped(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<Vec<Moment>> {
    on!(tx.conn(), |c| sqlx::query_scalar(STOPPED_SINCE).bind(account).bind(contact).fetch_all(c).await)
}

/// The file of a paper came: it is kept, and the consent is in the ledger.
///
/// # Errors
/// [`SignedError`]; then the draft is as it was.
pub async fn keep(store: &Store, actor: &Actor, paper: PaperId, brought: Attached<'_>, now: Moment) -> Result<Kept, SignedError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let mime = match brought.content {
        [] => return Err(SignedError::Empty),
        content if content.len() > MOST => return Err(SignedError::TooLarge),
        content => form(content).ok_or(SignedError::Form)?,
    };
    let account = actor.account;
    let zone = settings::zone(store, account).await?;
    let mut tx = store.begin().await?;
    let draft = draft_in(&mut tx, account, actor.member, paper).await?;
    let (contact, purpose) = (draft.contact_id, draft.purpose);
    let day = draft.day().filter(|_| draft.is_worded()).ok_or(SignedError::Unfinished)?;
    // Nobody says stop between the look and the entry.
    ledger::hold(&mut tx, account, &[contact]).await?;
    let digest = hex::encode(Sha256::digest(brought.content));
    let known: bool =
        on!(tx.conn(), |c| sqlx::query_scalar(KNOWN).bind(account).bind(contact).bind(purpose).bind(&digest).fetch_one(c).await)?;
    if known {
        return Err(SignedError::Known);
    }
    let at = register::moment_of(day, zone, now);
    let since = if purpose == Purpose::Marketing { stopped(&mut tx, account, contact).await? } else { Vec::new() };
    if let Some(since) = since.iter().min().filter(|since| **since <= at) {
        return Err(SignedError::Stopped(*since));
    }
    let before = steps(&mut tx, account, contact, purpose).await?;
    let last = before.iter().max_by_key(|step| (step.at, step.id));
    if let Some(last) = last.filter(|last| last.action == Action::Withdrawn && last.grade == Grade::A && last.at <= at) {
        return Err(SignedError::Withdrawn(last.at));
    }
    load::keep_file(&mut tx, account, brought.content.len(), now).await?;
    let info = file::put(&mut tx, account, brought.name, mime, brought.content, now).await?;
    on!(tx.conn(), |c| sqlx::query(KEEP)
        .bind(account)
        .bind(actor.member)
        .bind(paper)
        .bind(info.id)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    let words = match draft.wording_id {
        Some(id) => version(&mut tx, account, id).await?.map(|version| version.body).unwrap_or_default(),
        None => draft.words.clone(),
    };
    let words = (!clean(&words).is_empty()).then(|| hex::encode(Sha256::digest(words.as_bytes())));
    let evidence = json!({ "how": "signed", "paper": paper, "sha256": info.sha256, "signed_on": day, "words_sha256": words });
    let new = NewConsent {
        account,
        contact,
        purpose,
        action: Action::Granted,
        grade: Grade::B,
        wording: draft.wording_id,
        channel: None,
        evidence,
        actor: actor.member.to_string(),
        at,
    };
    super::record(&mut tx, new, now).await?;
    let holds = grade_of(&steps(&mut tx, account, contact, purpose).await?).is_some() && since.is_empty();
    let details = json!({ "paper": paper, "purpose": purpose, "signed_on": day, "sha256": info.sha256 });
    by.audit(&mut tx, "contact.signed", contact, details, now).await?;
    tx.commit().await?;
    Ok(Kept { holds })
}

/// The papers of a person, the oldest first.
///
/// # Errors
/// The database's.
pub async fn of_contact(store: &Store, account: AccountId, contact: ContactId) -> sqlx::Result<Vec<Paper>> {
    on!(store.read(), |c| sqlx::query_as(PAPERS).bind(account).bind(contact).fetch_all(c).await)
}

/// One of them.
///
/// # Errors
/// The database's.
pub async fn one(store: &Store, account: AccountId, contact: ContactId, paper: PaperId) -> sqlx::Result<Option<Paper>> {
    on!(store.read(), |c| sqlx::query_as(PAPER).bind(account).bind(contact).bind(paper).fetch_optional(c).await)
}

#[cfg(test)]
mod tests;
