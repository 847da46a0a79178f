//! `parse_mode=HTML`, after TDLib's `parse_html`: the same tags, the same errors, byte offsets into
//! the source text.

use super::entities::{Entity, link_url};

const TAGS: &[&str] =
    &["a", "b", "strong", "i", "em", "s", "strike", "del", "u", "ins", "tg-spoiler", "tg-emoji", "span", "pre", "code", "blockquote"];

struct Open {
    tag: String,
    argument: String,
    /// UTF-16 units of output before the tag.
    offset: usize,
    /// Bytes of output before the tag.
    byte: usize,
}

/// Parses; the error is what follows `can't parse entities: `.
pub(crate) fn parse(source: &str) -> Result<(String, Vec<Entity>), String> {
    let bytes = source.as_bytes();
    let mut out = String::with_capacity(source.len());
    let mut units = 0;
    let mut entities: Vec<Entity> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'&' => {
                if let Some((c, next)) = character(source, i)? {
                    out.push(c);
                    units += c.len_utf16();
                    i = next;
                } else {
                    out.push('&');
                    units += 1;
                    i += 1;
                }
            }
            b'<' if bytes.get(i + 1) == Some(&b'/') => {
                let Some(top) = open.pop() else { return Err(format!("Unexpected end tag at byte offset {i}")) };
                let (tag, next) = end_tag(source, i)?;
                if !tag.is_empty() && tag != top.tag {
                    return Err(format!("Unmatched end tag at byte offset {i}, expected \"</{}>\", found \"</{tag}>\"", top.tag));
                }
                if units > top.offset {
                    close(&top, units, &out, &mut entities)?;
                }
                i = next;
            }
            b'<' => {
                let (tag, argument, next) = start_tag(source, i)?;
                open.push(Open { tag, argument, offset: units, byte: out.len() });
                i = next;
            }
            _ => {
                // Safe: `i` is at a character boundary here, since only ASCII was stepped over.
                let Some(c) = source[i..].chars().next() else { break };
                out.push(c);
                units += c.len_utf16();
                i += c.len_utf8();
            }
        }
    }
    if let Some(top) = open.last() {
        return Err(format!("Can't find end tag corresponding to start tag \"{}\"", top.tag));
    }
    // Code has a language within a block only.
    entities.iter_mut().filter(|entity| entity.kind == "code").for_each(|entity| entity.extra = None);
    entities.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
    Ok((out, entities))
}

fn close(top: &Open, units: usize, out: &str, entities: &mut Vec<Entity>) -> Result<(), String> {
    let (offset, length) = (top.offset, units - top.offset);
    // A block and the code within it, or around it, are one.
    let same = entities.last_mut().filter(|last| (last.offset, last.length) == (offset, length));
    let language = (top.tag == "code" && !top.argument.is_empty()).then(|| ("language", top.argument.clone()));
    match same {
        Some(last) if top.tag == "pre" && last.kind == "code" && last.extra.is_some() => {
            "pre".clone_into(&mut last.kind);
            return Ok(());
        }
        Some(last) if last.kind == "pre" && language.is_some() => {
            last.extra = language;
            return Ok(());
        }
        _ => {}
    }
    let mut push = |kind: &str, extra| entities.push(Entity { kind: kind.to_owned(), offset, length, extra });
    match top.tag.as_str() {
        "b" | "strong" => push("bold", None),
        "i" | "em" => push("italic", None),
        "s" | "strike" | "del" => push("strikethrough", None),
        "u" | "ins" => push("underline", None),
        "tg-spoiler" | "span" => push("spoiler", None),
        "blockquote" if top.argument == "expandable" => push("expandable_blockquote", None),
        "blockquote" => push("blockquote", None),
        "tg-emoji" => {
            if !top.argument.parse::<i64>().is_ok_and(|id| id != 0) {
                return Err("Invalid custom emoji identifier specified".to_owned());
            }
            push("custom_emoji", Some(("custom_emoji_id", top.argument.clone())));
        }
        "a" => {
            let target = if top.argument.is_empty() { &out[top.byte..] } else { &top.argument };
            if let Some(target) = link_url(target) {
                push("text_link", Some(("url", target)));
            }
        }
        "pre" => push("pre", None),
        _ => push("code", language),
    }
    Ok(())
}

fn end_tag(source: &str, begin: usize) -> Result<(String, usize), String> {
    let bytes = source.as_bytes();
    let mut i = begin + 2;
    while bytes.get(i).is_some_and(|b| !b.is_ascii_whitespace() && *b != b'>') {
        i += 1;
    }
    let tag = source[begin + 2..i].to_ascii_lowercase();
    while bytes.get(i).is_some_and(u8::is_ascii_whitespace) {
        i += 1;
    }
    if bytes.get(i) != Some(&b'>') {
        return Err(format!("Unclosed end tag at byte offset {begin}"));
    }
    Ok((tag, i + 1))
}

/// The tag, its one meaningful argument, and where the text goes on.
fn start_tag(source: &str, begin: usize) -> Result<(String, String, usize), String> {
    let bytes = source.as_bytes();
    let mut i = begin + 1;
    while bytes.get(i).is_some_and(|b| !b.is_ascii_whitespace() && *b != b'>') {
        i += 1;
    }
    if i >= bytes.len() {
        return Err(format!("Unclosed start tag at byte offset {begin}"));
    }
    let tag = source[begin + 1..i].to_ascii_lowercase();
    if !TAGS.contains(&tag.as_str()) {
        return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
    }
    let unclosed = || format!("Unclosed start tag \"{tag}\" at byte offset {begin}");
    let skip = |mut i: usize| {
        while bytes.get(i).is_some_and(u8::is_ascii_whitespace) {
            i += 1;
        }
        i
    };
    let mut argument = String::new();
    loop {
        i = skip(i);
        if bytes.get(i) == Some(&b'>') {
            break;
        }
        let from = i;
        while bytes.get(i).is_some_and(|b| !b.is_ascii_whitespace() && !b"=>/\"'".contains(b)) {
            i += 1;
        }
        // Unlike those of tags, names of attributes are read as they are written.
        let attribute = &source[from..i];
        if attribute.is_empty() {
            return Err(format!("Empty attribute name in the tag \"{tag}\" at byte offset {begin}"));
        }
        i = skip(i);
        if bytes.get(i) != Some(&b'=') {
            if i >= bytes.len() {
                return Err(unclosed());
            }
            if tag == "blockquote" && attribute == "expandable" {
                "expandable".clone_into(&mut argument);
            }
            continue;
        }
        i = skip(i + 1);
        if i >= bytes.len() {
            return Err(unclosed());
        }
        let (value, next) = attribute_value(source, i)?;
        i = next;
        if i >= bytes.len() {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        match (tag.as_str(), attribute) {
            ("a", "href") | ("tg-emoji", "emoji-id") => argument = value,
            ("code", "class") => {
                if let Some(language) = value.strip_prefix("language-") {
                    language.clone_into(&mut argument);
                }
            }
            ("span", "class") if value.starts_with("tg-") => argument = value,
            ("blockquote", "expandable") => "expandable".clone_into(&mut argument),
            _ => {}
        }
    }
    if tag == "span" && argument != "tg-spoiler" {
        return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
    }
    Ok((tag, argument, i + 1))
}

/// A value and what is behind it: in quotes, which the end of the text ends too, or a name.
fn attribute_value(source: &str, from: usize) -> Result<(String, usize), String> {
    let (bytes, mut i) = (source.as_bytes(), from);
    let Some(quote @ (b'"' | b'\'')) = bytes.get(i) else {
        while bytes.get(i).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.' || *b == b'-') {
            i += 1;
        }
        if bytes.get(i).is_some_and(|b| !b.is_ascii_whitespace() && *b != b'>') {
            return Err(format!("Unexpected end of name token at byte offset {from}"));
        }
        return Ok((source[from..i].to_ascii_lowercase(), i));
    };
    let mut value = String::new();
    i += 1;
    while let Some(c) = source[i..].chars().next() {
        if c == char::from(*quote) {
            return Ok((value, i + 1));
        }
        match if c == '&' { character(source, i)? } else { None } {
            Some((c, next)) => {
                value.push(c);
                i = next;
            }
            None => {
                value.push(c);
                i += c.len_utf8();
            }
        }
    }
    Ok((value, i))
}

/// A character reference at `&`: the four names Telegram knows and numeric ones of up to nine
/// characters; the semicolon may be missing. Half of a pair is an error.
fn character(source: &str, at: usize) -> Result<Option<(char, usize)>, String> {
    const HALF: &str = "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units";
    let rest = &source[at + 1..];
    let (c, length) = if let Some(number) = rest.strip_prefix('#') {
        let (digits, radix, prefix) = match number.strip_prefix('x') {
            Some(hex) => (hex, 16, 2),
            None => (number, 10, 1),
        };
        let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let code = u32::from_str_radix(&digits[..end], radix).unwrap_or_default();
        if code == 0 || code >= 0x10_ffff || 1 + prefix + end >= 10 {
            return Ok(None);
        }
        (char::from_u32(code).ok_or(HALF)?, prefix + end)
    } else {
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let c = match &rest[..end] {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            _ => return Ok(None),
        };
        (c, end)
    };
    let next = at + 1 + length;
    Ok(Some((c, if source.as_bytes().get(next) == Some(&b';') { next + 1 } else { next })))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn styles_nest_and_count_in_utf16() {
        let (text, entities) = parse("👍<b>жир<i>ный</i></b> <a href=\"https://ex.ru/?a=1&amp;b=2\">тут</a>").unwrap();
        assert_eq!(text, "👍жирный тут");
        let shape: Vec<_> = entities.iter().map(|e| (e.kind.as_str(), e.offset, e.length)).collect();
        assert_eq!(shape, [("bold", 2, 6), ("italic", 5, 3), ("text_link", 9, 3)]);
        assert_eq!(entities[2].extra, Some(("url", "https://ex.ru/?a=1&b=2".to_owned())));
    }

    #[test]
    fn blocks_of_code_have_a_language() {
        let (text, entities) = parse("<pre><code class=\"language-rust\">fn</code></pre><code>x</code>").unwrap();
        assert_eq!(text, "fnx");
        assert_eq!(entities.len(), 2);
        assert_eq!((entities[0].kind.as_str(), entities[0].extra.clone()), ("pre", Some(("language", "rust".to_owned()))));
        assert_eq!(entities[1].kind, "code");
        let shape =
            |source| parse(source).map(|(_, entities)| entities.into_iter().map(|e| (e.kind, e.extra)).collect::<Vec<_>>()).unwrap();
        let rust = Some(("language", "rust".to_owned()));
        assert_eq!(shape("<code class=\"language-rust\"><pre>fn</pre></code>"), [("pre".to_owned(), rust)], "either way round");
        assert_eq!(shape("<code class=\"language-rust\">fn</code>"), [("code".to_owned(), None)], "code in a line has none");
    }

    #[test]
    fn names_of_attributes_are_read_as_they_are_written() {
        let target = |source| parse(source).map(|(_, mut entities)| entities.pop().and_then(|entity| entity.extra)).unwrap();
        assert_eq!(target("<A href='ex.ru'>тут</A>"), Some(("url", "http://ex.ru/".to_owned())));
        assert_eq!(target("<a HREF='ex.ru'>тут</a>"), None);
    }

    #[test]
    fn references() {
        assert_eq!(parse("&lt;&gt;&amp;&quot;&#1046;&#x416;&nbsp;&").unwrap().0, "<>&\"ЖЖ&nbsp;&");
        assert_eq!(parse("&#X41;&#0;&#1114111;&#00000065;&#x41").unwrap().0, "&#X41;&#0;&#1114111;&#00000065;A");
    }

    #[test]
    fn errors_in_telegrams_words() {
        for (source, error) in [
            ("<x>a</x>", "Unsupported start tag \"x\" at byte offset 0"),
            ("я <b>a", "Can't find end tag corresponding to start tag \"b\""),
            ("я</b>", "Unexpected end tag at byte offset 2"),
            ("<b>a</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
            ("a <b", "Unclosed start tag at byte offset 2"),
            ("<b>a</b", "Unclosed end tag at byte offset 4"),
            ("<span>a</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
            ("1 < 2 > 0", "Unsupported start tag \"\" at byte offset 2"),
            ("</b", "Unexpected end tag at byte offset 0"),
            ("<a ", "Empty attribute name in the tag \"a\" at byte offset 0"),
            ("<a href", "Unclosed start tag \"a\" at byte offset 0"),
            ("<a href=\"x", "Unclosed start tag at byte offset 0"),
            ("<a href=\"x\"", "Unclosed start tag at byte offset 0"),
            ("<a href=x/>", "Unexpected end of name token at byte offset 8"),
            (
                "&#xd83d;&#xde00;",
                "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units",
            ),
            ("<tg-emoji emoji-id=\"0\">a</tg-emoji>", "Invalid custom emoji identifier specified"),
        ] {
            assert_eq!(parse(source).unwrap_err(), error, "{source}");
        }
    }
}
