//! What a column's cells say of it, found once, when the file comes: what a new field for it would
//! hold, in which order its dates and its names are written.

use serde::{Deserialize, Serialize};

use super::table::Row;
use crate::{
    contact::{
        FieldKind,
        names::{self, NameOrder},
        value::{self, Evidence, Marks, read_flag, read_number},
    },
    text::{
        missing,
        phone::{self, PhoneError},
    },
};

/// Rows looked at for what the cells are; the order of dates is looked for in all of them.
const LOOKED_AT: usize = 500;

/// What a column's cells say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// The kind of a field that would hold it.
    pub kind: FieldKind,
    /// The order of its dates.
    pub dates: Evidence,
    pub names: Option<NameOrder>,
    /// What the commas and points of its numbers are for.
    pub marks: Marks,
    /// Something is in it.
    pub filled: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Self { kind: FieldKind::Text, dates: Evidence::default(), names: None, marks: Marks::default(), filled: false }
    }
}

/// The profiles of all columns.
#[must_use]
pub fn of(rows: &[Row], columns: usize) -> Vec<Profile> {
    let mut profiles: Vec<Profile> = (0..columns)
        .map(|column| {
            let head = &rows[..rows.len().min(LOOKED_AT)];
            let cells: Vec<&str> = filled(head, column).collect();
            Profile {
                kind: kind(&cells),
                dates: Evidence::default(),
                names: names::order(cells.iter().copied()),
                marks: Marks::default(),
                filled: !cells.is_empty(),
            }
        })
        .collect();
    for row in rows {
        for (profile, cell) in profiles.iter_mut().zip(row.cells()) {
            if let Some(found) = value::evidence(cell) {
                profile.dates.add(found);
            }
            profile.marks.add(value::marks(cell));
            profile.filled |= !cell.is_empty();
        }
    }
    profiles
}

/// The filled cells of a column.
pub(super) fn filled(rows: &[Row], column: usize) -> impl Iterator<Item = &str> {
    rows.iter().filter_map(move |row| row.cell(column)).filter(|cell| !missing(cell))
}

fn kind(cells: &[&str]) -> FieldKind {
    let all = |test: &dyn Fn(&str) -> bool| !cells.is_empty() && cells.iter().filter(|cell| test(cell)).count() * 10 >= cells.len() * 9;
    // `1` and `0` are a count as likely as an answer.
    let wordy = cells.iter().any(|cell| !cell.bytes().all(|byte| byte.is_ascii_digit()));
    if wordy && all(&|cell| read_flag(cell).is_some()) {
        FieldKind::Flag
    } else if all(&is_date) {
        FieldKind::Date
    } else if all(&|cell| !is_code(cell) && read_number(cell).is_some()) {
        FieldKind::Number
    } else {
        FieldKind::Text
    }
}

/// A day with its year, and not a mere number.
fn is_date(cell: &str) -> bool {
    value::evidence(cell).is_some()
        || (cell.contains(['-', '.', ' ', '/']) && read_number(cell).is_none() && value::read_date(cell).is_some())
}

/// A number that is a name: with zeros in front, or too long to be counted.
fn is_code(cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    digits > 9 || (digits > 1 && cell.starts_with('0') && !cell.contains(['.', ',']))
}

/// Whether a cell is a phone for certain, its heading saying nothing: with a plus, or eleven digits
/// as dialled at home.
pub(super) fn surely_phone(cell: &str, region: &str) -> bool {
    let read = phone::read_cell(cell, region);
    let written = |raw: &str| {
        let digits = raw.bytes().filter(u8::is_ascii_digit).count();
        let domestic = match region {
            "RU" | "KZ" => digits == 11 && raw.trim_start().starts_with(['7', '8']),
            _ => raw.trim_start().starts_with('0') && digits >= 9,
        };
        raw.contains('+') || domestic || (digits >= 10 && raw.contains(['(', ')']))
    };
    !read.found.is_empty()
        && read.found.iter().all(|one| written(&one.raw))
        && !read.unread.iter().any(|(_, error)| *error == PhoneError::TooLong)
}
