//! Looks at a text for what rules speak of: words that set a rule off, and words that it then
//! needs. Pure. What is found is a question to the author, never a verdict: a member's word ends a
//! false alarm ([`super::answers`]), and it is asked anew when what it was about changes.

use std::{collections::BTreeSet, ops::Range};

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use super::{
    Book, Country, Profile, Rule,
    file::{Lint, Look, Severity},
};
use crate::words::Class;

/// Words of one finding that are shown at most.
const SHOWN: usize = 6;

/// How the names of months begin.
const MONTHS: [&str; 13] =
    ["январ", "феврал", "март", "апрел", "мая", "май", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр"];

/// A piece of a pattern: one token of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Word(String),
    /// The beginning of a word.
    Head(String),
    /// Digits.
    Number,
    /// A month's name, in whatever case.
    Month,
    /// A state registration number: 13 or 15 digits.
    Ogrn,
    /// Any word.
    Any,
}

/// Words that stand one behind another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Piece>);

impl Pattern {
    /// Reads a pattern of a data file.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        for word in text.split_whitespace() {
            match word {
                "<number>" => pieces.push(Piece::Number),
                "<month>" => pieces.push(Piece::Month),
                "<ogrn>" => pieces.push(Piece::Ogrn),
                "<word>" => pieces.push(Piece::Any),
                word => {
                    let head = word.strip_suffix('*');
                    let mut tokens: Vec<String> = tokens(head.unwrap_or(word)).into_iter().map(|token| token.word).collect();
                    let Some(last) = tokens.pop() else { return Err(format!("has the pattern `{text}`, in which `{word}` is no word")) };
                    pieces.extend(tokens.into_iter().map(Piece::Word));
                    pieces.push(if head.is_some() { Piece::Head(last) } else { Piece::Word(last) });
                }
            }
        }
        if pieces.is_empty() { Err("has an empty pattern".to_owned()) } else { Ok(Self(pieces)) }
    }

    /// Whether it stands there, as a range of tokens.
    fn stands(&self, tokens: &[Token], at: usize) -> Option<Range<usize>> {
        let end = at + self.0.len();
        let there = tokens.get(at..end)?;
        self.0.iter().zip(there).all(|(piece, token)| piece.is(&token.word)).then_some(at..end)
    }

    fn all(&self, tokens: &[Token]) -> Vec<Range<usize>> {
        (0..tokens.len()).filter_map(|at| self.stands(tokens, at)).collect()
    }
}

impl Piece {
    fn is(&self, word: &str) -> bool {
        let digits = || word.bytes().all(|byte| byte.is_ascii_digit());
        match self {
            Self::Word(own) => own == word,
            Self::Head(head) => word.starts_with(head.as_str()),
            Self::Number => digits(),
            Self::Month => MONTHS.iter().any(|month| word.starts_with(month)),
            Self::Ogrn => digits() && matches!(word.len(), 13 | 15),
            Self::Any => true,
        }
    }
}

/// A word of a text, or a sign that means one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    /// In small letters, `ё` as `е`.
    word: String,
    /// Its bytes.
    at: Range<usize>,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let joins = c.is_alphanumeric();
        if joins && let Some(last) = found.last_mut().filter(|last| last.at.end == at && last.word.ends_with(char::is_alphanumeric)) {
            last.at.end = end;
            push(&mut last.word, c);
        } else if joins || matches!(c, '%' | '№') {
            let mut word = String::new();
            push(&mut word, c);
            found.push(Token { word, at: at..end });
        }
    }
    found
}

fn push(word: &mut String, c: char) {
    word.extend(c.to_lowercase().map(|c| if c == 'ё' { 'е' } else { c }));
}

/// A text as the rules see it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told<'a> {
    /// Without marks and tags.
    pub body: &'a str,
    /// Words on its buttons.
    pub labels: &'a [String],
    /// Names that may stand in Latin letters: the company's and the advertiser's.
    pub names: [&'a str; 2],
    /// The id of the file that goes along.
    pub file: Option<&'a str>,
}

/// What a rule found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub rule: &'static Rule,
    /// It stops the text.
    pub strict: bool,
    /// The words that set it off, as they are written; may be none.
    pub words: Vec<String>,
    /// Places of what is missing in the rule's list of needs.
    pub lacks: Vec<usize>,
    /// A hash of what it is about: an answer to it holds as long as this stays.
    pub about: String,
}

impl Book {
    /// What the rules in force find in a text of a company of Russia; in other countries nothing.
    #[must_use]
    pub fn look(&'static self, profile: &Profile, class: Class, told: Told<'_>, day: NaiveDate) -> Vec<Found> {
        if profile.country != Some(Country::Ru) {
            return Vec::new();
        }
        let (body, labels) = (tokens(told.body), told.labels.iter().map(|label| tokens(label)).collect::<Vec<_>>());
        let texts: Vec<(&str, &[Token])> = std::iter::once((told.body, body.as_slice()))
            .chain(told.labels.iter().map(String::as_str).zip(labels.iter().map(Vec::as_slice)))
            .collect();
        let holds = |rule: &&Rule| rule.is_in_force(day) && !(rule.off && profile.off.contains_key(&rule.id));
        self.rules
            .iter()
            .filter(holds)
            .filter_map(|rule| Some((rule, rule.lint.as_ref().filter(|lint| lint.classes.contains(&class))?)))
            .filter_map(|(rule, lint)| {
                let (words, lacks, about) = match lint.look {
                    Look::Words => worded(lint, &texts)?,
                    Look::Latin => latin(lint, profile, told)?,
                    Look::Picture => (Vec::new(), Vec::new(), told.file?.to_owned()),
                };
                let strict = rule.severity == Severity::Error || profile.strict.contains(&rule.id);
                let about = hex::encode(&Sha256::digest(about.as_bytes())[..16]);
                Some(Found { rule, strict, words, lacks, about })
            })
            .collect()
    }
}

/// Words that set a rule off and what is missing beside them: the words, the needs, and what it is
/// about.
fn worded(lint: &Lint, texts: &[(&str, &[Token])]) -> Option<(Vec<String>, Vec<usize>, String)> {
    let mut words: Vec<String> = Vec::new();
    let mut sentences: Vec<&str> = Vec::new();
    for (text, tokens) in texts {
        let excused: Vec<Range<usize>> = lint.unless.iter().flat_map(|pattern| pattern.all(tokens)).collect();
        for range in lint.when.iter().flat_map(|pattern| pattern.all(tokens)) {
            if excused.iter().any(|one| one.start < range.end && range.start < one.end) {
                continue;
            }
            let bytes = tokens[range.start].at.start..tokens[range.end - 1].at.end;
            let word = text[bytes.clone()].to_owned();
            if !words.contains(&word) && words.len() < SHOWN {
                words.push(word);
            }
            let sentence = sentence(text, &bytes);
            if !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
        }
    }
    if words.is_empty() && !lint.when.is_empty() {
        return None;
    }
    if lint.needs.is_empty() {
        return Some((words, Vec::new(), sentences.concat()));
    }
    let is_there = |pattern: &Pattern| texts.iter().any(|(_, tokens)| !pattern.all(tokens).is_empty());
    let lacks: Vec<usize> =
        lint.needs.iter().enumerate().filter(|(_, need)| !need.any.iter().any(is_there)).map(|(place, _)| place).collect();
    // What is missing is missing in the whole text.
    let whole = || texts.iter().map(|(text, _)| *text).collect::<Vec<_>>().join("\n");
    (!lacks.is_empty()).then(|| (words, lacks, if lint.by_sentence { sentences.concat() } else { whole() }))
}

/// The sentence in which something stands.
fn sentence<'a>(text: &'a str, at: &Range<usize>) -> &'a str {
    let ends = ['.', '!', '?', '\n'];
    let start = text[..at.start].rfind(ends).map_or(0, |end| end + 1);
    let end = text[at.end..].find(ends).map_or(text.len(), |end| at.end + end);
    text[start..end].trim()
}

/// Words in Latin letters that are neither names, nor trademarks, nor parts of addresses.
fn latin(lint: &Lint, profile: &Profile, told: Told<'_>) -> Option<(Vec<String>, Vec<usize>, String)> {
    let named: BTreeSet<String> = told
        .names
        .iter()
        .flat_map(|name| tokens(name))
        .map(|token| token.word)
        .chain(profile.trademarks.iter().flat_map(|mark| tokens(mark)).map(|token| token.word))
        .collect();
    let mut words: Vec<String> = Vec::new();
    for text in std::iter::once(told.body).chain(told.labels.iter().map(String::as_str)) {
        for part in text.split_whitespace().filter(|part| !is_address(part)) {
            let own = tokens(part);
            for token in &own {
                let is_latin = token.word.len() > 1 && token.word.bytes().all(|byte| byte.is_ascii_alphabetic());
                let excused = named.contains(&token.word)
                    || lint.unless.iter().any(|pattern| pattern.stands(std::slice::from_ref(token), 0).is_some());
                let word = &part[token.at.clone()];
                if is_latin && !excused && !words.iter().any(|seen| seen == word) {
                    words.push(word.to_owned());
                }
            }
        }
    }
    if words.is_empty() {
        return None;
    }
    let about = words.join(" ");
    words.truncate(SHOWN);
    Some((words, Vec::new(), about))
}

/// Whether a part of a text leads somewhere or names somebody: a link, a mail, `@name`, `#tag`.
fn is_address(part: &str) -> bool {
    let dotted = || {
        let host = part.split('/').next().unwrap_or_default().trim_matches(|c: char| !c.is_alphanumeric());
        host.split_once('.').is_some_and(|(name, rest)| !name.is_empty() && rest.chars().next().is_some_and(char::is_alphanumeric))
    };
    part.contains("://") || part.contains('@') || part.starts_with('#') || dotted()
}

#[cfg(test)]
mod tests;
