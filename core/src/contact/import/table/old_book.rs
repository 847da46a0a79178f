//! The sheet of a workbook of Excel 97 to 2003, which 1C and many cash desks still write.

use std::{borrow::Cow, io::Cursor};

use calamine::{Data, Reader as _, SheetVisible, Xls, XlsError};

use super::{
    Table, TableError,
    book::moment,
    sheet::{MAX_SHEETS, Names, Sheet},
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
    let names = Names::of(sheets.iter().map(|(_, name, seen)| (name.as_str(), *seen)));
    let candidates = sheets.iter().filter(|(.., seen)| *seen).take(MAX_SHEETS).enumerate();
    for (at, (place, name, _)) in candidates.filter(|(at, _)| wanted.is_none_or(|wanted| wanted == *at)) {
        let Ok(range) = book.worksheet_range(name) else { continue };
        let Some((top, left)) = range.start() else { continue };
        let mut sheet = Sheet::new(facts.get(*place));
        for (row, column, cell) in range.used_cells() {
            sheet.cell(top as usize + row, left as usize + column, &cell_text(cell))?;
        }
        if let Some(table) = sheet.end((at, name), &names) {
            return Ok(table);
        }
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
