//! Values never become markup. Before rendering, `<`, `>`, `&` and `"` of every value are hidden as private-use characters,
//! so that filters see (and count, and cut) single characters; the finished message gets them back as plain characters,
//! after the markup was read. A private-use character that came with the data is replaced, so nothing can pose as one.

/// Where hidden characters begin.
const LT: char = '\u{e100}';
const GT: char = '\u{e101}';
const AMP: char = '\u{e102}';
const QUOT: char = '\u{e103}';
/// Begins the name of a variable that has no value: the writer that sees it stops.
pub(super) const NO_VALUE: char = '\u{e10f}';

/// A character of data or of a string in an expression, hidden if it is special.
pub(super) fn hide(c: char) -> char {
    match c {
        '<' => LT,
        '>' => GT,
        '&' => AMP,
        '"' => QUOT,
        '\u{e100}'..='\u{e10f}' => '\u{fffd}',
        c => c,
    }
}

/// All of a value, hidden.
pub(super) fn hide_all(text: &str) -> String {
    text.chars().map(hide).collect()
}

/// A character of a finished message.
fn show(c: char) -> char {
    match c {
        LT => '<',
        GT => '>',
        AMP => '&',
        QUOT => '"',
        c => c,
    }
}

/// A finished text with its special characters back. Each is one UTF-16 unit, as its mark was: offsets hold.
pub(super) fn show_all(text: &str) -> String {
    text.chars().map(show).collect()
}
