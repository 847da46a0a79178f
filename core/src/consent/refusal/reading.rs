//! From a message to words with their classes, in sentences.

mod joining;
mod splitting;
mod words;

use super::{
    letters,
    lexicon::{self, LEXICON, Mask},
};
use splitting::Reader;

/// More of a message is not read: this many characters from its beginning, and as many from its
/// end.
const READ: usize = 2_000;
/// As many words of each: a letter of 4 000 characters has some 650, single letters are 2 000.
const WORDS: usize = 350;
/// A message longer than twice this is tried in other letters and keyboards by so much of its
/// beginning and of its end.
const TRIED: usize = 120;
/// A word longer than this is not a word.
const WORD: usize = 64;

/// A word of a message.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// As it is in the lexicon, if it is there.
    pub word: String,
    /// What it does; 0: unknown.
    pub mask: Mask,
    /// A comma or something like it stands before it.
    pub after_comma: bool,
    /// It stands within quotation marks, and not the whole message does.
    pub quoted: bool,
    /// It began with a capital letter.
    pub capital: bool,
}

/// Words up to a full stop.
#[derive(Debug, Clone, Default)]
pub(super) struct Sentence {
    /// Its words.
    pub tokens: Vec<Token>,
    /// It ends with a question mark.
    pub question: bool,
}

/// A message as it was understood.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    /// Its sentences; none is empty.
    pub sentences: Vec<Sentence>,
    /// 🚫, 🛑 or another such picture stands in it.
    pub sign: bool,
    /// Smiling brackets or faces.
    pub smile: bool,
    /// It was a command: `/stop`.
    pub command: bool,
}

impl Reading {
    /// Reads a message.
    pub(super) fn of(message: &str) -> Self {
        let text = bounded(message, READ, WORDS);
        let lower: Vec<char> = text.chars().map(letters::letter).collect();
        let (latin, cyrillic) = (lower.iter().any(char::is_ascii_alphabetic), lower.iter().any(|c| letters::cyrillic(*c)));
        if let Some(rest) = without_foreign_courtesy(&text).filter(|_| latin && cyrillic) {
            return Self::of(&rest);
        }
        let plain = Self::read(&text, if latin && !cyrillic { Script::English } else { Script::AsIs });
        let own = plain.known();
        let other: &[Script] = match (latin, cyrillic) {
            (true, false) => &[Script::Translit, Script::SignKeysRussian, Script::KeysRussian],
            // Half of it is Russian: so is the rest.
            (false, true) if own < 0.5 => &[Script::KeysEnglish],
            _ => &[],
        };
        if own >= 0.99 {
            return plain;
        }
        let sample = bounded(&text, TRIED, WORDS);
        let whole = sample.len() == text.len();
        let own = if whole || other.is_empty() { own } else { Self::read(&sample, Script::English).known() };
        let (mut best, mut most) = (None, own + 0.01);
        for script in other {
            let reading = Self::read(&sample, *script);
            let known = reading.known();
            let (least, more) = if *script == Script::Translit { (0.5, 0.1) } else { (0.7, 0.2) };
            // Where nothing of it is known as it stands, fewer known words tell: «каталог не надо
            // присылать» has one that is not. Words of a letter or two are in any nonsense.
            let told = known >= least && known >= own + more || own < 0.15 && reading.known_from(3) >= 0.3;
            if told && known > most {
                (best, most) = (Some((reading, *script)), known);
            }
        }
        match best {
            Some((reading, _)) if whole => reading,
            Some((_, script)) => Self::read(&text, script),
            None => plain,
        }
    }

    /// The share of letters in words that are known.
    fn known(&self) -> f32 {
        self.known_from(1)
    }

    /// The same of words of at least so many letters.
    fn known_from(&self, least: u16) -> f32 {
        let (mut known, mut all) = (0_u16, 0_u16);
        for token in self.sentences.iter().flat_map(|sentence| &sentence.tokens).filter(|token| token.mask & lexicon::NUMBER == 0) {
            let letters = u16::try_from(token.word.chars().count().min(WORD)).unwrap_or_default();
            all = all.saturating_add(letters);
            known = known.saturating_add(if token.mask == 0 || letters < least { 0 } else { letters });
        }
        if all == 0 { 0.0 } else { f32::from(known) / f32::from(all) }
    }

    fn read(text: &str, script: Script) -> Self {
        let moved = match script {
            Script::KeysRussian => letters::keys_russian(text, false),
            Script::SignKeysRussian => letters::keys_russian(text, true),
            Script::KeysEnglish => letters::keys_english(text),
            Script::AsIs | Script::English | Script::Translit => text.to_owned(),
        };
        let cased = text.chars().any(char::is_lowercase);
        Reader::new(script, cased).run(&moved)
    }

    /// Every word.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.sentences.iter().flat_map(|sentence| &sentence.tokens)
    }
}

/// The beginning and the end of a message that is too long: so many characters of each, and no
/// more than so many words.
fn bounded(message: &str, characters: usize, words: usize) -> String {
    let Some((half, _)) = message.char_indices().nth(2 * characters) else {
        // Few characters may be many words: «а б в г».
        return match begun(message.char_indices(), words) {
            Some(head) if begun(message[head..].char_indices(), words).is_some() => ends(message, head, characters, words),
            _ => message.to_owned(),
        };
    };
    let head = message.char_indices().nth(characters).map_or(half, |(n, _)| n);
    let head = begun(message[..head].char_indices(), words).unwrap_or(head);
    ends(message, head, characters, words)
}

/// The message up to here, and as much of its end.
fn ends(message: &str, head: usize, characters: usize, words: usize) -> String {
    let tail = message.char_indices().rev().nth(characters - 1).map_or(0, |(n, _)| n);
    let tail = begun(message.char_indices().rev(), words).map_or(tail, |least| least.max(tail));
    format!("{}\n{}", &message[..head], &message[tail.max(head)..])
}

/// Where one word more than so many begins.
fn begun(mut signs: impl Iterator<Item = (usize, char)>, words: usize) -> Option<usize> {
    let (mut count, mut within) = (0, false);
    signs.find_map(|(at, c)| {
        let letter = letters::alphanumeric(c);
        count += usize::from(letter && !within);
        within = letter;
        (count > words).then_some(at)
    })
}

/// The rest of a message of which all that is in the one alphabet is courtesy: `yt gbibnt vyt` and
/// «Спасибо!», «ыещз, please». What it was typed in is then told by the rest alone.
fn without_foreign_courtesy(text: &str) -> Option<String> {
    let (mut russian, mut latin) = (String::new(), String::new());
    for piece in text.split_inclusive(char::is_whitespace) {
        let letters = || piece.chars().map(letters::letter);
        match (letters().any(letters::cyrillic), letters().any(|c| c.is_ascii_alphabetic())) {
            (true, true) => return None,
            (true, false) => russian.push_str(piece),
            (false, true) => latin.push_str(piece),
            (false, false) => {
                russian.push_str(piece);
                latin.push_str(piece);
            }
        }
        // Courtesy is short: of what is long on both sides, neither is.
        if russian.len() > 200 && latin.len() > 200 {
            return None;
        }
    }
    let courtesy = |part: &str| {
        let masks: Vec<Mask> = (part.chars().take(201).count() <= 200)
            .then(|| part.split(|c: char| !letters::alphabetic(c)).filter(|word| !word.is_empty()))?
            .map(|word| LEXICON.exact(&lexicon::key(word)))
            .collect();
        let polite = masks.iter().any(|mask| mask & lexicon::POLITE != 0);
        Some(polite && masks.iter().all(|mask| mask & (lexicon::POLITE | lexicon::PREP | lexicon::THIS) != 0)).filter(|yes| *yes)
    };
    match (courtesy(&russian), courtesy(&latin)) {
        (Some(_), None) => Some(latin),
        (None, Some(_)) => Some(russian),
        _ => None,
    }
}

/// How the letters of a message are to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    AsIs,
    /// All of it is Latin: a word that is not known is English all the same.
    English,
    Translit,
    KeysRussian,
    SignKeysRussian,
    KeysEnglish,
}
