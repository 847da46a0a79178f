//! Checks a dossier without a database, without a network: whether every file is what it was when
//! the dossier was made, whether none is missing or added, and by whose key it was signed.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Cursor, Read as _},
};

use zip::ZipArchive;

use super::{
    archive::Archive,
    manifest::{FORMAT, MANIFEST, Manifest, SIGNATURE, digest},
};
use crate::sign::{self, SignError};

/// Longest file that is read, bytes: what claims to be longer is none of ours.
const LONGEST: u64 = 1 << 30;

/// What does not hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// The file is no archive, or its list of files is damaged.
    NoArchive(String),
    /// The archive ends too early.
    Cut {
        /// Bytes that are there.
        at: u64,
        /// The file in which, or right after which, it ends; empty: before the first.
        near: String,
    },
    /// There is no list of files, or it cannot be read.
    NoManifest,
    /// It is of a release that came after this one.
    NewFormat(u32),
    /// There is no signature.
    NoSignature,
    /// The list of files is not the one that was signed, or the signature was changed.
    BadSignature,
    /// It was signed by another key than the one that was asked for.
    OtherKey {
        /// The one in the dossier.
        found: String,
    },
    /// The key that was asked for is none.
    NoKey,
    /// A file's bytes are not those of the list.
    Changed(String),
    /// A file cannot be read.
    Unreadable(String),
    /// A file of the list is not there.
    Missing(String),
    /// A file is there under another name.
    Renamed { from: String, to: String },
    /// A file is not in the list.
    Added(String),
    /// A name is there twice.
    Twice(String),
    /// All files are whole, and not in the order of the list.
    OutOfOrder {
        /// The first place at which another file stands, from 1.
        place: usize,
        /// The one that stands there.
        found: String,
        /// The one that stood there.
        expected: String,
    },
    /// All files are whole, and the archive is not as it was written: a byte between the files, or
    /// it was packed anew.
    Wrapping {
        /// The first byte that differs, from 0.
        at: u64,
        /// The file it belongs to, if one.
        near: String,
    },
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// What does not hold; empty: all holds.
    pub findings: Vec<Finding>,
    /// The list, as far as it could be read.
    pub manifest: Option<Manifest>,
    /// Files that are what the list says.
    pub whole: usize,
    /// The key was asked for, and it is the one.
    pub key_known: bool,
    /// SHA-256 of the list, which the next part names.
    pub list: String,
}

impl Report {
    /// Whether everything holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.findings.is_empty() && self.manifest.is_some()
    }
}

/// A file that was read, or why not.
struct Read {
    name: String,
    content: Option<Vec<u8>>,
}

/// Checks a part of a dossier. `key`: the public key that the sender told by another way.
#[must_use]
pub fn verify(bytes: &[u8], key: Option<&str>) -> Report {
    let mut report = Report::default();
    let files = match read(bytes) {
        Ok(files) => files,
        Err(error) => {
            report.findings.push(cut(bytes).unwrap_or(Finding::NoArchive(error)));
            return report;
        }
    };
    let mut seen = BTreeSet::new();
    for file in &files {
        if !seen.insert(&file.name) {
            report.findings.push(Finding::Twice(file.name.clone()));
        }
        if file.content.is_none() {
            report.findings.push(Finding::Unreadable(file.name.clone()));
        }
    }
    let content = |name: &str| files.iter().find(|file| file.name == name).and_then(|file| file.content.as_deref());
    let list = content(MANIFEST);
    let manifest = list.and_then(|list| serde_json::from_slice::<Manifest>(list).ok());
    report.list = list.map(digest).unwrap_or_default();
    if let (Some(list), Some(manifest)) = (list, &manifest) {
        if manifest.format > FORMAT {
            report.findings.push(Finding::NewFormat(manifest.format));
        }
        signed(&mut report, list, content(SIGNATURE), &manifest.public_key, key);
        compare(&mut report, manifest, &files);
    } else {
        report.findings.push(Finding::NoManifest);
    }
    if report.findings.is_empty() {
        let moved = manifest.as_ref().and_then(|manifest| order(manifest, &files));
        report.findings.extend(moved.or_else(|| wrapping(bytes, &files)));
    }
    report.manifest = manifest;
    report.findings.sort();
    report.findings.dedup();
    report
}

fn read(bytes: &[u8]) -> Result<Vec<Read>, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut files = Vec::with_capacity(archive.len());
    for at in 0..archive.len() {
        let name = archive.name_for_index(at).and_then(Result::ok).map_or_else(|| "?".to_owned(), std::borrow::Cow::into_owned);
        let mut content = Vec::new();
        let done = archive.by_index(at).map(|file| file.take(LONGEST).read_to_end(&mut content));
        files.push(Read { name, content: matches!(done, Ok(Ok(_))).then_some(content) });
    }
    Ok(files)
}

fn signed(report: &mut Report, list: &[u8], signature: Option<&[u8]>, public: &str, key: Option<&str>) {
    let Some(signature) = signature.and_then(|bytes| std::str::from_utf8(bytes).ok()) else {
        report.findings.push(Finding::NoSignature);
        return;
    };
    let key = key.map(str::trim);
    match sign::verify(key.unwrap_or(public), list, signature) {
        Ok(()) => report.key_known = key.is_some(),
        Err(SignError::Key) if key.is_some() => report.findings.push(Finding::NoKey),
        Err(_) if key.is_some_and(|key| key != public) && sign::verify(public, list, signature).is_ok() => {
            report.findings.push(Finding::OtherKey { found: public.to_owned() });
        }
        Err(_) => report.findings.push(Finding::BadSignature),
    }
}

fn compare(report: &mut Report, manifest: &Manifest, files: &[Read]) {
    let own = [MANIFEST, SIGNATURE];
    let listed: BTreeMap<&str, &str> = manifest.files.iter().map(|file| (file.name.as_str(), file.sha256.as_str())).collect();
    // Files the list does not know, by what they are.
    let mut added: BTreeMap<String, &str> = BTreeMap::new();
    let mut there = BTreeSet::new();
    for file in files.iter().filter(|file| !own.contains(&file.name.as_str())) {
        there.insert(file.name.as_str());
        let Some(content) = &file.content else { continue };
        let found = digest(content);
        match listed.get(file.name.as_str()) {
            Some(sha256) if **sha256 == found => report.whole += 1,
            Some(_) => report.findings.push(Finding::Changed(file.name.clone())),
            None => {
                if let Some(twin) = added.insert(found, &file.name) {
                    report.findings.push(Finding::Added(twin.to_owned()));
                }
            }
        }
    }
    for (name, sha256) in listed.iter().filter(|(name, _)| !there.contains(*name)) {
        report.findings.push(match added.remove(*sha256) {
            Some(to) => Finding::Renamed { from: (*name).to_owned(), to: to.to_owned() },
            None => Finding::Missing((*name).to_owned()),
        });
    }
    report.findings.extend(added.into_values().map(|name| Finding::Added(name.to_owned())));
}

/// The files are whole: the first that does not stand where the list has it. The list and its
/// signature come last.
fn order(manifest: &Manifest, files: &[Read]) -> Option<Finding> {
    let listed = manifest.files.iter().map(|file| file.name.as_str()).chain([MANIFEST, SIGNATURE]);
    let mut both = (1..).zip(listed.zip(files.iter().map(|file| file.name.as_str())));
    let (place, (expected, found)) = both.find(|(_, (expected, found))| expected != found)?;
    Some(Finding::OutOfOrder { place, found: found.to_owned(), expected: expected.to_owned() })
}

/// Where an archive of ours ends too early; `None`: its end is there, or it is none of ours. Files
/// stand one after the other ([`Archive`]), so this is found without the list at the end.
fn cut(bytes: &[u8]) -> Option<Finding> {
    const FILE: &[u8] = &[0x50, 0x4b, 3, 4];
    const LISTED: &[u8] = &[0x50, 0x4b, 1, 2];
    /// The end of the list of files.
    const END: usize = 22;
    let number = |at: usize, length: usize| -> Option<usize> {
        let digits = bytes.get(at..at.checked_add(length)?)?;
        Some(digits.iter().rev().fold(0, |number, digit| number << 8 | usize::from(*digit)))
    };
    let ends = |near: &str| Some(Finding::Cut { at: bytes.len() as u64, near: near.to_owned() });
    let (mut at, mut near) = (0, String::new());
    while bytes.get(at..at + 4) == Some(FILE) {
        let (Some(size), Some(name)) = (number(at + 18, 4), number(at + 26, 2)) else { return ends(&near) };
        let Some(name) = bytes.get(at + 30..at + 30 + name) else { return ends(&near) };
        near = String::from_utf8_lossy(name).into_owned();
        at += 30 + name.len() + size;
        if at > bytes.len() {
            return ends(&near);
        }
    }
    while at > 0 && bytes.get(at..at + 4) == Some(LISTED) {
        let Some(name) = number(at + 28, 2) else { return ends(&near) };
        at += 46 + name;
    }
    if at > 0 && at + END > bytes.len() { ends(&near) } else { None }
}

/// The files are whole: whether the archive is what [`Archive`] makes of them.
fn wrapping(bytes: &[u8], files: &[Read]) -> Option<Finding> {
    let mut archive = Archive::new(Vec::with_capacity(bytes.len()));
    let mut ends = Vec::new();
    for file in files {
        archive.add(&file.name, file.content.as_deref()?).ok()?;
        ends.push((archive.size_of_files(), file.name.as_str()));
    }
    let made = archive.finish().ok()?;
    if made == bytes {
        return None;
    }
    let at = made.iter().zip(bytes).position(|(one, other)| one != other).unwrap_or(made.len().min(bytes.len())) as u64;
    let near = ends.iter().find(|(end, _)| at < *end).map(|(_, name)| (*name).to_owned()).unwrap_or_default();
    Some(Finding::Wrapping { at, near })
}

#[cfg(test)]
mod tests;
