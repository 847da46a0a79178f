//! Destroying a person's data on demand (152-FZ, art. 20 and 21): a register with its clock, an
//! owner's confirmation, an act of destruction and an extract of the event log.
//!
//! Filing a demand stops advertising at once, as an opt-out does. Carrying it out destroys what
//! names the person and leaves a keyed hash of each address ([`crate::contact::erased`]), so that
//! no file, CRM or member brings them back unseen. Nothing in the register names them afterwards.

pub mod act;
pub mod carried;
mod operator;
pub mod person;
pub mod queries;

#[cfg(test)]
mod tests;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::types::Json;

use crate::{
    account::{AccountError, Actor, By, Language, Right, settings},
    aside, calendar,
    clock::Moment,
    config,
    consent::forget,
    contact::{DeletedBy, erased},
    delivery,
    id::{AccountId, ContactId, ErasureId},
    notice::{self, NewNotice, NoticeKind},
    on,
    opt_out::{OptOutBy, OptOutHow, opt_out},
    register::{self, DayError, Register},
    store::{Store, Tx},
    words::Reason,
};
pub use carried::carry;
pub use operator::{Operator, Signer, operator, set_operator};

/// Why a person's data must be destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Ground {
    /// The processing is unlawful and cannot be made lawful (152-FZ, art. 21, part 3).
    Unlawful,
    /// The data are not needed for their purpose, or were got unlawfully (art. 20, part 3).
    Unneeded,
    /// The person demands that processing stops (art. 21, part 5.1).
    Demanded,
    /// The consent was taken back (art. 21, part 5).
    Withdrawn,
    /// The purpose is achieved (art. 21, part 4).
    Achieved,
}

impl Ground {
    /// Every ground.
    pub const ALL: &'static [Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The last days of a demand that came on `day`: the day itself is not counted.
    #[must_use]
    pub fn terms(self, terms: &config::Erasure, day: NaiveDate) -> Terms {
        let mut exact = true;
        let mut working = |count: u32| {
            calendar::russia().after(day, count).unwrap_or_else(|_| {
                // Days of the calendar end sooner than working days: nothing is late by it.
                exact = false;
                after(day, count)
            })
        };
        let (stop_by, destroy_by) = match self {
            Self::Unlawful => (Some(working(terms.unlawful_stop)), working(terms.unlawful)),
            Self::Unneeded => (None, working(terms.unneeded)),
            Self::Demanded => (None, working(terms.demanded)),
            Self::Withdrawn => (None, after(day, terms.withdrawn)),
            Self::Achieved => (None, after(day, terms.achieved)),
        };
        Terms { stop_by, destroy_by, exact }
    }
}

fn after(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX)
}

/// The last days of a demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Unlawful processing stops.
    pub stop_by: Option<NaiveDate>,
    /// The data are destroyed.
    pub destroy_by: NaiveDate,
    /// The calendar knows these days; otherwise they are days of the calendar, and too early.
    pub exact: bool,
}

/// How a demand stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum State {
    /// An owner must confirm it.
    Open,
    /// The data are destroyed.
    Done,
    /// It was a mistake, or was taken back.
    Dropped,
}

/// A kind of data that were destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, strum::VariantArray)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    Name,
    Phones,
    Emails,
    /// Ids in messengers.
    Chats,
    /// Values of the company's fields.
    Fields,
    Tags,
    /// What was said in conversations.
    Words,
    /// What campaigns sent, word for word.
    Texts,
    /// Messages outside campaigns.
    Answers,
    /// Visits, orders, deals.
    Occasions,
    /// Events of messengers as they came.
    Events,
    /// Notes that a CRM was told.
    Notes,
    /// Files of imports that named the person.
    Files,
    /// Consents that the person signed on paper.
    Papers,
    /// Entries of the consent ledger whose evidence named the person: the entries stay without it.
    Proofs,
}

/// What an act says: all that it is made of, and nothing that names the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub number: i64,
    /// By which the person is known in the journals.
    pub person: ContactId,
    pub operator: Operator,
    /// The company's name in the program.
    pub company: String,
    pub ground: Ground,
    pub asked_at: Moment,
    pub done_at: Moment,
    /// Kinds of data that were destroyed, with how many records of each.
    pub categories: Vec<(Category, i64)>,
    /// Backups from before hold the data until that day.
    pub backups_until: NaiveDate,
    /// The owner who confirmed it.
    pub confirmed_by: String,
    /// In what the documents are written.
    pub language: Language,
    /// In which their times are shown.
    pub zone: String,
}

/// A demand.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Erasure {
    pub id: ErasureId,
    /// Within the account, from 1.
    pub number: i64,
    pub contact_id: ContactId,
    pub ground: Ground,
    /// Who demanded it and by what, in a member's words; empty when it is over.
    pub reason: String,
    pub asked_at: Moment,
    /// The day until which unlawful processing stops, as the row has it ([`Self::stop_by`]).
    pub stop_by: Option<String>,
    /// The day until which the data are destroyed, as the row has it ([`Self::destroy_by`]).
    pub destroy_by: String,
    /// See [`Terms::exact`].
    pub exact: bool,
    pub state: State,
    pub done_at: Option<Moment>,
    /// What the act says ([`Self::facts`]).
    pub facts: Option<Json<Facts>>,
    /// The hash of the act.
    pub act_sha256: Option<String>,
    /// The hash of the extract.
    pub extract_sha256: Option<String>,
    /// Who filed it, by name.
    pub filed_by: Option<String>,
    /// Who confirmed or dropped it, by name.
    pub done_by: Option<String>,
}

impl Erasure {
    /// Until when unlawful processing stops.
    #[must_use]
    pub fn stop_by(&self) -> Option<NaiveDate> {
        self.stop_by.as_deref().and_then(|day| day.parse().ok())
    }

    /// Until when the data are destroyed.
    #[must_use]
    pub fn destroy_by(&self) -> NaiveDate {
        // Written by [`file`] alone.
        self.destroy_by.parse().unwrap_or_else(|_| self.asked_at.date_naive())
    }

    /// What the act says.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        self.facts.as_ref().map(|Json(facts)| facts)
    }
}

/// Why a demand was not filed or not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ErasureError {
    /// A demand of this person is open already.
    #[error("a demand of this person is open already: {0}")]
    Open(ErasureId),
    /// The words of who demands it are not 3 to 500 characters.
    #[error("who demands it, and by what, has 3 to 500 characters")]
    Reason,
    /// Nobody said yet who makes the acts.
    #[error("nobody said yet who the operator is and who signs")]
    NoOperator,
    /// What was written is no operator with its people.
    #[error("an operator is a name, an address and people with their posts")]
    Operator,
    /// An import takes rows in, or is held: it may name the person.
    #[error("an import is not over yet")]
    Importing,
    /// It cannot have come on that day.
    #[error(transparent)]
    Day(#[from] DayError),
    /// It is over, or there is none.
    #[error("there is no such open demand")]
    Gone,
    /// The document could not be made.
    #[error("the act could not be made: {0}")]
    Paper(String),
    /// No right; the database's.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<sqlx::Error> for ErasureError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// The register.
pub const REGISTER: Register = Register { next: queries::NEXT, counts: queries::COUNT, page: queries::PAGE };

/// Characters of the words of who demands it.
pub const REASON: (usize, usize) = (3, 500);

/// Files a demand: it is counted from `now`, and advertising to the person stops at once.
///
/// # Errors
/// [`ErasureError`].
pub async fn file(
    store: &Store,
    actor: &Actor,
    contact: ContactId,
    ground: Ground,
    reason: &str,
    terms: &config::Erasure,
    now: Moment,
) -> Result<ErasureId, ErasureError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let reason = crate::text::clean(reason);
    if !(REASON.0..=REASON.1).contains(&reason.chars().count()) {
        return Err(ErasureError::Reason);
    }
    let account = actor.account;
    let zone = settings::zone(store, account).await?;
    let days = ground.terms(terms, now.with_timezone(&zone).date_naive());
    let id = ErasureId::new();
    let mut tx = store.begin().await?;
    let number = REGISTER.next(&mut tx, account).await?;
    if let Some(open) = open_of(&mut tx, account, contact).await? {
        return Err(ErasureError::Open(open));
    }
    let filed = on!(tx.conn(), |c| sqlx::query(queries::FILE)
        .bind(id)
        .bind(account)
        .bind(number)
        .bind(contact)
        .bind(ground)
        .bind(&reason)
        .bind(actor.member)
        .bind(now)
        .bind(days.stop_by.map(|day| day.to_string()))
        .bind(days.destroy_by.to_string())
        .bind(days.exact)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if filed == 0 {
        return Err(AccountError::NotFound.into());
    }
    let how = OptOutHow { by: OptOutBy::Manual(actor.member), channel: None, message_ref: None, said_at: None };
    opt_out(&mut tx, account, contact, &how, now).await?;
    let details = json!({ "number": number, "ground": ground, "destroy_by": days.destroy_by });
    by.audit(&mut tx, "erasure.file", id, details, now).await?;
    tx.commit().await?;
    Ok(id)
}

async fn open_of(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<Option<ErasureId>> {
    on!(tx.conn(), |c| sqlx::query_scalar(queries::OPEN_OF).bind(account).bind(contact).fetch_optional(c).await)
}

/// A demand.
///
/// # Errors
/// The database's.
pub async fn get(store: &Store, account: AccountId, id: ErasureId) -> sqlx::Result<Option<Erasure>> {
    on!(store.read(), |c| sqlx::query_as(queries::ONE).bind(account).bind(id).fetch_optional(c).await)
}

/// A page of the register: the open ones first, by their last day.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId, limit: i64, offset: i64) -> sqlx::Result<Vec<Erasure>> {
    REGISTER.page(store, account, limit, offset).await
}

/// How many demands there are, and how many of them are open.
///
/// # Errors
/// The database's.
pub async fn count(store: &Store, account: AccountId) -> sqlx::Result<(i64, i64)> {
    REGISTER.counts(store, account).await
}

/// A demand came on another day than it was filed: its terms count from there.
///
/// # Errors
/// [`ErasureError`].
pub async fn came(
    store: &Store,
    actor: &Actor,
    id: ErasureId,
    typed: &str,
    terms: &config::Erasure,
    now: Moment,
) -> Result<NaiveDate, ErasureError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let zone = settings::zone(store, actor.account).await?;
    let day = register::came_on(typed, now.with_timezone(&zone).date_naive())?;
    let found = get(store, actor.account, id).await?.ok_or(ErasureError::Gone)?;
    let days = found.ground.terms(terms, day);
    let mut tx = store.begin().await?;
    let done = on!(tx.conn(), |c| sqlx::query(queries::CAME)
        .bind(actor.account)
        .bind(id)
        .bind(register::moment_of(day, zone, now))
        .bind(days.stop_by.map(|day| day.to_string()))
        .bind(days.destroy_by.to_string())
        .bind(days.exact)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if done == 0 {
        return Err(ErasureError::Gone);
    }
    by.audit(&mut tx, "erasure.date", id, json!({ "number": found.number, "day": day, "destroy_by": days.destroy_by }), now).await?;
    tx.commit().await?;
    Ok(day)
}

/// Takes a demand off the register's clock: it was a mistake, or was taken back. The opt-out that
/// it brought stays: only the person comes back.
///
/// # Errors
/// [`ErasureError`].
pub async fn withdraw(store: &Store, actor: &Actor, id: ErasureId, now: Moment) -> Result<(), ErasureError> {
    let by = By::Member(actor);
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    end(&mut tx, actor, id, State::Dropped, None, now).await?;
    by.audit(&mut tx, "erasure.drop", id, json!({}), now).await?;
    tx.commit().await?;
    Ok(())
}

/// The facts of an end, with the hashes of the act and of the extract.
type Ended<'a> = (&'a Facts, String, String);

async fn end(tx: &mut Tx, actor: &Actor, id: ErasureId, state: State, ended: Option<Ended<'_>>, now: Moment) -> Result<(), ErasureError> {
    let (facts, act, extract) = match ended {
        Some((facts, act, extract)) => (Some(Json(facts)), Some(act), Some(extract)),
        None => (None, None, None),
    };
    let done = on!(tx.conn(), |c| sqlx::query(queries::END)
        .bind(actor.account)
        .bind(id)
        .bind(state)
        .bind(now)
        .bind(actor.member)
        .bind(facts)
        .bind(&act)
        .bind(&extract)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if done == 0 { Err(ErasureError::Gone) } else { Ok(()) }
}

/// How much of a person there is, by kinds.
#[derive(sqlx::FromRow)]
struct Held {
    phones: i64,
    emails: i64,
    chats: i64,
    tags: i64,
    words: i64,
    texts: i64,
    answers: i64,
    occasions: i64,
    events: i64,
    notes: i64,
    papers: i64,
}

/// Kinds of data that an account has of a person.
async fn categories(
    store: &Store,
    account: AccountId,
    contact: ContactId,
    person: &erased::Person,
) -> Result<Vec<(Category, i64)>, ErasureError> {
    let row = crate::contact::card::contact(store, account, contact).await?.ok_or(AccountError::NotFound)?;
    let held: Held = on!(store.read(), |c| sqlx::query_as(queries::HELD).bind(account).bind(contact).fetch_one(c).await)?;
    let proofs = forget::count(store, account, contact, &person.known).await?;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let all = [
        (Category::Name, i64::from(!row.name.is_empty())),
        (Category::Phones, held.phones),
        (Category::Emails, held.emails),
        (Category::Chats, held.chats),
        (Category::Fields, count(row.attributes.len())),
        (Category::Tags, held.tags),
        (Category::Words, held.words),
        (Category::Texts, held.texts),
        (Category::Answers, held.answers),
        (Category::Occasions, held.occasions),
        (Category::Events, held.events),
        (Category::Notes, held.notes),
        (Category::Files, count(person.files.files.len())),
        (Category::Papers, held.papers),
        (Category::Proofs, count(proofs)),
    ];
    Ok(all.into_iter().filter(|(_, count)| *count > 0).collect())
}

/// Destroys the person's data: an owner's word, once the acts have somebody to be made by. What is
/// in flight comes to rest and is taken later (`contact::erase::sweep`).
///
/// # Errors
/// [`ErasureError`]; then nothing was destroyed.
pub async fn carry_out(store: &Store, actor: &Actor, id: ErasureId, terms: &config::Erasure, now: Moment) -> Result<(), ErasureError> {
    let by = By::Member(actor);
    by.need(Right::Own)?;
    let account = actor.account;
    let demand = get(store, account, id).await?.filter(|demand| demand.state == State::Open).ok_or(ErasureError::Gone)?;
    let operator = operator(store, account).await?.ok_or(ErasureError::NoOperator)?;
    let settings = settings::get(store, account).await?.ok_or(AccountError::NotFound)?;
    let person = erased::find(store, account, demand.contact_id).await?;
    if person.files.busy {
        return Err(ErasureError::Importing);
    }
    let facts = Facts {
        number: demand.number,
        person: demand.contact_id,
        operator,
        company: settings.name.clone(),
        ground: demand.ground,
        asked_at: demand.asked_at,
        done_at: now,
        categories: categories(store, account, demand.contact_id, &person).await?,
        backups_until: after(now.with_timezone(&settings.tz()).date_naive(), terms.backups),
        confirmed_by: actor.name.clone(),
        language: settings.language,
        zone: settings.zone.clone(),
    };
    let (act, extract) = documents(&facts).await?;
    let (act, extract) = (hash(&act), hash(&extract));
    let mut tx = store.begin().await?;
    let details = json!({
        "number": facts.number, "person": facts.person, "ground": facts.ground, "categories": facts.categories, "act": act, "extract": extract,
    });
    end(&mut tx, actor, id, State::Done, Some((&facts, act, extract)), now).await?;
    delivery::cancel_contact(&mut tx, account, demand.contact_id, Reason::Deleted, now).await?;
    if !erased::destroy(&mut tx, account, demand.contact_id, id, &person, DeletedBy::Member(actor), now).await? {
        return Err(AccountError::NotFound.into());
    }
    by.audit(&mut tx, "erasure.done", id, details, now).await?;
    tx.commit().await?;
    store.overwrite_free().await?;
    store.cut_log().await;
    Ok(())
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The act and the extract, made beside the threads that answer others.
async fn documents(facts: &Facts) -> Result<(Vec<u8>, Vec<u8>), ErasureError> {
    let facts = facts.clone();
    let made = aside::run(move || Ok::<_, act::PaperError>((act::act(&facts)?, act::extract(&facts)?))).await;
    // Only a panic of the drawing comes here.
    let made = made.map_err(|error| ErasureError::Paper(error.to_string()))?;
    made.map_err(|error| ErasureError::Paper(error.to_string()))
}

/// Which document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// The act of destruction.
    Act,
    /// The extract of the event log.
    Extract,
}

/// A document of a demand that was carried out: the same bytes each time.
///
/// # Errors
/// [`ErasureError`]; a document that is not the one whose hash was kept is not given.
pub async fn document(store: &Store, actor: &Actor, id: ErasureId, which: Document) -> Result<Vec<u8>, ErasureError> {
    By::Member(actor).need(Right::Export)?;
    let demand = get(store, actor.account, id).await?.ok_or(ErasureError::Gone)?;
    let facts = demand.facts().ok_or(ErasureError::Gone)?;
    let (act, extract) = documents(facts).await?;
    let (made, kept) = match which {
        Document::Act => (act, &demand.act_sha256),
        Document::Extract => (extract, &demand.extract_sha256),
    };
    if kept.as_deref() == Some(hash(&made).as_str()) {
        Ok(made)
    } else {
        Err(ErasureError::Paper("it is not the one whose hash was kept".to_owned()))
    }
}

#[derive(sqlx::FromRow)]
struct Due {
    account_id: AccountId,
    id: ErasureId,
    number: i64,
    destroy_by: String,
}

/// Tells owners of demands whose last day is near, or past: once a day each.
///
/// # Errors
/// The database's.
pub async fn warn(store: &Store, terms: &config::Erasure, now: Moment) -> sqlx::Result<()> {
    let today = now.date_naive();
    let until = after(today, terms.warn).to_string();
    let due: Vec<Due> = on!(store.read(), |c| sqlx::query_as(queries::DUE).bind(&until).fetch_all(c).await)?;
    for one in due {
        let mut tx = store.begin().await?;
        let notice = NewNotice {
            account: one.account_id,
            member: None,
            kind: NoticeKind::ErasureDue,
            payload: json!({ "erasure": one.id, "number": one.number, "last": one.destroy_by }),
            dedupe_key: format!("{}:{}:{today}", NoticeKind::ErasureDue, one.id),
        };
        notice::raise(&mut tx, notice, now).await?;
        tx.commit().await?;
    }
    Ok(())
}
