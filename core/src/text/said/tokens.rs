//! A typed time into words and numbers.

/// A word or a number of a typed time.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// Letters.
    Word(String),
    /// A number and how many digits it has.
    Number(u32, usize),
    /// `1,5`
    Decimal(String),
    /// Numbers with one separator between them: `10:00`, `25.11.2026`, `10-00`.
    Numbers(Vec<(u32, usize)>, char),
    /// A dash between spaces: what stands around it are two things.
    Dash,
}

/// The words and numbers; `None` when something else stands there.
pub fn tokens(text: &str) -> Option<Vec<Token>> {
    let text = text.replace("a.m.", "am").replace("p.m.", "pm").replace("o'clock", "oclock").replace("o’clock", "oclock");
    let chars: Vec<char> = text.chars().map(|c| if matches!(c, '–' | '—' | '−') { '-' } else { c }).collect();
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if c.is_ascii_digit() {
            let mut parts = Vec::new();
            let mut between = None;
            loop {
                let from = at;
                while digit(at) {
                    at += 1;
                }
                let number: String = chars[from..at].iter().collect();
                parts.push((number.parse().ok()?, at - from));
                let Some(&separator) = chars.get(at) else { break };
                // «1,5 часа»; a comma before anything longer stands between a day and a time.
                if separator == ',' && parts.len() == 1 && digit(at + 1) && !digit(at + 2) && chars.get(at + 2) != Some(&':') {
                    out.push(Token::Decimal(format!("{}.{}", parts[0].0, chars[at + 1])));
                    parts.clear();
                    at += 2;
                    break;
                }
                if !matches!(separator, ':' | '.' | '-' | '/') || !digit(at + 1) {
                    break;
                }
                if *between.get_or_insert(separator) != separator {
                    return None;
                }
                at += 1;
            }
            match (parts.as_slice(), between) {
                ([], _) => {}
                ([(number, digits)], _) => out.push(Token::Number(*number, *digits)),
                (_, Some(separator)) => out.push(Token::Numbers(parts, separator)),
                _ => return None,
            }
        } else if c.is_alphabetic() {
            let from = at;
            while chars.get(at).is_some_and(|c| c.is_alphabetic()) {
                at += 1;
            }
            out.push(Token::Word(chars[from..at].iter().collect()));
        } else {
            let spaced = !at.checked_sub(1).and_then(|at| chars.get(at)).is_some_and(|c| c.is_alphanumeric());
            match c {
                // A minus before a number is none of a date's.
                '-' if spaced && digit(at + 1) => return None,
                '-' if spaced => out.push(Token::Dash),
                '-' | ',' | '.' | ';' | ':' | '!' | '?' | '(' | ')' | '«' | '»' | '"' | '\'' => {}
                c if c.is_whitespace() => {}
                _ => return None,
            }
            at += 1;
        }
    }
    Some(out)
}
