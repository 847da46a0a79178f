//! Cards of an address book (vCard 2.1, 3.0, 4.0) as a table: what a phone exports. Read here and
//! not by a crate, because those that are kept up (calcard 0.3, vcard4 0.7) bring calendars along
//! or know the last version only, while telephones write the first: quoted-printable in whatever
//! encoding.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use encoding_rs::{Encoding, UTF_8};

use super::{Format, Rows, Table, TableError};

/// The columns; a heading tells a program's reader what they are, as a heading of a CSV does.
pub const TITLES: [&str; 11] =
    ["full name", "last name", "first name", "middle name", "phone", "email", "birthday", "company", "categories", "note", "city"];

/// Whether a text is cards.
pub(super) fn begins(text: &str) -> bool {
    text.trim_start().get(..11).is_some_and(|begin| begin.eq_ignore_ascii_case("BEGIN:VCARD"))
}

pub(super) fn read(text: &str) -> Result<Table, TableError> {
    let mut cards = Vec::new();
    let mut used = [false; TITLES.len()];
    let (mut card, mut began) = (Card::default(), 0);
    let mut lines = Unfolded { text, line: 0 };
    while let Some((number, line)) = lines.next() {
        let Some(property) = Property::of(&line) else { continue };
        match property.name.as_str() {
            "BEGIN" => (card, began) = (Card::default(), number),
            "END" => {
                for (used, cell) in used.iter_mut().zip(&card.0) {
                    *used |= !cell.is_empty();
                }
                if began > 0 {
                    cards.push((began, std::mem::take(&mut card)));
                }
                began = 0;
            }
            _ => card.take(&property),
        }
    }
    // A file that was cut off.
    if began > 0 {
        for (used, cell) in used.iter_mut().zip(&card.0) {
            *used |= !cell.is_empty();
        }
        cards.push((began, card));
    }
    let mut rows = Rows::default();
    let columns: Vec<usize> = (0..TITLES.len()).filter(|at| used[*at]).collect();
    for (column, at) in columns.iter().enumerate().filter(|_| !cards.is_empty()) {
        rows.cell(HEADINGS, column, TITLES[*at])?;
    }
    for (number, card) in &cards {
        for (column, at) in columns.iter().enumerate().filter(|(_, at)| !card.0[**at].is_empty()) {
            rows.cell((*number).max(HEADINGS + 1), column, &card.0[*at])?;
        }
    }
    Ok(rows.table(Format::Vcard))
}

/// The number of the row of headings, which the file does not have; no two rows have one number.
const HEADINGS: usize = 1;

/// A person, by [`TITLES`].
#[derive(Default)]
struct Card([String; TITLES.len()]);

impl Card {
    fn take(&mut self, property: &Property) {
        let value = property.text();
        match property.name.as_str() {
            "FN" => self.set(0, &value),
            "N" => {
                for (at, part) in [1, 2, 3].into_iter().zip(property.parts()) {
                    self.set(at, &part);
                }
            }
            "TEL" => self.add(4, &value, "\n"),
            "EMAIL" => self.add(5, &value, "\n"),
            "BDAY" => self.set(6, &value),
            "ORG" => self.set(7, &property.parts().swap_remove(0)),
            "CATEGORIES" => self.add(8, &value, ", "),
            "NOTE" => self.set(9, &value),
            "ADR" => {
                if let Some(city) = property.parts().get(3) {
                    self.set(10, city);
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, at: usize, value: &str) {
        if self.0[at].is_empty() {
            value.trim().clone_into(&mut self.0[at]);
        }
    }

    fn add(&mut self, at: usize, value: &str, between: &str) {
        let cell = &mut self.0[at];
        if !cell.is_empty() && !value.trim().is_empty() {
            cell.push_str(between);
        }
        cell.push_str(value.trim());
    }
}

/// Lines whose continuations are joined: those that begin with a space, and soft breaks of
/// quoted-printable.
struct Unfolded<'a> {
    text: &'a str,
    line: usize,
}

impl Unfolded<'_> {
    fn raw(&mut self) -> Option<String> {
        if self.text.is_empty() {
            return None;
        }
        let (line, rest) = self.text.split_once('\n').unwrap_or((self.text, ""));
        self.text = rest;
        self.line += 1;
        Some(line.trim_end_matches('\r').to_owned())
    }

    fn next(&mut self) -> Option<(usize, String)> {
        let mut line = self.raw()?;
        let number = self.line;
        let quoted = line.split(':').next().is_some_and(|head| head.to_ascii_uppercase().contains("QUOTED-PRINTABLE"));
        loop {
            if quoted && line.ends_with('=') {
                line.pop();
                match self.raw() {
                    Some(more) => line.push_str(more.trim_start_matches([' ', '\t'])),
                    None => break,
                }
            } else if self.text.starts_with([' ', '\t']) {
                match self.raw() {
                    Some(more) => line.push_str(&more[1..]),
                    None => break,
                }
            } else {
                break;
            }
        }
        Some((number, line))
    }
}

/// `item1.TEL;TYPE=CELL:+7…`
struct Property {
    name: String,
    params: String,
    value: String,
}

impl Property {
    fn of(line: &str) -> Option<Self> {
        // A colon within quotes belongs to a parameter.
        let mut quoted = false;
        let colon = line.char_indices().find(|(_, c)| {
            quoted ^= *c == '"';
            *c == ':' && !quoted
        })?;
        let (head, value) = (&line[..colon.0], &line[colon.0 + 1..]);
        let (name, params) = head.split_once(';').unwrap_or((head, ""));
        let name = name.rsplit('.').next().unwrap_or(name).trim().to_ascii_uppercase();
        Some(Self { name, params: params.to_ascii_uppercase(), value: value.to_owned() })
    }

    /// The value decoded; its parts are not parted yet.
    fn decoded(&self) -> String {
        let label = self.params.split(';').find_map(|param| param.strip_prefix("CHARSET=")).unwrap_or("UTF-8");
        let encoding = Encoding::for_label(label.trim_matches('"').as_bytes()).unwrap_or(UTF_8);
        if self.params.contains("QUOTED-PRINTABLE") {
            encoding.decode_without_bom_handling(&quoted_printable(&self.value)).0.into_owned()
        } else if self.params.contains("BASE64") || self.params.contains("ENCODING=B") {
            STANDARD.decode(self.value.trim()).map(|bytes| encoding.decode_without_bom_handling(&bytes).0.into_owned()).unwrap_or_default()
        } else {
            self.value.clone()
        }
    }

    fn text(&self) -> String {
        unescaped(&self.decoded())
    }

    /// The parts between semicolons; at least one.
    fn parts(&self) -> Vec<String> {
        let decoded = self.decoded();
        let (mut parts, mut part, mut escaped) = (Vec::new(), String::new(), false);
        for char in decoded.chars() {
            if char == ';' && !escaped {
                parts.push(unescaped(&std::mem::take(&mut part)));
            } else {
                part.push(char);
            }
            escaped = char == '\\' && !escaped;
        }
        parts.push(unescaped(&part));
        parts
    }
}

fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let (mut out, mut chars) = (String::with_capacity(text.len()), text.chars());
    while let Some(char) = chars.next() {
        match char {
            '\\' => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            _ => out.push(char),
        }
    }
    out
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
        match (byte, hex(at + 1), hex(at + 2)) {
            (b'=', Some(high), Some(low)) => {
                out.push(high * 16 + low);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}
