//! Bytes the product keeps: campaign media, import files, reports.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::{Store, Tx};
use crate::{
    clock::Moment,
    id::{AccountId, FileId},
    on, text,
};

/// A kept file without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FileInfo {
    pub id: FileId,
    /// SHA-256 of the bytes, hex.
    pub sha256: String,
    /// The name a person sees.
    pub name: String,
    /// MIME type.
    pub mime: String,
    /// Bytes.
    pub size: i64,
}

/// A file that comes with an entry, and is not kept yet.
#[derive(Debug, Clone, Copy)]
pub struct Attached<'a> {
    pub name: &'a str,
    pub mime: &'a str,
    pub content: &'a [u8],
}

/// Keeps `content`; the same bytes twice make two rows that share a hash.
pub const INSERT: &str =
    "insert into file (id, account_id, sha256, name, mime, size, content, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)";
/// A file's description.
pub const INFO: &str = "select id, sha256, name, mime, size from file where account_id = $1 and id = $2";
/// A file's bytes, unless they were forgotten.
pub const CONTENT: &str = "select content from file where account_id = $1 and id = $2 and size > 0";
/// Some of a file's bytes: so many from that one on, counted from 1.
pub const PART: &str =
    "select substr(content, cast($3 as integer), cast($4 as integer)) from file where account_id = $1 and id = $2 and size > 0";
/// Every statement, for the test that prepares them on both engines.
pub const ALL: &[&str] = &[INSERT, INFO, CONTENT, PART];

/// Longest name of a file, characters.
const MAX_NAME: usize = 200;

/// Keeps a file.
///
/// # Errors
/// The database's.
pub async fn put(tx: &mut Tx, account: AccountId, name: &str, mime: &str, content: &[u8], now: Moment) -> sqlx::Result<FileInfo> {
    let info = FileInfo {
        id: FileId::new(),
        sha256: hex::encode(Sha256::digest(content)),
        name: text::clean_to(name, MAX_NAME),
        mime: mime.to_owned(),
        size: i64::try_from(content.len()).unwrap_or(i64::MAX),
    };
    on!(tx.conn(), |c| sqlx::query(INSERT)
        .bind(info.id)
        .bind(account)
        .bind(&info.sha256)
        .bind(&info.name)
        .bind(&info.mime)
        .bind(info.size)
        .bind(content)
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(info)
}

/// A file's description, if the account has it.
///
/// # Errors
/// The database's.
pub async fn info(store: &Store, account: AccountId, id: FileId) -> sqlx::Result<Option<FileInfo>> {
    on!(store.read(), |c| sqlx::query_as(INFO).bind(account).bind(id).fetch_optional(c).await)
}

/// A file's bytes, if the account has it and they were not forgotten.
///
/// # Errors
/// The database's.
pub async fn content(store: &Store, account: AccountId, id: FileId) -> sqlx::Result<Option<Vec<u8>>> {
    on!(store.read(), |c| sqlx::query_scalar(CONTENT).bind(account).bind(id).fetch_optional(c).await)
}

/// Bytes of a file within a range, if the account has it and they were not forgotten; fewer where
/// the file ends before.
///
/// # Errors
/// The database's.
pub async fn part(store: &Store, account: AccountId, id: FileId, range: Range<usize>) -> sqlx::Result<Option<Vec<u8>>> {
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let (from, count) = (number(range.start).saturating_add(1), number(range.len()));
    on!(store.read(), |c| sqlx::query_scalar(PART).bind(account).bind(id).bind(from).bind(count).fetch_optional(c).await)
}
