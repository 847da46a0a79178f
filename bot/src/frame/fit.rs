//! What a message of Telegram holds (contracts/messengers/telegram.md, 2). It counts what is shown,
//! in UTF-16 units: markup and its entities are not.

use std::borrow::Cow;

use mms_core::text::Rich;

/// Units of a text.
pub const TEXT: usize = 4_096;
/// Units of the words under a file.
pub const CAPTION: usize = 1_024;

/// Units that are shown of small HTML; of what is none its characters.
#[must_use]
pub fn shown(html: &str) -> usize {
    Rich::from_html(html).map_or_else(|_| html.encode_utf16().count(), |rich| rich.len_utf16())
}

/// The first `units` UTF-16 units of a text, with «…» when there was more.
#[must_use]
pub fn clip(rich: Rich, units: usize) -> Rich {
    if rich.len_utf16() <= units {
        return rich;
    }
    let mut left = units.saturating_sub(1);
    let end = rich.text.char_indices().find_map(|(at, c)| match left.checked_sub(c.len_utf16()) {
        Some(rest) => {
            left = rest;
            None
        }
        None => Some(at),
    });
    let text = end.map_or(rich.text.as_str(), |at| &rich.text[..at]).to_owned();
    let mut clipped = Rich { text, spans: rich.spans }.canonical();
    clipped.text.push('…');
    clipped
}

/// Small HTML of which at most `most` units are shown.
#[must_use]
pub fn fitted(html: &str, most: usize) -> Cow<'_, str> {
    // What is short with its markup is short without.
    if html.len() <= most {
        return Cow::Borrowed(html);
    }
    match Rich::from_html(html) {
        Ok(rich) if rich.len_utf16() > most => Cow::Owned(clip(rich, most).to_html()),
        _ => Cow::Borrowed(html),
    }
}

/// Parts of a card below one another, within what a message holds and a sentence above them.
#[must_use]
pub fn stacked(parts: &[String]) -> String {
    const MOST: usize = 4_000;
    fitted(&parts.join("\n\n"), MOST).into_owned()
}

/// As many of the lines as `room` units hold, and whether those are all.
#[must_use]
pub fn within(lines: &[String], room: usize) -> (&[String], bool) {
    let mut left = room;
    let count = lines
        .iter()
        .take_while(|line| match left.checked_sub(shown(line) + 1) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        })
        .count();
    (&lines[..count], count == lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_counted_and_cut() {
        assert_eq!(shown("<b>a&amp;b</b> 👍"), 6);
        assert_eq!(fitted("<b>abc</b>", 3), "<b>abc</b>");
        assert_eq!(fitted("<b>abcd</b>", 3), "<b>ab</b>…");
        assert_eq!(fitted("👍👍👍", 4), "👍…", "half a character is none");
        let lines = ["aa".to_owned(), "<i>bb</i>".to_owned(), "cc".to_owned()];
        assert_eq!(within(&lines, 6), (&lines[..2], false));
        assert_eq!(within(&lines, 9), (&lines[..], true));
        assert_eq!(within(&[], 0), (&[] as &[String], true));
    }
}
