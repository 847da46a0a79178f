//! Versions that were published: taken from the licensor's folder once, and never changed.

use chrono::{NaiveTime, TimeDelta};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    Document,
    files::{Bad, Text},
    queries,
};
use crate::{
    account::Language,
    clock::Moment,
    id::AccountId,
    notice::{self, NewNotice, NoticeKind},
    on,
    store::{Store, Tx},
};

/// Companies are told of a version that begins to hold this long ahead at most; of one further
/// ahead too, for it was published. A version that began to hold longer ago is history.
const NEWS: TimeDelta = TimeDelta::days(30);

/// A version in one language, without its text.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct Row {
    document: Document,
    version: String,
    language: Language,
    effective_at: Moment,
    hash: String,
    published_at: Moment,
}

/// A version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub document: Document,
    pub version: String,
    /// From when it holds.
    pub effective_at: Moment,
    pub published_at: Moment,
    /// In which languages it is there, with the SHA-256 of each text.
    pub texts: Vec<(Language, String)>,
}

/// A text that somebody reads.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Body {
    pub language: Language,
    /// SHA-256 of the text.
    pub hash: String,
    pub body: String,
}

/// What publishing did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Published {
    /// New texts: document, version, language.
    pub new: Vec<(Document, String, Language)>,
    /// Texts that are not those that were published under their version.
    pub changed: Vec<Bad>,
    /// Companies that were told.
    pub told: usize,
}

/// The SHA-256 of a text or a file, in hex.
#[must_use]
pub fn hash(body: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(body))
}

/// Takes the texts of the folder in: new ones are kept and told to every company, those that are
/// there already stay as they are.
///
/// # Errors
/// The database's.
pub async fn publish(store: &Store, texts: &[Text], now: Moment) -> sqlx::Result<Published> {
    let mut done = Published::default();
    // Most starts find nothing new: look before taking the writer.
    let known = rows(store).await?;
    let is_known = |text: &Text| known.iter().any(|row| same(row, text) && row.hash == hash(&text.body));
    if texts.iter().all(is_known) {
        return Ok(done);
    }
    let mut tx = store.begin().await?;
    let known: Vec<Row> = on!(tx.conn(), |c| sqlx::query_as(queries::TEXTS).fetch_all(c).await)?;
    let mut news: Vec<&Text> = Vec::new();
    for text in texts {
        let effective_at = text.day.and_time(NaiveTime::MIN).and_utc();
        let (name, version) = (text.document.as_str(), text.version.clone());
        match known.iter().find(|row| same(row, text)) {
            Some(row) if row.hash == hash(&text.body) && row.effective_at == effective_at => continue,
            Some(_) => {
                done.changed.push(Bad::Changed(name, version));
                continue;
            }
            None => {}
        }
        let other = |row: &&Row| row.document == text.document && row.version != text.version && row.effective_at == effective_at;
        if let Some(other) = known.iter().find(other) {
            done.changed.push(Bad::SameDay(name, other.version.clone(), version));
            continue;
        }
        if known.iter().any(|row| row.document == text.document && row.version == version && row.effective_at != effective_at) {
            done.changed.push(Bad::Days(name, version));
            continue;
        }
        on!(tx.conn(), |c| sqlx::query(queries::PUBLISH)
            .bind(text.document)
            .bind(&text.version)
            .bind(text.language)
            .bind(effective_at)
            .bind(&text.body)
            .bind(hash(&text.body))
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))?;
        done.new.push((text.document, text.version.clone(), text.language));
        if effective_at > now - NEWS && !news.iter().any(|one| one.document == text.document && one.version == text.version) {
            news.push(text);
        }
    }
    // Of several versions that came at once the newest is the news.
    let newest: Vec<&Text> =
        news.iter().copied().filter(|text| !news.iter().any(|other| other.document == text.document && other.day > text.day)).collect();
    if !newest.is_empty() {
        let accounts: Vec<AccountId> = on!(tx.conn(), |c| sqlx::query_scalar(queries::COMPANIES).fetch_all(c).await)?;
        done.told = accounts.len();
        for account in accounts {
            for text in &newest {
                tell(&mut tx, account, text, known.iter().any(|row| row.document == text.document), now).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(done)
}

async fn tell(tx: &mut Tx, account: AccountId, text: &Text, follows: bool, now: Moment) -> sqlx::Result<()> {
    let payload = json!({
        "document": text.document,
        "version": text.version,
        "from": text.day.and_time(NaiveTime::MIN).and_utc(),
        "follows": follows,
    });
    let dedupe_key = format!("agreement.changed:{account}:{}:{}", text.document.as_str(), text.version);
    notice::raise(tx, NewNotice { account, member: None, kind: NoticeKind::AgreementChanged, payload, dedupe_key }, now).await
}

fn same(row: &Row, text: &Text) -> bool {
    row.document == text.document && row.version == text.version && row.language == text.language
}

async fn rows(store: &Store) -> sqlx::Result<Vec<Row>> {
    on!(store.read(), |c| sqlx::query_as(queries::TEXTS).fetch_all(c).await)
}

/// Every version that was published, by document, the newest first.
///
/// # Errors
/// The database's.
pub async fn versions(store: &Store) -> sqlx::Result<Vec<Version>> {
    let mut all: Vec<Version> = Vec::new();
    for row in rows(store).await? {
        let Row { document, version, language, effective_at, hash, published_at } = row;
        match all.last_mut().filter(|last| last.document == document && last.version == version) {
            Some(last) => last.texts.push((language, hash)),
            None => all.push(Version { document, version, effective_at, published_at, texts: vec![(language, hash)] }),
        }
    }
    Ok(all)
}

/// The text of a version in a language, or else in the other one; `None`: there is no such version.
///
/// # Errors
/// The database's.
pub async fn body(store: &Store, document: Document, version: &str, language: Language) -> sqlx::Result<Option<Body>> {
    let all: Vec<Body> = on!(store.read(), |c| sqlx::query_as(queries::BODY).bind(document).bind(version).fetch_all(c).await)?;
    let own = all.iter().position(|body| body.language == language).unwrap_or_default();
    Ok(all.into_iter().nth(own))
}

/// A text in pages of so many characters at most, broken between paragraphs where that is possible.
#[must_use]
pub fn pages(body: &str, most: usize) -> Vec<String> {
    let mut pages = vec![String::new()];
    let mut add = |part: &str, between: &str| {
        let Some(last) = pages.last_mut() else { return };
        if last.is_empty() {
            last.push_str(part);
        } else if last.chars().count() + between.len() + part.chars().count() <= most {
            last.push_str(between);
            last.push_str(part);
        } else {
            pages.push(part.to_owned());
        }
    };
    for paragraph in body.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        if paragraph.chars().count() <= most {
            add(paragraph, "\n\n");
            continue;
        }
        // Word by word; a word longer than a page is cut.
        for word in paragraph.split_whitespace() {
            let letters: Vec<char> = word.chars().collect();
            for piece in letters.chunks(most.max(1)) {
                add(&piece.iter().collect::<String>(), " ");
            }
        }
    }
    pages
}
