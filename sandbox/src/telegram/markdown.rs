//! `parse_mode=MarkdownV2` and the legacy `Markdown`, after TDLib's parsers: strict about what must
//! be escaped.

use super::entities::{Entity, link_url};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Bold,
    Italic,
    Underline,
    Strike,
    Spoiler,
    Code,
    Pre,
    Link,
    Emoji,
    Quote,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Bold => "Bold",
            Self::Italic => "Italic",
            Self::Underline => "Underline",
            Self::Strike => "Strikethrough",
            Self::Spoiler => "Spoiler",
            Self::Code => "Code",
            Self::Pre => "Pre",
            Self::Link => "TextUrl",
            Self::Emoji => "CustomEmoji",
            Self::Quote => "BlockQuote",
        }
    }

    fn wire(self) -> &'static str {
        match self {
            Self::Bold => "bold",
            Self::Italic => "italic",
            Self::Underline => "underline",
            Self::Strike => "strikethrough",
            Self::Spoiler => "spoiler",
            Self::Code => "code",
            Self::Pre => "pre",
            Self::Link => "text_link",
            Self::Emoji => "custom_emoji",
            Self::Quote => "blockquote",
        }
    }
}

struct Open {
    kind: Kind,
    /// Where it began in the source, bytes: errors name it.
    at: usize,
    /// UTF-16 units of output before it.
    offset: usize,
    byte: usize,
    language: String,
}

struct Parser<'a> {
    source: &'a str,
    i: usize,
    out: String,
    units: usize,
    open: Vec<Open>,
    done: Vec<Entity>,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.source[self.i..]
    }

    fn push(&mut self, c: char) {
        self.out.push(c);
        self.units += c.len_utf16();
        self.i += c.len_utf8();
    }

    fn start(&mut self, kind: Kind, marker: usize) {
        self.open.push(Open { kind, at: self.i, offset: self.units, byte: self.out.len(), language: String::new() });
        self.i += marker;
    }

    fn finish(&mut self, open: &Open, extra: Option<(&'static str, String)>) {
        if self.units > open.offset {
            let length = self.units - open.offset;
            self.done.push(Entity { kind: open.kind.wire().to_owned(), offset: open.offset, length, extra });
        }
    }

    /// `(target)` after a link's text; the text itself is the target when there is none.
    fn target(&mut self, open: &Open) -> Result<String, String> {
        if !self.rest().starts_with('(') {
            return Ok(self.out[open.byte..].to_owned());
        }
        let begin = self.i;
        self.i += 1;
        let mut target = String::new();
        let mut chars = self.source[self.i..].chars();
        while let Some(c) = chars.next() {
            self.i += c.len_utf8();
            match c {
                ')' => return Ok(target),
                '\\' => match chars.clone().next() {
                    Some(next) if next.is_ascii() => {
                        chars.next();
                        self.i += 1;
                        target.push(next);
                    }
                    _ => target.push('\\'),
                },
                _ => target.push(c),
            }
        }
        Err(format!("Can't find end of a URL at byte offset {begin}"))
    }
}

const RESERVED: &str = "_*[]()~`>#+-=|{}.!";

/// MarkdownV2; the error is what follows `can't parse entities: `.
pub(crate) fn parse(source: &str) -> Result<(String, Vec<Entity>), String> {
    let mut p = Parser { source, i: 0, out: String::new(), units: 0, open: Vec::new(), done: Vec::new() };
    let mut line_start = true;
    while let Some(c) = p.rest().chars().next() {
        let code = p.open.last().is_some_and(|open| matches!(open.kind, Kind::Code | Kind::Pre));
        if c == '\\'
            && let Some(next) = p.rest()[1..].chars().next().filter(|next| ('\u{1}'..='\u{7e}').contains(next))
        {
            p.i += 1;
            p.push(next);
            line_start = next == '\n';
            continue;
        }
        if line_start && c == '>' && !code && !p.open.iter().any(|open| open.kind == Kind::Quote) {
            p.start(Kind::Quote, 1);
            line_start = false;
            continue;
        }
        if c == '\n' && p.open.last().is_some_and(|open| open.kind == Kind::Quote) {
            if p.rest()[1..].starts_with('>') {
                p.push('\n');
                p.i += 1;
            } else if let Some(open) = p.open.pop() {
                p.finish(&open, None);
                p.push('\n');
            }
            line_start = true;
            continue;
        }
        line_start = c == '\n';
        if !(if code { c == '`' } else { RESERVED.contains(c) }) {
            p.push(c);
            continue;
        }
        if let Some((kind, marker)) = p.open.last().map(|open| open.kind).and_then(|kind| Some((kind, ends(kind, p.rest())?))) {
            // `ends` was asked about the last of the open ones, so there is one.
            let Some(open) = p.open.pop() else { break };
            p.i += marker;
            let extra = match kind {
                Kind::Link => {
                    let target = p.target(&open)?;
                    match link_url(&target) {
                        Some(target) => Some(("url", target)),
                        None => continue,
                    }
                }
                Kind::Emoji => {
                    let target = p.target(&open)?;
                    let id = target.strip_prefix("tg://emoji?id=").filter(|id| id.parse::<u64>().is_ok());
                    Some(("custom_emoji_id", id.ok_or("Custom emoji URL must have an emoji identifier")?.to_owned()))
                }
                Kind::Pre if !open.language.is_empty() => Some(("language", open.language.clone())),
                _ => None,
            };
            p.finish(&open, extra);
            continue;
        }
        if code {
            p.push(c);
            continue;
        }
        begin(&mut p, c)?;
    }
    while let Some(open) = p.open.pop() {
        if open.kind != Kind::Quote {
            return Err(format!("Can't find end of {} entity at byte offset {}", open.kind.name(), open.at));
        }
        p.finish(&open, None);
    }
    p.done.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
    Ok((p.out, p.done))
}

/// Bytes of the end marker, if the text goes on with the end of this kind.
fn ends(kind: Kind, rest: &str) -> Option<usize> {
    let marker = match kind {
        Kind::Bold => "*",
        Kind::Italic if rest.starts_with("__") => return None,
        Kind::Italic => "_",
        Kind::Underline => "__",
        Kind::Strike => "~",
        Kind::Spoiler => "||",
        Kind::Code => "`",
        Kind::Pre => "```",
        Kind::Link | Kind::Emoji => "]",
        Kind::Quote => return None,
    };
    rest.starts_with(marker).then_some(marker.len())
}

fn begin(p: &mut Parser<'_>, c: char) -> Result<(), String> {
    let rest = p.rest();
    match c {
        '_' if rest.starts_with("__") => p.start(Kind::Underline, 2),
        '_' => p.start(Kind::Italic, 1),
        '*' => p.start(Kind::Bold, 1),
        '~' => p.start(Kind::Strike, 1),
        '|' if rest.starts_with("||") => p.start(Kind::Spoiler, 2),
        '[' => p.start(Kind::Link, 1),
        '!' if rest.starts_with("![") => p.start(Kind::Emoji, 2),
        '`' if rest.starts_with("```") => {
            p.start(Kind::Pre, 3);
            // A first word ended by a line break is the language.
            let line: String = p.rest().chars().take_while(|c| !c.is_whitespace() && *c != '`').collect();
            let after = &p.rest()[line.len()..];
            if after.starts_with(['\n', '\r']) {
                p.i += line.len() + 1;
                if let Some(open) = p.open.last_mut() {
                    open.language = line;
                }
            }
        }
        '`' => p.start(Kind::Code, 1),
        _ => return Err(format!("Character '{c}' is reserved and must be escaped with the preceding '\\'")),
    }
    Ok(())
}

/// Legacy `Markdown`: no nesting; `*bold*`, `_italic_`, code, blocks and links.
pub(crate) fn parse_legacy(source: &str) -> Result<(String, Vec<Entity>), String> {
    let mut p = Parser { source, i: 0, out: String::new(), units: 0, open: Vec::new(), done: Vec::new() };
    while let Some(c) = p.rest().chars().next() {
        if c == '\\'
            && let Some(next) = p.rest()[1..].chars().next().filter(|next| "_*`[".contains(*next))
        {
            p.i += 1;
            p.push(next);
            continue;
        }
        let (kind, marker) = match c {
            '_' => (Kind::Italic, "_"),
            '*' => (Kind::Bold, "*"),
            '`' if p.rest().starts_with("```") => (Kind::Pre, "```"),
            '`' => (Kind::Code, "`"),
            '[' => (Kind::Link, "]"),
            _ => {
                p.push(c);
                continue;
            }
        };
        let begin = p.i;
        p.start(kind, if kind == Kind::Link { 1 } else { marker.len() });
        if kind == Kind::Pre && p.rest().starts_with('\n') {
            p.i += 1;
        }
        while !p.rest().starts_with(marker) {
            match p.rest().chars().next() {
                Some(c) => p.push(c),
                None => return Err(format!("Can't find end of the entity starting at byte offset {begin}")),
            }
        }
        p.i += marker.len();
        let Some(open) = p.open.pop() else { break };
        let extra = match kind {
            Kind::Link if !p.rest().starts_with('(') => continue,
            Kind::Link => match link_url(&p.target(&open)?) {
                Some(target) => Some(("url", target)),
                None => continue,
            },
            _ => None,
        };
        p.finish(&open, extra);
    }
    Ok((p.out, p.done))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(source: &str) -> (String, Vec<(String, usize, usize)>) {
        let (text, entities) = parse(source).unwrap();
        (text, entities.into_iter().map(|e| (e.kind, e.offset, e.length)).collect())
    }

    #[test]
    fn styles() {
        let (text, entities) = shape("*b* _i_ __u__ ~s~ ||h|| `c` [t](https://ex.ru/a\\)b)");
        assert_eq!(text, "b i u s h c t");
        let kinds: Vec<_> = entities.iter().map(|e| e.0.as_str()).collect();
        assert_eq!(kinds, ["bold", "italic", "underline", "strikethrough", "spoiler", "code", "text_link"]);
        assert_eq!(shape("*bold _both_*").1, [("bold".to_owned(), 0, 9), ("italic".to_owned(), 5, 4)]);
        assert_eq!(shape(">a\n>b\nc").0, "a\nb\nc");
        assert_eq!(parse("```rust\nfn\n```").unwrap().1[0].extra, Some(("language", "rust".to_owned())));
        assert_eq!(shape("1\\.5 \\- `a.b`").0, "1.5 - a.b");
    }

    #[test]
    fn errors_in_telegrams_words() {
        for (source, error) in [
            ("Anna.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
            ("a|b", "Character '|' is reserved and must be escaped with the preceding '\\'"),
            ("я *a", "Can't find end of Bold entity at byte offset 3"),
            ("[a](b", "Can't find end of a URL at byte offset 3"),
        ] {
            assert_eq!(parse(source).unwrap_err(), error, "{source}");
        }
    }

    #[test]
    fn legacy() {
        let (text, entities) = parse_legacy("*b* a.b _i_ [t](https://ex.ru) \\_").unwrap();
        assert_eq!(text, "b a.b i t _");
        assert_eq!(entities.len(), 3);
        assert_eq!(parse_legacy("a_b").unwrap_err(), "Can't find end of the entity starting at byte offset 1");
    }
}
