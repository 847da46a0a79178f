//! The licensor's folder: one Markdown file a document, version and language, named
//! `agreement_1.2_2026-12-01_ru.md` (document, version, the day from which it holds, language).
//! What is wrong with a file is said with its name; the others are good all the same.

use std::{collections::BTreeMap, fs, path::Path};

use chrono::NaiveDate;

use super::{Document, language};
use crate::account::Language;

/// The largest file, bytes: a text that people read.
pub const LARGEST: u64 = 500_000;
/// Characters of a version's name at most.
const VERSION: usize = 20;

/// A text as its file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub document: Document,
    pub version: String,
    /// The day from which it holds, in UTC.
    pub day: NaiveDate,
    pub language: Language,
    /// Markdown.
    pub body: String,
}

/// What is wrong with the folder or with a file of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Bad {
    /// The folder or the file cannot be read.
    #[error("`{0}` cannot be read: {1}")]
    Unreadable(String, String),
    /// The name is not one of a text.
    #[error("`{0}` is no name of a text: it has to be like `agreement_1.2_2026-12-01_ru.md`")]
    Name(String),
    /// There is nothing in it.
    #[error("`{0}` is empty")]
    Empty(String),
    /// It is larger than [`LARGEST`].
    #[error("`{0}` is larger than {LARGEST} bytes")]
    Large(String),
    /// The languages of a version hold from different days.
    #[error("the version {1} of `{0}` holds from different days in different languages")]
    Days(&'static str, String),
    /// Two versions hold from the same day.
    #[error("the versions {1} and {2} of `{0}` hold from the same day")]
    SameDay(&'static str, String, String),
    /// A version lacks a language: whoever reads that one is shown the other.
    #[error("the version {1} of `{0}` has no text in the language `{2}`")]
    Language(&'static str, String, &'static str),
    /// What was published under this version is another text.
    #[error("the version {1} of `{0}` was published with another text: give the new text a new version")]
    Changed(&'static str, String),
}

/// The texts of a folder, and what is wrong in it.
#[must_use]
pub fn read(folder: &Path) -> (Vec<Text>, Vec<Bad>) {
    let (mut texts, mut bad) = (Vec::new(), Vec::new());
    let unreadable = |path: &Path, error: std::io::Error| Bad::Unreadable(path.display().to_string(), error.to_string());
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return (texts, vec![unreadable(folder, error)]),
    };
    let mut paths = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => paths.push(entry.path()),
            Err(error) => bad.push(unreadable(folder, error)),
        }
    }
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // A folder of texts may explain itself.
        if name.eq_ignore_ascii_case("readme.md") {
            continue;
        }
        match fs::metadata(path).map(|found| found.len()) {
            Ok(size) if size > LARGEST => bad.push(Bad::Large(name)),
            Ok(_) => match fs::read_to_string(path) {
                Ok(content) => match text(&name, &content) {
                    Ok(one) => texts.push(one),
                    Err(wrong) => bad.push(wrong),
                },
                Err(error) => bad.push(unreadable(path, error)),
            },
            Err(error) => bad.push(unreadable(path, error)),
        }
    }
    bad.extend(contradictions(&mut texts));
    (texts, bad)
}

/// A text by the name and the content of its file.
///
/// # Errors
/// [`Bad::Name`], [`Bad::Empty`].
pub fn text(name: &str, content: &str) -> Result<Text, Bad> {
    let wrong = || Bad::Name(name.to_owned());
    let parts: Vec<&str> = name.strip_suffix(".md").ok_or_else(wrong)?.split('_').collect();
    let [document, version, day, tongue] = parts[..] else { return Err(wrong()) };
    let document = document.parse().map_err(|_| wrong())?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if version.is_empty() || version.len() > VERSION || !version.chars().all(plain) {
        return Err(wrong());
    }
    let day = day.parse().map_err(|_| wrong())?;
    let language = language(tongue).ok_or_else(wrong)?;
    // How a file ends its lines, or whether it begins with a mark, is no difference of the text.
    let body = content.trim_start_matches('\u{feff}').replace("\r\n", "\n").trim().to_owned();
    if body.is_empty() {
        return Err(Bad::Empty(name.to_owned()));
    }
    Ok(Text { document, version: version.to_owned(), day, language, body })
}

/// What the texts say against each other; what cannot be decided is taken out.
fn contradictions(texts: &mut Vec<Text>) -> Vec<Bad> {
    let mut bad = Vec::new();
    let mut versions: BTreeMap<(Document, String), Vec<(NaiveDate, Language)>> = BTreeMap::new();
    for one in texts.iter() {
        versions.entry((one.document, one.version.clone())).or_default().push((one.day, one.language));
    }
    let mut days: BTreeMap<(Document, NaiveDate), String> = BTreeMap::new();
    for ((document, version), of) in versions {
        let name = document.as_str();
        let drop = |texts: &mut Vec<Text>| texts.retain(|one| one.document != document || one.version != version);
        if of.iter().any(|(day, _)| *day != of[0].0) {
            bad.push(Bad::Days(name, version.clone()));
            drop(texts);
            continue;
        }
        if let Some(other) = days.insert((document, of[0].0), version.clone()) {
            bad.push(Bad::SameDay(name, other.clone(), version.clone()));
            drop(texts);
            days.insert((document, of[0].0), other);
            continue;
        }
        for language in [Language::Ru, Language::En] {
            if of.iter().all(|(_, has)| *has != language) {
                bad.push(Bad::Language(name, version.clone(), language.as_str()));
            }
        }
    }
    bad
}
