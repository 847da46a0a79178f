//! Text into words, quoted texts, operators and brackets, each with its place in characters.

use super::{FilterError, MAX_LENGTH, Op, Problem};

/// A token and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    pub at: usize,
    pub len: usize,
    pub what: What,
}

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Word(String),
    Quoted(String),
    Op(Op),
    Open,
    Close,
    Comma,
    /// What stands between conditions: `·`, `;`, a new line.
    Break,
}

impl Token {
    /// As a person wrote it, for errors.
    pub fn shown(&self) -> String {
        match &self.what {
            What::Word(text) | What::Quoted(text) => text.clone(),
            What::Op(op) => op.as_str().to_owned(),
            What::Open => "(".to_owned(),
            What::Close => ")".to_owned(),
            What::Comma => ",".to_owned(),
            What::Break => ";".to_owned(),
        }
    }
}

/// The quote that closes what this one opens.
fn closing(open: char) -> Option<&'static [char]> {
    match open {
        '"' => Some(&['"']),
        '\'' => Some(&['\'']),
        '«' => Some(&['»']),
        '“' => Some(&['”', '“']),
        '„' => Some(&['“', '”']),
        _ => None,
    }
}

/// Whether a character ends a bare word wherever it stands.
pub fn breaks_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | ',' | '=' | '!' | '<' | '>' | '≤' | '≥' | '≠' | '"' | '«' | '»' | '“' | '”' | '„')
}

/// Whether a character stands between conditions where a person writes them.
pub fn breaks_line(c: char) -> bool {
    matches!(c, ';' | '·' | '•' | '\n')
}

/// Reads all tokens from a place on; of what a person writes, with its [`What::Break`]s.
pub fn tokens(chars: &[char], from: usize, typed: bool) -> Result<Vec<Token>, FilterError> {
    if chars.len() > MAX_LENGTH {
        return Err(FilterError { at: MAX_LENGTH, len: chars.len() - MAX_LENGTH, problem: Problem::TooLong });
    }
    let mut out = Vec::new();
    let mut at = from;
    while let Some(&c) = chars.get(at) {
        if typed && breaks_line(c) {
            out.push(Token { at, len: 1, what: What::Break });
            at += 1;
            continue;
        }
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let next = chars.get(at + 1).copied();
        let (what, len) = match (c, next) {
            ('(', _) => (What::Open, 1),
            (')', _) => (What::Close, 1),
            (',', _) => (What::Comma, 1),
            ('<', Some('=')) => (What::Op(Op::Le), 2),
            ('<', Some('>')) | ('!', Some('=')) => (What::Op(Op::Ne), 2),
            ('>', Some('=')) => (What::Op(Op::Ge), 2),
            ('=', Some('=')) => (What::Op(Op::Eq), 2),
            ('=', _) => (What::Op(Op::Eq), 1),
            ('<', _) => (What::Op(Op::Lt), 1),
            ('>', _) => (What::Op(Op::Gt), 1),
            ('≤', _) => (What::Op(Op::Le), 1),
            ('≥', _) => (What::Op(Op::Ge), 1),
            ('≠', _) => (What::Op(Op::Ne), 1),
            _ => match closing(c) {
                Some(ends) => quoted(chars, at, ends)?,
                None => word(chars, at, typed),
            },
        };
        out.push(Token { at, len, what });
        at += len;
    }
    Ok(out)
}

fn quoted(chars: &[char], start: usize, ends: &[char]) -> Result<(What, usize), FilterError> {
    let mut text = String::new();
    let mut at = start + 1;
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' if chars.get(at + 1).is_some() => {
                text.push(chars[at + 1]);
                at += 2;
            }
            c if ends.contains(&c) => return Ok((What::Quoted(text), at + 1 - start)),
            c => {
                text.push(c);
                at += 1;
            }
        }
    }
    Err(FilterError { at: start, len: chars.len() - start, problem: Problem::UnclosedQuote })
}

fn word(chars: &[char], start: usize, typed: bool) -> (What, usize) {
    let breaks = |c: char| breaks_word(c) || (typed && breaks_line(c));
    // A lone character that breaks words (`!`) is a word by itself: the parser says what it
    // expected instead.
    let len = 1 + chars[start + 1..].iter().take_while(|c| !breaks(chars[start]) && !breaks(**c)).count();
    (What::Word(chars[start..start + len].iter().collect()), len)
}
