//! What a database or a parser cannot take is cleaned out of bodies before they are kept or read.
//!
//! PostgreSQL refuses the character NUL in every text, and `serde_json` a surrogate that stands
//! alone; messengers and CRMs pass both on from whoever typed them. One such character in one field
//! must not cost the message, which may be somebody's «стоп».

use std::borrow::Cow;

/// A JSON text without NUL (neither as a byte nor as `\u0000`), every lone surrogate replaced by
/// U+FFFD. What needs no cleaning is given back as it is; what is no JSON stays none.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    match nul(text) {
        Cow::Borrowed(text) => escapes(text),
        Cow::Owned(text) => Cow::Owned(escapes(&text).into_owned()),
    }
}

/// The same of a text without the byte itself.
fn escapes(text: &str) -> Cow<'_, str> {
    if !text.contains("\\u") {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    // Up to here `text` is in `out` already; cuts are at ASCII characters, so at the bounds of
    // characters.
    let (mut kept, mut at) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        let (len, instead) = if byte == b'\\' { escape(bytes, at) } else { (1, None) };
        if let Some(instead) = instead {
            out.push_str(&text[kept..at]);
            out.push_str(instead);
            kept = at + len;
        }
        at += len;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[kept..]);
    Cow::Owned(out)
}

/// Any text without NUL.
#[must_use]
pub fn nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

/// How long the escape at a backslash is, in bytes, and what is to stand in its place.
fn escape(bytes: &[u8], at: usize) -> (usize, Option<&'static str>) {
    const ESCAPED: usize = 6;
    match unit(bytes, at) {
        Some(0) => (ESCAPED, Some("")),
        Some(0xD800..=0xDBFF) => match unit(bytes, at + ESCAPED) {
            Some(0xDC00..=0xDFFF) => (2 * ESCAPED, None),
            _ => (ESCAPED, Some("\u{fffd}")),
        },
        Some(0xDC00..=0xDFFF) => (ESCAPED, Some("\u{fffd}")),
        Some(_) => (ESCAPED, None),
        // A backslash and the character it escapes, so that `\\u0000` is no escape of NUL.
        None if bytes.get(at + 1).is_some_and(u8::is_ascii) => (2, None),
        None => (1, None),
    }
}

/// The UTF-16 unit of `\uXXXX` here.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0_u16, |sum, digit| Some(sum * 16 + u16::try_from(char::from(*digit).to_digit(16)?).ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nul_and_lone_surrogates_go_and_all_else_stays() {
        for (dirty, clean) in [
            (r#"{"text":"сто\u0000п"}"#, r#"{"text":"стоп"}"#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""a\ud83d""#, "\"a\u{fffd}\""),
            (r#""\ud83d\ud83d\ude00""#, "\"\u{fffd}\\ud83d\\ude00\""),
            (r#""\ude00\ud83d""#, "\"\u{fffd}\u{fffd}\""),
            (r#""\\u0000""#, r#""\\u0000""#),
            (r#""\\\u0000""#, r#""\\""#),
            (r#""\u00e9\n\u0441""#, r#""\u00e9\n\u0441""#),
            ("{\"a\0\":\"б\0\"}", "{\"a\":\"б\"}"),
            (r#""\u00"#, r#""\u00"#),
            (r"\", r"\"),
        ] {
            assert_eq!(json(dirty), clean, "{dirty}");
        }
        assert_eq!(nul("contacts\0[add]"), "contacts[add]");
    }

    proptest! {
        #[test]
        fn a_string_is_read_whatever_was_in_it(parts in prop::collection::vec(r#"[ !#-\[\]-~а-я]|\\n|\\\\|\\"|\\u(0000|d8[0-9a-f]{2}|dc[0-9a-f]{2}|0441)|\x00"#, 0..40)) {
            let clean = json(&format!("\"{}\"", parts.concat())).into_owned();
            let read: String = serde_json::from_str(&clean).expect("a string");
            prop_assert!(!read.contains('\0'));
            prop_assert_eq!(json(&clean), clean.as_str());
        }
    }
}
