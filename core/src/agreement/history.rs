//! What a company accepted, as a table for whoever asks.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::acceptance::Accepted;

/// The words of the file, in the reader's language.
#[derive(Debug, Clone)]
pub struct Words {
    /// The sheet's name.
    pub sheet: String,
    /// Headings: document, version, when, who, login, language, messenger, chat, hash.
    pub headers: [String; 9],
    /// The documents' names, as [`super::Document::ALL`] has them.
    pub documents: Vec<String>,
    /// The zone in which times are written.
    pub zone: chrono_tz::Tz,
}

/// The table, the newest first.
///
/// # Errors
/// The file could not be written.
pub fn xlsx(rows: &[Accepted], words: &Words) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(&words.sheet)?;
    let bold = Format::new().set_bold();
    for (column, title) in (0..).zip(&words.headers) {
        sheet.write_string_with_format(0, column, title, &bold)?;
        sheet.set_column_width(column, 18)?;
    }
    for (line, row) in (1..).zip(rows) {
        let name = super::Document::ALL.iter().position(|one| *one == row.document).and_then(|at| words.documents.get(at));
        let at = row.accepted_at.with_timezone(&words.zone).format("%Y-%m-%d %H:%M:%S %:z").to_string();
        let chat = row.chat_id.to_string();
        let name = name.map_or_else(|| row.document.as_str(), String::as_str);
        let cells = [name, &row.version, &at, &row.member, &row.login, row.language.as_str(), &row.desk, &chat, &row.hash];
        for (column, cell) in (0..).zip(cells) {
            // A string is never read as a formula.
            sheet.write_string(line, column, cell)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    book.save_to_buffer()
}
