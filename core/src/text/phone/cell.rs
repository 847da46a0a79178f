//! The phones of one cell, as people write them: with words around («8 916… Марина», «моб. …»),
//! with an extension, as links and the ids of messengers, several in a row, or as Excel left them.
//!
//! Nothing is made up. A number that lost digits is told of, and so is one with letters among its
//! digits.

use std::borrow::Cow;

use super::{PhoneError, normalise};

/// A phone of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// E.164.
    pub e164: String,
    /// As it was written; its extension included.
    pub raw: String,
    /// The digits after «доб.», which no messenger reaches.
    pub extension: Option<String>,
}

/// What a cell of phones holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// The phones, each once, in their order.
    pub found: Vec<Found>,
    /// What was to be a phone and is none: as written, and why. Empty where the cell says «нет».
    pub unread: Vec<(String, PhoneError)>,
}

/// Longest cell that is looked at, bytes: what is longer holds a text and no phones.
const LONGEST: usize = 4_096;
/// Digits that a phone has at least, in whatever country.
const SHORTEST: usize = 7;
/// Digits of a phone with its code; fewer beside a phone are a flat, an hour, a note.
const WHOLE: usize = 10;
/// What stands before the power of ten, in either alphabet.
const EXPONENT: [char; 4] = ['e', 'E', 'е', 'Е'];

/// Reads the phones of a cell; `region` (`RU`) is where numbers without a country's code belong.
#[must_use]
pub fn read_cell(cell: &str, region: &str) -> Cell {
    let mut out = Cell::default();
    // Most cells are one phone and nothing else.
    if cell.len() <= 24 && cell.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b' ' | b'(' | b')' | b'-')) {
        let digits = cell.bytes().filter(u8::is_ascii_digit).count();
        if digits >= WHOLE
            && let Ok(e164) = normalise(cell, region)
        {
            out.found.push(Found { e164, raw: cell.trim().to_owned(), extension: None });
            return out;
        }
    }
    if cell.len() > LONGEST {
        out.unread.push((cell.chars().take(60).collect(), PhoneError::TooLong));
        return out;
    }
    let text = plain(cell);
    if crate::text::blank(&text) {
        return out;
    }
    let mut reader = Reader { region, out: &mut out };
    if let Some(whole) = as_number(&text) {
        reader.number(&text, whole);
        return out;
    }
    let rest = reader.numbers(&text);
    reader.pieces(&unlink(&rest));
    if out.found.is_empty() && out.unread.is_empty() && !empty_mask(&text) {
        let error = if text.chars().any(char::is_alphabetic) { PhoneError::Letters } else { PhoneError::TooShort };
        out.unread.push((text.trim().to_owned(), error));
    }
    out
}

/// Digits of any script and the wide plus as ASCII, dashes as one, what is not seen left out.
fn plain(cell: &str) -> Cow<'_, str> {
    if cell.is_ascii() {
        return Cow::Borrowed(cell);
    }
    let same = |char: char| {
        Some(match char {
            '０'..='９' => digit(char, '０'),
            '٠'..='٩' => digit(char, '٠'),
            '۰'..='۹' => digit(char, '۰'),
            '＋' | '﹢' | '⁺' => '+',
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '－' => '-',
            '（' => '(',
            '）' => ')',
            '\n' | '\r' => '\n',
            char if char.is_whitespace() => ' ',
            char if crate::text::unseen(char) || char.is_control() => return None,
            char => char,
        })
    };
    Cow::Owned(cell.chars().filter_map(same).collect())
}

fn digit(char: char, zero: char) -> char {
    u32::from(char).checked_sub(u32::from(zero)).and_then(|value| char::from_digit(value, 10)).unwrap_or(char)
}

/// A cell that is a number and nothing else, as Excel writes those: `79161170002.0`,
/// `7.9161170002E+10`, `="7916…"`. `None`: it is something else.
fn as_number(text: &str) -> Option<Result<String, PhoneError>> {
    let text = text.trim().trim_start_matches(['=', '\'']).trim_matches('"').trim();
    let (plus, text) = text.strip_prefix('+').map_or(("", text), |rest| ("+", rest));
    let (mantissa, exponent) = match text.split_once(EXPONENT) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.trim_start_matches('+').parse::<usize>().ok()?)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || (!digits(fraction) && (exponent.is_some() || !mantissa.contains(','))) {
        return None;
    }
    match exponent {
        // `79,161,112,233`: thousands parted where an export knew a number and no phone.
        None if mantissa.contains(',') && !digits(fraction) => joined_thousands(mantissa).map(|all| Ok(format!("{plus}{all}"))),
        None if fraction.is_empty() && !mantissa.contains(['.', ',']) => None,
        None if whole.len() >= WHOLE && fraction.bytes().all(|byte| byte == b'0') => Some(Ok(format!("{plus}{whole}"))),
        None => None,
        Some(exponent) if whole.len() == 1 && (WHOLE - 1..15).contains(&exponent) => {
            // Every digit must be there, and none after the point.
            let rest = fraction.get(exponent..);
            Some(match rest {
                Some(rest) if rest.bytes().all(|byte| byte == b'0') => Ok(format!("{plus}{whole}{}", &fraction[..exponent])),
                _ => Err(PhoneError::Rounded),
            })
        }
        Some(_) => None,
    }
}

/// `79,161,112,233` as one number.
fn joined_thousands(text: &str) -> Option<String> {
    let mut groups = text.split(',');
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()))?;
    let mut all = first.to_owned();
    for group in groups {
        if group.len() != 3 || !group.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        all.push_str(group);
    }
    (all.len() >= WHOLE).then_some(all)
}

/// Nothing was entered into a form's mask: `+7 (___) ___-__-__`, a lone `+7`, zeros.
fn empty_mask(text: &str) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    !text.chars().any(char::is_alphabetic) && (matches!(digits.as_str(), "" | "7" | "8") || digits.bytes().all(|byte| byte == b'0'))
}

/// Links and ids of messengers as the phones they hold; addresses of pages and e-mails as a break.
fn unlink(text: &str) -> Cow<'_, str> {
    if !text.contains(['@', '/', '%']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for token in text.split_inclusive(char::is_whitespace) {
        let lower = token.to_ascii_lowercase();
        if let Some(scheme) = ["tel://", "callto://", "sms://"].iter().find(|scheme| lower.starts_with(**scheme)) {
            out.push_str(&token[scheme.len()..]);
            continue;
        }
        let link = lower.contains("://") || ["wa.me/", "t.me/", "www."].iter().any(|host| lower.contains(host));
        if let Some((before, host)) = lower.split_once('@').filter(|_| !link) {
            let jid = ["c.us", "s.whatsapp.net"].iter().any(|known| host.starts_with(known));
            // `79161170011:12@s.whatsapp.net`: the part after the colon is a device.
            let local = before.split(':').next().unwrap_or_default();
            out.push_str(if jid { local } else { " ; " });
            if jid {
                out.push_str(" ; ");
            }
        } else if link {
            let decoded = lower.replace("%2b", "+").replace("%20", " ");
            let messenger = ["wa.me/", "whatsapp", "viber", "t.me/+"].iter().find_map(|host| decoded.split_once(host));
            // `t.me/+AbC1` invites to a group.
            let messenger = messenger.filter(|(_, rest)| !decoded.contains("t.me/+") || rest.starts_with(|c: char| c.is_ascii_digit()));
            out.push_str(" ; ");
            if let Some((head, rest)) = messenger {
                let from = rest.find(|c: char| c.is_ascii_digit()).map_or("", |at| &rest[at..]);
                let end = from.find(|c: char| !c.is_ascii_digit() && !matches!(c, '-' | ' ' | '(' | ')')).unwrap_or(from.len());
                let plus = rest.contains('+') || head.ends_with('+') || decoded.contains("t.me/+") || decoded.contains("wa.me/");
                out.push_str(if plus { "+" } else { "" });
                out.push_str(&from[..end]);
                out.push_str(" ; ");
            }
        } else {
            out.push_str(token);
        }
    }
    Cow::Owned(out)
}

/// A run of characters that phones are made of, and what stands around it.
struct Run<'a> {
    text: &'a str,
    /// Letters before it, after the last run.
    before: &'a str,
    /// Where a letter touches it, and a digit that letter, all of it: «8916117OO40».
    glued: Option<&'a str>,
    /// Where a letter follows its last digit at once, all of it.
    touched: Option<&'a str>,
}

struct Reader<'a> {
    region: &'a str,
    out: &'a mut Cell,
}

fn of_phone(char: char) -> bool {
    char.is_ascii_digit() || matches!(char, '+' | '(' | ')' | '[' | ']' | '-' | '.' | '/' | '_' | '~' | '\'' | ' ' | '\t')
}

/// What ends a run and begins an extension: «доб. 12», `ext 12`, `#12`, `x12`.
fn before_extension(before: &str) -> bool {
    let word = before.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | '(' | ':' | ';' | '='));
    let word = word.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default().to_lowercase();
    matches!(word.as_str(), "x" | "х" | "#" | "*" | "тон" | "ext" | "доп" | "вн" | "e")
        || ["доб", "внутр", "экст", "extension", "тонов"].iter().any(|begin| word.starts_with(begin))
}

impl Reader<'_> {
    /// What [`as_number`] made of a text.
    fn number(&mut self, text: &str, digits: Result<String, PhoneError>) {
        match digits.and_then(|digits| normalise(&digits, self.region)) {
            Ok(e164) => self.add(e164, text),
            Err(error) => self.unread(text, error),
        }
    }

    /// Takes the numbers with a power of ten out of a cell that holds more than one of them, and
    /// gives back the rest: «7,91611E+10 Оля».
    fn numbers<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        let powered = |token: &str| {
            token.split_once(EXPONENT).is_some_and(|(before, after)| {
                before.ends_with(|c: char| c.is_ascii_digit()) && after.trim_start_matches('+').starts_with(|c: char| c.is_ascii_digit())
            })
        };
        if !text.contains(EXPONENT) || !text.split(|c: char| c.is_whitespace() || c == ';').any(powered) {
            return Cow::Borrowed(text);
        }
        let mut rest = String::with_capacity(text.len());
        for token in text.split_inclusive(|c: char| c.is_whitespace() || c == ';') {
            let bare = token.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ';' | ','));
            match as_number(bare).filter(|_| powered(bare)) {
                Some(digits) => self.number(bare, digits),
                None => rest.push_str(token),
            }
        }
        Cow::Owned(rest)
    }

    fn add(&mut self, e164: String, raw: &str) {
        if self.out.found.iter().all(|one| one.e164 != e164) {
            self.out.found.push(Found { e164, raw: trimmed(raw).to_owned(), extension: None });
        }
    }

    fn pieces(&mut self, text: &str) {
        let mut from = 0;
        while from < text.len() {
            let Some(start) = text[from..].find(|c: char| c.is_ascii_digit() || c == '+' || c == '(').map(|at| from + at) else { break };
            let end = text[start..].find(|c: char| !of_phone(c)).map_or(text.len(), |at| start + at);
            if text[start..end].bytes().any(|byte| byte.is_ascii_digit()) {
                let glued = glued(text, start, end).then(|| token(text, start));
                let touched = text[..end].ends_with(|c: char| c.is_ascii_digit()) && text[end..].starts_with(char::is_alphabetic);
                let touched = touched.then(|| token(text, start));
                let run = Run { text: &text[start..end], before: &text[from..start], glued, touched };
                self.run(&run);
            }
            from = end;
        }
    }

    fn run(&mut self, run: &Run<'_>) {
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        let many = digits(run.text);
        if many < SHORTEST {
            if before_extension(run.before)
                && let Some(phone) = self.out.found.last_mut().filter(|phone| phone.extension.is_none())
            {
                let extension: String = run.text.chars().filter(char::is_ascii_digit).collect();
                phone.raw = format!("{} {}{}", phone.raw, run.before.trim_start(), run.text.trim()).trim().to_owned();
                phone.extension = Some(extension);
            } else if let Some(token) = run.glued.or(run.touched.filter(|_| many > 3 && self.out.found.is_empty())) {
                self.unread(token, PhoneError::Letters);
            } else if self.out.found.is_empty() && many >= 3 {
                self.unread(run.text, PhoneError::TooShort);
            }
            return;
        }
        if let Some(token) = run.glued.filter(|_| many < 11) {
            self.unread(token, PhoneError::Letters);
            return;
        }
        for part in super::parts(unnumbered(run.text, self.region)) {
            match normalise(part, self.region) {
                Ok(e164) => self.add(e164, part),
                Err(_) if zeros(part) => {}
                Err(error) => match without_notes(part).and_then(|bare| Some((normalise(&bare, self.region).ok()?, bare))) {
                    Some((e164, bare)) => self.add(e164, &bare),
                    None => match run.touched.filter(|_| many < 11) {
                        Some(token) => self.unread(token, PhoneError::Letters),
                        None => self.unread(part, error),
                    },
                },
            }
        }
    }

    fn unread(&mut self, raw: &str, error: PhoneError) {
        let told = (trimmed(raw).to_owned(), error);
        if self.out.unread.len() < 8 && self.out.unread.last() != Some(&told) {
            self.out.unread.push(told);
        }
    }
}

/// A run without the number of its line: «1. 8 916 …», «2) 8 916 …». Only where what follows is a
/// phone by itself.
fn unnumbered<'a>(run: &'a str, region: &str) -> &'a str {
    let rest = run.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = run.trim_start().len() - rest.len();
    let rest = if rest.starts_with(". ") || rest.starts_with(')') { rest[1..].trim_start() } else { return run };
    if (1..=3).contains(&digits) && super::parts(rest).first().is_some_and(|first| normalise(first, region).is_ok()) { rest } else { run }
}

/// A run that is no phone, without what people write beside one: «(25)» behind it, a day
/// («05.03.1990»), the numbers of a list («2)»). `None`: there is nothing of the kind.
fn without_notes(run: &str) -> Option<String> {
    let count = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let run = run.trim_end();
    let mut found = false;
    let head = match run.rfind('(') {
        Some(at) if count(&run[..at]) >= WHOLE && (1..=4).contains(&count(&run[at..])) => {
            found = true;
            &run[..at]
        }
        _ => run,
    };
    let day = |token: &str| {
        let parts: Vec<&str> = token.split('.').collect();
        let sizes = || parts.iter().map(|part| part.len());
        parts.len() == 3
            && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
            && sizes().zip([1..=2, 1..=2, 2..=4]).all(|(len, wanted)| wanted.contains(&len))
    };
    let listed = |token: &str| token.strip_suffix([')', '.']).is_some_and(|n| n.len() <= 2 && n.parse::<u8>().is_ok());
    let kept: Vec<&str> = head.split_whitespace().filter(|token| !day(token) && !listed(token)).collect();
    found |= kept.len() < head.split_whitespace().count();
    found.then(|| kept.join(" ").trim_matches(['/', ' ', '-']).to_owned())
}

/// What stands around a place, up to white space or a mark that parts phones.
fn token(text: &str, at: usize) -> &str {
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|');
    let from = text[..at].rfind(ends).map_or(0, |found| found + text[found..].chars().next().map_or(1, char::len_utf8));
    let to = text[at..].find(ends).map_or(text.len(), |found| at + found);
    &text[from..to]
}

fn zeros(part: &str) -> bool {
    part.bytes().filter(u8::is_ascii_digit).all(|byte| byte == b'0')
}

fn trimmed(part: &str) -> &str {
    part.trim().trim_matches(['\'', '_', '/', '~']).trim_end_matches(['-', '.', '(', ' ']).trim()
}

/// Whether letters stand between this run's digits and other digits with no space: somebody wrote a
/// letter for a digit.
fn glued(text: &str, start: usize, end: usize) -> bool {
    let after = || {
        let rest = &text[end..];
        let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        let word = &rest[..letters];
        letters > 0
            && text[..end].ends_with(|c: char| c.is_ascii_digit())
            && rest[letters..].starts_with(|c: char| c.is_ascii_digit())
            && !before_extension(word)
    };
    let before = || {
        let head = &text[..start];
        let letters = head.rfind(|c: char| !c.is_alphabetic()).map_or(0, |at| at + head[at..].chars().next().map_or(1, char::len_utf8));
        let word = &head[letters..];
        !word.is_empty()
            && text[start..].starts_with(|c: char| c.is_ascii_digit())
            && head[..letters].ends_with(|c: char| c.is_ascii_digit())
            && !before_extension(word)
    };
    after() || before()
}

#[cfg(test)]
mod tests;
