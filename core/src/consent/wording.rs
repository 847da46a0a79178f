//! The account's own words by which it asks for consent: versioned, because a consent is worth what
//! the person read.

use serde_json::json;

use super::{Purpose, queries};
use crate::{
    account::{AccountError, By, Language, Right},
    clock::Moment,
    id::{AccountId, MemberId, WordingId},
    on,
    store::{Store, Tx},
};

/// Longest wording, characters: it is shown in one message with two buttons.
pub const MAX_CHARS: usize = 2_000;

/// One version of one wording.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Wording {
    pub id: WordingId,
    /// What it asks for.
    pub purpose: Purpose,
    pub language: Language,
    /// Its number, from 1.
    pub version: i32,
    /// The question itself.
    pub body: String,
    /// Who wrote it; `None`: it came with the account.
    pub created_by: Option<MemberId>,
    pub created_at: Moment,
}

/// A wording that cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum WordingError {
    /// Empty, or longer than [`MAX_CHARS`].
    #[error("a wording has 1 to {MAX_CHARS} characters")]
    Length,
    /// No right, or the database's.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<sqlx::Error> for WordingError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// The words on the buttons of a question of consent: yes, no.
#[must_use]
pub fn yes_no(language: Language) -> [&'static str; 2] {
    match language {
        Language::Ru => ["Согласиться", "Отказаться"],
        Language::En => ["Agree", "Decline"],
    }
}

/// The wording an account begins with.
#[must_use]
pub fn default_text(purpose: Purpose, language: Language, company: &str) -> String {
    match (purpose, language) {
        (Purpose::PersonalData, Language::Ru) => format!(
            "Разрешаете ли вы компании «{company}» хранить и использовать ваше имя, номер телефона и переписку в этом чате, чтобы отвечать вам и сообщать о ваших заказах и записях? Отозвать разрешение можно в любой момент, написав нам сюда."
        ),
        (Purpose::PersonalData, Language::En) => format!(
            "May {company} keep and use your name, phone number and the messages of this chat to answer you and to tell you about your orders and bookings? You can take this back at any time by writing to us here."
        ),
        (Purpose::Marketing, Language::Ru) => format!(
            "Согласны ли вы получать от компании «{company}» рекламу: новости, скидки и предложения — сообщениями в этом чате? Отказаться можно в любой момент: напишите «стоп»."
        ),
        (Purpose::Marketing, Language::En) => format!(
            "Would you like to receive advertising from {company}: news, discounts and offers, as messages in this chat? You can stop it at any time: write “stop”."
        ),
    }
}

async fn insert(tx: &mut Tx, account: AccountId, wording: &Wording) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(queries::INSERT_WORDING)
        .bind(wording.id)
        .bind(account)
        .bind(wording.purpose)
        .bind(wording.language)
        .bind(wording.version)
        .bind(&wording.body)
        .bind(wording.created_by)
        .bind(wording.created_at)
        .execute(c)
        .await
        .map(|_| ()))
}

/// Gives a new account its first wordings.
pub(crate) async fn found(tx: &mut Tx, account: AccountId, company: &str, now: Moment) -> sqlx::Result<()> {
    for purpose in Purpose::ALL {
        for language in [Language::Ru, Language::En] {
            let body = default_text(purpose, language, company);
            let wording = Wording { id: WordingId::new(), purpose, language, version: 1, body, created_by: None, created_at: now };
            insert(tx, account, &wording).await?;
        }
    }
    Ok(())
}

/// The wording in force, in the caller's transaction.
///
/// # Errors
/// The database's.
pub async fn current_in(tx: &mut Tx, account: AccountId, purpose: Purpose, language: Language) -> sqlx::Result<Option<Wording>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::WORDING).bind(account).bind(purpose).bind(language).fetch_optional(c).await)
}

/// The wording in force; an account that somehow has none is given the default one, for nothing can
/// be asked without.
pub(crate) async fn current_or_default(
    tx: &mut Tx,
    account: AccountId,
    company: &str,
    purpose: Purpose,
    language: Language,
    now: Moment,
) -> sqlx::Result<Wording> {
    if let Some(wording) = current_in(tx, account, purpose, language).await? {
        return Ok(wording);
    }
    let body = default_text(purpose, language, company);
    let wording = Wording { id: WordingId::new(), purpose, language, version: 1, body, created_by: None, created_at: now };
    insert(tx, account, &wording).await?;
    Ok(wording)
}

/// One version, in the caller's transaction.
pub(crate) async fn version_in(
    tx: &mut Tx,
    account: AccountId,
    purpose: Purpose,
    language: Language,
    version: i32,
) -> sqlx::Result<Option<Wording>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::WORDING_VERSION)
        .bind(account)
        .bind(purpose)
        .bind(language)
        .bind(version)
        .fetch_optional(c)
        .await)
}

/// The wording in force.
///
/// # Errors
/// The database's.
pub async fn current(store: &Store, account: AccountId, purpose: Purpose, language: Language) -> sqlx::Result<Option<Wording>> {
    on!(store.read(), |c| sqlx::query_as(queries::WORDING).bind(account).bind(purpose).bind(language).fetch_optional(c).await)
}

/// Every version of every wording, the newest of each first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId) -> sqlx::Result<Vec<Wording>> {
    on!(store.read(), |c| sqlx::query_as(queries::WORDINGS).bind(account).fetch_all(c).await)
}

/// Writes a new version; the same text again makes none. Consents already given keep the version
/// they were given to.
///
/// # Errors
/// [`WordingError`].
pub async fn set(
    store: &Store,
    by: impl Into<By<'_>>,
    purpose: Purpose,
    language: Language,
    body: &str,
    now: Moment,
) -> Result<Wording, WordingError> {
    let by = by.into();
    by.need(Right::Own)?;
    let body = body.trim();
    if body.is_empty() || body.chars().count() > MAX_CHARS {
        return Err(WordingError::Length);
    }
    let mut tx = store.begin().await?;
    // The account's row first: two who write at once get two numbers.
    on!(tx.conn(), |c| sqlx::query(crate::store::audit::HOLD).bind(by.account()).execute(c).await.map(|_| ()))?;
    let last = current_in(&mut tx, by.account(), purpose, language).await?;
    let version = match last {
        Some(last) if last.body == body => return Ok(last),
        Some(last) => last.version + 1,
        None => 1,
    };
    let wording =
        Wording { id: WordingId::new(), purpose, language, version, body: body.to_owned(), created_by: by.member(), created_at: now };
    insert(&mut tx, by.account(), &wording).await?;
    by.audit(&mut tx, "wording.set", wording.id, json!({ "purpose": purpose, "language": language, "version": version }), now).await?;
    tx.commit().await?;
    Ok(wording)
}
