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
        return match twice(text) {
            Some((text, encoding)) => (Cow::Owned(text), UTF_8.name(), Some(Note::Twice { encoding: encoding.name().to_owned() })),
            None => (Cow::Borrowed(text), UTF_8.name(), None),
        };
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

/// UTF-8 that a program took for another encoding and wrote as UTF-8 once more: «РђРЅРЅР°» is
/// «Анна». Letters of a language do not make up UTF-8 by chance.
fn twice(text: &str) -> Option<(String, &'static Encoding)> {
    let first = text.char_indices().filter(|(_, c)| !c.is_ascii()).take(SAMPLE);
    let (mut letters, mut leads) = (0_usize, 0_usize);
    for (_, char) in first {
        letters += 1;
        leads += usize::from(matches!(char, 'Р' | 'С' | 'Ð' | 'Ñ'));
    }
    // Of Russian letters in UTF-8 every first byte is one of two.
    if letters < 4 || leads * 5 < letters * 2 {
        return None;
    }
    [WINDOWS_1251, WINDOWS_1252].into_iter().find_map(|encoding| {
        let (bytes, _, unknown) = encoding.encode(text);
        let read = std::str::from_utf8(&bytes).ok().filter(|_| !unknown)?;
        Some((read.to_owned(), encoding))
    })
}

/// What a line is.
enum Line<'a> {
    Good(&'a str),
    /// Letters of it are broken: a program cut it in the middle of one.
    Torn(String),
    /// In another encoding.
    Other(&'a [u8]),
}

impl<'a> Line<'a> {
    fn of(line: &'a [u8]) -> Self {
        if let Ok(line) = std::str::from_utf8(line) {
            return Self::Good(line);
        }
        let (mut letters, mut broken) = (0_usize, 0_usize);
        let mut text = String::with_capacity(line.len());
        for chunk in line.utf8_chunks() {
            letters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            broken += chunk.invalid().len();
            text.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                text.push('\u{fffd}');
            }
        }
        if letters >= broken * 3 { Self::Torn(text) } else { Self::Other(line) }
    }
}

/// UTF-8 of which some lines are in another encoding (two files were joined) or have broken letters
/// (a program cut them).
fn mixed(bytes: &[u8]) -> Option<(String, Note)> {
    let lines = || bytes.split_inclusive(|byte| *byte == b'\n');
    let (mut good, mut torn, mut other) = (0_usize, (0_usize, 0_usize), (0_usize, 0_usize));
    let mut sample = Vec::new();
    let seen = |(count, first): (usize, usize), at: usize| (count + 1, if count == 0 { at + 1 } else { first });
    for (at, line) in lines().enumerate().filter(|(_, line)| !line.is_ascii()) {
        match Line::of(line) {
            Line::Good(_) => good += 1,
            Line::Torn(_) => torn = seen(torn, at),
            Line::Other(line) => {
                other = seen(other, at);
                if sample.len() < SAMPLE {
                    sample.extend_from_slice(line);
                }
            }
        }
    }
    if good + torn.0 == 0 || good + torn.0 < other.0 {
        return None;
    }
    let encoding = guess(&sample);
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for line in lines() {
        match Line::of(line) {
            Line::Good(line) => text.push_str(line),
            Line::Torn(line) => text.push_str(&line),
            Line::Other(line) => text.push_str(&encoding.decode_without_bom_handling(line).0),
        }
    }
    // The end of the file was cut off: what is left of its last letter says nothing.
    if text.ends_with('\u{fffd}') {
        text.pop();
    }
    let note = if other.0 > 0 {
        Note::OtherEncoding { lines: other.0, first: other.1, encoding: encoding.name().to_owned() }
    } else {
        Note::Torn { lines: torn.0, first: torn.1 }
    };
    Some((text, note))
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

/// How much a text looks like words: letters and pairs of letters that are frequent, capitals where
/// words begin or all over, no signs among letters.
fn score(text: &str) -> i64 {
    let mut score = 0;
    let mut before = ' ';
    // The small letter before, of a Russian word.
    let mut small_before = ' ';
    for char in text.chars() {
        let russian = matches!(char, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё');
        let small = if russian { char.to_lowercase().next().unwrap_or(char) } else { ' ' };
        score += match char {
            _ if char.is_ascii() => 0,
            // A capital in the middle of a word: KOI8-R read as something else.
            'А'..='Я' | 'Ё' if before.is_lowercase() => -6,
            // Names and headings begin with capitals.
            'А'..='Я' | 'Ё' if !before.is_alphabetic() => 4,
            'а'..='я' | 'ё' if !before.is_alphabetic() => 1,
            _ if russian => match small {
                'о' | 'е' | 'а' | 'и' | 'н' | 'т' | 'с' | 'р' | 'в' | 'л' | 'к' => 3,
                'ъ' | 'ь' | 'э' | 'ю' | 'ф' | 'щ' | 'ц' => 0,
                _ => 2,
            },
            // «é» in «José».
            '\u{c0}'..='\u{ff}' if before.is_ascii_alphabetic() => 3,
            _ if char.is_alphabetic() => -2,
            '«' | '»' | '—' | '–' | '№' | '₽' | '\u{a0}' | '…' | '“' | '”' | '„' | '’' => 0,
            _ => -4,
        };
        if russian && small_before != ' ' {
            score += pair(small_before, small);
        }
        // A word of two scripts.
        if (russian && before.is_ascii_alphabetic()) || (char.is_ascii_alphabetic() && matches!(before, 'а'..='я' | 'А'..='Я')) {
            score -= 4;
        }
        (before, small_before) = (char, small);
    }
    score
}

/// How much two letters look like neighbours: syllables are frequent, some pairs are in no word.
fn pair(first: char, second: char) -> i64 {
    const FREQUENT: &str = "ст но ен то на ов ни ра во ко ро не ан ол ал ел ор ер ет ре ка ла ли ле ри та ти те ва ве ви ма ми мо да де ди ин \
        ик ск ос по пр го га ом ам ем от до на ой ий ый ая яя ич ев ин ен ьи ья ль нь рь ьг жа же иа ия юл юр ля ня ат ас ис ев лю фа ел фо фи";
    const NEVER: &str = "аъ оъ еъ иъ уъ ыъ эъ юъ яъ ьъ ъь аь оь еь иь уь ыь эь юь яь ыы эы юы яы йй йь йъ ьь ъъ щщ цц фц щю юю юь щя";
    let is = |list: &str| list.split(' ').any(|known| known.chars().eq([first, second]));
    if is(FREQUENT) {
        3
    } else if is(NEVER) {
        -6
    } else {
        0
    }
}
