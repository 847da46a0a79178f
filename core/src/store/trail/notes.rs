//! Heads noted outside the database: a file that only grows, a line a head, beside the sealing key
//! or wherever the person at the server keeps it. A database that was exchanged for an older copy
//! of itself is whole by its own heads; by these it is not.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use super::{Mark, Store, consents};
use crate::{clock::Moment, id::AccountId, store::audit};

/// The file's name in the data directory.
pub const FILE: &str = "trail-heads.log";

/// An account whose chains are not those that were noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    pub account: AccountId,
    /// Which chain: `audit` or `consents`.
    pub chain: &'static str,
    /// What was noted last.
    pub noted: Mark,
}

/// The newest line of each account.
fn read(path: &Path) -> io::Result<BTreeMap<AccountId, (Mark, Mark)>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    let mark = |text: &str| if text == "0:" { Some(Mark { count: 0, hash: String::new() }) } else { text.parse().ok() };
    // A line cut short by a full disk says nothing.
    let line = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        Some((words.next()?.parse().ok()?, (mark(words.next()?)?, mark(words.next()?)?)))
    };
    Ok(text.lines().filter_map(line).collect())
}

/// Compares what was noted last with what is there, and notes the heads that moved. Accounts that
/// differ are given back and are not noted anew.
///
/// # Errors
/// The database's; the file's.
pub async fn keep(store: &Store, path: &Path, accounts: &[AccountId], now: Moment) -> Result<Vec<Differs>, NotesError> {
    let noted = read(path)?;
    let mut differs = Vec::new();
    let mut lines = String::new();
    for account in accounts {
        if let Some((audit, consents)) = noted.get(account) {
            let wrong = compare(store, *account, audit, consents).await?;
            if !wrong.is_empty() {
                differs.extend(wrong);
                continue;
            }
        }
        let Ok(head) = store.trail_head(*account).await? else { continue };
        let marks = (head.audit(), head.consents());
        if noted.get(account) != Some(&marks) {
            tracing::info!(%account, audit = %marks.0, consents = %marks.1, "the heads of an account's trail");
            lines.push_str(&format!("{} {account} {} {}\n", now.format("%Y-%m-%dT%H:%M:%SZ"), marks.0, marks.1));
        }
    }
    if !lines.is_empty() {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        file.write_all(lines.as_bytes())?;
        file.sync_data()?;
    }
    Ok(differs)
}

/// Notes the heads as they are, whatever was noted before: after a restore, which is meant to go
/// back.
///
/// # Errors
/// The database's; the file's.
pub async fn restored(store: &Store, path: &Path, accounts: &[AccountId], now: Moment) -> Result<(), NotesError> {
    if !path.exists() {
        return Ok(());
    }
    let mut lines = String::new();
    for account in accounts {
        if let Ok(head) = store.trail_head(*account).await? {
            lines.push_str(&format!("{} {account} {} {} restored\n", now.format("%Y-%m-%dT%H:%M:%SZ"), head.audit(), head.consents()));
        }
    }
    std::fs::OpenOptions::new().append(true).open(path)?.write_all(lines.as_bytes())?;
    Ok(())
}

/// Notes that nothing is known any more: after a restore without the key, by which heads are known.
/// The lines of before stay for whoever reads the file.
///
/// # Errors
/// The file's.
pub fn unknown(path: &Path, now: Moment) -> Result<(), NotesError> {
    let accounts = read(path)?.into_keys();
    let lines: String =
        accounts.map(|account| format!("{} {account} 0: 0: restored without the key\n", now.format("%Y-%m-%dT%H:%M:%SZ"))).collect();
    if !lines.is_empty() {
        std::fs::OpenOptions::new().append(true).open(path)?.write_all(lines.as_bytes())?;
    }
    Ok(())
}

/// What was noted of an account last, compared with what is there.
///
/// # Errors
/// The database's; the file's.
pub async fn check(store: &Store, path: &Path, account: AccountId) -> Result<Vec<Differs>, NotesError> {
    match read(path)?.get(&account) {
        None => Ok(Vec::new()),
        Some((audit, consents)) => compare(store, account, audit, consents).await,
    }
}

async fn compare(store: &Store, account: AccountId, audit: &Mark, consents: &Mark) -> Result<Vec<Differs>, NotesError> {
    let mut differs = Vec::new();
    if audit.count > 0 && audit::expect(store, account, audit).await?.is_err() {
        differs.push(Differs { account, chain: "audit", noted: audit.clone() });
    }
    if consents.count > 0 && consents::expect(store, account, consents).await?.is_err() {
        differs.push(Differs { account, chain: "consents", noted: consents.clone() });
    }
    Ok(differs)
}

/// Why heads could not be noted.
#[derive(Debug, thiserror::Error)]
pub enum NotesError {
    /// The database's.
    #[error("the database failed: {0}")]
    Store(#[from] sqlx::Error),
    /// The file's.
    #[error("the file with the heads of the trail cannot be read or written: {0}")]
    File(#[from] io::Error),
}
