//! What changed between two versions, word by word, in a form that screens colour and word.

use similar::{Algorithm, ChangeTag, TextDiff};

use super::{Class, Content, TemplateButton};
use crate::{channel::MediaKind, id::FileId, text::Rich};

/// A piece of text and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "change", content = "text")]
pub enum Piece {
    /// In both.
    Kept(String),
    /// Only in the old one.
    Removed(String),
    /// Only in the new one.
    Added(String),
}

/// What changed between two versions; `None` and empty lists: nothing did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Old and new class.
    pub class: Option<(Class, Class)>,
    /// The text word by word, as it is typed (Liquid tags whole, styles apart); empty if only
    /// styles changed or nothing.
    pub body: Vec<Piece>,
    /// Bold, links and the like changed, in text that may be the same.
    pub styles: bool,
    /// Old and new file.
    pub media: Option<[Option<(MediaKind, FileId)>; 2]>,
    /// Buttons line by line (text and link); empty if none changed.
    pub buttons: Vec<Piece>,
}

/// Compares two versions.
#[must_use]
pub fn diff(old: &Content, new: &Content) -> Changes {
    // A body that cannot be read as markup is compared as it stands.
    let typed = |content: &Content| Rich::from_template(&content.body).unwrap_or_else(|_| Rich::plain(content.body.clone()));
    let (before, after) = (typed(old), typed(new));
    let lines = |content: &Content| {
        let line = |button: &TemplateButton| match button {
            TemplateButton::Url { text, url } => format!("{text} → {url}\n"),
            TemplateButton::OptOut { text } | TemplateButton::Answer { text, .. } => format!("{text}\n"),
        };
        content.buttons.iter().map(line).collect::<String>()
    };
    Changes {
        class: (old.class != new.class).then_some((old.class, new.class)),
        body: if before.text == after.text { Vec::new() } else { pieces(&before.text, &after.text, false) },
        styles: before.text == after.text && before.spans != after.spans,
        media: (old.media != new.media).then_some([old.media, new.media]),
        buttons: if old.buttons == new.buttons { Vec::new() } else { pieces(&lines(old), &lines(new), true) },
    }
}

fn pieces(old: &str, new: &str, by_line: bool) -> Vec<Piece> {
    let mut config = TextDiff::configure();
    config.algorithm(Algorithm::Patience);
    let compared = if by_line { config.diff_lines(old, new) } else { config.diff_words(old, new) };
    let mut found: Vec<Piece> = Vec::new();
    for change in compared.iter_all_changes() {
        let text = change.value();
        match (change.tag(), found.last_mut()) {
            (ChangeTag::Equal, Some(Piece::Kept(last)))
            | (ChangeTag::Delete, Some(Piece::Removed(last)))
            | (ChangeTag::Insert, Some(Piece::Added(last))) => {
                last.push_str(text);
            }
            (ChangeTag::Equal, _) => found.push(Piece::Kept(text.to_owned())),
            (ChangeTag::Delete, _) => found.push(Piece::Removed(text.to_owned())),
            (ChangeTag::Insert, _) => found.push(Piece::Added(text.to_owned())),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(body: &str) -> Content {
        Content { class: Class::Service, body: body.into(), media: None, buttons: Vec::new() }
    }

    #[test]
    fn words_are_compared() {
        let (old, new) = (content("<b>Скидка</b> 10% до {{ date }}"), content("<b>Скидка</b> 15% до {{ date }}"));
        assert_eq!(
            diff(&old, &new).body,
            [Piece::Kept("Скидка ".into()), Piece::Removed("10%".into()), Piece::Added("15%".into()), Piece::Kept(" до {{ date }}".into()),]
        );
        assert_eq!(diff(&old, &old), Changes::default());
        assert_eq!(diff(&old, &content("Скидка 10% до {{ date }}")), Changes { styles: true, ..Changes::default() });
    }

    #[test]
    fn class_and_buttons_are_compared() {
        let old = Content { buttons: vec![TemplateButton::Url { text: "a".into(), url: "b".into() }], ..content("x") };
        let new = Content {
            class: Class::Advertising,
            buttons: vec![old.buttons[0].clone(), TemplateButton::OptOut { text: "c".into() }],
            ..content("x")
        };
        let changes = diff(&old, &new);
        assert_eq!(changes.class, Some((Class::Service, Class::Advertising)));
        assert_eq!(changes.buttons, [Piece::Kept("a → b\n".into()), Piece::Added("c\n".into())]);
        assert_eq!(changes.media, None);
    }

    #[test]
    fn pieces_make_both_texts() {
        let (old, new) = ("раз два три\nчетыре", "два три пять\nчетыре шесть");
        let (mut before, mut after) = (String::new(), String::new());
        for piece in pieces(old, new, false) {
            match piece {
                Piece::Kept(t) => {
                    before.push_str(&t);
                    after.push_str(&t);
                }
                Piece::Removed(t) => before.push_str(&t),
                Piece::Added(t) => after.push_str(&t),
            }
        }
        assert_eq!((before.as_str(), after.as_str()), (old, new));
    }
}
