//! Words with a messenger's own marks around them, for messengers that read marks out of the text.

use super::SendError;
use crate::text::{Rich, Style};

/// The text with what stands around its spans, or without it where it would be too long so: a
/// message without bold letters is better than none. The addresses of links always stand behind
/// their words; what is too long with them is refused, for nobody would miss them but the reader.
pub(super) fn within(most: usize, marked: String, rich: &Rich) -> Result<String, SendError> {
    let chars = |text: &str| text.chars().count();
    if chars(&marked) <= most {
        return Ok(marked);
    }
    let plain = woven(rich, |_| None);
    match chars(&plain) {
        long if long > most => {
            Err(SendError::Rejected(format!("with the addresses of its links the text has {long} characters, {most} is the most")))
        }
        _ => Ok(plain),
    }
}

/// The text with what stands around its spans; a mark holds within a line.
pub(super) fn woven(rich: &Rich, mark: impl Fn(&Style) -> Option<&'static str>) -> String {
    woven_with(rich, mark, |_| false)
}

/// The same where the marks of some styles hold over several lines.
pub(super) fn woven_with(rich: &Rich, mark: impl Fn(&Style) -> Option<&'static str>, is_block: impl Fn(&Style) -> bool) -> String {
    let units: Vec<u16> = rich.text.encode_utf16().collect();
    // Where, whether it opens, in which order, and what: what closes comes before what opens, the
    // innermost first.
    let mut marks: Vec<(usize, bool, usize, String)> = Vec::new();
    for (at, span) in rich.spans.iter().enumerate() {
        let (from, to) = (span.offset.min(units.len()), (span.offset + span.len).min(units.len()));
        if let Style::Link(url) = &span.style {
            let shown = String::from_utf16_lossy(units.get(from..to).unwrap_or_default());
            if shown.trim() != url {
                marks.push((to, false, usize::MAX - at, format!(" ({url})")));
            }
            continue;
        }
        let Some(mark) = mark(&span.style) else { continue };
        for (from, to) in pieces(&units, from, to, is_block(&span.style)) {
            marks.push((from, true, at, mark.to_owned()));
            marks.push((to, false, usize::MAX - at, mark.to_owned()));
        }
    }
    marks.sort_by_key(|(at, opens, order, _)| (*at, *opens, *order));
    let (mut out, mut done) = (String::with_capacity(rich.text.len() + marks.len()), 0);
    for (at, _, _, mark) in marks {
        out.push_str(&String::from_utf16_lossy(units.get(done..at).unwrap_or_default()));
        out.push_str(&mark);
        done = at;
    }
    out.push_str(&String::from_utf16_lossy(units.get(done..).unwrap_or_default()));
    out
}

/// The lines of a span without the spaces around them; a block is one.
fn pieces(units: &[u16], from: usize, to: usize, block: bool) -> Vec<(usize, usize)> {
    let is_space = |unit: &u16| char::from_u32(u32::from(*unit)).is_some_and(char::is_whitespace);
    let mut pieces = Vec::new();
    let mut start = from;
    for end in from..=to {
        let breaks = end == to || !block && units.get(end) == Some(&u16::from(b'\n'));
        if !breaks {
            continue;
        }
        let piece = units.get(start..end).unwrap_or_default();
        if let (Some(first), Some(last)) = (piece.iter().position(|unit| !is_space(unit)), piece.iter().rposition(|unit| !is_space(unit))) {
            pieces.push((start + first, start + last + 1));
        }
        start = end + 1;
    }
    pieces
}
