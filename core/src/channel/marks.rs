//! Words with a messenger's own marks around them, for messengers that read marks out of the text.

use crate::text::{Rich, Style};

/// The text with what stands around its spans; a mark holds within a line.
pub(super) fn woven(rich: &Rich, mark: impl Fn(&Style) -> Option<&'static str>) -> String {
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
        for (from, to) in lines(&units, from, to) {
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

/// The lines of a span without the spaces around them.
fn lines(units: &[u16], from: usize, to: usize) -> Vec<(usize, usize)> {
    let is_space = |unit: &u16| char::from_u32(u32::from(*unit)).is_some_and(char::is_whitespace);
    let mut found = Vec::new();
    let mut start = from;
    for at in from..=to {
        if at < to && units[at] != u16::from(b'\n') {
            continue;
        }
        let line = &units[start..at];
        if let (Some(first), Some(last)) = (line.iter().position(|unit| !is_space(unit)), line.iter().rposition(|unit| !is_space(unit))) {
            found.push((start + first, start + last + 1));
        }
        start = at + 1;
    }
    found
}
