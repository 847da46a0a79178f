//! What Telegram's library does to characters before a text or a file name is anybody's: control
//! characters become spaces, marks that turn or break lines go, file names lose what a file system
//! or a shell would read.

use super::entities::Entity;

/// What becomes of a character in a text.
fn cleaned(c: char) -> Option<char> {
    match c {
        '\n' => Some('\n'),
        // Dropped: the other half of a line break, marks of direction and of line breaks, and three
        // that draw through lines.
        '\r' | '\u{2028}'..='\u{202e}' | '\u{333}' | '\u{33f}' | '\u{30a}' => None,
        '\0'..=' ' => Some(' '),
        c => Some(c),
    }
}

/// Cleans a text; the entities, sorted, go along. The error is Telegram's sentence.
pub(crate) fn text(raw: &str, entities: &mut [Entity]) -> Result<String, String> {
    let total = super::entities::utf16_len(raw);
    for entity in entities.iter() {
        if entity.offset > total {
            return Err(format!("entity begins after the end of the text at UTF-16 offset {}", entity.offset));
        }
        if entity.offset + entity.length > total {
            let (begin, end) = (entity.offset, entity.offset + entity.length);
            return Err(format!("entity beginning at UTF-16 offset {begin} ends after the end of the text at UTF-16 offset {end}"));
        }
    }
    // Nearly every text is clean already, and none of its characters takes two units.
    if raw.chars().all(|c| cleaned(c) == Some(c) && !turns(c) && c.len_utf16() == 1) {
        return Ok(raw.to_owned());
    }
    // Where each UTF-16 unit of the source comes to stand; `None` in the middle of a character.
    let mut places = vec![None; total + 1];
    let (mut out, mut from, mut to) = (String::with_capacity(raw.len()), 0, 0);
    let mut bytes = vec![0; total + 1];
    for (byte, c) in raw.char_indices() {
        places[from] = Some(to);
        // The second half of a pair is told by where the next character begins.
        bytes[from..from + c.len_utf16()].fill(byte + c.len_utf8());
        bytes[from] = byte;
        from += c.len_utf16();
        if let Some(c) = cleaned(c) {
            out.push(c);
            to += c.len_utf16();
        }
    }
    (places[from], bytes[from]) = (Some(to), raw.len());
    for entity in entities.iter_mut() {
        let Some(begin) = places[entity.offset] else {
            return Err(format!("entity begins in a middle of a UTF-16 symbol at byte offset {}", bytes[entity.offset]));
        };
        let end = entity.offset + entity.length;
        let Some(after) = places[end] else {
            return Err(format!(
                "entity beginning at UTF-16 offset {} ends in a middle of a UTF-16 symbol at byte offset {}",
                entity.offset, bytes[end]
            ));
        };
        (entity.offset, entity.length) = (begin, after - begin);
    }
    Ok(turned(&out))
}

/// Whether it is a mark of direction.
fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}')
}

/// Of several marks of direction in a row only the last one stays; the others join nothing and turn
/// nothing.
fn turned(text: &str) -> String {
    let mut chars = text.chars().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        out.push(if turns(c) && chars.peek().copied().is_some_and(turns) { '\u{200c}' } else { c });
    }
    out
}

/// Whether nobody would see anything of a text.
pub(crate) fn is_invisible(text: &str) -> bool {
    text.chars().all(|c| {
        matches!(c, ' ' | '\n' | '\u{a0}' | '\u{1680}' | '\u{180e}' | '\u{2000}'..='\u{200f}' | '\u{202e}' | '\u{202f}' | '\u{205f}')
            || matches!(c, '\u{2800}' | '\u{3000}' | '\u{feff}' | '\u{fffc}' | '\u{e0000}'..='\u{e007f}')
    })
}

/// A part of a file name: letters and digits of any script and plain ASCII stay, what a system or a
/// shell would read becomes a space.
fn name_part(part: &str, most: usize) -> String {
    let mut out = String::new();
    let kept = part.chars().filter_map(|c| match c {
        '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' | '&' | '`' | '\'' => Some(' '),
        ' '..='~' => Some(c),
        c if c.is_alphanumeric() => Some(c),
        // Marks and controls that nobody sees go without a trace.
        c if c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}') => {
            None
        }
        _ => Some(' '),
    });
    for c in kept {
        if out.chars().count() == most {
            break;
        }
        if !(out.is_empty() && matches!(c, ' ' | '.')) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end_matches([' ', '.']).len());
    out
}

/// A file name as Telegram keeps it: the last part of a path, 64 characters and an extension of 16
/// at most.
pub(crate) fn file_name(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let (stem, extension) = match last.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, extension),
        _ => (last, ""),
    };
    match (name_part(stem, 64), name_part(extension, 16)) {
        (stem, extension) if extension.is_empty() => stem,
        (stem, extension) if stem.is_empty() => extension,
        (stem, extension) => format!("{stem}.{extension}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bold(offset: usize, length: usize) -> Entity {
        Entity { kind: "bold".to_owned(), offset, length, extra: None }
    }

    #[test]
    fn control_characters_do_not_arrive() {
        let mut entities = [bold(4, 2), bold(7, 2)];
        assert_eq!(text("a\0\tb\r\n\u{202e}👍\u{2028}c", &mut entities).unwrap(), "a  b\n👍c");
        assert_eq!(entities, [bold(4, 1), bold(5, 2)], "entities go along with what is dropped");
        assert_eq!(text("\u{200f}\u{200e}\u{200f}я", &mut []).unwrap(), "\u{200c}\u{200c}\u{200f}я");
        assert!(is_invisible(" \u{200b}\u{feff}\n\u{2800}") && !is_invisible("\u{200b}."));
    }

    #[test]
    fn file_names_are_made_harmless() {
        for (raw, kept) in [
            ("отчёт за март.csv", "отчёт за март.csv"),
            ("../../etc/passwd", "passwd"),
            ("C:\\dir\\a.txt", "a.txt"),
            ("a\0b\u{202e}gpj.exe", "abgpj.exe"),
            ("a<b>c:d\"e|f?g*h&i`j'k.t<t", "a b c d e f g h i j k.t t"),
            (".htaccess", "htaccess"),
            ("name.", "name"),
            ("👍.csv", "csv"),
            ("…", ""),
        ] {
            assert_eq!(file_name(raw), kept, "{raw:?}");
        }
        assert_eq!(file_name(&format!("{}.{}", "ж".repeat(99), "x".repeat(99))).chars().count(), 64 + 1 + 16);
    }
}
