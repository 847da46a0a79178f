//! A sheet of a workbook, old or new, as its cells come. What is hidden in it stays out and is
//! told: a filter hides those who are not meant.

use super::{Format, Note, Rows, Table, TableError};
use crate::contact::import::unpack::OfSheet;

/// Sheets of a workbook that are offered, and looked at until one has anything in it: each may be
/// the same part, read once more.
pub(super) const MAX_SHEETS: usize = 16;

/// The names of a workbook's sheets.
pub(super) struct Names {
    pub visible: Vec<String>,
    pub hidden: Vec<String>,
}

impl Names {
    /// Of sheets by their names and whether they are seen.
    pub fn of<'a>(sheets: impl Iterator<Item = (&'a str, bool)> + Clone) -> Self {
        let named = |seen: bool| {
            let those = sheets.clone().filter(move |(_, visible)| *visible == seen);
            those.map(|(name, _)| name.to_owned()).take(MAX_SHEETS).collect()
        };
        Self { visible: named(true), hidden: named(false) }
    }
}

/// A sheet that is being read.
pub(super) struct Sheet<'a> {
    /// What its reader does not tell of it.
    known: Option<&'a OfSheet>,
    rows: Rows,
    /// Hidden rows with anything in them, and the last of them.
    left_out: usize,
    last: Option<usize>,
}

impl<'a> Sheet<'a> {
    /// None of its rows is read yet; `known`: what is told of it elsewhere in the workbook.
    pub fn new(known: Option<&'a OfSheet>) -> Self {
        Self { known, rows: Rows::default(), left_out: 0, last: None }
    }

    /// A cell, its row and column counted from 0.
    pub fn cell(&mut self, row: usize, column: usize, value: &str) -> Result<(), TableError> {
        if value.is_empty() {
            return Ok(());
        }
        let number = row.saturating_add(1);
        if self.known.is_some_and(|known| u32::try_from(number).is_ok_and(|number| known.hidden_rows.contains(&number))) {
            self.left_out += usize::from(self.last != Some(row));
            self.last = Some(row);
            return Ok(());
        }
        self.rows.cell(number, column, value)
    }

    /// The table, and what must be told of it; `None`: there is nothing in the sheet.
    pub fn end(self, (at, name): (usize, &str), names: &Names) -> Option<Table> {
        let mut table = self.rows.table(Format::Xlsx { sheet: name.to_owned() });
        if table.rows.is_empty() {
            return None;
        }
        if self.left_out > 0 {
            table.notes.push(Note::HiddenRows { rows: self.left_out });
        }
        if let Some(known) = self.known {
            if known.uncomputed > 0 {
                table.notes.push(Note::Uncomputed { cells: known.uncomputed, first: known.first.clone() });
            }
            let filled = |column: &usize| table.rows.iter().any(|row| row.cell(*column).is_some_and(|cell| !cell.is_empty()));
            table.hidden = known.hidden_columns.iter().copied().filter(filled).collect();
        }
        if !names.hidden.is_empty() {
            table.notes.push(Note::HiddenSheets { names: names.hidden.clone() });
        }
        table.sheets.clone_from(&names.visible);
        table.sheet = at;
        Some(table)
    }
}
