//! From a message to words with their classes, in sentences.

use std::collections::HashMap;

use super::{
    fold,
    lexicon::{self, LEXICON, Mask},
};

/// More of a message is not read: this many characters from its beginning, and as many from its end.
const READ: usize = 2_000;
/// A message longer than twice this is tried in other letters and keyboards by so much of its beginning and of its end.
const TRIED: usize = 120;
/// So many characters of its beginning, and of its end, are read with slips whatever they are; between them, [`GUESSES`] words are.
const EDGE: usize = 200;
/// Words in the middle of a long message that are looked for by slips: a letter has few that are not known, nonsense has no others.
const GUESSES: usize = 30;
/// Words of a sentence; what is longer is read in pieces.
const SENTENCE: usize = 60;
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
        let text = bounded(message, READ);
        let lower: Vec<char> = text.chars().map(fold::letter).collect();
        let (latin, cyrillic) = (lower.iter().any(char::is_ascii_alphabetic), lower.iter().any(|c| fold::cyrillic(*c)));
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
        let sample = bounded(&text, TRIED);
        let whole = sample.len() == text.len();
        let own = if whole || other.is_empty() { own } else { Self::read(&sample, Script::English).known() };
        let (mut best, mut most) = (None, own + 0.01);
        for script in other {
            let reading = Self::read(&sample, *script);
            let known = reading.known();
            let (least, more) = if *script == Script::Translit { (0.5, 0.1) } else { (0.7, 0.2) };
            if known > most && known >= least && known >= own + more {
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
        let (mut known, mut all) = (0_u16, 0_u16);
        for token in self.sentences.iter().flat_map(|sentence| &sentence.tokens).filter(|token| token.mask & lexicon::NUMBER == 0) {
            let letters = u16::try_from(token.word.chars().count().min(WORD)).unwrap_or_default();
            all = all.saturating_add(letters);
            known = known.saturating_add(if token.mask == 0 { 0 } else { letters });
        }
        if all == 0 { 0.0 } else { f32::from(known) / f32::from(all) }
    }

    fn read(text: &str, script: Script) -> Self {
        let moved = match script {
            Script::KeysRussian => fold::keys_russian(text, false),
            Script::SignKeysRussian => fold::keys_russian(text, true),
            Script::KeysEnglish => fold::keys_english(text),
            Script::AsIs | Script::English | Script::Translit => text.to_owned(),
        };
        let cased = text.chars().any(char::is_lowercase);
        let mut reader = Reader {
            cased,
            out: Self::default(),
            words: Vec::new(),
            comma: false,
            quoted: false,
            script,
            found: HashMap::new(),
            guesses: GUESSES,
        };
        reader.run(&moved);
        reader.out
    }

    /// Every word.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &Token> {
        self.sentences.iter().flat_map(|sentence| &sentence.tokens)
    }
}

/// The beginning and the end of a message that is too long.
fn bounded(message: &str, read: usize) -> String {
    let Some((cut, _)) = message.char_indices().nth(2 * read) else { return message.to_owned() };
    let head = message.char_indices().nth(read).map_or(cut, |(n, _)| n);
    let tail = message.char_indices().rev().nth(read - 1).map_or(cut, |(n, _)| n);
    format!("{}\n{}", &message[..head], &message[tail.max(head)..])
}

/// The rest of a message of which all that is in the one alphabet is courtesy: `yt gbibnt vyt` and «Спасибо!», «ыещз, please».
/// What it was typed in is then told by the rest alone.
fn without_foreign_courtesy(text: &str) -> Option<String> {
    let (mut russian, mut latin) = (String::new(), String::new());
    for piece in text.split_inclusive(char::is_whitespace) {
        let letters = || piece.chars().map(fold::letter);
        match (letters().any(fold::cyrillic), letters().any(|c| c.is_ascii_alphabetic())) {
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
            .then(|| part.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()))?
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

/// A word as it was typed.
struct Raw {
    text: String,
    comma: bool,
    quoted: bool,
    capital: bool,
    /// It stands far from the beginning and from the end of a long message.
    middle: bool,
}

struct Reader {
    /// There are small letters too: a capital one says something.
    cased: bool,
    out: Reading,
    words: Vec<Raw>,
    comma: bool,
    quoted: bool,
    script: Script,
    /// Words that were looked up before: a long message repeats them.
    found: HashMap<String, Vec<(String, Mask)>>,
    /// Words in the middle that may still be looked for by slips.
    guesses: usize,
}

impl Reader {
    fn run(&mut self, text: &str) {
        let chars = fold::seen(text);
        let command = text.trim_start().starts_with('/');
        // `/stop@shop_bot`
        let chars = if command { chars.iter().copied().take_while(|c| *c != '@').collect() } else { chars };
        let (mut at, mut opened) = (0, false);
        while at < chars.len() {
            let c = chars[at];
            if part_of_word(&chars, at) {
                let from = at;
                while at < chars.len() && part_of_word(&chars, at) {
                    at += 1;
                }
                self.word(&chars[from..at], from >= EDGE && at + EDGE < chars.len());
                continue;
            }
            at += 1;
            match c {
                // A point between single letters parts nothing: С.Т.О.П.
                // «не пишите.не звоните»: no space, no end.
                '.' if !spread(&chars, at)
                    && at >= 2
                    && chars[at - 2].is_alphabetic()
                    && chars.get(at).is_some_and(|c| c.is_alphabetic()) =>
                {
                    self.comma = true
                }
                // «м н е» and then, in a line of its own, «С уважением».
                '\n' if chars.get(at + 1).is_some_and(|c| *c == ' ') => self.end(false),
                '.' | '…' | '!' | '\n' | ';' | '\r' if !spread(&chars, at) => self.end(false),
                '?' => self.end(true),
                ',' | ':' | '—' | '–' => self.comma = true,
                '(' => (opened, self.comma) = (true, true),
                '-' if chars.get(at).is_some_and(|c| c.is_whitespace()) => self.comma = true,
                ')' => {
                    self.out.smile |= !opened;
                    self.comma = true;
                }
                '«' | '“' | '„' => self.quoted = true,
                '»' | '”' => self.quoted = false,
                '"' => self.quoted = !self.quoted,
                '🚫' | '🛑' | '⛔' | '✋' | '🔕' | '❌' | '🙅' | '📵' | '⏹' => {
                    self.out.sign = true;
                    self.comma = true;
                }
                '😂' | '😁' | '😄' | '😅' | '🤣' | '😊' | '😉' | '😃' | '😜' => {
                    self.out.smile = true;
                    self.comma = true;
                }
                _ => {}
            }
        }
        self.end(false);
        self.out.command = command;
        let whole = self.out.tokens().all(|token| token.quoted || token.mask & lexicon::POLITE != 0);
        if whole {
            self.out.sentences.iter_mut().flat_map(|sentence| &mut sentence.tokens).for_each(|token| token.quoted = false);
        }
    }

    fn word(&mut self, chars: &[char], middle: bool) {
        let capital = self.cased && chars.iter().find(|c| c.is_alphabetic()).is_some_and(|c| c.is_uppercase());
        let text: String = chars.iter().take(WORD).map(|c| fold::letter(*c)).collect();
        let (comma, quoted) = (std::mem::take(&mut self.comma), self.quoted);
        self.words.push(Raw { text, comma, quoted, capital, middle });
    }

    /// A sentence ends: its words are looked up.
    fn end(&mut self, question: bool) {
        let raws = join_spread(std::mem::take(&mut self.words));
        self.comma = false;
        if raws.is_empty() {
            if let (true, Some(last)) = (question, self.out.sentences.last_mut()) {
                last.question = true;
            }
            return;
        }
        let mut tokens: Vec<Token> = Vec::with_capacity(raws.len() + 4);
        for raw in &raws {
            let mut first = true;
            if raw.middle && self.guesses == 0 && !self.found.contains_key(&raw.text) && LEXICON.exact(&lexicon::key(&raw.text)) == 0 {
                // Of nonsense in the middle one word is enough.
                if tokens.last().is_none_or(|last| last.mask != 0) {
                    let word = raw.text.clone();
                    tokens.push(Token { word, mask: 0, after_comma: raw.comma, quoted: raw.quoted, capital: raw.capital });
                }
                continue;
            }
            let (script, guesses) = (self.script, &mut self.guesses);
            let found = self.found.entry(raw.text.clone()).or_insert_with(|| {
                let guess = raw.middle && LEXICON.exact(&lexicon::key(&raw.text)) == 0;
                *guesses -= usize::from(guess);
                look_up(&raw.text, script)
            });
            for (word, mask) in found.clone() {
                let after_comma = raw.comma && first;
                tokens.push(Token { word, mask, after_comma, quoted: raw.quoted, capital: raw.capital && first });
                first = false;
            }
        }
        let tokens = without_polite_commas(join_phrases(join_broken(tokens)));
        // Without a full stop for so long, it is not one sentence.
        let pieces = tokens.len().div_ceil(SENTENCE);
        for (n, piece) in tokens.chunks(SENTENCE).enumerate() {
            self.out.sentences.push(Sentence { tokens: piece.to_vec(), question: question && n + 1 == pieces });
        }
    }
}

/// Whether single letters stand on both sides, each apart: `С.Т`.
fn spread(chars: &[char], after: usize) -> bool {
    let letter = |n: usize| chars.get(n).is_some_and(|c| c.is_alphabetic());
    let edge = |n: Option<usize>| n.is_none_or(|n| chars.get(n).is_none_or(|c| !c.is_alphabetic()));
    after >= 2 && letter(after - 2) && edge(after.checked_sub(3)) && letter(after) && edge(Some(after + 1))
}

fn part_of_word(chars: &[char], at: usize) -> bool {
    let c = chars[at];
    if fold::alphanumeric(c) {
        return true;
    }
    let letter = |n: Option<usize>| n.and_then(|n| chars.get(n)).is_some_and(|c| fold::alphanumeric(*c));
    match c {
        '*' | '@' | '$' | '#' => {
            letter(Some(at + 1)) && (letter(at.checked_sub(1)) || c != '#' && at == 0) || c == '*' && letter(at.checked_sub(1))
        }
        '\'' | '’' | '`' | 'ʼ' | '-' | '_' => letter(at.checked_sub(1)) && letter(Some(at + 1)),
        '‑' | '‐' => letter(at.checked_sub(1)) && letter(Some(at + 1)),
        _ => false,
    }
}

/// «с т о п», «С.Т.О.П», «с-т-о-п» are one word.
fn join_spread(raws: Vec<Raw>) -> Vec<Raw> {
    let single = |raw: &Raw| raw.text.chars().count() == 1 && raw.text.chars().all(char::is_alphanumeric);
    let mut out: Vec<Raw> = Vec::with_capacity(raws.len());
    let mut run: Vec<Raw> = Vec::new();
    let flush = |run: &mut Vec<Raw>, out: &mut Vec<Raw>| {
        let word: String = run.iter().map(|raw| raw.text.as_str()).collect();
        let russian = fold::look_russian(&fold::unleet(&word, false));
        let known = run.len() >= 3
            && [&word, &russian].iter().any(|w| LEXICON.exact(&lexicon::key(w)) != 0 || LEXICON.unglue(&lexicon::key(w)).is_some());
        if known && let Some(first) = run.first() {
            out.push(Raw { text: word, comma: first.comma, quoted: first.quoted, capital: first.capital, middle: first.middle });
            run.clear();
        } else {
            out.append(run);
        }
    };
    for raw in raws {
        if single(&raw) {
            run.push(raw);
        } else {
            // «стоп-стоп», «с-т-о-п»: a hyphenated word of single letters.
            let parts: Vec<&str> = raw.text.split(['-', '_', '*']).collect();
            if parts.len() >= 3 && parts.iter().all(|part| part.chars().count() == 1) {
                run.extend(parts.iter().map(|part| Raw {
                    text: (*part).to_owned(),
                    comma: raw.comma,
                    quoted: raw.quoted,
                    capital: raw.capital,
                    middle: raw.middle,
                }));
                continue;
            }
            flush(&mut run, &mut out);
            out.push(raw);
        }
    }
    flush(&mut run, &mut out);
    out
}

/// «пре кратите», «от пишите»: two pieces of which at least one is no word.
fn join_broken(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        if let Some(last) = out.last_mut()
            && !token.after_comma
            && token.mask & lexicon::NUMBER == 0
            && (last.mask == 0 || token.mask == 0 || last.word == "от" && token.mask & (lexicon::WRITE_CMD | lexicon::WRITE_INF) != 0)
        {
            let joined = lexicon::key(&format!("{}{}", last.word, token.word));
            let mask = LEXICON.exact(&joined);
            let whole = mask
                & (lexicon::WRITE_CMD
                    | lexicon::WRITE_INF
                    | lexicon::CEASE
                    | lexicon::UNSUB
                    | lexicon::REMOVE
                    | lexicon::OBJ
                    | lexicon::STOPWORD)
                != 0;
            if whole && joined.chars().count() >= 4 {
                last.word = joined;
                last.mask = mask;
                continue;
            }
        }
        out.push(token);
    }
    out
}

/// Expressions of several words become one token.
fn join_phrases(tokens: Vec<Token>) -> Vec<Token> {
    let words: Vec<&str> = tokens.iter().map(|token| token.word.as_str()).collect();
    let mut out = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let upto = (at + 1..tokens.len()).find(|n| tokens[*n].after_comma).unwrap_or(tokens.len()).min(at + 6);
        if let Some((n, mask)) = LEXICON.phrase(&words[at..upto]) {
            out.push(Token { word: words[at..at + n].join(" "), mask, ..tokens[at].clone() });
            at += n;
        } else {
            out.push(tokens[at].clone());
            at += 1;
        }
    }
    out
}

/// «отмените, пожалуйста, запись» is one clause.
fn without_polite_commas(mut tokens: Vec<Token>) -> Vec<Token> {
    const COURTESY: &[&str] =
        &["пожалуйста", "пожалуста", "плиз", "пж", "please", "pls", "будьте добры", "будьте любезны", "будь ласка", "прошу вас"];
    for at in 0..tokens.len() {
        if COURTESY.contains(&tokens[at].word.as_str()) {
            tokens[at].after_comma = false;
            if at > 0
                && let Some(next) = tokens.get_mut(at + 1).filter(|next| !matches!(next.word.as_str(), "а" | "но" | "и"))
            {
                next.after_comma = false;
            }
        }
    }
    tokens
}

/// What a typed word is: itself, what it was meant to be, or several.
fn look_up(typed: &str, script: Script) -> Vec<(String, Mask)> {
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    if digits > 0 && (digits * 2 > typed.chars().count() || !typed.chars().any(char::is_alphabetic)) {
        return vec![(typed.to_owned(), lexicon::NUMBER)];
    }
    let bare: String = typed.replace(['’', 'ʼ', '`'], "'").replace(['‑', '‐', '_'], "-");
    let word = lexicon::key(&bare.replace('\'', ""));
    let mask = LEXICON.exact(&word).max(LEXICON.exact(&lexicon::key(&bare)));
    if mask != 0 {
        return vec![(word, mask)];
    }
    if bare.contains('-') {
        return hyphened(&bare, &word, script);
    }
    let readings = readings(&bare, script);
    for reading in &readings {
        let word = lexicon::key(reading);
        if bare.is_ascii()
            && script != Script::English
            && LEXICON.exact(&word) == lexicon::COMMON
            && let Some((found, mask)) = LEXICON.by_sound(&word).filter(|(_, mask)| *mask != lexicon::COMMON)
        {
            // A soft sign is seldom written in Latin letters: `ne bespokoit`.
            return vec![(found.to_owned(), mask)];
        }
        if let Some(found) = known(&word) {
            return found;
        }
    }
    // Letters of both alphabets: as it looks.
    let mixed = word.chars().any(fold::cyrillic) && word.chars().any(|c| c.is_ascii_alphabetic());
    vec![(readings.first().filter(|_| mixed).map_or(word, |reading| lexicon::key(reading)), 0)]
}

/// «стоп-стоп» is said twice; «стоп-кран» is a thing.
fn hyphened(bare: &str, word: &str, script: Script) -> Vec<(String, Mask)> {
    let parts: Vec<&str> = bare.split('-').filter(|part| !part.is_empty() && !matches!(*part, "то" | "ка" | "таки" | "же" | "с")).collect();
    let mut out: Vec<(String, Mask)> = parts.iter().flat_map(|part| look_up(part, script)).collect();
    let stop = out.iter().any(|(_, mask)| mask & lexicon::STOPWORD != 0);
    let thing =
        out.iter().any(|(_, mask)| mask & (lexicon::STOPWORD | lexicon::OBJ | lexicon::OFFER | lexicon::POLITE | lexicon::ENOUGH) == 0);
    if stop && thing || out.is_empty() {
        out = vec![(word.to_owned(), lexicon::COMMON)];
    }
    out
}

/// The letters a word may have been meant with, the likeliest first.
fn readings(bare: &str, script: Script) -> Vec<String> {
    let latin = bare.chars().any(|c| c.is_ascii_alphabetic());
    let cyrillic = bare.chars().any(fold::cyrillic);
    let odd = bare.chars().any(|c| !c.is_alphabetic());
    let mut out = Vec::with_capacity(5);
    match (latin, cyrillic) {
        (true, true) => {
            let bare = fold::unleet(bare, false);
            out.push(fold::look_russian(&bare));
            out.push(fold::look_english(&bare));
            out.push(fold::from_translit(&fold::look_russian(&bare)));
            out.push(fold::from_translit(&bare));
        }
        (true, false) => {
            if odd {
                out.push(fold::unleet(bare, true));
            }
            if script == Script::English {
                out.push(bare.to_owned());
            } else if script == Script::Translit {
                out.push(fold::from_translit(bare));
            } else {
                out.push(bare.to_owned());
                out.push(fold::from_translit(bare));
                out.push(fold::keys_russian(bare, true));
                out.push(fold::look_russian(bare));
            }
        }
        _ if odd => out.push(fold::unleet(bare, false)),
        _ => {
            out.push(bare.to_owned());
            if script == Script::AsIs {
                out.push(fold::keys_english(bare));
            }
        }
    }
    out
}

/// A word that is in the lexicon, by its letters, its sound, a slip, or as several.
fn known(word: &str) -> Option<Vec<(String, Mask)>> {
    let exact = LEXICON.exact(word);
    if exact != 0 {
        return Some(vec![(word.to_owned(), exact)]);
    }
    let letters = word.chars().count();
    if letters >= 4
        && word.chars().all(fold::cyrillic)
        && let Some((found, mask)) = LEXICON.by_sound(word)
    {
        return Some(vec![(found.to_owned(), mask)]);
    }
    if let Some(parts) = LEXICON.unglue(word) {
        return Some(
            parts
                .into_iter()
                .map(|part| {
                    let mask = LEXICON.exact(&part);
                    (part, mask)
                })
                .collect(),
        );
    }
    // «непешите»: a negation and a slip.
    if let Some(rest) = word.strip_prefix("не").or_else(|| word.strip_prefix("ни"))
        && letters >= 7
    {
        let found = LEXICON.by_sound(rest).map(|(w, m)| (w.to_owned(), m)).or_else(|| LEXICON.by_slip(rest));
        if let Some((rest, mask)) = found
            .filter(|(_, mask)| mask & (lexicon::WRITE_CMD | lexicon::WRITE_INF | lexicon::WANT | lexicon::NEED | lexicon::RECEIVE) != 0)
        {
            return Some(vec![("не".to_owned(), lexicon::NOT), (rest, mask)]);
        }
    }
    if let Some(found) = LEXICON.by_slip(word).or_else(|| word.strip_suffix("тся").and_then(|stem| LEXICON.by_slip(&format!("{stem}ться"))))
    {
        return Some(vec![found]);
    }
    // Short words that a refusal is full of.
    let own: Vec<char> = word.chars().take(8).collect();
    let short = ["меня", "больше"].into_iter().find(|short| {
        let short: Vec<char> = short.chars().collect();
        own.len() >= short.len() - 1 && (own.first() == short.first() || own == short[1..]) && fold::near(&own, &short, 1)
    });
    short.map(|short| vec![(short.to_owned(), LEXICON.exact(short))])
}
