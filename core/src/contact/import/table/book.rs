//! The sheet of a workbook.

use std::{borrow::Cow, io::Cursor};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetVisible, Xlsx};
use zip::ZipArchive;

use super::{
    Foreign, Table, TableError, foreign,
    sheet::{Names, Sheet},
};
use crate::contact::import::unpack;

pub(super) fn read(bytes: &[u8], wanted: Option<usize>) -> Result<Table, TableError> {
    // calamine's words may hold a cell or a sheet's name, and these go to logs.
    let unreadable = |_: calamine::XlsxError| TableError::Unreadable("its sheets cannot be read".to_owned());
    if let Some(other) = no_workbook(bytes) {
        return Err(TableError::Foreign(other));
    }
    let (book, facts) = unpack::defuse(bytes, unpack::MAX_UNPACKED, unpack::MAX_TEXTS)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book)).map_err(unreadable)?;
    let sheets = book.sheets_metadata().iter().map(|sheet| (sheet.name.as_str(), sheet.visible == SheetVisible::Visible));
    let names = Names::of(sheets);
    // The chosen one alone; without a choice the first with anything in it.
    for (at, name) in names.visible.iter().enumerate().filter(|(at, _)| wanted.is_none_or(|wanted| wanted == *at)) {
        let Ok(mut cells) = book.worksheet_cells_reader(name) else { continue };
        let mut sheet = Sheet::new(facts.of(name));
        // Cell by cell: a range would hold every cell of the rectangle, and one far cell makes it
        // huge.
        while let Some(cell) = cells.next_cell().map_err(unreadable)? {
            let (row, column) = cell.get_position();
            sheet.cell(row as usize, column as usize, &cell_text(cell.get_value()))?;
        }
        if let Some(table) = sheet.end((at, name), &names) {
            return Ok(table);
        }
    }
    Err(TableError::Empty)
}

/// An archive that is whole and holds no part of a workbook.
fn no_workbook(bytes: &[u8]) -> Option<Foreign> {
    let archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let names: Vec<String> = archive.file_names().flatten().map(std::borrow::Cow::into_owned).take(10_000).collect();
    let book = names.iter().any(|name| name.to_ascii_lowercase().starts_with("xl/"));
    (!book && !names.is_empty()).then(|| foreign::of_archive(names.iter().map(String::as_str)))
}

fn cell_text<'a>(value: &'a DataRef<'_>) -> Cow<'a, str> {
    Cow::Owned(match value {
        DataRef::String(text) => return Cow::Borrowed(text.trim()),
        DataRef::SharedString(text) => return Cow::Borrowed(text.trim()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => return Cow::Borrowed(text),
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) => n.to_string(),
        DataRef::Bool(yes) => if *yes { "1" } else { "0" }.to_owned(),
        DataRef::DateTime(at) if at.is_datetime() => moment(at),
        DataRef::DateTime(at) => at.as_f64().to_string(),
        _ => String::new(),
    })
}

/// A day, and the time where there is one.
pub(super) fn moment(at: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}
