//! `format` of a message: text with marks becomes a plain text and `markup`, offsets in UTF-16
//! units (contract, 2.2). Marks that MAX does not know are dropped; one that never ends holds to
//! the end in HTML, and is plain text in Markdown (both unconfirmed).

use serde_json::{Value, json};

use super::{
    error::{ApiError, ApiResult},
    params::units,
};

/// A plain text and what is marked in it.
pub(crate) type Marked = (String, Vec<Value>);

/// Reads a text of this format; absent is plain.
pub(crate) fn read(text: &str, format: Option<&str>) -> ApiResult<Marked> {
    match format {
        None => Ok((text.to_owned(), Vec::new())),
        Some("html") => Ok(html(text)),
        Some("markdown") => Ok(markdown(text)),
        Some(other) => Err(ApiError::payload(format!("format: unknown value {other}"))),
    }
}

/// A text under construction.
#[derive(Default)]
struct Out {
    text: String,
    at: usize,
    markup: Vec<Value>,
}

impl Out {
    fn push(&mut self, c: char) {
        self.text.push(c);
        self.at += c.len_utf16();
    }

    /// Marks what came since `from`; nothing marks nothing.
    fn mark(&mut self, kind: &str, from: usize, target: Option<&str>) {
        if self.at == from {
            return;
        }
        let mut mark = json!({ "type": kind, "from": from, "length": self.at - from });
        match (target, target.and_then(|target| target.strip_prefix("max://user/")?.parse::<i64>().ok())) {
            (_, Some(user)) => {
                mark["type"] = json!("user_mention");
                mark["user_id"] = json!(user);
            }
            (Some(target), None) => mark["url"] = json!(target),
            (None, None) => {}
        }
        self.markup.push(mark);
    }

    fn done(mut self) -> Marked {
        self.markup.sort_by_key(|mark| (mark["from"].as_u64(), std::cmp::Reverse(mark["length"].as_u64())));
        (self.text, self.markup)
    }
}

fn tag_kind(tag: &str) -> Option<&'static str> {
    Some(match tag {
        "i" | "em" => "emphasized",
        "b" | "strong" => "strong",
        "s" | "del" => "strikethrough",
        "u" | "ins" => "underline",
        "pre" | "code" => "monospaced",
        "mark" => "highlighted",
        "h1" => "heading",
        "a" => "link",
        _ => return None,
    })
}

fn html(source: &str) -> Marked {
    let mut out = Out::default();
    let mut open: Vec<(String, usize, Option<String>)> = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        if c == '<'
            && let Some(end) = rest.find('>')
            && rest[1..].starts_with(|next: char| next.is_ascii_alphabetic() || next == '/')
        {
            let inside = &rest[1..end];
            rest = &rest[end + 1..];
            if let Some(name) = inside.strip_prefix('/') {
                let name = name.trim().to_ascii_lowercase();
                if let Some(place) = open.iter().rposition(|(tag, ..)| *tag == name) {
                    // What was opened inside and not closed ends with it.
                    while open.len() > place {
                        close(&mut out, open.pop());
                    }
                }
            } else {
                let name: String = inside.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
                let target = if name == "a" { attribute(inside, "href") } else { None };
                if tag_kind(&name).is_some() && !inside.ends_with('/') {
                    open.push((name, out.at, target));
                }
            }
        } else if let Some((letter, length)) = character(rest) {
            out.push(letter);
            rest = &rest[length..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    while let Some(last) = open.pop() {
        close(&mut out, Some(last));
    }
    out.done()
}

fn close(out: &mut Out, tag: Option<(String, usize, Option<String>)>) {
    let Some((tag, from, target)) = tag else { return };
    if let Some(kind) = tag_kind(&tag)
        && (kind != "link" || target.is_some())
    {
        out.mark(kind, from, target.as_deref());
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split_once(&format!("{name}="))?.1;
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let value = rest[1..].split(quote).next()?;
    Some(html(value).0)
}

/// A character written as `&…;`, and how many bytes that took.
fn character(text: &str) -> Option<(char, usize)> {
    let name = text.strip_prefix('&')?.split_once(';').map(|(name, _)| name).filter(|name| name.len() <= 8)?;
    let letter = match name {
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
            char::from_u32(code)?
        }
    };
    Some((letter, name.len() + 2))
}

/// Longer ones first, for they begin as shorter ones do.
const DELIMITERS: &[(&str, &str)] = &[
    ("**", "strong"),
    ("__", "strong"),
    ("~~", "strikethrough"),
    ("++", "underline"),
    ("^^", "highlighted"),
    ("*", "emphasized"),
    ("_", "emphasized"),
    ("`", "monospaced"),
];

fn markdown(source: &str) -> Marked {
    let mut out = Out::default();
    for (n, line) in source.split('\n').enumerate() {
        if n > 0 {
            out.push('\n');
        }
        match line.strip_prefix("# ") {
            Some(title) => {
                let from = out.at;
                span(title, &mut out);
                out.mark("heading", from, None);
            }
            None => span(line, &mut out),
        }
    }
    out.done()
}

fn span(source: &str, out: &mut Out) {
    let mut rest = source;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        if c == '\\'
            && let Some(next) = rest[1..].chars().next().filter(char::is_ascii_punctuation)
        {
            out.push(next);
            (before, rest) = (Some(next), &rest[1 + next.len_utf8()..]);
            continue;
        }
        if let Some((label, target, after)) = link(rest) {
            let from = out.at;
            span(label, out);
            out.mark("link", from, Some(target));
            (before, rest) = (Some(')'), after);
            continue;
        }
        if let Some((kind, inside, after)) = delimited(rest, before) {
            let from = out.at;
            match kind {
                "monospaced" => inside.chars().for_each(|c| out.push(c)),
                _ => span(inside, out),
            }
            out.mark(kind, from, None);
            (before, rest) = (rest[..rest.len() - after.len()].chars().next_back(), after);
            continue;
        }
        out.push(c);
        (before, rest) = (Some(c), &rest[c.len_utf8()..]);
    }
}

/// `[label](target)` at the beginning: the two, and what follows.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (label, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (target, after) = rest.split_once(')')?;
    (!label.is_empty() && !label.contains('[') && !target.is_empty()).then_some((label, target, after))
}

/// A mark at the beginning, what it holds, and what follows. An underscore within a word marks
/// nothing.
fn delimited(text: &str, before: Option<char>) -> Option<(&'static str, &str, &str)> {
    let (mark, kind) = DELIMITERS.iter().find(|(mark, _)| text.starts_with(mark))?;
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let rest = &text[mark.len()..];
    let under = mark.starts_with('_');
    if rest.starts_with(char::is_whitespace) || (under && word(before)) {
        return None;
    }
    let end = rest.match_indices(mark).map(|(at, _)| at).find(|at| {
        let (inside, after) = (&rest[..*at], &rest[at + mark.len()..]);
        // Half of a longer mark ends nothing, nor does one behind a backslash.
        let half = mark.len() == 1 && (inside.ends_with(mark) || after.starts_with(mark));
        let unfinished = inside.is_empty() || inside.ends_with(char::is_whitespace) || inside.ends_with('\\');
        let within_word = under && word(after.chars().next());
        !(unfinished || half || within_word)
    })?;
    Some((kind, &rest[..end], &rest[end + mark.len()..]))
}

/// Whether a text is within a limit, as MAX is taken to count.
pub(crate) fn fits(text: &str, most: usize) -> bool {
    units(text) <= most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(text: &str, format: &str) -> (String, Vec<(String, u64, u64)>) {
        let (text, markup) = read(text, Some(format)).unwrap();
        let mark =
            |mark: &Value| (mark["type"].as_str().unwrap().to_owned(), mark["from"].as_u64().unwrap(), mark["length"].as_u64().unwrap());
        let found = markup.iter().map(mark).collect();
        (text, found)
    }

    fn is(kind: &str, from: u64, length: u64) -> (String, u64, u64) {
        (kind.to_owned(), from, length)
    }

    #[test]
    fn html_marks_what_it_knows_and_drops_the_rest() {
        let (text, found) = marks("<b>Анна</b>, <i>скидка <u>10%</u></i> &lt;3 &#128077;<span>!</span><img src='x'>", "html");
        assert_eq!(text, "Анна, скидка 10% <3 👍!");
        assert_eq!(found, [is("strong", 0, 4), is("emphasized", 6, 10), is("underline", 13, 3)]);
        assert_eq!(marks("👍<b>a", "html"), ("👍a".to_owned(), vec![is("strong", 2, 1)]), "UTF-16 units; open to the end");
        assert_eq!(marks("2 < 3 и <b>4 > 1</b></i>", "html").0, "2 < 3 и 4 > 1");
        let (_, markup) = read("<a href=\"https://ex.ru/?a=1&amp;b=2\">тут</a> <a href=\"max://user/7\">Вера</a>", Some("html")).unwrap();
        assert_eq!(markup[0], json!({ "type": "link", "from": 0, "length": 3, "url": "https://ex.ru/?a=1&b=2" }));
        assert_eq!(markup[1], json!({ "type": "user_mention", "from": 4, "length": 4, "user_id": 7 }));
    }

    #[test]
    fn markdown_marks() {
        let (text, found) = marks("# Весна\n**Анна**, *вот* __так__ ~~нет~~ ++да++ `c*d*` ^^!^^ [тут](https://ex.ru)", "markdown");
        assert_eq!(text, "Весна\nАнна, вот так нет да c*d* ! тут");
        let kinds: Vec<&str> = found.iter().map(|(kind, ..)| kind.as_str()).collect();
        assert_eq!(kinds, ["heading", "strong", "emphasized", "strong", "strikethrough", "underline", "monospaced", "highlighted", "link"]);
        assert_eq!(marks("a_b_c 2*3 * 4 \\*нет\\* **", "markdown"), ("a_b_c 2*3 * 4 *нет* **".to_owned(), vec![]));
        assert!(read("x", Some("MarkdownV2")).is_err());
    }
}
