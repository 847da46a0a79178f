//! Formatted text that every messenger can be given: plain characters plus styled spans.
//!
//! Templates are kept as the small HTML of Telegram; the rendered message is a [`Rich`], and each
//! adapter writes it in its provider's way (Telegram: entities; VK: plain). Offsets are UTF-16 code
//! units, as Telegram counts (contracts/messengers/telegram.md, 2.3).

pub mod clean;
pub(crate) mod html;
pub mod near;
pub mod phone;
pub mod said;
pub mod share;

pub use html::{MarkupError, MarkupProblem, escape};

/// Whether a character shows nothing of itself but changes what is read: marks of direction (a name
/// could turn the rest of a line round), zero-width ones (two names that look the same, a name that
/// looks empty), fillers.
#[must_use]
pub fn unseen(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A text of one line as it is kept: without control and [`unseen`] characters, white space runs as
/// one space, trimmed.
#[must_use]
pub fn clean(text: &str) -> String {
    squeezed(text, |out, char| out.push(char))
}

/// A text as it is compared without regard to case (case folding), the same on both engines:
/// [`clean()`], in lower case, `ё` as `е`.
///
/// Character by character, so that a part of a text folds as it does within the whole.
#[must_use]
pub fn fold(text: &str) -> String {
    squeezed(text, |out, char| out.extend(char.to_lowercase().map(|lower| if lower == 'ё' { 'е' } else { lower })))
}

/// What is seen of a text, with white space runs as one space; `put` writes a character.
fn squeezed(text: &str, put: impl Fn(&mut String, char)) -> String {
    let mut out = String::with_capacity(text.len());
    let mut space = false;
    for char in text.chars() {
        if char.is_whitespace() {
            space = !out.is_empty();
        } else if !char.is_control() && !unseen(char) {
            if space {
                out.push(' ');
                space = false;
            }
            put(&mut out, char);
        }
    }
    out
}

/// Longest name of what is in a file in the file's name, characters: what a phone still shows.
const FILE_NAME: usize = 60;

/// A file name made of what is in the file and a day, as any system takes it: «Скидки ноября
/// 28.11.2026.xlsx».
#[must_use]
pub fn file_name(name: &str, day: chrono::NaiveDate, extension: &str) -> String {
    let day = day.format("%d.%m.%Y");
    // Signs that systems forbid, shells read or Telegram drops become spaces; marks over letters
    // stay with them.
    let kept = |c: char| c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c) || "-_.,%+".contains(c);
    let clean: String = name.chars().map(|c| if kept(c) { c } else { ' ' }).collect();
    let clean: String = clean.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(FILE_NAME).collect();
    let clean = clean.trim_matches(|c: char| !c.is_alphanumeric() && c != '%');
    if clean.is_empty() { format!("{day}.{extension}") } else { format!("{clean} {day}.{extension}") }
}

/// [`clean()`], at most `most` characters.
#[must_use]
pub fn clean_to(text: &str, most: usize) -> String {
    let clean = clean(text);
    match clean.char_indices().nth(most) {
        Some((end, _)) => clean[..end].trim_end().to_owned(),
        None => clean,
    }
}

/// Whether a cell says that there is nothing to say: a dash, «н/д», `null`, an error of a
/// spreadsheet.
#[must_use]
pub fn missing(text: &str) -> bool {
    let text = bare(text);
    text.chars().all(|c| c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '–' | '—' | '−' | '_' | '.' | '*' | '?' | '~' | '/' | '·'))
        || is_one_of(text, &["н/д", "нд", "н.д", "н\\д", "n/a", "#n/a", "#н/д", "null", "nan", "undefined", "nil", "none", "\\n", "(null)"])
        || text.starts_with('#') && text.ends_with(['!', '?']) && text.chars().count() <= 10
}

/// Whether a cell of an address, a name, a date or a number says that there is none: «нет», «не
/// указан», and what is [`missing`].
#[must_use]
pub fn blank(text: &str) -> bool {
    missing(text)
        || is_one_of(
            bare(text),
            &[
                "нет",
                "no",
                "na",
                "empty",
                "blank",
                "unknown",
                "not set",
                "not provided",
                "no data",
                "no phone",
                "no email",
                "no name",
                "нету",
                "пусто",
                "неизвестно",
                "неизвестен",
                "неизвестна",
                "не известно",
                "отсутствует",
                "без телефона",
                "без почты",
                "без имени",
                "нет данных",
                "нет телефона",
                "нет тел",
                "без тел",
                "без номера",
                "нет номера",
                "нет почты",
                "нет e-mail",
                "нет email",
                "нет имени",
                "не указан",
                "не указана",
                "не указано",
                "не указали",
                "не задан",
                "не задано",
                "не заполнен",
                "не заполнено",
                "не оставил",
                "не оставила",
                "не дал",
                "не дала",
                "не назвал",
                "не назвала",
                "неизв",
                "б/н",
                // What a form showed where a day was to be written.
                "дд.мм.гггг",
                "дд/мм/гггг",
                "dd.mm.yyyy",
                "dd/mm/yyyy",
                "mm/dd/yyyy",
                "yyyy-mm-dd",
            ],
        )
}

/// Without what surrounds a word: quotes, brackets, a full stop.
fn bare(text: &str) -> &str {
    let text = text.trim().trim_matches(['"', '\'', '«', '»', '<', '>', '[', ']']).trim();
    let text = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    if text.chars().count() > 1 { text.trim_end_matches('.').trim() } else { text }
}

fn is_one_of(text: &str, words: &[&str]) -> bool {
    // The longest has 16 letters; most cells are longer than these words and are not folded.
    text.len() <= 32 && words.contains(&text.to_lowercase().as_str())
}

/// Formatted text.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Rich {
    /// The characters, without any markup.
    pub text: String,
    /// Styles, in order of their start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
}

/// A styled piece.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// First UTF-16 unit.
    pub offset: usize,
    /// UTF-16 units.
    pub len: usize,
    /// How it looks.
    pub style: Style,
}

/// How a piece looks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    Bold,
    Italic,
    Underline,
    /// Struck through.
    Strike,
    /// Hidden until touched.
    Spoiler,
    /// Monospace in a line.
    Code,
    /// A monospace block.
    Pre,
    /// A quotation.
    Quote,
    /// A link with its own text.
    Link(String),
}

impl Rich {
    /// Text without styles.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), spans: Vec::new() }
    }

    /// The characters under a span.
    #[must_use]
    pub fn under(&self, span: &Span) -> &str {
        &self.text[self.bytes(span)]
    }

    /// The bytes under a span.
    #[must_use]
    pub fn bytes(&self, span: &Span) -> std::ops::Range<usize> {
        html::byte_of(&self.text, span.offset)..html::byte_of(&self.text, span.offset.saturating_add(span.len))
    }

    /// Length as messengers count it: UTF-16 units.
    #[must_use]
    pub fn len_utf16(&self) -> usize {
        self.text.encode_utf16().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cyrillic_and_spaces_are_folded() {
        assert_eq!(fold("  Пётр\u{a0} ИЛЬИЧ\u{0} "), "петр ильич");
        assert_eq!(fold("\u{202e}Пё\u{200b}тр"), "петр");
    }

    #[test]
    fn cells_that_say_nothing() {
        for cell in [
            "",
            " ",
            "-",
            "—",
            "--",
            "…".trim_matches('…'),
            "н/д",
            "Н/Д",
            "#Н/Д",
            "#N/A",
            "#ЗНАЧ!",
            "#ДЕЛ/0!",
            "NULL",
            "(null)",
            "?",
            "NaN",
        ] {
            assert!(missing(cell) && blank(cell), "{cell}");
        }
        for cell in ["нет", "Нет.", "(нет)", "не указан", "«Не указано»", "no", "Unknown", "нет телефона", "б/н"]
        {
            assert!(blank(cell) && !missing(cell), "{cell}");
        }
        for cell in ["Нетта", "5", "-5", "нет, не хочу", "#vip", "Анна"] {
            assert!(!blank(cell), "{cell}");
        }
    }

    #[test]
    fn what_is_not_seen_is_not_kept() {
        assert_eq!(clean("  Пётр\u{a0} ИЛЬИЧ\u{0} "), "Пётр ИЛЬИЧ");
        assert_eq!(clean("\u{202e}аннА\u{2066} \u{200b}К\u{feff}узнецова\u{200f}"), "аннА Кузнецова");
        for empty in ["\u{3164}", "\u{2800}\u{200d}", "\u{e0041}", " \u{200e} "] {
            assert_eq!(clean(empty), "", "{empty:?}");
        }
        assert_eq!(clean("Zoë 👍\u{fe0f} Ёлкина-Ким"), "Zoë 👍\u{fe0f} Ёлкина-Ким");
        assert_eq!((clean_to("Анна Мария", 5).as_str(), clean_to("Анна", 5).as_str()), ("Анна", "Анна"));
    }
}
