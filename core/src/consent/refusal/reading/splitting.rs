//! A message in words and sentences.

use std::collections::HashMap;

use super::{
    super::{
        letters,
        lexicon::{self, LEXICON, Mask},
    },
    Reading, Script, Sentence, Token, WORD, joining, words,
};

/// Characters of the beginning, and of the end, that are read with slips whatever they are;
/// between them, [`GUESSES`] words are.
const EDGE: usize = 200;
/// Words in the middle of a long message that are looked for by slips: a letter has few that are
/// not known, nonsense has no others.
const GUESSES: usize = 30;
/// Words of a sentence; what is longer is read in pieces.
const SENTENCE: usize = 40;

/// A word as it was typed.
pub(super) struct Raw {
    pub text: String,
    pub comma: bool,
    pub quoted: bool,
    pub capital: bool,
    /// It stands far from the beginning and from the end of a long message.
    pub middle: bool,
}

/// Reads a text from its beginning to its end.
pub(super) struct Reader {
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
    pub(super) fn new(script: Script, cased: bool) -> Self {
        Self {
            cased,
            out: Reading::default(),
            words: Vec::new(),
            comma: false,
            quoted: false,
            script,
            found: HashMap::new(),
            guesses: GUESSES,
        }
    }

    pub(super) fn run(mut self, text: &str) -> Reading {
        let chars = letters::seen(text);
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
                    && letters::alphabetic(chars[at - 2])
                    && chars.get(at).is_some_and(|c| letters::alphabetic(*c)) =>
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
                '🚫' | '🛑' | '⛔' | '✋' | '🔕' | '❌' | '🙅' | '📵' | '⏹' | '👎' | '🖕' | '🤬' => {
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
        self.out
    }

    fn word(&mut self, chars: &[char], middle: bool) {
        let capital = self.cased && chars.iter().find(|c| letters::alphabetic(**c)).is_some_and(|c| c.is_uppercase());
        let text: String = chars.iter().take(WORD).map(|c| letters::letter(*c)).collect();
        // «*стоп*» is printed bold; «ст*п» hides a letter.
        let text = match text.strip_prefix('*').and_then(|rest| rest.strip_suffix('*')) {
            Some(bold) => bold.trim_matches('*').to_owned(),
            None => text,
        };
        // «Не.Пишите»: nothing parts a negation from its verb.
        let negation = self.words.last().is_some_and(|last| matches!(last.text.as_str(), "не" | "ни"));
        let (comma, quoted) = (std::mem::take(&mut self.comma) && !negation, self.quoted);
        self.words.push(Raw { text, comma, quoted, capital, middle });
    }

    /// A sentence ends: its words are looked up.
    fn end(&mut self, question: bool) {
        // «не. пишите. мне.»
        if let [only] = self.words.as_slice()
            && !question
            && matches!(only.text.as_str(), "не" | "ни")
        {
            return;
        }
        let raws = joining::join_pieces(joining::join_spread(std::mem::take(&mut self.words)));
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
                words::look_up(&raw.text, script)
            });
            for (word, mask) in found.clone() {
                let after_comma = raw.comma && first;
                tokens.push(Token { word, mask, after_comma, quoted: raw.quoted, capital: raw.capital && first });
                first = false;
            }
        }
        let tokens = joining::without_polite_commas(joining::join_phrases(joining::join_broken(tokens)));
        let tokens = joining::undoing_nothing(tokens);
        // Without a full stop for so long, it is not one sentence.
        let pieces = tokens.len().div_ceil(SENTENCE);
        for (n, piece) in tokens.chunks(SENTENCE).enumerate() {
            self.out.sentences.push(Sentence { tokens: piece.to_vec(), question: question && n + 1 == pieces });
        }
    }
}

/// Whether single letters stand on both sides, each apart: `С.Т`.
fn spread(chars: &[char], after: usize) -> bool {
    let letter = |n: usize| chars.get(n).is_some_and(|c| letters::alphabetic(*c));
    let edge = |n: Option<usize>| n.is_none_or(|n| chars.get(n).is_none_or(|c| !letters::alphabetic(*c)));
    after >= 2 && letter(after - 2) && edge(after.checked_sub(3)) && letter(after) && edge(Some(after + 1))
}

fn part_of_word(chars: &[char], at: usize) -> bool {
    let c = chars[at];
    if letters::alphanumeric(c) {
        return true;
    }
    let letter = |n: Option<usize>| n.and_then(|n| chars.get(n)).is_some_and(|c| letters::alphanumeric(*c));
    match c {
        '*' | '@' | '$' | '#' => {
            letter(Some(at + 1)) && (letter(at.checked_sub(1)) || c != '#' && at == 0) || c == '*' && letter(at.checked_sub(1))
        }
        '\'' | '’' | '`' | 'ʼ' | '-' | '_' => letter(at.checked_sub(1)) && letter(Some(at + 1)),
        '‑' | '‐' => letter(at.checked_sub(1)) && letter(Some(at + 1)),
        _ => false,
    }
}
