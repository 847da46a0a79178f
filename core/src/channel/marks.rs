//! Words with a messenger's own marks around them, for messengers that read marks out of the text.

use std::{borrow::Cow, cmp::Reverse, ops::Range};

use crate::text::{Rich, Style};

/// What a messenger reads out of a text; an empty mark is a style that it does not show. Nothing
/// makes a character of them stand for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    pub bold: &'static str,
    pub italic: &'static str,
    pub strike: &'static str,
    pub code: &'static str,
    pub pre: &'static str,
    /// The marks of a block hold over several lines; all others hold within one.
    pub blocks: bool,
    /// They are read under a file as well.
    pub under_files: bool,
    /// Within a word such a character stands for itself. Where this is not known, a text that has
    /// one anywhere has no marks.
    pub at_words: bool,
}

/// Characters that marks are made of.
const CHARACTERS: [char; 4] = ['*', '_', '~', '`'];

impl Marks {
    /// What stands around a style.
    #[must_use]
    pub fn of(&self, style: &Style) -> Option<&'static str> {
        let mark = match style {
            Style::Bold => self.bold,
            Style::Italic => self.italic,
            Style::Strike => self.strike,
            Style::Code => self.code,
            Style::Pre => self.pre,
            Style::Link(_) | Style::Underline | Style::Spoiler | Style::Quote => "",
        };
        (!mark.is_empty()).then_some(mark)
    }

    /// A text with its marks; the address of a link stands behind its words.
    #[must_use]
    pub fn written(&self, rich: &Rich) -> String {
        woven_with(rich, |style| self.of(style), |style| self.blocks && *style == Style::Pre)
    }

    /// More units than all marks of a text can have: they are ASCII, so every unit counts them
    /// alike.
    pub(super) fn most(&self, rich: &Rich) -> usize {
        let lines = 1 + rich.text.bytes().filter(|byte| *byte == b'\n').count();
        rich.spans.iter().filter_map(|span| self.of(&span.style)).map(|mark| 2 * mark.len() * lines).sum()
    }

    /// Whether characters of a text would be read as marks.
    pub(super) fn misread(&self, text: &str) -> bool {
        if !text.contains(CHARACTERS) {
            return false;
        }
        if !self.at_words {
            return true;
        }
        let (mut before, mut rest) = (None, text.chars().peekable());
        while let Some(char) = rest.next() {
            let is_word = |near: Option<char>| near.is_some_and(char::is_alphanumeric);
            // Of several in a row each has another beside it.
            if CHARACTERS.contains(&char) && !(is_word(before) && is_word(rest.peek().copied())) {
                return true;
            }
            before = Some(char);
        }
        false
    }

    /// Leaves the spans whose marks will be read as such: none begins or ends within a word, none
    /// crosses another, nothing is marked within code.
    pub(super) fn clear(&self, rich: &mut Rich) {
        let mut spans = std::mem::take(&mut rich.spans);
        spans.sort_by_key(|span| (span.offset, Reverse(span.len)));
        // Where each ends, whether it is code, and its mark; and where the last code ends.
        let mut open: Vec<(usize, bool, &'static str)> = Vec::new();
        let mut coded = None;
        spans.retain(|span| {
            let Some(mark) = self.of(&span.style) else { return false };
            let to = span.offset.saturating_add(span.len);
            open.retain(|(end, ..)| *end > span.offset);
            let is_code = matches!(span.style, Style::Code | Style::Pre);
            // Two of the same characters side by side would be one, and what holds within a line is
            // torn by a block of several.
            let touches = is_code && coded.is_some_and(|end| end >= span.offset);
            let tears = || self.blocks && span.style == Style::Pre && !open.is_empty() && rich.under(span).contains('\n');
            let clashes = open.iter().any(|(end, in_code, around)| *end < to || *in_code || *around == mark);
            let reads = !(clashes || touches || tears()) && stands_alone(&rich.text, rich.bytes(span));
            if reads {
                open.push((to, is_code, mark));
                coded = is_code.then_some(to).or(coded);
            }
            reads
        });
        rich.spans = spans;
    }
}

/// Whether a piece begins and ends where a word does, and has anything to be marked. A mark beside
/// a character of marks would take from it the letter that makes it stand for itself.
fn stands_alone(text: &str, piece: Range<usize>) -> bool {
    let under = &text[piece.clone()];
    let Some(first) = under.find(|char: char| !char.is_whitespace()) else { return false };
    let before = text[..piece.start + first].chars().next_back();
    let after = text[piece.start + under.trim_end().len()..].chars().next();
    ![before, after].into_iter().flatten().any(|near| near.is_alphanumeric() || CHARACTERS.contains(&near))
}

/// The text with what stands around its spans; a mark holds within a line, those of some styles
/// over several. The addresses of links stand behind their words.
pub(super) fn woven_with(rich: &Rich, mark: impl Fn(&Style) -> Option<&'static str>, is_block: impl Fn(&Style) -> bool) -> String {
    let text = rich.text.as_str();
    // Where, whether it opens, in which order, and what: what closes comes before what opens, the
    // innermost first.
    let mut marks: Vec<(usize, bool, usize, Cow<'static, str>)> = Vec::new();
    for (at, span) in rich.spans.iter().enumerate() {
        let bytes = rich.bytes(span);
        if let Style::Link(url) = &span.style {
            if text[bytes.clone()].trim() != url {
                marks.push((bytes.end, false, usize::MAX - at, Cow::Owned(format!(" ({url})"))));
            }
            continue;
        }
        let Some(mark) = mark(&span.style) else { continue };
        for piece in pieces(text, bytes, is_block(&span.style)) {
            marks.push((piece.start, true, at, Cow::Borrowed(mark)));
            marks.push((piece.end, false, usize::MAX - at, Cow::Borrowed(mark)));
        }
    }
    marks.sort_by_key(|(at, opens, order, _)| (*at, *opens, *order));
    let (mut out, mut done) = (String::with_capacity(text.len() + 4 * marks.len()), 0);
    for (at, _, _, mark) in marks {
        out.push_str(&text[done..at]);
        out.push_str(&mark);
        done = at;
    }
    out.push_str(&text[done..]);
    out
}

/// The lines of a span without the spaces around them; a block is one.
fn pieces(text: &str, bytes: Range<usize>, block: bool) -> impl Iterator<Item = Range<usize>> {
    let mut at = bytes.start;
    let lines = text[bytes].split(move |char| char == '\n' && !block);
    lines.filter_map(move |line| {
        let begins = at;
        at += line.len() + 1;
        let first = line.find(|char: char| !char.is_whitespace())?;
        Some(begins + first..begins + line.trim_end().len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    const MARKS: Marks =
        Marks { bold: "*", italic: "_", strike: "~", code: "`", pre: "```", blocks: true, under_files: true, at_words: true };

    fn rich(text: &str, spans: &[(usize, usize, Style)]) -> Rich {
        let spans = spans.iter().map(|(offset, len, style)| Span { offset: *offset, len: *len, style: style.clone() });
        Rich { text: text.to_owned(), spans: spans.collect() }
    }

    #[test]
    fn marks_hold_within_a_line_and_against_letters() {
        use Style::{Bold, Italic, Link, Pre, Spoiler, Underline};
        let written = |text: &str, spans: &[(usize, usize, Style)]| MARKS.written(&rich(text, spans));
        assert_eq!(written("Анна, вам 😀 10%", &[(0, 6, Bold), (13, 3, Italic)]), "*Анна,* вам 😀 _10%_");
        assert_eq!(written("один\nдва ", &[(0, 9, Bold)]), "*один*\n*два* ");
        assert_eq!(written("оба", &[(0, 3, Bold), (0, 3, Italic)]), "*_оба_*");
        assert_eq!(written("сайт тут", &[(0, 4, Link("https://ex.ru".to_owned()))]), "сайт (https://ex.ru) тут");
        assert_eq!(written("a\nb", &[(0, 3, Pre)]), "```a\nb```");
        assert_eq!(written("тайна", &[(0, 5, Spoiler), (0, 50, Underline)]), "тайна");
        assert_eq!(written("😀 да", &[(1, 4, Bold)]), "*😀 да*", "no character is torn apart");
    }

    #[test]
    fn a_mark_that_would_be_misread_is_left_out() {
        use Style::{Bold, Code, Italic};
        let clear = |text: &str, spans: &[(usize, usize, Style)]| {
            let mut rich = rich(text, spans);
            MARKS.clear(&mut rich);
            MARKS.written(&rich)
        };
        assert_eq!(clear("при вет", &[(0, 3, Bold), (5, 2, Italic)]), "*при* вет", "within a word it would be a character");
        assert_eq!(clear("раз два три", &[(0, 7, Bold), (4, 7, Italic)]), "*раз два* три", "one crosses another");
        assert_eq!(clear("раз два", &[(0, 7, Code), (4, 3, Bold)]), "`раз два`", "code shows what stands in it");
        assert_eq!(clear("раз\n ", &[(3, 2, Bold)]), "раз\n ");
        assert_eq!(clear("кофе*2*3", &[(5, 3, Italic)]), "кофе*2*3", "within a word it is a character, beside a mark it is none");
    }

    #[test]
    fn characters_within_words_are_themselves_where_that_is_known() {
        for (text, at_words, anywhere) in
            [("utm_source=vk", false, true), ("2*3", false, true), ("5* отель", true, true), ("~100 ₽", true, true), ("раз", false, false)]
        {
            assert_eq!(MARKS.misread(text), at_words, "{text}");
            assert_eq!(Marks { at_words: false, ..MARKS }.misread(text), anywhere, "{text}");
        }
    }
}
