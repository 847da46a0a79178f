//! `parse_mode=MarkdownV2` and the legacy `Markdown`, after TDLib's parsers: strict about what must
//! be escaped. Places in errors are bytes of the source.

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
    /// A block of code whose language is said.
    PreCode,
    Link,
    Emoji,
    Quote,
    /// A quote that is shown collapsed.
    Expandable,
}

impl Kind {
    /// As errors have it.
    fn name(self) -> &'static str {
        match self {
            Self::Bold => "Bold",
            Self::Italic => "Italic",
            Self::Underline => "Underline",
            Self::Strike => "Strikethrough",
            Self::Spoiler => "Spoiler",
            Self::Code => "Code",
            Self::Pre => "Pre",
            Self::PreCode => "PreCode",
            Self::Link => "TextUrl",
            Self::Emoji => "CustomEmoji",
            Self::Quote | Self::Expandable => "BlockQuote",
        }
    }

    /// As messages have it.
    fn wire(self) -> &'static str {
        match self {
            Self::Bold => "bold",
            Self::Italic => "italic",
            Self::Underline => "underline",
            Self::Strike => "strikethrough",
            Self::Spoiler => "spoiler",
            Self::Code => "code",
            Self::Pre | Self::PreCode => "pre",
            Self::Link => "text_link",
            Self::Emoji => "custom_emoji",
            Self::Quote => "blockquote",
            Self::Expandable => "expandable_blockquote",
        }
    }

    fn is_code(self) -> bool {
        matches!(self, Self::Code | Self::Pre | Self::PreCode)
    }
}

struct Open {
    kind: Kind,
    /// Where it began in the source.
    at: usize,
    /// UTF-16 units of output before it.
    offset: usize,
    /// Bytes of output before it.
    byte: usize,
    language: String,
}

impl Open {
    fn unended(&self) -> String {
        format!("Can't find end of {} entity at byte offset {}", self.kind.name(), self.at)
    }
}

struct Parser<'a> {
    source: &'a str,
    i: usize,
    out: String,
    units: usize,
    open: Vec<Open>,
    done: Vec<Entity>,
    /// A quote is among the open ones.
    quote: bool,
    /// A line has begun, so a quote may begin.
    line_start: bool,
}

impl<'a> Parser<'a> {
    fn new(source: &'a str) -> Self {
        let (out, open, done) = (String::new(), Vec::new(), Vec::new());
        Self { source, i: 0, out, units: 0, open, done, quote: false, line_start: true }
    }

    fn rest(&self) -> &'a str {
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

    fn finish(&mut self, open: &Open, kind: Kind, extra: Option<(&'static str, String)>) {
        if self.units > open.offset {
            let length = self.units - open.offset;
            self.done.push(Entity { kind: kind.wire().to_owned(), offset: open.offset, length, extra });
        }
    }

    /// After the marker of a block of code: its language, a first word that is not all there is,
    /// and one line break.
    fn language(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find([' ', '\t', '\r', '\n', '\0', '\u{b}', '`']).unwrap_or(rest.len());
        let word = if end < rest.len() && !rest[end..].starts_with('`') { &rest[..end] } else { "" };
        self.i += word.len();
        let rest = self.rest();
        self.i += if rest.starts_with("\r\n") || rest.starts_with("\n\r") { 2 } else { usize::from(rest.starts_with(['\n', '\r'])) };
        word.to_owned()
    }

    /// `(target)` after the text of a link, with its escapes; where it begins is given by errors.
    fn target(&mut self) -> Result<String, String> {
        self.i += 1;
        let (begin, mut target) = (self.i, String::new());
        while let Some(c) = self.rest().chars().next() {
            let escaped = if c == '\\' { escapable(&self.rest()[1..]) } else { None };
            self.i += c.len_utf8() + usize::from(escaped.is_some());
            match (c, escaped) {
                (_, Some(escaped)) => target.push(escaped),
                (')', _) => return Ok(target),
                (c, None) => target.push(c),
            }
        }
        Err(format!("Can't find end of a URL at byte offset {begin}"))
    }
}

/// The character behind a backslash that stands for itself.
fn escapable(rest: &str) -> Option<char> {
    rest.chars().next().filter(|next| ('\u{1}'..='\u{7e}').contains(next))
}

const RESERVED: &str = "_*[]()~`>#+-=|{}.!\n";

/// MarkdownV2; the error is what follows `can't parse entities: `.
pub(crate) fn parse(source: &str) -> Result<(String, Vec<Entity>), String> {
    let mut p = Parser::new(source);
    while let Some(c) = p.rest().chars().next() {
        if c == '\\'
            && let Some(next) = escapable(&p.rest()[1..])
        {
            p.i += 1;
            p.push(next);
            if next != '\r' {
                p.line_start = next == '\n';
            }
            continue;
        }
        let code = p.open.last().is_some_and(|open| open.kind.is_code());
        if !(if code { c == '`' } else { RESERVED.contains(c) }) {
            p.push(c);
            p.line_start &= c == '\r';
            continue;
        }
        // A line without `>` ends the quote, whatever is open within it.
        if p.quote && c == '\n' && !p.rest()[1..].starts_with('>') {
            end_of_quote(&mut p)?;
            continue;
        }
        match p.open.last().and_then(|open| ends(open.kind, p.rest())) {
            Some(marker) => end(&mut p, marker)?,
            None => begin(&mut p, c)?,
        }
    }
    if p.quote {
        let kind = collapsed(&mut p, source.len());
        if let Some(quote) = p.open.pop_if(|open| open.kind == Kind::Quote) {
            p.finish(&quote, kind, None);
        }
    }
    if let Some(open) = p.open.last() {
        return Err(open.unended());
    }
    p.done.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
    Ok((p.out, p.done))
}

/// A quote that ends with `||`, and nothing behind that, is shown collapsed.
fn collapsed(p: &mut Parser<'_>, end: usize) -> Kind {
    let last = |open: &mut Open| open.kind == Kind::Spoiler && p.source[..end].trim_end_matches('\r').len() == open.at + 2;
    if p.open.pop_if(last).is_some() { Kind::Expandable } else { Kind::Quote }
}

/// The line break behind a quote belongs to it.
fn end_of_quote(p: &mut Parser<'_>) -> Result<(), String> {
    let at = p.i;
    let kind = collapsed(p, at);
    match p.open.pop() {
        Some(quote) if quote.kind == Kind::Quote => {
            p.push('\n');
            p.finish(&quote, kind, None);
            (p.quote, p.line_start) = (false, true);
            Ok(())
        }
        Some(other) => Err(other.unended()),
        None => Ok(()),
    }
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
        Kind::Pre | Kind::PreCode => "```",
        Kind::Link | Kind::Emoji => "]",
        Kind::Quote | Kind::Expandable => return None,
    };
    rest.starts_with(marker).then_some(marker.len())
}

fn end(p: &mut Parser<'_>, marker: usize) -> Result<(), String> {
    let Some(open) = p.open.pop() else { return Ok(()) };
    p.i += marker;
    let extra = match open.kind {
        Kind::Link => {
            let target = if p.rest().starts_with('(') { p.target()? } else { p.out[open.byte..].to_owned() };
            match link_url(&target) {
                Some(target) => Some(("url", target)),
                None => return Ok(()),
            }
        }
        Kind::Emoji => {
            if !p.rest().starts_with('(') {
                return Err("The entity must contain a tg://emoji or tg://time URL".to_owned());
            }
            let target = p.target()?;
            let id = target.strip_prefix("tg://emoji?id=").filter(|id| id.parse::<i64>().is_ok_and(|id| id != 0));
            Some(("custom_emoji_id", id.ok_or("Invalid tg://emoji or tg://time URL specified")?.to_owned()))
        }
        Kind::PreCode => Some(("language", open.language.clone())),
        _ => None,
    };
    p.finish(&open, open.kind, extra);
    Ok(())
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
            let language = p.language();
            if let Some(open) = p.open.last_mut().filter(|_| !language.is_empty()) {
                (open.kind, open.language) = (Kind::PreCode, language);
            }
        }
        '`' => p.start(Kind::Code, 1),
        '\n' => {
            p.push('\n');
            p.line_start = true;
        }
        // Of the next line of a quote the mark alone goes.
        '>' if p.line_start && p.quote => p.i += 1,
        '>' if p.line_start => {
            p.start(Kind::Quote, 1);
            p.quote = true;
        }
        _ => return Err(format!("Character '{c}' is reserved and must be escaped with the preceding '\\'")),
    }
    Ok(())
}

/// Legacy `Markdown`: no nesting, and no escapes within; `*bold*`, `_italic_`, code, blocks and
/// links.
pub(crate) fn parse_legacy(source: &str) -> Result<(String, Vec<Entity>), String> {
    let mut p = Parser::new(source);
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
        let language = if kind == Kind::Pre { p.language() } else { String::new() };
        while !p.rest().starts_with(marker) {
            match p.rest().chars().next() {
                Some(c) => p.push(c),
                None => return Err(format!("Can't find end of the entity starting at byte offset {begin}")),
            }
        }
        p.i += marker.len();
        let Some(open) = p.open.pop() else { break };
        let extra = match kind {
            // Of an empty text not even the target is read.
            Kind::Link if p.units == open.offset => continue,
            Kind::Link => {
                let target = match p.rest().strip_prefix('(') {
                    Some(rest) => {
                        let end = rest.find(')').unwrap_or(rest.len());
                        p.i += 1 + end + usize::from(end < rest.len());
                        rest[..end].to_owned()
                    }
                    None => p.out[open.byte..].to_owned(),
                };
                match link_url(&target) {
                    Some(target) => Some(("url", target)),
                    None => continue,
                }
            }
            Kind::Pre if !language.is_empty() => Some(("language", language)),
            _ => None,
        };
        p.finish(&open, kind, extra);
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
        assert_eq!(shape("1\\.5 \\- `a.b`").0, "1.5 - a.b");
    }

    #[test]
    fn quotes_end_with_their_line_and_fold() {
        assert_eq!(shape(">a\n>b\nc"), ("a\nb\nc".to_owned(), vec![("blockquote".to_owned(), 0, 4)]));
        assert_eq!(shape(">a\n>b"), ("a\nb".to_owned(), vec![("blockquote".to_owned(), 0, 3)]));
        // As the Bot API's documentation writes them: what is empty keeps two quotes apart.
        let collapsed = shape(">a\n**>b\n>c||\nd");
        let quotes = vec![("blockquote".to_owned(), 0, 2), ("expandable_blockquote".to_owned(), 2, 4)];
        assert_eq!(collapsed, ("a\nb\nc\nd".to_owned(), quotes));
        assert_eq!(shape(">a||").1, [("expandable_blockquote".to_owned(), 0, 1)]);
        assert_eq!(parse(">*a\nb*").unwrap_err(), "Can't find end of Bold entity at byte offset 1");
        assert_eq!(parse("a>").unwrap_err(), "Character '>' is reserved and must be escaped with the preceding '\\'");
    }

    #[test]
    fn blocks_of_code() {
        for (source, text, language) in [
            ("```rust\nfn\n```", "fn\n", Some("rust")),
            ("```rust fn```", " fn", Some("rust")),
            ("```\nfn```", "fn", None),
            ("```fn```", "fn", None),
        ] {
            let (parsed, entities) = parse(source).unwrap();
            assert_eq!((parsed.as_str(), &entities[0].extra), (text, &language.map(|name| ("language", name.to_owned()))), "{source}");
            assert_eq!(
                (parsed, entities[0].extra.clone()),
                parse_legacy(source).map(|(t, mut e)| (t, e.remove(0).extra)).unwrap(),
                "{source}"
            );
        }
        assert_eq!(parse("```a`b```").unwrap_err(), "Can't find end of Pre entity at byte offset 0");
        assert_eq!(parse("```rust\nfn").unwrap_err(), "Can't find end of PreCode entity at byte offset 0");
    }

    #[test]
    fn errors_in_telegrams_words() {
        for (source, error) in [
            ("Anna.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
            ("a|b", "Character '|' is reserved and must be escaped with the preceding '\\'"),
            ("я *a", "Can't find end of Bold entity at byte offset 3"),
            ("[a](b", "Can't find end of a URL at byte offset 4"),
            ("![a]", "The entity must contain a tg://emoji or tg://time URL"),
            ("![a](https://ex.ru)", "Invalid tg://emoji or tg://time URL specified"),
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
        let linked = |source| parse_legacy(source).map(|(text, mut entities)| (text, entities.pop().and_then(|entity| entity.extra)));
        assert_eq!(linked("[ex.ru] a"), Ok(("ex.ru a".to_owned(), Some(("url", "http://ex.ru/".to_owned())))), "the text is the target");
        assert_eq!(linked("[t](ex.ru"), Ok(("t".to_owned(), Some(("url", "http://ex.ru/".to_owned())))), "and an end is one");
    }

    #[test]
    fn whatever_is_written() {
        const SIGNS: [char; 16] = ['a', '*', '_', '_', '~', '|', '|', '`', '`', '[', ']', '(', ')', '>', '\n', '👍'];
        for _ in 0..20_000 {
            let text: String = (0..rand::random_range(0..30)).map(|_| SIGNS[rand::random_range(0..SIGNS.len())]).collect();
            for parsed in [parse(&text), parse_legacy(&text)].into_iter().flatten() {
                let units = parsed.0.encode_utf16().count();
                assert!(parsed.1.iter().all(|entity| entity.length > 0 && entity.offset + entity.length <= units), "{text:?}");
            }
        }
    }
}
