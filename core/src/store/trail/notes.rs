//! Checkpoints of the trail, noted outside the database: a file that only grows, a line a head,
//! beside the sealing key or wherever the settings say (`trail.checkpoints`). A database that was
//! exchanged for an older copy of itself, or whose newest entries were cut off together with its
//! sealed head, is whole by itself; by these it is not.
//!
//! A line is the time, the account, the heads of both chains, a word, a digest of the line before
//! and a signature of all that by the installation's key ([`crate::sign`]). So a byte that was
//! changed, a line that was taken out, put in or moved is found ([`look`]). The file's own end is
//! not: who may write it can cut it off. It proves as much as the place it is kept at.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use sha2::{Digest as _, Sha256};

use super::{Mark, Store, consents};
use crate::{
    clock::Moment,
    id::AccountId,
    sign::{self, Signer},
    store::audit,
};

/// The file's name in the data directory, where the settings name no other.
pub const FILE: &str = "trail-heads.log";
/// What is signed of a line begins so: a signature of something else is none of a line.
const SIGNED: &str = "mms checkpoint 1\n";
/// Digits of the digest of the line before.
const DIGITS: usize = 32;
/// The word of a line that nothing needs to be said of.
const PLAIN: &str = "-";
/// The word of a line after a restore.
const RESTORED: &str = "restored";
/// Stands for the line before the first.
const BEGINNING: &str = "-";

/// An account whose chains are not those that were noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    pub account: AccountId,
    /// Which chain: `audit` or `consents`.
    pub chain: &'static str,
    /// What was noted last.
    pub noted: Mark,
}

/// Of a line that nobody could sign: nothing is known of the account from here on.
const UNKNOWN: &str = "0: 0: restored without the key";

/// What is wrong with the file itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// A line, by its number from 1, is not what was signed, or was signed by another key.
    Changed(usize),
    /// The line before this one is not the one that was there: taken out, put in or moved.
    NotNext(usize),
    /// A line without a signature after signed ones.
    Unsigned(usize),
    /// A line that says that a restore was made without the key, so nobody could sign it. The
    /// person at the server knows whether it was.
    Restored(usize),
}

impl Wrong {
    /// The line, from 1.
    #[must_use]
    pub fn line(self) -> usize {
        match self {
            Self::Changed(line) | Self::NotNext(line) | Self::Unsigned(line) | Self::Restored(line) => line,
        }
    }

    /// A word for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Changed(_) => "changed",
            Self::NotNext(_) => "not_next",
            Self::Unsigned(_) => "unsigned",
            Self::Restored(_) => "restored",
        }
    }

    /// Whether it speaks against the file by itself.
    #[must_use]
    pub fn breaks(self) -> bool {
        !matches!(self, Self::Restored(_))
    }
}

/// What is known of an account by its newest line: how far the audit trail went, and the consents.
type Noted = BTreeMap<AccountId, (Mark, Mark)>;

/// The file, as far as it can be believed.
#[derive(Debug, Default)]
struct Read {
    noted: Noted,
    wrong: Vec<Wrong>,
    /// The digest of the last line.
    last: String,
}

fn text(path: &Path) -> io::Result<String> {
    match std::fs::read(path) {
        // A byte that is no letter any more is a changed line.
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error),
    }
}

fn digest(line: &str) -> String {
    let mut digits = hex::encode(Sha256::digest(line.as_bytes()));
    digits.truncate(DIGITS);
    digits
}

fn mark(text: &str) -> Option<Mark> {
    if text == "0:" { Some(Mark { count: 0, hash: String::new() }) } else { text.parse().ok() }
}

/// The account and the heads of a line, whoever signed it.
fn heads(line: &str) -> Option<(AccountId, (Mark, Mark))> {
    let mut words = line.split_whitespace().skip(1);
    Some((words.next()?.parse().ok()?, (mark(words.next()?)?, mark(words.next()?)?)))
}

/// Reads a file. `public`: the installation's key; without it signatures are not looked at.
fn read(text: &str, public: Option<&str>) -> Read {
    let mut read = Read { last: BEGINNING.to_owned(), ..Read::default() };
    let mut signed = false;
    for (line, number) in text.lines().zip(1..) {
        let words: Vec<&str> = line.split(' ').collect();
        let is_signed = words.len() == 7;
        if is_signed {
            signed = true;
            let body = line.rsplit_once(' ').map_or("", |(body, _)| body);
            let holds = public.is_none_or(|key| sign::verify(key, format!("{SIGNED}{body}").as_bytes(), words[6]).is_ok());
            if !holds {
                read.wrong.push(Wrong::Changed(number));
            } else if words[5] != read.last {
                read.wrong.push(Wrong::NotNext(number));
            }
            if holds && let Some((account, marks)) = heads(line) {
                read.noted.insert(account, marks);
            }
        } else {
            // More than a line of before there were signatures ever had: one of now that was cut,
            // or two that were run together.
            if line.ends_with(UNKNOWN) {
                read.wrong.push(Wrong::Restored(number));
            } else if words.len() > 5 {
                read.wrong.push(Wrong::Changed(number));
            } else if signed {
                read.wrong.push(Wrong::Unsigned(number));
            }
            // Lines of before there were signatures, and of a restore without the key. A line cut
            // short by a full disk says nothing.
            if let Some((account, marks)) = heads(line) {
                read.noted.insert(account, marks);
            }
        }
        read.last = digest(line);
    }
    read
}

/// What is wrong with the file itself, by the lines' numbers.
///
/// # Errors
/// The file's.
pub fn look(path: &Path, public: &str) -> io::Result<Vec<Wrong>> {
    Ok(read(&text(path)?, Some(public)).wrong)
}

/// Lines to be added.
struct Lines<'a> {
    signer: &'a Signer,
    last: String,
    text: String,
}

impl Lines<'_> {
    fn add(&mut self, now: Moment, account: AccountId, (audit, consents): &(Mark, Mark), word: &str) {
        let at = now.format("%Y-%m-%dT%H:%M:%SZ");
        let body = format!("{at} {account} {audit} {consents} {word} {}", self.last);
        let signature = self.signer.sign(format!("{SIGNED}{body}").as_bytes());
        let line = format!("{body} {signature}");
        self.last = digest(&line);
        self.text.push_str(&line);
        self.text.push('\n');
    }

    fn write(self, path: &Path) -> io::Result<()> {
        if self.text.is_empty() {
            return Ok(());
        }
        let mut file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        file.write_all(self.text.as_bytes())?;
        file.sync_data()
    }
}

/// Compares what was noted last with what is there, and notes the heads that moved. Accounts that
/// differ are given back and are not noted anew.
///
/// # Errors
/// The database's; the file's.
pub async fn keep(store: &Store, path: &Path, signer: &Signer, accounts: &[AccountId], now: Moment) -> Result<Vec<Differs>, NotesError> {
    let text = text(path)?;
    let Read { noted, last, .. } = read(&text, Some(&signer.public()));
    let mut differs = Vec::new();
    let mut lines = Lines { signer, last, text: String::new() };
    // A line that a full disk cut short ends before the next begins.
    if !text.is_empty() && !text.ends_with('\n') {
        lines.text.push('\n');
    }
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
            lines.add(now, *account, &marks, PLAIN);
        }
    }
    lines.write(path)?;
    Ok(differs)
}

/// Notes the heads as they are, whatever was noted before: after a restore, which is meant to go
/// back.
///
/// # Errors
/// The database's; the file's.
pub async fn restored(store: &Store, path: &Path, signer: &Signer, accounts: &[AccountId], now: Moment) -> Result<(), NotesError> {
    if !path.exists() {
        return Ok(());
    }
    let Read { last, .. } = read(&text(path)?, None);
    let mut lines = Lines { signer, last, text: String::new() };
    for account in accounts {
        if let Ok(head) = store.trail_head(*account).await? {
            lines.add(now, *account, &(head.audit(), head.consents()), RESTORED);
        }
    }
    Ok(lines.write(path)?)
}

/// Notes that nothing is known any more: after a restore without the key, by which heads are known.
/// The lines of before stay for whoever reads the file.
///
/// # Errors
/// The file's.
pub fn unknown(path: &Path, now: Moment) -> Result<(), NotesError> {
    let accounts = read(&text(path)?, None).noted.into_keys();
    let lines: String = accounts.map(|account| format!("{} {account} {UNKNOWN}\n", now.format("%Y-%m-%dT%H:%M:%SZ"))).collect();
    if !lines.is_empty() {
        std::fs::OpenOptions::new().append(true).open(path)?.write_all(lines.as_bytes())?;
    }
    Ok(())
}

/// What was noted of an account last, compared with what is there.
///
/// # Errors
/// The database's; the file's.
pub async fn check(store: &Store, path: &Path, public: &str, account: AccountId) -> Result<Vec<Differs>, NotesError> {
    match read(&text(path)?, Some(public)).noted.get(&account) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{KEY_LEN, Sealer};

    fn signer(n: u8) -> Signer {
        sign::installation(&Sealer::new(&[n; KEY_LEN]))
    }

    fn file(signer: &Signer, count: i64) -> String {
        let mut lines = Lines { signer, last: BEGINNING.to_owned(), text: String::new() };
        for n in 1..=count {
            let mark = |chain: &str| Mark { count: n, hash: digest(&format!("{chain}{n}")) };
            let at = Moment::from_timestamp(1_796_000_000 + n * 21_600, 0).unwrap();
            lines.add(at, AccountId(uuid::Uuid::from_u128(7)), &(mark("audit"), mark("consents")), PLAIN);
        }
        lines.text
    }

    fn wrong(text: &str) -> Vec<Wrong> {
        read(text, Some(&signer(1).public())).wrong
    }

    #[test]
    fn a_whole_file_is_believed_to_its_last_line() {
        let text = file(&signer(1), 5);
        assert!(text.lines().all(|line| line.split(' ').count() == 7), "{text}");
        let found = read(&text, Some(&signer(1).public()));
        assert_eq!((found.wrong, found.noted.values().next().unwrap().0.count), (Vec::new(), 5));
        assert_eq!(wrong(""), []);
    }

    #[test]
    fn every_changed_byte_is_found_at_its_line() {
        let text = file(&signer(1), 2);
        let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        for at in 0..text.len() - 1 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 0x04;
            let changed = String::from_utf8_lossy(&bytes);
            let line = starts.iter().rposition(|start| *start <= at).unwrap() + 1;
            let found = wrong(&changed);
            let near =
                |wrong: &Wrong| matches!(wrong, Wrong::Changed(n) | Wrong::NotNext(n) | Wrong::Unsigned(n) if *n == line || *n == line + 1);
            // The first line without its signature reads as a line of before there were any; the
            // next one misses it.
            assert!(found.iter().any(near), "byte {at} of line {line}: {found:?}\n{changed}");
        }
    }

    #[test]
    fn lines_taken_out_put_in_and_moved_are_found() {
        let text = file(&signer(1), 4);
        let lines: Vec<&str> = text.lines().collect();
        let joined = |order: &[usize]| order.iter().map(|n| format!("{}\n", lines[*n])).collect::<String>();
        assert_eq!(wrong(&joined(&[0, 1, 2, 3])), []);
        assert_eq!(wrong(&joined(&[0, 2, 3])), [Wrong::NotNext(2)]);
        assert_eq!(wrong(&joined(&[1, 2, 3])), [Wrong::NotNext(1)]);
        assert_eq!(wrong(&joined(&[0, 2, 1, 3])), [Wrong::NotNext(2), Wrong::NotNext(3), Wrong::NotNext(4)]);
        assert_eq!(wrong(&joined(&[0, 1, 1, 2, 3])), [Wrong::NotNext(3)]);
        let unsigned = format!("{}2026-12-01T00:00:00Z {} 1:0123456789abcdef 0:\n", joined(&[0, 1]), uuid::Uuid::from_u128(7));
        assert_eq!(wrong(&unsigned), [Wrong::Unsigned(3)]);
        let restored = format!("{}2026-12-01T00:00:00Z {} {UNKNOWN}\n", joined(&[0, 1]), uuid::Uuid::from_u128(7));
        assert_eq!(wrong(&restored), [Wrong::Restored(3)]);
        assert!(!Wrong::Restored(3).breaks());
        // Of a line that was cut, nothing is believed; the one before it still is.
        let cut = &text[..text.len() - 30];
        assert_eq!(wrong(cut), [Wrong::Changed(4)]);
        assert_eq!(read(cut, Some(&signer(1).public())).noted.values().next().unwrap().0.count, 3);
    }

    #[test]
    fn lines_of_another_key_are_not_believed() {
        let text = file(&signer(2), 2);
        assert_eq!(wrong(&text), [Wrong::Changed(1), Wrong::Changed(2)]);
        assert!(read(&text, Some(&signer(1).public())).noted.is_empty());
    }

    #[test]
    fn a_file_of_before_there_were_signatures_is_read_and_gone_on_with() {
        let account = uuid::Uuid::from_u128(7);
        let old = format!("2026-11-01T00:00:00Z {account} 999:0123456789abcdef 0:\n");
        let found = read(&old, Some(&signer(1).public()));
        assert_eq!((found.wrong.len(), found.noted.len()), (0, 1));
        let signer = signer(1);
        let mut lines = Lines { signer: &signer, last: found.last, text: String::new() };
        let mark = Mark { count: 1_000, hash: "0123456789abcdef".to_owned() };
        lines.add(Moment::from_timestamp(1_796_000_000, 0).unwrap(), AccountId(account), &(mark.clone(), mark), PLAIN);
        let both = old.clone() + &lines.text;
        assert_eq!(wrong(&both), []);
        assert_eq!(wrong(&both.replace("999:", "998:")), [Wrong::NotNext(2)], "what was before is anchored by the first signature");
    }
}
