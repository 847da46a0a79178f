//! The sheet of a workbook of Excel 97 to 2003, which 1C and many cash desks still write. What is
//! hidden in it stays out and is told, as in [`super::book`].

use std::{borrow::Cow, io::Cursor};

use calamine::{Data, Reader as _, SheetVisible, Xls, XlsError};

use super::{
    Format, Note, Rows, Table, TableError,
    book::{MAX_SHEETS, moment},
};
use crate::contact::import::unpack;

pub(super) fn read(bytes: &[u8], wanted: Option<usize>) -> Result<Table, TableError> {
    let unreadable = |error: XlsError| match error {
        XlsError::Password => TableError::Protected,
        // Its words may hold a cell or a sheet's name, and these go to logs.
        _ => TableError::Unreadable("its sheets cannot be read".to_owned()),
    };
    let (book, facts) = unpack::defuse_old(bytes)?;
    let mut book: Xls<_> = Xls::new(Cursor::new(book)).map_err(unreadable)?;
    let sheets: Vec<(usize, String, bool)> = book
        .sheets_metadata()
        .iter()
        .enumerate()
        .map(|(at, sheet)| (at, sheet.name.clone(), sheet.visible == SheetVisible::Visible))
        .collect();
    let named = |visible: bool| {
        let of = sheets.iter().filter(move |(.., seen)| *seen == visible);
        of.map(|(_, name, _)| name.clone()).take(MAX_SHEETS).collect::<Vec<_>>()
    };
    let (visible, hidden) = (named(true), named(false));
    let candidates = sheets.iter().filter(|(.., seen)| *seen).take(MAX_SHEETS).enumerate();
    for (at, (place, name, _)) in candidates.filter(|(at, _)| wanted.is_none_or(|wanted| wanted == *at)) {
        let Ok(range) = book.worksheet_range(name) else { continue };
        let Some((top, left)) = range.start() else { continue };
        let known = facts.get(*place);
        let mut rows = Rows::default();
        let (mut left_out, mut last) = (0, None);
        for (row, column, cell) in range.used_cells() {
            let (row, column) = (top as usize + row, left as usize + column);
            let value = cell_text(cell);
            if value.is_empty() {
                continue;
            }
            if known.is_some_and(|known| u32::try_from(row + 1).is_ok_and(|row| known.hidden.contains(&row))) {
                left_out += usize::from(last != Some(row));
                last = Some(row);
                continue;
            }
            rows.cell(row + 1, column, &value)?;
        }
        let mut table = rows.table(Format::Xlsx { sheet: name.clone() });
        if table.rows.is_empty() {
            continue;
        }
        if left_out > 0 {
            table.notes.push(Note::HiddenRows { rows: left_out });
        }
        if !hidden.is_empty() {
            table.notes.push(Note::HiddenSheets { names: hidden });
        }
        table.sheets = visible;
        table.sheet = at;
        return Ok(table);
    }
    Err(TableError::Empty)
}

fn cell_text(value: &Data) -> Cow<'_, str> {
    Cow::Owned(match value {
        Data::String(text) => return Cow::Borrowed(text.trim()),
        Data::DateTimeIso(text) | Data::DurationIso(text) => return Cow::Borrowed(text),
        Data::Int(n) => n.to_string(),
        Data::Float(n) => n.to_string(),
        Data::Bool(yes) => if *yes { "1" } else { "0" }.to_owned(),
        Data::DateTime(at) if at.is_datetime() => moment(at),
        Data::DateTime(at) => at.as_f64().to_string(),
        _ => String::new(),
    })
}
