//! The small HTML in which templates are kept: `b i u s a code pre blockquote tg-spoiler` and their
//! synonyms, the named entities of HTML's five special characters and numeric ones.
//!
//! Reading is strict about tags (an unknown or unclosed one is an error with its place) and lenient
//! about characters: a `<` that begins no tag and an `&` that begins no entity are themselves.
//! Invariant: `from_html(to_html(x))` is `x.canonical()`, for every `x`.
//!
//! *Verbatim* pieces ([`Verbatim`]) are how the template room keeps its `{{ … }}` and `{% … %}`
//! whole: they are copied as they stand, and no tag is opened or closed inside of them.

use std::{cmp::Reverse, ops::Range};

use super::{Rich, Span, Style};

/// Markup that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at character {at}")]
pub struct MarkupError {
    /// Where, in characters from the start, from 0.
    pub at: usize,
    pub problem: MarkupProblem,
}

/// What is wrong with markup, in a form that screens word in the member's language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkupProblem {
    /// The tag has no end: `<b` without `>`.
    #[error("a tag without its `>`")]
    Unfinished,
    /// No messenger shows this tag.
    #[error("the tag `<{0}>` is not one of messages")]
    Unknown(String),
    /// The tag is opened and never closed.
    #[error("the tag `<{0}>` is not closed")]
    Unclosed(String),
    /// The tag is closed where it was not the last one opened.
    #[error("the tag `</{0}>` closes nothing here")]
    Stray(String),
    /// `<a>` without an address.
    #[error("the link has no address")]
    NoAddress,
    /// A link within a link, a quotation within a quotation.
    #[error("the tag `<{0}>` is inside another of its kind")]
    Nested(String),
}

/// A piece of bytes that is copied as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verbatim {
    /// Its bytes.
    pub range: Range<usize>,
    /// Styles are closed before it and opened again after it, because what lies on its two sides
    /// may part.
    pub splits: bool,
}

/// Escapes `<`, `>`, `&` and `"` for the small HTML.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| push_escaped(&mut out, c));
    out
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        c => out.push(c),
    }
}

/// Escapes all but the verbatim pieces.
pub(crate) fn escape_around(text: &str, verbatim: &[Verbatim]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for v in verbatim {
        out.push_str(&escape(&text[at..v.range.start]));
        out.push_str(&text[v.range.clone()]);
        at = v.range.end;
    }
    out.push_str(&escape(&text[at..]));
    out
}

impl Rich {
    /// Reads the small HTML.
    ///
    /// # Errors
    /// [`MarkupError`] with the place.
    pub fn from_html(html: &str) -> Result<Self, MarkupError> {
        read(html, &[])
    }

    /// Writes the small HTML; [`Rich::from_html`] of it gives the same value (its
    /// [`Rich::canonical`] form).
    #[must_use]
    pub fn to_html(&self) -> String {
        write(self, |_| Vec::new())
    }

    /// The one form of equal looks: spans inside the text, none empty, those of one style joined
    /// where they touch, in order of their start, the longer first.
    #[must_use]
    pub fn canonical(mut self) -> Self {
        let (text, spans) = (std::mem::take(&mut self.text), std::mem::take(&mut self.spans));
        let units = text.encode_utf16().count();
        let mut pieces: Vec<(Style, usize, usize)> = spans
            .into_iter()
            .map(|s| (s.style, s.offset.min(units), s.offset.saturating_add(s.len).min(units)))
            .filter(|(_, start, end)| start < end)
            .collect();
        pieces.sort_by(|a, b| rank(&a.0).cmp(&rank(&b.0)).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
        let mut joined: Vec<(Style, usize, usize)> = Vec::with_capacity(pieces.len());
        for (style, start, end) in pieces {
            match joined.last_mut() {
                Some((last, _, last_end)) if *last == style && start <= *last_end => *last_end = end.max(*last_end),
                _ => joined.push((style, start, end)),
            }
        }
        joined.sort_by(|a, b| (a.1, Reverse(a.2), rank(&a.0)).cmp(&(b.1, Reverse(b.2), rank(&b.0))));
        let spans = joined.into_iter().map(|(style, offset, end)| Span { offset, len: end - offset, style }).collect();
        Self { text, spans }
    }

    /// Without white space at both ends.
    #[must_use]
    pub fn trimmed(self) -> Self {
        let body = self.text.trim_start();
        let cut = self.text[..self.text.len() - body.len()].encode_utf16().count();
        let text = body.trim_end().to_owned();
        let spans = self
            .spans
            .into_iter()
            .filter_map(|s| {
                let end = s.offset.saturating_add(s.len).checked_sub(cut)?;
                let offset = s.offset.saturating_sub(cut);
                Some(Span { offset, len: end - offset, style: s.style })
            })
            .collect();
        Self { text, spans }.canonical()
    }
}

/// Which style is written outside which, where two cover the same piece; links also by address,
/// so that equal ones meet.
fn rank(style: &Style) -> (u8, &str) {
    match style {
        Style::Quote => (0, ""),
        Style::Pre => (1, ""),
        Style::Link(url) => (2, url),
        Style::Spoiler => (3, ""),
        Style::Bold => (4, ""),
        Style::Italic => (5, ""),
        Style::Underline => (6, ""),
        Style::Strike => (7, ""),
        Style::Code => (8, ""),
    }
}

fn tag_name(style: &Style) -> &'static str {
    match style {
        Style::Quote => "blockquote",
        Style::Pre => "pre",
        Style::Link(_) => "a",
        Style::Spoiler => "tg-spoiler",
        Style::Bold => "b",
        Style::Italic => "i",
        Style::Underline => "u",
        Style::Strike => "s",
        Style::Code => "code",
    }
}

/// The byte at which UTF-16 unit `unit` of `text` begins (the end of the text when past it); within
/// a pair: of its character.
pub(super) fn byte_of(text: &str, unit: usize) -> usize {
    let mut seen = 0;
    for (at, c) in text.char_indices() {
        if seen + c.len_utf16() > unit {
            return at;
        }
        seen += c.len_utf16();
    }
    text.len()
}

/// Writes the small HTML; `scan` finds the verbatim pieces of a text or of a link's address.
pub(crate) fn write(rich: &Rich, scan: impl Fn(&str) -> Vec<Verbatim>) -> String {
    let text = rich.text.as_str();
    let verbatim = scan(text);
    let inside = |at: usize| verbatim.iter().find(|v| v.range.start < at && at < v.range.end);
    let mut spans: Vec<(usize, usize, &Style)> = rich
        .spans
        .iter()
        .map(|s| {
            let (start, end) = (byte_of(text, s.offset), byte_of(text, s.offset.saturating_add(s.len)));
            (inside(start).map_or(start, |v| v.range.start), inside(end).map_or(end, |v| v.range.end), &s.style)
        })
        .filter(|(start, end, _)| start < end)
        .collect();
    // Quotations and blocks outermost, so that they stay whole where others cross their edges; then
    // the earlier, then the longer.
    spans.sort_by_key(|&(start, end, style)| (rank(style).0.min(2), start, Reverse(end), rank(style)));

    let mut edges: Vec<usize> = vec![0, text.len()];
    edges.extend(spans.iter().flat_map(|s| [s.0, s.1]));
    edges.extend(verbatim.iter().filter(|v| v.splits).flat_map(|v| [v.range.start, v.range.end]));
    edges.sort_unstable();
    edges.dedup();

    let mut out = String::with_capacity(text.len() + 16 * spans.len());
    let mut open: Vec<&Style> = Vec::new();
    for pair in edges.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        let parted = verbatim.iter().any(|v| v.splits && v.range.start <= start && end <= v.range.end);
        let mut wanted: Vec<&Style> = Vec::new();
        for &(from, to, style) in spans.iter().filter(|_| !parted) {
            // One of a kind: a messenger nests neither links nor quotations.
            if from <= start && end <= to && !wanted.iter().any(|w| rank(w).0 == rank(style).0) {
                wanted.push(style);
            }
        }
        let kept = open.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
        for style in open.drain(kept..).rev() {
            out.push_str("</");
            out.push_str(tag_name(style));
            out.push('>');
        }
        for style in &wanted[kept..] {
            out.push('<');
            out.push_str(tag_name(style));
            if let Style::Link(url) = style {
                out.push_str(" href=\"");
                out.push_str(&escape_around(url, &scan(url)));
                out.push('"');
            }
            out.push('>');
            open.push(style);
        }
        let mut at = start;
        for v in verbatim.iter().filter(|v| v.range.start >= start && v.range.end <= end) {
            out.push_str(&escape(&text[at..v.range.start]));
            out.push_str(&text[v.range.clone()]);
            at = v.range.end;
        }
        out.push_str(&escape(&text[at..end]));
    }
    for style in open.iter().rev() {
        out.push_str("</");
        out.push_str(tag_name(style));
        out.push('>');
    }
    out
}

/// A tag that is open while reading.
struct Open {
    /// As written, in lower case.
    name: String,
    /// `None`: inside another that says it all (`<code>` in `<pre>`, a `<span>` of no class).
    style: Option<Style>,
    /// The unit at which it began.
    unit: usize,
    /// The byte at which it was written.
    byte: usize,
}

/// Reads the small HTML, with verbatim pieces taken as plain characters.
pub(crate) fn read(html: &str, verbatim: &[Verbatim]) -> Result<Rich, MarkupError> {
    let fail = |byte: usize, problem| MarkupError { at: html[..byte].chars().count(), problem };
    let (mut text, mut units) = (String::with_capacity(html.len()), 0);
    let mut spans = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut verbatim_at = 0;
    let mut at = 0;
    while let Some(c) = html[at..].chars().next() {
        while verbatim.get(verbatim_at).is_some_and(|v| v.range.end <= at) {
            verbatim_at += 1;
        }
        if let Some(v) = verbatim.get(verbatim_at).filter(|v| v.range.start <= at) {
            let piece = &html[at..v.range.end];
            text.push_str(piece);
            units += piece.encode_utf16().count();
            at = v.range.end;
            continue;
        }
        if c == '<' && html[at + 1..].starts_with(|n: char| n.is_ascii_alphabetic() || n == '/') {
            let end = tag_end(html, at, verbatim).ok_or_else(|| fail(at, MarkupProblem::Unfinished))?;
            let inner = &html[at + 1..end];
            if let Some(name) = inner.strip_prefix('/') {
                let name = name.trim().to_ascii_lowercase();
                let Some(top) = open.pop_if(|top| top.name == name) else {
                    return Err(fail(at, MarkupProblem::Stray(name)));
                };
                if let Some(style) = top.style {
                    spans.push(Span { offset: top.unit, len: units - top.unit, style });
                }
            } else {
                let split = inner.find(|n: char| n.is_whitespace()).unwrap_or(inner.len());
                let (name, attributes) = (inner[..split].to_ascii_lowercase(), &inner[split..]);
                let style = style_of(&name, attributes, &open).map_err(|problem| fail(at, problem))?;
                open.push(Open { name, style, unit: units, byte: at });
            }
            at = end + 1;
        } else {
            let (c, len) = if c == '&' { entity(&html[at..]) } else { (c, c.len_utf8()) };
            text.push(c);
            units += c.len_utf16();
            at += len;
        }
    }
    match open.pop() {
        Some(top) => Err(fail(top.byte, MarkupProblem::Unclosed(top.name))),
        None => Ok(Rich { text, spans }.canonical()),
    }
}

/// The byte of the `>` that ends the tag begun at `start`.
fn tag_end(html: &str, start: usize, verbatim: &[Verbatim]) -> Option<usize> {
    let mut quote = None;
    let mut at = start;
    while let Some(c) = html[at..].chars().next() {
        if let Some(v) = verbatim.iter().find(|v| v.range.contains(&at)) {
            at = v.range.end;
            continue;
        }
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), _) if q == c => quote = None,
            _ => {}
        }
        at += c.len_utf8();
    }
    None
}

fn style_of(name: &str, attributes: &str, open: &[Open]) -> Result<Option<Style>, MarkupProblem> {
    let inside = |wanted: fn(&Style) -> bool| open.iter().any(|o| o.style.as_ref().is_some_and(wanted));
    let nested = || Err(MarkupProblem::Nested(name.to_owned()));
    Ok(Some(match name {
        "b" | "strong" => Style::Bold,
        "i" | "em" => Style::Italic,
        "u" | "ins" => Style::Underline,
        "s" | "strike" | "del" => Style::Strike,
        "tg-spoiler" => Style::Spoiler,
        "span" if attribute(attributes, "class").as_deref() == Some("tg-spoiler") => Style::Spoiler,
        "code" if inside(|s| *s == Style::Pre) => return Ok(None),
        "code" => Style::Code,
        "pre" if inside(|s| *s == Style::Pre) => return nested(),
        "pre" => Style::Pre,
        "blockquote" if inside(|s| *s == Style::Quote) => return nested(),
        "blockquote" => Style::Quote,
        "a" if inside(|s| matches!(s, Style::Link(_))) => return nested(),
        "a" => Style::Link(
            attribute(attributes, "href").filter(|url| !url.trim().is_empty()).ok_or(MarkupProblem::NoAddress)?.trim().to_owned(),
        ),
        _ => return Err(MarkupProblem::Unknown(name.to_owned())),
    }))
}

/// The value of an attribute, entities read.
fn attribute(attributes: &str, wanted: &str) -> Option<String> {
    let mut rest = attributes.trim_start();
    while !rest.is_empty() {
        let (name, after) = rest.split_at(rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len()));
        let Some(after) = after.trim_start().strip_prefix('=').map(str::trim_start) else {
            rest = after.trim_start();
            continue;
        };
        let (value, after) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let body = &after[1..];
                let end = closing_quote(body, quote);
                (&body[..end], body.get(end + 1..).unwrap_or(""))
            }
            _ => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(unescape(value));
        }
        rest = after.trim_start();
    }
    None
}

/// Where the value ends; a template's expression in it may hold quotes of its own.
fn closing_quote(body: &str, quote: char) -> usize {
    let mut at = 0;
    while let Some(c) = body[at..].chars().next() {
        if c == quote {
            return at;
        }
        let expression = if body[at..].starts_with("{{") { body[at..].find("}}").map(|n| n + 2) } else { None };
        at += expression.unwrap_or(c.len_utf8());
    }
    body.len()
}

/// A text with the characters that its entities stand for.
pub(crate) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let (c, len) = if c == '&' { entity(&text[at..]) } else { (c, c.len_utf8()) };
        out.push(c);
        at += len;
    }
    out
}

/// The character an entity at the start of `text` stands for, and its bytes; a bare `&` is itself.
fn entity(text: &str) -> (char, usize) {
    // The longest: `&#x10FFFF;` and leading zeros are of no use to anybody.
    let end = text.bytes().take(12).position(|b| b == b';');
    let found = end.and_then(|end| {
        let name = &text[1..end];
        let c = match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            "nbsp" => '\u{a0}',
            _ => {
                let number = name.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code).filter(|c| *c != '\0')?
            }
        };
        Some((c, end + 1))
    });
    found.unwrap_or(('&', 1))
}

#[cfg(test)]
mod tests;
