//! How a person reads a text: mentions as names, character references as characters.
//!
//! VK has no marks for styles; `[id123|Anna]` and `[club1|Shop]` become links, and so does a name
//! before the bar that belongs to somebody.

use serde_json::{Value, json};

/// A text as it is read, and what in it is a link, in UTF-16 units.
pub(crate) fn read(text: &str, decodes: bool, known: impl Fn(&str) -> bool) -> (String, Vec<Value>) {
    let (mut shown, mut links, mut rest) = (String::new(), Vec::new(), text);
    while let Some(at) = rest.find('[') {
        shown.push_str(&decode(&rest[..at], decodes));
        let mention = rest[at + 1..].split_once(']').and_then(|(inside, after)| {
            let (object, label) = inside.split_once('|')?;
            let target = target(object, &known)?;
            (!label.trim().is_empty()).then_some((target, label, after))
        });
        match mention {
            Some((target, label, after)) => {
                let label = decode(label, decodes);
                let (offset, length) = (shown.encode_utf16().count(), label.encode_utf16().count());
                links.push(json!({ "type": "text_link", "offset": offset, "length": length, "url": target }));
                shown.push_str(&label);
                rest = after;
            }
            None => {
                shown.push('[');
                rest = &rest[at + 1..];
            }
        }
    }
    shown.push_str(&decode(rest, decodes));
    (shown, links)
}

/// The address of what is named before the bar, if it is anything.
fn target(object: &str, known: &impl Fn(&str) -> bool) -> Option<String> {
    if object.starts_with("https://vk.com/") || object.starts_with("https://vk.ru/") {
        return Some(object.to_owned());
    }
    let numbered = ["id", "club", "public", "event"]
        .iter()
        .any(|kind| object.strip_prefix(kind).is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())));
    (numbered || known(object)).then(|| format!("https://vk.com/{object}"))
}

/// Character references by number and the named ones of HTML's own marks.
fn decode(text: &str, decodes: bool) -> String {
    if !decodes || !text.contains('&') {
        return text.to_owned();
    }
    let (mut shown, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('&') {
        shown.push_str(&rest[..at]);
        let meant = rest[at + 1..].split_once(';').and_then(|(name, after)| Some((character(name)?, after)));
        match meant {
            Some((character, after)) => {
                shown.push(character);
                rest = after;
            }
            None => {
                shown.push('&');
                rest = &rest[at + 1..];
            }
        }
    }
    shown + rest
}

fn character(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        _ => {
            let digits = name.strip_prefix('#')?;
            let number = digits.strip_prefix(['x', 'X']).map_or_else(|| digits.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
            number.and_then(char::from_u32).filter(|character| *character != '\0')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_become_names_and_nothing_else_does() {
        let read = |text: &str| read(text, true, |name| name == "shop");
        let (shown, links) = read("Ф [id123|Анна], [club1|Магазин] и [shop|мы]");
        assert_eq!(shown, "Ф Анна, Магазин и мы");
        assert_eq!((links.len(), &links[1]["url"], &links[0]["offset"]), (3, &json!("https://vk.com/club1"), &json!(2)));
        for plain in ["[id|x]", "[nobody|x]", "[id123]", "[id123|]", "[[", "скидка [10%|20%]"] {
            assert_eq!(read(plain), (plain.to_owned(), Vec::new()));
        }
        assert_eq!(read("&#91;id123|Анна&#93; &lt;b&gt; &amp; &nbsp; &").0, "[id123|Анна] <b> & &nbsp; &");
        assert_eq!(super::read("&#91;", false, |_| false).0, "&#91;");
    }
}
