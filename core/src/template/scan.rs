//! The source of a template before the Liquid parser sees it: where its tags are, what they name,
//! and whether the parser can be trusted with them.
//!
//! liquid-core 0.26.11 takes time that grows with the square of unclosed `{{` and of long runs of
//! spaces, recurses once per nested block, per `elsif` and per `[`, and panics on a whole number
//! that does not fit 64 bits and (evaluating it a second time) on a computed index. [`check`]
//! refuses all of these first.
//!
//! [`prepare`] then makes the expressions mean what a person with a phone typed: curly quotes are
//! quotes, a no-break space is a space, and the characters of a string are characters (`"<b>"` is
//! three characters, not a tag).

use std::ops::Range;

use super::{engine::ParseProblem, filters, marks};

/// The longest body, button text or link, bytes.
pub const MAX_SOURCE: usize = 8 * 1024;
/// The same of all texts of a template together, its buttons' too: parsing stays a matter of
/// milliseconds.
pub const MAX_SOURCES: usize = 64 * 1024;
/// The deepest nesting of blocks; each `elsif` counts too.
const MAX_DEPTH: usize = 24;
/// Digits of the longest number.
const MAX_DIGITS: usize = 15;
/// The longest run of white space.
const MAX_BLANK: usize = 100;

/// A `{{ … }}` or a `{% … %}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// Its bytes, braces included.
    pub range: Range<usize>,
    /// `{% … %}`.
    pub control: bool,
    /// What is between the braces (and their hyphens).
    pub inner: &'a str,
    /// The byte at which `inner` begins.
    pub inner_at: usize,
}

/// A quoted string, and which character ends it.
pub(super) fn closer(opening: char) -> Option<&'static [char]> {
    Some(match opening {
        '"' => &['"'],
        '\'' => &['\''],
        '“' | '„' | '”' => &['”', '“', '"'],
        '«' => &['»'],
        '‘' | '’' => &['’', '‘', '\''],
        _ => return None,
    })
}

/// The tags of a source, in order; an unclosed one is an error with its byte.
pub(super) fn tags(source: &str) -> (Vec<Tag<'_>>, Option<usize>) {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(step) = source[at..].find('{') {
        let start = at + step;
        let control = match source.as_bytes().get(start + 1) {
            Some(b'{') => false,
            Some(b'%') => true,
            _ => {
                at = start + 1;
                continue;
            }
        };
        let Some(end) = tag_end(&source[start + 2..], if control { "%}" } else { "}}" }).map(|n| start + 2 + n) else {
            return (found, Some(start));
        };
        let inner = &source[start + 2..end];
        let (inner, inner_at) = inner.strip_prefix('-').map_or((inner, start + 2), |inner| (inner, start + 3));
        let inner = inner.strip_suffix('-').unwrap_or(inner);
        found.push(Tag { range: start..end + 2, control, inner, inner_at });
        at = end + 2;
    }
    (found, None)
}

fn tag_end(rest: &str, close: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(c) = rest[at..].chars().next() {
        if rest[at..].starts_with(close) {
            return Some(at);
        }
        if let Some(ends) = closer(c) {
            // A quote without its pair is a matter for the parser, not the end of the search.
            if let Some(n) = rest[at + c.len_utf8()..].find(ends) {
                let end = at + c.len_utf8() + n;
                at = end + rest[end..].chars().next().map_or(0, char::len_utf8);
                continue;
            }
        }
        at += c.len_utf8();
    }
    None
}

/// A word or a sign of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name, with dots taken apart.
    Name(&'a str),
    /// A quoted string, without its quotes.
    Text(&'a str),
    Number(&'a str),
    /// Anything else but white space.
    Sign(char),
}

/// The tokens of an expression with their bytes, in the manner of the grammar but never failing.
pub(super) fn tokens(inner: &str) -> Vec<(usize, Token<'_>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = inner[at..].chars().next() {
        let rest = &inner[at..];
        let word = |ok: fn(char) -> bool| rest.find(|c| !ok(c)).unwrap_or(rest.len());
        let (token, len) = if c.is_whitespace() {
            (None, c.len_utf8())
        } else if let Some((text, len)) = closer(c).and_then(|ends| {
            let n = rest[c.len_utf8()..].find(ends)?;
            let end = c.len_utf8() + n;
            Some((&rest[c.len_utf8()..end], end + rest[end..].chars().next().map_or(0, char::len_utf8)))
        }) {
            (Some(Token::Text(text)), len)
        } else if c.is_ascii_digit() {
            let len = word(|c| c.is_ascii_digit());
            (Some(Token::Number(&rest[..len])), len)
        } else if c.is_alphanumeric() || c == '_' {
            let len = word(|c| c.is_alphanumeric() || c == '_' || c == '-');
            (Some(Token::Name(&rest[..len])), len)
        } else {
            (Some(Token::Sign(c)), c.len_utf8())
        };
        found.extend(token.map(|token| (at, token)));
        at += len;
    }
    found
}

/// What the parser may not be given, with its byte.
pub(super) fn check(source: &str) -> Result<Vec<Tag<'_>>, (usize, ParseProblem)> {
    if source.len() > MAX_SOURCE {
        return Err((0, ParseProblem::TooLong { bytes: source.len(), limit: MAX_SOURCE }));
    }
    let mut blank = 0;
    for (at, c) in source.char_indices() {
        blank = if c.is_whitespace() { blank + 1 } else { 0 };
        if blank > MAX_BLANK {
            return Err((at, ParseProblem::Blank));
        }
    }
    let (tags, unclosed) = tags(source);
    if let Some(at) = unclosed {
        return Err((at, ParseProblem::UnclosedTag));
    }
    let mut blocks: Vec<(&str, usize, usize)> = Vec::new();
    let mut verbatim: Option<&str> = None;
    for tag in &tags {
        let tokens = tokens(tag.inner);
        let name = match tokens.first() {
            Some((_, Token::Name(name))) if tag.control => Some(*name),
            None => return Err((tag.range.start, ParseProblem::EmptyTag)),
            _ => None,
        };
        if let Some(block) = verbatim {
            // Nothing in a comment or a raw block is an expression, but the parser reads it as one
            // all the same.
            if name.and_then(|n| n.strip_prefix("end")) == Some(block) {
                verbatim = None;
                blocks.pop();
                continue;
            }
        } else if let Some(name) = name {
            match name {
                "if" | "unless" | "case" | "for" | "capture" => blocks.push((name, 1, tag.range.start)),
                "comment" | "raw" => {
                    verbatim = Some(name);
                    blocks.push((name, 1, tag.range.start));
                }
                "elsif" | "when" | "else" => match blocks.last_mut() {
                    Some(block) => block.1 += usize::from(name == "elsif"),
                    None => return Err((tag.range.start, ParseProblem::StrayTag(name.to_owned()))),
                },
                "assign" | "break" | "continue" => {}
                _ => match name.strip_prefix("end") {
                    Some(block) if blocks.last().is_some_and(|b| b.0 == block) => drop(blocks.pop()),
                    Some("if" | "unless" | "case" | "for" | "capture" | "comment" | "raw") => {
                        return Err((tag.range.start, ParseProblem::StrayTag(name.to_owned())));
                    }
                    _ => return Err((tag.range.start, ParseProblem::UnknownTag(name.to_owned()))),
                },
            }
            if blocks.iter().map(|b| b.1).sum::<usize>() > MAX_DEPTH {
                return Err((tag.range.start, ParseProblem::TooDeep { limit: MAX_DEPTH }));
            }
        }
        for (n, (at, token)) in tokens.iter().enumerate() {
            let place = tag.inner_at + at;
            match token {
                Token::Sign('[') => {
                    let next = tokens[n + 1..].iter().map(|(_, t)| t).find(|t| **t != Token::Sign('-'));
                    if !matches!(next, Some(Token::Number(_) | Token::Text(_))) {
                        return Err((place, ParseProblem::BadIndex));
                    }
                }
                Token::Number(digits) if digits.len() > MAX_DIGITS => return Err((place, ParseProblem::NumberTooLong)),
                Token::Name(name) if verbatim.is_none() && !name.is_ascii() => {
                    return Err((place, ParseProblem::BadName((*name).to_owned())));
                }
                Token::Name(filter) if verbatim.is_none() && n > 0 && tokens[n - 1].1 == Token::Sign('|') && !filters::known(filter) => {
                    return Err((place, ParseProblem::UnknownFilter((*filter).to_owned())));
                }
                _ => {}
            }
        }
    }
    match blocks.last() {
        Some((name, _, at)) => Err((*at, ParseProblem::UnclosedBlock((*name).to_owned()))),
        None => Ok(tags),
    }
}

/// The source as the parser gets it. Every character stays one character, so that places stay where
/// they are.
pub(super) fn prepare(source: &str, tags: &[Tag<'_>]) -> String {
    let mut out = String::with_capacity(source.len() + 16);
    let mut at = 0;
    for tag in tags {
        out.push_str(&source[at..tag.range.start]);
        let mut ends: Option<(&[char], char)> = None;
        let mut rest = &source[tag.range.clone()];
        // Everything has an empty text in it; what people mean by `contains ""` is that nothing
        // has.
        let contains = |rest: &str| source[tag.range.start..tag.range.end - rest.len()].trim_end().ends_with("contains");
        while let Some(c) = rest.chars().next() {
            let opens = ends.is_none() && contains(rest);
            rest = &rest[c.len_utf8()..];
            match ends {
                Some((closing, quote)) if closing.contains(&c) => {
                    out.push(quote);
                    ends = None;
                }
                Some(_) => out.push(marks::hide(c)),
                None => match closer(c) {
                    Some(closing) if rest.contains(closing) => {
                        let quote = if c == '\'' { '\'' } else { '"' };
                        out.push(quote);
                        if opens && rest.starts_with(closing) {
                            out.push(marks::NO_VALUE);
                        }
                        ends = Some((closing, quote));
                    }
                    _ if c != '\n' && c.is_whitespace() => out.push(' '),
                    _ => out.push(c),
                },
            }
        }
        at = tag.range.end;
    }
    out.push_str(&source[at..]);
    out
}

/// A variable of the contact or the account where a template names it (not a name the template
/// itself gives).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable<'a> {
    pub name: &'a str,
    /// What of it: `at` of `visit.at`.
    pub part: Option<&'a str>,
    /// Its byte.
    pub at: usize,
}

/// Words of the language that are not names.
const WORDS: [&str; 16] = [
    "true", "false", "nil", "null", "empty", "blank", "and", "or", "contains", "in", "limit", "offset", "reversed", "forloop", "break",
    "continue",
];

/// Whether a folded word means something in the language.
pub(super) fn is_word(word: &str) -> bool {
    const TAGS: [&str; 12] = ["if", "unless", "elsif", "else", "case", "when", "for", "capture", "assign", "comment", "raw", "default"];
    WORDS.contains(&word) || TAGS.contains(&word) || word.starts_with("end")
}

/// The variables of a checked source, each time they are named.
pub(super) fn variables<'a>(tags: &[Tag<'a>]) -> Vec<Variable<'a>> {
    let mut found = Vec::new();
    let mut own: Vec<&str> = Vec::new();
    let mut verbatim = false;
    for tag in tags {
        let all = tokens(tag.inner);
        let mut name = "";
        let mut rest = all.as_slice();
        if tag.control
            && let Some(((_, Token::Name(first)), others)) = all.split_first()
        {
            (name, rest) = (first, others);
        }
        match name {
            "endcomment" | "endraw" => {
                verbatim = false;
                continue;
            }
            _ if verbatim => continue,
            "comment" | "raw" => {
                verbatim = true;
                continue;
            }
            _ if name.starts_with("end") && tag.control => continue,
            "assign" | "for" | "capture" => {
                if let Some(((_, Token::Name(given)), others)) = rest.split_first() {
                    own.push(given);
                    rest = others;
                }
            }
            _ => {}
        }
        found.extend(rest.iter().enumerate().filter_map(|(n, (at, token))| match token {
            Token::Name(word) => {
                let before = n.checked_sub(1).map(|n| &rest[n].1);
                let filter_or_part = matches!(before, Some(Token::Sign('|' | '.')));
                let part = match (rest.get(n + 1), rest.get(n + 2)) {
                    (Some((_, Token::Sign('.'))), Some((_, Token::Name(part)))) => Some(*part),
                    _ => None,
                };
                (!filter_or_part && !WORDS.contains(word) && !own.contains(word)).then_some(Variable {
                    name: word,
                    part,
                    at: tag.inner_at + at,
                })
            }
            _ => None,
        }));
    }
    found
}
