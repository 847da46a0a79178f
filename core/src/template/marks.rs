//! Values never become markup. Before rendering, `<`, `>`, `&` and `"` of every value are hidden as
//! private-use characters, so that filters see (and count, and cut) single characters; the finished
//! message gets them back as plain characters, after the markup was read. A private-use character
//! that came with the data is replaced, so nothing can pose as one.

use liquid_core::Value;

/// Where hidden characters begin.
const LT: char = '\u{e100}';
const GT: char = '\u{e101}';
const AMP: char = '\u{e102}';
const QUOT: char = '\u{e103}';
/// Begins the name of a variable that has no value: the writer that sees it stops.
pub(super) const NO_VALUE: char = '\u{e10f}';

/// Between the thousands of a number and before its fraction: a text shows them as the language
/// writes numbers, a link has the bare number.
pub(super) const GROUP: char = '\u{e104}';
pub(super) const COMMA: char = '\u{e105}';
/// The same of a language that groups with commas.
pub(super) const GROUP_EN: char = '\u{e106}';

/// A value that is not there, on its way through filters.
pub(super) fn missing(name: &str) -> Value {
    Value::scalar(format!("{NO_VALUE}{name}"))
}

/// The name of a value that is not there.
pub(super) fn missing_name(text: &str) -> Option<&str> {
    text.strip_prefix(NO_VALUE)
}

/// A number as a language writes it: «1 250,5», `1,250.5`. Whole numbers are grouped from five
/// digits on, so that years and numbers of orders stay as they are.
pub(super) fn number(plain: &str, russian: bool) -> String {
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    if !digits.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return plain.to_owned();
    }
    let least = if fraction.is_empty() { 5 } else { 4 };
    let mut out = sign.to_owned();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && digits.len() >= least && (digits.len() - n).is_multiple_of(3) {
            out.push(if russian { GROUP } else { GROUP_EN });
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push(if russian { COMMA } else { '.' });
        out.push_str(fraction);
    }
    out
}

/// A text whose numbers are bare: for links and for filters that count.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| !matches!(*c, GROUP | GROUP_EN)).map(|c| if c == COMMA { '.' } else { c }).collect()
}

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
        GROUP => '\u{a0}',
        GROUP_EN | COMMA => ',',
        c => c,
    }
}

/// A finished text with its special characters back. Each is one UTF-16 unit, as its mark was:
/// offsets hold.
pub(super) fn show_all(text: &str) -> String {
    text.chars().map(show).collect()
}
