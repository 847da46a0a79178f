//! The encoding of a text, found out from its letters: the first market's programs write six, and
//! each read as another gives letters too.

use std::borrow::Cow;

use encoding_rs::{Encoding, IBM866, KOI8_R, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251, WINDOWS_1252, X_MAC_CYRILLIC};

use super::Note;

/// Bytes from whose letters an encoding is found out.
const SAMPLE: usize = 64 * 1024;

/// The text, the name of its encoding, and the lines that are in another.
pub(super) fn decode(bytes: &[u8]) -> (Cow<'_, str>, &'static str, Option<Note>) {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes)
        && encoding != UTF_8
    {
        return (encoding.decode_without_bom_handling(&bytes[mark..]).0, encoding.name(), None);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Some(encoding) = wide(bytes) {
        return (encoding.decode_without_bom_handling(bytes).0, encoding.name(), None);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (Cow::Borrowed(text), UTF_8.name(), None);
    }
    if let Some((text, note)) = mixed(bytes) {
        return (Cow::Owned(text), UTF_8.name(), Some(note));
    }
    let encoding = guess(bytes);
    (encoding.decode_without_bom_handling(bytes).0, encoding.name(), None)
}

/// UTF-16 without its mark: every second byte of Latin letters and digits is zero.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(4_096)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    if zeros(1) * 4 > head.len() / 2 {
        Some(UTF_16LE)
    } else if zeros(0) * 4 > head.len() / 2 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// UTF-8 of which some lines are in another encoding: two files were joined, or a program cut one.
fn mixed(bytes: &[u8]) -> Option<(String, Note)> {
    let lines = || bytes.split_inclusive(|byte| *byte == b'\n');
    let (mut good, mut bad, mut first) = (0_usize, 0_usize, 0_usize);
    let mut sample = Vec::new();
    for (at, line) in lines().enumerate().filter(|(_, line)| !line.is_ascii()) {
        if std::str::from_utf8(line).is_ok() {
            good += 1;
        } else {
            if bad == 0 {
                first = at + 1;
            }
            bad += 1;
            if sample.len() < SAMPLE {
                sample.extend_from_slice(line);
            }
        }
    }
    if good == 0 || good < bad {
        return None;
    }
    let other = guess(&sample);
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for line in lines() {
        match std::str::from_utf8(line) {
            Ok(line) => text.push_str(line),
            Err(_) => text.push_str(&other.decode_without_bom_handling(line).0),
        }
    }
    Some((text, Note::OtherEncoding { lines: bad, first, encoding: other.name().to_owned() }))
}

/// The encoding of one byte a letter in which the letters look most like words. chardetng 0.1 knows
/// no MacCyrillic and needs more letters than a short list of names has.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut sample = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.is_ascii()) {
        sample.extend_from_slice(&line[..line.len().min(SAMPLE)]);
        if sample.len() >= SAMPLE {
            break;
        }
    }
    // At a tie the earlier wins: `max_by_key` keeps the last.
    [WINDOWS_1252, X_MAC_CYRILLIC, KOI8_R, IBM866, WINDOWS_1251]
        .into_iter()
        .max_by_key(|encoding| score(&encoding.decode_without_bom_handling(&sample).0))
        .unwrap_or(WINDOWS_1251)
}

/// How much a text looks like words: letters that are frequent, capitals where words begin, no
/// signs among letters.
fn score(text: &str) -> i64 {
    let mut score = 0;
    let mut before = ' ';
    for char in text.chars() {
        let russian = matches!(char, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё');
        score += match char {
            _ if char.is_ascii() => 0,
            // A capital in the middle of a word: KOI8-R read as something else.
            'А'..='Я' | 'Ё' if before.is_lowercase() => -6,
            // Names and headings begin with capitals.
            'А'..='Я' | 'Ё' if !before.is_alphabetic() => 4,
            'а'..='я' | 'ё' if !before.is_alphabetic() => 1,
            'о' | 'е' | 'а' | 'и' | 'н' | 'т' | 'с' | 'р' | 'в' | 'л' | 'к' => 3,
            'А'..='Я' | 'Ё' => 1,
            'а'..='я' | 'ё' => 2,
            // «é» in «José».
            '\u{c0}'..='\u{ff}' if before.is_ascii_alphabetic() => 3,
            _ if char.is_alphabetic() => -2,
            '«' | '»' | '—' | '–' | '№' | '₽' | '\u{a0}' | '…' | '“' | '”' | '„' | '’' => 0,
            _ => -4,
        };
        // A word of two scripts.
        if (russian && before.is_ascii_alphabetic()) || (char.is_ascii_alphabetic() && matches!(before, 'а'..='я' | 'А'..='Я')) {
            score -= 4;
        }
        before = char;
    }
    score
}
