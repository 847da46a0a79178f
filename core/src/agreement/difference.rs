//! What a new version changes, word by word.

use similar::{Algorithm, ChangeTag, TextDiff};

/// A piece of a text and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// In both, as much of it as says where one is.
    Kept(String),
    /// Only in the old one.
    Removed(String),
    /// Only in the new one.
    Added(String),
}

/// Characters of what did not change that are shown beside a change.
const AROUND: usize = 60;
/// What stands for the rest.
const LEFT_OUT: &str = " […] ";

/// What changed between two texts; empty: nothing did.
#[must_use]
pub fn between(old: &str, new: &str) -> Vec<Piece> {
    if old == new {
        return Vec::new();
    }
    let mut config = TextDiff::configure();
    config.algorithm(Algorithm::Patience);
    let compared = config.diff_words(old, new);
    let mut found: Vec<Piece> = Vec::new();
    for change in compared.iter_all_changes() {
        let text = change.value();
        match (change.tag(), found.last_mut()) {
            (ChangeTag::Equal, Some(Piece::Kept(last)))
            | (ChangeTag::Delete, Some(Piece::Removed(last)))
            | (ChangeTag::Insert, Some(Piece::Added(last))) => last.push_str(text),
            (ChangeTag::Equal, _) => found.push(Piece::Kept(text.to_owned())),
            (ChangeTag::Delete, _) => found.push(Piece::Removed(text.to_owned())),
            (ChangeTag::Insert, _) => found.push(Piece::Added(text.to_owned())),
        }
    }
    let last = found.len().saturating_sub(1);
    for (at, piece) in found.iter_mut().enumerate() {
        if let Piece::Kept(text) = piece {
            *text = shortened(text, at > 0, at < last);
        }
    }
    found
}

/// The end of a text that a change follows, and the beginning of one that follows a change.
fn shortened(text: &str, after: bool, before: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (head, tail) = (if after { AROUND } else { 0 }, if before { AROUND } else { 0 });
    if chars.len() <= head + tail + LEFT_OUT.len() {
        return text.to_owned();
    }
    let (begin, end): (String, String) = (chars[..head].iter().collect(), chars[chars.len() - tail..].iter().collect());
    format!("{begin}{LEFT_OUT}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_shown_with_a_little_around_it() {
        assert!(between("а", "а").is_empty());
        let (long, other) = ("слово ".repeat(100), "дело ".repeat(100));
        let old = format!("{long}срок 30 дней {other}");
        let new = format!("{long}срок 10 дней {other}");
        let found = between(&old, &new);
        let [Piece::Kept(before), Piece::Removed(was), Piece::Added(is), Piece::Kept(after)] = &found[..] else { panic!("{found:?}") };
        assert_eq!((was.as_str(), is.as_str()), ("30", "10"));
        assert!(before.starts_with(LEFT_OUT) && before.ends_with("срок ") && before.chars().count() < 80, "{before}");
        assert!(after.starts_with(" дней") && after.ends_with(LEFT_OUT) && after.chars().count() < 80, "{after}");
    }
}
