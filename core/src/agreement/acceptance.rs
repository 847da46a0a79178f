//! Who accepted what for a company, and what a company has not accepted yet.

use serde_json::json;

use super::{
    Document, queries,
    texts::{self, Version},
};
use crate::{
    account::{AccountError, Actor, By, Language, Right},
    clock::Moment,
    id::AccountId,
    on,
    stamp::Stamp,
    store::{Store, Tx},
};

/// That a version was accepted.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Accepted {
    pub document: Document,
    pub version: String,
    /// The language of the text that was read.
    pub language: Language,
    /// The SHA-256 of that text.
    pub hash: String,
    /// Who: their name as it is now.
    pub member: String,
    pub login: String,
    /// The messenger in which it was accepted.
    pub desk: String,
    /// The chat in it.
    pub chat_id: i64,
    pub accepted_at: Moment,
}

/// How a document stands for a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub document: Document,
    /// The version in force, and who accepted it.
    pub current: Option<(Version, Option<Accepted>)>,
    /// The version that will be, and who accepted it ahead.
    pub next: Option<(Version, Option<Accepted>)>,
    /// What was accepted last, of whatever version.
    pub last: Option<Accepted>,
}

impl Standing {
    /// The versions that are or will be in force and that nobody accepted.
    pub fn waits(&self) -> impl Iterator<Item = &Version> {
        [&self.current, &self.next].into_iter().flatten().filter(|(_, accepted)| accepted.is_none()).map(|(version, _)| version)
    }

    /// Whether no campaign is launched before it is accepted.
    #[must_use]
    pub fn is_owed(&self) -> bool {
        self.current.as_ref().is_some_and(|(_, accepted)| accepted.is_none())
    }
}

/// Where somebody accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Desk<'a> {
    /// The messenger.
    pub messenger: &'a str,
    /// The chat in it.
    pub chat: i64,
}

/// Why an acceptance was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// It is not an owner.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// No text that waits is the one that was shown.
    #[error("it is not the text that was shown any more")]
    Changed,
    /// The database's.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// What a company accepted, the newest first.
///
/// # Errors
/// The database's.
pub async fn accepted(store: &Store, account: AccountId) -> sqlx::Result<Vec<Accepted>> {
    on!(store.read(), |c| sqlx::query_as(queries::ACCEPTED).bind(account).fetch_all(c).await)
}

/// How the documents that were ever published stand for a company.
///
/// # Errors
/// The database's.
pub async fn standing(store: &Store, account: AccountId, now: Moment) -> sqlx::Result<Vec<Standing>> {
    let (versions, accepted) = (texts::versions(store).await?, accepted(store, account).await?);
    Ok(stand(&versions, &accepted, now))
}

fn stand(versions: &[Version], accepted: &[Accepted], now: Moment) -> Vec<Standing> {
    let by = |version: &Version| {
        let of = |one: &&Accepted| one.document == version.document && one.version == version.version;
        (version.clone(), accepted.iter().find(of).cloned())
    };
    Document::ALL
        .iter()
        .filter_map(|document| {
            // The newest first.
            let of: Vec<&Version> = versions.iter().filter(|version| version.document == *document).collect();
            (!of.is_empty()).then(|| Standing {
                document: *document,
                current: of.iter().find(|version| version.effective_at <= now).map(|version| by(version)),
                next: of.iter().rfind(|version| version.effective_at > now).map(|version| by(version)),
                last: accepted.iter().find(|one| one.document == *document).cloned(),
            })
        })
        .collect()
}

/// A version in force that the company has not accepted, in the transaction of a launch.
///
/// # Errors
/// The database's.
pub async fn owed(tx: &mut Tx, account: AccountId, now: Moment) -> sqlx::Result<Option<(Document, String)>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::OWED).bind(account).bind(now).fetch_optional(c).await)
}

/// The stamp of a text that is shown: by its hash.
#[must_use]
pub fn stamp(hash: &str) -> Stamp {
    Stamp::of(&hash)
}

/// An owner accepts the text they were shown, for the company: who, when, which version by which
/// hash, and in which chat. Twice is once.
///
/// # Errors
/// [`AcceptError`].
pub async fn accept(
    store: &Store,
    actor: &Actor,
    document: Document,
    seen: Stamp,
    desk: Desk<'_>,
    now: Moment,
) -> Result<String, AcceptError> {
    let by = By::Member(actor);
    by.need(Right::Own)?;
    let standing = standing(store, actor.account, now).await?;
    let of = standing.iter().find(|one| one.document == document).ok_or(AcceptError::Changed)?;
    let shown = [&of.current, &of.next].into_iter().flatten().find_map(|(version, _)| {
        let text = version.texts.iter().find(|(_, hash)| stamp(hash) == seen)?;
        Some((version.version.clone(), text.0, text.1.clone()))
    });
    let (version, language, hash) = shown.ok_or(AcceptError::Changed)?;
    // What was published never changes, so what was looked at before is what is accepted.
    let mut tx = store.begin().await?;
    let accepted = on!(tx.conn(), |c| sqlx::query(queries::ACCEPT)
        .bind(actor.account)
        .bind(document)
        .bind(&version)
        .bind(language)
        .bind(&hash)
        .bind(actor.member)
        .bind(desk.messenger)
        .bind(desk.chat)
        .bind(now)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if accepted == 1 {
        let details = json!({
            "document": document, "version": version, "language": language, "hash": hash, "desk": desk.messenger, "chat": desk.chat,
        });
        by.audit(&mut tx, "agreement.accept", document.as_str(), details, now).await?;
    }
    tx.commit().await?;
    Ok(version)
}
