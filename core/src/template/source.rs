//! A template's source as a person edits it: plain characters and styles in a Telegram message,
//! with the Liquid tags as they were typed. Liquid tags pass whole: no character inside one is
//! escaped, no style begins or ends inside one, and styles are closed before a `{% … %}` and opened
//! again after it, because a condition may drop what is on one side of it.

use super::scan;
use crate::text::{
    MarkupError, Rich, Span, Style,
    html::{self, Verbatim},
};

/// A formatting entity of a messenger, in plain values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// First UTF-16 unit.
    pub offset: usize,
    /// UTF-16 units.
    pub len: usize,
    /// Telegram's word: `bold`, `text_link` …
    pub kind: String,
    /// The address of a `text_link`.
    pub url: Option<String>,
}

/// A message as typed in Telegram as a template's body. Entities that messengers find by themselves
/// (addresses, mentions, hashtags) and those no other messenger has (custom emoji) are left as
/// plain characters.
#[must_use]
pub fn from_entities(text: &str, entities: &[Entity]) -> String {
    let spans = entities
        .iter()
        .filter_map(|entity| {
            let style = match entity.kind.as_str() {
                "bold" => Style::Bold,
                "italic" => Style::Italic,
                "underline" => Style::Underline,
                "strikethrough" => Style::Strike,
                "spoiler" => Style::Spoiler,
                "code" => Style::Code,
                "pre" => Style::Pre,
                "blockquote" | "expandable_blockquote" => Style::Quote,
                "text_link" => Style::Link(entity.url.clone()?),
                _ => return None,
            };
            Some(Span { offset: entity.offset, len: entity.len, style })
        })
        .collect();
    let body = Rich { text: text.to_owned(), spans }.canonical().to_template();
    // A style that begins inside a tag nobody closed cannot be written: then the words stay and the
    // styles go.
    if Rich::from_template(&body).is_ok_and(|read| read.text == text && Rich::from_template(&read.to_template()).as_ref() == Ok(&read)) {
        body
    } else {
        Rich::plain(text).to_template()
    }
}

fn liquid(text: &str) -> Vec<Verbatim> {
    let (tags, unclosed) = scan::tags(text);
    // What follows an unclosed tag is as it was typed, so that the check can show the place and the
    // person can mend it.
    let rest = unclosed.map(|at| Verbatim { range: at..text.len(), splits: true });
    tags.into_iter().map(|tag| Verbatim { range: tag.range, splits: tag.control }).chain(rest).collect()
}

impl Rich {
    /// As a template's body: the small HTML around whole Liquid tags.
    #[must_use]
    pub fn to_template(&self) -> String {
        html::write(self, liquid)
    }

    /// A template's body for showing and editing: styles as styles, Liquid tags as they were typed.
    ///
    /// # Errors
    /// [`MarkupError`] with the place.
    pub fn from_template(body: &str) -> Result<Self, MarkupError> {
        html::read(body, &liquid(body))
    }
}

/// A place in a text as a person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Line, from 1.
    pub line: usize,
    /// Character in the line, from 1.
    pub column: usize,
    /// The line itself.
    pub text: String,
}

/// Where a place of a body (line and character from 1, as the check gives them) is in the text as
/// it was typed; `None`: nowhere a person sees (in a link's address).
#[must_use]
pub fn spot(body: &str, line: usize, column: usize) -> Option<Spot> {
    /// A private character that nobody types; it goes through the reading and shows where the place
    /// came out.
    const MARK: char = '\u{f8ff}';
    let start: usize = body.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = body.get(start..)?;
    let at = start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
    let marked = format!("{}{MARK}{}", &body[..at], &body[at..]);
    // Markup that cannot be read is shown as it stands.
    let typed = Rich::from_template(&marked).map_or(marked, |rich| rich.text);
    let before = &typed[..typed.find(MARK)?];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |part| part.chars().count()) + 1;
    Some(Spot { line, column, text: typed.lines().nth(line - 1).unwrap_or_default().replace(MARK, "") })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entity(offset: usize, len: usize, kind: &str) -> Entity {
        Entity { offset, len, kind: kind.into(), url: (kind == "text_link").then(|| "https://x.ru/?a=1&c={{ city }}".into()) }
    }

    #[test]
    fn liquid_passes_whole() {
        for (text, entities, body) in [
            ("Привет, {{ name | default: \"<друг> & Ко\" }}! 1 < 2", vec![], "Привет, {{ name | default: \"<друг> & Ко\" }}! 1 &lt; 2"),
            ("{{ name }}", vec![entity(3, 4, "bold")], "<b>{{ name }}</b>"),
            ("a{{ name }}b", vec![entity(0, 5, "bold"), entity(6, 6, "italic")], "<b>a<i>{{ name }}</i></b><i>b</i>"),
            ("да {% if a < b %}нет{% endif %} все", vec![entity(0, 22, "bold")], "<b>да </b>{% if a < b %}<b>нет</b>{% endif %} все"),
            (
                "сайт #тег",
                vec![entity(0, 4, "text_link"), entity(5, 4, "hashtag")],
                "<a href=\"https://x.ru/?a=1&amp;c={{ city }}\">сайт</a> #тег",
            ),
            ("👍 x", vec![entity(3, 1, "spoiler")], "👍 <tg-spoiler>x</tg-spoiler>"),
        ] {
            assert_eq!(from_entities(text, &entities), body, "{text}");
            assert_eq!(Rich::from_template(body).expect("reads back").text, text);
            assert_eq!(Rich::from_template(body).expect("reads back").to_template(), body);
        }
    }

    #[test]
    fn places_are_told_as_typed() {
        let spot_of = |body, line, column| spot(body, line, column).map(|spot| (spot.line, spot.column, spot.text));
        let body = "<b>Привет</b>,\n<i>1 &lt; 2</i> {{ nam }}!";
        assert_eq!(spot_of(body, 2, 17), Some((2, 7, "1 < 2 {{ nam }}!".into())));
        assert_eq!(spot_of("x {{ a", 1, 3), Some((1, 3, "x {{ a".into())));
        assert_eq!(spot_of("<a href=\"https://x.ru/{{ c }}\">y</a>", 1, 23), None);
        assert_eq!(spot_of("", 1, 1), Some((1, 1, String::new())));
        assert_eq!(spot_of("a", 7, 9), Some((1, 2, "a".into())));
    }

    proptest! {
        #[test]
        fn what_was_typed_comes_back(
            text in "(x|<|&|\"|👍|\\{\\{ name \\}\\}|\\{% if a < b %\\}|\\{% endif %\\}|\\{\\{|%\\}|\n){0,12}",
            entities in proptest::collection::vec((0..40usize, 0..40usize, prop_oneof![Just("bold"), Just("italic"), Just("blockquote"), Just("text_link")]), 0..4),
        ) {
            let entities: Vec<Entity> = entities.into_iter().map(|(offset, len, kind)| entity(offset, len, kind)).collect();
            let body = from_entities(&text, &entities);
            let read = Rich::from_template(&body).expect("what was written can be read");
            prop_assert_eq!(&read.text, &text);
            prop_assert_eq!(Rich::from_template(&read.to_template()), Ok(read));
        }
    }
}
